"""Steps that a user writes, and steps that run eagerly: as in Keras."""

from typing import Any

import numpy as np
import pytest

import minidense
from minidense.engine.tape import Tape
from tests.in_both import attempt, in_both, rows

X = rows(20, 3)
Y = np.abs(X[:, :1])
QUIET: dict[str, Any] = {"batch_size": 5, "verbose": 0}


def net(k: Any, cls: Any = None) -> Any:
    layers = [k.layers.Dense(4, activation="tanh"), k.layers.Dense(1)]
    return (cls or k.Sequential)([k.Input((3,)), *layers])


def all_of(model: Any) -> Any:
    """What each call gives, and the weights after it."""
    return [
        model.fit(X, Y, epochs=2, validation_data=(X, Y), shuffle=False, **QUIET).history,
        model.evaluate(X, Y, return_dict=True, **QUIET),
        model.evaluate(X, Y, **QUIET),
        model.train_on_batch(X[:5], Y[:5], return_dict=True),
        model.test_on_batch(X[:5], Y[:5]),
        model.predict(X, **QUIET),
        model.predict_on_batch(X[:5]),
        model.get_weights(),
    ]


def loss_and_gradients(k: Any, loss: Any, variables: Any) -> Any:
    """Return the loss that a function gives, and its gradients."""
    if k is minidense:
        with Tape() as tape:
            value = loss()
        return value, tape.gradients(value, variables)
    import tensorflow as tf

    with tf.GradientTape() as tape:
        value = loss()
    return value, tape.gradient(value, variables)


# Steps of a user's


def own_train_step(k: Any) -> Any:
    class Own(k.Sequential):  # type: ignore[name-defined, misc]
        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            self.seen = k.metrics.Mean(name="seen")

        def train_step(self, data: Any) -> Any:
            x, y = data[:2]
            value, grads = loss_and_gradients(
                k, lambda: k.ops.mean(k.ops.square(y - self(x))), self.trainable_variables
            )
            self.optimizer.apply_gradients(zip(grads, self.trainable_variables, strict=True))
            self.seen.update_state(value)
            return {"mine": value, "seen": self.seen.result()}

    return net(k, Own)


def more_logs(k: Any) -> Any:
    class More(k.Sequential):  # type: ignore[name-defined, misc]
        def train_step(self, data: Any) -> Any:
            return {**super().train_step(data), "rows": k.ops.shape(data[0])[0]}

        def test_step(self, data: Any) -> Any:
            logs = super().test_step(data)
            return {"loss": logs["loss"] * 2.0}

        def predict_step(self, data: Any) -> Any:
            return super().predict_step(data) * 2.0

    return net(k, More)


