"""The array that TensorFlow makes of what is no array yet: Python's own numbers have 32 bits.

Mirrors `keras.ops.convert_to_tensor`. A function of Keras that is given a list computes in
float32, where NumPy would compute in float64.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from minidense import checks
from minidense.typing import Array

_INT32 = np.iinfo("int32")


def as_array(value: npt.ArrayLike) -> Array:
    """Return an array in its own dtype, and anything else as the array that TensorFlow makes of it.

    >>> as_array([0.5, 1.0])
    array([0.5, 1. ], dtype=float32)
    >>> as_array(np.array([0.5, 1.0])).dtype
    dtype('float64')
    """
    if not isinstance(value, np.ndarray):
        return np.asarray(value, dtype_of(value))
    return value if value.dtype.isnative else value.astype(value.dtype.newbyteorder("="))


def numbers_of(
    receiver: str, value: Any, error: type[Exception] = ValueError, dtype: Any = None
) -> Array:
    """Return that array, if it holds real numbers.

    Args:
        receiver: who takes it, for the message.
        value: an array, or anything that becomes one.
        error: what is raised for texts and complex numbers that are no array.
        dtype: of floats, where it is known: Python's numbers become that at once.

    Raises:
        ValueError: for anything else: objects, None, rows of different lengths, an unknown dtype.

    >>> numbers_of("add", [1, 2])
    array([1, 2], dtype=int32)
    """
    checks.not_none(receiver, value)
    checks.no_ragged_rows(receiver, value)
    error = ValueError if isinstance(value, np.ndarray) else error
    numbers = checks.real_numbers(receiver, as_array(value), error, value)
    is_float = dtype is not None and checks.input_dtype(dtype, "").startswith("float")
    return np.asarray(value, dtype) if is_float and not hasattr(value, "__array__") else numbers


def dtype_of(value: npt.ArrayLike) -> str:
    """Return the dtype of that array by name.

    A list of floats has 32 bits, unless the first number is a float of NumPy's with others. Whole
    numbers in a list have 64 bits only where 32 do not do, whoever made them.

    >>> dtype_of([1.5, 2.0]), dtype_of([np.float64(1.5), 2.0]), dtype_of([1, 2**40])
    ('float32', 'float64', 'int64')
    """
    array = np.asarray(value)
    if hasattr(value, "dtype") or array.dtype.kind not in "fiu":
        return str(array.dtype.newbyteorder("="))
    if array.dtype.kind in "iu":
        small = array.size == 0 or (array.min() >= _INT32.min and array.max() <= _INT32.max)
        return "int32" if small else "int64"
    first = value
    while isinstance(first, (list, tuple)) and first:
        first = first[0]
    found = np.dtype(getattr(first, "dtype", "float32"))
    return str(found) if found.kind == "f" else "float32"
