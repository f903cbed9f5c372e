"""One batch after the other through a step: as a program, or eagerly.

Mirrors the loops over `TFEpochIterator` in `keras/src/backend/tensorflow/trainer.py`.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from functools import partial
from typing import Any

import numpy as np

from minidense.engine.function import Concrete, Function, Run, Spec
from minidense.engine.program import Program
from minidense.ops.shapes import convert_to_tensor
from minidense.training.batches import Batches, Epochs
from minidense.training.data import Data
from minidense.training.first_look import FirstLook
from minidense.training.rows import dtype_of
from minidense.typing import Array


class Loop:
    """The batches of data, each of which goes through a step when its turn comes.

    Args:
        step: of Keras's `data`: traced, or called eagerly.
        data: the rows.
        size: of a batch.
        look: see `FirstLook`; None looks at nothing.
        shuffle: see `Batches`.
        steps: batches in a run; None is all.
        one_by_one: see `TracedStep`.
        stacked: see `TracedStep`.
    """

    def __init__(
        self,
        step: Function | Callable[..., Any],
        data: Data,
        size: int,
        look: FirstLook | None = None,
        shuffle: bool | str = False,
        steps: int | None = None,
        one_by_one: bool = False,
        stacked: int = 1,
    ) -> None:
        self._step: TracedStep | EagerStep
        if isinstance(step, Function):
            self._step = TracedStep(step, data, look, one_by_one, size if stacked > 1 else 0)
        else:
            self._step = EagerStep(step, data, look)
        batches = Batches(data.arrays, size * stacked, shuffle, self._step.into)
        self._epochs = Epochs(batches, steps)

    def __len__(self) -> int:
        return len(self._epochs)

    def __iter__(self) -> Iterator[Callable[[], Any]]:
        """Give, for each batch of an epoch, what reads it, and returns the outputs of the step."""
        self._batches = iter(self._epochs)
        try:
            for _ in range(self._epochs.coming):
                yield self._run
            next(self._batches, None)  # it says if the rows ran out
        finally:
            self._step.give_back()

    def _run(self) -> Any:
        return self._step(next(self._batches))


class EagerStep:
    """A step that is called in Python for each batch."""

    into = None

    def __init__(self, step: Callable[..., Any], data: Data, look: FirstLook | None) -> None:
        self._step = step
        self._data = data
        self._look = look

    def __call__(self, arrays: Sequence[Array | None]) -> Any:
        """Run the step on a batch."""
        # as in Keras, what was given as one batch stays arrays
        form = convert_to_tensor if self._data.parts is None else np.asarray
        copies = [None if array is None else form(array.copy()) for array in arrays]
        look, self._look = self._look, None
        with nullcontext() if look is None else look.at_eager_step(copies):
            return self._step(self._data.nested(copies))

    def give_back(self) -> None:
        """Do nothing: there is no program."""


class TracedStep:
    """A step that is traced, and runs as a program as long as the batches are equally long.

    Args:
        function: the step.
        data: what the batches are of.
        look: see `FirstLook`.
        one_by_one: whether each batch is a call of its own for the rule of traces, as in Keras's
            `predict`; else all are one, and the rows are unknown if the last batch is shorter.
        stack: the rows of a batch, where several that are read at once are run as a stack; else 0.
    """

    def __init__(
        self,
        function: Function,
        data: Data,
        look: FirstLook | None,
        one_by_one: bool,
        stack: int = 0,
    ) -> None:
        self._function = function
        self._data = data
        self._look = look
        self._one_by_one = one_by_one
        self._stack = stack
        self._rows = -1
        self._concrete: Concrete
        self._run: Run | None = None
        self._places: list[Array | None] = []

    def into(self, rows: int) -> Sequence[Array | None]:
        """Return the arrays that the next batch is read into; the first batch brings the trace."""
        if rows != self._rows:
            self.give_back()
            if self._rows < 0 or self._one_by_one:
                self._concrete = self._traced(rows)
            self._rows = rows
        if not isinstance(self._run, Program):
            self._take(rows)
        return self._places

    def _traced(self, rows: int) -> Concrete:
        length = (self._stack or rows) if self._one_by_one else self._data.batch
        return traced_for(self._function, self._data, length, in_loop=not self._one_by_one)

    def _take(self, rows: int) -> None:
        """Take what runs the trace for so many rows."""
        arrays = self._data.arrays
        lengths = (rows // self._stack, self._stack) if self._stack else (rows,)
        shapes = [(*lengths, *array.shape[1:]) for array in arrays if array is not None]
        self._run = self._concrete.take(tuple(shapes))
        inputs = iter(self._run.inputs)
        self._places = [
            None if array is None else next(inputs).reshape(rows, *array.shape[1:])
            for array in arrays
        ]

    def __call__(self, arrays: Sequence[Array | None]) -> Any:
        """Run the trace on what was read, and return what the step returns."""
        run: Any = self._run  # `into` took it
        if self._look is not None:
            self._look.at_trace(self._concrete.trace, run.inputs)
            self._look = None
        run()
        if self._stack:  # (batches, rows, features) -> (batches * rows, features)
            outputs = [array.reshape(-1, array.shape[-1]).copy() for array in run.outputs]
        else:
            outputs = [array.copy() for array in run.outputs]
        return self._concrete.nested(outputs)

    def give_back(self) -> None:
        """Let others have the program."""
        if self._run is not None:
            self._concrete.give_back(self._run)
            self._run = None


def run_once(step: Function | Callable[..., Any], data: Data, look: FirstLook | None = None) -> Any:
    """Run a step on all rows as one batch, and return what it returns."""
    if not isinstance(step, Function):
        return EagerStep(step, data, look)(data.arrays)
    concrete = traced_for(step, data, len(data), in_loop=False)
    arrays = [array for array in data.arrays if array is not None]
    look_first = None if look is None else partial(look.at_trace, concrete.trace)
    return concrete.nested(concrete.run(arrays, look_first))


def traced_for(function: Function, data: Data, rows: int | None, in_loop: bool) -> Concrete:
    """Return the trace of a step for batches of so many rows; see `Function.concrete`."""

    def specs() -> tuple[Any]:
        return (data.nested(data.each(lambda x: Spec((rows, *x.shape[1:]), dtype_of(x)))),)

    return function.remembered((rows, data.key), specs, in_loop)
