"""Steps of a plan that stand beside a layer: a cast before it, or a guard around one's own."""

from collections.abc import Callable
from typing import Any

import numpy as np

from minidense import checks
from minidense.graph.nest import flatten, map_structure
from minidense.graph.plan import WithoutLogits
from minidense.layers.weights import WeightOwner
from minidense.typing import Array
from minidense.variables import Variable


class CastStep(WithoutLogits):
    """The cast before a layer that computes in another dtype, and its way back.

    It hides the logits, as it does in Keras.
    """

    trainable_weights: tuple[()] = ()

    def __init__(self, cast: Callable[[Array], Array]) -> None:
        self._cast = cast

    def forward(self, inputs: Any, training: bool | None) -> tuple[Any, Any]:
        """Return the inputs in the layer's dtype, and their own dtypes."""
        return map_structure(self._cast, inputs), map_structure(lambda x: x.dtype, inputs)

    def backward(self, grad: Any, saved: Any, needs_input_grad: bool) -> tuple[Any, list[Array]]:
        """Return the gradient in the dtypes that came in, None where there is none."""
        if isinstance(grad, list):
            pairs = zip(grad, flatten(saved), strict=True)
            return [None if g is None else g.astype(t) for g, t in pairs], []
        return grad.astype(saved), []


class CheckedStep:
    """A layer of one's own: what its forward and backward return is checked.

    The gradients of its weights are copied, since an optimizer writes over what it is given, and
    those of frozen weights, which a simple layer returns too, are left out.
    """

    def __init__(self, layer: Any) -> None:
        self._layer = layer
        self.logits = layer.logits
        self.backward_from_logits = layer.backward_from_logits

    @property
    def trainable_weights(self) -> list[Variable]:
        """The layer's."""
        weights: list[Variable] = self._layer.trainable_weights
        return weights

    def forward(self, inputs: Any, training: bool | None) -> tuple[Any, Any]:
        """Return what the layer's forward returns; save the inputs' shapes too."""
        outputs, saved = checks.forward_result(
            self._layer.name, self._layer.forward(inputs, training)
        )
        return outputs, (saved, [np.shape(array) for array in flatten(inputs)])

    def backward(self, grad: Any, saved: Any, needs_input_grad: bool) -> tuple[Any, list[Array]]:
        """Return what the layer's backward returns, if it has the shapes that it must have."""
        own_saved, input_shapes = saved
        layer = self._layer
        input_grad, weight_grads = checks.backward_result(
            layer.name, layer.backward(grad, own_saved, needs_input_grad)
        )
        if len(weight_grads) == len(layer.weights):  # one for each weight: the frozen ones go
            pairs = zip(layer.weights, weight_grads, strict=True)
            weight_grads = [g for v, g in pairs if v in self.trainable_weights]
        shapes = [variable.shape for variable in self.trainable_weights]
        checks.gradient_shapes(layer.name, "its trainable weights", shapes, weight_grads)
        if needs_input_grad:
            checks.gradient_shapes(layer.name, "its inputs", input_shapes, flatten(input_grad))
        return input_grad, [np.array(weight_grad) for weight_grad in weight_grads]


class CallStep(WithoutLogits):
    """A layer whose `call` was overridden without a forward: it runs, but has no way back."""

    def __init__(
        self, layer: WeightOwner, forward: Callable[..., Any], backward: Callable[..., Any]
    ) -> None:
        self._layer = layer
        self._forward = forward
        self._backward = backward

    @property
    def trainable_weights(self) -> list[Variable]:
        """The layer's."""
        return self._layer.trainable_weights

    def forward(self, inputs: Any, training: bool | None) -> tuple[Any, Any]:
        """Return what the overridden `call` returns, and nothing for a way back."""
        outputs, saved = self._forward(self._layer, inputs, training)
        return outputs, saved

    def backward(self, grad: Any, saved: Any, needs_input_grad: bool) -> tuple[Any, list[Array]]:
        """Raise NotImplementedError, with the sentence of a layer that has no backward."""
        input_grad, weight_grads = self._backward(self._layer, grad, saved, needs_input_grad)
        return input_grad, weight_grads


__all__ = ["CallStep", "CastStep", "CheckedStep"]
