"""The array that TensorFlow makes of what is no array yet: Python's own numbers have 32 bits.

Answers to `keras.ops.convert_to_tensor`. A function of Keras that is given a list computes in
float32, where NumPy would compute in float64.
"""

import numpy as np
import numpy.typing as npt

from minidense.typing import Array

_INT32 = np.iinfo("int32")


def as_array(value: npt.ArrayLike) -> Array:
    """Return an array as it is, and anything else as the array that TensorFlow makes of it.

    >>> as_array([0.5, 1.0])
    array([0.5, 1. ], dtype=float32)
    >>> as_array(np.array([0.5, 1.0])).dtype
    dtype('float64')
    """
    return value if isinstance(value, np.ndarray) else np.asarray(value, dtype_of(value))


def dtype_of(value: npt.ArrayLike) -> str:
    """Return the dtype of that array by name.

    A list of floats has 32 bits, unless the first number is a float of NumPy's with others. Whole
    numbers in a list have 64 bits only where 32 do not do, whoever made them.

    >>> dtype_of([1.5, 2.0]), dtype_of([np.float64(1.5), 2.0]), dtype_of([1, 2**40])
    ('float32', 'float64', 'int64')
    """
    array = np.asarray(value)
    if hasattr(value, "dtype") or array.dtype.kind not in "fiu":
        return str(array.dtype)
    if array.dtype.kind in "iu":
        small = array.size == 0 or (array.min() >= _INT32.min and array.max() <= _INT32.max)
        return "int32" if small else "int64"
    first = value
    while isinstance(first, (list, tuple)) and first:
        first = first[0]
    found = np.dtype(getattr(first, "dtype", "float32"))
    return str(found) if found.kind == "f" else "float32"


__all__ = ["as_array", "dtype_of"]
