"""Functions of one number, by known answers: near the true value everywhere, and at the ends."""

import ctypes
import ctypes.util

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidense.numerics import exponentials, fused, logarithms, reciprocals, sigmoids
from minidense.numerics.softmax import softmax

f32 = np.float32
nan, inf = np.nan, np.inf


def silent(function):
    """Return a function as operations call it: what overflows does so in silence."""

    def called(*arrays):
        with np.errstate(all="ignore"):
            return function(*arrays)

    return called


def true_sigmoid(x):
    return 1 / (1 + np.exp(-x))


FUNCTIONS = {
    # name: (ours, the true one, from, to, units in the last place that it is off at most)
    "exp": (exponentials.exp, np.exp, -87, 88, 1.5),
    "log": (logarithms.log, np.log, 1e-30, 1e30, 3),  # 2.5 in 150,000 numbers
    "logf": (logarithms.logf, np.log, 1e-30, 1e30, 1),
    "log1p": (logarithms.log1p, np.log1p, 0.01, 1e30, 4),  # 3.4 in a million numbers
    "expm1": (logarithms.expm1, np.expm1, 1e-6, 88, 8),  # 6.0 in a million numbers
    "sigmoid": (sigmoids.sigmoid, true_sigmoid, -80, 15, 8),
    "tanh": (sigmoids.tanh, np.tanh, -9, 9, 8),
    "rsqrt": (reciprocals.rsqrt, lambda x: 1 / np.sqrt(x), 1e-30, 1e30, 4),
    "reciprocal": (reciprocals.reciprocal, lambda x: 1 / x, 1e-30, 1e30, 4),
    "fused_exp": (fused.fused_exp, np.exp, -86, 0, 6),
    "fused_sigmoid": (fused.fused_sigmoid, true_sigmoid, -80, 15, 8),
    "fused_tanh": (fused.fused_tanh, np.tanh, -9, 9, 1),
    "fused_silu": (fused.fused_silu, lambda x: x * true_sigmoid(x), -80, 80, 8),
}


@pytest.mark.parametrize("name", FUNCTIONS)
@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 10**6), count=st.integers(1, 40))
def test_it_is_near_the_true_value(name, seed, count):
    ours, true, low, high, units = FUNCTIONS[name]
    random = np.random.default_rng(seed)
    spread = random.uniform(low, high, count)
    if low > 0:
        spread = np.exp(random.uniform(np.log(low), np.log(high), count))
    x = spread.astype(f32)
    expected = true(x.astype(np.float64))
    error = np.abs(silent(ours)(x) - expected) / np.spacing(np.abs(expected).astype(f32))
    assert (error <= units).all()


ENDS = {
    "exp": ([0, inf, -inf, nan, 100, -200], [1, inf, 0, nan, inf, 0]),
    "log": ([1, 0, inf, -1, nan], [0, -inf, inf, nan, nan]),
    "logf": ([1, 0, inf, -1, nan], [0, -inf, inf, nan, nan]),
    "log1p": ([0, -1, inf, -2, nan], [0, -inf, inf, nan, nan]),
    "expm1": ([0, inf, -inf, nan, 100, -200], [0, inf, -1, nan, inf, -1]),
    "sigmoid": ([0, inf, -inf, nan], [0.5, 1, 0, nan]),
    "tanh": ([0, inf, -inf, nan], [0, 1, -1, nan]),
    "rsqrt": ([4, 0, -0.0, inf, -1, nan], [0.5, inf, -inf, 0, nan, nan]),
    "reciprocal": ([4, 0, -0.0, inf, -inf, nan], [0.25, inf, -inf, 0, 0, nan]),
    "fused_sigmoid": ([0, inf, -inf, nan], [0.5, 1, 0, nan]),
    "fused_tanh": ([0, inf, -inf, nan], [0, 1, -1, nan]),
    "fused_silu": ([0, inf, -inf, nan], [0, inf, nan, nan]),
}


