"""Operations that find the largest and the smallest of many numbers, and where they are.

And the smooth maximum, the logarithm of a sum of exponentials.
"""

from typing import Any

import numpy as np

from minidense import checks
from minidense.engine.inputs import as_operand
from minidense.engine.operation import Composite, operation
from minidense.ops.arithmetic import divide_no_nan, multiply, plus, subtract, true_divide
from minidense.ops.axes import one_axis
from minidense.ops.comparisons import equal, where
from minidense.ops.functions import exp, log
from minidense.ops.reductions import as_axes, kept, reduced, with_axes
from minidense.ops.reductions import sum as sum_of
from minidense.ops.shapes import Axes, cast, reshape_like, stop_gradient


@operation
def max(  # noqa: A001 - Keras's name
    x: Any, *, axis: Axes = None, keepdims: bool = False, initial: float | None = None
) -> Any:
    """Return the largest number, and nothing below `initial`; mirrors `tf.reduce_max`.

    >>> max(np.float32([[1, 2], [3, 4]]), axis=0)
    array([3., 4.], dtype=float32)
    >>> max(np.float32([1, 2]), initial=5)
    array(5., dtype=float32)
    """
    return _extreme(np.maximum, x, axis, keepdims, initial)


@operation
def min(  # noqa: A001 - Keras's name
    x: Any, *, axis: Axes = None, keepdims: bool = False, initial: float | None = None
) -> Any:
    """Return the smallest number, and nothing above `initial`; mirrors `tf.reduce_min`.

    >>> min(np.float32([[1, 2], [3, 4]]), axis=0)
    array([1., 2.], dtype=float32)
    """
    return _extreme(np.minimum, x, axis, keepdims, initial)


def _extreme(ufunc: Any, x: Any, axis: Axes, keepdims: bool, initial: float | None) -> Any:
    if initial is None:
        return reduced(ufunc, x, axis, keepdims)
    if x.dtype != bool:
        checks.number_for_dtype(x.dtype, initial)
    return reduced(ufunc, x, axis, keepdims, initial=x.dtype.type(initial))


@max.gradient
@min.gradient
def _(grad: Any, x: Any, y: Any, axis: Axes, keepdims: bool, initial: float | None) -> Any:
    is_extreme = cast(equal(x, with_axes(y, x, axis, keepdims)), dtype=str(x.dtype))
    number = sum_of(is_extreme, axis=axis, keepdims=True)  # it is shared by all that are equal
    grad = with_axes(grad, x, axis, keepdims)
    share = true_divide if initial is None else divide_no_nan  # `initial` is none of the numbers
    return multiply(share(is_extreme, number), grad)


@Composite
def amax(x: Any, axis: Axes = None, keepdims: bool = False) -> Any:
    """Return the largest number: `max` by another name.

    >>> amax(np.float32([[1, 2], [3, 4]]), axis=0)
    array([3., 4.], dtype=float32)
    """
    return max(x, axis=axis, keepdims=keepdims)


@Composite
def amin(x: Any, axis: Axes = None, keepdims: bool = False) -> Any:
    """Return the smallest number: `min` by another name.

    >>> amin(np.float32([[1, 2], [3, 4]]), axis=0)
    array([1., 2.], dtype=float32)
    """
    return min(x, axis=axis, keepdims=keepdims)


@operation
def argmax(x: Any, *, axis: int | None = None, keepdims: bool = False) -> Any:
    """Return where the largest number is: the first of equals, and never a NaN; `tf.argmax`.

    Of -0.0 and 0.0, the second one is larger, as in Keras.

    >>> argmax(np.float32([[1, 3, 3], [np.nan, 0, 1]]), axis=-1)
    array([1, 2], dtype=int32)
    """
    return _place(_told_apart(x), axis, keepdims)


@operation
def argmin(x: Any, *, axis: int | None = None, keepdims: bool = False) -> Any:
    """Return where the smallest number is: the first of equals, and never a NaN; `tf.argmin`.

    Of -0.0 and 0.0, the first one is smaller, as in Keras.

    >>> argmin(np.float32([[1, 0, 0], [np.nan, 2, 1]]), axis=-1)
    array([1, 2], dtype=int32)
    """
    if x.dtype.kind == "f":
        return _place(np.negative(_told_apart(x)), axis, keepdims)
    return _place(np.invert(x), axis, keepdims)  # which turns the order round, and overflows never


def _told_apart(x: Any) -> Any:
    """Return floats with a tiny negative number for -0.0: `argmax` of Keras looks at its sign."""
    if x.dtype.kind != "f" or not x.ndim:
        return x
    is_negative_zero = np.logical_and(np.equal(x, 0), np.signbit(x))
    return np.where(is_negative_zero, -np.finfo(x.dtype).tiny, x)


def _place(x: Any, axis: int | None, keepdims: bool) -> Any:
    """Return where the largest number is."""
    if axis is not None:
        axis = one_axis(axis, x.ndim)
    if x.dtype.kind == "f":
        x = np.where(np.isnan(x), x.dtype.type(-np.inf), x)
    places = x.argmax(axis).astype(np.int32)
    return kept(places, x, as_axes(axis, x.ndim), keepdims)


@Composite
def logsumexp(x: Any, axis: Axes = None, keepdims: bool = False) -> Any:
    """Return log(sum_of(exp(x))), which large numbers do not overflow; `tf.reduce_logsumexp`.

    Raises:
        ValueError: for whole numbers.

    >>> logsumexp(np.float32([1000, 1000]))
    array(1000.6932, dtype=float32)
    """
    x = as_operand(x)
    checks.floating("logsumexp", x)
    highest = max(x, axis=axis, keepdims=True)
    is_finite = equal(subtract(highest, highest), 0)
    highest = stop_gradient(where(is_finite, highest, 0.0))
    result = log(sum_of(exp(subtract(x, highest)), axis=axis, keepdims=keepdims))
    return plus(result, highest if keepdims else reshape_like(highest, result))
