"""Staff's hand: let the challenger that passed the gate serve."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backend.accounts.models import User
from backend.retraining.models import RetrainingRun
from backend.retraining.services import NotAdmitted, promote_challenger


class Command(BaseCommand):
    help = "Promote the challenger of a task and engine."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("task")
        parser.add_argument("--engine", default="net")
        parser.add_argument("--by", required=True, metavar="PSEUDONYM", help="who decides")

    def handle(self, *args: Any, **options: Any) -> None:
        waiting = RetrainingRun.objects.filter(
            task=options["task"], engine=options["engine"], challenger__role="challenger"
        ).first()
        if waiting is None:
            raise CommandError(f"no challenger of {options['task']}/{options['engine']} waits")
        try:
            by = User.objects.get(pseudonym=options["by"], is_staff=True)
            version = promote_challenger(waiting, by=by)
        except (User.DoesNotExist, NotAdmitted) as fault:
            raise CommandError(str(fault)) from fault
        self.stdout.write(f"{version} serves")
