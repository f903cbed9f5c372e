"""What `model.summary()` prints: a table of the layers, then the number of parameters.

Answers to `keras/src/utils/summary_utils.py` and prints its very characters, without colours.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from minidense.summary.console import ascii_only, console_width, write
from minidense.summary.table import ASCII, HEAVY_HEAD, Column, Justify, draw_table
from minidense.summary.text_cells import crop, wrap

_LEAST_COLUMN_WIDTH = 4


class WeightLike(Protocol):
    """What the summary reads of a weight."""

    @property
    def shape(self) -> Sequence[int]: ...
    @property
    def dtype(self) -> Any: ...


class LayerLike(Protocol):
    """What the summary reads of a layer. Layers with `layers` of their own can be expanded."""

    @property
    def name(self) -> str: ...
    @property
    def built(self) -> bool: ...
    @property
    def trainable(self) -> bool: ...
    @property
    def weights(self) -> Sequence[WeightLike]: ...
    @property
    def _inbound_nodes(self) -> Sequence[Any]: ...
    @property
    def _build_shapes_dict(self) -> Mapping[str, Any] | None: ...
    @property
    def compute_output_shape(self) -> Callable[..., Any]: ...
    def count_params(self) -> int: ...


class ModelLike(Protocol):
    """What the summary reads of a model. A functional one has `_nodes_by_depth` too."""

    @property
    def name(self) -> str: ...
    @property
    def layers(self) -> Sequence[Any]: ...
    @property
    def trainable_weights(self) -> Sequence[WeightLike]: ...
    @property
    def non_trainable_weights(self) -> Sequence[WeightLike]: ...
    @property
    def compiled(self) -> bool: ...
    @property
    def optimizer(self) -> Any: ...


def print_summary(
    model: ModelLike,
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
    layers = _top_layers(model)
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


def _is_graph(model: Any) -> bool:
    """Say whether the model was made of symbolic inputs and outputs."""
    return hasattr(model, "_nodes_by_depth")


def _top_layers(model: Any) -> list[Any]:
    """Return what gets a row: a graph shows its inputs and bare operations too."""
    return list(model._operations if _is_graph(model) else model.layers)


def _branching_nodes(model: Any) -> list[Any] | None:
    """Return the nodes of a graph that is not a plain chain, None for a chain.

    A chain has one node at each depth, one input tensor a node, and no layer called twice.
    """
    if not _is_graph(model):
        return None
    depths = list(model._nodes_by_depth.values())
    nodes = [node for depth in depths for node in depth]
    branches = any(
        len(depth) > 1 or (len(depth) == 1 and len(depth[0].input_tensors) > 1) for depth in depths
    )
    calls = (sum(node in nodes for node in layer._inbound_nodes) for layer in model.layers)
    shared = any(count > 1 for count in calls)
    return nodes if branches or shared else None


def _layer_bounds(layers: Sequence[LayerLike], layer_range: Sequence[str] | None) -> list[int]:
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
    headers: list[tuple[str, Justify]] = [
        ("Layer (type)", "left"),
        ("Output Shape", "left"),
        ("Param #", "right"),
    ]
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
    layer: LayerLike, prefix: str, graph_nodes: Sequence[Any] | None, show_trainable: bool
) -> list[str]:
    """Return the texts of one row."""
    fields = [f"{prefix}{layer.name} ({type(layer).__name__})", _output_shape(layer)]
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


def _connections(layer: LayerLike, graph_nodes: Sequence[Any]) -> str:
    """Return where the inputs of the layer come from, as name[call][output]."""
    sources = [
        tensor._keras_history
        for node in layer._inbound_nodes
        if node in graph_nodes
        for tensor in node.input_tensors
    ]
    return (
        ", ".join(f"{made_by.name}[{call}][{output}]" for made_by, call, output in sources) or "-"
    )


def _output_shape(layer: Any) -> str:
    """Return the shape that the last call gave, or that the build implies, or "?"."""
    shapes: Any
    if layer._inbound_nodes:
        shapes = [_shape_text(tensor.shape) for tensor in layer._inbound_nodes[-1].output_tensors]
    elif not layer._build_shapes_dict and not getattr(layer, "is_functional", False):
        return "?"
    elif hasattr(layer, "output_shape"):
        shapes = _shape_text(layer.output_shape)
    elif hasattr(layer, "has_shape_formula") and not layer.has_shape_formula():
        return "?"  # minidense would run its `call`; Keras's layers raise
    else:
        try:
            shapes = _shape_texts(layer.compute_output_shape(**layer._build_shapes_dict))
        except NotImplementedError:
            return "?"
    leaves = list(_leaves(shapes))
    return leaves[0] if len(leaves) == 1 else str(shapes).replace("'", "")


def _shape_text(shape: Iterable[int | None]) -> str:
    """Write a shape without the comma that Python puts behind a single dimension.

    >>> _shape_text((None,)), _shape_text((None, 784))
    ('(None)', '(None, 784)')
    """
    return f"({', '.join(map(str, shape))})"


def _shape_texts(shapes: Any) -> Any:
    """Write each shape in nested lists, tuples and dicts of shapes."""
    if isinstance(shapes, Mapping):
        return {key: _shape_texts(value) for key, value in shapes.items()}
    if all(size is None or isinstance(size, int) for size in shapes):
        return _shape_text(shapes)
    return type(shapes)(_shape_texts(shape) for shape in shapes)


def _leaves(texts: Any) -> Iterable[str]:
    """Yield the texts in nested lists, tuples and dicts."""
    if isinstance(texts, str):
        yield texts
        return
    for inner in texts.values() if isinstance(texts, Mapping) else texts:
        yield from _leaves(inner)


# What stands below the table


def _totals(model: ModelLike) -> list[str]:
    """Return the lines that count parameters: all, trainable, not trainable, the optimizer's."""
    groups = {"Trainable": model.trainable_weights, "Non-trainable": model.non_trainable_weights}
    if model.compiled and model.optimizer and model.optimizer.built:
        groups["Optimizer"] = model.optimizer.variables
    counts = {name: sum(math.prod(w.shape) for w in group) for name, group in groups.items()}
    sizes = {name: _memory_size(group) for name, group in groups.items()}
    counts = {"Total": sum(counts.values()), **counts}
    sizes = {"Total": sum(sizes.values()), **sizes}
    return [
        f" {name} params: {count:,} ({_readable_size(sizes[name])})"
        for name, count in counts.items()
    ]


def _memory_size(weights: Sequence[WeightLike]) -> int:
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


__all__ = ["print_summary"]
