"""Operations that make one axis of several neighbours, and several of one: of any sizes.

Sizes that are not known when a function is traced are read in the kernel.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from minidense import checks
from minidense.engine.operation import operation
from minidense.numerics.registers import row_by_row
from minidense.ops.shapes import in_old_shape, reshape_like, transpose
from minidense.typing import Shape


def one_axis(axis: int, rank: int) -> int:
    """Return an axis as a number from 0 up.

    >>> one_axis(-1, 3)
    2
    """
    checks.axes_exist([axis], rank)
    return axis % rank


@operation
def merge_axes(x: Any, *, counts: Sequence[int]) -> Any:
    """Return x with neighbouring axes as one, so many at a time; mirrors `tf.reshape`.

    The numbers lie in order then, as those of every tensor in TensorFlow: a product of what was
    transposed before is added up as one of what was not.

    >>> merge_axes(np.zeros((2, 3, 4)), counts=(2, 1)).shape, merge_axes(3.0, counts=(0, 0)).shape
    ((6, 4), (1, 1))
    """
    ends = np.cumsum(counts).tolist()
    parts = zip([0, *ends], ends, strict=False)
    return row_by_row(x).reshape([math.prod(x.shape[start:end]) for start, end in parts])


@merge_axes.spec
def _(x: Any, *, counts: Sequence[int]) -> tuple[Shape, Any]:
    shape: list[int | None] = []
    sizes = list(x.shape)
    for count in counts:
        part = [sizes.pop(0) for _ in range(count)]
        shape.append(None if None in part else math.prod(part))
    return tuple(shape), x.dtype


merge_axes.gradient(in_old_shape)


@operation
def split_like(x: Any, left: Any, right: Any, *, batch: int, rows: int, columns: int) -> Any:
    """Return a product of matrices with the axes that its factors had before they were merged.

    Args:
        x: (..., rows, columns).
        left: the first factor, of axes (..., rows, summed).
        right: the second one, of axes (..., summed, columns).
        batch: how many axes are before the matrices.
        rows: how many axes the rows have.
        columns: how many axes the columns have.

    >>> left, right = np.zeros((2, 3, 4)), np.zeros((4, 5))
    >>> split_like(np.zeros((6, 5)), left, right, batch=0, rows=2, columns=1).shape
    (2, 3, 5)
    """
    return x.reshape(_split(x, left, right, batch, rows, columns))


def _split(x: Any, left: Any, right: Any, batch: int, rows: int, columns: int) -> Shape:
    last = right.shape[len(right.shape) - columns :]
    return (*x.shape[:batch], *left.shape[batch : batch + rows], *last)


@split_like.spec
def _(x: Any, left: Any, right: Any, **counts: int) -> tuple[Shape, Any]:
    return _split(x, left, right, **counts), x.dtype


@split_like.gradient
def _(grad: Any, x: Any) -> Any:
    return reshape_like(grad, x), None, None


def in_order(x: Any, axes: Sequence[int]) -> Any:
    """Return x with its axes in this order; itself, where it has them so."""
    return x if list(axes) == list(range(len(axes))) else transpose(x, axes=tuple(axes))


@operation
def on_diagonal(x: Any, *, axes: tuple[int, int]) -> Any:
    """Return where two axes of x are at the same place, of sizes 1 else.

    >>> on_diagonal(np.zeros((2, 5, 2)), axes=(0, 2)).shape
    (2, 1, 2)
    """
    first, second = axes
    shape = [size if axis in axes else 1 for axis, size in enumerate(x.shape)]
    return np.eye(x.shape[first], x.shape[second], dtype=bool).reshape(shape)
