"""What `compile` does: it says what a model is trained with, checked before anything is changed.

Mirrors `compile` in `keras/src/trainers/trainer.py`.
"""

from collections.abc import Sequence
from typing import Any

from minidense import checks, optimizers
from minidense.layers.layer import Layer
from minidense.metrics import Mean
from minidense.training.compiled import CompiledLoss, CompiledMetrics


def compile_model(
    self: Any,
    optimizer: Any = "rmsprop",
    loss: Any = None,
    loss_weights: Any = None,
    metrics: Sequence[Any] | None = None,
    weighted_metrics: Sequence[Any] | None = None,
    run_eagerly: bool = False,
    steps_per_execution: int = 1,
    jit_compile: bool | str | None = "auto",
    auto_scale_loss: bool = True,
) -> None:
    """Say what to train with. The optimizer's state begins anew, and so does what was traced.

    As in Keras, a model that is compiled again keeps what is left out: its loss, and its
    metrics if neither list is given. `metrics=[]` takes them away.

    Args:
        self: the model.
        optimizer: a name, an `Optimizer`, or a dict of class and config.
        loss: a name, a function or a `Loss`.
        loss_weights: a factor for this loss, as a float, or alone in a list or dict.
        metrics: a list of names, functions or `Metric`s.
        weighted_metrics: the same, for metrics that see the sample weights.
        run_eagerly: whether each step runs Python, operation by operation, instead of a program
            that was traced once.
        steps_per_execution: Keras's; steps are run one by one here.
        jit_compile: Keras's; there is one way to run a program here. False, with a warning for
            True, where a step is run eagerly or a layer has `supports_jit = False`.
        auto_scale_loss: Keras's; there is no float16 here.

    Raises:
        ValueError: for an unknown name, before anything is changed.
    """
    given = {name: value for name, value in locals().items() if name not in _NOT_IN_CONFIG}
    key = next(iter(loss)) if isinstance(loss, dict) and loss and not self.has_graph() else None
    loss = _of_one_output(self, loss)
    weight = checks.loss_weight(loss_weights)
    checks.truth("run_eagerly", run_eagerly)
    checks.at_least("steps_per_execution", steps_per_execution, 1)
    checks.one_of("jit_compile", jit_compile, [True, False, None, "auto"])
    checks.truth("auto_scale_loss", auto_scale_loss)
    compiled_loss = CompiledLoss(loss, weight, key)
    compiled_metrics = CompiledMetrics(metrics, weighted_metrics)
    made = optimizers.get(optimizer)
    is_jitted = _can_be_jitted(self, jit_compile, run_eagerly)
    self.optimizer = made
    if loss is not None:
        self.loss = loss
        self._compiled_loss = compiled_loss
    if metrics is not None or weighted_metrics is not None:
        self._compiled_metrics = compiled_metrics
    self.run_eagerly = bool(run_eagerly)
    self.jit_compile = is_jitted
    self._loss_tracker = Mean(name="loss")
    self.train_function = self.test_function = self.predict_function = None
    self._asks_for_probabilities = True
    self.stop_training = False
    self.compiled = True
    self._compile_arguments = {**given, "jit_compile": None if jit_compile is None else is_jitted}


_NOT_IN_CONFIG = ("self", "auto_scale_loss")


def _of_one_output(model: Any, loss: Any) -> Any:
    """Return the loss of the one output, if it comes in a list, or in a dict by its name."""
    if not isinstance(loss, (list, tuple, dict)):
        return loss
    if isinstance(loss, dict) and model.has_graph():
        checks.names_of_losses(list(loss), model._network.names_of_outputs(), model.output_key())
    checks.one_loss(len(loss))
    return next(iter(loss.values())) if isinstance(loss, dict) else loss[0]


def _can_be_jitted(model: Layer, jit_compile: Any, run_eagerly: bool) -> bool:
    """Return Keras's `jit_compile`: "auto" is False where there is a processor alone."""
    if jit_compile is not True:
        return False
    objection = None
    if run_eagerly:
        objection = "With run_eagerly=True, a step is not compiled: jit_compile=True has no effect."
    elif not all(getattr(layer, "supports_jit", True) for layer in all_layers(model)):
        objection = "A layer of the model does not support `jit_compile=True`: it is False."
    if objection:
        checks.warn_user(objection)
    return objection is None


def all_layers(layer: Layer) -> list[Layer]:
    """Return a layer and all layers inside it."""
    return [layer, *(each for inner in layer.sublayers() for each in all_layers(inner))]
