"""Answers in types that JSON has, so that each bit of a number survives."""

import hashlib
from typing import Any

import numpy as np

SHOWN = 64


def plain(value: Any) -> Any:
    """Return a value as texts, numbers, lists and dictionaries; an array as a text."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return repr(value)  # JSON has no NaN, and no sign of a NaN
    if isinstance(value, dict):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    if hasattr(value, "__array__"):
        return array_text(np.asarray(value))
    return f"a {type(value).__name__}"


def array_text(array: Any) -> str:
    """Return dtype, shape and numbers; of many numbers the first and a digest of all.

    >>> array_text(np.float32([0.1, 2]))
    'float32(2,): 0.1 2.0'
    """
    text = " ".join(str(number) for number in array.ravel()[:SHOWN])
    if array.size > SHOWN:
        text += f" … sha256 {hashlib.sha256(array.tobytes()).hexdigest()[:16]}"
    return f"{array.dtype}{array.shape}: {text}"
