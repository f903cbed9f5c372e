"""The error functions: what lies under the bell curve, and gelu is made of."""

import math
from typing import Any

from minidense import checks
from minidense.engine.operation import operation
from minidense.numerics import error_functions
from minidense.ops.arithmetic import multiply, negative
from minidense.ops.functions import exp, square

_TWO_OVER_ROOT_OF_PI = 2 / math.sqrt(math.pi)


@operation(elementwise=True)
def erf(x: Any) -> Any:
    """Return the error function; mirrors `tf.math.erf`, its bits in float32.

    Raises:
        ValueError: if x is not floating.

    >>> erf([0.0, 1.0])
    array([0.        , 0.84270084], dtype=float32)
    """
    checks.floating("erf", x)
    return error_functions.erf(x)


@erf.gradient
def _(grad: Any, x: Any) -> Any:
    return multiply(multiply(grad, _TWO_OVER_ROOT_OF_PI), exp(negative(square(x))))


@operation(elementwise=True, in_registers=True)
def erfc(x: Any) -> Any:
    """Return 1 - erf(x), exact where it is small; mirrors `tf.math.erfc`, its bits in float32.

    Raises:
        ValueError: if x is not floating.

    >>> erfc([0.0, 1.0])
    array([1.        , 0.15729922], dtype=float32)
    """
    checks.floating("erfc", x)
    return error_functions.erfc(x)


@erfc.gradient
def _(grad: Any, x: Any) -> Any:
    return multiply(multiply(grad, -_TWO_OVER_ROOT_OF_PI), exp(negative(square(x))))


@operation(elementwise=True, in_registers=True)
def erfinv(x: Any) -> Any:
    """Return the number whose error function is x; mirrors `tf.math.erfinv`, its bits in float32.

    Raises:
        ValueError: if x is not floating.

    >>> erfinv([0.0, 0.5])
    array([0.       , 0.4769363], dtype=float32)
    """
    checks.floating("erfinv", x)
    return error_functions.erfinv(x)


@erfinv.gradient
def _(grad: Any, y: Any) -> Any:
    return multiply(multiply(grad, math.sqrt(math.pi) / 2), exp(square(y)))
