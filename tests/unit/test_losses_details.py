"""Losses where a mutant of the source would differ: defaults, names in messages, dtypes."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from minidense import config, losses
from minidense.losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    Loss,
    LossFunctionWrapper,
    MeanSquaredError,
    SparseCategoricalCrossentropy,
)
from minidense.names import reset_names

PROBABILITIES = np.float32([[0.2, 0.3, 0.5], [0.1, 0.8, 0.1]])
LOGITS = np.float32([[0.2, -1, 3], [2, 0, -2]])
TARGETS = np.float32([[0, 0, 1], [0.5, 0.5, 0]])


# The configurations that Keras 3.15.1 gives.
@pytest.mark.parametrize(
    ("cls", "own"),
    [
        (MeanSquaredError, {"name": "mean_squared_error"}),
        (
            SparseCategoricalCrossentropy,
            {
                "name": "sparse_categorical_crossentropy",
                "from_logits": False,
                "ignore_class": None,
            },
        ),
        (
            CategoricalCrossentropy,
            {
                "name": "categorical_crossentropy",
                "from_logits": False,
                "label_smoothing": 0.0,
                "axis": -1,
            },
        ),
        (
            BinaryCrossentropy,
            {
                "name": "binary_crossentropy",
                "from_logits": False,
                "label_smoothing": 0.0,
                "axis": -1,
            },
        ),
    ],
)
def test_the_defaults_are_kerass(cls: type[Loss], own: dict[str, Any]) -> None:
    assert cls().get_config() == {"reduction": "sum_over_batch_size", **own}
    assert cls(reduction="sum", dtype="float64").reduction == "sum"
    assert cls(dtype="float64").dtype == "float64"


# Keras's values: from probabilities, from logits, and both with label_smoothing=0.25.
# 1e-6: half a unit in the last place of some roundings in float32
@pytest.mark.parametrize(
    ("function", "values"),
    [
        (
            losses.categorical_crossentropy,
            [
                [0.6931471824645996, 1.262864351272583],
                [0.07615112513303757, 1.1429316997528076],
                [0.8120735883712769, 1.3495078086853027],
                [0.6428177952766418, 1.3929316997528076],
            ],
        ),
        (
            losses.binary_crossentropy,
            [
                [0.42432188987731934, 0.7418746948242188],
                [0.38666263222694397, 0.6490010619163513],
                [0.5173882246017456, 0.833425760269165],
                [0.5449959635734558, 0.7323343753814697],
            ],
        ),
    ],
)
def test_the_functions_take_logits_and_smoothing_as_keras_does(
    function: Callable[..., Any], values: list[list[float]]
) -> None:
    found = [
        function(TARGETS, PROBABILITIES),
        function(TARGETS, LOGITS, from_logits=True),
        function(TARGETS, PROBABILITIES, label_smoothing=0.25),
        function(TARGETS, LOGITS, from_logits=True, label_smoothing=0.25),
    ]
    np.testing.assert_allclose(found, np.float32(values), rtol=1e-6)
    whole_targets = [[0, 0, 1], [0, 1, 0]]  # lists of whole numbers become floats
    assert function(whole_targets, PROBABILITIES).dtype == np.float32


BOTH_SHAPES = (
    r"^`y_true` and `y_pred` must have the same shape\. Received: y_true of shape \(2, 2\), "
    r"y_pred of shape \(2, 3\)\.$"
)


@pytest.mark.parametrize(
    "call",
    [
        losses.categorical_crossentropy,
        losses.binary_crossentropy,
        losses.mean_squared_error,
        MeanSquaredError(),
        CategoricalCrossentropy(),
        BinaryCrossentropy(),
    ],
)
def test_two_shapes_are_both_named(call: Callable[..., Any]) -> None:
    with pytest.raises(ValueError, match=BOTH_SHAPES):
        call(np.zeros((2, 2), "float32"), PROBABILITIES)


@pytest.mark.parametrize(
    ("argument", "call"),
    [("y_true", lambda x: (x, PROBABILITIES)), ("y_pred", lambda x: (TARGETS, x))],
)
def test_what_is_no_number_is_named(argument: str, call: Callable[[Any], Any]) -> None:
    with pytest.raises((TypeError, ValueError), match=rf"\b{argument}\b"):
        MeanSquaredError()(*call(np.array([["a", "b", "c"]] * 2)))


def test_a_weight_that_is_no_number_is_named() -> None:
    with pytest.raises((TypeError, ValueError), match="sample_weight"):
        MeanSquaredError()(TARGETS, PROBABILITIES, np.array(["a", "b"]))


@pytest.mark.parametrize(
    "cls", [SparseCategoricalCrossentropy, CategoricalCrossentropy, BinaryCrossentropy]
)
def test_an_axis_and_a_flag_without_meaning_are_refused_with_their_names(cls: Any) -> None:
    with pytest.raises(ValueError, match=rf"^{cls.__name__}: only axis=-1 is supported"):
        cls(axis=0)
    with pytest.raises(ValueError, match="from_logits"):
        cls(from_logits=2)
    with pytest.raises(ValueError, match="reduction"):
        cls(reduction="max")
    with pytest.raises((TypeError, ValueError), match="name"):
        cls(name=5)


def test_a_class_to_ignore_is_refused_by_name() -> None:
    with pytest.raises(
        NotImplementedError,
        match=r"^SparseCategoricalCrossentropy: `ignore_class` is not supported",
    ):
        SparseCategoricalCrossentropy(ignore_class=0)  # type: ignore[arg-type]


@pytest.mark.parametrize("cls", [CategoricalCrossentropy, BinaryCrossentropy])
def test_smoothing_is_from_0_to_1_both_included(cls: Any) -> None:
    assert cls(label_smoothing=0).get_config()["label_smoothing"] == 0
    assert cls(label_smoothing=1).get_config()["label_smoothing"] == 1
    for value in (-0.1, 1.5):
        with pytest.raises(ValueError, match="label_smoothing"):
            cls(label_smoothing=value)


def test_binary_targets_are_named() -> None:
    with pytest.raises(ValueError, match="y_true"):
        BinaryCrossentropy()(np.float32([[2.0]]), np.float32([[0.5]]))


def test_on_logits_leaves_the_loss_itself_as_it_is() -> None:
    loss = CategoricalCrossentropy(label_smoothing=0.25, reduction="sum", name="mine")
    other = loss.on_logits()
    assert other.get_config() == {**loss.get_config(), "from_logits": True}
    assert not loss.from_logits
    assert other.takes_logits
    plain = MeanSquaredError()
    assert plain.on_logits() is plain


def test_a_function_is_called_with_its_arguments() -> None:
    def distance(y_true: Any, y_pred: Any, power: int = 1) -> Any:
        return (abs(y_true - y_pred) ** power).sum(axis=-1)

    loss = LossFunctionWrapper(distance, reduction="sum", dtype="float64", power=2)
    assert (loss.reduction, loss.dtype) == ("sum", "float64")
    assert loss(np.float64([[1.0, 2.0]]), np.float64([[3.0, 5.0]])) == 13.0
    assert LossFunctionWrapper(distance).reduction == "sum_over_batch_size"
    assert LossFunctionWrapper(distance, name="mine").name == "mine"
    reset_names()
    assert LossFunctionWrapper(distance).name == "loss_function_wrapper"  # as in Keras


def test_a_users_loss_says_what_it_lacks() -> None:
    class Mine(Loss):
        pass

    reset_names()
    loss = Mine()
    assert loss.name == "mine"
    with pytest.raises(
        NotImplementedError, match=r"^Loss Mine needs a `call\(y_true, y_pred\)`\.$"
    ):
        loss(TARGETS, PROBABILITIES)
    with pytest.raises(
        NotImplementedError,
        match=r"^Loss 'mine' can be evaluated but not trained on: its gradient is not known\. "
        r"Subclass `losses\.Loss` with `call\(y_true, y_pred\)` and "
        r"`gradient\(y_true, y_pred\)`\.$",
    ):
        loss.gradient(TARGETS, PROBABILITIES)


def test_a_gradient_has_the_shape_and_dtype_of_the_predictions() -> None:
    targets, predictions = np.float32([1.0, 3.0]), np.float32([[2.0], [5.0]])
    value, gradient = MeanSquaredError().value_and_gradient(targets, predictions)
    assert value == 2.5
    np.testing.assert_array_equal(gradient, [[1.0], [2.0]])
    value, gradient = MeanSquaredError().value_and_gradient(targets[:, None, None], predictions)
    np.testing.assert_array_equal(gradient, [[1.0], [2.0]])
    weights = np.float32([1.0, 3.0])
    for reduction, share in (("sum", 1), ("mean", 1 / 2), ("mean_with_sample_weight", 1 / 4)):
        loss = MeanSquaredError(reduction=reduction)
        value, gradient = loss.value_and_gradient(targets, predictions, weights)
        assert value == 13 * share
        np.testing.assert_array_equal(gradient, np.float32([[2.0], [12.0]]) * np.float32(share))
        assert value.dtype == gradient.dtype == np.float32
    double = MeanSquaredError(dtype="float64").value_and_gradient(targets, predictions)
    assert double[0].dtype == double[1].dtype == np.float64


def test_names_in_the_message_of_an_unknown_loss() -> None:
    for identifier in ("nope", 5):
        with pytest.raises(
            ValueError, match=r"^Could not interpret loss identifier: .*BCE, BinaryCross"
        ):
            losses.get(identifier)  # type: ignore[arg-type]


def test_smoothing_goes_by_the_classes_in_rank_3_too() -> None:
    flat = losses.categorical_crossentropy(TARGETS, PROBABILITIES, label_smoothing=0.25)
    deep = losses.categorical_crossentropy(
        TARGETS[:, None], PROBABILITIES[:, None], label_smoothing=0.25
    )
    np.testing.assert_array_equal(deep[:, 0], flat)


def test_the_sparse_function_takes_probabilities_unless_told_that_they_are_logits():
    own, labels = losses.sparse_categorical_crossentropy, [2, 0]
    probabilities, logits = PROBABILITIES.astype("float64"), LOGITS.astype("float64")
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    surprises = -np.log(probabilities[[0, 1], labels])
    np.testing.assert_allclose(own(labels, probabilities), surprises, rtol=1e-12)
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    surprises = -np.log(shares[[0, 1], labels])
    np.testing.assert_allclose(own(labels, logits, True), surprises, rtol=1e-12)
    assert (own(labels, logits, True) != own(labels, logits)).all()


@pytest.mark.parametrize("from_logits", [False, True])
def test_the_gradient_alone_is_that_which_comes_with_the_values(from_logits: bool):
    loss = SparseCategoricalCrossentropy(from_logits=from_logits)
    y_true, y_pred = np.int64([2, 0]), LOGITS if from_logits else PROBABILITIES
    alone = loss.gradient(y_true, y_pred)
    values, together = loss.values_and_gradient(y_true, y_pred)
    assert alone.tolist() == together.tolist()
    assert values.tolist() == loss.call(y_true, y_pred).tolist()
    assert alone.shape == y_pred.shape


@pytest.mark.parametrize("from_logits", [False, True])
@pytest.mark.parametrize("cls", [SparseCategoricalCrossentropy, CategoricalCrossentropy])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_predictions_may_lie_column_after_column_in_memory(
    cls: type[Loss], from_logits: bool, dtype: str
):
    loss = cls(from_logits=from_logits, dtype=dtype)
    y_true = np.int64([2, 0]) if cls is SparseCategoricalCrossentropy else TARGETS
    y_pred = (LOGITS if from_logits else PROBABILITIES).astype(dtype)
    for usual, other in zip(
        loss.value_and_gradient(y_true, y_pred),
        loss.value_and_gradient(y_true, np.asfortranarray(y_pred)),
        strict=True,
    ):
        np.testing.assert_array_equal(other, usual)


def test_a_loss_computes_in_its_own_dtype_whatever_comes() -> None:
    loss = MeanSquaredError()
    targets, predictions = np.float64([[1.0], [3.0]]), np.float64([[2.0], [5.0]])
    assert loss(targets, predictions).dtype == np.float32
    value, gradient = loss.value_and_gradient(targets, predictions)
    assert value.dtype == gradient.dtype == np.float32


def test_a_gradient_goes_back_into_the_rank_of_the_predictions() -> None:
    predictions = np.float32([2.0, 5.0])
    value, gradient = MeanSquaredError().value_and_gradient(np.float32([[1], [3]]), predictions)
    assert value == 2.5
    np.testing.assert_array_equal(gradient, np.float32([1.0, 2.0]))


def test_weights_that_sum_to_nothing_give_a_loss_of_nothing() -> None:
    loss = MeanSquaredError(reduction="mean_with_sample_weight")
    targets, predictions = np.float32([[1.0], [3.0]]), np.float32([[2.0], [5.0]])
    weights = np.float32([1.0, -1.0])
    assert loss(targets, predictions, weights) == 0
    value, gradient = loss.value_and_gradient(targets, predictions, weights)
    assert value == 0
    np.testing.assert_array_equal(gradient, np.zeros((2, 1)))


def test_a_function_without_a_name_has_an_automatic_one() -> None:
    class Distance:
        def __call__(self, y_true: Any, y_pred: Any) -> Any:
            return abs(y_true - y_pred)

    reset_names()
    assert LossFunctionWrapper(Distance()).name == "loss_function_wrapper"


def test_the_messages_of_what_is_no_number() -> None:
    numbers, texts = np.ones((1, 2), "float32"), np.array([["a", "b"]])
    what = "strings: an array of shape (1, 2) and dtype <U1."
    with pytest.raises(ValueError, match="y_true") as raised:
        losses.mean_squared_error(texts, numbers)
    assert str(raised.value) == f"'y_true' takes arrays of real numbers. Received {what}"
    with pytest.raises(ValueError, match="sample_weight") as raised:
        MeanSquaredError()(numbers, numbers, texts)
    assert str(raised.value) == f"'sample_weight' takes arrays of real numbers. Received {what}"
    with pytest.raises(ValueError, match="mean_squared_error") as raised:
        losses.mean_squared_error(numbers, numbers > 0)
    assert str(raised.value) == "mean_squared_error takes numbers. Received dtype bool."


def test_the_classes_of_rank_3_are_on_the_last_axis() -> None:
    targets = np.float32([[[0, 0, 1], [1, 0, 0]]])
    predictions = np.float32([[[0.2, 0.3, 0.5], [0.1, 0.8, 0.1]]])
    loss = CategoricalCrossentropy(label_smoothing=0.3)
    for call in (loss.call, loss.gradient):
        np.testing.assert_allclose(
            call(targets, predictions)[0], call(targets[0], predictions[0]), rtol=1e-6
        )


# TensorFlow lets the gradient of a clip through at both ends, and takes a logit of 0 for positive.
def test_the_gradient_at_the_ends_of_the_clip_and_at_a_logit_of_0() -> None:
    one = np.float32(1)
    ends = np.array([[np.float32(1e-7)], [np.float32(1 - 1e-7)]])
    gradient = BinaryCrossentropy().gradient(np.float32([[1], [0]]), ends)
    assert (np.sign(gradient) == [[-1], [1]]).all()
    targets = np.float32([[0.1]])
    gradient = BinaryCrossentropy(from_logits=True).gradient(targets, np.float32([[0.0]]))
    np.testing.assert_array_equal(gradient, one - targets - np.float32(0.5))
    assert (one - targets - np.float32(0.5) != np.float32(0.5) - targets).all()


@pytest.mark.parametrize(
    "function",
    ["sparse_categorical_crossentropy", "categorical_crossentropy", "binary_crossentropy"],
)
def test_a_cross_entropy_of_whole_numbers_names_itself_and_the_way_out(function: str) -> None:
    with pytest.raises(TypeError) as error:
        getattr(losses, function)([[1, 0]], np.array([[1, 0]]))
    assert str(error.value) == (
        f"{function} takes floating point numbers. Received y_pred of dtype int64: cast it "
        "first, for example with y_pred.astype('float32')."
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_squared_errors_of_whole_numbers_have_the_dtype_of_floatx(dtype: str) -> None:
    config.set_floatx(dtype)
    try:
        values = losses.mean_squared_error([[1, 2]], [[0, 0]])
    finally:
        config.set_floatx("float32")
    assert values.tolist() == [2.5]  # Keras's
    assert values.dtype == dtype


def test_a_configuration_of_an_unknown_loss_is_refused_by_its_class() -> None:
    for identifier in ({"class_name": "Nope", "config": {}}, "Nope"):
        with pytest.raises(
            ValueError, match=r"^Could not interpret loss identifier: 'Nope'\. Known"
        ):
            losses.get(identifier)
    message = (
        "Could not interpret loss identifier: a dict must have the key 'class_name', and 'config' "
        "for the arguments. Received: a dict with the keys ['name']."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        losses.get({"name": "Nope"})
