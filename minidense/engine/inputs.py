"""What can go into an operation, and in which dtype it is computed."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from minidense import checks
from minidense.conversion import as_array, numbers_of
from minidense.dtypes import kind_of, result_type
from minidense.tensors import OPERATIONS, Symbolic, Tensor
from minidense.variables import Variable


def as_input(value: Any, name: str = "convert_to_tensor") -> Any:
    """Return what an operation can take: a tensor, a variable, an array or a number.

    Raises:
        ValueError: for what holds no real numbers.
    """
    if type(value) in (Tensor, bool, int, float) or isinstance(value, (Variable, Symbolic)):
        return value
    if isinstance(value, (list, tuple)) and _holds_tensors(value):
        return OPERATIONS["stack"]([as_input(part, name) for part in value])
    return numbers_of(f"ops.{name}", value)


def as_operand(value: Any) -> Any:
    """Return what has a shape and a dtype: as `as_input`, but a number of Python's as an array.

    >>> as_operand(0.5)
    array(0.5, dtype=float32)
    """
    value = as_input(value)
    return as_array(value) if isinstance(value, (bool, int, float)) else value


def _holds_tensors(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(_holds_tensors(part) for part in value)
    return isinstance(value, (Tensor, Variable, Symbolic))


def array_of(value: Any) -> Any:
    """Return the plain array of a tensor or a variable; a number of Python's as it is.

    Raises:
        TypeError: for a tensor that was kept from a trace.
    """
    if isinstance(value, Symbolic):
        checks.belongs_to_trace(False, value.shape)
    if isinstance(value, Variable):
        return value.memory
    return np.asarray(value) if isinstance(value, np.ndarray) else value


def as_they_are(inputs: Sequence[Any]) -> list[Any]:
    """Numbers of Python's become arrays; nothing else is changed."""
    return [as_array(x) if isinstance(x, (bool, int, float)) else x for x in inputs]


def to_one_dtype(inputs: Sequence[Any]) -> list[Any]:
    """All inputs in the dtype that they are brought to, numbers of Python's as they are."""
    return _in_dtype(inputs, result_type(map(kind_of, inputs)))


def to_one_float(inputs: Sequence[Any]) -> list[Any]:
    """As `to_one_dtype`, but always floats."""
    return _in_dtype(inputs, result_type([float, *map(kind_of, inputs)]))


def _in_dtype(inputs: Sequence[Any], dtype: str) -> list[Any]:
    are_all_numbers = all(isinstance(x, (bool, int, float)) for x in inputs)
    return [in_dtype(x, dtype, are_all_numbers) for x in inputs]


def in_dtype(value: Any, dtype: str, numbers_too: bool = False) -> Any:
    """Return a tensor or array in a dtype; a number of Python's takes that of what it meets."""
    if isinstance(value, (bool, int, float)):
        return np.asarray(value, dtype) if numbers_too else value
    return value if value.dtype == dtype else OPERATIONS["cast"](value, dtype=dtype)
