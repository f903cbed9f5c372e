"""A named array that belongs to a layer or an optimizer, and that training changes in place.

Answers to `keras.Variable` (`keras/src/backend/common/variables.py`).
"""

import operator
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from minidense import checks
from minidense.config import floatx
from minidense.conversion import as_array, dtype_of
from minidense.names import auto_name
from minidense.paths import path_here
from minidense.typing import Array

_NARROW = {"float64": "float32", "int64": "int32"}
_Operator: TypeAlias = Callable[["Variable", Any], Any]


def _both_ways(compute: Callable[[Array, Array], Array]) -> tuple[_Operator, _Operator]:
    """Return the operators for a variable on the left of an operation, and on the right."""

    def from_left(self: "Variable", other: Any) -> Array:
        return compute(self.value, checks.operand(self.name, as_array(other)))

    def from_right(self: "Variable", other: Any) -> Array:
        return compute(checks.operand(self.name, as_array(other)), self.value)

    return from_left, from_right


def _of_numbers(operation: Callable[[Any, Any], Any]) -> tuple[_Operator, _Operator]:
    """Return the operators of an operation on numbers.

    The result has 64 bits only if one of the two has them: NumPy makes a float64 of a float32 and a
    whole number, Keras does not.
    """

    def compute(left: Array, right: Array) -> Array:
        result: Array = operation(left, right)
        narrow = _NARROW.get(str(result.dtype))
        wide = result.dtype in (left.dtype, right.dtype)
        return result if wide or narrow is None else result.astype(narrow)

    return _both_ways(compute)


def _of_truths(operation: Callable[[Any, Any], Any]) -> tuple[_Operator, _Operator]:
    """Return the operators of a logical operation; as in Keras, each number but 0 is True."""

    def compute(left: Array, right: Array) -> Array:
        result: Array = operation(left.astype(bool), right.astype(bool))
        return result

    return _both_ways(compute)


