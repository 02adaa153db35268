"""Correct in one tap, take it back, be asked once; what leaves, and what never does."""

import base64
import io
from pathlib import Path

import pytest
from PIL import Image

from ml.task import TASKS

from .conftest import Photo
from .names import FRENCH
from .phone import Phone
from .pictures import scene
from .server import Server

pytestmark = pytest.mark.e2e

_ENGLISH_CHANNEL = {1: "N", 2: (49.0, 30.0, 0.0), 3: "W", 4: (2.0, 0.0, 0.0)}


def test_one_tap_confirms_and_one_takes_it_back_and_nothing_leaves(
    phone: Phone, sure: Photo
) -> None:
    phone.first_visit()
    phone.pick(sure[0])
    phone.answers(count=1)
    phone.tap(".corrector .yes")
    assert "Confirmé par vous" in phone.see(".confidence").text
    phone.tap(".noted .chip", text="Annuler")
    assert phone.see(".corrector .yes")
    assert phone.driver.get_cookies() == []
    assert phone.kept("captures") == phone.kept("photos") == []


def test_the_right_material_is_one_tap_away_likeliest_first(phone: Phone, sure: Photo) -> None:
    phone.first_visit()
    phone.pick(sure[0])
    phone.answers(count=1)
    likely = [FRENCH[ranked.label] for ranked in sure[1].top]
    offered = [chip.text for chip in phone.all(".corrector .chip")]
    assert offered == ["Oui, c’est ça", *likely[1:], "Autre chose…"]
    phone.tap(".corrector .chip-more")
    materials = [chip.text for chip in phone.all(".materials .chip")]
    assert materials[:3] == likely
    assert sorted(materials) == sorted(FRENCH[label] for label in TASKS["waste"].labels)
    phone.tap(".materials .chip", text=likely[1])
    assert phone.see(".material").text == likely[1]
    assert "Votre choix" in phone.see(".confidence").text


def test_the_question_is_put_once_and_no_is_an_answer(phone: Phone, sure: Photo) -> None:
    phone.first_visit()
    phone.pick(sure[0])
    phone.answers(count=1)
    assert not phone.all(".ask-consent"), "asked before the first answer"
    phone.tap(".corrector .yes")
    phone.tap(".ask-consent .solid", text="Voir")
    store, train = phone.see("#consent-store"), phone.see("#consent-train")
    assert not store.is_selected()
    assert not train.is_selected()
    assert not train.is_enabled(), "learning without keeping"
    phone.tap(".consents .solid", text="Non merci")
    phone.wait(lambda _driver: not phone.all(".ask-consent"))
    phone.open()
    phone.pick(sure[0])
    phone.answers(count=1)
    phone.tap(".corrector .yes")
    assert phone.see(".noted")
    assert not phone.all(".ask-consent")
    assert phone.driver.get_cookies() == []


def test_a_yes_given_offline_is_told_first_and_then_the_scan_that_was_on_the_screen(
    phone: Phone, sure: Photo
) -> None:
    phone.first_visit()
    phone.offline(on=True)
    phone.pick(sure[0])
    phone.answers(count=1)
    phone.tap(".corrector .chip", text=FRENCH[sure[1].top[1].label])
    phone.tap(".ask-consent .solid", text="Voir")
    phone.tap("#consent-store")
    phone.tap("#consent-train")
    phone.tap(".consents .solid", text="Enregistrer")
    assert "1 scan à envoyer" in phone.see(".pending").get_attribute("textContent")
    assert [row["upload"] for row in phone.kept("captures")] == ["pending"]
    phone.offline(on=False)
    phone.later(60)
    phone.told()
    _, person = phone.api("/api/me/")
    assert person["email"] is None
    assert {name: word["granted"] for name, word in person["consents"].items()} == {
        "store": True,
        "train": True,
    }
    _, page = phone.api("/api/captures/")
    (capture,) = page["results"]
    assert capture["correction"]["label"] == sure[1].top[1].label
    assert capture["predictions"][0]["label"] == sure[1].label
    assert all("net::ERR" in complaint for complaint in phone.complaints())


def test_what_a_camera_writes_beside_pixels_stays_on_the_phone(
    phone: Phone, server: Server, tmp_path: Path
) -> None:
    exif = Image.Exif()
    exif[0x0132] = "2026:11:24 08:00:00"  # DateTime
    exif[0x8825] = _ENGLISH_CHANNEL  # GPS
    path = tmp_path / "photo.jpg"
    scene(5, width=1600, height=1200).save(path, "JPEG", exif=exif)
    assert b"Exif" in path.read_bytes()
    before = server.photos()
    phone.first_visit()
    phone.allow()
    phone.pick(path)
    phone.answers(count=1)
    phone.told(sent=1)
    copy = base64.b64decode(phone.kept("photos")[0])
    (stored,) = server.photos() - before
    for data in (copy, stored.read_bytes()):
        assert b"Exif" not in data
        with Image.open(io.BytesIO(data)) as picture:
            assert picture.size == (640, 480)
            assert not picture.getexif()


def test_consent_taken_back_keeps_the_next_scan_to_itself(
    phone: Phone, server: Server, sure: Photo
) -> None:
    phone.first_visit()
    phone.allow()
    phone.pick(sure[0])
    phone.answers(count=1)
    phone.told(sent=1)
    phone.allow(store=False)
    before = server.photos()
    phone.pick(sure[0])
    phone.answers(count=1)
    _, person = phone.api("/api/me/")
    assert person["consents"]["store"]["granted"] is False
    assert server.photos() == before
    assert len(phone.kept("captures")) == 1
