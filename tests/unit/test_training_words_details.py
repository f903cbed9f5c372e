"""What training says, and when: exact messages and warnings, where a mutant would differ."""

import re
from typing import Any

import numpy as np
import pytest

from minidense import DataWarning, Input, Model, Sequential, callbacks, layers, losses
from minidense.metrics import Metric
from minidense.optimizers import SGD
from minidense.training.batches import Batches, Epochs
from tests.unit.test_training_details import X, Y, model_of


def exactly(message: str) -> str:
    return f"^{re.escape(message)}$"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"steps_per_execution": 0},
            "`steps_per_execution` must be an integer >= 1. Received: steps_per_execution=0.",
        ),
        (
            {"jit_compile": 3},
            "`jit_compile` must be one of [True, False, None, 'auto']. Received: jit_compile=3.",
        ),
        (
            {"auto_scale_loss": "no"},
            "`auto_scale_loss` must be True or False. Received: auto_scale_loss='no' of type str.",
        ),
        (
            {"run_eagerly": "no"},
            "`run_eagerly` must be True or False. Received: run_eagerly='no' of type str.",
        ),
        (
            {"metrics": "mse"},
            "Expected `metrics` to be a list, tuple or dict. Received: metrics='mse' of type str.",
        ),
        (
            {"weighted_metrics": "mse"},
            "Expected `weighted_metrics` to be a list, tuple or dict. "
            "Received: weighted_metrics='mse' of type str.",
        ),
    ],
)
def test_a_wrong_argument_of_compile_is_named(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=exactly(message)):
        model_of(**arguments)


@pytest.mark.parametrize("value", [True, False, None, "auto"])
def test_jit_compile_may_be_anything_that_keras_takes(value: Any) -> None:
    assert model_of(jit_compile=value).compiled


def two_outputs() -> Model:
    inputs = Input((3,))
    model = Model(inputs, [layers.Dense(2)(inputs), layers.Dense(2)(inputs)])
    model.compile(SGD(0.1), "mse")
    return model


@pytest.mark.parametrize("method", ["fit", "evaluate", "train_on_batch", "test_on_batch"])
def test_what_cannot_train_names_the_method(method: str) -> None:
    message = (
        f"`{method}` takes models with one output. This model has 2: call it, or `predict` with it."
    )
    with pytest.raises(NotImplementedError, match=exactly(message)):
        getattr(two_outputs(), method)(X, Y)
    with pytest.raises(ValueError, match=exactly(f"`{method}` needs targets: `y` is missing.")):
        getattr(model_of(), method)(X)


@pytest.mark.parametrize("method", ["fit", "evaluate", "train_on_batch", "test_on_batch"])
def test_what_is_missing_names_the_method(method: str) -> None:
    no_rows = f"`{method}` needs at least one row. Received arrays of length 0."
    with pytest.raises(ValueError, match=exactly(no_rows)):
        getattr(model_of(), method)(X[:0], Y[:0])
    bare = Sequential([Input((3,)), layers.Dense(2)])
    no_compile = f"You must call `compile()` before calling `{method}()` on the model."
    with pytest.raises(ValueError, match=exactly(no_compile)):
        getattr(bare, method)(X, Y)
    bare.compile(None, "mse")  # type: ignore[arg-type]
    if method in ("evaluate", "test_on_batch"):
        assert isinstance(getattr(bare, method)(X, Y), float)
        return
    no_optimizer = f"`{method}` needs an optimizer, but the model was compiled with optimizer=None."
    with pytest.raises(ValueError, match=exactly(no_optimizer)):
        getattr(bare, method)(X, Y)


@pytest.mark.parametrize("method", ["evaluate", "train_on_batch", "test_on_batch"])
def test_return_dict_is_true_or_false(method: str) -> None:
    message = "`return_dict` must be True or False. Received: return_dict='no' of type str."
    with pytest.raises(ValueError, match=exactly(message)):
        getattr(model_of(), method)(X, Y, return_dict="no")


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
    message = f"`{argument}` must be an integer >= 1. Received: {argument}=0."
    with pytest.raises(ValueError, match=exactly(message)):
        getattr(model_of(), method)(*data, **{argument: 0})


