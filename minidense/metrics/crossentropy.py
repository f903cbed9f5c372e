"""The cross-entropies as metrics: the functions of the losses, averaged over all samples.

Mirrors `keras/src/metrics/probabilistic_metrics.py`.
"""

from typing import Any

from minidense.losses.crossentropy import (
    binary_crossentropy,
    categorical_crossentropy,
    checked,
    sparse_categorical_crossentropy,
)
from minidense.metrics.metric import MeanMetricWrapper


class BinaryCrossentropy(MeanMetricWrapper):
    """The cross-entropy where each output is a yes or no of its own.

    Args:
        name: under which it stands in the log.
        dtype: in which the mean is counted; None is `config.floatx()`.
        from_logits: whether the predictions are logits.
        label_smoothing: the share of the targets that is spread over both answers, from 0 to 1.

    Shapes: y_true and y_pred (batch, ..., outputs).

    Raises:
        ValueError: for an argument that is no boolean or lies outside of [0, 1].

    >>> metric = BinaryCrossentropy()
    >>> metric.update_state([[1.0, 0.0]], [[0.5, 0.5]])
    >>> round(float(metric.result()), 4)
    0.6931
    """

    def __init__(
        self,
        name: str = "binary_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
    ) -> None:
        options = checked(self, from_logits=from_logits, label_smoothing=label_smoothing)
        super().__init__(binary_crossentropy, name, dtype, **options)


class CategoricalCrossentropy(MeanMetricWrapper):
    """The cross-entropy where the targets are probabilities, one-hot rows for example.

    Args:
        name: under which it stands in the log.
        dtype: in which the mean is counted; None is `config.floatx()`.
        from_logits: whether the predictions are logits.
        label_smoothing: the share of the targets that is spread over all classes, from 0 to 1.
        axis: the axis of the classes, which must be the last one.

    Shapes: y_true and y_pred (batch, ..., classes).

    Raises:
        ValueError: for an argument that is no boolean or lies outside of [0, 1], or another axis.

    >>> metric = CategoricalCrossentropy()
    >>> metric.update_state([[0.0, 1.0]], [[0.5, 0.5]])
    >>> round(float(metric.result()), 4)
    0.6931
    """

    def __init__(
        self,
        name: str = "categorical_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
        axis: int = -1,
    ) -> None:
        options = checked(self, from_logits=from_logits, label_smoothing=label_smoothing, axis=axis)
        super().__init__(categorical_crossentropy, name, dtype, **options)


class SparseCategoricalCrossentropy(MeanMetricWrapper):
    """The cross-entropy where the targets are class numbers.

    Args:
        name: under which it stands in the log.
        dtype: in which the mean is counted; None is `config.floatx()`.
        from_logits: whether the predictions are logits.
        ignore_class: Keras's; only None is supported.
        axis: the axis of the classes, which must be the last one.

    Shapes: y_true (batch, ...), y_pred (batch, ..., classes).

    Raises:
        ValueError: for an argument that is no boolean, or another axis.
        NotImplementedError: for a class to be passed over.

    >>> metric = SparseCategoricalCrossentropy()
    >>> metric.update_state([1], [[0.5, 0.5]])
    >>> round(float(metric.result()), 4)
    0.6931
    """

    def __init__(
        self,
        name: str = "sparse_categorical_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        ignore_class: None = None,
        axis: int = -1,
    ) -> None:
        options = checked(self, from_logits=from_logits, ignore_class=ignore_class, axis=axis)
        super().__init__(sparse_categorical_crossentropy, name, dtype, **options)
