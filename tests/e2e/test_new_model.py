"""The whole loop: a correction made offline comes back to the same phone as a better model."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from .loop import MISSING, World, make_world
from .names import FRENCH
from .people import Person
from .phone import Phone
from .server import Server
from .test_review import PASSWORD, log_in, press

pytest.importorskip("tensorflow", reason="the extra `train` is not installed")
pytestmark = [pytest.mark.e2e, pytest.mark.train]

FIRST = "2020.01.1"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("world"))


@pytest.fixture
def learning(world: World, tmp_path: Path) -> Iterator[Server]:
    """A server whose champion was never shown one material."""
    world.train(tmp_path / "bundles" / "waste" / "net")
    server = Server(tmp_path)
    server.prepare(tmp_path / "bundles")
    server.manage(
        *("createsuperuser", "--noinput", "--pseudonym=chouette"),
        DJANGO_SUPERUSER_PASSWORD=PASSWORD,
    )
    server.start()
    yield server
    server.stop()


def version_of(phone: Phone) -> str:
    """Which model gave the newest answer."""
    found = re.search(r"\d{4}\.\d\d\.\d+", phone.all(".badge")[0].text)
    assert found is not None
    return found[0]


def answered_by(phone: Phone, version: str) -> None:
    """Wait until the phone has brought itself to this version."""
    phone.open("#/modele")
    phone.see(".facts dd", text=version)


def test_a_correction_comes_back_as_a_better_model(world: World, learning: Server) -> None:
    (photo, _), *_ = world.theirs[0]
    phone = Phone(learning.url)
    screen = Phone(learning.url)
    try:
        phone.first_visit()
        learning.stop()
        correct_offline(phone, photo)
        learning.start()
        phone.open("#/historique")  # opened again: nothing waits for its half minute
        phone.see('.past[data-fate="corrected"]')

        for hand in world.theirs[1:]:
            person = Person(learning.url)
            for path, label in hand:
                person.send(path.read_bytes(), label)
        review_all(screen)

        environment = {
            "TAMIS_DATA": str(world.data),
            "TAMIS_TRAIN_OPTIONS": " ".join(world.options),
            "RETRAIN_MIN_NEW": "4",
        }
        learning.manage("retrain", "waste", **environment)
        learning.manage("promote", "waste", "--by", "chouette")
        second = Person(learning.url).ask("GET", "models/")[0]["version"]
        assert second != FIRST

        answered_by(phone, second)
        phone.open("#/")
        phone.pick(photo)
        phone.answers(count=1)
        assert version_of(phone) == second
        phone.open("#/historique")
        phone.see('.past[data-fate="learned"]')

        learning.manage("roll_back", "waste")
        answered_by(phone, FIRST)
    finally:
        phone.driver.quit()
        screen.driver.quit()


def correct_offline(phone: Phone, photo: Path) -> None:
    phone.pick(photo)
    phone.answers(count=1)
    assert version_of(phone) == FIRST
    phone.tap(".corrector .chip-more")
    phone.tap(".materials .chip", text=FRENCH[MISSING])
    phone.tap(".ask-consent .solid:last-child")
    phone.tap("#consent-store")
    phone.tap("#consent-train")
    phone.tap(".consents [type=submit]")
    phone.see(".pending")


def review_all(screen: Phone) -> None:
    """Accept what stands in the queue, by the keyboard."""
    log_in(screen)
    while not [empty for empty in screen.all(".desk-empty") if empty.is_displayed()]:
        before = screen.see(".desk-count").text
        press(screen, "a")
        screen.wait(lambda _d, b=before: screen.see(".desk-count").text != b)
