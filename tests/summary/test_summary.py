"""The summary of small stand-ins for models, against texts that Keras 3.15.1 prints."""

import builtins
import io
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pytest

from minidense.summary import print_summary
from minidense.summary.table import Column, column_widths, draw_table
from minidense.summary.text_cells import crop, wrap


@dataclass
class Weight:
    shape: tuple[int, ...]
    dtype: str = "float32"


class History(NamedTuple):
    operation: Any
    node_index: int
    tensor_index: int


@dataclass
class Tensor:
    shape: tuple[int | None, ...]
    _keras_history: History


@dataclass(eq=False)
class Node:
    input_tensors: list[Tensor]
    output_tensors: list[Tensor]


@dataclass(eq=False)
class Dense:
    name: str
    inputs: int | None = None
    units: int = 1
    trainable: bool = True
    _inbound_nodes: list[Node] = field(default_factory=list)

    @property
    def built(self) -> bool:
        return self.inputs is not None

    @property
    def weights(self) -> list[Weight]:
        return [Weight((self.inputs, self.units)), Weight((self.units,))] if self.inputs else []

    @property
    def _build_shapes_dict(self) -> dict[str, Any] | None:
        return {"input_shape": (None, self.inputs)} if self.inputs else None

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*input_shape[:-1], self.units)

    def count_params(self) -> int:
        return (self.inputs or 0) * self.units + self.units

    def __call__(self, *tensors: Tensor, width: int) -> Tensor:
        """Record a call, as a layer called on symbolic tensors does."""
        output = Tensor((None, width), History(self, len(self._inbound_nodes), 0))
        self._inbound_nodes.append(Node(list(tensors), [output]))
        return output


class ReLU(Dense):
    """A layer with nothing to learn."""

    @property
    def built(self) -> bool:
        return True

    @property
    def weights(self) -> list[Weight]:
        return []

    def count_params(self) -> int:
        return 0

    def compute_output_shape(self, input_shape: Any) -> Any:
        raise NotImplementedError


class Add(ReLU):
    pass


class InputLayer(ReLU):
    pass


@dataclass
class Optimizer:
    variables: list[Weight]
    built: bool = True


@dataclass(eq=False)
class Sequential(Dense):
    layers: list[Any] = field(default_factory=list)
    optimizer: Optimizer | None = None
    non_trainable_weights: list[Weight] = field(default_factory=list)

    @property
    def compiled(self) -> bool:
        return self.optimizer is not None

    @property
    def trainable_weights(self) -> list[Weight]:
        return [weight for layer in self.layers if layer.trainable for weight in layer.weights]


class Functional(Sequential):
    """A model made of a graph; the stand-in keeps all nodes but the inputs' at one depth each."""

    @property
    def _operations(self) -> list[Any]:
        return self.layers

    @property
    def _nodes_by_depth(self) -> dict[int, list[Node]]:
        nodes = [node for layer in self.layers for node in layer._inbound_nodes]
        return {depth: [node] for depth, node in enumerate(nodes)}


def mlp(**kwargs: Any) -> Sequential:
    return Sequential("mlp", layers=[Dense("hidden", 784, 128), Dense("scores", 128, 10)], **kwargs)


def residual() -> Functional:
    source, dense, add = InputLayer("pixels"), Dense("hidden", 4, 4), Add("sum")
    pixels = source(width=4)
    add(dense(pixels, width=4), pixels, width=4)
    return Functional("residual", layers=[source, dense, add])


@pytest.fixture(autouse=True)
def terminal_of_80_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def text_of() -> Callable[..., str]:
    def summarize(model: Any, **kwargs: Any) -> str:
        texts: list[str] = []
        print_summary(model, print_fn=texts.append, **kwargs)
        assert len(texts) == 1, "print_fn is called once"
        return texts[0]

    return summarize


MLP = """\
Model: "mlp"
┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━┓
┃ Layer (type)                    ┃ Output Shape           ┃       Param # ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━┩
│ hidden (Dense)                  │ (None, 128)            │       100,480 │
├─────────────────────────────────┼────────────────────────┼───────────────┤
│ scores (Dense)                  │ (None, 10)             │         1,290 │
└─────────────────────────────────┴────────────────────────┴───────────────┘
 Total params: 101,770 (397.54 KB)
 Trainable params: 101,770 (397.54 KB)
 Non-trainable params: 0 (0.00 B)
"""


def test_a_chain_of_layers_gives_the_table_of_keras(text_of: Callable[..., str]) -> None:
    assert text_of(mlp()) == MLP


