"""Products are cut where TensorFlow cuts them, and nowhere else."""

import numpy as np
import pytest

from minidense.numerics.products import product

RANDOM = np.random.default_rng(0)


def drawn(*shape):
    return RANDOM.standard_normal(shape, dtype="float32")


@pytest.mark.parametrize("rows", [(32,), (2, 5), (2,)])
def test_a_long_product_is_the_sum_of_its_blocks(rows):
    left, right = drawn(*rows, 784), drawn(784, 16)
    parts = [left[..., a:b] @ right[a:b] for a, b in ((0, 384), (384, 584), (584, 784))]
    np.testing.assert_array_equal(product(left, right), parts[0] + parts[1] + parts[2])


def test_a_short_product_is_not_cut():
    left, right = drawn(32, 384), drawn(384, 16)
    np.testing.assert_array_equal(product(left, right), left @ right)


@pytest.mark.usefixtures("same_bits")
def test_a_single_row_is_added_up_term_by_term_and_not_cut():
    left, right = drawn(1, 2000), drawn(2000, 16)
    total = np.zeros(16, "float32")
    for number, row in zip(left[0].astype("float64"), right.astype("float64"), strict=True):
        total = (total + number * row).astype("float32")  # one rounding: a fused multiply-add
    np.testing.assert_array_equal(product(left, right)[0], total)
