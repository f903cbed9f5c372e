"""The graph of a functional model as plain values, and back: layers, their calls, and both ends.

The form is Keras's. A tensor is named by the layer that made it, the number of that layer's call,
and its place among what the call gave. Answers to the second half of
`keras/src/models/functional.py`.
"""

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from minidense import checks
from minidense.graph.nest import flatten, map_structure
from minidense.graph.plan import Plan
from minidense.graph.symbolic import KerasTensor, Node, passes_mask
from minidense.layers.activation import Softmax
from minidense.layers.base import Layer
from minidense.layers.serialization import layer_from, plain_value, serialize, with_module
from minidense.models.sequential import Sequential

# Writing


def written_graph(plan: Plan, inputs: Any, outputs: Any) -> dict[str, Any]:
    """Return the "layers" of a plan with their calls, its "input_layers" and "output_layers"."""
    numbers = _call_numbers(plan)
    layers = []
    for layer in plan.operations:
        nodes = [node for node in layer._inbound_nodes if node in numbers and not node.is_input]
        calls = [_written_call(node, numbers) for node in nodes]
        layers.append({**serialize(layer), "name": layer.name, "inbound_nodes": calls})

    def end(tensor: KerasTensor) -> list[Any]:
        layer, number, place = _named(tensor, numbers)
        return [layer.name, number + _first_number(layer), place]

    return {
        "layers": layers,
        "input_layers": map_structure(end, inputs),
        "output_layers": map_structure(end, outputs),
    }


def _call_numbers(plan: Plan) -> dict[Node, int]:
    """Return the number of each call in the plan, among the calls of its layer in the plan."""
    members = {node for nodes in plan.nodes_by_depth.values() for node in nodes}
    numbers: dict[Node, int] = {}
    for layer in plan.operations:
        calls = [node for node in layer._inbound_nodes if node in members]
        numbers |= {node: number for number, node in enumerate(calls)}
    return numbers


def _named(tensor: KerasTensor, numbers: dict[Node, int]) -> tuple[Any, int, int]:
    layer, node_index, place = tensor._keras_history
    return layer, numbers[layer._inbound_nodes[node_index]], place


def _first_number(layer: Any) -> int:
    """Return 1 for a functional model, else 0: so Keras counts calls, but only at both ends."""
    return int(getattr(layer, "is_functional", False))


def _written_call(node: Node, numbers: dict[Node, int]) -> dict[str, Any]:
    def written(tensor: KerasTensor) -> dict[str, Any]:
        layer, number, place = _named(tensor, numbers)
        form = plain_value(tensor)
        form["config"]["keras_history"] = [layer.name, number, place]
        return dict(form)

    arguments = map_structure(written, node.arguments)
    return {"args": (arguments,), "kwargs": _written_keywords(node)}


def _written_keywords(node: Node) -> dict[str, Any]:
    """Return what Keras records beside the inputs: `training`, and an empty `mask`.

    It records the default of `training` where that is True or False. It records a mask of None for
    layers whose `call` takes one, but for a functional model only if `training` was passed. Where
    an input was cast, only what was passed is recorded.
    """
    layer = node.operation
    if node.only_passed and not _first_number(layer):
        return {} if node.training is None else {"training": node.training}
    training = layer.recorded_training() if node.training is None else node.training
    keywords = {} if training is None else {"training": training}
    if _takes_mask(layer) and (node.training is None or _first_number(layer)):
        keywords["mask"] = map_structure(lambda _: None, node.arguments)
    return keywords


def _takes_mask(layer: Any) -> bool:
    """Whether Keras's `call` of a layer takes a mask."""
    if not layer._definer("call").__module__.startswith("minidense."):
        return "mask" in inspect.signature(layer.call).parameters
    return isinstance(layer, (Softmax, Sequential)) or bool(_first_number(layer))


# Reading


def read_graph(config: Mapping[str, Any]) -> tuple[Any, Any]:
    """Make the layers of a configuration, call them as it says; return the inputs and outputs.

    Raises:
        TypeError: for a value of another type than is written.
        ValueError: for calls that need tensors that nothing makes, or layers that are not there.
    """
    layers: dict[str, Layer] = {}
    waiting: dict[str, list[Any]] = {}
    for layer_config in _list("layers", config["layers"]):
        name, calls = _name_and_calls(layer_config)
        checks.unique_layer_names([*layers, name])
        layers[name] = layer_from(with_module(layer_config))
        waiting[name] = calls
    while any(waiting.values()):
        ready = [call for name in waiting for call in _take_ready(name, waiting[name], layers)]
        if not ready:
            names = [name for name, calls in waiting.items() if calls]
            raise ValueError(
                "The calls of a functional model's configuration form a loop, or need tensors that "
                f"no call makes. It stops at the layers {checks.brief(names, 120)}."
            )
    inputs, outputs = config["input_layers"], config["output_layers"]
    return _read_end("input_layers", inputs, layers), _read_end("output_layers", outputs, layers)


def _name_and_calls(layer_config: Any) -> tuple[str, list[Any]]:
    if not isinstance(layer_config, Mapping):
        raise TypeError(f"A layer is written as a dict. Received: {checks.brief(layer_config)}.")
    for key in ("name", "inbound_nodes"):
        if key not in layer_config:
            raise ValueError(
                f"A layer of a functional model is written with '{key}'. "
                f"Received: {checks.brief(dict(layer_config), 200)}."
            )
    if not isinstance(layer_config["name"], str):
        raise TypeError(
            f"A layer's name is a text. Received: {checks.brief(layer_config['name'])}."
        )
    return layer_config["name"], _list("inbound_nodes", layer_config["inbound_nodes"])


