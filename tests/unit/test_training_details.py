"""Training where a mutant of the source would differ: each argument seen by what it changes."""

from typing import Any

import numpy as np
import pytest

from minidense import DataWarning, Input, Model, Sequential, callbacks, layers
from minidense.optimizers import SGD
from minidense.training.progress import Progbar
from minidense.utils import set_random_seed

X = np.random.default_rng(0).normal(size=(10, 3)).astype("float32")
Y = np.random.default_rng(1).normal(size=(10, 2)).astype("float32")


def model_of(rate: float = 0.125, loss: Any = "mean_squared_error", **arguments: Any) -> Sequential:
    model = Sequential(
        [Input((3,)), layers.Dense(2, kernel_initializer="ones", bias_initializer="zeros")]
    )
    model.compile(SGD(rate), loss, **arguments)
    return model


class Counting(callbacks.Callback):
    """Counts the batches of each epoch, and keeps the logs."""

    def __init__(self) -> None:
        super().__init__()
        self.trained: list[int] = []
        self.tested: list[int] = []
        self.predicted = 0
        self.logs: list[dict[str, Any]] = []
        self.seen: list[Any] = []

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.trained.append(0)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.trained[-1] += 1

    def on_test_begin(self, logs: Any = None) -> None:
        self.tested.append(0)

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        self.tested[-1] += 1

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        self.predicted += 1

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.logs.append({"epoch": epoch, **logs})


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


@pytest.mark.parametrize(
    ("freq", "due"), [(1, [0, 1, 2, 3]), (2, [1, 3]), (3, [2]), ([1, 4], [0, 3]), ([2], [1])]
)
def test_validation_comes_after_the_epochs_that_were_asked_for(freq: Any, due: list[int]) -> None:
    counting = Counting()
    model_of().fit(
        X,
        Y,
        epochs=4,
        validation_data=(X, Y),
        validation_freq=freq,
        callbacks=[counting],
        verbose=0,
    )
    assert [logs["epoch"] for logs in counting.logs if "val_loss" in logs] == due


@pytest.mark.parametrize(
    ("arguments", "trained", "tested"),
    [
        ({}, 1, 1),
        ({"batch_size": 4}, 3, 3),
        ({"batch_size": 4, "validation_batch_size": 5}, 3, 2),
        ({"batch_size": 4, "validation_steps": 2}, 3, 2),
        ({"validation_steps": 2}, 1, 2),  # 5 rows a batch
        ({"steps_per_epoch": 5}, 5, 1),  # 2 rows a batch
        ({"batch_size": 2, "steps_per_epoch": 3}, 3, 5),
        ({"steps_per_epoch": 10}, 10, 1),  # a row a batch
    ],
)
def test_batches_are_cut_as_asked(arguments: dict[str, int], trained: int, tested: int) -> None:
    counting = Counting()
    model_of().fit(X, Y, validation_data=(X, Y), callbacks=[counting], verbose=0, **arguments)
    assert (counting.trained, counting.tested) == ([trained], [tested])


def test_32_rows_are_a_batch_and_one_more_is_the_next() -> None:
    for rows, batches in ((32, 1), (33, 2), (64, 2), (65, 3)):
        counting = Counting()
        x, y = np.resize(X, (rows, 3)), np.resize(Y, (rows, 2))
        model_of().fit(x, y, callbacks=[counting], verbose=0)
        model_of().evaluate(x, y, callbacks=[counting], verbose=0)
        model_of().predict(x, callbacks=[counting], verbose=0)
        assert counting.trained == counting.tested == [batches]
        assert counting.predicted == batches


def test_evaluate_and_predict_take_a_batch_size_and_steps() -> None:
    model = model_of()
    for arguments, batches, rows in (
        ({"batch_size": 3}, 4, 10),
        ({"batch_size": 3, "steps": 2}, 2, 6),
        ({"steps": 5}, 5, 10),
    ):
        counting = Counting()
        loss = model.evaluate(X, Y, callbacks=[counting], verbose=0, **arguments)
        outputs = model.predict(X, callbacks=[counting], verbose=0, **arguments)
        assert counting.tested == [batches]
        assert counting.predicted == batches
        assert outputs.shape == (rows, 2)
        np.testing.assert_allclose(loss, model.evaluate(X[:rows], Y[:rows], verbose=0), rtol=1e-6)


def test_epochs_begin_after_the_initial_one() -> None:
    counting = Counting()
    history = model_of().fit(X, Y, epochs=5, initial_epoch=3, callbacks=[counting], verbose=0)
    assert [logs["epoch"] for logs in counting.logs] == history.epoch == [3, 4]
    assert model_of().fit(X, Y, verbose=0).epoch == [0]


