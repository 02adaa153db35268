"""Listen: recorded or picked, answered on the phone, corrected, kept if asked for; offline too."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sounds import make_film

from .listening import VOICE, Heard, open_music, open_voice, record
from .names import GENRES, TONES
from .phone import Phone
from .server import Server

pytestmark = pytest.mark.e2e

MakePhone = Callable[..., Phone]


def test_what_the_microphone_hears_is_answered_here_and_nothing_leaves(
    make_phone: MakePhone, hearing: Server, sure_air: Heard
) -> None:
    phone = make_phone(url=hearing.url, sound=sure_air.path)
    open_music(phone)
    before = hearing.photos()
    phone.tap(".record")
    assert phone.see("canvas.live")
    phone.wait(lambda d: d.execute_script(_PAINTED, "canvas.live") > 0.02)
    phone.see(".level", text="Bien")
    phone.see(".elapsed", text="5 s sur 30")
    phone.tap(".record")
    phone.answers(count=1)
    assert phone.see(".material").text in {*GENRES.values(), "Pas sûr"}
    assert "Sur l’appareil" in phone.see(".badge").text
    assert phone.all(".passage"), "no timeline"
    assert phone.driver.get_cookies() == []
    assert phone.kept("captures") == phone.kept("photos") == []
    assert hearing.photos() == before


# How much of a canvas is painted in anything but black, 0..1.
_PAINTED = """
const canvas = document.querySelector(arguments[0]);
if (canvas === null || canvas.width === 0) return 0;
const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
const isPainted = (at) => data[at + 3] > 0 && data[at] + data[at + 1] + data[at + 2] > 60;
let painted = 0;
for (let at = 0; at < data.length; at += 4) painted += isPainted(at);
return painted / (data.length / 4);
"""


def test_a_file_is_answered_as_on_the_server(listener: Phone, sure_air: Heard) -> None:
    open_music(listener)
    listener.pick(sure_air.path)
    listener.answers(count=1)
    assert listener.see(".material").text == GENRES[sure_air.label]
    assert f"{sure_air.score:.0%}".removesuffix("%") in listener.see(".confidence").text
    assert listener.see(".file-name").text == sure_air.path.name


def test_three_likeliest_where_it_is_not_sure(listener: Phone, unsure_air: Heard) -> None:
    open_music(listener)
    listener.pick(unsure_air.path)
    listener.answers(count=1)
    assert listener.see(".material").text == "Pas sûr"
    assert len(listener.all(".ranks li")) == 3
    offered = [chip.text for chip in listener.all(".corrector .chip")]
    assert len(offered) == 4, "three, and the others"
    assert offered[0] == GENRES[unsure_air.label]


def test_several_files_one_after_the_other(
    listener: Phone, airs: list[Heard], tmp_path: Path
) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(make_film(seconds=3))
    open_music(listener)
    listener.pick(*(air.path for air in airs[:3]), film)
    cards = listener.answers(count=4)
    assert "4 sur 4" in listener.see(".batch").text
    assert "film.mp4" in cards[0].text or "film.mp4" in cards[-1].text
    listener.tap(".batch .quiet", text="Vider")
    assert listener.see(".still-title")


def test_the_network_may_go_once_the_models_are_here(
    make_phone: MakePhone, hearing: Server, sure_air: Heard
) -> None:
    phone = make_phone(url=hearing.url, sound=sure_air.path)
    open_voice(phone)
    hearing.stop()
    try:
        phone.open("#/ecouter")
        record(phone, seconds=3)
        phone.answers(count=1)
        phone.pick(sure_air.path)
        phone.answers(count=2)
        assert phone.all(".material")[0].text == GENRES[sure_air.label]
        phone.tap(".corrector .yes")
        phone.see(".noted")
        phone.open("#/ecouter/voix")
        phone.pick(VOICE)
        phone.answers(count=1)
        assert "Sur l’appareil" in phone.see(".badge").text
    finally:
        hearing.start()
    assert all("net::ERR" in complaint for complaint in phone.complaints())


def test_one_tap_corrects_and_one_takes_it_back(listener: Phone, sure_air: Heard) -> None:
    open_music(listener)
    listener.pick(sure_air.path)
    listener.answers(count=1)
    listener.tap(".corrector .chip-more")
    genres = [chip.text for chip in listener.all(".materials .chip")]
    assert genres[0] == GENRES[sure_air.label]
    assert sorted(genres) == sorted(GENRES.values())
    other = next(name for name in GENRES.values() if name != GENRES[sure_air.label])
    listener.tap(".materials .chip", text=other)
    assert listener.see(".material").text == other
    listener.tap(".noted .chip", text="Annuler")
    assert listener.see(".material").text == GENRES[sure_air.label]
    assert listener.kept("captures") == []


def test_with_consent_a_song_and_its_correction_reach_the_server(
    listener: Phone, sure_air: Heard
) -> None:
    open_music(listener)
    listener.allow(train=True)
    listener.open("#/ecouter")
    listener.pick(sure_air.path)
    listener.answers(count=1)
    listener.tap(".corrector .chip-more")
    listener.tap(".materials .chip", text="Reggae")
    listener.later(60)
    listener.told(sent=1)
    _, page = listener.api("/api/captures/")
    (capture,) = page["results"]
    assert (capture["task"], capture["correction"]["label"]) == ("genre", "reggae")
    listener.open("#/historique")
    assert "Reggae" in listener.see(".past-what").text


def test_a_voice_is_listened_to_only_after_the_notice(listener: Phone) -> None:
    open_music(listener)
    listener.tap(".listen-modes label", text="Voix")
    notice = listener.see(".voice-notice").text
    for word in ("propre voix", "acteurs", "quatre fois sur dix", "travail", "article 50"):
        assert word in notice
    assert not listener.all(".record")
    assert not listener.all("input[type=file]")
    listener.tap(".voice-notice .solid", text="J’ai compris")
    assert listener.see(".record")
    listener.open("#/ecouter/voix")
    assert listener.see(".record")
    listener.tap(".under .quiet")
    assert "quatre fois sur dix" in listener.see(".sheet[open]").text


def test_a_voice_is_kept_only_if_corrected_and_asked_for(listener: Phone) -> None:
    open_voice(listener)
    listener.allow(train=True)
    listener.open("#/ecouter/voix")
    listener.pick(VOICE)
    listener.answers(count=1)
    assert listener.see(".material").text in TONES.values()
    assert "pas ce que vous ressentez" in listener.see(".care").text
    listener.tap(".corrector .chip-more")
    listener.tap(".materials .chip", text="Surprise")
    listener.see(".ask-consent")
    assert listener.kept("captures") == [], "kept without a word"
    listener.tap(".ask-consent .solid", text="Oui, le garder")
    listener.later(60)
    listener.told(sent=1)
    _, page = listener.api("/api/captures/")
    (capture,) = page["results"]
    assert (capture["task"], capture["correction"]["label"]) == ("emotion", "surprise")


def test_a_voice_recording_ends_by_itself(make_phone: MakePhone, hearing: Server) -> None:
    phone = make_phone(url=hearing.url, sound=VOICE)
    open_voice(phone)
    phone.tap(".record")
    phone.see(".elapsed", text="sur 10")
    phone.wait(lambda _driver: phone.all(".answer"), patience_s=60)  # ten seconds, and the rest
    phone.answers(count=1)
    assert "10 secondes" in phone.see(".answer-foot").text
