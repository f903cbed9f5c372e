"""Activation, ReLU and Softmax: the activations as layers of their own.

Answers to `keras.layers.Activation`, `.ReLU` and `.Softmax` (`keras/src/layers/activations/`).
"""

from typing import Any

import numpy as np

from minidense import activations, checks
from minidense.activations import ActivationLike, CurrentActivation
from minidense.layers.elementwise import Elementwise
from minidense.typing import Array


class Activation(Elementwise):
    """A named activation, or a function, as a layer.

    Args:
        activation: "relu", "sigmoid", "tanh", "softmax", "linear", or a function of an array. A
            function of the user's own can predict, but not be trained.
        **kwargs: what `Layer` takes.

    Raises:
        ValueError: for an unknown name.

    >>> Activation("relu")(np.float32([[-1.0, 2.0]]))
    array([[0., 2.]], dtype=float32)
    """

    def __init__(self, activation: ActivationLike, **kwargs: Any) -> None:
        function = activations.get(activation)
        super().__init__(**kwargs)
        self.activation = function
        self._step = CurrentActivation(self)

    def forward(self, inputs: Array, training: bool | None) -> tuple[Array, Array]:
        """Return the outputs, and save them."""
        return self._step.forward(inputs, training)

    def backward(
        self, grad: Array, saved: Array, needs_input_grad: bool
    ) -> tuple[Array | None, list[Array]]:
        """Return the gradient, from the outputs."""
        return self._step.backward(grad, saved, needs_input_grad)

    def logits(self, inputs: Array, saved: Array) -> Array | None:
        """Return the inputs, if the function is a softmax or a sigmoid."""
        return self._step.logits(inputs, saved)

    def backward_from_logits(
        self, grad: Array, saved: Array, needs_input_grad: bool
    ) -> tuple[Array | None, list[Array]]:
        """Return the gradient as it came: it is the inputs' already."""
        return self._step.backward_from_logits(grad, saved, needs_input_grad)

    def get_config(self) -> dict[str, Any]:
        """Return Keras's keys."""
        return {**super().get_config(), "activation": activations.serialize(self.activation)}


class ReLU(Elementwise):
    """The rectifier with all its arguments.

    Where x >= max_value the output is max_value, where threshold < x < max_value it is x, and
    elsewhere negative_slope * (x - threshold).

    Args:
        max_value: the largest output, or None.
        negative_slope: the slope below the threshold, from 0 up.
        threshold: from 0 up.
        **kwargs: what `Layer` takes.

    Raises:
        ValueError: for a negative argument.

    >>> ReLU(max_value=1.0, negative_slope=0.5)(np.float32([[-1.0, 0.5, 2.0]]))
    array([[-0.5,  0.5,  1. ]], dtype=float32)
    """

    def __init__(
        self,
        max_value: float | None = None,
        negative_slope: float = 0.0,
        threshold: float = 0.0,
        **kwargs: Any,
    ) -> None:
        checks.not_negative("ReLU", "max_value", max_value, none_allowed=True)
        checks.not_negative("ReLU", "negative_slope", negative_slope, none_allowed=False)
        checks.not_negative("ReLU", "threshold", threshold, none_allowed=False)
        super().__init__(**kwargs)
        self.max_value = max_value
        self.negative_slope = negative_slope
        self.threshold = threshold

    def forward(self, inputs: Array, training: bool | None) -> tuple[Array, Array]:
        """Return the outputs; save the inputs."""
        outputs = activations.relu(inputs, self.negative_slope, self.max_value, self.threshold)
        return outputs, inputs

    def backward(
        self, grad: Array, saved: Array, needs_input_grad: bool
    ) -> tuple[Array | None, list[Array]]:
        """Return grad where x passed, negative_slope * grad below, 0 above max_value.

        At the kinks as TensorFlow: nothing passes at the threshold, grad passes at max_value. Two
        of Keras's cases are kernels of their own: a slope alone (leaky_relu) takes 0 and NaN for
        below, and max_value=6 alone (relu6) lets nothing pass at 6.
        """
        if not needs_input_grad:
            return None, []
        slope = saved.dtype.type(self.negative_slope)
        passes = saved > activations.as_attribute(self.threshold, saved.dtype)
        below = saved < saved.dtype.type(self.threshold)
        if self.max_value is not None:
            largest = activations.as_attribute(self.max_value, saved.dtype)
            is_relu6 = self.threshold == 0 and self.max_value == 6
            passes &= (saved < largest) if is_relu6 else (saved <= largest)
        elif self.threshold == 0:
            slope = activations.as_attribute(self.negative_slope, saved.dtype)
            below = ~passes
        one, zero = saved.dtype.type(1), saved.dtype.type(0)
        return grad * np.where(passes, one, np.where(below, slope, zero)), []

    def get_config(self) -> dict[str, Any]:
        """Return Keras's keys."""
        return {
            **super().get_config(),
            "max_value": self.max_value,
            "negative_slope": self.negative_slope,
            "threshold": self.threshold,
        }


class Softmax(Elementwise):
    """Softmax over an axis, or over several together.

    Args:
        axis: an axis, a list of axes, or None for all, the batch included.
        **kwargs: what `Layer` takes.

    >>> Softmax()(np.float32([[0.0, 0.0]]))
    array([[0.5, 0.5]], dtype=float32)
    """

    def __init__(self, axis: int | list[int] | tuple[int, ...] | None = -1, **kwargs: Any) -> None:
        if axis is not None:
            checks.axis_numbers(axis)
        super().__init__(**kwargs)
        self.axis = axis

    def forward(self, inputs: Array, training: bool | None) -> tuple[Array, Array]:
        """Return the outputs, and save them."""
        outputs = activations.softmax(inputs, self.axis)
        return outputs, outputs

    def backward(
        self, grad: Array, saved: Array, needs_input_grad: bool
    ) -> tuple[Array | None, list[Array]]:
        """Return the gradient, from the outputs."""
        if not needs_input_grad:
            return None, []
        return activations.softmax_backward(grad, saved, self.axis), []

    def logits(self, inputs: Array, saved: Array) -> Array | None:
        """Return the inputs: Keras's losses look through a Softmax along any one axis.

        Over several axes Keras computes by logarithms, and leaves no logits.
        """
        several = isinstance(self.axis, (list, tuple)) and len(self.axis) > 1
        return None if several else inputs

    def backward_from_logits(
        self, grad: Array, saved: Array, needs_input_grad: bool
    ) -> tuple[Array | None, list[Array]]:
        """Return the gradient as it came: it is the inputs' already."""
        return (grad if needs_input_grad else None), []

    def get_config(self) -> dict[str, Any]:
        """Return Keras's keys."""
        return {**super().get_config(), "axis": self.axis}


__all__ = ["Activation", "ReLU", "Softmax"]
