"""Sums in TensorFlow's order, against loops over single numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidense.numerics.sums import bias_sums, column_sums, row_sums, sum_over, total

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


def in_order(numbers):
    result = f32(0)
    for number in numbers:
        result = result + number
    return result


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype(f32)


@settings(max_examples=100, deadline=None)
@given(count=st.integers(0, 300), seed=st.integers(0, 10**6))
def test_a_total_is_the_sum_one_by_one_bit_for_bit(count, seed):
    x = numbers(count, seed=seed)
    assert total(x) == summed_one_by_one(x)


def test_more_than_1024_registers_are_two_halves():
    x = numbers(20_000)  # 10,000 each, which are halved again: 5,000 and 5,000
    quarters = [summed_one_by_one(x[start : start + 5000]) for start in range(0, 20_000, 5000)]
    assert total(x) == (quarters[0] + quarters[1]) + (quarters[2] + quarters[3])


def test_a_long_row_is_cut_between_registers_of_the_array():
    x = numbers(2, 8201)  # the second row begins at one number after a register
    cut = 4104 - 1  # 8201 + 4101 numbers, rounded up to whole registers: 12304
    assert row_sums(x)[1] == summed_one_by_one(x[1, :cut]) + summed_one_by_one(x[1, cut:])


@pytest.mark.parametrize("columns", [1, 3, 7, 8, 10, 16, 31, 32, 37, 40, 64, 72, 100])
def test_each_row_is_summed_by_itself(columns):
    rows = numbers(6, columns)
    expected = [summed_one_by_one(row) for row in rows]
    assert row_sums(rows).tolist() == expected
    assert row_sums(rows.reshape(2, 3, columns)).tolist() == [expected[:3], expected[3:]]


@pytest.mark.parametrize("columns", [2, 8, 11])
@pytest.mark.parametrize("rows", [1, 15, 16, 18, 33])
def test_from_16_rows_on_every_fourth_row_goes_into_one_of_four_sums(rows, columns):
    x = numbers(rows, columns)
    packed = columns // 8 * 8 if rows >= 16 else 0
    full = rows // 4 * 4
    for column, found in enumerate(column_sums(x)):
        ordered = x[:, column]
        if column < packed:
            fours = in_order([in_order(ordered[start:full:4]) for start in range(4)])
            assert found == in_order([fours, *ordered[full:]])
        else:
            assert found == in_order(ordered)


def test_the_gradient_of_a_bias_is_added_up_row_by_row():
    x = numbers(50, 9)
    assert bias_sums(x).tolist() == [in_order(column) for column in x.T]
    assert bias_sums(x.reshape(5, 10, 9)).tolist() == bias_sums(x).tolist()
    assert (bias_sums(x) != column_sums(x)).any()


def test_a_single_column_is_summed_as_all_numbers_are():
    x = numbers(50, 1)
    assert column_sums(x).tolist() == [summed_one_by_one(x[:, 0])]


@settings(max_examples=60, deadline=None)
@given(
    shape=st.lists(st.integers(1, 6), min_size=1, max_size=4),
    axes=st.sets(st.integers(0, 3), min_size=1),
    dtype=st.sampled_from(["float32", "float64"]),
)
def test_a_sum_over_any_axes_is_numpys_but_for_the_order(shape, axes, dtype):
    x = np.random.default_rng(0).standard_normal(shape).astype(dtype)
    chosen = tuple(axis for axis in axes if axis < len(shape))
    found = np.asarray(sum_over(x, chosen))
    assert found.dtype == dtype
    np.testing.assert_allclose(found, x.sum(axis=chosen), rtol=1e-5, atol=1e-5)  # sums of 1,296
    assert found.shape == x.sum(axis=chosen).shape


def test_the_layout_in_memory_makes_no_difference():
    x = numbers(40, 24)
    turned = np.asfortranarray(x)
    for axes in ((0,), (1,), (0, 1)):
        assert np.array_equal(sum_over(x, axes), sum_over(turned, axes))


def test_the_order_is_not_numpys():
    rows = numbers(1000, 10)
    assert (row_sums(rows) != rows.sum(axis=1)).any()
    np.testing.assert_allclose(row_sums(rows), rows.sum(axis=1), rtol=0, atol=2e-6)  # up to 10


def test_a_sum_of_nothing_is_zero_in_the_same_dtype():
    nothing = np.zeros((3, 0), f32)
    assert sum_over(nothing, (1,)).tolist() == [0, 0, 0]
    assert sum_over(nothing, (0,)).shape == (0,)
    assert sum_over(nothing, (0, 1)) == 0
    assert sum_over(nothing, (0, 1)).dtype == f32
