"""Roots, exponentials, logarithms, powers, and their gradients.

In float32 the bits are TensorFlow's: see `numerics/`.
"""

import math
from typing import Any

import numpy as np

from minidense.engine.inputs import as_input, to_one_dtype, to_one_float
from minidense.engine.operation import Composite, Operation, operation
from minidense.numerics import exponentials, logarithms, powers, reciprocals, sigmoids
from minidense.ops.arithmetic import maximum, multiply, negative, plus, subtract, true_divide
from minidense.ops.broadcasting import fitted
from minidense.ops.comparisons import equal, greater, isnan, where
from minidense.ops.rounding import absolute
from minidense.ops.shapes import ones_like


@operation(elementwise=True)
def square(x: Any) -> Any:
    """Return x * x; mirrors `tf.square`.

    >>> square(np.float32([3, -2]))
    array([9., 4.], dtype=float32)
    """
    return np.square(x)


@square.gradient
def _(grad: Any, x: Any) -> Any:  # in the order of TensorFlow's `_SquareGrad`
    return multiply(grad, multiply(x, 2.0))


@operation(elementwise=True, casting=to_one_float)
def sqrt(x: Any) -> Any:
    """Return the root of x; mirrors `tf.sqrt`.

    >>> sqrt(np.float32([4, 9]))
    array([2., 3.], dtype=float32)
    """
    return np.sqrt(x)


sqrt_gradient = Operation(reciprocals.sqrt_gradient, elementwise=True, in_registers=True)


@sqrt.gradient
def _(grad: Any, y: Any) -> Any:
    return sqrt_gradient(grad, y)


@operation(elementwise=True, in_registers=True, casting=to_one_float)
def rsqrt(x: Any) -> Any:
    """Return 1 / sqrt(x), off by up to 3 units in the last place; mirrors `tf.math.rsqrt`.

    >>> rsqrt(np.float32([4.0, 0.0]))
    array([0.5, inf], dtype=float32)
    """
    return reciprocals.rsqrt(x)


@rsqrt.gradient
def _(grad: Any, y: Any) -> Any:  # in the order of Eigen's `scalar_rsqrt_gradient_op`
    by_x = multiply(multiply(multiply(y, y), -0.5), multiply(y, grad))
    return where(equal(grad, 0.0), 0.0, by_x)


@operation(elementwise=True, in_registers=True, casting=to_one_float)
def reciprocal(x: Any) -> Any:
    """Return 1 / x, off by up to 3 units in the last place; mirrors `tf.math.reciprocal`.

    >>> reciprocal(np.float32([4.0, 0.0]))
    array([0.25,  inf], dtype=float32)
    """
    return reciprocals.reciprocal(x)


@reciprocal.gradient
def _(grad: Any, y: Any) -> Any:  # in the order of Eigen's `scalar_inverse_gradient_op`
    return where(equal(grad, 0.0), 0.0, multiply(negative(multiply(y, y)), grad))


@operation(elementwise=True, in_registers=True, casting=to_one_float)
def exp(x: Any) -> Any:
    """Return e ** x; mirrors `tf.exp`, its bits in float32.

    >>> exp(np.float32([0.0, 1.0]))
    array([1.       , 2.7182817], dtype=float32)
    """
    return exponentials.exp(x)


@exp.gradient
def _(grad: Any, y: Any) -> Any:
    return multiply(grad, y)


@operation(elementwise=True, in_registers=True, casting=to_one_float)
def expm1(x: Any) -> Any:
    """Return e ** x - 1, exact near 0; mirrors `tf.math.expm1`.

    >>> expm1(np.float32([0.0, 1.0]))
    array([0.       , 1.7182819], dtype=float32)
    """
    return logarithms.expm1(x)


@expm1.gradient
def _(grad: Any, x: Any) -> Any:
    return multiply(grad, exp(x))


