"""A bundle is whole, unaltered and what its task expects, or it is refused by name."""

import json
import shutil
from pathlib import Path

import pytest

from ml.bundle import load_bundle, write_bundle
from ml.engines import open_engine
from ml.errors import BadBundle
from ml.predict import open_checked

SEED = Path(__file__).parents[2] / "ml/bundles/waste/net"


@pytest.fixture
def copy(tmp_path):
    return Path(shutil.copytree(SEED, tmp_path / "net"))


def edit(folder, change):
    card = json.loads((folder / "card.json").read_text())
    change(card)
    (folder / "card.json").write_text(json.dumps(card))


def test_what_is_written_is_read_back(tmp_path):
    seed = load_bundle(SEED)
    written = write_bundle(tmp_path / "twin", model=seed.model.read_bytes(), card=seed.card)
    assert load_bundle(tmp_path / "twin").card == written.card == seed.card
    assert (tmp_path / "twin/card.json").read_bytes() == (SEED / "card.json").read_bytes()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda card: card.pop("limits"), "limits"),
        (lambda card: card.update(comment="hello"), "comment"),
        (lambda card: card.update(format=2), "format"),
        (lambda card: card.update(task="weather"), "task"),
        (lambda card: card.update(engine="svm"), "engine"),
        (lambda card: card.update(file="../model.tflite"), "plain name"),
        (lambda card: card.update(sha256="beef"), "sha256"),
        (lambda card: card.update(size_bytes="many"), "size_bytes"),
        (lambda card: card["output"]["labels"].reverse(), "labels"),
        (lambda card: card["output"].update(threshold=1.5), "threshold"),
        (lambda card: card["input"]["shape"].__setitem__(0, 8), "batch"),
        (lambda card: card["input"].update(crop=0), "well formed"),
        (lambda card: card["selftest"]["output"].pop(), "self-test"),
        (lambda card: card["data"][0].update(n=True), "n"),
    ],
)
def test_a_card_with_a_mistake_is_refused(copy, change, words):
    edit(copy, change)
    with pytest.raises(BadBundle, match=words) as refused:
        load_bundle(copy)
    assert refused.value.slug == "invalid-card"


@pytest.mark.parametrize("text", ["", "[]", "{", '"card"'])
def test_a_card_that_is_no_card_is_refused(copy, text):
    (copy / "card.json").write_text(text)
    with pytest.raises(BadBundle):
        load_bundle(copy)


def test_an_altered_model_is_refused(copy):
    model = bytearray((copy / "model.tflite").read_bytes())
    model[len(model) // 2] ^= 1
    (copy / "model.tflite").write_bytes(model)
    with pytest.raises(BadBundle) as refused:
        load_bundle(copy)
    assert refused.value.slug == "altered-model"
    assert load_bundle(copy, verify=False).card == load_bundle(SEED).card


def test_a_missing_folder_is_refused(tmp_path):
    with pytest.raises(BadBundle) as refused:
        load_bundle(tmp_path / "nothing")
    assert refused.value.slug == "unreadable-card"


def test_a_file_that_is_no_graph_is_refused(copy):
    card = load_bundle(copy).card
    bundle = write_bundle(copy, model=b"<!doctype html>", card=card)
    with pytest.raises(BadBundle) as refused:
        open_engine(bundle)
    assert refused.value.slug == "unopenable-model"


def test_a_graph_of_another_shape_is_refused(copy):
    edit(copy, lambda card: card["input"].update(shape=[1, 160, 160, 3]))
    with pytest.raises(BadBundle) as refused:
        open_engine(load_bundle(copy))
    assert refused.value.slug == "unlike-its-card"


def test_a_model_that_fails_its_self_test_is_refused(copy):
    edit(copy, lambda card: card["selftest"]["output"].reverse())
    with pytest.raises(BadBundle) as refused:
        open_checked(load_bundle(copy))
    assert refused.value.slug == "self-test-failed"
