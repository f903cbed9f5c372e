"""Each argument of fit, evaluate and predict, seen by what it changes."""

import copy
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from minidense import Input, Model, Sequential, callbacks, layers
from minidense.layers.weights import Structure
from minidense.optimizers import SGD
from minidense.utils import set_random_seed
from tests.messages import exactly
from tests.training.regression import X, Y, model_of


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


# Batches and epochs


def test_32_rows_are_a_batch_and_one_more_is_the_next() -> None:
    for rows, batches in ((32, 1), (33, 2), (64, 2), (65, 3)):
        counting = Counting()
        x, y = np.resize(X, (rows, 3)), np.resize(Y, (rows, 2))
        model_of().fit(x, y, callbacks=[counting], verbose=0)
        model_of().evaluate(x, y, callbacks=[counting], verbose=0)
        model_of().predict(x, callbacks=[counting], verbose=0)
        assert counting.trained == counting.tested == [batches]
        assert counting.predicted == batches


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


def test_no_rows_shared_out_among_steps_are_no_rows() -> None:
    model = Sequential([layers.Dense(3)])
    with pytest.warns(UserWarning, match="ran out of data"):
        predicted = model.predict(np.ones((0, 2), "float32"), steps=2, verbose=0)
    assert predicted.shape == (0, 3)


def test_rows_without_numbers_have_a_loss_of_0() -> None:
    model = Sequential([Input((None, 3)), layers.Dense(2)])
    model.compile(SGD(0.1), "mse")
    x, y = np.zeros((2, 0, 3), "float32"), np.zeros((2, 0, 2), "float32")
    assert model.test_on_batch(x, y) == 0.0


# Validation


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


def test_the_last_rows_validate_and_train_nothing() -> None:
    parts = model_of(), model_of()
    first = parts[0].fit(X, Y, validation_split=0.3, shuffle=False, verbose=0)
    second = parts[1].fit(X[:7], Y[:7], validation_data=(X[7:], Y[7:]), shuffle=False, verbose=0)
    assert first.history == second.history
    assert "val_loss" not in model_of().fit(X, Y, verbose=0).history


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


def test_validation_data_that_the_model_will_not_take_are_refused_before_it_learns() -> None:
    model = Sequential([layers.Dense(2, name="only")])
    model.compile(SGD(0.1), "mse")
    message = (
        "Input of layer 'only' is incompatible with the layer: expected axis -1 of the input "
        "shape to have value 3, found 2. Full shape received: (10, 2)."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}\n"):  # and in which call
        model.fit(X, Y, validation_data=(X[:, :2], Y), verbose=0)
    assert int(model.optimizer.iterations) == 0


def test_any_call_builds_a_model_for_its_data() -> None:
    model = Sequential([layers.Dense(2)])
    model.compile(SGD(0.1), "mse")
    assert not model.built
    assert isinstance(model.evaluate(X, Y, verbose=0), float)
    assert model.built
    for build in ("predict_on_batch", "predict"):
        model = Sequential([layers.Dense(2)])
        assert getattr(model, build)(X).shape == (10, 2)
    for build in ("fit", "test_on_batch", "train_on_batch"):
        model = Sequential([layers.Dense(2)])
        model.compile(SGD(0.1), "mse")
        getattr(model, build)(X, Y)
        assert model.weights[0].shape == (3, 2)


# Results and inputs


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


def test_metrics_start_again_in_each_epoch_and_call() -> None:
    model = model_of(0.0)
    history = model.fit(X, Y, epochs=2, batch_size=4, shuffle=False, verbose=0).history
    assert history["loss"][0] == history["loss"][1]
    assert model.test_on_batch(X, Y) == model.test_on_batch(X, Y)
    assert model.train_on_batch(X, Y) == model.train_on_batch(X, Y)


