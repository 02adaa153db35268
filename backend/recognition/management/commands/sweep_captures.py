"""Remove photos that no row knows any more; for once a week."""

from typing import Any

from django.core.management.base import BaseCommand

from backend.recognition.captures import sweep


class Command(BaseCommand):
    help = "Remove files of captures that have no row, and are older than a day."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{sweep()} files without a row removed")
