"""Sounds to listen to, and bundles whose nets are sure of some of them."""

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ml.bundle import Bundle, load_bundle, write_bundle
from ml.engines import open_engine
from ml.predict import prepare, rank
from tests.sounds import make_sound

from .phone import Phone
from .server import ROOT

SEEDS = ROOT / "ml" / "bundles"
VOICE = ROOT / "tests" / "golden" / "sound" / "voice.wav"
RATE = 16_000
_SOME = 0.05


@dataclass(frozen=True)
class Heard:
    """A sound and what its task's net makes of it."""

    path: Path
    label: str
    score: float


def hear(bundle: Bundle, path: Path) -> Heard:
    engine = open_engine(bundle)
    answers = engine.answers(prepare(bundle.card.input, path.read_bytes()))
    best = rank(answers.probabilities.mean(axis=0), bundle.card.output)[0]
    return Heard(path, best.label, best.score)


def tunes(folder: Path, n: int) -> list[Heard]:
    """Tunes of 8 s made by script, from the least to the most certain."""
    bundle = load_bundle(SEEDS / "genre" / "net")
    heard = []
    for seed in range(n):
        path = folder / f"air-{seed}.wav"
        path.write_bytes(make_sound(seconds=8, seed=seed))
        heard.append(hear(bundle, path))
    return sorted(heard, key=lambda tune: tune.score)


def silence(folder: Path) -> Path:
    path = folder / "silence.wav"
    path.write_bytes(make_sound(samples=np.zeros(12 * RATE, np.float32)))
    return path


def bundles(folder: Path, sure: Heard, unsure: Heard) -> Path:
    """The shipped models, their lines between sure and unsure moved to between these sounds.

    What they think of sounds made by script is no promise, and those that are no mere noise count
    as music or a voice.
    """
    shutil.copytree(SEEDS, folder, dirs_exist_ok=True)
    voice = hear(load_bundle(SEEDS / "emotion" / "net"), VOICE)
    for task, threshold in (
        ("genre", (sure.score + unsure.score) / 2),
        ("emotion", voice.score * 0.9),
    ):
        seed = load_bundle(SEEDS / task / "net")
        output = replace(seed.card.output, threshold=threshold, presence=_SOME)
        card = replace(seed.card, output=output)
        write_bundle(folder / task / "net", model=seed.model.read_bytes(), card=card)
    return folder


def open_music(phone: Phone) -> None:
    """Visit once, until both models of Listen lie on the phone."""
    phone.first_visit()
    phone.open("#/ecouter")
    phone.wait(lambda _d: len(phone.kept("models")) == 3)
    phone.see(".status[data-good]")


def open_voice(phone: Phone) -> None:
    open_music(phone)
    phone.tap(".listen-modes label", text="Voix")
    phone.tap(".voice-notice .solid", text="J’ai compris")
    phone.see(".record")


def ask_others(phone: Phone) -> None:
    """Ask for a second opinion, again while an engine is still being opened."""

    def asked(_driver: object) -> bool:
        if phone.all(".ask-others .chip"):
            phone.tap(".ask-others .chip")
        return not phone.all(".ask-others, .opinions .sieve")

    phone.tap(".ask-others .chip", text="deuxième avis")
    phone.wait(asked)


def record(phone: Phone, *, seconds: int) -> None:
    phone.tap(".record")
    heard = "return Number(document.querySelector('.elapsed')?.textContent.split(' ')[0] ?? 0)"
    phone.wait(lambda driver: driver.execute_script(heard) >= seconds)
    phone.tap(".record")
