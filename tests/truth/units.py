"""The error of computed numbers in units in the last place of the true ones."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from minidense.typing import Array
from tests.truth.exact import Exact, Real, last_place, mp, overflows, real, rounded


class Errors(NamedTuple):
    """The errors of an array, number by number."""

    in_units: Array
    """In units of the true value. 0.5 at most is the nearest float."""
    in_term_units: Array
    """In units of the largest term, where the formula has terms that may cancel; else as above."""
    cancels: bool
    """Whether any of the numbers has such terms."""


def errors_of(computed: Any, truth: Sequence[Exact]) -> Errors:
    """Measure an array of floats against the true values of its numbers, row after row."""
    array = np.asarray(computed)
    numbers = array.reshape(-1)
    assert len(numbers) == len(truth), f"{len(numbers)} numbers for {len(truth)} true ones"
    dtype = array.dtype.name
    pairs = [_units_off(number, exact, dtype) for number, exact in zip(numbers, truth, strict=True)]
    by_value, by_term = np.array(pairs, "float64").reshape(-1, 2).T
    return Errors(by_value, by_term, any(exact.term is not None for exact in truth))


def _units_off(number: Any, exact: Exact, dtype: str) -> tuple[float, float]:
    """Return the error in units of the value and in units of the largest term."""
    value, term = exact
    if overflows(value, dtype) or not np.isfinite(number):  # infinity and NaN are right or wrong
        nearest = rounded(value, dtype)
        alike = number == nearest or (np.isnan(number) and np.isnan(nearest))
        return (0.0, 0.0) if alike else (np.inf, np.inf)
    off = abs(real(number) - value)
    place = last_place(value, dtype)
    by_value = _over_unit(off, place)
    if term is None or not mp.isfinite(term):
        return by_value, by_value
    return by_value, _over_unit(off, max(place, last_place(term, dtype)))


def _over_unit(off: Real, place: int) -> float:
    return float(mp.ldexp(off, -place))


__all__ = ["Errors", "errors_of"]
