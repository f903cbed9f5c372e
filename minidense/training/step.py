"""The algorithm, and nothing else: one step of training, one of evaluation.

This is the one place where model, loss and optimizer meet. Answers to `train_step` and `test_step`
in `keras/src/backend/tensorflow/trainer.py`. As there, what overflows or is NaN does so in silence.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from minidense.graph.plan import Plan
from minidense.optimizers import Optimizer
from minidense.training.compiled import CompiledLoss, CompiledMetrics
from minidense.typing import Array
from minidense.variables import Variable


@np.errstate(all="ignore")
def train_step(
    plan: Plan,
    loss: CompiledLoss,
    optimizer: Optimizer,
    metrics: CompiledMetrics,
    variables: Sequence[Variable],
    x: list[Array],
    y: Array,
    sample_weight: Array | None,
    training: bool | None,
) -> Array:
    """Learn from one batch: forward, loss, backward, update, metrics. Return the predictions."""
    (y_pred,), tape = plan.forward(x, training)
    logits = plan.logits(tape)
    value, gradient, at_logits = loss.value_and_gradient(y, y_pred, logits, sample_weight)
    _, weight_grads = plan.backward(gradient, tape, at_logits=at_logits)
    if variables:
        optimizer.learn(weight_grads, variables)
    loss.tracker.update_state(value, sample_weight=len(y_pred))
    metrics.update_state(y, y_pred, sample_weight, logits)
    return y_pred


@np.errstate(all="ignore")
def evaluation_step(
    plan: Plan,
    loss: CompiledLoss,
    metrics: CompiledMetrics,
    x: list[Array],
    y: Array,
    sample_weight: Array | None,
    training: bool | None,
) -> None:
    """Measure one batch: forward, loss, metrics."""
    (y_pred,), tape = plan.forward(x, training)
    logits = plan.logits(tape)
    value: Any = loss.value(y, y_pred, logits, sample_weight)
    loss.tracker.update_state(value, sample_weight=len(y_pred))
    metrics.update_state(y, y_pred, sample_weight, logits)


__all__ = ["evaluation_step", "train_step"]
