"""The way back that the parity tests take, held to what each backend gives by itself.

Every test of a gradient goes through `vjp`: if it were wrong, all of them would compare with that.
"""

from typing import Any

import keras
import numpy as np
import pytest

from tests import lent_streams, record
from tests.vjp import vjp

X = np.float32([[1, -2, 3], [0.5, 4, -1]])
GRAD = np.float32([[1, 10], [100, 1000]])


def dense() -> Any:
    """A Dense of Keras's with two units, bias 0.5 and -0.5, and a kernel of 1 to 6."""
    layer = keras.layers.Dense(2)
    layer.build((None, 3))
    layer.set_weights([np.arange(1, 7, dtype="float32").reshape(3, 2), np.float32([0.5, -0.5])])
    return layer


def test_a_dense_goes_back_as_it_does_on_paper() -> None:
    layer = dense()
    outputs, [input_grad], [kernel_grad, bias_grad] = vjp(layer, [X], GRAD, layer.trainable_weights)
    kernel, bias = layer.get_weights()
    record.close("way back: outputs", outputs, X @ kernel + bias, rtol=0)
    record.close("way back: of the inputs", input_grad, GRAD @ kernel.T, rtol=0)
    record.close("way back: of a kernel", kernel_grad, X.T @ GRAD, rtol=0)
    record.close("way back: of a bias", bias_grad, GRAD.sum(axis=0), rtol=0)


def test_without_a_gradient_each_output_counts_once() -> None:
    layer = dense()
    asked = vjp(layer, [X], None, layer.trainable_weights)
    ones = vjp(layer, [X], np.ones((2, 2), "float32"), layer.trainable_weights)
    for one, other in zip(
        [*asked.input_grads, *asked.variable_grads],
        [*ones.input_grads, *ones.variable_grads],
        strict=True,
    ):
        record.same("way back: without a gradient", one, other)


def test_what_the_outputs_do_not_depend_on_gets_zeros_of_its_shape() -> None:
    layer = dense()
    way = vjp(lambda left, right: left * 2, [X, X[:, :1]], X, layer.trainable_weights)
    record.same("way back: unused", way.input_grads[0], 2 * X)
    record.same("way back: unused", way.input_grads[1], np.zeros((2, 1), "float32"))
    record.same("way back: unused", way.variable_grads[0], np.zeros((3, 2), "float32"))


def test_outputs_that_depend_on_nothing_give_zeros_everywhere() -> None:
    layer = dense()
    way = vjp(lambda x: keras.ops.zeros((2, 3)), [X], X, layer.trainable_weights)
    record.same("way back: unused", way.outputs, np.zeros((2, 3), "float32"))
    record.same("way back: unused", way.input_grads[0], np.zeros((2, 3), "float32"))


def test_float64_stays_float64() -> None:
    wide = X.astype("float64")
    way = vjp(lambda x: x * x, [wide], wide)
    record.same("way back: float64", way.outputs, wide * wide)
    record.same("way back: float64", way.input_grads[0], 2 * wide * wide)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="it is TensorFlow's tape")
def test_a_gradient_tape_says_the_same() -> None:
    import tensorflow as tf

    layer, x = keras.layers.Dense(2, activation="tanh"), tf.constant(X)
    layer.build((None, 3))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        outputs = layer(x)
    way = vjp(layer, [X], GRAD, layer.trainable_weights)
    record.same("way back: outputs", outputs.numpy(), way.outputs)
    wanted = tape.gradient(
        outputs, [x, *[each.value for each in layer.trainable_weights]], tf.constant(GRAD)
    )
    for one, other in zip(wanted, [*way.input_grads, *way.variable_grads], strict=True):
        record.same("way back: a tape", one.numpy(), other)


@pytest.mark.skipif(
    keras.backend.backend() == "tensorflow",
    reason="TensorFlow draws from its own streams: only JAX and torch are lent them",
)
def test_what_is_lent_is_what_the_backend_draws_with() -> None:
    import keras.src.backend as keras_backend

    assert keras_backend.random.uniform is lent_streams._uniform
    assert keras_backend.random.dropout.__module__ == lent_streams.__name__
    with lent_streams.taken_back():
        assert keras_backend.random.uniform.__module__ == keras_backend.random.__name__
    assert keras_backend.random.uniform is lent_streams._uniform
