"""A reviewer works the desk in a real browser, by the keyboard alone, on the real server."""

import io
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from .people import Person
from .phone import Phone
from .pictures import jpeg, scene
from .server import Server
from .test_accessibility import violations

pytestmark = pytest.mark.e2e
DESK = "admin/recognition/capture/"
PASSWORD = "le-secret-de-la-chouette"
SHIFT = 8  # as the browser's protocol counts modifiers


@pytest.fixture(scope="module")
def desk_server(bundles: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of its own: what others send would stand in the queue too."""
    server = Server(tmp_path_factory.mktemp("desk"))
    server.prepare(bundles)
    server.manage(
        *("createsuperuser", "--noinput", "--pseudonym=chouette"),
        DJANGO_SUPERUSER_PASSWORD=PASSWORD,
    )
    server.start()
    yield server
    server.stop()


@pytest.fixture
def screen(desk_server: Server) -> Iterator[Phone]:
    """A browser on a desk, not in a hand."""
    screen = Phone(desk_server.url)
    screen.size(1280, 800)
    yield screen
    screen.driver.quit()


@pytest.fixture
def meet(desk_server: Server) -> Iterator[Callable[[], Person]]:
    """Meet people; afterwards nothing of what they sent is left in the queue."""
    people: list[Person] = []

    def meet() -> Person:
        people.append(Person(desk_server.url))
        return people[-1]

    yield meet
    for person in people:
        person.ask("DELETE", "captures/")


def again(picture: Image.Image, quality: int) -> bytes:
    """The same scene in other bytes."""
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return out.getvalue()


def press(screen: Phone, key: str, code: str = "", *, modifiers: int = 0) -> None:
    """A key as the browser hears it; `code` is where it lies."""
    code = code or (f"Key{key.upper()}" if len(key) == 1 else key)
    event = {"key": key, "code": code, "modifiers": modifiers}
    for kind in ("keyDown", "keyUp"):
        screen.cdp("Input.dispatchKeyEvent", {"type": kind, **event})


def log_in(screen: Phone) -> None:
    screen.open(f"admin/login/?next=/{DESK}")
    screen.see("#id_username").send_keys("chouette")
    screen.see("#id_password").send_keys(PASSWORD)
    screen.tap("[type=submit]")
    screen.see(".desk-main")
    screen.complaints()  # the door of Django's admin has no icon


def look(screen: Phone) -> tuple[str, list[str]]:
    """The capture on screen and the twins it stands for."""
    source = screen.see(".desk-photo img").get_attribute("src")
    found = re.search(r"/captures/([0-9a-f-]{36})/file/", source or "")
    assert found is not None
    boxes = screen.all(".desk-twins [data-twin]") if shows_twins(screen) else []
    return found[1], [str(box.get_attribute("data-twin")) for box in boxes]


def shows_twins(screen: Phone) -> bool:
    return screen.all(".desk-twins")[0].is_displayed()


def count(screen: Phone, text: str) -> None:
    screen.see(".desk-count", text=text)


def test_a_queue_is_worked_by_the_keyboard_alone(meet: Callable[[], Person], screen: Phone) -> None:
    hirondelle, merle = meet(), meet()
    for quality in (95, 85, 75):
        hirondelle.send(again(scene(40), quality), "verre")
    for seed, label in enumerate(("metal", "carton", "papier"), start=50):
        merle.send(jpeg(scene(seed)), label)
    for seed, label in ((60, "textile"), (61, "bois")):
        hirondelle.send(jpeg(scene(seed)), label)
    said = {
        item["id"]: item["correction"]["label"]
        for person in (hirondelle, merle)
        for item in person.ask("GET", "captures/")["results"]
    }
    truth: dict[str, str | None] = {}
    log_in(screen)
    count(screen, "0 / 8")
    for dark in (False, True):
        screen.dark(on=dark)
        assert violations(screen) == []

    offline = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    screen.cdp("Network.enable", {})
    screen.cdp("Network.emulateNetworkConditions", {**offline, "offline": True})
    lost, _ = look(screen)
    press(screen, "Enter")
    screen.see(".desk-trouble p", text="Pas de réseau")
    screen.cdp("Network.emulateNetworkConditions", {**offline, "offline": False})
    count(screen, "0 / 8")
    assert lost in {tile.get_attribute("data-item") for tile in screen.all(".desk-strip button")}
    screen.complaints()  # the request that could not leave is one

    while len(truth) < 8:
        capture, twins = look(screen)
        done = len(truth)
        if twins:  # one stroke decides of all three
            press(screen, "a")
            truth |= {one: said[capture] for one in (capture, *twins)}
        elif done == 0 or "metal" in truth.values():
            press(screen, "é", "Digit2")  # as a French keyboard says it, without Maj
            truth[capture] = "carton"
        else:
            press(screen, "c")
            screen.see(".desk-chips", text="témoin")
            press(screen, "8", "Digit8")
            truth[capture] = "metal"
        count(screen, f"{len(truth)} / 8")
        if done == 0:
            press(screen, "u")
            count(screen, "0 / 8")
            assert look(screen)[0] == capture, "what was undone is on screen again"
            truth.clear()
            press(screen, "j")
            press(screen, "k")
            press(screen, "r")
            count(screen, f"{1 + len(twins)} / 8")
            truth |= dict.fromkeys((capture, *twins))
    screen.see(".desk-empty", text="Tout est relu : 8 photos")
    assert screen.complaints() == []

    found = {
        item["id"]: item["correction"]["truth"]
        for person in (hirondelle, merle)
        for item in person.ask("GET", "captures/")["results"]
    }
    assert found == truth


def test_marked_photos_are_decided_together(meet: Callable[[], Person], screen: Phone) -> None:
    person = meet()
    sent = {
        str(person.send(jpeg(scene(seed)), label)): label
        for seed, label in (
            (70, "metal"),
            (71, "carton"),
            (72, "bois"),
            (73, "cuir"),
            (74, "metal"),
        )
    }
    log_in(screen)
    marked: list[str] = []
    for _ in range(4):
        marked.append(look(screen)[0])
        press(screen, "x")
    for capture in reversed(marked[2:]):  # two of the four are let go again
        while look(screen)[0] != capture:
            press(screen, "k")
        press(screen, "x")
    screen.see(".desk-bulk", text="Marquées : 2")
    press(screen, "A", modifiers=SHIFT)
    count(screen, "2 / 5")
    rest = []
    for _ in range(2):
        rest.append(look(screen)[0])
        press(screen, "x")
    press(screen, "V", modifiers=SHIFT)
    count(screen, "4 / 5")
    screen.wait(lambda _: truths(person).count(None) == 1)
    found = dict(zip(ids(person), truths(person), strict=True))
    assert {one: found[one] for one in marked[:2]} == {one: sent[one] for one in marked[:2]}
    assert [found[one] for one in rest] == ["verre", "verre"]


def ids(person: Person) -> list[str]:
    return [item["id"] for item in person.ask("GET", "captures/")["results"]]


def truths(person: Person) -> list[str | None]:
    return [item["correction"]["truth"] for item in person.ask("GET", "captures/")["results"]]


def test_two_reviewers_at_once_make_one_truth(
    desk_server: Server, meet: Callable[[], Person]
) -> None:
    owner, *reviewers = (meet() for _ in range(3))
    for reviewer in reviewers:
        desk_server.manage("grant_review", reviewer.pseudonym)
    captures = [str(owner.send(jpeg(scene(seed)), "verre")) for seed in range(80, 84)]

    def decide(task: tuple[Person, str, str]) -> dict[str, Any]:
        reviewer, capture, label = task
        decisions = [{"id": capture, "label": label}]
        answer = reviewer.ask("POST", f"../{DESK}decide/", json={"decisions": decisions})
        result: dict[str, Any] = answer["results"][0]
        return {**result, "said": label}

    tasks = [
        (reviewer, capture, label)
        for capture in captures
        for reviewer, label in zip(reviewers, ("metal", "verre"), strict=True)
    ]
    with ThreadPoolExecutor(len(tasks)) as crowd:
        results = list(crowd.map(decide, tasks))
    found = dict(zip(ids(owner), truths(owner), strict=True))
    for capture in captures:
        here = [result for result in results if result["id"] == capture]
        assert [result.get("problem") for result in here].count("not-open") == 1
        (won,) = (result for result in here if "problem" not in result)
        assert found[capture] == won["truth"] == won["said"]
