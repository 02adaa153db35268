"""Everything I sent, what became of it, and how to get it out or away."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Photo
from .names import FRENCH
from .phone import Phone
from .server import Server

pytestmark = pytest.mark.e2e


@pytest.fixture
def keeping(phone: Phone, sure: Photo, unsure: Photo) -> Phone:
    """A phone whose person keeps scans, with two of them sent."""
    phone.first_visit()
    phone.allow()
    phone.pick(sure[0], unsure[0])
    phone.answers(count=2)
    phone.told(sent=2)
    phone.tap(".tabs a", text="Historique")
    phone.wait(lambda _driver: len(phone.all(".past")) == 2)
    return phone


def test_without_consent_it_says_what_it_would_be_and_how(phone: Phone) -> None:
    phone.first_visit()
    phone.tap(".tabs a", text="Historique")
    phone.tap(".off .solid")
    assert phone.see(".consents")


def test_a_past_scan_is_corrected_offline_and_told_later(keeping: Phone) -> None:
    keeping.offline(on=True)
    keeping.tap(".past-head", text="Pas sûr")
    keeping.tap(".past .corrector .chip-more")
    keeping.tap(".past .materials .chip", text="Verre")
    assert keeping.see(".past-head strong", text="Verre")
    assert keeping.see(".past .fate", text="Réponse pas encore envoyée")
    keeping.offline(on=False)
    keeping.later(60)
    keeping.told()
    keeping.open("#/historique")
    assert keeping.see(".past .fate", text="Réponse à relire")
    keeping.complaints()  # the calls that were blocked


def test_it_is_there_without_a_network_and_in_figures(keeping: Phone, sure: Photo) -> None:
    assert sure[1].label is not None
    name = FRENCH[sure[1].label]
    keeping.offline(on=True)
    keeping.open("#/historique")
    keeping.wait(lambda _driver: len(keeping.all(".past-head img")) == 2)
    assert keeping.see(".notice", text="voici ce que cet appareil sait")
    assert keeping.see(".bars li .bars-name", text=name)
    keeping.tap("#filter-material")
    keeping.tap(f"#filter-material option[value='waste/{sure[1].label}']")
    keeping.wait(lambda _driver: len(keeping.all(".past")) == 1)
    assert keeping.see(".past strong").text == name
    keeping.complaints()  # the calls that were blocked


def test_what_the_server_refuses_is_shown_with_a_way_out(phone: Phone, sure: Photo) -> None:
    phone.first_visit()
    phone.allow()
    phone.told()
    phone.offline(on=True)
    phone.pick(sure[0])
    phone.answers(count=1)
    phone.script(_SPOIL)
    phone.offline(on=False)
    phone.open("#/historique")
    phone.tap(".past[data-fate=refused] .past-head", text="Pas envoyée")
    assert phone.see(".past .notice .solid", text="Réessayer")
    assert not phone.all(".pending"), "a refusal does not wait"
    phone.tap(".erase", text="Effacer ce scan")
    phone.tap(".danger", text="Effacer")
    phone.wait(lambda _driver: not phone.all(".past"))
    assert phone.kept("photos") == []
    phone.wait(lambda _driver: phone.kept("captures") == [])
    phone.complaints()  # the blocked calls and the refusal


_SPOIL = """
const done = arguments[0];
const opening = indexedDB.open('tamis');
opening.onsuccess = () => {
  const work = opening.result.transaction('photos', 'readwrite');
  const photos = work.objectStore('photos');
  const keys = photos.getAllKeys();
  keys.onsuccess = () => photos.put(new TextEncoder().encode('no photo').buffer, keys.result[0]);
  work.oncomplete = () => { opening.result.close(); done(); };
};
"""


def test_one_or_all_are_erased_here_and_there(keeping: Phone, server: Server) -> None:
    before = server.photos()
    keeping.tap(".past-head", text="Pas sûr")
    keeping.tap(".past .erase")
    keeping.tap(".past .danger")
    keeping.wait(lambda _driver: len(keeping.all(".past")) == 1)
    keeping.wait(lambda _driver: len(before - server.photos()) == 1)
    keeping.tap(".erase", text="Effacer tout")
    keeping.tap(".danger", text="Tout effacer")
    keeping.wait(lambda _driver: len(before - server.photos()) == 2)
    keeping.told()
    assert keeping.api("/api/captures/")[1]["results"] == []
    assert keeping.kept("captures") == keeping.kept("photos") == []


def test_all_of_it_comes_as_a_zip(keeping: Phone, tmp_path: Path) -> None:
    where = {"behavior": "allow", "downloadPath": str(tmp_path), "eventsEnabled": False}
    keeping.cdp("Browser.setDownloadBehavior", where)
    keeping.tap(".list-row", text="Tout télécharger")
    path = tmp_path / "tamis.zip"
    keeping.wait(lambda _driver: path.exists())
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        photos = [name for name in archive.namelist() if name.startswith("captures/")]
        assert len(photos) == 2
        assert json.loads(archive.read("data.json"))


def test_another_tab_shows_the_same(keeping: Phone, sure: Photo) -> None:
    first = keeping.driver.current_window_handle
    keeping.driver.switch_to.new_window("tab")
    keeping.size(390, 844)
    keeping.driver.get(keeping.url)
    keeping.see(".status[data-good]")
    keeping.pick(sure[0])
    keeping.answers(count=1)
    keeping.told(sent=3)
    keeping.driver.switch_to.window(first)
    keeping.wait(lambda _driver: len(keeping.all(".past")) == 3)


def test_english_speaks_of_it_too(make_phone: Callable[..., Phone], sure: Photo) -> None:
    phone = make_phone(language="en-GB")
    phone.first_visit()
    phone.allow()
    phone.pick(sure[0])
    phone.answers(count=1)
    phone.told(sent=1)
    phone.open("#/historique")
    assert phone.see(".past .fate", text="Sent")
