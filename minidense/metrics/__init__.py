"""The metrics, under Keras's names, and how a name becomes a metric.

Answers to `keras.metrics` (`keras/src/metrics/__init__.py`).
"""

from collections.abc import Callable
from typing import Any, TypeAlias

from minidense import checks
from minidense.losses import mean_squared_error
from minidense.losses.identifiers import from_dict
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
from minidense.names import snake_case


class MeanSquaredError(MeanMetricWrapper):
    """The mean squared error as a metric."""

    def __init__(self, name: str = "mean_squared_error", dtype: Any = None) -> None:
        super().__init__(mean_squared_error, name, dtype)


MetricLike: TypeAlias = str | dict[str, Any] | Metric | type[Metric] | Callable[..., Any]

_CLASSES: tuple[type[Metric], ...] = (
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
    MeanSquaredError,
    BinaryCrossentropy,
    CategoricalCrossentropy,
    SparseCategoricalCrossentropy,
    Mean,
)
_BY_NAME: dict[str, type[Metric]] = {
    **{cls.__name__: cls for cls in _CLASSES},
    **{snake_case(cls.__name__): cls for cls in _CLASSES},
    "mse": MeanSquaredError,
    "MSE": MeanSquaredError,
    "bce": BinaryCrossentropy,
    "BCE": BinaryCrossentropy,
}


def check(identifier: Any) -> None:
    """Raise ValueError where `get` would, but make nothing."""
    known = identifier in _BY_NAME if isinstance(identifier, str) else callable(identifier)
    checks.known_name("metric", identifier, known, sorted(_BY_NAME))


def get(identifier: MetricLike | None) -> Any:
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
    if identifier is None:
        return None
    if isinstance(identifier, dict):
        return from_dict("metric", identifier, _BY_NAME)
    check(identifier)
    found = _BY_NAME[identifier] if isinstance(identifier, str) else identifier
    return found() if isinstance(found, type) else found


__all__ = [
    "Accuracy",
    "BinaryAccuracy",
    "BinaryCrossentropy",
    "CategoricalAccuracy",
    "CategoricalCrossentropy",
    "Mean",
    "MeanMetricWrapper",
    "MeanSquaredError",
    "Metric",
    "SparseCategoricalAccuracy",
    "SparseCategoricalCrossentropy",
    "binary_accuracy",
    "categorical_accuracy",
    "get",
    "sparse_categorical_accuracy",
]