def test_the_rows_are_shuffled_unless_told_otherwise() -> None:
    ends = []
    for arguments in ({}, {"shuffle": True}, {"shuffle": "batch"}, {"shuffle": False}):
        set_random_seed(1)
        model = model_of()
        model.fit(X, Y, batch_size=2, verbose=0, **arguments)  # type: ignore[arg-type]
        ends.append(model.get_weights()[0].tobytes())
    assert ends[0] == ends[1]
    assert len(set(ends[1:])) == 3


def test_the_last_rows_validate_and_train_nothing() -> None:
    parts = model_of(), model_of()
    first = parts[0].fit(X, Y, validation_split=0.3, shuffle=False, verbose=0)
    second = parts[1].fit(X[:7], Y[:7], validation_data=(X[7:], Y[7:]), shuffle=False, verbose=0)
    assert first.history == second.history
    assert "val_loss" not in model_of().fit(X, Y, verbose=0).history


def test_a_row_without_weight_counts_for_nothing() -> None:
    weights = np.float32([1, 1, 1, 1, 1, 0, 0, 0, 0, 0])
    one, other = model_of(), model_of(loss_weights=0.5)
    one.fit(X, Y, sample_weight=weights, shuffle=False, verbose=0)
    other.fit(X[:5], Y[:5], shuffle=False, verbose=0)
    # 10 rows divide in the one, 5 in the other; rtol: the sums run in another order
    for a, b in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5)


def test_results_come_as_a_number_a_list_or_a_dict() -> None:
    model, with_metric = model_of(), model_of(metrics=["mse"])
    for method in ("train_on_batch", "test_on_batch", "evaluate"):
        quiet = {"verbose": 0} if method == "evaluate" else {}
        assert isinstance(getattr(model, method)(X, Y, **quiet), float)
        values = getattr(with_metric, method)(X, Y, **quiet)
        assert isinstance(values, list)
        assert len(values) == 2
        named = getattr(with_metric, method)(X, Y, return_dict=True, **quiet)
        assert list(named) == ["loss", "mse"]
    assert model.metrics_names == ["loss"]
    assert with_metric.metrics_names == ["loss", "compile_metrics"]
    assert Sequential([Input((3,)), layers.Dense(2)]).metrics_names == []


def test_weights_weigh_the_weighted_metrics_alone() -> None:
    weights = np.float32([0] * 9 + [4])
    model = model_of(metrics=["mse"], weighted_metrics=["mse"])
    found = model.evaluate(X, Y, sample_weight=weights, verbose=0, return_dict=True)
    errors = ((model.predict(X, verbose=0) - Y) ** 2).mean(axis=1)
    np.testing.assert_allclose(found["mse"], errors.mean(), rtol=1e-6)
    np.testing.assert_allclose(found["weighted_mse"], errors[9], rtol=1e-6)
    np.testing.assert_allclose(found["loss"], 4 * errors[9] / 10, rtol=1e-6)


def test_metrics_start_again_in_each_epoch_and_call() -> None:
    model = model_of(0.0)
    history = model.fit(X, Y, epochs=2, batch_size=4, shuffle=False, verbose=0).history
    assert history["loss"][0] == history["loss"][1]
    assert model.test_on_batch(X, Y) == model.test_on_batch(X, Y)
    assert model.train_on_batch(X, Y) == model.train_on_batch(X, Y)


def test_a_compile_keeps_what_it_was_given() -> None:
    model = model_of(loss=["mse"])
    assert model.loss == "mse"
    assert model.compiled
    assert isinstance(model.optimizer, SGD)
    model.compile(loss={model.layers[-1].name: "mse"})
    assert model.loss == "mse"
    assert type(model.optimizer).__name__ == "RMSprop"


def test_a_model_with_two_inputs_takes_them_by_name_and_in_a_list() -> None:
    first, second = Input((2,), name="first"), Input((1,), name="second")
    model = Model([second, first], layers.Dense(1, kernel_initializer="ones")(second))
    a, b = np.ones((4, 2), "float32"), np.full((4, 1), 3.0, "float32")
    np.testing.assert_array_equal(model.predict({"first": a, "second": b}, verbose=0), b)
    np.testing.assert_array_equal(model.predict([b, a], verbose=0), b)
    np.testing.assert_array_equal(model.predict_on_batch({"second": b, "first": a}), b)


