"""captures/ of sounds: kept as FLAC, asked, corrected, played to reviewers, erased like photos."""

from pathlib import Path
from uuid import uuid4

import pytest
from django.test import Client

from backend.accounts.models import User
from backend.recognition import desk
from backend.recognition.models import Capture
from backend.recognition.services import install_bundle
from ml.phash import distance
from ml.sound import decode_sound
from ml.task import TASKS
from tests.backend.recognition.sending import client_of, put_capture, put_correction, stored, url_of
from tests.factories import SEEDS, make_bundle, make_photo, make_reviewer, make_user
from tests.sounds import make_sound, make_tune

pytestmark = pytest.mark.django_db
SOUNDS = pytest.mark.parametrize("task", ["genre", "emotion"])


def wav(seed: int = 1) -> bytes:
    return make_sound(samples=make_tune(4, seed=seed))


@SOUNDS
def test_a_sound_is_kept_and_given_back(phone: Client, task: str) -> None:
    number = uuid4()
    assert put_capture(phone, number, wav(), task=task).status_code == 201
    assert put_capture(phone, number, wav(), task=task).status_code == 200
    assert put_capture(phone, number, wav(2), task=task).json()["type"] == "/problems/id-taken"
    shown = phone.get(url_of(number)).json()
    assert (shown["task"], shown["media_type"], shown["state"]) == (task, "audio/flac", "received")
    file = phone.get(shown["url"])
    assert file.headers["Content-Type"] == "audio/flac"
    kept = b"".join(file.streaming_content)  # type: ignore[attr-defined]
    assert len(decode_sound(kept, sample_rate=16_000)) == 4 * 16_000
    assert Capture.objects.get(pk=number).duration_s == 4
    assert phone.delete(url_of(number)).status_code == 204


@SOUNDS
def test_without_consent_nothing_is_kept_of_a_voice(db: None, task: str) -> None:
    refused = put_capture(client_of(make_user("merle")), data=wav(), task=task)
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/consent-required")
    assert stored() == []


def test_what_is_no_sound_is_not_kept(phone: Client) -> None:
    for data, slug in (
        (make_photo(), "unsupported-sound"),
        (b"", "undecodable-sound"),
        (make_sound(seconds=0.5), "too-short-sound"),
        (make_sound("wav 8 bit", rate=8_000, seconds=121), "too-large"),
    ):
        refused = put_capture(phone, data=data, task="genre")
        assert refused.json()["type"] == f"/problems/{slug}"
    assert stored() == [] and not Capture.objects.exists()


def test_a_photo_of_sixteen_megabytes_is_refused_though_a_sound_may_have_them(
    phone: Client,
) -> None:
    refused = put_capture(phone, data=make_photo() + bytes(16_000_000), task="waste")
    assert (refused.status_code, refused.json()["type"]) == (413, "/problems/too-large")


def test_its_engines_are_asked_and_its_owner_corrects_them(phone: Client, tmp_path: Path) -> None:
    seed = SEEDS / "genre" / "net"
    install_bundle(make_bundle(tmp_path, seed=seed, threshold=0.0, presence=1e-6).folder)
    number = uuid4()
    body = put_capture(phone, number, wav(), task="genre").json()
    (said,) = body["predictions"]
    assert (said["origin"], said["engine"]) == ("server", "net")
    assert said["label"] in TASKS["genre"].labels
    assert put_correction(phone, number, "jazz").status_code == 201
    assert put_correction(phone, number, "verre").status_code == 400
    assert phone.get(url_of(number)).json()["correction"]["label"] == "jazz"


def test_sounds_have_prints_and_only_the_same_are_alike(phone: Client) -> None:
    for seed in (1, 2):
        put_capture(phone, data=wav(seed), task="genre")
    put_capture(phone, data=make_sound("mp3", make_tune(4, seed=1)), task="genre")
    first, second, again = Capture.objects.order_by("received_at").values_list("phash", flat=True)
    assert distance(first, again) <= 4 < 8 < distance(first, second)


@SOUNDS
def test_reviewers_hear_it_and_decide_by_the_labels_of_its_task(phone: Client, task: str) -> None:
    User.objects.get().consents.create(purpose="train", granted=True, text_version="2026-11")
    number = uuid4()
    put_capture(phone, number, wav(), task=task)
    label = TASKS[task].labels[2]
    put_correction(phone, number, label)
    desk_of = client_of(make_reviewer("relectrice"))
    page = desk_of.get(f"/admin/recognition/capture/?task={task}").content.decode()
    assert "<audio controls" in page and 'data-one="son"' in page
    assert all(f'data-label="{code}"' in page for code in TASKS[task].labels)
    assert [code for _, code, _ in desk.keys_of(TASKS[task])] == list(TASKS[task].labels)
    items = desk_of.get(f"/admin/recognition/capture/items/?task={task}").json()["items"]
    assert [(item["id"], item["owners"]) for item in items] == [(str(number), label)]
    assert desk_of.get(items[0]["url"]).headers["Content-Type"] == "audio/flac"
    decided = desk_of.post(
        "/admin/recognition/capture/decide/",
        {"decisions": [{"id": str(number), "label": label}]},
        content_type="application/json",
    )
    assert decided.json()["results"] == [{"id": str(number), "truth": label, "open": False}]
