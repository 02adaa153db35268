"""draft, freeze: base photos and reviewed captures; lay_out: the folder a training reads."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet

from backend.accounts.models import Consent, User
from backend.recognition.models import Capture, Correction
from ml.curate import LICENCE, Caps, Contribution, Curated, LeftOut, curate
from ml.errors import BadDataset
from ml.manifest import Item, digest, read_manifest, write_manifest
from ml.task import Task

from .models import DatasetSnapshot

BASE, CAPTURES = "base", "captures"


@dataclass(frozen=True)
class Draft:
    """What a snapshot taken now would hold: all its items, and which of them people sent."""

    items: tuple[Item, ...]
    curated: Curated
    left_out: tuple[LeftOut, ...]
    captures: Mapping[str, Capture]

    @property
    def sha256(self) -> str:
        return digest(self.items)


def draft(task: Task) -> Draft:
    """Gather what may be learned from today: nothing unreviewed, nobody who took consent back.

    Raises
    ------
    BadDataset
        If the base photos are missing or are not what their manifest says.
    """
    base, phashes = _base(task)
    readable, broken = _readable(task)
    past = _canaries(readable)
    held = {item.sha256: readable[item.sha256][0].capture.phash for item in past}
    contributions = [
        _contribution(truth)
        for said in readable.values()
        for truth in said
        if not truth.capture.is_canary
    ]
    # What looks like a canary is held out, as what looks like a test photo is. Whose photo a cap
    # leaves out is decided by a secret: nobody can choose.
    curated = curate(
        (*base, *past), contributions, Caps(salt=settings.SECRET_KEY), phashes=phashes | held
    )
    base = tuple(replace(item, path=f"{BASE}/{item.path}") for item in base)
    return Draft(
        items=(*base, *curated.items),
        curated=curated,
        left_out=(*broken, *curated.left_out),
        captures={content: said[-1].capture for content, said in readable.items()},
    )


@transaction.atomic
def freeze(task: Task, drafted: Draft) -> DatasetSnapshot:
    """Keep a draft under its digest; the same content twice is one snapshot.

    Its captures are today's: of two equal photos, the one it knew may have been erased.
    """
    snapshot = DatasetSnapshot.objects.filter(task=task.name, sha256=drafted.sha256).first()
    if snapshot is None:
        snapshot = _write(task, drafted)
    snapshot.captures.set([drafted.captures[item.sha256] for item in drafted.curated.items])
    return snapshot


def _write(task: Task, drafted: Draft) -> DatasetSnapshot:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "manifest.jsonl"
        write_manifest(path, drafted.items)
        name = f"snapshots/{task.name}-{drafted.sha256}.jsonl"
        default_storage.delete(name)  # what a broken try left there
        with path.open("rb") as file:
            name = default_storage.save(name, File(file))
    return DatasetSnapshot.objects.create(
        task=task.name,
        sha256=drafted.sha256,
        manifest=name,
        counts=_counts(drafted),
        left_out=[asdict(one) for one in drafted.left_out],
        n_items=len(drafted.items),
    )


def items_of(snapshot: DatasetSnapshot) -> tuple[Item, ...]:
    """The items of a snapshot, also those whose people have left since."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "manifest.jsonl"
        _copy_manifest(snapshot, path)
        return read_manifest(path)


@contextmanager
def lay_out(task: Task, snapshot: DatasetSnapshot, folder: Path) -> Iterator[Path]:
    """Make the folder of a snapshot, and take it away again: no copy of a photo stays behind.

    Raises
    ------
    BadDataset
        If a capture of the snapshot was erased or altered since it was taken.
    """
    shutil.rmtree(folder, ignore_errors=True)
    (folder / CAPTURES).mkdir(parents=True)
    try:
        (folder / BASE).symlink_to(settings.TAMIS_DATA / task.name, target_is_directory=True)
        _copy_manifest(snapshot, folder / "manifest.jsonl")
        items = read_manifest(folder / "manifest.jsonl")
        copy_captures(
            [item for item in items if item.path.startswith(f"{CAPTURES}/")],
            {capture.sha256: capture for capture in snapshot.captures.all()},
            folder,
        )
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def copy_captures(items: Sequence[Item], captures: Mapping[str, Capture], folder: Path) -> None:
    """Copy the files that items name out of storage, each with the content it must have."""
    for item in items:
        capture = captures.get(item.sha256)
        content = content_of(capture) if capture is not None else None
        if content is None:
            raise BadDataset("missing-file", f"{item.path} is not what was reviewed any more")
        (folder / item.path).write_bytes(content)


