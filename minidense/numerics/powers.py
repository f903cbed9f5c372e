"""x ** y as TensorFlow computes it for what fills no register: glibc's powf.

So for Adam, which raises its two decays to the number of the step. It is 2 ** (y * log2(x)) in
float64; in 3 of 1,000 powers of 0.999 that is not the number nearest to the true one.

Mirrors glibc's `powf`. Measured on TensorFlow 2.21.0: the same bits for 0.9 and 0.999 to the power
of 1 to 9,400, but for results below 1.2e-38, which are 0 there.
"""

from typing import Any

import numpy as np

from minidense.numerics.exponentials import two_to
from minidense.numerics.logarithms import log2_of_positive
from minidense.numerics.registers import constants, in_registers
from minidense.typing import Array

(_SMALLEST,) = constants("float32", 1.1754944e-38)  # of the normal numbers


def power(x: Array, y: Array) -> Any:
    """Return x ** y for float32 arrays of one shape.

    >>> power(np.float32([0.999, 2.0]), np.float32([873.0, 0.5]))
    array([0.41751888, 1.4142135 ], dtype=float32)
    """
    return in_registers(_rounded_once, _powf, x, y)


def _rounded_once(x: Array, y: Array) -> Any:
    return np.power(x, y, dtype=np.float64).astype(np.float32)


def _powf(x: Array, y: Array) -> Any:
    once = _rounded_once(x, y)  # knows what there is for 0, infinity, NaN and below 0
    is_plain = (x >= _SMALLEST) & np.isfinite(x) & np.isfinite(y) & np.isfinite(once)
    return np.where(is_plain, two_to(log2_of_positive(x) * y.astype(np.float64)), once)
