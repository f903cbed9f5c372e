"""What a user changes in a model that is made: one script, run by Keras and by minidense."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.in_both import in_both

RANDOM = np.random.RandomState(5)
X = RANDOM.normal(size=(50, 4)).astype("float32")
Y = np.abs(RANDOM.normal(size=(50, 3))).astype("float32")
LABELS = np.arange(50) % 3
ENTROPY = "sparse_categorical_crossentropy"


def dense(k: Any, activation: Any) -> Any:
    return k.Sequential([k.Input((4,)), k.layers.Dense(3, activation=activation)])


def with_layer(k: Any, activation: Any) -> Any:
    return k.Sequential([k.Input((4,)), k.layers.Dense(3), k.layers.Activation(activation)])


def the_layer(model: Any) -> Any:
    last = model.layers[-1]
    return the_layer(last) if hasattr(last, "layers") else last


def answers(model: Any) -> Any:
    """What a model gives before it is compiled, and what it learns."""
    called = np.asarray(model(X)), model.predict(X, verbose=0)
    model.compile("sgd", "mse")
    history = model.fit(X, Y, epochs=2, verbose=0).history
    return called, history, model.get_weights(), model.evaluate(X, Y, verbose=0)


@pytest.mark.parametrize("is_inside", [False, True])
@pytest.mark.parametrize("make", [dense, with_layer])
@pytest.mark.parametrize(
    ("before", "after"), [("softmax", "linear"), ("relu", "softmax"), (None, "relu")]
)
def test_a_layer_may_be_given_another_activation(
    make: Callable[..., Any], is_inside: bool, before: Any, after: str
) -> None:
    @in_both
    def script(k: Any) -> Any:
        model = make(k, before)
        if is_inside:
            model = k.Sequential([k.Input((4,)), model])
        the_layer(model).activation = k.activations.get(after)
        return answers(model)

    script()


@pytest.mark.parametrize(
    "again",
    [
        {"loss": ENTROPY},
        {},
        {"metrics": []},
        {"loss": ENTROPY, "metrics": []},
        {"weighted_metrics": ["accuracy"]},
        {"loss": "mse", "metrics": ["mse"]},
        {"loss_weights": 3.0},
        {"loss": ENTROPY, "loss_weights": 3.0},
    ],
    ids=lambda again: " ".join(again) or "nothing",
)
@pytest.mark.parametrize(
    "first",
    [{}, {"metrics": ["accuracy"]}, {"loss_weights": 2.0}],
    ids=" ".join,
)
def test_a_model_that_is_compiled_again_keeps_what_keras_keeps(
    first: dict[str, Any], again: dict[str, Any]
) -> None:
    @in_both
    def script(k: Any) -> Any:
        model = dense(k, "softmax")
        y = LABELS[:, None] if again.get("loss") == "mse" else LABELS
        model.compile("sgd", ENTROPY, **first)
        learned = [model.fit(X, y, verbose=0).history]
        model.compile("adam", **again)
        learned += [model.fit(X, y, verbose=0).history] if model.loss == ENTROPY else []
        measured = model.evaluate(X, y, verbose=0) if model.loss == ENTROPY else None
        return learned, measured, model.loss, model.metrics_names

    script()


def sequentials(k: Any) -> dict[str, Any]:
    class First(k.Sequential):
        def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
            return self.layers[0](inputs)

    class Twice(k.Sequential):
        def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
            return super().call(inputs, training) * 2

    class Same(k.Sequential):
        def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
            return super().call(inputs, training)

    return {"first": First, "twice": Twice, "same": Same}


@pytest.mark.parametrize("is_compiled", [True, False])
@pytest.mark.parametrize("kind", ["first", "twice", "same"])
def test_a_sequential_with_a_call_of_its_own_computes_that_everywhere(
    kind: str, is_compiled: bool
) -> None:
    @in_both
    def script(k: Any) -> Any:
        drop = k.layers.Dropout(0.5, seed=1)
        model = sequentials(k)[kind]([k.Input((4,)), k.layers.Dense(3), drop, k.layers.Dense(2)])
        if is_compiled:
            model.compile("sgd", "mse")
        return np.asarray(model(X)), model.predict(X, verbose=0), model.predict_on_batch(X)

    script()


def test_a_sequential_whose_call_is_that_of_its_layers_is_trained() -> None:
    @in_both
    def script(k: Any) -> Any:
        drop = k.layers.Dropout(0.5, seed=1)
        model = sequentials(k)["same"]([k.Input((4,)), k.layers.Dense(3), drop])
        return answers(model)

    script()


@pytest.mark.parametrize("layer", ["Flatten", "linear", "Dropout", "model"])
def test_what_a_call_returns_does_not_change_with_what_it_was_given(layer: str) -> None:
    @in_both
    def script(k: Any) -> Any:
        made = {
            "Flatten": k.layers.Flatten,
            "linear": lambda: k.layers.Activation("linear"),
            "Dropout": lambda: k.layers.Dropout(0.5),
            "model": lambda: k.Sequential([k.Input((4,)), k.layers.Flatten()]),
        }[layer]()
        x = X.copy()
        outputs = made(x)
        x[:] = 0
        return np.asarray(outputs)

    script()


@pytest.mark.parametrize("as_model", [True, False])
@pytest.mark.parametrize(
    "order", ["!p", "x!p", "p!p", "p!f", "f!p", "f!e", "p!pfe", "e!f!p", "f!cf"]
)
def test_what_a_call_reads_of_pythons_is_read_when_keras_reads_it(
    order: str, as_model: bool
) -> None:
    @in_both
    def script(k: Any) -> Any:
        class Repeats(k.layers.Layer):
            def __init__(self) -> None:
                super().__init__()
                self.dense = k.layers.Dense(4)
                self.times = 1

            def call(self, inputs: Any) -> Any:
                for _ in range(self.times):
                    inputs = self.dense(inputs)
                return inputs

        class AsModel(k.Model):
            def __init__(self, block: Any) -> None:
                super().__init__()
                self.block = block

            def call(self, inputs: Any) -> Any:
                return self.block(inputs)

        block = Repeats()
        model = AsModel(block) if as_model else k.Sequential([k.Input((4,)), block])
        model.compile("sgd", "mse")
        do = {
            "!": lambda: setattr(block, "times", 3 - block.times),
            "x": lambda: np.asarray(model(X)),
            "p": lambda: model.predict(X, verbose=0),
            "f": lambda: model.fit(X, X, verbose=0).history["loss"],
            "e": lambda: model.evaluate(X, X, verbose=0),
            "c": lambda: model.compile("sgd", "mse"),
        }
        return [do[each]() for each in order]

    script()
