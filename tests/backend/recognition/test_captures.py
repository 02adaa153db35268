"""captures/: what a person may send, see and erase, and what everybody else may not."""

import json
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from backend.accounts.models import User
from backend.accounts.services import give_consent, withdraw_consent
from backend.recognition import champions
from backend.recognition.captures_api import CaptureThrottle
from backend.recognition.models import Capture, ModelVersion, Prediction
from backend.recognition.services import install_bundle
from ml.decode import decode_image
from ml.phash import phash
from tests.backend.recognition.sending import (
    client_of,
    put_capture,
    put_correction,
    stored,
    url_of,
)
from tests.factories import (
    make_animation,
    make_bundle,
    make_capture,
    make_photo,
    make_png_bomb,
    make_user,
)

pytestmark = pytest.mark.django_db


def is_problem(response: Any, status: int, slug: str) -> None:
    assert (response.status_code, response.json()["type"]) == (status, f"/problems/{slug}")


def answer_of(version: ModelVersion, **changes: Any) -> str:
    """What a phone that runs this model says."""
    top = [{"label": "verre", "score": 0.7}, {"label": "metal", "score": 0.2}]
    said = {"sha256": version.sha256, "label": "verre", "score": 0.7, "top": top}
    return json.dumps({**said, "latency_ms": 68.0, **changes})


def test_a_capture_is_kept_and_told(phone: Client, champion: ModelVersion) -> None:
    capture_id, now = uuid4(), timezone.now()
    place = {"department": "33", "territory": "bordeaux-metropole"}
    response = put_capture(
        phone,
        capture_id,
        captured_at="2026-11-20T08:30:00+01:00",
        device_answer=answer_of(champion),
        **place,
    )
    assert response.status_code == 201
    told = response.json()
    assert told == phone.get(url_of(capture_id)).json()
    capture = Capture.objects.get()
    assert {key: told[key] for key in ("id", "task", "media_type", "size_bytes", "sha256")} == {
        "id": str(capture_id),
        "task": "waste",
        "media_type": "image/jpeg",
        "size_bytes": capture.file.size,
        "sha256": capture.sha256,
    }
    assert (told["department"], told["territory"]) == ("33", "bordeaux-metropole")
    assert (told["state"], told["snapshot"], told["correction"]) == ("received", None, None)
    assert parse_datetime(told["captured_at"]) == parse_datetime("2026-11-20T07:30:00Z")
    received = parse_datetime(told["received_at"])
    assert received is not None
    assert now <= received <= timezone.now()
    by_origin = {prediction.pop("origin"): prediction for prediction in told["predictions"]}
    assert set(by_origin) == {"device", "server"}
    device = by_origin["device"]
    assert (device["engine"], device["version"]) == ("net", champion.version)
    assert (device["label"], device["score"], device["latency_ms"]) == ("verre", 0.7, 68.0)
    assert [ranked["label"] for ranked in device["top"]] == ["verre", "metal"]
    assert len(by_origin["server"]["top"]) == 3


def test_the_same_again_is_the_same_capture(phone: Client, champion: ModelVersion) -> None:
    capture_id, photo = uuid4(), make_photo()
    first = put_capture(phone, capture_id, photo)
    again = put_capture(phone, capture_id, photo, device_answer=answer_of(champion))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert len(stored()) == Capture.objects.count() == Prediction.objects.count() == 1


def test_other_bytes_under_a_known_id_are_refused(phone: Client) -> None:
    capture_id = uuid4()
    kept = put_capture(phone, capture_id, make_photo(seed=1)).json()
    is_problem(put_capture(phone, capture_id, make_photo(seed=2)), 409, "id-taken")
    # The bytes as sent decide: the same pixels in another file are another file.
    is_problem(put_capture(phone, capture_id, make_photo("PNG", seed=1)), 409, "id-taken")
    assert phone.get(url_of(capture_id)).json() == kept
    assert len(stored()) == 1


