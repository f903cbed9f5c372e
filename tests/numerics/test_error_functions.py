"""The error functions against mpmath, and their ends."""

import mpmath
import numpy as np
import pytest

from minidense.numerics import error_functions

FUNCTIONS = {
    # name: (from, to, units in the last place that it is off at most: in float32, in float64)
    "erf": (-6, 6, 5, 4),
    "erfc": (-5, 8, 9, 8),
    "erfinv": (-0.7, 0.7, 4, 4),
}


def true(name, x):
    """Return the true values in twice the digits, as mpmath's numbers."""
    with mpmath.workdps(40):
        return [getattr(mpmath, name)(mpmath.mpf(float(each))) for each in x]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_it_is_near_the_true_value(name, dtype):
    low, high, *units = FUNCTIONS[name]
    random = np.random.default_rng(0)
    x = np.concatenate([random.uniform(low, high, 1000), random.normal(0, 1e-4, 29)]).astype(dtype)
    with np.errstate(all="ignore"):
        found = getattr(error_functions, name)(x)
    assert found.dtype == dtype
    sizes = np.abs(found)
    if name == "erfinv":  # begins with 1 + x, so near 0 it has the digits of numbers near 1
        sizes = np.maximum(sizes, found.dtype.type(1))
    unit = [mpmath.mpf(float(each)) for each in np.spacing(sizes)]
    errors = [
        abs(mpmath.mpf(float(a)) - b) / c
        for a, b, c in zip(found, true(name, x), unit, strict=True)
    ]
    assert max(errors) <= units[dtype == "float64"]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_quantile_in_the_tails_is_as_exact_as_1_minus_x(dtype):
    x = 1 - np.float64(0.5) ** np.arange(3, 20)
    with np.errstate(all="ignore"):
        found = error_functions.erfinv(x.astype(dtype))
    rtol = 2e-6 if dtype == "float32" else 1e-13
    np.testing.assert_allclose(found, np.array(true("erfinv", x), float), rtol=rtol)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("times", [1, 8], ids=["one by one", "in registers"])
def test_the_ends_are_as_they_should_be(dtype, times):
    for name, x, expected in (
        ("erf", [0, -0.0, np.inf, -np.inf, 1e30, -1e30], [0, -0.0, 1, -1, 1, -1]),
        ("erfc", [0, np.inf, -np.inf, 1e30, -1e30], [1, 0, 2, 0, 2]),
        ("erfinv", [0, 1, -1, 1.5, -2, np.inf], [0, np.inf, -np.inf, *[np.nan] * 3]),
    ):
        with np.errstate(all="ignore"):
            found = getattr(error_functions, name)(np.tile(np.array([*x, np.nan], dtype), times))
        np.testing.assert_array_equal(found, np.tile([*expected, np.nan], times))
