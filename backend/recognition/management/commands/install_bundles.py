"""Register the seeds of ml/bundles; on an empty database they become the champions."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from backend.recognition.services import VersionTaken, install_bundle
from ml.errors import BadBundle


class Command(BaseCommand):
    help = "Register every bundle of a folder laid out as <task>/<engine>/."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--bundles", type=Path, default=settings.SEED_BUNDLES)

    def handle(self, *args: Any, **options: Any) -> None:
        cards = sorted(options["bundles"].glob("*/*/card.json"))
        if not cards:
            raise CommandError(f"no bundle in {options['bundles']}")
        for card in cards:
            try:
                version, new = install_bundle(card.parent)
            except (BadBundle, VersionTaken) as fault:
                raise CommandError(f"{card.parent}: {fault}") from fault
            state = "installed" if new else "already there"
            self.stdout.write(f"{version} {state}, role {version.role}")
