"""What is done with one batch: forward, loss, gradients, update, metrics.

They are methods of `Trainer`. A subclass may write any of them anew.

Mirrors `keras/src/backend/tensorflow/trainer.py` and `keras/src/trainers/trainer.py`.
"""

import inspect
from typing import Any

from minidense import checks, ops
from minidense.autodiff import GradientTape
from minidense.nest import flatten

Logs = dict[str, Any]


def train_step(self: Any, data: Any) -> Logs:
    """Learn from one batch: forward, loss, gradients, update, metrics.

    Args:
        self: the model.
        data: x, (x,), (x, y) or (x, y, sample_weight): tensors.
    """
    x, y, sample_weight = unpacked(data)
    with GradientTape() as tape:
        y_pred = self(x, **training_argument(self.call, True))
        loss = _loss_of_batch(self, x, y, y_pred, sample_weight, training=True)
    variables = self.trainable_weights
    if variables:
        checks.has_optimizer(self.optimizer)
        grads = tape.gradient(loss, variables)
        self.optimizer.apply_gradients(zip(grads, variables, strict=True))
    else:
        checks.warn_user("The model does not have any trainable weights.")
    logs: Logs = self.compute_metrics(x, y, y_pred, sample_weight)
    return logs


def test_step(self: Any, data: Any) -> Logs:
    """Measure one batch: forward, loss, metrics; `data` as in `train_step`."""
    x, y, sample_weight = unpacked(data)
    y_pred = self(x, **training_argument(self.call, False))
    _loss_of_batch(self, x, y, y_pred, sample_weight, training=False)
    logs: Logs = self.compute_metrics(x, y, y_pred, sample_weight)
    return logs


def predict_step(self: Any, data: Any) -> Any:
    """Return the outputs for one batch; `data` is x or (x,)."""
    x, _, _ = unpacked(data)
    return self(x, **training_argument(self.call, False))


def compute_loss(
    self: Any,
    x: Any = None,
    y: Any = None,
    y_pred: Any = None,
    sample_weight: Any = None,
    training: bool = True,
) -> Any:
    """Return the loss of a batch, of shape ()."""
    return self._compiled_loss(y, y_pred, sample_weight)


def compute_metrics(self: Any, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Logs:
    """Count a batch in the metrics, and return what they are so far."""
    if self._compiled_metrics is not None:
        self._compiled_metrics.update_state(y, y_pred, sample_weight)
    logs: Logs = self.get_metrics_result()
    return logs


def get_metrics_result(self: Any) -> Logs:
    """Return the running loss and metrics, by the names that they have in the log."""
    results: Logs = {}
    for metric in self.metrics:
        result = metric.result()
        results |= result if isinstance(result, dict) else {metric.name: result}
    return results


def _loss_of_batch(
    model: Any, x: Any, y: Any, y_pred: Any, sample_weight: Any, training: bool
) -> Any:
    """Return the loss, counted in its running mean."""
    loss = model.compute_loss(
        x, y, y_pred, sample_weight, **training_argument(model.compute_loss, training)
    )
    rows = ops.shape(next(leaf for leaf in flatten(x) if leaf is not None))[0]
    model._loss_tracker.update_state(loss, sample_weight=rows)
    return loss


def training_argument(method: Any, training: bool) -> dict[str, bool]:
    """Return `training` for the call of a method, if it names it."""
    return {"training": training} if "training" in inspect.signature(method).parameters else {}


def unpacked(data: Any) -> tuple[Any, Any, Any]:
    """Return (x, y, sample_weight) of what belongs to a batch; None for what is not there.

    Source: `unpack_x_y_sample_weight` in `keras/src/trainers/data_adapters/data_adapter_utils.py`.
    """
    parts = tuple(data) if isinstance(data, (list, tuple)) else (data,)
    x, y, sample_weight, *_ = (*parts, None, None)
    return x, y, sample_weight