def test_wrong_arguments_of_fit_are_named() -> None:
    for arguments, message in (
        ({"epochs": -1}, "`epochs` must be an integer >= 0. Received: epochs=-1."),
        (
            {"initial_epoch": -1},
            "`initial_epoch` must be an integer >= 0. Received: initial_epoch=-1.",
        ),
        (
            {"shuffle": "yes"},
            "`shuffle` must be one of [True, False, 'batch']. Received: shuffle='yes'.",
        ),
        (
            {"validation_data": (X, None)},
            "`fit with validation_data` needs targets: `y` is missing.",
        ),
    ):
        with pytest.raises(ValueError, match=exactly(message)):
            model_of().fit(X, Y, verbose=0, **arguments)  # type: ignore[arg-type]


def test_an_unbuilt_model_is_not_built_for_validation_data_that_it_will_not_take() -> None:
    model = Sequential([layers.Dense(2)])
    model.compile(SGD(0.1), "mse")
    message = (
        "The rows of `validation_data` must have the shape of those of `x`. "
        "Received x of shape (10, 3), validation x of shape (10, 2)."
    )
    with pytest.raises(ValueError, match=exactly(message)):
        model.fit(X, Y, validation_data=(X[:, :2], Y), verbose=0)
    assert not model.built
    assert isinstance(model.evaluate(X, Y, verbose=0), float)  # which builds it
    assert model.built
    for build in ("predict_on_batch", "predict"):
        model = Sequential([layers.Dense(2)])
        assert getattr(model, build)(X).shape == (10, 2)
    for build in ("fit", "test_on_batch", "train_on_batch"):
        model = Sequential([layers.Dense(2)])
        model.compile(SGD(0.1), "mse")
        getattr(model, build)(X, Y)
        assert model.weights[0].shape == (3, 2)


def test_an_epoch_that_ends_early_says_how_many_batches_there_are() -> None:
    epochs = Epochs(Batches([np.arange(3)], 1), steps=2)
    assert len(list(epochs)) == 2
    message = "Your input ran out of data: the epoch ends early. It has 3 batches in all."
    with pytest.warns(UserWarning, match=exactly(message)):
        assert len(list(epochs)) == 1


def test_a_model_without_weights_to_train_says_so() -> None:
    model = model_of()
    model.trainable = False
    message = "The model does not have any trainable weights."
    with pytest.warns(UserWarning, match=exactly(message)):
        model.train_on_batch(X, Y)


@pytest.mark.parametrize("name", ["x", "y"])
def test_a_nan_is_said_to_be_where_it_is(name: str) -> None:
    x, y = X.copy(), Y.copy()
    (x if name == "x" else y)[3, 1] = np.nan
    message = f"{name} has NaN or infinity, first in row 3: the loss will become NaN."
    with pytest.warns(DataWarning, match=exactly(message)):
        model_of().fit(x, y, verbose=0)
    message = (
        f"{name} of the validation data has NaN or infinity, first in row 3: "
        "the val_loss will become NaN."
    )
    with pytest.warns(DataWarning, match=exactly(message)):
        model_of().fit(X, Y, validation_data=(x, y), verbose=0)


def test_a_nan_is_found_behind_whole_numbers() -> None:
    y = Y.copy()
    y[2] = np.nan
    with pytest.warns(DataWarning, match="^y has NaN or infinity, first in row 2: "):
        model_of().test_on_batch(np.ones((10, 3), "int32"), y)


def test_large_numbers_are_no_infinity() -> None:
    x = np.full((2, 3), 1e30, "float32")  # their squares are more than a float32 holds
    model = Sequential([Input((3,)), layers.Dense(2, kernel_initializer="zeros")])
    model.compile(SGD(0.1), "mse")
    assert model.test_on_batch(x, np.zeros((2, 2), "float32")) == 0.0


class OnLogits(losses.Loss):
    """Says that it takes logits, and has no word on whether it is given them."""

    takes_logits = True

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return (y_pred * y_true).sum(axis=-1)

    def gradient(self, y_true: Any, y_pred: Any) -> Any:
        return y_true


def constant_model(loss: Any, *outputs: float) -> Sequential:
    """A model whose outputs are the numbers."""
    model = Sequential([Input((3,)), layers.Dense(len(outputs), kernel_initializer="zeros")])
    model.layers[0].bias.assign(outputs)
    model.compile(SGD(0.0), loss)
    return model


