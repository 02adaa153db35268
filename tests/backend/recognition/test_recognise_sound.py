"""POST /api/tasks/{genre,emotion}/recognise/: what a sound gets, engine by engine."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from backend.config.problems import PROBLEMS
from backend.recognition import champions
from backend.recognition.models import ModelVersion
from backend.recognition.services import install_bundle
from ml.bundle import load_bundle
from ml.task import EMOTION, GENRE, TASKS
from tests.evil_sounds import EVIL, Evil
from tests.factories import SEEDS, make_bundle, make_photo
from tests.golden.sound.make import voice
from tests.sounds import make_sound, make_tune

URL = "/api/tasks/genre/recognise/"
# What is made by script is hardly music, or a voice: so little of it has to be enough.
ANYTHING = 1e-6


def sound_for(task: str, seconds: float, **how: Any) -> bytes:
    """A tune, or what resembles a voice."""
    rate = 16_000
    if task == "genre":
        return make_sound(samples=make_tune(seconds, rate), **how)
    return make_sound(samples=voice(np.arange(int(seconds * rate)) / rate), **how)


def send(client: Client, data: bytes, *, url: str = URL, **fields: str) -> Any:
    return client.post(url, {"file": SimpleUploadedFile("sound.wav", data), **fields})


@pytest.fixture(params=["genre", "emotion"])
def net(db: None, tmp_path: Path, request: pytest.FixtureRequest) -> ModelVersion:
    """The net of each task, always sure, to which everything is music, or a voice."""
    seed = SEEDS / request.param / "net"
    made = make_bundle(tmp_path / "net", seed=seed, threshold=0.0, presence=ANYTHING)
    return install_bundle(made.folder)[0]


@pytest.fixture
def genre_net(db: None, tmp_path: Path) -> ModelVersion:
    seed = SEEDS / "genre" / "net"
    made = make_bundle(tmp_path / "net", seed=seed, threshold=0.0, presence=ANYTHING)
    return install_bundle(made.folder)[0]


def test_a_sound_gets_a_label_and_a_timeline(client: Client, net: ModelVersion) -> None:
    url = f"/api/tasks/{net.task}/recognise/"
    body = send(client, sound_for(net.task, 8.2), url=url, engine="net").json()
    assert (body["task"], body["container"]) == (net.task, None)
    (answer,) = body["answers"]
    labels = TASKS[net.task].labels
    assert (answer["engine"], answer["version"], answer["problem"]) == ("net", net.version, None)
    assert answer["label"] == answer["top"][0]["label"]
    assert {ranked["label"] for ranked in answer["top"]} <= set(labels)
    assert len(answer["top"]) == 3
    spans = [(window["start_s"], window["end_s"]) for window in answer["windows"]]
    assert spans[0][0] == 0
    assert spans[-1][1] == pytest.approx(8.2, abs=0.5 * net.card["input"]["hop"] / 16_000)
    assert all(a[0] < b[0] <= a[1] for a, b in pairwise(spans))
    assert all(len(window["top"]) == 3 for window in answer["windows"])


def test_one_engine_without_a_model_does_not_hide_the_others(
    client: Client, genre_net: ModelVersion
) -> None:
    response = send(client, make_sound())
    assert response.status_code == 200
    net, svm, vgg = response.json()["answers"]
    assert (net["engine"], net["problem"]) == ("net", None)
    for entry, engine in ((svm, "svm"), (vgg, "vgg19")):
        assert (entry["engine"], entry["problem"], entry["label"]) == (engine, "no-model", None)
        assert (entry["top"], entry["windows"], entry["unsure"]) == ([], [], True)


def test_a_broken_engine_does_not_hide_the_others(client: Client, genre_net: ModelVersion) -> None:
    broken, _ = install_bundle(SEEDS / "genre" / "vgg19")
    path = Path(broken.file.path)
    path.write_bytes(path.read_bytes() + b"\0")
    entries = {e["engine"]: e for e in send(client, make_sound()).json()["answers"]}
    assert (entries["net"]["problem"], entries["vgg19"]["problem"]) == (None, "no-model")


def test_a_busy_engine_does_not_hide_the_others(
    client: Client, genre_net: ModelVersion, settings: Any
) -> None:
    install_bundle(SEEDS / "genre" / "vgg19")
    sound = make_sound()
    assert send(client, sound).status_code == 200  # both are open
    settings.ENGINE_WAIT_S = 0.05
    with champions.champion("genre", "vgg19"):
        entries = {e["engine"]: e for e in send(client, sound).json()["answers"]}
    assert (entries["net"]["problem"], entries["vgg19"]["problem"]) == (None, "busy")


def test_an_engine_that_is_being_opened_makes_nobody_wait(
    client: Client, genre_net: ModelVersion, settings: Any
) -> None:
    settings.ENGINE_WAIT_S = 0.0
    first = send(client, make_sound(), engine="net")
    assert (first.status_code, first.json()["type"]) == (503, "/problems/busy")
    settings.ENGINE_WAIT_S = 60
    assert send(client, make_sound(), engine="net").status_code == 200


def test_where_no_engine_can_answer_the_request_fails(client: Client, db: None) -> None:
    response = send(client, make_sound())
    assert (response.status_code, response.json()["type"]) == (503, "/problems/no-model")


@pytest.mark.parametrize(
    ("task", "slug"), [(GENRE, "no-music"), (EMOTION, "no-speech")], ids=["genre", "emotion"]
)
def test_what_the_task_is_not_about_is_refused_by_name(
    client: Client, db: None, tmp_path: Path, task: Any, slug: str
) -> None:
    """A net that is never convinced of it stands for one that is right."""
    made = make_bundle(tmp_path / "net", seed=SEEDS / task.name / "net", presence=1.0)
    install_bundle(made.folder)
    response = send(client, make_sound(), url=f"/api/tasks/{task.name}/recognise/")
    assert (response.status_code, response.json()["type"]) == (422, f"/problems/{slug}")


@pytest.mark.parametrize(
    "evil", [evil for evil in EVIL if evil.slug], ids=lambda evil: str(evil.name)
)
def test_an_evil_sound_is_refused_by_name(
    client: Client, genre_net: ModelVersion, evil: Evil
) -> None:
    response = send(client, evil.make())
    problem = PROBLEMS[evil.slug or ""]
    assert (response.status_code, response.json()["type"]) == (
        problem.status,
        f"/problems/{problem.slug}",
    )
    assert 400 <= response.status_code < 500
    assert response.headers["Content-Type"] == "application/problem+json"


def test_a_photo_is_no_sound_and_a_sound_no_photo(
    client: Client, genre_net: ModelVersion, champion: ModelVersion
) -> None:
    photo = send(client, make_photo())
    assert (photo.status_code, photo.json()["type"]) == (415, "/problems/unsupported-sound")
    sound = send(client, make_sound(), url="/api/tasks/waste/recognise/")
    assert (sound.status_code, sound.json()["type"]) == (415, "/problems/unsupported-image")


def test_nothing_is_kept_of_a_sound(
    client: Client, net: ModelVersion, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    before = sorted(Path(settings.MEDIA_ROOT).rglob("*"))
    sound = sound_for(net.task, 3, kind="mp3", metadata={"title": "SECRET-TITLE"})
    url = f"/api/tasks/{net.task}/recognise/"
    with caplog.at_level(0):
        response = send(client, sound, url=url, engine="net")
    assert response.status_code == 200
    assert sorted(Path(settings.MEDIA_ROOT).rglob("*")) == before
    assert "SECRET" not in caplog.text + response.content.decode()


@pytest.mark.parametrize("task", ["genre", "emotion"])
def test_every_engine_of_the_seeds_answers(client: Client, db: None, task: str) -> None:
    """The real ones, on a sound of which the net may also say that it is none of its kind."""
    for engine in TASKS[task].engines:
        card = load_bundle(SEEDS / task / engine).card
        install_bundle(SEEDS / task / engine)
        response = send(
            client, sound_for(task, 4), url=f"/api/tasks/{task}/recognise/", engine=engine
        )
        if response.status_code == 422 and card.output.presence:
            assert response.json()["type"] in ("/problems/no-music", "/problems/no-speech")
            continue
        (answer,) = response.json()["answers"]
        assert (answer["engine"], answer["problem"], len(answer["top"])) == (engine, None, 3)
        assert answer["windows"]
