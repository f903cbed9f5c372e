"""Trigonometric and hyperbolic functions, and their gradients.

The numbers are NumPy's. TensorFlow's differ from them by up to 5 units in the last place; but
`tanh`, which stands between layers, has its bits: see `ops/functions.py`.
"""

from typing import Any

import numpy as np

from minidense.engine.inputs import to_one_float
from minidense.engine.operation import operation
from minidense.ops.arithmetic import multiply, negative, plus, subtract, true_divide
from minidense.ops.broadcasting import fitted
from minidense.ops.functions import reciprocal, sqrt, square


@operation(elementwise=True, casting=to_one_float)
def sin(x: Any) -> Any:
    """Return the sine of an angle in radians; mirrors `tf.math.sin`.

    >>> sin(np.float32([0.0, 1.0]))
    array([0.      , 0.841471], dtype=float32)
    """
    return np.sin(x)


@sin.gradient
def _(grad: Any, x: Any) -> Any:
    return multiply(grad, cos(x))


@operation(elementwise=True, casting=to_one_float)
def cos(x: Any) -> Any:
    """Return the cosine of an angle in radians; mirrors `tf.math.cos`.

    >>> cos(np.float32([0.0, 1.0]))
    array([1.       , 0.5403023], dtype=float32)
    """
    return np.cos(x)


@cos.gradient
def _(grad: Any, x: Any) -> Any:
    return multiply(negative(grad), sin(x))


@operation(elementwise=True, casting=to_one_float)
def tan(x: Any) -> Any:
    """Return the tangent of an angle in radians; mirrors `tf.math.tan`.

    >>> tan(np.float32([0.0, 1.0]))
    array([0.       , 1.5574077], dtype=float32)
    """
    return np.tan(x)


@tan.gradient
def _(grad: Any, x: Any) -> Any:
    return multiply(square(reciprocal(cos(x))), grad)


@operation(elementwise=True, casting=to_one_float)
def arcsin(x: Any) -> Any:
    """Return the angle whose sine is x, from -pi / 2 to pi / 2; mirrors `tf.math.asin`.

    >>> arcsin(np.float32([0.0, 1.0]))
    array([0.       , 1.5707964], dtype=float32)
    """
    return np.arcsin(x)


@arcsin.gradient
def _(grad: Any, x: Any) -> Any:
    return multiply(grad, _slope_of_arcsin(x))


@operation(elementwise=True, casting=to_one_float)
def arccos(x: Any) -> Any:
    """Return the angle whose cosine is x, from 0 to pi; mirrors `tf.math.acos`.

    >>> arccos(np.float32([0.0, 1.0]))
    array([1.5707964, 0.       ], dtype=float32)
    """
    return np.arccos(x)


@arccos.gradient
def _(grad: Any, x: Any) -> Any:
    return multiply(negative(grad), _slope_of_arcsin(x))


def _slope_of_arcsin(x: Any) -> Any:
    return reciprocal(sqrt(subtract(1.0, square(x))))


@operation(elementwise=True, casting=to_one_float)
def arctan(x: Any) -> Any:
    """Return the angle whose tangent is x, from -pi / 2 to pi / 2; mirrors `tf.math.atan`.

    >>> arctan(np.float32([0.0, 1.0]))
    array([0.       , 0.7853982], dtype=float32)
    """
    return np.arctan(x)


@arctan.gradient
def _(grad: Any, x: Any) -> Any:
    return multiply(grad, reciprocal(plus(1.0, square(x))))


@operation(elementwise=True, casting=to_one_float)
def arctan2(x1: Any, x2: Any) -> Any:
    """Return the angle from the axis to the point (x2, x1), from -pi to pi; mirrors `tf.atan2`.

    >>> arctan2(np.float32([0.0, 1.0]), np.float32([-1.0, 0.0]))
    array([3.1415927, 1.5707964], dtype=float32)
    """
    return np.arctan2(x1, x2)


@arctan2.gradient
def _(grad: Any, x1: Any, x2: Any) -> Any:  # in the order of TensorFlow's `_Atan2Grad`
    share = true_divide(grad, plus(square(x1), square(x2)))
    by_x1, by_x2 = multiply(x2, share), multiply(negative(x1), share)
    return fitted(by_x1, x1, x2), fitted(by_x2, x2, x1)


@operation(elementwise=True, casting=to_one_float)
def sinh(x: Any) -> Any:
    """Return the hyperbolic sine; mirrors `tf.math.sinh`.

    >>> sinh(np.float32([0.0, 1.0]))
    array([0.       , 1.1752012], dtype=float32)
    """
    return np.sinh(x)


@sinh.gradient
def _(grad: Any, x: Any) -> Any:
    return multiply(grad, cosh(x))


@operation(elementwise=True, casting=to_one_float)
def cosh(x: Any) -> Any:
    """Return the hyperbolic cosine; mirrors `tf.math.cosh`.

    >>> cosh(np.float32([0.0, 1.0]))
    array([1.       , 1.5430807], dtype=float32)
    """
    return np.cosh(x)


@cosh.gradient
def _(grad: Any, x: Any) -> Any:
    return multiply(grad, sinh(x))


@operation(elementwise=True, casting=to_one_float)
def arcsinh(x: Any) -> Any:
    """Return the number whose hyperbolic sine is x; mirrors `tf.math.asinh`.

    >>> arcsinh(np.float32([0.0, 1.0]))
    array([0.       , 0.8813736], dtype=float32)
    """
    return np.arcsinh(x)


@arcsinh.gradient
def _(grad: Any, y: Any) -> Any:
    return true_divide(grad, cosh(y))


@operation(elementwise=True, casting=to_one_float)
def arccosh(x: Any) -> Any:
    """Return the number from 0 up whose hyperbolic cosine is x; mirrors `tf.math.acosh`.

    >>> arccosh(np.float32([1.0, 2.0]))
    array([0.      , 1.316958], dtype=float32)
    """
    return np.arccosh(x)


@arccosh.gradient
def _(grad: Any, y: Any) -> Any:
    return true_divide(grad, sinh(y))


@operation(elementwise=True, casting=to_one_float)
def arctanh(x: Any) -> Any:
    """Return the number whose hyperbolic tangent is x; mirrors `tf.math.atanh`.

    >>> arctanh(np.float32([0.0, 0.5]))
    array([0.        , 0.54930615], dtype=float32)
    """
    return np.arctanh(x)


@arctanh.gradient
def _(grad: Any, x: Any) -> Any:
    return multiply(grad, reciprocal(subtract(1.0, square(x))))
