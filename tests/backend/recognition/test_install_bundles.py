"""manage.py install_bundles: seeds become champions, and a trained champion stays one."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from backend.recognition.models import ModelVersion
from tests.factories import make_bundle

pytestmark = pytest.mark.django_db


def install(folder: Path) -> str:
    out = StringIO()
    call_command("install_bundles", bundles=folder, stdout=out)
    return out.getvalue()


def champion_version() -> str:
    return ModelVersion.objects.champions().get().version


def test_a_seed_serves_on_an_empty_database_and_is_installed_once(tmp_path: Path) -> None:
    make_bundle(tmp_path / "waste" / "net")
    assert "role champion" in install(tmp_path)
    assert "already there" in install(tmp_path)
    assert ModelVersion.objects.count() == 1


@pytest.mark.parametrize(
    ("first", "second", "serving"),
    [
        ("2030.9.1", "2030.47.1", "2030.47.1"),
        ("2030.47.1", "2030.9.1", "2030.47.1"),
    ],
)
def test_the_newer_version_serves(tmp_path: Path, first: str, second: str, serving: str) -> None:
    for padding, version in enumerate((first, second), start=1):
        folder = tmp_path / str(padding)
        make_bundle(folder / "waste" / "net", version=version, padding=padding)
        install(folder)
    assert champion_version() == serving
    assert ModelVersion.objects.count() == 2


def test_other_bytes_under_a_known_version_are_refused(tmp_path: Path) -> None:
    for padding in (1, 2):
        make_bundle(tmp_path / str(padding) / "waste" / "net", padding=padding)
    install(tmp_path / "1")
    with pytest.raises(CommandError, match="already another file"):
        install(tmp_path / "2")


def test_an_altered_bundle_is_not_installed(tmp_path: Path) -> None:
    bundle = make_bundle(tmp_path / "waste" / "net")
    bundle.model.write_bytes(bundle.model.read_bytes() + b"\0")
    with pytest.raises(CommandError, match="altered-model"):
        install(tmp_path)
    assert not ModelVersion.objects.exists()


def test_a_folder_without_bundles_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no bundle"):
        install(tmp_path)
