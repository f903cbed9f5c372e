"""Products are cut where TensorFlow cuts them, and nowhere else."""

import numpy as np
import pytest

from minidense.products import product

RANDOM = np.random.default_rng(0)


def drawn(*shape):
    return RANDOM.standard_normal(shape, dtype="float32")


@pytest.mark.parametrize("rows", [(32,), (2, 5), (2,)])
def test_a_long_product_is_the_sum_of_its_blocks(rows):
    left, right = drawn(*rows, 784), drawn(784, 16)
    parts = [left[..., a:b] @ right[a:b] for a, b in ((0, 384), (384, 584), (584, 784))]
    np.testing.assert_array_equal(product(left, right), parts[0] + parts[1] + parts[2])


@pytest.mark.parametrize("shape", [(32, 384), (1, 784), (1, 1, 2000), (784,)])
def test_short_products_and_those_of_a_single_row_are_not_cut(shape):
    left, right = drawn(*shape), drawn(shape[-1], 16)
    np.testing.assert_array_equal(product(left, right), left @ right)
