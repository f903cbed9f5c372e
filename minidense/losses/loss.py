"""What every loss is: a value for each sample, their mean, and the gradient of it.

Answers to `keras.losses.Loss` (`keras/src/losses/loss.py`).
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from minidense import checks
from minidense.config import floatx
from minidense.names import auto_name
from minidense.sums import total
from minidense.typing import Array

REDUCTIONS = ("sum_over_batch_size", "mean", "mean_with_sample_weight", "sum", "none", None)


class Loss:
    """Base class of all losses, and of a user's own.

    A subclass defines `call(y_true, y_pred)`, which returns one value for each sample. One that is
    to be trained on also defines `gradient(y_true, y_pred)`: how each sample's value changes with
    each of its predictions, in the shape of y_pred. So does a subclass of a loss that has a
    gradient, if it computes another value.

    Args:
        name: None means an automatic one.
        reduction: "sum_over_batch_size" (also called "mean"), "sum", "mean_with_sample_weight",
            or "none".
        dtype: what is computed in; None means `config.floatx()`.

    Raises:
        ValueError: for an unknown reduction or dtype.
    """

    takes_logits = False
    """Whether there is a form of the loss that is computed from logits."""

    def __init__(
        self,
        name: str | None = None,
        reduction: str | None = "sum_over_batch_size",
        dtype: Any = None,
    ) -> None:
        checks.one_of("reduction", reduction, REDUCTIONS)
        self.dtype = checks.float_dtype(dtype, floatx())
        checks.string_name(name)
        self.name = name or auto_name(type(self).__name__)
        self.reduction = reduction

    def __call__(
        self, y_true: npt.ArrayLike, y_pred: npt.ArrayLike, sample_weight: Any = None
    ) -> Any:
        """Return the loss of a batch.

        Args:
            y_true: the targets, batch first.
            y_pred: the predictions, (batch, ..., classes).
            sample_weight: one number for each sample, or for each value.

        Returns:
            A NumPy scalar, or an array of the samples' values for reduction "none".

        Raises:
            ValueError: if the shapes do not belong together.
        """
        y_true, y_pred = self.standardize(y_true, y_pred)
        self.check(y_true, y_pred)
        values = self.as_values(self.call(y_true.astype(self.dtype, copy=False), y_pred))
        return self._reduce(*_with_weights(values, sample_weight))[0]

    def as_values(self, returned: npt.ArrayLike) -> Array:
        """Return what `call` returned as an array in our dtype, whatever it was computed in."""
        values = checks.real_numbers(f"loss '{self.name}'", np.asarray(returned))
        return values.astype(self.dtype, copy=False)

    def standardize(self, y_true: npt.ArrayLike, y_pred: npt.ArrayLike) -> tuple[Array, Array]:
        """Return both as arrays of one rank where an axis of 1 allows it, y_pred in our dtype."""
        targets = checks.real_numbers("y_true", np.asarray(y_true))
        predictions = checks.real_numbers("y_pred", np.asarray(y_pred))
        if predictions.dtype != self.dtype:
            predictions = predictions.astype(self.dtype)
        return to_same_rank(targets, predictions)

    def check(self, y_true: Array, y_pred: Array) -> None:
        """Raise ValueError if targets of these shapes or values have no meaning here."""

    def call(self, y_true: Array, y_pred: Array) -> Array:
        """Return one value for each sample."""
        raise NotImplementedError(f"Loss {type(self).__name__} needs a `call(y_true, y_pred)`.")

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        """Return how each sample's value changes with each of its predictions."""
        raise NotImplementedError(
            f"Loss '{self.name}' can be evaluated but not trained on: its gradient is not known. "
            "Subclass `losses.Loss` with `call(y_true, y_pred)` and `gradient(y_true, y_pred)`."
        )

    def values_and_gradient(self, y_true: Array, y_pred: Array) -> tuple[Array, Array]:
        """Return both at once: a loss that can share work between them overrides this."""
        return self.call(y_true, y_pred), self.gradient(y_true, y_pred)

    def on_logits(self) -> "Loss":
        """Return the same loss, to be computed from logits."""
        return self

    def value_and_gradient(
        self, y_true: Array, y_pred: Array, sample_weight: Array | None = None
    ) -> tuple[Any, Array]:
        """Return the loss of a batch and its gradient with respect to y_pred.

        The targets have been checked before; y_pred may also be logits, for a loss `on_logits`.
        """
        if y_pred.dtype != self.dtype:
            y_pred = y_pred.astype(self.dtype)
        targets, predictions = to_same_rank(y_true, y_pred)
        values, gradient = self.values_and_gradient(targets, predictions)
        weights = None
        if sample_weight is not None:
            values, weights = _with_weights(values, sample_weight)
        value, share = self._reduce(values, weights)
        if weights is not None:
            share = np.broadcast_to(share * weights, values.shape).reshape(*gradient.shape[:-1], 1)
        gradient = gradient * share
        if gradient.shape != y_pred.shape:
            gradient = gradient.reshape(y_pred.shape)
        return value, gradient

    def _reduce(self, values: Array, weights: Array | None) -> tuple[Any, Any]:
        """Return the weighted sum, divided as the reduction says, and one over the divisor."""
        weighted = values if weights is None else values * weights
        one = values.dtype.type(1)
        if self.reduction in ("none", None):
            return weighted, one
        if self.reduction == "sum":
            divisor = one
        elif self.reduction == "mean_with_sample_weight" and weights is not None:
            divisor = weights.sum()  # of the weights as given, also where they are stretched
        else:
            divisor = values.dtype.type(values.size)
        if not divisor:  # nothing over nothing is 0, as in Keras
            return total(weighted)[()] * 0, one * 0
        return total(weighted)[()] / divisor, one / divisor

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal loss."""
        return {"name": self.name, "reduction": self.reduction}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Loss":
        """Make a loss from what `get_config` returned."""
        return cls(**config)


class LossFunctionWrapper(Loss):
    """A function of (y_true, y_pred) as a loss; its gradient is known only to a subclass.

    >>> LossFunctionWrapper(lambda y_true, y_pred: abs(y_true - y_pred)[:, 0], name="distance")(
    ...     np.float32([[1.0], [2.0]]), np.float32([[2.0], [4.0]])
    ... )
    np.float32(1.5)
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name, reduction, dtype)
        self.fn = fn
        self._fn_kwargs = kwargs

    def call(self, y_true: Array, y_pred: Array) -> Array:
        """Return what the function returns."""
        return np.asarray(self.fn(y_true, y_pred, **self._fn_kwargs))

    def __repr__(self) -> str:
        return f"<LossFunctionWrapper({self.fn}, kwargs={self._fn_kwargs})>"


def to_same_rank(first: Array, second: Array) -> tuple[Array, Array]:
    """Return both with one rank, if they differ by one last axis of size 1.

    (n,) beside (n, 1) becomes (n, 1); (n, t, 1) beside (n, t) becomes (n, t).

    >>> first, second = to_same_rank(np.zeros(3), np.zeros((3, 1)))
    >>> first.shape, second.shape
    ((3, 1), (3, 1))
    """
    if first.ndim == second.ndim + 1 and first.shape[-1] == 1:
        second, first = to_same_rank(second, first)
    elif second.ndim == first.ndim + 1 and second.shape[-1] == 1:
        if first.ndim == 1:
            first = first[:, None]
        else:
            second = second[..., 0]
    return first, second


def _with_weights(values: Array, sample_weight: Any) -> tuple[Array, Array | None]:
    """Return values and weights of one rank and dtype; the weights stretch over the values."""
    if sample_weight is None:
        return values, None
    weights = checks.real_numbers("sample_weight", np.asarray(sample_weight)).astype(values.dtype)
    values, weights = to_same_rank(values, weights)
    checks.weights_fit(weights.shape, values.shape)
    return values, weights


__all__ = ["Loss", "LossFunctionWrapper", "to_same_rank"]
