"""The cross-entropies: clips, logits, smoothing, and targets without meaning."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from minidense import activations, losses
from minidense.losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    Loss,
    SparseCategoricalCrossentropy,
    crossentropy,
)
from tests.losses.gradients import value_and_gradient

CROSSENTROPIES = [
    losses.BinaryCrossentropy,
    losses.CategoricalCrossentropy,
    losses.SparseCategoricalCrossentropy,
]
PROBABILITIES = np.float32([[0.2, 0.3, 0.5], [0.1, 0.8, 0.1]])
LOGITS = np.float32([[0.2, -1, 3], [2, 0, -2]])
TARGETS = np.float32([[0, 0, 1], [0.5, 0.5, 0]])


# Values


@pytest.mark.parametrize("cls", CROSSENTROPIES)
def test_a_call_clips_and_of_logits_it_does_not(cls):
    labels = np.array([0]) if cls is losses.SparseCategoricalCrossentropy else np.eye(2)[:1]
    clipped = cls()(labels, np.float32([[0.0, 1.0]]))
    assert 14 < clipped < 18  # -log(1e-7) is 16.1
    unclipped = cls(from_logits=True)(labels, np.float32([[-100.0, 100.0]]))
    assert unclipped >= 100
    activation = activations.sigmoid if cls is BinaryCrossentropy else activations.softmax
    looked_through = cls()(labels, activation(np.float32([[-100.0, 100.0]])))
    assert looked_through == unclipped


@pytest.mark.parametrize("cls", CROSSENTROPIES)
def test_huge_logits_neither_overflow_nor_warn(cls):
    y_pred = np.float32([[1e38, -1e38], [-1e4, 1e4]])
    y_true = np.array([0, 1]) if cls is losses.SparseCategoricalCrossentropy else np.eye(2)
    value, gradient = value_and_gradient(cls(from_logits=True), y_true, y_pred)
    assert value == 0
    assert np.isfinite(gradient).all()


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


def test_the_classes_of_rank_3_are_on_the_last_axis() -> None:
    targets = np.float32([[[0, 0, 1], [1, 0, 0]]])
    predictions = np.float32([[[0.2, 0.3, 0.5], [0.1, 0.8, 0.1]]])
    loss = CategoricalCrossentropy(label_smoothing=0.3)
    deep = value_and_gradient(loss.call, targets, predictions)
    flat = value_and_gradient(loss.call, targets[0], predictions[0])
    for one, other in zip(deep, flat, strict=True):
        np.testing.assert_allclose(one[0], other, rtol=1e-6)


@pytest.mark.parametrize("classes", [2, 8, 10, 16, 31, 32, 33])
@pytest.mark.parametrize("shape", [(0,), (2, 0, 3)])
def test_the_loss_of_no_rows_is_nothing_or_zero_for_any_number_of_classes(shape, classes):
    nothing = np.zeros((*shape, classes), "float32")
    for loss, y_true in [
        (losses.CategoricalCrossentropy(from_logits=True), nothing),
        (losses.SparseCategoricalCrossentropy(from_logits=True), np.zeros(shape, int)),
    ]:
        assert not loss(y_true, nothing).any()
        assert loss(y_true, nothing).shape == (shape if len(shape) == 1 else ())  # as in Keras
        assert value_and_gradient(loss, y_true, nothing)[1].shape == nothing.shape


# Smoothing


def test_smoothing_spreads_a_share_and_keeps_the_sum():
    eye, rows = np.eye(4, dtype="float32"), np.full((4, 4), 0.25, "float32")
    smoothed, _ = crossentropy.smoothed("loss", eye, rows, 0.2)
    assert smoothed.dtype == "float32"
    np.testing.assert_allclose(smoothed.sum(axis=-1), 1, rtol=1e-6)
    assert smoothed[0, 1] == np.float32(0.2 / 4)
    np.testing.assert_array_equal(crossentropy.smoothed("loss", eye, rows, 0.0)[0], eye)


def test_smoothing_goes_by_the_classes_in_rank_3_too() -> None:
    flat = losses.categorical_crossentropy(TARGETS, PROBABILITIES, label_smoothing=0.25)
    deep = losses.categorical_crossentropy(
        TARGETS[:, None], PROBABILITIES[:, None], label_smoothing=0.25
    )
    np.testing.assert_array_equal(deep[:, 0], flat)


@pytest.mark.parametrize("cls", [CategoricalCrossentropy, BinaryCrossentropy])
def test_smoothing_is_from_0_to_1_both_included(cls: Any) -> None:
    assert cls(label_smoothing=0).get_config()["label_smoothing"] == 0
    assert cls(label_smoothing=1).get_config()["label_smoothing"] == 1
    for value in (-0.1, 1.5):
        with pytest.raises(ValueError, match="label_smoothing"):
            cls(label_smoothing=value)


# Gradients


@pytest.mark.parametrize("cls", CROSSENTROPIES)
def test_where_the_clip_bites_the_gradient_is_0(cls):
    y_pred = np.float32([[0.0, 1.0]])
    y_true = np.array([0]) if cls is losses.SparseCategoricalCrossentropy else np.eye(2)[:1]
    _, gradient = value_and_gradient(cls(), y_true, y_pred)
    np.testing.assert_array_equal(gradient, 0)


# TensorFlow lets the gradient of a clip through at both ends, and takes a logit of 0 for positive.
def test_the_gradient_at_the_ends_of_the_clip_and_at_a_logit_of_0() -> None:
    one = np.float32(1)
    ends = np.array([[np.float32(1e-7)], [np.float32(1 - 1e-7)]])
    _, gradient = value_and_gradient(BinaryCrossentropy(), np.float32([[1], [0]]), ends)
    assert (np.sign(gradient) == [[-1], [1]]).all()
    targets = np.float32([[0.1]])
    loss = BinaryCrossentropy(from_logits=True)
    _, gradient = value_and_gradient(loss, targets, np.float32([[0.0]]))
    np.testing.assert_array_equal(gradient, one - targets - np.float32(0.5))
    assert (one - targets - np.float32(0.5) != np.float32(0.5) - targets).all()


@pytest.mark.parametrize("from_logits", [True, False])
@pytest.mark.parametrize("shape", [(5, 3), (4, 16), (2, 3, 10)])
def test_the_gradient_is_the_same_however_the_predictions_lie_in_memory(shape, from_logits):
    random = np.random.default_rng(0)
    y_pred = random.random(shape).astype("float32")
    if not from_logits:
        y_pred /= y_pred.sum(axis=-1, keepdims=True)
    labels = random.integers(0, shape[-1], shape[:-1])
    loss = losses.SparseCategoricalCrossentropy(from_logits=from_logits)
    expected = value_and_gradient(loss, labels, y_pred)
    column_by_column = np.asfortranarray(y_pred)
    every_second = np.repeat(y_pred, 2, axis=-1)[..., ::2]
    for same in (column_by_column, every_second):
        value, gradient = value_and_gradient(loss, labels, same)
        assert value == expected[0]
        assert np.array_equal(gradient, expected[1])


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
        value_and_gradient(loss, y_true, y_pred),
        value_and_gradient(loss, y_true, np.asfortranarray(y_pred)),
        strict=True,
    ):
        np.testing.assert_array_equal(other, usual)


# What is refused


@pytest.mark.parametrize(
    ("labels", "word"), [([0, 3], "label 3 at row 1"), ([-1, 0], "label -1 at row 0"),
                         ([0, np.nan], "label nan at row 1"), ([np.inf, 0], "row 0")]
)  # fmt: skip
def test_a_label_outside_the_classes_is_named_with_its_row(labels, word):
    for call in (losses.SparseCategoricalCrossentropy(), losses.sparse_categorical_crossentropy):
        with pytest.raises(ValueError, match=f"from 0 to 2.*{word}"):
            call(np.array(labels), np.full((2, 3), 1 / 3))


@pytest.mark.parametrize("target", [-0.1, 1.5, np.nan])
def test_a_binary_target_outside_0_and_1_is_named_with_its_row(target):
    with pytest.raises(ValueError, match=r"\[0, 1\].*at row 1"):
        losses.BinaryCrossentropy()(np.array([[0.0], [target]]), np.full((2, 1), 0.5))


def test_binary_targets_are_named() -> None:
    with pytest.raises(ValueError, match="y_true"):
        BinaryCrossentropy()(np.float32([[2.0]]), np.float32([[0.5]]))


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
