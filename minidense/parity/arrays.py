"""From the tensors of any library to NumPy's arrays, and which of them have a gradient."""

from typing import Any

import numpy as np

from minidense.nest import flatten
from minidense.typing import Array


def to_numpy(tensor: Any) -> Array:
    """Return a copy of a tensor, a variable, an array or a number of any library.

    >>> to_numpy([1.0, 2.0])
    array([1., 2.])
    """
    value = getattr(tensor, "value", tensor)
    if callable(value):  # a tf.Variable's value is a method
        value = tensor
    if hasattr(value, "detach"):  # torch: away from the graph and from the device
        value = value.detach().cpu()
    if hasattr(value, "numpy"):  # TensorFlow's and torch's own way, which leaves no warning
        value = value.numpy()
    return np.array(value)


def leaves(structure: Any) -> list[Array]:
    """Return the arrays in nested lists, tuples and dicts, dicts in the order of their keys.

    >>> leaves({"b": 2, "a": [1]})
    [array(1), array(2)]
    """
    return [to_numpy(leaf) for leaf in flatten(structure) if leaf is not None]


def is_floating(array: Any) -> bool:
    """Tell whether an array holds real numbers, so that something has a gradient there."""
    return np.asarray(array).dtype.kind == "f"
