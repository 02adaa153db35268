"""Item; read/write manifest.jsonl, digest, split_of(group): nothing ever moves out of test."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from ml.errors import BadDataset

Split = Literal["train", "val", "test"]

# Shares of groups, cumulative: 80 % train, 10 % val, 10 % test.
_TRAIN, _VAL = 0.8, 0.9


@dataclass(frozen=True)
class Item:
    """One labelled file of a dataset.

    `group` is what must not stand on both sides of a split (photographer, album, speaker);
    `path` is relative to the dataset's folder; `sha256` is of the file as stored there.
    """

    path: str
    label: str
    group: str
    source: str
    licence: str
    sha256: str
    split: Split


def split_of(group: str) -> Split:
    """The split of a group, from its name alone: it never changes when other groups arrive."""
    number = int.from_bytes(hashlib.sha256(group.encode()).digest()[:8]) / 2**64
    if number < _TRAIN:
        return "train"
    return "val" if number < _VAL else "test"


def write_manifest(path: Path, items: Iterable[Item]) -> None:
    """Write one JSON object per line, ordered by path."""
    ordered = sorted(items, key=lambda item: item.path)
    path.write_text("".join(_line(item) for item in ordered), encoding="utf-8")


def read_manifest(path: Path) -> tuple[Item, ...]:
    """Read a manifest written by `write_manifest`.

    Raises
    ------
    BadDataset
        With the number of the first line that is not an Item, or if a group stands in two splits.
    """
    items: list[Item] = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadDataset("unreadable-manifest", f"{path.name}: {error}") from error
    for number, line in enumerate(lines, start=1):
        try:
            item = Item(**json.loads(line))
        except (ValueError, TypeError) as error:
            raise BadDataset("invalid-manifest", f"{path.name}:{number}: {error}") from error
        if item.split not in ("train", "val", "test"):
            raise BadDataset("invalid-manifest", f"{path.name}:{number}: split {item.split!r}")
        items.append(item)
    check_groups(items)
    return tuple(items)


def digest(items: Sequence[Item]) -> str:
    """sha256 of the manifest's text, whatever the order of `items`: same data ⇒ same digest."""
    ordered = sorted(items, key=lambda item: item.path)
    return hashlib.sha256("".join(_line(item) for item in ordered).encode()).hexdigest()


def check_groups(items: Iterable[Item]) -> None:
    """Refuse items whose group stands in two splits."""
    seen: dict[str, Split] = {}
    for item in items:
        if seen.setdefault(item.group, item.split) != item.split:
            raise BadDataset("straddling-group", f"{item.group} is in two splits ({item.path})")


def _line(item: Item) -> str:
    return json.dumps(asdict(item), ensure_ascii=False, sort_keys=True) + "\n"