def canaries(task: Task) -> tuple[tuple[Item, ...], dict[str, Capture]]:
    """Past failures that must not come back: reviewed captures that staff marked, never trained."""
    readable, _ = _readable(task)
    items = _canaries(readable)
    return items, {item.sha256: readable[item.sha256][0].capture for item in items}


def _canaries(readable: Mapping[str, Sequence[Correction]]) -> tuple[Item, ...]:
    """One item per content; whichever of equal photos was marked, all of them are held out."""
    marked = (next((t for t in said if t.capture.is_canary), None) for said in readable.values())
    return tuple(
        Item(
            path=path_of(truth.capture),
            label=truth.label,
            group=str(truth.capture.dataset_group),
            source="canaries",
            licence=LICENCE,
            sha256=truth.capture.sha256,
            split="test",
        )
        for truth in marked
        if truth is not None
    )


def path_of(capture: Capture) -> str:
    """Where a capture stands in a dataset: named by its content, not by who sent it."""
    suffix = Path(capture.file.name or "").suffix
    return f"{CAPTURES}/{capture.sha256}{suffix}"


def truths(task: Task) -> QuerySet[Correction]:
    """The accepted labels of people who still consent to teaching."""
    return (
        Correction.objects.filter(
            status=Correction.Status.ACCEPTED,
            capture__task=task.name,
            capture__user__in=User.objects.consenting(Consent.Purpose.TRAIN),
        )
        .select_related("capture")
        .order_by("capture__sha256", "pk")
    )


def _copy_manifest(snapshot: DatasetSnapshot, path: Path) -> None:
    with snapshot.manifest.open("rb") as source, path.open("wb") as copy:
        shutil.copyfileobj(source, copy)


def _readable(task: Task) -> tuple[dict[str, list[Correction]], tuple[LeftOut, ...]]:
    """The truths by content, and those whose file is gone or not what was kept."""
    found: dict[str, list[Correction]] = {}
    broken = []
    for truth in truths(task):
        content = truth.capture.sha256
        if content_of(truth.capture) is None:
            broken.append(LeftOut(content, "altered-file", "not the file that was kept"))
        else:
            found.setdefault(content, []).append(truth)
    return found, tuple(broken)


def _contribution(truth: Correction) -> Contribution:
    capture = truth.capture
    return Contribution(
        sha256=capture.sha256,
        phash=capture.phash,
        label=truth.label,
        group=str(capture.dataset_group),
        person=str(capture.user_id),
        path=path_of(capture),
    )


def content_of(capture: Capture) -> bytes | None:
    """The stored bytes, or None where they are gone or no longer what was received."""
    try:
        with capture.file.open("rb") as file:
            content: bytes = file.read()
    except OSError:
        return None
    return content if sha256(content).hexdigest() == capture.sha256 else None


def _base(task: Task) -> tuple[tuple[Item, ...], dict[str, str]]:
    """The base items, from the trainer's package in a process of its own, and their phashes."""
    folder = settings.TAMIS_DATA / task.name
    if not folder.is_dir():
        raise BadDataset("no-base-data", f"no folder {task.name} in TAMIS_DATA")
    command = [sys.executable, "-m", "ml.train.sources", task.name, str(folder)]
    said = subprocess.run(command, cwd=settings.ROOT, capture_output=True, text=True, check=False)
    if said.returncode != 0:
        raise BadDataset("bad-base-data", said.stderr.strip()[-500:])
    rows = [json.loads(line) for line in said.stdout.splitlines()]
    items = tuple(Item(**row["item"]) for row in rows)
    return items, {row["item"]["sha256"]: row["phash"] for row in rows}


def _counts(drafted: Draft) -> dict[str, dict[str, int]]:
    base = [item for item in drafted.items if item.path.startswith(f"{BASE}/")]
    return {
        "base": dict(Counter(item.label for item in base)),
        "captures": dict(Counter(item.label for item in drafted.curated.items)),
        "splits": dict(Counter(item.split for item in drafted.items)),
        "left_out": dict(Counter(one.reason for one in drafted.left_out)),
        "field": dict(Counter(item.label for item in drafted.curated.field)),
    }