def test_an_id_of_somebody_else_is_taken_and_tells_nothing(phone: Client) -> None:
    capture_id, photo = uuid4(), make_photo()
    put_capture(client_of(make_user("pie", consents=["store"])), capture_id, photo)
    same, other = put_capture(phone, capture_id, photo), put_capture(phone, capture_id, b"other")
    is_problem(same, 409, "id-taken")
    assert same.json() == other.json()
    assert "pie" not in same.content.decode()
    assert not Capture.objects.exclude(user__pseudonym="pie").exists()


def test_a_file_that_was_lost_comes_back_with_the_next_upload(phone: Client) -> None:
    capture_id, photo = uuid4(), make_photo()
    put_capture(phone, capture_id, photo)
    (path,) = stored()
    kept = path.read_bytes()
    path.unlink()
    assert phone.get(f"{url_of(capture_id)}file/").status_code == 404
    assert put_capture(phone, capture_id, photo).status_code == 200
    assert path.read_bytes() == kept


def test_without_a_session_or_a_yes_nothing_is_kept(client: Client, person: User) -> None:
    is_problem(put_capture(client), 403, "consent-required")
    is_problem(put_capture(client_of(make_user("pie"))), 403, "consent-required")
    phone, capture_id = client_of(person), uuid4()
    withdraw_consent(person, "store")
    is_problem(put_capture(phone, capture_id), 403, "consent-required")
    assert stored() == []
    give_consent(person, "store")
    assert put_capture(phone, capture_id).status_code == 201


@pytest.mark.parametrize("path", ["", "file/"])
def test_what_is_kept_is_asked_for_with_a_session(client: Client, path: str) -> None:
    is_problem(client.get(url_of(uuid4()) + path), 403, "no-session")
    is_problem(client.get("/api/captures/"), 403, "no-session")
    is_problem(client.delete(url_of(uuid4())), 403, "no-session")
    is_problem(put_correction(client, uuid4(), "verre"), 403, "no-session")


def test_a_write_needs_the_csrf_token() -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.post("/api/session/", {}, content_type="application/json")
    token = {"X-CSRFToken": strict.cookies["csrftoken"].value}
    yes = {"granted": True}
    consent = "/api/me/consents/store/"
    strict.put(consent, yes, content_type="application/json", headers=token)
    capture_id = uuid4()
    is_problem(put_capture(strict, capture_id), 403, "forbidden")
    is_problem(put_correction(strict, capture_id, "verre"), 403, "forbidden")
    is_problem(strict.delete(url_of(capture_id)), 403, "forbidden")
    is_problem(strict.delete("/api/captures/"), 403, "forbidden")
    assert not Capture.objects.exists()
    strict.defaults["HTTP_X_CSRFTOKEN"] = token["X-CSRFToken"]
    assert put_capture(strict, capture_id).status_code == 201


@pytest.mark.parametrize(
    ("data", "status", "slug"),
    [
        pytest.param(lambda: b"", 422, "undecodable-image", id="0 bytes"),
        pytest.param(lambda: b"Bonjour.\n" * 50, 415, "unsupported-image", id="text"),
        pytest.param(lambda: make_photo()[:3000], 422, "undecodable-image", id="truncated JPEG"),
        pytest.param(make_png_bomb, 413, "too-large", id="PNG bomb"),
        pytest.param(lambda: bytes(15_000_001), 413, "too-large", id="15 MB and a byte"),
        pytest.param(lambda: make_photo("BMP"), 415, "unsupported-image", id="BMP"),
        pytest.param(lambda: b"%PDF-1.7\n" + make_photo(), 415, "unsupported-image", id="PDF"),
    ],
)
def test_what_is_no_photo_is_refused_by_name(
    phone: Client, data: Callable[[], bytes], status: int, slug: str
) -> None:
    is_problem(put_capture(phone, data=data()), status, slug)
    assert stored() == []
    assert not Capture.objects.exists()


@pytest.mark.parametrize(
    "photo",
    [
        pytest.param(lambda: make_photo("PNG"), id="png"),
        pytest.param(lambda: make_photo("WEBP"), id="webp"),
        pytest.param(lambda: make_photo("HEIF"), id="heic"),
        pytest.param(lambda: make_animation(5), id="animation"),
        pytest.param(lambda: make_photo(size=(1, 1)), id="one pixel"),
    ],
)
def test_every_kind_of_photo_is_kept_as_a_jpeg(phone: Client, photo: Callable[[], bytes]) -> None:
    assert put_capture(phone, data=photo()).status_code == 201
    (path,) = stored()
    assert path.suffix == ".jpg"
    assert path.read_bytes()[:3] == b"\xff\xd8\xff"


