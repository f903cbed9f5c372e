"""A program: the calls of NumPy that a trace comes to, on arrays that stay where they are.

It is made for one number of rows. To run it is to make the calls one after the other; those that
change variables come last, in one go.

Mirrors the executor of a `tf.function`; there is no such program in it.
"""

import operator
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from minidense.engine.listing import in_columns, line_of_note
from minidense.engine.notes import Buffer, Note, settle
from minidense.engine.operation import Call
from minidense.engine.sharing import copied, needed, share, with_changes_last
from minidense.engine.trace import Trace, TraceTensor
from minidense.engine.traced import TracedArray, called_whole
from minidense.numerics.subnormals import flushing_calls

Command = Callable[[], Any]


class Program:
    """What a trace does to inputs of certain shapes.

    Args:
        trace: the operations.
        shapes: of the inputs. The kernels are run once on ones, to see what they do.
        shares_memory: whether arrays that are not needed at the same time lie in the same place.

    Attributes:
        inputs: the arrays to fill in before it is called.
        outputs: the arrays that are filled in then.
        notes: the calls of NumPy, in order.
        changes_from: the place in `notes` of the first one that changes a variable.
        saved_bytes: by how much less memory there is, since arrays share it.

    >>> from minidense import ops
    >>> from minidense.engine.trace import trace
    >>> double = trace(lambda x: [ops.multiply(x, 2.0)], [((None,), "float32")])
    >>> program = Program(double, [(3,)])
    >>> program.inputs[0][:] = 1, 2, 3
    >>> program(); program.outputs[0]
    array([2., 4., 6.], dtype=float32)
    """

    def __init__(
        self, trace: Trace, shapes: Sequence[tuple[int, ...]], shares_memory: bool = True
    ) -> None:
        pairs = zip(shapes, trace.inputs, strict=True)
        self.inputs = [np.ones(shape, tensor.dtype) for shape, tensor in pairs]
        notes: list[Note] = []
        values: dict[int, Any] = {
            id(tensor): TracedArray(array, Buffer(array, is_fixed=True), notes)
            for tensor, array in zip(trace.inputs, self.inputs, strict=True)
        }
        variables = {
            variable: TracedArray(variable.memory, Buffer(variable.memory, is_fixed=True), notes)
            for variable in [*trace.starts, *trace.writes]
        }
        values |= {id(tensor): variables[variable] for variable, tensor in trace.starts.items()}
        with np.errstate(all="ignore"):
            for call in trace.calls:
                _note(call, values, notes)
        results = [_own(_value(output, values), notes) for output in trace.outputs]
        writes = [
            (variables[variable], _traced(_value(value, values), notes))
            for variable, value in trace.writes.items()
        ]
        kept = needed(notes, [*results, *(value for _, value in writes)])
        early, changing = with_changes_last(kept, writes, results)
        self.notes = early + changing
        self.changes_from = len(early)
        self.saved_bytes = share(self.notes, results) if shares_memory else 0
        settle([*results, *(x for note in self.notes for x in (*note.reads, *note.outs))])
        self.outputs = [result.array for result in results]
        enter, self._leave = flushing_calls()
        self._calls = list(_bound(self.notes, enter, self._leave))

    def __call__(self) -> None:
        """Compute the outputs, and change the variables: all of them, or none."""
        try:
            with np.errstate(all="ignore"):
                deque(map(operator.call, self._calls), maxlen=0)  # in C: no Ctrl-C comes in between
        except BaseException:  # a check that fails; subnormal numbers are what they were
            for call in self._leave:
                call()
            raise

    def __str__(self) -> str:
        return in_columns(map(line_of_note, self.notes))


def _note(call: Call, values: dict[int, Any], notes: list[Note]) -> None:
    """Run the kernel of a call on arrays that note what it does; keep what comes out."""
    first = len(notes)
    inputs = [_value(taken, values) for taken in call.inputs]
    if any(isinstance(x, TracedArray) for x in inputs):  # then constants are noted, too
        inputs = [x if type(x) in (bool, int, float) else _traced(x, notes) for x in inputs]
    kernel = partial(call.operation.kernel, **call.settings)
    results: Any
    if not call.outputs:  # it only checks
        notes.append(Note(kernel, inputs, {}, []))
        results = ()
    elif call.operation.opaque:
        results = called_whole(kernel, inputs, notes)
    else:
        results = kernel(*inputs)
    for note in notes[first:]:
        note.cause = call
    results = results if isinstance(results, tuple) else (results,)
    values |= zip(map(id, call.outputs), results, strict=False)


def _value(taken: Any, values: dict[int, Any]) -> Any:
    return values[id(taken)] if isinstance(taken, TraceTensor) else taken


def _traced(value: Any, notes: list[Note]) -> TracedArray:
    """Return a value as an array that can be read by a call: a constant is one, too."""
    if isinstance(value, TracedArray):
        return value
    array = np.asarray(value)
    return TracedArray(array, Buffer(array, is_fixed=True), notes)


def _own(value: Any, notes: list[Note]) -> TracedArray:
    """Return an output in memory of its own: no input, variable or constant."""
    traced = _traced(value, notes)
    return copied(traced, notes) if traced.buffer.is_fixed else traced


def _bound(
    notes: Sequence[Note], enter: Sequence[Command], leave: Sequence[Command]
) -> Iterator[Command]:
    """Give the calls, with those around that let subnormal numbers be 0."""
    is_inside = False
    for note in notes:
        if note.cause.flushed != is_inside:
            is_inside = note.cause.flushed
            yield from enter if is_inside else leave
        yield note.bound()
    if is_inside:
        yield from leave
