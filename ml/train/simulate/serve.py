"""Who serves in a simulated year: behind the gate, always the latest, or the first for ever."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.metrics import f1_score

from ml.gate import Evidence, Policy, decide
from ml.manifest import Item, digest
from ml.train.simulate.loop import Codes, Head, Learned, Lens, School
from ml.train.simulate.world import Floats, Part, Photos, Year

# The gated loop; the same with a second try in weeks that are held; the latest challenger serving
# unjudged; that without curation either; the first champion for ever.
LOOPS = ("gated", "second", "latest", "uncurated", "never")
SETS = ("gate", "audit", "strict")

# Heads of one kind on one backbone weigh the same and are not exported here.
_POLICY = Policy(needs_parity=False, needs_browser=False)


@dataclass(frozen=True)
class Trace:
    """How one year went; lists start with week 0, before the first retraining.

    `macro_f1`: loop → held-out set → per cent a week. `promoted`: loop → weeks. `mended`: weeks in
    which only the second try passed. `held`: check → in how many weeks of the gated loop it did
    not pass. `taken` and `wrong` count the curated training set's captures a week, and those that
    are not what their label says.
    """

    macro_f1: Mapping[str, Mapping[str, Sequence[float]]]
    promoted: Mapping[str, Sequence[int]]
    mended: Sequence[int]
    held: Mapping[str, int]
    taken: Sequence[int]
    wrong: Sequence[int]


def serve(photos: Photos, year: Year, lens: Lens, school: School, learned: Learned) -> Trace:
    """Judge each week's challenger by the gate's frozen split, and measure who serves then."""
    gate = _Gate(photos, year.gate, lens)
    once = _Served(gate, school, learned, second=False)
    twice = _Served(gate, school, learned, second=True)
    served = {
        "gated": once.heads,
        "second": twice.heads,
        "latest": learned.curated,
        "uncurated": learned.uncurated,
        "never": [learned.curated[0] for _ in learned.curated],
    }
    exams = {name: Exam(photos, getattr(year, name), lens) for name in SETS}
    return Trace(
        macro_f1={
            loop: {name: [exam.macro_f1(head) for head in heads] for name, exam in exams.items()}
            for loop, heads in served.items()
        },
        promoted={"gated": once.promoted, "second": twice.promoted},
        mended=twice.mended,
        held=dict(once.held),
        taken=[len(items) for items in learned.taken],
        wrong=[school.wrong(items) for items in learned.taken],
    )


class _Served:
    """Who serves each week behind the gate."""

    def __init__(self, gate: "_Gate", school: School, learned: Learned, *, second: bool) -> None:
        self._champion = self._best = gate.sit(learned.curated[0])
        self.heads = [learned.curated[0]]
        self.promoted: list[int] = []
        self.mended: list[int] = []
        self.held: Counter[str] = Counter()
        for week in range(1, len(learned.curated)):
            challenger = gate.sit(learned.curated[week])
            failed = self._failed(challenger)
            self.held.update(failed)
            if second and "recall" in failed:
                rest = self._undisputed(school, learned.taken[week], challenger)
                challenger = gate.sit(school.fit(rest))
                failed = self._failed(challenger)
                self.mended += [] if failed else [week]
            if not failed:
                self._champion = challenger
                self._best = max(self._best, challenger, key=lambda sitting: sitting.macro_f1)
                self.promoted.append(week)
            self.heads.append(self._champion.head)

    def _undisputed(
        self, school: School, captures: Sequence[Item], challenger: "_Sitting"
    ) -> list[Item]:
        """The captures whose label no suffering label disputes."""
        champion = self._champion
        scores = champion.head.scores(school.features(captures))
        said = disputed(
            scores, school.codes(captures), suffering(champion.evidence, challenger.evidence)
        )
        return [item for item, out in zip(captures, said, strict=True) if not out]

    def _failed(self, challenger: "_Sitting") -> list[str]:
        """The checks that hold `challenger`; none where it may serve."""
        best = None if self._best is self._champion else self._best.evidence
        verdict = decide(self._champion.evidence, challenger.evidence, _POLICY, best=best)
        return [check.name for check in verdict.checks if not check.passed]


def suffering(champion: Evidence, challenger: Evidence) -> list[int]:
    """The labels, by their place, that lose more recall than the gate lets pass."""
    labels = champion.labels
    truth = np.array([labels.index(item.label) for item in champion.items])
    right = [
        np.bincount(truth[one.scores.argmax(axis=1) == truth], minlength=len(labels))
        for one in (champion, challenger)
    ]
    shown = np.bincount(truth, minlength=len(labels))
    may_lose = np.maximum(1, _POLICY.recall_loss * shown)
    return [int(label) for label in np.flatnonzero(right[0] - right[1] > may_lose)]


def disputed(scores: Floats, sent: Codes, suffering: Sequence[int]) -> npt.NDArray[np.bool_]:
    """Which photos the champion would rather call by a label that suffers than by the one sent.

    A label suffers where photos like its own were sent under other names. Most of those that are
    disputed are; the honest ones among them are missed once, not for ever: the next week's
    challenger begins with all of them again.

    Parameters
    ----------
    scores : the champion's probabilities for the photos, shape (n, labels)
    sent : the labels they were sent under, by their place, shape (n,)
    """
    own = np.take_along_axis(scores, sent[:, np.newaxis], axis=1)
    return np.asarray((scores[:, list(suffering)] > own).any(axis=1))


def worst_drop(values: Sequence[float]) -> float:
    """How far a series ever ends a week below its best so far."""
    series = np.array(values)
    return float((np.maximum.accumulate(series) - series).max())


class Exam:
    """A held-out set, seen through the lens."""

    def __init__(self, photos: Photos, part: Part, lens: Lens) -> None:
        self.items = part.items
        self.features: Floats = lens(photos.features[part.rows])
        self._truth = np.array([photos.labels.index(item.label) for item in part.items])

    def macro_f1(self, head: Head) -> float:
        """Per cent, over the labels that occur."""
        named = head.scores(self.features).argmax(axis=1)
        occur = np.unique(self._truth)
        return 100 * float(
            f1_score(self._truth, named, labels=occur, average="macro", zero_division=0)
        )


class _Gate(Exam):
    """The frozen test split, as evidence for `ml.gate`."""

    def __init__(self, photos: Photos, part: Part, lens: Lens) -> None:
        super().__init__(photos, part, lens)
        self._labels = photos.labels
        self._snapshot = digest(part.items)

    def sit(self, head: Head) -> "_Sitting":
        evidence = Evidence(
            labels=self._labels,
            threshold=head.threshold,
            items=self.items,
            scores=head.scores(self.features),
            canaries=(),
            canary_scores=np.empty((0, len(self._labels)), np.float32),
            snapshot=self._snapshot,
            size_bytes=1,
            latency_ms=1.0,
            memory_bytes=1,
            baseline_accuracy=None,
            parity_gap=None,
            browser_gap=None,
        )
        return _Sitting(head, evidence, self.macro_f1(head))


@dataclass(frozen=True)
class _Sitting:
    """A head, what the gate is told of it, and its macro-F1 there."""

    head: Head
    evidence: Evidence
    macro_f1: float
