"""1 / x and 1 / sqrt(x) as TensorFlow computes them: the processor's guess, made better once.

In a function a division by a root is a product with such a number (RMSprop), and everywhere it is
the slope of the logarithm. It is off by up to 3 units in the last place, and the same as a division
in 69 % of the numbers. What fills no register is a division. In float64 all are.

The guess of Intel's processors is the function in the middle of one of 1,024 or 2,048 pieces,
rounded to 12 bits; other processors have other tables, and TensorFlow other bits there.

Mirrors `generic_rsqrt_newton_step` and `generic_reciprocal_newton_step` in Eigen's
`MathFunctionsImpl.h`. Measured on TensorFlow 2.21.0: the same bits for all numbers.
"""

from typing import Any

import numpy as np

from minidense.numerics.exponentials import ONE
from minidense.numerics.registers import constants, in_registers
from minidense.typing import Array

_MINUS_HALF = np.array(-0.5, "float32")
_PIECE, _MIDDLE, _ROUND, _ROUNDED = constants("int32", -(2**13), 2**12, 2**10, -(2**11))
_FINE_PIECE, _FINE_MIDDLE, _MAGNITUDE = constants("int32", -(2**12), 2**11, 2**31 - 1)
_ROUND_64, _ROUNDED_64 = constants("int64", 2**39, -(2**40))
_FIRST_BITS, _FINITE = constants("uint32", 1, 0x7F7FFFFF)


def rsqrt(x: Array) -> Any:
    """Return 1 / sqrt(x).

    >>> rsqrt(np.float32([4.0]))
    array([0.5], dtype=float32)
    """
    return _over_root(x) if x.dtype != np.float32 else in_registers(_rsqrt, _over_root, x)


def reciprocal(x: Array) -> Any:
    """Return 1 / x.

    >>> reciprocal(np.float32([4.0]))
    array([0.25], dtype=float32)
    """
    return _divided(x) if x.dtype != np.float32 else in_registers(_reciprocal, _divided, x)


def sqrt_gradient(grad: Array, y: Array) -> Any:
    """Return grad * (0.5 / y), and (0.5 * grad) / y for what fills no register; 0 where grad is.

    Mirrors `SqrtGrad`: the gradient of what went into a root, which is y.

    >>> sqrt_gradient(np.float32([1.0, 0.0]), np.float32([2.0, 0.5]))
    array([0.25, 0.  ], dtype=float32)
    """
    half = y.dtype.type(0.5)
    slopes = in_registers(lambda grad, y: half / y * grad, lambda grad, y: half * grad / y, grad, y)
    return np.where(grad == 0, y.dtype.type(0), slopes)


def _rsqrt(x: Array) -> Any:
    bits = x.view(np.int32)
    middle = ((bits & _PIECE) | _MIDDLE).view(np.float32)
    guess = (((ONE / np.sqrt(middle)).view(np.int32) + _ROUND) & _ROUNDED).view(np.float32)
    values = (guess * _MINUS_HALF) * ((x * guess) * guess - ONE) + guess
    is_odd = _is_zero_or_not_finite(bits)
    np.sqrt(x, out=values, where=is_odd)
    return np.true_divide(ONE, values, out=values, where=is_odd)


def _reciprocal(x: Array) -> Array:
    bits = x.view(np.int32)
    middle = ((bits & _FINE_PIECE) | _FINE_MIDDLE).view(np.float32)
    # in float64: in float32 one piece is rounded the other way
    guess = np.true_divide(ONE, middle, dtype=np.float64).view(np.int64)
    guess = ((guess + _ROUND_64) & _ROUNDED_64).view(np.float64).astype(np.float32)
    values = guess * (ONE - x * guess) + guess
    return np.true_divide(ONE, x, out=values, where=_is_zero_or_not_finite(bits & _MAGNITUDE))


def _is_zero_or_not_finite(bits: Array) -> Array:
    """Whether a number is 0, infinite, NaN or below 0, where it is no guess that is made better."""
    return (bits.view(np.uint32) - _FIRST_BITS) >= _FINITE


def _over_root(x: Array) -> Any:
    return np.true_divide(x.dtype.type(1), np.sqrt(x))


def _divided(x: Array) -> Any:
    return np.true_divide(x.dtype.type(1), x)
