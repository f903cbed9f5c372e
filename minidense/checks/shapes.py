"""Guards for shapes, and for what fits them."""

import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from minidense.checks.message import brief
from minidense.typing import Shape


def shape_tuple(shape: Any) -> Shape:
    """A shape as a tuple of non-negative integers and None."""
    single = isinstance(shape, np.ndarray) and not shape.ndim  # which says that it is iterable
    if single or isinstance(shape, (str, bytes, Mapping)) or not hasattr(shape, "__iter__"):
        raise ValueError(f"Cannot convert {brief(shape)} to a shape: expected a tuple of integers.")
    dims: list[int | None] = []
    for dim in shape:
        is_number = _is_whole(dim) and not isinstance(dim, bool)
        if dim is not None and not is_number:
            raise ValueError(
                f"Cannot convert {brief(tuple(shape))} to a shape. "
                f"Found the dimension {brief(dim)} of type {type(dim).__name__}."
            )
        if dim is not None and dim < 0:
            raise ValueError(
                f"Cannot convert {brief(tuple(shape))} to a shape. "
                "Negative dimensions are not allowed."
            )
        dims.append(None if dim is None else int(dim))
    return tuple(dims)


def _is_whole(dim: Any) -> bool:
    """Whether Python takes it for an index; an array has the method, whatever it holds."""
    try:
        operator.index(dim)
    except TypeError:
        return False
    return True


def weight_shape(shape: Any) -> tuple[int, ...]:
    """The shape of an array that an initializer makes: all dimensions known."""
    dims = shape_tuple(shape)
    if None in dims:
        raise ValueError(f"Cannot make an array of shape {dims}: a dimension is not known.")
    return tuple(int(dim or 0) for dim in dims)


def is_shape(value: Any) -> bool:
    """Whether this is one shape, and not a list or dict of several."""
    return isinstance(value, (tuple, list)) and all(
        dim is None or isinstance(dim, (int, np.integer)) for dim in value
    )


def flat_shapes(shapes: Any) -> list[Shape]:
    """Return one shape, or nested lists and dicts of shapes, as a flat list of shapes."""
    found: list[Shape] = []
    map_shapes(found.append, shapes)
    return found


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
    """The shape that a layer with weights is built for: one shape of at least one dimension."""
    fits = is_shape(input_shape) and all((dim or 0) >= 0 for dim in input_shape)
    if not fits or len(input_shape) < 1:
        raise ValueError(
            f"Layer '{layer}' cannot be built: `input_shape` must be a tuple such as (None, 4). "
            f"Received: input_shape={brief(input_shape)}."
        )
    return tuple(input_shape)


def known_dimensions(owner: str, shape: Shape) -> None:
    """A weight needs all its dimensions."""
    if any(dim is None for dim in shape):
        raise ValueError(
            "Shapes used to initialize variables must be fully-defined (no `None` dimensions). "
            f"Received: shape={shape} for a weight of layer '{owner}'."
        )


def some_input(layer: str, count: int) -> None:
    """A layer of one input gets one, and not an empty dict."""
    if not count:
        raise ValueError(f"Layer '{layer}' expects 1 input, but it received 0 arrays.")


def rank(layer: str, shape: Shape, wish: str, fits: bool) -> None:
    """The number of dimensions of an input."""
    if not fits:
        raise ValueError(
            f"Input of layer '{layer}' is incompatible with the layer: expected {wish}, "
            f"found ndim={len(shape)}. Full shape received: {shape}."
        )


def axis_size(layer: str, shape: Shape, axis: int, size: int | None) -> None:
    """The size of one axis of an input; None fits any."""
    if size is not None and shape[axis] not in (size, None):
        raise ValueError(
            f"Input of layer '{layer}' is incompatible with the layer: expected axis {axis} of "
            f"the input shape to have value {size}, but received input with shape {shape}."
        )


def axis_numbers(axis: Any) -> tuple[int, ...]:
    """One axis or several, as a tuple of whole numbers."""
    axes = tuple(axis) if isinstance(axis, (tuple, list)) else (axis,)
    if not axes:
        raise ValueError(f"softmax: `axis` must name an axis. Received: axis={axis}.")
    for one in axes:
        if isinstance(one, bool) or not isinstance(one, (int, np.integer)):
            raise TypeError(
                f"softmax: `axis` must be an integer. Received: axis={brief(axis)} "
                f"of type {type(axis).__name__}."
            )
    return axes


