"""What all runs do with their arguments: `fit`, `evaluate` and `predict`."""

from typing import Any

from minidense import checks
from minidense.callbacks import CallbackList


def at_least_one(argument: str, value: Any) -> int | None:
    """Return a number of rows or steps, or None."""
    return None if value is None else checks.at_least(argument, value, 1)


def listeners_of(callbacks: Any, verbose: int | str, add_history: bool = False) -> CallbackList:
    """Return the callbacks as one, checked, but not yet in touch with the model."""
    if isinstance(callbacks, CallbackList):
        return callbacks
    return CallbackList(callbacks, add_history=add_history, add_progbar=verbose != 0)


def attach(listeners: CallbackList, model: Any, callbacks: Any, **params: Any) -> None:
    """Give the callbacks the model and the run's parameters; a user's own list has its own."""
    if listeners is not callbacks:
        listeners.set_model(model)
        listeners.set_params(params)
