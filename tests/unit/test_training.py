"""compile, fit, evaluate, predict: what they promise apart from their numbers."""

import random
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minidense as k
from minidense.callbacks import Callback, History, LambdaCallback

SPARSE = "sparse_categorical_crossentropy"

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(20, 4)).astype("float32")
Y = np.arange(20) % 3
ONE_HOT = np.eye(3, dtype="float32")[Y]


def layers_of(last: str | None = "softmax") -> list[Any]:
    return [
        k.layers.Dense(5, activation="relu"),
        k.layers.Dropout(0.3),
        k.layers.Dense(3, activation=last),
    ]


def built(loss: Any = SPARSE, last: str | None = "softmax", **compiled: Any) -> Any:
    k.utils.set_random_seed(1)
    model = k.Sequential([k.Input((4,)), *layers_of(last)])
    model.compile(k.optimizers.Adam(0.01), loss, **{"metrics": ["accuracy"], **compiled})
    return model


def not_built() -> Any:
    k.utils.set_random_seed(1)
    model = k.Sequential(layers_of())
    model.compile("adam", SPARSE, metrics=["accuracy"])
    return model


def state_of(model: Any) -> dict[str, Any]:
    """All that a call may change, in a form that can be compared bit for bit."""
    optimizer = model.optimizer
    return {
        "weights": [array.tobytes() for array in model.get_weights()],
        "built": [model.built, *(layer.built for layer in model.layers)],
        "optimizer": [variable.numpy().tobytes() for variable in optimizer.variables],
        "optimizer built": optimizer.built,
        "python": random.getstate(),
        "numpy": np.random.get_state()[1].tobytes(),
        "global seed": k.random.get_global_seed() if hasattr(k.random, "get_global_seed") else 0,
        "masks": [
            layer.seed_generator.state.numpy().tolist()
            for layer in model.layers
            if hasattr(layer, "seed_generator")
        ],
        "compiled": [model.compiled, id(optimizer), id(model.loss), id(model.history)],
        "metrics": [id(metric) for metric in model.metrics],
        "results": [str(metric.result()) for metric in model.metrics],
        "stop": [model.stop_training, model.stop_evaluating, model.stop_predicting],
    }


def nan_at(row: int, array: Any) -> Any:
    copy = np.array(array, "float32")
    copy[row] = np.nan
    return copy


def out_of_reach(y: Any) -> Any:
    labels = y.copy()
    labels[7] = 3
    return labels


