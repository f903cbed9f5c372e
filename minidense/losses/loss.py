"""What every loss is: a value for each sample, and what is made of them.

Mirrors `keras.losses.Loss` (`keras/src/losses/loss.py`).
"""

from collections.abc import Callable
from typing import Any

from minidense import checks, ops
from minidense.config import floatx
from minidense.conversion import numbers_of
from minidense.names import auto_name
from minidense.ops.shapes import size_of
from minidense.paths import at_path
from minidense.registry import Configured, OfFunction, own_arguments
from minidense.tensors import Operators, Symbolic

REDUCTIONS = ("sum_over_batch_size", "mean", "mean_with_sample_weight", "sum", "none", None)


class Loss(Configured):
    """Base class of all losses, and of a user's own.

    A subclass defines `call(y_true, y_pred)` with operations of `minidense.ops`; it returns one
    value for each sample.

    Args:
        name: None means an automatic one.
        reduction: "sum_over_batch_size" (also called "mean"), "sum", "mean_with_sample_weight",
            or "none".
        dtype: what is computed in; None means `config.floatx()`.

    Raises:
        ValueError: for an unknown reduction or dtype.

    >>> class Distance(Loss):
    ...     def call(self, y_true, y_pred):
    ...         return ops.mean(ops.abs(y_true - y_pred), axis=-1)
    >>> Distance()([[1.0], [2.0]], [[2.0], [4.0]])
    array(1.5, dtype=float32)
    """

    def __init__(
        self,
        name: str | None = None,
        reduction: str | None = "sum_over_batch_size",
        dtype: Any = None,
    ) -> None:
        self.name = name or auto_name(type(self).__name__)  # used up, whatever is refused below
        checks.string_name(self.name)
        checks.one_of("reduction", reduction, REDUCTIONS)
        self.reduction = reduction
        self.dtype = checks.float_dtype(dtype, floatx())

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Return the loss of a batch.

        Args:
            y_true: the targets, batch first.
            y_pred: the predictions, (batch, ..., classes).
            sample_weight: one number for each sample, or for each value.

        Returns:
            A tensor of shape (), or the samples' values for reduction "none".

        Raises:
            ValueError: if the shapes do not belong together.
        """
        targets, predictions = tensor("y_true", y_true), tensor("y_pred", y_pred, self.dtype)
        if not isinstance(targets, Symbolic):
            self.check(*to_same_rank(targets, predictions))
        with at_path(self.name):
            values = self.call(ops.convert_to_tensor(targets, self.dtype), predictions)
            checks.loss_values(self.name, values)
            return weighted_and_reduced(values, sample_weight, self.reduction, self.dtype)

    def check(self, y_true: Any, y_pred: Any) -> None:
        """Raise ValueError if targets of these values have no meaning beside predictions."""

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return one value for each sample."""
        raise NotImplementedError(f"Loss {type(self).__name__} needs a `call(y_true, y_pred)`.")

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal loss."""
        config = {"name": self.name, "reduction": self.reduction, **own_arguments(self)}
        return {name: value for name, value in config.items() if name not in ("dtype", "fn")}


class LossFunctionWrapper(OfFunction, Loss):
    """A function of (y_true, y_pred) as a loss.

    >>> LossFunctionWrapper(lambda y_true, y_pred: ops.abs(y_true - y_pred)[:, 0], name="distance")(
    ...     [[1.0], [2.0]], [[2.0], [4.0]]
    ... )
    array(1.5, dtype=float32)
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

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return what the function returns for both in one rank, where an axis of 1 allows it."""
        return self.fn(*to_same_rank(y_true, y_pred), **self._fn_kwargs)

    def __repr__(self) -> str:
        return f"<LossFunctionWrapper({self.fn}, kwargs={self._fn_kwargs})>"


def tensor(name: str, value: Any, dtype: str | None = None) -> Any:
    """Return an argument as a tensor.

    Raises:
        ValueError: for what is no array of real numbers, with the argument's name.

    >>> tensor("y_true", [1, 2], "float32")
    array([1., 2.], dtype=float32)
    """
    numbers = value if isinstance(value, Operators) else numbers_of(f"'{name}'", value)
    return ops.convert_to_tensor(numbers, dtype)


def to_same_rank(first: Any, second: Any) -> tuple[Any, Any]:
    """Return both with one rank, if they differ by one last axis of size 1.

    (n,) beside (n, 1) becomes (n, 1); (n, t, 1) beside (n, t) becomes (n, t).

    Source: `squeeze_or_expand_to_same_rank` in `keras/src/losses/loss.py`.

    >>> first, second = to_same_rank(tensor("y_true", [1, 2]), tensor("y_pred", [[3], [4]]))
    >>> first.shape, second.shape
    ((2, 1), (2, 1))
    """
    rank, other_rank = len(first.shape), len(second.shape)
    if rank == other_rank + 1 and first.shape[-1] == 1:
        second, first = to_same_rank(second, first)
    elif other_rank == rank + 1 and second.shape[-1] == 1:
        if rank == 1:
            first = ops.expand_dims(first, axis=-1)
        else:
            second = ops.squeeze(second, axis=-1)
    return first, second


def weighted_and_reduced(values: Any, sample_weight: Any, reduction: str | None, dtype: str) -> Any:
    """Return the values times their weights, summed up and divided as the reduction says.

    Source: `reduce_weighted_values` in `keras/src/losses/loss.py`.
    """
    values = tensor("the values of the loss", values, dtype)
    weights = None
    if sample_weight is not None:
        weights = tensor("sample_weight", sample_weight, dtype)
        if values.shape != ():  # the one number of a user's loss is taken for each sample
            values, weights = to_same_rank(values, weights)
            checks.weights_fit(weights.shape, values.shape)
        values = values * weights
    if reduction in ("none", None) or values.shape in ((), (0,)):
        return values
    total = ops.sum(values)
    if reduction == "sum":
        return total
    if reduction == "mean_with_sample_weight" and weights is not None:
        return ops.divide_no_nan(total, ops.sum(weights))
    return ops.divide_no_nan(total, size_of(values, dtype=dtype))
