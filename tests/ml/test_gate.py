"""Each check refuses alone; sabotaged challengers are refused; a chain of small losses is too."""

import json
from dataclasses import replace

import numpy as np
import pytest

from ml.errors import BadDataset
from ml.gate import Evidence, Policy, decide
from ml.manifest import Item

LABELS = ("carton", "metal", "papier", "plastique", "verre", "autre")
EACH = 100  # photos of a label, in groups of five
SURE = 0.95


def exam(n: int, prefix: str) -> tuple[Item, ...]:
    return tuple(
        Item(
            f"{prefix}-{label}-{i}.jpg", label, f"{label}-{i // 5}", "made", "MIT", "0" * 64, "test"
        )
        for label in LABELS
        for i in range(n)
    )


EXAM, CANARIES = exam(EACH, "exam"), exam(2, "canary")


def answers(named: np.ndarray, confidence: np.ndarray) -> np.ndarray:
    """Probabilities that name these labels with this confidence; the rest is spread evenly."""
    rows = np.repeat((1 - confidence)[:, None] / (len(LABELS) - 1), len(LABELS), axis=1)
    rows[np.arange(len(named)), named] = confidence
    return rows


def truth(items=EXAM) -> np.ndarray:
    return np.array([LABELS.index(item.label) for item in items])


def wrong(label: np.ndarray) -> np.ndarray:
    return (label + 1) % len(LABELS)


# Of each label: 57 right and 3 wrong that are sure, 23 right and 17 wrong that are not. The places
# are dealt over the groups.
PLACE = np.tile(np.random.default_rng(0).permutation(EACH), len(LABELS))
IS_SURE = PLACE < 60
IS_RIGHT = (PLACE < 57) | ((PLACE >= 60) & (PLACE < 83))


def sits(right: np.ndarray = IS_RIGHT, *, unsure: float | None = None, **changes) -> Evidence:
    """What a model shows that names these photos right; calibrated, unless `unsure` says other."""
    named = np.where(right, truth(), wrong(truth()))
    unsure = unsure or min(right[~IS_SURE].mean(), 0.74)
    given = Evidence(
        labels=LABELS,
        threshold=0.75,
        items=EXAM,
        scores=answers(named, np.where(IS_SURE, SURE, unsure)),
        canaries=CANARIES,
        canary_scores=canary_scores(right=9),
        snapshot="a" * 64,
        size_bytes=4_500_000,
        latency_ms=10.0,
        memory_bytes=100_000_000,
        baseline_accuracy=0.7,
        parity_gap=0.003,
        browser_gap=1e-5,
    )
    return replace(given, **changes)


def canary_scores(*, right: int, start: int = 0) -> np.ndarray:
    place = np.arange(len(CANARIES))
    hit = (place >= start) & (place < start + right)
    named = np.where(hit, truth(CANARIES), wrong(truth(CANARIES)))
    return answers(named, np.full(len(CANARIES), 0.6))


def mended(n: int, *, but: str = "", lost: int = 0) -> np.ndarray:
    """The champion's answers, `n` more right of each label `but` one; `lost` of that one, or of
    each, become wrong."""
    loses = np.array([item.label == but or not but for item in EXAM])
    gains = ~loses if but else loses
    return (IS_RIGHT | (gains & among(83, n))) & ~(loses & among(60, lost))


def among(start: int, n: int) -> np.ndarray:
    """The photos of these places of each label."""
    return np.isin(PLACE, range(start, start + n))


CHAMPION = sits()
BETTER = sits(mended(5))


def failed(verdict) -> set[str]:
    return {check.name for check in verdict.checks if not check.passed}


def check(verdict, name: str):
    (found,) = (check for check in verdict.checks if check.name == name)
    return found


def test_an_honest_improvement_passes_every_check():
    verdict = decide(CHAMPION, BETTER, best=CHAMPION)
    assert failed(verdict) == set() and verdict.passed
    assert [check.name for check in verdict.checks] == [
        "dataset",
        "labels",
        "macro-f1",
        "recall",
        "calibration",
        "coverage",
        "accepted-accuracy",
        "canaries",
        "lost",
        "size",
        "latency",
        "memory",
        "macro-f1-of-best",
        "parity",
        "browser",
    ]
    assert all(check.required and check.detail for check in verdict.checks)


