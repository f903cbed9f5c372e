"""Metrics against live Keras: every value bit for bit, over many batches too."""

import itertools

import keras
import numpy as np
import pytest

from minidense import metrics
from minidense.metrics import accuracy
from tests import record

ACCURACIES = ["Accuracy", "BinaryAccuracy", "CategoricalAccuracy", "SparseCategoricalAccuracy"]
FUNCTIONS = ["binary_accuracy", "categorical_accuracy", "sparse_categorical_accuracy"]


def both(class_name, **options):
    return getattr(metrics, class_name)(**options), getattr(keras.metrics, class_name)(**options)


def assert_same_bits(what, found, wanted):
    record.same(f"metrics: {what}", np.asarray(wanted), np.asarray(found))


def assert_close(what, found, wanted):
    """Thirds round, and sums are added in another order."""
    record.close(f"metrics: {what}", np.asarray(wanted), np.asarray(found), rtol=3e-7)


def update(ours, theirs, *arguments, **options):
    ours.update_state(*arguments, **options)
    theirs.update_state(*arguments, **options)


def make_pair(class_name, shape, rng):
    """Targets and predictions with ties and repeated numbers."""
    y_pred = rng.integers(0, 4, shape).astype("float32") / 4
    if class_name == "SparseCategoricalAccuracy":
        return rng.integers(0, shape[-1], shape[:-1]), y_pred
    if class_name == "CategoricalAccuracy":
        return np.eye(shape[-1], dtype="float32")[rng.integers(0, shape[-1], shape[:-1])], y_pred
    if class_name == "BinaryAccuracy":
        return rng.integers(0, 2, shape).astype("float32"), y_pred
    return rng.integers(0, 4, shape).astype("float32") / 4, y_pred


# Mean


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_mean_over_many_batches_is_keras_mean_bit_for_bit(dtype):
    rng = np.random.default_rng(0)
    ours, theirs = both("Mean", dtype=dtype)
    for _ in range(300):
        value, weight = np.float32(rng.normal()), int(rng.integers(1, 40))
        update(ours, theirs, value, sample_weight=weight)
        assert_same_bits("Mean", ours.result(), theirs.result())


@pytest.mark.parametrize(
    ("values", "weights"),
    [
        ((), None), ((), ()), ((5,), None), ((5,), ()), ((5,), (5,)), ((5,), (5, 1)),
        ((5, 1), (5,)),
        ((5, 3), None), ((5, 3), ()), ((5, 3), (5,)), ((5, 3), (5, 1)), ((5, 3), (5, 3)),
        ((5, 3), (1, 3)), ((4, 2, 3), None), ((4, 2, 3), (4,)), ((4, 2, 3), (4, 2)),
        ((4, 2, 3), (4, 2, 3)), ((4, 2, 3), (4, 1, 1)), ((0,), None), ((1,), None),
    ],
    ids=str,
)  # fmt: skip
def test_a_mean_reduces_values_and_weights_of_these_shapes_as_keras_does(values, weights):
    rng = np.random.default_rng(1)
    ours, theirs = both("Mean")
    for _ in range(3):
        # multiples of 1/8 add up exactly, so the order of a sum cannot matter
        data = (rng.integers(-40, 40, values) / 8).astype("float32")
        options = {}
        if weights is not None:
            options["sample_weight"] = (rng.integers(0, 16, weights) / 8).astype("float32")
        update(ours, theirs, data, **options)
    assert_close("Mean of thirds", ours.result(), theirs.result())
    assert_same_bits("Mean", ours.count, theirs.count)


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0])
def test_nan_infinity_and_nothing_counted_give_keras_result(value):
    ours, theirs = both("Mean")
    assert_same_bits("Mean", ours.result(), theirs.result())
    update(ours, theirs, np.float32(value))
    assert_same_bits("Mean", ours.result(), theirs.result())
    update(ours, theirs, np.float32(1.0), sample_weight=0.0)
    assert_same_bits("Mean", ours.result(), theirs.result())
    for metric in (ours, theirs):
        metric.reset_state()
    assert_same_bits("Mean", ours.result(), theirs.result())


def test_weights_that_sum_to_0_give_0():
    ours, theirs = both("Mean")
    update(ours, theirs, np.float32([3.0, 4.0]), sample_weight=np.float32([0.0, 0.0]))
    assert_same_bits("Mean", ours.result(), theirs.result())
    assert ours.result() == 0


# Accuracies


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("shape", [(6, 3), (1, 2), (4, 2, 3), (2, 3, 2, 2)], ids=str)
@pytest.mark.parametrize("class_name", ACCURACIES)
def test_accuracy_over_batches_with_ties_is_that_of_keras(class_name, shape, weighted):
    rng = np.random.default_rng(2)
    ours, theirs = both(class_name)
    for _ in range(5):
        y_true, y_pred = make_pair(class_name, shape, rng)
        options = {}
        if weighted:
            options["sample_weight"] = (rng.integers(0, 16, shape[:1]) / 8).astype("float32")
        update(ours, theirs, y_true, y_pred, **options)
    assert_close(f"{class_name} of thirds", ours.result(), theirs.result())
    assert_same_bits(class_name, ours.count, theirs.count)


