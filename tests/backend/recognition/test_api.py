"""GET tasks/, models/ and the model files."""

from pathlib import Path

import pytest
from django.test import Client

from backend.recognition.models import ModelVersion
from backend.recognition.services import install_bundle
from ml.bundle import load_bundle
from ml.task import TASKS
from tests.factories import SEED, SEEDS, make_bundle

pytestmark = pytest.mark.django_db


def test_tasks_name_their_labels_in_both_languages(client: Client) -> None:
    told = client.get("/api/tasks/").json()
    assert [(task["name"], task["modality"], task["engines"]) for task in told] == [
        ("waste", "image", ["net"]),
        ("genre", "audio", ["net", "svm", "vgg19"]),
        ("emotion", "audio", ["net", "logreg"]),
    ]
    for task in told:
        assert tuple(label["code"] for label in task["labels"]) == TASKS[task["name"]].labels
        assert all(label["name_fr"] and label["name_en"] for label in task["labels"])


def test_the_index_holds_the_card_the_phone_reads(client: Client, champion: ModelVersion) -> None:
    (entry,) = client.get("/api/models/").json()
    assert entry["card"] == load_bundle(SEED).card.to_json()
    assert entry["url"] == f"/api/models/{entry['sha256']}.tflite"
    assert {key: entry[key] for key in ("task", "engine", "version", "sha256", "size_bytes")} == {
        key: entry["card"][key] for key in ("task", "engine", "version", "sha256", "size_bytes")
    }


def test_the_index_changes_its_etag_with_the_champion(
    client: Client, champion: ModelVersion, tmp_path: Path
) -> None:
    first = client.get("/api/models/")
    etag = {"If-None-Match": first.headers["ETag"]}
    assert client.get("/api/models/", headers=etag).status_code == 304
    install_bundle(make_bundle(tmp_path, version="2030.2.1").folder)
    second = client.get("/api/models/", headers=etag)
    assert second.status_code == 200
    assert [entry["version"] for entry in second.json()] == ["2030.2.1"]


def test_a_model_file_travels_whole_and_once(client: Client, champion: ModelVersion) -> None:
    url = f"/api/models/{champion.sha256}.tflite"
    response = client.get(url, headers={"Accept-Encoding": "gzip, br"})
    body = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    assert body == (SEED / "model.tflite").read_bytes()
    assert response.headers["Content-Length"] == str(len(body))
    assert "immutable" in response.headers["Cache-Control"]
    assert response.headers["ETag"] == f'"{champion.sha256}"'
    assert "Content-Encoding" not in response.headers
    again = client.get(url, headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304


def test_an_earlier_model_is_still_served(
    client: Client, champion: ModelVersion, tmp_path: Path
) -> None:
    install_bundle(make_bundle(tmp_path, version="2030.2.1").folder)
    assert client.get(f"/api/models/{champion.sha256}.tflite").status_code == 200


def test_a_lost_storage_is_replaced_by_the_seed(client: Client, champion: ModelVersion) -> None:
    Path(champion.file.path).unlink()
    assert client.get(f"/api/models/{champion.sha256}.tflite").status_code == 200


@pytest.mark.parametrize("name", ["0" * 64, "model", "../../secret_key", "0" * 63])
def test_an_unknown_model_is_a_problem_and_no_page(client: Client, name: str) -> None:
    response = client.get(f"/api/models/{name}.tflite")
    assert response.status_code == 404
    assert response.json()["type"] == "/problems/not-found"


def test_a_client_that_only_accepts_binaries_gets_them(
    client: Client, champion: ModelVersion
) -> None:
    url = f"/api/models/{champion.sha256}.tflite"
    assert client.get(url, headers={"Accept": "application/octet-stream"}).status_code == 200


def test_a_pipeline_travels_by_its_own_name(client: Client) -> None:
    version, _ = install_bundle(SEEDS / "genre" / "svm")
    (entry,) = client.get("/api/models/").json()
    assert entry["url"] == f"/api/models/{version.sha256}.skops"
    body = b"".join(client.get(entry["url"]).streaming_content)  # type: ignore[attr-defined]
    assert body == (SEEDS / "genre/svm/model.skops").read_bytes()
    assert client.get(f"/api/models/{version.sha256}.tflite").status_code == 404
