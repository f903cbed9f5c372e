"""Whole numbers beside a number, its sign, its size, and what takes the place of NaN.

The slope of what jumps is 0, or none at all.
"""

from typing import Any

import numpy as np

from minidense.config import floatx
from minidense.dtypes import is_floating
from minidense.engine.inputs import as_input, to_one_dtype, to_one_float
from minidense.engine.operation import Composite, operation
from minidense.ops.arithmetic import mod, multiply
from minidense.ops.comparisons import greater, isinf, isnan, less, logical_and, where
from minidense.ops.shapes import cast, convert_to_tensor


@operation(elementwise=True)
def absolute(x: Any) -> Any:
    """Return x without its sign; mirrors `tf.abs`.

    >>> absolute(np.float32([1, -2]))
    array([1., 2.], dtype=float32)
    """
    return np.abs(x)


@absolute.gradient
def _(grad: Any, x: Any) -> Any:
    return multiply(grad, sign(x))


abs = absolute  # noqa: A001


@operation(elementwise=True)
def sign(x: Any) -> Any:
    """Return -1, 0 or 1, of which the slope is 0; mirrors `tf.sign`.

    >>> sign(np.float32([3, 0, -2]))
    array([ 1.,  0., -1.], dtype=float32)
    """
    return np.sign(x)


@sign.gradient
def _(grad: Any) -> Any:
    return multiply(grad, 0.0)


@operation(elementwise=True, casting=to_one_float)
def floor(x: Any) -> Any:
    """Return the next whole number below, of which the slope is 0; mirrors `tf.floor`.

    >>> floor(np.float32([1.5, -1.5]))
    array([ 1., -2.], dtype=float32)
    """
    return np.floor(x)


@operation(elementwise=True, casting=to_one_float)
def ceil(x: Any) -> Any:
    """Return the next whole number above, of which the slope is 0; mirrors `tf.math.ceil`.

    >>> ceil(np.float32([1.5, -1.5]))
    array([ 2., -1.], dtype=float32)
    """
    return np.ceil(x)


@operation(elementwise=True)
def trunc(x: Any) -> Any:
    """Return the next whole number towards 0, of which the slope is 0.

    Source: `trunc` of `keras/src/backend/tensorflow/numpy.py`.

    >>> trunc(np.float32([1.5, -1.5]))
    array([ 1., -1.], dtype=float32)
    """
    return np.trunc(x) if is_floating(x.dtype) else x


@operation(elementwise=True)
def round(x: Any, *, decimals: int = 0) -> Any:  # noqa: A001 - Keras's name
    """Return the nearest number with so many decimals; halves go to the even one.

    Source: `round` of `keras/src/backend/tensorflow/numpy.py`.

    >>> round(np.float32([0.125, 2.5]), 2)
    array([0.12, 2.5 ], dtype=float32)
    """
    is_whole = x.dtype.kind in "iub"
    if is_whole and decimals >= 0:
        return x
    values = x.astype(floatx()) if is_whole else x
    if decimals == 0:
        return np.rint(values)
    factor = values.dtype.type(np.float32(10.0**decimals))  # 32 bits of it, as in Keras
    return (np.rint(values * factor) / factor).astype(x.dtype)


@Composite
def fmod(x1: Any, x2: Any) -> Any:
    """Return the rest of x1 / x2, with the sign of x1; of truth values as of whole numbers.

    Source: `fmod` of `keras/src/backend/tensorflow/numpy.py`.

    >>> fmod(np.int32([-3, 3]), 2)
    array([-1,  1], dtype=int32)
    """
    x1, x2 = to_one_dtype([as_input(x1, "fmod"), as_input(x2, "fmod")])
    if getattr(x1, "dtype", None) == "bool":
        x1, x2 = cast(x1, dtype="int32"), cast(x2, dtype="int32")
    return multiply(sign(x1), mod(absolute(x1), absolute(x2)))


@Composite
def nan_to_num(
    x: Any, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None
) -> Any:
    """Return x with numbers in the place of NaN and infinity; by default the largest there are.

    Source: `nan_to_num` of `keras/src/backend/tensorflow/numpy.py`.

    >>> nan_to_num(np.float32([np.nan, np.inf, 1.0]), posinf=9.0)
    array([0., 9., 1.], dtype=float32)
    """
    x = convert_to_tensor(as_input(x, "nan_to_num"))
    if not is_floating(x.dtype):
        return x
    largest = float(np.finfo(x.dtype).max)
    x = where(isnan(x), nan, x)
    x = where(logical_and(isinf(x), greater(x, 0)), largest if posinf is None else posinf, x)
    return where(logical_and(isinf(x), less(x, 0)), -largest if neginf is None else neginf, x)
