"""What `compile` leaves: the losses of all outputs. The metrics are in `compiled_metrics.py`.

Mirrors `CompileLoss` in `keras/src/trainers/compile_utils.py`. A loss called "crossentropy" is
resolved when the shapes are known, on the first data.
"""

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, NamedTuple

from minidense import checks, losses, ops
from minidense.config import floatx
from minidense.engine.trace import Trace, TraceTensor
from minidense.losses import Loss
from minidense.metrics import Mean, accuracy
from minidense.nest import is_nested, map_structure
from minidense.training.pairing import OutputLoss, losses_of_outputs, part_at, targets_like
from minidense.typing import Shape


class LossCall(NamedTuple):
    """A call of a loss in a step, from which it is known what the step does with its batch."""

    loss: Loss
    y: Any
    y_pred: Any
    sample_weight: Any
    part: Trace | None
    """What leads to the predictions, by itself, in a step that is traced."""


class LossCalls(NamedTuple):
    """All calls of a step, one for each output that has a loss."""

    calls: list[LossCall]
    y_pred: Any
    """All outputs, in the nesting that the model gives them."""


@dataclass(eq=False)
class CompiledLoss:
    """The losses of all outputs, as what the user passed to `compile`.

    Args:
        identifier: a name, a function or a `Loss`, for all outputs, or such in lists, tuples and
            dicts, None for an output without a loss; None alone is allowed until it is needed.
        weights: a factor for the losses, or one for each.
        names: those of the outputs, if they have some.

    Raises:
        ValueError: for an unknown name.
    """

    identifier: Any
    weights: Any = None
    names: Sequence[str] | None = None
    look: Callable[[LossCalls], None] | None = None
    """What is told of the calls in a step that is not traced."""

    def __post_init__(self) -> None:
        self._losses = map_structure(_as_loss_or_name, self.identifier)
        self._of_outputs: list[OutputLoss] = []
        """The loss of each output that has one; none before the shapes are known."""
        self.metrics: list[Mean] = []
        """The running mean of each loss, where there are several."""

    def check(self, y_pred: Any) -> None:
        """Raise what `losses_of_outputs` raises for a model with these outputs."""
        losses_of_outputs(self._losses, self.weights, y_pred, self.names)

    def __call__(self, y: Any, y_pred: Any, sample_weight: Any) -> Any:
        """Return the sum of the losses of a batch, each times its weight.

        Args:
            y: the targets, see `targets_like`.
            y_pred: the outputs, in any nesting.
            sample_weight: None, one array for all outputs, or nested as they are.

        Raises:
            ValueError: without a loss, or for another number of targets than of outputs.
            TypeError: for keys of targets that the outputs do not have.
            KeyError: for an output without targets or weights.
        """
        calls = self.calls(y, y_pred, sample_weight)
        first = calls[0].y_pred
        if isinstance(first, TraceTensor):
            first.trace.marks["loss"] = LossCalls(calls, y_pred)
        elif self.look is not None:
            look, self.look = self.look, None  # once is enough
            look(LossCalls(calls, y_pred))
        values = []
        for index, (call, output) in enumerate(zip(calls, self._of_outputs, strict=True)):
            value = call.loss(call.y, call.y_pred, call.sample_weight)
            value = ops.convert_to_tensor(value, floatx())
            if self.metrics:  # where the rows are not known, Keras counts each batch as one
                self.metrics[index].update_state(value, sample_weight=call.y_pred.shape[0])
            values.append(value if output.weight is None else value * output.weight)
        return reduce(operator.add, values)

    def calls(self, y: Any, y_pred: Any, sample_weight: Any) -> list[LossCall]:
        """Return what each loss is called with; the first targets decide which losses they are."""
        checks.has_loss(self.identifier)
        checks.targets_given(y)
        targets = targets_like(y, y_pred, self.identifier, self.names)
        if not self._of_outputs:
            self._build(targets, y_pred)
        calls = []
        for path, loss, *_ in self._of_outputs:
            predictions = part_at("y_pred", y_pred, path)
            weights = sample_weight
            if is_nested(sample_weight):
                weights = part_at("sample_weight", sample_weight, path)
                weights = checks.weights_of_one_output(weights)
            part = None
            if isinstance(predictions, TraceTensor):
                part = predictions.trace.part_for(predictions)
            target = part_at("y", targets, path)
            calls.append(LossCall(loss, target, predictions, weights, part))
        return calls

    def _build(self, targets: Any, y_pred: Any) -> None:
        found = losses_of_outputs(self._losses, self.weights, y_pred, self.names)
        self._of_outputs = [
            each._replace(
                loss=_as_loss(
                    each.loss,
                    part_at("y", targets, each.path).shape,
                    part_at("y_pred", y_pred, each.path).shape,
                )
            )
            for each in found
        ]
        if len(found) > 1:
            self.metrics = [Mean(name=f"{each.name}_loss") for each in found]


def _as_loss_or_name(identifier: Any) -> Any:
    """Return the loss, "crossentropy" as it is, since the shapes decide which it is, or None."""
    is_name = isinstance(identifier, str) and identifier.lower() in ("crossentropy", "ce")
    return identifier if identifier is None or is_name else losses.as_loss(identifier)


def _as_loss(loss: Any, y_shape: Shape, prediction_shape: Shape) -> Loss:
    """Return the loss, which "crossentropy" is for these shapes."""
    if isinstance(loss, Loss):
        return loss
    binary, sparse = accuracy.is_binary_or_sparse(y_shape, prediction_shape)
    wide = "sparse_categorical" if sparse else "categorical"
    return losses.as_loss(f"{'binary' if binary else wide}_crossentropy")
