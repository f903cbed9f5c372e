"""Operations that stretch a tensor over another, and sum up what was stretched."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from minidense.engine.operation import operation
from minidense.numerics.sums import sum_over
from minidense.ops.shapes import like_spec
from minidense.typing import Shape


@operation
def broadcast_to(x: Any, *, shape: Sequence[int]) -> Any:
    """Return x repeated to a shape; mirrors `tf.broadcast_to`.

    >>> broadcast_to(np.zeros((1, 3)), shape=(2, 3)).shape
    (2, 3)
    """
    return np.broadcast_to(x, shape)


@broadcast_to.gradient
def _(grad: Any, x: Any) -> Any:
    return sum_to(grad, x)


@operation
def broadcast_like(x: Any, like: Any) -> Any:
    """Return x repeated to the shape of another tensor; mirrors `tf.broadcast_to`.

    >>> broadcast_like(np.zeros((1, 3)), np.zeros((2, 3))).shape
    (2, 3)
    """
    return np.broadcast_to(x, like.shape)


broadcast_like.spec(like_spec)


@broadcast_like.gradient
def _(grad: Any, x: Any) -> Any:
    return sum_to(grad, x), None


@operation
def sum_to(x: Any, like: Any) -> Any:
    """Return the sums over those axes that a tensor was repeated along: the way back of repeating.

    Mirrors `tf.raw_ops.BroadcastGradientArgs` with `tf.reduce_sum`.

    >>> sum_to(np.ones((3, 2), "float32"), np.zeros(2, "float32"))
    array([3., 3.], dtype=float32)
    """
    more = x.ndim - like.ndim
    repeated = [more + i for i, dim in enumerate(like.shape) if dim == 1 and x.shape[more + i] != 1]
    axes = (*range(more), *repeated)
    return sum_over(x, axes).reshape(like.shape) if axes else x


sum_to.spec(like_spec)


@sum_to.gradient
def _(grad: Any, x: Any) -> Any:
    return broadcast_like(grad, x), None


def fitted(grad: Any, x: Any, *others: Any) -> Any:
    """Return a gradient in the shape of what it belongs to; a number of Python's has none.

    Where the shapes tell that x was not stretched over the others, the gradient is what it is.
    """
    if isinstance(x, (bool, int, float)):
        return None
    is_whole = all(_covers(np.shape(x), np.shape(other)) for other in others)
    return grad if is_whole else sum_to(grad, x)


def _covers(shape: Shape, other: Shape) -> bool:
    """Whether a tensor of a shape keeps it for sure when it meets another: None may be 1."""
    pairs = zip(reversed(shape), reversed(other), strict=False)
    return len(shape) >= len(other) and all(b == 1 or a not in (1, None) for a, b in pairs)
