"""The compiled loss and metrics: their weights, their names, and what they are tried on."""

from typing import Any

import numpy as np
import pytest

from minidense import Input, Sequential, layers, losses, ops
from minidense.engine.tape import Tape
from minidense.metrics import Mean, Metric
from minidense.names import reset_names
from minidense.optimizers import SGD
from minidense.training.compiled import CompiledLoss
from tests.messages import exactly
from tests.training.regression import X, Y, model_of

# The loss


def test_a_loss_weight_is_a_factor_of_loss_and_gradient() -> None:
    # factors are powers of two, so nothing is rounded in another way
    weighted, plain = model_of(0.5, loss_weights=0.25), model_of(0.125)
    for model in (weighted, plain):
        model.fit(X, Y, epochs=2, shuffle=False, verbose=0)
    for one, other in zip(weighted.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert weighted.history is not None
    assert plain.history is not None
    quarter = [loss / 4 for loss in plain.history.history["loss"]]
    np.testing.assert_array_equal(weighted.history.history["loss"], quarter)
    assert weighted.evaluate(X, Y, verbose=0) == plain.evaluate(X, Y, verbose=0) / 4


@pytest.mark.parametrize("weight", [None, 0.5])
def test_a_gradient_has_the_dtype_of_the_predictions(weight: float | None) -> None:
    for dtype in ("float32", "float64"):
        loss = CompiledLoss(losses.MeanSquaredError(dtype=dtype), weight)
        with Tape() as tape:
            y_pred = ops.convert_to_tensor(Y) + np.float32(0.5)
            value = loss(Y, y_pred, None)
        (gradient,) = tape.gradients(value, [y_pred])
        assert gradient.dtype == np.float32
        np.testing.assert_allclose(gradient, np.full((10, 2), 0.05 * (weight or 1)), rtol=1e-5)


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


def test_a_class_beyond_the_outputs_is_refused() -> None:
    for units, loss in ((1, "binary_crossentropy"), (2, "crossentropy")):
        model = Sequential([Input((3,)), layers.Dense(units, activation="sigmoid")])
        model.compile(SGD(0.1), loss)
        labels = np.array([[0], [1]] * 5)
        model.train_on_batch(X, labels, class_weight={0: 1.0, 1: 2.0})
        message = "`class_weight` must hold weights of classes from 0 to 1. Received 2."
        with pytest.raises(ValueError, match=exactly(message)):
            model.train_on_batch(X, labels, class_weight={0: 1.0, 1: 1.0, 2: 2.0})


def test_the_classes_of_a_weight_are_counted_on_the_last_axis() -> None:
    model = Sequential([Input((1, 3)), layers.Dense(3, activation="softmax")])
    model.compile(SGD(0.1), "sparse_categorical_crossentropy")
    model.train_on_batch(
        X[:, None], np.array([[0], [2]] * 5), class_weight={0: 1.0, 1: 1.0, 2: 2.0}
    )
    message = "`class_weight` must hold weights of classes from 0 to 2. Received 3."
    with pytest.raises(ValueError, match=exactly(message)):
        model.train_on_batch(X[:, None], np.array([[0], [2]] * 5), class_weight={0: 1.0, 3: 1.0})


# The metrics


def distance(y_true: Any, y_pred: Any) -> Any:
    return ops.mean(ops.abs(y_true - y_pred), axis=-1)


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


def test_metrics_of_one_name_are_counted() -> None:
    names = ["loss", "mse", "mse_1", "mse_2"]
    for metrics in (["mse"] * 3, [["mse"] * 3], [["mse"], ["mse", "mse"]]):
        found = model_of(metrics=metrics).evaluate(X, Y, verbose=0, return_dict=True)
        assert list(found) == names


def test_weights_weigh_the_weighted_metrics_alone() -> None:
    weights = np.float32([0] * 9 + [4])
    model = model_of(metrics=["mse"], weighted_metrics=["mse"])
    found = model.evaluate(X, Y, sample_weight=weights, verbose=0, return_dict=True)
    errors = ((model.predict(X, verbose=0) - Y) ** 2).mean(axis=1)
    np.testing.assert_allclose(found["mse"], errors.mean(), rtol=1e-6)
    np.testing.assert_allclose(found["weighted_mse"], errors[9], rtol=1e-6)
    np.testing.assert_allclose(found["loss"], 4 * errors[9] / 10, rtol=1e-6)


def test_training_weighs_the_weighted_metrics_alone() -> None:
    weights = np.float32([0] * 9 + [4])
    model = model_of(0.0, metrics=["mse"], weighted_metrics=["mse"])
    measured = model.test_on_batch(X, Y, sample_weight=weights, return_dict=True)
    assert measured["mse"] != measured["weighted_mse"]
    trained = model.train_on_batch(X, Y, sample_weight=weights, return_dict=True)
    assert trained == measured
    history = model.fit(X, Y, sample_weight=weights, shuffle=False, verbose=0).history
    assert history == {name: [value] for name, value in measured.items()}


class Product(losses.Loss):
    """A loss that takes targets of any shape."""

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return ops.mean(y_pred, axis=-1)


# Refused before anything is learned


class ForPlainWeights(Metric):
    """A weighted metric that takes one weight for a row."""

    def __init__(self) -> None:
        super().__init__(name="for_plain_weights")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        if sample_weight is not None and tuple(sample_weight.shape)[1:] != (1,):
            raise ValueError("one weight for a row")

    def result(self) -> float:
        return 0.0

    def reset_state(self) -> None:
        pass


STEPS = np.random.default_rng(2).normal(size=(10, 6, 3)).astype("float32")


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        # another shape of targets, of inputs, and of weights than before
        ((STEPS[:, :4], STEPS[:, :4, :2], None), (STEPS[:, :4], STEPS[:, :5, :2], None)),
        ((STEPS[:, :4], STEPS[:, :4, :2], None), (STEPS[:, :5], STEPS[:, :4, :2], None)),
        (
            (STEPS[:, :4], STEPS[:, :4, :2], np.ones((10, 1), "float32")),
            (STEPS[:, :4], STEPS[:, :4, :2], np.ones((10, 4), "float32")),
        ),
    ],
)
def test_data_of_another_shape_fail_before_anything_is_learned(good: Any, bad: Any) -> None:
    model = Sequential([Input((None, 3)), layers.Dense(2)])
    model.compile(
        SGD(0.1),
        Product(),
        metrics=["categorical_accuracy"],
        weighted_metrics=[ForPlainWeights()],
    )
    model.train_on_batch(*good)
    before = model.get_weights()
    with pytest.raises(ValueError, match=r"shape|one weight"):
        model.train_on_batch(*bad)
    for weight, kept in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, kept)


