"""What callbacks and metrics are told in training, where a mutant of the source would differ."""

from typing import Any

import numpy as np
import pytest

from minidense import DataWarning, Input, Sequential, callbacks, layers
from minidense.metrics.metric import Metric
from minidense.optimizers import SGD
from tests.unit.test_training_details import X, Y, model_of


def test_callbacks_see_the_running_results_after_each_batch() -> None:
    class Watching(callbacks.Callback):
        def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
            seen.append((batch, logs["loss"]))

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            seen.append((batch, logs["loss"]))

        def on_test_end(self, logs: Any = None) -> None:
            seen.append(("end", logs["loss"]))

    model = model_of(0.0)
    seen: list[Any] = []
    last = model.evaluate(X, Y, batch_size=4, callbacks=[Watching()], verbose=0)
    assert [batch for batch, _ in seen] == [0, 1, 2, "end"]
    assert seen[2][1] == seen[3][1] == last
    assert seen[0][1] == model.evaluate(X[:4], Y[:4], verbose=0)
    seen.clear()
    model.fit(X, Y, batch_size=4, shuffle=False, callbacks=[Watching()], verbose=0)
    assert [batch for batch, _ in seen] == [0, 1, 2]
    assert seen[2][1] == last


def test_a_batch_with_a_class_without_a_weight_warns() -> None:
    model = Sequential([Input((3,)), layers.Dense(2, activation="softmax")])
    model.compile(SGD(0.1), "sparse_categorical_crossentropy")
    with pytest.warns(DataWarning, match=r"no weight for the classes \[1\]"):
        model.train_on_batch(X, np.array([0, 1] * 5), class_weight={0: 2.0})


def test_callbacks_know_what_was_asked_for() -> None:
    watching = callbacks.Callback()
    model = model_of()
    model.predict(X, batch_size=4, callbacks=[watching], verbose=0)
    assert watching.params == {"verbose": 0, "epochs": 1, "steps": 3}
    model.evaluate(X, Y, batch_size=5, callbacks=[watching], verbose=0)
    assert watching.params == {"verbose": 0, "epochs": 1, "steps": 2}
    model.fit(X, Y, batch_size=2, epochs=2, callbacks=[watching], verbose=0)
    assert watching.params == {"verbose": 0, "epochs": 2, "steps": 5}


def test_metrics_of_one_name_are_counted() -> None:
    names = ["loss", "mse", "mse_1", "mse_2"]
    for metrics in (["mse"] * 3, [["mse"] * 3]):
        found = model_of(metrics=metrics).evaluate(X, Y, verbose=0, return_dict=True)
        assert list(found) == names
    with pytest.raises((TypeError, ValueError), match="metric"):
        model_of(metrics=[["mse"], ["mse"]])


def test_a_weighted_metric_that_takes_no_weights_fails_before_anything_is_learned() -> None:
    class Unweighted(Metric):
        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
            if sample_weight is not None:
                raise ValueError("no weights here")

        def result(self) -> float:
            return 0.0

        def reset_state(self) -> None:
            pass

    model = model_of(weighted_metrics=[Unweighted(name="unweighted")])
    with pytest.raises(ValueError, match="no weights here"):
        model.fit(X, Y, sample_weight=np.ones(10, "float32"), verbose=0)
    np.testing.assert_array_equal(model.get_weights()[0], np.ones((3, 2)))
