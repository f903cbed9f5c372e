"""The softmax as TensorFlow computes it: one kernel of oneDNN, on sixteen numbers at a time.

The exponentials of a row are added up in sixteen lanes, four vectors in turn, and are multiplied by
one reciprocal.

Mirrors `jit_avx512_core_softmax` in oneDNN. Measured on TensorFlow 2.21.0 with AVX-512: the same
bits for 2 to 1,000 columns, one by one and in a function, with infinities among the numbers. A row
with NaN is NaN there and 0 elsewhere; the lanes then disagree on the largest number, and one place
more may become NaN: not so here. Results below 2.4e-38 are 0 there, and not here.
"""

from typing import Any

import numpy as np

from minidense.numerics.exponentials import ONE
from minidense.numerics.fused import fused_exp
from minidense.numerics.registers import one_call, row_by_row
from minidense.numerics.sums import row_sums
from minidense.typing import Array

_LANES = 16
_TURN = 4 * _LANES


def softmax(x: Array) -> Any:
    """Return exp(x) over the sum of its row: (rows, columns) -> (rows, columns).

    >>> softmax(np.float32([[0.0, 0.0], [0.0, 1000.0]]))
    array([[0.5, 0.5],
           [0. , 1. ]], dtype=float32)
    """
    if not x.size:
        return x.copy()
    if x.dtype != np.float32:
        powers = np.exp(x - np.maximum.reduce(x, axis=1, keepdims=True))
        return powers * (1 / row_sums(powers)[:, None])
    columns = row_by_row(x.T)  # one below the other, all are worked on at once
    highest = np.maximum.reduce(columns, axis=0)
    powers = fused_exp(columns - highest)
    totals = _totals(powers)
    powers *= ONE / totals
    return _as_rows(powers, totals, columns)


def _totals(powers: Array) -> Any:
    """Return the sums over the first axis, in sixteen lanes: (columns, rows) -> (rows,)."""
    if len(powers) > _LANES:
        first, second, third, fourth = _four_sums(powers).reshape(4, _LANES, -1)
        lanes = (first + second) + (third + fourth)
    else:
        lanes = powers.copy()
    for half in (8, 4, 2, 1):  # the second half is added to the first
        upper = lanes[half : 2 * half]
        if len(upper):
            lanes[: len(upper)] += upper
    return lanes[0]


@one_call
def _as_rows(shares: Array, totals: Array, columns: Array) -> Array:
    """Return the shares, (columns, rows), as rows; those without a largest number are mended."""
    if not np.minimum.reduce(totals) >= 1:
        highest = np.maximum.reduce(columns, axis=0)
        is_odd, shares = ~np.isfinite(highest), shares.copy()
        shares[:, is_odd] = _with_infinities(columns[:, is_odd])
    return np.ascontiguousarray(shares.T)


def _four_sums(powers: Array) -> Any:
    """Add up vectors of sixteen, four in turn; what is left over goes into the first sum."""
    columns, rows = powers.shape
    turns = columns // _TURN
    sums = np.add.reduce(powers[: turns * _TURN].reshape(turns, _TURN, rows), axis=0)
    rest = powers[turns * _TURN :]
    whole = len(rest) // _LANES * _LANES
    sums[:whole] += rest[:whole]
    sums[: len(rest) - whole] += rest[whole:]
    return sums


def _with_infinities(columns: Array) -> Array:
    """Return the softmax of rows whose largest number is NaN or infinite: NaN there, else 0."""
    is_odd = ~(columns < np.inf) | (np.maximum.reduce(columns, axis=0) == -np.inf)
    return np.where(is_odd, np.float32(np.nan), np.float32(0))
