"""What a callback is shown: names and values, made plain.

Mirrors `pythonify_logs` in `keras/src/utils/python_utils.py`.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np

Logs: TypeAlias = dict[str, Any]
"""Names and values: what a callback is shown."""

LogsSource: TypeAlias = Mapping[str, Any] | Callable[[], Mapping[str, Any]] | None
"""The logs of a batch, or a function that works them out once somebody looks."""


def pythonify_logs(logs: Mapping[str, Any] | None) -> Logs:
    """Make logs plain: names in alphabetical order, Python floats, nothing nested.

    A value that is no number stays as it is. Mirrors `pythonify_logs` in
    `keras/src/utils/python_utils.py`.

    Args:
        logs: names and values; None is an empty dictionary.

    >>> pythonify_logs({"loss": np.float32(0.5), "accuracy": 1})
    {'accuracy': 1.0, 'loss': 0.5}
    """
    plain: Logs = {}
    for name, value in sorted((logs or {}).items()):
        if isinstance(value, dict):
            plain.update(pythonify_logs(value))
        else:
            plain[name] = _as_float(value)
    return plain


def _as_float(value: Any) -> Any:
    if isinstance(value, np.ndarray) and value.ndim > 0:
        return value  # before 2.4, NumPy turns an array of one value into a float, and warns
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return value


def read_once(source: Callable[[], Mapping[str, Any]]) -> Callable[[], Logs]:
    """Return a function that gives the plain logs; the source is called at most once."""
    known: list[Logs] = []

    def read() -> Logs:
        if not known:
            known.append(pythonify_logs(source()))
        return known[0]

    return read
