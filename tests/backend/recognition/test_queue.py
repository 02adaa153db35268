"""In which order a reviewer is asked, and what one look decides."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backend.accounts.models import User
from backend.recognition.models import Capture, ModelVersion
from backend.recognition.queue import TOGETHER, Entry, queue
from backend.recognition.review import review
from tests.factories import make_capture, make_prediction, make_reviewer, make_user

pytestmark = pytest.mark.django_db
TEACHES = ("store", "train")
ALIKE = "f0f0f0f0f0f0f0f0"


@pytest.fixture
def owner() -> User:
    return make_user("hirondelle", consents=TEACHES)


@pytest.fixture
def reviewer() -> User:
    return make_reviewer("chouette")


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
        review(capture, by=make_reviewer(name, second=True), label="cuir")
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
    pie = make_reviewer("pie", second=True)
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
