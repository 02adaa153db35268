"""The real server on this machine, in processes of its own that a test may stop or kill."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[2]
_PATIENCE_S = 60


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """gunicorn with a database and media of its own under `home`."""

    def __init__(self, home: Path) -> None:
        self.port = _free_port()
        self.url = f"http://localhost:{self.port}"
        self._env = {**os.environ, "TAMIS_HOME": str(home), "SECRET_KEY": "e2e"}
        self._env.pop("DATABASE_URL", None)
        self.media = home / "media"
        self._log = home / "server.log"
        # Where mails are written, when none can be sent.
        self.output = home / "output.log"
        self._process: subprocess.Popen[bytes] | None = None

    def prepare(self, bundles: Path) -> None:
        """Fill the database as `make run` does, with these models."""
        install = ["install_bundles", f"--bundles={bundles}"]
        for verb in (["migrate", "-v0"], ["load_rules"], install):
            self.manage(*verb)

    def manage(self, *verb: str, **environment: str) -> str:
        """Run one of Django's commands on this server's own database; what it says."""
        command = [sys.executable, "backend/manage.py", *verb]
        env = {**self._env, **environment}
        done = subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True)
        return done.stdout.decode()

    def begin(self, *verb: str) -> subprocess.Popen[bytes]:
        """Start one of them, to be stopped by the test."""
        command = [sys.executable, "backend/manage.py", *verb]
        return subprocess.Popen(command, cwd=ROOT, env=self._env, stdout=subprocess.PIPE)

    def start(self) -> None:
        command = [sys.executable, "-m", "gunicorn", "backend.config.wsgi", "--threads=4"]
        command += [f"--bind=127.0.0.1:{self.port}", f"--log-file={self._log}"]
        with self.output.open("ab") as output:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=self._env, stdout=output, start_new_session=True
            )
        end = time.monotonic() + _PATIENCE_S
        while time.monotonic() < end:
            try:
                with urlopen(f"{self.url}/livez", timeout=5):
                    return
            except (URLError, ConnectionError):
                if self._process.poll() is not None:
                    break
        raise RuntimeError(f"the server did not start:\n{self._log.read_text()}")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=20)
            self._process = None

    def kill(self) -> None:
        """End it as a power cut does: the workers too, nothing finished, nothing said."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(timeout=20)
        self._process = None

    def photos(self) -> set[Path]:
        """Files of captures on the disk."""
        return set((self.media / "captures").glob("*"))
