"""export_person: everything one person has here, as a zip that is never whole in memory."""

import json
from collections.abc import Iterable, Iterator
from io import RawIOBase
from typing import IO, Any, Protocol, cast, runtime_checkable
from zipfile import ZIP_DEFLATED, ZipFile

from django.db.models.fields.files import FieldFile

from .models import User

DATA = "data.json"


@runtime_checkable
class Exported(Protocol):
    """A model with a foreign key to a person, whose rows are told to them.

    It may also have `exported_files() -> list[tuple[str, FieldFile]]`, names in the zip and files,
    and `exported_with`, the relations that `exported` follows.
    """

    def exported(self) -> dict[str, Any]: ...


def export_person(user: User) -> Iterator[bytes]:
    """Tell a person all that is kept of them, models of upper apps included.

    Yields
    ------
    a zip of the files they sent and, last, `data.json`: the person, then one list for each kind
    of row; `lost_files` names those whose file is not on the disk any more
    """
    rows = dict(_rows(user))
    data: dict[str, Any] = {"person": user.exported()}
    data |= {name: [row.exported() for row in kind] for name, kind in rows.items()}
    data["lost_files"] = []
    sink = _Sink()
    with ZipFile(cast(IO[bytes], sink), "w") as archive:
        for name, file in _files(rows.values()):
            try:
                yield from _packed(archive, sink, name, file)
            except FileNotFoundError:
                data["lost_files"].append(name)
        text = json.dumps(data, ensure_ascii=False, indent=2)
        archive.writestr(DATA, text, compress_type=ZIP_DEFLATED)
    yield sink.drain()


def _rows(user: User) -> Iterator[tuple[str, list[Exported]]]:
    """Every row of theirs that may be told, by the name its relation has."""
    for relation in User._meta.related_objects:
        name, model = relation.get_accessor_name(), cast(type, relation.related_model)
        if name and issubclass(model, Exported):
            followed = getattr(model, "exported_with", ())
            yield name, list(getattr(user, name).prefetch_related(*followed))


def _files(kinds: Iterable[list[Exported]]) -> Iterator[tuple[str, FieldFile]]:
    for rows in kinds:
        for row in rows:
            yield from getattr(row, "exported_files", list)()


def _packed(archive: ZipFile, sink: "_Sink", name: str, file: FieldFile) -> Iterator[bytes]:
    """Copy one file into the zip, chunk by chunk; photos are not compressed a second time."""
    with file.open("rb") as source, archive.open(name, "w") as packed:
        for chunk in source.chunks():
            packed.write(chunk)
            yield sink.drain()


class _Sink(RawIOBase):
    """A file that is read as it is written; zipfile then notes sizes behind each member."""

    def __init__(self) -> None:
        super().__init__()
        self.written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.written += data
        return len(data)

    def drain(self) -> bytes:
        """Take what was written since the last time."""
        taken = bytes(self.written)
        self.written.clear()
        return taken
