"""Week after week: only what is new is computed, a killed run goes on, the erased are forgotten."""

import hashlib
import resource
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ml.bundle import load_bundle
from ml.manifest import read_manifest, write_manifest
from tests.ml.train.synthetic import make_week

pytest.importorskip("tensorflow", reason="the extra `train` is not installed")
from ml.train.__main__ import main  # noqa: E402
from ml.train.work import Stages, WorkInUse, sole_use  # noqa: E402

pytestmark = pytest.mark.train

CALIBRATION = ("without-web", "all-sources")


@pytest.fixture
def week(trained, tmp_path):
    """The finished training's work folder once more, and three photos that people sent."""
    shutil.copytree(trained.work, tmp_path / "work")
    make_week(tmp_path / "data", trained.data, ["verre", "verre", "metal"])
    return tmp_path


def arguments(trained, folder: Path) -> list[str]:
    folders = ["--data", str(folder / "data"), "--work", str(folder / "work")]
    return [*trained.options, *folders, "--out", str(folder / "net")]


def child(trained, folder: Path) -> subprocess.Popen:
    command = [sys.executable, "-m", "ml.train", *arguments(trained, folder)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def forget_captures(folder: Path) -> None:
    """People leave: the next snapshot lacks them; its lines come in another order, too."""
    manifest = folder / "data/manifest.jsonl"
    lines = [line for line in manifest.read_text().splitlines() if "captures/" not in line]
    manifest.write_text("\n".join(reversed(lines)) + "\n")
    shutil.rmtree(folder / "data/captures")


def test_a_week_costs_what_is_new_and_the_erased_leave_no_trace(trained, week, capsys):
    before = (week / "work/features/features.bin").read_bytes()
    n_before = len(read_manifest(trained.work / "manifest.jsonl"))
    stages = {path.name for path in (week / "work/stages").iterdir()}
    assert main(arguments(trained, week)) == 0

    # Three photos as they are; of two glasses and one metal two views each, at most three a cell.
    record = len(before) // (n_before + 13 * 3 * 3)
    after = (week / "work/features/features.bin").read_bytes()
    assert after.startswith(before)
    assert len(after) == len(before) + (3 + 3 + 2) * record
    now = {path.name for path in (week / "work/stages").iterdir()}
    kept = {name for name in stages if name.startswith(CALIBRATION)}
    assert len(kept) == 2 and stages & now == kept and len(now) == len(stages)
    first, card = load_bundle(trained.out).card, load_bundle(week / "net").card
    assert card.output == first.output
    assert card.metrics["validation"] == first.metrics["validation"]
    assert card.metrics["n"] == first.metrics["n"]
    assert {data.source: data.n for data in card.data}["captures"] == 3
    assert card.selftest != first.selftest

    forget_captures(week)
    with child(trained, week) as run:
        while "train and validation: 78 photos" not in run.stderr.readline():
            assert run.poll() is None
        run.kill()
    assert run.returncode == -9
    assert not (week / "net/card.json").exists() or load_bundle(week / "net").card == card
    assert sorted_records(week, record) == sorted_records(trained.work.parent, record)

    capsys.readouterr()
    assert main(arguments(trained, week)) == 0
    again = load_bundle(week / "net")
    assert again.model.read_bytes() == load_bundle(trained.out).model.read_bytes()
    assert again.card.selftest == first.selftest
    assert {path.name for path in (week / "work/stages").iterdir()} == stages


def sorted_records(folder: Path, record: int) -> list[bytes]:
    """What is kept of the photos, wherever in the file it stands."""
    data = (folder / "work/features/features.bin").read_bytes()
    assert len(data) % record == 0
    return sorted(data[at : at + record] for at in range(0, len(data), record))


@pytest.fixture
def nearly_full(week):
    """No file may grow much beyond the features there are."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    room = (week / "work/features/features.bin").stat().st_size + 3000
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_is_named_and_what_was_computed_is_kept(trained, week, nearly_full, capsys):
    before = (week / "work/features/features.bin").read_bytes()
    assert main(arguments(trained, week)) == 1
    assert "no-space" in capsys.readouterr().err
    assert not (week / "net").exists()
    assert (week / "work/features/features.bin").read_bytes().startswith(before)


def test_a_broken_photo_is_named_and_ends_the_run(trained, week, capsys):
    broken, manifest = week / "data/captures/1.png", week / "data/manifest.jsonl"
    before = (week / "work/features/features.bin").read_bytes()
    broken.write_bytes(broken.read_bytes()[:-40])
    sha256 = hashlib.sha256(broken.read_bytes()).hexdigest()
    items = [
        replace(item, sha256=sha256) if item.path == "captures/1.png" else item
        for item in read_manifest(manifest)
    ]
    write_manifest(manifest, items)
    assert main(arguments(trained, week)) == 1
    assert "undecodable-file: captures/1.png" in capsys.readouterr().err
    assert not (week / "net").exists()
    assert (week / "work/features/features.bin").read_bytes().startswith(before)


def test_two_trainings_do_not_share_a_work_folder(trained, week, capsys):
    with sole_use(week / "work"):
        assert main(arguments(trained, week)) == 1
    assert "work-in-use" in capsys.readouterr().err
    with sole_use(week / "work"), pytest.raises(WorkInUse), sole_use(week / "work"):
        pass


@pytest.mark.parametrize("left", [0, 10, 200])
def test_a_stage_cut_short_is_made_again(tmp_path, left):
    made = []

    def make():
        made.append(1)
        return [np.arange(100), np.ones((3, 4))]

    first = Stages(tmp_path).once("a stage", ["said"], make)
    (path,) = tmp_path.iterdir()
    with path.open("r+b") as file:
        file.truncate(left)
    stages = Stages(tmp_path)
    again = stages.once("a stage", ["said"], make)
    once_more = stages.once("a stage", ["said"], make)
    assert len(made) == 2
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert all(np.array_equal(a, b) for a, b in zip(first, once_more, strict=True))


def test_stages_that_nothing_asks_for_are_swept(tmp_path):
    Stages(tmp_path).once("old", [1], lambda: [np.zeros(2)])
    (tmp_path / "torn.part").write_bytes(b"half")
    stages = Stages(tmp_path)
    stages.once("new", [2], lambda: [np.zeros(2)])
    stages.sweep()
    assert [path.name.partition("-")[0] for path in tmp_path.iterdir()] == ["new"]
