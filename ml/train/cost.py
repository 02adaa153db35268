"""What a run costs: seconds of each of its stages."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

log = logging.getLogger(__name__)


@dataclass
class Seconds:
    """On the wall, and of processor time, which other work on the machine hardly moves."""

    wall: float = 0.0
    cpu: float = 0.0


@dataclass
class Cost:
    """Seconds by stage, in the order the stages began; `start` is what came before them."""

    stages: dict[str, Seconds] = field(
        default_factory=lambda: {"start": Seconds(cpu=time.process_time())}
    )

    @contextmanager
    def of(self, stage: str) -> Iterator[None]:
        """Count what happens inside towards `stage`, also where it fails."""
        wall, cpu = time.perf_counter(), time.process_time()
        spent = self.stages.setdefault(stage, Seconds())
        try:
            yield
        finally:
            spent.wall += time.perf_counter() - wall
            spent.cpu += time.process_time() - cpu
            log.info("cost of %s: %.1f s, %.1f s of processor", stage, spent.wall, spent.cpu)

    def to_json(self) -> dict[str, dict[str, float]]:
        """Plain JSON values, to a tenth of a second."""
        return {
            stage: {"wall_s": round(spent.wall, 1), "cpu_s": round(spent.cpu, 1)}
            for stage, spent in self.stages.items()
        }
