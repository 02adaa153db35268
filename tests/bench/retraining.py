"""What a week costs: seconds of a retraining for 100, 1,000 and 10,000 new photos, by stage.

New photos are cuts of base photos under another light. Every run is `python -m ml.train` with the
real recipe, from a copy of the work folder that the first run left. What is measured is kept:
started again, this goes on with what is missing.

    python -m tests.bench.retraining ../shared/data/waste
"""

import argparse
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance

from ml.curate import NEAR, SOURCE
from ml.decode import decode_image
from ml.manifest import Item, split_of, write_manifest
from ml.phash import distance, phash
from ml.task import TASKS
from ml.train.sources import read_sources

ROOT = Path(__file__).parents[2]
TASK = TASKS["waste"]
NEW = (100, 1_000, 10_000)
PEOPLE = 400
LONGEST = 1280  # pixels; what a phone's photo is reduced to before it is sent
FIRST, AGAIN = "first", "again"
SHOWN = ("features", "linear probe", "calibration", "final fit", "export", "judge")


@dataclass(frozen=True)
class Cost:
    """One `python -m ml.train`: wall and processor seconds, memory, and its own account."""

    new: int
    wall_s: float
    cpu_s: float
    rss_mb: float
    stages: dict[str, dict[str, float]]


def variant(photo: np.ndarray, rng: np.random.Generator) -> bytes:
    """A photo as somebody else might have taken it: another cut, light and colour; JPEG."""
    image = Image.fromarray(photo)
    image.thumbnail((LONGEST, LONGEST))
    width, height = image.size
    keep = rng.uniform(0.6, 0.85)
    left, top = rng.uniform(0, 1 - keep, 2) * (width, height)
    image = image.crop((int(left), int(top), int(left + keep * width), int(top + keep * height)))
    for change in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        image = change(image).enhance(rng.uniform(0.7, 1.4))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=90)
    return file.getvalue()


def contributed(base: Sequence[Item], data: Path, folder: Path, number: int) -> Item:
    """The new photo of this number, written to `folder`; no near-duplicate of its original."""
    original = base[number % len(base)]
    photo = decode_image((data / original.path).read_bytes())
    for turn in range(50):
        jpeg = variant(photo, np.random.default_rng([number, turn]))
        if distance(phash(photo), phash(decode_image(jpeg))) > NEAR:
            break
    sha256 = hashlib.sha256(jpeg).hexdigest()
    path = folder / f"{SOURCE}/{sha256}.jpg"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(jpeg)
    people = [uuid.uuid5(uuid.NAMESPACE_OID, f"{number % PEOPLE}-{n}") for n in range(50)]
    group = next(str(person) for person in people if split_of(str(person)) != "test")
    return replace(
        original,
        path=f"{SOURCE}/{sha256}.jpg",
        sha256=sha256,
        group=group,
        source=SOURCE,
        licence="contributor, consent to train",
        split=split_of(group),
    )


def contributions(base: Sequence[Item], data: Path, folder: Path) -> list[Item]:
    """All new photos, made once; those of a small week stand in the larger ones too."""
    listed = folder / "contributions.json"
    if not listed.exists():
        train = [item for item in base if item.split == "train"]
        ordered = sorted(train, key=lambda item: item.sha256)
        made = []
        for number in range(max(NEW)):
            made.append(asdict(contributed(ordered, data, folder, number)))
            if len(made) % 1000 == 0:
                print(f"{len(made)} new photos made", flush=True)
        listed.write_text(json.dumps(made))
    return [Item(**item) for item in json.loads(listed.read_text())]


def measure(data: Path, work: Path, out: Path, *, weights: str, new: int) -> Cost:
    """Run one training as a child process and ask the kernel what it used."""
    command = [sys.executable, "-m", "ml.train", "--task", TASK.name, "--engine", "net"]
    command += ["--data", str(data), "--work", str(work), "--out", str(out)]
    command += ["--seed", "1", "--version", "2026.48.1", "--weights", weights]
    env = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
    start = time.perf_counter()
    child = subprocess.Popen(command, cwd=ROOT, env=env)
    _, status, used = os.wait4(child.pid, 0)
    wall = time.perf_counter() - start
    if status != 0:
        sys.exit(f"{command} ended with status {status}")
    return Cost(
        new=new,
        wall_s=wall,
        cpu_s=used.ru_utime + used.ru_stime,
        rss_mb=used.ru_maxrss / 1024,
        stages=json.loads((work / "cost.json").read_text()),
    )


