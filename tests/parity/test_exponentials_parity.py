"""The cross-entropies on logits give TensorFlow's bits: exponentials, sums, gradients, values."""

import ctypes
import ctypes.util

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minidense
from minidense.exponentials import exp_and_row_sums
from minidense.losses import crossentropy
from minidense.sums import total
from tests import record
from tests.parity.reference_only import tensorflow

tf = tensorflow("the bits of its own kernels are compared.")

SHAPES = [(1, 10), (7, 10), (32, 3), (32, 8), (32, 9), (32, 10), (33, 11), (32, 16), (5, 37)]
SHAPES += [(128, 10), (32, 100), (4, 1000)]


@pytest.mark.parametrize("count", [1, 7, 8, 9, 15, 16, 100, 4096])
def test_the_exponentials_are_tensorflows_bit_for_bit(count):
    numbers = (-80 * np.random.default_rng(count).random(count)).astype("float32")
    ours = exp_and_row_sums(numbers[np.newaxis])[0][0]
    record.same("exponentials: exp", tf.exp(numbers).numpy(), ours)


def test_what_fills_no_register_is_the_c_librarys_expf():
    expf = ctypes.CDLL(ctypes.util.find_library("m")).expf
    expf.restype, expf.argtypes = ctypes.c_float, [ctypes.c_float]
    numbers = (-80 * np.random.default_rng(0).random((50_000, 1))).astype("float32")
    _, sums = exp_and_row_sums(numbers)  # rows of one number: their sums are expf's values
    assert sums[:, 0].tolist() == [expf(number) for number in numbers[:, 0].tolist()]


@pytest.mark.parametrize("count", [1, 3, 7, 8, 10, 16, 31, 32, 33, 40, 64, 100, 128, 1000, 5000])
def test_a_total_is_tensorflows_bit_for_bit(count):
    random = np.random.default_rng(count)
    for _ in range(20):
        numbers = random.random(count, dtype="float32")
        record.close(
            "exponentials: totals",
            np.asarray(tf.reduce_sum(numbers)),
            np.asarray(total(numbers)),
            rtol=0,
        )


@settings(max_examples=60, deadline=None)
@given(shape=st.sampled_from(SHAPES), seed=st.integers(0, 10**6), scale=st.floats(0.01, 20))
def test_the_gradient_from_logits_is_tensorflows_bit_for_bit(shape, seed, scale):
    random = np.random.default_rng(seed)
    logits = (random.standard_normal(shape) * scale).astype("float32")
    labels = random.integers(0, shape[1], shape[0])
    one_hot = np.eye(shape[1], dtype="float32")[labels]
    _, sparse = tf.raw_ops.SparseSoftmaxCrossEntropyWithLogits(features=logits, labels=labels)
    _, dense = tf.raw_ops.SoftmaxCrossEntropyWithLogits(features=logits, labels=one_hot)
    ours = crossentropy.sparse_gradient(labels, logits, True)
    # TensorFlow sets numbers below 1.2e-38 to 0
    ours[np.abs(ours) < np.finfo("float32").tiny] = 0
    record.close("exponentials: sparse gradient from logits", sparse.numpy(), ours, rtol=0)
    ours = crossentropy.categorical_gradient(one_hot, logits, True)
    ours[np.abs(ours) < np.finfo("float32").tiny] = 0
    record.close("exponentials: categorical gradient from logits", dense.numpy(), ours, rtol=0)


@settings(max_examples=60, deadline=None)
@given(shape=st.sampled_from(SHAPES), seed=st.integers(0, 10**6))
def test_the_sparse_values_from_logits_are_within_a_unit_of_the_logarithm(shape, seed):
    """The logarithm is rounded from float64 here and computed by logf there: 1 in 400 differs."""
    random = np.random.default_rng(seed)
    logits = (random.standard_normal(shape) * 3).astype("float32")
    labels = random.integers(0, shape[1], shape[0])
    theirs, _ = tf.raw_ops.SparseSoftmaxCrossEntropyWithLogits(features=logits, labels=labels)
    ours = crossentropy.sparse_values(labels, logits, True)
    _, sums = exp_and_row_sums(logits - logits.max(axis=1, keepdims=True))
    unit = np.spacing(np.maximum(np.log(sums[:, 0]), ours))  # of whichever is the larger term
    assert (np.abs(ours - theirs.numpy()) <= unit).all()
    name = "exponentials: sparse values from logits"
    record.close(name, theirs.numpy(), ours, rtol=0, atol=float(unit.max()))


def test_the_loss_of_a_batch_is_tensorflows_bit_for_bit():
    random = np.random.default_rng(0)
    compared = 0
    for _ in range(20):
        logits = random.standard_normal((32, 10)).astype("float32")
        labels = random.integers(0, 10, 32)
        values, _ = tf.raw_ops.SparseSoftmaxCrossEntropyWithLogits(features=logits, labels=labels)
        ours = crossentropy.sparse_values(labels, logits, True)
        if np.array_equal(ours, values.numpy()):  # but for one logarithm in some hundreds
            theirs = tf.reduce_sum(values) / 32
            loss = minidense.losses.SparseCategoricalCrossentropy(from_logits=True)
            found = np.asarray(loss(labels, logits))
            record.close("exponentials: loss of a batch", np.asarray(theirs), found, rtol=0)
            compared += 1
    assert compared > 10
