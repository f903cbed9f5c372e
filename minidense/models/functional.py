"""Functional: a model made from symbolic inputs and outputs.

Answers to `keras/src/models/functional.py`. `Model(inputs, outputs)` gives one.
"""

import warnings
from collections.abc import Mapping
from typing import Any

from minidense import checks
from minidense.graph.nest import flatten, map_structure
from minidense.graph.order import order_graph
from minidense.graph.symbolic import KerasTensor, Node, node_of
from minidense.layers.base import Layer
from minidense.layers.input_layer import InputLayer
from minidense.layers.undo import all_or_nothing
from minidense.models.model import Model
from minidense.paths import open_path


class Functional(Model):
    """The layers between symbolic inputs and outputs, as one model.

    Args:
        inputs: a KerasTensor, or a list or dict of them.
        outputs: what was computed from them, in the same forms.
        name: None means an automatic one, `functional`.
        trainable: whether training may change the weights; as in Keras, the layers keep their own.
        **kwargs: none.

    Raises:
        ValueError: if inputs or outputs are no KerasTensors, do not belong together, or if two
            layers have one name.
        TypeError: if inputs or outputs are missing.
    """

    def __init__(
        self,
        inputs: Any,
        outputs: Any,
        name: str | None = None,
        trainable: bool | None = None,
        **kwargs: Any,
    ) -> None:
        checks.known_arguments("Model", kwargs, ())
        for argument, structure in (("inputs", inputs), ("outputs", outputs)):
            leaves = flatten(structure)
            symbolic = bool(leaves) and all(isinstance(leaf, KerasTensor) for leaf in leaves)
            checks.symbolic_tensors(argument, structure, symbolic)
        if trainable is not None:
            checks.boolean("trainable", trainable)
        with all_or_nothing([*flatten(inputs), *flatten(outputs)]):
            super().__init__(name=name)
            _warn_of_other_keys(inputs)
            if not all(node_of(tensor).is_input for tensor in flatten(inputs)):
                inputs, outputs = _begun_with_inputs(inputs, outputs)
            if trainable is not None:
                self._trainable = trainable
            self._set_plan(inputs, outputs)
        with open_path(self) as self.path:  # it is built where it is made
            self.built = True

    locks = False
    is_functional = True
    """Told to those who write the model down, and cannot import this class."""

    def _has_graph(self) -> bool:
        """Return True, for a subclass with its own `call` too."""
        return True

    def get_config(self) -> dict[str, Any]:
        """Return the layers as dicts, how they are called, and the inputs and outputs."""
        from minidense.models.functional_config import written_graph  # 1 ms of the import

        assert self.plan is not None
        graph = written_graph(self.plan, self._inputs_struct, self._outputs_struct)
        return {"name": self.name, "trainable": self._trainable, **graph}

    def get_build_config(self) -> dict[str, Any]:
        """Return {"input_shape": None}, as Keras: the shapes are those of the InputLayers."""
        return super().get_build_config() or {"input_shape": None}

    def build(self, input_shape: Any) -> None:
        """Do nothing: the layers were built when they were called."""

    @property
    def layers(self) -> list[Layer]:
        """The layers, the InputLayers among them, in the order of the graph."""
        assert self.plan is not None
        return list(self.plan.operations)

    def _sublayers(self) -> Any:
        return iter(self.layers)

    @property
    def _operations(self) -> list[Layer]:
        """What `summary` lists."""
        return self.layers

    @property
    def _nodes_by_depth(self) -> dict[int, list[Node]]:
        """The calls, deepest first: what `summary` draws connections from."""
        assert self.plan is not None
        return self.plan.nodes_by_depth

    @property
    def input(self) -> Any:
        """The symbolic inputs, in the nesting that the model was made with."""
        return self._inputs_struct

    @property
    def output(self) -> Any:
        """The symbolic outputs, in the nesting that the model was made with."""
        return self._outputs_struct


def functional_from_config(cls: type[Any], config: Mapping[str, Any]) -> Any:
    """Make a functional model from what `get_config` returned."""
    from minidense.models.functional_config import read_graph

    inputs, outputs = read_graph(config)
    return cls(inputs, outputs, name=config["name"], trainable=config.get("trainable"))


def _warn_of_other_keys(inputs: Any) -> None:
    """Warn if the keys of a dict of inputs are not the names of the inputs, as Keras does."""
    for key, tensor in inputs.items() if isinstance(inputs, dict) else ():
        if isinstance(tensor, KerasTensor) and key != tensor.name:
            warnings.warn(
                f"The keys of a dict of `inputs` should be the names of the inputs. The key "
                f"'{key}' stands for an input named '{tensor.name}': use Input(..., name='{key}').",
                UserWarning,
                stacklevel=4,
            )


def _begun_with_inputs(inputs: Any, outputs: Any) -> tuple[Any, Any]:
    """Record the calls between inner tensors and the outputs once more, from Inputs on.

    A model may begin in the middle of another; Keras gives it Inputs of its own too
    (`clone_graph_nodes`).
    """
    clones: dict[int, KerasTensor] = {}
    for tensor in flatten(inputs):
        if not node_of(tensor).is_input:
            layer = InputLayer(
                batch_shape=tensor.shape, dtype=tensor.dtype, name=f"{tensor.name}CLONE"
            )
            clones[id(tensor)] = layer.output
    for tensor in flatten(outputs):  # an inner tensor is not both ends, in Keras neither
        checks.connected(tensor, node_of(tensor).operation.name, id(tensor) not in clones)

    def cloned(tensor: KerasTensor) -> KerasTensor:
        return clones.get(id(tensor), tensor)

    def copied(tensor: KerasTensor) -> KerasTensor:
        return KerasTensor(tensor.shape, tensor.dtype, f"{tensor.name}CLONE")

    by_depth = order_graph(flatten(inputs), flatten(outputs)).nodes_by_depth
    for node in (node for nodes in by_depth.values() for node in nodes if not node.is_input):
        copies = map_structure(copied, node.outputs)
        arguments = map_structure(cloned, node.arguments)
        Node(node.operation, arguments, copies, node.training, node.only_passed)
        for tensor, copy in zip(node.output_tensors, flatten(copies), strict=True):
            clones.setdefault(id(tensor), copy)
    return map_structure(cloned, inputs), map_structure(cloned, outputs)


__all__ = ["Functional", "functional_from_config"]
