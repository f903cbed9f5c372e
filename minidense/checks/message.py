"""What all guards share: the warning for odd data, and how a value stands in a message."""

from collections.abc import Mapping
from typing import Any

import numpy as np


class DataWarning(UserWarning):
    """Odd data that Keras takes in silence: NaN in x, a class without a weight.

    Turn it into an error with `warnings.simplefilter("error", minidense.DataWarning)`.
    """


def brief(value: Any, limit: int = 60) -> str:
    """Return a value as it should stand in a message: arrays by shape, the rest cut short.

    >>> brief(np.zeros((2, 3))), brief("x" * 100, limit=10)
    ('an array of shape (2, 3) and dtype float64', "'xxxxxx...")
    >>> brief([[0.5, 0.25]] * 100), brief((np.zeros(2),))
    ('a list of 100 elements', 'a tuple of 1 elements')
    >>> brief({"a": np.zeros(2), "b": 1}, limit=80)
    "{'a': an array of shape (2,) and dtype float64, 'b': 1}"
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
    return text if len(text) <= limit else text[: limit - 3] + "..."


def keys_of(config: Any) -> str:
    """Return a configuration as it should stand in a message: its values would fill a page.

    >>> keys_of({"class_name": "Dense", "config": {"units": 3}}), keys_of(5)
    ("a dict with the keys ['class_name', 'config']", '5')
    """
    if isinstance(config, Mapping):
        return f"a dict with the keys {brief(list(config))}"
    return brief(config)
