"""Sums in TensorFlow's order, against loops over single numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidense.sums import row_sums, total

f32 = np.float32


def summed_one_by_one(numbers):
    """The order in words: four sums of registers, what is left over, halves, then the rest."""
    full = len(numbers) // 8 * 8
    registers = [numbers[start : start + 8] for start in range(0, full, 8)]
    in_fours = len(registers) // 4 * 4
    sums = [np.zeros(8, f32) for _ in range(4)]
    for place, register in enumerate(registers[:in_fours]):
        sums[place % 4] = sums[place % 4] + register
    eight = ((sums[0] + sums[1]) + sums[2]) + sums[3]
    for register in registers[in_fours:]:
        eight = eight + register
    while len(eight) > 1:
        half = len(eight) // 2
        eight = eight[:half] + eight[half:]
    rest = f32(0)
    for number in numbers[full:]:
        rest = rest + number
    return rest + eight[0]


@settings(max_examples=100, deadline=None)
@given(count=st.integers(0, 200), seed=st.integers(0, 10**6))
def test_a_total_is_the_sum_one_by_one_bit_for_bit(count, seed):
    numbers = np.random.default_rng(seed).standard_normal(count).astype(f32)
    assert total(numbers) == summed_one_by_one(numbers)


@pytest.mark.parametrize("columns", [1, 3, 7, 8, 10, 16, 31, 32, 37, 40, 64, 100])
def test_each_row_is_summed_by_itself(columns):
    rows = np.random.default_rng(columns).standard_normal((5, columns)).astype(f32)
    full = columns // 8 * 8
    sums = row_sums(rows[:, :full], rows[:, full:])
    assert sums.shape == (5, 1)
    assert sums[:, 0].tolist() == [float(summed_one_by_one(row)) for row in rows]


def test_the_order_is_not_numpys():
    rows = np.random.default_rng(0).standard_normal((1000, 10)).astype(f32)
    ours = row_sums(rows[:, :8], rows[:, 8:])[:, 0]
    assert (ours != rows.sum(axis=1)).any()
    np.testing.assert_allclose(ours, rows.sum(axis=1), rtol=0, atol=2e-6)  # sums up to 10


def test_a_total_of_nothing_is_zero_and_of_float64_numpys():
    assert total(np.zeros((0, 3), f32)) == 0
    numbers = np.random.default_rng(0).standard_normal((7, 9))
    assert total(numbers) == numbers.sum()
    assert total(numbers).dtype == np.float64


def test_a_sum_of_no_columns_is_zero_in_the_same_dtype():
    nothing = np.zeros((3, 0), f32)
    sums = row_sums(nothing, nothing)
    assert sums.tolist() == [[0], [0], [0]]
    assert sums.dtype == f32
    assert total(nothing).dtype == f32


@pytest.mark.parametrize("columns", [3, 8, 10, 40])
def test_what_is_before_the_last_axis_makes_no_difference(columns):
    rows = np.random.default_rng(columns).standard_normal((6, columns)).astype(f32)
    full = columns // 8 * 8
    sums = row_sums(rows[:, :full], rows[:, full:])
    cube = rows.reshape(2, 3, columns)
    assert np.array_equal(row_sums(cube[..., :full], cube[..., full:]), sums.reshape(2, 3, 1))
    assert np.array_equal(row_sums(rows[0, :full], rows[0, full:]), sums[0])
