"""What a bad call of training says, and that it changes nothing."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minidense as k
from minidense.callbacks import History
from tests.training.classifier import (
    ONE_HOT,
    SPARSE,
    X,
    Y,
    assert_unchanged,
    built,
    nan_at,
    not_built,
    state_of,
)


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
    "x is a list": (
        lambda m: m.fit(X.tolist(), Y),
        ValueError,
        "'x' takes arrays.* a list of 20 elements",
    ),
    "y is a list": (lambda m: m.fit(X, Y.tolist()), ValueError, "a list of 20 elements"),
    "x is a number": (lambda m: m.fit(3.0, Y), ValueError, "'x' takes arrays.* 3.0 of type float"),
    "complex x": (lambda m: m.fit(X + 0j, Y), ValueError, "complex"),
    "strings as y": (lambda m: m.fit(X, Y.astype(str)), ValueError, "strings"),
    "objects as x": (lambda m: m.fit(X.astype(object), Y), ValueError, "objects"),
    "too many features": (lambda m: m.fit(np.ones((20, 5)), Y), ValueError, r"expected axis -1"),
    "a wrong rank": (lambda m: m.fit(np.ones((20, 4, 4)), Y), ValueError, r"\((20|None), 4, 4\)"),
    "two inputs": (lambda m: m.fit([X, X], Y), ValueError, "1 input|a tuple of 2 elements"),
    "a label too high": (
        lambda m: m.fit(X, out_of_reach(Y)),
        ValueError,
        "from 0 to 2, .* the label 3 at row 7",
    ),
    "a label too low": (lambda m: m.fit(X, Y - 1), ValueError, "the label -1 at row 0"),
    "a label is NaN": (lambda m: m.fit(X, nan_at(4, Y)), ValueError, "the label nan at row 4"),
    "one-hot for sparse": (lambda m: m.fit(X, ONE_HOT), ValueError, r"\(None, 3\)"),
    "weights of another length": (
        lambda m: m.fit(X, Y, sample_weight=np.ones(19)),
        ValueError,
        "sample_weight: 19",
    ),
    "negative weights": (
        lambda m: m.fit(X, Y, sample_weight=-np.ones(20)),
        ValueError,
        "Received -1.0 at row 0",
    ),
    "weights are NaN": (
        lambda m: m.fit(X, Y, sample_weight=nan_at(3, np.ones(20))),
        ValueError,
        "nan at row 3",
    ),
    "weights of a wrong shape": (
        lambda m: m.fit(X, Y, sample_weight=np.ones((20, 7))),
        ValueError,
        r"`sample_weight` of shape \(None, 7\)",
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
        r"class_weight\[0\]=-1.0",
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
    "a callback that is none": ({"callbacks": [5]}, AttributeError, "holds 5 of type int"),
    "a callback's class": ({"callbacks": [History]}, TypeError, "the class History"),
}


# A model that is not built takes any number of features, and any rank that Dense does.
NEED_A_SHAPE = [
    "too many features",
    "a wrong rank",
    "predict wrong features",
    "predict a batch",
]


# Data and arguments


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
    assert_unchanged(model, before)


@pytest.mark.parametrize("make", [built, not_built])
@pytest.mark.parametrize("name", BAD_ARGUMENTS)
def test_a_fit_with_a_bad_argument_names_it_and_changes_nothing(name: str, make: Callable[[], Any]):
    arguments, error, message = BAD_ARGUMENTS[name]
    model = make()
    before = state_of(model)
    with pytest.raises(error, match=message):
        model.fit(X, Y, **{"verbose": 0, **arguments})
    assert_unchanged(model, before)


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
    assert_unchanged(model, before)


def test_a_trained_model_is_left_as_it_was_too():
    model = built()
    model.fit(X, Y, verbose=0)
    before = state_of(model)
    for call, error, message in BAD_DATA.values():
        with pytest.raises(error, match=message):
            call(model)
        assert_unchanged(model, before)


def test_class_weight_needs_a_loss_with_classes():
    model = built("mse", last=None)
    before = state_of(model)
    with pytest.raises(ValueError, match="'mse' compares numbers"):
        model.fit(X, ONE_HOT, class_weight={0: 1.0, 1: 1.0, 2: 1.0})
    assert_unchanged(model, before)


def test_targets_in_a_dict_need_an_output_of_that_key():
    inputs = k.Input((4,))
    by_key = k.Model(inputs, {"out": k.layers.Dense(3)(inputs)})
    by_key.compile("sgd", "mse")
    assert by_key.fit(X, {"out": ONE_HOT}, verbose=0).history["loss"]
    with pytest.raises(TypeError, match=r"\{'out': \*\}.*`y`.*'nope'"):
        by_key.fit(X, {"nope": ONE_HOT}, verbose=0)
    with pytest.raises(KeyError, match=r"at 'out'.*`sample_weight`.*'nope'"):
        by_key.evaluate(X, ONE_HOT, sample_weight={"nope": np.ones(20)}, verbose=0)
    with pytest.raises(TypeError, match=r"the form \*.*`y`.*'out'"):
        built().train_on_batch(X, {"out": Y})


# Loss, metrics and optimizer


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
    assert_unchanged(model, before)


def test_a_loss_without_gradient_fails_before_a_mask_is_drawn_but_can_be_measured():
    def of_targets(y_true: Any, y_pred: Any) -> Any:
        return k.ops.mean(y_true, axis=-1)

    model = built(of_targets)
    before = state_of(model)
    for learn in (model.fit, model.train_on_batch):
        with pytest.raises(ValueError, match="needs a gradient of one variable at least"):
            learn(X, ONE_HOT)
        assert_unchanged(model, before)
    assert model.evaluate(X, ONE_HOT, verbose=0)[0] == pytest.approx(1 / 3, rel=1e-6)


def test_the_first_call_decides_what_crossentropy_means_until_the_next_compile():
    model = built("crossentropy")
    with pytest.raises(ValueError, match="the label 3"):
        model.fit(X, Y + 1, verbose=0)
    with pytest.raises(ValueError, match="Class numbers must have"):
        model.fit(X, ONE_HOT, verbose=0)
    model.compile("sgd", "crossentropy", metrics=["accuracy"])
    model.fit(X, ONE_HOT, verbose=0)
    assert model.evaluate(X, ONE_HOT, verbose=0)[1] == pytest.approx(
        (model.predict(X, verbose=0).argmax(-1) == Y).mean()
    )


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
    assert_unchanged(model, before)
    model.fit(X, Y, verbose=0)


def test_a_fit_without_a_loss_says_so():
    model = built(None)
    with pytest.raises(ValueError, match="No loss to compute"):
        model.fit(X, Y)


def test_wrong_losses_and_targets_of_several_outputs_are_refused_before_anything_changes():
    inputs = k.Input((4,))
    outputs = [k.layers.Dense(2, name="a")(inputs), k.layers.Dense(3, name="b")(inputs)]
    model = k.Model(inputs, outputs)
    for losses, error in (
        (["mse"] * 3, KeyError),
        (["mse"], ValueError),
        ({"a": "mse"}, ValueError),
        ({"a": "mse", "other": "mse"}, ValueError),
    ):
        with pytest.raises(error):
            model.compile("sgd", losses)
        assert not model.compiled
    model.compile("sgd", "mse", metrics=["mse", "mse"])
    before = state_of(model)
    for method in (model.fit, model.evaluate, model.train_on_batch, model.test_on_batch):
        for targets, error in (
            (ONE_HOT, KeyError),
            ([ONE_HOT], KeyError),
            ([ONE_HOT] * 3, ValueError),
            ({"a": ONE_HOT[:, :2], "other": ONE_HOT}, TypeError),
        ):
            with pytest.raises(error):
                method(X, targets)
    assert_unchanged(model, before)


def test_a_loss_by_another_name_is_refused_before_anything_changes():
    inputs = k.Input((4,))
    model = k.Model(inputs, k.layers.Dense(3, name="out")(inputs))
    model.compile("sgd", SPARSE)
    for losses in ({"other": "mse"}, {"other": "mse", "out": "mse"}):
        with pytest.raises(ValueError, match=r"outputs \['out'\].*'other'"):
            model.compile("sgd", losses)
    assert model.loss == SPARSE


def test_a_loss_by_name_needs_an_output_that_has_one():
    with pytest.raises(TypeError, match=r"`loss` in a dict with the keys \['dense_1'\]"):
        built().compile("sgd", {"dense_1": SPARSE})
    model = not_built()
    model.compile("sgd", {"dense_1": SPARSE})
    before = state_of(model)
    for method in (model.fit, model.evaluate, model.train_on_batch, model.test_on_batch):
        with pytest.raises(TypeError, match=r"`loss` in a dict with the keys \['dense_1'\]"):
            method(X, Y)
    assert_unchanged(model, before)


# Refusals come before warnings


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
    assert_unchanged(model, before)


def test_train_on_batch_refuses_before_it_warns():
    model = built()
    with pytest.raises(ValueError, match="classes from 0 to 2"):
        model.train_on_batch(X, Y, class_weight={0: 1.0, 7: 1.0})


def test_what_only_a_built_model_refuses_is_refused_before_a_warning():
    model = k.Sequential([k.layers.Flatten(), k.layers.Dense(3)])
    model.compile("sgd", "mse")
    before = state_of(model)
    two_rows_each = np.ones((20, 2, 4), "float32")
    with pytest.raises(ValueError, match="axis -1"):
        model.fit(
            nan_at(3, X[:, None, :]), ONE_HOT, validation_data=(two_rows_each, ONE_HOT), verbose=0
        )
    assert_unchanged(model, before)