def softmax_axes(axis: Any, ndim: int) -> tuple[int, ...]:
    """The axes that a softmax sums over, as a tuple; None is all of them."""
    if axis is None:
        return tuple(range(ndim))
    axes = axis_numbers(axis)
    for one in axes:
        if not -ndim <= one < ndim:
            raise ValueError(
                f"softmax: `axis` must lie in [{-ndim}, {ndim}) for an input of rank {ndim}. "
                f"Received: axis={axis}."
            )
    return axes


def one_input_shape(shape: Any, batch_size: Any, batch_shape: Any) -> None:
    """An input has one shape, given in one way."""
    if shape is not None and batch_shape is not None:
        raise ValueError(
            f"Pass `shape` or `batch_shape`, not both. Received: shape={brief(shape)}, "
            f"batch_shape={brief(batch_shape)}."
        )
    if batch_size is not None and batch_shape is not None:
        raise ValueError(
            f"Pass `batch_size` or `batch_shape`, not both. Received: batch_size={batch_size}, "
            f"batch_shape={brief(batch_shape)}."
        )
    if shape is None and batch_shape is None:
        raise ValueError("An input needs a `shape`, such as shape=(784,).")
    if isinstance(shape, (int, np.integer)) and not isinstance(shape, bool) and shape >= 0:
        raise ValueError(
            f"Cannot convert {brief(shape)} to a shape: expected a tuple of integers, "
            f"shape=({int(shape)},) for samples of one axis."
        )


def broadcasts_to(layer: str, mask_shape: tuple[int, ...], shape: tuple[int, ...]) -> None:
    """Dropout's mask must stretch to the inputs."""
    try:
        fits = np.broadcast_shapes(mask_shape, shape) == shape
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(
            f"Layer '{layer}': `noise_shape` gives a mask of shape {mask_shape}, "
            f"which does not broadcast to the inputs' shape {shape}."
        )


def same_shape(first_name: str, first: Shape, second_name: str, second: Shape) -> None:
    """Two arrays that are compared number by number."""
    if tuple(first) != tuple(second):
        raise ValueError(
            f"`{first_name}` and `{second_name}` must have the same shape. "
            f"Received: {first_name} of shape {tuple(first)}, {second_name} of shape "
            f"{tuple(second)}."
        )


def wrong_rank(model: str, input_name: str, expected: Shape, received: Shape) -> ValueError:
    """The error for an input whose rank cannot be made to fit by an axis of size 1."""
    hint = ""
    if _is_one_sample(expected, received):
        hint = " The batch axis is missing: for one sample x, pass x[None]."
    return ValueError(
        f"Invalid input shape for input '{input_name}' of model '{model}'. Expected shape "
        f"{expected}, but input has incompatible shape {received}.{hint}"
    )


def _is_one_sample(expected: Shape, received: Shape) -> bool:
    """Whether this is what is expected, but for the batch axis."""
    wanted = expected[1:]
    return len(received) == len(wanted) and all(
        found is not None and size in (found, None)
        for size, found in zip(wanted, received, strict=True)
    )


def input_shape(model: str, input_name: str, expected: Shape, received: Shape) -> None:
    """The dimensions of an input, but for the batch; None fits any."""
    for wanted, found in zip(expected[1:], received[1:], strict=False):
        if wanted is not None and found is not None and wanted != found:
            raise ValueError(
                f"Input '{input_name}' of model '{model}' is incompatible with the model: "
                f"expected shape={expected}, found shape={received}."
            )


def inputs_count(model: str, expected: int, received: int) -> None:
    """One array for each input of a model."""
    if expected != received:
        raise ValueError(
            f"Model '{model}' expects {expected} input(s), but it received {received} arrays."
        )


def one_input(model: str, shapes: Any) -> Shape:
    """A Sequential without an Input takes one array, in no list, tuple or dict."""
    if not is_shape(shapes):
        raise ValueError(
            f"Sequential model '{model}' takes 1 input, as an array. Received a list, tuple or "
            f"dict of {len(flat_shapes(shapes))}."
        )
    return tuple(shapes)


def initializer_shape(values: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    """An array given as an initializer is the weight, number by number."""
    if values != wanted:
        raise ValueError(
            f"An array of shape {values} was given as initializer for a weight of shape {wanted}."
        )


def shape_given(name: str, shape: Any) -> None:
    """An initializer makes an array of a shape."""
    if shape is None:
        raise ValueError(f"Variable '{name}' is made by an initializer, which needs a `shape`.")


def same_variable_shape(name: str, shape: Shape, received: Shape) -> None:
    """A variable keeps its shape."""
    if tuple(shape) != tuple(received):
        raise ValueError(
            f"The shape of variable '{name}' is {tuple(shape)}. "
            f"Received a value of shape {tuple(received)}."
        )
