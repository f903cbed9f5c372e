"""How TensorFlow's wheels go through an array: eight float32 numbers at a time, then one by one.

A register of 32 bytes holds eight float32 numbers, or four float64 numbers. An array is one run of
numbers to a function such as exp, row after row; what is left over at its very end and fills no
register goes through the C library, whose exp has other last bits.

Mirrors Eigen's `Packet8f` and `Packet4d` (AVX).
"""

from collections.abc import Callable, Sequence
from functools import reduce, wraps
from typing import Any

import numpy as np

from minidense.typing import Array

REGISTER = 8
"""float32 numbers in a register."""


def in_registers(packed: Callable[..., Any], one_by_one: Callable[..., Any], *arrays: Any) -> Any:
    """Return a function of each number: of whole registers, and of those that are left over.

    Args:
        packed: a function of arrays (numbers,), as it is computed in registers.
        one_by_one: the same function, as it is computed for the last few.
        *arrays: of one shape and dtype.

    >>> in_registers(lambda x: x, lambda x: -x, np.arange(10, dtype="float32"))
    array([ 0.,  1.,  2.,  3.,  4.,  5.,  6.,  7., -8., -9.], dtype=float32)
    """
    x = arrays[0]
    flat = [each.reshape(-1) for each in arrays]
    rest = x.size % (32 // x.dtype.itemsize)
    if rest == x.size:
        return one_by_one(*flat).reshape(x.shape)
    values = packed(*flat)
    if rest:
        values[-rest:] = one_by_one(*(each[-rest:] for each in flat))
    return values.reshape(x.shape)


def row_by_row(x: Array) -> Array:
    """Return an array with its rows one after the other in memory: itself, or a copy."""
    return x.reshape(-1).reshape(x.shape)


def one_call(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a program call a function of arrays as a whole, in the place of NumPy's calls in it.

    A decorator, for what decides by the numbers, or looks up by an array.
    """

    @wraps(function)
    def called(*arrays: Any) -> Any:
        for x in arrays:
            if hasattr(x, "note_whole"):
                return x.note_whole(function, arrays)
        return function(*arrays)

    return called


def looked_up(table: Array, places: Any) -> Any:
    """Return the rows of a table at places that are known to be there.

    >>> looked_up(np.array([[1, 2], [3, 4]]), np.array([1]))
    array([[3, 4]])
    """
    constant = getattr(places, "constant", None)
    return (table if constant is None else constant(table)).take(places, axis=0, mode="clip")


def constants(dtype: str, *values: float) -> list[Array]:
    """Return numbers as arrays: to convert a Python number takes as long as a small operation."""
    return [np.array(value, dtype) for value in values]


def polynomial(x: Any, coefficients: Sequence[Array]) -> Any:
    """Return a polynomial by its coefficients, the highest power's first; each step is rounded.

    >>> polynomial(np.float32(2), constants("float32", 1, 0, 3))
    np.float32(7.0)
    """
    return reduce(lambda value, coefficient: value * x + coefficient, coefficients)
