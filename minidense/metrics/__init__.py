"""The metrics, under Keras's names, and how a name becomes a metric.

Mirrors `keras.metrics` (`keras/src/metrics/__init__.py`).
"""

from typing import Any

from minidense import checks, registry
from minidense.losses import mean_squared_error
from minidense.metrics.accuracy import (
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
    binary_accuracy,
    categorical_accuracy,
    sparse_categorical_accuracy,
)
from minidense.metrics.crossentropy import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    SparseCategoricalCrossentropy,
)
from minidense.metrics.metric import Mean, MeanMetricWrapper, Metric
from minidense.registry import Registry


class MeanSquaredError(MeanMetricWrapper):
    """The mean squared error as a metric."""

    def __init__(self, name: str = "mean_squared_error", dtype: Any = None) -> None:
        super().__init__(mean_squared_error, name, dtype)


_KNOWN = Registry(
    "metric",
    "keras.metrics",
    *(Accuracy, BinaryAccuracy, CategoricalAccuracy, SparseCategoricalAccuracy, MeanSquaredError),
    *(BinaryCrossentropy, CategoricalCrossentropy, SparseCategoricalCrossentropy, Mean),
    *(Metric, MeanMetricWrapper),
    **dict.fromkeys(("mse", "MSE"), MeanSquaredError),
    **dict.fromkeys(("bce", "BCE"), BinaryCrossentropy),
)


def check(identifier: Any) -> None:
    """Raise ValueError where `get` would, but make nothing."""
    _KNOWN.check(identifier)
    checks.known_name("metric", identifier, identifier is not None, sorted(_KNOWN.by_name))


def get(identifier: Any) -> Any:
    """Return the metric, or the function, that a name or a dict of class and config stands for.

    Raises:
        ValueError: if the identifier stands for none.
        TypeError: for a dict whose config does not have the arguments of the class.

    Source: `keras.metrics.get`.

    >>> get("mse").name
    'mean_squared_error'
    >>> get({"class_name": "BinaryAccuracy", "config": {"threshold": 0.75}}).threshold
    0.75
    """
    return _KNOWN.get(identifier)


serialize, deserialize = registry.serialize, _KNOWN.deserialize


__all__ = ["Accuracy", "BinaryAccuracy", "CategoricalAccuracy", "SparseCategoricalAccuracy"]
__all__ += ["BinaryCrossentropy", "CategoricalCrossentropy", "SparseCategoricalCrossentropy"]
__all__ += ["Mean", "MeanMetricWrapper", "MeanSquaredError", "Metric"]
__all__ += ["binary_accuracy", "categorical_accuracy", "sparse_categorical_accuracy"]
__all__ += ["deserialize", "get", "serialize"]
