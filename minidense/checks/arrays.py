"""Guards for arrays: numbers of a kind that can be computed with."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from minidense.checks.message import DataWarning, brief
from minidense.typing import Array, Shape


def array(receiver: str, value: Any) -> Array:
    """An array of real numbers, from anything that says it is an array."""
    if value is None:
        raise ValueError(f"Inputs to '{receiver}' should be arrays. Received None.")
    if not hasattr(value, "__array__"):
        raise ValueError(
            f"Only arrays may be passed to '{receiver}'. Received {brief(value)} of type "
            f"{type(value).__name__}: wrap it in np.array(...)."
        )
    return real_numbers(receiver, np.asarray(value))


def real_numbers(receiver: str, value: Array) -> Array:
    """No complex numbers, strings or objects."""
    if value.dtype.kind not in "fiub":
        kinds = {"c": "complex numbers", "O": "objects", "U": "strings", "S": "bytes"}
        what = kinds.get(value.dtype.kind, str(value.dtype))
        raise ValueError(
            f"'{receiver}' takes arrays of real numbers. Received {what}: "
            f"an array of shape {value.shape} and dtype {value.dtype}."
        )
    return value


def floating(
    function: str, value: Array, name: str = "x", error: type[Exception] = ValueError
) -> None:
    """Functions that have no meaning for whole numbers; Keras's raise one error or another."""
    if value.dtype.kind != "f":
        raise error(
            f"{function} takes floating point numbers. Received {name} of dtype {value.dtype}: "
            f"cast it first, for example with {name}.astype('float32')."
        )


def not_boolean(function: str, value: Array) -> None:
    """Functions that compare numbers have no meaning for True and False."""
    if value.dtype.kind not in "fiu":
        raise ValueError(f"{function} takes numbers. Received dtype {value.dtype}.")


def no_list_of_numbers(name: str, value: Any) -> None:
    """A list may hold arrays, one for each input; rows of numbers make one array."""
    if value is None:
        raise ValueError(f"`{name}` is missing: expected an array. Received None.")
    if isinstance(value, (list, tuple, Mapping)) and not _is_input(value):
        raise ValueError(
            f"Unrecognized data type: {name} is a {type(value).__name__} of "
            f"{len(value)} elements. Expected an array: wrap it in np.array(...)."
        )


def _is_input(value: Any) -> bool:
    """Whether this is an array, or a list, tuple or dict of such."""
    if isinstance(value, Mapping):
        return bool(value) and all(map(_is_input, value.values()))
    if isinstance(value, (list, tuple)):
        return bool(value) and all(map(_is_input, value))
    return hasattr(value, "__array__")


def sliceable(name: str, value: Any) -> None:
    """Data come as arrays, or as what turns into one by itself."""
    if not hasattr(value, "__array__"):
        raise ValueError(
            f"Unrecognized data type: {name}={brief(value)} of type {type(value).__name__}. "
            "Expected an array: wrap it in np.array(...)."
        )


def one_in_dict(name: str, value: Mapping[Any, Any]) -> None:
    """A dict has what belongs to the one output, and nothing else."""
    if len(value) != 1:
        raise ValueError(
            f"`{name}` must be an array, or a dict with one, for the model's one output. "
            f"Received a dict with the keys {brief(list(value), 120)}."
        )


def has_rows(name: str, shape: tuple[int, ...]) -> None:
    """A number alone has no rows."""
    if not shape:
        raise ValueError(
            f"`{name}` must have at least one axis, the rows. Received a single number."
        )


def same_length(lengths: Sequence[tuple[str, int]]) -> None:
    """All data have the same rows."""
    if len({length for _, length in lengths}) > 1:
        sizes = ", ".join(f"{name}: {length}" for name, length in lengths)
        raise ValueError(
            "Data cardinality is ambiguous: all arrays must have the same number of rows. "
            f"Received {sizes}."
        )


