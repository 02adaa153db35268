"""/predict_svm and /predict_vgg: what clients of the earlier services send, and read."""

import base64
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from backend.recognition.services import install_bundle
from ml.task import GENRE
from tests.factories import SEEDS
from tests.sounds import make_sound

DOORS = {"/predict_svm": "svm", "/predict_vgg": "vgg19"}


@pytest.fixture(params=DOORS)
def door(db: None, request: pytest.FixtureRequest) -> str:
    address = str(request.param)
    install_bundle(SEEDS / "genre" / DOORS[address])
    return address


def post(client: Client, door: str, told: object) -> Any:
    """As the earlier services' own tests do."""
    return client.post(door, data=json.dumps(told), content_type="application/json")


def coded(data: bytes) -> str:
    return base64.b64encode(data).decode("utf-8")


def test_base64_gets_a_genre(door: str) -> None:
    client = Client(enforce_csrf_checks=True)
    response = post(client, door, {"wav_music": coded(make_sound(rate=22_050))})
    assert response.status_code == 200
    assert set(response.json()) == {"genre"}
    assert response.json()["genre"] in GENRE.labels
    assert not client.cookies


@pytest.mark.parametrize("field", ["audio", "musicFile"])
def test_a_form_gets_the_same_genre(client: Client, door: str, field: str) -> None:
    sound = make_sound("mp3", rate=44_100)
    form = client.post(door, {field: SimpleUploadedFile("music.mp3", sound)})
    assert form.status_code == 200
    as_url = f"data:audio/mpeg;base64,{coded(sound)}"
    assert form.json() == post(client, door, {"wav_music": as_url}).json()


@pytest.mark.parametrize("told", [{}, {"wav_music": ""}, {"wav_music": None}, [], "text"])
def test_without_a_file_it_says_so(client: Client, door: str, told: object) -> None:
    response = post(client, door, told)
    assert (response.status_code, response.json()) == (
        400,
        {"error": "Aucun fichier audio fourni"},
    )


def test_a_form_without_a_file_says_the_same(client: Client, door: str) -> None:
    response = client.post(door, {"wav": SimpleUploadedFile("a.wav", make_sound())})
    assert (response.status_code, response.json()["error"]) == (400, "Aucun fichier audio fourni")


@pytest.mark.parametrize(
    "music",
    ["invalid_base64", coded(b"invalid data"), coded(b""), coded(make_sound()[:44]), 7, ["x"]],
)
def test_what_is_no_music_is_422(client: Client, door: str, music: object) -> None:
    response = post(client, door, {"wav_music": music})
    assert response.status_code == (400 if music == "" else 422)
    assert set(response.json()) == {"error"}
    assert response.json()["error"]


def test_what_is_no_json_is_400(client: Client, door: str) -> None:
    response = client.post(door, b"{", content_type="application/json")
    assert (response.status_code, set(response.json())) == (400, {"error"})


@pytest.mark.parametrize("size", [26_000_000, 36_000_000])
def test_what_is_too_large_is_413(client: Client, door: str, size: int) -> None:
    as_json = post(client, door, {"wav_music": "A" * (size * 4 // 3)})
    form = client.post(door, {"audio": SimpleUploadedFile("a.wav", bytes(size))})
    assert (as_json.status_code, form.status_code) == (413, 413)
    assert set(as_json.json()) == set(form.json()) == {"error"}


def test_without_a_model_it_is_503(client: Client, db: None) -> None:
    response = post(client, "/predict_svm", {"wav_music": coded(make_sound())})
    assert (response.status_code, set(response.json())) == (503, {"error"})
    assert response.headers["Retry-After"]


@pytest.mark.parametrize("door", DOORS)
def test_other_verbs_are_refused(client: Client, door: str) -> None:
    assert client.get(door).status_code == 405
