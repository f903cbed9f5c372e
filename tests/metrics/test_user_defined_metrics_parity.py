"""User-defined metrics: their variables, their paths, and their place in a log."""

import numpy as np
import pytest

from tests.in_both import attempt, in_both, rows

X, Y = rows(8, 3), rows(8, 2)


def counting(k):
    """A metric with each kind of variable: its own, an attribute, in a list, of a metric inside."""
    ops = k.ops

    class Counting(k.metrics.Metric):
        def __init__(self, name="counting", **kwargs):
            super().__init__(name=name, **kwargs)
            self.largest = self.add_weight(name="largest", initializer="zeros")
            self.calls = self.add_weight(
                shape=(2,), initializer="ones", dtype="int32", name="calls"
            )
            self.unnamed = self.add_variable((3,), "zeros")
            self.mean = k.metrics.Mean(name="inner")
            self.more = [k.Variable(2.0, name="own"), k.metrics.Mean()]

        def update_state(self, y_true, y_pred, sample_weight=None):
            error = ops.abs(y_true - y_pred)
            self.largest.assign(ops.maximum(self.largest, ops.max(error)))
            self.calls.assign_add([1, 2])
            self.unnamed.assign_sub(ops.ones_like(self.unnamed) * ops.sum(error))
            self.mean.update_state(error, sample_weight)
            self.more[0].assign(self.more[0] * 2)

        def result(self):
            return self.largest + self.mean.result()

    return Counting


def facts(metric):
    return [
        (v.name, v.path, str(v.dtype), list(v.shape), v.trainable, np.asarray(v))
        for v in metric.variables
    ]


@pytest.mark.parametrize("name", ["counting", "a/b"])
@pytest.mark.parametrize("dtype", [None, "float64"])
def test_the_variables_of_a_metric_and_their_paths(name, dtype):
    @in_both
    def script(k):
        metric = counting(k)(name=name, dtype=dtype)
        first = facts(metric)
        result = metric(Y, Y + 1)
        counted = facts(metric)
        metric.reset_state()
        return first, result, counted, facts(metric), metric.get_config()

    script()


@pytest.mark.parametrize("eagerly", [False, True])
def test_a_users_metric_counts_in_fit_and_evaluate(eagerly):
    @in_both
    def script(k):
        model = k.Sequential([k.Input((3,)), k.layers.Dense(2)])
        metrics = {"metrics": [counting(k)()], "weighted_metrics": [counting(k)(name="weighed")]}
        model.compile("sgd", "mse", run_eagerly=eagerly, **metrics)
        weights = np.linspace(0.5, 2, 8).astype("float32")
        history = model.fit(X, Y, 3, epochs=2, sample_weight=weights, shuffle=False, verbose=0)
        logs = model.evaluate(X, Y, 3, sample_weight=weights, verbose=0, return_dict=True)
        return history.history, logs

    script()


@pytest.mark.parametrize(
    "name",
    ["Mean", "Accuracy", "BinaryAccuracy", "CategoricalCrossentropy", "MeanSquaredError"],
)
def test_the_variables_of_a_built_in_metric(name):
    @in_both
    def script(k):
        return facts(getattr(k.metrics, name)()), facts(getattr(k.metrics, name)(name="mine"))

    script()


BAD_CALLS = {
    "no initializer": lambda metric: metric.add_weight(),
    "no shape": lambda metric: metric.add_variable(initializer="zeros"),
    "an unknown initializer": lambda metric: metric.add_weight((2,), "nope"),
    "an unknown aggregation": lambda metric: metric.add_variable((2,), "zeros", aggregation="x"),
    "an unknown dtype": lambda metric: metric.add_weight((2,), "zeros", "nope"),
    "a bad update": lambda metric: metric.update_state(Y),
    "another shape": lambda metric: metric.update_state(np.ones((2, 5)), np.ones((3, 4))),
}


@pytest.mark.parametrize("case", BAD_CALLS)
def test_what_a_metric_refuses(case):
    @in_both
    def script(k):
        found = attempt(lambda: BAD_CALLS[case](counting(k)()))
        # TensorFlow has classes of its own for shapes that do not fit
        return found.replace("InvalidArgumentError", "ValueError") if found else found

    script()
