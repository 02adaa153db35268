"""Engine protocol (answers(batch) → probabilities, presence); TFLiteEngine, ClassicalEngine."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import Any, Protocol, TypeAlias, cast
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from ml.bundle import Bundle, Card, SoundSpec
from ml.errors import BadBundle

# Inputs of shape (b, *card.input.shape[1:]); of sounds that are not padded, a list.
Batch: TypeAlias = npt.NDArray[Any] | Sequence[npt.NDArray[Any]]
Probabilities: TypeAlias = npt.NDArray[np.float32]  # shape (b, labels), rows sum to 1


@dataclass(frozen=True)
class Answers:
    """What a model says of a batch.

    `probabilities`: shape (b, labels); `presence`: shape (b,), 0..1, whether what the task is about
    is there at all; 1 where the model does not say.
    """

    probabilities: Probabilities
    presence: npt.NDArray[np.float32]


class Engine(Protocol):
    """One opened model. Safe to share between threads."""

    @property
    def card(self) -> Card: ...

    def answers(self, batch: Batch) -> Answers:
        """Inputs as the card says → one row each."""
        ...

    def probabilities(self, batch: Batch) -> Probabilities:
        """The probabilities of `answers`."""
        ...


class Graph:
    """A .tflite file of batch 1 with one input and one or two outputs, on one CPU thread.

    An interpreter owns its tensors: two threads in it at once would read each other's answer,
    so every call holds the lock.

    Raises
    ------
    BadBundle
        If the runtime cannot open the file.
    """

    def __init__(self, path: Path) -> None:
        self._lock = Lock()
        try:
            self._interpreter = _interpreter()(model_path=str(path), num_threads=1)
            self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise BadBundle("unopenable-model", f"{path.name}: {error}") from error
        (self._input,) = self._interpreter.get_input_details()
        self._outputs = self._interpreter.get_output_details()

    @property
    def signature(self) -> tuple[tuple[int, ...], str, tuple[tuple[int, ...], ...]]:
        """Shape and dtype of the input, shapes of the outputs."""
        return (
            tuple(int(n) for n in self._input["shape"]),
            np.dtype(self._input["dtype"]).name,
            tuple(tuple(int(n) for n in output["shape"]) for output in self._outputs),
        )

    def run(self, item: npt.NDArray[Any]) -> tuple[npt.NDArray[np.float32], ...]:
        """One input without its batch axis → its outputs without theirs."""
        with self._lock:
            self._interpreter.set_tensor(self._input["index"], item[np.newaxis])
            self._interpreter.invoke()
            return tuple(self._interpreter.get_tensor(out["index"])[0] for out in self._outputs)


class TFLiteEngine:
    """A bundle whose model is a .tflite graph; its outputs are told apart by their shapes.

    Raises
    ------
    BadBundle
        If the graph does not take or give what the card says.
    """

    def __init__(self, bundle: Bundle) -> None:
        self.card = bundle.card
        self._graph = Graph(bundle.model)
        taken, dtype, given = self._graph.signature
        scores = (1, len(self.card.output.labels))
        extra = [shape for shape in given if shape != scores]
        wanted = [(1, 1)] if self.card.output.presence else []
        fits = (taken, dtype) == (self.card.input.shape, self.card.input.dtype)
        if not fits or given.count(scores) != 1 or extra != wanted:
            raise BadBundle("unlike-its-card", f"the graph is {self._graph.signature}")
        self._scores = given.index(scores)

    def answers(self, batch: Batch) -> Answers:
        """See `Engine.answers`.

        Raises
        ------
        BadBundle
            If the graph gives a number that is not finite.
        """
        rows = [self._graph.run(item) for item in batch]
        scores = np.stack([row[self._scores] for row in rows])
        presence = [row[1 - self._scores][0] if len(row) == 2 else 1.0 for row in rows]
        if not np.isfinite(scores).all() or not np.isfinite(presence).all():
            raise BadBundle("not-finite", f"{self.card.task}/{self.card.engine} gave NaN")
        return Answers(scores, np.array(presence, np.float32))

    def probabilities(self, batch: Batch) -> Probabilities:
        return self.answers(batch).probabilities


# skops trusts what scikit-learn shows and NumPy's arrays; these are what else our pipelines hold:
# a kind of number, the parts of a calibrated classifier, and a dict by whose names they vote.
_TRUSTED = frozenset(
    {
        "numpy.dtype",
        "sklearn.calibration._CalibratedClassifier",
        "sklearn.calibration._SigmoidCalibration",
        "sklearn.calibration._TemperatureScaling",
        "sklearn.utils._bunch.Bunch",
    }
)


class ClassicalEngine:
    """A bundle whose model is a scikit-learn pipeline over a named vector of `ml.features`.

    skops opens it: types only, of a list of trusted ones, and no code.

    Raises
    ------
    BadBundle
        If the file cannot be opened, or wants a type outside scikit-learn.
    """

    def __init__(self, bundle: Bundle) -> None:
        self.card = bundle.card
        features, skops = import_module("ml.features"), import_module("skops.io")
        try:
            unknown = set(skops.get_untrusted_types(file=bundle.model)) - _TRUSTED
            if unknown:
                raise BadBundle("unopenable-model", f"{bundle.card.file} wants {sorted(unknown)}")
            self._pipeline = skops.load(bundle.model, trusted=sorted(_TRUSTED))
        # What a broken archive raises depends on where it is broken.
        except (ValueError, KeyError, TypeError, AttributeError, OSError, BadZipFile) as error:
            raise BadBundle("unopenable-model", f"{bundle.card.file}: {error!r}") from error
        self._vector: Callable[..., npt.NDArray[np.float32]] = features.VECTORS[
            f"{self.card.task}/{self.card.engine}"
        ]
        self._lock = Lock()

    def answers(self, batch: Batch) -> Answers:
        """See `Engine.answers`; the features of each window, then the pipeline."""
        rate = cast(SoundSpec, self.card.input).sample_rate
        with self._lock:
            vectors = np.stack([self._vector(item, sample_rate=rate) for item in batch])
            scores = self._pipeline.predict_proba(vectors).astype(np.float32)
        return Answers(scores, np.ones(len(scores), np.float32))

    def probabilities(self, batch: Batch) -> Probabilities:
        return self.answers(batch).probabilities


_RUNTIMES: Mapping[str, Callable[[Bundle], Engine]] = {
    "tflite": TFLiteEngine,
    "sklearn": ClassicalEngine,
}


def open_engine(bundle: Bundle) -> Engine:
    """Open a bundle's model with the runtime its card names.

    Raises
    ------
    BadBundle
        If the file cannot be opened or is not what the card says.
    """
    return _RUNTIMES[bundle.card.runtime](bundle)


def _interpreter() -> Callable[..., Any]:
    # The same runtime under its new and its old name; the only place that knows.
    for module in ("ai_edge_litert.interpreter", "tflite_runtime.interpreter"):
        try:
            interpreter: Callable[..., Any] = import_module(module).Interpreter
        except ModuleNotFoundError:
            continue
        return interpreter
    raise BadBundle("no-runtime", "neither ai-edge-litert nor tflite-runtime is installed")
