"""How a layer is called: conversion, checks, building, `training`, and the call itself.

Mirrors `Layer.__call__`, `CallSpec` and `CallContext` in `keras/src/layers/layer.py`.
"""

import inspect
import threading
from collections.abc import Mapping
from typing import Any

from minidense import checks
from minidense.dtypes import is_floating
from minidense.graph.symbolic import KerasTensor, Node, is_symbolic
from minidense.layers.building import build_for_call
from minidense.nest import flatten, map_structure
from minidense.ops.shapes import cast, convert_to_tensor
from minidense.paths import open_path
from minidense.tensors import Symbolic, Tensor
from minidense.variables import Variable


class CallContext(threading.local):
    """What is said about `training` in the call that is under way.

    There is one for the outermost call. What one layer is told holds for those called after it,
    too: it is never put back.
    """

    entry: Any = None
    """The layer that was called first; None while no layer is called."""
    training: Any = None


context = CallContext()


class CallSpec:
    """The arguments of one call, by the names that `call` has for them.

    Args:
        layer: what is called.
        args: positional arguments.
        kwargs: arguments by name; `training` is taken out if `call` does not have it.
    """

    def __init__(self, layer: Any, args: Any, kwargs: dict[str, Any]) -> None:
        signature: inspect.Signature = layer._call_signature
        self.takes_training = "training" in signature.parameters
        given = {}
        if "training" in kwargs and not self.takes_training:
            given["training"] = kwargs.pop("training")
        bound = checks.bound_call(layer.name, signature, args, kwargs)
        self.given: dict[str, Any] = {**given, **bound.arguments}
        """What was passed, without the defaults."""
        bound.apply_defaults()
        self.arguments: dict[str, Any] = bound.arguments
        self.first = next(iter(self.arguments.values()), None)
        self.tensors = {
            argument: value
            for argument, value in self.arguments.items()
            if _holds_tensors(layer.name, argument, value)
        }
        """The arguments that are tensors, or lists, tuples and dicts of them."""

    def shapes(self) -> dict[str, Any]:
        """Return the shape of each argument that is a tensor, or holds tensors, by its name."""
        return {
            f"{argument}_shape": map_structure(lambda x: None if x is None else x.shape, value)
            for argument, value in self.tensors.items()
            if argument not in ("mask", "args", "kwargs")
        }


def _holds_tensors(layer: str, argument: str, value: Any) -> bool:
    if not isinstance(value, (list, tuple, Mapping)):
        return isinstance(value, (Tensor, Symbolic))
    leaves = flatten(value)
    tensors = [leaf for leaf in leaves if isinstance(leaf, (Tensor, Symbolic))]
    others = [leaf for leaf in leaves if not isinstance(leaf, (Tensor, Symbolic, type(None)))]
    checks.no_mixture(layer, argument, bool(tensors), others)
    return bool(leaves) and not others


def call_layer(layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Compute the outputs of a layer for arrays, or record the call for KerasTensors."""
    given_args, given_kwargs = args, kwargs
    # where nothing need be cast, a Node records these very keywords, with `training` among them
    is_alone = not kwargs and len(args) == 1 and isinstance(args[0], (Tensor, Symbolic))
    is_ready = is_alone and args[0].dtype == layer.input_dtype
    if not layer.takes_arrays_as_they_are and not is_ready:
        args, kwargs = map_structure(lambda x: _converted(layer, x), [args, kwargs])
        checks.tensors_first(layer.name, args)
    call = CallSpec(layer, args, kwargs)
    layer.check_shapes(call.first)
    if not layer.built:
        with open_path(layer):
            build_for_call(layer, call)
    try:
        training = _resolved_training(layer, call)
        if call.takes_training and training is not None:
            kwargs["training"] = training
        if "mask" in call.arguments and call.arguments["mask"] is None and len(call.tensors) == 1:
            kwargs["mask"] = map_structure(lambda x: None, *call.tensors.values())
        is_recorded = is_symbolic([given_args, given_kwargs])
        with open_path(layer):
            compute = layer.compute_output_spec if is_recorded else layer.call
            outputs = compute(*args, **kwargs)
        if not layer.built:
            layer.built = True
    except Exception as error:
        error.add_note(f"In the call of layer '{layer.name}', shapes: {call.shapes()}")
        raise
    finally:
        if context.entry is layer:
            context.entry = None
    if is_recorded:
        Node(layer, given_args, given_kwargs, outputs)
    return outputs


def _resolved_training(layer: Any, call: CallSpec) -> Any:
    """Return what a call is told: what was passed, else what was said last, else its default."""
    if context.entry is None:
        context.entry, context.training = layer, None
    if "training" in call.given:
        context.training = call.given["training"]
    elif context.training is None:
        context.training = call.arguments.get("training")
    return context.training


def _converted(layer: Any, value: Any) -> Any:
    """Return an argument as a tensor, floats in the layer's dtype, if it is an array."""
    if not isinstance(value, (Tensor, Symbolic)):
        if not hasattr(value, "__array__"):
            return value
        is_variable = isinstance(value, Variable)
        value = convert_to_tensor(value if is_variable else checks.array(layer.name, value).copy())
    if not layer.autocast or not is_floating(value.dtype) or value.dtype == layer.input_dtype:
        return value
    if isinstance(value, KerasTensor):
        return KerasTensor(value.shape, layer.input_dtype, value.name)
    return cast(value, dtype=layer.input_dtype)
