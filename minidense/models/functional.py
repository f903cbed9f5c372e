"""Functional: a model made from symbolic inputs and outputs.

Mirrors `keras/src/models/functional.py`. `Model(inputs, outputs)` gives one.
"""

from typing import Any

from minidense import checks
from minidense.graph.order import order_graph
from minidense.graph.symbolic import KerasTensor, Node, node_of
from minidense.layers.configuration import base_config
from minidense.layers.input_layer import InputLayer
from minidense.layers.layer import Layer
from minidense.models.model import Model, is_made_of_a_graph
from minidense.models.network import Network, layer_name
from minidense.nest import flatten, map_structure
from minidense.paths import open_path


class Functional(Model):
    """The layers between symbolic inputs and outputs, as one model.

    Args:
        inputs: a KerasTensor, or a list or dict of them.
        outputs: what was computed from them, in the same forms.
        name: None means an automatic one, `functional`.
        **kwargs: `trainable`, whether training may change the weights; the layers keep their own.

    Raises:
        ValueError: if inputs or outputs are no KerasTensors, do not belong together, or if two
            layers have one name.
        TypeError: if inputs or outputs are missing.
    """

    locks = False
    takes_arrays_as_they_are = True
    first_call_number = 1
    """Calls of it are counted from 1 at the ends of a graph in a configuration."""
    _network: Network

    def __init__(self, inputs: Any, outputs: Any, name: str | None = None, **kwargs: Any) -> None:
        checks.known_arguments("Model", kwargs, ("trainable",))
        for argument, structure in (("inputs", inputs), ("outputs", outputs)):
            leaves = flatten(structure)
            fits = bool(leaves) and all(isinstance(leaf, KerasTensor) for leaf in leaves)
            checks.symbolic_tensors(argument, structure, fits)
        trainable = True if kwargs.get("trainable") is None else kwargs["trainable"]
        checks.boolean("trainable", trainable)
        _warn_of_other_keys(inputs)
        if not all(node_of(tensor).is_input for tensor in flatten(inputs)):
            inputs, outputs = _with_own_inputs(inputs, outputs)
        super().__init__(name=name, trainable=trainable)
        self._network = Network(self.name, inputs, outputs)
        with open_path(self) as self.path:  # it is built where it is made
            self.built = True

    # Calls

    def call(self, inputs: Any, training: bool | None = None, mask: None = None) -> Any:
        """Return the outputs for tensors: what the layers give, called one after the other."""
        return self._network.call(inputs, training)

    def check_shapes(self, inputs: Any) -> None:
        """Raise ValueError if the inputs are not as many as the model has, or of other shapes."""
        self._network.check_shapes(inputs)

    def compute_output_spec(self, inputs: Any, training: Any = None, mask: None = None) -> Any:
        """Return symbolic outputs for symbolic inputs."""
        return self._network.compute_output_spec(inputs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the outputs, in the nesting that the model was made with."""
        return self._network.compute_output_shape(input_shape)

    def build(self, input_shape: Any) -> None:
        """Do nothing: the layers were built when they were called."""

    # What it is made of

    @property
    def output_names(self) -> list[str]:
        """The names of the layers that the outputs come from."""
        return [layer_name(tensor) for tensor in self.outputs]

    @property
    def layers(self) -> list[Layer]:
        """The layers, the InputLayers among them, in the order of the graph."""
        return [layer for layer in self._operations if isinstance(layer, Layer)]

    @property
    def _operations(self) -> list[Any]:
        """What `summary` lists: the layers and operations."""
        return list(self._network.operations)

    @property
    def _nodes_by_depth(self) -> dict[int, list[Node]]:
        """The calls, deepest first: what `summary` draws connections from."""
        return self._network.nodes_by_depth

    def sublayers(self) -> Any:
        """Give the layers of the graph, and those that are attributes beside."""
        yield from dict.fromkeys([*self.layers, *super().sublayers()])

    @property
    def input(self) -> Any:
        """The symbolic inputs, in the nesting that the model was made with."""
        return self._network.inputs_struct

    @property
    def output(self) -> Any:
        """The symbolic outputs, in the nesting that the model was made with."""
        return self._network.outputs_struct

    # Configurations

    def get_config(self) -> dict[str, Any]:
        """Return the layers as dicts, how they are called, and the inputs and outputs.

        A subclass whose `__init__` takes something else has only its name, `trainable` and dtype.
        """
        if not is_made_of_a_graph(type(self)):
            return base_config(self)
        from minidense.models.functional_config import written_graph  # 1 ms of the import

        graph = written_graph(self._network)
        return {"name": self.name, "trainable": self._trainable, **graph}

    def get_build_config(self) -> dict[str, Any]:
        """Return {"input_shape": None}, as Keras: the shapes are those of the InputLayers."""
        return super().get_build_config() or {"input_shape": None}


def _warn_of_other_keys(inputs: Any) -> None:
    """Warn if the keys of a dict of inputs are not the names of the inputs."""
    for key, tensor in inputs.items() if isinstance(inputs, dict) else ():
        if isinstance(tensor, KerasTensor) and key != tensor.name:
            wish = "The keys of a dict of `inputs` should be the names of the inputs"
            stands = f"The key '{key}' stands for an input named '{tensor.name}'"
            checks.warn_user(f"{wish}. {stands}: use Input(..., name='{key}').")


def _with_own_inputs(inputs: Any, outputs: Any) -> tuple[Any, Any]:
    """Record the calls between inner tensors and the outputs once more, from Inputs on.

    So a model that begins in the middle of another one gets Inputs of its own. The graph that it is
    cut from stays as it is: the layers have one more call each. Mirrors `clone_graph_nodes`.

    Raises:
        ValueError: if an output does not come from the inputs.
    """
    inner = list(dict.fromkeys(x for x in flatten(inputs) if not node_of(x).is_input))
    for tensor in flatten(outputs):  # an inner tensor is not both ends, in Keras neither
        checks.connected(tensor, node_of(tensor).operation.name, tensor not in inner)
    order = order_graph(flatten(inputs), flatten(outputs))
    begins = [InputLayer(batch_shape=x.shape, dtype=x.dtype, name=f"{x.name}CLONE") for x in inner]
    checks.unique_layer_names([layer.name for layer in [*order.operations, *begins]])
    clones = {x: layer.output for x, layer in zip(inner, begins, strict=True)}

    def cloned(tensor: KerasTensor) -> Any:
        return clones.get(tensor, tensor)

    def copied(tensor: KerasTensor) -> KerasTensor:
        return KerasTensor(tensor.shape, tensor.dtype, f"{tensor.name}_clone")

    for node in order.calls:
        copies = map_structure(copied, node.outputs)
        Node(node.operation, *node.arguments(cloned), copies)
        for tensor, copy in zip(node.output_tensors, flatten(copies), strict=True):
            clones.setdefault(tensor, copy)
    return map_structure(cloned, inputs), map_structure(cloned, outputs)
