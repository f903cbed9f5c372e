"""The graph of a functional model as plain values, and back: layers, their calls, and both ends.

The form is Keras's. A tensor is named by the layer that made it, the number of that layer's call,
and its place among what the call gave. Mirrors the second half of
`keras/src/models/functional.py`.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NoReturn

import numpy as np

from minidense import checks
from minidense.graph.configuration import is_operation, read_operation
from minidense.graph.function import GraphFunction
from minidense.graph.symbolic import KerasTensor, Node
from minidense.layers.reading import layer_from, with_module
from minidense.layers.serialization import plain_value, serialize
from minidense.names import auto_name
from minidense.nest import flatten, map_structure

# Writing


def written_graph(graph: GraphFunction) -> dict[str, Any]:
    """Return the "layers" of a graph with their calls, its "input_layers" and "output_layers"."""
    members = {node for nodes in graph.nodes_by_depth.values() for node in nodes}
    nodes = {op: [node for node in op._inbound_nodes if node in members] for op in graph.operations}
    numbers = {node: number for calls in nodes.values() for number, node in enumerate(calls)}
    layers = []
    for layer in graph.operations:
        calls = [_written_call(node, numbers) for node in nodes[layer] if not node.is_input]
        layers.append({**serialize(layer), "name": layer.name, "inbound_nodes": calls})

    def end(tensor: KerasTensor) -> list[Any]:
        layer, number, place = _named(tensor, numbers)
        return [layer.name, number + _first_number(layer), place]

    return {
        "layers": layers,
        "input_layers": map_structure(end, graph.inputs_struct),
        "output_layers": map_structure(end, graph.outputs_struct),
    }


def _named(tensor: KerasTensor, numbers: dict[Node, int]) -> tuple[Any, int, int]:
    """Return the layer that made a tensor, the number of its call in the graph, and the place."""
    layer, node_index, place = tensor._keras_history
    return layer, numbers[layer._inbound_nodes[node_index]], place


def _first_number(layer: Any) -> int:
    """Return 1 for a functional model, else 0: so Keras counts calls, but only at both ends."""
    return getattr(layer, "first_call_number", 0)


def _written_call(node: Node, numbers: dict[Node, int]) -> dict[str, Any]:
    """Return the arguments of a call as plain values; a tensor is named by the call it is from."""

    def written(tensor: KerasTensor) -> dict[str, Any]:
        layer, number, place = _named(tensor, numbers)
        form = plain_value(tensor)
        form["config"]["keras_history"] = [layer.name, number, place]
        return dict(form)

    args, kwargs = node.arguments(written)
    return {"args": plain_value(args), "kwargs": plain_value(kwargs)}


# Reading


def read_graph(config: Mapping[str, Any]) -> tuple[Any, Any]:
    """Make the layers of a configuration, call them as it says; return the inputs and outputs.

    Raises:
        TypeError: for a value of another type than is written.
        ValueError: for calls that need tensors that nothing makes, or layers that are not there.
    """
    layers: dict[str, Any] = {}
    waiting: dict[str, list[Any]] = {}
    for written in _list("layers", config["layers"]):
        layer_config = with_module(written)
        if not layer_config.keys() >= {"name", "inbound_nodes"}:
            _refuse(ValueError, "A layer is written with 'name' and 'inbound_nodes'", layer_config)
        name, calls = layer_config["name"], _list("inbound_nodes", layer_config["inbound_nodes"])
        if not isinstance(name, str):
            _refuse(TypeError, "A layer's name is a text", name)
        checks.unique_layer_names([*layers, name])
        read = read_operation if is_operation(layer_config) else layer_from
        layers[name], waiting[name] = read(layer_config), calls
    while any(waiting.values()):
        ready = [call for name in waiting for call in _take_ready(name, waiting[name], layers)]
        if not ready:
            names = [name for name, calls in waiting.items() if calls]
            fault = "The calls of the layers form a loop, or need tensors that no call makes"
            raise ValueError(f"{fault}. It stops at the layers {checks.brief(names, 120)}.")
    inputs, outputs = config["input_layers"], config["output_layers"]
    return _read_end("input_layers", inputs, layers), _read_end("output_layers", outputs, layers)


def _refuse(error: type[Exception], expected: str, received: Any) -> NoReturn:
    """Raise for a part of a functional model's configuration that is written in another way."""
    raise error(f"{expected}. Received: {checks.brief(received, 120)}.")


