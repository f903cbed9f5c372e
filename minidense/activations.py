"""The functions between the layers.

Mirrors `keras.activations` (`keras/src/activations/activations.py`).
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeAlias

import numpy as np

from minidense import checks, ops
from minidense.config import floatx
from minidense.engine.inputs import as_input
from minidense.engine.operation import Composite
from minidense.ops import (
    celu,
    elu,
    glu,
    hard_shrink,
    hard_sigmoid,
    hard_silu,
    hard_tanh,
    leaky_relu,
    log_sigmoid,
    log_softmax,
    relu6,
    selu,
    silu,
    soft_shrink,
    softplus,
    softsign,
    sparse_plus,
    sparse_sigmoid,
    squareplus,
    tanh_shrink,
    threshold,
)
from minidense.ops.activations import softmax_over
from minidense.ops.shapes import Axes, convert_to_tensor
from minidense.registry import CONFIGURATIONS, Registry

Activation: TypeAlias = Callable[..., Any]
ActivationLike: TypeAlias = str | Activation | dict[str, Any] | None


def linear(x: Any) -> Any:
    """Return x itself.

    >>> linear(np.float32([1.0]))
    array([1.], dtype=float32)
    """
    return x


@partial(Composite, name="re_lu")  # as a node of a graph it has the name of Keras's class for it
def relu(
    x: Any, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0
) -> Any:
    """Return max(x, 0), or Keras's generalisation of it.

    With all arguments: max_value where x >= max_value, x where threshold < x < max_value,
    negative_slope * (x - threshold) elsewhere.

    Source: `keras.activations.relu`; the order of its operations is kept.

    >>> relu(np.float32([-1.0, 0.0, 2.0]))
    array([0., 0., 2.], dtype=float32)
    """
    x = convert_to_tensor(as_input(x, "relu"))
    checks.not_boolean("relu", x)
    if negative_slope == 0 and max_value is None and threshold == 0:
        return ops.relu(x)
    if negative_slope != 0 and max_value is None and threshold == 0:
        x = x if x.dtype.kind == "f" else ops.cast(x, dtype=floatx())
        return ops.leaky_relu(x, negative_slope=negative_slope)
    if negative_slope != 0:
        checks.floating("relu with a negative_slope and a max_value or threshold", x)
    # (-x + threshold) and not (threshold - x): the same value, in Keras's order
    below = ops.relu(ops.negative(x) + threshold) if negative_slope != 0 else None
    if threshold != 0:
        y = ops.where(ops.greater(x, as_attribute(threshold, x.dtype)), x, 0)
    elif max_value == 6:  # a kernel of its own, in which nothing passes at 6
        y = ops.relu6(x)
    else:
        y = ops.relu(x)
    if max_value is not None and (threshold != 0 or max_value != 6):
        y = ops.clip(y, as_attribute(0.0, x.dtype), as_attribute(max_value, x.dtype))
    return y if below is None else y - negative_slope * below


def as_attribute(value: float, dtype: Any) -> Any:
    """Return a Python number in a dtype by way of float32, as `tf.cast` reads it.

    A float64 ReLU with max_value=0.7 gives 0.699999988.

    >>> float(as_attribute(0.7, "float64"))
    0.699999988079071
    """
    return np.asarray(np.float32(value) if isinstance(value, float) else value).astype(dtype)


def sigmoid(x: Any) -> Any:
    """Return 1 / (1 + exp(-x)), without overflow on either side.

    Source: `keras.activations.sigmoid`. A cross-entropy looks through it at x.

    >>> sigmoid(np.float32([0.0, 100.0, -1000.0]))
    array([0.5, 1. , 0. ], dtype=float32)
    """
    x = convert_to_tensor(as_input(x, "sigmoid"))
    checks.floating("sigmoid", x)
    return ops.sigmoid(x)


def tanh(x: Any) -> Any:
    """Return the hyperbolic tangent; whole numbers become floats first, as in Keras.

    >>> tanh(np.float32([0.0]))
    array([0.], dtype=float32)
    """
    return ops.tanh(x)


def softmax(x: Any, axis: Axes = -1) -> Any:
    """Return exp(x) over its sum along an axis; the maximum is subtracted first.

    Args:
        x: floats of any rank from 1 up.
        axis: the axis that sums to 1; None means over all of x, as one.

    Raises:
        ValueError: if x is not floating or has no such axis.

    Warns:
        UserWarning: if the axis has size 1, as Keras does.

    Source: `keras.activations.softmax`. A cross-entropy looks through it at x.

    >>> softmax(np.float32([[0.0, 0.0], [0.0, 1000.0]]))
    array([[0.5, 0.5],
           [0. , 1. ]], dtype=float32)
    """
    x = convert_to_tensor(as_input(x, "softmax"))
    checks.floating("softmax", x)
    axes = checks.softmax_axes(axis, len(x.shape))
    if isinstance(axis, int) and x.shape[axis] == 1:
        checks.warn_user(
            f"You are using a softmax over axis {axis}, which has size 1: there it always gives 1. "
            "Did you mean to use a sigmoid instead?"
        )
    if axis is not None and len(axes) > 1:
        return softmax_over(x, axis=axes)
    return ops.softmax(x, axis=axis if axis is None else axes[0])


def exponential(x: Any) -> Any:
    """Return e ** x; whole numbers become floats first, as in Keras.

    >>> exponential(np.float32([0.0]))
    array([1.], dtype=float32)
    """
    return ops.exp(x)


def gelu(x: Any, approximate: bool = False) -> Any:
    """Return `ops.gelu`, which by default is not approximate here.

    >>> gelu(np.float32([0.0, 1.0]))
    array([0.       , 0.8413447], dtype=float32)
    """
    return ops.gelu(x, approximate=approximate)


def mish(x: Any) -> Any:
    """Return x * tanh(softplus(x)).

    Raises:
        ValueError: if x is not floating.

    >>> mish(np.float32([0.0, 1.0]))
    array([0.       , 0.8650984], dtype=float32)
    """
    return ops.multiply(x, ops.tanh(ops.softplus(x)))


swish, hard_swish = silu, hard_silu

_KNOWN = Registry(
    "activation function",
    "keras.activations",
    *(celu, elu, exponential, gelu, glu, hard_shrink, hard_sigmoid, hard_silu, hard_tanh),
    *(leaky_relu, linear, log_sigmoid, log_softmax, mish, relu, relu6, selu, sigmoid, silu),
    *(soft_shrink, softmax, softplus, softsign, sparse_plus, sparse_sigmoid, squareplus),
    *(tanh, tanh_shrink, threshold),
    swish=silu,
    hard_swish=hard_silu,
)


def get(identifier: ActivationLike) -> Any:
    """Return the function that a name stands for; None is linear, a callable is itself.

    A dict stands for a layer, as `layers.serialize` writes it.

    Raises:
        ValueError: if the identifier stands for none.
        TypeError: for a dict of a class that is not known.

    Source: `keras.activations.get`.

    >>> get("relu") is relu, get(None) is linear
    (True, True)
    """
    if identifier is None:
        return linear
    if isinstance(identifier, Mapping) and identifier.get("class_name") != "function":
        checks.known_name(_KNOWN.kind, identifier, "config" in identifier, sorted(_KNOWN.by_name))
        return CONFIGURATIONS["read"](identifier)
    _KNOWN.check(identifier)
    return _KNOWN.deserialize(identifier)


deserialize = _KNOWN.deserialize


def serialize(activation: Activation) -> Any:
    """Return the name that `get` turns into this function again; of a user's own, a dict.

    Raises:
        ValueError: for what cannot be called.
        TypeError: for an object without a name and a configuration.
    """
    if _KNOWN.has(activation):
        return activation.__name__
    checks.known_name(_KNOWN.kind, activation, callable(activation), sorted(_KNOWN.by_name))
    return CONFIGURATIONS["write"](activation)


is_built_in = _KNOWN.has
"""Whether a function is one of this module, and none of a user's."""


__all__ = ["celu", "deserialize", "elu", "exponential", "gelu", "get", "glu", "hard_shrink"]
__all__ += ["hard_sigmoid", "hard_silu", "hard_swish", "hard_tanh", "leaky_relu", "linear"]
__all__ += ["log_sigmoid", "log_softmax", "mish", "relu", "relu6", "selu", "serialize", "sigmoid"]
__all__ += ["silu", "soft_shrink", "softmax", "softplus", "softsign", "sparse_plus"]
__all__ += ["sparse_sigmoid", "squareplus", "swish", "tanh", "tanh_shrink", "threshold"]
