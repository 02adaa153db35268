"""Which looks at which photos: what comes or goes moves no more of them than it must."""

import hashlib
from dataclasses import replace

import pytest

from ml.errors import BadDataset
from ml.manifest import Item
from ml.train.data import View, plan_views, read_photo

PLAN = {"per_cell": 40, "per_photo": 4, "seed": 1}


def photos(n: int, *, label: str = "verre", source: str = "captures") -> list[Item]:
    return [
        Item(f"{label}/{i}.jpg", label, f"g{i}", source, "MIT", digest, "train")
        for i in range(n)
        for digest in [hashlib.sha256(f"{label}{source}{i}".encode()).hexdigest()]
    ]


def plan(items: list[Item]) -> set[View]:
    views = plan_views(items, **PLAN)
    assert len(set(views)) == len(views)
    return set(views)


@pytest.mark.parametrize(("before", "after"), [(3, 8), (8, 12), (15, 40), (50, 90)])
def test_a_new_photo_adds_its_own_views_and_no_other(before, after):
    known, more = photos(before), photos(after)
    old, new = plan(known), plan(more)
    came = new - old
    assert {view.item for view in came}.isdisjoint(known)
    # The cell has so many places: what goes makes room for what comes.
    assert len(old - new) <= len(came)
    assert len(new) == min(PLAN["per_cell"], after * PLAN["per_photo"])


def test_neither_the_order_nor_other_cells_matter():
    mine = photos(12)
    others = [*photos(30, label="metal"), *photos(9, source="taco")]
    together = plan([*reversed(others), *reversed(mine)])
    assert {view for view in together if view.item in mine} == plan(mine)
    moved = [replace(item, path=f"base/{item.path}", group="other") for item in mine]
    assert {(view.item.sha256, view.number) for view in plan(moved)} == {
        (view.item.sha256, view.number) for view in plan(mine)
    }


def test_a_view_throws_the_same_dice_whatever_else_there_is():
    (item,) = photos(1)
    dice = [View(item, n).rng(seed).random() for seed in (1, 2) for n in (1, 2)]
    assert len(set(dice)) == 4
    assert View(item, 1).rng(1).random() == dice[0]


def test_a_photo_that_is_not_the_one_of_the_manifest_is_not_read(tmp_path):
    (item,) = photos(1)
    with pytest.raises(BadDataset, match="missing-file: verre/0.jpg"):
        read_photo(tmp_path, item)
    (tmp_path / "verre").mkdir()
    (tmp_path / item.path).write_bytes(b"another photo")
    with pytest.raises(BadDataset, match="altered-file: verre/0.jpg"):
        read_photo(tmp_path, item)
