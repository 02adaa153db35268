"""settings.py in a fresh process: what the environment may say, and when it refuses to start."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def ask(expression: str, home: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Print one expression over the settings, read under `environ` and nothing else of ours."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", f"from backend.config import settings as s; print({expression})"],
        env={**kept, "TAMIS_HOME": str(home), **environ},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_at_home_a_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    first, second = (ask("s.SECRET_KEY", tmp_path).stdout for _ in range(2))
    assert first == second
    assert len(first.strip()) > 50
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


@pytest.mark.parametrize(
    ("environ", "refusal"),
    [
        ({"DATABASE_URL": "postgres://u:p@db/tamis"}, "SECRET_KEY is required"),
        ({"DEBUG": "maybe"}, "DEBUG must be 0 or 1"),
        ({"NUM_PROXIES": "two"}, "two"),
    ],
)
def test_what_cannot_be_meant_refuses_to_start(
    tmp_path: Path, environ: dict[str, str], refusal: str
) -> None:
    answer = ask("s.DEBUG", tmp_path, **environ)
    assert answer.returncode != 0
    assert refusal in answer.stderr


@pytest.mark.parametrize(
    "url", ["postgres://u:p@db.example.org/tamis", "postgres://u:p@127.0.0.1/tamis"]
)
def test_a_given_key_is_taken_as_it_is(tmp_path: Path, url: str) -> None:
    answer = ask("s.SECRET_KEY, s.DEBUG", tmp_path, DATABASE_URL=url, SECRET_KEY="geheim")
    assert answer.stdout == "geheim False\n"


def test_https_only_secures_cookies_and_believes_proxies_only_when_told(tmp_path: Path) -> None:
    asked = (
        "s.SECURE_SSL_REDIRECT, s.SESSION_COOKIE_SECURE, s.SECURE_HSTS_SECONDS > 0,"
        "hasattr(s, 'SECURE_PROXY_SSL_HEADER')"
    )
    assert ask(asked, tmp_path).stdout == "False False False False\n"
    strict = ask(asked, tmp_path, HTTPS_ONLY="1", NUM_PROXIES="1")
    assert strict.stdout == "True True True True\n"


@pytest.mark.parametrize(
    ("environ", "backend", "tls", "ssl"),
    [
        ({}, "console", True, False),
        ({"EMAIL_HOST": "mail.example.org"}, "smtp", True, False),
        ({"EMAIL_HOST": "mail.example.org", "EMAIL_PORT": "465"}, "smtp", False, True),
        ({"EMAIL_HOST": "localhost", "EMAIL_PORT": "25"}, "smtp", False, False),
    ],
)
def test_mails_go_out_where_a_server_is_named(
    tmp_path: Path, environ: dict[str, str], backend: str, tls: bool, ssl: bool
) -> None:
    answer = ask("s.EMAIL_BACKEND, s.EMAIL_USE_TLS, s.EMAIL_USE_SSL", tmp_path, **environ)
    assert answer.stdout == f"django.core.mail.backends.{backend}.EmailBackend {tls} {ssl}\n"
