"""The cross-entropies as metrics: the functions of the losses, averaged over all samples.

Answers to `keras/src/metrics/probabilistic_metrics.py`.
"""

from typing import Any

from minidense import checks
from minidense.losses.crossentropy import (
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)
from minidense.metrics.metric import MeanMetricWrapper


class BinaryCrossentropy(MeanMetricWrapper):
    """The cross-entropy where each output is a yes or no of its own."""

    def __init__(
        self,
        name: str = "binary_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
    ) -> None:
        checks.boolean("from_logits", from_logits)
        checks.number_in("label_smoothing", label_smoothing, 0, 1)
        options = {"from_logits": from_logits, "label_smoothing": label_smoothing}
        super().__init__(binary_crossentropy, name, dtype, **options)
        self.from_logits = from_logits
        self.label_smoothing = label_smoothing

    def get_config(self) -> dict[str, Any]:
        """Return Keras's keys."""
        own = {"from_logits": self.from_logits, "label_smoothing": self.label_smoothing}
        return {**super().get_config(), **own}


class CategoricalCrossentropy(MeanMetricWrapper):
    """The cross-entropy where the targets are probabilities, one-hot rows for example."""

    def __init__(
        self,
        name: str = "categorical_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
        axis: int = -1,
    ) -> None:
        checks.boolean("from_logits", from_logits)
        checks.number_in("label_smoothing", label_smoothing, 0, 1)
        checks.last_axis("CategoricalCrossentropy", axis)
        options = {"from_logits": from_logits, "label_smoothing": label_smoothing}
        super().__init__(categorical_crossentropy, name, dtype, **options)
        self.from_logits = from_logits
        self.label_smoothing = label_smoothing

    def get_config(self) -> dict[str, Any]:
        """Return Keras's keys."""
        own = {"from_logits": self.from_logits, "label_smoothing": self.label_smoothing}
        return {**super().get_config(), **own, "axis": -1}


class SparseCategoricalCrossentropy(MeanMetricWrapper):
    """The cross-entropy where the targets are class numbers."""

    def __init__(
        self,
        name: str = "sparse_categorical_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        ignore_class: None = None,
        axis: int = -1,
    ) -> None:
        checks.boolean("from_logits", from_logits)
        checks.only_none("SparseCategoricalCrossentropy", ignore_class=ignore_class)
        checks.last_axis("SparseCategoricalCrossentropy", axis)
        super().__init__(sparse_categorical_crossentropy, name, dtype, from_logits=from_logits)
        self.from_logits = from_logits

    def get_config(self) -> dict[str, Any]:
        """Return Keras's keys."""
        own = {"from_logits": self.from_logits, "ignore_class": None, "axis": -1}
        return {**super().get_config(), **own}


__all__ = ["BinaryCrossentropy", "CategoricalCrossentropy", "SparseCategoricalCrossentropy"]