def _list(key: str, value: Any) -> list[Any]:
    if not isinstance(value, (list, tuple)):
        raise TypeError(f"'{key}' must be a list. Received: {checks.brief(value)}.")
    return list(value)


@dataclass(frozen=True)
class NamedTensor:
    """A tensor that a configuration names: a layer, the number of its call, and the place."""

    layer: str
    number: int
    place: int


def _take_ready(name: str, calls: list[Any], layers: dict[str, Layer]) -> Iterator[Any]:
    """Make the calls of a layer whose inputs are there, in their order, and take them out."""
    while calls:
        args, keywords = _arguments(calls[0], layers[name])
        named = [leaf for leaf in flatten([args, keywords]) if isinstance(leaf, NamedTensor)]
        if any(_tensor(leaf, layers) is None for leaf in named):
            return
        args, keywords = map_structure(lambda leaf: _tensor(leaf, layers), [args, keywords])
        outputs = layers[name](*args, **keywords)
        if "mask" in calls[0]["kwargs"]:
            passes_mask(outputs)
        yield calls.pop(0)


def _arguments(call: Any, layer: Layer) -> tuple[list[Any], dict[str, Any]]:
    """Return the arguments of a written call; where tensors go, there are their names."""
    if not isinstance(call, Mapping) or not call.keys() >= {"args", "kwargs"}:
        raise ValueError(
            "A call in a functional model's configuration is a dict with 'args' and 'kwargs'. "
            f"Received: {checks.brief(call, 120)}."
        )
    args, keywords = _list("args", _parsed(call["args"])), _parsed(call["kwargs"])
    if not isinstance(keywords, dict):
        raise TypeError(f"'kwargs' must be a dict. Received: {checks.brief(call['kwargs'])}.")
    if "mask" in keywords:
        if any(leaf is not None for leaf in flatten(keywords.pop("mask"))):
            raise ValueError("A call with a mask cannot be read: minidense computes no masks.")
        if not _first_number(layer):  # `training` was not passed: see `_written_keywords`
            keywords.pop("training", None)
    if not all(isinstance(leaf, NamedTensor) for leaf in flatten(args)):
        raise ValueError(
            "The 'args' of a call in a functional model's configuration must be tensors, each "
            f"written as a '__keras_tensor__'. Received: {checks.brief(call['args'], 120)}."
        )
    return args, keywords


def _parsed(value: Any) -> Any:
    """Return plain values with the written tensors replaced by their names."""
    if isinstance(value, Mapping) and value.get("class_name") == "__keras_tensor__":
        config = value.get("config")
        return _named_tensor(config.get("keras_history") if isinstance(config, Mapping) else None)
    if isinstance(value, Mapping):
        return {key: _parsed(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)([_parsed(part) for part in value])
    return value


def _named_tensor(name: Any) -> NamedTensor:
    if not isinstance(name, (list, tuple)) or len(name) != 3:
        raise ValueError(
            "A tensor is named by a layer, the number of its call and the place among its outputs, "
            f"['dense', 0, 0]. Received: {checks.brief(name)}."
        )
    types = [str, int, int]
    if any(type(part) is not expected for part, expected in zip(name, types, strict=True)):
        raise TypeError(
            f"A tensor is named by a text and two integers. Received: {checks.brief(name)}."
        )
    return NamedTensor(*name)


def _tensor(leaf: Any, layers: dict[str, Layer]) -> Any:
    """Return the tensor that is named, None if its call is still to be made; the rest as it is."""
    if not isinstance(leaf, NamedTensor):
        return leaf
    if leaf.layer not in layers:
        raise ValueError(f"A tensor comes from the layer '{leaf.layer}', which is not there.")
    nodes = layers[leaf.layer]._inbound_nodes
    if leaf.number >= len(nodes):
        return None
    outputs = nodes[leaf.number].output_tensors if leaf.number >= 0 else []
    if not 0 <= leaf.place < len(outputs):
        raise ValueError(f"The layer '{leaf.layer}' has no tensor [{leaf.number}, {leaf.place}].")
    return outputs[leaf.place]


def _read_end(key: str, structure: Any, layers: dict[str, Layer]) -> Any:
    """Return the tensors at one end of the graph, in the nesting in which they are named."""
    if isinstance(structure, Mapping):
        return {name: _read_end(key, part, layers) for name, part in structure.items()}
    if not isinstance(structure, (list, tuple)):
        raise TypeError(f"'{key}' must be a list or a dict. Received: {checks.brief(structure)}.")
    if not structure or not isinstance(structure[0], str):
        return type(structure)([_read_end(key, part, layers) for part in structure])
    named = _named_tensor(structure)
    if named.layer in layers:
        first = _first_number(layers[named.layer])
        named = NamedTensor(named.layer, named.number - first, named.place)
    tensor = _tensor(named, layers)
    if tensor is None:
        raise ValueError(f"'{key}' names a call of '{named.layer}' that is not made.")
    return tensor


__all__ = ["read_graph", "written_graph"]
