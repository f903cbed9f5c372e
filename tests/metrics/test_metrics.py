"""Metrics by themselves: what is counted, in which dtype, and what a name stands for."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidense import Input, Sequential, Variable, config, layers, metrics, ops
from minidense.metrics import accuracy
from minidense.names import snake_case


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


def test_a_number_without_a_weight_counts_once():
    mean = metrics.Mean()
    mean.update_state(3.0)
    assert (mean.total, mean.count) == (3, 1)


def test_a_list_of_one_weight_weighs_a_number_and_longer_ones_do_not_fit():
    mean = metrics.Mean()
    mean.update_state(3.0, sample_weight=[2.0])
    assert (mean.total, mean.count) == (6, 2)
    assert mean.result().shape == ()
    with pytest.raises(ValueError, match="does not fit"):
        mean.update_state(3.0, sample_weight=[2.0, 1.0])


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("values", (["a"],)),
        ("sample_weight", (3.0, "a")),
        ("sample_weight", ([3.0, 4.0], ["a", "b"])),
    ],
)
def test_a_mean_of_what_is_no_number_is_refused_by_the_name_of_the_argument(name, arguments):
    with pytest.raises(ValueError, match=f"^'{name}' takes arrays of real numbers"):
        metrics.Mean().update_state(*arguments)


def test_further_axes_are_averaged_before_they_are_weighed():
    mean = metrics.Mean()
    mean.update_state(np.float32([[1, 3], [5, 7]]), sample_weight=[1.0, 0.0])
    assert (mean.total, mean.count) == (2, 1)


@settings(max_examples=60, deadline=None)
@given(data=st.data(), shape=st.lists(st.integers(1, 4), min_size=1, max_size=4))
def test_a_sample_counts_with_the_mean_of_its_weights(data, shape):
    numbers = np.random.default_rng(data.draw(st.integers(0, 99)))
    values = numbers.integers(1, 9, shape).astype("float32")
    axes = shape[: data.draw(st.integers(1, len(shape)))]
    stretched = [1 if axis and data.draw(st.booleans()) else n for axis, n in enumerate(axes)]
    weights = numbers.integers(1, 9, stretched).astype("float32")
    mean, unweighted = metrics.Mean(), metrics.Mean()
    mean.update_state(values, sample_weight=weights)
    unweighted.update_state(values)
    count = sum(sample.mean() for sample in weights)
    full = np.broadcast_to(weights.reshape(*stretched, *[1] * (len(shape) - len(axes))), shape)
    total = sum(sample.mean() for sample in values * full)
    np.testing.assert_allclose([mean.total, mean.count], [total, count], rtol=1e-5)
    assert unweighted.count == len(values)
    np.testing.assert_allclose(unweighted.result(), values.mean(), rtol=1e-5)


def test_nothing_counted_is_0_and_reset_forgets():
    mean = metrics.Mean()
    assert mean.result() == 0
    mean.update_state(3.0)
    mean.reset_state()
    assert (mean.total, mean.count, mean.result()) == (0, 0, 0)


@pytest.mark.parametrize("values", [[np.nan, 1], [np.inf, 1], [-3, 2]])
def test_values_without_weight_count_for_nothing_whatever_they_are(values):
    mean = metrics.Mean()
    mean.update_state(values, sample_weight=[0.0, 0.0])  # in silence
    assert repr(mean.result()) == "array(0., dtype=float32)"  # as Keras's, without a sign


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
    ("function", "arguments", "wanted"),
    [
        ("binary_accuracy", ([1, 0, 1], np.float32([0.6, 0.6, 0.5])), [1, 0, 0]),
        ("binary_accuracy", ([[1], [0]], np.float32([0.3, 0.1]), 0.2), [[1], [1]]),
        ("binary_accuracy", ([1, 0], np.array([True, True])), [1, 0]),  # True is 1 > 0.5
        ("binary_accuracy", ([1, 0], np.array([2, 0])), [1, 1]),
        ("categorical_accuracy", ([[0, 1], [1, 0]], [[0.5, 0.5], [0.5, 0.5]]), [0, 1]),
        ("categorical_accuracy", ([[0, 1]], [[np.nan, 0.5]]), [1]),
        ("sparse_categorical_accuracy", ([0, 1], [[0.5, 0.5], [0.5, 0.5]]), [1, 0]),
        ("sparse_categorical_accuracy", ([[0], [1]], [[np.nan, np.nan], [np.nan, 0]]), [1, 1]),
        ("sparse_categorical_accuracy", (np.ones((2, 3, 1)), np.eye(3)[[[1, 1, 0]] * 2]),
         [[1, 1, 0]] * 2),
        ("accuracy", ([[1], [2]], [1, 3]), [[1], [0]]),
        ("accuracy", (np.float64([0.1]), np.float32([0.1])), [1]),  # in the predictions' dtype
    ],
)  # fmt: skip
def test_the_first_of_equals_and_never_a_nan_is_the_largest(function, arguments, wanted):
    found = getattr(accuracy, function)(*arguments)
    assert found.dtype == "float32"
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("function", ["accuracy", "binary_accuracy", "categorical_accuracy"])
def test_shapes_that_differ_are_refused_by_the_names_of_the_arguments(function):
    with pytest.raises(ValueError, match="must have the same shape") as error:
        getattr(accuracy, function)(np.ones((2, 3)), np.ones((4, 3)))
    assert str(error.value) == (
        "`y_true` and `y_pred` must have the same shape. "
        "Received: y_true of shape (2, 3), y_pred of shape (4, 3)."
    )


def test_class_numbers_are_for_the_rows_of_predictions():
    with pytest.raises(ValueError, match="must have the same shape") as error:
        metrics.sparse_categorical_accuracy(np.ones(2), np.ones((4, 3)))
    assert str(error.value) == (
        "`y_true` and `the rows of y_pred` must have the same shape. "
        "Received: y_true of shape (2,), the rows of y_pred of shape (4,)."
    )


@pytest.mark.parametrize(
    "cls",
    [
        metrics.Mean,
        metrics.Accuracy,
        metrics.BinaryAccuracy,
        metrics.CategoricalAccuracy,
        metrics.SparseCategoricalAccuracy,
        metrics.MeanSquaredError,
    ],
)
def test_a_metric_has_its_classs_name_unless_it_is_given_one_and_sums_in_its_dtype(cls):
    assert cls().name == snake_case(cls.__name__)
    assert cls().dtype == "float32"
    metric = cls(name="mine", dtype="float64")
    assert metric.get_config() | {"name": "mine", "dtype": "float64"} == metric.get_config()
    assert metric.result().dtype == "float64"
    assert repr(metric) == f"<{cls.__name__} name=mine>"


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
        ((8, 4, 1), (8, 4, 10), metrics.SparseCategoricalAccuracy),
        ((8, 1, 1), (8, 1, 10), metrics.SparseCategoricalAccuracy),
        ((8, 1, 10), (8, 1, 10), metrics.CategoricalAccuracy),
        ((8, 4, 1), (8, 4, 1), metrics.BinaryAccuracy),
        ((1, 1), (1, 10), metrics.SparseCategoricalAccuracy),
        ((8, 1), (8, None), metrics.CategoricalAccuracy),
    ],
)
def test_the_shapes_decide_what_accuracy_means(y_true, y_pred, wanted):
    found = accuracy.for_shapes("acc", y_true, y_pred)
    assert type(found) is wanted
    assert found.name == "acc"


def test_class_numbers_are_for_more_than_one_output():
    assert accuracy.is_binary_or_sparse((8, 1), (8, 1)) == (True, False)
    assert accuracy.is_binary_or_sparse((8, 1), (8, None)) == (False, False)


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


@pytest.mark.parametrize("method", ["update_state", "result"])
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


@pytest.mark.parametrize("place", ["y_true", "y_pred"])
def test_what_is_no_number_is_refused_by_the_name_of_the_argument(place):
    arguments = {"y_true": [[1.0, 0.0]], "y_pred": [[1.0, 0.0]], place: [["a", "b"]]}
    for name in ("accuracy", "binary_accuracy", "categorical_accuracy"):
        with pytest.raises(ValueError, match=f"^'{place}' takes arrays of real numbers"):
            getattr(accuracy, name)(**arguments)


@pytest.mark.parametrize(("threshold", "mean"), [({}, 0.75), ({"threshold": 0.75}, 0.5)])
def test_the_threshold_is_a_half_unless_it_is_said(threshold, mean):
    metric = metrics.BinaryAccuracy(**threshold)
    assert metric([1, 1, 0, 1], np.float32([0.6, 0.8, 0.1, 0.5])) == mean
    assert metrics.BinaryAccuracy(threshold=-1e9)([1], np.float32([0])) == 1


# Metrics of a user


class Largest(metrics.Metric):
    """The largest prediction, and how many there were."""

    def __init__(self, name="largest", **kwargs):
        super().__init__(name=name, **kwargs)
        self.largest = self.add_weight(name="largest", initializer="zeros")
        self.mean = metrics.Mean(name="inner")
        self.counts = [Variable(0, name="calls", trainable=False)]

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.largest.assign(ops.maximum(self.largest, ops.max(y_pred)))
        self.mean.update_state(y_pred)
        self.counts[0].assign_add(1)

    def result(self):
        return self.largest


def test_a_metric_counts_in_its_own_variables_and_in_those_of_metrics_inside():
    metric = Largest()
    paths = [variable.path for variable in metric.variables]
    assert paths == ["largest/largest", "calls", "inner/total", "inner/count"]
    assert float(metric([1.0], [3.0])) == 3
    assert [float(variable) for variable in metric.variables] == [3, 1, 3, 1]
    metric.reset_state()
    assert [float(variable) for variable in metric.variables] == [0, 0, 0, 0]
    assert Largest(name="x/y").variables[0].path == "x>y/largest"
    assert metric.add_variable((2,), "ones", "int32").dtype == "int32"
    with pytest.raises(ValueError, match="aggregation"):
        metric.add_variable((2,), "ones", aggregation="nope")


def test_a_users_metric_stands_in_the_log_of_a_traced_step():
    model = Sequential([Input((2,)), layers.Dense(1, kernel_initializer="ones")])
    model.compile("sgd", "mse", metrics=[Largest()])
    x = np.float32([[1, 2], [5, 1], [0, 1]])
    logs = model.evaluate(x, np.zeros(3), batch_size=2, verbose=0, return_dict=True)
    assert logs["largest"] == 6


def test_an_attribute_may_have_keys_of_any_kind() -> None:
    metric = metrics.Mean()
    inner = metrics.Mean()
    metric.map = {None: 1, "a": inner}  # type: ignore[attr-defined]
    assert metric.variables == [metric.total, metric.count, inner.total, inner.count]