def weight_values(layer: str, shapes: Sequence[Shape], weights: Any) -> list[Array]:
    """All new values of a layer's weights, each checked before any is used."""
    if isinstance(weights, (str, bytes, Mapping)) or not hasattr(weights, "__len__"):
        raise TypeError(
            f"`set_weights` of layer '{layer}' takes a list of arrays. "
            f"Received {brief(weights)} of type {type(weights).__name__}."
        )
    if len(weights) != len(shapes):
        raise ValueError(
            f"You called `set_weights(weights)` on layer '{layer}' with a weight list of length "
            f"{len(weights)}, but the layer was expecting {len(shapes)} weights."
        )
    values = []
    for index, (shape, weight) in enumerate(zip(shapes, weights, strict=True)):
        value = None if isinstance(weight, (str, bytes)) else _as_numbers(weight)
        if value is None:
            raise TypeError(
                f"`set_weights` of layer '{layer}': element {index} is no array of numbers. "
                f"Received {brief(weight)} of type {type(weight).__name__}."
            )
        if value.shape != tuple(shape):
            raise ValueError(
                f"Layer {layer} weight shape {tuple(shape)} is not compatible with provided "
                f"weight shape {value.shape} (element {index})."
            )
        values.append(value)
    if any(value.dtype.kind == "f" and not np.isfinite(value).all() for value in values):
        warnings.warn(
            f"The new weights of layer '{layer}' hold NaN or infinity.", DataWarning, stacklevel=4
        )
    return values


def gradients(optimizer: str, grads: Sequence[Any], variables: Sequence[Any]) -> None:
    """One gradient for each variable, in its shape, or None for what has none."""
    if len(grads) != len(variables):
        raise ValueError(
            f"Optimizer '{optimizer}' needs one gradient for each variable. "
            f"Received {len(grads)} gradients for {len(variables)} variables."
        )
    for grad, variable in zip(grads, variables, strict=True):
        if grad is not None and np.shape(grad) != variable.shape:
            raise ValueError(
                f"Optimizer '{optimizer}': the gradient of variable '{variable.path}' must have "
                f"its shape {variable.shape}. Received a gradient of shape {np.shape(grad)}."
            )


def some_gradient(optimizer: str, without: Sequence[str], variables: int) -> None:
    """A step needs a gradient; a warning names the variables that have none, as in Keras."""
    if len(without) == variables:
        raise ValueError(
            f"Optimizer '{optimizer}' needs a gradient of one variable at least. "
            f"Received None for each of {brief(without)}."
        )
    if without:
        warnings.warn(
            f"Optimizer '{optimizer}': the gradient of the variables {brief(without)} is None. "
            "They stay as they are.",
            UserWarning,
            stacklevel=3,
        )


def some_pairs(optimizer: str, pairs: Sequence[Any]) -> None:
    """`apply_gradients` takes (gradient, variable) pairs, one at least."""
    if not pairs:
        raise ValueError(
            f"Optimizer '{optimizer}': `apply_gradients` needs one pair (gradient, variable) at "
            "least. Received none."
        )


def variable_value(name: str, value: Any) -> Array:
    """What a variable can be set to: real numbers."""
    numbers = None if isinstance(value, (str, bytes)) else _as_numbers(value)
    if numbers is None:
        raise TypeError(
            f"Variable '{name}' takes numbers. Received {brief(value)} "
            f"of type {type(value).__name__}."
        )
    return numbers


def operand(name: str, value: Array) -> Array:
    """What a variable can be added to: real numbers."""
    if value.dtype.kind not in "fiub":
        raise ValueError(
            f"Variable '{name}' can be combined with real numbers. Received dtype {value.dtype}."
        )
    return value


def _as_numbers(value: Any) -> Array | None:
    try:
        numbers = np.asarray(value)
    except ValueError:  # rows of different lengths
        return None
    return numbers if numbers.dtype.kind in "fiub" else None
