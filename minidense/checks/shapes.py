"""Guards for shapes, and for what fits them."""

import operator
from collections.abc import Callable, Mapping, Sequence
from itertools import zip_longest
from typing import Any

import numpy as np

from minidense.checks.message import brief, no_array, typed, unfit
from minidense.typing import Shape


def alike(shape: Shape, other: Shape) -> bool:
    """Whether two shapes are the same, as far as they are known."""
    pairs = zip(shape, other, strict=False)
    return len(shape) == len(other) and all(a == b or None in (a, b) for a, b in pairs)


def stretches(shape: Shape, other: Shape) -> bool:
    """Whether the first shape can be broadcast to the other, as far as they are known."""
    pairs = zip(reversed(shape), reversed(other), strict=False)
    return len(shape) <= len(other) and all(a in (1, b) or None in (a, b) for a, b in pairs)


def shape_tuple(shape: Any) -> Shape:
    """A shape as a tuple of non-negative integers and None."""
    single = isinstance(shape, np.ndarray) and not shape.ndim  # which says that it is iterable
    if single or isinstance(shape, (str, bytes, Mapping)) or not hasattr(shape, "__iter__"):
        raise ValueError(f"Cannot convert {brief(shape)} to a shape: expected a tuple of integers.")
    dims = tuple(shape)
    for dim in dims:
        if dim is not None and not is_whole(dim):
            found = f"Found the dimension {typed(dim)}"
            raise ValueError(f"Cannot convert {brief(dims)} to a shape. {found}.")
        if dim is not None and dim < 0:
            found = "Negative dimensions are not allowed"
            raise ValueError(f"Cannot convert {brief(dims)} to a shape. {found}.")
    return tuple(None if dim is None else int(dim) for dim in dims)


def is_whole(dim: Any) -> bool:
    """Whether Python takes it for an index; an array has the method, whatever it holds."""
    try:
        operator.index(dim)
    except TypeError:
        return False
    return not isinstance(dim, bool)


def weight_shape(shape: Any) -> tuple[int, ...]:
    """The shape of an array that an initializer makes: all dimensions known."""
    return known_dimensions("", shape_tuple(shape))


def is_shape(value: Any) -> bool:
    """Whether this is one shape, and not a list or dict of several."""
    return isinstance(value, (tuple, list)) and all(
        dim is None or isinstance(dim, (int, np.integer)) for dim in value
    )


def map_shapes(function: Callable[[Shape], Any], shapes: Any) -> Any:
    """Return the same nesting with a function applied to each shape, dicts by their sorted keys."""
    if is_shape(shapes):
        return function(tuple(shapes))
    if isinstance(shapes, Mapping):
        mapped = {key: map_shapes(function, shapes[key]) for key in sorted(shapes)}
        return {key: mapped[key] for key in shapes}
    if isinstance(shapes, (tuple, list)):
        return type(shapes)([map_shapes(function, part) for part in shapes])
    raise ValueError(f"Expected a shape, a tuple of integers and None. Received: {brief(shapes)}.")


def build_shape(layer: str, input_shape: Any) -> Shape:
    """The shape that a layer with weights is built for, of at least one dimension; `...` is any."""
    is_row = isinstance(input_shape, (tuple, list))
    shape = tuple(None if dim is ... else dim for dim in input_shape) if is_row else input_shape
    fits = is_shape(shape) and all((dim or 0) >= 0 for dim in shape)
    if not fits or len(shape) < 1:
        raise unfit("input_shape", input_shape, f"a tuple such as (None, 4) for layer '{layer}'")
    return tuple(shape)


def known_dimensions(layer: str, shape: Sequence[int | None]) -> tuple[int, ...]:
    """A weight needs all its dimensions."""
    known = tuple(dim for dim in shape if dim is not None)
    if len(known) < len(shape):
        where = f" for a weight of layer '{layer}'" if layer else ""
        wish = "The shapes of variables must be fully-defined (no `None` dimensions)"
        raise ValueError(f"{wish}. Received: shape={tuple(shape)}{where}.")
    return known


