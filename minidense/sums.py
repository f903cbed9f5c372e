"""Sums that are rounded as TensorFlow's are.

TensorFlow's wheels add on registers of eight float32 numbers. Where a row fills four of them, every
fourth register goes into one of four sums, and these are added up; the registers that are left over
follow one by one. What does not fill a register is added up by itself.

Answers to `InnerMostDimReducer` in Eigen's `TensorReduction.h`.
"""

import numpy as np

from minidense.typing import Array

REGISTER = 8


def row_sums(registers: Array, rest: Array) -> Array:
    """Return the sum of each row, the last axis kept as 1, added up in TensorFlow's order.

    Shapes: registers (..., a multiple of 8), rest (..., fewer than 8); the result is (..., 1).

    Source: measured on TensorFlow 2.21.0, the softmax cross-entropies in float32, up to 1,000
    classes.

    >>> row_sums(np.ones((1, 8), "float32"), np.ones((1, 2), "float32"))
    array([[10.]], dtype=float32)
    """
    if not registers.shape[-1]:
        return _in_order(rest)
    eight = _one_register(registers)  # -> (..., 8)
    four = eight[..., :4] + eight[..., 4:]
    two = four[..., :2] + four[..., 2:]
    one: Array = two[..., :1] + two[..., 1:]
    return one + _in_order(rest) if rest.shape[-1] else one


def total(values: Array) -> Array:
    """Return the sum of all numbers, as an array of shape (), added up in TensorFlow's order.

    In float64 it is NumPy's.

    Source: measured on TensorFlow 2.21.0, `tf.reduce_sum` of up to 5,000 float32 numbers; many more
    are shared out among threads there, and then added up.

    >>> total(np.ones((3, 5), "float32"))
    array(15., dtype=float32)
    """
    if values.dtype != np.float32:
        return np.asarray(values.sum())
    flat = values.reshape(-1)
    packed = len(flat) // REGISTER * REGISTER
    if not packed:
        return _in_order(flat).reshape(())
    # folded in halves as in `row_sums`; number by number is quicker here than by parts of arrays
    a, b, c, d, e, f, g, h = _one_register(flat[:packed])
    one = ((a + e) + (c + g)) + ((b + f) + (d + h))
    return np.asarray(one + _in_order(flat[packed:])[0] if len(flat) > packed else one)


def _one_register(registers: Array) -> Array:
    """Add up all registers of each row, four by four: (..., a multiple of 8) -> (..., 8)."""
    if registers.shape[-1] == REGISTER:
        return registers
    *leading, length = registers.shape
    count = length // REGISTER
    rows = registers.reshape(*leading, count, REGISTER)
    if count < 4:
        few: Array = np.add.reduce(rows, axis=-2)
        return few
    full = count // 4 * 4
    four_sums = rows[..., :full, :].reshape(*leading, full // 4, 4, REGISTER)
    if full > 4:
        four_sums = np.add.reduce(four_sums, axis=-3, keepdims=True)
    eight: Array = np.add.reduce(four_sums[..., 0, :, :], axis=-2)
    for register in range(full, count):
        eight = eight + rows[..., register, :]
    return eight


def _in_order(rest: Array) -> Array:
    """Add up the last axis one by one, and keep it as 1; a sum in NumPy goes by another order."""
    if not rest.shape[-1]:
        return np.zeros((*rest.shape[:-1], 1), rest.dtype)
    one = rest[..., :1]
    for column in range(1, rest.shape[-1]):
        one = one + rest[..., column : column + 1]
    return one


__all__ = ["REGISTER", "row_sums", "total"]
