"""The cross-entropies as losses: the formulas of `crossentropy` with a name and options.

Answers to the classes in `keras/src/losses/losses.py`.
"""

from collections.abc import Callable
from copy import copy
from typing import Any, ClassVar, TypeVar

from minidense import checks
from minidense.losses import crossentropy
from minidense.losses.loss import LossFunctionWrapper
from minidense.typing import Array

SelfLoss = TypeVar("SelfLoss", bound="CrossEntropy")


class CrossEntropy(LossFunctionWrapper):
    """What the three share: `from_logits`, and the form of the loss that looks at logits."""

    takes_logits = True

    last_activation: tuple[Array, Array] | None = None
    """The outputs of a softmax or sigmoid and its logits, while a `call` of a user's is run.

    As in Keras, `call` looks through the activation where it is given these very outputs.
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        from_logits: bool,
        name: str | None,
        reduction: str | None,
        dtype: Any,
        **kwargs: Any,
    ) -> None:
        checks.boolean("from_logits", from_logits)
        super().__init__(fn, reduction, name, dtype, from_logits=from_logits, **kwargs)
        self.from_logits = from_logits

    def _computed_from(self, y_pred: Array) -> tuple[Array, bool]:
        """Return what the values are computed from, and whether these are logits."""
        if self.last_activation is not None and y_pred is self.last_activation[0]:
            return self.last_activation[1], True
        return y_pred, self.from_logits

    def _wants_logits(self, y_pred: Array) -> bool:
        """Whether y_pred are to be taken for logits; never what an activation is known to give."""
        looked_through = self.last_activation is not None and y_pred is self.last_activation[0]
        return self.from_logits and not looked_through

    def on_logits(self: SelfLoss) -> SelfLoss:
        """Return the same loss with `from_logits=True`."""
        loss = copy(self)
        loss.from_logits = True
        return loss


class SparseCategoricalCrossentropy(CrossEntropy):
    """Cross-entropy where the targets are class numbers.

    Shapes: y_true (batch, ...) or (batch, ..., 1); y_pred (batch, ..., classes).

    Args:
        from_logits: whether y_pred are logits; else they are probabilities.
        ignore_class: not supported; only None.
        reduction: see `Loss`.
        axis: the classes' axis; only -1.
        name: in messages.
        dtype: see `Loss`.

    >>> import numpy as np
    >>> SparseCategoricalCrossentropy(from_logits=True)([1], np.float32([[0.0, 0.0]]))
    np.float32(0.6931472)
    """

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: None = None,
        reduction: str | None = "sum_over_batch_size",
        axis: int = -1,
        name: str | None = "sparse_categorical_crossentropy",
        dtype: Any = None,
    ) -> None:
        checks.only_none("SparseCategoricalCrossentropy", ignore_class=ignore_class)
        checks.last_axis("SparseCategoricalCrossentropy", axis)
        super().__init__(
            crossentropy.sparse_categorical_crossentropy,
            from_logits,
            name,
            reduction,
            dtype,
            ignore_class=None,
            axis=-1,
        )

    def check(self, y_true: Array, y_pred: Array) -> None:
        """Every label is a class."""
        checks.labels(y_true, y_pred.shape)

    def call(self, y_true: Array, y_pred: Array) -> Array:
        """Return one value for each sample, for labels that `check` has seen."""
        labels = checks.as_labels(y_true, y_pred.shape)
        return crossentropy.sparse_values(labels, *self._computed_from(y_pred))

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        """Return how each value changes with its predictions."""
        labels = checks.as_labels(y_true, y_pred.shape)
        return crossentropy.sparse_gradient(labels, y_pred, self._wants_logits(y_pred))

    def values_and_gradient(self, y_true: Array, y_pred: Array) -> tuple[Array, Array]:
        """Return both at once; from logits, with one exponential for both."""
        labels = checks.as_labels(y_true, y_pred.shape)
        if self.from_logits:
            return crossentropy.sparse_from_logits(labels, y_pred)
        values = crossentropy.sparse_values(labels, y_pred, False)
        return values, crossentropy.sparse_gradient(labels, y_pred, False)

    def get_config(self) -> dict[str, Any]:
        """Return Keras's keys."""
        return {**super().get_config(), "from_logits": self.from_logits, "ignore_class": None}


