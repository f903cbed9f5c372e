"""The rows of an array, a few at a time, however the array lies in memory.

A model is given rows that lie one after the other, floats in `config.floatx()`. An array that comes
otherwise (a slice, a frame, the reverse of another, float64) is brought into that form where it is
read, and never whole.

In an array in Fortran order, such as a frame's, the numbers of a row lie far apart: 32 rows taken
from all over 784 columns are as many cache lines as numbers, and took 260 us of 20,000 rows and
370 of 100,000, where rows in order take 12. So such an array is read ahead, many batches at once:
their rows in the order in which they lie, and few columns at a time, so that a cache line is still
there when the next row asks for it. That took 80 and 180 us.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import numpy as np

from minidense.config import floatx
from minidense.typing import Array

_AHEAD = 2**24  # bytes, and a tenth of the array: the more, the fewer times all of it passes by
_ROWS, _COLUMNS = 512, 32  # copied at once; with 64 and 128 columns up to 1.6 times as long
_BLOCK = 2**18  # numbers in a block that is checked


class Rows:
    """Rows of an array, in an order, in the form in which a model is given them.

    Args:
        array: real numbers of any dtype and strides, rows first.
        order: the numbers of the rows to read one after the other; None is all as they lie.

    >>> rows = Rows(np.asfortranarray([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), np.array([2, 0, 1]))
    >>> rows.read(0, 2)
    array([[5., 6.],
           [1., 2.]], dtype=float32)
    """

    def __init__(self, array: Array, order: Array | None = None) -> None:
        self.dtype = dtype_of(array)
        self._array = array
        self._order = order
        self._count = len(array if order is None else order)
        self._is_ready = array.dtype == self.dtype and array.flags.c_contiguous
        self._is_apart = not self._is_ready and _lie_apart(array)
        self._memory: Array | None = None
        self._ahead = range(0)  # what of the order is in memory, read ahead

    def read(self, start: int, stop: int, out: Array | None = None) -> Array:
        """Return the rows `order[start:stop]`.

        Args:
            start: the first one's place in the order.
            stop: the place after the last one.
            out: where to write them, in any dtype. Without it they are a view of the array, or lie
                in memory that the next call uses again.
        """
        stop = min(stop, self._count)
        if self._is_apart:
            rows = self._read_ahead(start, stop)
        elif self._is_ready and self._order is None:
            rows = self._array[start:stop]
        elif out is not None and out.dtype == self.dtype:
            self._copy(start, stop, out)
            return out
        else:
            rows = self._memory_for(stop - start)
            self._copy(start, stop, rows)
        if out is None:
            return rows
        out[...] = rows
        return out

    def _read_ahead(self, start: int, stop: int) -> Array:
        if start not in self._ahead or stop > self._ahead.stop:
            size = max(self._rows_ahead(), stop - start)
            self._ahead = range(start, min(start + size, self._count))
            self._copy(start, self._ahead.stop, self._memory_for(len(self._ahead)))
        first = self._ahead.start
        return self._memory_for(stop - first)[start - first :]

    def _rows_ahead(self) -> int:
        if self._order is None:
            return _ROWS
        row = math.prod(self._array.shape[1:]) * self.dtype.itemsize
        return (_AHEAD + self._array.nbytes // 10) // max(1, row)

    def _memory_for(self, rows: int) -> Array:
        if self._memory is None or len(self._memory) < rows:
            self._memory = np.empty((rows, *self._array.shape[1:]), self.dtype)
        return self._memory[:rows]

    def _copy(self, start: int, stop: int, out: Array) -> None:
        """Write rows of the order into `out`, which is of our dtype, a piece at a time."""
        order = None if self._order is None else self._order[start:stop]
        if order is not None and self._is_ready:
            # mode="clip" lets NumPy write straight into `out`; the indices are all in range
            self._array.take(order, axis=0, out=out, mode="clip")
            return
        as_they_lie = np.argsort(order) if order is not None and self._is_apart else None
        with np.errstate(all="ignore"):  # beyond float32 is infinity: a DataWarning says so
            for first in range(0, stop - start, _ROWS):
                piece = slice(first, min(first + _ROWS, stop - start))
                places = piece if as_they_lie is None else as_they_lie[piece]
                rows = slice(start + first, start + piece.stop) if order is None else order[places]
                self._write(self._array, rows, out, places)

    def _write(self, array: Array, rows: slice | Array, out: Array, places: slice | Array) -> None:
        """Do `out[places] = array[rows]`, few columns at a time where the numbers lie apart."""
        if not self._is_apart:
            out[places] = array[rows]
        elif array.ndim > 2:
            for index in range(array.shape[1]):
                self._write(array[:, index], rows, out[:, index], places)
        else:
            for column in range(0, array.shape[1], _COLUMNS):
                some = slice(column, column + _COLUMNS)
                out[places, some] = array[rows, some]


def dtype_of(array: Array) -> np.dtype[Any]:
    """Return the dtype in which a model is given an array's rows.

    >>> dtype_of(np.ones(2)), dtype_of(np.uint8([1, 2]))
    (dtype('float32'), dtype('uint8'))
    """
    return np.dtype(floatx()) if array.dtype.kind == "f" else array.dtype


def whole(array: Array) -> Array:
    """Return all rows in the form in which a model is given them; a copy only if need be."""
    return np.ascontiguousarray(_cast(array, dtype_of(array)))


def blocks(array: Array) -> Iterator[Array]:
    """Yield all rows, as many at a time as fit in a cache, in that dtype; one block at least.

    >>> [len(block) for block in blocks(np.zeros((1000, 1000)))]
    [262, 262, 262, 214]
    """
    dtype = dtype_of(array)
    size = max(1, _BLOCK // max(1, math.prod(array.shape[1:])))
    for start in range(0, max(1, len(array)), size):
        yield _cast(array[start : start + size], dtype)


def check_in_blocks(check: Callable[[Array], None], array: Array) -> None:
    """Raise what `check(array)` raises; it is given all rows at once only to name what is wrong."""
    with suppress(Exception):
        for block in blocks(array):
            check(block)
        return
    check(whole(array))


def _cast(array: Array, dtype: np.dtype[Any]) -> Array:
    if array.dtype == dtype:
        return array
    with np.errstate(all="ignore"):  # beyond float32 is infinity: a DataWarning says so
        return array.astype(dtype)


def _lie_apart(array: Array) -> bool:
    """Whether the numbers of a row lie farther apart than one row and the next."""
    axes = zip(array.shape[1:], array.strides[1:], strict=True)
    return any(size > 1 and abs(stride) > abs(array.strides[0]) for size, stride in axes)
