"""The weekly job: train a challenger on what was reviewed, and judge it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backend.recognition.services import UnknownTask, task_named
from backend.retraining.models import RetrainingRun
from backend.retraining.services import AlreadyRunning, NothingNew, abandon, retrain
from ml.errors import BadDataset


class Command(BaseCommand):
    help = "Train and judge a challenger. With too little new it says so and does nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("task")
        parser.add_argument("--engine", help="default: the first of the task")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--force", action="store_true", help="though little is new")
        parser.add_argument("--abandon", type=int, metavar="RUN", help="close a dead host's run")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            task = task_named(options["task"])
            if options["abandon"]:
                abandon(RetrainingRun.objects.get(pk=options["abandon"]))
            run = retrain(
                task,
                options["engine"] or task.engines[0],
                seed=options["seed"],
                force=options["force"],
            )
        except NothingNew as reason:
            self.stdout.write(f"{options['task']}: not trained, {reason}")
            return
        except UnknownTask as fault:
            raise CommandError(f"no task {fault}") from fault
        except AlreadyRunning as fault:
            raise CommandError(str(fault), returncode=75) from fault
        except (BadDataset, RetrainingRun.DoesNotExist) as fault:
            raise CommandError(str(fault)) from fault
        if run.status == RetrainingRun.Status.FAILED:
            raise CommandError(f"{run}: {run.error}\n{run.log[-2000:]}")
        self.stdout.write(f"{run}: {run.challenger}")
        for check in run.gate["checks"]:
            mark = "✓" if check["passed"] else "✗"
            self.stdout.write(
                f"  {mark} {check['name']}: {check['measured']} (required {check['required']})"
            )
