"""Products that are rounded as TensorFlow's are, whatever the number of threads.

A product adds up one term for each element of the inner axis. Where that axis is long, TensorFlow's
CPU library (oneDNN) adds in blocks of 384, shares the rest out in two halves, and then adds the
blocks; NumPy's (OpenBLAS) cuts elsewhere, and elsewhere again with more threads. Within a block
both add in order. With TensorFlow's cuts the results are the same bits, and a long training goes
the same way: the last bit decides whether a unit near 0 is on or off, and Adam makes a full step of
even the smallest gradient.
"""

from functools import cache

from minidense.typing import Array

_BLOCK = 384


def product(left: Array, right: Array) -> Array:
    """Return left @ right, added up in TensorFlow's blocks.

    Shapes: left (..., inner), right (inner, columns); the result is (..., columns). A single row is
    not cut: TensorFlow adds it up in a way of its own, and without the cuts `model(x)` of a row
    takes a sixth less time.

    Source: measured on TensorFlow 2.21.0, `tf.matmul` in float32; a single row, and odd shapes of
    fewer rows than a register holds, go another way there and may differ in the last bit.

    >>> import numpy as np
    >>> product(np.ones((2, 1000), "float32"), np.ones((1000, 1), "float32"))
    array([[1000.],
           [1000.]], dtype=float32)
    """
    inner = len(right)
    if inner <= _BLOCK or left.size == inner:
        return left @ right
    first, *others = _blocks(inner)
    total: Array = left[..., first] @ right[first]
    for block in others:
        total += left[..., block] @ right[block]
    return total


@cache
def _blocks(length: int) -> tuple[slice, ...]:
    """Return the blocks of an inner axis.

    >>> _blocks(784)
    (slice(0, 384, None), slice(384, 584, None), slice(584, 784, None))
    """
    blocks = []
    start = 0
    while start < length:
        rest = length - start
        size = _BLOCK if rest >= 2 * _BLOCK else rest if rest <= _BLOCK else (rest + 1) // 2
        blocks.append(slice(start, start + size))
        start += size
    return tuple(blocks)


__all__ = ["product"]
