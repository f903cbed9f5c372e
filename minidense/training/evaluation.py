"""What `evaluate` does, the validation of a `fit`, and `train_on_batch` and `test_on_batch`.

Mirrors `keras/src/backend/tensorflow/trainer.py`.
"""

from typing import Any

from minidense import checks
from minidense.callbacks import CallbackList
from minidense.callbacks.logs import Logs, pythonify_logs
from minidense.numerics.memory import keep_freed_memory
from minidense.training.arguments import at_least_one, attach, listeners_of
from minidense.training.data import read, read_rows
from minidense.training.first_look import FirstLook
from minidense.training.loop import Loop, run_once


def evaluate(
    self: Any,
    x: Any = None,
    y: Any = None,
    batch_size: int | None = None,
    verbose: int | str = "auto",
    sample_weight: Any = None,
    steps: int | None = None,
    callbacks: Any = None,
    return_dict: bool = False,
) -> Any:
    """Measure loss and metrics; nothing is learned. See `fit` for what is not said here.

    Args:
        self: the model.
        x: as in `fit`.
        y: as in `fit`.
        batch_size: as in `fit`.
        verbose: as in `fit`.
        sample_weight: as in `fit`.
        steps: the most batches; None is all.
        callbacks: as in `fit`.
        return_dict: whether the results come by name.

    Returns:
        A list [loss, metric, ...] of floats, the loss alone if there are no metrics, or a dict.
    """
    checks.compiled(self.compiled, "evaluate")
    checks.truth("return_dict", return_dict)
    checks.verbosity(verbose)
    batch_size = at_least_one("batch_size", batch_size)
    steps = at_least_one("steps", steps)
    listeners = listeners_of(callbacks, verbose)
    data = read_rows(x, y, sample_weight)
    checks.some_rows(len(data), "evaluate")
    size = data.in_batches(batch_size, steps)
    loop = Loop(self.make_test_function(), data, size, FirstLook(self, data), steps=steps)
    attach(listeners, self, callbacks, verbose=verbose, epochs=1, steps=len(loop))
    with self._measuring:
        logs = measure(self, loop, listeners)
        return logs if return_dict else in_order(self, logs)


def measure(model: Any, loop: Loop, listeners: CallbackList) -> Logs:
    """Go once over the batches of a measurement; return the logs."""
    model.stop_evaluating = False
    listeners.on_test_begin()
    model.reset_metrics()
    logs = over_batches(model, "test", loop, listeners)
    listeners.on_test_end(logs)
    return logs


def over_batches(model: Any, kind: str, loop: Loop, listeners: CallbackList) -> Logs:
    """Go once over batches to "train" or "test" on; return the logs.

    They are what the metrics are now, unless the last step's logs are of something else.

    Source: `_get_metrics_result_or_logs` in `keras/src/trainers/trainer.py`.
    """
    begin, end = (getattr(listeners, f"on_{kind}_batch_{moment}") for moment in ("begin", "end"))
    stop = {"train": "stop_training", "test": "stop_evaluating"}[kind]
    keep_freed_memory()
    logs = None
    for index, run in enumerate(loop):
        begin(index)
        logs = run()
        end(index, model.get_metrics_result if logs is None else logs)
        if getattr(model, stop):
            break
    measured = model.get_metrics_result()
    return pythonify_logs(measured if logs is None or logs.keys() == measured.keys() else logs)


def train_on_batch(
    self: Any,
    x: Any,
    y: Any = None,
    sample_weight: Any = None,
    class_weight: dict[int, float] | None = None,
    return_dict: bool = False,
) -> Any:
    """Learn from one batch; return its loss and metrics, counted from 0."""
    return _on_batch(self, "train", return_dict, x, y, sample_weight, class_weight)


def test_on_batch(
    self: Any,
    x: Any,
    y: Any = None,  # noqa: PT028 - it is no test
    sample_weight: Any = None,  # noqa: PT028
    return_dict: bool = False,  # noqa: PT028
) -> Any:
    """Measure one batch; return its loss and metrics, counted from 0."""
    return _on_batch(self, "test", return_dict, x, y, sample_weight)


def _on_batch(model: Any, kind: str, return_dict: bool, *given: Any) -> Any:
    """Run a step of "train" or "test" on all rows at once; return its logs, counted from 0."""
    method = f"{kind}_on_batch"
    checks.compiled(model.compiled, method)
    checks.truth("return_dict", return_dict)
    data = read(*given)
    checks.some_rows(len(data), method)
    look = FirstLook(model, data, learns=kind == "train")
    function = getattr(model, f"make_{kind}_function")()
    with model._measuring:
        model.reset_metrics()
        logs = run_once(function, data, look)
        plain = pythonify_logs(model.get_metrics_result() if logs is None else logs)
    return plain if return_dict else in_order(model, plain)


def in_order(model: Any, logs: Logs) -> Any:
    """Return [loss, metrics in the order of `compile`], or the loss alone.

    The list goes by the metrics' own names, and then by what was renamed: with "accuracy" twice it
    is [loss, accuracy, accuracy, weighted_accuracy].

    Source: `_flatten_metrics_in_order` in `keras/src/trainers/trainer.py`.
    """
    names = [
        metric.name for each in model.metrics for metric in getattr(each, "metrics", None) or [each]
    ]
    values = [logs[name] for name in names if name in logs]
    values += [logs[name] for name in sorted(logs) if name not in names]
    return values[0] if len(values) == 1 else values
