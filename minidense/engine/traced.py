"""Arrays that note which calls of NumPy a kernel makes, with the arrays that each reads and writes.

A kernel that is run on them computes as ever. What cannot be noted is refused, so that nothing of
this one run is taken for what holds in each.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NoReturn

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from minidense.engine.notes import Buffer, Note, PlacedArray, address, copy_into, numbers
from minidense.typing import Array


@dataclass(eq=False, repr=False)
class TracedArray(NDArrayOperatorsMixin, PlacedArray):
    """An array inside a kernel whose calls are noted.

    Args:
        array: the numbers of this one run.
        buffer: the memory that it looks into.
        notes: where calls are noted.
    """

    notes: list[Note]

    shape = property(lambda self: self.array.shape)
    ndim = property(lambda self: self.array.ndim)
    size = property(lambda self: self.array.size)
    dtype = property(lambda self: self.array.dtype)
    strides = property(lambda self: self.array.strides)

    def __len__(self) -> int:
        return len(self.array)

    # Views need no call: they look into memory that stays where it is

    def _view(self, view: Array) -> "TracedArray":
        return TracedArray(view, self.buffer, self.notes)

    T = property(lambda self: self._view(self.array.T))

    def __getitem__(self, key: Any) -> "TracedArray":
        return self._view(self._place(key))

    def _place(self, key: Any) -> Any:
        keys = key if isinstance(key, tuple) else (key,)
        if not all(each is None or each is ... or type(each) in (int, slice) for each in keys):
            raise TypeError(
                "Only slices and whole numbers can be noted: `take` and `put` look up by an array."
            )
        return self.array[keys if ... in keys else (*keys, ...)]  # never a single number

    def view(self, dtype: Any) -> "TracedArray":
        """Return the same bits as numbers of another dtype."""
        return self._view(self.array.view(dtype))

    def transpose(self, *axes: Any) -> "TracedArray":
        """Return the axes in another order."""
        return self._view(self.array.transpose(*axes))

    def reshape(self, *shape: Any) -> "TracedArray":
        """Return another shape; a copy, where the numbers do not lie in order."""
        result = self.array.reshape(*shape)
        if np.may_share_memory(result, self.array) or not result.size:
            return self._view(result)
        copy = self._new(np.empty_like(result))
        copy.reshape(self.shape)[...] = self
        return copy

    # Calls

    def _new(self, array: Array) -> "TracedArray":
        """Return a new array as one of its own memory."""
        return TracedArray(array, Buffer(array), self.notes)

    def _note(
        self, function: Callable[..., Any], args: Sequence[Any], kwargs: Any, outs: Any = None
    ) -> Any:
        """Make a call, and note it; what it gives becomes new arrays, where none are passed."""
        plain = {name: numbers(value) for name, value in kwargs.items()}
        if outs is not None:
            plain["out"] = tuple(x.array for x in outs)
        results = function(*map(numbers, args), **plain)
        if outs is None:
            results = results if isinstance(results, tuple) else (results,)
            outs = [self._new(np.asarray(result)) for result in results]
        self.notes.append(Note(function, args, kwargs, outs))
        return outs[0] if len(outs) == 1 else tuple(outs)

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: Any, out: Any = None, **kwargs: Any
    ) -> Any:
        if all(isinstance(x, TracedArray) for x in out or ()):
            if method == "__call__":
                args = _as_arrays(ufunc, inputs, kwargs.get("dtype"))
                return self._note(ufunc, args, kwargs, out)
            if method == "reduce":
                return self._note(ufunc.reduce, inputs, kwargs, out)
        return NotImplemented  # NumPy says so with a TypeError

    def __setitem__(self, key: Any, value: Any) -> None:
        place = self._place(key)
        if isinstance(value, TracedArray) and _is_same(place, value.array):
            return  # `x[key] += y` ends so
        place[...] = numbers(value)
        self.notes.append(copy_into(self._view(place), value))

    def astype(self, dtype: Any) -> "TracedArray":
        """Return the numbers in another dtype."""
        with np.errstate(all="ignore"):
            out = self._new(self.array.astype(dtype))
        self.notes.append(copy_into(out, self))
        return out

    def copy(self) -> "TracedArray":
        """Return the numbers in memory of their own."""
        return self.astype(self.dtype)

    def constant(self, array: Array) -> "TracedArray":
        """Return an array that stays as it is, as one whose calls are noted."""
        return TracedArray(array, Buffer(array, is_fixed=True), self.notes)

    def take(self, places: Any, axis: int | None = None, mode: str = "clip") -> Any:
        """Return the numbers at places that are known to be there."""
        return self._note(np.ndarray.take, [self, places], {"axis": axis, "mode": mode})

    def argmax(self, axis: int | None = None) -> Any:
        """Return where the largest number is."""
        return self._note(np.ndarray.argmax, [self], {"axis": axis})

    def put(self, places: Any, values: Any) -> None:
        """Write numbers to places that are known to be there, of an array that lies in order."""
        self.array.put(numbers(places), numbers(values), "clip")
        args = [self, places, values, "clip"]
        self.notes.append(Note(np.ndarray.put, args, {}, [self], takes_out=False))

    def note_whole(self, function: Callable[..., Any], args: Sequence[Any]) -> Any:
        """Call a function of arrays, and note it as a call of its own: it has no `out`."""
        return called_whole(function, args, self.notes)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if function in (np.broadcast_to, np.expand_dims, np.squeeze):
            return self._view(function(self.array, *args[1:], **kwargs))
        if function is np.stack:
            return self._stack(*args, **kwargs)
        return self._where(*args) if function is np.where else NotImplemented

    def _stack(self, parts: Sequence[Any], axis: int = 0) -> "TracedArray":
        """Note `np.stack`: each part is filled in by a call of its own."""
        whole = self._new(np.stack([numbers(part) for part in parts], axis))
        before = (slice(None),) * (axis % whole.ndim)
        for place, part in enumerate(parts):
            whole[(*before, place)] = part
        return whole

    def _where(self, condition: Any, x: Any, y: Any) -> "TracedArray":
        """Note `np.where`, which has no `out`: as a copy of y, and then of x where it is chosen.

        Where the condition is known, and true or false throughout, one copy is all there is.
        """
        out = self._new(np.asarray(np.where(*map(numbers, (condition, x, y)))))
        if not isinstance(condition, TracedArray):
            if np.all(condition) == np.any(condition):
                self.notes.append(copy_into(out, x if np.all(condition) else y))
                return out
            condition = np.asarray(condition, bool)
        elif condition.dtype != bool:
            condition = condition != 0
        self.notes.append(copy_into(out, y))
        self.notes.append(Note(np.copyto, [out, x], {"where": condition}, [out], takes_out=False))
        return out

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NoReturn:
        raise TypeError("A kernel is noted, and this call of NumPy cannot be: it has no `out`.")

    def __bool__(self) -> NoReturn:
        raise TypeError(
            "A kernel must not decide by the numbers: it is noted once for all of them."
        )


def called_whole(function: Callable[..., Any], args: Sequence[Any], notes: list[Note]) -> Any:
    """Call a function of arrays, and note it as one call that fills what it returned."""
    results = function(*map(numbers, args))
    is_one = not isinstance(results, tuple)
    # copies: what comes out may be a view of what went in, and may not fill its memory
    arrays = [np.array(x) for x in ([results] if is_one else results)]
    outs = [TracedArray(array, Buffer(array), notes) for array in arrays]
    fill = partial(_fill, function, len(outs))
    notes.append(Note(fill, [*outs, *args], {}, outs, takes_out=False))
    return outs[0] if is_one else tuple(outs)


def _fill(function: Callable[..., Any], count: int, *arrays: Any) -> None:
    """Call a function on the arrays behind the first ones, which its results are written to."""
    results = function(*arrays[count:])
    for out, result in zip(arrays[:count], [results] if count == 1 else results, strict=True):
        np.copyto(out, result)


def _is_same(place: Array, other: Array) -> bool:
    return address(place) == address(other) and place.strides == other.strides


def _as_arrays(ufunc: np.ufunc, inputs: Sequence[Any], dtype: Any) -> list[Any]:
    """Return the inputs, Python's numbers as arrays: to convert one takes as long as a call."""
    kinds = [type(x) if type(x) in (int, float) else np.asarray(numbers(x)).dtype for x in inputs]
    wanted = (
        [dtype] * len(inputs) if dtype else ufunc.resolve_dtypes((*kinds, *[None] * ufunc.nout))
    )
    return [
        x if isinstance(x, (TracedArray, np.ndarray)) else np.asarray(x, kind)
        for x, kind in zip(inputs, wanted, strict=False)
    ]