@pytest.mark.parametrize(
    ("fields", "status", "slug", "pointer"),
    [
        ({"task": "poetry"}, 400, "malformed", "/task"),
        ({"department": "99"}, 404, "unknown-department", None),
        ({"department": "35", "territory": "bordeaux-metropole"}, 404, "unknown-territory", None),
        ({"department": "3\0"}, 400, "malformed", "/department"),
        ({"captured_at": "yesterday"}, 400, "malformed", "/captured_at"),
        ({"captured_at": ""}, 400, "malformed", "/captured_at"),
        ({"captured_at": "2026-11-20T08:30:00"}, 400, "malformed", "/captured_at"),
        ({"captured_at": "1999-12-31T23:59:59Z"}, 400, "malformed", "/captured_at"),
        ({"captured_at": "0001-01-01T00:00:00+14:00"}, 400, "malformed", "/captured_at"),
        ({"captured_at": "9999-12-31T23:59:59Z"}, 400, "malformed", "/captured_at"),
    ],
)
def test_a_wrong_field_is_refused_by_name(
    phone: Client, fields: dict[str, str], status: int, slug: str, pointer: str | None
) -> None:
    response = put_capture(phone, **fields)
    is_problem(response, status, slug)
    assert [fault["pointer"] for fault in response.json().get("errors", [])] == [
        *([pointer] if pointer else [])
    ]
    assert stored() == []


@pytest.mark.parametrize(("ahead", "status"), [(23, 201), (25, 400)])
def test_a_phone_s_clock_may_be_a_day_ahead(phone: Client, ahead: int, status: int) -> None:
    then = timezone.now() + timedelta(hours=ahead)
    assert put_capture(phone, captured_at=then.isoformat()).status_code == status


def test_an_id_that_is_none_does_not_exist(phone: Client) -> None:
    is_problem(phone.get("/api/captures/1/"), 404, "not-found")


@pytest.mark.parametrize(
    "changes",
    [
        {"label": "or"},
        {"label": ""},
        {"score": 2},
        {"score": -0.1},
        {"score": float("nan")},
        {"score": "nan"},
        {"score": float("inf")},
        {"score": None},
        {"top": [{"label": "verre", "score": "nan"}]},
        {"top": [{"label": "or", "score": 0.1}]},
        {"top": [{"label": "verre", "score": 0.1}] * 4},
        {"top": [{"label": "verre", "score": 0.1}] * 10_000},
        {"top": {"label": "verre"}},
        {"top": None},
        {"latency_ms": -1},
        {"latency_ms": "Infinity"},
        {"sha256": "0" * 63},
        {"sha256": None},
    ],
)
def test_an_answer_no_model_gives_is_refused(
    phone: Client, champion: ModelVersion, changes: dict[str, Any]
) -> None:
    response = put_capture(phone, device_answer=answer_of(champion, **changes))
    is_problem(response, 400, "malformed")
    assert response.json()["errors"][0]["pointer"].startswith("/device_answer")
    assert not Prediction.objects.exists()


@pytest.mark.parametrize("text", ["verre", "[]", "3", "null", "{", "[" * 1999, '"\\ud800"'])
def test_an_answer_that_is_no_object_is_refused(phone: Client, text: str) -> None:
    is_problem(put_capture(phone, device_answer=text), 400, "malformed")


@pytest.mark.parametrize("changes", [{"sha256": "0" * 64}, {"sha256": "f" * 64, "label": None}])
def test_an_answer_of_an_unknown_model_is_not_kept(
    phone: Client, champion: ModelVersion, changes: dict[str, Any]
) -> None:
    response = put_capture(phone, device_answer=answer_of(champion, **changes))
    assert response.status_code == 201
    assert [said["origin"] for said in response.json()["predictions"]] == ["server"]


