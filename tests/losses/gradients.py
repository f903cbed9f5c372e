"""The gradient of a loss by the predictions, as a tape gives it."""

from typing import Any

from minidense import ops
from minidense.engine.tape import Tape


def value_and_gradient(
    loss: Any, y_true: Any, y_pred: Any, sample_weight: Any = None
) -> tuple[Any, Any]:
    """Return a loss, and its gradient in the shape and the dtype of the predictions."""
    predictions = ops.convert_to_tensor(y_pred)
    with Tape() as tape:
        value = loss(y_true, predictions, *([] if sample_weight is None else [sample_weight]))
    return value, tape.gradients(value, [predictions])[0]