def inputs_count(owner: str, expected: int, received: int) -> None:
    """One array for each input of a layer or a model."""
    if expected != received:
        raise ValueError(f"'{owner}' expects {expected} input(s), but received {received} arrays.")


def one_tensor(layer: str, leaves: Sequence[Any]) -> Any:
    """A layer of one input gets one tensor."""
    inputs_count(layer, 1, len(leaves))
    if not hasattr(leaves[0], "shape"):
        raise no_array(layer, leaves[0])
    return leaves[0]


def rank(layer: str, shape: Shape, wish: str, fits: bool) -> None:
    """The number of dimensions of an input."""
    if not fits:
        wish = f"Input of layer '{layer}' is incompatible with the layer: expected {wish}"
        raise ValueError(f"{wish}, found ndim={len(shape)}. Full shape received: {shape}.")


def axis_size(layer: str, shape: Shape, axis: int, size: int | None) -> None:
    """The size of one axis of an input; None fits any."""
    if size is not None and shape[axis] not in (size, None):
        wish = f"Input of layer '{layer}' is incompatible with the layer: expected axis {axis}"
        received = f"found {shape[axis]}. Full shape received: {shape}"
        raise ValueError(f"{wish} of the input shape to have value {size}, {received}.")


def axis_numbers(axis: Any) -> tuple[int, ...]:
    """One axis or several, as a tuple of whole numbers."""
    axes = tuple(axis) if isinstance(axis, (tuple, list)) else (axis,)
    if not axes:
        raise unfit("axis", axis, "one axis of a softmax at least")
    if any(isinstance(one, bool) or not isinstance(one, (int, np.integer)) for one in axes):
        raise unfit("axis", axis, "an integer, the axis of a softmax", TypeError)
    return axes


def softmax_axes(axis: Any, ndim: int) -> tuple[int, ...]:
    """The axes that a softmax sums over, as a tuple; None is all of them."""
    if axis is None:
        return tuple(range(ndim))
    axes = axis_numbers(axis)
    if not all(-ndim <= one < ndim for one in axes):
        raise unfit("axis", axis, f"in [{-ndim}, {ndim}) for a softmax of an input of rank {ndim}")
    return axes


def halved_axis(function: str, shape: Shape, axis: int) -> int:
    """An axis that has two halves, whose size is known; returns the size."""
    size = shape[axis]
    if size is None:
        raise TypeError(f"{function} needs an axis of known size. Received shape {shape}.")
    if size % 2:
        raise ValueError(
            f"{function} needs an axis of even size, for two halves. "
            f"Received: axis={axis} of an input of shape {tuple(shape)}."
        )
    return size


def one_input_shape(shape: Any, batch_size: Any, batch_shape: Any) -> None:
    """An input has one shape, given in one way."""
    for name, value in (("shape", shape), ("batch_size", batch_size)):
        if value is not None and batch_shape is not None:
            received = f"{name}={brief(value)}, batch_shape={brief(batch_shape)}"
            raise ValueError(f"Pass `{name}` or `batch_shape`, not both. Received: {received}.")
    if shape is None and batch_shape is None:
        raise ValueError("An input needs a `shape`, such as shape=(784,).")
    if isinstance(shape, (int, np.integer)) and not isinstance(shape, bool) and shape >= 0:
        raise unfit("shape", shape, f"a tuple, shape=({int(shape)},) for samples of one axis")


def mask_stretches(layer: str, noise_shape: Shape, shape: Shape) -> None:
    """Dropout's mask must stretch to the inputs."""
    own = [*shape, *[None] * len(noise_shape)]
    mask = tuple(a if b is None else b for a, b in zip(own, noise_shape, strict=False))
    if not stretches(mask, shape):
        gives = f"Layer '{layer}': `noise_shape` gives a mask of shape {mask}"
        raise ValueError(f"{gives}, which does not broadcast to the inputs' shape {tuple(shape)}.")


