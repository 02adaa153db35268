"""Draw the golden photos, make the golden sounds, and write what the seeds make of them.

    python -m tests.golden.make

The browser's tests read the same files: its 224×224×3 must have the same sha256, its first label
must be the same. Photos are drawn, never taken from a dataset.
"""

import hashlib
import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from ml.bundle import load_bundle
from ml.decode import decode_image, square
from ml.engines import open_engine
from tests.golden.sound import make as sound

HERE = Path(__file__).parent / "waste"
SEED = Path(__file__).parents[2] / "ml/bundles/waste/net"

Pixels = npt.NDArray[np.uint8]


def draw(name: str, width: int, height: int) -> Pixels:
    """One drawing: shape (height, width, 3)."""
    y, x = np.mgrid[:height, :width].astype(np.int64)
    rng = np.random.default_rng(len(name))
    if name in ("noise", "dot"):  # the hardest for a resize: no two neighbours agree
        return rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    if name == "checks":  # extremes side by side: rounding and clipping show
        board = ((x // 3 + y // 2) % 2 * 255).astype(np.uint8)
        return np.stack([board, 255 - board, board], axis=2)
    if name == "ramp":
        return np.stack([x * 255 // width, y * 255 // height, (x + y) % 256], axis=2).astype(
            np.uint8
        )
    if name == "leaves":
        green = 90 + 60 * ((x * x // 97 + y * 3) % 7 // 3)
        return np.stack([green // 3, green, green // 4], axis=2).astype(np.uint8)
    picture = np.full((height, width, 3), (206, 198, 186), np.uint8)  # things on a table
    cx, cy, r = width // 2, height // 2, min(width, height) // 3
    if name == "bottle":
        body = (abs(x - cx) < r // 2) & (abs(y - cy) < r)
        neck = (abs(x - cx) < r // 6) & (y > cy - 2 * r) & (y <= cy - r)
        picture[body | neck] = (30, 110, 60)
        picture[(abs(x - cx + r // 4) < max(1, r // 12)) & (abs(y - cy) < r)] = (150, 210, 170)
    elif name == "can":
        picture[(abs(x - cx) < r // 2) & (abs(y - cy) < r)] = (190, 30, 40)
        rim = (x - cx) ** 2 * 9 + (y - cy + r) ** 2 * 64 < (r // 2) ** 2 * 9
        picture[rim] = (200, 200, 205)
    elif name == "box":
        picture[(abs(x - cx) < r) & (abs(y - cy) < r * 2 // 3)] = (176, 128, 78)
        picture[(abs(x - cx) < r) & (abs(y - cy) < max(1, r // 20))] = (120, 84, 50)
    return picture


# Odd and even, wide and tall, one that keeps its size, one that grows, one that shrinks a lot.
PHOTOS = {
    "bottle": (640, 480),
    "can": (299, 299),
    "box": (1600, 1201),
    "leaves": (801, 333),
    "ramp": (257, 511),
    "noise": (61, 47),
    "checks": (240, 320),
    "dot": (3, 2),
}


def main() -> None:
    """Rewrite every golden file."""
    HERE.mkdir(exist_ok=True)
    bundle = load_bundle(SEED)
    engine, spec = open_engine(bundle), bundle.card.input
    expected = []
    for name, (width, height) in PHOTOS.items():
        file = HERE / f"{name}.png"
        Image.fromarray(draw(name, width, height)).save(file, optimize=True)
        pixels = square(decode_image(file.read_bytes()), side=spec.shape[1], crop=spec.crop)
        scores = engine.probabilities(pixels[np.newaxis])[0]
        expected.append(
            {
                "file": file.name,
                "width": width,
                "height": height,
                "sha256": hashlib.sha256(pixels.tobytes()).hexdigest(),
                "probabilities": [round(float(p), 6) for p in scores],
                "top": bundle.card.output.labels[int(scores.argmax())],
            }
        )
    answer = {
        "side": spec.shape[1],
        "crop": spec.crop,
        "model_sha256": bundle.card.sha256,
        "labels": bundle.card.output.labels,
        "photos": expected,
    }
    (HERE / "expected.json").write_text(json.dumps(answer, indent=1) + "\n", encoding="utf-8")
    sound.main()


if __name__ == "__main__":
    main()
