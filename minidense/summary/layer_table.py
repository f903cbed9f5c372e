"""What `model.summary()` prints: a table of the layers, then the number of parameters.

Mirrors `keras/src/utils/summary_utils.py` and prints its very characters, without colours.
"""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from minidense import checks
from minidense.layers.layer import Layer
from minidense.nest import flatten
from minidense.summary.console import ascii_only, console_width, write
from minidense.summary.table import ASCII, HEAVY_HEAD, Column, Justify, draw_table
from minidense.summary.text_cells import crop, wrap
from minidense.variables import Variable

_LEAST_COLUMN_WIDTH = 4


def print_summary(
    model: Any,
    line_length: int | None = None,
    positions: Sequence[float] | None = None,
    print_fn: Callable[[str], Any] | None = None,
    expand_nested: bool = False,
    show_trainable: bool = False,
    layer_range: Sequence[str] | None = None,
) -> None:
    """Print the layers of a model as a table, then its numbers of parameters.

    The text is that of Keras in every character; a terminal gets it plain, not coloured. Where
    standard output is not in a UTF encoding, the box is drawn in ASCII. A character that the
    output cannot encode becomes "?", where Keras stops with a UnicodeEncodeError. A name is
    printed as it is, where Keras turns ":smile:" into an emoji and a backslash before a bracket
    or at the end into markup. COLUMNS=0 counts as not set; Keras then prints nothing.

    Args:
        model: the model.
        line_length: width of the table in characters; 88 (108 with a "Connected to" column, 12
            more with "Trainable") or what the terminal holds, if not given. Lines are cut off at
            the width of the terminal, which is 80 where there is none.
        positions: where each column ends, as fractions of `line_length`.
        print_fn: called once with the whole text, its last line break included. Without it the
            text goes to standard output.
        expand_nested: whether the layers of models inside the model get rows too.
        show_trainable: whether a column says Y or N (or - for a layer without weights).
        layer_range: two regular expressions: the rows go from the first layer whose name the
            first one matches to the last layer whose name the second one matches.

    Raises:
        ValueError: if a column is left with fewer than 4 characters, or if `layer_range` is not
            two strings that each match a layer.
        IndexError: if there are fewer positions than columns.
    """
    graph_nodes = _branching_nodes(model)
    layers = getattr(model, "_operations", model.layers)  # a graph shows bare operations, too
    length, columns = _layout(graph_nodes is not None, line_length, positions, show_trainable)
    first, stop = _layer_bounds(layers, layer_range)
    rows = [
        _fields(layer, prefix, graph_nodes, show_trainable)
        for top_layer in layers[first:stop]
        for prefix, layer in _with_nested(top_layer, expand_nested)
    ]
    width = console_width()
    lines = wrap(f'Model: "{model.name}"', width)
    lines += draw_table(columns, rows, length, ASCII if ascii_only() else HEAVY_HEAD)
    for total in _totals(model):
        lines += wrap(total, width)
    text = "".join(crop(line, width) + "\n" for line in lines)
    (print_fn or write)(text)


# Which rows


def _branching_nodes(model: Any) -> list[Any] | None:
    """Return the nodes of a graph that is not a plain chain, None for a chain.

    A chain has one node at each depth, one input tensor a node, and no layer called twice.
    """
    if not hasattr(model, "_nodes_by_depth"):
        return None
    depths = list(model._nodes_by_depth.values())
    nodes = [node for depth in depths for node in depth]
    branches = any(len(depth) > 1 or len(depth[0].input_tensors) > 1 for depth in depths)
    calls = (sum(node in nodes for node in layer._inbound_nodes) for layer in model.layers)
    return nodes if branches or any(count > 1 for count in calls) else None


def _layer_bounds(layers: Sequence[Layer], layer_range: Sequence[str] | None) -> list[int]:
    """Return first and one past last index of the layers to show."""
    if layer_range is None:
        return [0, len(layers)]
    if len(layer_range) != 2 or not all(isinstance(pattern, str) for pattern in layer_range):
        raise ValueError(f"layer_range takes two strings: first and last, received {layer_range}.")
    starts, ends = (
        [index for index, layer in enumerate(layers) if re.match(pattern, layer.name)]
        for pattern in layer_range
    )
    if not starts or not ends:
        names = [layer.name for layer in layers]
        raise ValueError(f"layer_range={layer_range} does not match the layer names: {names}.")
    if starts[0] > ends[-1]:  # given last to first
        starts, ends = ends, starts
    return [starts[0], ends[-1] + 1]


def _with_nested(layer: Any, expand: bool, level: int = 0) -> Iterable[tuple[str, Any]]:
    """Yield a layer, then, if asked, what is in it, each with the prefix of its name."""
    yield ("   " * level + "└ " if level else ""), layer
    if expand:
        for inner in getattr(layer, "layers", None) or []:
            yield from _with_nested(inner, expand, level + 1)


# Which columns


