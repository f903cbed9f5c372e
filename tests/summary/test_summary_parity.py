"""minidense's summary, given live Keras models, against what Keras itself prints of them."""

import contextlib
import io
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minidense.summary import print_summary
from minidense.summary.table import Column, draw_table
from minidense.summary.text_cells import crop, wrap
from tests import record

keras = pytest.importorskip("keras")
rich_console = pytest.importorskip("rich.console")
rich_table = pytest.importorskip("rich.table")

layers = keras.layers
Model = Any
relaxed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


# Models, each with something that the summary shows differently


def mlp(name: str = "mlp", seen: int | None = 784) -> Model:
    stack = [layers.Flatten(), layers.Dense(128, activation="relu"), layers.Dropout(0.2)]
    stack.append(layers.Dense(10, activation="softmax"))
    if seen:
        stack.insert(0, keras.Input((28, seen // 28)))
    return keras.Sequential(stack, name=name)


def unbuilt() -> Model:
    return mlp("unbuilt", seen=None)


def empty() -> Model:
    return keras.Sequential(name="empty")


def built_by_shape() -> Model:
    model = mlp("built_by_shape", seen=None)
    model.build((None, 28, 28))
    return model


def long_names() -> Model:
    names = ["a" * 60, "a name of many short words that has to be wrapped", "ends_here_" * 4]
    stack = [layers.Dense(3, name=name) for name in names]
    return keras.Sequential([keras.Input((4,)), *stack], name="a long model name " * 6)


def names_of_other_scripts() -> Model:
    stack = [
        layers.Dense(3, name=name) for name in ("隠れ層の名前はとても長いので折り返す", "größe")
    ]
    return keras.Sequential([keras.Input((4,)), *stack], name="模型")


def bracketed_names() -> Model:
    stack = [layers.Dense(3, name=name) for name in ("block[0]", "[bold]dense", "x[a]y[ ]")]
    return keras.Sequential([keras.Input((4,)), *stack], name="[red]model[0]")


def chain() -> Model:
    pixels = keras.Input((4, 4), name="pixels")
    hidden = layers.Dense(1000)(layers.Flatten()(pixels))
    return keras.Model(pixels, layers.ReLU()(hidden), name="chain")


def shared_layer() -> Model:
    pixels = keras.Input((5,))
    square = layers.Dense(5, name="square")
    return keras.Model(pixels, square(square(pixels)), name="shared_layer")


def branches() -> Model:
    left, right = keras.Input((3,), name="left"), keras.Input((3,), name="right_with_a_long_name")
    both = layers.Add()([layers.Dense(4)(left), layers.Dense(4)(right)])
    wide = layers.Concatenate()([both, left, right])
    return keras.Model([left, right], [both, layers.Dense(1)(wide)], name="branches")


def bare_operation() -> Model:
    pixels = keras.Input((5,))
    return keras.Model(pixels, keras.ops.add(layers.Dense(5)(pixels), pixels), name="operation")


def nested() -> Model:
    inner = keras.Sequential([keras.Input((4,)), layers.Dense(4), layers.ReLU()], name="inner")
    middle = keras.Sequential([keras.Input((4,)), inner, layers.Dense(2)], name="middle")
    pixels = keras.Input((4,))
    return keras.Model(pixels, layers.Add()([middle(pixels), middle(pixels)]), name="outer")


def nested_multi_output() -> Model:
    pixels = keras.Input((4,))
    forked = keras.Model(pixels, [layers.Dense(2)(pixels), layers.Dense(3)(pixels)], name="forked")
    again = keras.Input((4,))
    return keras.Model(again, layers.Concatenate()(forked(again)), name="multi_output")


def nested_unbuilt() -> Model:
    inner = keras.Sequential([layers.Dense(4), layers.Dense(300)], name="inner")
    return keras.Sequential([inner, layers.Dense(2)], name="nested_unbuilt")


def frozen() -> Model:
    model = mlp("frozen")
    model.layers[1].trainable = False
    return model


class Subclassed(keras.Model):  # type: ignore[name-defined, misc]
    def __init__(self) -> None:
        super().__init__(name="subclassed")
        self.first = layers.Dense(3)
        self.second = layers.Dense(1)

    def call(self, inputs: Any) -> Any:
        return self.second(self.first(inputs))


def subclassed_unbuilt() -> Model:
    return Subclassed()


def subclassed() -> Model:
    model = Subclassed()
    model(np.zeros((2, 4), "float32"))
    return model


def normalized() -> Model:
    stack = [layers.Dense(8), layers.BatchNormalization()]
    return keras.Sequential([keras.Input((4,)), *stack], name="normalized")


def compiled() -> Model:
    model = mlp("compiled")
    model.compile("sgd", "sparse_categorical_crossentropy")
    return model


def compiled_without_optimizer() -> Model:
    model = mlp("compiled_without_optimizer")
    model.compile(None, "sparse_categorical_crossentropy")
    return model


def fitted(optimizer: str) -> Model:
    model = keras.Sequential([keras.Input((4,)), layers.Dense(70), layers.Dense(1)], name="fitted")
    model.compile(optimizer, "mse")
    model.fit(np.zeros((4, 4)), np.zeros((4, 1)), verbose=0)
    return model


def fitted_with_sgd() -> Model:
    return fitted("sgd")


def fitted_with_adam() -> Model:
    return fitted("adam")


def double_precision() -> Model:
    stack = [layers.Dense(3, dtype="float64"), layers.Dense(3)]
    return keras.Sequential([keras.Input((4,)), *stack], name="double_precision")


MAKERS: list[Callable[[], Model]] = [
    *(mlp, unbuilt, empty, built_by_shape, long_names, names_of_other_scripts, bracketed_names),
    *(chain, shared_layer, branches, bare_operation, nested, nested_multi_output, nested_unbuilt),
    *(frozen, subclassed, subclassed_unbuilt, normalized, compiled, compiled_without_optimizer),
    *(fitted_with_sgd, fitted_with_adam, double_precision),
]
made = cache(lambda maker: maker())


steps = st.tuples(
    st.sampled_from(["dense", "relu", "add", "concatenate"]),
    st.integers(0, 9),  # which tensors go in, counted modulo those there are
    st.integers(0, 9),
    st.integers(1, 3000),
    st.booleans(),
)
plans = st.tuples(st.integers(1, 2), st.lists(steps, min_size=1, max_size=5), st.integers(1, 2))


def small_graph(plan: Any) -> Model:
    """Build the graph of dense layers, additions and concatenations that the plan describes."""
    input_count, drawn_steps, output_count = plan
    tensors = [keras.Input((7,)) for _ in range(input_count)]
    inputs = list(tensors)
    for kind, first, second, units, trainable in drawn_steps:
        pair = [tensors[first % len(tensors)], tensors[second % len(tensors)]]
        if kind == "dense":
            tensors.append(layers.Dense(units, trainable=trainable)(pair[0]))
        elif kind == "relu":
            tensors.append(layers.ReLU()(pair[0]))
        elif kind == "add" and pair[0].shape == pair[1].shape:
            tensors.append(layers.Add()(pair))
        else:
            tensors.append(layers.Concatenate()(pair))
    return keras.Model(inputs, tensors[-output_count:], name="drawn")


ends_of_columns = st.lists(st.floats(0.05, 1.2), min_size=2, max_size=5).map(sorted)
arguments = st.fixed_dictionaries(
    {},
    optional={
        "line_length": st.none() | st.integers(1, 160),
        "positions": st.none() | ends_of_columns,
        "expand_nested": st.booleans(),
        "show_trainable": st.booleans(),
        "layer_range": st.none()
        | st.tuples(*[st.sampled_from(["", "dense", ".*", "re_lu", "a", "add.*", "nowhere"])] * 2),
    },
)
terminals = st.none() | st.integers(5, 200)


# What is compared


def outcome(summary: Callable[..., None], columns: int | None, encoding: str, **kwargs: Any) -> Any:
    """Return the text on standard output, what print_fn was given, and the class of an error."""
    printed: list[str] = []
    if kwargs.pop("with_print_fn", False):
        kwargs["print_fn"] = printed.append
    raw = io.BytesIO()
    output = io.TextIOWrapper(raw, encoding=encoding, newline="")
    error = None
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(output):
        patch.delenv("COLUMNS", raising=False)
        if columns is not None:
            patch.setenv("COLUMNS", str(columns))
        try:
            summary(**kwargs)
        except (ValueError, IndexError) as raised:
            error = type(raised)
    output.flush()
    return raw.getvalue().decode(encoding), printed, error


def assert_same(model: Model, columns: int | None, encoding: str = "utf-8", **kwargs: Any) -> None:
    ours = outcome(lambda **given: print_summary(model, **given), columns, encoding, **kwargs)
    code = f"# a terminal of {columns} columns, {encoding}; kwargs: {kwargs}"
    theirs = outcome(model.summary, columns, encoding, **kwargs)
    record.same("summary: text", theirs, ours, code=f"keras_model.summary(**kwargs)  {code}")


# The tests


@pytest.mark.parametrize("maker", MAKERS, ids=lambda maker: maker.__name__)
def test_summary_with_default_arguments_is_that_of_keras(maker: Callable[[], Model]) -> None:
    for with_print_fn in (False, True):
        assert_same(made(maker), None, with_print_fn=with_print_fn)
        assert_same(made(maker), 200, with_print_fn=with_print_fn)


@pytest.mark.parametrize("maker", MAKERS, ids=lambda maker: maker.__name__)
def test_expanded_summary_with_trainability_is_that_of_keras(maker: Callable[[], Model]) -> None:
    assert_same(made(maker), 120, expand_nested=True, show_trainable=True)


@settings(relaxed, max_examples=400)
@given(st.sampled_from(MAKERS), terminals, st.booleans(), arguments)
def test_summary_with_any_arguments_is_that_of_keras(
    maker: Callable[[], Model], columns: int | None, with_print_fn: bool, kwargs: dict[str, Any]
) -> None:
    assert_same(made(maker), columns, with_print_fn=with_print_fn, **kwargs)


@settings(relaxed, max_examples=60)
@given(plans, terminals, arguments)
def test_summary_of_any_small_graph_is_that_of_keras(
    plan: Any, columns: int | None, kwargs: dict[str, Any]
) -> None:
    assert_same(small_graph(plan), columns, **kwargs)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-16"])
@pytest.mark.parametrize("with_print_fn", [False, True])
def test_summary_in_another_encoding_has_the_box_of_keras(
    encoding: str, with_print_fn: bool
) -> None:
    assert_same(made(mlp), 100, encoding, with_print_fn=with_print_fn)


@pytest.mark.parametrize(
    "layer_range",
    [("a",), ("a", "b", "c"), (1, 2), ("pixels", 3), ("nowhere", "re_lu"), ("ab"), ""],
)
def test_a_layer_range_that_keras_refuses_is_refused_with_the_same_class(layer_range: Any) -> None:
    assert_same(made(chain), 100, layer_range=layer_range)
    assert outcome(made(chain).summary, 100, "utf-8", layer_range=layer_range)[2] is ValueError


def test_a_layer_range_from_last_to_first_is_turned_round_as_in_keras() -> None:
    assert_same(made(chain), 100, layer_range=("re_lu", "flatten"))


texts = st.text("abc  (),.0_└é", max_size=40) | st.text("ab  層界.é\n", max_size=40)
columns_of_a_table = st.lists(
    st.tuples(texts, st.integers(1, 30), st.sampled_from(["left", "center", "right"])),
    min_size=1,
    max_size=5,
)


@settings(relaxed, max_examples=300)
@given(st.data(), columns_of_a_table, st.integers(1, 100), st.integers(2, 110), texts)
def test_a_table_of_any_texts_is_drawn_as_rich_draws_it(
    data: st.DataObject, asked: list[Any], line_length: int, width: int, title: str
) -> None:
    rows = data.draw(st.lists(st.tuples(*[texts] * len(asked)), max_size=3))
    console = rich_console.Console(
        file=io.StringIO(), width=width, height=50, markup=False, emoji=False, highlight=False
    )
    table = rich_table.Table(
        *(rich_table.Column(text, width=cells, justify=side) for text, cells, side in asked),
        width=line_length,
        show_lines=True,
    )
    for row in rows:
        table.add_row(*row)
    console.print(title)
    console.print(table)
    columns = [Column(text, cells, side) for text, cells, side in asked]
    lines = wrap(title, width) + draw_table(columns, rows, line_length)
    ours = "".join(crop(line, width) + "\n" for line in lines)
    record.same("summary: tables of any texts", console.file.getvalue(), ours)