def _list(key: str, value: Any) -> list[Any]:
    if not isinstance(value, (list, tuple)):
        _refuse(TypeError, f"'{key}' must be a list", value)
    return list(value)


_UNMADE = object()
"""In the place of a tensor whose call is still to be made."""


def _take_ready(name: str, calls: list[Any], layers: dict[str, Any]) -> Iterator[Any]:
    """Make the calls of a layer whose inputs are there, in their order, and take them out."""
    while calls:
        args, keywords = _arguments(calls[0], layers)
        if any(leaf is _UNMADE for leaf in flatten([args, keywords])):
            return
        layers[name](*args, **keywords)
        yield calls.pop(0)


def _arguments(call: Any, layers: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """Return the arguments of a written call."""
    if not isinstance(call, Mapping) or not call.keys() >= {"args", "kwargs"}:
        _refuse(ValueError, "A call is written as a dict with 'args' and 'kwargs'", call)
    args = _list("args", _parsed(call["args"], layers))
    keywords = _parsed(call["kwargs"], layers)
    if not isinstance(keywords, dict):
        _refuse(TypeError, "'kwargs' must be a dict", call["kwargs"])
    if any(leaf is not None for leaf in flatten(keywords.get("mask"))):
        raise ValueError("A call with a mask cannot be read: minidense computes no masks.")
    if args and not any(leaf is _UNMADE or isinstance(leaf, KerasTensor) for leaf in flatten(args)):
        expected = "The 'args' of a call must hold a tensor, written as a '__keras_tensor__'"
        _refuse(ValueError, expected, call["args"])
    return args, keywords


_SPECIAL: dict[str, Callable[[Any], Any]] = {
    "__ellipsis__": lambda config: ...,
    "__numpy__": lambda config: np.array(config["value"], config["dtype"]),
    "__slice__": lambda config: slice(config["start"], config["stop"], config["step"]),
}


def _parsed(value: Any, layers: dict[str, Any]) -> Any:
    """Return what plain values stand for, tensors among it."""
    if isinstance(value, Mapping) and value.get("class_name") == "__keras_tensor__":
        config = value.get("config")
        auto_name("KerasTensor")  # Keras makes a tensor of it first
        history = config.get("keras_history") if isinstance(config, Mapping) else None
        return _tensor(history, layers)
    if isinstance(value, Mapping) and value.get("class_name") in _SPECIAL:
        return _SPECIAL[value["class_name"]](value["config"])
    if isinstance(value, Mapping):
        return {key: _parsed(part, layers) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)([_parsed(part, layers) for part in value])
    return value


def _tensor(name: Any, layers: dict[str, Any], at_end: bool = False) -> Any:
    """Return the tensor of this name: layer, number of its call, place among what the call gave.

    At an end of the graph the calls of some layers are counted in another way.
    """
    if not isinstance(name, (list, tuple)) or len(name) != 3:
        expected = "A tensor is named by a layer, the number of its call and the place among its "
        _refuse(ValueError, f"{expected}outputs, ['dense', 0, 0]", name)
    if [type(part) for part in name] != [str, int, int]:
        _refuse(TypeError, "A tensor is named by a text and two integers", name)
    layer, number, place = name
    if layer not in layers:
        raise ValueError(f"A tensor comes from the layer '{layer}', which is not there.")
    number -= _first_number(layers[layer]) if at_end else 0
    nodes = layers[layer]._inbound_nodes
    if number >= len(nodes):
        return _UNMADE
    outputs = nodes[number].output_tensors if number >= 0 else []
    if not 0 <= place < len(outputs):
        raise ValueError(f"The layer '{layer}' has no tensor [{number}, {place}].")
    return outputs[place]


def _read_end(key: str, structure: Any, layers: dict[str, Any]) -> Any:
    """Return the tensors at one end of the graph, in the nesting in which they are named."""
    if isinstance(structure, Mapping):
        return {name: _read_end(key, part, layers) for name, part in structure.items()}
    if not isinstance(structure, (list, tuple)):
        _refuse(TypeError, f"'{key}' must be a list or a dict", structure)
    if not structure or not isinstance(structure[0], str):
        return type(structure)([_read_end(key, part, layers) for part in structure])
    tensor = _tensor(structure, layers, at_end=True)
    if tensor is _UNMADE:
        raise ValueError(f"'{key}' names a call of '{structure[0]}' that is not made.")
    return tensor