class _SmoothedCrossEntropy(CrossEntropy):
    """What the two with targets of y_pred's shape share: smoothing, and the shapes' agreement."""

    function: ClassVar[Callable[..., Array]]
    """What is computed, as a function of one's own; each subclass names its own."""

    @staticmethod
    def values(targets: Array, y_pred: Array, from_logits: bool) -> Array:
        """The formula of the values; each subclass names its own."""
        raise NotImplementedError

    @staticmethod
    def slopes(targets: Array, y_pred: Array, from_logits: bool) -> Array:
        """The formula of the gradient; each subclass names its own."""
        raise NotImplementedError

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        checks.number_in("label_smoothing", label_smoothing, 0, 1)
        checks.last_axis(type(self).__name__, axis)
        super().__init__(
            self.function,
            from_logits,
            name or self.function.__name__,
            reduction,
            dtype,
            label_smoothing=label_smoothing,
            axis=-1,
        )
        self.label_smoothing = label_smoothing

    def _classes(self, y_pred: Array) -> int:
        return int(y_pred.shape[-1])

    def _targets(self, y_true: Array, y_pred: Array) -> Array:
        targets = y_true.astype(y_pred.dtype)
        return crossentropy.smooth(targets, self.label_smoothing, self._classes(y_pred))

    def check(self, y_true: Array, y_pred: Array) -> None:
        """Targets have the predictions' shape."""
        checks.same_shape("y_true", y_true.shape, "y_pred", y_pred.shape)

    def call(self, y_true: Array, y_pred: Array) -> Array:
        """Return one value for each sample."""
        return self.values(self._targets(y_true, y_pred), *self._computed_from(y_pred))

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        """Return how each value changes with its predictions."""
        return self.slopes(self._targets(y_true, y_pred), y_pred, self._wants_logits(y_pred))

    def values_and_gradient(self, y_true: Array, y_pred: Array) -> tuple[Array, Array]:
        """Return both at once, of the same targets."""
        targets = self._targets(y_true, y_pred)
        values = self.values(targets, y_pred, self.from_logits)
        return values, self.slopes(targets, y_pred, self.from_logits)

    def get_config(self) -> dict[str, Any]:
        """Return Keras's keys."""
        return {
            **super().get_config(),
            "from_logits": self.from_logits,
            "label_smoothing": self.label_smoothing,
            "axis": -1,
        }


class CategoricalCrossentropy(_SmoothedCrossEntropy):
    """Cross-entropy where the targets are probabilities, one-hot rows for example.

    Shapes: y_true and y_pred (batch, ..., classes).

    Args:
        from_logits: whether y_pred are logits; else they are probabilities.
        label_smoothing: the share, from 0 to 1, that is spread over all classes.
        axis: the classes' axis; only -1.
        reduction: see `Loss`.
        name: in messages.
        dtype: see `Loss`.

    >>> import numpy as np
    >>> CategoricalCrossentropy()(np.float32([[0.0, 1.0]]), np.float32([[0.5, 0.5]]))
    np.float32(0.6931472)
    """

    function = staticmethod(crossentropy.categorical_crossentropy)
    values = staticmethod(crossentropy.categorical_values)
    slopes = staticmethod(crossentropy.categorical_gradient)


class BinaryCrossentropy(_SmoothedCrossEntropy):
    """Cross-entropy where each output is a yes or no of its own.

    Shapes: y_true and y_pred (batch, ..., outputs), or (batch,) beside (batch, 1).

    Args:
        from_logits: whether y_pred are logits; else they are probabilities.
        label_smoothing: the share, from 0 to 1, that is moved towards one half.
        axis: the axis of the mean; only -1.
        reduction: see `Loss`.
        name: in messages.
        dtype: see `Loss`.

    >>> import numpy as np
    >>> BinaryCrossentropy()(np.float32([[1.0]]), np.float32([[0.5]]))
    np.float32(0.6931472)
    """

    function = staticmethod(crossentropy.binary_crossentropy)
    values = staticmethod(crossentropy.binary_values)
    slopes = staticmethod(crossentropy.binary_gradient)

    def check(self, y_true: Array, y_pred: Array) -> None:
        """Targets have the predictions' shape, and lie in [0, 1]."""
        super().check(y_true, y_pred)
        checks.probabilities("y_true", y_true)

    def _classes(self, y_pred: Array) -> int:
        return 2


__all__ = [
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "CrossEntropy",
    "SparseCategoricalCrossentropy",
]