def test_changed_answers_are_told_apart():
    lost = check(decide(CHAMPION, sits(mended(8, lost=2))), "lost")
    assert lost.measured == pytest.approx(0.02)
    assert "only the challenger 0.0800; churn 0.1000" in lost.detail


def test_the_very_same_model_passes():
    assert decide(CHAMPION, CHAMPION).passed


@pytest.mark.parametrize(
    ("name", "challenger"),
    {
        "dataset": sits(mended(5), snapshot=""),
        "macro-f1": sits(mended(3, lost=3)),
        "recall": sits(mended(6, but="verre", lost=4)),
        "calibration": sits(mended(5), unsure=0.6),
        "coverage": sits(mended(5), threshold=0.96),
        "accepted-accuracy": sits(mended(5), threshold=0.5),
        "canaries": sits(mended(5), canary_scores=canary_scores(right=11, start=1)),
        "lost": sits(mended(17, lost=11)),
        "size": sits(mended(5), size_bytes=4_950_001),
        "latency": sits(mended(5), latency_ms=11.01),
        "memory": sits(mended(5), memory_bytes=111_000_000),
        "parity": sits(mended(5), parity_gap=0.011),
        "browser": sits(mended(5), browser_gap=0.0011),
    }.items(),
)
def test_each_check_refuses_alone(name, challenger):
    verdict = decide(CHAMPION, challenger)
    assert failed(verdict) == {name}
    assert not verdict.passed


@pytest.mark.parametrize(
    "change",
    [
        {"size_bytes": 4_950_000},
        {"latency_ms": 11.0},
        {"memory_bytes": 110_000_000},
        {"parity_gap": 0.01},
        {"browser_gap": 0.001},
        {"threshold": 0.95},
        {"canary_scores": canary_scores(right=12)},
    ],
)
def test_a_bound_may_be_reached(change):
    assert decide(CHAMPION, sits(mended(5), **change)).passed


@pytest.mark.parametrize("name", ["parity", "browser"])
def test_what_was_not_measured_is_refused_unless_the_policy_can_do_without(name):
    challenger = replace(BETTER, **{f"{name}_gap": None}, browser_note="node is not installed")
    verdict = decide(CHAMPION, challenger)
    assert failed(verdict) == {name}
    assert check(verdict, name).measured == "not measured"
    assert name != "browser" or "node is not installed" in check(verdict, name).detail
    assert decide(CHAMPION, challenger, Policy(**{f"needs_{name}": False})).passed


def test_other_labels_cannot_be_compared():
    verdict = decide(CHAMPION, replace(BETTER, labels=LABELS[::-1]))
    assert failed(verdict) == {"labels"} and not verdict.passed


def test_everybody_sits_the_same_exam():
    for change in (
        {"items": EXAM[1:], "scores": CHAMPION.scores[1:]},
        {"canaries": CANARIES[1:], "canary_scores": CHAMPION.canary_scores[1:]},
    ):
        with pytest.raises(BadDataset, match="same photos"):
            decide(CHAMPION, replace(BETTER, **change))
    with pytest.raises(BadDataset):
        decide(*(replace(e, items=(), scores=e.scores[:0]) for e in (CHAMPION, BETTER)))


class TestRecall:
    def test_the_worst_label_is_named_with_its_photos(self):
        verdict = decide(CHAMPION, sits(mended(6, but="verre", lost=4)))
        assert check(verdict, "recall").measured == pytest.approx(-0.04)
        assert check(verdict, "recall").detail == "verre loses 4 of 100"

    def test_three_points_may_be_lost(self):
        assert decide(CHAMPION, sits(mended(6, but="verre", lost=3))).passed

    @pytest.mark.parametrize(("lost", "refused"), [(1, set()), (2, {"recall"})])
    def test_of_a_small_label_one_photo_may_be_lost(self, lost, refused):
        few = np.array([i.label != "autre" for i in EXAM]) | (PLACE < 7)
        items = tuple(item for item, keep in zip(EXAM, few, strict=True) if keep)
        loses = np.array([item.label == "autre" for item in EXAM]) & among(0, lost)
        small = [
            replace(e, items=items, scores=e.scores[few])
            for e in (CHAMPION, sits(mended(9) & ~loses))
        ]
        assert failed(decide(*small)) & {"recall"} == refused

    def test_a_label_without_a_photo_is_said_to_be_unmeasured(self):
        seen = np.array([item.label != "autre" for item in EXAM])
        items = tuple(item for item, keep in zip(EXAM, seen, strict=True) if keep)
        verdict = decide(
            *(replace(e, items=items, scores=e.scores[seen]) for e in (CHAMPION, BETTER))
        )
        assert "not measured, no photo in the exam: autre" in check(verdict, "recall").detail


