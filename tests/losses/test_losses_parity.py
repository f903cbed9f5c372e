"""Losses and their gradients against live Keras."""

import re

import keras
import numpy as np
import pytest

from minidense import activations, losses
from tests import expected, record
from tests.losses.gradients import value_and_gradient
from tests.vjp import vjp

# exp and log of NumPy and TensorFlow differ by an ulp, and sums by their order. Measured over all
# cases below: at most 1.9e-7 of the largest number (float32), 3.3e-16 (float64).
TOLERANCE = {"float32": 1e-6, "float64": 2e-15}
CROSSENTROPIES = ["BinaryCrossentropy", "CategoricalCrossentropy", "SparseCategoricalCrossentropy"]
NAMES = [*CROSSENTROPIES, "MeanSquaredError"]
REDUCTIONS = ["sum_over_batch_size", "mean", "sum", "mean_with_sample_weight", "none", None]
SHAPES = [(5, 4), (1, 2), (3, 2, 4), (2, 3, 2, 3)]


def make_targets(name, shape, rng, dtype="float32"):
    if name == "SparseCategoricalCrossentropy":
        return rng.integers(0, shape[-1], shape[:-1])
    if name == "CategoricalCrossentropy":
        return np.eye(shape[-1], dtype=dtype)[rng.integers(0, shape[-1], shape[:-1])]
    if name == "BinaryCrossentropy":
        return rng.integers(0, 2, shape).astype(dtype)
    return rng.normal(size=shape).astype(dtype)


def make_predictions(name, shape, rng, from_logits, dtype="float32"):
    logits = rng.normal(size=shape) * 3
    if from_logits or name == "MeanSquaredError":
        return logits.astype(dtype)
    if name == "BinaryCrossentropy":
        return (1 / (1 + np.exp(-logits))).astype(dtype)
    shares = np.exp(logits)
    return (shares / shares.sum(axis=-1, keepdims=True)).astype(dtype)


def both(name, **options):
    return getattr(losses, name)(**options), getattr(keras.losses, name)(**options)


def gradients(ours, theirs, y_true, y_pred, sample_weight=None):
    """The loss and its gradient from both; a loss of several values is summed, as the tape does."""
    value, gradient = value_and_gradient(ours, y_true, y_pred, sample_weight)
    wanted, [wanted_gradient], _ = vjp(
        lambda predictions: theirs(y_true, predictions, sample_weight), [y_pred]
    )
    return value, gradient, wanted, wanted_gradient


def assert_close(feature, found, wanted, dtype):
    wanted, found = np.asarray(wanted), np.asarray(found)
    assert found.dtype == dtype  # and `record.close` asks Keras for the same one
    finite = np.abs(wanted[np.isfinite(wanted)])
    scale = float(max(finite.max(initial=0.0), np.finfo(dtype).tiny))
    record.close(f"losses: {feature}", wanted, found, rtol=0, atol=TOLERANCE[dtype] * scale)


def assert_same_value_and_gradient(ours, theirs, y_true, y_pred, sample_weight=None):
    dtype = str(y_pred.dtype)
    value, gradient, keras_value, tape_gradient = gradients(
        ours, theirs, y_true, y_pred, sample_weight
    )
    name = type(ours).__name__
    assert_close(name, ours(y_true, y_pred, sample_weight), keras_value, dtype)
    assert_close(name, value, keras_value, dtype)
    assert_close(f"gradient of {name}", gradient, tape_gradient, dtype)


# Values and gradients


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("from_logits", [False, True])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_value_and_gradient_are_those_of_keras(name, shape, from_logits, dtype):
    rng = np.random.default_rng(len(shape))
    options = {"dtype": dtype}
    if name in CROSSENTROPIES:
        options["from_logits"] = from_logits
    elif from_logits:
        return
    ours, theirs = both(name, **options)
    y_true = make_targets(name, shape, rng, dtype)
    y_pred = make_predictions(name, shape, rng, from_logits, dtype)
    assert_same_value_and_gradient(ours, theirs, y_true, y_pred)


