"""True values: numbers with 60 digits, each with the largest term that it came from."""

from collections.abc import Iterable
from typing import Any, NamedTuple, TypeAlias

import mpmath
import numpy as np
import numpy.typing as npt

mp: Any = mpmath.mp.clone()  # of our own: the precision of everybody else's stays
mp.dps = 60

Real: TypeAlias = Any
"""A number of mpmath, of any size: no overflow, no underflow; or infinite, or NaN."""


class Exact(NamedTuple):
    """A true value, and the largest term of the sums in its formula, if terms may cancel.

    Where they do, a unit in the last place of the value says nothing: 1 - 0.9999999 is off by
    millions of them as soon as 0.9999999 is rounded. There the unit of the largest term counts.
    """

    value: Real
    term: Real | None = None


def real(number: Any) -> Real:
    """Return a float as it is, digit for digit; a Python float such as 0.9 is its binary value."""
    return mp.mpf(float(number))


def reals(array: npt.ArrayLike) -> list[Real]:
    """Return all numbers of an array, row after row."""
    return [real(number) for number in np.asarray(array).reshape(-1)]


def exacts(values: Iterable[Real]) -> list[Exact]:
    """Return true values that come from no sum."""
    return [Exact(value) for value in values]


def largest(numbers: Iterable[Real]) -> Real:
    """Return the largest number, NaN if there is one among them: Python's max may overlook it."""
    listed = list(numbers)
    return next(filter(mp.isnan, listed), None) or max(listed)


def largest_magnitude(numbers: Iterable[Real]) -> Real:
    """Return the largest magnitude of terms."""
    return largest([abs(number) for number in numbers])


_LIMITS = {name: np.finfo(name) for name in ("float32", "float64")}


def last_place(value: Real, dtype: str) -> int:
    """Return the exponent of the unit in the last place of floats of a number's magnitude.

    The unit is 2 to that power. Below the smallest normal float it stays that of the subnormal
    ones: the smallest of them.
    """
    limits = _LIMITS[dtype]
    exponent = limits.minexp if value == 0 else max(mp.mag(value) - 1, limits.minexp)
    return int(exponent - limits.nmant)


def overflows(value: Real, dtype: str) -> bool:
    """Whether no finite float of a dtype is near a true value; so it is for infinity and NaN."""
    if not mp.isfinite(value):
        return True
    limits = _LIMITS[dtype]
    if mp.mag(value) < limits.maxexp:
        return False
    half_a_step = mp.ldexp(mp.one, int(limits.maxexp) - int(limits.nmant) - 2)
    return not abs(value) < real(limits.max) + half_a_step


def rounded(value: Real, dtype: str) -> Any:
    """Return the float of a dtype that is nearest to a true value; infinity beyond the largest."""
    if overflows(value, dtype):
        return np.dtype(dtype).type(mp.sign(value) * mp.inf)
    place = last_place(value, dtype)
    nearest = mp.ldexp(mp.nint(mp.ldexp(value, -place)), place)  # ties to even
    return np.dtype(dtype).type(float(nearest))
