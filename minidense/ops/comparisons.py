"""Operations that compare numbers, combine truth values, and choose by them.

Two tensors are brought to one dtype, and stretched over each other as in NumPy.
"""

from typing import Any

import numpy as np

from minidense.engine.inputs import to_one_dtype
from minidense.engine.operation import Composite, operation
from minidense.ops.broadcasting import fitted


@operation(elementwise=True, casting=to_one_dtype)
def equal(x1: Any, x2: Any) -> Any:
    """Return where x1 == x2; mirrors `tf.equal`.

    >>> equal(np.float32([1, 2]), 2)
    array([False,  True])
    """
    return np.equal(x1, x2)


@operation(elementwise=True, casting=to_one_dtype)
def not_equal(x1: Any, x2: Any) -> Any:
    """Return where x1 != x2; mirrors `tf.not_equal`.

    >>> not_equal(np.float32([1, 2]), 2)
    array([ True, False])
    """
    return np.not_equal(x1, x2)


@operation(elementwise=True, casting=to_one_dtype)
def greater(x1: Any, x2: Any) -> Any:
    """Return where x1 > x2; mirrors `tf.greater`.

    >>> greater(np.float32([1, 2]), 1)
    array([False,  True])
    """
    return np.greater(x1, x2)


@operation(elementwise=True, casting=to_one_dtype)
def greater_equal(x1: Any, x2: Any) -> Any:
    """Return where x1 >= x2; mirrors `tf.greater_equal`.

    >>> greater_equal(np.float32([1, 2]), 1)
    array([ True,  True])
    """
    return np.greater_equal(x1, x2)


@operation(elementwise=True, casting=to_one_dtype)
def less(x1: Any, x2: Any) -> Any:
    """Return where x1 < x2; mirrors `tf.less`.

    >>> less(np.float32([1, 2]), 2)
    array([ True, False])
    """
    return np.less(x1, x2)


@operation(elementwise=True, casting=to_one_dtype)
def less_equal(x1: Any, x2: Any) -> Any:
    """Return where x1 <= x2; mirrors `tf.less_equal`.

    >>> less_equal(np.float32([1, 2]), 2)
    array([ True,  True])
    """
    return np.less_equal(x1, x2)


@operation(elementwise=True)
def logical_and(x1: Any, x2: Any) -> Any:
    """Return where both are true, as each number but 0 is; mirrors `tf.logical_and`.

    >>> logical_and(np.array([True, False]), True)
    array([ True, False])
    """
    return np.logical_and(x1, x2)


@operation(elementwise=True)
def logical_or(x1: Any, x2: Any) -> Any:
    """Return where one is true, as each number but 0 is; mirrors `tf.logical_or`.

    >>> logical_or(np.array([True, False]), False)
    array([ True, False])
    """
    return np.logical_or(x1, x2)


@operation(elementwise=True)
def logical_xor(x1: Any, x2: Any) -> Any:
    """Return where just one is true, as each number but 0 is; mirrors `tf.math.logical_xor`.

    >>> logical_xor(np.array([True, False]), True)
    array([False,  True])
    """
    return np.logical_xor(x1, x2)


@operation(elementwise=True)
def logical_not(x: Any) -> Any:
    """Return where x is not true, as each number but 0 is; mirrors `tf.logical_not`.

    >>> logical_not(np.array([True, False]))
    array([False,  True])
    """
    return np.logical_not(x)


@operation(elementwise=True)
def isnan(x: Any) -> Any:
    """Return where x is NaN; mirrors `tf.math.is_nan`.

    >>> isnan(np.float32([1, np.nan]))
    array([False,  True])
    """
    return np.isnan(x)


@operation(elementwise=True)
def isinf(x: Any) -> Any:
    """Return where x is infinite, on either side; mirrors `tf.math.is_inf`.

    >>> isinf(np.float32([1, -np.inf, np.nan]))
    array([False,  True, False])
    """
    return np.isinf(x)


@operation(elementwise=True)
def isfinite(x: Any) -> Any:
    """Return where x is neither infinite nor NaN; mirrors `tf.math.is_finite`.

    >>> isfinite(np.float32([1, -np.inf, np.nan]))
    array([ True, False, False])
    """
    return np.isfinite(x)


@operation(elementwise=True, casting=to_one_dtype)
def bitwise_and(x1: Any, x2: Any) -> Any:
    """Return x1 & x2 bit by bit, of truth values as such; mirrors `tf.bitwise.bitwise_and`.

    >>> bitwise_and(np.int32([6]), 3)
    array([2], dtype=int32)
    """
    return np.bitwise_and(x1, x2)


@operation(elementwise=True, casting=to_one_dtype)
def bitwise_or(x1: Any, x2: Any) -> Any:
    """Return x1 | x2 bit by bit, of truth values as such; mirrors `tf.bitwise.bitwise_or`.

    >>> bitwise_or(np.int32([6]), 3)
    array([7], dtype=int32)
    """
    return np.bitwise_or(x1, x2)


@operation(elementwise=True, casting=to_one_dtype)
def bitwise_xor(x1: Any, x2: Any) -> Any:
    """Return x1 ^ x2 bit by bit, of truth values as such; mirrors `tf.bitwise.bitwise_xor`.

    >>> bitwise_xor(np.int32([6]), 3)
    array([5], dtype=int32)
    """
    return np.bitwise_xor(x1, x2)


@operation(elementwise=True)
def bitwise_invert(x: Any) -> Any:
    """Return the other bits, or the other truth value; mirrors `tf.bitwise.invert`.

    >>> bitwise_invert(np.int32([0, 1]))
    array([-1, -2], dtype=int32)
    """
    return np.invert(x)


@Composite
def bitwise_not(x: Any) -> Any:
    """Return the other bits, or the other truth value: another name of `bitwise_invert`.

    >>> bitwise_not(np.int32([0, 1]))
    array([-1, -2], dtype=int32)
    """
    return bitwise_invert(x)


def _branches_to_one_dtype(inputs: Any) -> list[Any]:
    return [inputs[0], *to_one_dtype(inputs[1:])]


@operation(elementwise=True, casting=_branches_to_one_dtype)
def where(condition: Any, x1: Any, x2: Any) -> Any:
    """Return x1 where a condition is true, else x2; mirrors `tf.where`.

    >>> where(np.array([True, False]), np.float32([1, 2]), 0)
    array([1., 0.], dtype=float32)
    """
    return np.where(condition, x1, x2)


@where.gradient
def _(grad: Any, condition: Any, x1: Any, x2: Any) -> Any:
    return None, *gradients_of_chosen(grad, condition, x1, x2, condition)


def gradients_of_chosen(grad: Any, is_first: Any, x1: Any, x2: Any, *others: Any) -> Any:
    """Return the gradients of two tensors of which one was chosen, number by number."""
    by_x1, by_x2 = where(is_first, grad, 0.0), where(is_first, 0.0, grad)
    return fitted(by_x1, x1, x2, *others), fitted(by_x2, x2, x1, *others)
