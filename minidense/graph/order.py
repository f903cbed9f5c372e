"""The order of a graph's calls: which must come before which, and Keras's choice among the rest.

The depth of a call is the longest way from it to an output; deeper calls run first. Layers are
listed in the same manner, which decides the order of `model.layers` and of `model.weights`.
Mirrors `map_graph` in `keras/src/ops/function.py`.
"""

from collections import defaultdict
from typing import Any, NamedTuple

from minidense import checks
from minidense.graph.symbolic import KerasTensor, Node, node_of


class GraphOrder(NamedTuple):
    """Calls by depth (deepest first) and layers, both in the order in which Keras has them."""

    nodes_by_depth: dict[int, list[Node]]
    operations: list[Any]

    @property
    def calls(self) -> list[Node]:
        """The nodes that compute something, in the order in which they run."""
        ordered = [node for nodes in self.nodes_by_depth.values() for node in nodes]
        return [node for node in ordered if not node.is_input]


def order_graph(inputs: list[KerasTensor], outputs: list[KerasTensor]) -> GraphOrder:
    """Order all calls between inputs and outputs.

    Raises:
        ValueError: if an output does not come from the inputs, or two layers have one name.
    """
    nodes, discovery = _nodes_below(inputs, outputs)
    node_depths, operation_depths = _depths(nodes)
    for tensor in inputs:  # an input that no output needs is listed all the same
        node = node_of(tensor)
        if node.is_input and node.operation not in operation_depths:
            node_depths[node] = operation_depths[node.operation] = 0
            discovery[node.operation] = -1
    by_depth: dict[int, list[Node]] = defaultdict(list)
    for node, depth in node_depths.items():
        by_depth[depth].append(node)
    operations = sorted(operation_depths, key=lambda op: (-operation_depths[op], discovery[op]))
    ordered = {depth: by_depth[depth] for depth in sorted(by_depth, reverse=True)}
    checks.unique_layer_names([operation.name for operation in operations])
    return GraphOrder(ordered, operations)


def _nodes_below(
    inputs: list[KerasTensor], outputs: list[KerasTensor]
) -> tuple[list[Node], dict[Any, int]]:
    """Walk from the outputs up; return each call after those it needs, and who was met when."""
    finished: dict[Node, None] = {}
    discovery: dict[Any, int] = {}
    given = set(inputs)

    def visit(tensor: KerasTensor, layer: str) -> None:
        node, is_given = node_of(tensor), tensor in given
        if node in finished or (is_given and not node.is_input):
            return
        checks.connected(tensor, layer, is_given or not node.is_input)
        discovery.setdefault(node.operation, len(discovery))
        for parent in node.input_tensors:
            visit(parent, node.operation.name)
        finished[node] = None

    for output in outputs:
        visit(output, node_of(output).operation.name)
    return list(finished), discovery


def _depths(nodes: list[Node]) -> tuple[dict[Node, int], dict[Any, int]]:
    """Return the longest way to an output, for each call and for each layer."""
    node_depths: dict[Node, int] = {}
    operation_depths: dict[Any, int] = {}
    members = set(nodes)
    for node in reversed(nodes):
        depth = max(node_depths.get(node, 0), operation_depths.get(node.operation, 0))
        node_depths[node] = operation_depths[node.operation] = depth
        for parent in map(node_of, node.input_tensors):
            if parent in members:
                node_depths[parent] = max(depth + 1, node_depths.get(parent, 0))
    return node_depths, operation_depths
