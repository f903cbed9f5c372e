"""The metrics that are counted beside the loss, as `compile` leaves them.

Mirrors `CompileMetrics` in `keras/src/trainers/compile_utils.py`. A metric called "accuracy" is
resolved when the shapes are known, on the first data.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from minidense import checks, metrics
from minidense.metrics import MeanMetricWrapper, Metric, accuracy
from minidense.nest import flatten, flatten_up_to, is_nested, leaves_of
from minidense.registry import object_name
from minidense.typing import Shape


def _is_accuracy(identifier: Any) -> bool:
    return isinstance(identifier, str) and identifier.lower() in ("accuracy", "acc")


class _OutputMetrics(NamedTuple):
    """The metrics of one output, and what stands before their names in the log."""

    metrics: list[Metric]
    name: str | None


class CompiledMetrics:
    """The metrics of a model, plain and weighted, and their names in the log.

    Args:
        plain: what the user passed as `metrics`: a list for all of one output, or for several a
            list or a dict with a metric, a list of them, or None for each.
        weighted: what the user passed as `weighted_metrics`; they see the sample weights.
        names: those of the outputs, if they have some.

    Raises:
        ValueError: for an unknown name, or if either is no list, tuple or dict.
    """

    name = "compile_metrics"

    def __init__(self, plain: Any, weighted: Any, names: Sequence[str] | None = None) -> None:
        self._identifiers = {"metrics": plain, "weighted_metrics": weighted}
        for argument, identifiers in self._identifiers.items():
            checks.list_of_metrics(argument, identifiers)
            for identifier in leaves_of(identifiers or []):
                if identifier is not None and not _is_accuracy(identifier):
                    metrics.check(identifier)
        self._names = names
        self._order: Sequence[str] | None = None
        """The keys of the outputs, in the order of their metrics, if they come in a dict."""
        self._of_outputs: dict[str, list[_OutputMetrics]] | None = None
        """The metrics of each output, plain and weighted; None before the shapes are known."""

    def __repr__(self) -> str:
        return f"<CompileMetrics name={self.name}>"  # under Keras's name

    @property
    def _each(self) -> list[tuple[Metric, str | None, bool]]:
        """The metrics, the names of their outputs, and whether they are weighted."""
        return [
            (metric, name, argument == "weighted_metrics")
            for argument, outputs in (self._of_outputs or {}).items()
            for output_metrics, name in outputs
            for metric in output_metrics
        ]

    @property
    def metrics(self) -> list[Metric]:
        """The metrics, none before they are resolved."""
        return [metric for metric, _, _ in self._each]

    def update_state(self, y: Any, y_pred: Any, sample_weight: Any) -> None:
        """Count one batch; everything may come in lists, tuples and dicts."""
        if self._of_outputs is None:
            self._of_outputs = self._built(y, y_pred)
        targets, predictions = self._flat(y), self._flat(y_pred)
        weights = self._flat(sample_weight)
        if len(weights) < len(targets):
            weights = [weights[0]] * len(targets)
        for argument, outputs in self._of_outputs.items():
            # as in Keras, targets that come only for some outputs are those of the first
            pairs = zip(outputs, targets, predictions, weights, strict=False)
            for (found, _), target, prediction, weight in pairs:
                for metric in found:
                    more = [weight] if argument == "weighted_metrics" else []
                    metric.update_state(target, prediction, *more)

    def _flat(self, y: Any) -> list[Any]:
        if isinstance(y, Mapping) and self._order is not None:
            return [y[name] for name in self._order]
        return flatten(y)

    def _built(self, y: Any, y_pred: Any) -> dict[str, list[_OutputMetrics]]:
        names = self._names
        is_flat = is_nested(y_pred) and len(y_pred) == len(flatten(y_pred))
        if is_flat and isinstance(y_pred, Mapping) and set(names or ()) != set(y_pred):
            names = sorted(y_pred)
        self._order = names if is_flat and len(y_pred) > 1 else None
        return {
            argument: self._resolved(argument, identifiers, y, y_pred, names, is_flat)
            for argument, identifiers in self._identifiers.items()
        }

    def _resolved(
        self,
        argument: str,
        identifiers: Any,
        y: Any,
        y_pred: Any,
        names: Sequence[str] | None,
        is_flat: bool,
    ) -> list[_OutputMetrics]:
        """Return the metrics of each output.

        Raises:
            ValueError: if they are nested in another way than the outputs, or one is None.
        """
        if not identifiers:
            return []
        outputs = self._flat(y_pred)
        if len(outputs) == 1:
            every = flatten(identifiers)
            return [_metrics_of(every, flatten(y)[0].shape, outputs[0].shape, None)]
        in_list = isinstance(identifiers, (list, tuple)) and len(identifiers) == len(outputs)
        if is_flat and in_list:
            parts, targets = list(identifiers), self._flat(y)
        elif is_flat and isinstance(identifiers, Mapping) and set(identifiers) <= set(names or ()):
            parts, targets = [identifiers.get(name) for name in names or ()], self._flat(y)
        else:
            with checks.metrics_like_outputs(argument, identifiers, names):
                parts, targets = flatten_up_to(y_pred, identifiers), flatten_up_to(y_pred, y)
        labels = names if names is not None else [None] * len(outputs)
        # targets may come only for some outputs, see `update_state`
        each = zip(parts, targets, outputs, labels, strict=False)
        return [_metrics_of(part, t.shape, p.shape, name) for part, t, p, name in each]

    def reset_state(self) -> None:
        """Forget what was counted."""
        for metric in self.metrics:
            metric.reset_state()

    def result(self) -> dict[str, Any]:
        """Return the results by name; a name that is taken gets a number, or "weighted_"."""
        results: dict[str, Any] = {}
        counts: dict[str, int] = {}
        for metric, output, is_weighted in self._each:
            before = f"{output}_" if output else ""
            is_taken = is_weighted and before + metric.name in counts
            name = f"{before}{'weighted_' if is_taken else ''}{metric.name}"
            count = counts.get(name, 0)
            counts[name] = count + 1
            results[f"{name}_{count}" if count else name] = metric.result()
        return results


def _metrics_of(
    identifiers: Any, y_shape: Shape, prediction_shape: Shape, output: str | None
) -> _OutputMetrics:
    """Return the metrics of one output: of none, one, or a list."""
    several = isinstance(identifiers, (list, tuple))
    each = identifiers if several else [] if identifiers is None else [identifiers]
    found = [_as_metric(identifier, y_shape, prediction_shape) for identifier in each]
    return _OutputMetrics(found, output)


def _as_metric(identifier: Any, y_shape: Shape, prediction_shape: Shape) -> Metric:
    """Return the metric, under the name that the user gave it, or that of the function."""
    checks.some_metric(identifier)
    if _is_accuracy(identifier):
        return accuracy.for_shapes(identifier, y_shape, prediction_shape)
    named = metrics.get(identifier)
    found: Metric = named if isinstance(named, Metric) else MeanMetricWrapper(named)
    found.name = identifier if isinstance(identifier, str) else object_name(named)
    return found
