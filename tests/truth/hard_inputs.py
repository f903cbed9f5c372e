"""The numbers that go in: ordinary ones, and those where floats have trouble. Data, no logic.

What is subnormal or saturated depends on the dtype, so most lists come twice.
"""

import numpy as np

from minidense.typing import Array

DTYPES = ("float32", "float64")

_TINY = {"float32": 2.0**-126, "float64": 2.0**-1022}  # the smallest normal number
_LEAST = {"float32": 2.0**-149, "float64": 2.0**-1074}  # the smallest subnormal one
_MOST = {name: float(np.finfo(name).max) for name in DTYPES}
_EPS = {name: float(np.finfo(name).eps) for name in DTYPES}

_FADING = {  # exp(-x) becomes subnormal at the first, 0 after the last
    "float32": [87.33, 87.34, 88.0, 90.0, 95.0, 100.0, 103.0, 103.9, 104.1],
    "float64": [708.3, 708.4, 710.0, 720.0, 735.0, 744.0, 745.1, 745.2],
}
_SATURATED = {  # sigmoid and tanh round to 1 on the way
    "float32": [8.0, 8.5, 9.0, 9.01, 9.1, 10.0, 15.0, 16.6, 16.64, 17.0, 17.33, 20.0, 50.0, 80.0],
    "float64": [17.0, 18.0, 18.7, 19.06, 19.1, 30.0, 36.0, 36.7, 36.75, 37.4, 40.0, 300.0, 700.0],
}


def numbers(dtype: str) -> dict[str, Array]:
    """Return numbers for functions of one number, by what is hard about them."""
    random = np.random.default_rng(11)
    tiny, least, most, eps = _TINY[dtype], _LEAST[dtype], _MOST[dtype], _EPS[dtype]
    small = [1e-10, 1e-20, 1e-30, 1.5 * tiny, tiny, 4e-4, 1e-3, 1e-2, eps, eps / 2, eps / 4]
    subnormal = [least, 2 * least, 3 * least, 1000 * least, 0.3 * tiny, tiny - least]
    big = [1e3, 1e4, 1e7, 1e10, 1e30, most / 2, most]
    lists = {
        "ordinary": [*random.normal(0, 1, 80), *random.normal(0, 4, 80)],
        "huge": both_signs(big),
        "tiny": both_signs(small),
        "subnormal": both_signs(subnormal),
        "signed zeros": [0.0, -0.0],
        "saturated": both_signs(_SATURATED[dtype]),
        "results that fade out": both_signs(_FADING[dtype]),
        "infinities": [np.inf, -np.inf],
        "NaN": [np.nan],
    }
    return {name: np.array(values, dtype) for name, values in lists.items()}


def both_signs(values: list[float]) -> list[float]:
    """Return the numbers and their negatives."""
    return [*values, *(-value for value in values)]


def around(dtype: str, *values: float) -> Array:
    """Return numbers, the floats next to them on either side, and the same of the other sign."""
    centres = np.array(both_signs(list(values)), dtype)
    beside = [np.nextafter(centres, dtype_limit) for dtype_limit in _ends(dtype)]
    return np.concatenate([centres, *beside])


def _ends(dtype: str) -> tuple[Array, Array]:
    most = np.dtype(dtype).type(np.inf)
    return most, -most


def rows(dtype: str) -> dict[str, Array]:
    """Return rows of logits, by what is hard about them: (rows, columns)."""
    random = np.random.default_rng(12)
    tiny, least, most = _TINY[dtype], _LEAST[dtype], _MOST[dtype]
    far = 60.0 if dtype == "float32" else 600.0
    fading = _FADING[dtype]
    lists = {
        "ordinary": random.normal(0, 2, (12, 5)),
        "ordinary, 37 columns": random.normal(0, 3, (2, 37)),
        "ties": [[1, 1, 1], [0, 0, 0], [-5, -5, 2], [7, 7, -1], [1e4, 1e4, 1e4]],
        "saturated": [[far, 0, -far], [20, 0, 1], [17, 0, 0], [-far / 2, far / 2, 0], [40, 0, 39]],
        "a long way below the maximum": random.uniform(-far, 0, (10, 4)),
        "results that fade out": [[0, -x, -x / 2] for x in fading],
        "huge": [[1e30, 0, -1e30], [1e20, 1e20, 0], [-1e30, -1e30, -1e30], [1e4, 300, 0]],
        "the largest numbers": [[most, most, 0], [most, -most, 0], [-most, -most, -most]],
        "tiny": [[tiny, 0, -tiny], [1e-20, 1e-10, -1e-10], [1e-30, 1e-30, 0]],
        "subnormal": [[least, 0, -least], [1000 * least, least, 0], [tiny - least, 0, 0]],
        "signed zeros": [[0.0, -0.0, 0.0], [-0.0, -0.0, -0.0]],
        "a large shift": random.normal(0, 2, (8, 4)) + 1e4,
        "minus infinity": [[0, -np.inf, 1], [-np.inf, -np.inf, 0]],
        "nothing but minus infinity": [[-np.inf, -np.inf, -np.inf]],
        "infinity": [[0, np.inf, 1], [np.inf, np.inf, 0]],
        "NaN": [[0, np.nan, 1]],
    }
    return {name: np.array(values, dtype) for name, values in lists.items()}


