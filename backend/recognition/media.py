"""clean(task, data) → Cleaned: what is kept of an upload, and nothing a camera wrote beside it."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from threading import Semaphore

from django.conf import settings
from PIL import Image

from ml.decode import decode_image
from ml.phash import phash
from ml.task import Modality, Task

from .champions import Busy

# Over four times the side of what a network sees, and enough for a person to judge by.
LONGEST = 1024
_QUALITY = 92

# One at a time: a photo of 40 Mpx takes 200 MB while it is decoded.
_turn = Semaphore()


@dataclass(frozen=True)
class Cleaned:
    """A file made anew from pixels alone; `phash` is empty and `duration_s` set for sound."""

    data: bytes
    media_type: str
    suffix: str
    sha256: str
    phash: str
    duration_s: float | None


def clean(task: Task, data: bytes) -> Cleaned:
    """Make the file that is kept of what a person sent: same bytes in, same bytes out.

    Raises
    ------
    BadInput
        If nobody could recognise these bytes.
    Busy
        If others were being cleaned for longer than ENGINE_WAIT_S.
    """
    if not _turn.acquire(timeout=settings.ENGINE_WAIT_S):
        raise Busy
    try:
        return _CLEANERS[task.modality](data)
    finally:
        _turn.release()


def _clean_image(data: bytes) -> Cleaned:
    """A JPEG of upright pixels: no EXIF, place, profile, thumbnail or second file comes along."""
    # A large JPEG is decoded at a fraction whose shorter side is still that long.
    photo = Image.fromarray(decode_image(data, at_least=LONGEST))
    photo.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    file = BytesIO()
    photo.save(file, "JPEG", quality=_QUALITY)
    kept = file.getvalue()
    return Cleaned(
        data=kept,
        media_type="image/jpeg",
        suffix=".jpg",
        sha256=hashlib.sha256(kept).hexdigest(),
        phash=phash(decode_image(kept)),  # of what is kept, as anybody can repeat
        duration_s=None,
    )


_CLEANERS: Mapping[Modality, Callable[[bytes], Cleaned]] = {Modality.IMAGE: _clean_image}
