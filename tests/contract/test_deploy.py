"""The doors to production run what exists, and the web slug stays light."""

import json
import re
from pathlib import Path

import pytest
from django.core.management import get_commands

from scripts.prepare import VERBS

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))
HEAVY = ("tensorflow", "keras", "pyspark")


def pins(lock: Path) -> dict[str, str]:
    """Package → version."""
    return dict(re.findall(r"^([\w.-]+)==([\w.]+)", lock.read_text(), re.MULTILINE))


@pytest.mark.parametrize("door", ["Procfile", "docker-compose.yml"])
def test_each_door_releases_with_the_same_three_commands(door):
    text = (ROOT / door).read_text()
    for verb, *options in VERBS:
        assert " ".join([verb, *options]) in text
        assert verb in get_commands()


@pytest.mark.parametrize("door", ["Procfile", "backend/Dockerfile", "scripts/server.sh"])
def test_each_door_starts_the_same_server(door):
    assert 'gunicorn" backend.config.wsgi' in (text := (ROOT / door).read_text()) or (
        "gunicorn backend.config.wsgi" in text
    )


@pytest.mark.parametrize("door", [".ci/run", "Jenkinsfile", ".github/workflows/ci.yml"])
def test_each_ci_runs_the_tests_of_the_makefile(door):
    text = (ROOT / door).read_text()
    assert ("make test" if door == ".ci/run" else ".ci/run") in text
    assert (ROOT / ".ci/run").stat().st_mode & 0o111


def test_the_web_lock_has_nothing_heavy():
    assert not set(HEAVY) & set(pins(ROOT / "requirements/web.lock"))


def test_a_package_has_one_version_in_every_lock():
    dev = pins(ROOT / "requirements/dev.lock")
    for lock in LOCKS:
        assert pins(lock).items() <= dev.items(), lock.name


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_each_pin_has_a_hash_and_no_lock_names_an_index(lock):
    text = lock.read_text()
    assert "://" not in text
    assert not re.search(r"^-", text, re.MULTILINE)
    blocks = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]
    assert blocks
    assert all("--hash=sha256:" in block for block in blocks)


def test_every_action_is_pinned_to_a_commit():
    used = re.findall(r"uses: \S+@(\S+)", (ROOT / ".github/workflows/ci.yml").read_text())
    assert used
    assert all(re.fullmatch(r"[0-9a-f]{40}", commit) for commit in used)


def test_the_slug_builds_the_app_before_it_drops_its_sources():
    scripts = json.loads((ROOT / "package.json").read_text())["scripts"]
    buildpacks = [
        entry["url"] for entry in json.loads((ROOT / "app.json").read_text())["buildpacks"]
    ]
    ignored = (ROOT / ".slugignore").read_text().split()
    assert buildpacks == ["heroku/nodejs", "heroku/python"]
    assert "npm run --prefix pwa build" in scripts["heroku-postbuild"]
    # .slugignore acts before the build, which needs these.
    assert not [line for line in ignored if line.startswith(("/pwa", "/backend", "/ml/bundles"))]
