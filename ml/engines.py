"""Engine protocol (probabilities(batch) → [b, labels]); TFLiteEngine; lazy imports."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from ml.bundle import Bundle, Card
from ml.errors import BadBundle

Batch: TypeAlias = npt.NDArray[Any]
Probabilities: TypeAlias = npt.NDArray[np.float32]  # shape (b, labels), rows sum to 1


class Engine(Protocol):
    """One opened model. Safe to share between threads."""

    @property
    def card(self) -> Card: ...

    def probabilities(self, batch: Batch) -> Probabilities:
        """Inputs of shape (b, *card.input.shape[1:]) → float32 of shape (b, labels)."""
        ...


class Graph:
    """A .tflite file of batch 1 with one input and one output, on one CPU thread.

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
        (self._output,) = self._interpreter.get_output_details()

    @property
    def signature(self) -> tuple[tuple[int, ...], str, tuple[int, ...]]:
        """Shape and dtype of the input, shape of the output."""
        return (
            tuple(int(n) for n in self._input["shape"]),
            np.dtype(self._input["dtype"]).name,
            tuple(int(n) for n in self._output["shape"]),
        )

    def run(self, item: Batch) -> npt.NDArray[np.float32]:
        """One input without its batch axis → one output without it."""
        with self._lock:
            self._interpreter.set_tensor(self._input["index"], item[np.newaxis])
            self._interpreter.invoke()
            row: npt.NDArray[np.float32] = self._interpreter.get_tensor(self._output["index"])[0]
        return row


class TFLiteEngine:
    """A bundle whose model is a .tflite graph."""

    def __init__(self, bundle: Bundle) -> None:
        self.card = bundle.card
        self._graph = Graph(bundle.model)
        says = (self.card.input.shape, self.card.input.dtype, (1, len(self.card.output.labels)))
        if self._graph.signature != says:
            raise BadBundle("unlike-its-card", f"{self._graph.signature}; the card says {says}")

    def probabilities(self, batch: Batch) -> Probabilities:
        """See `Engine.probabilities`.

        Raises
        ------
        BadBundle
            If the graph gives a number that is not finite.
        """
        answer = np.stack([self._graph.run(item) for item in batch])
        if not np.isfinite(answer).all():
            raise BadBundle("not-finite", f"{self.card.task}/{self.card.engine} gave NaN")
        return answer


def open_engine(bundle: Bundle) -> Engine:
    """Open a bundle's model with the runtime its card names.

    Raises
    ------
    BadBundle
        If the runtime is unknown, or the file cannot be opened or is not what the card says.
    """
    if bundle.card.runtime != "tflite":
        raise BadBundle("unknown-runtime", bundle.card.runtime)
    return TFLiteEngine(bundle)


def _interpreter() -> Callable[..., Any]:
    # The same runtime under its new and its old name; the only place that knows.
    for module in ("ai_edge_litert.interpreter", "tflite_runtime.interpreter"):
        try:
            interpreter: Callable[..., Any] = import_module(module).Interpreter
        except ModuleNotFoundError:
            continue
        return interpreter
    raise BadBundle("no-runtime", "neither ai-edge-litert nor tflite-runtime is installed")
