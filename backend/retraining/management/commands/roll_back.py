"""One command back: the champion before this one serves again."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backend.recognition.services import UnknownTask, task_named
from backend.retraining.services import NoWayBack, roll_back


class Command(BaseCommand):
    help = "Let the previous champion of a task serve again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("task")
        parser.add_argument("--engine", default="net")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            version = roll_back(task_named(options["task"]), options["engine"])
        except (UnknownTask, NoWayBack) as fault:
            raise CommandError(str(fault)) from fault
        self.stdout.write(f"{version} serves again")
