"""Compiled loss and metrics, and the progress bar, where a mutant of the source would differ."""

import io
import sys
import time
from typing import Any

import numpy as np
import pytest

from minidense import Input, Model, Sequential, layers, losses
from minidense.names import reset_names
from minidense.optimizers import SGD
from minidense.training.compiled import CompiledLoss
from minidense.training.progress import Progbar, print_message
from tests.unit.test_training_details import X, Y, model_of


def test_a_model_that_was_not_compiled_has_nothing_to_train_with() -> None:
    model = Sequential([Input((3,)), layers.Dense(2)])
    assert model.compiled is False
    assert model.optimizer is None
    assert model.loss is None
    assert model.history is None
    assert model.stop_training is False
    assert model.stop_evaluating is False
    assert model.stop_predicting is False
    model.reset_metrics()
    assert model.metrics == []


def test_a_compiled_model_is_not_stopped() -> None:
    model = model_of()
    model.stop_training = True
    model.compile(SGD(0.1), "mse")
    assert model.stop_training is False


def on_logits(**arguments: Any) -> Sequential:
    """A model with a softmax over 0 and 200: float32 probabilities of exactly 0 and 1."""
    model = Sequential([Input((3,)), layers.Dense(2, kernel_initializer="zeros"), layers.Softmax()])
    model.layers[0].bias.assign([0.0, 200.0])
    model.compile(SGD(0.0), **arguments)
    return model


@pytest.mark.parametrize("weight", [None, 0.25])
def test_a_crossentropy_is_measured_on_what_went_into_the_softmax(weight: float | None) -> None:
    labels = np.zeros(10, "int32")
    for loss in ("sparse_categorical_crossentropy", "crossentropy"):
        model = on_logits(loss=loss, loss_weights=weight)
        assert model.test_on_batch(X, labels) == 200.0 * (weight or 1)
        assert model.train_on_batch(X, labels) == 200.0 * (weight or 1)
    # computed in another dtype it sees the probabilities alone, of which the least is 1e-7
    model = on_logits(loss=losses.SparseCategoricalCrossentropy(dtype="float64"))
    assert model.test_on_batch(X, labels) == pytest.approx(-np.log(1e-7))
    assert model.train_on_batch(X, labels) == pytest.approx(-np.log(1e-7))


@pytest.mark.parametrize(
    ("units", "targets", "meaning"),
    [
        (1, np.array([[0.0], [1.0]] * 5), "binary_crossentropy"),
        (2, np.array([[0], [1]] * 5), "sparse_categorical_crossentropy"),
        (2, np.eye(2)[[0, 1] * 5], "categorical_crossentropy"),
    ],
)
@pytest.mark.parametrize("name", ["crossentropy", "ce", "CE"])
def test_a_crossentropy_finds_its_form(name: str, units: int, targets: Any, meaning: str) -> None:
    found = []
    for loss in (name, meaning):
        model = Sequential([Input((3,)), layers.Dense(units, "sigmoid", kernel_initializer="ones")])
        model.compile(SGD(0.1), loss)
        found.append([model.test_on_batch(X, targets), model.train_on_batch(X, targets)])
        class_weight = {0: 1.0, 1: 3.0}
        found[-1].append(model.train_on_batch(X, targets, class_weight=class_weight))
    assert found[0] == found[1]


@pytest.mark.parametrize("weight", [None, 0.5])
def test_a_gradient_has_the_dtype_of_the_predictions(weight: float | None) -> None:
    for dtype in ("float32", "float64"):
        loss = CompiledLoss(losses.MeanSquaredError(dtype=dtype), weight)
        _, gradient, at_logits = loss.value_and_gradient(Y, Y + np.float32(0.5), None, None)
        assert gradient.dtype == np.float32
        np.testing.assert_allclose(gradient, np.full((10, 2), 0.05 * (weight or 1)), rtol=1e-5)
        assert not at_logits


def test_probabilities_are_asked_for_without_a_draw() -> None:
    ends = []
    for asked_first in (True, False):
        inputs = Input((3,))
        noisy = layers.Dropout(0.5, seed=3)(inputs, training=True)
        outputs = layers.Dense(2, "sigmoid", kernel_initializer="ones")(noisy)
        model = Model(inputs, outputs)
        model.compile(SGD(0.5), "binary_crossentropy" if asked_first else "mse")
        model.train_on_batch(X, np.abs(Y) % 1)
        ends.append(model.layers[1].seed_generator.state.numpy().tolist())
    assert ends == [[3, 1], [3, 1]]


def test_measuring_overrules_what_a_call_was_told() -> None:
    inputs = Input((3,))
    noisy = layers.Dropout(0.5, seed=3)(inputs, training=True)
    model = Model(inputs, layers.Dense(2, kernel_initializer="ones")(noisy))
    model.compile(SGD(0.5), "mse")
    assert model.evaluate(X, Y, verbose=0) == model_of().evaluate(X, Y, verbose=0)
    np.testing.assert_array_equal(model.predict(X, verbose=0), model_of().predict(X, verbose=0))
    np.testing.assert_array_equal(model.predict_on_batch(X), model_of().predict_on_batch(X))
    assert model.layers[1].seed_generator.state.numpy().tolist() == [3, 0]


