"""What the phone waits for, in headless Chromium: python -m tests.e2e.measure

Prints the bytes that travel before the first answer of a first visit, the time of that visit, and
the median time from shutter to answer once all is there.
"""

import json
import socket
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

from .phone import Phone
from .pictures import film, scene
from .server import ROOT, Server

SHOTS = 20

# From the tap to the frame after the answer stands on the screen.
_SHOOT = """
const done = arguments[0];
const before = document.querySelectorAll('.answer').length;
const start = performance.now();
document.querySelector('.shutter').click();
const look = () => {
  const cards = document.querySelectorAll('.answer');
  const answered = cards.length > before && cards[0].dataset.state === 'answered';
  if (answered) requestAnimationFrame(() => done(performance.now() - start));
  else requestAnimationFrame(look);
};
look();
"""


class Meter:
    """A door in front of the server that counts what goes out."""

    def __init__(self, port: int) -> None:
        self.sent = 0
        self._to = port
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            client, _ = self._door.accept()
            upstream = socket.create_connection(("127.0.0.1", self._to))
            threading.Thread(target=self._pump, args=(client, upstream), daemon=True).start()
            threading.Thread(
                target=self._pump, args=(upstream, client), kwargs={"count": True}, daemon=True
            ).start()

    def _pump(self, source: socket.socket, sink: socket.socket, *, count: bool = False) -> None:
        try:
            while data := source.recv(65536):
                sink.sendall(data)
                self.sent += len(data) if count else 0
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            return  # the other side went away


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        film(home / "camera.y4m", scene(7))
        server = Server(home)
        server.prepare(ROOT / "ml" / "bundles")
        server.start()
        meter = Meter(server.port)
        phone = Phone(f"http://localhost:{meter.port}", film=home / "camera.y4m")
        # Wide: camera and answers stand side by side, so that every shot is the same tap.
        phone.size(1280, 800)
        try:
            start = time.perf_counter()
            phone.open()
            phone.wait(
                lambda d: d.execute_script("return document.querySelector('video')?.videoWidth")
            )
            phone.script(_SHOOT)
            first_s, first_bytes = time.perf_counter() - start, meter.sent
            phone.first_visit()
            kept_bytes = meter.sent
            phone.wait(
                lambda d: d.execute_script("return document.querySelector('video')?.videoWidth")
            )
            shots = [phone.script(_SHOOT) for _ in range(SHOTS)]
        finally:
            phone.driver.quit()
            server.stop()
    figures = {
        "first_answer_s": round(first_s, 2),
        "bytes_before_first_answer": first_bytes,
        "bytes_until_all_works_offline": kept_bytes,
        "shutter_to_answer_ms": {
            "median": round(statistics.median(shots), 1),
            "worst": round(max(shots), 1),
            "n": len(shots),
        },
    }
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
