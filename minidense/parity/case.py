"""One comparison: both models, the batch, and what was already asked of them."""

from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from minidense.nest import flatten
from minidense.parity import sides
from minidense.parity.arrays import to_numpy
from minidense.parity.following import Call
from minidense.parity.pairing import Segment, pair
from minidense.parity.sides import Gradients
from minidense.parity.tolerance import Tolerance
from minidense.typing import Array


class Update(NamedTuple):
    """What a step adds to a weight."""

    change: Array
    size: float
    """The largest number of the weight: the sum is rounded in units of it."""


class Case:
    """Two models beside each other. Each question is asked once.

    Args:
        reference: a model.
        model: another one.
        x: a batch.
        y: its targets, or None.
        tolerance: what rounding explains.
        training: whether the layers are called as in training.
    """

    def __init__(
        self, reference: Any, model: Any, x: Any, y: Any, tolerance: Tolerance, training: bool
    ) -> None:
        self.reference = reference
        self.model = model
        self.x = x
        self.y = y
        self.tolerance = tolerance
        self.training = training
        self.notes: list[str] = []
        self.carried = 0.0  # twice the largest difference between outputs that was accepted
        self.refusal = ""
        reference_answer = sides.answers(reference, x, training)
        try:
            self.answers = reference_answer, sides.answers(model, x, training)
        except Exception as error:  # any library's own
            self.refusal = f"the model raised {type(error).__name__}: {_first_line(error)}"

    @property
    def title(self) -> str:
        """Say what is compared."""
        rows = len(flatten(self.x)[0])
        mode = "in training" if self.training else "at rest (training=False)"
        return f"{_name(self.reference)} (reference) and {_name(self.model)}, {rows} rows, {mode}."

    @cached_property
    def segments(self) -> list[Segment]:
        """The layers that belong together."""
        return pair(self.answers[0][0], self.answers[1][0])

    @property
    def other_arrangement(self) -> bool:
        """Whether the models are not made of the same layers, one beside the other."""
        kinds = [[call.kind for call in calls] for calls, _ in self.answers]
        return kinds[0] != kinds[1]

    @cached_property
    def gradients(self) -> tuple[Gradients, Gradients]:
        """The loss and the gradients of both."""
        one, other = (
            sides.gradients(model, self.x, self.y, self.training)
            for model in (self.reference, self.model)
        )
        return one, other

    def steps(self, model: Any, optimizer: Any = None) -> list[Update]:
        """Return what a model's optimizer makes of the reference's gradients."""
        before = [to_numpy(weight) for weight in sides.trainable_weights(model)]
        after = sides.step(model, self.gradients[0].weight_grads, optimizer)
        return [
            Update((new.astype(np.float64) - old).astype(old.dtype), _size([old, new]))
            for old, new in zip(before, after, strict=True)
        ]

    @property
    def paths(self) -> list[str]:
        """The paths of the reference's trainable weights."""
        return [sides.path_of(weight) for weight in sides.trainable_weights(self.reference)]

    @property
    def input_places(self) -> list[str]:
        """What the gradients of the inputs are called."""
        count = len(self.gradients[0].input_grads)
        return [f"gradient of x[{i}]" if count > 1 else "gradient of x" for i in range(count)]

    @property
    def size_of_outputs(self) -> float:
        """The largest output, 1 at least: the loss is rounded in units of it."""
        return max(1.0, _size(self.answers[0][1]))

    @property
    def size_of_values(self) -> float:
        """The largest number that goes into a layer, 1 at least."""
        return max(1.0, *(_size(call.inputs) for call in self.answers[0][0] or [_NO_CALL]))

    def same(self, one: Array, other: Array) -> bool:
        """Whether two arrays are the same, but for rounding."""
        return self.tolerance.accepts(np.asarray(one), np.asarray(other))


_NO_CALL = Call(None, [], [])


def _size(arrays: list[Array]) -> float:
    numbers = [np.abs(array[np.isfinite(array)]) for array in arrays]
    return max([0.0, *(float(finite.max()) for finite in numbers if finite.size)])


def _name(model: Any) -> str:
    library = sides.library_of(model) or type(model).__module__.split(".")[0]
    return f"{library} '{getattr(model, 'name', type(model).__name__)}'"


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", maxsplit=1)[0]
