"""The functions between the layers, each with its derivative beside it.

Answers to `keras.activations` (`keras/src/activations/activations.py`). Every derivative here is
computed from the *outputs* alone, so nothing else need be kept for the way back.
"""

import warnings
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np

from minidense import checks
from minidense.config import floatx
from minidense.conversion import as_array
from minidense.typing import Array

Activation: TypeAlias = Callable[..., Any]
ActivationLike: TypeAlias = str | Activation | dict[str, Any] | None


def linear(x: Array) -> Array:
    """Return x itself, the very same array.

    >>> linear(np.float32([1.0]))
    array([1.], dtype=float32)
    """
    return x


def linear_backward(grad: Array, outputs: Array) -> Array:
    """The derivative is 1: hand the gradient on, the very same array."""
    return grad


def relu(
    x: Array, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0
) -> Array:
    """Return max(x, 0), or Keras's generalisation of it.

    With all arguments: max_value where x >= max_value, x where threshold < x < max_value,
    negative_slope * (x - threshold) elsewhere.

    Source: `keras.activations.relu`; the order of its operations is kept.

    >>> relu(np.float32([-1.0, 0.0, 2.0]))
    array([0., 0., 2.], dtype=float32)
    """
    x = as_array(x)
    checks.not_boolean("relu", x)
    if negative_slope == 0 and max_value is None and threshold == 0:
        return np.maximum(x, 0)  # not x * (x > 0), which gives -0.0
    if negative_slope != 0 and max_value is None and threshold == 0:
        x = x if x.dtype.kind == "f" else x.astype(floatx())
        slopes: Array = np.where(x > 0, x.dtype.type(1), as_attribute(negative_slope, x.dtype))
        return np.multiply(x, slopes)
    if negative_slope != 0:
        checks.floating("relu with a negative_slope and a max_value or threshold", x)
    # (-x + threshold) and not (threshold - x): the same value, in Keras's order
    below = np.maximum(-x + x.dtype.type(threshold), 0) if negative_slope != 0 else None
    limit = as_attribute(threshold, x.dtype)
    outputs = np.where(x > limit, x, x.dtype.type(0)) if threshold != 0 else np.maximum(x, 0)
    if max_value is not None:
        outputs = np.clip(outputs, 0, as_attribute(max_value, x.dtype))
    return outputs if below is None else outputs - x.dtype.type(negative_slope) * below


def as_attribute(value: float, dtype: np.dtype[Any]) -> Any:
    """Return a Python number in a dtype by way of float32, as TensorFlow reads it.

    `tf.cast` and the attributes of its kernels do so: a float64 ReLU with max_value=0.7 gives
    0.699999988.
    """
    return np.asarray(np.float32(value) if isinstance(value, float) else value).astype(dtype)[()]


def relu_backward(grad: Array, outputs: Array) -> Array:
    """Let the gradient through where the output is positive; the derivative at 0 is 0.

    A product, as in TensorFlow: an infinite gradient of a unit that was off becomes NaN.
    """
    return np.multiply(grad, outputs > 0)


def sigmoid(x: Array) -> Array:
    """Return 1 / (1 + exp(-x)), without overflow on either side.

    >>> sigmoid(np.float32([0.0, 100.0, -1000.0]))
    array([0.5, 1. , 0. ], dtype=float32)
    """
    x = as_array(x)
    checks.floating("sigmoid", x)
    decay = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + decay), decay / (1 + decay))


def sigmoid_backward(grad: Array, outputs: Array) -> Array:
    """d/dx sigmoid = y * (1 - y)."""
    gradient: Array = grad * (outputs * (1 - outputs))
    return gradient


def tanh(x: Array) -> Array:
    """Return the hyperbolic tangent; whole numbers become floats first, as in Keras.

    >>> tanh(np.float32([0.0]))
    array([0.], dtype=float32)
    """
    x = as_array(x)
    return np.tanh(x if x.dtype.kind == "f" else x.astype(floatx()))


def tanh_backward(grad: Array, outputs: Array) -> Array:
    """d/dx tanh = 1 - y * y."""
    gradient: Array = grad * (1 - outputs * outputs)
    return gradient


