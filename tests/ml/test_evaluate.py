"""Figures that can be worked out by hand, and their intervals."""

import numpy as np
import pytest

from ml.errors import BadDataset
from ml.evaluate import calibration_error, evaluate, paired_gain, score, wilson
from ml.manifest import Item

LABELS = ("bois", "verre", "metal", "autre")


def item(label: str, group: str = "g") -> Item:
    return Item(f"{label}.jpg", label, group, "made", "MIT", "0" * 64, "test")


def row(label: str, confidence: float) -> list[float]:
    rest = (1 - confidence) / (len(LABELS) - 1)
    return [confidence if label == name else rest for name in LABELS]


# truth, answer, confidence: 4 right of 6; over 0.7 there are 3, of which 2 are right.
CASE = [
    ("bois", "bois", 0.9),
    ("bois", "bois", 0.8),
    ("bois", "verre", 0.6),
    ("verre", "verre", 0.5),
    ("metal", "metal", 0.4),
    ("metal", "bois", 0.75),
]


@pytest.fixture
def report():
    items = [item(truth, group=f"g{i}") for i, (truth, _, _) in enumerate(CASE)]
    scores = np.array([row(answer, confidence) for _, answer, confidence in CASE])
    return score(scores, items, labels=LABELS, threshold=0.7, split="test")


def test_counts(report):
    assert report.n == 6
    assert report.accuracy == pytest.approx(4 / 6)
    assert report.coverage == pytest.approx(3 / 6)
    assert report.accepted_accuracy == pytest.approx(2 / 3)
    assert report.accepted_interval == pytest.approx(wilson(2, 3))


def test_macro_f1_is_over_the_labels_that_occur(report):
    bois, verre, metal = 2 * 2 / (3 + 3), 2 * 1 / (1 + 2), 2 * 1 / (2 + 1)
    assert report.macro_f1 == pytest.approx((bois + verre + metal) / 3)


def test_recall_per_label(report):
    assert report.recall["bois"].recall == pytest.approx(2 / 3)
    assert report.recall["bois"].interval == pytest.approx(wilson(2, 3))
    assert report.recall["autre"].n == 0


def test_confusions_are_named(report):
    pairs = {(c.truth, c.predicted, c.n) for c in report.confusions}
    assert pairs == {("bois", "verre", 1), ("metal", "bois", 1)}


def test_intervals_hold_the_figure(report):
    low, high = report.accuracy_interval
    assert low < report.accuracy < high
    low, high = report.macro_f1_interval
    assert low <= report.macro_f1 <= high


def test_one_group_leaves_nothing_to_draw():
    items = [item("bois"), item("verre")]
    scores = np.array([row("bois", 0.9), row("bois", 0.9)])
    lonely = score(scores, items, labels=LABELS, threshold=0, split="test")
    assert lonely.accuracy_interval == (0.5, 0.5)


def test_calibration_error_by_hand():
    confidence = np.array([0.9, 0.9, 0.9, 0.9, 0.5, 0.5])
    right = np.array([True, True, True, False, True, False])
    assert calibration_error(confidence, right) == pytest.approx(4 / 6 * abs(0.9 - 0.75))


def test_wilson_against_the_published_values():
    assert wilson(0, 10) == pytest.approx((0.0, 0.2775), abs=1e-4)
    assert wilson(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert wilson(0, 0) == (0.0, 1.0)


class TestPairedGain:
    """Of 40 photos of wood, the second model names 8 right that the first does not."""

    BEFORE = np.array([row("bois" if i % 2 else "verre", 0.9) for i in range(40)])
    AFTER = np.array([row("bois" if i % 2 or i >= 24 else "verre", 0.9) for i in range(40)])

    def gain(self, before, after, group_of):
        items = [item("bois", group=group_of(i)) for i in range(40)]
        return paired_gain(before, after, items, labels=LABELS, confidence=0.95)

    def test_it_is_the_difference_and_a_bound_under_it(self):
        gain, low = self.gain(self.BEFORE, self.AFTER, lambda i: f"g{i}")
        assert gain == pytest.approx(2 * 28 / 68 - 2 * 20 / 60)
        assert 0 < low < gain

    def test_the_other_way_round_it_is_a_loss(self):
        gain, low = self.gain(self.AFTER, self.BEFORE, lambda i: f"g{i}")
        assert low < gain < 0

    def test_photos_of_one_group_prove_less_than_as_many_of_many(self):
        _, many = self.gain(self.BEFORE, self.AFTER, lambda i: f"g{i}")
        _, few = self.gain(self.BEFORE, self.AFTER, lambda i: f"g{i // 10}")
        assert few < many

    def test_against_itself_nothing_is_drawn_apart(self):
        assert self.gain(self.AFTER, self.AFTER, lambda i: f"g{i}") == (0.0, 0.0)


def test_nothing_to_judge_is_refused(tmp_path):
    with pytest.raises(BadDataset):
        score(np.zeros((0, 4)), [], labels=LABELS, threshold=0, split="test")
    with pytest.raises(BadDataset):
        evaluate(None, tmp_path, [item("bois")], split="test")