def test_outputs_that_are_no_probabilities_are_said_to_be_none() -> None:
    message = (
        "The loss '{}' expects probabilities, but the outputs lie between {}. "
        "End the model with a softmax or sigmoid, or use from_logits=True."
    )
    targets = np.zeros((10, 2), "float32")
    for outputs, between in (
        ((0.5, 1.5), "0.5 and 1.5"),
        ((-0.25, 1.0), "-0.25 and 1"),
        ((0.0, 1.00001), "0 and 1"),
    ):
        model = constant_model("binary_crossentropy", *outputs)
        with pytest.warns(
            DataWarning, match=exactly(message.format("binary_crossentropy", between))
        ):
            model.train_on_batch(X, targets)
    with pytest.warns(DataWarning, match=exactly(message.format("mine", "2 and 3"))):
        constant_model(OnLogits(name="mine"), 2.0, 3.0).train_on_batch(X, targets)


@pytest.mark.parametrize(("row", "warns"), [(0, True), (3, True), (4, False)])
def test_the_first_batch_alone_is_asked_for_probabilities(row: int, warns: bool) -> None:
    model = Sequential([Input((3,)), layers.Dense(2, kernel_initializer="ones")])
    model.compile(SGD(0.0), "binary_crossentropy")
    x = np.zeros((10, 3), "float32")
    x[row] = 1
    targets = np.zeros((10, 2), "float32")
    if warns:
        with pytest.warns(DataWarning, match=r"lie between 0 and 3\."):
            model.fit(x, targets, batch_size=4, verbose=0)
    else:
        model.fit(x, targets, batch_size=4, verbose=0)


@pytest.mark.parametrize("outputs", [(0.0, 1.0), (0.5, 0.25), (0.5, np.float32(1 + 1e-6))])
def test_numbers_from_0_to_1_are_probabilities(outputs: tuple[float, float]) -> None:
    constant_model("binary_crossentropy", *outputs).train_on_batch(X, np.zeros((10, 2), "float32"))


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


class ForPlainWeights(Metric):
    """A weighted metric that takes one weight for a row."""

    def __init__(self) -> None:
        super().__init__(name="for_plain_weights")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        if sample_weight is not None and sample_weight.shape != (len(y_true), 1):
            raise ValueError("one weight for a row")

    def result(self) -> float:
        return 0.0

    def reset_state(self) -> None:
        pass


class Product(losses.Loss):
    """A loss that takes targets of any shape."""

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return y_pred.mean(axis=-1)

    def gradient(self, y_true: Any, y_pred: Any) -> Any:
        return np.full_like(y_pred, 1 / y_pred.shape[-1])


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
def test_data_of_another_shape_are_tried_before_anything_is_learned(good: Any, bad: Any) -> None:
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


def test_loss_and_metrics_are_tried_once_on_a_few_plausible_rows() -> None:
    seen: list[Any] = []

    def watched(y_true: Any, y_pred: Any) -> Any:
        seen.append(y_pred)
        return np.zeros(len(y_pred), "float32")

    for units in (2, 3):
        model = Sequential([Input((3,)), layers.Dense(units)])
        model.compile(SGD(0.1), "mse", metrics=[watched])
        targets = np.zeros((10, units), "float32")
        seen.clear()
        model.train_on_batch(X, targets)
        model.train_on_batch(X, targets)
        tried, first, second = seen
        assert len(first) == len(second) == 10
        assert 2 <= len(tried) < 10
        assert len(tried) != units  # nobody takes the rows for another axis
        assert tried.dtype == np.float32
        assert ((tried > 0) & (tried < 1)).all()


def test_the_meaning_of_accuracy_waits_for_the_data_that_are_counted() -> None:
    model = Sequential([Input((3,)), layers.Dense(2)])
    model.compile(SGD(0.1), Product(), metrics=["accuracy"])
    with pytest.raises(DataWarning):  # which is an error in these tests
        model.train_on_batch(X * np.float32(np.nan), Y)
    labels = model.predict(X, verbose=0).argmax(axis=-1)
    assert model.test_on_batch(X, labels, return_dict=True)["accuracy"] == 1.0


def test_weights_that_do_not_fit_are_refused_before_the_measuring_begins() -> None:
    class Begun(callbacks.Callback):
        def on_test_begin(self, logs: Any = None) -> None:
            raise AssertionError("it began")

    with pytest.raises(ValueError, match="`sample_weight` of shape"):
        model_of().evaluate(
            X, Y, sample_weight=np.ones((10, 5), "float32"), callbacks=[Begun()], verbose=0
        )


def test_rows_without_numbers_have_a_loss_of_0() -> None:
    model = Sequential([Input((None, 3)), layers.Dense(2)])
    model.compile(SGD(0.1), "mse")
    x, y = np.zeros((2, 0, 3), "float32"), np.zeros((2, 0, 2), "float32")
    assert model.test_on_batch(x, y) == 0.0


