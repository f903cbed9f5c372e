"""What rounding explains: how far two arrays may be apart and still be the same numbers."""

from typing import NamedTuple

import numpy as np

from minidense.typing import Array

RTOL = {2: 1e-2, 4: 3e-6, 8: 1e-14}
"""By the bytes of a float, relative to the largest number of an array.

Between Keras and minidense, 60 drawn models and six wide or deep ones (up to 20 layers, or 4096
units, with inputs up to 255) used at most 16 % of what is allowed in float32.
"""


class Tolerance(NamedTuple):
    """What is allowed; None means what rounding explains in the arrays' dtype."""

    rtol: float | None = None
    atol: float | None = None

    def allowed(
        self, reference: Array, model: Array, floor: float = 0.0, carried: float = 0.0
    ) -> float:
        """Return the largest distance that passes: atol + rtol * the arrays' largest number.

        The scale is that of the array and not of each number, since a sum's rounding is that of
        its largest terms: a number near 0 that two large ones left has no digits to compare.

        Args:
            reference: an array.
            model: another one of this shape.
            floor: numbers of this size went into the arrays, so that their rounding shows too.
            carried: what the differences that were accepted before come to here.
        """
        bytes_ = [a.dtype.itemsize for a in (reference, model) if a.dtype.kind == "f"]
        if not bytes_:
            return 0.0  # whole numbers
        rtol = RTOL.get(max(bytes_), 1e-14) if self.rtol is None else self.rtol
        if self.atol is None:
            atol = 2 * float(np.finfo(f"f{max(bytes_)}").eps) * floor + carried
        else:
            atol = self.atol
        return atol + rtol * max(_largest(reference), _largest(model))

    def accepts(self, reference: Array, model: Array, floor: float = 0.0) -> bool:
        """Whether two arrays have one shape, and differ by no more than is allowed."""
        if reference.shape != model.shape:
            return False
        return not beyond(reference, model, self.allowed(reference, model, floor)).any()


def beyond(reference: Array, model: Array, allowed: float) -> Array:
    """Return where two arrays are farther apart than allowed; NaN agrees with NaN alone."""
    one, other = reference.astype(np.float64), model.astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        near = np.abs(one - other) <= allowed
    same: Array = (one == other) | (np.isnan(one) & np.isnan(other))
    return ~(near | same)


def _largest(array: Array) -> float:
    finite = np.abs(array.astype(np.float64)[np.isfinite(array)])
    return float(finite.max()) if finite.size else 0.0
