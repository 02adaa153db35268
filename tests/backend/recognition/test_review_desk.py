"""The review desk through HTTP: who gets in, what it shows, what its verbs do and refuse."""

import re
from html.parser import HTMLParser
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from backend.accounts.models import User
from backend.recognition.models import Capture, ModelVersion
from ml.task import TASKS
from tests.factories import make_capture, make_photo, make_prediction, make_reviewer, make_user

pytestmark = pytest.mark.django_db
DESK = "/admin/recognition/capture/"
TEACHES = ("store", "train")


def enter(pseudonym: str, *, second: bool = False) -> Client:
    """A browser in which somebody who may review, or second, is logged in."""
    client = Client()
    client.force_login(make_reviewer(pseudonym, second=second))
    return client


@pytest.fixture
def reviewer() -> Client:
    return enter("chouette")


@pytest.fixture
def volunteer() -> Client:
    return enter("pie", second=True)


@pytest.fixture
def owner() -> User:
    return make_user("hirondelle", consents=TEACHES)


def post(client: Client, verb: str, body: Any) -> list[dict[str, Any]]:
    response = client.post(f"{DESK}{verb}/", body, content_type="application/json")
    assert response.status_code == 200, response.content
    results: list[dict[str, Any]] = response.json()["results"]
    return results


def decide(client: Client, *decisions: tuple[Any, str | None]) -> list[dict[str, Any]]:
    return post(client, "decide", {"decisions": [{"id": pk, "label": to} for pk, to in decisions]})