def test_a_bar_takes_one_list_of_metrics() -> None:
    message = (
        r"^Progbar takes `stateful_metrics` \(shown as given\) or `stateless_metrics` "
        r"\(averaged\), not both: either list decides for all other metrics too\.$"
    )
    with pytest.raises(ValueError, match=message):
        Progbar(3, stateful_metrics=["a"], stateless_metrics=["b"])


def test_the_parts_of_a_model_in_a_model_may_have_several_outputs() -> None:
    inner_input = Input((2,))
    inner = Model(inner_input, [layers.ReLU()(inner_input), layers.Flatten()(inner_input)])
    inputs = Input((2,))
    first, second = inner(inputs)
    model = Model(inputs, [second, first])
    x = np.float32([[-1.0, 2.0]])
    flat, positive = model.predict(x, verbose=0)
    np.testing.assert_array_equal(flat, x)
    np.testing.assert_array_equal(positive, [[0.0, 2.0]])


def test_a_new_compile_asks_again_whether_the_outputs_are_probabilities() -> None:
    model = model_of(loss="binary_crossentropy")
    targets = np.zeros((10, 2), "float32")
    with pytest.warns(DataWarning, match="expects probabilities"):
        model.train_on_batch(X, targets)
    model.train_on_batch(X, targets)  # once is enough
    model.compile(SGD(0.1), "binary_crossentropy")
    with pytest.warns(DataWarning, match="expects probabilities"):
        model.train_on_batch(X, targets)


def test_class_weights_leave_the_targets_of_the_rows_that_validate() -> None:
    model = Sequential([Input((3,)), layers.Dense(2, activation="softmax")])
    model.compile(SGD(0.0), "sparse_categorical_crossentropy")
    labels = np.array([0, 1] * 5)
    weighted = model.fit(
        X, labels, validation_split=0.4, class_weight={0: 2.0, 1: 2.0}, shuffle=False, verbose=0
    ).history
    plain = model.fit(X, labels, validation_split=0.4, shuffle=False, verbose=0).history
    np.testing.assert_allclose(weighted["loss"], 2 * np.array(plain["loss"]), rtol=1e-6)
    assert weighted["val_loss"] == plain["val_loss"]


@pytest.mark.parametrize("several", [list, tuple])
def test_a_list_of_one_array_is_the_array(several: Any) -> None:
    weights = np.linspace(0, 1, 10, dtype="float32")
    wanted = model_of().evaluate(X, Y, sample_weight=weights, verbose=0)
    alone = several([Y]), several([weights])
    assert model_of().evaluate(X, alone[0], sample_weight=alone[1], verbose=0) == wanted
    trained, trained_alone = model_of(), model_of()
    trained.fit(X, Y, sample_weight=weights, verbose=0)
    trained_alone.fit(X, alone[0], sample_weight=alone[1], verbose=0)
    np.testing.assert_array_equal(trained.layers[0].kernel, trained_alone.layers[0].kernel)


@pytest.mark.parametrize("argument", ["y", "sample_weight"])
def test_a_dict_beside_an_output_that_is_no_dict_is_refused_with_its_key(argument: str) -> None:
    for length, shown in ((58, f"'{'k' * 58}'"), (61, f"'{'k' * 56}...")):  # 60 with the quotes
        arrays = {"k" * length: np.ones(10)}
        with pytest.raises((TypeError, ValueError)) as error:
            model_of().fit(X, **{"y": Y, argument: arrays}, verbose=0)
        assert f"Received `{argument}` in a dict with the key {shown}" in str(error.value)


def test_class_weights_of_targets_of_rank_3_say_which_shapes_there_are() -> None:
    with pytest.raises(TypeError) as error:
        model_of().fit(X, Y[:, None], class_weight={0: 1.0}, verbose=0)
    assert str(error.value) == (
        "`class_weight` needs one class for each row: `y` of shape (rows,), (rows, 1) or "
        "(rows, classes). Received: y of shape (10, 1, 2)."
    )


def test_no_rows_shared_out_among_steps_are_no_rows() -> None:
    model = Sequential([layers.Dense(3)])
    with pytest.warns(UserWarning, match="ran out of data"):
        predicted = model.predict(np.ones((0, 2), "float32"), steps=2, verbose=0)
    assert predicted.shape == (0, 3)


def test_what_is_no_callback_is_named_without_its_numbers() -> None:
    model = Sequential([layers.Dense(3)])
    with pytest.raises(AttributeError, match="holds an array of shape"):
        model.predict(np.ones((2, 2), "float32"), callbacks=np.ones(()), verbose=0)
