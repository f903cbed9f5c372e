"""Operations that make one number of many: sums, means, extremes, counts."""

import math
from typing import Any

import numpy as np

from minidense import checks
from minidense.engine.inputs import to_one_float
from minidense.engine.operation import operation
from minidense.numerics.sums import sum_over
from minidense.ops.arithmetic import multiply, true_divide
from minidense.ops.broadcasting import broadcast_like
from minidense.ops.running import products_of_others
from minidense.ops.shapes import (
    Axes,
    expand_dims,
)


def as_axes(axis: Axes, rank: int) -> tuple[int, ...]:
    """Return the axes as numbers from 0 up; None is all of them."""
    if axis is None:
        return tuple(range(rank))
    axes = [axis] if isinstance(axis, int) else list(axis)
    checks.axes_exist(axes, rank)
    return tuple(sorted(each % rank for each in axes))


@operation
def sum(x: Any, *, axis: Axes = None, keepdims: bool = False) -> Any:  # noqa: A001 - Keras's name
    """Return the sum over axes, or of all numbers; mirrors `tf.reduce_sum`, its bits.

    The sum of small whole numbers, and of truth values, has 32 bits.

    >>> sum(np.float32([[1, 2], [3, 4]]), axis=0)
    array([4., 6.], dtype=float32)
    """
    if x.dtype.kind == "f":
        axes = as_axes(axis, x.ndim)
        return kept(sum_over(x, axes), x, axes, keepdims)
    dtype = np.result_type(x.dtype, np.uint32 if x.dtype.kind == "u" else np.int32)
    return reduced(np.add, x, axis, keepdims, dtype=dtype)


def reduced(ufunc: Any, x: Any, axis: Axes, keepdims: bool, **how: Any) -> Any:
    """Return what a function of two makes of the numbers over axes."""
    return ufunc.reduce(x, axis=as_axes(axis, x.ndim), keepdims=keepdims, **how)


def kept(reduced: Any, x: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    """Return what was reduced, with axes of 1 in the place of those that went away if wanted."""
    if not keepdims:
        return reduced
    return reduced.reshape([1 if axis in axes else size for axis, size in enumerate(x.shape)])


@sum.gradient
def _(grad: Any, x: Any, axis: Axes, keepdims: bool) -> Any:
    return broadcast_like(with_axes(grad, x, axis, keepdims), x)


def with_axes(reduced: Any, x: Any, axis: Axes, keepdims: bool) -> Any:
    """Return what was reduced with axes of 1 in the place of those that went away."""
    axes = as_axes(axis, len(x.shape))
    if keepdims or len(axes) == len(x.shape):
        return reduced
    for each in axes:
        reduced = expand_dims(reduced, axis=each)
    return reduced


@operation(casting=to_one_float)
def mean(x: Any, *, axis: Axes = None, keepdims: bool = False) -> Any:
    """Return the mean over axes, or of all numbers; mirrors `tf.reduce_mean`, its bits.

    >>> mean(np.int32([[1, 2], [3, 4]]), axis=-1)
    array([1.5, 3.5], dtype=float32)
    """
    axes = as_axes(axis, x.ndim)
    count = math.prod(x.shape[each] for each in axes)
    means = np.true_divide(sum_over(x, axes), x.dtype.type(count))
    return kept(means, x, axes, keepdims)


@mean.gradient
def _(grad: Any, x: Any, y: Any, axis: Axes, keepdims: bool) -> Any:
    repeated = broadcast_like(with_axes(grad, x, axis, keepdims), x)
    return true_divide(repeated, share_of(x, y))


@operation
def share_of(x: Any, y: Any) -> Any:
    """Return how many numbers of x go into one of y, as in the gradient of `tf.reduce_mean`.

    >>> share_of(np.ones((2, 3), "float32"), np.ones(3, "float32"))
    array(2., dtype=float32)
    """
    return x.dtype.type(x.size // (y.size or 1))


_PRODUCTS = {"bool": "int32", "int8": "int32", "int16": "int32"}
_PRODUCTS |= {"uint8": "uint32", "uint16": "uint32"}


@operation
def prod(x: Any, *, axis: Axes = None, keepdims: bool = False, dtype: str | None = None) -> Any:
    """Return the product; mirrors `tf.reduce_prod`.

    Args:
        x: numbers; the product of small whole numbers has 32 bits.
        axis: over which axes; None is all of them.
        keepdims: whether they stay, with the size 1.
        dtype: as in Keras on TensorFlow, nothing is cast to it; but with one, the product has the
            dtype of x.

    >>> prod(np.float32([[1, 2], [3, 4]]), axis=0)
    array([3., 8.], dtype=float32)
    """
    if x.dtype.kind == "f":
        return reduced(np.multiply, x, axis, keepdims)
    wide = _PRODUCTS.get(x.dtype.name) if dtype is None else None
    return reduced(np.multiply, x, axis, keepdims, dtype=wide or x.dtype)


@prod.gradient
def _(grad: Any, x: Any, axis: Axes, keepdims: bool) -> Any:
    slopes = products_of_others(x, as_axes(axis, len(x.shape)))
    return multiply(broadcast_like(with_axes(grad, x, axis, keepdims), x), slopes)


@operation
def all(x: Any, *, axis: Axes = None, keepdims: bool = False) -> Any:  # noqa: A001 - Keras's name
    """Return whether all are true; mirrors `tf.reduce_all`.

    >>> all(np.array([[True, False], [True, True]]), axis=0)
    array([ True, False])
    """
    return reduced(np.logical_and, x, axis, keepdims)


@operation
def any(x: Any, *, axis: Axes = None, keepdims: bool = False) -> Any:  # noqa: A001 - Keras's name
    """Return whether one is true; mirrors `tf.reduce_any`.

    >>> any(np.array([[True, False], [False, False]]), axis=0)
    array([ True, False])
    """
    return reduced(np.logical_or, x, axis, keepdims)


@operation
def count_nonzero(x: Any, *, axis: Axes = None) -> Any:
    """Return how many numbers are not 0; mirrors `tf.math.count_nonzero`.

    >>> count_nonzero(np.float32([[0, 1], [2, 3]]), axis=0)
    array([1, 2], dtype=int32)
    """
    return reduced(np.add, np.not_equal(x, 0), axis, keepdims=False, dtype=np.int32)
