"""What `compile` does: it says what a model is trained with, checked before anything is changed.

Mirrors `compile` in `keras/src/trainers/trainer.py`.
"""

from collections.abc import Sequence
from typing import Any

from minidense import checks, optimizers
from minidense.layers.layer import Layer
from minidense.metrics import Mean
from minidense.training.compiled import CompiledLoss
from minidense.training.compiled_metrics import CompiledMetrics


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
        loss: a name, a function or a `Loss`; for several outputs it is for each of them, or there
            is one for each, or None, in lists and dicts as the outputs are, or in a dict by the
            names of the outputs.
        loss_weights: a factor for the loss, as a float; for several losses one for all, or as many
            in a list or dict.
        metrics: a list of names, functions or `Metric`s; for several outputs a list or a dict with
            one, a list of them, or None for each.
        weighted_metrics: the same, for metrics that see the sample weights.
        run_eagerly: whether each step runs Python, operation by operation, instead of a program
            that was traced once.
        steps_per_execution: Keras's; steps are run one by one here.
        jit_compile: Keras's; there is one way to run a program here. False, with a warning for
            True, where a step is run eagerly or a layer has `supports_jit = False`.
        auto_scale_loss: Keras's; there is no float16 here.

    Raises:
        ValueError: for an unknown name, before anything is changed; likewise the others.
        KeyError: for a loss or a weight that no output belongs to.
        TypeError: for losses by name, if the outputs have no names.
    """
    given = {name: value for name, value in locals().items() if name not in _NOT_IN_CONFIG}
    checks.loss_weights(loss_weights)
    checks.truth("run_eagerly", run_eagerly)
    checks.at_least("steps_per_execution", steps_per_execution, 1)
    checks.one_of("jit_compile", jit_compile, [True, False, None, "auto"])
    checks.truth("auto_scale_loss", auto_scale_loss)
    names = getattr(self, "output_names", None)
    compiled_loss = CompiledLoss(loss, loss_weights, names)
    if loss is not None and self.has_graph():
        compiled_loss.check(self._network.outputs_as_given())
    compiled_metrics = CompiledMetrics(metrics, weighted_metrics, names)
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
