"""Guards for arrays: numbers of a kind that can be computed with."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from minidense.checks.message import DataWarning, brief, no_array, typed, unfit, warn_user
from minidense.checks.shapes import alike
from minidense.typing import Array, Shape

_KINDS = {"c": "complex numbers", "O": "objects", "U": "strings", "S": "bytes"}


def array(receiver: str, value: Any) -> Array:
    """An array of real numbers, from anything that says it is an array."""
    if not hasattr(value, "__array__"):
        raise no_array(receiver, value)
    return real_numbers(f"'{receiver}'", np.asarray(value))


def real_numbers(
    receiver: str, value: Array, error: type[Exception] = ValueError, made_of: Any = None
) -> Array:
    """No complex numbers, texts or objects.

    The class of the error is for texts and complex numbers; `made_of` is what became the array.
    """
    kind = value.dtype.kind
    if kind not in "fiub":
        is_made = made_of is not None and not isinstance(made_of, np.ndarray)
        received = f"{typed(made_of)}, {brief(value)}" if is_made else brief(value)
        what = _KINDS.get(kind, str(value.dtype))
        error = error if kind in "cUS" else ValueError
        raise error(f"{receiver} takes arrays of real numbers. Received {what}: {received}.")
    return value


def not_none(receiver: str, value: Any) -> None:
    """Nothing is no array."""
    if value is None:
        raise ValueError(f"{receiver} takes arrays of real numbers. Received None.")


def no_ragged_rows(receiver: str, value: Any) -> None:
    """A list is an array only if its rows are as long as each other."""
    if isinstance(value, (list, tuple)) and _array_or_none(value) is None:
        received = f"{brief(value)}, whose rows differ in length"
        raise ValueError(f"{receiver} takes arrays of real numbers. Received {received}.")


def _array_or_none(value: Any) -> Array | None:
    """The array of a value, None for rows of different lengths."""
    try:
        return np.asarray(value)
    except ValueError:
        return None


def numeric(argument: str, value: Any) -> None:
    """Something that NumPy reads as real numbers, NaN not among them."""
    array = _array_or_none(value)
    if array is None or array.dtype.kind not in "fiub" or np.isnan(array).any():
        raise unfit(argument, value, "a number or an array of numbers")


def same_dtype(dtype: Any, other: Any) -> None:
    """The two tensors beside an operator have one dtype, as in TensorFlow."""
    if dtype != other:
        received = f"{dtype} and {other}: cast one of them, for example `ops.cast(x, '{dtype}')`"
        raise TypeError(f"An operator stands between tensors of one dtype. Received {received}.")


def number_for_dtype(dtype: Any, number: Any) -> None:
    """A tensor of whole numbers or truth values takes no number of another kind."""
    kinds = {"f": (bool, int, float), "b": (bool,)}.get(dtype.kind, (bool, int))
    if not isinstance(number, kinds):
        hint = "cast it first, for example `ops.cast(x, 'float32')`"
        raise TypeError(f"A tensor of dtype {dtype} cannot be combined with {number}: {hint}.")


def floating(
    function: str, value: Array, name: str = "x", error: type[Exception] = ValueError
) -> None:
    """Functions that have no meaning for whole numbers; Keras's raise one error or another."""
    if np.dtype(value.dtype).kind != "f":
        hint = f"cast it first, for example with {name}.astype('float32')"
        received = f"{name} of dtype {value.dtype}: {hint}"
        raise error(f"{function} takes floating point numbers. Received {received}.")


def not_boolean(function: str, value: Array) -> None:
    """Functions that compare numbers have no meaning for True and False."""
    if np.dtype(value.dtype).kind not in "fiu":
        raise ValueError(f"{function} takes numbers. Received dtype {value.dtype}.")


def no_list_of_numbers(name: str, value: Any) -> None:
    """A list may hold arrays, one for each input; rows of numbers make one array."""
    if value is None:
        raise ValueError(f"`{name}` is missing: expected an array. Received None.")
    if isinstance(value, (list, tuple, Mapping)) and not _is_input(value):
        raise no_array(name, value)