# name: (call, exception, what the message says)
BAD_DATA: dict[str, tuple[Callable[[Any], Any], type[Exception], str]] = {
    "rows differ": (lambda m: m.fit(X, Y[:-1]), ValueError, "x: 20, y: 19"),
    "no rows": (lambda m: m.fit(X[:0], Y[:0]), ValueError, "`fit` needs at least one row"),
    "no x": (lambda m: m.fit(None, Y), ValueError, "`x` is missing"),
    "no y": (lambda m: m.fit(X), ValueError, "`y` is missing"),
    "x is a list": (lambda m: m.fit(X.tolist(), Y), ValueError, "x is a list of 20 elements"),
    "y is a list": (lambda m: m.fit(X, Y.tolist()), ValueError, "type list"),
    "x is a number": (lambda m: m.fit(3.0, Y), ValueError, "x=3.0 of type float"),
    "complex x": (lambda m: m.fit(X + 0j, Y), ValueError, "complex"),
    "strings as y": (lambda m: m.fit(X, Y.astype(str)), ValueError, "strings"),
    "objects as x": (lambda m: m.fit(X.astype(object), Y), ValueError, "objects"),
    "too many features": (lambda m: m.fit(np.ones((20, 5)), Y), ValueError, r"expected axis -1"),
    "a wrong rank": (lambda m: m.fit(np.ones((20, 4, 4)), Y), ValueError, r"\(20, 4, 4\)"),
    "two inputs": (lambda m: m.fit([X, X], Y), ValueError, "1 input"),
    "a label too high": (
        lambda m: m.fit(X, out_of_reach(Y)),
        ValueError,
        "from 0 to 2, .* the label 3 at row 7",
    ),
    "a label too low": (lambda m: m.fit(X, Y - 1), ValueError, "the label -1 at row 0"),
    "a label is NaN": (lambda m: m.fit(X, nan_at(4, Y)), ValueError, "NaN or infinity at row 4"),
    "one-hot for sparse": (lambda m: m.fit(X, ONE_HOT), ValueError, r"\(20, 3\)"),
    "weights of another length": (
        lambda m: m.fit(X, Y, sample_weight=np.ones(19)),
        ValueError,
        "sample_weight: 19",
    ),
    "negative weights": (
        lambda m: m.fit(X, Y, sample_weight=-np.ones(20)),
        ValueError,
        "Received -1.0 in row 0",
    ),
    "weights are NaN": (
        lambda m: m.fit(X, Y, sample_weight=nan_at(3, np.ones(20))),
        ValueError,
        "nan in row 3",
    ),
    "weights of a wrong shape": (
        lambda m: m.fit(X, Y, sample_weight=np.ones((20, 7))),
        ValueError,
        r"`sample_weight` of shape \(\d+, 7\)",
    ),
    "two kinds of weights": (
        lambda m: m.fit(X, Y, class_weight={0: 1.0, 1: 1.0, 2: 1.0}, sample_weight=np.ones(20)),
        ValueError,
        "at the same time",
    ),
    "class weights as a list": (
        lambda m: m.fit(X, Y, class_weight=[1.0, 2.0, 3.0]),
        TypeError,
        "`class_weight` must be a dict",
    ),
    "class weights by name": (
        lambda m: m.fit(X, Y, class_weight={"a": 1.0}),
        TypeError,
        "the key 'a'",
    ),
    "a negative class weight": (
        lambda m: m.fit(X, Y, class_weight={0: -1.0, 1: 1.0, 2: 1.0}),
        ValueError,
        "-1.0 for class 0",
    ),
    "validation data are one array": (
        lambda m: m.fit(X, Y, validation_data=X),
        ValueError,
        r"tuple \(x, y\)",
    ),
    "validation labels": (
        lambda m: m.fit(X, Y, validation_data=(X, Y + 2)),
        ValueError,
        "the label 3 at row 1",
    ),
    "validation features": (
        lambda m: m.fit(X, Y, validation_data=(X[:, :2], Y)),
        ValueError,
        r"\(20, 2\)",
    ),
    "evaluate a wrong label": (lambda m: m.evaluate(X, Y + 1), ValueError, "label 3 at row 2"),
    "evaluate no rows": (lambda m: m.evaluate(X[:0], Y[:0]), ValueError, "at least one row"),
    "predict a wrong rank": (lambda m: m.predict(X[0]), ValueError, r"\(4,\)"),
    "predict wrong features": (lambda m: m.predict(X[:, :3]), ValueError, r"\(20, 3\)"),
    "predict None": (lambda m: m.predict(None), ValueError, "`x` is missing"),
    "predict a batch": (lambda m: m.predict_on_batch(X[:, :3]), ValueError, r"\(20, 3\)"),
    "learn from a wrong label": (
        lambda m: m.train_on_batch(X, Y + 1),
        ValueError,
        "label 3 at row 2",
    ),
    "learn from wrong weights": (
        lambda m: m.train_on_batch(X, Y, np.ones((20, 7))),
        ValueError,
        "`sample_weight`",
    ),
    "test a wrong label": (lambda m: m.test_on_batch(X, Y + 1), ValueError, "label 3 at row 2"),
}

BAD_ARGUMENTS: dict[str, tuple[dict[str, Any], type[Exception], str]] = {
    "batch_size 0": ({"batch_size": 0}, ValueError, "batch_size=0"),
    "batch_size -1": ({"batch_size": -1}, ValueError, "batch_size=-1"),
    "batch_size a float": ({"batch_size": 2.0}, TypeError, "batch_size=2.0"),
    "epochs": ({"epochs": -1}, ValueError, "epochs=-1"),
    "epochs a string": ({"epochs": "2"}, TypeError, "epochs='2'"),
    "initial_epoch": ({"initial_epoch": -1}, ValueError, "initial_epoch=-1"),
    "validation_split above": ({"validation_split": 1.5}, ValueError, "validation_split=1.5"),
    "validation_split below": ({"validation_split": -0.1}, ValueError, "validation_split=-0.1"),
    "validation_split of all": ({"validation_split": 0.99}, ValueError, "one part would be empty"),
    "validation_freq": ({"validation_freq": 0}, ValueError, "validation_freq=0"),
    "validation_steps": ({"validation_steps": 0}, ValueError, "validation_steps=0"),
    "validation_batch_size": ({"validation_batch_size": 0}, ValueError, "validation_batch_size=0"),
    "steps_per_epoch": ({"steps_per_epoch": 0}, ValueError, "steps_per_epoch=0"),
    "shuffle": ({"shuffle": "nope"}, ValueError, "shuffle='nope'"),
    "verbose": ({"verbose": 3}, ValueError, "verbose=3"),
    "a callback that is none": ({"callbacks": [5]}, AttributeError, "holds 5, of type int"),
    "a callback's class": ({"callbacks": [History]}, TypeError, "the class History"),
}


