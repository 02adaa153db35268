"""How servers are started to be measured: free_port, prepared, running."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
GUNICORN = [sys.executable, "-m", "gunicorn"]


@dataclass(frozen=True)
class Design:
    """One server to measure: how it starts, where it answers, what its phones send."""

    name: str
    command: list[str]
    ready: str
    path: str
    photo: bytes = b""


def free_port() -> int:
    """A port of this machine that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def prepared(home: str, port: int) -> dict[str, str]:
    """The environment of a server whose database is made in `home`."""
    env = {**os.environ, "TAMIS_HOME": home, "PORT": str(port), "RECOGNISE_RATE": "1000000/min"}
    env |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
    env.pop("DATABASE_URL", None)
    subprocess.run(
        [sys.executable, "scripts/prepare.py"],
        cwd=ROOT,
        env=env,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return env


@contextmanager
def running(design: Design, port: int, env: dict[str, str]) -> Iterator[int]:
    """Start a server, wait until it answers, and end it with what it started."""
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(
            design.command, cwd=ROOT, env=env, stdout=log, stderr=log, start_new_session=True
        )
        try:
            wait_for(f"http://127.0.0.1:{port}{design.ready}", server)
            yield server.pid
        except (RuntimeError, OSError):
            log.seek(0)
            sys.stderr.write(log.read().decode(errors="replace")[-4000:])
            raise
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait()


def wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    """Return once `url` answers; a server that ends first is an error."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"{url} never answered")
