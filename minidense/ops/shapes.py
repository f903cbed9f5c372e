"""Operations that give numbers another shape or dtype, and compute nothing."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from minidense.conversion import as_array
from minidense.dtypes import computed_in, is_floating
from minidense.engine.inputs import as_input
from minidense.engine.operation import operation
from minidense.mode import mode
from minidense.tensors import tensor_of
from minidense.typing import Array, Shape
from minidense.variables import Variable

Axes = int | Sequence[int] | None


@operation(elementwise=True)
def cast(x: Any, *, dtype: str) -> Any:
    """Return the numbers in another dtype; mirrors `tf.cast`, which cuts off all after the point.

    Raises:
        TypeError: for a dtype that nothing is computed in, such as float16.
        ValueError: for what names none.

    >>> cast(np.float32([1.9, -1.9]), "int32")
    array([ 1, -1], dtype=int32)
    """
    dtype = computed_in(dtype)
    return x if x.dtype == dtype else x.astype(dtype)


@cast.gradient
def _(grad: Any, x: Any) -> Any:
    return cast(grad, dtype=str(x.dtype)) if is_floating(x.dtype) else None


@operation(elementwise=True)
def identity(x: Any) -> Any:
    """Return x itself, as another tensor; mirrors `tf.identity`.

    >>> identity(np.float32([1.0]))
    array([1.], dtype=float32)
    """
    return x


@identity.gradient
def _(grad: Any) -> Any:
    return grad


@operation(elementwise=True)
def read(x: Any) -> Any:
    """Return what was assigned to a variable as it is read; mirrors `ReadVariableOp`.

    >>> read(np.float32([1.0]))
    array([1.], dtype=float32)
    """
    return x


@operation(elementwise=True)
def stop_gradient(x: Any) -> Any:
    """Return x, on which nothing depends: the way back ends here; mirrors `tf.stop_gradient`.

    >>> stop_gradient(np.float32([1.0]))
    array([1.], dtype=float32)
    """
    return x


def convert_to_tensor(x: Any, dtype: str | None = None) -> Any:
    """Return a tensor of what is an array, a number or a list of numbers.

    Args:
        x: numbers; floats of Python's become `config.floatx()`, and whole numbers int32.
        dtype: the dtype by name; None is that of x.

    Source: `keras.ops.convert_to_tensor`.

    >>> convert_to_tensor([0.5, 1.0])
    array([0.5, 1. ], dtype=float32)
    """
    value = as_input(x)
    dtype = None if dtype is None else computed_in(dtype)
    if isinstance(value, (bool, int, float)):
        value = np.asarray(value, dtype) if dtype else as_array(value)
    if dtype is not None and value.dtype != dtype:
        return cast(value, dtype=dtype)
    if isinstance(value, Variable):
        return value.value if mode.recorder is not None else tensor_of(value.numpy())
    return tensor_of(value) if type(value) is np.ndarray else value


def convert_to_numpy(x: Any) -> Array:
    """Return the numbers of a tensor as an array of one's own.

    >>> convert_to_numpy(convert_to_tensor([1, 2]))
    array([1, 2], dtype=int32)
    """
    return np.array(x)


@operation
def dimension(x: Any, *, axis: int) -> Any:
    """Return the size of an axis as a number, where it is not known yet; mirrors `tf.shape`.

    >>> dimension(np.zeros((2, 3)), axis=0)
    array(2, dtype=int32)
    """
    return np.int32(x.shape[axis])


@operation
def size_of(x: Any, *, dtype: str) -> Any:
    """Return how many numbers there are, as a number of this dtype; mirrors `tf.size`.

    >>> size_of(np.zeros((2, 3)), dtype="float32")
    array(6., dtype=float32)
    """
    return np.dtype(dtype).type(x.size)


def shape(x: Any) -> tuple[Any, ...]:
    """Return the dimensions; in the place of one that is not known yet, a tensor.

    Source: `keras.ops.shape`.

    >>> shape(np.zeros((2, 3)))
    (2, 3)
    """
    dims = np.shape(as_input(x))
    return tuple(dimension(x, axis=axis) if dim is None else dim for axis, dim in enumerate(dims))


@operation
def ones_like(x: Any) -> Any:
    """Return ones of the shape and dtype of x; mirrors `tf.ones_like`.

    >>> ones_like(np.int32([2, 3]))
    array([1, 1], dtype=int32)
    """
    return np.broadcast_to(np.ones((), x.dtype), x.shape)


@operation
def zeros_like(x: Any) -> Any:
    """Return zeros of the shape and dtype of x; mirrors `tf.zeros_like`.

    >>> zeros_like(np.int32([2, 3]))
    array([0, 0], dtype=int32)
    """
    return np.broadcast_to(np.zeros((), x.dtype), x.shape)


@operation
def reshape_like(x: Any, like: Any) -> Any:
    """Return the numbers of x in the shape of another tensor; mirrors `tf.reshape`.

    >>> reshape_like(np.zeros(4), np.zeros((2, 2))).shape
    (2, 2)
    """
    return x.reshape(like.shape)


@reshape_like.spec
def like_spec(x: Any, like: Any, **settings: Any) -> tuple[Shape, Any]:
    """Return the spec of what takes the shape of another tensor."""
    return like.shape, x.dtype


@reshape_like.gradient
def _(grad: Any, x: Any) -> Any:
    return reshape_like(grad, x), None


def in_old_shape(grad: Any, x: Any) -> Any:
    """Return the gradient of what was given another shape: it gets back the one that it had."""
    return reshape_like(grad, x)


@operation
def reshape(x: Any, *, newshape: Shape) -> Any:
    """Return the same numbers in another shape, of which one dimension may be -1.

    Source: `keras.ops.reshape`, `tf.reshape`.

    >>> reshape(np.arange(4), (2, -1))
    array([[0, 1],
           [2, 3]])
    """
    return x.reshape(newshape)


reshape.gradient(in_old_shape)


@operation
def flatten_rows(x: Any) -> Any:
    """Return each row as one axis: (rows, a, ...) -> (rows, a * ...); mirrors `tf.reshape`.

    >>> flatten_rows(np.zeros((2, 3, 4))).shape
    (2, 12)
    """
    return x.reshape(x.shape[0], int(np.prod(x.shape[1:])))


flatten_rows.gradient(in_old_shape)


@operation
def transpose(x: Any, *, axes: Sequence[int] | None = None) -> Any:
    """Return the axes in another order, by default the reverse; mirrors `tf.transpose`.

    >>> transpose(np.zeros((2, 3))).shape
    (3, 2)
    """
    return x.T if axes is None else x.transpose(axes)


@transpose.gradient
def _(grad: Any, axes: Sequence[int] | None) -> Any:
    return transpose(grad) if axes is None else transpose(grad, axes=tuple(np.argsort(axes)))


@operation
def expand_dims(x: Any, *, axis: int) -> Any:
    """Return x with an axis of size 1 more; mirrors `tf.expand_dims`.

    >>> expand_dims(np.zeros((2, 3)), axis=1).shape
    (2, 1, 3)
    """
    return np.expand_dims(x, axis)


@expand_dims.gradient
def _(grad: Any, axis: int) -> Any:
    return squeeze(grad, axis=axis)


@operation
def squeeze(x: Any, *, axis: Axes = None) -> Any:
    """Return x without axes of size 1; mirrors `tf.squeeze`.

    >>> squeeze(np.zeros((2, 1, 3)), axis=1).shape
    (2, 3)
    """
    return np.squeeze(x, axis if axis is None or isinstance(axis, int) else tuple(axis))


squeeze.gradient(in_old_shape)
