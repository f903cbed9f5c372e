"""Lengths of vectors and of matrices, and vectors of length 1."""

from collections.abc import Callable
from typing import Any

import numpy as np

from minidense import checks
from minidense.config import epsilon as smallest_length
from minidense.config import floatx
from minidense.dtypes import kind_of, result_type
from minidense.engine.inputs import as_operand, in_dtype
from minidense.engine.operation import Composite
from minidense.ops.arithmetic import maximum, minimum, multiply, true_divide
from minidense.ops.axes import in_order
from minidense.ops.comparisons import not_equal
from minidense.ops.decompositions import svd
from minidense.ops.extremes import max as max_of
from minidense.ops.extremes import min as min_of
from minidense.ops.functions import power, rsqrt, sqrt, square
from minidense.ops.reductions import sum as sum_of
from minidense.ops.rounding import absolute
from minidense.ops.shapes import Axes, cast, expand_dims

INFINITY = float("inf")


@Composite
def norm(x: Any, ord: Any = None, axis: Axes = None, keepdims: bool = False) -> Any:  # noqa: A002
    """Return the lengths of vectors, or of matrices; mirrors `keras.ops.norm`.

    Args:
        x: numbers; of whole ones the norms are floats.
        ord: None for the root of the sum of squares. Of vectors, the number p of the p-norm:
            `inf`, `-inf` and 0 (how many are not 0) too. Of matrices, "fro", 1, -1, `inf`, `-inf`
            for the largest and smallest sums of columns and rows;
            2, -2, "nuc" for the largest and the smallest singular value, and their sum.
        axis: one axis for vectors, two for matrices; None is all of them, one or two.
        keepdims: whether these axes stay, with the size 1.

    Raises:
        ValueError: for another `ord`, or other axes.

    >>> norm(np.float32([[3, 4], [6, 8]]), axis=1)
    array([ 5., 10.], dtype=float32)
    >>> norm(np.float32([[3, -4], [6, 8]]), ord=1)
    array(12., dtype=float32)
    """
    x = as_operand(x)
    dtype = floatx() if x.dtype == "int64" else result_type([kind_of(x), float])
    x = in_dtype(x, dtype)
    axes = checks.axes_of_norm(axis, len(x.shape))
    if len(axes) == 1:
        return _of_vectors(x, ord, axes[0], keepdims)
    return _of_matrices(x, ord, axes, keepdims)


def _root_of_squares(x: Any, axis: Axes, keepdims: bool) -> Any:
    return sqrt(sum_of(multiply(x, x), axis=axis, keepdims=keepdims))


def _of_vectors(x: Any, ord: Any, axis: int, keepdims: bool) -> Any:  # noqa: A002
    checks.order_of_norm(ord, not isinstance(ord, str), "vectors")
    if ord is None or ord == 2:
        return _root_of_squares(x, axis, keepdims)
    if ord == INFINITY:
        return max_of(absolute(x), axis=axis, keepdims=keepdims)
    if ord == -INFINITY:
        return min_of(absolute(x), axis=axis, keepdims=keepdims)
    if ord == 0:
        counted = cast(not_equal(x, 0), dtype=str(x.dtype))
        return sum_of(counted, axis=axis, keepdims=keepdims)
    ord = np.asarray(ord, x.dtype)  # noqa: A001
    powers = sum_of(power(absolute(x), ord), axis=axis, keepdims=keepdims)
    return power(powers, np.true_divide(1, ord, dtype=x.dtype))


_OF_SUMS: dict[Any, tuple[int, Callable[..., Any]]] = {
    1: (0, max_of),
    -1: (0, min_of),
    INFINITY: (1, max_of),
    -INFINITY: (1, min_of),
}
"""Which of the two axes is summed over, and what is taken of the sums."""

_OF_SINGULAR_VALUES: dict[Any, Callable[..., Any]] = {2: max_of, -2: min_of, "nuc": sum_of}


def _of_matrices(x: Any, ord: Any, axes: tuple[int, ...], keepdims: bool) -> Any:  # noqa: A002
    if ord is None or ord == "fro":
        return _root_of_squares(x, axes, keepdims)
    checks.order_of_norm(ord, ord in _OF_SUMS or ord in _OF_SINGULAR_VALUES, "matrices")
    if ord in _OF_SINGULAR_VALUES:
        others = [each for each in range(len(x.shape)) if each not in axes]
        values = svd(in_order(x, [*others, *axes]), compute_uv=False)
        found = _OF_SINGULAR_VALUES[ord](values, axis=-1)
        for each in sorted(axes) if keepdims else ():
            found = expand_dims(found, axis=each)
        return found
    summed, extreme = _OF_SUMS[ord]
    sums = sum_of(absolute(x), axis=axes[summed], keepdims=True)
    found = extreme(sums, axis=axes[1 - summed], keepdims=True)
    return found if keepdims else sum_of(found, axis=axes)


@Composite
def normalize(x: Any, axis: int = -1, order: int = 2, epsilon: float | None = None) -> Any:
    """Return vectors of the same direction and of length 1; mirrors `keras.ops.normalize`.

    Args:
        x: numbers.
        axis: along which the vectors lie.
        order: the p of the p-norm, a whole number from 1 up.
        epsilon: the smallest number that a vector is divided by; None is `config.epsilon()`.

    Raises:
        ValueError: for another `order`, or for whole numbers and an order of 2.

    >>> normalize(np.float32([[4, 0], [0, 0]]))
    array([[1., 0.],
           [0., 0.]], dtype=float32)
    """
    checks.order_of_normalize(order)
    x = as_operand(x)
    x = x if x.shape else expand_dims(x, axis=0)
    epsilon = smallest_length() if epsilon is None else epsilon
    if order != 2:
        length = norm(x, ord=order, axis=axis, keepdims=True)
        return true_divide(x, maximum(length, epsilon))
    checks.floating("normalize", x)
    inverse = rsqrt(sum_of(square(x), axis=axis, keepdims=True))
    return multiply(x, minimum(inverse, 1.0 / epsilon))
