"""bytes → uint8 [h,w,3]; size and pixel limits are enforced before pixels are made."""

import struct
import zlib
from functools import cache
from io import BytesIO
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms, UnidentifiedImageError
from pillow_heif import register_heif_opener

from ml.errors import BadInput

Photo: TypeAlias = npt.NDArray[np.uint8]  # shape (h, w, 3), RGB, 0..255

MAX_BYTES = 15_000_000
MAX_PIXELS = 40_000_000

FORMATS = ("JPEG", "PNG", "WEBP", "HEIF", "GIF")
# First bytes of each format: a file that starts like a photo and cannot be opened is a broken
# photo (422); one that never was a photo is of an unsupported kind (415).
_MARKS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")

# What Pillow and libheif raise on broken files, seen by cutting and flipping bytes.
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    OverflowError,
    EOFError,
    RuntimeError,
    struct.error,
    zlib.error,
)

_ORIENTATION = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def decode_image(data: bytes, *, at_least: int | None = None) -> Photo:
    """Decode a photo as people mean it: upright, on white, sRGB.

    The first frame of an animation is taken; 16-bit, CMYK, palette and grey become RGB; an
    embedded colour profile is applied where it is valid.

    Parameters
    ----------
    data : a JPEG, PNG, WebP, HEIC or GIF file
    at_least : a JPEG may be decoded at 1/2, 1/4 or 1/8 as long as its shorter side keeps this
        many pixels (a 12 Mpx photo then costs 20 ms instead of 200); None decodes every pixel

    Returns
    -------
    shape (h, w, 3), uint8, 0..255

    Raises
    ------
    BadInput
        `too-large` over 15 MB or 40 Mpx, `unsupported-image` if it is not one of the formats,
        `undecodable-image` if it is one but cannot be decoded.
    """
    if len(data) > MAX_BYTES:
        raise BadInput("too-large", f"{len(data)} bytes are over {MAX_BYTES}")
    image = _open(data)
    if image.width * image.height > MAX_PIXELS:
        raise BadInput("too-large", f"{image.width}×{image.height} is over {MAX_PIXELS} pixels")
    try:
        orientation = _orientation(image)
        if at_least is not None:
            _draft(image, at_least)
        image.load()
        rgb = _to_rgb(image)
        upright = rgb.transpose(_UPRIGHT[orientation]) if orientation in _UPRIGHT else rgb
        return np.array(upright)
    except Image.DecompressionBombError as error:
        raise BadInput("too-large", str(error)) from error
    except _BROKEN as error:
        raise BadInput("undecodable-image", f"{image.format}: {error}") from error


def square(image: Photo, *, side: int, crop: float) -> Photo:
    """Cut the central square that keeps `crop` of the shorter side and resize it.

    Pillow's BILINEAR is the reference: the browser repeats it byte for byte.

    Parameters
    ----------
    image : shape (h, w, 3), uint8
    side : pixels of the result
    crop : share of the shorter side that is kept, 0 < crop <= 1

    Returns
    -------
    shape (side, side, 3), uint8
    """
    h, w = image.shape[:2]
    keep = max(1, int(min(h, w) * crop + 0.5))
    left, top = (w - keep) // 2, (h - keep) // 2
    cut = Image.fromarray(image[top : top + keep, left : left + keep])
    return np.array(cut.resize((side, side), Image.Resampling.BILINEAR))


@cache
def _formats() -> tuple[str, ...]:
    register_heif_opener(thumbnails=False)
    return FORMATS


def _open(data: bytes) -> Image.Image:
    try:
        return Image.open(BytesIO(data), formats=_formats())
    except Image.DecompressionBombError as error:
        raise BadInput("too-large", str(error)) from error
    except UnidentifiedImageError as error:
        heif = data[4:8] == b"ftyp" and data[8:12] in (b"heic", b"heix", b"mif1", b"msf1")
        webp = data[:4] == b"RIFF" and data[8:12] == b"WEBP"
        if not data or data.startswith(_MARKS) or heif or webp:
            raise BadInput("undecodable-image", "the file is empty or broken") from error
        raise BadInput("unsupported-image", f"not one of {', '.join(FORMATS)}") from error
    except _BROKEN as error:
        raise BadInput("undecodable-image", str(error)) from error


def _orientation(image: Image.Image) -> int:
    # A broken EXIF block is no reason to refuse a photo: it is then shown as stored.
    try:
        value = image.getexif().get(_ORIENTATION, 1)
    except _BROKEN:
        return 1
    return value if isinstance(value, int) else 1


def _draft(image: Image.Image, at_least: int) -> None:
    shrink = min(image.size) // at_least
    if image.format in ("JPEG", "MPO") and shrink >= 2:
        # `draft` never goes under the size it is given.
        image.draft(None, (image.width // shrink, image.height // shrink))


def _to_rgb(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    if image.mode.startswith("I"):  # 16-bit grey; 16-bit colour is already cut to 8 by Pillow
        image = Image.fromarray((np.asarray(image).astype(np.uint32) >> 8).astype(np.uint8))
    elif image.has_transparency_data:
        layer = image.convert("RGBA")
        white = Image.new("RGBA", layer.size, (255, 255, 255, 255))
        image = Image.alpha_composite(white, layer).convert("RGB")
    elif image.mode not in ("L", "RGB", "CMYK"):
        image = image.convert("RGB")
    managed = _apply_profile(image, profile) if profile else None
    return managed or image.convert("RGB")


def _apply_profile(image: Image.Image, profile: bytes) -> Image.Image | None:
    """The image in sRGB, or None where the profile is broken, of another kind, or sRGB itself."""
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        space = source.profile.xcolor_space.strip()
        name = source.profile.profile_description or ""
        if space != {"L": "GRAY"}.get(image.mode, image.mode) or name.startswith("sRGB"):
            return None
        return ImageCms.profileToProfile(
            image, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None
