"""Automatic names: `dense`, `dense_1`, `dense_2`, counted over the whole process as in Keras.

Mirrors `keras/src/utils/naming.py`.
"""

import re
from collections import Counter

_times_used: Counter[str] = Counter()


def auto_name(class_name: str) -> str:
    """Return the next free name for an object of this class.

    >>> reset_names()
    >>> auto_name("InputLayer"), auto_name("InputLayer"), auto_name("ReLU")
    ('input_layer', 'input_layer_1', 're_lu')
    """
    name = snake_case(class_name)
    count = _times_used[name]
    _times_used[name] += 1
    return f"{name}_{count}" if count else name


def snake_case(name: str) -> str:
    """Return a class name in the lower case with underscores that Keras's names have.

    >>> snake_case("GlorotUniform")
    'glorot_uniform'
    """
    name = re.sub(r"\W+", "", name)
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


def reset_names() -> None:
    """Start all counts again, as `keras.utils.clear_session` does."""
    _times_used.clear()
