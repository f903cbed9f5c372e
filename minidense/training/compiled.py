"""What `compile` leaves: the loss, and the metrics that are counted beside it.

Answers to `keras/src/trainers/compile_utils.py`. A metric called "accuracy", and a loss called
"crossentropy", are resolved when the shapes are known, on the first data.
"""

import copy
from typing import Any

import numpy as np

from minidense import checks, losses, metrics
from minidense.losses import Loss, own
from minidense.losses.identifiers import object_name
from minidense.metrics import Mean, MeanMetricWrapper, Metric, accuracy
from minidense.typing import Array, Shape

_ACCURACY = ("accuracy", "acc")
_CROSSENTROPY = ("crossentropy", "ce")


def _is_one_of(identifier: Any, names: tuple[str, ...]) -> bool:
    return isinstance(identifier, str) and identifier.lower() in names


class CompiledLoss:
    """A loss that a name, a function or an object stands for, and the running mean of it.

    Args:
        identifier: what the user passed to `compile`; None is allowed until it is needed.
        weight: a factor, Keras's `loss_weights` for one output.

    Raises:
        ValueError: for an unknown name.
    """

    def __init__(self, identifier: Any, weight: float | None = None) -> None:
        if not _is_one_of(identifier, _CROSSENTROPY):
            losses.get(identifier)
        self._identifier = identifier
        self._weight = weight
        self._loss: Loss | None = None
        self.tracker = Mean(name="loss")

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of `compile` that the loss was made from."""
        return {"loss": self._identifier, "loss_weights": self._weight}

    def resolve(self, y_shape: tuple[int, ...], prediction_shape: tuple[int, ...]) -> Loss:
        """Return the loss for targets and predictions of these shapes, and stay with it."""
        if self._loss is None:
            self._loss = self.resolved(y_shape, prediction_shape)
            self._is_own = own.is_own(self._loss)
            self._takes_logits = own.looks_through(self._loss)
            self._loss_on_logits = self._loss.on_logits() if self._takes_logits else self._loss
            self._learned = own.in_training(self._loss)
            self._learned_on_logits = own.in_training(self._loss_on_logits)
            self._dtype = np.dtype(self._loss.dtype)
        return self._loss

    def resolved(self, y_shape: tuple[int, ...], prediction_shape: Shape) -> Loss:
        """Return the loss for targets and predictions of these shapes, and change nothing."""
        checks.has_loss(self._identifier)
        if self._loss is not None:
            return self._loss
        identifier = self._identifier
        if _is_one_of(identifier, _CROSSENTROPY):
            binary, sparse = accuracy.is_binary_or_sparse(y_shape, prediction_shape)
            wide = "sparse_categorical" if sparse else "categorical"
            identifier = f"{'binary' if binary else wide}_crossentropy"
        return losses.as_loss(identifier)

    def value_and_gradient(
        self, y: Array, y_pred: Array, logits: Array | None, sample_weight: Array | None
    ) -> tuple[Any, Array, bool]:
        """Return the loss, its gradient, and whether that is the gradient of the logits.

        A cross-entropy looks through a last softmax, as Keras's does in `fit`; not through the
        cast that it makes of predictions in another dtype than its own. A user's `call` is given
        the predictions, and the cross-entropy that it may ask looks through them.
        """
        self.resolve(y.shape, y_pred.shape)
        loss = self._learned
        at_logits = logits is not None and self._takes_logits and logits.dtype == self._dtype
        if at_logits and logits is not None:
            loss, y_pred = self._learned_on_logits, logits
        if self._is_own and self._loss is not None:
            with own.shown_logits(self._loss, y_pred, logits):
                value, gradient = loss.value_and_gradient(y, y_pred, sample_weight)
        else:
            value, gradient = loss.value_and_gradient(y, y_pred, sample_weight)
        if self._weight is not None:
            weight = np.float32(self._weight)
            value, gradient = value * weight, gradient * gradient.dtype.type(weight)
        if gradient.dtype != y_pred.dtype:
            gradient = gradient.astype(y_pred.dtype)
        return value, gradient, at_logits

    def value(
        self, y: Array, y_pred: Array, logits: Array | None, sample_weight: Array | None
    ) -> Any:
        """Return the loss alone, computed as for training."""
        loss = self.resolve(y.shape, y_pred.shape)
        if logits is not None and self._takes_logits and logits.dtype == self._dtype:
            loss, y_pred = self._loss_on_logits, logits
        if self._is_own:
            with own.shown_logits(loss, y_pred, logits):
                value = loss.as_values(loss(y, y_pred, sample_weight))[()]
        else:
            value = loss(y, y_pred, sample_weight)
        return value if self._weight is None else value * np.float32(self._weight)

    def check_targets(self, y: Array, prediction_shape: tuple[int, ...]) -> None:
        """Raise ValueError if these targets have no meaning beside predictions of this shape."""
        loss = self.resolved(y.shape, prediction_shape)
        unread = np.broadcast_to(np.dtype(loss.dtype).type(0), prediction_shape)
        loss.check(*loss.standardize(y, unread))

    def rehearse(
        self, y: Array, y_pred: Array, sample_weight: Array | None, with_gradient: bool
    ) -> None:
        """Compute the loss of a few rows and forget it; what cannot be computed raises."""
        loss = self.resolved(y.shape, y_pred.shape)
        if with_gradient:
            own.in_training(loss).value_and_gradient(y, y_pred, sample_weight)
        else:
            loss(y, y_pred, sample_weight)


class CompiledMetrics:
    """The metrics of a model, plain and weighted, and their names in the log.

    Args:
        plain: what the user passed as `metrics`.
        weighted: what the user passed as `weighted_metrics`; they see the sample weights.

    Raises:
        ValueError: for an unknown name, or if either is no list.
    """

    name = "compile_metrics"

    def __init__(self, plain: Any, weighted: Any) -> None:
        self._plain = _checked_list("metrics", plain)
        self._weighted = _checked_list("weighted_metrics", weighted)
        self._resolved: tuple[list[Metric], list[Metric]] | None = None
        self._made: dict[Any, tuple[list[Metric], list[Metric]]] = {}

    def __repr__(self) -> str:
        return f"<CompileMetrics name={self.name}>"  # under Keras's name

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of `compile` that the metrics are made from."""
        return {"metrics": self._plain, "weighted_metrics": self._weighted}

    def resolve(self, y_shape: tuple[int, ...], prediction_shape: tuple[int, ...]) -> None:
        """Make the metrics for targets and predictions of these shapes; once."""
        self._resolved = self._made_for(y_shape, prediction_shape)
        self._looks_through = any(
            isinstance(metric, MeanMetricWrapper) and metric.looks_through(metric.dtype)
            for metric in self.metrics
        )

    def _made_for(
        self, y_shape: tuple[int, ...], prediction_shape: tuple[int, ...]
    ) -> tuple[list[Metric], list[Metric]]:
        if self._resolved is not None:
            return self._resolved
        shapes = y_shape[1:], prediction_shape[1:]
        if shapes not in self._made:
            plain, weighted = (
                [_as_metric(identifier, y_shape, prediction_shape) for identifier in identifiers]
                for identifiers in (self._plain, self._weighted)
            )
            self._made[shapes] = plain, weighted
        return self._made[shapes]

    def rehearse(self, y: Array, y_pred: Array, sample_weight: Array | None) -> None:
        """Count a few rows on copies and forget it; what cannot be counted raises."""
        plain, weighted = copy.deepcopy(self._made_for(y.shape, y_pred.shape))
        for metric in plain:
            metric.update_state(y, y_pred)
        for metric in weighted:
            metric.update_state(y, y_pred, sample_weight)

    @property
    def metrics(self) -> list[Metric]:
        """The metrics, none before they are resolved."""
        plain, weighted = self._resolved or ([], [])
        return [*plain, *weighted]

    def update_state(
        self,
        y: Array,
        y_pred: Array,
        sample_weight: Array | None,
        logits: Array | None = None,
    ) -> None:
        """Count one batch; a cross-entropy looks through a last softmax, as in Keras."""
        if self._resolved is None:
            self.resolve(y.shape, y_pred.shape)
        plain, weighted = self._resolved or ([], [])
        if logits is not None and self._looks_through:
            for metric in plain:
                _update(metric, y, y_pred, logits, None)
            for metric in weighted:
                _update(metric, y, y_pred, logits, sample_weight)
            return
        for metric in plain:
            metric.update_state(y, y_pred)
        for metric in weighted:
            metric.update_state(y, y_pred, sample_weight)

    def reset_state(self) -> None:
        """Forget what was counted."""
        for metric in self.metrics:
            metric.reset_state()

    def result(self) -> dict[str, Any]:
        """Return the results by name; a name that is taken gets a number, or "weighted_"."""
        results: dict[str, Any] = {}
        counts: dict[str, int] = {}
        plain, weighted = self._resolved or ([], [])
        for metric in plain:
            results[_free_name(metric.name, counts)] = metric.result()
        for metric in weighted:
            name = f"weighted_{metric.name}" if metric.name in counts else metric.name
            results[_free_name(name, counts)] = metric.result()
        return results


