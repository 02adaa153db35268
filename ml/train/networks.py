"""build_waste: a graph from camera pixels to probabilities, in two halves that train apart."""

from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

# The backbone is cut here: what is below learns nothing from a few thousand photos, so it runs
# once per photo and its output (14×14×96 at 224 px) is kept on disk.
_CUT = "block_12_add"


@dataclass(frozen=True)
class WasteNet:
    """MobileNetV2 (Sandler et al., 2018) in two halves and a head.

    `front`: uint8 [b, side, side, 3] → float32 features at the cut, frozen;
    `tail`: those → float32 [b, 1280] pooled; `head`: those → logits [b, labels];
    `logits`: head over tail, the part that is fitted.
    """

    front: keras.Model
    tail: keras.Model
    head: keras.layers.Dense
    logits: keras.Model

    def whole(self) -> keras.Model:
        """uint8 photo → probabilities; the part that ships."""
        photo = keras.Input(self.front.input_shape[1:], dtype="uint8", name="photo")
        logits = self.logits(self.front(photo))
        # Named, or Keras counts up a name that the exported file repeats: same weights, same bytes.
        return keras.Model(photo, keras.layers.Softmax(name="probabilities")(logits), name="whole")


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
    _fold_batch_norms(backbone)
    photo = keras.Input((side, side, 3), dtype="uint8", name="pixels")
    scaled = keras.layers.Rescaling(1 / 127.5, offset=-1.0)(photo)
    cut = backbone.get_layer(_CUT).output
    front = keras.Model(photo, keras.Model(backbone.input, cut)(scaled), name="front")
    front.trainable = False
    pooled = keras.layers.GlobalAveragePooling2D()(backbone.output)
    tail = keras.Model(cut, pooled, name="tail")
    head = keras.layers.Dense(n_labels, name="head")
    features = keras.Input(tail.input_shape[1:], name="features")
    logits = keras.Model(features, head(tail(features)), name="logits")
    round_to_half(front)
    return WasteNet(front, tail, head, logits)


def _fold_batch_norms(backbone: keras.Model) -> None:
    """Move each batch norm's scale into the convolution before it; what is left adds a bias.

    The export would do it anyway, after which rounded kernels would no longer be rounded. It also
    settles that no statistics are used or updated: those beside already folded kernels are not
    the activations'.
    """
    for layer in backbone.layers:
        if not isinstance(layer, keras.layers.BatchNormalization):
            continue
        convolution = layer.input._keras_history.operation
        gamma, beta, mean, variance = layer.get_weights()
        scale = gamma / np.sqrt(variance + layer.epsilon)
        (kernel,) = convolution.get_weights()
        depthwise = isinstance(convolution, keras.layers.DepthwiseConv2D)
        convolution.set_weights([kernel * (scale[:, np.newaxis] if depthwise else scale)])
        one = np.ones_like(gamma)
        layer.set_weights([one, beta - mean * scale, 0 * one, one * (1 - layer.epsilon)])
        layer.trainable = False


def round_to_half(layer: keras.Layer) -> None:
    """Round every weight to what float16 can hold, in place.

    The export stores float16. Rounding first makes what is calibrated and judged in Keras the
    graph that ships; rounding only then moved probabilities by up to 0.03.
    """
    for weight in layer.weights:
        if not weight.path.endswith(("moving_mean", "moving_variance")):
            weight.assign(weight.numpy().astype("float16").astype("float32"))
