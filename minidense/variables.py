"""A named array that belongs to a layer or an optimizer, and that training changes in place.

Answers to `keras.Variable` (`keras/src/backend/common/variables.py`).
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from minidense import checks
from minidense.names import auto_name
from minidense.typing import Array


class Variable:
    """A weight: an array of fixed shape and dtype with a name.

    Two variables are equal only if they are the same object, so they can be keys of a dictionary
    of gradients.

    Args:
        value: the first value; copied, since updates happen in place.
        dtype: the dtype by name; None is an array's own, float32 or int32 for Python's numbers.
        trainable: whether an optimizer may change it.
        name: as in a summary or a file, "kernel" or "bias"; None means an automatic one.
        path: the name with the layer's before it.

    >>> kernel = Variable([[1.0, 2.0]], name="kernel")
    >>> kernel.shape, kernel.dtype
    ((1, 2), 'float32')
    >>> kernel.assign([[3.0, 4.0]]); kernel.numpy()
    array([[3., 4.]], dtype=float32)
    """

    def __init__(
        self,
        value: npt.ArrayLike,
        dtype: str | None = None,
        trainable: bool = True,
        name: str | None = None,
        path: str | None = None,
    ) -> None:
        numbers = checks.variable_value(name or "variable", value)
        self.value: Array = np.array(numbers, checks.input_dtype(dtype, dtype_of(value)))
        self.trainable = trainable
        self.name = name or auto_name(type(self).__name__)
        self.path = path or self.name

    @property
    def shape(self) -> tuple[int, ...]:
        """The dimensions; they never change."""
        return self.value.shape

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return self.value.ndim

    @property
    def dtype(self) -> str:
        """The dtype by name, "float32" or "float64" for weights."""
        return str(self.value.dtype)

    def numpy(self) -> Array:
        """Return a copy of the value: writing to it does not change the variable."""
        return self.value.copy()

    def assign(self, value: npt.ArrayLike) -> None:
        """Set the value in place.

        Raises:
            ValueError: if the shape differs; the variable keeps its value then.
            TypeError: for what is no array of real numbers, likewise.
        """
        new_value = checks.variable_value(self.name, value)
        checks.same_variable_shape(self.name, self.shape, new_value.shape)
        self.value[...] = new_value

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> Array:
        """Let NumPy read the variable; the array handed out is a copy."""
        return self.value.astype(dtype or self.value.dtype)

    def __getitem__(self, index: Any) -> Any:
        return self.value[index].copy()

    def __len__(self) -> int:
        return len(self.value)

    def __float__(self) -> float:
        return float(self.value)

    def __int__(self) -> int:
        return int(self.value)

    def __repr__(self) -> str:
        return f"<Variable path={self.path}, shape={self.shape}, dtype={self.dtype}>"


def dtype_of(value: npt.ArrayLike) -> str:
    """The dtype that TensorFlow reads a value in: Python has no 32 bits, but they are meant."""
    dtype = np.asarray(value).dtype
    if hasattr(value, "dtype") or dtype.kind not in "fi":
        return str(dtype)
    return "float32" if dtype.kind == "f" else "int32"


__all__ = ["Variable", "dtype_of"]
