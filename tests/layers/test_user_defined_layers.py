"""User-defined layers: what their `call` computes in operations is trained as it is."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from minidense import Input, Model, Sequential, Variable, ops
from minidense.layers import Dense, Layer
from minidense.utils import set_random_seed

X = np.random.RandomState(0).rand(8, 3).astype("float32")
Y = np.random.RandomState(1).rand(8, 3).astype("float32")


class Scale(Layer):
    """The README's layer: one factor for each feature."""

    def build(self, input_shape: Any) -> None:
        self.factor = self.add_weight((input_shape[-1],), "ones", name="factor")

    def call(self, inputs: Any) -> Any:
        return inputs * self.factor


def fitted(layer: Layer, **kwargs: Any) -> tuple[Model, list[float]]:
    set_random_seed(3)
    model = Sequential([Input((3,)), Dense(3), layer])
    model.compile("sgd", "mse", **kwargs)
    losses = model.fit(X, Y, epochs=5, batch_size=4, shuffle=False, verbose=0).history["loss"]
    return model, losses


def test_the_readme_layer_learns() -> None:
    layer = Scale()
    _, losses = fitted(layer)
    assert losses[-1] < losses[0]
    assert not np.array_equal(layer.factor, np.ones(3))


def test_a_frozen_layer_stays_as_it_is_and_hands_the_gradient_on() -> None:
    layer = Scale(trainable=False)
    _, losses = fitted(layer)
    assert losses[-1] < losses[0]
    np.testing.assert_array_equal(layer.factor, np.ones(3))


def test_two_weights_that_do_the_same_learn_the_same() -> None:
    class Two(Layer):
        def build(self, input_shape: Any) -> None:
            self.one = self.add_weight((3,), "ones", name="one")
            self.two = self.add_weight((3,), "ones", name="two")

        def call(self, inputs: Any) -> Any:
            return inputs + self.one + self.two

    layer = Two()
    fitted(layer)
    np.testing.assert_array_equal(layer.one, layer.two)
    assert not np.array_equal(layer.one, np.ones(3))


def test_a_dense_with_a_call_of_its_own_learns_the_gradient_of_that_call() -> None:
    class Doubled(Dense):
        def call(self, inputs: Any) -> Any:
            return super().call(inputs) * 2

    class Double(Layer):
        def call(self, inputs: Any) -> Any:
            return inputs * 2

    set_random_seed(1)
    one = Sequential([Input((3,)), Doubled(3)])
    set_random_seed(1)
    other = Sequential([Input((3,)), Dense(3), Double()])
    for model in (one, other):
        model.compile("sgd", "mse")
        model.fit(X, Y, shuffle=False, verbose=0)
    for weight, same in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, same)


FORMULAS: dict[str, Callable[[Any], Any]] = {
    "a norm": lambda x: x / ops.sqrt(ops.sum(ops.square(x), axis=-1, keepdims=True) + 1e-6),
    "a choice": lambda x: ops.where(x > 0, x, 0.1 * x),
    "a part": lambda x: ops.stack([x[:, 0], x[:, 1], x[:, 2] ** 2], axis=1),
    "a mean over the rows": lambda x: x - ops.mean(x, axis=0),
    "the largest": lambda x: x - ops.max(x, axis=-1, keepdims=True),
    "shapes": lambda x: ops.reshape(ops.transpose(ops.reshape(x, (-1, 3, 1)), (0, 2, 1)), (-1, 3)),
    "arrays": lambda x: ops.matmul(x, np.eye(3)[::-1].astype("float32")) + np.float32([1, 2, 3]),
}


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_call_of_operations_gives_the_same_bits_traced_and_step_by_step(formula: str) -> None:
    class Formula(Layer):
        def call(self, inputs: Any) -> Any:
            return FORMULAS[formula](inputs)

    traced, losses = fitted(Formula())
    eager, same_losses = fitted(Formula(), run_eagerly=True)
    assert losses[-1] < losses[0]
    np.testing.assert_allclose(losses, same_losses, rtol=1e-6)  # the two dialects' last bits
    for weight, same in zip(traced.get_weights(), eager.get_weights(), strict=True):
        np.testing.assert_allclose(weight, same, rtol=1e-5, atol=1e-7)


def test_a_call_that_assigns_counts_the_batches() -> None:
    class Counts(Layer):
        def __init__(self) -> None:
            super().__init__()
            self.batches = Variable(0.0, trainable=False)

        def call(self, inputs: Any, training: bool | None = None) -> Any:
            if training:
                self.batches.assign_add(1.0)
            return inputs

    layer = Counts()
    model, _ = fitted(layer)
    assert layer.batches == 10
    model.predict(X, verbose=0)
    assert layer.batches == 10


def test_a_layer_of_several_inputs_and_outputs_is_trained() -> None:
    class Mix(Layer):
        def build(self, input_shape: Any) -> None:
            self.share = self.add_weight((), "zeros", name="share")

        def call(self, inputs: Any) -> Any:
            first, second = inputs
            share = ops.sigmoid(self.share)
            return {"mixed": share * first + (1 - share) * second, "rest": first - second}

    left, right = Input((3,)), Input((3,))
    layer = Mix()
    outputs = layer([Dense(3)(left), Dense(3)(right)])
    model = Model([left, right], outputs["mixed"] + outputs["rest"])
    model.compile("sgd", "mse")
    before = model.get_weights()
    model.fit([X, Y], Y, verbose=0)
    after = model.get_weights()
    assert all((a != b).any() for a, b in zip(before, after, strict=True))


def test_numpy_in_a_call_is_refused_in_fit_and_works_step_by_step() -> None:
    class Sine(Layer):
        def call(self, inputs: Any) -> Any:
            return inputs + np.sin(inputs).mean()

    with pytest.raises(NotImplementedError, match="run_eagerly"):
        fitted(Sine())
    layer = Sine()
    np.testing.assert_allclose(layer(X), X + np.sin(X).mean(), rtol=1e-6)
