"""Who makes a truth, who takes it back, and what attackers do not get."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.accounts.models import User
from backend.recognition.models import Capture, ModelVersion
from backend.recognition.queue import queue
from backend.recognition.review import (
    NoConsent,
    NotOpen,
    NotYours,
    Outcome,
    UnknownLabel,
    in_state,
    mark_canary,
    reopen,
    review,
    reviewable,
)
from tests.factories import make_capture, make_prediction, make_reviewer, make_user

pytestmark = pytest.mark.django_db
TEACHES = ("store", "train")


@pytest.fixture
def owner() -> User:
    return make_user("hirondelle", consents=TEACHES)


@pytest.fixture
def reviewer() -> User:
    return make_reviewer("chouette")


def words(capture: Capture) -> list[tuple[str, str, str, str | None]]:
    """Author, label, status and reviewer of every word, in the order they were said."""
    rows = capture.corrections.select_related("author", "reviewer").order_by("pk")
    return [
        (row.author.pseudonym, row.label, row.status, row.reviewer and row.reviewer.pseudonym)
        for row in rows
    ]


def state(capture: Capture) -> str:
    """Which of the three lists it stands in; it stands in one."""
    lists = ("open", "decided", "rejected")
    (found,) = (
        name for name in lists if in_state(reviewable("waste"), name).filter(pk=capture.pk).exists()
    )
    return found


# --- one reviewer decides alone


def test_a_reviewer_accepts_what_the_owner_says(owner: User, reviewer: User) -> None:
    capture = make_capture(owner, label="verre")
    assert review(capture, by=reviewer, label="verre") == Outcome("verre", rejected=False)
    assert words(capture) == [("hirondelle", "verre", "accepted", "chouette")]
    assert state(capture) == "decided"


def test_a_relabel_is_the_reviewers_own_word(owner: User, reviewer: User) -> None:
    capture = make_capture(owner, label="verre")
    review(capture, by=reviewer, label="plastique")
    assert words(capture) == [
        ("hirondelle", "verre", "rejected", "chouette"),
        ("chouette", "plastique", "accepted", "chouette"),
    ]


def test_a_capture_nobody_spoke_of_is_decided_or_rejected(
    owner: User, reviewer: User, champion: ModelVersion
) -> None:
    named, refused, blank = (make_capture(owner) for _ in range(3))
    make_prediction(refused, champion, "metal")
    review(named, by=reviewer, label="bois")
    for capture in (refused, blank):
        assert review(capture, by=reviewer, label=None).rejected
    assert words(named) == [("chouette", "bois", "accepted", "chouette")]
    assert words(refused) == [("chouette", "metal", "rejected", "chouette")]
    assert [state(one) for one in (named, refused, blank)] == ["decided", "rejected", "rejected"]


def test_a_rejection_refuses_every_word(owner: User, reviewer: User) -> None:
    capture = make_capture(owner, label="verre")
    review(capture, by=make_reviewer("pie", second=True), label="metal")
    assert review(capture, by=reviewer, label=None).rejected
    assert {status for _, _, status, _ in words(capture)} == {"rejected"}


def test_a_new_word_of_the_owner_opens_a_rejected_capture(owner: User, reviewer: User) -> None:
    capture = make_capture(owner, label="verre")
    review(capture, by=reviewer, label=None)
    capture.corrections.update(label="metal", status="pending", reviewer=None, reviewed_at=None)
    assert state(capture) == "open"
    assert review(capture, by=reviewer, label="metal").truth == "metal"


# --- two people make a truth


def test_a_volunteer_and_the_owner_agree_and_no_reviewer_is_needed(owner: User) -> None:
    capture = make_capture(owner, label="verre")
    assert review(capture, by=make_reviewer("pie", second=True), label="verre").truth == "verre"
    assert words(capture) == [
        ("hirondelle", "verre", "accepted", None),
        ("pie", "verre", "pending", None),
    ]


def test_a_volunteer_who_says_otherwise_decides_nothing(owner: User) -> None:
    capture = make_capture(owner, label="verre")
    for pseudonym in ("pie", "geai"):
        reached = review(capture, by=make_reviewer(pseudonym, second=True), label="metal")
        assert reached.open, "volunteers do not outvote an owner"
    assert state(capture) == "open"


def test_two_volunteers_agree_where_the_owner_said_nothing(owner: User) -> None:
    capture = make_capture(owner)
    pie, geai = (make_reviewer(name, second=True) for name in ("pie", "geai"))
    assert review(capture, by=pie, label="bois").open
    assert review(capture, by=pie, label="bois").open, "one person is not two"
    assert review(capture, by=geai, label="bois").truth == "bois"
    assert words(capture)[0] == ("pie", "bois", "accepted", None)


def test_volunteers_who_contradict_each_other_wait_for_a_reviewer(
    owner: User, reviewer: User
) -> None:
    capture = make_capture(owner)
    for name, label in (("pie", "bois"), ("geai", "carton"), ("merle", "bois")):
        assert review(capture, by=make_reviewer(name, second=True), label=label).open
    assert review(capture, by=reviewer, label="bois").truth == "bois"


def test_a_volunteer_neither_rejects_nor_chooses_canaries(owner: User) -> None:
    capture = make_capture(owner, label="verre")
    pie = make_reviewer("pie", second=True)
    with pytest.raises(NotYours):
        review(capture, by=pie, label=None)
    review(capture, by=pie, label="verre")
    with pytest.raises(NotYours):
        mark_canary(capture, by=pie)


# --- what attackers do not get


@pytest.mark.parametrize("label", ["verre", "metal", None])
def test_a_fresh_pseudonym_has_no_say(owner: User, label: str | None) -> None:
    capture = make_capture(owner, label="verre")
    with pytest.raises(NotYours):
        review(capture, by=make_user("coucou", consents=TEACHES), label=label)
    assert words(capture) == [("hirondelle", "verre", "pending", None)]


@pytest.mark.parametrize("second", [False, True])
def test_nobody_decides_of_their_own_captures(second: bool) -> None:
    judge = make_reviewer("chouette", second=second)
    for purpose in TEACHES:
        judge.consents.create(purpose=purpose, granted=True, text_version="2026-11")
    capture = make_capture(judge, label="verre")
    with pytest.raises(NotYours):
        review(capture, by=judge, label="verre")
    assert queue("waste", judge) == []


def test_who_left_the_team_no_longer_counts_as_a_second_person(owner: User) -> None:
    capture = make_capture(owner)
    pie, geai = (make_reviewer(name, second=True) for name in ("pie", "geai"))
    review(capture, by=pie, label="bois")
    User.objects.filter(pk=pie.pk).update(is_staff=False)
    assert review(capture, by=geai, label="bois").open
    with pytest.raises(NotYours):
        review(capture, by=User.objects.get(pk=pie.pk), label="bois")


def test_withdrawn_consent_takes_a_capture_off_the_desk(owner: User, reviewer: User) -> None:
    capture, decided = (make_capture(owner, label="verre") for _ in range(2))
    review(decided, by=reviewer, label="verre")
    owner.consents.create(purpose="train", granted=False, text_version="2026-11")
    assert queue("waste", reviewer) == []
    assert not reviewable("waste").exists()
    for verb in (
        lambda: review(capture, by=reviewer, label="verre"),
        lambda: reopen(decided, by=reviewer),
        lambda: mark_canary(decided, by=reviewer),
    ):
        with pytest.raises(NoConsent):
            verb()
    assert words(capture) == [("hirondelle", "verre", "pending", None)]


def test_who_only_lets_us_keep_does_not_teach(reviewer: User) -> None:
    capture = make_capture(make_user("merle", consents=["store"]), label="verre")
    assert queue("waste", reviewer) == []
    with pytest.raises(NoConsent):
        review(capture, by=reviewer, label="verre")


def test_a_label_of_no_task_is_refused(owner: User, reviewer: User) -> None:
    with pytest.raises(UnknownLabel):
        review(make_capture(owner), by=reviewer, label="kryptonite")


# --- twice, and two at once


@pytest.mark.parametrize("label", ["verre", "metal", None])
def test_the_same_decision_again_changes_nothing(
    owner: User, reviewer: User, label: str | None
) -> None:
    capture = make_capture(owner, label="verre")
    first = review(capture, by=reviewer, label=label)
    before = list(capture.corrections.values())
    assert review(capture, by=reviewer, label=label) == first
    assert review(capture, by=make_reviewer("hulotte"), label=label) == first
    assert list(capture.corrections.values()) == before


@pytest.mark.parametrize("late", ["plastique", None])
def test_of_two_reviewers_the_first_decides_and_the_second_is_told(
    owner: User, reviewer: User, late: str | None
) -> None:
    capture = make_capture(owner, label="verre")
    stale = Capture.objects.get(pk=capture.pk)
    review(capture, by=reviewer, label="verre")
    with pytest.raises(NotOpen):
        review(stale, by=make_reviewer("hulotte"), label=late)
    assert words(capture) == [("hirondelle", "verre", "accepted", "chouette")]


def test_a_decision_holds_the_capture_while_it_is_taken(owner: User, reviewer: User) -> None:
    capture = make_capture(owner, label="verre")
    with CaptureQueriesContext(connection) as queries:
        review(capture, by=reviewer, label="verre")
    first = next(query["sql"] for query in queries if "recognition_capture" in query["sql"])
    locks = connection.features.has_select_for_update  # SQLite lets one writer in at a time
    assert ("FOR NO KEY UPDATE" in first) is locks


# --- taking back, and keeping


def test_a_decision_is_taken_back_whole(owner: User, reviewer: User) -> None:
    capture = make_capture(owner, label="verre")
    before = words(capture)
    for label in ("verre", "metal", None):
        review(capture, by=reviewer, label=label)
        assert reopen(capture, by=reviewer).open
        assert words(capture) == before
    with pytest.raises(NotOpen):
        reopen(capture, by=reviewer)


def test_a_volunteer_takes_back_only_their_own_word(owner: User, reviewer: User) -> None:
    agreed, judged = (make_capture(owner, label="verre") for _ in range(2))
    pie, geai = (make_reviewer(name, second=True) for name in ("pie", "geai"))
    review(agreed, by=pie, label="verre")
    review(judged, by=reviewer, label="verre")
    for capture, volunteer in ((agreed, geai), (judged, pie)):
        with pytest.raises(NotOpen):
            reopen(capture, by=volunteer)
    assert reopen(agreed, by=pie).open
    assert words(agreed) == [("hirondelle", "verre", "pending", None)]


def test_a_canary_has_a_truth_and_ends_with_it(owner: User, reviewer: User) -> None:
    capture = make_capture(owner, label="verre")
    with pytest.raises(NotOpen):
        mark_canary(capture, by=reviewer)
    review(capture, by=reviewer, label="verre")
    mark_canary(capture, by=reviewer)
    assert Capture.objects.get(pk=capture.pk).is_canary
    mark_canary(capture, by=reviewer, canary=False)
    assert not Capture.objects.get(pk=capture.pk).is_canary
    mark_canary(capture, by=reviewer)
    reopen(capture, by=reviewer)
    assert not Capture.objects.get(pk=capture.pk).is_canary


# --- who is let in


def test_somebody_is_let_in_by_a_command_that_may_be_repeated() -> None:
    first = make_reviewer("chouette")
    call_command("grant_review", "chouette", stdout=StringIO())
    again = User.objects.get(pseudonym="chouette")
    assert first.is_staff and list(again.groups.values_list("name", flat=True)) == ["Relecteurs"]
    assert again.has_perm("recognition.review_correction")
    assert not make_reviewer("pie", second=True).has_perm("recognition.review_correction")
    with pytest.raises(CommandError, match="nobody"):
        call_command("grant_review", "personne")