# A model that is not built takes any number of features, and any rank that Dense does.
NEED_A_SHAPE = [
    "too many features",
    "a wrong rank",
    "predict wrong features",
    "predict a batch",
]


@pytest.mark.parametrize(
    ("name", "make"),
    [(name, built) for name in BAD_DATA]
    + [(name, not_built) for name in BAD_DATA if name not in NEED_A_SHAPE],
)
def test_a_call_with_bad_data_says_so_and_changes_nothing(name: str, make: Callable[[], Any]):
    call, error, message = BAD_DATA[name]
    model = make()
    before = state_of(model)
    with pytest.raises(error, match=message) as caught:
        call(model)
    assert len(str(caught.value)) <= 400
    assert state_of(model) == before


@pytest.mark.parametrize("make", [built, not_built])
@pytest.mark.parametrize("name", BAD_ARGUMENTS)
def test_a_fit_with_a_bad_argument_names_it_and_changes_nothing(name: str, make: Callable[[], Any]):
    arguments, error, message = BAD_ARGUMENTS[name]
    model = make()
    before = state_of(model)
    with pytest.raises(error, match=message):
        model.fit(X, Y, **{"verbose": 0, **arguments})
    assert state_of(model) == before


@pytest.mark.parametrize("make", [built, not_built])
@pytest.mark.parametrize("method", ["evaluate", "predict"])
@pytest.mark.parametrize("name", ["batch_size 0", "verbose", "a callback that is none"])
def test_evaluate_and_predict_check_their_arguments_first(
    name: str, method: str, make: Callable[[], Any]
):
    arguments, error, message = BAD_ARGUMENTS[name]
    model = make()
    before = state_of(model)
    data = (X, Y) if method == "evaluate" else (X,)
    with pytest.raises(error, match=message):
        getattr(model, method)(*data, **arguments)
    assert state_of(model) == before


def test_a_trained_model_is_left_as_it_was_too():
    model = built()
    model.fit(X, Y, verbose=0)
    before = state_of(model)
    for call, error, message in BAD_DATA.values():
        with pytest.raises(error, match=message):
            call(model)
        assert state_of(model) == before


class BadMetric(k.Metric):
    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        raise RuntimeError("this metric cannot count")

    def result(self) -> float:
        return 0.0

    def reset_state(self) -> None:
        pass


@pytest.mark.parametrize("learn", ["fit", "train_on_batch"])
@pytest.mark.parametrize(
    ("compiled", "error"),
    [
        ({"metrics": ["mse"]}, ValueError),
        ({"weighted_metrics": [BadMetric()]}, RuntimeError),
        ({"metrics": [lambda y, y_pred: y_pred @ y_pred]}, ValueError),
    ],
)
def test_a_metric_that_cannot_count_fails_before_anything_is_learned(
    compiled: dict[str, Any], error: type[Exception], learn: str
):
    model = built(**compiled)
    before = state_of(model)
    with pytest.raises(error):
        getattr(model, learn)(X, Y)
    assert state_of(model) == before


def test_a_loss_without_gradient_fails_before_a_mask_is_drawn_but_can_be_measured():
    def distance(y_true: Any, y_pred: Any) -> Any:
        return abs(y_true - y_pred).mean(axis=-1)

    model = built(distance)
    before = state_of(model)
    for learn in (model.fit, model.train_on_batch):
        with pytest.raises(NotImplementedError, match="'distance' can be evaluated but not"):
            learn(X, ONE_HOT)
        assert state_of(model) == before
    expected = np.abs(model.predict(X, verbose=0) - ONE_HOT).mean()
    assert model.evaluate(X, ONE_HOT, verbose=0)[0] == pytest.approx(expected, rel=1e-6)


def test_a_call_that_failed_does_not_decide_what_crossentropy_means():
    model = built("crossentropy")
    with pytest.raises(ValueError, match="the label 3"):
        model.fit(X, Y + 1, verbose=0)
    model.fit(X, ONE_HOT, verbose=0)
    assert model.evaluate(X, ONE_HOT, verbose=0)[1] == pytest.approx(
        (model.predict(X, verbose=0).argmax(-1) == Y).mean()
    )


