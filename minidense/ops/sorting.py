"""Operations that put numbers in order, and that look them up in this order.

Numbers that are equal stay in the order that they have. Where NaN comes, TensorFlow does not say;
here it is last.
"""

from typing import Any, NamedTuple

import numpy as np

from minidense import checks
from minidense.engine.inputs import as_operand
from minidense.engine.operation import Composite, operation
from minidense.ops.axes import one_axis
from minidense.ops.parts import get_item
from minidense.ops.shapes import reshape
from minidense.typing import Shape


@operation(opaque=True)
def sorted_places(x: Any, *, axis: int, descending: bool = False) -> Any:
    """Return where the numbers are from the smallest to the largest, or from that one.

    >>> sorted_places(np.float32([2, 3, 1, 3]), axis=0, descending=True)
    array([1, 3, 0, 2], dtype=int32)
    """
    if descending:
        x = np.negative(x) if x.dtype.kind == "f" else np.invert(x)
    return np.argsort(x, axis, kind="stable").astype(np.int32)


@sorted_places.spec
def _(x: Any, **settings: Any) -> tuple[Shape, Any]:
    return x.shape, np.dtype(np.int32)


@operation(opaque=True)
def taken_along(x: Any, places: Any, *, axis: int) -> Any:
    """Return the numbers at places along an axis that are known to be there.

    >>> taken_along(np.float32([2, 3, 1]), np.int32([2, 0]), axis=0)
    array([1., 2.], dtype=float32)
    """
    return np.take_along_axis(x, np.clip(places, 0, x.shape[axis] - 1), axis)


@taken_along.spec
def _(x: Any, places: Any, **settings: Any) -> tuple[Shape, Any]:
    return places.shape, x.dtype


@taken_along.gradient
def _(grad: Any, x: Any, places: Any, axis: int) -> Any:
    return put_along(grad, x, places, axis=axis), None


@operation(opaque=True)
def put_along(part: Any, like: Any, places: Any, *, axis: int) -> Any:
    """Return zeros in the shape of a tensor, but for numbers at places, each named once.

    >>> put_along(np.float32([7]), np.float32([1, 2]), np.int32([1]), axis=0)
    array([0., 7.], dtype=float32)
    """
    whole = np.zeros(like.shape, part.dtype)
    np.put_along_axis(whole, np.clip(places, 0, like.shape[axis] - 1), part, axis)
    return whole


@put_along.spec
def _(part: Any, like: Any, places: Any, **settings: Any) -> tuple[Shape, Any]:
    return like.shape, part.dtype


@put_along.gradient
def _(grad: Any, places: Any, axis: int) -> Any:
    return taken_along(grad, places, axis=axis), None, None


@Composite
def argsort(x: Any, axis: int | None = -1) -> Any:
    """Return where the numbers are from the smallest to the largest; mirrors `tf.argsort`.

    Args:
        x: numbers.
        axis: along which they are sorted; None makes one row of all numbers.

    >>> argsort(np.float32([[2, 3, 1], [5, 5, 4]]))
    array([[2, 0, 1],
           [2, 0, 1]], dtype=int32)
    """
    x = as_operand(x)
    if axis is None or not x.shape:
        x, axis = reshape(x, newshape=(-1,)), 0
    return sorted_places(x, axis=one_axis(axis, len(x.shape)))


@Composite
def sort(x: Any, axis: int | None = -1) -> Any:
    """Return the numbers from the smallest to the largest; mirrors `tf.sort`.

    Its arguments are those of `argsort`.

    >>> sort(np.float32([[2, 3, 1], [5, 5, 4]]))
    array([[1., 2., 3.],
           [4., 5., 5.]], dtype=float32)
    """
    x = as_operand(x)
    if axis is None:
        x, axis = reshape(x, newshape=(-1,)), 0
    axis = one_axis(axis, len(x.shape))
    return taken_along(x, sorted_places(x, axis=axis), axis=axis)


class TopK(NamedTuple):
    """The largest numbers of each row, and where they are."""

    values: Any
    indices: Any


@Composite
def top_k(x: Any, *, k: int, sorted: bool = True) -> Any:  # noqa: A002 - Keras's name
    """Return the k largest numbers of each row, the largest first, and where they are.

    Args:
        x: numbers (..., columns).
        k: how many.
        sorted: whether they are to be in order; here they always are.

    Returns:
        `values` and `indices`, (..., k); the indices are int32.

    Raises:
        ValueError: for more numbers than a row has.

    Source: `keras.ops.top_k`, `tf.math.top_k`.

    >>> top_k(np.float32([2, 3, 1]), k=2)
    TopK(values=array([3., 2.], dtype=float32), indices=array([1, 0], dtype=int32))
    """
    x = as_operand(x)
    checks.numbers_to_choose(k, x.shape, x.dtype)
    places = sorted_places(x, axis=len(x.shape) - 1, descending=True)
    places = get_item(places, key=(..., slice(0, int(k))))
    return TopK(taken_along(x, places, axis=len(x.shape) - 1), places)


@operation(opaque=True, row_by_row=True)
def in_top_k(targets: Any, predictions: Any, *, k: int) -> Any:
    """Return whether fewer than k classes have more than the target; mirrors `tf.math.in_top_k`.

    A row with NaN or infinity, and a target that is no class, are never in.

    Shapes: targets (rows,), predictions (rows, classes) -> (rows,).

    >>> in_top_k(np.int32([1, 0]), np.float32([[1, 2, 3], [1, 2, 3]]), k=2)
    array([ True, False])
    """
    checks.one_target_a_row(targets.shape, predictions.shape)
    targets = targets.astype(np.int64)
    is_class = (targets >= 0) & (targets < predictions.shape[1])
    places = np.where(is_class, targets, 0)[:, None]
    if not predictions.shape[1]:
        return is_class
    more = predictions > np.take_along_axis(predictions, places, 1)
    return is_class & np.isfinite(predictions).all(1) & (more.sum(1) < k)


@in_top_k.spec
def _(targets: Any, predictions: Any, *, k: int) -> tuple[Shape, Any]:
    checks.one_target_a_row(targets.shape, predictions.shape)
    return targets.shape, np.dtype(bool)
