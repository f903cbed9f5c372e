"""The part of a model that trains, measures and predicts, put together.

What is done with one batch is in `steps.py`, what `compile` does in `compilation.py`, and the runs
are in `fitting.py`, `evaluation.py` and `prediction.py`.

Mirrors `keras/src/trainers/trainer.py`.
"""

from typing import Any

from minidense.callbacks import History
from minidense.layers.layer import Layer
from minidense.locks import OwnLock
from minidense.metrics import Mean, Metric
from minidense.nest import leaves_of
from minidense.optimizers import Optimizer
from minidense.training import compilation, evaluation, fitting, functions, prediction, steps
from minidense.training.compiled import CompiledLoss
from minidense.training.compiled_metrics import CompiledMetrics


class Trainer(Layer):
    """What a model has beside its layers: the steps, and the calls that run them."""

    not_read_by_calls = (
        *("history", "stop_training", "stop_evaluating", "stop_predicting"),
        *("train_function", "test_function", "predict_function", "_asks_for_probabilities"),
    )

    train_function: functions.Step | None = None
    test_function: functions.Step | None = None
    predict_function: functions.Step | None = None

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.compiled = False
        self.optimizer: Optimizer | None = None
        self.loss: Any = None
        self.history: History | None = None
        self.run_eagerly = self.jit_compile = False
        self.stop_training = self.stop_evaluating = self.stop_predicting = False
        self._compile_arguments: dict[str, Any] = {}
        self._compiled_loss = CompiledLoss(None)
        self._compiled_metrics: CompiledMetrics | None = None
        self._loss_tracker = Mean(name="loss")
        self._measuring = OwnLock()
        """Held by an `evaluate`: another one in another thread would count in the same metrics."""
        self._asks_for_probabilities = True

    # One batch: a subclass may write any of these anew

    train_step = steps.train_step
    test_step = steps.test_step
    predict_step = steps.predict_step
    compute_loss = steps.compute_loss
    compute_metrics = steps.compute_metrics
    get_metrics_result = steps.get_metrics_result

    # Compilation

    compile = compilation.compile_model
    make_train_function = functions.make_train_function
    make_test_function = functions.make_test_function
    make_predict_function = functions.make_predict_function

    # Runs

    fit = fitting.fit
    evaluate = evaluation.evaluate
    predict = prediction.predict
    train_on_batch = evaluation.train_on_batch
    test_on_batch = evaluation.test_on_batch
    predict_on_batch = prediction.predict_on_batch

    # Metrics

    @property
    def metrics(self) -> list[Any]:
        """The running mean of the loss, the compiled metrics as one, those of the several losses,
        and those in attributes.
        """
        of_compile = [self._loss_tracker, self._compiled_metrics, *self._compiled_loss.metrics]
        of_model = [*(of_compile if self.compiled else []), *_metrics_in(self)]
        return [each for each in of_model if each is not None]

    @property
    def metrics_names(self) -> list[str]:
        """The names of `metrics`."""
        return [metric.name for metric in self.metrics]

    def reset_metrics(self) -> None:
        """Start all running means again."""
        for metric in self.metrics:
            metric.reset_state()


_COUNTED_OTHERWISE = ("_loss_tracker", "_compile_arguments")


def _metrics_in(layer: Layer) -> list[Metric]:
    """Return the metrics that a layer and those in it have in attributes."""
    values = {**vars(layer), **dict.fromkeys(_COUNTED_OTHERWISE)}.values()
    nests = [value for value in values if isinstance(value, (Metric, list, tuple, dict))]
    own = [leaf for leaf in leaves_of(nests) if isinstance(leaf, Metric)]
    inner = [each for each in layer.sublayers() if not isinstance(each, Trainer)]
    return [*own, *(metric for each in inner for metric in _metrics_in(each))]
