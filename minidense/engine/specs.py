"""The shape and the dtype of what an operation gives for tensors of which no more is known."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from minidense import checks
from minidense.engine.operation import Operation
from minidense.tensors import Symbolic
from minidense.typing import Array, Shape


def output_specs(
    operation: Operation, inputs: Sequence[Any], settings: dict[str, Any]
) -> tuple[list[tuple[Shape, Any]], bool]:
    """Return shape and dtype of each output, and whether it is one, and no tuple of several.

    The kernel is asked, on ones: with 2 and with 3 for each dimension that is not known. What comes
    out otherwise the second time is not known either.
    """
    if operation.infer_spec is not None:
        return [operation.infer_spec(*inputs, **settings)], True
    shapes = [getattr(x, "shape", ()) for x in inputs]
    first = again = _on_ones(operation, inputs, settings, 2)
    if operation.elementwise:
        return [(broadcast_shapes(operation.name, shapes), np.asarray(first).dtype)], True
    if any(None in shape for shape in shapes):
        again = _on_ones(operation, inputs, settings, 3)
    pairs = zip(_in_tuple(first), _in_tuple(again), strict=True)
    specs = [(common(np.shape(a), np.shape(b)), np.asarray(a).dtype) for a, b in pairs]
    return specs, not isinstance(first, tuple)


def _on_ones(
    operation: Operation, inputs: Sequence[Any], settings: dict[str, Any], unknown: int
) -> Any:
    """Run a kernel on ones, of this size where none is known; number by number, on one of each."""

    def ones(x: Any) -> Any:
        if not isinstance(x, Symbolic):
            return x
        shape = () if operation.elementwise else x.shape
        return _ones(tuple(unknown if dim is None else dim for dim in shape), x.dtype)

    with np.errstate(all="ignore"):
        return operation.kernel(*map(ones, inputs), **settings)


@cache
def _ones(shape: tuple[int, ...], dtype: Any) -> Array:
    """Return ones that take no memory; of whole numbers zeros, which are places in any array."""
    return np.broadcast_to(np.asarray(0 if dtype.kind in "iu" else 1, dtype), shape)


def _in_tuple(results: Any) -> tuple[Any, ...]:
    return results if isinstance(results, tuple) else (results,)


def common(shape: Shape, other: Shape) -> Shape:
    """Return the shape that two of one rank have in common: None where they differ.

    >>> common((2, 3), (4, 3))
    (None, 3)
    """
    return tuple(a if a == b else None for a, b in zip(shape, other, strict=True))


def broadcast_shapes(name: str, shapes: Sequence[Shape]) -> Shape:
    """Return the shape that several are stretched to; None beside a number is that number.

    Raises:
        ValueError: for shapes that cannot be stretched over each other.

    >>> broadcast_shapes("add", [(None, 3), (1,)]), broadcast_shapes("add", [(None,), (4,)])
    ((None, 3), (4,))
    """
    rank = max(map(len, shapes), default=0)
    full = [(1,) * (rank - len(shape)) + tuple(shape) for shape in shapes]
    dims = [{*column} - {1} for column in zip(*full, strict=True)]
    checks.can_be_broadcast(name, shapes)
    return tuple((each - {None} or each or {1}).pop() for each in dims)
