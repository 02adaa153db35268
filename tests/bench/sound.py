"""Sounds: our engines and the reports' design side by side, memory, and forty evil sounds.

python -m tests.bench.sound; `make bench` runs it too.
"""

import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from ml.task import TASKS, Modality
from tests.bench.measure import Client, children, cpu_s, forget_peak, rss_mb
from tests.bench.photo import app_square, phone_photo
from tests.bench.servers import GUNICORN, Design, free_port, prepared, running
from tests.evil_sounds import EVIL
from tests.sounds import make_sound

MAX_MB, MAX_S = 300, 5
# Seconds; the most that the server takes is two minutes.
LENGTHS = (3, 30, 119)
# Ours, and what stands in its place in the reports.
RIVALS = {"net": "/predict_vgg", "svm": "/predict_svm", "vgg19": "/predict_vgg"}


@dataclass(frozen=True)
class Cost:
    """What one answer takes, and over how many windows."""

    ms: float
    cpu_ms: float
    windows: int


def songs() -> dict[int, bytes]:
    """One MP3 per length, as people have them."""
    return {
        seconds: make_sound("mp3", seconds=seconds, rate=44_100, channels=2) for seconds in LENGTHS
    }


def cost(client: Client, workers: list[int], *, times: int) -> Cost:
    """Ask again and again; the first answer, which opens and compiles, is not counted."""
    _warm(client)
    before, spent = cpu_s(workers), []
    for _ in range(times):
        start = time.perf_counter()
        status, body = client.send()
        spent.append((time.perf_counter() - start) * 1000)
        if status not in (200, 422):  # a tune made by script may be no music to the net
            raise RuntimeError(f"{status}: {body[:200]!r}")
    answers = json.loads(body).get("answers", [{}])
    return Cost(
        ms=median(spent),
        cpu_ms=(cpu_s(workers) - before) / times * 1000,
        windows=len(answers[0].get("windows", ())),
    )


def _warm(client: Client) -> None:
    for _ in range(60):
        if client.send()[0] != 503:
            return
        time.sleep(1)
    raise RuntimeError("never ready")


@contextmanager
def ours(env: dict[str, str]) -> Iterator[list[int]]:
    """One worker of our server."""
    port = env["PORT"]
    command = [*GUNICORN, "backend.config.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "1"]
    with running(Design("Tamis", command, "/livez", ""), int(port), env) as server:
        yield children(server)


def side_by_side(env: dict[str, str], *, times: int) -> str:
    """Markdown: each engine and each length, beside the reports' design."""
    port, files = int(env["PORT"]), songs()
    told: dict[tuple[str, int], Cost] = {}
    with ours(env) as workers:
        for engine in RIVALS:
            for seconds, file in files.items():
                client = Client(port, "/api/tasks/genre/recognise/", file, engine=engine)
                told[engine, seconds] = cost(client, workers, times=times)
    command = [
        *GUNICORN,
        "tests.bench.flask_sound:app",
        "--config",
        "/dev/null",
        "--timeout",
        "120",
    ]
    command += ["--bind", f"127.0.0.1:{port}", "--workers", "1"]
    design = Design("Flask + librosa + Keras", command, "/ready", "")
    with running(design, port, env) as server:
        for path in sorted(set(RIVALS.values())):
            for seconds, file in files.items():
                client = Client(port, path, file)
                told[path, seconds] = cost(client, children(server), times=times)
        their_memory = max(rss_mb(pid) for pid in children(server))
    lines = [
        "| engine | seconds of MP3 | windows | ms | CPU ms | reports' design ms | CPU ms | CPU |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for engine, path in RIVALS.items():
        for seconds in LENGTHS:
            own, their = told[engine, seconds], told[path, seconds]
            lines.append(
                f"| {engine} | {seconds} | {own.windows or '–'} | {own.ms:.0f} | {own.cpu_ms:.0f} "
                f"| {path} {their.ms:.0f} | {their.cpu_ms:.0f} "
                f"| {their.cpu_ms / own.cpu_ms:.1f}× |"
            )
    return "\n".join(lines) + f"\n\nTheir worker: {their_memory:.0f} MB."


def memory(env: dict[str, str]) -> str:
    """What a worker holds with every engine of every task open."""
    port, tune = int(env["PORT"]), make_sound(seconds=4)
    steps = []
    with ours(env) as workers:
        steps.append(("at start", rss_mb(workers[0])))
        for task in TASKS.values():
            for engine in task.engines:
                path = f"/api/tasks/{task.name}/recognise/"
                file = tune if task.modality is Modality.AUDIO else app_square(phone_photo())
                _warm(Client(port, path, file, engine=engine))
                steps.append((f"{task.name}/{engine}", rss_mb(workers[0])))
    return "Worker RSS, engines opened in turn: " + ", ".join(f"{n} {mb:.0f} MB" for n, mb in steps)


def evil(env: dict[str, str]) -> str:
    """Markdown: status, time and memory of each evil sound, answered by the net."""
    port = int(env["PORT"])
    lines = ["| evil sound | bytes | answer | s | peak MB |", "|---|---|---|---|---|"]
    worst_s = worst_mb = 0.0
    with ours(env) as workers:
        _warm(Client(port, "/api/tasks/genre/recognise/", make_sound(), engine="net"))
        for one in EVIL:
            client = Client(port, "/api/tasks/genre/recognise/", one.make(), engine="net")
            forget_peak(workers[0])
            start = time.perf_counter()
            status, body = client.send()
            took, peak = time.perf_counter() - start, rss_mb(workers[0], peak=True)
            worst_s, worst_mb = max(worst_s, took), max(worst_mb, peak)
            said = json.loads(body).get("type", "").removeprefix("/problems/")
            size = len(client.file)
            lines.append(f"| {one.name} | {size:,} | {status} {said} | {took:.2f} | {peak:.0f} |")
        if not Path(f"/proc/{workers[0]}").exists():
            raise RuntimeError("an evil sound ended the worker")
    verdict = "within" if worst_s <= MAX_S and worst_mb <= MAX_MB else "**OVER**"
    lines.append(
        f"\nWorst: {worst_s:.2f} s, {worst_mb:.0f} MB; {verdict} {MAX_S} s and {MAX_MB} MB."
    )
    return "\n".join(lines)


def report(env: dict[str, str], *, times: int = 5) -> str:
    """Everything about sounds, as a part of reports/bench.md."""
    parts = (side_by_side(env, times=times), memory(env), evil(env))
    return "## Sounds\n\n" + "\n\n".join(parts)


def main() -> None:
    """Measure sounds alone."""
    with tempfile.TemporaryDirectory() as home:
        print(report(prepared(home, free_port())))


if __name__ == "__main__":
    main()