def test_a_weighted_metric_that_takes_no_weights_fails_before_anything_is_learned() -> None:
    class Unweighted(Metric):
        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
            if sample_weight is not None:
                raise ValueError("no weights here")

        def result(self) -> float:
            return 0.0

        def reset_state(self) -> None:
            pass

    model = model_of(weighted_metrics=[Unweighted(name="unweighted")])
    with pytest.raises(ValueError, match="no weights here"):
        model.fit(X, Y, sample_weight=np.ones(10, "float32"), verbose=0)
    np.testing.assert_array_equal(model.get_weights()[0], np.ones((3, 2)))


def test_a_loss_that_is_given_as_a_class_is_made_once() -> None:
    made: list[Any] = []

    class Counted(losses.MeanSquaredError):
        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            made.append(self)

    model = Sequential([Input((3,)), layers.Dense(1)])
    model.compile("sgd", Counted)
    model.fit(X[:, :3], Y[:, :1], verbose=0)
    assert len(made) == 1


def test_a_metric_that_is_put_into_a_list_later_is_seen() -> None:
    class Own(Sequential):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            self.more: list[Any] = []

    model = Own([Input((3,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    assert len(model.metrics) == 1
    late = Mean(name="late")
    model.more.append(late)
    assert model.metrics[-1] is late


@pytest.mark.parametrize("run_eagerly", [False, True])
def test_a_loss_made_of_a_list_of_tensors_trains(run_eagerly: bool) -> None:
    def both(y_true: Any, y_pred: Any) -> Any:
        error = ops.mean(ops.square(y_pred - y_true))
        return ops.mean([error, 0.1 * ops.mean(ops.abs(y_pred))])

    model = Sequential([Input((3,)), layers.Dense(1, kernel_initializer="ones")])
    model.compile(SGD(0.1), both, run_eagerly=run_eagerly)
    model.fit(X[:, :3], Y[:, :1], verbose=0)
    assert not np.array_equal(model.get_weights()[0], np.ones((3, 1)))
