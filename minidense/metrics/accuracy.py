"""Accuracy in its forms: how often a prediction is right.

Answers to `keras/src/metrics/accuracy_metrics.py`. Which form "accuracy" means depends on the
shapes, see `for_shapes`.
"""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from minidense import checks
from minidense.config import floatx
from minidense.conversion import as_array
from minidense.losses.loss import to_same_rank
from minidense.metrics.metric import MeanMetricWrapper
from minidense.typing import Array


def accuracy(y_true: npt.ArrayLike, y_pred: npt.ArrayLike) -> Array:
    """Return 1 where both are equal, else 0.

    >>> accuracy([1, 2], [1, 3])
    array([1., 0.], dtype=float32)
    """
    targets, predictions = to_same_rank(*_numbers(y_true, y_pred))
    checks.same_shape("y_true", targets.shape, "y_pred", predictions.shape)
    right: Array = (targets.astype(predictions.dtype) == predictions).astype(floatx())
    return right


def binary_accuracy(y_true: npt.ArrayLike, y_pred: npt.ArrayLike, threshold: float = 0.5) -> Array:
    """Return 1 where y_pred > threshold agrees with y_true, else 0.

    >>> binary_accuracy([1.0, 0.0], np.float32([0.6, 0.5]))
    array([1., 1.], dtype=float32)
    """
    targets, predictions = to_same_rank(*_numbers(y_true, y_pred))
    checks.same_shape("y_true", targets.shape, "y_pred", predictions.shape)
    if predictions.dtype.kind == "b":  # a threshold of 0.5 would be True, and nothing above it
        predictions = predictions.astype(floatx())
    decisions = (predictions > predictions.dtype.type(threshold)).astype(targets.dtype)
    right: Array = (targets == decisions).astype(floatx())
    return right


def categorical_accuracy(y_true: npt.ArrayLike, y_pred: npt.ArrayLike) -> Array:
    """Return 1 where the largest prediction is where the largest target is, else 0.

    >>> categorical_accuracy([[0, 1]], [[0.2, 0.8]])
    array([1.], dtype=float32)
    """
    targets, predictions = _numbers(y_true, y_pred)
    checks.same_shape("y_true", targets.shape, "y_pred", predictions.shape)
    right: Array = (_largest(targets) == _largest(predictions)).astype(floatx())
    return right


def sparse_categorical_accuracy(y_true: npt.ArrayLike, y_pred: npt.ArrayLike) -> Array:
    """Return 1 where the largest prediction is that of the true class, else 0.

    >>> sparse_categorical_accuracy([1], [[0.2, 0.8]])
    array([1.], dtype=float32)
    """
    targets, predictions = _numbers(y_true, y_pred)
    if targets.ndim == predictions.ndim and targets.shape[-1] == 1:
        targets = targets[..., 0]
    checks.same_shape("y_true", targets.shape, "the rows of y_pred", predictions.shape[:-1])
    right: Array = (targets == _largest(predictions)).astype(floatx())
    return right


def _numbers(y_true: npt.ArrayLike, y_pred: npt.ArrayLike) -> tuple[Array, Array]:
    """Return both as arrays of real numbers."""
    targets = checks.real_numbers("y_true", as_array(y_true))
    return targets, checks.real_numbers("y_pred", as_array(y_pred))


def _largest(values: Array) -> Array:
    """Return the place of each row's largest number: the first of equals, and never a NaN.

    So has TensorFlow's argmax it; NumPy's takes a NaN for the largest.
    """
    squares = np.vdot(values, values)  # NaN if there is a NaN; cheaper than looking for one
    if math.isnan(squares):
        values = np.where(np.isnan(values), -np.inf, values)
    places: Array = values.argmax(axis=-1)
    return places


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

    def get_config(self) -> dict[str, Any]:
        """Return Keras's keys."""
        return {**super().get_config(), "threshold": self.threshold}


class CategoricalAccuracy(MeanMetricWrapper):
    """How often the largest output is the right one, for one-hot targets."""

    def __init__(self, name: str = "categorical_accuracy", dtype: Any = None) -> None:
        super().__init__(categorical_accuracy, name, dtype)


class SparseCategoricalAccuracy(MeanMetricWrapper):
    """How often the largest output is the right one, for class numbers as targets."""

    def __init__(self, name: str = "sparse_categorical_accuracy", dtype: Any = None) -> None:
        super().__init__(sparse_categorical_accuracy, name, dtype)


def is_binary_or_sparse(
    y_true: tuple[int, ...], y_pred: tuple[int | None, ...]
) -> tuple[bool, bool]:
    """Tell from the shapes whether outputs are yes-or-no, or the targets class numbers."""
    binary = y_pred[-1] == 1
    sparse = len(y_true) < len(y_pred) or (y_true[-1] == 1 and (y_pred[-1] or 0) > 1)
    return binary, sparse


def for_shapes(
    name: str, y_true: tuple[int, ...], y_pred: tuple[int | None, ...]
) -> MeanMetricWrapper:
    """Return the form of accuracy that Keras takes "accuracy" for, given the shapes.

    >>> type(for_shapes("acc", (32,), (32, 10))).__name__
    'SparseCategoricalAccuracy'
    """
    binary, sparse = is_binary_or_sparse(y_true, y_pred)
    if binary:
        return BinaryAccuracy(name)
    return SparseCategoricalAccuracy(name) if sparse else CategoricalAccuracy(name)


__all__ = [
    "Accuracy",
    "BinaryAccuracy",
    "CategoricalAccuracy",
    "SparseCategoricalAccuracy",
    "binary_accuracy",
    "categorical_accuracy",
    "sparse_categorical_accuracy",
]
