"""Operations that go along an axis: sums and products of all numbers up to each."""

from typing import Any

import numpy as np

from minidense.dtypes import computed_in
from minidense.engine.inputs import as_operand, in_dtype
from minidense.engine.operation import Composite, operation
from minidense.ops.arithmetic import divide_no_nan, multiply
from minidense.ops.axes import in_order, merge_axes, one_axis
from minidense.ops.shapes import reshape, reshape_like
from minidense.typing import Array, Shape


def _running(ufunc: Any, x: Array, axis: int, exclusive: bool, reverse: bool) -> Any:
    """Return what a function of two makes of all numbers up to each one, or before each one."""
    x = np.flip(x, axis) if reverse else x
    ends = ufunc.accumulate(x, axis, dtype=x.dtype)
    if exclusive:
        ends, through = np.full_like(ends, ufunc.identity), np.moveaxis(ends, axis, 0)
        np.moveaxis(ends, axis, 0)[1:] = through[:-1]
    return np.flip(ends, axis) if reverse else ends


@operation(opaque=True)
def running_sum(x: Any, *, axis: int, exclusive: bool = False, reverse: bool = False) -> Any:
    """Return the sum of all numbers up to each one, added up in their order; `tf.cumsum`.

    Args:
        x: numbers.
        axis: along which they are added up.
        exclusive: whether a sum is of the numbers before each one.
        reverse: whether they are added up from the last to the first.

    >>> running_sum(np.float32([1, 2, 3]), axis=0, reverse=True)
    array([6., 5., 3.], dtype=float32)
    """
    return _running(np.add, x, axis, exclusive, reverse)


@operation(opaque=True)
def running_product(x: Any, *, axis: int, exclusive: bool = False, reverse: bool = False) -> Any:
    """Return the product of all numbers up to each one; mirrors `tf.math.cumprod`.

    Its settings are those of `running_sum`.

    >>> running_product(np.float32([2, 3, 4]), axis=0, exclusive=True)
    array([1., 2., 6.], dtype=float32)
    """
    return _running(np.multiply, x, axis, exclusive, reverse)


@running_sum.spec
@running_product.spec
def _(x: Any, **settings: Any) -> tuple[Shape, Any]:
    return x.shape, x.dtype


@running_sum.gradient
def _(grad: Any, axis: int, exclusive: bool, reverse: bool) -> Any:
    return running_sum(grad, axis=axis, exclusive=exclusive, reverse=not reverse)


@running_product.gradient
def _(grad: Any, x: Any, y: Any, axis: int, exclusive: bool, reverse: bool) -> Any:
    # as in TensorFlow's `_CumprodGrad`: where x is 0, it is 0
    by_x = running_sum(multiply(y, grad), axis=axis, exclusive=exclusive, reverse=not reverse)
    return divide_no_nan(by_x, x)


@Composite
def cumsum(x: Any, axis: int | None = None, dtype: str | None = None) -> Any:
    """Return the sum of all numbers up to each one; mirrors `tf.cumsum`.

    Args:
        x: numbers; truth values are counted in int32.
        axis: along which they are added up; None makes one row of all numbers.
        dtype: what x is cast to before; None is its own.

    Source: `cumsum` of `keras/src/backend/tensorflow/numpy.py`.

    >>> cumsum(np.float32([[1, 2], [3, 4]]), axis=1)
    array([[1., 3.],
           [3., 7.]], dtype=float32)
    """
    return _along(running_sum, x, axis, dtype)


@Composite
def cumprod(x: Any, axis: int | None = None, dtype: str | None = None) -> Any:
    """Return the product of all numbers up to each one; mirrors `tf.math.cumprod`.

    Its arguments are those of `cumsum`. Where a number is 0, its gradient is 0, as in TensorFlow.

    >>> cumprod(np.float32([1, 2, 3]))
    array([1., 2., 6.], dtype=float32)
    """
    return _along(running_product, x, axis, dtype)


def _along(running: Any, x: Any, axis: int | None, dtype: str | None) -> Any:
    x = as_operand(x)
    dtype = computed_in(dtype) if dtype is not None else str(x.dtype)
    x = in_dtype(x, "int32" if dtype == "bool" else dtype)
    if axis is None:
        x, axis = reshape(x, newshape=(-1,)), 0
    return running(x, axis=one_axis(axis, len(x.shape)))


def products_of_others(x: Any, axes: tuple[int, ...]) -> Any:
    """Return for each number the product of the others over axes: the slope of a product.

    Mirrors TensorFlow's `_ProdGrad`, which divides by nothing: a number may be 0.
    """
    rank = len(x.shape)
    order = [*axes, *(axis for axis in range(rank) if axis not in axes)]
    moved = in_order(x, order)
    rows = merge_axes(moved, counts=(len(axes), rank - len(axes)))
    before = running_product(rows, axis=0, exclusive=True)
    behind = running_product(rows, axis=0, exclusive=True, reverse=True)
    slopes = reshape_like(multiply(before, behind), moved)
    return in_order(slopes, [order.index(axis) for axis in range(rank)])
