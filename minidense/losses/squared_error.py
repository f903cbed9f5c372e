"""The mean of squared differences.

Answers to `keras.losses.MeanSquaredError` (`keras/src/losses/losses.py`).
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from minidense import checks
from minidense.config import floatx
from minidense.conversion import as_array
from minidense.losses.loss import LossFunctionWrapper, to_same_rank
from minidense.typing import Array


def mean_squared_error(y_true: npt.ArrayLike, y_pred: npt.ArrayLike) -> Array:
    """Return mean((y_true - y_pred)**2) over the last axis, one value for each sample.

    >>> mean_squared_error(np.float32([[0.0, 2.0]]), np.float32([[0.0, 0.0]]))
    array([2.], dtype=float32)
    """
    predictions = as_array(y_pred)
    checks.not_boolean("mean_squared_error", predictions)
    given = checks.real_numbers("y_true", as_array(y_true))
    targets, predictions = to_same_rank(given.astype(predictions.dtype, copy=False), predictions)
    checks.same_shape("y_true", targets.shape, "y_pred", predictions.shape)
    squares = np.square(targets - predictions)
    if squares.dtype.kind != "f":
        squares = squares.astype(floatx())
    values: Array = squares.mean(axis=-1)
    return values


def mean_squared_error_gradient(y_true: Array, y_pred: Array) -> Array:
    """2 * (y_pred - y_true) / size of the last axis."""
    difference = y_pred - y_true.astype(y_pred.dtype)
    gradient: Array = 2 * difference / difference.dtype.type(difference.shape[-1])
    return gradient


class MeanSquaredError(LossFunctionWrapper):
    """The mean squared error of a batch.

    Shapes: y_true and y_pred (batch, ..., outputs), or (batch,) beside (batch, 1).

    >>> MeanSquaredError()(np.float32([[0.0], [2.0]]), np.float32([[0.0], [0.0]]))
    np.float32(2.0)
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "mean_squared_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(mean_squared_error, reduction, name, dtype)

    def check(self, y_true: Array, y_pred: Array) -> None:
        """Targets have the predictions' shape: nothing is stretched in silence."""
        checks.same_shape("y_true", y_true.shape, "y_pred", y_pred.shape)

    def call(self, y_true: Array, y_pred: Array) -> Array:
        """Return one value for each sample."""
        return mean_squared_error(y_true, y_pred)

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        """Return how each value changes with its predictions."""
        return mean_squared_error_gradient(y_true, y_pred)


__all__ = ["MeanSquaredError", "mean_squared_error"]
