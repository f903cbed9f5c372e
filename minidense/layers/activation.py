"""Activation, ReLU and Softmax: the activations as layers of their own.

Mirrors `keras.layers.Activation`, `.ReLU` and `.Softmax` (`keras/src/layers/activations/`).
"""

from typing import Any

from minidense import activations, checks, ops
from minidense.activations import ActivationLike
from minidense.layers.layer import KeepsShape

_NEARLY_NEVER = -1e9
"""The logit of what a mask leaves out."""


class Activation(KeepsShape):
    """A named activation, or a function, as a layer.

    Args:
        activation: "relu", "sigmoid", "tanh", "softmax", "linear", or a function of a tensor.
        **kwargs: what `Layer` takes.

    Raises:
        ValueError: for an unknown name.

    >>> import numpy as np
    >>> Activation("relu")(np.float32([[-1.0, 2.0]]))
    array([[0., 2.]], dtype=float32)
    """

    def __init__(self, activation: ActivationLike, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.activation = activations.get(activation)
        self.mark_built_at_once()

    def call(self, inputs: Any) -> Any:
        """Return what the function gives."""
        return self.activation(inputs)


class ReLU(KeepsShape):
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

    >>> import numpy as np
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
        super().__init__(**kwargs)
        checks.not_negative("ReLU", "max_value", max_value, none_allowed=True)
        checks.not_negative("ReLU", "negative_slope", negative_slope, none_allowed=False)
        checks.not_negative("ReLU", "threshold", threshold, none_allowed=False)
        self.max_value = max_value
        self.negative_slope = negative_slope
        self.threshold = threshold
        self.mark_built_at_once()

    def call(self, inputs: Any) -> Any:
        """Return the rectified inputs."""
        return activations.relu(inputs, self.negative_slope, self.max_value, self.threshold)


class Softmax(KeepsShape):
    """Softmax over an axis, or over several together.

    Args:
        axis: an axis, a list of axes, or None for all, the batch included.
        **kwargs: what `Layer` takes.

    >>> import numpy as np
    >>> Softmax()(np.float32([[0.0, 0.0]]))
    array([[0.5, 0.5]], dtype=float32)
    """

    def __init__(self, axis: int | list[int] | tuple[int, ...] | None = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if axis is not None:
            checks.axis_numbers(axis)
        self.axis = axis
        self.mark_built_at_once()

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """Return the softmax of what a mask keeps, True or above 0.5; the rest is 0."""
        if mask is None:
            return activations.softmax(inputs, self.axis)
        checks.weights_fit(tuple(mask.shape), tuple(inputs.shape), "mask", "the inputs")
        kept = mask if str(mask.dtype) == "bool" else ops.greater(mask, 0.5)
        outputs = activations.softmax(ops.where(kept, inputs, _NEARLY_NEVER), self.axis)
        return ops.where(kept, outputs, 0.0)  # also where nothing is kept