def test_class_weight_needs_a_loss_with_classes():
    model = built("mse", last=None)
    before = state_of(model)
    with pytest.raises(ValueError, match="'mse' compares numbers"):
        model.fit(X, ONE_HOT, class_weight={0: 1.0, 1: 1.0, 2: 1.0})
    assert state_of(model) == before


def test_a_model_that_was_not_compiled_says_which_call_needs_it():
    model = k.Sequential([k.Input((4,)), k.layers.Dense(3)])
    for method in ("fit", "evaluate", "train_on_batch", "test_on_batch"):
        with pytest.raises(ValueError, match=rf"`compile\(\)` before calling `{method}\(\)`"):
            getattr(model, method)(X, Y)
    assert model.predict(X, verbose=0).shape == (20, 3)


@pytest.mark.parametrize(
    "arguments",
    [
        {"optimizer": "nope", "loss": "mse"},
        {"optimizer": "sgd", "loss": "nope"},
        {"optimizer": "sgd", "loss": "mse", "metrics": ["nope"]},
        {"optimizer": "sgd", "loss": "mse", "metrics": "accuracy"},
        {"optimizer": "sgd", "loss": "mse", "loss_weights": "a"},
    ],
)
def test_a_compile_that_fails_leaves_the_former_one(arguments: dict[str, Any]):
    model = built()
    before = state_of(model)
    with pytest.raises(ValueError, match=r"."):
        model.compile(**arguments)
    assert state_of(model) == before
    model.fit(X, Y, verbose=0)


def test_a_fit_without_a_loss_says_so():
    model = built(None)
    with pytest.raises(ValueError, match="No loss to compute"):
        model.fit(X, Y)


def test_models_with_several_outputs_predict_but_are_not_trained():
    inputs = k.Input((4,))
    model = k.Model(inputs, [k.layers.Dense(2)(inputs), k.layers.Dense(3)(inputs)])
    assert [part.shape for part in model.predict(X, verbose=0)] == [(20, 2), (20, 3)]
    with pytest.raises(NotImplementedError, match="models with one output"):
        model.compile("sgd", ["mse", "mse"])
    model.compile("sgd", "mse")
    before = state_of(model)
    for method in (model.fit, model.evaluate, model.train_on_batch, model.test_on_batch):
        with pytest.raises(NotImplementedError, match="This model has 2: call it, or `predict`"):
            method(X, ONE_HOT)
    assert state_of(model) == before


def test_the_loss_of_the_one_output_may_come_in_a_list_or_by_the_outputs_name():
    def history(pack: Callable[[str], Any]) -> Any:
        model = built(SPARSE)
        model.compile("sgd", pack(model.layers[-1].name))
        return model.fit(X, Y, verbose=0).history

    alone = history(lambda name: SPARSE)
    assert history(lambda name: [SPARSE]) == alone
    assert history(lambda name: {name: SPARSE}) == alone


def test_a_loss_by_another_name_is_refused_before_anything_changes():
    model = built(SPARSE)
    for losses in ({"other": "mse"}, {"other": "mse", model.layers[-1].name: "mse"}):
        with pytest.raises(ValueError, match=rf"outputs \['{model.layers[-1].name}'\].*'other'"):
            model.compile("sgd", losses)
    assert model.loss == SPARSE


# Warnings


def test_nan_in_x_warns_once_and_names_the_row():
    model = built()
    with pytest.warns(k.DataWarning, match="x has NaN .* first in row 6") as caught:
        model.fit(nan_at(6, X), Y, epochs=2, verbose=0)
    assert len(caught) == 1
    assert caught[0].filename == __file__


@pytest.mark.parametrize(
    "validation",
    [{"validation_data": (nan_at(2, X), Y)}, {"validation_split": 0.5}],
    ids=["validation_data", "validation_split"],
)
def test_nan_in_the_validation_data_warns_once_and_says_whose_it_is(validation: dict[str, Any]):
    x = X if "validation_data" in validation else nan_at(12, X)  # of 20 rows 10 validate
    with pytest.warns(k.DataWarning, match="x of the validation data .* row 2: the val_") as caught:
        history = built().fit(x, Y, epochs=2, verbose=0, **validation).history
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert np.isfinite(history["loss"]).all()
    assert np.isnan(history["val_loss"]).all()


