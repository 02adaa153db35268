"""build_waste: a graph from camera pixels to probabilities, in two halves that train apart."""

from dataclasses import dataclass
from pathlib import Path

import keras

# The backbone is cut here: what is below learns nothing from a few thousand photos, so it runs
# once per photo and its output (14×14×96 at 224 px) is kept on disk.
_CUT = "block_12_add"


@dataclass(frozen=True)
class WasteNet:
    """MobileNetV2 (Sandler et al., 2018) in two halves and a head.

    `front`: uint8 [b, side, side, 3] → float32 features at the cut, frozen;
    `tail`: those → float32 [b, 1280] pooled; `head`: those → logits [b, labels].
    """

    front: keras.Model
    tail: keras.Model
    head: keras.layers.Dense

    def logits(self) -> keras.Model:
        """Features at the cut → logits; the part that is fitted."""
        features = keras.Input(self.tail.input_shape[1:], name="features")
        return keras.Model(features, self.head(self.tail(features)))

    def whole(self) -> keras.Model:
        """uint8 photo → probabilities; the part that ships."""
        photo = keras.Input(self.front.input_shape[1:], dtype="uint8", name="photo")
        logits = self.head(self.tail(self.front(photo)))
        return keras.Model(photo, keras.layers.Softmax(name="probabilities")(logits))


def build_waste(
    n_labels: int, *, side: int = 224, alpha: float = 1.0, weights: str | Path | None = "imagenet"
) -> WasteNet:
    """Photo → material, with the preprocessing inside.

    Parameters
    ----------
    n_labels : labels of the head
    side : pixels of the square photo
    alpha : width of the backbone
    weights : "imagenet" (fetched by Keras), a file of weights without the top, or None (random)
    """
    backbone = keras.applications.MobileNetV2(
        input_shape=(side, side, 3),
        include_top=False,
        alpha=alpha,
        weights=str(weights) if weights is not None else None,
    )
    for layer in backbone.layers:
        # Converted weights have their batch norms folded into the kernels: the statistics kept
        # beside them are not those of the activations and must never be used or updated.
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False
    photo = keras.Input((side, side, 3), dtype="uint8", name="pixels")
    scaled = keras.layers.Rescaling(1 / 127.5, offset=-1.0)(photo)
    cut = backbone.get_layer(_CUT).output
    front = keras.Model(photo, keras.Model(backbone.input, cut)(scaled), name="front")
    front.trainable = False
    pooled = keras.layers.GlobalAveragePooling2D()(backbone.output)
    tail = keras.Model(cut, pooled, name="tail")
    head = keras.layers.Dense(n_labels, name="head")
    head.build((None, pooled.shape[-1]))
    round_to_half(front)
    return WasteNet(front, tail, head)


def round_to_half(layer: keras.Layer) -> None:
    """Round every weight to what float16 can hold, in place.

    The export stores float16. Rounding first makes what is calibrated and judged in Keras the
    graph that ships; rounding only then moved probabilities by up to 0.03.
    """
    for weight in layer.weights:
        if not weight.path.endswith(("moving_mean", "moving_variance")):
            weight.assign(weight.numpy().astype("float16").astype("float32"))
