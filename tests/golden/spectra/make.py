"""Write what librosa makes of a made sound: the browser's pictures must show the same numbers.

    python -m tests.golden.spectra.make

The sound is whole numbers only, so that both languages make the same: a sweep that rises, repeats
and grows louder, with half a second of silence at the end.
"""

import json
from pathlib import Path
from typing import Any

import librosa
import numpy as np
import numpy.typing as npt

HERE = Path(__file__).parent
RATE, FRAME, HOP, MELS, COEFFICIENTS = 22_050, 2048, 512, 128, 20
COLUMNS = (0, 1, 20, 43, 63, 64)
STEP = 8  # of the STFT's 1025 rows every eighth is enough to compare


def sound() -> npt.NDArray[np.float32]:
    """1.5 s: sample[i] = ((i² div 128) mod 4096 - 2048) (i mod 1024) / 2²³, then silence."""
    i = np.arange(RATE * 3 // 2, dtype=np.int64)
    loud = (((i * i // 128) % 4096 - 2048) * (i % 1024)) / 2**23
    return np.where(i < RATE, loud, 0).astype(np.float32)


def rounded(values: npt.NDArray[np.float32]) -> list[Any]:
    return [[round(float(v), 5) for v in row] for row in values]


def main() -> None:
    """Rewrite the golden file."""
    y = sound()
    power = np.abs(librosa.stft(y, n_fft=FRAME, hop_length=HOP)) ** 2
    mel = librosa.feature.melspectrogram(S=power, sr=RATE, n_mels=MELS)
    mfcc = librosa.feature.mfcc(S=librosa.power_to_db(mel), sr=RATE, n_mfcc=COEFFICIENTS)
    zcr = librosa.feature.zero_crossing_rate(y, frame_length=FRAME, hop_length=HOP)
    columns = list(COLUMNS)
    golden = {
        "columns": columns,
        "step": STEP,
        "n_columns": power.shape[1],
        "stft": rounded(librosa.power_to_db(power, ref=np.max)[::STEP, columns]),
        "mel": rounded(librosa.power_to_db(mel, ref=np.max)[:, columns]),
        "mfcc": rounded(mfcc[:, columns]),
        "zcr": rounded(zcr),
    }
    text = json.dumps(golden, separators=(",", ":"))
    (HERE / "expected.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
