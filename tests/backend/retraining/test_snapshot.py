"""A snapshot holds the base and what was reviewed, of people who still agree; nothing else."""

from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

from backend.accounts.models import User
from backend.recognition.models import Capture
from backend.retraining.models import DatasetSnapshot
from backend.retraining.snapshot import draft, freeze, items_of, lay_out
from ml.errors import BadDataset
from ml.task import TASKS
from tests.factories import make_user

from .conftest import Reviewed, groups

WASTE = TASKS["waste"]


def contents() -> set[str]:
    return {item.sha256 for item in draft(WASTE).curated.items}


def test_it_holds_the_base_and_each_accepted_capture_once(people: list[User]) -> None:
    drafted = draft(WASTE)
    sources = Counter(item.source for item in drafted.items)
    assert sources == {"cardweb": 26, "cloth": 26, "hk": 26, "tidy": 26, "captures": 12}
    assert contents() == set(Capture.objects.values_list("sha256", flat=True))
    assert {item.split for item in drafted.curated.items} <= {"train", "val"}


@pytest.mark.parametrize("status", ["pending", "rejected"])
def test_what_nobody_accepted_never_trains(
    people: list[User], reviewed: Reviewed, status: str
) -> None:
    other = reviewed(people[0], "verre", seed=9000, status=status)
    assert other.sha256 not in contents()


def test_consent_taken_back_takes_the_photos_out(people: list[User]) -> None:
    people[0].consents.create(purpose="train", granted=False, text_version="2026-11")
    theirs = set(people[0].captures.values_list("sha256", flat=True))
    assert len(theirs) == 3 and not theirs & contents()


def test_who_leaves_is_in_no_later_snapshot(people: list[User]) -> None:
    before = freeze(WASTE, draft(WASTE))
    theirs = set(people[0].captures.values_list("sha256", flat=True))
    people[0].delete()
    after = freeze(WASTE, draft(WASTE))
    assert before.sha256 != after.sha256
    assert not theirs & {item.sha256 for item in items_of(after)}
    assert before.captures.count() == after.captures.count() == 9


def test_a_canary_is_never_learned(people: list[User]) -> None:
    canary = people[0].captures.first()
    assert canary is not None
    Capture.objects.filter(pk=canary.pk).update(is_canary=True)
    assert canary.sha256 not in contents()


def test_nothing_that_looks_like_a_canary_is_learned(
    people: list[User], reviewed: Reviewed
) -> None:
    """Else the exam would be passed by heart."""
    canary = people[0].captures.first()
    assert canary is not None
    Capture.objects.filter(pk=canary.pk).update(is_canary=True)
    with Image.open(canary.file.path) as picture:
        twin = reviewed(people[1], _truth(canary), picture=picture.copy())
        near = reviewed(people[2], _truth(canary), picture=picture.resize((300, 225)))
    drafted = draft(WASTE)
    assert not {canary.sha256, twin.sha256, near.sha256} & {i.sha256 for i in drafted.items}
    reasons = {one.sha256: one.reason for one in drafted.left_out}
    assert reasons[twin.sha256] == reasons[near.sha256] == "near-held-out"


def _truth(capture: Capture) -> str:
    return capture.corrections.get(status="accepted").label


def test_a_canary_that_rotted_is_listed(people: list[User]) -> None:
    canary = people[0].captures.first()
    assert canary is not None
    Capture.objects.filter(pk=canary.pk).update(is_canary=True)
    Path(canary.file.path).unlink()
    assert (canary.sha256, "altered-file") in {(o.sha256, o.reason) for o in draft(WASTE).left_out}


def test_one_of_two_equal_photos_may_go(
    people: list[User], reviewed: Reviewed, tmp_path: Path
) -> None:
    """The content stays the same, so does the snapshot; the file it is read from does not."""
    for _ in range(2):
        reviewed(people[0], "papier", seed=6000)
    before = freeze(WASTE, draft(WASTE))
    used = before.captures.get(sha256=before.captures.latest("received_at").sha256)
    used.delete()
    after = freeze(WASTE, draft(WASTE))
    assert after == before
    with lay_out(WASTE, after, tmp_path / "folder") as folder:
        assert all((folder / item.path).is_file() for item in items_of(after))


def test_held_out_people_stay_held_out(people: list[User], reviewed: Reviewed) -> None:
    (group,) = groups("test", 1)
    theirs = reviewed(make_user("t", consents=("store", "train"), dataset_group=group), seed=77)
    drafted = draft(WASTE)
    assert theirs.sha256 not in {item.sha256 for item in drafted.items}
    assert [item.sha256 for item in drafted.curated.field] == [theirs.sha256]


def test_contradictions_are_left_out_and_listed(people: list[User], reviewed: Reviewed) -> None:
    for user, label in zip(people, ("verre", "plastique"), strict=False):
        twin = reviewed(user, label, seed=5000)
    drafted = draft(WASTE)
    assert twin.sha256 not in {item.sha256 for item in drafted.items}
    listed = {(one["sha256"], one["reason"]) for one in freeze(WASTE, drafted).left_out}
    assert (twin.sha256, "contradiction") in listed


@pytest.mark.parametrize("harm", [b"", b"rotten"])
def test_a_file_that_rotted_is_left_out_and_listed(people: list[User], harm: bytes) -> None:
    rotten = people[0].captures.first()
    assert rotten is not None
    if harm:
        Path(rotten.file.path).write_bytes(harm)
    else:
        Path(rotten.file.path).unlink()
    drafted = draft(WASTE)
    assert rotten.sha256 not in {item.sha256 for item in drafted.items}
    assert (rotten.sha256, "altered-file") in {(o.sha256, o.reason) for o in drafted.left_out}


def test_the_same_content_is_one_snapshot(people: list[User]) -> None:
    first, second = freeze(WASTE, draft(WASTE)), freeze(WASTE, draft(WASTE))
    assert first == second and DatasetSnapshot.objects.count() == 1
    assert first.counts["captures"] == {"verre": 4, "metal": 4, "carton": 4}
    # Hashes and groups, no people.
    text = first.manifest.open("rb").read().decode()
    assert not any(user.pseudonym in text.split('"') for user in people)


def test_the_folder_of_a_training_is_whole_and_then_gone(
    people: list[User], tmp_path: Path
) -> None:
    snapshot = freeze(WASTE, draft(WASTE))
    with lay_out(WASTE, snapshot, tmp_path / "folder") as folder:
        assert all((folder / item.path).is_file() for item in items_of(snapshot))
    assert not (tmp_path / "folder").exists()
    assert (tmp_path / "data/waste/manifest.csv").is_file()  # behind the link, untouched


def test_a_photo_erased_since_then_is_not_trained_on(people: list[User], tmp_path: Path) -> None:
    snapshot = freeze(WASTE, draft(WASTE))
    people[0].delete()
    with pytest.raises(BadDataset), lay_out(WASTE, snapshot, tmp_path / "folder"):
        pass
    assert not (tmp_path / "folder").exists()


def test_without_base_photos_there_is_no_snapshot(people: list[User], tmp_path: Path) -> None:
    (tmp_path / "data/waste").rename(tmp_path / "elsewhere")
    with pytest.raises(BadDataset, match="no-base-data"):
        draft(WASTE)


def test_a_base_that_is_not_its_manifest_is_refused(people: list[User], tmp_path: Path) -> None:
    next((tmp_path / "data/waste/verre").iterdir()).write_bytes(b"altered")
    with pytest.raises(BadDataset, match="altered-file"):
        draft(WASTE)
