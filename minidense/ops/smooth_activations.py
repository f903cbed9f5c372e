"""Activations without a corner, or with an exponential below 0: elu, softplus, gelu and their kin.

Each is computed in Keras's and TensorFlow's order of operations.
"""

import math
from typing import Any

import numpy as np

from minidense import checks
from minidense.engine.operation import Composite, operation
from minidense.numerics import exponentials, logarithms, sigmoids
from minidense.ops.activations import floating_input, sigmoid
from minidense.ops.arithmetic import (
    maximum,
    minimum,
    multiply,
    negative,
    plus,
    subtract,
    true_divide,
)
from minidense.ops.comparisons import greater, less, where
from minidense.ops.error_functions import erfc
from minidense.ops.functions import expm1, power, sqrt, square, tanh
from minidense.ops.parts import get_item
from minidense.ops.rounding import absolute

_SCALE, _SCALED_ALPHA = 1.0507009873554804934, 1.7580993408473768600  # of selu
# numbers of 32 bits in float64, too, since `tf.cast` makes them so
_CUBIC, _ROOT_OF_HALF = np.float32(0.044715), np.float32(0.7071067811865476)


@operation(elementwise=True, in_registers=True)
def exponential_unit(x: Any) -> Any:
    """Return x, and exp(x) - 1 below 0; mirrors `tf.nn.elu`, its bits in float32.

    >>> exponential_unit(np.float32([-1.0, 2.0]))
    array([-0.63212055,  2.        ], dtype=float32)
    """
    checks.floating("elu", x)
    return np.where(x < 0, exponentials.exp(x) - 1, x)


@exponential_unit.gradient
def _(grad: Any, y: Any) -> Any:
    return where(less(y, 0), multiply(plus(y, 1.0), grad), grad)


@Composite
def elu(x: Any, alpha: float = 1.0) -> Any:
    """Return x, and alpha * (exp(x) - 1) below 0.

    Source: `elu` of `keras/src/backend/tensorflow/nn.py`.

    >>> elu(np.float32([-1.0, 2.0]))
    array([-0.63212055,  2.        ], dtype=float32)
    """
    y = exponential_unit(x)
    return y if alpha == 1 else where(greater(x, 0), y, multiply(alpha, y))


@operation(elementwise=True, in_registers=True)
def selu(x: Any) -> Any:
    """Return 1.05 * x, and 1.76 * (exp(x) - 1) below 0; mirrors `tf.nn.selu`, its bits in float32.

    >>> selu(np.float32([-1.0, 2.0]))
    array([-1.1113307,  2.101402 ], dtype=float32)
    """
    checks.floating("selu", x)
    return np.where(x < 0, (exponentials.exp(x) - 1) * _SCALED_ALPHA, x * _SCALE)


@selu.gradient
def _(grad: Any, y: Any) -> Any:
    below = multiply(grad, plus(y, _SCALED_ALPHA))
    return where(less(y, 0), below, multiply(grad, _SCALE))


@Composite
def celu(x: Any, alpha: float = 1.0) -> Any:
    """Return x, and alpha * (exp(x / alpha) - 1) below 0.

    Source: `celu` of `keras/src/backend/tensorflow/nn.py`.

    >>> celu(np.float32([-1.0, 2.0]))
    array([-0.63212055,  2.        ], dtype=float32)
    """
    x = floating_input("celu", x, TypeError)
    below = multiply(alpha, expm1(true_divide(minimum(x, 0.0), alpha)))
    return plus(maximum(x, 0.0), below)


@operation(elementwise=True, in_registers=True)
def softplus(x: Any) -> Any:
    """Return log(1 + exp(x)), without overflow; mirrors `tf.math.softplus`.

    >>> softplus(np.float32([0.0, 100.0]))
    array([  0.6931472, 100.       ], dtype=float32)
    """
    checks.floating("softplus", x)
    limit = x.dtype.type(math.log(np.finfo(x.dtype).eps) + 2)
    power = exponentials.exp(x)
    inside = np.where(x < limit, power, logarithms.log1p(power))
    return np.where(x > -limit, x, inside)


