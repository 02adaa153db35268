"""Policy, decide(champion, challenger) → Verdict with every check's measured and required value.

Pure: no file, no clock, no model; the same evidence gives the same verdict.
"""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ml.errors import BadDataset
from ml.evaluate import Report, paired_gain, rounded, score
from ml.manifest import Item


@dataclass(frozen=True)
class Policy:
    """What a challenger must keep to.

    Bounds that are losses or gains are relative to the champion; shares are of photos.

    `lost` bounds the photos of the exam that the champion names right and the challenger does
    not. It stands where a bound on churn (all changed answers) could: a challenger that mends 20
    photos in 100 changes 20 answers, and must not be held for it; one that mends 20 and breaks 15
    would feel to people like another app, however good its sum. Two trainings of one recipe
    differ by about 5 in 100 here, so 10 stops no honest one. Churn itself is told beside it.
    """

    confidence: float = 0.95
    macro_f1_loss: float = 0.005
    recall_loss: float = 0.03
    ece_gain: float = 0.02
    coverage_loss: float = 0.05
    accepted_accuracy: float = 0.90
    accepted_accuracy_loss: float = 0.02
    lost: float = 0.10
    parity_gap: float = 0.01
    browser_gap: float = 0.001
    growth: float = 0.10
    largest_bytes: int = 6_000_000
    needs_parity: bool = True
    needs_browser: bool = True


@dataclass(frozen=True)
class Evidence:
    """What was measured of one bundle.

    Parameters
    ----------
    items, scores : the exam and the probabilities given to it, shape (n, labels)
    canaries, canary_scores : past failures, and the probabilities given to them
    baseline_accuracy : of the simplest model of the same data, as the card has it
    snapshot : digest of the dataset manifest it was trained on
    latency_ms : median of one answer
    memory_bytes : peak of a process that opens the bundle and answers
    parity_gap : largest difference of a probability between the file and its Keras model
    browser_gap : the same between the server's runtime and the browser's
    browser_note : why there is no `browser_gap`, or what it is not of
    """

    labels: tuple[str, ...]
    threshold: float
    items: tuple[Item, ...]
    scores: npt.NDArray[np.floating[Any]]
    canaries: tuple[Item, ...]
    canary_scores: npt.NDArray[np.floating[Any]]
    snapshot: str
    size_bytes: int
    latency_ms: float
    memory_bytes: int
    baseline_accuracy: float | None
    parity_gap: float | None
    browser_gap: float | None
    browser_note: str = ""


@dataclass(frozen=True)
class Check:
    """One promise: what was measured, what is required, and both in plain words."""

    name: str
    measured: float | str
    required: str
    passed: bool
    detail: str


