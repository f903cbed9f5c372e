"""Tensors, and the operators that they share with variables and symbolic tensors.

An operator is the operation of its name. The operations enter themselves in a table when they are
defined, so that what lies below them can have operators, too.

Mirrors `tf.Tensor`, which cannot be written to either.
"""

from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from minidense import checks
from minidense.conversion import numbers_of
from minidense.nest import map_structure
from minidense.typing import Array, Shape

OPERATIONS: dict[str, Callable[..., Any]] = {}
"""All operations by name."""


def _unary(name: str) -> Any:
    def operator(self: Any) -> Any:
        return OPERATIONS[name](self)

    return operator


def _binary(name: str) -> tuple[Any, Any]:
    """Return the operator `self + other`, and the reflected one, `other + self`."""

    def operator(self: Any, other: Any) -> Any:
        return OPERATIONS[name](self, other)

    def reflected(self: Any, other: Any) -> Any:
        return OPERATIONS[name](other, self)

    return operator, reflected


class Operators:
    """What `x + y`, `-x`, `x[1:]` and the like mean for whatever can go into an operation.

    They are the operations of `keras.ops`, which bring both sides to one dtype.
    """

    __slots__ = ()
    shape: Any

    __eq__, __ne__ = _binary("equal")[0], _binary("not_equal")[0]
    __hash__ = None  # type: ignore[assignment]  # equal to many
    __add__, __radd__ = _binary("add")
    __sub__, __rsub__ = _binary("subtract")
    __mul__, __rmul__ = _binary("multiply")
    __truediv__, __rtruediv__ = _binary("true_divide")
    __floordiv__, __rfloordiv__ = _binary("floor_divide")
    __mod__, __rmod__ = _binary("mod")
    __pow__, __rpow__ = _binary("power")
    __matmul__, __rmatmul__ = _binary("matmul")
    __lt__, __le__ = _binary("less")[0], _binary("less_equal")[0]
    __gt__, __ge__ = _binary("greater")[0], _binary("greater_equal")[0]
    __and__, __rand__ = _binary("logical_and")
    __or__, __ror__ = _binary("logical_or")
    __xor__, __rxor__ = _binary("logical_xor")
    __neg__, __abs__, __invert__ = _unary("negative"), _unary("absolute"), _unary("bitwise_invert")

    def __getitem__(self, key: Any) -> Any:
        if checks.is_mask(key, self.shape):
            return OPERATIONS["boolean_mask"](self, key)
        return OPERATIONS["get_item"](self, key=checks.part(key, self.shape))

    def __round__(self, ndigits: int | None = None) -> Any:
        return OPERATIONS["round"](self, decimals=ndigits or 0)

    def __pos__(self) -> Any:
        return OPERATIONS["identity"](self)


def _compares_itself(other: object) -> bool:
    """Whether an object is None, or tells NumPy to leave operators to it: `pytest.approx` does."""
    return other is None or getattr(other, "__array_ufunc__", other) is None


def _alike(name: str) -> tuple[Any, Any]:
    """Return an operator and the reflected one, of two sides in one dtype."""

    def operator(self: Any, other: Any) -> Any:
        return OPERATIONS[name](self, _in_dtype_of(self, other))

    def reflected(self: Any, other: Any) -> Any:
        return OPERATIONS[name](_in_dtype_of(self, other), self)

    return operator, reflected


def _in_dtype_of(tensor: Any, other: Any) -> Any:
    """Return the other side of an operator as TensorFlow reads it."""
    dtype = tensor.dtype
    if isinstance(other, NumberOperators):
        checks.same_dtype(dtype, other.dtype)
        return other
    if isinstance(other, Operators):  # a variable decides for itself
        return other
    if type(other) in (bool, int, float):
        checks.number_for_dtype(dtype, other)
        return other
    numbers = numbers_of("An operator of a tensor", other, TypeError)
    if isinstance(other, (list, tuple)) and numbers.size:
        checks.number_for_dtype(dtype, numbers.dtype.type(0).item())
    with np.errstate(all="ignore"):
        return numbers.astype(dtype, copy=False)


def _quotient(dtype: np.dtype[Any], x1: Any, x2: Any) -> Any:
    """Return x1 / x2; whole numbers become floats that hold them."""
    if dtype.kind != "f":
        wide = "float64" if dtype.itemsize > 2 else "float32"
        x1, x2 = OPERATIONS["cast"](x1, dtype=wide), OPERATIONS["cast"](x2, dtype=wide)
    return OPERATIONS["true_divide"](x1, x2)


_equal, _not_equal = _alike("equal")[0], _alike("not_equal")[0]


