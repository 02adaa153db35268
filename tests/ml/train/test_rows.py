"""Rows on the disk are right or absent, whatever happens to the process that writes them."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.ml.train.writer import BEFORE, RECORD, WANTED, add, key_of, open_store, row_of

WRITER = [sys.executable, "-m", "tests.ml.train.writer"]


@pytest.fixture
def path(tmp_path) -> Path:
    store = open_store(tmp_path / "rows.bin")
    for number in BEFORE:
        add(store, number)
    return tmp_path / "rows.bin"


def numbers(path: Path) -> set[int]:
    """Which rows are there; each of them must be what it was made as."""
    store = open_store(path)
    there = {number for number in range(80) if key_of(number) in store}
    assert len(store) == len(there)
    for number in there:
        assert np.array_equal(store.rows([key_of(number)])[:][0], row_of(number))
    return there


def test_rows_come_in_the_order_they_are_asked_for_and_again_from_the_disk(path):
    for store in (open_store(path), open_store(path)):
        rows = store.rows([key_of(n) for n in (7, 3, 7, 39)])
        assert len(rows) == 4
        assert np.array_equal(rows[np.array([3, 1])], [row_of(39), row_of(3)])
        assert np.array_equal(rows.part(slice(1, 3))[:], [row_of(3), row_of(7)])


def test_what_is_added_moves_nothing_and_what_is_erased_is_gone(path):
    before = path.read_bytes()
    store = open_store(path)
    add(store, 77)
    assert path.read_bytes()[: len(before)] == before
    assert path.stat().st_size == 41 * RECORD

    store.keep({key_of(number) for number in range(41) if number != 5} | {key_of(77)})
    assert numbers(path) == set(BEFORE) - {5} | {77}
    assert path.stat().st_size == 40 * RECORD
    assert row_of(5).tobytes() not in path.read_bytes()
    assert key_of(5) not in path.read_bytes()


@pytest.mark.parametrize("said", ["opened", "kept", "41", "60", "78"])
def test_killed_at_any_moment_it_goes_on_to_the_same_rows(path, said):
    with subprocess.Popen([*WRITER, str(path)], stdout=subprocess.PIPE, text=True) as writer:
        while writer.stdout.readline().strip() != said:
            assert writer.poll() is None
        writer.kill()
    assert writer.returncode == -9
    # Of those that are to stay none was lost, even when the kill fell into the moving of rows.
    assert set(BEFORE) & set(WANTED) <= numbers(path)

    subprocess.run([*WRITER, str(path)], check=True, stdout=subprocess.DEVNULL)
    assert numbers(path) == set(WANTED)
    assert path.stat().st_size == len(WANTED) * RECORD
    kept = open_store(path).rows([key_of(number) for number in WANTED])[:]
    assert kept.tobytes() == b"".join(row_of(number).tobytes() for number in WANTED)


@pytest.mark.parametrize("left", [1, 31, 35, 36, 5000, RECORD - 1])
def test_a_torn_row_is_absent_and_its_place_taken_again(path, left):
    with path.open("r+b") as file:
        file.truncate(39 * RECORD + left)
    assert numbers(path) == set(range(39))
    add(open_store(path), 50)
    assert numbers(path) == {*range(39), 50}
    assert path.stat().st_size == 40 * RECORD


@pytest.mark.parametrize("at", [0, 33, 36, RECORD - 1])
def test_a_row_that_went_bad_is_absent(path, at):
    with path.open("r+b") as file:
        file.seek(8 * RECORD + at)
        byte = file.read(1)
        file.seek(8 * RECORD + at)
        file.write(bytes([byte[0] ^ 4]))
    assert numbers(path) == set(BEFORE) - {8}
    open_store(path).keep({key_of(number) for number in BEFORE})
    assert numbers(path) == set(BEFORE) - {8}
    assert path.stat().st_size == 39 * RECORD


def test_a_full_disk_loses_nothing_that_was_there(path):
    full = [*WRITER, str(path), str(45 * RECORD + 1000)]
    ended = subprocess.run(full, capture_output=True, text=True)
    assert ended.returncode == 1 and "OSError" in ended.stderr
    assert numbers(path) == set(range(20, 65))
    subprocess.run([*WRITER, str(path)], check=True, stdout=subprocess.DEVNULL)
    assert numbers(path) == set(WANTED)
