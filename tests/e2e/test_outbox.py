"""A hundred scans queued offline arrive once each, whatever happens on the way."""

import os
import random
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from .phone import Phone
from .server import Server

pytestmark = pytest.mark.e2e

SCANS = 100
CORRECTED = 5
SEED = 20261124
# Some cuts are waited out; a machine with much else to do takes longer.
PATIENCE_S = 120


class Cutter:
    """A door in front of the server that may be shut, and that cuts connections half-way.

    Each connection that is to be cut gets a number of bytes to live, both ways together, so that
    the end comes in the middle of a request or of an answer.
    """

    def __init__(self, port: int) -> None:
        self.cuts = 0
        self.share = 0.0  # of connections that are cut
        self._to = port
        self._chance = random.Random(SEED)
        self._shut = False
        self._open: set[socket.socket] = set()
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def shut(self) -> None:
        """Let nobody through, those who are on their way included."""
        self._shut = True
        for end in tuple(self._open):
            _end(end)

    def open(self, *, share: float) -> None:
        """Let everybody through again, and cut this share of the connections made from now on."""
        self.share, self._shut = share, False

    def spare(self) -> None:
        """Cut nothing any more, not even what was to be cut: browsers use a connection again."""
        self.share = 0.0

    def _serve(self) -> None:
        while True:
            client, _ = self._door.accept()
            if self._shut:
                client.close()
                continue
            try:
                server = socket.create_connection(("127.0.0.1", self._to))
            except ConnectionError:
                client.close()  # killed just now
                continue
            doomed = self._chance.random() < self.share
            life = [self._chance.randrange(200, 60_000)] if doomed else None
            self._open |= {client, server}
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self._pump, args=(source, sink, life), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, life: list[int] | None) -> None:
        with suppress(OSError):  # the other side went away
            while data := source.recv(4096):
                if life is not None and self.share:
                    life[0] -= len(data)
                    if life[0] <= 0:
                        self.cuts += 1
                        break
                sink.sendall(data)
        for end in (source, sink):
            _end(end)
        self._open -= {source, sink}


def _end(connection: socket.socket) -> None:
    with suppress(OSError):  # ended already
        connection.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def killable(server: Server) -> Iterator[Server]:
    yield server
    server.stop()
    server.start()


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    """Small ones, no two alike."""
    chance = random.Random(SEED)
    paths = [tmp_path / f"{n:03}.png" for n in range(SCANS)]
    for path in paths:
        Image.frombytes("RGB", (48, 48), chance.randbytes(48 * 48 * 3)).save(path)
    return paths


def _all_captures(phone: Phone) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    page: str | None = "/api/captures/"
    while page is not None:
        _, body = phone.api(page)
        found += body["results"]
        page = body["next"] and body["next"].partition(f":{phone.url.rpartition(':')[2]}")[2]
    return found


def test_a_hundred_scans_arrive_once_each(
    make_phone: Callable[..., Phone], killable: Server, photos: list[Path]
) -> None:
    before = killable.photos()
    cutter = Cutter(killable.port)
    phone = make_phone(url=f"http://localhost:{cutter.port}")
    phone.first_visit()
    cutter.shut()
    phone.allow()
    phone.pick(*photos)
    cards = phone.answers(count=SCANS)
    for card in cards[:CORRECTED]:
        phone.tap(f"[aria-label='{card.get_attribute('aria-label')}'] .corrector .chip-more")
        phone.tap(".materials .chip", text="Verre")
    assert "100 scans" in phone.see(".pending").get_attribute("textContent")
    assert killable.photos() == before

    cutter.open(share=0.5)
    phone.later(60)  # corrections are ready to leave

    def some_arrived(_driver: object) -> bool:
        _knock(phone)
        return len(killable.photos() - before) >= SCANS // 3

    phone.wait(some_arrived, patience_s=PATIENCE_S, every_s=1)
    killable.kill()
    killable.start()

    def all_told(_driver: object) -> bool:
        _knock(phone)
        return not phone.all(".pending")

    phone.wait(all_told, patience_s=PATIENCE_S, every_s=1)
    assert cutter.cuts > 0, "nothing was cut: this proved nothing"
    cutter.spare()
    on_phone = phone.kept("captures")
    captures = _all_captures(phone)
    assert len(captures) == SCANS
    assert {capture["id"] for capture in captures} == {row["id"] for row in on_phone}
    assert len({capture["sha256"] for capture in captures}) == SCANS
    # The power cut may leave a file whose row was not written yet: the daily sweep takes it away.
    for photo in killable.photos():
        os.utime(photo, (0, 0))
    killable.manage("sweep_captures")
    assert len(killable.photos() - before) == SCANS
    assert sum(capture["correction"] is not None for capture in captures) == CORRECTED
    assert {row["upload"] for row in on_phone} == {"sent"}
    assert all("net::ERR" in line or "status of 5" in line for line in phone.complaints())


def _knock(phone: Phone) -> None:
    """The network is back, says the browser: no waiting for the next attempt."""
    phone.driver.execute_script("dispatchEvent(new Event('online'))")