def test_a_row_without_weight_counts_for_nothing() -> None:
    weights = np.float32([1, 1, 1, 1, 1, 0, 0, 0, 0, 0])
    one, other = model_of(), model_of(loss_weights=0.5)
    one.fit(X, Y, sample_weight=weights, shuffle=False, verbose=0)
    other.fit(X[:5], Y[:5], shuffle=False, verbose=0)
    # 10 rows divide in the one, 5 in the other; rtol: the sums run in another order
    for a, b in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5)


def test_a_model_with_two_inputs_takes_them_by_name_and_in_a_list() -> None:
    first, second = Input((2,), name="first"), Input((1,), name="second")
    model = Model([second, first], layers.Dense(1, kernel_initializer="ones")(second))
    a, b = np.ones((4, 2), "float32"), np.full((4, 1), 3.0, "float32")
    np.testing.assert_array_equal(model.predict({"first": a, "second": b}, verbose=0), b)
    np.testing.assert_array_equal(model.predict([b, a], verbose=0), b)
    np.testing.assert_array_equal(model.predict_on_batch({"second": b, "first": a}), b)


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


def test_a_bar_is_printed_unless_silence_was_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    model = model_of()
    for run in (
        lambda verbose: model.fit(X, Y, batch_size=4, verbose=verbose),
        lambda verbose: model.evaluate(X, Y, batch_size=4, verbose=verbose),
        lambda verbose: model.predict(X, batch_size=4, verbose=verbose),
    ):
        for verbose, bars, ends in ((0, False, ""), (1, True, "\n"), (2, False, "\n")):
            run(verbose)
            printed = capsys.readouterr().out
            assert ("━" in printed) == bars
            assert printed[-1:] == ends
            assert ("3/3" in printed) == (verbose > 0)


# What layers are told of training


def test_measuring_overrules_what_a_call_was_told() -> None:
    inputs = Input((3,))
    noisy = layers.Dropout(0.5, seed=3)(inputs, training=True)
    model = Model(inputs, layers.Dense(2, kernel_initializer="ones")(noisy))
    model.compile(SGD(0.5), "mse")
    assert model.evaluate(X, Y, verbose=0) == model_of().evaluate(X, Y, verbose=0)
    np.testing.assert_array_equal(model.predict(X, verbose=0), model_of().predict(X, verbose=0))
    np.testing.assert_array_equal(model.predict_on_batch(X), model_of().predict_on_batch(X))
    assert model.layers[1].seed_generator.state.numpy().tolist() == [3, 0]


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


class Stretches(Model):
    """A subclass that puts a Dropout behind its sigmoid."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = layers.Dense(2, activation="sigmoid", bias_initializer="ones")
        self.drop = layers.Dropout(0.9, seed=3)

    def call(self, inputs: Any, training: bool = True) -> Any:
        return self.drop(self.dense(inputs), training=training)


class StretchesUntold(Stretches):
    """The same, with a `call` that takes no `training`."""

    def call(self, inputs: Any) -> Any:  # type: ignore[override]
        return self.drop(self.dense(inputs))


def test_a_dropout_in_a_call_that_takes_no_training_drops_nothing_in_fit() -> None:
    for cls, steps in ((Stretches, 1), (StretchesUntold, 0)):
        model = cls()
        model.compile(SGD(0.1), "mse")
        model.fit(X, Y, verbose=0)
        assert model.drop.seed_generator.state.numpy().tolist() == [3, steps]


def test_a_run_leaves_what_was_traced_of_model_as_it_is() -> None:
    model = model_of(metrics=["mse"])
    model.fit(X, Y, verbose=0)
    version = Structure.version
    model.fit(X, Y, verbose=0)
    model.evaluate(X, Y, verbose=0)
    model.predict(X, verbose=0)
    model.train_on_batch(X, Y)
    assert Structure.version == version


class Doubling(Model):
    """A subclass, which is not built before its first call."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = layers.Dense(2)

    def call(self, inputs: Any) -> Any:
        return self.dense(inputs) * 2.0


