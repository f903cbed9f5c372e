"""What all guards share: the warning for odd data, and how a value stands in a message."""

import sys
import warnings
from collections.abc import Mapping
from types import FrameType
from typing import Any

import numpy as np


class DataWarning(UserWarning):
    """Odd data that Keras takes in silence: NaN in x, a class without a weight.

    Turn it into an error with `warnings.simplefilter("error", minidense.DataWarning)`.
    """


def warn_user(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn, at the line of the user's that called this package."""
    frame: FrameType | None = sys._getframe()
    level = 0
    while frame is not None and frame.f_globals.get("__name__", "").split(".")[0] == "minidense":
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level + 1)


def brief(value: Any, limit: int = 60) -> str:
    """Return a value as it should stand in a message: arrays by shape, the rest cut short.

    >>> brief(np.zeros((2, 3))), brief("x" * 100, limit=10)
    ('an array of shape (2, 3) and dtype float64', "'xxxxxx...")
    >>> brief([[0.5, 0.25]] * 100), brief((np.zeros(2),))
    ('a list of 100 elements', 'a tuple of 1 elements')
    >>> brief({"a": np.zeros(2), "b": 1}, limit=80)
    "{'a': an array of shape (2,) and dtype float64, 'b': 1}"
    >>> brief({"class_name": "Dense", "config": {"units": 3, "activation": "relu"}})
    "a dict with the keys ['class_name', 'config']"
    """
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape} and dtype {value.dtype}"
    if isinstance(value, (list, tuple)) and (
        len(value) > 16 or any(isinstance(part, (np.ndarray, list, tuple)) for part in value)
    ):
        return f"a {type(value).__name__} of {len(value)} elements"
    text = repr(value)
    if type(value) is dict:
        text = "{" + ", ".join(f"{key!r}: {brief(part)}" for key, part in value.items()) + "}"
    if isinstance(value, Mapping) and len(text) > limit:
        return f"a dict with the keys {brief(list(value), limit)}"
    return text if len(text) <= limit else text[: limit - 3] + "..."


def typed(value: Any) -> str:
    """Return a value and its type as they should stand in a message.

    >>> typed(5), typed([[1, 2]])
    ('5 of type int', 'a list of 1 elements')
    """
    text = brief(value)
    return text if text.startswith(("a ", "an ")) else f"{text} of type {type(value).__name__}"


def unfit(argument: str, value: Any, wish: str, error: type[Exception] = ValueError) -> Exception:
    """Return the error for an argument: what it must be, and what it was.

    >>> unfit("units", -3, "a positive integer")
    ValueError('`units` must be a positive integer. Received: units=-3 of type int.')
    """
    return error(f"`{argument}` must be {wish}. Received: {argument}={typed(value)}.")


def no_array(receiver: str, value: Any) -> ValueError:
    """Return the error for what does not turn into an array by itself."""
    received = "None" if value is None else f"{typed(value)}: wrap it in np.array(...)"
    return ValueError(f"'{receiver}' takes arrays. Received {received}.")
