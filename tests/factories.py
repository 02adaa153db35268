"""Plain make_x() functions: photos, broken files, bundles and people, made on the spot."""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
from django.core.management import call_command
from django.utils import timezone
from PIL import Image
from pillow_heif import register_heif_opener

from backend.accounts.models import User
from backend.recognition.models import Capture, ModelVersion, Prediction
from ml.bundle import Bundle, load_bundle, write_bundle

# Pillow alone writes no HEIC.
register_heif_opener()

ROOT = Path(__file__).resolve().parents[1]
SEEDS = ROOT / "ml" / "bundles"
SEED = SEEDS / "waste" / "net"


def make_image(size: tuple[int, int] = (320, 240), *, seed: int = 1) -> Image.Image:
    """A picture with shapes and grain, different for each seed."""
    width, height = size
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 256, (6, 8, 3), dtype=np.uint8)
    picture = np.asarray(Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC))
    grain = random.integers(0, 24, (height, width, 3), dtype=np.uint8)
    return Image.fromarray((picture // 2 + grain + 40).astype(np.uint8))


def make_photo(
    kind: str = "JPEG", *, size: tuple[int, int] = (320, 240), seed: int = 1, **save: Any
) -> bytes:
    """The bytes of such a picture as a file."""
    file = BytesIO()
    make_image(size, seed=seed).save(file, kind, **save)
    return file.getvalue()


def make_png_bomb(side: int = 50_000) -> bytes:
    """A PNG whose header promises side × side pixels, in a few hundred bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 10_000)
    return b"".join(
        (b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", header), chunk(b"IDAT", body), chunk(b"IEND", b""))
    )


def make_animation(frames: int = 2_000) -> bytes:
    """A GIF of many small frames."""
    pictures = [Image.new("P", (64, 64), color=number % 256) for number in range(frames)]
    file = BytesIO()
    pictures[0].save(file, "GIF", save_all=True, append_images=pictures[1:], duration=20)
    return file.getvalue()


def make_bundle(
    folder: Path,
    *,
    seed: Path = SEED,
    version: str = "2030.1.1",
    padding: int = 1,
    **output: float,
) -> Bundle:
    """A seed under another version and sha256; bytes after a flatbuffer change nothing in it.

    Parameters
    ----------
    output : what of its output shall differ: `threshold`, `presence`
    """
    known = load_bundle(seed)
    card = replace(known.card, version=version, output=replace(known.card.output, **output))
    return write_bundle(folder, model=known.model.read_bytes() + b"\0" * padding, card=card)


def register_seeds() -> dict[str, dict[str, dict[str, str]]]:
    """Let every seed serve without opening it, unless its engine serves already: version, sha256.

    What is served is the file of the repository, as on a host that lost its storage.
    """
    serving: dict[str, dict[str, dict[str, str]]] = {}
    for path in sorted(SEEDS.glob("*/*/card.json")):
        card = load_bundle(path.parent, verify=False).card
        version, _ = ModelVersion.objects.get_or_create(
            task=card.task,
            engine=card.engine,
            role=ModelVersion.Role.CHAMPION,
            defaults={
                "version": card.version,
                "sha256": card.sha256,
                "file": f"models/{card.sha256}/{card.file}",
                "card": card.to_json(),
                "metrics": dict(card.metrics),
                "size_bytes": card.size_bytes,
                "promoted_at": timezone.now(),
            },
        )
        facts = {"version": version.version, "sha256": version.sha256}
        serving.setdefault(card.task, {})[card.engine] = facts
    return serving


def make_user(
    pseudonym: str = "hirondelle", *, consents: Sequence[str] = (), **fields: Any
) -> User:
    """A person without a password, who has said yes to these purposes."""
    user = User.objects.create_user(pseudonym, **fields)
    for purpose in consents:
        user.consents.create(purpose=purpose, granted=True, text_version="2026-11")
    return user


def make_capture(user: User, *, label: str | None = None, **fields: Any) -> Capture:
    """A photo as it stands in the table, without its file; `label` is what its owner says."""
    values: dict[str, Any] = {
        "task": "waste",
        "file": f"captures/{uuid4().hex}.jpg",
        "sent_sha256": uuid4().hex * 2,
        "sha256": uuid4().hex * 2,
        "media_type": "image/jpeg",
        "size_bytes": 1,
        "dataset_group": user.dataset_group,
        "captured_at": timezone.now(),
    }
    capture = Capture.objects.create(user=user, **{**values, **fields})
    if label is not None:
        capture.corrections.create(author=user, label=label)
    return capture


def make_prediction(
    capture: Capture,
    version: ModelVersion,
    label: str | None,
    *,
    score: float = 0.9,
    origin: str = "server",
) -> Prediction:
    """What a model said of it."""
    top = [{"label": label or "verre", "score": score}]
    return capture.predictions.create(
        model_version=version, label=label, score=score, origin=origin, scores=top
    )


def make_reviewer(pseudonym: str, *, second: bool = False) -> User:
    """Somebody let into the review desk, by the command that does it."""
    make_user(pseudonym)
    options = ["--second"] if second else []
    call_command("grant_review", pseudonym, *options, stdout=StringIO())
    return User.objects.get(pseudonym=pseudonym)
