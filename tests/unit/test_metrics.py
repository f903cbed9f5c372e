"""Metrics by themselves: what is counted, in which dtype, and what a name stands for."""

import numpy as np
import pytest

from minidense import config, metrics
from minidense.metrics import accuracy


def test_a_mean_adds_in_float32_one_batch_after_the_other():
    values = np.random.default_rng(0).uniform(0, 1e4, 1000).astype("float32")
    mean, total = metrics.Mean(), np.float32(0)
    for value in values:
        mean.update_state(value)
        total += value
    assert mean.result() == total / np.float32(1000)
    assert mean.result().dtype == "float32"
    assert mean.result() != np.float32(values.astype("float64").mean())  # so the dtype matters


def test_a_mean_weighs_its_values():
    mean = metrics.Mean()
    mean.update_state([1.0, 3.0], sample_weight=[3.0, 1.0])
    assert (mean.total, mean.count) == (6, 4)
    mean.update_state(5.0, sample_weight=2)
    assert mean.result() == np.float32(16 / 6)
    mean.reset_state()
    mean.update_state(3.0, sample_weight=0.25)
    assert mean.result() == 3


def test_further_axes_are_averaged_before_they_are_weighed():
    mean = metrics.Mean()
    mean.update_state(np.float32([[1, 3], [5, 7]]), sample_weight=[1.0, 0.0])
    assert (mean.total, mean.count) == (2, 1)


def test_nothing_counted_is_0_and_reset_forgets():
    mean = metrics.Mean()
    assert mean.result() == 0
    mean.update_state(3.0)
    mean.reset_state()
    assert (mean.total, mean.count, mean.result()) == (0, 0, 0)


def test_nan_stays_nan():
    mean = metrics.Mean()
    mean.update_state([np.nan, 1.0])
    assert np.isnan(mean.result())


def test_the_dtype_is_floatx_unless_it_is_named():
    assert metrics.Mean().dtype == "float32"
    assert metrics.Mean(dtype="float64").result().dtype == "float64"
    config.set_floatx("float64")
    try:
        assert metrics.Mean().result().dtype == "float64"
    finally:
        config.set_floatx("float32")
    with pytest.raises(ValueError, match="dtype"):
        metrics.Mean(dtype="int32")


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (metrics.binary_accuracy([1, 0, 1], np.float32([0.6, 0.6, 0.5])), [1, 0, 0]),
        (metrics.binary_accuracy([[1], [0]], np.float32([0.3, 0.1]), 0.2), [[1], [1]]),
        (metrics.binary_accuracy([1, 0], np.array([True, True])), [1, 0]),  # True is 1 > 0.5
        (metrics.categorical_accuracy([[0, 1], [1, 0]], [[0.5, 0.5], [0.5, 0.5]]), [0, 1]),
        (metrics.categorical_accuracy([[0, 1]], [[np.nan, 0.5]]), [1]),
        (metrics.sparse_categorical_accuracy([0, 1], [[0.5, 0.5], [0.5, 0.5]]), [1, 0]),
        (metrics.sparse_categorical_accuracy([[0], [1]], [[np.nan, np.nan], [np.nan, 0]]), [1, 1]),
        (accuracy.accuracy([[1], [2]], [1, 3]), [[1], [0]]),
    ],
)  # fmt: skip
def test_the_first_of_equals_and_never_a_nan_is_the_largest(found, wanted):
    assert found.dtype == "float32"
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize(
    ("y_true", "y_pred", "wanted"),
    [
        ((8,), (8, 1), metrics.BinaryAccuracy),
        ((8, 1), (8, 1), metrics.BinaryAccuracy),
        ((8,), (8, 10), metrics.SparseCategoricalAccuracy),
        ((8, 1), (8, 10), metrics.SparseCategoricalAccuracy),
        ((8, 10), (8, 10), metrics.CategoricalAccuracy),
        ((8, 4), (8, 4, 10), metrics.SparseCategoricalAccuracy),
        ((8, 4, 10), (8, 4, 10), metrics.CategoricalAccuracy),
    ],
)
def test_the_shapes_decide_what_accuracy_means(y_true, y_pred, wanted):
    found = accuracy.for_shapes("acc", y_true, y_pred)
    assert type(found) is wanted
    assert found.name == "acc"


def test_a_metric_counts_over_calls_and_returns_the_result_so_far():
    metric = metrics.SparseCategoricalAccuracy()
    assert metric([0], [[0.9, 0.1]]) == 1
    assert metric([1], [[0.9, 0.1]]) == 0.5
    assert metric([1], [[0.9, 0.1]], sample_weight=[2.0]) == 0.25


def test_no_input_is_written_to():
    y_true, y_pred = np.eye(3, dtype="float32"), np.full((3, 3), np.nan, "float32")
    copies = y_true.copy(), y_pred.copy()
    metrics.CategoricalAccuracy()(y_true, y_pred, sample_weight=np.ones(3))
    np.testing.assert_array_equal(y_true, copies[0])
    np.testing.assert_array_equal(y_pred, copies[1])


@pytest.mark.parametrize("identifier", ["nope", 5, {}])
def test_get_refuses_what_is_no_metric_and_check_makes_none(identifier):
    for function in (metrics.get, metrics.check):
        with pytest.raises(ValueError, match="metric identifier"):
            function(identifier)


def test_get_knows_names_classes_objects_and_functions():
    metric = metrics.Mean()
    assert metrics.get(None) is None
    assert metrics.get(metric) is metric
    assert metrics.get(abs) is abs
    assert isinstance(metrics.get(metrics.Mean), metrics.Mean)
    assert metrics.get("MSE").name == "mean_squared_error"


@pytest.mark.parametrize("method", ["update_state", "result", "reset_state"])
def test_a_users_metric_is_told_what_it_lacks(method):
    class Mine(metrics.Metric):
        pass

    assert Mine().name.startswith("mine")
    with pytest.raises(NotImplementedError, match=rf"Metric Mine needs .*`{method}\(\)`"):
        getattr(Mine(), method)()


def test_binary_accuracy_keeps_its_threshold_in_the_configuration():
    metric = metrics.BinaryAccuracy(threshold=0.3)
    assert metric.get_config() == {"name": "binary_accuracy", "dtype": "float32", "threshold": 0.3}
    for threshold, error in [("a", TypeError), (np.nan, ValueError)]:
        with pytest.raises(error, match="threshold"):
            metrics.BinaryAccuracy(threshold=threshold)