@pytest.mark.parametrize(
    ("class_name", "y_true", "y_pred"),
    [
        ("BinaryAccuracy", (5,), (5, 1)),
        ("BinaryAccuracy", (5, 1), (5,)),
        ("Accuracy", (5,), (5, 1)),
        ("Accuracy", (5, 1), (5,)),
        ("SparseCategoricalAccuracy", (5, 1), (5, 3)),
        ("SparseCategoricalAccuracy", (5, 2, 1), (5, 2, 3)),
    ],
)
def test_an_axis_of_1_more_or_less_is_taken_as_keras_takes_it(class_name, y_true, y_pred):
    rng = np.random.default_rng(3)
    ours, theirs = both(class_name)
    update(
        ours,
        theirs,
        rng.integers(0, 2, y_true).astype("float32"),
        rng.integers(0, 2, y_pred).astype("float32"),
    )
    assert_same_bits(class_name, ours.result(), theirs.result())
    assert_same_bits(class_name, ours.count, theirs.count)


@pytest.mark.parametrize(
    "y_pred", list(itertools.product([0.0, 0.5, np.nan, np.inf, -np.inf], repeat=3)), ids=str
)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_tie_or_a_nan_has_its_argmax_where_tensorflow_has_it(function, y_pred):
    y_pred = np.float32([y_pred])
    for label in range(3):
        y_true = np.eye(3, dtype="float32")[[label]]
        if function.startswith("sparse"):
            y_true = np.array([label])
        found = getattr(metrics, function)(y_true, y_pred)
        assert_same_bits(function, found, getattr(keras.metrics, function)(y_true, y_pred))


@pytest.mark.parametrize("threshold", [0.0, 0.1, 0.3, 0.5, 0.7, 1.0])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_binary_accuracy_counts_what_lies_above_the_threshold(threshold, dtype):
    y_pred = np.array([[0.0, 0.1, 0.3, 0.5, 0.7, 1.0, np.nan]], "float32")
    y_pred = np.concatenate([y_pred, np.nextafter(y_pred[:, 1:], np.float32(2))], axis=1)
    y_true = np.ones_like(y_pred)
    ours, theirs = both("BinaryAccuracy", threshold=threshold, dtype=dtype)
    update(ours, theirs, y_true, y_pred)
    assert_same_bits("BinaryAccuracy", ours.result(), theirs.result())
    found = metrics.binary_accuracy(y_true, y_pred, threshold)
    wanted = keras.metrics.binary_accuracy(y_true, y_pred, threshold)
    assert_same_bits("binary_accuracy", found, wanted)


def test_mean_squared_error_as_a_metric_is_that_of_keras():
    rng = np.random.default_rng(4)
    ours, theirs = both("MeanSquaredError")
    for _ in range(20):
        y_true, y_pred = (rng.normal(size=(8, 3)).astype("float32") for _ in range(2))
        update(ours, theirs, y_true, y_pred)
    assert_close("MeanSquaredError", ours.result(), theirs.result())


# What "accuracy" means


class _Shaped:
    """What Keras's resolution looks at."""

    def __init__(self, shape):
        self.shape = shape


@pytest.mark.parametrize(
    ("y_true", "y_pred"),
    [
        (true[:rank] if rank is not None else true, pred)
        for pred in [(8, 1), (8, 2), (8, 10), (8, 4, 1), (8, 4, 3)]
        for true, rank in [
            ((8,), None), ((8, 1), None), ((8, 2), None), ((8, 10), None), ((8, 4), None),
            ((8, 4, 1), None), ((8, 4, 3), None),
        ]
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("identifier", ["accuracy", "acc", "Accuracy", "ACC"])
def test_accuracy_means_what_keras_takes_it_for_whatever_the_shapes(identifier, y_true, y_pred):
    from keras.src.trainers.compile_utils import get_metric

    wanted = get_metric(identifier, _Shaped(y_true), _Shaped(y_pred))
    found = accuracy.for_shapes(identifier, y_true, y_pred)
    assert type(found).__name__ == type(wanted).__name__
    assert found.name == wanted.name


@pytest.mark.parametrize(
    "identifier",
    ["mse", "MSE", "mean_squared_error", "MeanSquaredError", "binary_accuracy", "BinaryAccuracy",
     "categorical_accuracy", "CategoricalAccuracy", "sparse_categorical_accuracy",
     "SparseCategoricalAccuracy", "accuracy", "Accuracy", "mean", "Mean"],
)  # fmt: skip
def test_a_name_means_what_it_means_in_keras(identifier):
    found, wanted = metrics.get(identifier), keras.metrics.get(identifier)
    assert type(found).__name__ == type(wanted).__name__
    assert found.name == wanted.name
    assert found.dtype == wanted.dtype
    record.same("metrics: get_config", wanted.get_config(), found.get_config())


def test_a_metric_without_a_name_has_keras_automatic_one():
    def distance(y_true, y_pred):
        return abs(y_true - y_pred)

    for library in (metrics, keras.metrics):
        assert library.MeanMetricWrapper(distance).name.startswith("mean_metric_wrapper")
        assert library.MeanMetricWrapper(distance, name="far").name == "far"


def test_a_function_of_the_user_is_averaged_as_in_keras():
    def distance(y_true, y_pred, power):
        return abs(y_true - y_pred) ** power

    ours, theirs = both("MeanMetricWrapper", fn=distance, power=2)
    y_true, y_pred = np.float32([[1.0, 2.0], [3.0, 5.0]]), np.float32([[1.5, 2.0], [2.0, 8.0]])
    update(ours, theirs, y_true, y_pred)
    update(ours, theirs, y_true, y_pred, sample_weight=np.float32([1.0, 0.25]))
    assert_same_bits("MeanMetricWrapper", ours.result(), theirs.result())