class NumberOperators(Operators):
    """What tensors have that are numbers, or will be when a trace is run: TensorFlow's operators.

    What is no tensor takes the tensor's dtype, and two tensors must have the same. Whole numbers
    are divided in float64. And `x + y` is `tf.add`, where `keras.ops.add` adds what looks like a
    bias as one.
    """

    __slots__ = ()
    dtype: np.dtype[Any]
    __add__, __radd__ = _alike("plus")
    __sub__, __rsub__ = _alike("subtract")
    __mul__, __rmul__ = _alike("multiply")
    __floordiv__, __rfloordiv__ = _alike("floor_divide")
    __mod__, __rmod__ = _alike("mod")
    __pow__, __rpow__ = _alike("power")
    __matmul__, __rmatmul__ = _alike("matmul")
    __and__, __rand__ = _alike("bitwise_and")  # of truth values it is the logical one
    __or__, __ror__ = _alike("bitwise_or")
    __xor__, __rxor__ = _alike("bitwise_xor")
    __lt__, __le__ = _alike("less")[0], _alike("less_equal")[0]
    __gt__, __ge__ = _alike("greater")[0], _alike("greater_equal")[0]

    def __eq__(self, other: object) -> Any:
        return NotImplemented if _compares_itself(other) else _equal(self, other)

    def __ne__(self, other: object) -> Any:
        return NotImplemented if _compares_itself(other) else _not_equal(self, other)

    __hash__ = None

    def __round__(self, ndigits: int | None = None) -> NoReturn:
        raise AttributeError("A tensor has no `round()`, as in TensorFlow: use `ops.round`.")

    def __truediv__(self, other: Any) -> Any:
        return _quotient(self.dtype, self, _in_dtype_of(self, other))

    def __rtruediv__(self, other: Any) -> Any:
        return _quotient(self.dtype, _in_dtype_of(self, other), self)


_OPERATORS_OF_UFUNCS = {
    np.add: "__radd__",
    np.subtract: "__rsub__",
    np.multiply: "__rmul__",
    np.true_divide: "__rtruediv__",
    np.floor_divide: "__rfloordiv__",
    np.mod: "__rmod__",
    np.power: "__rpow__",
    np.equal: "__eq__",
    np.not_equal: "__ne__",
    np.less: "__gt__",
    np.less_equal: "__ge__",
    np.greater: "__lt__",
    np.greater_equal: "__le__",
}
"""What `number + tensor` is, for a number of NumPy's."""


def _not_in_place(self: Any, other: Any) -> Any:
    """Let Python take `x = x + y` for `x += y`: the name x is given to a new tensor."""
    return NotImplemented


class Tensor(NumberOperators, np.ndarray[Any, Any]):
    """An array that is read-only: what an operation on arrays returns.

    `logits` is what went into the softmax or sigmoid that made it. Nothing else has it, no view,
    copy or pickle either, as in Keras (`_keras_logits`). `variable` is likewise the one of which
    the tensor is the value, and follows it.

    >>> x = tensor_of(np.float32([1, 2]))
    >>> x.numpy(), x.flags.writeable
    (array([1., 2.], dtype=float32), False)
    """

    __slots__ = ("logits", "variable")
    logits: Any
    variable: Any
    __array_priority__ = 100  # so that `array + tensor` is the tensor's operator

    __iadd__ = __isub__ = __imul__ = __itruediv__ = __ifloordiv__ = __imod__ = _not_in_place
    __ipow__ = __imatmul__ = __iand__ = __ior__ = __ixor__ = _not_in_place

    def numpy(self) -> Array:
        """Return the numbers as an array of one's own."""
        return np.array(self)

    def __array_wrap__(self, array: Array, context: Any = None, return_scalar: bool = False) -> Any:
        """Let what NumPy's functions make of a tensor be an array, or a number.

        But `number * tensor` is the tensor's operator, which a number of NumPy's does not ask for.
        """
        ufunc, (first, *_) = context[:2] if context else (None, (None,))
        if isinstance(first, np.generic) and ufunc in _OPERATORS_OF_UFUNCS:
            return getattr(self, _OPERATORS_OF_UFUNCS[ufunc])(first)
        return array[()] if return_scalar else array

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        """Let NumPy's functions see plain arrays, of which the operators are NumPy's."""
        args, kwargs = map_structure(
            lambda x: np.asarray(x) if isinstance(x, Tensor) else x, [list(args), kwargs]
        )
        return function(*args, **kwargs)

    def __iter__(self) -> Iterator[Any]:
        if not self.ndim:
            raise TypeError("There is no loop over a single number: this tensor has no axis.")
        return (self[place] for place in range(len(self)))

    def __setitem__(self, key: Any, value: Any) -> NoReturn:
        raise TypeError("A tensor cannot be written to. Take a copy that can: `tensor.numpy()`.")

    def __repr__(self) -> str:
        return repr(np.asarray(self))

    def __str__(self) -> str:
        return str(np.asarray(self))


class Symbolic(Operators):
    """A tensor of which the shape and the dtype are known, and no numbers."""

    __slots__ = ()
    shape: Shape
    dtype: Any

    def record(self, operation: Any, inputs: Any, settings: dict[str, Any]) -> Any:
        """Return the outputs of an operation on it; NotImplemented leaves it to a trace."""
        return NotImplemented


def tensor_of(array: npt.ArrayLike) -> Tensor:
    """Return an array as a tensor: the same memory, read-only."""
    tensor = np.asarray(array).view(Tensor)
    tensor.flags.writeable = False
    return tensor
