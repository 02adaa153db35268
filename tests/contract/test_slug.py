"""The web app starts, and answers, where the heavy packages are not installed."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROGRAM = """
import io
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"tensorflow", "keras", "sklearn", "pyspark", "scipy", "pandas"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())

from backend.config.wsgi import application
from django.urls import get_resolver

answers = []
environ = {
    "REQUEST_METHOD": "GET", "PATH_INFO": "/livez", "SERVER_NAME": "localhost",
    "SERVER_PORT": "80", "wsgi.input": io.BytesIO(), "wsgi.url_scheme": "http",
}
body = b"".join(application(environ, lambda status, headers: answers.append(status)))
len(get_resolver().url_patterns)

import ml.predict
import ml.engines
ml.engines._interpreter()
print(answers, body)
"""


def test_the_web_app_starts_without_tensorflow(tmp_path: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env={**os.environ, "TAMIS_HOME": str(tmp_path), "DATABASE_URL": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    assert "200 OK" in answer.stdout
