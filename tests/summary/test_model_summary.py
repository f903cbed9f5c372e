"""`summary()` of minidense's own models, against texts that Keras 3.15.1 prints."""

from typing import Any

import numpy as np
import pytest

from minidense import Input, Model, Sequential, layers
from minidense.utils import clear_session


@pytest.fixture(autouse=True)
def fresh_session(monkeypatch: pytest.MonkeyPatch) -> None:
    clear_session()
    monkeypatch.setenv("COLUMNS", "80")


def text(model: Model, **kwargs: Any) -> str:
    printed: list[str] = []
    model.summary(print_fn=printed.append, **kwargs)
    return "".join(printed)


def mlp(*first: Any) -> Sequential:
    return Sequential(
        [*first, layers.Flatten(), layers.Dense(128, activation="relu"), layers.Dense(10)]
    )


BUILT = """\
Model: "sequential"
┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━┓
┃ Layer (type)                    ┃ Output Shape           ┃       Param # ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━┩
│ flatten (Flatten)               │ (None, 784)            │             0 │
├─────────────────────────────────┼────────────────────────┼───────────────┤
│ dense (Dense)                   │ (None, 128)            │       100,480 │
├─────────────────────────────────┼────────────────────────┼───────────────┤
│ dense_1 (Dense)                 │ (None, 10)             │         1,290 │
└─────────────────────────────────┴────────────────────────┴───────────────┘
 Total params: 101,770 (397.54 KB)
 Trainable params: 101,770 (397.54 KB)
 Non-trainable params: 0 (0.00 B)
"""


def test_a_built_model_is_printed_as_by_keras() -> None:
    assert text(mlp(Input((28, 28)))) == BUILT


def test_a_model_built_later_is_printed_the_same() -> None:
    model = mlp()
    model.build((None, 28, 28))
    assert text(model) == BUILT


def test_a_functional_model_in_an_uncalled_one_has_its_shape() -> None:
    inputs = Input((4,))
    inner = Model(inputs, layers.Dense(3)(inputs), name="inner")

    class Outer(Model):
        def __init__(self) -> None:
            super().__init__()
            self.inner = inner

    row = next(line for line in text(Outer()).splitlines() if "inner" in line)
    assert row == "│ inner (Functional)              │ (None, 3)              │            15 │"


def test_an_unbuilt_model_has_no_shapes_and_no_parameters() -> None:
    printed = text(mlp())
    assert printed.count("? ") == 3
    assert printed.count("0 (unbuilt)") == 3  # Flatten too: Keras's is built by its first call
    assert " Total params: 0 (0.00 B)" in printed


def test_adam_counts_its_own_variables_after_a_fit() -> None:
    model = mlp(Input((28, 28)))
    model.compile("adam", "mse")
    assert "Optimizer params" not in text(model)
    model.fit(np.zeros((2, 28, 28)), np.zeros((2, 10)), verbose=0)
    assert " Total params: 305,312 (1.16 MB)\n Trainable params: 101,770" in text(model)
    assert " Optimizer params: 203,542 (795.09 KB)" in text(model)


def test_float64_weights_take_twice_the_memory() -> None:
    model = Sequential([Input((4,)), layers.Dense(2, dtype="float64")])
    assert "Total params: 10 (80.00 B)" in text(model)


def test_frozen_layers_are_counted_apart_and_marked() -> None:
    model = mlp(Input((28, 28)))
    model.layers[1].trainable = False
    printed = text(model, show_trainable=True)
    assert "Non-trainable params: 100,480" in printed
    marks = [line.split("│")[4].strip() for line in printed.splitlines() if "(None" in line]
    assert marks == ["-", "N", "Y"]


def test_layers_of_inner_models_are_listed_when_asked_for() -> None:
    inner = Sequential([Input((4,)), layers.Dense(4)])
    model = Sequential([Input((4,)), inner, layers.Dense(1)])
    assert "└ dense (Dense)" not in text(model)
    assert "└ dense (Dense)" in text(model, expand_nested=True)


def test_a_graph_with_a_shared_layer_says_what_is_connected_to_what(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    inputs, square = Input((5,)), layers.Dense(5)
    printed = text(Model(inputs, square(square(inputs))))
    assert "Connected to" in printed
    assert "dense[0][0]" in printed


def test_a_summary_is_printed_where_no_function_is_given(
    capsys: pytest.CaptureFixture[str],
) -> None:
    mlp(Input((28, 28))).summary()
    assert capsys.readouterr().out == BUILT
