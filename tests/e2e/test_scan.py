"""A photo of waste → its material → my bin, by every way in and in every state."""

from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Photo
from .names import FRENCH
from .phone import Phone
from .pictures import heic, scene

pytestmark = pytest.mark.e2e

BORDEAUX = {"latitude": 44.8378, "longitude": -0.5792, "accuracy": 50}


def test_the_camera_answers_with_material_bin_source_and_version(
    make_phone: Callable[..., Phone], scene_film: Path, sure: Photo
) -> None:
    phone = make_phone(film=scene_film)
    phone.first_visit()
    phone.see("video")
    phone.wait(lambda d: d.execute_script("return document.querySelector('video').videoWidth"))
    phone.tap(".shutter")
    (card,) = phone.answers(count=1)
    _, expected = sure
    assert expected.label is not None
    assert card.find_element("css selector", ".material").text == FRENCH[expected.label]
    assert phone.see(".bin-lid").text
    assert phone.see(".bin-lid .icon")
    assert "Règle nationale" in phone.see(".provenance").text
    assert phone.see(".provenance a").get_attribute("href").startswith("https://")
    badge = phone.see(".badge").text
    assert "Sur l’appareil" in badge
    assert expected.version in badge


def test_the_frame_shows_the_square_that_the_model_sees(
    make_phone: Callable[..., Phone], scene_film: Path
) -> None:
    phone = make_phone(film=scene_film)
    phone.first_visit()
    phone.wait(lambda d: d.execute_script("return document.querySelector('video').videoWidth"))
    shown, side, crop_of_video = phone.script(
        """
        const done = arguments[0];
        requestAnimationFrame(() => requestAnimationFrame(() => {
          const video = document.querySelector('video');
          const box = document.querySelector('.viewfinder').getBoundingClientRect();
          const frame = document.querySelector('.frame').getBoundingClientRect();
          const scale = Math.max(box.width / video.videoWidth, box.height / video.videoHeight);
          const inside = frame.left >= box.left && frame.right <= box.right
            && frame.top >= box.top && frame.bottom <= box.bottom;
          done([inside, frame.width, Math.min(video.videoWidth, video.videoHeight) * scale]);
        }));
        """
    )
    assert shown, "the frame stands out of the viewfinder"
    assert side == pytest.approx(0.75 * crop_of_video, abs=1)


def test_several_photos_at_once_get_a_card_each(
    phone: Phone, sure: Photo, unsure: Photo, tmp_path: Path
) -> None:
    text = tmp_path / "notes.png"
    text.write_text("not a photo")
    phone.first_visit()
    phone.pick(sure[0], unsure[0], text)
    cards = phone.answers(count=3)
    states = [card.get_attribute("data-state") for card in cards]
    assert states == ["answered", "answered", "failed"]
    assert "3 sur 3" in phone.see(".batch").text


def test_unsure_gives_three_choices_and_a_choice_gives_the_bin(phone: Phone, unsure: Photo) -> None:
    phone.first_visit()
    phone.pick(unsure[0])
    (card,) = phone.answers(count=1)
    assert card.find_element("css selector", ".material").text == "Pas sûr"
    choices = phone.all(".choice strong")
    expected = [FRENCH[ranked.label] for ranked in unsure[1].top]
    assert [choice.text for choice in choices] == expected
    phone.tap(".choice", text=expected[1])
    assert "Votre choix" in phone.see(".confidence").text
    assert phone.see(".bin-body .provenance")


def test_a_wrong_answer_is_mended_on_the_spot(phone: Phone, sure: Photo) -> None:
    phone.first_visit()
    phone.pick(sure[0])
    phone.answers(count=1)
    phone.tap(".corrector .chip-more", text="Autre chose")
    assert len(phone.all(".materials .chip")) == 13
    phone.tap(".materials .chip", text="Verre")
    assert phone.see(".material").text == "Verre"
    assert "verre" in phone.see(".bin-lid").text


def test_a_condition_of_the_rule_changes_the_bin(phone: Phone, sure: Photo) -> None:
    phone.first_visit()
    phone.pick(sure[0])
    phone.answers(count=1)
    phone.tap(".corrector .chip-more", text="Autre chose")
    phone.tap(".materials .chip", text="Papier")
    assert "jaune" in phone.see(".bin-lid").text
    phone.tap(".conditions .chip", text="Mouchoir")
    assert "Biodéchets" in phone.see(".bin-lid").text


def test_the_department_is_asked_once_found_on_the_device_and_remembered(
    phone: Phone, sure: Photo
) -> None:
    phone.cdp("Browser.grantPermissions", {"permissions": ["geolocation"]})
    phone.cdp("Emulation.setGeolocationOverride", BORDEAUX)
    phone.first_visit()
    assert not phone.all(".ask"), "asked before the first answer"
    phone.pick(sure[0])
    phone.answers(count=1)
    phone.tap(".ask .solid")
    phone.tap(".locator .solid")
    phone.tap(".options .list-row", text="Bordeaux Métropole")
    phone.tap(".sheet > .solid", text="Valider")
    phone.see(".provenance", text="Règle locale Bordeaux Métropole")
    phone.wait(lambda _: not phone.all(".ask"))
    phone.open()
    assert phone.see(".place", text="Bordeaux Métropole")


def test_a_department_is_found_by_a_piece_of_its_name(phone: Phone) -> None:
    phone.first_visit()
    phone.tap(".place")
    phone.see(".sheet input[type=search]").send_keys("cotes d")
    phone.wait(lambda _d: len(phone.all(".sheet .list-row")) == 1)
    phone.tap(".sheet .list-row", text="Armor")
    assert phone.see(".place", text="Armor")


def test_without_a_model_the_server_answers_and_sees_the_same(
    make_phone: Callable[..., Phone], sure: Photo
) -> None:
    phone = make_phone()
    phone.cdp("Network.enable", {})
    phone.cdp("Network.setBlockedURLs", {"urls": ["*.tflite"]})
    phone.open()
    phone.see(".status[data-bad]")
    phone.pick(sure[0])
    phone.answers(count=1)
    _, expected = sure
    assert expected.label is not None
    assert phone.see(".material").text == FRENCH[expected.label]
    assert "Par le serveur" in phone.see(".badge").text
    shown = int("".join(filter(str.isdigit, phone.see(".confidence small").text)))
    assert shown == pytest.approx(100 * expected.score, abs=1)
    phone.complaints()  # the blocked download is one


def test_heic_goes_to_the_server_only_when_the_person_says_so(phone: Phone, tmp_path: Path) -> None:
    path = tmp_path / "IMG_0001.heic"
    path.write_bytes(heic(scene(3)))
    phone.first_visit()
    phone.pick(path)
    (card,) = phone.answers(count=1)
    assert card.get_attribute("data-state") == "failed"
    phone.tap(".notice .solid", text="Envoyer au serveur")
    phone.see(".badge", text="Par le serveur")


def test_no_camera_leaves_every_other_way_open(phone: Phone) -> None:
    phone.first_visit()
    phone.tap(".shutter")
    assert "Pas d’appareil photo" in phone.see(".still-title").text
    inputs = phone.all("input[type=file]")
    assert [box.get_attribute("capture") for box in inputs].count("environment") == 2
    assert all(box.get_attribute("accept") == "image/*" for box in inputs)


def test_english_is_complete(make_phone: Callable[..., Phone], unsure: Photo) -> None:
    phone = make_phone(language="en-GB")
    phone.first_visit()
    phone.pick(unsure[0])
    phone.answers(count=1)
    assert phone.see(".material").text == "Not sure"
    assert phone.driver.execute_script("return document.documentElement.lang") == "en"