class TestCanaries:
    def test_a_failure_that_nobody_mended_yet_holds_nobody(self):
        verdict = decide(CHAMPION, BETTER)
        assert check(verdict, "canaries").measured == 9
        assert check(verdict, "canaries").detail.startswith("past failures named right: 9 of 12")

    def test_what_fails_again_is_named(self):
        worse = replace(BETTER, canary_scores=canary_scores(right=11, start=1))
        assert CANARIES[0].path in check(decide(CHAMPION, worse), "canaries").detail

    def test_there_need_be_none(self):
        none = {"canaries": (), "canary_scores": np.zeros((0, len(LABELS)))}
        assert decide(replace(CHAMPION, **none), replace(BETTER, **none)).passed


class TestSureness:
    def test_a_champion_that_is_never_sure_does_not_lower_the_bar(self):
        silent = replace(CHAMPION, threshold=1.0)
        assert failed(decide(silent, replace(BETTER, threshold=0.5))) == {"accepted-accuracy"}
        assert decide(silent, BETTER).passed

    def test_two_that_are_never_sure_have_nothing_to_be_right_about(self):
        assert decide(*(replace(e, threshold=1.0) for e in (CHAMPION, BETTER))).passed


class TestFirstChampion:
    def test_it_beats_the_baseline_of_its_card(self):
        verdict = decide(None, CHAMPION)
        assert verdict.passed
        assert {c.name for c in verdict.checks} == {
            "dataset",
            "baseline",
            "accepted-accuracy",
            "size",
            "parity",
            "browser",
        }

    @pytest.mark.parametrize(
        ("name", "change"),
        [
            ("baseline", {"baseline_accuracy": 0.8}),
            ("baseline", {"baseline_accuracy": None}),
            ("size", {"size_bytes": 6_000_001}),
            ("accepted-accuracy", {"threshold": 0.5}),
            ("parity", {"parity_gap": None}),
        ],
    )
    def test_or_is_refused(self, name, change):
        assert failed(decide(None, replace(CHAMPION, **change))) == {name}


@pytest.mark.parametrize("seed", range(3))
class TestSabotage:
    @pytest.mark.parametrize("share", [0.1, 0.3])
    def test_flipped_labels_are_refused(self, share, seed):
        rng = np.random.default_rng(seed)
        flipped = mended(5) & (rng.random(len(EXAM)) > share)
        verdict = decide(CHAMPION, sits(flipped))
        assert {"macro-f1", "recall"} <= failed(verdict)

    def test_glass_called_plastic_is_refused_whatever_else_gets_better(self, seed):
        rng = np.random.default_rng(seed)
        glass = np.array([item.label == "verre" for item in EXAM])
        stolen = glass & (rng.random(len(EXAM)) < 0.3)
        challenger = sits(mended(17))
        challenger.scores[stolen] = answers(np.array([LABELS.index("plastique")]), np.array([SURE]))
        verdict = decide(CHAMPION, challenger)
        assert "recall" in failed(verdict)
        assert "verre loses" in check(verdict, "recall").detail


def test_a_chain_of_small_losses_cannot_walk_down():
    chain = [CHAMPION]
    for step in range(1, 5):
        right = IS_RIGHT.copy()
        right[np.flatnonzero((PLACE >= 60) & IS_RIGHT)[:step]] = False
        chain.append(sits(right))
    steps = list(zip(chain, chain[1:], strict=False))
    assert all(decide(a, b).passed for a, b in steps)
    refused = [failed(decide(a, b, best=CHAMPION)) for a, b in steps]
    assert refused[0] == set() and refused[-1] == {"macro-f1-of-best"}


def test_the_same_evidence_gives_the_same_verdict_and_it_is_json():
    first, second = (decide(CHAMPION, BETTER, best=CHAMPION).to_json() for _ in range(2))
    assert first == second
    assert json.loads(json.dumps(first)) == first
    assert set(first["checks"][0]) == {"name", "measured", "required", "passed", "detail"}
