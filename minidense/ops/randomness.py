"""Dropout: a mask of random bits, and what it leaves of a tensor."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from minidense.engine.operation import operation
from minidense.random.masks import dropout_mask
from minidense.typing import Shape


@operation(opaque=True)
def draw_mask(like: Any, seed: Any, *, rate: float, noise_shape: Sequence[int | None]) -> Any:
    """Return a mask for a tensor: all bits are set where a number is kept, and none elsewhere.

    Mirrors `tf.nn.experimental.stateless_dropout`.

    Args:
        like: the tensor that the mask is for, (...).
        seed: the pair of seed and counter, (2,).
        rate: the share that is dropped.
        noise_shape: the shape of the mask, None where it is the tensor's.
    """
    shape = like.shape
    if any(noise_shape):
        shape = tuple(a if b is None else b for a, b in zip(shape, noise_shape, strict=False))
    return dropout_mask(int(seed[0]), int(seed[1]), shape, rate, like.dtype.name)


@draw_mask.spec
def _(like: Any, seed: Any, *, rate: float, noise_shape: Sequence[int | None]) -> tuple[Shape, Any]:
    shape = tuple(a if b is None else b for a, b in zip(like.shape, noise_shape, strict=False))
    return shape, np.dtype("int64" if like.dtype == "float64" else "int32")


@operation(elementwise=True)
def keep(x: Any, mask: Any, *, rate: float) -> Any:
    """Return the numbers that a mask keeps, scaled up by 1 / (1 - rate), and 0.0 elsewhere.

    By bits, and no product: NaN and infinity are dropped, and -0.0 does not appear. It takes half
    the time of `np.where`.
    """
    kept = np.bitwise_and(x.view(mask.dtype), mask).view(x.dtype)
    kept *= x.dtype.type(1 / (1 - rate))
    return kept


@keep.gradient
def _(grad: Any, mask: Any, rate: float) -> Any:
    return keep(grad, mask, rate=rate), None
