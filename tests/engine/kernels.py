"""Operations that do to their arrays whatever a kernel may do: for the random programs alone."""

from typing import Any

import numpy as np

from minidense.engine.operation import Operation, operation


@operation
def in_place_chain(x: Any) -> Any:
    """One array that is written to again and again, in parts and through views."""
    y = x * 2
    y += x
    y[..., 1:] -= y[..., :-1]
    np.maximum(y, -3, out=y)
    turned = y.T
    turned -= 1
    y[..., :1] = 0.5
    return y


@operation
def swapped_halves(x: Any) -> Any:
    """Views of one new array, of which the second is written to after the first was made."""
    y = x + 1
    first, second = y[..., ::2], y[..., 1::2]
    second *= 3
    return second, first


@operation
def read_then_written(x: Any) -> Any:
    """Two results, of which the second is written to after the first was made of it."""
    y = x * 2
    z = y + 1
    y *= 3
    return z, y


@operation
def same_twice(x: Any) -> Any:
    """One array as two results."""
    y = np.negative(x)
    return y, y


@operation
def itself_and_more(x: Any) -> Any:
    """An input handed back beside a result."""
    return x, x + 1


@operation
def fractions(x: Any) -> Any:
    """Two results of one call of NumPy."""
    return np.modf(x)


@operation
def known_numbers(x: Any) -> Any:
    """A result that no call of NumPy makes in a run, and a sum with one."""
    return np.arange(x.shape[-1], dtype=x.dtype), x + np.arange(x.shape[-1], dtype=x.dtype)


@operation
def put_into_zeros(x: Any) -> Any:
    """A new array of zeros that is filled in part."""
    whole = np.stack([x * 0, x * 0], -1)
    whole[..., 1] = x
    return whole


@operation
def number_at_front(x: Any) -> Any:
    """A single number as a view."""
    return x[(0,) * x.ndim]


@operation
def looked_up(x: Any, y: Any) -> Any:
    """Numbers at places that are computed."""
    flat = x.reshape(-1)
    places = (np.abs(y) * 3).astype(np.int64).reshape(-1)
    return flat.take(np.minimum(places, x.size - 1))


@operation
def written_at(x: Any) -> Any:
    """Numbers written to places that are computed."""
    flat = x.reshape(-1) * 1
    flat.put(flat.argmax(), 0.25)
    return flat.reshape(x.shape)


@operation
def joined(x: Any, y: Any) -> Any:
    """Two arrays in one."""
    return np.stack([x, y], -1)


@operation
def where_positive(x: Any, y: Any) -> Any:
    """A choice by the numbers, and a call that writes a part alone."""
    chosen = np.where(x > 0, x, y)
    np.negative(chosen, out=chosen, where=chosen < -1)
    return chosen


@operation
def bits(x: Any) -> Any:
    """The same memory as numbers of another kind."""
    return x.view(np.int32 if x.dtype == np.float32 else np.int64)


@operation(opaque=True)
def in_order(x: Any) -> Any:
    """What NumPy cannot write into an array that is given."""
    return np.sort(x, axis=-1)


@operation(opaque=True)
def opaque_views(x: Any) -> Any:
    """Views of what goes in, from a kernel that is called each time."""
    return x[::-1], x.T


@operation(opaque=True)
def is_small(x: Any) -> Any:
    """A check: it has no result, and raises for what it does not want."""
    if x.size and np.nanmax(np.abs(x)) > 1e300:
        raise ValueError("too large")
    return ()


OF_NUMBERS: list[Operation] = [same_twice, itself_and_more, is_small]
ALONE: list[Operation] = [
    *OF_NUMBERS, in_place_chain, swapped_halves, read_then_written, fractions, known_numbers,
    put_into_zeros, number_at_front, written_at, bits, in_order, opaque_views,
]  # fmt: skip
