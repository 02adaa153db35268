"""Who makes a truth, in which order it is asked for, and what attackers do not get."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backend.accounts.models import User
from backend.recognition.models import Capture, ModelVersion
from backend.recognition.queue import TOGETHER, Entry, queue
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
from tests.factories import make_capture, make_prediction, make_user

pytestmark = pytest.mark.django_db
TEACHES = ("store", "train")
ALIKE = "f0f0f0f0f0f0f0f0"


@pytest.fixture
def owner() -> User:
    return make_user("hirondelle", consents=TEACHES)


def trusted(pseudonym: str, *, second: bool = False) -> User:
    """Somebody let into the desk, by the command that does it."""
    make_user(pseudonym)
    options = ["--second"] if second else []
    call_command("grant_review", pseudonym, *options, stdout=StringIO())
    return User.objects.get(pseudonym=pseudonym)


@pytest.fixture
def reviewer() -> User:
    return trusted("chouette")


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
    review(capture, by=trusted("pie", second=True), label="metal")
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
    assert review(capture, by=trusted("pie", second=True), label="verre").truth == "verre"
    assert words(capture) == [
        ("hirondelle", "verre", "accepted", None),
        ("pie", "verre", "pending", None),
    ]


def test_a_volunteer_who_says_otherwise_decides_nothing(owner: User) -> None:
    capture = make_capture(owner, label="verre")
    for pseudonym in ("pie", "geai"):
        reached = review(capture, by=trusted(pseudonym, second=True), label="metal")
        assert reached.open, "volunteers do not outvote an owner"
    assert state(capture) == "open"


def test_two_volunteers_agree_where_the_owner_said_nothing(owner: User) -> None:
    capture = make_capture(owner)
    pie, geai = (trusted(name, second=True) for name in ("pie", "geai"))
    assert review(capture, by=pie, label="bois").open
    assert review(capture, by=pie, label="bois").open, "one person is not two"
    assert review(capture, by=geai, label="bois").truth == "bois"
    assert words(capture)[0] == ("pie", "bois", "accepted", None)


def test_volunteers_who_contradict_each_other_wait_for_a_reviewer(
    owner: User, reviewer: User
) -> None:
    capture = make_capture(owner)
    for name, label in (("pie", "bois"), ("geai", "carton"), ("merle", "bois")):
        assert review(capture, by=trusted(name, second=True), label=label).open
    assert review(capture, by=reviewer, label="bois").truth == "bois"


def test_a_volunteer_neither_rejects_nor_chooses_canaries(owner: User) -> None:
    capture = make_capture(owner, label="verre")
    pie = trusted("pie", second=True)
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
    judge = trusted("chouette", second=second)
    for purpose in TEACHES:
        judge.consents.create(purpose=purpose, granted=True, text_version="2026-11")
    capture = make_capture(judge, label="verre")
    with pytest.raises(NotYours):
        review(capture, by=judge, label="verre")
    assert queue("waste", judge) == []


def test_who_left_the_team_no_longer_counts_as_a_second_person(owner: User) -> None:
    capture = make_capture(owner)
    pie, geai = (trusted(name, second=True) for name in ("pie", "geai"))
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
    assert review(capture, by=trusted("hulotte"), label=label) == first
    assert list(capture.corrections.values()) == before


@pytest.mark.parametrize("late", ["plastique", None])
def test_of_two_reviewers_the_first_decides_and_the_second_is_told(
    owner: User, reviewer: User, late: str | None
) -> None:
    capture = make_capture(owner, label="verre")
    stale = Capture.objects.get(pk=capture.pk)
    review(capture, by=reviewer, label="verre")
    with pytest.raises(NotOpen):
        review(stale, by=trusted("hulotte"), label=late)
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
    pie, geai = (trusted(name, second=True) for name in ("pie", "geai"))
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


# --- the queue


def order(looks: list[Entry], **named: Capture) -> list[str]:
    """Names of captures in the order they are shown."""
    name_of = {capture.pk: name for name, capture in named.items()}
    return [name_of[look.capture] for look in looks if look.capture in name_of]


def test_disagreement_comes_before_doubt_and_doubt_before_the_rest(
    reviewer: User, champion: ModelVersion
) -> None:
    people = iter(make_user(f"p{n}", consents=TEACHES) for n in range(4))
    agreed = make_capture(next(people), label="verre")
    doubt = make_capture(next(people), label="verre")
    clash = make_capture(next(people), label="metal")
    between = make_capture(next(people))
    for capture, score in ((agreed, 0.95), (doubt, 0.4), (clash, 0.95)):
        make_prediction(capture, champion, "verre", score=score)
    make_prediction(between, champion, "verre", score=0.95)
    make_prediction(between, champion, "bois", score=0.95, origin="device")
    shown = order(
        queue("waste", reviewer), agreed=agreed, doubt=doubt, clash=clash, between=between
    )
    assert shown == ["clash", "between", "doubt", "agreed"]


def test_a_rare_label_comes_before_a_common_one(reviewer: User) -> None:
    people = [make_user(f"p{n}", consents=TEACHES) for n in range(4)]
    for person in people[:2]:
        review(make_capture(person, label="verre"), by=reviewer, label="verre")
    common, rare = make_capture(people[2], label="verre"), make_capture(people[3], label="cuir")
    assert order(queue("waste", reviewer), common=common, rare=rare) == ["rare", "common"]


def test_each_part_of_a_value_is_bounded(
    owner: User, reviewer: User, champion: ModelVersion
) -> None:
    capture = make_capture(owner, label="verre")
    for origin, label in (("server", "bois"), ("device", "metal")):
        make_prediction(capture, champion, label, score=0.0, origin=origin)
    for name in ("pie", "geai"):
        review(capture, by=trusted(name, second=True), label="cuir")
    (look,) = queue("waste", reviewer)
    assert (look.disagreement, look.doubt, look.rarity) == (1.0, 1.0, 0.0)
    assert 0 <= look.value <= 1


def test_a_loud_person_does_not_fill_the_top(reviewer: User, champion: ModelVersion) -> None:
    loud = make_user("coucou", consents=TEACHES)
    for _ in range(60):
        make_prediction(make_capture(loud, label="metal"), champion, "verre", score=0.0)
    quiet = [make_user(f"p{n}", consents=TEACHES) for n in range(5)]
    for person in quiet:
        make_prediction(make_capture(person, label="verre"), champion, "verre", score=0.4)
    top = [look.capture for look in queue("waste", reviewer)[:10]]
    people = Capture.objects.filter(pk__in=top).values_list("user__pseudonym", flat=True)
    assert set(people) == {"coucou", *(person.pseudonym for person in quiet)}


def test_near_duplicates_of_one_claim_are_one_look(owner: User, reviewer: User) -> None:
    other = make_user("merle", consents=TEACHES)
    first = make_capture(owner, label="verre", phash=ALIKE)
    near = make_capture(other, label="verre", phash="f0f0f0f0f0f0f0ff")  # 4 bits
    far = make_capture(owner, label="verre", phash="f0f0f0f0f0f0f1ff")  # 5 bits
    other_claim = make_capture(other, label="metal", phash=ALIKE)
    unsaid = make_capture(other, phash=ALIKE)
    sound = [make_capture(owner, label="verre") for _ in range(2)]
    looks = {look.capture: set(look.twins) for look in queue("waste", reviewer)}
    heap = {first.pk, near.pk}
    (head,) = heap & set(looks)
    assert looks[head] == heap - {head}
    for alone in (far, other_claim, unsaid, *sound):
        assert looks[alone.pk] == set()


def test_near_is_near_the_one_that_is_shown_not_a_neighbours_neighbour(
    owner: User, reviewer: User
) -> None:
    start = timezone.now() - timedelta(days=1)
    for n, phash in enumerate(("0" * 16, "0" * 15 + "f", "0" * 14 + "ff")):
        make_capture(owner, phash=phash, received_at=start + timedelta(minutes=n))
    assert sorted(len(look.twins) for look in queue("waste", reviewer)) == [0, 1]


def test_a_flood_of_duplicates_is_decided_in_heaps_that_can_be_seen(
    owner: User, reviewer: User
) -> None:
    for _ in range(2 * TOGETHER + 1):
        make_capture(owner, label="verre", phash=ALIKE)
    sizes = [1 + len(look.twins) for look in queue("waste", reviewer)]
    assert sorted(sizes) == [1, TOGETHER, TOGETHER]


def test_what_a_volunteer_said_leaves_their_queue_and_nobody_elses(
    owner: User, reviewer: User
) -> None:
    make_capture(owner, label="verre")
    (look,) = queue("waste", reviewer)
    pie = trusted("pie", second=True)
    review(Capture.objects.get(pk=look.capture), by=pie, label="metal")
    assert queue("waste", pie) == []
    assert [entry.capture for entry in queue("waste", reviewer)] == [look.capture]


def test_the_queue_takes_as_many_queries_for_many_as_for_one(
    owner: User, reviewer: User, champion: ModelVersion
) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            queue("waste", reviewer)
        return len(queries)

    make_prediction(make_capture(owner, label="verre"), champion, "verre")
    count()  # what the reviewer may do is looked up once
    one = count()
    for _ in range(20):
        make_prediction(make_capture(owner, label="metal"), champion, "verre")
    assert count() == one


# --- who is let in


def test_somebody_is_let_in_by_a_command_that_may_be_repeated() -> None:
    first = trusted("chouette")
    call_command("grant_review", "chouette", stdout=StringIO())
    again = User.objects.get(pseudonym="chouette")
    assert first.is_staff and list(again.groups.values_list("name", flat=True)) == ["Relecteurs"]
    assert again.has_perm("recognition.review_correction")
    assert not trusted("pie", second=True).has_perm("recognition.review_correction")
    with pytest.raises(CommandError, match="nobody"):
        call_command("grant_review", "personne")
