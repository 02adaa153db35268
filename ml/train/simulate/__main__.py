"""python -m ml.train.simulate --data DIR --seed N: does the gated loop protect, and improve?"""

import argparse
import logging
import sys
from pathlib import Path

from ml.errors import MLError
from ml.train.simulate.play import read_photos, simulate_all
from ml.train.simulate.report import write_report
from ml.train.simulate.world import Scenario

log = logging.getLogger(__name__)

SEEDS = 3
SCENARIOS = (
    Scenario("0 %"),
    Scenario("10 %", "mixed", 0.1),
    Scenario("30 %", "mixed", 0.3),
    Scenario("flood", "mixed", 0.9, attacked=(27, 30)),
    Scenario("10 % reviewed", "mixed", 0.1, caught=0.5),
    Scenario("30 % reviewed", "mixed", 0.3, caught=0.5),
    Scenario("30 % flips", "flips", 0.3),
    Scenario("30 % glass → plastic", "targeted", 0.3),
    Scenario("30 % one loud person", "loud", 0.3),
    Scenario("30 % pseudonyms", "pseudonyms", 0.3),
)


def main(arguments: list[str] | None = None) -> int:
    """Simulate every scenario with three seeds and write the report; 0 when it is written."""
    parser = argparse.ArgumentParser(prog="python -m ml.train.simulate", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="photos and their manifest.csv")
    parser.add_argument("--seed", type=int, required=True, help="the first of three")
    parser.add_argument("--out", type=Path, default=Path("build/simulate"))
    parser.add_argument("--work", type=Path, default=Path("var/simulate"), help="what is kept")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    try:
        photos = read_photos(options.data, options.work)
    except MLError as error:
        log.error("%s", error)
        return 1
    traces = simulate_all(
        photos, SCENARIOS, range(options.seed, options.seed + SEEDS), work=options.work
    )
    options.out.mkdir(parents=True, exist_ok=True)
    write_report(options.out, SCENARIOS, traces)
    log.info("%s: simulate.md, simulate.png, results.json", options.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
