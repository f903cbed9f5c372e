"""Logarithms as TensorFlow computes them, the same bits.

On registers log(x) is a quotient of polynomials, each step rounded; what fills no register is the
C library's logf, which also is the logarithm inside the sparse softmax cross-entropy. NumPy's
logarithm has the same bits in 41 to 88 % of the numbers. In float64 the logarithms are NumPy's.

Mirrors `plog_impl_float`, `generic_log1p` and `generic_expm1` in Eigen's
`GenericPacketMathFunctions.h`, and glibc's `logf`. Measured on TensorFlow 2.21.0: log has the same
bits in 3,000,001 of 3,000,001 numbers.
"""

from functools import cache
from typing import Any

import numpy as np

from minidense.numerics.exponentials import ONE, exp
from minidense.numerics.registers import constants, in_registers, looked_up, polynomial
from minidense.typing import Array

_ROOT, _LN_2 = constants("float32", 0.70710678, 0.69314718)  # of one half; of 2
_ABOVE = constants("float32", 0.18256296349849254, 1.0000000190281063, 1.0000000190281136)
_BELOW = constants("float32", 0.049616247954120038, 0.59923249590823520, 1.4999999999999927, 1.0)

_FIRST = 0x3F33  # the first half of the bits of 0.699: glibc counts binary powers from there
# near the middle of each sixteenth, 1 / middle as glibc has it, from 0.699 up
_RECIPROCALS = """
    1.661ec79f8f3bep+0 1.571ed4aaf883dp+0 1.49539f0f010bp+0 1.3c995b0b80385p+0 1.30d190c8864a5p+0
    1.25e227b0b8eap+0 1.1bb4a4a1a343fp+0 1.12358f08ae5bap+0 1.0953f419900a7p+0 1p+0
    1.e608cfd9a47acp-1 1.ca4b31f026aap-1 1.b2036576afce6p-1 1.9c2d163a1aa2dp-1 1.886e6037841edp-1
    1.767dcf5534862p-1
"""
_QUARTIC, _CUBIC, _QUADRATIC, _ONE = (
    np.array(float.fromhex(value))
    for value in ("-0x1.00ea348b88334p-2", "0x1.5575b0be00b6ap-2", "-0x1.ffffef20a4123p-2", "1")
)
_BINARY = [  # of log2(1 + rest), in powf
    np.array(float.fromhex(f"{value}"))
    for value in (
        *("0x1.27616c9496e0bp-2", "-0x1.71969a075c67ap-2", "0x1.ec70a6ca7baddp-2"),
        *("-0x1.7154748bef6c8p-1", "0x1.71547652ab82bp0"),
    )
]


def log(x: Array) -> Array:
    """Return the natural logarithm.

    >>> log(np.float32([1.0, 2.0]))
    array([0.       , 0.6931472], dtype=float32)
    """
    return np.log(x) if x.dtype != np.float32 else in_registers(_packed, logf, x)


def log1p(x: Array) -> Array:
    """Return log(1 + x), exact near 0.

    For what fills no register it is rounded from float64: in some thousands of numbers one differs
    from glibc's `log1pf`.

    >>> log1p(np.float32([0.0, 1.0]))
    array([0.       , 0.6931472], dtype=float32)
    """
    return np.log1p(x) if x.dtype != np.float32 else in_registers(_packed_log1p, _log1pf, x)


def _packed(x: Array) -> Array:
    native = np.log(x)  # knows what there is for 0, infinity, NaN and below 0
    return np.where(np.isfinite(native), _of_positive(x), native)


def _of_positive(x: Array) -> Any:
    """Return log(x) for finite numbers above 0: part * 2**power, with part from 0.71 to 1.41."""
    part, power = np.frexp(x)
    low = (part < _ROOT).astype(np.float32)
    rest = part - ONE + part * low
    quotient = polynomial(rest, _ABOVE) * rest / polynomial(rest, _BELOW)
    return (power.astype(np.float32) - low) * _LN_2 + quotient


def _packed_log1p(x: Array) -> Array:
    """Return log(1 + x), times what x lost when 1 was added: Kahan's correction."""
    more = x + ONE
    logarithm = _packed(more)
    is_exact = np.logical_or(more == ONE, more == logarithm)  # for a small x, and for infinity
    return np.where(is_exact, x, x * (logarithm / (more - ONE)))


def _log1pf(x: Array) -> Array:
    return np.log1p(x, dtype=np.float64).astype(np.float32)


def expm1(x: Array) -> Array:
    """Return exp(x) - 1, exact near 0.

    For what fills no register it is rounded from float64, as in `log1p`.

    >>> expm1(np.float32([0.0, 1.0]))
    array([0.       , 1.7182819], dtype=float32)
    """
    return np.expm1(x) if x.dtype != np.float32 else in_registers(_packed_expm1, _expm1f, x)


def _packed_expm1(x: Array) -> Array:
    """Return exp(x) - 1, times what x lost when its exponential was rounded: Kahan's correction."""
    power = exp(x)
    logarithm = _packed(power)
    less = power - ONE
    values = np.where(logarithm == power, power, less * (x / logarithm))  # infinity stays
    return np.where(power == ONE, x, np.where(less == -ONE, -ONE, values))


def _expm1f(x: Array) -> Array:
    return np.expm1(x, dtype=np.float64).astype(np.float32)


def logf(x: Array) -> Array:
    """Return the logarithm as glibc does: in float64, log(middle) + log(x / middle).

    >>> logf(np.float32([1.0, 2.0]))
    array([0.       , 0.6931472], dtype=float32)
    """
    native = np.log(x)
    return np.where(np.isfinite(native), logf_of_positive(x), native)


def logf_of_positive(x: Array) -> Any:
    """Return logf(x) for finite numbers above 0."""
    row, rest = _near_a_middle(x)
    powers = ((_QUARTIC * rest + _CUBIC) * rest + _QUADRATIC) * rest * rest
    return (powers + rest + row[..., 1]).astype(np.float32)


def log2_of_positive(x: Array) -> Any:
    """Return log2(x) in float64 for finite numbers above 0, as glibc does inside its powf."""
    row, rest = _near_a_middle(x)
    return polynomial(rest, _BINARY) * rest + row[..., 2]


def _near_a_middle(x: Array) -> tuple[Any, Any]:
    """Return what the table has for the sixteenth that a number is in, and x / middle - 1."""
    row = looked_up(_table(), x.view(np.int32) >> _HALF_OF_BITS)
    return row, x.astype(np.float64) * row[..., 0] - _ONE


@cache
def _table() -> Array:
    """Return 1 / middle, log(middle) and log2(middle) for each first half of a number's bits."""
    halves = np.arange(1 << 15) - _FIRST
    reciprocals = np.array([float.fromhex(f"0x{value}") for value in _RECIPROCALS.split()])
    sixteenth, power = halves >> 3 & 15, halves >> 7
    scale = np.ldexp(reciprocals[sixteenth], -power)
    logarithm = np.log(1 / reciprocals)[sixteenth] + power * 0.6931471805599453
    binary = np.log2(1 / reciprocals)[sixteenth] + power
    return np.stack([scale, logarithm, binary], axis=1)


_HALF_OF_BITS = np.array(16, "int32")