@dataclass(frozen=True)
class Verdict:
    """All checks; `passed` when each of them is."""

    passed: bool
    checks: tuple[Check, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, numbers rounded to four digits."""
        plain: dict[str, Any] = rounded(asdict(self))
        return plain


def decide(
    champion: Evidence | None,
    challenger: Evidence,
    policy: Policy | None = None,
    *,
    best: Evidence | None = None,
) -> Verdict:
    """Judge whether `challenger` may take the place of `champion`.

    Parameters
    ----------
    champion : None where nothing serves yet; the challenger must then beat its card's baseline
    best : the best of all champions there were. A chain of promotions, each a little worse than
        the one before, would walk down; against the best it cannot

    Raises
    ------
    BadDataset
        If there is no exam, or they did not all sit the same one.
    """
    policy = policy or Policy()
    others = [other for other in (champion, best) if other is not None]
    for other in others:
        if other.labels != challenger.labels:
            return _verdict([_labels(other, challenger)])
        if (other.items, other.canaries) != (challenger.items, challenger.canaries):
            raise BadDataset("another-exam", "the bundles were not asked about the same photos")
    report = _report(challenger)
    checks = [_dataset(challenger)]
    if champion is None:
        checks += _alone(challenger, report, policy)
    else:
        checks += [
            _labels(champion, challenger),
            *_answers(champion, challenger, report, policy),
            *_weight(champion, challenger, policy),
        ]
    if best is not None:
        checks.append(_macro_f1(best, challenger, policy, "macro-f1-of-best", "the best champion"))
    checks += [
        _gap("parity", challenger.parity_gap, policy.parity_gap, policy.needs_parity, "Keras", ""),
        _gap(
            "browser",
            challenger.browser_gap,
            policy.browser_gap,
            policy.needs_browser,
            "the browser",
            challenger.browser_note,
        ),
    ]
    return _verdict(checks)


def _verdict(checks: Sequence[Check]) -> Verdict:
    return Verdict(all(check.passed for check in checks), tuple(checks))


def _report(evidence: Evidence) -> Report:
    return score(
        evidence.scores,
        evidence.items,
        labels=evidence.labels,
        threshold=evidence.threshold,
        split="test",
    )


def _alone(challenger: Evidence, report: Report, policy: Policy) -> list[Check]:
    """The floor of a first champion: better than the simplest model, and small enough."""
    floor = challenger.baseline_accuracy
    return [
        Check(
            "baseline",
            report.accuracy,
            "a baseline" if floor is None else f"> {floor:.4f}",
            floor is not None and report.accuracy > floor,
            "accuracy against the simplest model of the same data; nothing serves yet",
        ),
        _accepted(report, policy.accepted_accuracy, "nothing serves yet"),
        Check(
            "size",
            challenger.size_bytes,
            f"≤ {policy.largest_bytes}",
            challenger.size_bytes <= policy.largest_bytes,
            "bytes a phone downloads",
        ),
    ]


def _answers(
    champion: Evidence, challenger: Evidence, report: Report, policy: Policy
) -> list[Check]:
    before = _report(champion)
    # A champion that is never sure says nothing of how right one that is sure must be.
    told = before.accepted_accuracy - policy.accepted_accuracy_loss if before.coverage else 1.0
    accepted = min(policy.accepted_accuracy, told)
    return [
        _macro_f1(champion, challenger, policy, "macro-f1", "the champion"),
        _recall(before, report, policy),
        _at_most("calibration", report.ece, before.ece + policy.ece_gain, "calibration error"),
        _at_least(
            "coverage",
            report.coverage,
            before.coverage - policy.coverage_loss,
            f"share of answers that are not unsure; the champion's is {before.coverage:.4f}",
        ),
        _accepted(report, accepted, f"the champion's are {before.accepted_accuracy:.4f}"),
        _canaries(champion, challenger),
        _lost(champion, challenger, policy),
    ]


def _weight(champion: Evidence, challenger: Evidence, policy: Policy) -> list[Check]:
    """What it costs a phone and a server, beside the champion on the same machine."""
    pairs = {
        "size": (champion.size_bytes / 1e6, challenger.size_bytes / 1e6, "MB"),
        "latency": (champion.latency_ms, challenger.latency_ms, "ms, median"),
        "memory": (champion.memory_bytes / 1e6, challenger.memory_bytes / 1e6, "MB, peak"),
    }
    return [
        _at_most(
            name,
            after / before,
            1 + policy.growth,
            f"times the champion's: {after:.2f} for {before:.2f} {unit}",
        )
        for name, (before, after, unit) in pairs.items()
    ]


def _labels(champion: Evidence, challenger: Evidence) -> Check:
    return Check(
        "labels",
        " ".join(challenger.labels),
        " ".join(champion.labels),
        champion.labels == challenger.labels,
        "the same labels in the same order",
    )


def _dataset(challenger: Evidence) -> Check:
    return Check(
        "dataset",
        challenger.snapshot,
        "64 hex digits",
        re.fullmatch(r"[0-9a-f]{64}", challenger.snapshot) is not None,
        "digest of the dataset manifest it was trained on",
    )


def _macro_f1(
    other: Evidence, challenger: Evidence, policy: Policy, name: str, whose: str
) -> Check:
    gain, low = paired_gain(
        other.scores,
        challenger.scores,
        challenger.items,
        labels=challenger.labels,
        confidence=policy.confidence,
    )
    groups = len({item.group for item in challenger.items})
    return _at_least(
        name,
        low,
        -policy.macro_f1_loss,
        f"lower bound ({policy.confidence:.0%}, one side) of the gain over {whose}, "
        f"{gain:+.4f} in {len(challenger.items)} photos of {groups} groups",
    )


def _recall(before: Report, after: Report, policy: Policy) -> Check:
    """The worst of all labels; in a small one a single photo is more than 3 points."""
    margins, losers, unseen = {}, [], []
    for label, now in after.recall.items():
        if not now.n:
            unseen.append(label)
            continue
        lost = round((before.recall[label].recall - now.recall) * now.n)
        # Less than nothing where more photos are lost than may be.
        margins[label] = max(1.0, policy.recall_loss * now.n) - lost
        if margins[label] < -1e-9:
            losers.append(f"{label} loses {lost} of {now.n}")
    worst = min(margins, key=lambda label: margins[label])
    change = after.recall[worst].recall - before.recall[worst].recall
    detail = "; ".join(losers) or f"no label loses more; {worst} comes nearest"
    if unseen:
        detail += f"; not measured, no photo in the exam: {', '.join(unseen)}"
    return Check(
        "recall",
        change,
        f"≥ -{policy.recall_loss} or one photo, each label",
        not losers,
        detail,
    )


def _accepted(report: Report, floor: float, than: str) -> Check:
    """Of the answers people are told as sure; `coverage` sees to it that there are some."""
    if not report.coverage:
        return Check("accepted-accuracy", "none", f"≥ {floor:.4g}", True, "every answer is unsure")
    return _at_least(
        "accepted-accuracy",
        report.accepted_accuracy,
        floor,
        f"of the answers that are not unsure, right; {than}",
    )


def _canaries(champion: Evidence, challenger: Evidence) -> Check:
    """Past failures that were mended stay mended: all that the champion names right.

    Not simply all: a past failure that the champion still gets wrong would hold every challenger
    for ever, also one that mends ninety-nine of a hundred. Each promotion raises what the next
    must pass, so what is once mended cannot be lost again.
    """
    total = len(challenger.canaries)
    if not total:
        return Check("canaries", "none", "all that the champion names", True, "no past failure")
    truth = _truth(challenger, challenger.canaries)
    before = champion.canary_scores.argmax(axis=1) == truth
    after = challenger.canary_scores.argmax(axis=1) == truth
    lost = [
        item.path
        for item, was, is_ in zip(challenger.canaries, before, after, strict=True)
        if was and not is_
    ]
    detail = f"past failures named right: {after.sum()} of {total}, by the champion {before.sum()}"
    if lost:
        detail += f"; failing again: {', '.join(lost[:5])}"
        detail += f" and {len(lost) - 5} more" if len(lost) > 5 else ""
    kept, must = int((before & after).sum()), int(before.sum())
    return Check("canaries", kept, f"{must}, all that the champion names", not lost, detail)


def _lost(champion: Evidence, challenger: Evidence, policy: Policy) -> Check:
    truth = _truth(champion, champion.items)
    before, after = champion.scores.argmax(axis=1), challenger.scores.argmax(axis=1)
    lost = float(((before == truth) & (after != truth)).mean())
    gained = float(((before != truth) & (after == truth)).mean())
    churn = float((before != after).mean())
    return _at_most(
        "lost",
        lost,
        policy.lost,
        f"share of photos that only the champion names right; only the challenger {gained:.4f}; "
        f"churn {churn:.4f}",
    )


def _gap(
    name: str, measured: float | None, bound: float, needed: bool, whose: str, note: str
) -> Check:
    detail = f"largest difference of a probability to {whose}{f'; {note}' if note else ''}"
    if measured is None:
        return Check(name, "not measured", f"≤ {bound}", not needed, detail)
    return _at_most(name, measured, bound, detail)


# Sums of decimal fractions miss their bound by a last binary digit; that is no loss.
_HAIR = 1e-9


def _at_least(name: str, measured: float, bound: float, detail: str) -> Check:
    return Check(name, measured, f"≥ {bound:.4g}", measured >= bound - _HAIR, detail)


def _at_most(name: str, measured: float, bound: float, detail: str) -> Check:
    return Check(name, measured, f"≤ {bound:.4g}", measured <= bound + _HAIR, detail)


def _truth(evidence: Evidence, items: Sequence[Item]) -> npt.NDArray[np.int64]:
    return np.array([evidence.labels.index(item.label) for item in items])
