"""make bench: our server and the reports' design, same photo and sounds, in one run.

What a retraining costs takes an hour and is measured apart: python -m tests.bench.retraining DATA.
"""

import argparse
import sys
import tempfile
from statistics import median

from tests.bench import sound
from tests.bench.measure import (
    Client,
    Figures,
    children,
    cpu_s,
    rss_mb,
    sequential,
    spin_ms,
    throughput,
)
from tests.bench.photo import app_square, phone_photo
from tests.bench.servers import GUNICORN, ROOT, Design, free_port, prepared, running

CONCURRENCY = 4
REQUESTS_BEFORE_RSS = 200
NOISY = 1.25
REPORTS = "Flask + Keras, 2 workers"


def designs(port: int) -> list[Design]:
    """Ours, then the reports' design under the same process manager, then as the reports ran it.

    Ours twice: with the photo as other programs send it, and with the square that our app sends
    where no model can run on the phone.
    """
    photo = phone_photo()
    bind = ["--bind", f"127.0.0.1:{port}"]
    tamis = [*GUNICORN, "backend.config.wsgi", *bind]
    recognise = "/api/tasks/waste/recognise/"
    keras = [*GUNICORN, "tests.bench.flask_keras:app", "--config", "/dev/null", *bind]
    return [
        Design("Tamis, 2 workers", tamis, "/readyz", recognise, photo),
        Design("Tamis, square from the app", tamis, "/readyz", recognise, app_square(photo)),
        Design(
            REPORTS,
            [*keras, "--workers", "2", "--timeout", "120"],
            "/ready",
            "/predict",
            photo,
        ),
        Design(
            "Flask + Keras, Flask's own server",
            [sys.executable, "-m", "tests.bench.flask_keras", str(port)],
            "/ready",
            "/predict",
            photo,
        ),
    ]


def measure(design: Design, *, env: dict[str, str], seconds: float) -> Figures:
    """Warm up, then measure; memory is read after 200 requests."""
    port = int(env["PORT"])
    client = Client(port, design.path, design.photo)
    with running(design, port, env) as server:
        throughput(client, phones=CONCURRENCY, seconds=2)
        workers = children(server)
        before = cpu_s(workers)
        median_ms, p95_ms = sequential(client, n=REQUESTS_BEFORE_RSS)
        cpu_ms = (cpu_s(workers) - before) / REQUESTS_BEFORE_RSS * 1000
        memory = max(rss_mb(pid) for pid in workers)
        per_s, refused = throughput(client, phones=CONCURRENCY, seconds=seconds)
    return Figures(median_ms, p95_ms, per_s, refused, cpu_ms, memory)


def table(rows: list[tuple[str, Figures]]) -> str:
    """Markdown: one row per server, and how far each is ahead of the reports' design."""
    reports = next(row for name, row in rows if name == REPORTS)
    lines = [
        "| server | median ms | p95 ms | answers/s | busy (503) | CPU ms an answer | worker RSS MB "
        f"| answers/s, {REPORTS} = 1 | CPU |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, row in rows:
        lines.append(
            f"| {name} | {row.median_ms:.1f} | {row.p95_ms:.1f} | {row.answers_per_s:.1f} "
            f"| {row.refused} | {row.cpu_ms:.1f} | {row.worker_rss_mb:.0f} "
            f"| {row.answers_per_s / reports.answers_per_s:.1f}× "
            f"| {reports.cpu_ms / row.cpu_ms:.1f}× less |"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure every design in turn, and write what was seen to reports/bench.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=15, help="of full load for each server")
    seconds = parser.parse_args().seconds
    port = free_port()
    rows: list[tuple[str, Figures]] = []
    spins = [spin_ms() for _ in range(20)]
    with tempfile.TemporaryDirectory() as home:
        env = prepared(home, port)
        for design in designs(port):
            print(f"measuring {design.name}: {len(design.photo) / 1e6:.2f} MB …", flush=True)
            rows.append((design.name, measure(design, env=env, seconds=seconds)))
            spins += [spin_ms() for _ in range(20)]
        print("measuring sounds …", flush=True)
        sounds = sound.report(env)
        spins += [spin_ms() for _ in range(20)]
    noise = max(spins) / median(spins)
    report = (
        table(rows) + f"\n\nNoise of the machine: slowest calibration loop {noise:.2f}× the median."
    )
    if noise > NOISY:
        report += " **Other work was running: compare the ratios, not the times.**"
    report += f"\n\n{sounds}"
    out = ROOT / "reports" / "bench.md"
    out.parent.mkdir(exist_ok=True)
    out.write_text(report + "\n")
    print(f"\n{report}\n\nWritten to reports/bench.md")


if __name__ == "__main__":
    main()