@pytest.mark.parametrize("name", ENDS)
@pytest.mark.parametrize("times", [1, 8], ids=["one by one", "in registers"])
def test_the_ends_are_as_they_should_be(name, times):
    x, expected = (np.tile(np.array(side, f32), times) for side in ENDS[name])
    np.testing.assert_allclose(silent(FUNCTIONS[name][0])(x), expected, rtol=1e-6)


IN_FLOAT64 = ["exp", "expm1", "log", "log1p", "sigmoid", "tanh", "rsqrt", "reciprocal"]


@pytest.mark.parametrize("name", IN_FLOAT64)
def test_float64_stays_float64(name):
    ours, true, *_ = FUNCTIONS[name]
    x = np.linspace(0.1, 3, 11)
    np.testing.assert_allclose(ours(x), true(x), rtol=1e-15)
    assert ours(x).dtype == np.float64


def test_the_logarithm_and_the_exponential_of_the_c_library_are_its_bits():
    library = ctypes.CDLL(ctypes.util.find_library("m"))
    for name, ours, x in (
        ("logf", logarithms.logf, np.exp(np.random.default_rng(0).normal(0, 9, 20_000))),
        ("expf", exponentials.expf, np.random.default_rng(0).uniform(-87, 88, 20_000)),
    ):
        function = getattr(library, name)
        function.restype, function.argtypes = ctypes.c_float, [ctypes.c_float]
        found = ours(x.astype(f32)).tolist()
        assert found == [function(number) for number in x.astype(f32).tolist()]


def test_a_root_of_zero_has_no_gradient_where_nothing_comes_back():
    grad, y = np.array([0, 1, 0], f32), np.array([0, 0, 2], f32)
    assert silent(reciprocals.sqrt_gradient)(grad, y).tolist() == [0, inf, 0]


def test_a_fused_rectifier_makes_zero_of_nan():
    assert fused.fused_relu(np.array([nan, -1, 2, inf], f32)).tolist() == [0, 0, 2, inf]


# The softmax


@pytest.mark.parametrize("columns", [1, 2, 8, 10, 16, 17, 40, 64, 100, 200])
def test_a_softmax_is_near_the_true_one_and_sums_to_one(columns):
    x = np.random.default_rng(columns).normal(0, 3, (7, columns)).astype(f32)
    powers = np.exp(x.astype(np.float64) - x.max(axis=1, keepdims=True))
    expected = powers / powers.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(softmax(x), expected, rtol=3e-6)  # x - highest is rounded, too
    np.testing.assert_allclose(softmax(x).sum(axis=1), 1, rtol=1e-6)


def test_rows_do_not_touch_each_other():
    x = np.random.default_rng(0).normal(0, 3, (9, 10)).astype(f32)
    whole = softmax(x)
    assert all(
        np.array_equal(softmax(row[None])[0], found) for row, found in zip(x, whole, strict=True)
    )
    assert whole.flags.c_contiguous


def test_a_row_with_infinity_or_nan_is_nan_there_and_zero_elsewhere():
    x = np.array([[inf, 1, 2], [1, nan, 2], [-inf, -inf, -inf], [-inf, 0, 0]], f32)
    expected = [[nan, 0, 0], [0, nan, 0], [nan, nan, nan], [0, 0.5, 0.5]]
    np.testing.assert_array_equal(silent(softmax)(x), expected)


@pytest.mark.parametrize("shape", [(0, 3), (3, 0)])
def test_a_softmax_of_nothing_is_nothing(shape):
    assert softmax(np.zeros(shape, f32)).shape == shape


def test_a_softmax_in_float64_stays_there():
    x = np.random.default_rng(0).normal(0, 3, (5, 10))
    powers = np.exp(x - x.max(axis=1, keepdims=True))
    np.testing.assert_allclose(softmax(x), powers / powers.sum(axis=1, keepdims=True), rtol=1e-14)


def test_a_fused_elu_has_one_exponential_less_one_up_to_zero():
    found = silent(fused.fused_elu)(np.array([nan, -inf, -1, -0.0, 2, inf], f32))
    np.testing.assert_allclose(found, [nan, -1, np.expm1(-1), 0, 2, inf], rtol=1e-6)
