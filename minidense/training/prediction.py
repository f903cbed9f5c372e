"""What `predict` and `predict_on_batch` do.

Mirrors `keras/src/backend/tensorflow/trainer.py`.
"""

from typing import Any

import numpy as np

from minidense import checks
from minidense.engine.function import Function
from minidense.graph.symbolic import KerasTensor, output_spec
from minidense.nest import flatten, map_structure, pack_like
from minidense.numerics.memory import keep_freed_memory
from minidense.training.arguments import at_least_one, attach, listeners_of
from minidense.training.data import Data, read, read_rows
from minidense.training.loop import Loop, run_once, traced_for
from minidense.training.stacks import batches_in_a_stack


def predict(
    self: Any,
    x: Any,
    batch_size: int | None = None,
    verbose: int | str = "auto",
    steps: int | None = None,
    callbacks: Any = None,
) -> Any:
    """Return the outputs for all rows, computed batch by batch; see `evaluate`.

    Returns:
        An array (rows, ...), or as many as the model has outputs, in the model's nesting.
    """
    checks.verbosity(verbose)
    batch_size = at_least_one("batch_size", batch_size)
    steps = at_least_one("steps", steps)
    listeners = listeners_of(callbacks, verbose)
    data = read_rows(x, None)
    size = data.in_batches(batch_size, steps)
    step = self.make_predict_function()
    batches = -(-len(data) // size) if steps is None else steps
    attach(listeners, self, callbacks, verbose=verbose, epochs=1, steps=batches)
    self.stop_predicting = False
    listeners.on_predict_begin()
    keep_freed_memory()
    is_watched = listeners.listens_to("on_predict_batch_begin", "on_predict_batch_end")
    parts = []
    if is_watched or steps is not None or not isinstance(step, Function):
        loop = Loop(step, data, size, steps=steps, one_by_one=True)
        for index, run in enumerate(loop):
            listeners.on_predict_batch_begin(index)
            parts.append(run())
            listeners.on_predict_batch_end(index, {"outputs": parts[-1]})
            if self.stop_predicting:
                break
    elif batches:
        parts = [run_once(step, data)] if batches == 1 else _in_stacks(step, data, size)
    listeners.on_predict_end()
    return _joined(parts) if parts else no_rows(self, data)


def _in_stacks(step: Function, data: Data, size: int) -> list[Any]:
    """Return the outputs of the batches, of which several may be run at once."""
    whole = len(data) // size * size
    trace = traced_for(step, data, size, in_loop=False).trace
    stacked = batches_in_a_stack(trace, size) if whole > size else 1
    loops = [Loop(step, data.rows(0, whole), size, one_by_one=True, stacked=stacked)]
    if whole < len(data):
        loops.append(Loop(step, data.rows(whole, len(data)), size, one_by_one=True))
    return [run() for loop in loops for run in loop]


def _joined(parts: list[Any]) -> Any:
    """Return the outputs of all batches as arrays of one's own."""
    if len(parts) == 1:
        return map_structure(np.asarray, parts[0])
    columns = zip(*map(flatten, parts), strict=True)
    arrays = [np.concatenate([np.asarray(x) for x in column]) for column in columns]
    return pack_like(parts[0], arrays)


def predict_on_batch(self: Any, x: Any) -> Any:
    """Return the outputs for the rows, computed as one batch."""
    data = read(x, parts=1)
    if not len(data):
        return no_rows(self, data)
    return map_structure(np.array, run_once(self.make_predict_function(), data))


def no_rows(model: Any, data: Data) -> Any:
    """Return the outputs for no rows."""
    like = data.each(lambda array: KerasTensor((None, *array.shape[1:])))
    outputs = output_spec(model.predict_step, data.nested(like))
    return map_structure(lambda x: np.zeros([dim or 0 for dim in x.shape], x.dtype), outputs)