def probabilities(dtype: str) -> dict[str, Array]:
    """Return rows of probabilities, by what is hard about them: (rows, columns)."""
    random = np.random.default_rng(13)
    shares = np.exp(random.normal(0, 2, (12, 4)))
    tiny, least, eps = _TINY[dtype], _LEAST[dtype], _EPS[dtype]
    lists = {
        "ordinary": shares / shares.sum(axis=-1, keepdims=True),
        "exactly 0 and 1": [[0, 1, 0], [1, 0, 0], [0, 0.5, 0.5], [0, 0, 1]],
        "near 0 and 1": [[1e-4, 1 - 2e-4, 1e-4], [3e-7, 1 - 6e-7, 3e-7], [2e-6, 0.5, 0.5]],
        "below the clip": [[5e-8, 0.5, 0.5], [1e-10, 1 - 1e-10, 0], [1e-30, 0.25, 0.75]],
        "beyond the clip": [[1 - eps / 2, 1e-9, 0], [1 - eps / 2, eps / 2, 0]],
        "ties": [[1 / 3, 1 / 3, 1 / 3], [0.25, 0.25, 0.5], [0.5, 0.5, 0]],
        "tiny and subnormal": [[tiny, 0.5, 0.5], [least, 1, 0], [tiny - least, 0.125, 0.875]],
        "a sum far from 1": random.uniform(0.05, 0.9, (6, 4)),
        "NaN": [[np.nan, 0.5, 0.5]],
    }
    return {name: np.array(values, dtype) for name, values in lists.items()}


def predictions(dtype: str) -> dict[str, Array]:
    """Return rows that a squared error compares with the same rows in reverse."""
    random = np.random.default_rng(14)
    tiny, least, most = _TINY[dtype], _LEAST[dtype], _MOST[dtype]
    root = tiny**0.5
    lists = {
        "ordinary": random.normal(0, 3, (12, 4)),
        "ordinary, 37 columns": random.normal(0, 3, (2, 37)),
        "nearly equal": 1 + random.integers(-4, 5, (8, 4)) * _EPS[dtype],
        "huge": [[1e30, 0, -1e30], [1e18, 0, 1e3]],
        "the largest numbers": [[most, 0, 0], [most, 0, -most]],
        "a sum of squares that overflows": [[most**0.5 * 0.9, 0, 0, 0]],
        "tiny": [[1e-10, 0, 1e-12], [1e-15, 1e-16, 0], [2 * root, 0, 0]],
        "squares that are subnormal": [[root / 4, 0, 0], [root / 100, 0, root / 50]],
        "subnormal": [[least, 0, -least], [tiny - least, 0, least]],
        "signed zeros": [[0.0, 0.0, -0.0]],
        "infinities": [[np.inf, 0, 0], [np.inf, 0, np.inf], [-np.inf, 0, 1]],
        "NaN": [[np.nan, 0, 1]],
    }
    return {name: np.array(values, dtype) for name, values in lists.items()}


def gradients(dtype: str) -> dict[str, Array]:
    """Return gradients of eight weights, by what is hard about them."""
    random = np.random.default_rng(15)
    tiny, least, most = _TINY[dtype], _LEAST[dtype], _MOST[dtype]
    root, high = tiny**0.5, most**0.5
    lists = {
        "ordinary": random.normal(0, 1, 8),
        "of very different sizes": random.normal(0, 1, 8) * 10.0 ** np.arange(-6, 2),
        "huge": [high / 4, -high / 2, 1e10, -1e15, 1e5, 1e6, -1e7, 1e8],
        "squares that overflow": [2 * high, -10 * high, most / 4, -most / 4] * 2,
        "tiny": [1e-7, -1e-8, 1e-10, -1e-12, 1e-15, -1e-16, 1e-17, 2 * root],
        "squares that are subnormal": [root / 2, -root / 8, root / 64, -root / 1e3] * 2,
        "squares that vanish": [1e-5 * root, -1e-8 * root, 1e-10 * root, -2 * tiny] * 2,
        "subnormal": [least, -least, 1000 * least, 0.5 * tiny] * 2,
        "signed zeros": [0.0, -0.0] * 4,
        "infinities": [np.inf, -np.inf] * 4,
        "NaN": [np.nan] * 8,
    }
    return {name: np.array(values, dtype) for name, values in lists.items()}


WEIGHTS = np.array([1.0, -0.5, 0.0, 0.03, -2.0, 1e-3, 0.0, 7.0])
"""What the eight weights are before the step."""
