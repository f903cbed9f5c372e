"""Sums are TensorFlow's bit for bit, over any axes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidense.numerics.sums import bias_sums, sum_over
from tests import record
from tests.reference_only import tensorflow

tf = tensorflow("the bits of its own kernels are compared.")

pytestmark = pytest.mark.usefixtures("same_bits")

dtypes = st.sampled_from(["float32", "float64"])
seeds = st.integers(0, 10**6)


def numbers(shape, dtype, seed):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def compare(what, theirs, ours):
    record.close(f"sums: {what}", np.asarray(theirs), np.asarray(ours), rtol=0)


@settings(max_examples=150, deadline=None)
@given(
    shape=st.lists(st.integers(1, 40), min_size=1, max_size=3)
    | st.lists(st.integers(1, 7), min_size=4, max_size=4)
    | st.lists(st.integers(1, 230), min_size=2, max_size=2),  # 54,193 float64 numbers at most
    axes=st.sets(st.integers(0, 3), min_size=1),
    dtype=dtypes,
    seed=seeds,
)
def test_a_sum_over_any_axes(shape, axes, dtype, seed):
    x = numbers(shape, dtype, seed)
    chosen = tuple(axis for axis in axes if axis < len(shape))
    compare(f"over axes, rank {len(shape)}", tf.reduce_sum(x, chosen), sum_over(x, chosen))


@settings(max_examples=20, deadline=None)
@given(rows=st.integers(1, 4), columns=st.integers(4000, 25_000), dtype=dtypes, seed=seeds)
def test_a_sum_of_long_rows(rows, columns, dtype, seed):
    x = numbers((rows, columns), dtype, seed)
    compare("long rows", tf.reduce_sum(x, 1), sum_over(x, (1,)))


@settings(max_examples=20, deadline=None)
@given(count=st.integers(4000, 50_000), dtype=dtypes, seed=seeds)
def test_a_sum_of_many_numbers(count, dtype, seed):
    x = numbers(count, dtype, seed)  # below 54,000 no number of threads makes a difference
    compare("many numbers", tf.reduce_sum(x), sum_over(x, (0,)))


@settings(max_examples=30, deadline=None)
@given(rows=st.integers(1, 500), columns=st.integers(1, 100), dtype=dtypes, seed=seeds)
def test_the_gradient_of_a_bias(rows, columns, dtype, seed):
    x = numbers((rows, columns + 1), dtype, seed)
    compare("bias", tf.raw_ops.BiasAddGrad(out_backprop=x), bias_sums(x))
