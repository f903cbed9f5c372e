"""The calls of NumPy that a program makes, and the memory that they read and write."""

import operator
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from types import BuiltinFunctionType, MethodDescriptorType
from typing import Any

import numpy as np

from minidense.typing import Array


@dataclass(eq=False)
class Buffer:
    """Memory that one or several arrays of a program look into.

    Args:
        array: the memory as it was made.
        is_fixed: whether it has to stay where it is: a variable, an input, a constant.
    """

    array: Array
    is_fixed: bool = False

    def __post_init__(self) -> None:
        self.memory = self.array

    def become(self, other: "Buffer") -> None:
        """Lie where another buffer lies, and stay there."""
        self.memory, self.is_fixed = other.memory, True

    def moved(self, view: Array) -> Array:
        """Return what a view of the first memory is in the memory of now."""
        if self.memory is self.array:
            return view
        offset = address(view) - address(self.array)
        return np.ndarray(view.shape, view.dtype, self.memory, offset, view.strides)


def address(array: Array) -> int:
    """Return where an array begins in memory."""
    return int(array.__array_interface__["data"][0])


@dataclass(eq=False)
class PlacedArray:
    """An array of a program, and the memory that it looks into."""

    array: Array
    buffer: Buffer


def numbers(value: Any) -> Any:
    """Return the plain array of an array of a program; anything else as it is."""
    return value.array if isinstance(value, PlacedArray) else value


@dataclass(eq=False)
class Note:
    """One call of NumPy: `function(*args, **kwargs)`, and the arrays that it writes."""

    function: Callable[..., Any]
    args: Sequence[Any]
    kwargs: dict[str, Any]
    outs: Sequence[PlacedArray]
    takes_out: bool = True
    """Whether what is written is passed as `out`; else it is among the arguments."""
    cause: Any = None
    """The noted operation that the call is a part of."""

    def __post_init__(self) -> None:
        self.args = [_as_now(value) for value in self.args]
        self.outs = list(self.outs)

    @property
    def runs_python(self) -> bool:
        """Whether the call is not C's alone, so that a Ctrl-C may end it halfway."""
        return not isinstance(self.function, _OF_C)

    @property
    def is_elementwise(self) -> bool:
        """Whether each number that is written comes from those at its place."""
        return isinstance(self.function, np.ufunc) and self.function.signature is None

    @property
    def reads(self) -> list[PlacedArray]:
        """The arrays among the arguments, those that are written over among them."""
        return [x for x in (*self.args, *self.kwargs.values()) if isinstance(x, PlacedArray)]

    def bound(self) -> Callable[[], Any]:
        """Return the call itself, on the arrays as they are now."""
        args = [*map(numbers, self.args)]
        kwargs = {name: numbers(value) for name, value in self.kwargs.items()}
        outs = [out.array for out in self.outs] if self.takes_out else []
        if isinstance(self.function, np.ufunc) and self.function not in _OUT_BY_NAME_ALONE:
            args += outs  # a small one takes 0.17 us so, and 0.36 with out=
        elif outs:
            (kwargs["out"],) = outs
        return partial(self.function, *args, **kwargs)


_OUT_BY_NAME_ALONE = (np.maximum, np.minimum)
"""NumPy warns of a third argument of these two."""

_OF_C = (np.ufunc, BuiltinFunctionType, MethodDescriptorType)
"""`np.copyto`, `np.take` and the like run Python before their C."""


def _as_now(value: Any) -> Any:
    """Return an argument as it is now: a plain array may still be written to by the kernel."""
    is_plain = isinstance(value, np.ndarray) and value.flags.writeable
    return value.copy() if is_plain else value


def copy_into(out: PlacedArray, value: Any, cause: Any = None) -> Note:
    """Return the call that writes a value into an array, in whatever dtype it has."""
    return Note(operator.setitem, [out, ..., value], {}, [out], takes_out=False, cause=cause)


def settle(arrays: Iterable[PlacedArray]) -> None:
    """Let arrays look into the memory that they are to have, and let that of the first run go."""
    each = {id(x): x for x in arrays}.values()
    for x in each:
        x.array = x.buffer.moved(x.array)
    for x in each:
        x.buffer.array = x.buffer.memory
