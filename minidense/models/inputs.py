"""How what is passed to a model becomes its inputs: names, dtypes and ranks."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from minidense import checks
from minidense.graph.nest import flatten, in_tuples, map_structure
from minidense.graph.symbolic import KerasTensor
from minidense.typing import Array, Shape


def kept_or_arranged(inputs: Mapping[str, Any], arranged: list[Any]) -> Any:
    """Return the dict itself if its sorted keys are the model's order, else the list in order.

    So a call is written down as it was made, wherever it can be.
    """
    own = flatten(inputs)
    same = len(own) == len(arranged) and all(a is b for a, b in zip(own, arranged, strict=True))
    return dict(inputs) if same else arranged


def warn_of_other_names(
    model: str, names: Sequence[str], passed: Sequence[str], stacklevel: int
) -> None:
    """Warn of names in a dict of inputs that are no input's."""
    others = sorted(set(passed) - set(names))
    if others:
        warnings.warn(
            f"Model '{model}' has the inputs {checks.brief(list(names), 200)}. What was passed as "
            f"{checks.brief(others, 200)} is not used.",
            UserWarning,
            stacklevel=stacklevel,
        )


def compare_nesting(model: str, wanted: Any, given: Any, stacklevel: int) -> None:
    """Warn if as many inputs come in other lists, tuples or dicts than a model was made with.

    Lists and tuples are the same here. Source: `Functional._maybe_warn_inputs_struct_mismatch`.

    Raises:
        ValueError: for a list, if the dict's keys are not sorted.
    """
    alone = isinstance(wanted, list) and len(wanted) == 1 and _is_leaf(wanted[0])
    if _is_leaf(given) and (_is_leaf(wanted) or alone):
        return  # Keras puts a single array into such a list itself, but not into a tuple
    if not isinstance(given, Mapping):
        in_order_of_a_list(model, wanted)
    asked, passed = (in_tuples(map_structure(lambda _: None, each)) for each in (wanted, given))
    if asked != passed and len(flatten(asked)) == len(flatten(passed)):
        warnings.warn(
            f"Model '{model}' was made with inputs in the form {_form(asked):.150}, and was given "
            f"them in the form {_form(passed):.150}. They are taken in their order.",
            UserWarning,
            stacklevel=stacklevel,
        )


def in_order_of_a_list(model: str, wanted: Any) -> None:
    """Raise ValueError if a model was made with a dict whose order is not that of a list."""
    if isinstance(wanted, Mapping) and len(wanted) > 1:
        checks.order_is_sorted(model, list(wanted))


def _is_leaf(structure: Any) -> bool:
    return not isinstance(structure, (list, tuple, Mapping))


def _form(nesting: Any) -> str:
    """Return a nesting as text, a star for each input.

    >>> _form({"a": (None, (None,))})
    "{'a': (*, (*,))}"
    """
    if isinstance(nesting, Mapping):
        return "{" + ", ".join(f"{key!r}: {_form(part)}" for key, part in nesting.items()) + "}"
    if isinstance(nesting, tuple):
        return "(" + ", ".join(map(_form, nesting)) + ("," if len(nesting) == 1 else "") + ")"
    return "*"


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
    "compare_nesting",
    "fit_rank",
    "in_form",
    "in_order_of_a_list",
    "input_names",
    "kept_or_arranged",
    "layer_name",
    "shape_or_shapes",
    "warn_of_other_names",
]