def _layout(
    branching: bool,
    line_length: int | None,
    positions: Sequence[float] | None,
    show_trainable: bool,
) -> tuple[int, list[Column]]:
    """Return the width of the table and its columns."""
    headers: list[tuple[str, Justify]] = [("Layer (type)", "left"), ("Output Shape", "left")]
    headers.append(("Param #", "right"))
    default_length, ends = 88, [0.45, 0.80, 1.0]
    if branching:
        headers.append(("Connected to", "left"))
        default_length, ends = 108, [0.3, 0.56, 0.74, 1.0]
    ends = list(positions or ends)
    if show_trainable:
        headers.append(("Trainable", "center"))
        default_length += 12
        ends = [end * 0.90 for end in ends] + [1.0]
    import shutil  # loads compressors that nobody else needs: 8 ms of `import minidense`

    length = line_length or min(default_length, shutil.get_terminal_size().columns - 4)
    stops = [int(end * length) for end in ends]
    widths = [stop - start for start, stop in zip([0, *stops], stops, strict=False)]
    if min(widths) < _LEAST_COLUMN_WIDTH:
        raise ValueError(
            f"Insufficient width to print a summary: in {length} characters the columns get "
            f"{widths}, and each needs at least {_LEAST_COLUMN_WIDTH}."
        )
    if len(widths) < len(headers):
        raise IndexError(f"Expected {len(headers)} positions, one a column, received {ends}.")
    return length, [
        Column(header, width, justify)
        for (header, justify), width in zip(headers, widths, strict=False)
    ]


# What the cells say


def _fields(
    layer: Layer, prefix: str, graph_nodes: Sequence[Any] | None, show_trainable: bool
) -> list[str]:
    """Return the texts of one row."""
    class_name = getattr(layer, "class_name", type(layer).__name__)  # an operation's is Keras's
    fields = [f"{prefix}{layer.name} ({class_name})", _output_shape(layer)]
    if not hasattr(layer, "built"):  # a bare operation has no weights to build
        fields.append("0")
    else:
        fields.append(f"{layer.count_params():,}" if layer.built else "0 (unbuilt)")
    if graph_nodes is not None:
        fields.append(_connections(layer, graph_nodes))
    if show_trainable:
        has_weights = len(getattr(layer, "weights", ())) > 0
        fields.append(("Y" if layer.trainable else "N") if has_weights else "-")
    return fields


def _connections(layer: Layer, graph_nodes: Sequence[Any]) -> str:
    """Return where the inputs of the layer come from, as name[call][output]."""
    sources = [
        tensor._keras_history
        for node in layer._inbound_nodes
        if node in graph_nodes
        for tensor in node.input_tensors
    ]
    return ", ".join(f"{maker.name}[{call}][{output}]" for maker, call, output in sources) or "-"


def _output_shape(layer: Any) -> str:
    """Return the shape that the last call gave, or that the build implies, or "?"."""
    shapes: Any
    if layer._inbound_nodes:
        shapes = [_shape_text(tensor.shape) for tensor in layer._inbound_nodes[-1].output_tensors]
    elif not layer._build_shapes_dict and not hasattr(layer, "_nodes_by_depth"):
        return "?"
    elif hasattr(layer, "output_shape"):
        shapes = _shape_text(layer.output_shape)
    else:
        try:
            output_shapes = layer.compute_output_shape(**layer._build_shapes_dict)
        except NotImplementedError:
            return "?"
        shapes = checks.map_shapes(_shape_text, output_shapes)
    leaves = flatten(shapes)
    return leaves[0] if len(leaves) == 1 else str(shapes).replace("'", "")


def _shape_text(shape: Iterable[int | None]) -> str:
    """Write a shape without the comma that Python puts behind a single dimension.

    >>> _shape_text((None,)), _shape_text((None, 784))
    ('(None)', '(None, 784)')
    """
    return f"({', '.join(map(str, shape))})"


# What stands below the table


def _totals(model: Any) -> list[str]:
    """Return the lines that count parameters: all, trainable, not trainable, the optimizer's."""
    groups = {"Trainable": model.trainable_weights, "Non-trainable": model.non_trainable_weights}
    if model.compiled and model.optimizer and model.optimizer.built:
        groups["Optimizer"] = model.optimizer.variables
    counts = [sum(math.prod(weight.shape) for weight in group) for group in groups.values()]
    sizes = [_memory_size(group) for group in groups.values()]
    sums = zip(["Total", *groups], [sum(counts), *counts], [sum(sizes), *sizes], strict=True)
    return [f" {name} params: {count:,} ({_readable_size(size)})" for name, count, size in sums]


def _memory_size(weights: Sequence[Variable]) -> int:
    """Return the bytes that the weights take; one that is listed twice takes them once."""
    distinct = {id(weight): weight for weight in weights}.values()
    return sum(math.prod(weight.shape) * np.dtype(weight.dtype).itemsize for weight in distinct)


def _readable_size(size: float) -> str:
    """Write a number of bytes with two decimals in the largest unit that it fills.

    >>> _readable_size(8), _readable_size(407080)
    ('8.00 B', '397.54 KB')
    """
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if size < 1024:
            return f"{size:.2f} {unit}"
        size /= 1024
    return f"{size:.2f} PB"