def axes_exist(axes: Sequence[int], rank: int) -> None:
    """An array has as many axes as its rank says, counted from 0 or, with -1, from the end."""
    if not all(-rank <= axis < rank for axis in axes):
        wish = f"`axis` must be from {-rank} to {rank - 1}" if rank else "A number has no axis"
        raise ValueError(f"{wish}. Received: axis={brief(list(axes))} for {rank} dimensions.")


def same_shape(first_name: str, first: Shape, second_name: str, second: Shape) -> None:
    """Two arrays that are compared number by number; None fits any."""
    if not alike(first, second):
        raise ValueError(
            f"`{first_name}` and `{second_name}` must have the same shape. Received: {first_name} "
            f"of shape {tuple(first)}, {second_name} of shape {tuple(second)}."
        )


def shape_of(receiver: str, value: Any) -> Shape:
    """The shape of an array or a tensor."""
    if not hasattr(value, "shape") and not hasattr(value, "__array__"):
        raise no_array(receiver, value)
    return tuple(value.shape) if hasattr(value, "shape") else np.asarray(value).shape


def wrong_rank(model: str, input_name: str, expected: Shape, received: Shape) -> ValueError:
    """The error for an input whose rank cannot be made to fit by an axis of size 1."""
    hint = ""
    if None not in received and alike(expected[1:], received):
        hint = " The batch axis is missing: for one sample x, pass x[None]."
    wish = f"Invalid input shape for input '{input_name}' of model '{model}'. Expected {expected}"
    return ValueError(f"{wish}, received the incompatible shape {received}.{hint}")


def input_shape(model: str, input_name: str, expected: Shape, received: Shape) -> None:
    """The dimensions of an input, but for the batch; None fits any."""
    if not alike(expected[1:], received[1:]):
        wish = f"Input '{input_name}' of model '{model}' is incompatible with the model"
        raise ValueError(f"{wish}: expected shape={expected}, found shape={received}.")


def initializer_shape(values: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    """An array given as an initializer is the weight, number by number."""
    if values != wanted:
        raise ValueError(f"An array of shape {values} cannot be a weight of shape {wanted}.")


def shape_given(name: str, shape: Any) -> None:
    """An initializer makes an array of a shape."""
    if shape is None:
        raise ValueError(f"Variable '{name}' is made by an initializer, which needs a `shape`.")


def same_variable_shape(name: str, shape: Shape, received: Shape) -> None:
    """A variable keeps its shape."""
    if tuple(shape) != tuple(received):
        own = f"The shape of variable '{name}' is {tuple(shape)}"
        raise ValueError(f"{own}. Received a value of shape {tuple(received)}.")


def can_be_broadcast(operation: str, shapes: Sequence[Shape]) -> None:
    """Tensors that are combined number by number can be stretched over each other."""
    columns = zip_longest(*map(reversed, shapes), fillvalue=1)
    if any(len({*column} - {1, None}) > 1 for column in columns):
        given = " and ".join(str(tuple(shape)) for shape in shapes)
        raise ValueError(f"ops.{operation} cannot combine tensors of shapes {given}.")


def belongs_to_trace(belongs: bool, shape: Shape) -> None:
    """A tensor of a function that is traced has no meaning outside of it."""
    if not belongs:
        hint = "it has no numbers here. Return it from that function instead"
        raise TypeError(f"A tensor of {shape=} was kept from another call that was traced: {hint}.")


def list_of_tensors(operation: str, value: Any) -> None:
    """Some operations take several tensors, in one list."""
    if not isinstance(value, (list, tuple)) or not value:
        raise ValueError(f"ops.{operation} takes a list of tensors. Received {brief(value)}.")
