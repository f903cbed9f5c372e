"""The mean of squared differences.

Mirrors `keras.losses.MeanSquaredError` (`keras/src/losses/losses.py`).
"""

from typing import Any

from minidense import checks, ops
from minidense.losses.loss import LossFunctionWrapper, tensor, to_same_rank


def mean_squared_error(y_true: Any, y_pred: Any) -> Any:
    """Return mean((y_true - y_pred)**2) over the last axis, one value for each sample.

    Raises:
        ValueError: if the shapes differ.

    >>> mean_squared_error([[0.0, 2.0]], [[0.0, 0.0]])
    array([2.], dtype=float32)
    """
    predictions = tensor("y_pred", y_pred)
    checks.not_boolean("mean_squared_error", predictions)
    targets = tensor("y_true", y_true, predictions.dtype.name)
    targets, predictions = to_same_rank(targets, predictions)
    checks.same_shape("y_true", targets.shape, "y_pred", predictions.shape)
    return ops.mean(ops.square(targets - predictions), axis=-1)


class MeanSquaredError(LossFunctionWrapper):
    """The mean squared error of a batch.

    Shapes: y_true and y_pred (batch, ..., outputs), or (batch,) beside (batch, 1).

    >>> MeanSquaredError()([[0.0], [2.0]], [[0.0], [0.0]])
    array(2., dtype=float32)
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "mean_squared_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(mean_squared_error, reduction, name, dtype)

    def check(self, y_true: Any, y_pred: Any) -> None:
        """Targets have the predictions' shape: nothing is stretched in silence."""
        checks.same_shape("y_true", y_true.shape, "y_pred", y_pred.shape)
