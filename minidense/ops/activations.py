"""Operations that stand between two layers of a network: rectifier, sigmoid, softmax."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from minidense import checks
from minidense.engine.inputs import as_input, to_one_float
from minidense.engine.operation import Operation, operation
from minidense.numerics import exponentials, logarithms, sigmoids
from minidense.numerics.softmax import softmax as softmax_rows
from minidense.ops.arithmetic import multiply, subtract
from minidense.ops.comparisons import greater
from minidense.ops.functions import exp
from minidense.ops.reductions import as_axes, sum  # noqa: A004 - Keras's name
from minidense.ops.shapes import Axes, convert_to_tensor, transpose


@operation(elementwise=True)
def relu(x: Any) -> Any:
    """Return max(x, 0); mirrors `tf.nn.relu`.

    >>> relu(np.float32([-1.0, 0.0, 2.0]))
    array([0., 0., 2.], dtype=float32)
    """
    return np.maximum(x, 0)  # not x * (x > 0), which gives -0.0


@relu.gradient
def _(grad: Any, y: Any) -> Any:  # a product: an infinite gradient of a unit that is off is NaN
    return multiply(grad, greater(y, 0))


@operation(elementwise=True)
def relu6(x: Any) -> Any:
    """Return x between 0 and 6; mirrors `tf.nn.relu6`.

    >>> relu6(np.float32([-1, 3, 7]))
    array([0., 3., 6.], dtype=float32)
    """
    return np.minimum(np.maximum(x, 0), 6)


@relu6.gradient
def _(grad: Any, y: Any) -> Any:
    return multiply(grad, multiply(greater(y, 0), greater(6, y)))


@operation(elementwise=True, casting=to_one_float)
def leaky_relu(x: Any, *, negative_slope: float = 0.2) -> Any:
    """Return x where it is positive, and else a share of it; mirrors `tf.nn.leaky_relu`.

    >>> leaky_relu(np.float32([-1, 3]))
    array([-0.2,  3. ], dtype=float32)
    """
    return x * leaky_slopes.kernel(x, negative_slope=negative_slope)


@operation(elementwise=True)
def leaky_slopes(x: Any, *, negative_slope: float) -> Any:
    """Return the slope of a leaky rectifier, below for 0 and NaN; mirrors `LeakyReluGrad`.

    >>> leaky_slopes(np.float32([-1, 3]), negative_slope=0.5)
    array([0.5, 1. ], dtype=float32)
    """
    slope = np.asarray(np.float32(negative_slope), x.dtype)  # an attribute of 32 bits there
    return np.where(x > 0, x.dtype.type(1), slope)


@leaky_relu.gradient
def _(grad: Any, x: Any, negative_slope: float) -> Any:
    return multiply(grad, leaky_slopes(x, negative_slope=negative_slope))


@operation(elementwise=True, in_registers=True, keeps_logits=True)
def sigmoid(x: Any) -> Any:
    """Return 1 / (1 + exp(-x)), without overflow on either side; mirrors `tf.sigmoid`, its bits.

    >>> sigmoid(np.float32([0.0, 100.0, -1000.0]))
    array([0.5, 1. , 0. ], dtype=float32)
    """
    return sigmoids.sigmoid(x)


sigmoid_gradient = Operation(sigmoids.sigmoid_gradient, elementwise=True, in_registers=True)


@sigmoid.gradient
def _(grad: Any, y: Any) -> Any:
    return sigmoid_gradient(grad, y)


@operation(row_by_row=True, keeps_logits=True)
def softmax(x: Any, *, axis: int | None = -1) -> Any:
    """Return exp(x) over its sum along an axis; mirrors `tf.nn.softmax`, its bits in float32.

    >>> softmax(np.float32([[0.0, 0.0], [0.0, 1000.0]]))
    array([[0.5, 0.5],
           [0. , 1. ]], dtype=float32)
    """
    return _over(softmax_rows, x, as_axes(axis, x.ndim))


@operation
def softmax_over(x: Any, *, axis: tuple[int, ...]) -> Any:
    """Return a softmax over several axes together, in which no loss looks for logits.

    Source: `softmax` of `keras/src/activations/activations.py`.

    >>> softmax_over(np.zeros((2, 2), "float32"), axis=(0, 1))
    array([[0.25, 0.25],
           [0.25, 0.25]], dtype=float32)
    """
    return _over(softmax_rows, x, as_axes(axis, x.ndim))


@operation(row_by_row=True, in_registers=True)
def log_softmax(x: Any, *, axis: int | None = -1) -> Any:
    """Return x less the logarithm of the sum of exp(x) along an axis; mirrors `tf.nn.log_softmax`.

    Raises:
        ValueError: if x is not floating.

    >>> log_softmax(np.float32([[0.0, 0.0], [0.0, 1000.0]]))
    array([[-6.931472e-01, -6.931472e-01],
           [-1.000000e+03,  0.000000e+00]], dtype=float32)
    """
    checks.floating("log_softmax", x)
    return _over(_log_softmax_rows, x, as_axes(axis, x.ndim))


def _log_softmax_rows(x: Any) -> Any:
    shifted = x - np.maximum.reduce(x, axis=-1, keepdims=True)
    return shifted - logarithms.log(exponentials.exp_and_row_sums(shifted)[1])


def _over(of_rows: Callable[..., Any], x: Any, axes: tuple[int, ...]) -> Any:
    """Return a function of rows over some axes: they are moved to the end, and made one."""
    order = _with_last(x.ndim, axes)
    is_moved = order != tuple(range(x.ndim))
    moved = x.transpose(order) if is_moved else x
    size = math.prod([x.shape[axis] for axis in axes])
    values = of_rows(moved.reshape(x.size // (size or 1), size)).reshape(moved.shape)
    return values.transpose(tuple(np.argsort(order))) if is_moved else values


def _with_last(rank: int, axes: tuple[int, ...]) -> tuple[int, ...]:
    """Return all axes, those that are given last."""
    return (*(axis for axis in range(rank) if axis not in axes), *axes)


@softmax.gradient
@softmax_over.gradient
def _(grad: Any, y: Any, axis: Axes) -> Any:
    def go_back(grad: Any, y: Any, last: Axes) -> Any:
        return multiply(subtract(grad, sum(multiply(grad, y), axis=last, keepdims=True)), y)

    return _back_over(go_back, grad, y, axis)


@log_softmax.gradient
def _(grad: Any, y: Any, axis: Axes) -> Any:
    def go_back(grad: Any, y: Any, last: Axes) -> Any:
        return subtract(grad, multiply(sum(grad, axis=last, keepdims=True), exp(y)))

    return _back_over(go_back, grad, y, axis)


def _back_over(go_back: Callable[..., Any], grad: Any, y: Any, axis: Axes) -> Any:
    """Return what a gradient gives over the last axes, to which some axes are moved."""
    axes = as_axes(axis, len(y.shape))
    order = _with_last(len(y.shape), axes)
    last = tuple(range(len(order) - len(axes), len(order)))
    if order == tuple(range(len(order))):
        return go_back(grad, y, last)
    # added up in the order of the axes that were moved
    by_x = go_back(transpose(grad, axes=order), transpose(y, axes=order), last)
    return transpose(by_x, axes=tuple(np.argsort(order)))


def floating_input(name: str, x: Any, error: type[Exception] = ValueError) -> Any:
    """Return what an activation is computed from as a tensor of floats.

    Raises:
        ValueError: for whole numbers, or another error, where Keras raises that.
    """
    x = convert_to_tensor(as_input(x, name))
    checks.floating(name, x, error=error)
    return x
