"""The dataset manifest: what is written is read back, and no group ever moves."""

import pytest

from ml.errors import BadDataset
from ml.manifest import Item, digest, read_manifest, split_of, write_manifest


def make_item(path: str, group: str, split: str = "train") -> Item:
    return Item(path, "verre", group, "déchèterie", "MIT", "a" * 64, split)


EXPECTED = [
    "train",
    "train",
    "train",
    "train",
    "train",
    "train",
    "val",
    "train",
    "train",
    "train",
    "train",
    "train",
    "train",
    "train",
    "train",
    "test",
]

ITEMS = (make_item("b.jpg", "g1"), make_item("a.jpg", "g2", "test"), make_item("é.jpg", "g1"))


def test_round_trip(tmp_path):
    write_manifest(tmp_path / "manifest.jsonl", ITEMS)
    read = read_manifest(tmp_path / "manifest.jsonl")
    assert set(read) == set(ITEMS)
    assert digest(read) == digest(ITEMS) == digest(ITEMS[::-1])


def test_the_digest_tells_any_change():
    others = (
        ITEMS[:2],
        (*ITEMS[:2], make_item("é.jpg", "g3")),
        (*ITEMS[:2], make_item("e.jpg", "g1")),
    )
    assert len({digest(ITEMS), *(digest(other) for other in others)}) == 4


def test_no_group_ever_moves():
    # Written down once: a change here would carry photos from test to train.
    assert [split_of(f"photographer-{n}") for n in range(16)] == EXPECTED


def test_shares():
    splits = [split_of(str(n)) for n in range(5000)]
    assert 0.78 < splits.count("train") / 5000 < 0.82
    assert 0.08 < splits.count("val") / 5000 < 0.12


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("{}\n", ":1:"),
        ("[]\n", ":1:"),
        ("not json\n", ":1:"),
        ('{"path": "a.jpg"}\n', ":1:"),
    ],
)
def test_a_bad_line_is_named(tmp_path, text, where):
    (tmp_path / "manifest.jsonl").write_text(text)
    with pytest.raises(BadDataset, match=where):
        read_manifest(tmp_path / "manifest.jsonl")


def test_a_group_in_two_splits_is_refused(tmp_path):
    write_manifest(
        tmp_path / "manifest.jsonl", (make_item("a.jpg", "g"), make_item("b.jpg", "g", "test"))
    )
    with pytest.raises(BadDataset, match="two splits"):
        read_manifest(tmp_path / "manifest.jsonl")


def test_a_missing_manifest_is_refused(tmp_path):
    with pytest.raises(BadDataset):
        read_manifest(tmp_path / "manifest.jsonl")
