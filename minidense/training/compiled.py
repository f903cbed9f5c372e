"""What `compile` leaves: the loss, and the metrics that are counted beside it.

Mirrors `keras/src/trainers/compile_utils.py`. A metric called "accuracy", and a loss called
"crossentropy", are resolved when the shapes are known, on the first data.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from minidense import checks, losses, metrics
from minidense.engine.trace import Trace, TraceTensor
from minidense.losses import Loss
from minidense.metrics import MeanMetricWrapper, Metric, accuracy
from minidense.nest import flatten
from minidense.registry import object_name
from minidense.typing import Shape

_ACCURACY = ("accuracy", "acc")
_CROSSENTROPY = ("crossentropy", "ce")


def _is_one_of(identifier: Any, names: tuple[str, ...]) -> bool:
    return isinstance(identifier, str) and identifier.lower() in names


class LossCall(NamedTuple):
    """A call of the loss in a step, from which it is known what the step does with its batch."""

    loss: Loss
    y: Any
    y_pred: Any
    part: Trace | None
    """What leads to the predictions, by itself, in a step that is traced."""


@dataclass(eq=False)
class CompiledLoss:
    """A loss that a name, a function or an object stands for.

    Args:
        identifier: what the user passed to `compile`; None is allowed until it is needed.
        weight: a factor, Keras's `loss_weights` for one output.
        key: what the loss came under in a dict, if the model has no names for its outputs yet.

    Raises:
        ValueError: for an unknown name.
    """

    identifier: Any
    weight: float | None = None
    key: str | None = None
    loss: Loss | None = None
    """None until it is known which loss it is."""
    look: Callable[[LossCall], None] | None = None
    """What is told of a call that is not traced."""

    def __post_init__(self) -> None:
        if self.identifier is not None and not _is_one_of(self.identifier, _CROSSENTROPY):
            self.loss = losses.as_loss(self.identifier)

    def __call__(self, y: Any, y_pred: Any, sample_weight: Any) -> Any:
        """Return the loss of a batch times its weight.

        Args:
            y: the targets, alone or in a list, a tuple or a dict.
            y_pred: the predictions, likewise.
            sample_weight: None, or likewise.

        Raises:
            ValueError: without a loss, or without targets.
            TypeError: for a dict that the predictions do not come in.
            KeyError: for a key that they do not have.
            NotImplementedError: for several outputs.
        """
        checks.has_loss(self.identifier)
        checks.targets_given(y)
        key = next(iter(y_pred)) if isinstance(y_pred, Mapping) else None
        predictions = one_output(y_pred)
        if self.key is not None:
            checks.key_of_loss(self.key, key)
        for argument, value in (("y", y), ("sample_weight", sample_weight)):
            if isinstance(value, Mapping):
                checks.key_of_output(argument, next(iter(value)), key)
        (targets,), (weights,) = flatten(y), flatten(sample_weight)
        if self.loss is None:  # the first targets and predictions decide which it is
            self.loss = losses.as_loss(_named_for(targets.shape, predictions.shape))
        if isinstance(predictions, TraceTensor):
            trace = predictions.trace
            part = trace.part_for(predictions)
            trace.marks["loss"] = LossCall(self.loss, targets, predictions, part)
        elif self.look is not None:
            look, self.look = self.look, None  # once is enough
            look(LossCall(self.loss, targets, predictions, None))
        value = self.loss(targets, predictions, weights)
        return value if self.weight is None else value * self.weight


def _named_for(y_shape: Shape, prediction_shape: Shape) -> str:
    """Return which crossentropy "crossentropy" is for these shapes."""
    binary, sparse = accuracy.is_binary_or_sparse(y_shape, prediction_shape)
    wide = "sparse_categorical" if sparse else "categorical"
    return f"{'binary' if binary else wide}_crossentropy"


def one_output(y_pred: Any) -> Any:
    """Return the predictions of the one output, without the list or dict that they come in."""
    leaves = flatten(y_pred)
    checks.one_output(len(leaves))
    return leaves[0]


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
        self._identifiers = [
            *((each, False) for each in _checked_list("metrics", plain)),
            *((each, True) for each in _checked_list("weighted_metrics", weighted)),
        ]
        self._resolved: list[tuple[Metric, bool]] = []
        """The metrics, and whether they are weighted; none before the shapes are known."""

    def __repr__(self) -> str:
        return f"<CompileMetrics name={self.name}>"  # under Keras's name

    @property
    def metrics(self) -> list[Metric]:
        """The metrics, none before they are resolved."""
        return [metric for metric, _ in self._resolved]

    def update_state(self, y: Any, y_pred: Any, sample_weight: Any) -> None:
        """Count one batch; everything may come in a list, a tuple or a dict."""
        predictions = one_output(y_pred)
        (targets,), (weights,) = flatten(y), flatten(sample_weight)
        self._resolved = self._resolved or [
            (_as_metric(identifier, targets.shape, predictions.shape), is_weighted)
            for identifier, is_weighted in self._identifiers
        ]
        for metric, is_weighted in self._resolved:
            metric.update_state(targets, predictions, *([weights] if is_weighted else []))

    def reset_state(self) -> None:
        """Forget what was counted."""
        for metric in self.metrics:
            metric.reset_state()

    def result(self) -> dict[str, Any]:
        """Return the results by name; a name that is taken gets a number, or "weighted_"."""
        results: dict[str, Any] = {}
        counts: dict[str, int] = {}
        for metric, is_weighted in self._resolved:
            is_taken = is_weighted and metric.name in counts
            name = f"weighted_{metric.name}" if is_taken else metric.name
            count = counts.get(name, 0)
            counts[name] = count + 1
            results[f"{name}_{count}" if count else name] = metric.result()
        return results


def _checked_list(argument: str, identifiers: Any) -> list[Any]:
    checks.list_of_metrics(argument, identifiers)
    flat = list(identifiers.values() if isinstance(identifiers, dict) else identifiers or [])
    if len(flat) == 1 and isinstance(flat[0], (list, tuple)):
        flat = list(flat[0])  # one list for the one output
    for identifier in flat:
        if not _is_one_of(identifier, _ACCURACY):
            metrics.check(identifier)
    return flat


def _as_metric(identifier: Any, y_shape: Shape, prediction_shape: Shape) -> Metric:
    """Return the metric, under the name that the user gave it, or that of the function."""
    if _is_one_of(identifier, _ACCURACY):
        return accuracy.for_shapes(identifier, y_shape, prediction_shape)
    named = metrics.get(identifier)
    found: Metric = named if isinstance(named, Metric) else MeanMetricWrapper(named)
    found.name = identifier if isinstance(identifier, str) else object_name(named)
    return found