def test_without_print_fn_the_text_goes_to_standard_output(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_summary(mlp())
    assert capsys.readouterr().out == MLP


def test_without_any_standard_output_nothing_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    print_summary(mlp())


def test_after_a_fit_the_variables_of_the_optimizer_are_counted(
    text_of: Callable[..., str],
) -> None:
    moments = [Weight((101_770,)), Weight((101_770,)), Weight((), "int64"), Weight(())]
    text = text_of(mlp(optimizer=Optimizer(moments)))
    assert text.splitlines()[-4:] == [
        " Total params: 305,312 (1.16 MB)",
        " Trainable params: 101,770 (397.54 KB)",
        " Non-trainable params: 0 (0.00 B)",
        " Optimizer params: 203,542 (795.09 KB)",
    ]
    assert text_of(mlp(optimizer=Optimizer(moments, built=False))) == MLP


def test_a_weight_that_is_listed_twice_takes_its_memory_once(text_of: Callable[..., str]) -> None:
    shared = Weight((256,))
    model = Sequential("shared", non_trainable_weights=[shared, shared])
    assert " Non-trainable params: 512 (1.00 KB)" in text_of(model)


def test_a_layer_that_is_not_built_has_a_question_mark_for_its_shape(
    text_of: Callable[..., str],
) -> None:
    rows = text_of(Sequential("lazy", layers=[Dense("hidden"), ReLU("relu", 4)])).splitlines()
    assert rows[4] == (
        "│ hidden (Dense)                  │ ?                      │   0 (unbuilt) │"
    )
    assert rows[6] == (
        "│ relu (ReLU)                     │ ?                      │             0 │"
    )


def test_a_long_name_is_broken_at_spaces_and_cut_with_dots(text_of: Callable[..., str]) -> None:
    model = Sequential("long", layers=[Dense("a name of words " + "x" * 20, 1, 1)])
    assert text_of(model, line_length=40) == (
        'Model: "long"\n'
        "┏━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━┳━━━━━━━┓\n"
        "┃                 ┃ Output     ┃ Param ┃\n"
        "┃ Layer (type)    ┃ Shape      ┃     # ┃\n"
        "┡━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━╇━━━━━━━┩\n"
        "│ a name of words │ (None, 1)  │     2 │\n"
        "│ xxxxxxxxxxxxxx… │            │       │\n"
        "│ (Dense)         │            │       │\n"
        "└─────────────────┴────────────┴───────┘\n"
        " Total params: 2 (8.00 B)\n"
        " Trainable params: 2 (8.00 B)\n"
        " Non-trainable params: 0 (0.00 B)\n"
    )


def test_show_trainable_adds_a_column_of_letters(text_of: Callable[..., str]) -> None:
    frozen = Dense("frozen", 2, 2, trainable=False)
    model = Sequential("partly", layers=[Dense("free", 2, 2), frozen, ReLU("relu", 2)])
    rows = text_of(model, show_trainable=True).splitlines()
    cells = [row.rsplit("│", 2)[1] for row in rows[4:9:2]]
    assert cells == ["   Y   ", "   N   ", "   -   "]


def test_expand_nested_gives_inner_layers_a_row_each(text_of: Callable[..., str]) -> None:
    inner = Sequential("inner", 784, 10, layers=[Sequential("core", 4, 4, layers=[Dense("deep")])])
    model = Sequential("outer", layers=[inner, Dense("last", 10, 1)])
    names = [row[2:33].rstrip() for row in text_of(model, expand_nested=True).splitlines()[4:11:2]]
    nested = ["   └ core (Sequential)", "      └ deep (Dense)"]
    assert names == ["inner (Sequential)", *nested, "last (Dense)"]
    assert "core" not in text_of(model)


def test_a_graph_with_branches_shows_where_its_inputs_come_from(
    text_of: Callable[..., str],
) -> None:
    assert text_of(residual()) == (
        'Model: "residual"\n'
        "┏━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━┓\n"
        "┃ Layer (type)        ┃ Output Shape      ┃    Param # ┃ Connected to      ┃\n"
        "┡━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━┩\n"
        "│ pixels (InputLayer) │ (None, 4)         │          0 │ -                 │\n"
        "├─────────────────────┼───────────────────┼────────────┼───────────────────┤\n"
        "│ hidden (Dense)      │ (None, 4)         │         20 │ pixels[0][0]      │\n"
        "├─────────────────────┼───────────────────┼────────────┼───────────────────┤\n"
        "│ sum (Add)           │ (None, 4)         │          0 │ hidden[0][0],     │\n"
        "│                     │                   │            │ pixels[0][0]      │\n"
        "└─────────────────────┴───────────────────┴────────────┴───────────────────┘\n"
        " Total params: 20 (80.00 B)\n"
        " Trainable params: 20 (80.00 B)\n"
        " Non-trainable params: 0 (0.00 B)\n"
    )


def test_a_graph_that_calls_a_layer_twice_is_not_a_chain(
    text_of: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    source, square = InputLayer("pixels"), Dense("square", 4, 4)
    once = square(source(width=4), width=4)
    model = Functional("graph", layers=[source, square])
    assert "Connected to" not in text_of(model)
    square(once, width=4)
    assert "pixels[0][0], square[0][0]" in text_of(model, line_length=160)


def test_layer_range_shows_the_layers_from_one_name_to_another(text_of: Callable[..., str]) -> None:
    layers = [Dense(name, 1, 1) for name in ("first", "second", "third", "fourth")]
    model = Sequential("four", layers=layers)

    def shown(*layer_range: str) -> list[str]:
        text = text_of(model, layer_range=layer_range)
        return [layer.name for layer in layers if layer.name in text]

    assert shown("second", "third") == ["second", "third"]
    assert shown("f", "f") == ["first", "second", "third", "fourth"]  # first match to last match
    assert shown("third", "second") == ["second", "third"]


@pytest.mark.parametrize("layer_range", [("hidden",), ("hidden", 1), ("hidden", "nowhere")])
def test_a_layer_range_without_two_matching_names_is_a_value_error(layer_range: Any) -> None:
    with pytest.raises(ValueError, match="layer_range"):
        print_summary(mlp(), layer_range=layer_range)


def test_columns_of_fewer_than_4_characters_are_a_value_error() -> None:
    with pytest.raises(ValueError, match=r"Insufficient width.*\[10, 2, 8\]"):
        print_summary(mlp(), line_length=20, positions=[0.5, 0.6, 1.0])


def test_fewer_positions_than_columns_are_an_index_error() -> None:
    with pytest.raises(IndexError, match="Expected 3 positions"):
        print_summary(mlp(), positions=[0.5, 1.0])


def test_lines_are_cut_at_the_width_of_the_terminal(
    text_of: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert max(map(len, text_of(mlp(), line_length=100).splitlines())) == 80
    monkeypatch.setenv("COLUMNS", "16")
    text = text_of(mlp(), line_length=40)
    assert max(map(len, text.splitlines())) == 16
    assert " Total params: \n101,770 (397.54 \nKB)\n" in text


def test_a_notebook_cuts_lines_at_115_columns(
    text_of: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class ZMQInteractiveShell:
        """The shell class of a Jupyter kernel, known by its name."""

    monkeypatch.setattr(builtins, "get_ipython", ZMQInteractiveShell, raising=False)
    assert max(map(len, text_of(mlp(), line_length=130).splitlines())) == 115
    monkeypatch.setenv("JUPYTER_COLUMNS", "90")
    assert max(map(len, text_of(mlp(), line_length=130).splitlines())) == 90


def test_columns_zero_counts_as_not_set(
    text_of: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "0")
    assert text_of(mlp(), line_length=60).startswith('Model: "mlp"\n┏━━')


def test_an_output_that_is_not_unicode_gets_ascii_and_never_stops(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii", newline=""))
    print_summary(Sequential("größe", layers=[Dense("x" * 40, 1, 1)]), line_length=40)
    assert raw.getvalue().decode("ascii").splitlines()[:8] == [
        'Model: "gr??e"',
        "+--------------------------------------+",
        "|                 | Output     | Param |",
        "| Layer (type)    | Shape      |     # |",
        "|-----------------+------------+-------|",
        "| xxxxxxxxxxxxxx? | (None, 1)  |     2 |",
        "| (Dense)         |            |       |",
        "+--------------------------------------+",
    ]


def test_a_word_longer_than_a_line_folds_in_running_text() -> None:
    assert wrap("ab cdefghij k", 4) == ["ab ", "cdef", "ghij", " k"]  # its space folds too
    assert wrap("ab cdefghij k", 4, fold=False) == ["ab ", "cdefghij", "k"]


def test_half_of_a_wide_character_is_cut_to_a_space() -> None:
    assert crop("層層", 3) == "層 "
    assert crop("層層", 4) == "層層"


def test_a_table_without_room_for_text_is_drawn_with_empty_cells() -> None:
    lines = draw_table([Column("a", 4), Column("b", 4)], [["x", "y"]], 7)
    assert lines == ["┏━━┳━━┓", "┃  ┃  ┃", "┡━━╇━━┩", "│  │  │", "└──┴──┘"]


def test_columns_share_what_is_left_in_proportion_to_their_widths() -> None:
    columns = [Column("a", 5), Column("b", 8), Column("c", 18)]
    assert column_widths(columns, 61) == [11, 16, 30]