def test_a_warning_of_training_points_at_the_line_that_trains() -> None:
    frozen = model_of()
    frozen.trainable = False
    for train in (frozen.fit, frozen.train_on_batch):
        with pytest.warns(UserWarning, match="does not have any trainable weights") as caught:
            train(X, Y)
        assert [warning.filename for warning in caught] == [__file__]
    model = model_of()
    several: dict[str, Any] = {"batch_size": 5, "verbose": 0}
    for run in (
        lambda: model.fit(X, Y, steps_per_epoch=3, **several),
        lambda: model.fit(X, Y, validation_data=(X, Y), validation_steps=3, **several),
        lambda: model.evaluate(X, Y, steps=3, **several),
        lambda: model.predict(X, steps=3, **several),
    ):
        with pytest.warns(UserWarning, match="ran out of data") as caught:
            run()
        lines = [(warning.filename, warning.lineno) for warning in caught]
        assert lines == [(__file__, run.__code__.co_firstlineno)]


# Losses, targets and weights in lists and dicts


def by_key(loss: Any = "mse") -> Model:
    inputs = Input((3,))
    model = Model(inputs, {"out": layers.Dense(2)(inputs)})
    model.compile(SGD(0.1), loss)
    return model


class GivesDict(Model):
    """A subclass whose output has a key."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = layers.Dense(2)

    def call(self, inputs: Any) -> Any:
        return {"out": self.dense(inputs)}


def test_a_loss_for_no_output_is_refused_with_the_names_of_both() -> None:
    words = "`compile` takes losses for the outputs {}. Received a dict of losses with the keys {}."
    model = model_of()
    name = model.layers[-1].name
    with pytest.raises(ValueError, match=exactly(words.format([name], ["other"]))):
        model.compile(SGD(0.1), {"other": "mse"})
    with pytest.raises(KeyError) as error:
        by_key({"other": "mse"})
    assert error.value.args == (words.format(["out"], ["other"]),)
    assert by_key({"out": "mse"}).fit(X, Y, verbose=0).history["loss"]


@pytest.mark.parametrize("length", [116, 117])
def test_long_names_of_losses_and_outputs_are_cut_after_120_letters(length: int) -> None:
    name, other = "n" * length, "k" * length
    inputs = Input((3,))
    model = Model(inputs, layers.Dense(2, name=name)(inputs))
    with pytest.raises(ValueError, match="takes losses") as error:
        model.compile(SGD(0.1), {other: "mse"})
    end = "']" if length == 116 else "..."
    shown = length if length == 116 else 115
    assert f"outputs ['{'n' * shown}{end}. " in str(error.value)
    assert str(error.value).endswith(f"keys ['{'k' * shown}{end}.")


@pytest.mark.parametrize("argument", ["y", "sample_weight"])
@pytest.mark.parametrize("length", [111, 112])
def test_a_dict_of_two_arrays_is_refused_with_its_keys(argument: str, length: int) -> None:
    arrays = {"k" * length: Y, "b": Y}
    shown = f"'{'k' * 111}', 'b']" if length == 111 else f"'{'k' * 112}', ..."
    message = (
        f"`{argument}` must be an array, or a dict with one, for the model's one output. "
        f"Received a dict with the keys [{shown}."
    )
    with pytest.raises(ValueError, match=exactly(message)):
        model_of().train_on_batch(X, **{"y": Y, argument: arrays})


def test_a_key_of_a_loss_is_compared_when_the_output_is_known() -> None:
    model = GivesDict()
    model.compile(SGD(0.1), {"out": "mse"})
    assert model.fit(X, Y, verbose=0).history["loss"]
    wrong = GivesDict()
    wrong.compile(SGD(0.1), {"other": "mse"})
    with pytest.raises(KeyError) as error:
        wrong.fit(X, Y, verbose=0)
    assert error.value.args == (
        "The model was compiled with a loss for the output 'other'. "
        "Its output is a dict with the key 'out'.",
    )
    wrong.compile(SGD(0.1), "mse")  # the key is forgotten
    assert wrong.fit(X, Y, verbose=0).history["loss"]
    nameless = Sequential([layers.Dense(2)])
    nameless.compile(SGD(0.1), {"other": "mse"})
    message = (
        "The model was compiled with a loss for the output 'other' before it was built, "
        "when its output had no name. Pass the loss alone, or give the model an `Input`."
    )
    with pytest.raises(TypeError, match=exactly(message)):
        nameless.fit(X, Y, verbose=0)


@pytest.mark.parametrize("method", ["fit", "evaluate"])
@pytest.mark.parametrize(
    ("y", "sample_weight", "shown"),
    [
        ([Y], (np.ones(10),), "y=a list of 1 elements, sample_weight=a tuple of 1 elements"),
        ([Y], [np.ones(10)] * 2, "y=a list of 1 elements, sample_weight=a list of 2 elements"),
        (
            {"out": Y},
            {"other": Y[:, 0]},
            "y={'out': an array of shape (10, 2) and dtype float32}, "
            "sample_weight={'other': an array of shape (10,) and dtype float32}",
        ),
    ],
)
def test_weights_in_another_form_than_the_targets_are_refused(
    method: str, y: Any, sample_weight: Any, shown: str
) -> None:
    start = "`sample_weight` must come in the same form as `y`, with one array for each. Received: "
    with pytest.raises(ValueError, match=f"^{re.escape(start)}") as error:
        getattr(by_key(), method)(X, y, sample_weight=sample_weight, verbose=0)
    assert str(error.value) == f"{start}{shown}."


@pytest.mark.parametrize("method", ["fit", "evaluate"])
def test_weights_in_the_form_of_the_targets_are_taken(method: str) -> None:
    ones = np.ones(10, "float32")
    for y, weights in (([Y], [ones]), ((Y,), (ones,)), ({"out": Y}, {"out": ones}), (Y, [ones])):
        assert getattr(by_key(), method)(X, y, sample_weight=weights, verbose=0)


@pytest.mark.parametrize("y", [[Y], {"out": Y}])
def test_weights_of_classes_for_targets_in_a_list_are_refused_with_them(y: Any) -> None:
    shown = "a list of 1 elements"
    if isinstance(y, dict):
        shown = "{'out': an array of shape (10, 2) and dtype float32}"
    message = (
        "`class_weight` is for targets in one array, those of a model with one output. "
        f"Received: y={shown}."
    )
    with pytest.raises(ValueError, match=exactly(message)):
        by_key().fit(X, y, class_weight={0: 1.0}, verbose=0)


@pytest.mark.parametrize(
    ("given", "weight"),
    [
        ([0.25], 0.25),
        ((0.25,), 0.25),
        ({"out": 0.25}, 0.25),
        ([2], 2.0),
        ([np.float32(0.25)], 0.25),
        ([None], None),
    ],
)
def test_a_loss_weight_may_stand_alone_in_a_list_or_dict(given: Any, weight: float | None) -> None:
    weighted, alone = model_of(loss_weights=given), model_of(loss_weights=weight)
    losses = [model.evaluate(X, Y, verbose=0) for model in (weighted, alone)]
    assert losses[0] == losses[1]
    assert weighted.compile_arguments()["loss_weights"] == weight
    assert type(weighted.compile_arguments()["loss_weights"]) in (float, type(None))


@pytest.mark.parametrize(
    "given", ["a", 1, True, float("nan"), ["a"], [float("inf")], {}, [], [1.0, 1.0], {"o": "a"}]
)
def test_another_loss_weight_is_refused_with_its_type(given: Any) -> None:
    message = (
        f"`loss_weights` must be a finite float. Received: loss_weights={given!r} "
        f"of type {type(given).__name__}."
    )
    with pytest.raises(ValueError, match=exactly(message)):
        model_of(loss_weights=given)


@pytest.mark.parametrize("name", [3, "a/b"])
def test_a_name_that_fits_in_no_path_is_refused_with_its_type(name: Any) -> None:
    with pytest.raises(ValueError, match=f"of type {type(name).__name__}\\.$"):
        layers.Dense(1, name=name)


# What is told to layers


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


@pytest.mark.filterwarnings("error::minidense.DataWarning")
@pytest.mark.parametrize("method", ["fit", "train_on_batch"])
def test_what_outputs_are_probabilities_is_asked_of_a_model_at_rest(method: str) -> None:
    model = Stretches()
    model.compile(SGD(0.1), "binary_crossentropy")
    getattr(model, method)(X, (Y > 0).astype("float32"))
    assert model(X).max() > 1


def test_a_dropout_in_a_call_that_takes_no_training_drops_nothing_in_fit() -> None:
    for cls, steps in ((Stretches, 1), (StretchesUntold, 0)):
        model = cls()
        model.compile(SGD(0.1), "mse")
        model.fit(X, Y, verbose=0)
        assert model.drop.seed_generator.state.numpy().tolist() == [3, steps]
        assert (model.told(True), model.told(False)) == ((True, False) if steps else (None, None))
