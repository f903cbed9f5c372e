"""The order of a graph's calls: which must come before which, and Keras's choice among the rest.

The depth of a call is the longest way from it to an output; deeper calls run first. Layers are
listed in the same manner, which decides the order of `model.layers` and of `model.weights`.
Answers to `map_graph` in `keras/src/ops/function.py`.
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


def order_graph(
    inputs: list[KerasTensor], outputs: list[KerasTensor], may_share_names: bool = False
) -> GraphOrder:
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
    _check_connected(ordered, inputs)
    if not may_share_names:
        checks.unique_layer_names([operation.name for operation in operations])
    return GraphOrder(ordered, operations)


def _nodes_below(
    inputs: list[KerasTensor], outputs: list[KerasTensor]
) -> tuple[list[Node], dict[Any, int]]:
    """Walk from the outputs up; return each call after those it needs, and who was met when."""
    finished: dict[Node, None] = {}
    discovery: dict[Any, int] = {}
    given = {id(tensor) for tensor in inputs}

    def visit(tensor: KerasTensor) -> None:
        node = node_of(tensor)
        if node in finished or (id(tensor) in given and not node.is_input):
            return
        discovery.setdefault(node.operation, len(discovery))
        for parent in node.input_tensors:
            visit(parent)
        finished[node] = None

    for output in outputs:
        visit(output)
    return list(finished), discovery


def _depths(nodes: list[Node]) -> tuple[dict[Node, int], dict[Any, int]]:
    """Return the longest way to an output, for each call and for each layer."""
    node_depths: dict[Node, int] = {}
    operation_depths: dict[Any, int] = {}
    members = set(nodes)
    for node in reversed(nodes):
        depth = max(node_depths.get(node, 0), operation_depths.get(node.operation, 0))
        node_depths[node] = operation_depths[node.operation] = depth
        for parent in node.parent_nodes:
            if parent in members:
                node_depths[parent] = max(depth + 1, node_depths.get(parent, 0))
    return node_depths, operation_depths


def _check_connected(nodes_by_depth: dict[int, list[Node]], inputs: list[KerasTensor]) -> None:
    known = {id(tensor) for tensor in inputs}
    for nodes in nodes_by_depth.values():
        for node in nodes:
            for tensor in node.input_tensors:
                checks.connected(tensor, node.operation.name, id(tensor) in known)
            if not node.is_input:
                known.update(id(tensor) for tensor in node.output_tensors)
            elif not known.intersection(id(tensor) for tensor in node.output_tensors):
                checks.connected(node.output_tensors[0], node.operation.name, False)


__all__ = ["GraphOrder", "order_graph"]
