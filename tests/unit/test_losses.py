"""Losses by themselves: known values, gradients against central differences, and refusals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidense import config, losses
from minidense.losses import crossentropy
from minidense.losses.loss import Loss, LossFunctionWrapper, to_same_rank

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
    _, gradient = loss.value_and_gradient(y_true, y_pred, weight)
    wanted = central_difference(lambda moved: np.sum(loss(y_true, moved, weight)), y_pred)
    # a step of 1e-6 leaves 1e-12 of curvature and 1e-10 of cancelled digits
    np.testing.assert_allclose(gradient, wanted, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("label_smoothing", [0.2, 1.0])
@pytest.mark.parametrize("from_logits", [False, True])
@pytest.mark.parametrize("cls", CROSSENTROPIES[:2])
def test_the_gradient_of_smoothed_targets_is_a_central_difference(
    cls, from_logits, label_smoothing
):
    y_true, y_pred = make_batch(cls, (3, 4), 0, from_logits)
    loss = make_loss(cls, from_logits, dtype="float64", label_smoothing=label_smoothing)
    _, gradient = loss.value_and_gradient(y_true, y_pred)
    wanted = central_difference(lambda moved: loss(y_true, moved), y_pred)
    np.testing.assert_allclose(gradient, wanted, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("cls", CROSSENTROPIES)
def test_where_the_clip_bites_the_gradient_is_0(cls):
    y_pred = np.float32([[0.0, 1.0]])
    y_true = np.array([0]) if cls is losses.SparseCategoricalCrossentropy else np.eye(2)[:1]
    _, gradient = cls().value_and_gradient(y_true, y_pred)
    np.testing.assert_array_equal(gradient, 0)


# Values


def test_known_values():
    half = np.float32([[0.5, 0.5]])
    log_2 = np.float32(np.log(2))
    assert losses.SparseCategoricalCrossentropy()([1], half) == log_2
    assert losses.CategoricalCrossentropy()([[0, 1]], half) == log_2
    assert losses.BinaryCrossentropy()([[0, 1]], half) == log_2
    assert losses.MeanSquaredError()([[1, 2]], np.float32([[0, 0]])) == 2.5
    assert losses.SparseCategoricalCrossentropy(from_logits=True)([0], half) == log_2


@pytest.mark.parametrize("cls", CROSSENTROPIES)
def test_a_call_clips_and_on_logits_does_not(cls):
    labels = np.array([0]) if cls is losses.SparseCategoricalCrossentropy else np.eye(2)[:1]
    clipped = cls()(labels, np.float32([[0.0, 1.0]]))
    assert 14 < clipped < 18  # -log(1e-7) is 16.1
    loss = cls()
    unclipped = loss.on_logits()(labels, np.float32([[-100.0, 100.0]]))
    assert unclipped >= 100
    assert loss.from_logits is False
    assert loss.on_logits().get_config() == {**loss.get_config(), "from_logits": True}


@pytest.mark.parametrize("cls", CROSSENTROPIES)
def test_huge_logits_neither_overflow_nor_warn(cls):
    y_pred = np.float32([[1e38, -1e38], [-1e4, 1e4]])
    y_true = np.array([0, 1]) if cls is losses.SparseCategoricalCrossentropy else np.eye(2)
    value, gradient = cls(from_logits=True).value_and_gradient(y_true, y_pred)
    assert value == 0
    assert np.isfinite(gradient).all()


def test_reductions_differ_by_their_divisor_only():
    y_true, y_pred = np.zeros((3, 2), "float32"), np.ones((3, 2), "float32")
    weight = np.float32([1, 2, 3])
    found = {name: losses.MeanSquaredError(name)(y_true, y_pred, weight) for name in REDUCTIONS}
    np.testing.assert_array_equal(found["none"], [1, 2, 3])
    assert found["sum"] == 6
    assert found["sum_over_batch_size"] == 2
    assert found["mean_with_sample_weight"] == 1


def test_a_stretched_weight_counts_once_in_the_divisor_as_in_keras():
    loss = losses.MeanSquaredError("mean_with_sample_weight")
    assert loss(np.zeros((3, 2)), np.ones((3, 2)), 2.0) == 3


def test_a_column_of_weights_gives_a_column_of_values_as_in_keras():
    loss = losses.MeanSquaredError("none")
    y_true, y_pred = np.zeros((3, 2), "float32"), np.ones((3, 2), "float32")
    assert loss(y_true, y_pred, np.ones((3, 1))).shape == (3, 1)
    assert loss(y_true, y_pred, np.ones(3)).shape == (3,)


@pytest.mark.parametrize("reduction", REDUCTIONS[:3])
def test_no_rows_or_no_weight_give_0_and_no_nan(reduction):
    loss = losses.MeanSquaredError(reduction)
    assert loss(np.zeros((0, 2)), np.zeros((0, 2))) == 0
    value, gradient = loss.value_and_gradient(np.ones((2, 2)), np.zeros((2, 2)), np.zeros(2))
    assert value == 0
    np.testing.assert_array_equal(gradient, 0)


# What every loss promises


@pytest.mark.parametrize("from_logits", [False, True])
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("cls", ALL)
def test_one_dtype_throughout_and_no_input_is_written_to(cls, dtype, reduction, from_logits):
    y_true, y_pred = make_batch(cls, (4, 3), 0, from_logits, dtype)
    weight = np.ones(4)
    copies = [array.copy() for array in (y_true, y_pred, weight)]
    loss = make_loss(cls, from_logits, dtype=dtype, reduction=reduction)
    value, gradient = loss.value_and_gradient(y_true, y_pred, weight)
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


@pytest.mark.parametrize("cls", ALL)
def test_a_configuration_makes_an_equal_loss(cls):
    loss = make_loss(cls, True, reduction="sum", name="mine")
    assert type(loss).from_config(loss.get_config()).get_config() == loss.get_config()


# Names


def test_get_knows_names_classes_objects_and_functions():
    loss = losses.MeanSquaredError()
    assert losses.get(None) is None
    assert losses.get(loss) is loss
    assert isinstance(losses.get(losses.MeanSquaredError), losses.MeanSquaredError)
    assert losses.get("bce") is losses.binary_crossentropy
    assert losses.get(abs) is abs


@pytest.mark.parametrize("identifier", ["nope", 5, ["mse"]])
def test_get_refuses_what_is_no_loss_and_lists_the_names(identifier):
    with pytest.raises(ValueError, match=r"loss identifier.*mean_squared_error") as error:
        losses.get(identifier)
    assert len(str(error.value)) <= 400


def test_as_loss_keeps_the_name_that_the_user_gave():
    assert losses.as_loss("mse").name == "mse"
    assert losses.as_loss("MeanSquaredError").name == "mean_squared_error"
    assert losses.as_loss(losses.mean_squared_error).name == "mean_squared_error"
    assert isinstance(losses.as_loss("mse"), losses.MeanSquaredError)

    def distance(y_true, y_pred):
        return abs(y_true - y_pred)[:, 0]

    loss = losses.as_loss(distance)
    assert loss.name == "distance"
    assert loss(np.float32([[1]]), np.float32([[3]])) == 2


def test_a_function_of_the_user_can_be_evaluated_but_not_trained_on():
    loss = LossFunctionWrapper(lambda y_true, y_pred, power: abs(y_true - y_pred) ** power, power=2)
    assert loss(np.float32([1, 2]), np.float32([1, 4])) == 2
    with pytest.raises(NotImplementedError, match="gradient is not known"):
        loss.value_and_gradient(np.ones((2, 1)), np.ones((2, 1)))


def test_a_users_loss_needs_a_call():
    with pytest.raises(NotImplementedError, match="Loss Loss needs a `call"):
        Loss()(np.ones((2, 1)), np.ones((2, 1)))


def test_to_same_rank_adds_or_drops_one_last_axis_of_1():
    for first, second, wanted in [
        ((3,), (3, 1), ((3, 1), (3, 1))),
        ((3, 1), (3,), ((3, 1), (3, 1))),
        ((3, 2), (3, 2, 1), ((3, 2), (3, 2))),
        ((3, 2, 1), (3, 2), ((3, 2), (3, 2))),
        ((3,), (3, 2), ((3,), (3, 2))),
        ((), (3, 1), ((), (3, 1))),
    ]:
        found = to_same_rank(np.zeros(first), np.zeros(second))
        assert tuple(array.shape for array in found) == wanted


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


@pytest.mark.parametrize(
    ("labels", "word"), [([0, 3], "label 3 at row 1"), ([-1, 0], "label -1 at row 0"),
                         ([0, np.nan], "NaN or infinity at row 1"), ([np.inf, 0], "row 0")]
)  # fmt: skip
def test_a_label_outside_the_classes_is_named_with_its_row(labels, word):
    for call in (losses.SparseCategoricalCrossentropy(), losses.sparse_categorical_crossentropy):
        with pytest.raises(ValueError, match=f"from 0 to 2.*{word}"):
            call(np.array(labels), np.full((2, 3), 1 / 3))


@pytest.mark.parametrize("target", [-0.1, 1.5, np.nan])
def test_a_binary_target_outside_0_and_1_is_named_with_its_row(target):
    with pytest.raises(ValueError, match=r"\[0, 1\].*at row 1"):
        losses.BinaryCrossentropy()(np.array([[0.0], [target]]), np.full((2, 1), 0.5))


@pytest.mark.parametrize("kind", ["complex64", "U1", "O"])
def test_only_real_numbers_are_taken(kind):
    bad, good = np.zeros((2, 1)).astype(kind), np.zeros((2, 1))
    for arguments in [(bad, good), (good, bad), (good, good, bad)]:
        with pytest.raises(ValueError, match="real numbers"):
            losses.MeanSquaredError()(*arguments)


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


def test_smoothing_spreads_a_share_and_keeps_the_sum():
    smoothed = crossentropy.smooth(np.eye(4, dtype="float32"), 0.2, 4)
    assert smoothed.dtype == "float32"
    np.testing.assert_allclose(smoothed.sum(axis=-1), 1, rtol=1e-6)
    assert smoothed[0, 1] == np.float32(0.2 / 4)
    targets = np.eye(4)
    assert crossentropy.smooth(targets, 0.0, 4) is targets


@pytest.mark.parametrize("from_logits", [True, False])
@pytest.mark.parametrize("shape", [(5, 3), (4, 16), (2, 3, 10)])
def test_the_gradient_is_the_same_however_the_predictions_lie_in_memory(shape, from_logits):
    random = np.random.default_rng(0)
    y_pred = random.random(shape).astype("float32")
    if not from_logits:
        y_pred /= y_pred.sum(axis=-1, keepdims=True)
    labels = random.integers(0, shape[-1], shape[:-1])
    loss = losses.SparseCategoricalCrossentropy(from_logits=from_logits)
    expected = loss.value_and_gradient(labels, y_pred)
    column_by_column = np.asfortranarray(y_pred)
    every_second = np.repeat(y_pred, 2, axis=-1)[..., ::2]
    for same in (column_by_column, every_second):
        value, gradient = loss.value_and_gradient(labels, same)
        assert value == expected[0]
        assert np.array_equal(gradient, expected[1])


@pytest.mark.parametrize("classes", [2, 8, 10, 16, 31, 32, 33])
@pytest.mark.parametrize("shape", [(0,), (2, 0, 3)])
def test_the_loss_of_no_rows_is_zero_for_any_number_of_classes(shape, classes):
    nothing = np.zeros((*shape, classes), "float32")
    for loss, y_true in [
        (losses.CategoricalCrossentropy(from_logits=True), nothing),
        (losses.SparseCategoricalCrossentropy(from_logits=True), np.zeros(shape, int)),
    ]:
        assert loss(y_true, nothing) == 0
        assert loss.value_and_gradient(y_true, nothing)[1].shape == nothing.shape