def shown(client: Client, **filters: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = client.get(f"{DESK}items/", filters).json()["items"]
    return items


# --- who gets in


@pytest.mark.parametrize("path", ["", "items/"])
def test_only_the_review_team_gets_in(
    client: Client, reviewer: Client, volunteer: Client, path: str
) -> None:
    assert client.get(DESK + path).status_code == 302
    for pseudonym, staff, status in (("passant", False, 302), ("redacteur", True, 403)):
        client.force_login(make_user(pseudonym, is_staff=staff))
        assert client.get(DESK + path).status_code == status
    for somebody in (reviewer, volunteer):
        assert somebody.get(DESK + path).status_code == 200


@pytest.mark.parametrize("verb", ["decide", "undo", "canary"])
def test_no_verb_works_from_outside(client: Client, owner: User, verb: str) -> None:
    capture = make_capture(owner, label="verre")
    body = {"decisions": [{"id": capture.pk, "label": "metal"}], "ids": [capture.pk]}
    client.force_login(make_user("redacteur", is_staff=True))
    response = client.post(f"{DESK}{verb}/", body, content_type="application/json")
    assert response.status_code == 403
    assert capture.corrections.get().status == "pending"


def test_a_decision_needs_the_token_of_the_page(reviewer: Client, owner: User) -> None:
    capture = make_capture(owner, label="verre")
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = reviewer.cookies
    body = {"decisions": [{"id": capture.pk, "label": "verre"}]}
    answer = strict.post(f"{DESK}decide/", body, content_type="application/json")
    assert answer.status_code == 403
    page = strict.get(DESK).content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token is not None
    answer = strict.post(
        f"{DESK}decide/",
        body,
        content_type="application/json",
        headers={"X-CSRFToken": token[1]},
    )
    assert answer.status_code == 200
    assert capture.corrections.get().status == "accepted"


@pytest.mark.parametrize(
    "body",
    ["", "[]", "{", '{"decisions": []}', '{"decisions": [{"id": "1", "label": null}]}', b"\xff"],
)
def test_a_body_that_says_nothing_is_refused(reviewer: Client, body: str) -> None:
    answer = reviewer.post(f"{DESK}decide/", body, content_type="application/json")
    assert answer.status_code == 400
    assert reviewer.get(f"{DESK}decide/").status_code == 400


# --- the page


class Page(HTMLParser):
    """What a strict policy forbids, and which buttons there are."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.inline: list[str] = []
        self.verbs: set[str] = set()
        self.keys: dict[str, str] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.inline += [name for name in given if name.startswith("on") or name == "style"]
        if tag == "style" or (tag == "script" and "src" not in given):
            self.inline.append(tag)
        if verb := given.get("data-do"):
            self.verbs.add(verb)
        if (key := given.get("data-key")) and (label := given.get("data-label")):
            self.keys[key] = label


def page(client: Client, **filters: Any) -> Page:
    return Page(client.get(DESK, filters).content.decode())


def test_the_page_holds_nothing_that_its_policy_forbids(reviewer: Client) -> None:
    response = reviewer.get(DESK)
    assert "script-src 'self'" in response.headers["Content-Security-Policy"]
    assert Page(response.content.decode()).inline == []


def test_every_label_has_a_key_of_its_own_and_no_key_two_meanings(reviewer: Client) -> None:
    keys = page(reviewer).keys
    assert tuple(keys.values()) == TASKS["waste"].labels
    assert not set(keys) & set("acjkortux"), "these keys do something else"


def test_a_volunteer_is_offered_what_a_volunteer_may_do(
    reviewer: Client, volunteer: Client
) -> None:
    alone = {"reject", "rejectMarked", "canary"}
    assert alone <= page(reviewer).verbs
    assert not alone & page(volunteer).verbs
    assert "reopen" in page(reviewer, state="decided").verbs


@pytest.mark.parametrize(
    "filters", [{"task": "soup"}, {"state": "lost"}, {"version": "x" * 99}, {"label": "<b>"}]
)
def test_an_address_that_says_nothing_shows_the_queue(
    reviewer: Client, owner: User, filters: dict[str, str]
) -> None:
    make_capture(owner)
    assert reviewer.get(DESK, filters).status_code == 200
    assert len(shown(reviewer, **filters, n="many")) == 1


# --- what is shown


def test_an_item_says_all_that_decides_and_not_who_sent_it(
    reviewer: Client, owner: User, champion: ModelVersion
) -> None:
    capture = make_capture(owner, label="verre", department_id="33")
    make_prediction(capture, champion, "metal", score=0.4)
    make_prediction(capture, champion, "bois", score=0.5, origin="device")
    response = reviewer.get(f"{DESK}items/")
    (item,) = response.json()["items"]
    assert (item["owners"], item["proposed"]) == ("verre", "verre")
    assert {said["label"] for said in item["predictions"]} == {"metal", "bois"}
    assert any(champion.version in said["who"] for said in item["predictions"])
    assert "Gironde" in item["department"]
    assert {"désaccord", "téléphone ≠ serveur"} <= set(item["reasons"])
    for name in ("hirondelle", str(owner.dataset_group)):
        assert name not in response.content.decode()


def test_the_photo_is_served_to_the_desk_while_its_owner_consents(
    reviewer: Client, volunteer: Client, champion: ModelVersion
) -> None:
    sender = Client()
    sender.force_login(make_user("hirondelle", consents=TEACHES))
    pk = uuid4()
    sent = {"task": "waste", "captured_at": "2026-11-24T08:30:00Z"}
    photo = SimpleUploadedFile("a.jpg", make_photo(), "image/jpeg")
    body = encode_multipart(BOUNDARY, {**sent, "file": photo})
    assert sender.put(f"/api/captures/{pk}/", body, MULTIPART_CONTENT).status_code == 201
    (item,) = shown(reviewer)
    for somebody in (reviewer, volunteer):
        assert somebody.get(item["url"]).status_code == 200
    owner = User.objects.get(pseudonym="hirondelle")
    owner.consents.create(purpose="train", granted=False, text_version="2026-11")
    assert shown(reviewer) == []
    assert reviewer.get(item["url"]).status_code == 404


def test_each_capture_stands_in_one_list_and_filters_keep_their_part(
    reviewer: Client, owner: User, champion: ModelVersion
) -> None:
    open_, decided, rejected = (make_capture(owner, label="verre") for _ in range(3))
    make_prediction(open_, champion, "metal")
    decide(reviewer, (decided.pk, "metal"), (rejected.pk, None))

    def ids(**filters: Any) -> list[str]:
        return [item["id"] for item in shown(reviewer, **filters)]

    assert ids() == ids(state="open") == [str(open_.pk)]
    assert ids(state="decided") == ids(state="decided", label="metal") == [str(decided.pk)]
    assert ids(state="rejected") == ids(state="rejected", label="verre") == [str(rejected.pk)]
    assert ids(label="verre") == ids(version=champion.pk) == [str(open_.pk)]
    assert ids(label="metal") == ids(version=champion.pk + 1) == []
    assert ids(state="decided", label="verre") == []


def test_the_first_looks_come_and_the_total_counts_all(reviewer: Client, owner: User) -> None:
    for n in range(6):
        make_capture(owner, phash=f"{n % 2 * 255:016x}")
    answer = reviewer.get(f"{DESK}items/", {"n": 1}).json()
    assert answer["total"] == 6
    assert [len(item["twins"]) for item in answer["items"]] == [2]


def test_many_items_take_as_many_queries_as_one(
    reviewer: Client, owner: User, champion: ModelVersion, django_assert_max_num_queries: Any
) -> None:
    for _ in range(15):
        make_prediction(make_capture(owner, label="verre", department_id="33"), champion, "bois")
    with django_assert_max_num_queries(16):
        assert len(shown(reviewer)) == 15


# --- what is decided


def test_a_look_decides_of_the_twins_that_were_sent_with_it(reviewer: Client, owner: User) -> None:
    for _ in range(3):
        make_capture(owner, label="verre", phash="0" * 16)
    (item,) = shown(reviewer)
    taken, left = item["twins"]
    results = decide(reviewer, (item["id"], "verre"), (taken["id"], "verre"))
    assert [result["truth"] for result in results] == ["verre", "verre"]
    assert [one["id"] for one in shown(reviewer)] == [left["id"]]


def test_one_decision_that_is_refused_does_not_hold_up_the_others(
    reviewer: Client, owner: User
) -> None:
    gone = uuid4()
    taken, good, odd = (make_capture(owner, label="verre") for _ in range(3))
    own = make_capture(User.objects.get(pseudonym="chouette"), label="verre")
    shy = make_capture(make_user("merle", consents=["store"]), label="verre")
    decide(enter("hulotte"), (taken.pk, "metal"))
    asked = [(gone, "verre"), (taken.pk, "verre"), (own.pk, "verre"), (shy.pk, "verre")]
    results = decide(reviewer, *asked, (odd.pk, "soupe"), (good.pk, "verre"))
    assert [result.get("problem") for result in results] == [
        *("gone", "not-open", "not-yours", "no-consent", "unknown-label"),
        None,
    ]
    assert all(result["detail"] for result in results[:-1])
    assert results[-1] == {"id": str(good.pk), "truth": "verre", "open": False}


def test_a_canary_is_chosen_with_the_decision_or_after_it(reviewer: Client, owner: User) -> None:
    at_once, later, refused = (make_capture(owner, label="verre") for _ in range(3))
    decisions = [
        {"id": at_once.pk, "label": "verre", "canary": True},
        {"id": later.pk, "label": "verre"},
        {"id": refused.pk, "label": None, "canary": True},
    ]
    post(reviewer, "decide", {"decisions": decisions})
    post(reviewer, "canary", {"ids": [later.pk], "canary": True})
    kept = Capture.objects.filter(is_canary=True).values_list("pk", flat=True)
    assert set(kept) == {at_once.pk, later.pk}
    post(reviewer, "canary", {"ids": [later.pk], "canary": False})
    assert Capture.objects.get(is_canary=True) == at_once


def test_what_was_decided_is_undone(reviewer: Client, owner: User) -> None:
    capture = make_capture(owner, label="verre")
    decide(reviewer, (capture.pk, "metal"))
    (result,) = post(reviewer, "undo", {"ids": [capture.pk]})
    assert result["open"]
    assert [word.status for word in capture.corrections.all()] == ["pending"]
    (again,) = post(reviewer, "undo", {"ids": [capture.pk]})
    assert again["problem"] == "not-open"


def test_a_volunteer_seconds_and_cannot_do_more_by_hand(volunteer: Client, owner: User) -> None:
    agreed, other, left = (make_capture(owner, label="verre") for _ in range(3))
    results = decide(volunteer, (agreed.pk, "verre"), (other.pk, "metal"), (left.pk, None))
    assert [result.get("truth") for result in results] == ["verre", None, None]
    assert results[-1]["problem"] == "not-yours"
    (canary,) = post(volunteer, "canary", {"ids": [agreed.pk]})
    assert canary["problem"] == "not-yours"
    assert [item["id"] for item in shown(volunteer)] == [str(left.pk)]


# --- the other lists


@pytest.mark.filterwarnings("ignore:The default scheme:DeprecationWarning")
@pytest.mark.parametrize("name", ["prediction", "correction", "promotion", "modelversion"])
def test_what_was_said_and_done_is_read_and_not_changed(
    client: Client, owner: User, reviewer: Client, champion: ModelVersion, name: str
) -> None:
    capture = make_capture(owner, label="verre")
    make_prediction(capture, champion, "verre")
    decide(reviewer, (capture.pk, "verre"))
    client.force_login(make_user("chef", is_staff=True, is_superuser=True))
    assert client.get(f"/admin/recognition/{name}/").status_code == 200
    assert client.get(f"/admin/recognition/{name}/add/").status_code == 403


def test_a_capture_is_not_changed_by_a_form(
    client: Client, owner: User, champion: ModelVersion
) -> None:
    capture = make_capture(owner, label="verre")
    client.force_login(make_user("chef", is_staff=True, is_superuser=True))
    assert client.get(f"{DESK}{capture.pk}/change/").status_code == 200
    assert client.post(f"{DESK}{capture.pk}/change/", {"task": "x"}).status_code == 403
    assert client.post(f"{DESK}{capture.pk}/delete/", {"post": "yes"}).status_code == 403
