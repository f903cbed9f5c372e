"""How far two arrays are apart: absolutely, relatively, and in units in the last place.

A unit in the last place (ULP) is the step from one float to the next, so a distance in units counts
the floats between two numbers. It means the same for large and for small numbers.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from minidense.typing import Array


class Distance(NamedTuple):
    """The largest distance between two arrays, in three measures."""

    absolute: float
    relative: float
    """Over the larger of the two magnitudes; 0 where both are 0."""
    ulps: float
    """Floats in between; infinity where one of the two is no number and the other is one."""

    @property
    def none(self) -> bool:
        """Whether the two are equal, NaN counted as equal to NaN and 0.0 to -0.0."""
        return not self.ulps


def ulps_between(left: npt.ArrayLike, right: npt.ArrayLike) -> Array:
    """Return how many floats lie between each two numbers, as float64 of the arrays' shape.

    Both are read in the coarser dtype of the two. NaN is 0 units from NaN and infinitely many from
    all else; so is infinity. 0.0 and -0.0 are the same number.

    Raises:
        ValueError: if the shapes differ.

    >>> ulps_between(np.float32([1.0, 0.0]), np.float32([1.0000001, -0.0])).tolist()
    [1.0, 0.0]
    """
    one, other = _as_floats(left, right)
    (signs, magnitudes), (other_signs, other_magnitudes) = _split(one), _split(other)
    through_zero = magnitudes.astype(np.float64) + other_magnitudes.astype(np.float64)
    between = np.abs(magnitudes - other_magnitudes).astype(np.float64)
    counts: Array = np.where(signs == other_signs, between, through_zero)
    # finite beside infinite: the step to infinity is no step between numbers
    ends = ~(np.isfinite(one) & np.isfinite(other))
    same = (one == other) | (np.isnan(one) & np.isnan(other))
    counts[ends & ~same] = np.inf
    counts[same] = 0.0
    return counts


def distance(left: npt.ArrayLike, right: npt.ArrayLike) -> Distance:
    """Return the largest distance between two arrays of one shape.

    Raises:
        ValueError: if the shapes differ.

    >>> distance([1.0, 2.0], [1.0, 2.5])
    Distance(absolute=0.5, relative=0.2, ulps=1125899906842624.0)
    """
    one, other = (np.atleast_1d(array) for array in _as_floats(left, right))
    if not one.size:
        return Distance(0.0, 0.0, 0.0)
    units = ulps_between(one, other)
    wide, other_wide = one.astype(np.float64), other.astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        absolute = np.abs(wide - other_wide)
    absolute[units == 0] = 0.0
    absolute[np.isinf(units)] = np.inf
    larger = np.maximum(np.abs(wide), np.abs(other_wide))
    relative = np.divide(
        absolute, larger, out=absolute.copy(), where=(larger > 0) & np.isfinite(larger)
    )
    return Distance(float(absolute.max()), float(relative.max()), float(units.max()))


def _as_floats(left: npt.ArrayLike, right: npt.ArrayLike) -> tuple[Array, Array]:
    """Return both in the coarser float dtype of the two; whole numbers and bool as float64."""
    arrays = [np.asarray(left), np.asarray(right)]
    if arrays[0].shape != arrays[1].shape:
        raise ValueError(
            f"Only arrays of one shape have a distance. Received: {arrays[0].shape} and "
            f"{arrays[1].shape}."
        )
    sizes = [array.dtype.itemsize for array in arrays if array.dtype.kind == "f"]
    dtype = f"float{8 * min(sizes)}" if sizes else "float64"
    with np.errstate(over="ignore"):
        return arrays[0].astype(dtype), arrays[1].astype(dtype)


def _split(array: Array) -> tuple[Array, Array]:
    """Return which numbers are negative, and how many floats lie between each and 0."""
    whole = f"int{8 * array.dtype.itemsize}"
    bits = array.view(whole)
    return bits < 0, (bits & np.iinfo(whole).max).astype(np.int64)
