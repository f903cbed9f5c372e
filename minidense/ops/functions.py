"""Functions of one number: roots, exponentials, logarithms, powers, and their gradients.

In float32 the bits are TensorFlow's: see `numerics/`.
"""

from typing import Any

import numpy as np

from minidense.config import floatx
from minidense.engine.inputs import to_one_dtype, to_one_float
from minidense.engine.operation import Operation, operation
from minidense.numerics import exponentials, logarithms, powers, reciprocals, sigmoids
from minidense.ops.arithmetic import multiply, negative, plus, subtract
from minidense.ops.broadcasting import fitted
from minidense.ops.comparisons import equal, greater, where
from minidense.ops.shapes import ones_like


@operation(elementwise=True)
def absolute(x: Any) -> Any:
    """Return x without its sign; mirrors `tf.abs`.

    >>> absolute(np.float32([1, -2]))
    array([1., 2.], dtype=float32)
    """
    return np.abs(x)


@absolute.gradient
def _(grad: Any, x: Any) -> Any:
    return multiply(grad, sign(x))


abs = absolute  # noqa: A001


@operation(elementwise=True)
def sign(x: Any) -> Any:
    """Return -1, 0 or 1, of which the slope is 0; mirrors `tf.sign`.

    >>> sign(np.float32([3, 0, -2]))
    array([ 1.,  0., -1.], dtype=float32)
    """
    return np.sign(x)


@sign.gradient
def _(grad: Any) -> Any:
    return multiply(grad, 0.0)


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


@operation(elementwise=True)
def floor(x: Any) -> Any:
    """Return the next whole number below, of which the slope is 0; mirrors `tf.floor`.

    >>> floor(np.float32([1.5, -1.5]))
    array([ 1., -2.], dtype=float32)
    """
    return np.floor(x)


@operation(elementwise=True)
def round(x: Any, *, decimals: int = 0) -> Any:  # noqa: A001 - Keras's name
    """Return the nearest number with so many decimals; halves go to the even one.

    Source: `round` of `keras/src/backend/tensorflow/numpy.py`.

    >>> round(np.float32([0.125, 2.5]), 2)
    array([0.12, 2.5 ], dtype=float32)
    """
    is_whole = x.dtype.kind in "iub"
    if is_whole and decimals >= 0:
        return x
    values = x.astype(floatx()) if is_whole else x
    if decimals == 0:
        return np.rint(values)
    factor = values.dtype.type(np.float32(10.0**decimals))  # 32 bits of it, as in Keras
    return (np.rint(values * factor) / factor).astype(x.dtype)