def distance(y_true: Any, y_pred: Any) -> Any:
    return np.abs(y_true - y_pred).mean(axis=-1)


class Distance:
    """A function without a name."""

    def __call__(self, y_true: Any, y_pred: Any) -> Any:
        return distance(y_true, y_pred)


def test_metrics_are_called_what_the_user_calls_them() -> None:
    reset_names()
    for metrics, names in (
        ([distance], ["distance"]),
        ([Distance()], ["distance"]),
        (["acc", "ACC"], ["acc", "ACC"]),
        ({"dense": ["MSE", "mse"]}, ["MSE", "mse"]),
        ({"dense": "mse"}, ["mse"]),
        (("mse",), ["mse"]),
    ):
        found = model_of(metrics=metrics).test_on_batch(X, Y, return_dict=True)
        assert sorted(found) == sorted(["loss", *names])
    found = model_of(weighted_metrics=["mse"]).test_on_batch(X, Y, return_dict=True)
    assert list(found) == ["loss", "mse"]
    with pytest.raises(ValueError, match="nonsense"):
        model_of(metrics=["nonsense"])


Output = pytest.CaptureFixture[str]


@pytest.fixture
def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_000_000.0)


@pytest.mark.usefixtures("stopped_clock")
def test_a_bar_is_20_characters_long_and_the_first_of_them_is_green(capsys: Output) -> None:
    for step, green in ((0, 0), (1, 1), (19, 19), (20, 20)):
        Progbar(20).update(step, finalize=False)
        bar = f"\x1b[32m{'━' * green}\x1b[0m" if green else ""
        white = f"\x1b[37m{'━' * (20 - green)}\x1b[0m"
        assert f"\x1b[1m{step:2d}/20\x1b[0m {bar}{white} " in capsys.readouterr().out


@pytest.mark.usefixtures("stopped_clock")
def test_a_bar_for_no_steps_knows_no_target(capsys: Output) -> None:
    Progbar(0).update(0)
    assert "      0/Unknown" in capsys.readouterr().out
    Progbar(0, verbose=2).update(0)
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("stopped_clock")
def test_steps_are_added_from_the_first_on(capsys: Output) -> None:
    bar = Progbar(3, verbose=1, interval=0)
    bar.add(1, [("loss", 1.0)])
    assert "1/3" in capsys.readouterr().out
    bar.add(1, [("loss", 2.0)])
    line = capsys.readouterr().out
    assert "2/3" in line
    assert line.endswith(" - loss: 1.5000")
    bar.update(2, [("loss", 6.0)])  # again the same step
    assert capsys.readouterr().out.endswith(" - loss: 3.0000")


@pytest.mark.usefixtures("stopped_clock")
def test_the_first_step_may_be_said_twice(capsys: Output) -> None:
    bar = Progbar(3, interval=0)
    bar.update(1)
    bar.update(1)
    assert capsys.readouterr().out.count("1/3") == 2


@pytest.mark.usefixtures("stopped_clock")
def test_a_first_update_of_several_steps_counts_for_them_all(capsys: Output) -> None:
    bar = Progbar(9, interval=0)
    bar.update(2, [("loss", 1.0)])
    bar.update(3, [("loss", 4.0)])
    assert capsys.readouterr().out.endswith(" - loss: 2.0000")


def test_one_list_of_metrics_leaves_the_other_empty() -> None:
    assert Progbar(3, stateless_metrics=["a"]).stateful_metrics is None
    assert Progbar(3, stateless_metrics=["a"]).stateless_metrics == {"a"}
    assert Progbar(3, stateful_metrics=["a"]).stateful_metrics == {"a"}
    assert Progbar(3).stateful_metrics == set()
    assert Progbar(3).stateless_metrics is None
    assert Progbar(3).width == 20


@pytest.mark.usefixtures("stopped_clock")
@pytest.mark.parametrize("value", [2.0, 2, np.float32(2), np.float32([1, 3]), np.array([[2]])])
def test_a_metric_is_shown_as_one_number(value: Any, capsys: Output) -> None:
    Progbar(1, verbose=2).update(1, [("loss", value)])
    assert capsys.readouterr().out.endswith(" - loss: 2.0000\n")


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.6, "600ms"),
        (0.000_600_499_8, "600us"),
        (1.4, "1s"),
        (0.001, "1ms"),
        (0.0014, "1ms"),
        (0.000_001, "1us"),
    ],
)
def test_a_step_takes_whole_seconds_or_thousandths_of_them(
    seconds: float, said: str, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    clock = iter([0.0, seconds])
    monkeypatch.setattr(time, "time", lambda: next(clock))
    Progbar(1, verbose=2).update(1)
    assert capsys.readouterr().out == f"1/1 - {seconds:.0f}s - {said}/step\n"


class Latin(io.StringIO):
    """An output without an encoding, which takes no character above 255."""

    encoding = None  # type: ignore[assignment]

    def write(self, text: str) -> int:
        text.encode("latin-1")
        return super().write(text)


def test_an_output_without_an_encoding_gets_a_plain_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    output = Latin()
    monkeypatch.setattr(sys, "stdout", output)
    print_message("a ━━ bär")
    assert output.getvalue() == "a == bär\n"
