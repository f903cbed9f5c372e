"""The exponential as TensorFlow's cross-entropy computes it, and its sums: the same bits.

TensorFlow's wheels compute exp(x) on registers of eight float32 numbers by a polynomial, without
fused multiply-adds, and what does not fill a register one by one with the C library. NumPy has an
exponential of its own, which differs from it by a unit in the last place in 44 % of the numbers:
enough to turn a unit on or off, some hundred steps later.

Answers to `pexp_float` in Eigen's `GenericPacketMathFunctions.h`, which follows Cephes.
"""

import numpy as np

from minidense.sums import REGISTER, row_sums
from minidense.typing import Array


def _constants(dtype: str, *values: float) -> list[Array]:
    """Return numbers as arrays: to convert a Python number takes as long as a small operation."""
    return [np.array(value, dtype) for value in values]


_HALF, _ONE, _SMALLEST = _constants("float32", 0.5, 1, -104)  # below it exp(x) is 0 in float32
_LOG2_E, _LN_2_HIGH, _LN_2_LOW = _constants("float32", 1.44269504, 0.693359375, -2.12194440e-4)
_POLYNOMIAL = _constants(  # of x**2 to x**6
    "float32",
    0.49999988079071044921875,
    0.16666518151760101318359375,
    4.166965186595916748046875e-2,
    8.36894474923610687255859375e-3,
    1.37449637986719608306884765625e-3,
)

_STEPS = 32  # glibc has a table of the powers of two in these steps
_STEPS_PER_UNIT, _STEP = _constants("float64", _STEPS * 1.4426950408889634, 1 / _STEPS)
_CUBIC, _QUADRATIC, _LINEAR, _CONSTANT = _constants(
    "float64",
    0.05550361559341535 / _STEPS**3,
    0.2402284522445722 / _STEPS**2,
    0.6931471806916203 / _STEPS,
    1,
)


def exp_and_row_sums(x: Array) -> tuple[Array, Array]:
    """Return exp(x) for x up to 0, and the sum over the last axis, which stays as an axis of 1.

    In float32 both are TensorFlow's bits, except that TensorFlow sets results below 1.2e-38 to 0.
    In float64 they are NumPy's.

    Shapes: x (..., columns); the results are (..., columns) and (..., 1).

    Source: measured on TensorFlow 2.21.0, `tf.exp` and the two softmax cross-entropies on the CPU,
    up to some thousand numbers. Many more are shared out among threads there, and a thread's last
    few fill no register.

    >>> exp_and_row_sums(np.float32([[0.0, 0.0]]))
    (array([[1., 1.]], dtype=float32), array([[2.]], dtype=float32))
    """
    if x.dtype != np.float32:
        values = np.exp(x)
        return values, values.sum(axis=-1, keepdims=True)
    x = np.maximum(x, _SMALLEST, order="C")  # minus infinity too; row after row in memory
    values = _polynomial_exp(x)
    packed = x.shape[-1] // REGISTER * REGISTER
    totals = row_sums(values[..., :packed], _one_by_one_exp(x[..., packed:]))
    # For the sums each row starts a register of its own. For the numbers themselves all rows lie in
    # registers one after the other, and only the last few of all are left over.
    left_over = x.size % REGISTER
    if left_over:
        values.reshape(-1)[-left_over:] = _one_by_one_exp(x.reshape(-1)[-left_over:])
    return values, totals


def _polynomial_exp(x: Array) -> Array:
    """2**turns * exp(rest), with x = turns * ln(2) + rest and rest near 0; each step is rounded."""
    turns = np.floor(x * _LOG2_E + _HALF)
    rest = x - turns * _LN_2_HIGH - turns * _LN_2_LOW  # in two parts: the first product is exact
    square = rest * rest
    second, third, fourth, fifth, sixth = _POLYNOMIAL
    odd = square * fifth + third
    even = (square * sixth + fourth) * square + second
    near_one = (rest * odd + even) * square + (rest + _ONE)
    values: Array = near_one * np.exp2(turns)  # the power is exact
    return values


def _one_by_one_exp(x: Array) -> Array:
    """2**whole * 2**part, with x / ln(2) = whole + part, in float64 until the end.

    `whole` counts in steps of 1/32, and so does `part`. What glibc's expf does: for one number in
    1,700 the result is not exp(x) rounded.
    """
    steps = x.astype(np.float64) * _STEPS_PER_UNIT
    whole = np.rint(steps)
    part = steps - whole
    near_one = ((_CUBIC * part + _QUADRATIC) * part + _LINEAR) * part + _CONSTANT
    values: Array = (near_one * np.exp2(whole * _STEP)).astype(np.float32)
    return values


__all__ = ["exp_and_row_sums"]
