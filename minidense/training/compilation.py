"""What `compile` gives a model: a loss, an optimizer, metrics, and the checks that need the model.

Answers to the first half of `keras/src/trainers/trainer.py`.
"""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from minidense import checks, optimizers
from minidense.callbacks import History
from minidense.checks import DataWarning
from minidense.config import floatx
from minidense.graph.plan import Plan
from minidense.layers.base import Layer
from minidense.metrics import Mean
from minidense.optimizers import Optimizer
from minidense.training.compiled import CompiledLoss, CompiledMetrics
from minidense.training.data import Data
from minidense.typing import Array, Shape
from minidense.variables import Variable

Logs = dict[str, float]


class Compilable(Layer):
    """A layer that can be told what to train with; `Trainer` then trains it.

    What is needed of the model is in the methods at the end, and the plan.
    """

    plan: Plan | None

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.compiled = False
        self.optimizer: Optimizer | None = None
        self.loss: Any = None
        self._key_of_loss: str | None = None
        """Where the loss came in a dict before the outputs, and their names, were known."""
        self.history: History | None = None
        self.stop_training = False
        self.stop_evaluating = False
        self.stop_predicting = False
        self._compiled_loss = CompiledLoss(None)
        self._compiled_metrics = CompiledMetrics(None, None)
        self._has_metrics = False
        """Whether `compile` was given a list of metrics, be it an empty one."""
        self._rehearsed: set[Any] = set()  # the shapes that loss and metrics were tried with
        self._outputs_were_checked = False
        self._has_looked: set[str] = set()
        """Of training, test and predict, what was run since the model was compiled."""

    def compile(
        self,
        optimizer: str | Optimizer = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Sequence[Any] | None = None,
        weighted_metrics: Sequence[Any] | None = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: bool | str = "auto",
        auto_scale_loss: bool = True,
    ) -> None:
        """Say what to train with. The optimizer's state begins anew.

        As in Keras, a model that is compiled again keeps what is left out: its loss, and its
        metrics if neither list is given. `metrics=[]` takes them away.

        Args:
            optimizer: a name or an `Optimizer`.
            loss: a name, a function or a `Loss`.
            loss_weights: a factor for this loss, as a float, or alone in a list or dict.
            metrics: a list of names, functions or `Metric`s.
            weighted_metrics: the same, for metrics that see the sample weights.
            run_eagerly: Keras's; there is no graph here, so the last four change nothing.
            steps_per_execution: see run_eagerly.
            jit_compile: see run_eagerly.
            auto_scale_loss: see run_eagerly.

        Raises:
            ValueError: for an unknown name, before anything is changed.
        """
        key = next(iter(loss)) if isinstance(loss, dict) and loss and self.plan is None else None
        loss = self._of_one_output(loss)
        weight = checks.loss_weight(loss_weights)
        checks.truth("run_eagerly", run_eagerly)
        checks.at_least("steps_per_execution", steps_per_execution, 1)
        checks.one_of("jit_compile", jit_compile, [True, False, None, "auto"])
        checks.truth("auto_scale_loss", auto_scale_loss)
        compiled_loss = CompiledLoss(loss, weight)
        compiled_metrics = CompiledMetrics(metrics, weighted_metrics)
        self.optimizer = optimizers.get(optimizer)
        if loss is not None:
            self.loss = loss
            self._key_of_loss = key
            self._compiled_loss = compiled_loss
        if metrics is not None or weighted_metrics is not None:
            self._compiled_metrics = compiled_metrics
            self._has_metrics = True
        self.reset_metrics()
        self._rehearsed = set()
        self._outputs_were_checked = False
        self.stop_training = False
        self.compiled = True
        self._has_looked = set()
        self.trace_again()

    def compile_arguments(self) -> dict[str, Any]:
        """Return what `compile` was given but for the optimizer; a copy is compiled with it."""
        metrics = self._compiled_metrics.arguments()
        if not self._has_metrics:
            metrics = dict.fromkeys(metrics)
        return {**self._compiled_loss.arguments(), **metrics}

    def _of_one_output(self, loss: Any) -> Any:
        """Return the loss of the one output, if it comes in a list, or in a dict by its name."""
        if not isinstance(loss, (list, tuple, dict)):
            return loss
        if isinstance(loss, dict) and self.plan is not None:
            checks.names_of_losses(list(loss), self.output_names(), self.output_key())
        checks.one_loss(len(loss))
        return next(iter(loss.values())) if isinstance(loss, dict) else loss[0]

    # Metrics and logs

    @property
    def metrics(self) -> list[Any]:
        """The running mean of the loss, and the compiled metrics as one, as in Keras."""
        if not self.compiled:
            return []
        return [self._loss_tracker, *([self._compiled_metrics] if self._has_metrics else [])]

    @property
    def metrics_names(self) -> list[str]:
        """The names of `metrics`."""
        return [metric.name for metric in self.metrics]

    def reset_metrics(self) -> None:
        """Start all running means again."""
        self._loss_tracker.reset_state()
        self._compiled_metrics.reset_state()

    @property
    def _loss_tracker(self) -> Mean:
        return self._compiled_loss.tracker

    def _results(self) -> Logs:
        """Return the running loss and metrics as floats, sorted by name as in Keras's logs."""
        results = {"loss": self._loss_tracker.result(), **self._compiled_metrics.result()}
        return {name: float(results[name]) for name in sorted(results)}

    def _in_order(self, logs: Logs) -> Any:
        """Return [loss, metrics in the order of compile], or the loss alone.

        As in Keras the list goes by the metrics' own names, and then by what was renamed: with
        "accuracy" twice it is [loss, accuracy, accuracy, weighted_accuracy].
        """
        own = ["loss", *[metric.name for metric in self._compiled_metrics.metrics]]
        renamed = [name for name in logs if name not in own]
        values = [logs[name] for name in own + renamed if name in logs]
        return values[0] if len(values) == 1 else values

    # Checks that need the model

    def _check_steps(self, method: str, validates: bool = False) -> None:
        """Raise for a model that has steps of its own, or was not compiled."""
        checks.no_step_of_ones_own(self, method, validates)
        checks.compiled(self.compiled, method)

    def _look_again(self, kind: str) -> None:
        """Look at a `call` of one's own, the first time since `compile`, as Keras does then.

        Args:
            kind: "train", "test" or "predict"; Keras traces a `call` once for each.
        """
        if kind not in self._has_looked:
            self.trace_again()
            self._has_looked.add(kind)

    def _check(self, data: Data, method: str, learns: bool = False) -> None:
        """Raise if the model cannot take the data; train nothing.

        Nothing is built, but a subclass with its own `call`, whose shapes are not known otherwise.
        """
        if learns:
            checks.has_optimizer(self.optimizer, method)
        checks.some_rows(len(data), method)
        (shape, *more) = self.shapes_of_outputs(data.shapes, data.batch)
        self.check_nesting(data.shapes, stacklevel=5)
        checks.one_output(1 + len(more), method)
        if self._key_of_loss is not None:
            checks.key_of_loss(self._key_of_loss, self.output_key())
        for argument, name in data.keys.items():
            checks.key_of_output(argument, name, self.output_key())
        checks.has_loss(self.loss)
        checks.targets_given(data.y, method)
        assert data.y is not None
        rows, *dims = shape  # an own `compute_output_shape` need not know how many rows there are
        concrete = (len(data) if rows is None else rows, *(dim or 0 for dim in dims))
        self._compiled_loss.check_targets(data.y, concrete)
        weights = data.sample_weight
        shapes = [data.y.shape[1:], concrete[1:], None if weights is None else weights.shape[1:]]
        key = (*shapes, learns)
        if key not in self._rehearsed:
            self._rehearse(data.y, concrete, weights, learns)
            self._rehearsed.add(key)

    def _rehearse(
        self, y: Array, prediction_shape: tuple[int, ...], weights: Array | None, learns: bool
    ) -> None:
        """Try loss and metrics on a few rows, so that what cannot work fails before it begins."""
        # so many rows that they are not taken for another axis
        rows = next(n for n in range(2, 99) if n not in prediction_shape[1:])
        y_pred = np.full((rows, *prediction_shape[1:]), 0.5, floatx())
        few = np.resize(y, (rows, *y.shape[1:]))
        few_weights = None if weights is None else np.resize(weights, (rows, *weights.shape[1:]))
        self._compiled_loss.rehearse(few, y_pred, few_weights, learns)
        self._compiled_metrics.rehearse(few, y_pred, few_weights)

    def _check_class_weight(self, class_weight: Any, data: Data) -> None:
        if class_weight is not None and data.y is not None:
            (shape,) = self.shapes_of_outputs(data.shapes)
            loss = self._compiled_loss.resolved(data.y.shape, shape)
            checks.class_weight_has_classes(class_weight, loss.name, loss.takes_logits)
            checks.weighted_classes_exist(class_weight, max(2, shape[-1] or 0))

    def _ready_to_train(
        self, data: Data, validation: Data | None = None
    ) -> tuple[Plan, Plan, list[Variable]]:
        """Build the model if need be, and check what was not there to be checked before.

        Returns:
            The plan to train with, the one to validate with, and what will be trained.
        """
        assert self.optimizer is not None
        self.optimizer.check_variables(self.trainable_weights)
        self._look_again("train")
        plan = self.ready(data.shapes, data.batch)
        variables = self.trainable_weights
        self.optimizer.check_variables(variables)
        if validation is None:
            return plan, plan, variables
        self.shapes_of_outputs(validation.shapes)
        return plan, self.ready(validation.shapes, validation.batch), variables

    def _warn_if_nothing_learns(self, variables: list[Variable]) -> None:
        if not variables:
            warnings.warn(
                "The model does not have any trainable weights.", UserWarning, stacklevel=3
            )

    def _warn_unless_probabilities(self, plan: Plan, data: Data) -> None:
        """Warn once, by a DataWarning, if a loss for probabilities is given other numbers."""
        assert data.y is not None
        if self._outputs_were_checked:
            return
        with self.state_kept():
            inputs = self.prepare_inputs(plan, data.x)
            (y_pred,), tape = plan.forward(inputs, self.told(False))
        loss = self._compiled_loss.resolved(data.y.shape, y_pred.shape)
        wants_logits = not loss.takes_logits or getattr(loss, "from_logits", False)
        outside = ((y_pred < 0) | (y_pred > 1 + 1e-6)).any()
        if not wants_logits and plan.logits(tape) is None and outside:
            warnings.warn(
                f"The loss '{loss.name}' expects probabilities, but the outputs lie between "
                f"{y_pred.min():.3g} and {y_pred.max():.3g}. End the model "
                "with a softmax or sigmoid, or use from_logits=True.",
                DataWarning,
                stacklevel=3,
            )
        self._outputs_were_checked = True

    # What the model provides

    def ready(self, input_shapes: Any, batch: int | None) -> Plan:
        """Return the plan for rows of these shapes and this nesting; build what is not built."""
        raise NotImplementedError

    def computes_itself(self) -> bool:
        """Whether a subclass says what is computed: it sees the inputs as they came."""
        raise NotImplementedError

    def trace_again(self) -> None:
        """Make anew what was made of a `call` of one's own."""
        raise NotImplementedError

    def told(self, training: bool) -> bool | None:
        """Return what a step of training, or of another run, tells the layers."""
        raise NotImplementedError

    def output_names(self) -> list[str]:
        """Return the names of the outputs of a model that is built."""
        raise NotImplementedError

    def output_key(self) -> str | None:
        """Return the key of the one output of a model that gives a dict, else None."""
        raise NotImplementedError

    def by_name(self, inputs: Any, stacklevel: int = 3) -> Any:
        """Return what was passed by name in the model's order, and anything else as it is."""
        raise NotImplementedError

    def check_nesting(self, input_shapes: Any, stacklevel: int) -> None:
        """Warn if inputs do not come in the nesting that the model was made with."""
        raise NotImplementedError

    def prepare_inputs(self, plan: Plan, arrays: Sequence[Any]) -> list[Array]:
        """Return a batch in the dtypes and ranks of a plan's inputs."""
        raise NotImplementedError

    def check_inputs(self, input_shapes: Any, batch: int | None) -> None:
        """Raise ValueError if the inputs' shapes do not fit."""
        raise NotImplementedError

    def shapes_of_outputs(self, input_shapes: Any, batch: int | None = None) -> list[Shape]:
        """Return the shapes of the outputs; raise ValueError if the inputs' shapes do not fit."""
        raise NotImplementedError

    def pack_outputs(self, plan: Plan, outputs: list[Array]) -> Any:
        """Return the outputs in the nesting that the plan was made with."""
        raise NotImplementedError


__all__ = ["Compilable", "Logs"]
