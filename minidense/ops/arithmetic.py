"""Sums, products, quotients of two tensors, and the larger and the smaller of two.

Two tensors are brought to one dtype, and stretched over each other as in NumPy. A gradient is
summed up over what was stretched.
"""

from typing import Any

import numpy as np

from minidense.engine.inputs import as_input, to_one_dtype, to_one_float
from minidense.engine.operation import Composite, operation
from minidense.numerics.sums import bias_sums
from minidense.ops.broadcasting import fitted
from minidense.ops.comparisons import (
    gradients_of_chosen,
    greater_equal,
    less_equal,
    logical_and,
    where,
)
from minidense.typing import Shape


@operation(elementwise=True, casting=to_one_dtype)
def plus(x1: Any, x2: Any) -> Any:
    """Return x1 + x2: what the operator `+` between tensors does; mirrors `tf.add`.

    The gradient of what was stretched is added up as `tf.reduce_sum` does it.

    >>> plus(np.float32([1, 2]), 1)
    array([2., 3.], dtype=float32)
    """
    return x1 + x2


@plus.gradient
def _(grad: Any, x1: Any, x2: Any) -> Any:
    return fitted(grad, x1, x2), fitted(grad, x2, x1)


@operation(elementwise=True, casting=to_one_dtype)
def add_bias(x: Any, bias: Any) -> Any:
    """Return x + bias, one number for each place of the last axis; mirrors `tf.nn.bias_add`.

    Shapes: x (..., columns), bias (columns,), or with axes of 1 before.

    >>> add_bias(np.float32([[1, 2]]), np.float32([1, 2]))
    array([[2., 4.]], dtype=float32)
    """
    return x + bias


@add_bias.gradient
def _(grad: Any, bias: Any) -> Any:
    return grad, bias_gradient(grad, bias)


@operation
def bias_gradient(grad: Any, bias: Any) -> Any:
    """Return the gradient of a bias, added up row by row; mirrors `BiasAddGrad`.

    >>> bias_gradient(np.ones((3, 2), "float32"), np.zeros(2, "float32"))
    array([3., 3.], dtype=float32)
    """
    return bias_sums(grad).reshape(bias.shape)


@Composite
def add(x1: Any, x2: Any) -> Any:
    """Return x1 + x2; what looks like a bias of x1 is added as one.

    A bias has as many numbers as the last axis of x1, and more than one. The two ways have the same
    numbers, and other last bits in the gradient.

    Source: `add` of `keras/src/backend/tensorflow/numpy.py`.

    >>> add(np.float32([1, 2]), 1)
    array([2., 3.], dtype=float32)
    """
    x1, x2 = as_input(x1, "add"), as_input(x2, "add")
    shape: Shape = getattr(x1, "shape", ())
    bias: Shape = getattr(x2, "shape", ())
    is_vector = len([dim for dim in bias if dim != 1]) == 1
    is_bias = len(shape) > 1 and is_vector and bias[-1] not in (1, None) and bias[-1] == shape[-1]
    return add_bias(x1, x2) if is_bias else plus(x1, x2)


@operation(elementwise=True)
def negative(x: Any) -> Any:
    """Return -x; mirrors `tf.negative`.

    >>> negative(np.float32([1, -2]))
    array([-1.,  2.], dtype=float32)
    """
    return np.negative(x)


@negative.gradient
def _(grad: Any) -> Any:
    return negative(grad)


@operation(elementwise=True, casting=to_one_dtype)
def subtract(x1: Any, x2: Any) -> Any:
    """Return x1 - x2; mirrors `tf.subtract`.

    >>> subtract(np.float32([3, 2]), 1)
    array([2., 1.], dtype=float32)
    """
    return x1 - x2


@subtract.gradient
def _(grad: Any, x1: Any, x2: Any) -> Any:
    return fitted(grad, x1, x2), fitted(negative(grad), x2, x1)


@operation(elementwise=True, casting=to_one_dtype)
def multiply(x1: Any, x2: Any) -> Any:
    """Return x1 * x2; mirrors `tf.multiply`.

    >>> multiply(np.float32([3, 2]), 2)
    array([6., 4.], dtype=float32)
    """
    return x1 * x2