def test_an_unsure_phone_is_kept_as_unsure(phone: Client, champion: ModelVersion) -> None:
    said = put_capture(phone, device_answer=answer_of(champion, label=None, latency_ms=None)).json()
    assert (said["predictions"][0]["label"], said["predictions"][0]["latency_ms"]) == (None, None)


def test_a_busy_engine_or_none_does_not_lose_the_capture(
    phone: Client, champion: ModelVersion, settings: Any
) -> None:
    capture_id = uuid4()
    with champions.champion("waste", "net"):
        settings.ENGINE_WAIT_S = 0.05
        response = put_capture(phone, capture_id)
    assert (response.status_code, response.json()["predictions"]) == (201, [])
    assert phone.get(url_of(capture_id)).json()["predictions"] == []
    again = put_capture(phone, capture_id)
    assert (again.status_code, len(again.json()["predictions"])) == (200, 1)


def test_without_a_model_a_capture_is_kept(phone: Client) -> None:
    response = put_capture(phone)
    assert (response.status_code, response.json()["predictions"]) == (201, [])


def test_each_champion_is_asked_once(phone: Client, champion: ModelVersion, tmp_path: Path) -> None:
    capture_id = uuid4()
    put_capture(phone, capture_id)
    install_bundle(make_bundle(tmp_path, version="2030.2.1").folder)
    put_capture(phone, capture_id)
    told = put_capture(phone, capture_id).json()["predictions"]
    assert [said["version"] for said in told] == ["2030.2.1", champion.version]


def test_another_s_captures_are_not_there(phone: Client) -> None:
    pie = client_of(make_user("pie", consents=["store"]))
    capture_id = uuid4()
    put_capture(pie, capture_id)
    for path in ("", "file/"):
        is_problem(phone.get(url_of(capture_id) + path), 404, "not-found")
    is_problem(put_correction(phone, capture_id, "verre"), 404, "not-found")
    assert phone.delete(url_of(capture_id)).status_code == 204
    assert phone.delete(f"{url_of(capture_id)}correction/").status_code == 204
    assert phone.delete("/api/captures/").status_code == 204
    assert phone.get("/api/captures/").json()["results"] == []
    assert pie.get(url_of(capture_id)).status_code == 200