class Variable:
    """A weight: an array of fixed shape and dtype with a name.

    Two variables are equal only if they are the same object, so they can be keys of a dictionary
    of gradients.

    Args:
        initializer: the first value; copied, since updates happen in place. Or what makes it of a
            shape and a dtype: an `Initializer`, or a function of one's own.
        shape: what `initializer` is to make; for a value, None or its own.
        dtype: the dtype by name; None is an array's own, float32 or int32 for Python's numbers, and
            `config.floatx()` for what is made.
        trainable: whether an optimizer may change it.
        name: as in a summary or a file, "kernel" or "bias"; None means an automatic one.
        path: the name with those of layers before it; None takes those that are being built or
            called just now.

    Raises:
        ValueError: for an initializer without a shape, and for a value of another shape; for a name
            that is no string, or has a slash in it.
        TypeError: for what is no array of real numbers.

    >>> kernel = Variable([[1.0, 2.0]], name="kernel")
    >>> kernel.shape, kernel.dtype
    ((1, 2), 'float32')
    >>> kernel.assign([[3.0, 4.0]])
    array([[3., 4.]], dtype=float32)
    >>> 2 * kernel - 1
    array([[5., 7.]], dtype=float32)
    """

    def __init__(
        self,
        initializer: npt.ArrayLike | Callable[..., npt.ArrayLike],
        shape: Sequence[int] | None = None,
        dtype: str | None = None,
        trainable: bool = True,
        *,
        name: str | None = None,
        path: str | None = None,
    ) -> None:
        checks.name_in_path(name)
        named = name or "variable"
        if callable(initializer):
            checks.shape_given(named, shape)
            dtype = checks.input_dtype(dtype, floatx())
            value = initializer(shape, dtype=dtype)
        else:
            value = initializer
        numbers = checks.variable_value(named, value)
        if shape is not None:
            checks.same_variable_shape(named, tuple(shape), numbers.shape)
        self.value: Array = np.array(numbers, checks.input_dtype(dtype, dtype_of(value)))
        self.trainable = trainable
        self.name = name or auto_name(type(self).__name__)
        self.path = path or path_here(self.name)

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

    @property
    def constraint(self) -> None:
        """None, and nothing else can be set: minidense does not constrain weights."""
        return None

    @constraint.setter
    def constraint(self, value: None) -> None:
        checks.no_function(f"Variable '{self.path}'", constraint=value)

    @property
    def regularizer(self) -> None:
        """None, and nothing else can be set: minidense does not add to the loss for weights."""
        return None

    @regularizer.setter
    def regularizer(self, value: None) -> None:
        checks.no_function(f"Variable '{self.path}'", regularizer=value)

    def numpy(self) -> Array:
        """Return a copy of the value: writing to it does not change the variable."""
        return self.value.copy()

    def assign(self, value: npt.ArrayLike) -> Array:
        """Set the value in place, and return a copy of it.

        Raises:
            ValueError: if the shape differs; the variable keeps its value then.
            TypeError: for what is no array of real numbers, likewise.
        """
        new_value = checks.variable_value(self.name, value)
        checks.same_variable_shape(self.name, self.shape, new_value.shape)
        self.value[...] = new_value
        return self.numpy()

    def assign_add(self, value: npt.ArrayLike) -> Array:
        """Add to the value; else as `assign`."""
        return self.assign(self.value + checks.variable_value(self.name, value))

    def assign_sub(self, value: npt.ArrayLike) -> Array:
        """Subtract from the value; else as `assign`."""
        return self.assign(self.value - checks.variable_value(self.name, value))

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> Array:
        """Let NumPy read the variable; the array handed out is a copy."""
        return self.value.astype(dtype or self.value.dtype)

    def __getitem__(self, index: Any) -> Any:
        return self.value[index].copy()

    def __bool__(self) -> bool:
        """Raise TypeError, as Keras does: whether there is a variable is `is not None`."""
        raise TypeError(f"Variable '{self.path}' cannot be used as a boolean.")

    # Arithmetic gives arrays. `==` does not compare numbers, since variables are keys.

    __add__, __radd__ = _of_numbers(operator.add)
    __sub__, __rsub__ = _of_numbers(operator.sub)
    __mul__, __rmul__ = _of_numbers(operator.mul)
    __truediv__, __rtruediv__ = _of_numbers(operator.truediv)
    __floordiv__, __rfloordiv__ = _of_numbers(operator.floordiv)
    __mod__, __rmod__ = _of_numbers(operator.mod)
    __pow__, __rpow__ = _of_numbers(operator.pow)
    __matmul__, __rmatmul__ = _of_numbers(operator.matmul)
    __lt__, __gt__ = _of_numbers(operator.lt)
    __le__, __ge__ = _of_numbers(operator.le)
    __and__, __rand__ = _of_truths(operator.and_)
    __or__, __ror__ = _of_truths(operator.or_)
    __xor__, __rxor__ = _of_truths(operator.xor)

    def __pos__(self) -> Array:
        return self.numpy()

    def __neg__(self) -> Array:
        return -self.value

    def __invert__(self) -> Array:
        return ~self.value  # of whole numbers, the bits

    def __abs__(self) -> Array:
        return np.abs(self.value)

    def __round__(self, ndigits: int | None = None) -> Array:
        """Return the nearest numbers with so many digits after the point, halves to the even one.

        Source: `round` of `keras/src/backend/tensorflow/numpy.py`.
        """
        digits = ndigits or 0
        whole = self.value.dtype.kind in "iu"
        if whole and digits >= 0:
            return self.numpy()
        values = self.value.astype(floatx()) if whole else self.value
        factor = values.dtype.type(np.float32(10.0**digits))  # 32 bits of it, as in Keras
        rounded: Array = np.rint(values * factor) / factor
        return rounded.astype(self.dtype)

    def __float__(self) -> float:
        return float(self.value)

    def __int__(self) -> int:
        return int(self.value)

    def __repr__(self) -> str:
        facts = f"path={self.path}, shape={self.shape}, dtype={self.dtype}, value={self.value}"
        return f"<Variable {facts}>"


__all__ = ["Variable"]