@pytest.mark.parametrize("weights", ["none", "rows", "column", "scalar", "zeros"])
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("name", NAMES)
def test_every_reduction_with_every_kind_of_weight_is_that_of_keras(name, reduction, weights):
    rng = np.random.default_rng(2)
    ours, theirs = both(name, reduction=reduction)
    y_true = make_targets(name, (6, 3), rng)
    y_pred = make_predictions(name, (6, 3), rng, from_logits=False)
    rows = rng.uniform(0, 3, 6).astype("float32")
    sample_weight = {
        "none": None,
        "rows": rows,
        "column": rows[:, None],
        "scalar": np.float32(2.5),
        "zeros": np.zeros(6, "float32"),
    }[weights]
    assert_same_value_and_gradient(ours, theirs, y_true, y_pred, sample_weight)


@pytest.mark.parametrize("weight_shape", [(3, 2), (3, 2, 1), (3, 1), (1, 2)], ids=str)
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("name", NAMES)
def test_on_rank_3_a_weight_may_be_one_for_each_value(name, reduction, weight_shape):
    rng = np.random.default_rng(3)
    ours, theirs = both(name, reduction=reduction)
    y_true = make_targets(name, (3, 2, 4), rng)
    y_pred = make_predictions(name, (3, 2, 4), rng, from_logits=False)
    sample_weight = rng.uniform(0, 3, weight_shape).astype("float32")
    assert_same_value_and_gradient(ours, theirs, y_true, y_pred, sample_weight)


@pytest.mark.parametrize("weight_shape", [(), (1,), (3, 1), (1, 2)], ids=str)
def test_a_stretched_weight_divides_by_the_sum_that_keras_takes(weight_shape):
    rng = np.random.default_rng(4)
    ours, theirs = both("MeanSquaredError", reduction="mean_with_sample_weight")
    y_true, y_pred = (rng.normal(size=(3, 2, 4)).astype("float32") for _ in range(2))
    sample_weight = rng.uniform(1, 3, weight_shape).astype("float32")
    assert_same_value_and_gradient(ours, theirs, y_true, y_pred, sample_weight)


@pytest.mark.parametrize("from_logits", [False, True])
@pytest.mark.parametrize("label_smoothing", [0.0, 0.1, 0.3, 1.0])
@pytest.mark.parametrize("name", ["BinaryCrossentropy", "CategoricalCrossentropy"])
def test_label_smoothing_moves_targets_as_in_keras(name, label_smoothing, from_logits):
    rng = np.random.default_rng(5)
    ours, theirs = both(name, label_smoothing=label_smoothing, from_logits=from_logits)
    y_true = make_targets(name, (6, 4), rng)
    y_pred = make_predictions(name, (6, 4), rng, from_logits)
    assert_same_value_and_gradient(ours, theirs, y_true, y_pred)


@pytest.mark.parametrize("from_logits", [False, True])
@pytest.mark.parametrize(
    ("name", "true_shape", "pred_shape"),
    [
        ("MeanSquaredError", (4,), (4, 1)),
        ("MeanSquaredError", (4, 1), (4,)),
        ("MeanSquaredError", (4, 3, 1), (4, 3)),
        ("MeanSquaredError", (4, 3), (4, 3, 1)),
        ("BinaryCrossentropy", (4,), (4, 1)),
        ("BinaryCrossentropy", (4, 1), (4,)),
        ("SparseCategoricalCrossentropy", (4, 1), (4, 3)),
        ("SparseCategoricalCrossentropy", (4, 2, 1), (4, 2, 3)),
    ],
)
def test_an_axis_of_1_more_or_less_is_taken_as_keras_takes_it(
    name, true_shape, pred_shape, from_logits
):
    rng = np.random.default_rng(6)
    ours, theirs = both(name, **({"from_logits": from_logits} if name in CROSSENTROPIES else {}))
    y_true = rng.integers(0, 2, true_shape).astype("float32")
    y_pred = make_predictions(name, pred_shape, rng, from_logits)
    assert_same_value_and_gradient(ours, theirs, y_true, y_pred)