def test_the_kept_file_is_served_to_its_owner(phone: Client) -> None:
    told = put_capture(phone).json()
    response = phone.get(told["url"])
    body = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    assert body == stored()[0].read_bytes()
    assert response.headers["Content-Type"] == "image/jpeg"
    assert response.headers["Content-Disposition"] == f'attachment; filename="{told["id"]}.jpg"'
    assert "private" in response.headers["Cache-Control"]
    assert "immutable" in response.headers["Cache-Control"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert told["id"] not in stored()[0].name


@pytest.mark.parametrize("right", ["review_correction", "second_correction", None])
def test_a_reviewer_sees_a_file_only_while_its_owner_teaches(
    phone: Client, person: User, right: str | None
) -> None:
    reviewer = make_user("pie", is_staff=True)
    if right:
        reviewer.user_permissions.add(Permission.objects.get(codename=right))
    desk, url = client_of(reviewer), put_capture(phone).json()["url"]
    assert desk.get(url).status_code == 404
    give_consent(person, "train")
    assert desk.get(url).status_code == (200 if right else 404)
    # What they may look at is still not theirs.
    assert desk.get(url.removesuffix("file/")).status_code == 404
    withdraw_consent(person, "train")
    assert desk.get(url).status_code == 404


def test_the_right_alone_does_not_open_the_desk(phone: Client, person: User) -> None:
    visitor = make_user("pie")
    visitor.user_permissions.add(Permission.objects.get(codename="review_correction"))
    give_consent(person, "train")
    assert client_of(visitor).get(put_capture(phone).json()["url"]).status_code == 404


def test_captures_are_listed_newest_first_in_pages(phone: Client, person: User) -> None:
    start = timezone.now()
    # Two of the same moment stand on either side of a page's end.
    times = [start + timedelta(seconds=min(n, 50)) for n in range(52)]
    made = [make_capture(person, received_at=time) for time in times]
    first = phone.get("/api/captures/").json()
    assert (len(first["results"]), first["previous"]) == (50, None)
    second = phone.get(first["next"]).json()
    assert (len(second["results"]), second["next"]) == (2, None)
    listed = first["results"] + second["results"]
    assert {UUID(told["id"]) for told in listed} == {capture.pk for capture in made}
    received = [told["received_at"] for told in listed]
    assert received == sorted(received, reverse=True)
    assert phone.get(second["previous"]).json()["results"] == first["results"]
    is_problem(phone.get("/api/captures/?cursor=nonsense"), 404, "not-found")


def test_a_hundred_captures_cost_no_more_queries_than_one(
    phone: Client,
    person: User,
    champion: ModelVersion,
    django_assert_max_num_queries: Callable[[int], Any],
) -> None:
    for _ in range(40):
        capture = make_capture(person, label="verre")
        capture.predictions.create(
            model_version=champion, origin="device", label="verre", score=1, scores=[]
        )
    # The session, the person; captures, predictions, their models, corrections.
    with django_assert_max_num_queries(6):
        assert len(phone.get("/api/captures/").json()["results"]) == 40
    with django_assert_max_num_queries(6):
        assert phone.get(url_of(capture.pk)).json()["state"] == "corrected"


def test_one_is_deleted_and_again_and_then_all(
    phone: Client, django_capture_on_commit_callbacks: Any
) -> None:
    ids = [uuid4() for _ in range(3)]
    for capture_id in ids:
        put_capture(phone, capture_id)
        put_correction(phone, capture_id, "verre")
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            assert phone.delete(url_of(ids[0])).status_code == 204
        assert len(stored()) == 2
    assert phone.get(url_of(ids[0])).status_code == 404
    with django_capture_on_commit_callbacks(execute=True):
        assert phone.delete("/api/captures/").status_code == 204
    assert (stored(), Capture.objects.count()) == ([], 0)
    assert phone.get("/api/captures/").json()["results"] == []


def test_erasing_needs_no_consent(phone: Client, person: User) -> None:
    capture_id = uuid4()
    put_capture(phone, capture_id)
    withdraw_consent(person, "store")
    assert phone.get(url_of(capture_id)).status_code == 200
    assert phone.delete(f"{url_of(capture_id)}correction/").status_code == 204
    assert phone.delete(url_of(capture_id)).status_code == 204
    assert not Capture.objects.exists()


def test_a_day_has_its_quota_whatever_the_address(phone: Client, settings: Any) -> None:
    settings.CAPTURES_PER_DAY = 2
    ids = [uuid4() for _ in range(3)]
    for capture_id in ids[:2]:
        assert put_capture(phone, capture_id).status_code == 201
    phone.defaults.update(HTTP_X_FORWARDED_FOR="10.0.0.9", REMOTE_ADDR="10.0.0.9")
    refused = put_capture(phone, ids[2])
    is_problem(refused, 429, "throttled")
    assert 86_000 < int(refused.headers["Retry-After"]) <= 86_400
    assert len(stored()) == 2
    assert put_capture(phone, ids[0]).status_code == 200  # what is kept may be repeated
    pie = client_of(make_user("pie", consents=["store"]))
    assert put_capture(pie).status_code == 201
    Capture.objects.filter(pk=ids[0]).update(received_at=timezone.now() - timedelta(days=1))
    assert put_capture(phone, ids[2]).status_code == 201


def test_haste_is_told_to_wait(phone: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CaptureThrottle, "THROTTLE_RATES", {"captures": "2/min"})
    answers = [phone.get("/api/captures/") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[-1].headers["Retry-After"]) >= 1
    pie = client_of(make_user("pie"))
    assert pie.get("/api/captures/").status_code == 200


def test_the_stored_file_is_what_its_row_says(phone: Client) -> None:
    photo = make_photo(size=(1600, 1200))
    put_capture(phone, data=photo)
    capture, kept = Capture.objects.get(), stored()[0].read_bytes()
    assert capture.sha256 == sha256(kept).hexdigest()
    assert capture.sent_sha256 == sha256(photo).hexdigest()
    assert capture.phash == phash(decode_image(kept))
    assert capture.dataset_group == capture.user.dataset_group