def test_nan_in_both_is_told_of_each():
    with pytest.warns(k.DataWarning) as caught:
        built().fit(nan_at(6, X), Y, validation_data=(nan_at(7, X), Y), verbose=0)
    assert [str(warning.message).split(" has ")[0] for warning in caught] == [
        "x",
        "x of the validation data",
    ]


def with_an_optimizer_of_another_model() -> Any:
    model = not_built()
    other = built()
    other.fit(X, Y, verbose=0)
    model.compile(other.optimizer, SPARSE)
    return model


REFUSED = {
    "a class that does not exist": (built, {"class_weight": {0: 1.0, 7: 1.0}}),
    "too few targets": (built, {"y": Y[:7], "class_weight": {0: 1.0}}),
    "targets outside of the classes": (built, {"y": Y + 3, "class_weight": {0: 1.0}}),
    "validation rows of another shape": (
        not_built,
        {"validation_data": (X[:, :2], Y), "class_weight": {0: 1.0}},
    ),
    "an optimizer of another model": (
        with_an_optimizer_of_another_model,
        {"x": nan_at(3, X), "class_weight": {0: 1.0}},
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_fit_refuses_is_refused_before_anything_is_warned_of_or_changed(what: str):
    make, wrong = REFUSED[what]
    model = make()
    before = state_of(model)
    with pytest.raises(ValueError, match=r"."):  # a warning would be a DataWarning
        model.fit(**{"x": X, "y": Y, "verbose": 0, **wrong})
    assert state_of(model) == before


def test_train_on_batch_refuses_before_it_warns():
    model = built()
    with pytest.raises(ValueError, match="classes from 0 to 2"):
        model.train_on_batch(X, Y, class_weight={0: 1.0, 7: 1.0})


@pytest.mark.parametrize("trainable", [True, False], ids=["NaN in x", "nothing to train"])
def test_what_only_a_built_model_refuses_is_refused_before_a_warning_and_unbuilds(trainable: bool):
    model = k.Sequential([k.layers.Flatten(), k.layers.Dense(3, trainable=trainable)])
    model.compile("sgd", "mse")
    before = state_of(model)
    x = nan_at(3, X[:, None, :]) if trainable else X[:, None, :]
    two_rows_each = np.ones((20, 2, 4), "float32")
    with pytest.raises(ValueError, match="axis -1"):
        model.fit(x, ONE_HOT, validation_data=(two_rows_each, ONE_HOT), verbose=0)
    assert state_of(model) == before


def test_a_warning_that_is_made_an_error_comes_before_anything_is_changed():
    for make in (built, not_built):
        model = make()
        before = state_of(model)
        with pytest.raises(k.DataWarning):  # as pytest is configured
            model.fit(nan_at(6, X), Y, verbose=0)
        with pytest.raises(k.DataWarning):
            model.fit(X, Y, class_weight={0: 1.0}, verbose=0)
        with pytest.raises(k.DataWarning):
            model.fit(X, Y, validation_data=(nan_at(6, X), Y), verbose=0)
        with pytest.raises(k.DataWarning):
            model.train_on_batch(nan_at(6, X), Y)
        assert state_of(model) == before


def test_classes_without_a_weight_are_named_and_count_as_1():
    with pytest.warns(k.DataWarning, match=r"the classes \[1, 2\]; 1 is taken") as caught:
        sparing = built().fit(X, Y, class_weight={0: 3.0}, verbose=0).history
    assert len(caught) == 1
    assert caught[0].filename == __file__
    full = built().fit(X, Y, class_weight={0: 3.0, 1: 1.0, 2: 1.0}, verbose=0).history
    assert sparing == full


@pytest.mark.parametrize("learn", ["fit", "train_on_batch"])
def test_outputs_that_are_no_probabilities_warn_once(learn: str):
    model = built(last=None)
    with pytest.warns(k.DataWarning, match="expects probabilities, but the outputs") as caught:
        getattr(model, learn)(X, Y)
    getattr(model, learn)(X, Y)
    assert len(caught) == 1
    assert caught[0].filename == __file__


def test_the_warning_about_probabilities_comes_before_the_first_step():
    model = built(last=None)
    before = state_of(model)
    with pytest.raises(k.DataWarning):
        model.fit(X, Y)
    assert state_of(model) == before


def test_logits_with_from_logits_and_probabilities_do_not_warn():
    built(k.losses.SparseCategoricalCrossentropy(from_logits=True), last=None).fit(X, Y, verbose=0)
    built(last="softmax").fit(X * 1000, Y, verbose=0)
    built("binary_crossentropy", last="sigmoid").fit(X, ONE_HOT, verbose=0)
    built("mse", last=None).fit(X, ONE_HOT, verbose=0)


def test_a_model_without_weights_to_train_warns_and_is_measured():
    model = built()
    model.trainable = False
    weights = model.get_weights()
    with pytest.warns(UserWarning, match="does not have any trainable weights"):
        history = model.fit(X, Y, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    for now, before in zip(model.get_weights(), weights, strict=True):
        assert np.array_equal(now, before)


# Results


def test_evaluate_gives_a_list_or_a_dict_or_one_number():
    model = built()
    loss, accuracy = model.evaluate(X, Y, verbose=0)
    assert model.evaluate(X, Y, verbose=0, return_dict=True) == {
        "accuracy": accuracy,
        "loss": loss,
    }
    alone = built(metrics=None).evaluate(X, Y, verbose=0)
    assert alone == loss
    assert {type(value) for value in (loss, accuracy, alone)} == {float}


def test_metrics_of_one_name_are_listed_as_keras_lists_them():
    model = built(metrics=["accuracy"], weighted_metrics=["accuracy"])
    named = model.evaluate(X, Y, verbose=0, return_dict=True)
    assert list(named) == ["accuracy", "loss", "weighted_accuracy"]
    assert model.evaluate(X, Y, verbose=0) == [
        named["loss"],
        named["accuracy"],
        named["accuracy"],
        named["weighted_accuracy"],
    ]


def test_a_metric_that_the_user_made_is_the_one_that_counts():
    metric = k.metrics.SparseCategoricalAccuracy()
    model = built(metrics=[metric])
    assert model.evaluate(X, Y, verbose=0)[1] == float(metric.result())


@pytest.mark.parametrize("make", [built, not_built])
def test_predicting_no_rows_gives_no_rows(make: Callable[[], Any]):
    outputs = make().predict(X[:0], verbose=0)
    assert outputs.shape == (0, 3)
    assert outputs.dtype == np.float32


def test_predicting_no_rows_of_rank_3_and_of_several_outputs():
    inputs = k.Input((5, 4))
    model = k.Model(inputs, {"a": k.layers.Dense(2)(inputs), "b": k.layers.Flatten()(inputs)})
    outputs = model.predict(np.ones((0, 5, 4)), verbose=0)
    assert {name: part.shape for name, part in outputs.items()} == {"a": (0, 5, 2), "b": (0, 20)}


def test_predictions_do_not_depend_on_the_batch_size_beyond_rounding():
    model = built()
    outputs = model.predict(X, verbose=0)
    for size in (1, 7, 20, 100):
        np.testing.assert_allclose(model.predict(X, size, verbose=0), outputs, atol=1e-6)
    np.testing.assert_allclose(model.predict_on_batch(X), outputs, atol=1e-6)
    np.testing.assert_allclose(model(X), outputs, atol=1e-6)


def test_predictions_can_be_written_to_without_touching_the_data():
    model = k.Sequential([k.Input((4,)), k.layers.Dropout(0.5)])
    x = X.copy()
    for outputs in (model.predict(x, verbose=0), model.predict_on_batch(x)):
        outputs[:] = 7
    assert np.array_equal(x, X)


def test_fit_writes_to_no_array_of_the_user():
    x, y, weights = X.copy(), ONE_HOT.copy(), np.linspace(0, 1, 20, dtype="float32")
    originals = [array.copy() for array in (x, y, weights)]
    for array in (x, y, weights):
        array.flags.writeable = False
    model = built("categorical_crossentropy", weighted_metrics=["mse"])
    model.fit(x, y, 8, 2, 0, sample_weight=weights, validation_split=0.3)
    model.evaluate(x, y, sample_weight=weights, verbose=0)
    for array, original in zip((x, y, weights), originals, strict=True):
        assert np.array_equal(array, original)


def test_no_epochs_change_nothing_but_the_history():
    model = built()
    weights = model.get_weights()
    history = model.fit(X, Y, epochs=0, verbose=0)
    assert history.history == {}
    assert history.epoch == []
    assert model.fit(X, Y, epochs=2, initial_epoch=2, verbose=0).history == {}
    for now, before in zip(model.get_weights(), weights, strict=True):
        assert np.array_equal(now, before)


def test_class_weights_do_not_weigh_the_rows_that_validate():
    weights = {0: 5.0, 1: 1.0, 2: 0.0}
    model = built()
    history = model.fit(X, Y, class_weight=weights, validation_split=0.5, verbose=0).history
    assert history["val_loss"][-1] == model.evaluate(X[10:], Y[10:], verbose=0)[0]


# Seeds


def trained(shuffle: Any = True) -> Any:
    model = k.Sequential([k.Input((4,)), *layers_of()])
    model.compile("sgd", SPARSE)
    model.fit(X, Y, batch_size=3, epochs=2, shuffle=shuffle, verbose=0)
    return model


def test_one_seed_gives_one_training():
    first, second = (trained_with_seed(5) for _ in range(2))
    for one, other in zip(first, second, strict=True):
        assert np.array_equal(one, other)
    assert not np.array_equal(first[0], trained_with_seed(6)[0])


def trained_with_seed(seed: int) -> list[Any]:
    k.utils.set_random_seed(seed)
    return trained().get_weights()


def test_without_a_seed_each_run_is_another(monkeypatch: pytest.MonkeyPatch):
    from minidense.random import seeds

    monkeypatch.setitem(seeds._global, "seed", None)
    random.seed()
    assert not np.array_equal(trained().get_weights()[0], trained().get_weights()[0])


@pytest.mark.parametrize("shuffle", [True, "batch"])
def test_without_a_seed_the_order_of_the_rows_is_another(
    shuffle: Any, monkeypatch: pytest.MonkeyPatch
):
    from minidense.random import seeds

    monkeypatch.setitem(seeds._global, "seed", None)
    runs = []
    for _ in range(2):
        random.seed(3)  # the same weights and masks
        runs.append(trained(shuffle).get_weights()[0])
    assert not np.array_equal(*runs)
    random.seed(3)
    ordered = trained(False).get_weights()[0]
    random.seed(3)
    assert np.array_equal(trained(False).get_weights()[0], ordered)


# Interruption


BATCH_HOOKS = ["on_train_batch_begin", "on_train_batch_end"]
VALIDATION_HOOKS = ["on_test_begin", "on_test_batch_begin", "on_test_batch_end", "on_test_end"]
EPOCH_HOOKS = ["on_epoch_begin", "on_epoch_end", "on_train_begin", "on_train_end"]


def interrupt_at(hook: str, times: int) -> LambdaCallback:
    calls = []

    def count(*args: Any, **kwargs: Any) -> None:
        calls.append(args)
        if len(calls) == times:
            raise KeyboardInterrupt

    return LambdaCallback(**{hook: count})


@pytest.mark.parametrize(
    ("hook", "times"),
    [(hook, times) for hook in BATCH_HOOKS + VALIDATION_HOOKS for times in (1, 2, 4)]
    + [(hook, 1) for hook in EPOCH_HOOKS],
)
def test_after_an_interrupt_the_model_goes_on(hook: str, times: int):
    model = built()
    arguments = {"batch_size": 7, "epochs": 5, "validation_split": 0.4, "verbose": 0}
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y, callbacks=[interrupt_at(hook, times)], **arguments)
    assert all(np.isfinite(array).all() for array in model.get_weights())
    assert model.predict(X, verbose=0).shape == (20, 3)
    loss = model.evaluate(X, Y, verbose=0)[0]
    model.reset_metrics()
    assert model.metrics[0].result() == 0
    assert model.evaluate(X, Y, verbose=0)[0] == loss
    history = model.fit(X, Y, **arguments).history
    assert [len(values) for values in history.values()] == [5] * 4
    assert np.isfinite(history["loss"]).all()


def test_an_interrupt_between_two_steps_leaves_what_the_steps_before_it_made():
    steps = 2
    interrupted = built()
    hook = interrupt_at("on_train_batch_begin", steps + 1)
    with pytest.raises(KeyboardInterrupt):
        interrupted.fit(X, Y, batch_size=5, verbose=0, callbacks=[hook])
    stopped = built()
    stopped.fit(X, Y, batch_size=5, verbose=0, callbacks=[StopAt(steps - 1)])
    before, after = state_of(interrupted), state_of(stopped)
    for what in ("weights", "optimizer", "masks"):
        assert before[what] == after[what]


@pytest.mark.parametrize("method", ["evaluate", "predict"])
def test_an_interrupt_of_a_measurement_changes_nothing_but_the_metrics(method: str):
    model = built()
    before = state_of(model)
    hook = interrupt_at("on_test_batch_end" if method == "evaluate" else "on_predict_batch_end", 2)
    data = (X, Y) if method == "evaluate" else (X,)
    with pytest.raises(KeyboardInterrupt):
        getattr(model, method)(*data, batch_size=5, verbose=0, callbacks=[hook])
    model.reset_metrics()
    after = state_of(model)
    for what in ("weights", "optimizer", "masks", "python", "compiled"):
        assert before[what] == after[what]


class StopAt(Callback):
    """Stops after a batch, counted from 0."""

    def __init__(self, batch: int) -> None:
        super().__init__()
        self.batch = batch
        self.seen: list[str] = []

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.seen.append(f"batch {batch}")
        if batch == self.batch:
            self.model.stop_training = True

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.seen.append(f"epoch {epoch}: {', '.join(logs or {})}")

    def on_train_end(self, logs: Any = None) -> None:
        self.seen.append(f"end: {', '.join(logs or {})}")


def test_stop_training_ends_the_epoch_which_is_still_validated_and_kept():
    model = built()
    stop = StopAt(1)
    history = model.fit(
        X, Y, batch_size=5, epochs=4, validation_split=0.25, verbose=0, callbacks=[stop]
    )
    names = "accuracy, loss, val_accuracy, val_loss"
    assert stop.seen == ["batch 0", "batch 1", f"epoch 0: {names}", f"end: {names}"]
    assert history.epoch == [0]
    assert model.stop_training
    model.fit(X, Y, verbose=0)
    assert not model.stop_training


def test_stop_evaluating_and_stop_predicting_give_what_there_is():
    model = built()

    def stop(what: str) -> Callable[..., None]:
        return lambda batch, logs: setattr(model, what, True)

    evaluating = LambdaCallback(on_test_batch_end=stop("stop_evaluating"))
    part = model.evaluate(X, Y, batch_size=5, verbose=0, callbacks=[evaluating])
    assert part == model.evaluate(X[:5], Y[:5], verbose=0)
    predicting = LambdaCallback(on_predict_batch_end=stop("stop_predicting"))
    assert model.predict(X, 5, 0, callbacks=[predicting]).shape == (5, 3)
    assert model.predict(X, 5, 0).shape == (20, 3)


def test_a_callback_sees_the_outputs_of_a_prediction():
    seen = []
    hook = LambdaCallback(on_predict_batch_end=lambda batch, logs: seen.append(logs["outputs"]))
    outputs = built().predict(X, 8, 0, callbacks=[hook])
    assert np.array_equal(np.concatenate(seen), outputs)


def test_each_fit_returns_a_history_of_its_own_which_is_the_models():
    model = built()
    first = model.fit(X, Y, epochs=2, verbose=0)
    second = model.fit(X, Y, epochs=1, verbose=0)
    assert model.history is second
    assert (len(first.history["loss"]), len(second.history["loss"])) == (2, 1)
    assert second.params == {"verbose": 0, "epochs": 1, "steps": 1}
    assert second.model is model


def test_warnings_of_ours_can_be_silenced():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", k.DataWarning)
        built(last=None).fit(nan_at(0, X), Y, class_weight={0: 1.0}, verbose=0)


def test_targets_in_a_dict_need_an_output_of_that_key():
    inputs = k.Input((4,))
    by_key = k.Model(inputs, {"out": k.layers.Dense(3)(inputs)})
    by_key.compile("sgd", "mse")
    assert by_key.fit(X, {"out": ONE_HOT}, verbose=0).history["loss"]
    with pytest.raises(TypeError, match=r"a dict with the key 'out'.*`y`.*'nope'"):
        by_key.fit(X, {"nope": ONE_HOT}, verbose=0)
    with pytest.raises(KeyError, match=r"'out'.*`sample_weight`.*'nope'"):
        by_key.evaluate(X, ONE_HOT, sample_weight={"nope": np.ones(20)}, verbose=0)
    with pytest.raises(TypeError, match=r"is no dict.*`y`.*'out'"):
        built().train_on_batch(X, {"out": Y})


def test_a_loss_by_name_needs_an_output_that_has_one():
    model = not_built()
    model.compile("sgd", {"dense_1": SPARSE})
    before = state_of(model)
    for method in (model.fit, model.evaluate, model.train_on_batch, model.test_on_batch):
        with pytest.raises(TypeError, match=r"'dense_1' before it was built.*Pass the loss alone"):
            method(X, Y)
    assert state_of(model) == before
