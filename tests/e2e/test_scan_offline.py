"""After one visit the server may go: a deep link opens, a photo is classified, the bin is shown."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .conftest import Photo
from .names import FRENCH
from .phone import Phone
from .server import Server

pytestmark = pytest.mark.e2e


@pytest.fixture
def stoppable(server: Server) -> Iterator[Server]:
    yield server
    server.stop()
    server.start()


def test_the_second_visit_needs_no_server(
    make_phone: Callable[..., Phone], stoppable: Server, scene_film: Path, sure: Photo
) -> None:
    phone = make_phone(film=scene_film)
    phone.first_visit()
    phone.tap(".place")
    phone.tap(".sheet .list-row", text="Gironde")
    phone.tap(".options .list-row", text="Bordeaux Métropole")
    phone.tap(".sheet > .solid", text="Valider")
    phone.wait(lambda _d: phone.script(_RULES_KEPT, "33"))

    stoppable.stop()
    phone.open("#/reglages")
    assert phone.see("h1", text="Réglages")
    assert "Gironde · Bordeaux Métropole" in phone.see(".list-row").text
    phone.tap(".tabs a", text="Scanner")
    phone.wait(lambda d: d.execute_script("return document.querySelector('video')?.videoWidth"))
    phone.tap(".shutter")
    phone.answers(count=1)
    _, expected = sure
    assert expected.label is not None
    assert phone.see(".material").text == FRENCH[expected.label]
    assert "Règle locale Bordeaux Métropole" in phone.see(".provenance").text
    assert "Sur l’appareil" in phone.see(".badge").text

    phone.tap(".tabs a", text="Chercher")
    phone.see("#query").send_keys("pilles")
    assert "piles" in phone.see(".product .bin-name").text
    assert all("net::ERR" in complaint for complaint in phone.complaints())


_RULES_KEPT = """
const [code, done] = arguments;
caches.open('data').then((cache) => cache.match(`/api/departments/${code}/rules/`))
  .then((kept) => done(kept !== undefined));
"""
