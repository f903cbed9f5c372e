"""How what is passed to a model becomes its inputs: names, dtypes and ranks."""

from collections.abc import Mapping
from typing import Any

from minidense import checks
from minidense.graph.nest import flatten
from minidense.graph.symbolic import KerasTensor
from minidense.typing import Array, Shape


def kept_or_arranged(inputs: Mapping[str, Any], arranged: list[Any]) -> Any:
    """Return the dict itself if its sorted keys are the model's order, else the list in order.

    So a call is written down as it was made, wherever it can be.
    """
    own = flatten(inputs)
    same = len(own) == len(arranged) and all(a is b for a, b in zip(own, arranged, strict=True))
    return dict(inputs) if same else arranged


def in_form(model: str, tensor: KerasTensor, array: Array) -> Array:
    """Return an array in the dtype and rank of a model's input."""
    if array.dtype != tensor.dtype:
        array = array.astype(tensor.dtype)
    if array.ndim != tensor.ndim:
        shape = fit_rank(model, tensor, array.shape)
        array = array.reshape([dim or 0 for dim in shape])
    return array


def fit_rank(model: str, tensor: KerasTensor, shape: Shape) -> Shape:
    """Return the shape with an axis of 1 added or taken at the end, if that makes it fit."""
    wanted = tensor.shape
    if len(shape) == len(wanted):
        return shape
    if len(shape) == len(wanted) + 1 and shape[-1] == 1:
        return shape[:-1]
    if len(shape) == len(wanted) - 1 and wanted[-1] == 1:
        return (*shape, 1)
    raise checks.wrong_rank(model, layer_name(tensor), wanted, shape)


def shape_or_shapes(tensors: list[KerasTensor]) -> Any:
    """Return the one shape, or a list of the several, as Keras does for dicts and tuples too."""
    shapes = [tensor.shape for tensor in tensors]
    return shapes[0] if len(shapes) == 1 else shapes


def layer_name(tensor: KerasTensor) -> str:
    """Return the name of the InputLayer that an input comes from."""
    name: str = tensor._keras_history.operation.name
    return name


def input_names(structure: Any) -> list[str]:
    """Return the keys by which a dict of inputs is read."""
    if isinstance(structure, Mapping):
        return sorted(structure)
    return [layer_name(tensor) for tensor in flatten(structure)]


__all__ = [
    "fit_rank",
    "in_form",
    "input_names",
    "kept_or_arranged",
    "layer_name",
    "shape_or_shapes",
]