@multiply.gradient
def _(grad: Any, x1: Any, x2: Any) -> Any:
    return fitted(multiply(grad, x2), x1, x2), fitted(multiply(grad, x1), x2, x1)


@operation(elementwise=True, casting=to_one_float)
def true_divide(x1: Any, x2: Any) -> Any:
    """Return x1 / x2 as floats; mirrors `tf.divide`.

    >>> true_divide(np.int32([3, 2]), 2)
    array([1.5, 1. ], dtype=float32)
    """
    return np.true_divide(x1, x2)


@true_divide.gradient
def _(grad: Any, x1: Any, x2: Any) -> Any:  # in the order of TensorFlow's `_RealDivGrad`
    by_x2 = multiply(grad, true_divide(true_divide(negative(x1), x2), x2))
    return fitted(true_divide(grad, x2), x1, x2), fitted(by_x2, x2, x1)


divide = true_divide


@operation(elementwise=True, casting=to_one_float)
def divide_no_nan(x1: Any, x2: Any) -> Any:
    """Return x1 / x2, and 0 where x2 is 0; mirrors `tf.math.divide_no_nan`.

    >>> divide_no_nan(np.float32([3, 2]), np.float32([0, 2]))
    array([0., 1.], dtype=float32)
    """
    is_zero = x2 == 0
    return np.where(is_zero, x1.dtype.type(0), np.true_divide(x1, x2))


@divide_no_nan.gradient
def _(grad: Any, x1: Any, x2: Any) -> Any:
    by_x2 = multiply(grad, divide_no_nan(divide_no_nan(negative(x1), x2), x2))
    return fitted(divide_no_nan(grad, x2), x1, x2), fitted(by_x2, x2, x1)


@operation(elementwise=True, casting=to_one_dtype)
def floor_divide(x1: Any, x2: Any) -> Any:
    """Return the whole part of x1 / x2, rounded down; mirrors `tf.math.floordiv`.

    >>> floor_divide(np.int32([-3, 3]), 2)
    array([-2,  1], dtype=int32)
    """
    return np.floor_divide(x1, x2)


@operation(elementwise=True, casting=to_one_dtype)
def mod(x1: Any, x2: Any) -> Any:
    """Return the rest of x1 / x2, with the sign of x2; mirrors `tf.math.mod`.

    >>> mod(np.int32([-3, 3]), 2)
    array([1, 1], dtype=int32)
    """
    return np.mod(x1, x2)


@mod.gradient
def _(grad: Any, x1: Any, x2: Any) -> Any:
    by_x2 = multiply(grad, negative(floor_divide(x1, x2)))
    return fitted(grad, x1, x2), fitted(by_x2, x2, x1)


@operation(elementwise=True, casting=to_one_dtype)
def maximum(x1: Any, x2: Any) -> Any:
    """Return the larger number; mirrors `tf.maximum`.

    >>> maximum(np.float32([-1, 2]), 0)
    array([0., 2.], dtype=float32)
    """
    return np.maximum(x1, x2)


@maximum.gradient
def _(grad: Any, x1: Any, x2: Any) -> Any:
    return gradients_of_chosen(grad, greater_equal(x1, x2), x1, x2)


@operation(elementwise=True, casting=to_one_dtype)
def minimum(x1: Any, x2: Any) -> Any:
    """Return the smaller number; mirrors `tf.minimum`.

    >>> minimum(np.float32([-1, 2]), 0)
    array([-1.,  0.], dtype=float32)
    """
    return np.minimum(x1, x2)


@minimum.gradient
def _(grad: Any, x1: Any, x2: Any) -> Any:
    return gradients_of_chosen(grad, less_equal(x1, x2), x1, x2)


@operation(elementwise=True, casting=to_one_dtype)
def clip(x: Any, x_min: Any, x_max: Any) -> Any:
    """Return x, but nothing below x_min and above x_max; mirrors `tf.clip_by_value`.

    >>> clip(np.float32([-1, 2]), 0, 1)
    array([0., 1.], dtype=float32)
    """
    return np.minimum(np.maximum(x, x_min), x_max)


@clip.gradient
def _(grad: Any, x: Any, x_min: Any, x_max: Any) -> Any:  # none for NaN
    inside = logical_and(less_equal(x, x_max), greater_equal(x, x_min))
    return where(inside, grad, 0.0), None, None
