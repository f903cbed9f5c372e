"""A named array that belongs to a layer or an optimizer, and that training changes in place.

Mirrors `keras.Variable` (`keras/src/backend/common/variables.py`).
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from minidense import checks
from minidense.config import floatx
from minidense.conversion import dtype_of, numbers_of
from minidense.mode import mode, noted_by
from minidense.names import auto_name
from minidense.paths import path_here
from minidense.registry import REGISTRIES
from minidense.tensors import Operators, tensor_of
from minidense.typing import Array

AGGREGATIONS = (None, "none", "mean", "sum", "only_first_replica")
SYNCHRONIZATIONS = (None, "none", "on_read", "on_write", "auto")


def _only_none(name: str) -> Any:
    """Return an attribute that is None: nothing constrains a weight, or adds to the loss for it."""

    def refuse(self: "Variable", value: Any) -> None:
        checks.no_function(f"Variable '{self.path}'", **{name: value})

    return property(lambda self: None, refuse)


class Variable(Operators):
    """A weight: an array of fixed shape and dtype with a name.

    `==` compares the numbers, as all operators do. A variable can still be the key of a dictionary,
    and is found there as itself.

    Args:
        initializer: the first value; copied, since updates happen in place. Or what makes it of a
            shape and a dtype: the name of an initializer, an `Initializer`, or a function.
        shape: what `initializer` is to make; for a value, None or its own.
        dtype: the dtype by name; None is an array's own, float32 or int32 for Python's numbers, and
            `config.floatx()` for what is made.
        trainable: whether an optimizer may change it.
        autocast: Keras's; a layer computes in the dtype of its weights here.
        aggregation: Keras's; there is one device here.
        synchronization: likewise.
        name: as in a summary or a file, "kernel" or "bias"; None means an automatic one.
        path: the name with those of layers before it; None takes those that are being built or
            called just now.

    Raises:
        ValueError: for an initializer without a shape, and for a value of another shape; for a name
            that is no string, or has a slash in it; for what is no array of numbers.
        TypeError: for texts and complex numbers.

    >>> kernel = Variable([[1.0, 2.0]], name="kernel")
    >>> kernel.shape, kernel.dtype
    ((1, 2), 'float32')
    >>> kernel.assign([[3.0, 4.0]])
    array([[3., 4.]], dtype=float32)
    >>> 2 * kernel - 1
    array([[5., 7.]], dtype=float32)
    """

    __hash__ = object.__hash__  # type: ignore[assignment]

    def __init__(
        self,
        initializer: npt.ArrayLike | Callable[..., npt.ArrayLike],
        shape: Sequence[int] | None = None,
        dtype: str | None = None,
        trainable: bool = True,
        autocast: bool = True,
        aggregation: str | None = "none",
        synchronization: str | None = "auto",
        name: str | None = None,
        *,
        path: str | None = None,
    ) -> None:
        self.name = name or auto_name(type(self).__name__)  # used up, whatever is refused below
        checks.name_in_path(self.name)
        checks.one_of("aggregation", aggregation, AGGREGATIONS)
        checks.one_of("synchronization", synchronization, SYNCHRONIZATIONS)
        if isinstance(initializer, str):
            initializer = REGISTRIES["initializer"].get(initializer)
        if callable(initializer):
            checks.shape_given(self.name, shape)
        if callable(initializer) or dtype is not None:
            dtype = checks.input_dtype(dtype, floatx())
        unmade = mode.recorder.unmade if mode.recorder is not None else None
        self.memory: Array
        """The numbers themselves. Programs read and write them where they are."""
        if unmade is None:
            self.memory = first_value(self.name, initializer, shape, dtype)
        else:
            checks.made_by_initializer(self.name, callable(initializer))
            self.memory = np.zeros(checks.weight_shape(shape), dtype)
            unmade[self] = initializer
        self._dtype = str(self.memory.dtype)  # it takes NumPy 1 us
        mode.variables_made += 1
        self.trainable = bool(trainable)
        self.is_watched = self.trainable
        """Whether tapes watch it by themselves: as it was made, as in TensorFlow."""
        self.autocast = bool(autocast)
        self.aggregation = aggregation or "none"
        self.synchronization = synchronization or "none"
        self.path = path or path_here(self.name)

    @property
    def value(self) -> Any:
        """The tensor that the value is: it cannot be written to, and follows the variable."""
        if mode.recorder is not None:
            return mode.recorder.read(self)
        tensor = tensor_of(self.memory)
        tensor.variable = self  # a tape that meets it notes what it is at that time
        return tensor

    @property
    def shape(self) -> tuple[int, ...]:
        """The dimensions; they never change."""
        return self.memory.shape

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return self.memory.ndim

    @property
    def dtype(self) -> str:
        """The dtype by name, "float32" or "float64" for weights."""
        return self._dtype

    constraint = _only_none("constraint")
    regularizer = _only_none("regularizer")

    def numpy(self) -> Array:
        """Return a copy of the value: writing to it does not change the variable.

        Raises:
            NotImplementedError: in a trace, where the value is not known yet.
        """
        return np.array(self.value)

    def assign(self, value: npt.ArrayLike) -> Any:
        """Set the value in place, and return it as a tensor.

        Raises:
            ValueError: if the shape differs, or for what is no array of numbers; the variable keeps
                its value then.
            TypeError: for texts and complex numbers, likewise.
        """
        if not isinstance(value, Operators):
            value = numbers_of(f"Variable '{self.name}'", value, TypeError, self.dtype)
        checks.same_variable_shape(self.name, self.shape, value.shape)
        if mode.recorder is not None:
            return mode.recorder.assign(self, value)
        self.write(_in_dtype(value, self.memory.dtype))
        return tensor_of(self.memory.copy())

    def write(self, numbers: Array) -> None:
        """Write numbers of the variable's own shape into its memory."""
        self.memory[...] = numbers

    def assign_add(self, value: npt.ArrayLike) -> Any:
        """Add to the value; else as `assign`."""
        return self.assign(self + value)

    def assign_sub(self, value: npt.ArrayLike) -> Any:
        """Subtract from the value; else as `assign`."""
        return self.assign(self - value)

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> Array:
        """Let NumPy read the variable; the array handed out is a copy."""
        return self.numpy().astype(dtype or self.memory.dtype, copy=False)

    def __bool__(self) -> bool:
        """Raise TypeError, as Keras does: whether there is a variable is `is not None`."""
        raise TypeError(f"Variable '{self.path}' cannot be used as a boolean.")

    def __float__(self) -> float:
        return float(self.value.numpy())

    def __int__(self) -> int:
        return int(self.value.numpy())

    def __repr__(self) -> str:
        facts = f"path={self.path}, shape={self.shape}, dtype={self.dtype}, value={self.memory}"
        return f"<Variable {facts}>"


def first_value(name: str, initializer: Any, shape: Any, dtype: str | None) -> Array:
    """Return the array that a variable begins with; what makes it is no part of a trace."""
    with noted_by(None):
        value = initializer(shape, dtype=dtype) if callable(initializer) else initializer
        numbers = numbers_of(f"Variable '{name}'", value, TypeError, dtype)
    if shape is not None:
        checks.same_variable_shape(name, tuple(shape), numbers.shape)
    return _in_dtype(numbers, dtype or dtype_of(numbers))


def _in_dtype(value: npt.ArrayLike, dtype: npt.DTypeLike) -> Array:
    """Return numbers as a new array of a dtype; what is too large for it becomes infinite."""
    with np.errstate(all="ignore"):
        return np.array(value, dtype)
