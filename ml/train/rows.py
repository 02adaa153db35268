"""RowStore: arrays by key in one file that no kill, full disk or power failure can spoil."""

import itertools
import zlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

_KEY = 32  # bytes: a sha256
_HEAD = _KEY + 4


@dataclass(frozen=True)
class Rows:
    """Some rows of a store in a chosen order; asked for by number, they are read from the disk."""

    stored: Any
    places: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, rows: slice | npt.NDArray[np.int64]) -> Array:
        picked: Array = self.stored[self.places[rows]]
        return picked

    def part(self, rows: slice) -> "Rows":
        """Fewer rows, still on the disk."""
        return Rows(self.stored, self.places[rows])


class RowStore:
    """Rows of numbers by key, in one file that is only ever written in whole records.

    A record is key, checksum, row. A kill, a full disk or a power failure leaves at worst a record
    whose checksum is wrong: it counts as absent. One process at a time: `ml.train.work.sole_use`.
    """

    def __init__(self, path: Path, shape: tuple[int, ...], kind: str) -> None:
        self._path = path
        self._record = np.dtype([("key", f"V{_KEY}"), ("crc", "<u4"), ("row", kind, shape)])
        path.touch()
        self._places = dict(self._scan())

    def __contains__(self, key: bytes) -> bool:
        return key in self._places

    def __len__(self) -> int:
        return len(self._places)

    def keep(self, wanted: Collection[bytes]) -> None:
        """Cut the file down to the rows of `wanted`: what stood beyond fills the holes.

        Needs no room on the disk. Stopped half-way, it leaves a moved row twice or torn once; the
        original is cut off last.
        """
        kept = {key: place for key, place in self._places.items() if key in wanted}
        size = self._record.itemsize
        if self._path.stat().st_size == len(kept) * size:
            return
        taken = set(kept.values())
        holes = (place for place in range(len(kept)) if place not in taken)
        with self._path.open("r+b") as file:
            for key, place in kept.items():
                if place >= len(kept):
                    hole = next(holes)
                    file.seek(place * size)
                    record = file.read(size)
                    file.seek(hole * size)
                    file.write(record)
                    kept[key] = hole
            file.truncate(len(kept) * size)
        self._places = kept

    def add(self, keys: Sequence[bytes], rows: Sequence[Array]) -> None:
        """Write new rows behind the others."""
        place = self._end()
        with self._path.open("r+b") as file:
            file.seek(place * self._record.itemsize)
            for key, row in zip(keys, rows, strict=True):
                body = row.astype(self._record["row"].base).tobytes()
                file.write(key + _checksum(key, body) + body)
        self._places |= {key: place + i for i, key in enumerate(keys)}

    def rows(self, keys: Sequence[bytes]) -> Rows:
        """The rows of `keys`, in their order, mapped from the disk."""
        records = np.memmap(self._path, self._record, mode="r", shape=(self._end(),))
        return Rows(records["row"], np.array([self._places[key] for key in keys]))

    def _end(self) -> int:
        """The first place that nothing whole stands behind."""
        return 1 + max(self._places.values(), default=-1)

    def _scan(self) -> Iterator[tuple[bytes, int]]:
        """Key and place of every record that is whole."""
        with self._path.open("rb") as file:
            for place in itertools.count():
                record = file.read(self._record.itemsize)
                if len(record) < self._record.itemsize:
                    return
                key, body = record[:_KEY], record[_HEAD:]
                if record[_KEY:_HEAD] == _checksum(key, body):
                    yield key, place


def _checksum(key: bytes, body: bytes) -> bytes:
    return zlib.crc32(body, zlib.crc32(key)).to_bytes(4, "little")