@softplus.gradient
def _(grad: Any, x: Any) -> Any:
    return multiply(grad, sigmoid(x))


@Composite
def log_sigmoid(x: Any) -> Any:
    """Return log(1 / (1 + exp(-x))); mirrors `tf.math.log_sigmoid`.

    >>> log_sigmoid(np.float32([0.0, -100.0]))
    array([  -0.6931472, -100.       ], dtype=float32)
    """
    return negative(softplus(negative(floating_input("log_sigmoid", x))))


@operation(elementwise=True)
def softsign(x: Any) -> Any:
    """Return x / (1 + |x|); mirrors `tf.nn.softsign`, its bits.

    >>> softsign(np.float32([1.0, -3.0]))
    array([ 0.5 , -0.75], dtype=float32)
    """
    checks.floating("softsign", x)
    return x / (np.abs(x) + 1)


@softsign.gradient
def _(grad: Any, x: Any) -> Any:
    return true_divide(grad, square(plus(absolute(x), 1.0)))


@Composite
def squareplus(x: Any, b: float = 4) -> Any:
    """Return (x + sqrt(x ** 2 + b)) / 2.

    Source: `squareplus` of `keras/src/backend/tensorflow/nn.py`.

    >>> squareplus(np.float32([0.0]))
    array([1.], dtype=float32)
    """
    x = floating_input("squareplus", x)
    return true_divide(plus(x, sqrt(plus(square(x), b))), 2)


@operation(elementwise=True, in_registers=True)
def silu(x: Any) -> Any:
    """Return x * sigmoid(x); mirrors `tf.nn.silu`, its bits in float32.

    >>> silu(np.float32([0.0, 1.0]))
    array([0.       , 0.7310586], dtype=float32)
    """
    checks.floating("silu", x)
    return x * sigmoids.sigmoid(x)


@silu.gradient
def _(grad: Any, x: Any) -> Any:  # in the order of TensorFlow's `swish_impl`
    share = sigmoid(x)
    slope = multiply(share, plus(1.0, multiply(x, subtract(1.0, share))))
    return multiply(grad, slope)


@Composite
def gelu(x: Any, approximate: bool = True) -> Any:
    """Return x times the probability that a normal variable is below x; mirrors `tf.nn.gelu`.

    Args:
        x: floats of any shape.
        approximate: whether the probability is a formula with tanh.

    Raises:
        ValueError: if x is not floating.

    >>> gelu(np.float32([0.0, 1.0]), approximate=False)
    array([0.       , 0.8413447], dtype=float32)
    """
    x = floating_input("gelu", x)
    half = multiply(0.5, x)
    if not approximate:
        return multiply(half, erfc(multiply(negative(x), _ROOT_OF_HALF)))
    inside = plus(x, multiply(_CUBIC, power(x, 3)))
    return multiply(half, plus(1.0, tanh(multiply(0.7978845608028654, inside))))


@Composite
def glu(x: Any, axis: int = -1) -> Any:
    """Return the first half of x along an axis, times the sigmoid of the second.

    Raises:
        ValueError: if x is not floating, or the axis has no two halves.

    Source: `glu` of `keras/src/backend/tensorflow/nn.py`.

    >>> glu(np.float32([[2.0, 4.0, 0.0, 0.0]]))
    array([[1., 2.]], dtype=float32)
    """
    x = floating_input("glu", x)
    size = checks.halved_axis("glu", x.shape, axis)
    before = (slice(None),) * (axis % len(x.shape))
    first = get_item(x, key=(*before, slice(0, size // 2)))
    return multiply(first, sigmoid(get_item(x, key=(*before, slice(size // 2, size)))))


@Composite
def tanh_shrink(x: Any) -> Any:
    """Return x - tanh(x).

    Source: `tanh_shrink` of `keras/src/backend/tensorflow/nn.py`.

    >>> tanh_shrink(np.float32([0.0, 1.0]))
    array([0.        , 0.23840582], dtype=float32)
    """
    x = floating_input("tanh_shrink", x)
    return subtract(x, tanh(x))
