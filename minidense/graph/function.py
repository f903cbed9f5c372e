"""A graph from symbolic inputs to outputs, and how it is run: by calling its layers.

Mirrors `keras/src/ops/function.py`.
"""

from collections.abc import Callable, Sequence
from typing import Any

from minidense.graph.order import order_graph
from minidense.graph.symbolic import KerasTensor
from minidense.nest import flatten, pack_like


class GraphFunction:
    """What lies between symbolic inputs and outputs.

    Args:
        inputs: symbolic tensors, in lists, tuples and dicts.
        outputs: what was computed from them.

    Raises:
        ValueError: if an output does not come from the inputs, or two layers have one name.
    """

    def __init__(self, inputs: Any, outputs: Any) -> None:
        self.inputs_struct = inputs
        self.outputs_struct = outputs
        self.inputs: list[KerasTensor] = flatten(inputs)
        self.outputs: list[KerasTensor] = flatten(outputs)
        order = order_graph(self.inputs, self.outputs)
        self.nodes_by_depth, self.operations = order
        self.calls = order.calls

    def run(self, inputs: Sequence[Any], call: Callable[..., Any]) -> Any:
        """Return the outputs in their nesting.

        Args:
            inputs: in the order of `self.inputs`.
            call: takes a layer and the arguments of a call, and returns what comes of it.
        """
        values: dict[KerasTensor, Any] = dict(zip(self.inputs, inputs, strict=True))
        for node in self.calls:
            args, kwargs = node.arguments(values.__getitem__)
            outputs = call(node.operation, *args, **kwargs)
            values.update(zip(node.output_tensors, flatten(outputs), strict=True))
        return pack_like(self.outputs_struct, [values[tensor] for tensor in self.outputs])