def slope(costs: Sequence[Cost], stage: str | None = None) -> float:
    """How the processor seconds of two decades grow: 0 is constant, 1 is in proportion."""
    seconds = [c.stages[stage]["cpu_s"] if stage else c.cpu_s for c in costs]
    return float(np.polyfit(np.log([c.new for c in costs]), np.log(seconds), 1)[0])


def table(costs: dict[str, Cost]) -> str:
    """Markdown: processor seconds of each stage; beside them the same week without any cache."""
    first = costs[FIRST]
    saved = sum(first.stages[stage]["cpu_s"] for stage in ("features", "calibration"))
    lines = [
        f"| new photos | {' | '.join(SHOWN)} | processor s | wall s | peak MB "
        "| processor s without caches | times less |",
        "|---" * (len(SHOWN) + 6) + "|",
    ]
    for name, cost in costs.items():
        stages = " | ".join(f"{cost.stages[stage]['cpu_s']:.1f}" for stage in SHOWN)
        shown = {FIRST: "first run", AGAIN: "the same again"}.get(name, f"{cost.new:,}")
        row = f"| {shown} | {stages} | {cost.cpu_s:.0f} | {cost.wall_s:.0f} | {cost.rss_mb:.0f} "
        if cost.new:
            row += f"| {cost.cpu_s + saved:.0f} | {1 + saved / cost.cpu_s:.1f}× |"
        else:
            row += "| | |"
        lines.append(row)
    weeks = [cost for cost in costs.values() if cost.new]
    if len(weeks) > 1:
        grown = {stage: slope(weeks, stage) for stage in ("features", "linear probe", "final fit")}
        told = ", ".join(f"{stage} n^{exponent:.2f}" for stage, exponent in grown.items())
        lines.append(f"\nGrowth of the processor time: whole run n^{slope(weeks):.2f}; {told}.")
    return "\n".join(lines)


def main() -> None:
    """Measure what is missing, in order; write reports/retraining.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="base photos with manifest.csv")
    parser.add_argument("--weights", help="as for ml.train; default: the file beside the data")
    parser.add_argument("--home", type=Path, default=ROOT / "var/bench/retraining")
    options = parser.parse_args()
    home, photos = options.home.resolve(), options.data.resolve()
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "base").exists():
        (home / "base").symlink_to(photos)
    beside = [str(path) for path in photos.parent.glob("weights/*_notop.weights.h5")]
    weights = options.weights or next(iter(beside), "imagenet")
    base = read_sources(photos, TASK)
    results = home / "results.json"
    costs = {}
    if results.exists():
        costs = {name: Cost(**cost) for name, cost in json.loads(results.read_text()).items()}
    rooted = [replace(item, path=f"base/{item.path}") for item in base]
    for name, new in ((FIRST, 0), (AGAIN, 0), *((str(n), n) for n in NEW)):
        if name in costs:
            continue
        sent = contributions(base, photos, home)[:new] if new else []
        write_manifest(home / "manifest.jsonl", [*rooted, *sent])
        work = home / "work"
        if name == FIRST:  # one that was stopped would tell of its rest only
            shutil.rmtree(work, ignore_errors=True)
        if new:
            work = home / "work-week"
            shutil.rmtree(work, ignore_errors=True)
            shutil.copytree(home / "work", work)
        print(f"measuring {name} …", flush=True)
        costs[name] = measure(home, work, home / f"out-{name}", weights=weights, new=new)
        results.write_text(json.dumps({key: asdict(cost) for key, cost in costs.items()}, indent=1))
        print(table(costs), flush=True)
    (ROOT / "reports").mkdir(exist_ok=True)
    (ROOT / "reports/retraining.md").write_text(table(costs) + "\n")


if __name__ == "__main__":
    main()
