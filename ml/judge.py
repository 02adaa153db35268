"""judge(champion, challenger) → Verdict: puts one exam to both, measures, and asks the gate."""

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ml.bundle import Bundle
from ml.engines import Engine
from ml.evaluate import read_item
from ml.exam import Sitting, peak_memory, sit
from ml.gate import Evidence, Policy, Verdict, decide
from ml.manifest import Item
from ml.predict import open_checked, prepare, reference

# Medians of so many answers in turn agree within 5 % on a machine ten times busy.
_TIMED = 200
# Golden vectors of the browser: the self-test's input, and one of each of this many of the exam.
_GOLDEN = 16
_BROWSER_S = 300


def judge(
    champion: Bundle | None,
    challenger: Bundle,
    *,
    data: Path,
    items: Sequence[Item],
    canaries: Sequence[Item] = (),
    canary_data: Path | None = None,
    browser: Path | None = None,
    best: Bundle | None = None,
    policy: Policy | None = None,
) -> Verdict:
    """Measure both bundles on this machine, and decide whether the challenger may take over.

    Parameters
    ----------
    champion : what serves today; None where nothing does
    data : where the paths of `items` start
    items : the frozen test split
    canaries : past failures; their paths start at `canary_data`, or else at `data`
    browser : the folder of the PWA, whose runtime answers under Node
    best : the best of all champions there were

    Raises
    ------
    BadBundle
        If a bundle does not prove itself here.
    BadDataset
        If there is no item, or a file is missing, altered or broken.
    """
    if champion is not None and best is not None and best.card.sha256 == champion.card.sha256:
        best = None
    bundles = [bundle for bundle in (challenger, champion, best) if bundle is not None]
    engines = [open_checked(bundle) for bundle in bundles]
    exam, past = tuple(items), tuple(canaries)
    answers = sit(engines, data, exam, timed=_TIMED)
    again = sit(engines, canary_data or data, past)
    gap = browser_gap(engines[0], challenger.model, folder=data, items=exam, pwa=browser)
    new, *others = (
        _evidence(bundle, exam, answer, past, past_answer, gap)
        for bundle, answer, past_answer in zip(bundles, answers, again, strict=True)
    )
    old = others.pop(0) if champion is not None else None
    return decide(old, new, policy, best=others[0] if others else None)


def browser_gap(
    engine: Engine, model: Path, *, folder: Path, items: Sequence[Item], pwa: Path | None
) -> tuple[float | None, str]:
    """The largest difference of a probability between this runtime and the browser's.

    Returns
    -------
    the difference, or None where it cannot be measured here; and what there is to say of it
    """
    node = shutil.which("node")
    if pwa is None or node is None or not (pwa / "node_modules/@litertjs/core").is_dir():
        return None, "node and the PWA's packages are not here"
    if engine.card.runtime != "tflite":
        return None, f"no browser runs {engine.card.runtime}"
    chosen = sorted(items, key=lambda item: item.sha256)[:_GOLDEN]
    spec = engine.card.input
    # Of a sound its first window: the graph sees each by itself.
    vectors = [reference(spec), *(prepare(spec, read_item(folder, item))[:1] for item in chosen)]
    inputs = np.concatenate([np.asarray(vector) for vector in vectors])
    try:
        done = subprocess.run(
            [node, pwa / "scripts/run-model.mjs", model, spec.dtype],
            input=inputs.tobytes(),
            capture_output=True,
            timeout=_BROWSER_S,
            check=True,
        )
    except subprocess.TimeoutExpired:
        return 1.0, f"the browser's runtime gave no answer in {_BROWSER_S} s"
    except subprocess.CalledProcessError as error:
        said = [line for line in error.stderr.decode(errors="replace").splitlines() if line]
        reason = next((line for line in said if line.startswith("Error")), "no reason given")
        return 1.0, f"the browser's runtime cannot run it: {reason}"
    builds = {name: rows for name, rows in json.loads(done.stdout).items() if rows is not None}
    here = engine.probabilities(inputs)
    gaps = [float(np.abs(np.array(rows) - here).max()) for rows in builds.values()]
    return max(gaps), f"{len(inputs)} golden vectors, {' and '.join(builds)}"


def _evidence(
    bundle: Bundle,
    exam: tuple[Item, ...],
    answer: Sitting,
    canaries: tuple[Item, ...],
    canary_answer: Sitting,
    browser: tuple[float | None, str],
) -> Evidence:
    card = bundle.card
    return Evidence(
        labels=card.output.labels,
        threshold=card.output.threshold,
        items=exam,
        scores=answer.scores,
        canaries=canaries,
        canary_scores=canary_answer.scores,
        snapshot=card.training.snapshot,
        size_bytes=card.size_bytes,
        latency_ms=answer.latency_ms,
        memory_bytes=peak_memory(bundle),
        baseline_accuracy=card.metrics.get("baseline", {}).get("accuracy"),
        parity_gap=card.metrics.get("parity"),
        browser_gap=browser[0],
        browser_note=browser[1],
    )