def own_loss(k: Any) -> Any:
    class Penalised(k.Sequential):  # type: ignore[name-defined, misc]
        def compute_loss(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
            loss = super().compute_loss(x, y, y_pred, sample_weight)
            return loss + 0.1 * k.ops.sum(k.ops.square(self.layers[0].kernel))

    return net(k, Penalised)


def own_metrics(k: Any) -> Any:
    class Measured(k.Sequential):  # type: ignore[name-defined, misc]
        def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
            logs = super().compute_metrics(x, y, y_pred, sample_weight)
            return {**logs, "largest": k.ops.max(y_pred)}

    return net(k, Measured)


def own_results(k: Any) -> Any:
    class Shown(k.Sequential):  # type: ignore[name-defined, misc]
        def get_metrics_result(self) -> Any:
            logs = super().get_metrics_result()
            return {"squared": logs["loss"] * logs["loss"]}

    return net(k, Shown)


def metrics_in_attributes(k: Any) -> Any:
    class Counting(k.Sequential):  # type: ignore[name-defined, misc]
        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            self.several = [k.metrics.Mean(name="first"), k.metrics.Mean(name="second")]

        def compute_loss(self, x: Any, y: Any, y_pred: Any, *args: Any, **kwargs: Any) -> Any:
            self.several[0].update_state(y_pred)
            self.several[1].update_state(k.ops.abs(y_pred))
            return super().compute_loss(x, y, y_pred, *args, **kwargs)

    return net(k, Counting)


def named_metrics(k: Any) -> Any:
    class Named(k.Sequential):  # type: ignore[name-defined, misc]
        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            self.tracker = k.metrics.Mean(name="tracked")

        @property
        def metrics(self) -> Any:
            return [self.tracker]

        def compute_loss(self, x: Any, y: Any, y_pred: Any, *args: Any, **kwargs: Any) -> Any:
            loss = k.ops.mean(k.ops.abs(y - y_pred))
            self.tracker.update_state(loss)
            return loss

    return net(k, Named)


MODELS = {
    "nothing of a user's": net,
    "train_step": own_train_step,
    "super().train_step, test_step and predict_step": more_logs,
    "compute_loss": own_loss,
    "compute_metrics": own_metrics,
    "get_metrics_result": own_results,
    "metrics in attributes": metrics_in_attributes,
    "metrics": named_metrics,
}


@pytest.mark.parametrize("eagerly", [False, True], ids=["traced", "eagerly"])
@pytest.mark.parametrize("name", MODELS)
def test_steps_of_a_user_s_give_what_they_give_in_keras(name: str, eagerly: bool) -> None:
    def script(k: Any) -> Any:
        model = MODELS[name](k)
        metrics = None if name in ("train_step", "metrics") else ["mse"]  # which nobody would count
        model.compile(k.optimizers.SGD(0.1), "mse", metrics=metrics, run_eagerly=eagerly)
        shown = []
        hook = k.callbacks.LambdaCallback(on_train_batch_end=lambda b, logs: shown.append(logs))
        model.fit(X, Y, callbacks=[hook], shuffle=False, **QUIET)
        return [shown, all_of(model), [metric.name for metric in model.metrics]]

    in_both(script)()


@in_both
def test_a_model_with_its_own_step_needs_neither_loss_nor_targets(k: Any) -> Any:
    class Autoencoder(k.Sequential):  # type: ignore[name-defined, misc]
        def train_step(self, x: Any) -> Any:
            value, grads = loss_and_gradients(
                k, lambda: k.ops.mean(k.ops.square(x[:, :1] - self(x))), self.trainable_variables
            )
            self.optimizer.apply_gradients(zip(grads, self.trainable_variables, strict=True))
            return {"error": value}

    model = net(k, Autoencoder)
    model.compile(k.optimizers.SGD(0.1))
    history = model.fit(X, epochs=2, shuffle=False, **QUIET).history
    plain = net(k)
    plain.compile(k.optimizers.SGD(0.1))
    return [history, attempt(lambda: plain.fit(X, Y, **QUIET))]


# Eagerly


@in_both
def test_python_runs_for_each_batch_where_a_model_runs_eagerly(k: Any) -> Any:
    seen: list[Any] = []

    class Watched(k.layers.Layer):  # type: ignore[name-defined, misc]
        factor = 1.0

        def call(self, x: Any) -> Any:
            seen.append([tuple(x.shape), float(k.ops.sum(x)) > 0, bool(k.ops.max(x) > 100)])
            return x * self.factor

        def compute_output_shape(self, input_shape: Any) -> Any:
            return input_shape  # so that `call` is not run without numbers

    watched = Watched()
    model = k.Sequential([k.Input((3,)), watched, k.layers.Dense(1, kernel_initializer="ones")])
    seen.clear()
    model.compile(k.optimizers.SGD(0.1), "mse", run_eagerly=True)
    facts = [model.fit(X, Y, batch_size=8, verbose=0, shuffle=False).history]
    watched.factor = 3.0
    model.layers[1].trainable = False
    model.optimizer = k.optimizers.Adam(0.1)
    facts.append(model.evaluate(X, Y, **QUIET))
    facts.append(model.predict(X, **QUIET))
    return [*facts, seen]


@in_both
def test_a_model_that_is_not_built_runs_eagerly_too(k: Any) -> Any:
    class Subclass(k.Model):  # type: ignore[name-defined, misc]
        def __init__(self) -> None:
            super().__init__()
            self.dense = k.layers.Dense(1)

        def call(self, x: Any) -> Any:
            return self.dense(x)

    facts = []
    for make in (Subclass, lambda: k.Sequential([k.layers.Dense(1)])):
        model = make()
        model.compile("adam", "mse", metrics=["mse"], run_eagerly=True)
        facts.append(all_of(model))
    return facts


@in_both
def test_relu_and_dropout_train_to_the_same_numbers_eagerly_and_traced(k: Any) -> Any:
    found = []
    for eagerly in (False, True):
        k.utils.set_random_seed(3)
        layers = [k.layers.Dense(16, activation="relu"), k.layers.Dropout(0.5), k.layers.Dense(1)]
        model = k.Sequential([k.Input((3,)), *layers])
        model.compile("adam", "mse", run_eagerly=eagerly)
        model.fit(X, Y, epochs=3, **QUIET)
        found.append(model.get_weights())
    same = [np.array_equal(one, other) for one, other in zip(*found, strict=True)]
    return [same, found]


# jit_compile


@in_both
def test_jit_compile_is_what_it_is_in_keras(k: Any) -> Any:
    class Unsupported(k.layers.Layer):  # type: ignore[name-defined, misc]
        def __init__(self) -> None:
            super().__init__()
            self.supports_jit = False

        def call(self, x: Any) -> Any:
            return x

    facts = []
    for value in (True, False, "auto", None):
        for eagerly in (False, True):
            model = k.Sequential([k.Input((3,)), k.layers.Dense(1)])
            facts.append(model.jit_compile)
            model.compile("sgd", "mse", jit_compile=value, run_eagerly=eagerly)
            facts += [model.jit_compile, model.run_eagerly]
            facts.append(model.get_compile_config()["jit_compile"])
    model = k.Sequential([k.Input((3,)), Unsupported(), k.layers.Dense(1)])
    model.compile("sgd", "mse", jit_compile=True)
    return [*facts, model.jit_compile]
