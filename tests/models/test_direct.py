"""`model(x)`: what a program gives is what the operations give one by one, and Python is seen."""

import gc
import tracemalloc
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from minidense import Input, Layer, Model, Sequential, activations, layers, losses, metrics

RANDOM = np.random.default_rng(1)


def row() -> Any:
    relu, softmax = layers.Dense(5, "relu"), layers.Dense(3, "softmax")
    return Sequential([Input((4,)), relu, layers.Dropout(0.5), softmax])


def images() -> Any:
    last = layers.Dense(3, "tanh")
    return Sequential([Input((4, 2)), layers.Dense(3), layers.Flatten(), last, layers.Softmax()])


def shared() -> Any:
    inputs, dense = Input((4,)), layers.Dense(4, "sigmoid")
    return Model(inputs, dense(dense(inputs)))


def nested() -> Any:
    return Sequential([row(), layers.Activation("softmax")])


def wide() -> Any:
    inputs = Input((4,), dtype="float64")
    return Model([inputs], [layers.Dense(2, dtype="float64")(inputs)])


def whole() -> Any:
    return Sequential([Input((4,), dtype="int32"), layers.Flatten(), layers.Dense(2)])


MODELS = [row, images, shared, nested, wide, whole]


def rows(model: Any, length: int, dtype: str = "float32") -> Any:
    numbers = RANDOM.uniform(-3, 3, (length, *model.inputs[0].shape[1:]))
    return np.asarray(numbers).astype(dtype)


@pytest.mark.parametrize("make", MODELS)
def test_the_bits_are_those_of_the_operations_one_by_one(make: Any) -> None:
    model = make()
    for length in (2, 5, 2, 2, 7, 7, 7, 5, 1, 0):
        for dtype in ("float32", "float64", "uint8", "bool"):
            x = rows(model, length, dtype)
            outputs, right = model(x), Layer.__call__(model, x)
            assert (outputs.dtype, outputs.shape) == (right.dtype, right.shape)
            assert outputs.tobytes() == right.tobytes()
            assert hasattr(outputs, "logits") == hasattr(right, "logits")
            if hasattr(right, "logits"):
                assert outputs.logits.tobytes() == right.logits.tobytes()
    assert model._direct[1] is not None


def test_what_was_returned_stays_when_the_model_is_called_again() -> None:
    model = row()
    x = rows(model, 3)
    first = model(x)
    before, logits = first.numpy(), first.logits.numpy()
    model(2 * x)
    x[:] = 0
    np.testing.assert_array_equal(first, before)
    np.testing.assert_array_equal(first.logits, logits)
    with pytest.raises((ValueError, TypeError)):
        first[0] = 1


@pytest.mark.parametrize("from_logits", [True, False])
def test_a_loss_and_a_metric_look_through_the_softmax_of_what_a_model_gave(
    from_logits: bool,
) -> None:
    model = Sequential([Input((2,)), layers.Dense(2, "softmax", use_bias=False)])
    model.set_weights([20 * np.eye(2)])
    x, y = np.float32([[1, 0]]), np.array([1])
    for kind in (losses.SparseCategoricalCrossentropy, metrics.SparseCategoricalCrossentropy):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            assert kind(from_logits=from_logits)(y, model(x)) == 20.0
        assert len(caught) == from_logits  # they are no logits, whatever was said


CHANGES: dict[str, Callable[[Any], Any]] = {
    "activation": lambda model: setattr(model.layers[0], "activation", activations.tanh),
    "activation inside": lambda model: setattr(model.layers[-1], "activation", activations.sigmoid),
    "bias": lambda model: setattr(model.layers[0], "bias", None),
    "weights": lambda model: model.layers[0].kernel.assign(np.ones((4, 5))),
    "a layer less": lambda model: model.pop(),
    "a layer more": lambda model: model.add(layers.Dense(2)),
    "call": lambda model: setattr(
        model.layers[0], "call", lambda inputs: 2 * inputs[:, :1] + [0] * 5
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_set_on_a_layer_is_seen_at_once(change: str) -> None:
    model = row()
    model.set_weights([RANDOM.normal(size=array.shape) for array in model.get_weights()])
    x = rows(model, 3)
    before = model(x), model(x)
    CHANGES[change](model)
    outputs, right = model(x), Layer.__call__(model, x)
    assert outputs.shape != before[0].shape or (outputs.numpy() != before[0].numpy()).any()
    np.testing.assert_array_equal(outputs, right)


def counting(calls: list[Any]) -> dict[str, Callable[[], Any]]:
    """Models with a part of a user's, which notes that it was run."""

    class Own(layers.Layer):
        def call(self, inputs: Any) -> Any:
            calls.append(inputs)
            return inputs

    class OwnModel(Sequential):
        def call(self, inputs: Any, training: Any = None) -> Any:
            calls.append(inputs)
            return super().call(inputs, training)

    def own_function(x: Any) -> Any:
        calls.append(x)
        return x

    def changed() -> Any:
        model = row()
        call = model.call
        model.call = lambda inputs, **told: (calls.append(inputs), call(inputs, **told))[1]
        return model

    def changed_layer() -> Any:
        model = row()
        model.layers[0].call = lambda inputs: own_function(inputs) @ np.ones((4, 5), "float32")
        return model

    return {
        "layer": lambda: Sequential([Input((4,)), Own()]),
        "layer inside": lambda: Sequential([Input((4,)), Sequential([Input((4,)), Own()])]),
        "model": lambda: OwnModel([Input((4,)), layers.Dense(2)]),
        "function": lambda: Sequential([Input((4,)), layers.Dense(2, own_function)]),
        "function in a layer": lambda: Sequential([Input((4,)), layers.Activation(own_function)]),
        "layer as activation": lambda: Sequential([Input((4,)), layers.Dense(2, Own())]),
        "call of a model": changed,
        "call of a layer": changed_layer,
    }


@pytest.mark.parametrize("kind", counting([]))
def test_a_users_python_is_run_in_each_call(kind: str) -> None:
    calls: list[Any] = []
    model = counting(calls)[kind]()
    x = np.ones((2, 4), "float32")
    for _ in range(3):
        del calls[:]
        model(x)
        assert len(calls) == 1
        assert isinstance(calls[0], np.ndarray)  # with numbers


def test_calls_of_changing_length_leave_memory_flat() -> None:
    model = row()
    model.compile("sgd", "mse")
    x = rows(model, 100)
    lengths = [1 + 7 * number % 97 for number in range(600)]

    def calls() -> None:
        for length in lengths:
            model(x[:length])
            model.predict_on_batch(x[:length])
            if length % 5 == 0:
                model.predict(x[:length], verbose=0)

    calls()
    levels = []
    tracemalloc.start()
    try:
        for _ in range(3):
            calls()
            gc.collect()
            levels.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    # the programs that are kept differ by some 100 kB; 300 bytes a call would be 180 kB a time
    assert levels[2] - levels[0] < 200_000


def test_only_some_lengths_are_remembered() -> None:
    model = row()
    x = rows(model, 300)
    for length in range(1, 300):
        model.predict_on_batch(x[:length])
    assert 0 < len(model.predict_function._served) <= 256
    assert len(model.predict_function.programs) <= 8
