"""Accuracy in its forms: how often a prediction is right.

Mirrors `keras/src/metrics/accuracy_metrics.py`. Which form "accuracy" means depends on the
shapes, see `for_shapes`.
"""

from typing import Any

from minidense import checks, ops
from minidense.config import floatx
from minidense.losses.loss import tensor, to_same_rank
from minidense.metrics.metric import MeanMetricWrapper
from minidense.typing import Shape


def accuracy(y_true: Any, y_pred: Any) -> Any:
    """Return 1 where both are equal, else 0.

    >>> accuracy([1, 2], [1, 3])
    array([1., 0.], dtype=float32)
    """
    predictions = tensor("y_pred", y_pred)
    targets = tensor("y_true", y_true, predictions.dtype.name)
    targets, predictions = to_same_rank(targets, predictions)
    checks.same_shape("y_true", targets.shape, "y_pred", predictions.shape)
    return ops.cast(ops.equal(targets, predictions), floatx())


def binary_accuracy(y_true: Any, y_pred: Any, threshold: float = 0.5) -> Any:
    """Return 1 where y_pred > threshold agrees with y_true, else 0.

    >>> binary_accuracy([1.0, 0.0], [0.6, 0.5])
    array([1., 1.], dtype=float32)
    """
    targets, predictions = to_same_rank(tensor("y_true", y_true), tensor("y_pred", y_pred))
    checks.same_shape("y_true", targets.shape, "y_pred", predictions.shape)
    if predictions.dtype == "bool":  # a threshold of 0.5 would be True, and nothing above it
        predictions = ops.cast(predictions, floatx())
    limit = ops.convert_to_tensor(threshold, predictions.dtype.name)
    decisions = ops.cast(ops.greater(predictions, limit), targets.dtype.name)
    return ops.cast(ops.equal(targets, decisions), floatx())


def categorical_accuracy(y_true: Any, y_pred: Any) -> Any:
    """Return 1 where the largest prediction is where the largest target is, else 0.

    >>> categorical_accuracy([[0, 1]], [[0.2, 0.8]])
    array([1.], dtype=float32)
    """
    targets, predictions = tensor("y_true", y_true), tensor("y_pred", y_pred)
    checks.same_shape("y_true", targets.shape, "y_pred", predictions.shape)
    places, predicted = ops.argmax(targets, axis=-1), ops.argmax(predictions, axis=-1)
    return ops.cast(ops.equal(places, predicted), floatx())


def sparse_categorical_accuracy(y_true: Any, y_pred: Any) -> Any:
    """Return 1 where the largest prediction is that of the true class, else 0.

    >>> sparse_categorical_accuracy([1], [[0.2, 0.8]])
    array([1.], dtype=float32)
    """
    targets, predictions = tensor("y_true", y_true), tensor("y_pred", y_pred)
    if len(targets.shape) == len(predictions.shape) and targets.shape[-1] == 1:
        targets = ops.squeeze(targets, axis=-1)
    checks.same_shape("y_true", targets.shape, "the rows of y_pred", predictions.shape[:-1])
    predicted = ops.cast(ops.argmax(predictions, axis=-1), targets.dtype.name)
    return ops.cast(ops.equal(targets, predicted), floatx())


class Accuracy(MeanMetricWrapper):
    """How often y_pred equals y_true."""

    def __init__(self, name: str = "accuracy", dtype: Any = None) -> None:
        super().__init__(accuracy, name, dtype)


class BinaryAccuracy(MeanMetricWrapper):
    """How often a number above the threshold means yes."""

    def __init__(
        self, name: str = "binary_accuracy", dtype: Any = None, threshold: float = 0.5
    ) -> None:
        checks.number_in("threshold", threshold, float("-inf"), float("inf"))
        super().__init__(binary_accuracy, name, dtype, threshold=threshold)
        self.threshold = threshold


class CategoricalAccuracy(MeanMetricWrapper):
    """How often the largest output is the right one, for one-hot targets."""

    def __init__(self, name: str = "categorical_accuracy", dtype: Any = None) -> None:
        super().__init__(categorical_accuracy, name, dtype)


class SparseCategoricalAccuracy(MeanMetricWrapper):
    """How often the largest output is the right one, for class numbers as targets."""

    def __init__(self, name: str = "sparse_categorical_accuracy", dtype: Any = None) -> None:
        super().__init__(sparse_categorical_accuracy, name, dtype)


def is_binary_or_sparse(y_true: Shape, y_pred: Shape) -> tuple[bool, bool]:
    """Tell from the shapes whether outputs are yes-or-no, or the targets class numbers."""
    binary = y_pred[-1] == 1
    sparse = len(y_true) < len(y_pred) or (y_true[-1] == 1 and (y_pred[-1] or 0) > 1)
    return binary, sparse


def for_shapes(name: str, y_true: Shape, y_pred: Shape) -> MeanMetricWrapper:
    """Return the form of accuracy that Keras takes "accuracy" for, given the shapes.

    >>> type(for_shapes("acc", (32,), (32, 10))).__name__
    'SparseCategoricalAccuracy'
    """
    binary, sparse = is_binary_or_sparse(y_true, y_pred)
    if binary:
        return BinaryAccuracy(name)
    return SparseCategoricalAccuracy(name) if sparse else CategoricalAccuracy(name)
