"""WCAG 2.2 AA by axe on every screen and state, light and dark."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import Photo
from .phone import Phone
from .server import ROOT

pytestmark = pytest.mark.e2e

AXE = ROOT / "pwa" / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(phone: Phone) -> list[str]:
    """Let axe look at what is on the screen now."""
    phone.driver.execute_script(AXE.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = phone.script(
        "const [tags, done] = arguments;"
        "axe.run(document, {runOnly: tags}).then(({violations}) => done(violations));",
        TAGS,
    )
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_no_screen_and_no_state_is_an_obstacle(
    make_phone: Callable[..., Phone], scene_film: Path, sure: Photo, unsure: Photo, dark: bool
) -> None:
    phone = make_phone(film=scene_film)
    phone.dark(on=dark)
    seen: dict[str, list[str]] = {}
    phone.first_visit()
    phone.see("video")
    seen["viewfinder"] = violations(phone)
    phone.pick(sure[0], unsure[0])
    phone.answers(count=2)
    seen["answers"] = violations(phone)
    phone.tap(".corrector .chip-more")
    seen["correction"] = violations(phone)
    phone.tap(".place")
    phone.see(".sheet .list-row", text="Gironde")
    seen["departments"] = violations(phone)
    phone.tap(".sheet .list-row", text="Gironde")
    phone.see(".options")
    seen["territories"] = violations(phone)
    phone.tap(".sheet > .solid", text="Valider")
    for screen in ("chercher", "reglages", "modele", "a-propos"):
        phone.open(f"#/{screen}")
        phone.see("h1")
        if screen == "chercher":
            phone.see("#query").send_keys("pot de yaourt")
            phone.see(".product")
        seen[screen] = violations(phone)
    assert {name: found for name, found in seen.items() if found} == {}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_consent_history_and_account_are_no_obstacle(
    phone: Phone, sure: Photo, unsure: Photo, dark: bool
) -> None:
    phone.dark(on=dark)
    seen: dict[str, list[str]] = {}
    phone.first_visit()
    for screen in ("historique", "compte", "mot-de-passe/abc-def", "courriel/abc"):
        phone.open(f"#/{screen}")
        phone.see("h1")
        seen[screen] = violations(phone)
    phone.open()
    phone.see(".status[data-good]")
    phone.pick(sure[0], unsure[0])
    phone.answers(count=2)
    seen["question"] = violations(phone)
    phone.tap(".corrector .yes")
    phone.see(".ask-consent")
    seen["noted"] = violations(phone)
    phone.tap(".ask-consent .solid", text="Voir")
    phone.tap("#consent-store")
    seen["consents"] = violations(phone)
    phone.tap(".consents .solid", text="Enregistrer")
    phone.see(".pending")
    seen["waiting"] = violations(phone)
    phone.open("#/historique")
    phone.see(".past-head")
    for head in phone.all(".past-head"):
        head.click()
    phone.see(".past .corrector")
    phone.tap(".past .erase")
    seen["history"] = violations(phone)
    phone.open("#/compte")
    phone.see(".pseudonym")
    phone.tap("summary")
    phone.tap(".quiet", text="Mot de passe oublié")
    seen["account"] = violations(phone)
    assert {name: found for name, found in seen.items() if found} == {}


def test_the_materials_are_reached_by_keyboard_and_focus_is_not_lost(
    phone: Phone, sure: Photo
) -> None:
    phone.first_visit()
    phone.pick(sure[0])
    phone.answers(count=1)
    for selector in (".corrector .chip-more", ".materials li:nth-child(2) .chip"):
        phone.driver.execute_script("arguments[0].focus()", phone.see(selector))
        _press(phone, _ENTER)
    phone.see(".noted")
    inside = "return document.activeElement.closest('.corrector') !== null"
    assert phone.wait(lambda driver: driver.execute_script(inside))
    _press(phone, _TAB)
    assert "Annuler" in phone.driver.execute_script("return document.activeElement.innerText")
    _press(phone, _ENTER)
    assert phone.see(".corrector .yes")


def test_no_camera_is_no_obstacle(phone: Phone) -> None:
    phone.first_visit()
    phone.tap(".shutter")
    phone.see(".still-title")
    assert violations(phone) == []


def test_the_keyboard_reaches_everything(phone: Phone) -> None:
    phone.first_visit()
    stops = phone.driver.execute_script(
        "return [...document.querySelectorAll('a, button, input')]"
        ".filter((e) => e.checkVisibility() && !e.disabled).length"
    )
    reached = set()
    for _ in range(stops):
        _press(phone, _TAB)
        reached.add(phone.driver.execute_script("return document.activeElement.outerHTML"))
    assert len(reached) == stops


_TAB = {"key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9}
_ENTER = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"}


def _press(phone: Phone, key: dict[str, Any]) -> None:
    for kind in ("keyDown", "keyUp"):
        phone.cdp("Input.dispatchKeyEvent", {"type": kind, **key})


def test_an_answer_is_said_aloud(phone: Phone, sure: Photo) -> None:
    phone.first_visit()
    phone.pick(sure[0])
    phone.answers(count=1)
    live = phone.all("[aria-live=polite]")[0]
    assert phone.wait(lambda _d: live.get_attribute("textContent"))
