"""What every loss promises: known values, gradients that are central differences, refusals."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidense import config, losses
from minidense.losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    Loss,
    MeanSquaredError,
    SparseCategoricalCrossentropy,
)
from tests.losses.gradients import value_and_gradient

CROSSENTROPIES = [
    losses.BinaryCrossentropy,
    losses.CategoricalCrossentropy,
    losses.SparseCategoricalCrossentropy,
]
ALL = [*CROSSENTROPIES, losses.MeanSquaredError]
REDUCTIONS = ["sum_over_batch_size", "sum", "mean_with_sample_weight", "none"]
modest = settings(max_examples=40, deadline=None)


def make_batch(cls, shape, seed, from_logits, dtype="float64"):
    """Predictions that no clip touches, and targets for them."""
    rng = np.random.default_rng(seed)
    y_pred = rng.normal(size=shape)
    if cls in CROSSENTROPIES and not from_logits:
        y_pred = np.exp(y_pred) / np.exp(y_pred).sum(axis=-1, keepdims=True)
        y_pred = np.clip(y_pred, 0.05, 0.95)
    if cls is losses.SparseCategoricalCrossentropy:
        y_true = rng.integers(0, shape[-1], shape[:-1])
    elif cls is losses.MeanSquaredError:
        y_true = rng.normal(size=shape)
    else:
        y_true = rng.uniform(0, 1, shape)
        if cls is losses.CategoricalCrossentropy:
            y_true = y_true / y_true.sum(axis=-1, keepdims=True)
    return y_true, y_pred.astype(dtype)


def make_loss(cls, from_logits=False, **options):
    if cls in CROSSENTROPIES:
        options["from_logits"] = from_logits
    return cls(**options)


def central_difference(function, point, step=1e-6):
    gradient = np.empty_like(point)
    for place in np.ndindex(point.shape):
        ends = []
        for sign in (1, -1):
            moved = point.copy()
            moved[place] += sign * step
            ends.append(function(moved))
        gradient[place] = (ends[0] - ends[1]) / (2 * step)
    return gradient


PROBABILITIES = np.float32([[0.2, 0.3, 0.5], [0.1, 0.8, 0.1]])
TARGETS = np.float32([[0, 0, 1], [0.5, 0.5, 0]])


# Gradients


@modest
@given(
    cls=st.sampled_from(ALL),
    shape=st.lists(st.integers(1, 4), min_size=1, max_size=3).flatmap(
        lambda rows: st.integers(2, 4).map(lambda classes: (*rows, classes))
    ),
    seed=st.integers(0, 99),
    from_logits=st.booleans(),
    reduction=st.sampled_from(REDUCTIONS),
    weighted=st.booleans(),
)
def test_the_gradient_is_a_central_difference_of_the_value(
    cls, shape, seed, from_logits, reduction, weighted
):
    y_true, y_pred = make_batch(cls, shape, seed, from_logits)
    loss = make_loss(cls, from_logits, dtype="float64", reduction=reduction)
    weight = np.random.default_rng(seed).uniform(0.5, 2, shape[0]) if weighted else None
    if weighted:
        weight = weight.reshape(-1, *[1] * (len(shape) - 2))
    _, gradient = value_and_gradient(loss, y_true, y_pred, weight)
    wanted = central_difference(lambda moved: np.sum(loss(y_true, moved, weight)), y_pred)
    # a step of 1e-6 leaves 1e-12 of curvature, and of a sum of up to 200 1e-8 of cancelled digits
    np.testing.assert_allclose(gradient, wanted, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("label_smoothing", [0.2, 1.0])
@pytest.mark.parametrize("from_logits", [False, True])
@pytest.mark.parametrize("cls", CROSSENTROPIES[:2])
def test_the_gradient_of_smoothed_targets_is_a_central_difference(
    cls, from_logits, label_smoothing
):
    y_true, y_pred = make_batch(cls, (3, 4), 0, from_logits)
    loss = make_loss(cls, from_logits, dtype="float64", label_smoothing=label_smoothing)
    _, gradient = value_and_gradient(loss, y_true, y_pred)
    wanted = central_difference(lambda moved: loss(y_true, moved), y_pred)
    np.testing.assert_allclose(gradient, wanted, rtol=1e-6, atol=1e-8)


# Values, dtypes and configurations


def test_known_values():
    half = np.float32([[0.5, 0.5]])
    log_2 = np.float32(np.log(2))
    assert losses.SparseCategoricalCrossentropy()([1], half) == log_2
    assert losses.CategoricalCrossentropy()([[0, 1]], half) == log_2
    assert losses.BinaryCrossentropy()([[0, 1]], half) == log_2
    assert losses.MeanSquaredError()([[1, 2]], np.float32([[0, 0]])) == 2.5
    assert losses.SparseCategoricalCrossentropy(from_logits=True)([0], half) == log_2


@pytest.mark.parametrize("from_logits", [False, True])
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("cls", ALL)
def test_one_dtype_throughout_and_no_input_is_written_to(cls, dtype, reduction, from_logits):
    y_true, y_pred = make_batch(cls, (4, 3), 0, from_logits, dtype)
    weight = np.ones(4)
    copies = [array.copy() for array in (y_true, y_pred, weight)]
    loss = make_loss(cls, from_logits, dtype=dtype, reduction=reduction)
    value, gradient = value_and_gradient(loss, y_true, y_pred, weight)
    assert value.dtype == gradient.dtype == loss(y_true, y_pred, weight).dtype == dtype
    assert gradient.shape == y_pred.shape
    for array, copy in zip((y_true, y_pred, weight), copies, strict=True):
        np.testing.assert_array_equal(array, copy)


@pytest.mark.parametrize("cls", ALL)
def test_floatx_is_the_dtype_of_a_loss_made_after_it(cls):
    config.set_floatx("float64")
    try:
        loss = cls()
    finally:
        config.set_floatx("float32")
    y_true, y_pred = make_batch(cls, (2, 3), 0, False, "float32")
    assert loss(y_true, y_pred).dtype == "float64"


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_squared_errors_of_whole_numbers_have_the_dtype_of_floatx(dtype: str) -> None:
    config.set_floatx(dtype)
    try:
        values = losses.mean_squared_error([[1, 2]], [[0, 0]])
    finally:
        config.set_floatx("float32")
    assert values.tolist() == [2.5]  # Keras's
    assert values.dtype == dtype


@pytest.mark.parametrize("cls", ALL)
def test_a_configuration_makes_an_equal_loss(cls):
    loss = make_loss(cls, True, reduction="sum", name="mine")
    assert type(loss).from_config(loss.get_config()).get_config() == loss.get_config()


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


# What is refused


@pytest.mark.parametrize(
    ("cls", "y_true", "y_pred"),
    [
        (losses.CategoricalCrossentropy, (3,), (3, 4)),
        (losses.CategoricalCrossentropy, (3, 2), (3, 4)),
        (losses.BinaryCrossentropy, (3, 2), (3, 4)),
        (losses.SparseCategoricalCrossentropy, (3, 2), (3, 4)),
        (losses.SparseCategoricalCrossentropy, (2,), (3, 4)),
        (losses.MeanSquaredError, (3, 4), (3, 1)),
        (losses.MeanSquaredError, (3,), (3, 4)),
        (losses.MeanSquaredError, (3, 2), (3, 4)),
    ],
)
def test_shapes_that_do_not_belong_together_are_named(cls, y_true, y_pred):
    with pytest.raises(ValueError, match="shape") as error:
        cls()(np.zeros(y_true), np.full(y_pred, 0.5))
    with pytest.raises(ValueError, match="shape"):  # what `fit` asks before its first step
        cls().check(np.zeros(y_true), np.full(y_pred, 0.5))
    assert str(y_true) in str(error.value)
    assert str(y_pred) in str(error.value)


BOTH_SHAPES = (
    r"^`y_true` and `y_pred` must have the same shape\. "
    r"Received: y_true of shape \(2, 2\), y_pred of shape \(2, 3\)\.$"
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


@pytest.mark.parametrize("kind", ["complex64", "U1", "O"])
def test_only_real_numbers_are_taken(kind):
    bad, good = np.zeros((2, 1)).astype(kind), np.zeros((2, 1))
    for arguments in [(bad, good), (good, bad), (good, good, bad)]:
        with pytest.raises(ValueError, match="real numbers"):
            losses.MeanSquaredError()(*arguments)


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


@pytest.mark.parametrize("weight_shape", [(2,), (3, 2), (4, 3), (1, 3, 1)])
def test_a_weight_that_does_not_fit_the_values_is_named(weight_shape):
    with pytest.raises(ValueError, match=r"sample_weight.*shape"):
        losses.MeanSquaredError()(np.zeros((3, 2)), np.zeros((3, 2)), np.ones(weight_shape))


@pytest.mark.parametrize(
    ("make", "error", "word"),
    [
        (lambda: losses.MeanSquaredError("nope"), ValueError, "reduction"),
        (lambda: losses.MeanSquaredError(dtype="int32"), ValueError, "dtype"),
        (lambda: losses.BinaryCrossentropy(from_logits="no"), ValueError, "from_logits"),
        (lambda: losses.BinaryCrossentropy(label_smoothing=2.0), ValueError, "label_smoothing"),
        (lambda: losses.CategoricalCrossentropy(label_smoothing=-0.1), ValueError, "smoothing"),
        (lambda: losses.CategoricalCrossentropy(label_smoothing=np.nan), ValueError, "smoothing"),
        (lambda: losses.CategoricalCrossentropy(label_smoothing="a"), TypeError, "smoothing"),
        (lambda: losses.CategoricalCrossentropy(axis=1), ValueError, "axis"),
        (
            lambda: losses.SparseCategoricalCrossentropy(ignore_class=0),
            NotImplementedError,
            "ignore_class",
        ),
    ],
)
def test_an_argument_without_meaning_is_refused_and_named(make, error, word):
    with pytest.raises(error, match=word):
        make()