# The functions


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("from_logits", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_a_function_returns_one_value_for_each_sample(name, from_logits, shape):
    rng = np.random.default_rng(7)
    function = {
        "BinaryCrossentropy": "binary_crossentropy",
        "CategoricalCrossentropy": "categorical_crossentropy",
        "SparseCategoricalCrossentropy": "sparse_categorical_crossentropy",
        "MeanSquaredError": "mean_squared_error",
    }[name]
    options = {"from_logits": from_logits} if name in CROSSENTROPIES else {}
    if name in ["BinaryCrossentropy", "CategoricalCrossentropy"]:
        options["label_smoothing"] = 0.2
    y_true = make_targets(name, shape, rng)
    y_pred = make_predictions(name, shape, rng, from_logits)
    found = getattr(losses, function)(y_true, y_pred, **options)
    wanted = getattr(keras.losses, function)(y_true, y_pred, **options)
    assert_close(function, found, wanted, "float32")


# Hard inputs

HARD_PROBABILITIES = np.float32(
    [[0, 1, 0], [1, 0, 0], [1e-7, 1 - 1e-7, 0], [5e-8, 0.5, 0.5], [0.9999999, 0, 0], [1 / 3] * 3]
)
HARD_LOGITS = np.float32(
    [[0, 0, 0], [1000, -1000, 0], [1e30, 0, 0], [-1e30, 1e30, 88], [-104, -104, -104], [3, 3, -3]]
)


@pytest.mark.parametrize("label", [0, 1, 2])
@pytest.mark.parametrize("from_logits", [False, True])
@pytest.mark.parametrize("name", CROSSENTROPIES)
def test_probabilities_of_0_and_1_and_saturated_logits_give_keras_numbers(name, from_logits, label):
    y_pred = HARD_LOGITS if from_logits else HARD_PROBABILITIES
    labels = np.full(len(y_pred), label)
    y_true = labels if name.startswith("Sparse") else np.eye(3, dtype="float32")[labels]
    ours, theirs = both(name, from_logits=from_logits)
    for row in range(len(y_pred)):  # one by one: a large number in one row hides no other
        assert_same_value_and_gradient(ours, theirs, y_true[row : row + 1], y_pred[row : row + 1])


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("from_logits", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_nan_and_infinity_go_where_they_go_in_keras(name, from_logits, value):
    rng = np.random.default_rng(8)
    y_true = make_targets(name, (4, 3), rng)
    y_pred = make_predictions(name, (4, 3), rng, from_logits)
    y_pred[1, 2] = value
    options = {"from_logits": from_logits} if name in CROSSENTROPIES else {}
    ours, theirs = both(name, reduction="none", **options)
    with np.errstate(invalid="ignore", over="ignore"):
        assert_same_value_and_gradient(ours, theirs, y_true, y_pred)


@pytest.mark.parametrize("from_logits", [False, True])
def test_categorical_targets_that_do_not_sum_to_1_give_tensorflows_value_and_gradient(from_logits):
    rng = np.random.default_rng(9)
    ours, theirs = both("CategoricalCrossentropy", from_logits=from_logits)
    y_true = rng.uniform(0, 2, (5, 4)).astype("float32")
    y_pred = make_predictions("CategoricalCrossentropy", (5, 4), rng, from_logits)
    assert_same_value_and_gradient(ours, theirs, y_true, y_pred)


@pytest.mark.parametrize("name", ["CategoricalCrossentropy", "SparseCategoricalCrossentropy"])
def test_probabilities_that_do_not_sum_to_1_are_taken_as_keras_takes_them(name):
    rng = np.random.default_rng(10)
    ours, theirs = both(name)
    y_pred = rng.uniform(0.01, 0.99, (5, 4)).astype("float32")
    assert_same_value_and_gradient(ours, theirs, make_targets(name, (5, 4), rng), y_pred)


def test_targets_in_other_dtypes_are_cast_as_keras_casts_them():
    y_pred = np.float32([[0.2, 0.8], [0.6, 0.4]])
    for name, y_true in [
        ("SparseCategoricalCrossentropy", np.float64([1.0, 0.0])),
        ("SparseCategoricalCrossentropy", np.uint8([1, 0])),
        ("SparseCategoricalCrossentropy", np.array([True, False])),
        ("CategoricalCrossentropy", np.array([[0, 1], [1, 0]])),
        ("BinaryCrossentropy", np.array([[False, True], [True, False]])),
        ("MeanSquaredError", np.array([[3, 1], [1, -3]])),
    ]:
        assert_same_value_and_gradient(*both(name), y_true, y_pred)


@pytest.mark.parametrize("name", NAMES)
def test_predictions_in_another_dtype_are_cast_to_the_losss_own(name):
    rng = np.random.default_rng(11)
    ours, theirs = both(name)
    y_true = make_targets(name, (5, 3), rng)
    y_pred = make_predictions(name, (5, 3), rng, False, "float64")
    assert_close(name, ours(y_true, y_pred), theirs(y_true, y_pred), "float32")


@pytest.mark.parametrize("name", ["CategoricalCrossentropy", "SparseCategoricalCrossentropy"])
def test_a_loss_of_what_a_softmax_gave_is_that_of_its_logits_eagerly_and_in_a_graph(name):
    y_pred = HARD_LOGITS[[0, 1, 5]]
    y_true = np.eye(3, dtype="float32")[[1, 1, 2]]
    if name.startswith("Sparse"):
        y_true = y_true.argmax(axis=-1)
    ours, theirs = both(name)
    if expected.backend() != "tensorflow":
        pytest.skip("only TensorFlow's tensors remember logits")
    import tensorflow as tf

    found = ours(y_true, activations.softmax(y_pred))
    eagerly = theirs(y_true, keras.activations.softmax(y_pred))

    @tf.function
    def in_a_graph(logits):
        return theirs(y_true, tf.nn.softmax(logits))

    for wanted in (eagerly, in_a_graph(tf.constant(y_pred))):
        assert_close(f"{name} behind a softmax", found, wanted, "float32")


def test_epsilon_is_the_clip_of_both():
    import minidense

    y_true, y_pred = np.array([1]), np.float32([[1.0, 0.0]])
    ours, theirs = both("SparseCategoricalCrossentropy")
    before = minidense.config.epsilon()
    try:
        for library in (minidense, keras):
            library.config.set_epsilon(1e-3)
        assert_same_value_and_gradient(ours, theirs, y_true, y_pred)
        assert float(ours(y_true, y_pred)) == pytest.approx(-np.log(1e-3 / (1 - 1e-3 + 1e-3)))
    finally:
        for library in (minidense, keras):
            library.config.set_epsilon(before)


# Names and configurations


@pytest.mark.parametrize("name", NAMES)
def test_a_configuration_has_keras_keys_and_values(name):
    ours, theirs = both(name)
    record.same("losses: get_config", theirs.get_config(), ours.get_config())
    options = {"reduction": "sum"}
    if name in CROSSENTROPIES:
        options["from_logits"] = True
    ours, theirs = both(name, **options)
    record.same("losses: get_config", theirs.get_config(), ours.get_config())
    assert type(ours).from_config(ours.get_config()).get_config() == theirs.get_config()


@pytest.mark.parametrize(
    "identifier",
    ["mse", "MSE", "mean_squared_error", "MeanSquaredError", "bce", "BCE", "binary_crossentropy",
     "BinaryCrossentropy", "categorical_crossentropy", "CategoricalCrossentropy",
     "sparse_categorical_crossentropy", "SparseCategoricalCrossentropy"],
)  # fmt: skip
def test_a_name_means_what_it_means_in_keras(identifier):
    found, wanted = losses.get(identifier), keras.losses.get(identifier)
    if isinstance(wanted, keras.losses.Loss):
        assert type(found).__name__ == type(wanted).__name__
        assert found.name == wanted.name
    else:
        assert found.__name__ == wanted.__name__


BAD_CALLS = [
    ("CategoricalCrossentropy", np.ones(3), np.ones((3, 4))),
    ("CategoricalCrossentropy", np.ones((3, 2)), np.ones((3, 4))),
    ("SparseCategoricalCrossentropy", np.zeros((3, 2)), np.ones((3, 4))),
    ("SparseCategoricalCrossentropy", np.zeros(2), np.ones((3, 4))),
    ("BinaryCrossentropy", np.zeros((3, 2)), np.ones((3, 4))),
    ("BinaryCrossentropy", np.zeros(2), np.ones((3, 1))),
]


@pytest.mark.parametrize(("name", "y_true", "y_pred"), BAD_CALLS)
def test_shapes_that_keras_refuses_are_refused_with_both_shapes_in_the_message(
    name, y_true, y_pred
):
    ours, theirs = both(name)
    with pytest.raises(ValueError, match="shape"):
        theirs(y_true, y_pred.astype("float32"))
    both_shapes = (
        rf"y_true of shape .*{len(y_true)}.* y_pred of shape {re.escape(str(y_pred.shape))}"
    )
    with pytest.raises(ValueError, match=both_shapes):
        ours(y_true, y_pred.astype("float32"))