def _is_input(value: Any) -> bool:
    """Whether this is an array, or a list, tuple or dict of such."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return bool(value) and all(map(_is_input, value))
    return hasattr(value, "__array__")


def has_rows(name: str, shape: tuple[int, ...]) -> None:
    """A number alone has no rows."""
    if not shape:
        raise ValueError(f"`{name}` must have at least one axis. Received a single number.")


def same_length(lengths: Sequence[tuple[str, int]]) -> None:
    """All data have the same rows."""
    if len({length for _, length in lengths}) > 1:
        sizes = ", ".join(f"{name}: {length}" for name, length in lengths)
        wish = "all arrays must have the same number of rows"
        raise ValueError(f"Data cardinality is ambiguous: {wish}. Received {sizes}.")


def weight_values(layer: str, shapes: Sequence[Shape], weights: Any) -> list[Array]:
    """All new values of a layer's weights, each checked before any is used."""
    method = f"`set_weights` of layer '{layer}'"
    if isinstance(weights, (str, bytes, Mapping)) or not hasattr(weights, "__len__"):
        raise TypeError(f"{method} takes a list of arrays. Received {typed(weights)}.")
    if len(weights) != len(shapes):
        received = f"a weight list of length {len(weights)}"
        raise ValueError(f"{method} was expecting {len(shapes)} weights. Received {received}.")
    values = []
    for index, (shape, weight) in enumerate(zip(shapes, weights, strict=True)):
        value = _array_or_none(weight)
        if value is None or value.dtype.kind not in "fiub":
            received = f"element {index} is no array of numbers. Received {typed(weight)}"
            raise TypeError(f"{method}: {received}.")
        if value.shape != tuple(shape):
            wish = f"{method}: weight shape {tuple(shape)} is not compatible"
            raise ValueError(f"{wish} with the shape {value.shape} of element {index}.")
        values.append(value)
    if any(value.dtype.kind == "f" and not np.isfinite(value).all() for value in values):
        warn_user(f"The new weights of layer '{layer}' hold NaN or infinity.", DataWarning)
    return values


def gradients(optimizer: str, grads: Sequence[Any], variables: Sequence[Any]) -> None:
    """One gradient for each variable, in its shape, or None for what has none."""
    if len(grads) != len(variables):
        needs = f"Optimizer '{optimizer}' needs one gradient for each variable"
        received = f"{len(grads)} gradients for {len(variables)} variables"
        raise ValueError(f"{needs}. Received {received}.")
    for grad, variable in zip(grads, variables, strict=True):
        if grad is not None and not alike(np.shape(grad), variable.shape):
            needs = f"Optimizer '{optimizer}' needs a gradient of '{variable.path}' of its shape"
            received = f"a gradient of shape {np.shape(grad)}"
            raise ValueError(f"{needs} {variable.shape}. Received {received}.")


def some_gradient(optimizer: str, without: Sequence[str], variables: int) -> None:
    """A step needs a gradient; a warning names the variables that have none, as in Keras."""
    if len(without) == variables:
        raise ValueError(
            f"Optimizer '{optimizer}' needs a gradient of one variable at least. Received None for "
            f"each of {brief(without)}: the loss does not depend on them by operations of `ops`, "
            "which alone have gradients."
        )
    if without:
        received = f"the gradient of the variables {brief(without)} is None"
        warn_user(f"Optimizer '{optimizer}': {received}. They stay as they are.")


def some_pairs(optimizer: str, pairs: Sequence[Any]) -> None:
    """`apply_gradients` takes (gradient, variable) pairs, one at least."""
    if not pairs:
        wish = "`apply_gradients` needs one pair (gradient, variable) at least"
        raise ValueError(f"Optimizer '{optimizer}': {wish}. Received none.")
