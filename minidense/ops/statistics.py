"""Operations that say how numbers lie: variances, weighted means, quantiles."""

from typing import Any

from minidense import checks
from minidense.config import floatx
from minidense.dtypes import is_floating, kind_of, result_type
from minidense.engine.inputs import as_operand, in_dtype
from minidense.engine.operation import Composite
from minidense.ops.arithmetic import multiply, subtract, true_divide
from minidense.ops.contractions import tensordot
from minidense.ops.functions import sqrt, square
from minidense.ops.reductions import mean
from minidense.ops.reductions import sum as sum_of
from minidense.ops.shapes import Axes


@Composite
def var(x: Any, axis: Axes = None, keepdims: bool = False) -> Any:
    """Return the mean of the squared distances from the mean; mirrors `tf.math.reduce_variance`.

    >>> import numpy as np
    >>> var(np.float32([[1, 2], [3, 6]]), axis=0)
    array([1., 4.], dtype=float32)
    """
    x = as_operand(x)
    x = x if is_floating(x.dtype) else in_dtype(x, floatx())
    distances = subtract(x, mean(x, axis=axis, keepdims=True))
    return mean(square(distances), axis=axis, keepdims=keepdims)


@Composite
def std(x: Any, axis: Axes = None, keepdims: bool = False) -> Any:
    """Return the root of the variance; mirrors `tf.math.reduce_std`.

    >>> import numpy as np
    >>> std(np.float32([[1, 2], [3, 6]]), axis=0)
    array([1., 2.], dtype=float32)
    """
    return sqrt(var(x, axis=axis, keepdims=keepdims))


def average(x: Any, axis: Axes = None, weights: Any = None) -> Any:
    """Return the mean over axes, or one in which numbers have weights.

    Args:
        x: numbers.
        axis: over which axes; None is all of them.
        weights: None, or one for each number of x; or one for each place of an only axis.

    Raises:
        ValueError: for weights that do not fit x.

    Source: `average` of `keras/src/backend/tensorflow/numpy.py`.

    >>> import numpy as np
    >>> average(np.float32([[1, 2], [3, 6]]), axis=1, weights=np.float32([1, 3]))
    array([1.75, 5.25], dtype=float32)
    """
    return _average(x, weights, axis=axis)


def _weighted(x: Any, weights: Any, axis: Axes = None) -> Any:
    x = as_operand(x)
    if weights is None:
        return mean(x, axis=axis)
    weights = as_operand(weights)
    dtype = result_type([kind_of(x), kind_of(weights), float])
    x, weights = in_dtype(x, dtype), in_dtype(weights, dtype)
    if axis is None or len(x.shape) == len(weights.shape):
        total = sum_of(multiply(x, weights), axis=axis)
        return true_divide(total, sum_of(weights, axis=axis))
    place = checks.one_weighted_axis(axis, weights.shape)
    return true_divide(tensordot(x, weights, axes=((place,), (0,))), sum_of(weights))


_average = Composite(_weighted, name="average")
