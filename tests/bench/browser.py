"""Second half of make bench: from shutter to answer in Chromium, and bytes downloaded."""

import os
import tempfile
from pathlib import Path
from statistics import median, quantiles

from tests.bench.measure import spin_ms
from tests.e2e.phone import Phone
from tests.e2e.pictures import film, scene
from tests.e2e.server import Server

SHOTS = 20
SENT = "%(U)s %({content-length}o)s"

# One shot, timed inside the page: from the tap to the frame that shows the answer.
SHOOT = """
const [before, done] = arguments;
const settled = () => document.querySelectorAll('.answer[data-state=answered]').length;
const start = performance.now();
const watch = new MutationObserver(() => {
  if (settled() <= before) return;
  watch.disconnect();
  requestAnimationFrame(() => done(performance.now() - start));
});
watch.observe(document.body, { subtree: true, childList: true, attributes: true });
document.querySelector('.shutter').click();
"""


def downloads(log: Path) -> dict[str, list[int]]:
    """Sizes of the bodies sent for each path, as they went over the wire."""
    sent: dict[str, list[int]] = {}
    for line in log.read_text().splitlines():
        path, _, size = line.rpartition(" ")
        if size.isdigit():
            sent.setdefault(path, []).append(int(size))
    return sent


def total(sent: dict[str, list[int]]) -> int:
    """Bytes in all."""
    return sum(map(sum, sent.values()))


def shoot(phone: Phone, *, before: int) -> float:
    """Wait for the picture in the viewfinder, take it, and return ms until its answer shows."""
    playing = "return document.querySelector('video')?.readyState >= 2"
    phone.wait(lambda driver: driver.execute_script(playing))
    return float(phone.script(SHOOT, before))


def first_answer_and_shots(server: Server, log: Path, camera: Path) -> tuple[int, list[float]]:
    """Bytes sent until the first answer of a first visit, then ms of each later shot."""
    phone = Phone(server.url, film=camera)
    try:
        phone.open()
        phone.see(".status[data-good]")
        shoot(phone, before=0)
        received = total(downloads(log))
        shots = []
        for before in range(1, SHOTS + 1):
            phone.tap(".again button")
            shots.append(shoot(phone, before=before))
        return received, shots
    finally:
        phone.driver.quit()


def main() -> None:
    """Drive the built app with a camera that plays a drawn scene; append to reports/bench.md."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        log = home / "access.log"
        # gunicorn's own variable. Not its byte count: that misses files the kernel sends.
        os.environ["GUNICORN_CMD_ARGS"] = f"--access-logfile={log} --access-logformat='{SENT}'"
        server = Server(home)
        server.prepare()
        server.start()
        camera = home / "camera.y4m"
        film(camera, scene(1))
        spins = [spin_ms() for _ in range(20)]
        try:
            received, shots = first_answer_and_shots(server, log, camera)
        finally:
            server.stop()
        spins += [spin_ms() for _ in range(20)]
        sent = downloads(log)
    largest = sorted(sent, key=lambda path: -sum(sent[path]))[:6]
    report = (
        f"Browser: shutter to answer {median(shots):.0f} ms (median of {SHOTS}; "
        f"p95 {quantiles(shots, n=20)[18]:.0f} ms); {received / 1e6:.2f} MB downloaded before the "
        f"first answer. Noise {max(spins) / median(spins):.2f}×.\n\nLargest downloads: "
        + ", ".join(f"{path} {len(sent[path])} × {sent[path][0] / 1e3:.0f} kB" for path in largest)
    )
    with Path("reports/bench.md").open("a") as file:
        file.write(f"\n{report}\n")
    print(f"\n{report}")


if __name__ == "__main__":
    main()
