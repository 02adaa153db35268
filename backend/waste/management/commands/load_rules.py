"""Load departments, sorting rules and products from waste/data."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backend.waste.reference import InvalidReference
from backend.waste.services import DATA, load_rules


class Command(BaseCommand):
    help = "Check the files of waste/data, then make the tables equal to them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--data", type=Path, default=DATA, help="the folder of csv files")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            loaded = load_rules(options["data"])
        except InvalidReference as fault:
            raise CommandError("\n".join(("nothing was loaded", *fault.errors))) from fault
        changes = loaded.changes
        self.stdout.write(
            f"{loaded.rules} sorting rules ({loaded.defaults} defaults), "
            f"{loaded.products} products: {changes.created} rows created, "
            f"{changes.changed} changed, {changes.removed} removed"
        )
