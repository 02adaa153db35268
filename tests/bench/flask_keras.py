"""The reports' design, for comparison only: Flask, Pillow and Keras `predict`.

The network is of the same kind as ours; its weights are random, which changes what is
answered, not how long it takes.
"""

import sys

import keras
import numpy as np
from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue
from PIL import Image, ImageOps

SIDE = 224
CLASSES = 13

model = keras.applications.MobileNetV2(input_shape=(SIDE, SIDE, 3), weights=None, classes=CLASSES)
app = Flask(__name__)


@app.get("/ready")
def ready() -> ResponseReturnValue:
    """Answer once the model is loaded."""
    return jsonify(status="ok")


@app.post("/predict")
def predict() -> ResponseReturnValue:
    """Open the photo, shrink it, and ask Keras."""
    photo = ImageOps.exif_transpose(Image.open(request.files["file"].stream)).convert("RGB")
    pixels = np.asarray(photo.resize((SIDE, SIDE)), np.float32) / 127.5 - 1
    scores = model.predict(pixels[np.newaxis], verbose=0)[0]
    return jsonify(label=int(scores.argmax()), score=float(scores.max()))


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(sys.argv[1]))