def test_a_copy_of_a_subclass_goes_on_by_itself() -> None:
    model = Doubling()
    model.compile("adam", "mse", metrics=["mse"])
    model.fit(X, Y, verbose=0)
    before = model.predict(X, verbose=0)
    copied = copy.deepcopy(model)
    assert np.array_equal(copied.predict(X, verbose=0), before)
    copied.fit(X, Y, verbose=0)
    assert not np.array_equal(copied.predict(X, verbose=0), before)
    assert np.array_equal(model.predict(X, verbose=0), before)


@pytest.mark.parametrize("method", ["predict", "predict_on_batch", "evaluate"])
def test_eight_threads_get_the_bits_of_one(method: str) -> None:
    x = np.random.default_rng(0).normal(size=(40, 3)).astype("float32")
    for _ in range(5):
        model = Doubling()
        model.compile(SGD(0.1), "mse", metrics=["mse"])
        more = {} if method == "predict_on_batch" else {"verbose": 0, "batch_size": 3}
        data = (x, x[:, :2]) if method == "evaluate" else (x,)
        with ThreadPoolExecutor(8) as pool:
            runs = [pool.submit(getattr(model, method), *data, **more) for _ in range(16)]
        expected = getattr(model, method)(*data, **more)
        assert all(np.array_equal(run.result(), expected) for run in runs)
        assert len(model.weights) == 2


# What is refused


@pytest.mark.parametrize(
    ("method", "argument"),
    [
        *(("fit", name) for name in ("batch_size", "validation_batch_size")),
        *(("fit", name) for name in ("steps_per_epoch", "validation_steps")),
        *(("evaluate", name) for name in ("batch_size", "steps")),
        *(("predict", name) for name in ("batch_size", "steps")),
    ],
)
def test_a_number_of_rows_or_steps_is_one_at_least(method: str, argument: str) -> None:
    data = (X,) if method == "predict" else (X, Y)
    message = f"`{argument}` must be an integer >= 1. Received: {argument}=0 of type int."
    with pytest.raises(ValueError, match=exactly(message)):
        getattr(model_of(), method)(*data, **{argument: 0})


def test_wrong_arguments_of_fit_are_named() -> None:
    for arguments, message in (
        ({"epochs": -1}, "`epochs` must be an integer >= 0. Received: epochs=-1 of type int."),
        (
            {"initial_epoch": -1},
            "`initial_epoch` must be an integer >= 0. Received: initial_epoch=-1 of type int.",
        ),
        (
            {"shuffle": "yes"},
            "`shuffle` must be one of [True, False, 'batch']. Received: shuffle='yes' of type str.",
        ),
        (
            {"validation_data": (X, None)},
            "The loss compares predictions with targets: `y` is missing in `validation_data`.",
        ),
    ):
        with pytest.raises(ValueError, match=exactly(message)):
            model_of().fit(X, Y, verbose=0, **arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize("method", ["evaluate", "train_on_batch", "test_on_batch"])
def test_return_dict_is_true_or_false(method: str) -> None:
    message = "`return_dict` must be True or False. Received: return_dict='no' of type str."
    with pytest.raises(ValueError, match=exactly(message)):
        getattr(model_of(), method)(X, Y, return_dict="no")


def test_weights_that_do_not_fit_are_refused_before_anything_is_measured() -> None:
    model = model_of()
    with pytest.raises(ValueError, match="`sample_weight` of shape"):
        model.evaluate(X, Y, sample_weight=np.ones((10, 5), "float32"), verbose=0)
    assert model.metrics[0].result() == 0


def test_class_weights_of_targets_of_rank_3_say_which_shapes_there_are() -> None:
    with pytest.raises(TypeError) as error:
        model_of().fit(X, Y[:, None], class_weight={0: 1.0}, verbose=0)
    assert str(error.value) == (
        "`class_weight` needs `y` of shape (rows,), (rows, 1) or (rows, classes). "
        "Received: y of shape (10, 1, 2)."
    )


def test_what_is_no_callback_is_named_without_its_numbers() -> None:
    model = Sequential([layers.Dense(3)])
    with pytest.raises(AttributeError, match="holds an array of shape"):
        model.predict(np.ones((2, 2), "float32"), callbacks=np.ones(()), verbose=0)
