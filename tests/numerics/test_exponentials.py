"""The exponential of the cross-entropies, against the true one and by its definition."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidense.numerics.exponentials import exp_and_row_sums

f32 = np.float32
logits = st.floats(-87, 0, width=32)  # from -87.4 down the result is subnormal


def by_polynomial(x):
    """Eigen's polynomial with scalars; each operation rounds to float32."""
    turns = f32(math.floor(f32(f32(x) * f32(1.44269504)) + f32(0.5)))
    rest = f32(f32(x) - turns * f32(0.693359375)) - turns * f32(-2.12194440e-4)
    square = rest * rest
    odd = square * f32(8.36894474923610687255859375e-3) + f32(0.16666518151760101318359375)
    even = square * f32(1.37449637986719608306884765625e-3) + f32(4.166965186595916748046875e-2)
    even = even * square + f32(0.49999988079071044921875)
    return ((rest * odd + even) * square + (rest + f32(1))) * f32(2.0 ** float(turns))


@settings(max_examples=200, deadline=None)
@given(st.lists(logits, min_size=8, max_size=8))
def test_a_full_register_goes_by_the_polynomial(numbers):
    values, _ = exp_and_row_sums(np.array([numbers], f32))
    assert values[0].tolist() == [float(by_polynomial(number)) for number in numbers]


@settings(max_examples=200, deadline=None)
@given(st.lists(logits, min_size=1, max_size=40), st.integers(1, 4))
def test_every_exponential_is_within_a_unit_and_a_half_in_the_last_place(numbers, rows):
    values, _ = exp_and_row_sums(np.array([numbers] * rows, f32))
    true = np.exp(np.array(numbers, f32).astype(np.float64))
    # measured over 800,000 numbers: 1.29 units, since the polynomial has no fused multiply-adds
    assert (np.abs(values - true) <= 1.5 * np.spacing(true.astype(f32))).all()


def test_what_fills_no_register_is_rounded_nearly_always_as_the_true_value():
    numbers = (-20 * np.random.default_rng(0).random((1, 7))).astype(f32)
    many = np.concatenate([exp_and_row_sums(numbers * f32(scale))[0] for scale in range(1, 60)])
    scaled = np.concatenate([numbers * f32(scale) for scale in range(1, 60)])
    rounded = np.exp(scaled.astype(np.float64)).astype(f32)
    fine = scaled > -87
    assert (many[fine] == rounded[fine]).mean() > 0.99  # 1,699 of 1,700 were measured


def test_the_rows_share_registers_but_their_sums_do_not():
    numbers = (-9 * np.random.default_rng(3).random((4, 10))).astype(f32)
    values, sums = exp_and_row_sums(numbers)
    flat, _ = exp_and_row_sums(numbers.reshape(1, 40))
    assert np.array_equal(values.reshape(-1), flat[0])  # 40 numbers fill five registers
    alone = np.concatenate([exp_and_row_sums(row[np.newaxis])[1] for row in numbers])
    assert np.array_equal(sums, alone)


def test_the_largest_logit_gives_exactly_one():
    values, sums = exp_and_row_sums(np.zeros((2, 11), f32))
    assert (values == 1).all()
    assert (sums == 11).all()


@pytest.mark.parametrize("columns", [1, 8, 10])
def test_far_below_comes_zero_and_nan_stays_nan(columns):
    far = np.full((1, columns), -1e30, f32)
    values, sums = exp_and_row_sums(far)
    assert not values.any()
    assert not sums.any()
    minus_infinity, _ = exp_and_row_sums(np.full((1, columns), -np.inf, f32))
    assert not minus_infinity.any()
    with np.errstate(invalid="ignore"):  # as operations do
        values, sums = exp_and_row_sums(np.full((1, columns), np.nan, f32))
    assert np.isnan(values).all()
    assert np.isnan(sums).all()


def test_float64_goes_numpys_way():
    numbers = -9 * np.random.default_rng(3).random((4, 10))
    values, sums = exp_and_row_sums(numbers)
    assert np.array_equal(values, np.exp(numbers))
    np.testing.assert_allclose(sums, values.sum(axis=1, keepdims=True), rtol=1e-15)  # ten terms


def test_the_input_is_left_as_it_was():
    numbers = np.linspace(-3, 0, 20, dtype=f32).reshape(2, 10)
    before = numbers.copy()
    exp_and_row_sums(numbers)
    assert np.array_equal(numbers, before)


@pytest.mark.parametrize("shape", [(10,), (3, 2, 5), (5, 3, 9), (2, 3, 16), (3, 8, 1)])
def test_the_last_axis_is_summed_whatever_is_before_it(shape):
    numbers = (-9 * np.random.default_rng(4).random(shape)).astype(f32)
    values, sums = exp_and_row_sums(numbers)
    assert (values.shape, sums.shape) == (shape, (*shape[:-1], 1))
    flat, flat_sums = exp_and_row_sums(numbers.reshape(-1, shape[-1]))
    assert np.array_equal(values.reshape(flat.shape), flat)
    assert np.array_equal(sums.reshape(flat_sums.shape), flat_sums)


def test_numbers_that_lie_column_after_column_have_the_same_exponentials():
    numbers = (-9 * np.random.default_rng(5).random((50, 7))).astype(f32)  # 350: six are left over
    values, sums = exp_and_row_sums(np.asfortranarray(numbers))
    expected, expected_sums = exp_and_row_sums(numbers)
    assert np.array_equal(values, expected)
    assert np.array_equal(sums, expected_sums)
    row_by_row, _ = exp_and_row_sums(numbers.reshape(1, -1))
    assert np.array_equal(values.reshape(1, -1), row_by_row)
