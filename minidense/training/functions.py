"""The steps of a model as functions that are traced once, and run as programs.

Mirrors `make_train_function` and the like in `keras/src/backend/tensorflow/trainer.py`.
"""

import threading
from collections.abc import Callable
from typing import Any

from minidense.engine.function import Function
from minidense.registry import is_ours

Step = Function | Callable[..., Any]


def make_train_function(self: Any, force: bool = False) -> Step:
    """Return what runs `train_step`; what it has traced is kept, unless by `force`."""
    return _made(self, "train", force)


def make_test_function(self: Any, force: bool = False) -> Step:
    """Return what runs `test_step`, likewise."""
    return _made(self, "test", force)


def make_predict_function(self: Any, force: bool = False) -> Step:
    """Return what runs `predict_step`, likewise."""
    return _made(self, "predict", force)


_MAKING = threading.Lock()


def _made(model: Any, kind: str, force: bool) -> Step:
    name = f"{kind}_function"
    with _MAKING:  # two threads have one function: a model that is not built is built once
        if force or getattr(model, name) is None:
            setattr(model, name, _step_function(model, kind))
        function: Step = getattr(model, name)
    return function


def _step_function(model: Any, kind: str) -> Step:
    """Return the step of "train", "test" or "predict": traced, unless the model runs eagerly.

    It returns None where the metrics have the logs: nobody may want to see them.

    As in Keras, `train_step` and `test_step` are those that the model has now, and `predict_step`
    is the one that it has when it is traced.
    """
    method = None if kind == "predict" else getattr(model, f"{kind}_step")

    def step(data: Any) -> Any:
        if method is None:
            return model.predict_step(data)
        logs = method(data)
        return None if _logs_are_of_metrics(model, kind) else logs

    return step if model.run_eagerly else Function(step)


def _logs_are_of_metrics(model: Any, kind: str) -> bool:
    """Whether metrics of ours have the logs, and no user says what they are."""
    names = (f"{kind}_step", "compute_metrics", "get_metrics_result")
    if any(name in vars(model) or not is_ours(getattr(type(model), name)) for name in names):
        return False
    compiled = model._compiled_metrics.metrics if model._compiled_metrics else []
    metrics = [*model.metrics, *compiled]
    return all(is_ours(type(metric)) and "result" not in vars(metric) for metric in metrics)
