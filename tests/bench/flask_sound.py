"""The reports' design for sound, for comparison only: Flask, librosa and Keras per request.

The models are of the same kinds as theirs, with random weights or rows: that changes what is
answered, not how long it takes.
"""

import sys
from io import BytesIO

import keras
import librosa
import numpy as np
from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue
from PIL import Image
from sklearn.svm import SVC

GENRES = 10
CUT = 1200  # of the flattened spectrogram, which the reports' SVM was given
SIDE = 224

random = np.random.default_rng(1)
svm = SVC().fit(random.normal(-40, 20, (400, CUT)), np.arange(400) % GENRES)
vgg = keras.applications.VGG19(weights=None, classes=GENRES, input_shape=(SIDE, SIDE, 3))
app = Flask(__name__)


@app.get("/ready")
def ready() -> ResponseReturnValue:
    """Answer once the models are loaded."""
    return jsonify(status="ok")


def log_mel(rate: int) -> np.ndarray:
    """The spectrogram of what was sent, as the reports made it."""
    signal, rate = librosa.load(BytesIO(request.files["file"].read()), sr=rate)
    power = librosa.feature.melspectrogram(y=signal, sr=rate, n_fft=2048, hop_length=512)
    return librosa.power_to_db(power, ref=np.max)


@app.post("/predict_svm")
def predict_svm() -> ResponseReturnValue:
    """The first 1200 numbers of the spectrogram, and the SVM."""
    return jsonify(genre=int(svm.predict([log_mel(22_050).flatten()[:CUT]])[0]))


@app.post("/predict_vgg")
def predict_vgg() -> ResponseReturnValue:
    """The spectrogram as a picture, and Keras."""
    grey = Image.fromarray(((log_mel(16_000) + 80) * 255 / 80).astype(np.uint8))
    picture = np.asarray(grey.convert("RGB").resize((SIDE, SIDE)), np.float32)
    return jsonify(genre=int(vgg.predict(picture[np.newaxis], verbose=0)[0].argmax()))


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(sys.argv[1]))
