"""What cannot be listened to, and microphones that are not there: said by name, with a way on."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.sounds import make_sound

from .listening import RATE, Heard, open_music, silence
from .names import GENRES
from .phone import Phone
from .server import Server
from .test_accessibility import violations

pytestmark = pytest.mark.e2e

MakePhone = Callable[..., Phone]


def _file(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_what_cannot_be_answered_is_refused_by_name(listener: Phone, tmp_path: Path) -> None:
    loud = np.sign(np.sin(np.arange(3 * RATE) / 9)).astype(np.float32)
    expected = {
        silence(tmp_path): "Rien ne s’entend",
        _file(tmp_path, "court.wav", make_sound(seconds=0.4)): "C’est trop court",
        _file(tmp_path, "sature.wav", make_sound(samples=loud)): "Le son sature",
        _file(tmp_path, "abime.mp3", b"ID3" + bytes(range(256)) * 40): "ne peut pas être lu",
        _file(tmp_path, "lettre.txt", b"bonjour"): "n’est pas un son",
        _file(tmp_path, "enorme.wav", bytes(25_000_001)): "trop grand",
    }
    open_music(listener)
    for n, (path, words) in enumerate(expected.items(), 1):
        listener.pick(path)
        card = listener.answers(count=n)[0]
        assert words in card.text, path.name
        assert card.find_element("css selector", ".notice").text.count("\n") >= 1, "no way on"


def test_no_music_and_no_voice_are_said_so(listener: Phone, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, 6 * RATE).astype(np.float32)
    path = _file(tmp_path, "souffle.wav", make_sound(samples=noise))
    open_music(listener)
    listener.pick(path)
    assert "Pas de musique" in listener.answers(count=1)[0].text
    listener.tap(".listen-modes label", text="Voix")
    listener.tap(".voice-notice .solid", text="J’ai compris")
    listener.pick(path)
    assert "Pas de voix" in listener.answers(count=1)[0].text


def test_a_silent_microphone_is_told_while_it_listens(
    make_phone: MakePhone, hearing: Server, tmp_path: Path
) -> None:
    phone = make_phone(url=hearing.url, sound=silence(tmp_path))
    open_music(phone)
    phone.tap(".record")
    phone.see(".level", text="Rien ne s’entend")
    phone.see(".elapsed", text="2 s")
    phone.tap(".record")
    assert "Rien ne s’entend" in phone.answers(count=1)[0].text


_LOSABLE = """
{
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wish) => (window.microphone = await ask(wish));
}
"""


def test_a_microphone_that_is_not_allowed_is_said_with_a_way_on(listener: Phone) -> None:
    open_music(listener)
    listener.tap(".record")
    assert "bloqué" in listener.see(".stage .still-title").text
    assert violations(listener) == []
    assert listener.all("input[type=file]")


@pytest.mark.parametrize(
    ("failure", "words"),
    [("NotFoundError", "Pas de micro"), ("NotReadableError", "ne répond pas")],
)
def test_a_microphone_that_is_missing_or_taken_is_asked_again(
    make_phone: MakePhone, hearing: Server, sure_air: Heard, failure: str, words: str
) -> None:
    phone = make_phone(url=hearing.url, sound=sure_air.path)
    open_music(phone)
    phone.driver.execute_script(
        "const ask = navigator.mediaDevices.getUserMedia;"
        "navigator.mediaDevices.getUserMedia = () => {"
        "  navigator.mediaDevices.getUserMedia = ask;"
        f" return Promise.reject(new DOMException('', '{failure}'));"
        "};"
    )
    phone.tap(".record")
    assert words in phone.see(".stage .still-title").text
    phone.tap(".record")
    assert phone.see(".elapsed")


def test_a_microphone_that_is_unplugged_loses_nothing(
    make_phone: MakePhone, hearing: Server, sure_air: Heard
) -> None:
    phone = make_phone(url=hearing.url, sound=sure_air.path)
    open_music(phone)
    phone.driver.execute_script(_LOSABLE)
    phone.tap(".record")
    phone.see(".elapsed", text="3 s")
    phone.driver.execute_script(
        "const [track] = window.microphone.getAudioTracks();"
        "track.stop(); track.dispatchEvent(new Event('ended'));"
    )
    phone.answers(count=1)
    assert phone.see(".material").text in {*GENRES.values(), "Pas sûr"}
    assert "s’est arrêté" in phone.see(".stage .still-title").text
