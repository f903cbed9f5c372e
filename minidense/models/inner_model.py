"""A model inside another one, as a step of the outer one's plan."""

from typing import Any, NamedTuple

from minidense.graph.nest import flatten
from minidense.graph.plan import Tape
from minidense.typing import Array
from minidense.variables import Variable


class InnerTape(NamedTuple):
    """What an inner model's way forward leaves."""

    tape: Tape
    dtypes: list[Any]
    """Those that came in."""


class InnerModel:
    """The model's own way forward and back; what learns is each variable that is not frozen.

    Arrays are cast to the dtypes of the model's Inputs, not to the model's own as for a layer.

    A model made with `trainable=False` freezes nothing by that: its `trainable_weights` are
    empty, but inside another model its variables are trained. So it is in Keras.
    """

    def __init__(self, model: Any) -> None:
        self.model = model

    @property
    def trainable_weights(self) -> list[Variable]:
        """Those of the variables that are trainable themselves."""
        return learning(self.model)

    def forward(self, inputs: Any, training: bool | None) -> tuple[Any, Any]:
        """Return the model's outputs; save its tape, and the dtypes that came in."""
        outputs, tape = self.model.forward(inputs, training)
        return outputs, InnerTape(tape, [array.dtype for array in flatten(inputs)])

    def backward(self, grad: Any, saved: Any, needs_input_grad: bool) -> tuple[Any, list[Array]]:
        """Go back through the model, to gradients in the dtypes that came in."""
        tape, dtypes = saved
        return _cast_back(self.model.backward(grad, tape, needs_input_grad), dtypes)

    def logits(self, inputs: Any, saved: Any) -> Array | None:
        """Return what went into the model's last softmax or sigmoid, else None."""
        tape, _ = saved
        found: Array | None = self.model.logits(inputs, tape)
        return found

    def backward_from_logits(
        self, grad: Array, saved: Any, needs_input_grad: bool
    ) -> tuple[Any, list[Array]]:
        """Do what backward does, given the gradient of the logits."""
        tape, dtypes = saved
        return _cast_back(self.model.backward_from_logits(grad, tape, needs_input_grad), dtypes)


def _cast_back(grads: tuple[Any, list[Array]], dtypes: list[Any]) -> tuple[Any, list[Array]]:
    input_grad, weight_grads = grads
    if input_grad is None:
        return None, weight_grads
    cast = [
        None if each is None else each.astype(dtype, copy=False)
        for each, dtype in zip(flatten(input_grad), dtypes, strict=True)
    ]
    return (cast if isinstance(input_grad, list) else cast[0]), weight_grads


def learning(model: Any) -> list[Variable]:
    """Return the weights whose gradients a model's `backward` returns, in this order."""
    return [variable for variable in model.weights if variable.trainable]


__all__ = ["InnerModel", "InnerTape", "learning"]
