"""The daily look: does the champion do worse in people's hands than the one before it?"""

from typing import Any

from django.core.management.base import BaseCommand

from backend.retraining.watch import watch
from ml.task import TASKS


class Command(BaseCommand):
    help = "Compare each champion with its predecessor on reviewed captures; flag, or flip back."

    def handle(self, *args: Any, **options: Any) -> None:
        for task in TASKS.values():
            for engine in task.engines:
                seen = watch(task, engine)
                if seen is None:
                    self.stdout.write(f"{task.name}/{engine}: no earlier champion to compare with")
                    continue
                self.stdout.write(
                    f"{seen.version}: {seen.n} reviewed captures, {seen.lost} lost, "
                    f"{seen.gained} gained beside {seen.before.version}, p = {seen.p_value:.3f}"
                    f"{', FLAGGED' if seen.flagged else ''}"
                    f"{', rolled back' if seen.rolled_back else ''}"
                )
