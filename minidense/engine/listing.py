"""What is printed of a trace and of a program: a line for each operation, or call of NumPy.

In front stands whose it is: the layer, also on the way back, the loss, the metric, the optimizer.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from typing import Any

import numpy as np

from minidense.engine.notes import Note
from minidense.engine.traced import TracedArray
from minidense.tensors import Symbolic


def lines_of_trace(trace: Any) -> Iterator[tuple[str, str, str]]:
    """Give for each operation whose it is, what it does, and what comes out."""
    names = {id(tensor): f"x{n}" for n, tensor in enumerate(trace.inputs)}
    names |= {id(tensor): variable.path for variable, tensor in trace.starts.items()}
    numbers = count(1)

    def named(value: Any) -> str:
        if isinstance(value, Symbolic):
            if id(value) not in names:
                names[id(value)] = f"t{next(numbers)}"
            return names[id(value)]
        is_long = isinstance(value, np.ndarray) and value.ndim
        return described(value) if is_long else repr(getattr(value, "item", lambda: value)())

    for tensor in trace.inputs:
        yield "", names[id(tensor)], described(tensor)
    for call in trace.calls:
        settings = [f"{name}={named(value)}" for name, value in call.settings.items()]
        arguments = ", ".join([*map(named, call.inputs), *settings])
        results = ", ".join(map(named, call.outputs))
        made = f"{results} = " if results else ""
        what = f"{made}{call.operation.name}({arguments})"
        yield call.layer, what, ", ".join(map(described, call.outputs))
    for variable, value in trace.writes.items():
        yield "", f"{variable.path} <- {named(value)}", described(variable)
    if trace.outputs:
        yield "", f"return {', '.join(map(named, trace.outputs))}", ""


def line_of_note(note: Note) -> tuple[str, str, str]:
    """Return whose call it is, of which operation, and what it reads and writes."""
    name = getattr(note.function, "__name__", note.cause.operation.name)
    owner = getattr(note.function, "__self__", None)
    if isinstance(owner, np.ufunc):
        name = f"{owner.__name__}.{name}"
    named = [f"{key}={_argument(value)}" for key, value in note.kwargs.items()]
    written = [...] if note.takes_out else [..., *note.outs]
    args = [_argument(x) for x in note.args if not any(x is out for out in written)]
    reads = ", ".join([*args, *named])
    writes = ", ".join(_argument(out) for out in note.outs)
    return note.cause.layer, note.cause.operation.name, f"{name}({reads}) -> {writes}"


def _argument(value: Any) -> str:
    if isinstance(value, type):
        return value.__name__
    return described(value) if isinstance(value, (TracedArray, np.ndarray)) else repr(value)


def described(array: Any) -> str:
    """Return dtype and shape of what has them.

    >>> described(np.zeros((2, 3), "float32")), described(np.float32(1))
    ('float32[2, 3]', 'float32')
    """
    return f"{array.dtype}{list(array.shape)}" if array.shape else str(array.dtype)


def in_columns(lines: Iterable[Sequence[str]]) -> str:
    """Return lines of cells with the cells below each other.

    >>> print(in_columns([("a", "bcd"), ("efg", "h")]))
    a    bcd
    efg  h
    """
    rows = list(lines)
    widths = [max(map(len, column), default=0) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
