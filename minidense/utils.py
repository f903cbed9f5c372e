"""Small helpers that Keras scripts use.

Mirrors `keras.utils`.
"""

from typing import Any

import numpy as np

from minidense import checks
from minidense.config import forget_dtype_policy
from minidense.names import reset_names
from minidense.random.seeds import set_random_seed
from minidense.training.progress import Progbar
from minidense.typing import Array


def to_categorical(x: Any, num_classes: int | None = None) -> Array:
    """Return class numbers as one-hot rows.

    Args:
        x: class numbers, an array or list of any shape; a last axis of 1 goes away.
        num_classes: None is the largest number plus 1.

    Returns:
        float64 zeros and ones, shape (*x.shape, num_classes).

    Raises:
        ValueError: for a negative number, or no number at all.
        IndexError: for a number that is not below num_classes.

    Source: `keras.utils.to_categorical`; there, negative numbers count from the end in silence.

    >>> to_categorical([0, 2])
    array([[1., 0., 0.],
           [0., 0., 1.]])
    """
    numbers = checks.class_numbers(x)
    shape = numbers.shape
    if len(shape) > 1 and shape[-1] == 1:
        shape = shape[:-1]
    flat = numbers.reshape(-1)
    classes = checks.class_count(flat, num_classes)
    rows = np.zeros((flat.size, classes))
    rows[np.arange(flat.size), flat] = 1
    return rows.reshape(*shape, classes)


def clear_session(free_memory: bool = True) -> None:
    """Let automatic names begin again, `dense` instead of `dense_7`, and the dtype of layers.

    Args:
        free_memory: Keras's; there is nothing here that Python does not free by itself.
    """
    reset_names()
    forget_dtype_policy()


__all__ = ["Progbar", "clear_session", "set_random_seed", "to_categorical"]