def _update(
    metric: Metric, y: Array, y_pred: Array, logits: Array, sample_weight: Array | None
) -> None:
    """Count a batch on the logits, where the metric has such a form, or else on the predictions."""
    if isinstance(metric, MeanMetricWrapper) and metric.looks_through(str(logits.dtype)):
        metric.update_from_logits(y, logits, sample_weight)
    elif sample_weight is None:
        metric.update_state(y, y_pred)
    else:
        metric.update_state(y, y_pred, sample_weight)


def _free_name(name: str, counts: dict[str, int]) -> str:
    count = counts.get(name, 0)
    counts[name] = count + 1
    return f"{name}_{count}" if count else name


def _checked_list(argument: str, identifiers: Any) -> list[Any]:
    checks.list_of_metrics(argument, identifiers)
    flat = list(identifiers.values() if isinstance(identifiers, dict) else identifiers or [])
    if len(flat) == 1 and isinstance(flat[0], (list, tuple)):
        flat = list(flat[0])  # one list for the one output
    for identifier in flat:
        if not _is_one_of(identifier, _ACCURACY):
            metrics.check(identifier)
    return flat


def _as_metric(
    identifier: Any, y_shape: tuple[int, ...], prediction_shape: tuple[int, ...]
) -> Metric:
    """Return the metric, under the name that the user gave it, or that of the function."""
    if _is_one_of(identifier, _ACCURACY):
        return accuracy.for_shapes(identifier, y_shape, prediction_shape)
    named = metrics.get(identifier)
    found: Metric = named if isinstance(named, Metric) else MeanMetricWrapper(named)
    found.name = identifier if isinstance(identifier, str) else object_name(named)
    return found


__all__ = ["CompiledLoss", "CompiledMetrics"]
