"""Matrix products give TensorFlow's bits where the inner axis is long enough to be cut."""

import numpy as np
import pytest
import tensorflow as tf

from minidense.products import column_sums, product


@pytest.mark.parametrize("inner", [8, 100, 384, 385, 400, 512, 768, 769, 784, 1000, 2048, 3000])
@pytest.mark.parametrize("rows", [16, 32, 64, 256])
def test_a_product_is_tensorflows_bit_for_bit(rows, inner):
    random = np.random.default_rng(inner)
    left = random.random((rows, inner), dtype="float32")
    right = random.standard_normal((inner, 128)).astype("float32")
    assert np.array_equal(product(left, right), tf.matmul(left, right).numpy())


@pytest.mark.parametrize("rows", [32, 400, 1000])
def test_the_gradient_of_a_kernel_is_tensorflows_bit_for_bit(rows):
    random = np.random.default_rng(rows)
    inputs = random.random((rows, 784), dtype="float32")
    grad = random.standard_normal((rows, 128)).astype("float32")
    theirs = tf.matmul(inputs, grad, transpose_a=True).numpy()
    assert np.array_equal(product(inputs.T, grad), theirs)


@pytest.mark.parametrize("units", [10, 128, 500])
def test_the_gradient_of_inputs_is_tensorflows_bit_for_bit(units):
    random = np.random.default_rng(units)
    grad = random.standard_normal((32, units)).astype("float32")
    kernel = random.standard_normal((784, units)).astype("float32")
    theirs = tf.matmul(grad, kernel, transpose_b=True).numpy()
    assert np.array_equal(product(grad, kernel.T), theirs)


def test_without_the_cuts_the_bits_differ():
    random = np.random.default_rng(0)
    left = random.random((32, 784), dtype="float32")
    right = random.standard_normal((784, 128)).astype("float32")
    assert not np.array_equal(left @ right, tf.matmul(left, right).numpy())


@tf.function(reduce_retracing=True)
def bias_gradient(bias, grad):
    with tf.GradientTape() as tape:
        tape.watch(bias)
        outputs = tf.add(tf.zeros_like(grad), bias)
    return tape.gradient(outputs, bias, output_gradients=grad)


@pytest.mark.parametrize("columns", [3, 8, 10, 12, 128, 131])  # one column goes another way
@pytest.mark.parametrize("rows", [1, 8, 15, 16, 28, 32, 33, 100, 1000])
def test_the_gradient_of_a_bias_is_tensorflows_bit_for_bit(rows, columns):
    grad = np.random.default_rng(rows).standard_normal((rows, columns)).astype("float32")
    theirs = bias_gradient(tf.zeros(columns), tf.constant(grad)).numpy()
    assert np.array_equal(column_sums(grad), theirs)
