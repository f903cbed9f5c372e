"""Matrix products give TensorFlow's bits, the gradients of a Dense among them."""

import keras
import numpy as np
import pytest

import minidense
from minidense.engine.function import Function
from minidense.engine.tape import Tape
from minidense.numerics.products import product
from tests import record
from tests.reference_only import tensorflow

tf = tensorflow("the bits of its own kernels are compared.")

pytestmark = pytest.mark.usefixtures("same_bits")


@pytest.mark.parametrize("inner", [8, 100, 384, 385, 400, 512, 768, 769, 784, 1000, 2048, 3000])
@pytest.mark.parametrize("rows", [16, 32, 64, 256])
def test_a_product_is_tensorflows_bit_for_bit(rows, inner):
    random = np.random.default_rng(inner)
    left = random.random((rows, inner), dtype="float32")
    right = random.standard_normal((inner, 128)).astype("float32")
    theirs = tf.matmul(left, right).numpy()
    record.close("products: outputs", theirs, product(left, right), rtol=0)


@pytest.mark.parametrize("rows", [32, 400, 1000])
def test_the_gradient_of_a_kernel_is_tensorflows_bit_for_bit(rows):
    random = np.random.default_rng(rows)
    inputs = random.random((rows, 784), dtype="float32")
    grad = random.standard_normal((rows, 128)).astype("float32")
    theirs = tf.matmul(inputs, grad, transpose_a=True).numpy()
    record.close("products: gradient of a kernel", theirs, product(inputs.T, grad), rtol=0)


@pytest.mark.parametrize("units", [10, 128, 500])
def test_the_gradient_of_inputs_is_tensorflows_bit_for_bit(units):
    random = np.random.default_rng(units)
    grad = random.standard_normal((32, units)).astype("float32")
    kernel = random.standard_normal((784, units)).astype("float32")
    theirs = tf.matmul(grad, kernel, transpose_b=True).numpy()
    record.close("products: gradient of inputs", theirs, product(grad, kernel.T), rtol=0)


def test_without_the_cuts_the_bits_differ():
    random = np.random.default_rng(0)
    left = random.random((32, 784), dtype="float32")
    right = random.standard_normal((784, 128)).astype("float32")
    assert not np.array_equal(left @ right, tf.matmul(left, right).numpy())


@pytest.mark.parametrize("rows", [16, 28, 32, 33, 100, 1000])
@pytest.mark.parametrize("shape", [(), (5,), (2, 3)])
def test_the_gradients_of_a_dense_are_kerass_bit_for_bit_in_a_graph(shape, rows):
    """In a graph, as in `fit`: there TensorFlow computes a kernel's and a bias's gradient at once.

    The bias's is added up row by row then; alone, Eigen would do it in another order.
    """
    random = np.random.default_rng(rows)
    inputs = random.random((rows, *shape, 20), dtype="float32")
    grad = random.standard_normal((rows, *shape, 12)).astype("float32")
    theirs = keras.layers.Dense(12, activation="relu")
    theirs.build(inputs.shape)

    @tf.function
    def gradients(inputs, grad):
        with tf.GradientTape() as tape:
            outputs = theirs(inputs)
        return tape.gradient(outputs, theirs.trainable_variables, output_gradients=grad)

    ours = minidense.layers.Dense(12, activation="relu")
    ours.build(inputs.shape)
    ours.set_weights(theirs.get_weights())

    def slopes(inputs, grad):
        with Tape() as tape:
            outputs = ours(inputs)
        return tape.gradients(outputs, ours.trainable_weights, grad)

    for weight_grad, keras_grad in zip(
        Function(slopes)(inputs, grad), gradients(inputs, grad), strict=True
    ):
        what = "products: gradients of a Dense in a graph"
        record.close(what, keras_grad.numpy(), weight_grad, rtol=0)