def softmax(x: Array, axis: int | Sequence[int] | None = -1) -> Array:
    """Return exp(x) over its sum along an axis; the maximum is subtracted first.

    Args:
        x: floats of any rank from 1 up.
        axis: the axis that sums to 1; None means over all of x, as one.

    Raises:
        ValueError: if x is not floating or has no such axis.

    Warns:
        UserWarning: if the axis has size 1, as Keras does.

    >>> softmax(np.float32([[0.0, 0.0], [0.0, 1000.0]]))
    array([[0.5, 0.5],
           [0. , 1. ]], dtype=float32)
    """
    x = as_array(x)
    checks.floating("softmax", x)
    last = axis == -1 and x.ndim > 0  # the usual case has nothing to check
    axes = -1 if last else checks.softmax_axes(axis, x.ndim)
    if isinstance(axis, int) and x.shape[axis] == 1:
        warnings.warn(
            f"You are using a softmax over axis {axis}, which has size 1: there it always gives 1. "
            "Did you mean to use a sigmoid instead?",
            UserWarning,
            stacklevel=2,
        )
    highest = np.maximum.reduce(x, axis=axes, keepdims=True, initial=-np.inf)  # or an empty axis
    # in float64, since NumPy's float32 exponential is off by up to 2.5 units in the last place
    powers = np.exp((x - highest).astype(np.float64))
    powers /= np.add.reduce(powers, axis=axes, keepdims=True)
    outputs: Array = powers.astype(x.dtype)
    return outputs


def softmax_backward(grad: Array, outputs: Array, axis: int | Sequence[int] | None = -1) -> Array:
    """Y * (grad - sum(grad * y)): every input moves every output of its row."""
    axes = checks.softmax_axes(axis, outputs.ndim)
    gradient: Array = outputs * (grad - (grad * outputs).sum(axes, keepdims=True))
    return gradient


_BACKWARD: dict[Activation, Callable[[Array, Array], Array]] = {
    linear: linear_backward,
    relu: relu_backward,
    sigmoid: sigmoid_backward,
    tanh: tanh_backward,
    softmax: softmax_backward,
}

_BY_NAME: dict[str, Activation] = {function.__name__: function for function in _BACKWARD}


def get(identifier: ActivationLike) -> Activation:
    """Return the function that a name stands for; None is linear, a callable is itself.

    Raises:
        ValueError: if the identifier stands for none.

    Source: `keras.activations.get`.

    >>> get("relu") is relu, get(None) is linear
    (True, True)
    """
    if identifier is None:
        return linear
    if callable(identifier):
        return identifier
    known = isinstance(identifier, str) and identifier in _BY_NAME
    checks.known_name("activation function", identifier, known, sorted(_BY_NAME))
    return _BY_NAME[str(identifier)]


def is_built_in(activation: Activation) -> bool:
    """Whether a function is one of the five that have a derivative here.

    >>> is_built_in(relu), is_built_in(np.abs)
    (True, False)
    """
    return any(activation is function for function in _BACKWARD)


def serialize(activation: Activation) -> str:
    """Return the name that `get` turns into this function again.

    Raises:
        ValueError: for a function that is none of Keras's; it has no name there.
    """
    name = getattr(activation, "__name__", "")
    checks.known_name("activation function", name, name in _BY_NAME, sorted(_BY_NAME))
    return name


class ActivationStep:
    """An activation as a step of a plan: forward, backward, no weights."""

    trainable_weights: tuple[()] = ()

    def __init__(self, function: Activation) -> None:
        self.function = function

    def forward(self, inputs: Array, training: bool | None) -> tuple[Array, Array]:
        """Return the outputs, and the outputs again: all that backward needs."""
        outputs = self.function(inputs)
        return outputs, outputs

    def backward(
        self, grad: Array, saved: Array, needs_input_grad: bool
    ) -> tuple[Array | None, list[Array]]:
        """Return the gradient of the inputs; there are no weights.

        Raises:
            NotImplementedError: for a function of the user's own, whose derivative is not known.
        """
        if not needs_input_grad:
            return None, []
        backward = _BACKWARD.get(self.function)
        if backward is None:
            raise checks.no_derivative(self.function)
        return backward(grad, saved), []

    def logits(self, inputs: Array, saved: Array) -> Array | None:
        """Return the inputs of a softmax or a sigmoid: Keras's losses look through these.

        A cross-entropy on their output is computed from what went in (`_keras_logits` in
        `keras/src/backend/tensorflow/nn.py`).
        """
        return inputs if self.function in (softmax, sigmoid) else None

    def backward_from_logits(
        self, grad: Array, saved: Array, needs_input_grad: bool
    ) -> tuple[Array | None, list[Array]]:
        """Return the gradient as it came: it is the inputs' already."""
        return (grad if needs_input_grad else None), []


class CurrentActivation(ActivationStep):
    """The activation that a layer has when the step runs: a user may give it another one.

    Args:
        layer: what has an `activation`.
    """

    def __init__(self, layer: Any) -> None:
        self._layer = layer

    @property
    def function(self) -> Activation:  # type: ignore[override]  # read here, set on the layer
        """The layer's."""
        function: Activation = self._layer.activation
        return function


__all__ = ["get", "linear", "relu", "serialize", "sigmoid", "softmax", "tanh"]
