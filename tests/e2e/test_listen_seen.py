"""The sound seen, told and heard in parts; other opinions; and no state that is an obstacle."""

from collections.abc import Callable
from pathlib import Path

import pytest

from .listening import VOICE, Heard, ask_others, open_music, silence
from .phone import Phone
from .server import Server
from .test_accessibility import violations

pytestmark = pytest.mark.e2e

MakePhone = Callable[..., Phone]


def test_a_second_opinion_is_asked_for_and_says_whether_they_agree(
    listener: Phone, sure_air: Heard
) -> None:
    open_music(listener)
    listener.pick(sure_air.path)
    listener.answers(count=1)
    assert not listener.all(".opinion")
    ask_others(listener)
    listener.see(".verdict")
    engines = [opinion.text for opinion in listener.all(".opinion")]
    assert [line.split("\n")[0].split(" ")[0] for line in engines] == ["Réseau", "SVM", "VGG19"]
    assert "sur l’appareil" in engines[0]
    assert "par le serveur" in engines[1]


def test_the_sound_is_seen_in_five_pictures_and_in_figures(
    listener: Phone, sure_air: Heard, tmp_path: Path
) -> None:
    folder = {"behavior": "allow", "downloadPath": str(tmp_path)}
    listener.cdp("Browser.setDownloadBehavior", folder)
    open_music(listener)
    listener.pick(sure_air.path)
    listener.answers(count=1)
    listener.tap(".plots summary", text="Voir le son")
    listener.see(".plot")
    listener.wait(lambda _d: len(listener.all("canvas.picture")) == 5)
    assert listener.see(".plots-range").text == "de 0:00.0 à 0:08.0"
    listener.tap(".plots-bar button[aria-label='Grossir']")
    assert listener.see(".plots-range").text == "de 0:02.0 à 0:06.0"
    listener.see(".plots-bar button[aria-label='Grossir']").send_keys("0")
    assert listener.see(".plots-range").text == "de 0:00.0 à 0:08.0"
    for kind in ("wave", "mel", "stft", "mfcc", "zcr"):
        place = ["wave", "mel", "stft", "mfcc", "zcr"].index(kind) + 1
        listener.tap(f".plot:nth-of-type({place}) .chip", text="CSV")
        listener.tap(f".plot:nth-of-type({place}) .chip", text="PNG")
        stem = tmp_path / f"{sure_air.path.stem}-{kind}"
        listener.wait(lambda _d, stem=stem: stem.with_suffix(".csv").exists())  # type: ignore[misc]
        listener.wait(lambda _d, stem=stem: stem.with_suffix(".png").exists())  # type: ignore[misc]
        assert stem.with_suffix(".png").read_bytes().startswith(b"\x89PNG")
        head, first, *_ = stem.with_suffix(".csv").read_text().splitlines()
        assert head.startswith("time_s,")
        assert first.count(",") == head.count(",")
    listener.tap(".plot:nth-of-type(3) .numbers summary")
    assert "Fréquence la plus forte" in listener.see(".plot .numbers table").text


def test_a_passage_is_played_from_the_table_and_by_keyboard(
    listener: Phone, sure_air: Heard
) -> None:
    open_music(listener)
    listener.pick(sure_air.path)
    listener.answers(count=1)
    timeline = listener.see(".timeline")
    timeline.send_keys("\ue014")  # arrow to the right
    assert timeline.get_attribute("aria-valuenow") == "2"
    assert "de 0:" in (timeline.get_attribute("aria-valuetext") or "")
    timeline.send_keys("\ue007")  # enter
    listener.see(".play[aria-label=Pause]")
    listener.see(".play[aria-label='Écouter le son']")  # it ends with the passage
    listener.tap(".track .numbers summary")
    listener.tap(".play-part")
    listener.see(".play[aria-label=Pause]")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_no_state_of_listen_is_an_obstacle(
    make_phone: MakePhone,
    hearing: Server,
    sure_air: Heard,
    unsure_air: Heard,
    tmp_path: Path,
    dark: bool,
) -> None:
    phone = make_phone(url=hearing.url, sound=sure_air.path)
    phone.dark(on=dark)
    seen: dict[str, list[str]] = {}
    open_music(phone)
    seen["idle"] = violations(phone)
    phone.tap(".record")
    phone.see(".elapsed", text="2 s")
    seen["recording"] = violations(phone)
    phone.tap(".record")
    phone.answers(count=1)
    phone.pick(unsure_air.path, silence(tmp_path))
    phone.answers(count=3)
    phone.tap(".corrector .chip-more")
    phone.tap(".track .numbers summary")
    seen["answers"] = violations(phone)
    phone.tap(".ask-others .chip")
    phone.see(".verdict")
    seen["opinions"] = violations(phone)
    phone.tap(".plots summary")
    phone.see(".plot")
    phone.tap(".plot .numbers summary")
    seen["pictures"] = violations(phone)
    phone.open("#/ecouter/voix")
    phone.see(".voice-notice")
    seen["notice"] = violations(phone)
    phone.tap(".voice-notice .solid", text="J’ai compris")
    phone.see(".record")
    phone.pick(VOICE)
    phone.answers(count=1)
    phone.tap(".corrector .yes")
    phone.see(".ask-consent")
    seen["voice"] = violations(phone)
    phone.tap(".under .quiet, .care .quiet")
    phone.see(".sheet[open]")
    seen["sheet"] = violations(phone)
    for screen in ("modele/genre", "modele/emotion"):
        phone.open(f"#/{screen}")
        phone.see(".facts")
        seen[screen] = violations(phone)
    assert {name: found for name, found in seen.items() if found} == {}
