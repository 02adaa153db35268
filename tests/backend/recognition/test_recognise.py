"""POST /api/tasks/{task}/recognise/: what a photo gets, and what everything else gets."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from backend.recognition import champions
from backend.recognition.models import ModelVersion, Promotion
from backend.recognition.services import install_bundle, promote
from backend.waste.services import rule_for
from ml.task import TASKS
from tests.factories import make_animation, make_bundle, make_image, make_photo, make_png_bomb

URL = "/api/tasks/waste/recognise/"


def send(
    client: Client, data: bytes, *, url: str = URL, name: str = "photo.jpg", **fields: str
) -> Any:
    return client.post(url, {"file": SimpleUploadedFile(name, data), **fields})


@pytest.fixture
def sure(db: None, tmp_path: Path) -> ModelVersion:
    """A champion that is always sure."""
    return install_bundle(make_bundle(tmp_path / "sure", threshold=0.0).folder)[0]


@pytest.fixture
def unsure(db: None, tmp_path: Path) -> ModelVersion:
    """A champion that never is."""
    return install_bundle(make_bundle(tmp_path / "unsure", threshold=1.0).folder)[0]


def test_a_photo_gets_a_label_its_rivals_and_a_bin(client: Client, sure: ModelVersion) -> None:
    response = send(client, make_photo(), department="33")
    assert response.status_code == 200
    body = response.json()
    assert body["task"] == "waste"
    (answer,) = body["answers"]
    assert (answer["engine"], answer["version"]) == ("net", sure.version)
    assert answer["label"] in TASKS["waste"].labels
    assert answer["unsure"] is False
    assert answer["windows"] == []
    assert answer["latency_ms"] > 0
    scores = [ranked["score"] for ranked in answer["top"]]
    assert len(scores) == 3
    assert scores == sorted(scores, reverse=True)
    rule = rule_for("33", answer["label"]).rule
    container = body["container"]
    assert container["code"] == rule.container_id
    assert container["scope"] == "departmental"
    assert container["source"] == rule.source_name
    assert container["source_date"] == rule.source_date
    assert all(isinstance(other["container"], str) for other in container["unless"])


def test_an_unsure_model_names_no_label_and_no_bin(client: Client, unsure: ModelVersion) -> None:
    body = send(client, make_photo(), department="33").json()
    (answer,) = body["answers"]
    assert (answer["label"], answer["unsure"], body["container"]) == (None, True, None)
    assert len(answer["top"]) == 3


@pytest.mark.parametrize(
    ("place", "scope"),
    [({}, "national"), ({"department": "35"}, "national"), ({"department": "33"}, "departmental")],
)
def test_the_answer_says_which_level_spoke(
    client: Client, sure: ModelVersion, place: dict[str, str], scope: str
) -> None:
    assert send(client, make_photo(), **place).json()["container"]["scope"] == scope


def _rotated(image: Image.Image) -> dict[str, Any]:
    exif = image.getexif()
    exif[0x0112] = 6
    return {"exif": exif}


@pytest.mark.parametrize(
    "photo",
    [
        pytest.param(lambda: make_photo("PNG"), id="png"),
        pytest.param(lambda: make_photo("WEBP"), id="webp"),
        pytest.param(lambda: make_photo("GIF"), id="gif"),
        pytest.param(lambda: make_photo("HEIF"), id="heic"),
        pytest.param(lambda: make_animation(5), id="animation"),
        pytest.param(lambda: make_photo(**_rotated(make_image())), id="rotated"),
        pytest.param(lambda: make_photo(size=(1, 1)), id="one pixel"),
        pytest.param(lambda: make_photo(size=(4000, 3000)), id="12 Mpx"),
    ],
)
def test_every_kind_of_photo_is_read(
    client: Client, champion: ModelVersion, photo: Callable[[], bytes]
) -> None:
    assert send(client, photo()).status_code == 200


@pytest.mark.parametrize(
    ("data", "status", "slug"),
    [
        pytest.param(lambda: b"", 422, "undecodable-image", id="0 bytes"),
        pytest.param(lambda: b"Bonjour.\n" * 50, 415, "unsupported-image", id="text named .jpg"),
        pytest.param(lambda: make_photo()[:3000], 422, "undecodable-image", id="truncated JPEG"),
        pytest.param(make_png_bomb, 413, "too-large", id="50,000 x 50,000 PNG bomb"),
        pytest.param(
            lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>',
            415,
            "unsupported-image",
            id="SVG",
        ),
        pytest.param(lambda: make_photo("BMP"), 415, "unsupported-image", id="BMP"),
        pytest.param(lambda: make_photo("TIFF"), 415, "unsupported-image", id="TIFF"),
        pytest.param(lambda: b"%PDF-1.7\n" + make_photo(), 415, "unsupported-image", id="PDF"),
    ],
)
def test_what_is_no_photo_is_refused_by_name(
    client: Client, champion: ModelVersion, data: Callable[[], bytes], status: int, slug: str
) -> None:
    response = send(client, data())
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["type"] == f"/problems/{slug}"


def test_an_animation_of_2000_frames_is_one_picture(client: Client, champion: ModelVersion) -> None:
    assert send(client, make_animation(2000)).status_code == 200


def test_a_photo_with_a_program_behind_it_is_a_photo(
    client: Client, champion: ModelVersion
) -> None:
    """A polyglot: the decoder stops where the image ends, and the rest goes nowhere."""
    polyglot = make_photo() + b"PK\x03\x04<script>alert(1)</script><?php system('id'); ?>"
    response = send(client, polyglot)
    assert response.status_code == 200
    assert b"script" not in response.content


@pytest.mark.parametrize(
    ("url", "fields", "slug", "status"),
    [
        ("/api/tasks/poetry/recognise/", {}, "unknown-task", 404),
        (URL, {"department": "99"}, "unknown-department", 404),
        (URL, {"department": "Gironde, toute la Gironde"}, "unknown-department", 404),
        (URL, {"territory": "nowhere"}, "unknown-territory", 404),
        (URL, {"department": "35", "territory": "bordeaux-metropole"}, "unknown-territory", 404),
        (URL, {"engine": "svm"}, "malformed", 400),
        (URL, {"department": "3" * 100}, "malformed", 400),
        (URL, {"department": "3\0"}, "malformed", 400),
    ],
)
def test_a_wrong_address_or_field_is_refused_by_name(
    client: Client, sure: ModelVersion, url: str, fields: dict[str, str], slug: str, status: int
) -> None:
    response = send(client, make_photo(), url=url, **fields)
    assert (response.status_code, response.json()["type"]) == (status, f"/problems/{slug}")


def test_a_wrong_field_name_is_pointed_at(client: Client, champion: ModelVersion) -> None:
    response = client.post(URL, {"photo": SimpleUploadedFile("photo.jpg", make_photo())})
    assert response.status_code == 400
    assert response.json()["type"] == "/problems/malformed"
    assert [fault["pointer"] for fault in response.json()["errors"]] == ["/file"]


@pytest.mark.parametrize("body", [b"", b"{}", b"--x\r\nnonsense"])
def test_a_body_that_is_no_form_is_refused(client: Client, body: bytes) -> None:
    json = client.post(URL, body, content_type="application/json")
    assert json.status_code == (415 if body else 400)
    form = client.post(URL, body, content_type="multipart/form-data; boundary=x")
    assert (form.status_code, form.json()["type"]) == (400, "/problems/malformed")


def test_a_place_may_be_given_empty(client: Client, champion: ModelVersion) -> None:
    assert send(client, make_photo(), department="", territory="", engine="").status_code == 200


def test_without_a_model_the_answer_is_503(client: Client, db: None) -> None:
    response = send(client, make_photo())
    assert (response.status_code, response.json()["type"]) == (503, "/problems/no-model")


def test_a_busy_engine_answers_503_within_its_time(
    client: Client, champion: ModelVersion, settings: Any
) -> None:
    assert send(client, make_photo()).status_code == 200  # it is open
    settings.ENGINE_WAIT_S = 0.05
    with champions.champion("waste", "net"):
        response = send(client, make_photo())
    assert (response.status_code, response.json()["type"]) == (503, "/problems/busy")
    assert int(response.headers["Retry-After"]) >= 1
    assert send(client, make_photo()).status_code == 200


def test_too_many_requests_are_told_when_to_return(
    client: Client, champion: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    from backend.recognition.api import RecogniseThrottle

    monkeypatch.setattr(RecogniseThrottle, "THROTTLE_RATES", {"recognise": "2/min"})
    photo = make_photo()
    # A client that may name its own address would never be counted.
    statuses = [
        client.post(
            URL,
            {"file": SimpleUploadedFile("p.jpg", photo)},
            headers={"X-Forwarded-For": f"10.0.0.{n}"},
        )
        for n in range(3)
    ]
    assert [response.status_code for response in statuses] == [200, 200, 429]
    assert statuses[-1].json()["type"] == "/problems/throttled"
    assert int(statuses[-1].headers["Retry-After"]) >= 1


def test_nothing_is_kept_of_a_photo(
    client: Client, champion: ModelVersion, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    before = sorted(Path(settings.MEDIA_ROOT).rglob("*"))
    image = make_image()
    exif = image.getexif()
    exif[0x010E] = "SECRET-DESCRIPTION"
    photo = make_photo(exif=exif)
    with caplog.at_level(0):
        assert send(client, photo, name="SECRET-NAME.jpg").status_code == 200
        assert send(client, photo[:2000], name="SECRET-NAME.jpg").status_code == 422
    assert sorted(Path(settings.MEDIA_ROOT).rglob("*")) == before
    assert "SECRET" not in caplog.text
    assert "sessionid" not in client.cookies
    assert "csrftoken" not in client.cookies


def test_a_new_champion_answers_at_once(
    client: Client, champion: ModelVersion, tmp_path: Path
) -> None:
    assert send(client, make_photo()).json()["answers"][0]["version"] == champion.version
    newer, _ = install_bundle(make_bundle(tmp_path / "newer", version="2030.2.1").folder)
    assert send(client, make_photo()).json()["answers"][0]["version"] == "2030.2.1"
    promote(champion, reason=Promotion.Reason.HUMAN)
    assert send(client, make_photo()).json()["answers"][0]["version"] == champion.version


def test_an_altered_model_file_is_not_opened(client: Client, sure: ModelVersion) -> None:
    path = Path(sure.file.path)
    path.write_bytes(path.read_bytes() + b"\0")
    response = send(client, make_photo())
    assert (response.status_code, response.json()["type"]) == (503, "/problems/no-model")
    assert str(path) not in response.content.decode()