@operation(elementwise=True, in_registers=True, casting=to_one_float)
def log(x: Any) -> Any:
    """Return the natural logarithm; mirrors `tf.math.log`, its bits in float32.

    >>> log(np.float32([1.0, 0.0]))
    array([  0., -inf], dtype=float32)
    """
    return logarithms.log(x)


@log.gradient
def _(grad: Any, x: Any) -> Any:
    return multiply(grad, reciprocal(x))


@operation(elementwise=True, in_registers=True, casting=to_one_float)
def log1p(x: Any) -> Any:
    """Return log(1 + x), exact near 0; mirrors `tf.math.log1p`.

    >>> log1p(np.float32([0.0, 1.0]))
    array([0.       , 0.6931472], dtype=float32)
    """
    return logarithms.log1p(x)


@log1p.gradient
def _(grad: Any, x: Any) -> Any:
    return multiply(grad, reciprocal(plus(1.0, x)))


@Composite
def log2(x: Any) -> Any:
    """Return the logarithm to the base 2: a quotient of natural ones.

    Source: `log2` of `keras/src/backend/tensorflow/numpy.py`.

    >>> log2(np.float32([1.0, 8.0]))
    array([0., 3.], dtype=float32)
    """
    return true_divide(log(x), math.log(2))


@Composite
def log10(x: Any) -> Any:
    """Return the logarithm to the base 10: a quotient of natural ones.

    Source: `log10` of `keras/src/backend/tensorflow/numpy.py`.

    >>> log10(np.float32([1.0, 10.0]))
    array([0., 1.], dtype=float32)
    """
    return true_divide(log(x), math.log(10))


@Composite
def logaddexp(x1: Any, x2: Any) -> Any:
    """Return log(exp(x1) + exp(x2)), without overflow.

    Source: `logaddexp` of `keras/src/backend/tensorflow/numpy.py`.

    >>> logaddexp(np.float32([0.0, 1000.0]), np.float32([0.0, 0.0]))
    array([6.931472e-01, 1.000000e+03], dtype=float32)
    """
    x1, x2 = to_one_float([as_input(x1, "logaddexp"), as_input(x2, "logaddexp")])
    difference = subtract(x1, x2)
    smaller = log1p(exp(negative(absolute(difference))))
    return where(isnan(difference), plus(x1, x2), plus(maximum(x1, x2), smaller))


@operation(elementwise=True, in_registers=True, casting=to_one_float)
def tanh(x: Any) -> Any:
    """Return the hyperbolic tangent; mirrors `tf.tanh`, its bits in float32.

    >>> tanh(np.float32([0.0, 1.0]))
    array([0.       , 0.7615942], dtype=float32)
    """
    return sigmoids.tanh(x)


@tanh.gradient
def _(grad: Any, y: Any) -> Any:
    return multiply(grad, subtract(1.0, multiply(y, y)))


@operation(elementwise=True, in_registers=True, casting=to_one_dtype)
def power(x1: Any, x2: Any) -> Any:
    """Return x1 ** x2; mirrors `tf.pow`, its bits for fewer than eight float32 numbers.

    >>> power(np.float32([4, 9]), 0.5)
    array([2., 3.], dtype=float32)
    """
    dtype = np.result_type(*(getattr(x, "dtype", x) for x in (x1, x2)))
    if dtype == np.float64:
        return np.power(x1, x2, dtype=np.longdouble).astype(dtype)
    if dtype != np.float32:
        return np.power(x1, x2)
    x1, x2 = (x if hasattr(x, "shape") else np.asarray(x, dtype) for x in (x1, x2))
    shape = np.broadcast_shapes(x1.shape, x2.shape)
    return powers.power(np.broadcast_to(x1, shape), np.broadcast_to(x2, shape))


@power.gradient
def _(grad: Any, x1: Any, x2: Any, y: Any) -> Any:
    by_x1 = multiply(grad, multiply(x2, power(x1, subtract(x2, 1))))
    by_x2 = multiply(grad, multiply(y, log(where(greater(x1, 0), x1, ones_like(x1)))))
    return fitted(by_x1, x1, x2), fitted(by_x2, x2, x1)
