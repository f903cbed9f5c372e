"""What training warns of, once, at the line of the user, and before anything is changed."""

import warnings
from typing import Any

import numpy as np
import pytest

import minidense as k
from minidense import DataWarning, Input, Sequential, layers
from minidense.optimizers import SGD
from tests.messages import exactly
from tests.training import regression
from tests.training.classifier import (
    ONE_HOT,
    X,
    Y,
    assert_unchanged,
    built,
    nan_at,
    not_built,
    state_of,
)

# NaN and infinity


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


def test_nan_in_both_is_told_of_each():
    with pytest.warns(k.DataWarning) as caught:
        built().fit(nan_at(6, X), Y, validation_data=(nan_at(7, X), Y), verbose=0)
    assert [str(warning.message).split(" has ")[0] for warning in caught] == [
        "x",
        "x of the validation data",
    ]


@pytest.mark.parametrize("name", ["x", "y"])
def test_a_nan_is_said_to_be_where_it_is(name: str) -> None:
    x, y = regression.X.copy(), regression.Y.copy()
    (x if name == "x" else y)[3, 1] = np.nan
    message = f"{name} has NaN or infinity, first in row 3: the loss may become NaN."
    with pytest.warns(DataWarning, match=exactly(message)):
        regression.model_of().fit(x, y, verbose=0)
    message = (
        f"{name} of the validation data has NaN or infinity, first in row 3: "
        "the val_loss may become NaN."
    )
    with pytest.warns(DataWarning, match=exactly(message)):
        regression.model_of().fit(regression.X, regression.Y, validation_data=(x, y), verbose=0)


def test_a_nan_is_found_behind_whole_numbers() -> None:
    y = regression.Y.copy()
    y[2] = np.nan
    with pytest.warns(DataWarning, match="^y has NaN or infinity, first in row 2: "):
        regression.model_of().test_on_batch(np.ones((10, 3), "int32"), y)


def test_large_numbers_are_no_infinity() -> None:
    x = np.full((2, 3), 1e30, "float32")  # their squares are more than a float32 holds
    model = Sequential([Input((3,)), layers.Dense(2, kernel_initializer="zeros")])
    model.compile(SGD(0.1), "mse")
    assert model.test_on_batch(x, np.zeros((2, 2), "float32")) == 0.0


# Weights of classes


def test_classes_without_a_weight_are_named_and_count_as_1():
    with pytest.warns(k.DataWarning, match=r"the classes \[1, 2\]; 1 is taken") as caught:
        sparing = built().fit(X, Y, class_weight={0: 3.0}, verbose=0).history
    assert len(caught) == 1
    assert caught[0].filename == __file__
    full = built().fit(X, Y, class_weight={0: 3.0, 1: 1.0, 2: 1.0}, verbose=0).history
    assert sparing == full


def test_a_batch_with_a_class_without_a_weight_warns() -> None:
    model = Sequential([Input((3,)), layers.Dense(2, activation="softmax")])
    model.compile(SGD(0.1), "sparse_categorical_crossentropy")
    with pytest.warns(DataWarning, match=r"no weight for the classes \[1\]"):
        model.train_on_batch(regression.X, np.array([0, 1] * 5), class_weight={0: 2.0})


# Outputs that are no probabilities


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
    assert_unchanged(model, before)


def test_logits_with_from_logits_and_probabilities_do_not_warn():
    built(k.losses.SparseCategoricalCrossentropy(from_logits=True), last=None).fit(X, Y, verbose=0)
    built(last="softmax").fit(X * 1000, Y, verbose=0)
    built("binary_crossentropy", last="sigmoid").fit(X, ONE_HOT, verbose=0)
    built("mse", last=None).fit(X, ONE_HOT, verbose=0)


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
            model.train_on_batch(regression.X, targets)


@pytest.mark.parametrize(("row", "warns"), [(0, True), (3, True), (4, False)])
def test_the_first_batch_alone_is_asked_for_probabilities(row: int, warns: bool) -> None:
    model = Sequential([Input((3,)), layers.Dense(2, kernel_initializer="ones")])
    model.compile(SGD(0.0), "binary_crossentropy")
    x = np.zeros((10, 3), "float32")
    x[row] = 1
    targets = np.zeros((10, 2), "float32")
    if warns:
        with pytest.warns(DataWarning, match=r"lie between 0 and 3\."):
            model.fit(x, targets, batch_size=4, shuffle=False, verbose=0)
    else:
        model.fit(x, targets, batch_size=4, shuffle=False, verbose=0)


@pytest.mark.parametrize("outputs", [(0.0, 1.0), (0.5, 0.25), (0.5, np.float32(1 + 1e-6))])
def test_numbers_from_0_to_1_are_probabilities(outputs: tuple[float, float]) -> None:
    constant_model("binary_crossentropy", *outputs).train_on_batch(
        regression.X, np.zeros((10, 2), "float32")
    )


def test_a_new_compile_asks_again_whether_the_outputs_are_probabilities() -> None:
    model = regression.model_of(loss="binary_crossentropy")
    targets = np.zeros((10, 2), "float32")
    with pytest.warns(DataWarning, match="expects probabilities"):
        model.train_on_batch(regression.X, targets)
    model.train_on_batch(regression.X, targets)  # once is enough
    model.compile(SGD(0.1), "binary_crossentropy")
    with pytest.warns(DataWarning, match="expects probabilities"):
        model.train_on_batch(regression.X, targets)


# Nothing to train


def test_a_model_without_weights_to_train_warns_and_is_measured():
    model = built()
    model.trainable = False
    weights = model.get_weights()
    with pytest.warns(UserWarning, match="does not have any trainable weights"):
        history = model.fit(X, Y, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    for now, before in zip(model.get_weights(), weights, strict=True):
        assert np.array_equal(now, before)


def test_a_model_without_weights_to_train_says_so() -> None:
    model = regression.model_of()
    model.trainable = False
    message = "The model does not have any trainable weights."
    with pytest.warns(UserWarning, match=exactly(message)):
        model.train_on_batch(regression.X, regression.Y)


# All of them


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
        assert_unchanged(model, before)


def test_warnings_of_ours_can_be_silenced():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", k.DataWarning)
        built(last=None).fit(nan_at(0, X), Y, class_weight={0: 1.0}, verbose=0)


def test_a_warning_of_training_points_at_the_line_that_trains() -> None:
    frozen = regression.model_of()
    frozen.trainable = False
    for train in (frozen.fit, frozen.train_on_batch):
        with pytest.warns(UserWarning, match="does not have any trainable weights") as caught:
            train(regression.X, regression.Y)
        assert [warning.filename for warning in caught] == [__file__]
    model = regression.model_of()
    several: dict[str, Any] = {"batch_size": 5, "verbose": 0}
    for run in (
        lambda: model.fit(regression.X, regression.Y, steps_per_epoch=3, **several),
        lambda: model.fit(
            regression.X,
            regression.Y,
            validation_data=(regression.X, regression.Y),
            validation_steps=3,
            **several,
        ),
        lambda: model.evaluate(regression.X, regression.Y, steps=3, **several),
        lambda: model.predict(regression.X, steps=3, **several),
    ):
        with pytest.warns(UserWarning, match="ran out of data") as caught:
            run()
        lines = [(warning.filename, warning.lineno) for warning in caught]
        assert lines == [(__file__, run.__code__.co_firstlineno)]
