"""The cross-entropies on logits give TensorFlow's bits: exponentials, sums, values, slopes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minidense
from minidense.ops.crossentropies import categorical_from_logits, sparse_from_logits
from tests import record
from tests.reference_only import tensorflow

tf = tensorflow("the bits of its own kernels are compared.")

pytestmark = pytest.mark.usefixtures("same_bits")

SHAPES = [(1, 10), (7, 10), (32, 3), (32, 8), (32, 9), (32, 10), (33, 11), (32, 16), (5, 37)]
SHAPES += [(128, 10), (32, 100), (4, 1000), (6, 1)]


def compare(what, theirs, ours):
    """Compare bits, but for numbers below 1.2e-38, which TensorFlow sets to 0."""
    theirs, ours = (np.array(x) for x in (theirs, ours))
    for x in (theirs, ours):
        x[np.abs(x) < np.finfo("float32").tiny] = 0
    record.close(f"cross-entropies: {what}", theirs, ours, rtol=0)


@settings(max_examples=80, deadline=None)
@given(shape=st.sampled_from(SHAPES), seed=st.integers(0, 10**6), scale=st.floats(0.01, 20))
def test_values_and_slopes_from_logits_are_tensorflows_bit_for_bit(shape, seed, scale):
    random = np.random.default_rng(seed)
    logits = (random.standard_normal(shape) * scale).astype("float32")
    labels = random.integers(0, shape[1], shape[0])
    one_hot = np.eye(shape[1], dtype="float32")[labels]
    raw = tf.raw_ops
    theirs = raw.SparseSoftmaxCrossEntropyWithLogits(features=logits, labels=labels)
    for what, a, b in zip(
        ("values", "slopes"), theirs, sparse_from_logits(labels, logits), strict=True
    ):
        compare(f"sparse {what}", a, b)
    theirs = raw.SoftmaxCrossEntropyWithLogits(features=logits, labels=one_hot)
    ours = categorical_from_logits(one_hot, logits)
    for what, a, b in zip(("values", "slopes"), theirs, ours, strict=True):
        compare(f"categorical {what}", a, b)


@pytest.mark.parametrize("rows", [1, 7, 32, 100])
def test_the_loss_of_a_batch_is_tensorflows_bit_for_bit(rows):
    random = np.random.default_rng(rows)
    logits = random.standard_normal((rows, 10)).astype("float32")
    labels = random.integers(0, 10, rows)
    theirs = tf.reduce_sum(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)) / rows
    loss = minidense.losses.SparseCategoricalCrossentropy(from_logits=True)
    compare("loss of a batch", theirs, loss(labels, logits))
