"""Guards for the key of `x[key]`."""

import operator
from typing import Any

import numpy as np

from minidense.checks.message import brief
from minidense.checks.shapes import alike, is_whole
from minidense.typing import Shape


def is_mask(key: Any, shape: Shape) -> bool:
    """Whether a key of `x[key]` chooses by truth values, which must be as many as x has."""
    dtype = np.dtype(bool) if isinstance(key, bool) else getattr(key, "dtype", None)
    if dtype != np.dtype(bool):
        return False
    dims = getattr(key, "shape", ())
    if not dims or not alike(dims, shape[: len(dims)]):
        wish = "A mask has the shape of what it chooses from, or of its first axes"
        raise ValueError(f"{wish}. Received: a mask of shape {dims} for x of shape {shape}.")
    return True


def known_mask(mask: Any) -> None:
    """A mask whose truth values are known when a function is traced."""
    if not isinstance(mask, np.ndarray):
        wish = "What is computed in a traced function cannot choose rows of which nobody knows how"
        raise TypeError(f"{wish} many they are. `ops.where` keeps the shape. Received: {mask}.")


def part(key: Any, shape: Shape) -> Any:
    """The key of `x[key]`: slices, whole numbers, None and at most one ellipsis.

    As in TensorFlow, a list is read as a tuple, and an array does not look up by its numbers.
    """
    keys = tuple(key) if isinstance(key, (tuple, list)) else (key,)
    received = f"Received: x[{brief(key)}] for x of shape {shape}."
    for each in keys:
        ends = (each.start, each.stop, each.step) if isinstance(each, slice) else (each,)
        if each is not ... and not all(end is None or is_whole(end) for end in ends):
            wish = "A part of a tensor is named by whole numbers, slices, None and one ellipsis"
            raise TypeError(f"{wish}. {received}")
        if isinstance(each, slice) and each.step is not None and not operator.index(each.step):
            raise ValueError(f"The step of a slice is not 0. {received}")
    if sum(each is ... for each in keys) > 1:
        raise ValueError(f"Only one ellipsis can be in a key. {received}")
    named = [each for each in keys if each is not None and each is not ...]
    if len(named) > len(shape):
        raise ValueError(f"The key names more axes than there are. {received}")
    before = next((place for place, each in enumerate(keys) if each is ...), len(keys))
    count = sum(each is not None for each in keys[:before])
    dims = (*shape[:count], *shape[len(shape) - len(named) + count :])
    for each, dim in zip(named, dims, strict=True):
        outside = not isinstance(each, slice) and dim is not None and not -dim <= each < dim
        if outside:
            raise ValueError(f"There is no {each} in an axis of {dim}. {received}")
    return keys if isinstance(key, list) else key
