"""Activations made of straight pieces, and those that set small numbers to 0.

Each is computed in Keras's order of operations. Source: `keras/src/backend/tensorflow/nn.py`.
"""

from typing import Any

from minidense.engine.operation import Composite
from minidense.ops.activations import floating_input, relu6
from minidense.ops.arithmetic import clip, multiply, plus, subtract, true_divide
from minidense.ops.comparisons import greater, greater_equal, less, less_equal, where
from minidense.ops.functions import power
from minidense.ops.rounding import absolute


@Composite
def hard_sigmoid(x: Any) -> Any:
    """Return x / 6 + 1 / 2 between 0 and 1.

    >>> hard_sigmoid([-4.0, 0.0, 4.0])
    array([0. , 0.5, 1. ], dtype=float32)
    """
    x = floating_input("hard_sigmoid", x, TypeError)
    return true_divide(relu6(plus(x, 3.0)), 6.0)


@Composite
def hard_silu(x: Any) -> Any:
    """Return x * hard_sigmoid(x).

    >>> hard_silu([-4.0, 1.5, 4.0])
    array([-0.   ,  1.125,  4.   ], dtype=float32)
    """
    x = floating_input("hard_silu", x, TypeError)
    return multiply(x, hard_sigmoid(x))


@Composite
def hard_tanh(x: Any) -> Any:
    """Return x between -1 and 1.

    >>> hard_tanh([-4.0, 0.5, 4.0])
    array([-1. ,  0.5,  1. ], dtype=float32)
    """
    return clip(floating_input("hard_tanh", x, TypeError), -1.0, 1.0)


@Composite
def soft_shrink(x: Any, threshold: float = 0.5) -> Any:
    """Return x moved towards 0 by a threshold, and 0 where it is nearer than that.

    >>> soft_shrink([-2.0, 0.5, 1.0])
    array([-1.5,  0. ,  0.5], dtype=float32)
    """
    x = floating_input("soft_shrink", x, TypeError)
    below = where(less(x, -threshold), plus(x, threshold), 0.0)
    return where(greater(x, threshold), subtract(x, threshold), below)


@Composite
def hard_shrink(x: Any, threshold: float = 0.5) -> Any:
    """Return x, and 0 where it is not farther from 0 than a threshold.

    >>> hard_shrink([-2.0, 0.5, 1.0])
    array([-2.,  0.,  1.], dtype=float32)
    """
    x = floating_input("hard_shrink", x, TypeError)
    return where(greater(absolute(x), threshold), x, 0.0)


@Composite
def threshold(x: Any, threshold: Any, default_value: Any) -> Any:
    """Return x where it is larger than a threshold, and else a default value.

    >>> threshold([-2.0, 0.5, 1.0], 0.5, 9.0)
    array([9., 9., 1.], dtype=float32)
    """
    return where(greater(x, threshold), x, default_value)


@Composite
def sparse_plus(x: Any) -> Any:
    """Return 0 up to -1, x from 1 on, and (x + 1) ** 2 / 4 between.

    >>> sparse_plus([-2.0, 0.0, 2.0])
    array([0.  , 0.25, 2.  ], dtype=float32)
    """
    x = floating_input("sparse_plus", x, TypeError)
    between = where(less(x, 1), multiply(0.25, power(plus(x, 1), 2)), x)
    return where(less_equal(x, -1), 0.0, between)


@Composite
def sparse_sigmoid(x: Any) -> Any:
    """Return (x + 1) / 2 between 0 and 1.

    >>> sparse_sigmoid([-2.0, 0.0, 2.0])
    array([0. , 0.5, 1. ], dtype=float32)
    """
    x = floating_input("sparse_sigmoid", x, TypeError)
    between = where(greater_equal(x, 1), 1.0, multiply(0.5, plus(x, 1)))
    return where(less_equal(x, -1), 0.0, between)
