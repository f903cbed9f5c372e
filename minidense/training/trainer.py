"""compile, fit, evaluate, predict: everything Keras-shaped around the step.

Answers to `keras/src/trainers/trainer.py` and `keras/src/backend/tensorflow/trainer.py`.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from minidense import checks
from minidense.callbacks import CallbackList, History
from minidense.graph.plan import Plan
from minidense.layers.undo import all_or_nothing
from minidense.memory import keep_freed_memory
from minidense.training.batches import Batches, Epochs
from minidense.training.compilation import Compilable, Logs
from minidense.training.data import (
    Data,
    read,
    read_pair,
    read_rows,
    split,
    warn_of_missing_classes,
    warn_of_nan,
)
from minidense.training.stacks import batches_in_a_stack, forward_by_batches
from minidense.training.step import evaluation_step, train_step
from minidense.typing import Array, Shape
from minidense.variables import Variable


class Trainer(Compilable):
    """The part of a model that trains, measures and predicts."""

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: int | str = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool | str = True,
        class_weight: dict[int, float] | None = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: int | Sequence[int] = 1,
    ) -> History:
        """Train, epoch by epoch.

        Args:
            x: an array (rows, ...), or a list of arrays for several inputs.
            y: the targets, (rows, ...), as an array, or a list or dict of that one.
            batch_size: rows in a step; None is 32.
            epochs: the number of the last epoch.
            verbose: 0 silent, 1 a bar that moves ("auto" too), 2 a line an epoch.
            callbacks: a list of `callbacks.Callback`.
            validation_split: the share of the last rows that is measured and not trained on.
            validation_data: (x, y) or (x, y, sample_weight) to measure after each epoch.
            shuffle: True for a new order of all rows, "batch" inside each batch, or False.
            class_weight: a weight for each class number.
            sample_weight: a weight for each row.
            initial_epoch: the number of the epoch to begin after.
            steps_per_epoch: the batches in an epoch, each epoch going on where the last one
                stopped; None is all. Without a batch_size, the rows are shared out among them.
            validation_steps: the most batches of a validation.
            validation_batch_size: rows in a step of validation; None is batch_size.
            validation_freq: validate after every so many epochs, or a list of epochs.

        Returns:
            The History: `history.history["loss"]` is a list with a number for each epoch.

        Raises:
            ValueError: for data or arguments without meaning, before anything is changed.
            TypeError: for an argument of a wrong kind, likewise.
        """
        self._check_steps("fit", validates=validation_data is not None or validation_split != 0)
        epochs = checks.at_least("epochs", epochs, 0)
        initial_epoch = checks.at_least("initial_epoch", initial_epoch, 0)
        verbose = checks.verbosity(verbose)
        checks.one_of("shuffle", shuffle, [True, False, "batch"])
        checks.split_share(validation_split)
        checks.validation_freq(validation_freq)
        batch_size = _at_least_one("batch_size", batch_size)
        validation_size = _at_least_one("validation_batch_size", validation_batch_size)
        steps = _at_least_one("steps_per_epoch", steps_per_epoch)
        validation_steps = _at_least_one("validation_steps", validation_steps)
        listeners = _listeners(callbacks, verbose, add_history=True)

        data = read_rows(self.by_name(x), y, sample_weight, class_weight)
        validation = None if validation_data is None else read_pair(validation_data, self.by_name)
        if validation_split and validation is None:
            data, validation = split(data, validation_split)
            if class_weight is not None:  # as in Keras, it is for what is trained on
                validation.sample_weight = None
        size = data.in_batches(_size(data, batch_size, steps))
        self._check(data, "fit", learns=True)
        self._check_class_weight(class_weight, data)
        if validation is not None:
            self._check(validation, "fit with validation_data")
            if self.plan is None:
                checks.same_features(*map(checks.flat_shapes, (data.shapes, validation.shapes)))
        with all_or_nothing([self] if self.plan is None else []):  # a warning may be an error
            plan, to_validate, variables = self._ready_to_train(data, validation)
            warn_of_missing_classes(data, class_weight)
            warn_of_nan(data, validation)
            self._warn_if_nothing_learns(variables)
        self._warn_unless_probabilities(plan, data.rows(0, size))

        batches = Epochs(Batches(data.arrays, size, shuffle), steps)
        _attach(listeners, self, callbacks, verbose=verbose, epochs=epochs, steps=len(batches))
        self.stop_training = False
        listeners.on_train_begin()
        logs: Logs = {}
        for epoch in range(initial_epoch, epochs):
            self.reset_metrics()
            listeners.on_epoch_begin(epoch)
            self._train_epoch(plan, batches, variables, listeners)
            logs = self._results()
            if validation is not None and _is_due(epoch + 1, validation_freq):
                rows = _size(validation, validation_size or batch_size, validation_steps)
                measured = self._measure(to_validate, validation, rows, validation_steps, listeners)
                logs = {**logs, **{f"val_{name}": value for name, value in measured.items()}}
            listeners.on_epoch_end(epoch, logs)
            if self.stop_training:
                break
        listeners.on_train_end(logs)
        assert self.history is not None
        return self.history

    def _train_epoch(
        self,
        plan: Plan,
        batches: Batches | Epochs,
        variables: list[Variable],
        listeners: CallbackList,
    ) -> None:
        assert self.optimizer is not None
        keep_freed_memory()
        training = self.told(True)
        for index, (*x, y, weights) in enumerate(batches):
            assert y is not None
            listeners.on_train_batch_begin(index)
            train_step(
                plan,
                self._compiled_loss,
                self.optimizer,
                self._compiled_metrics,
                variables,
                self.prepare_inputs(plan, x),
                y,
                weights,
                training,
            )
            listeners.on_train_batch_end(index, self._results)
            if self.stop_training:
                break

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: int | str = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Any = None,
        return_dict: bool = False,
    ) -> Any:
        """Measure loss and metrics; nothing is learned.

        Args:
            x: as in `fit`.
            y: as in `fit`.
            batch_size: as in `fit`.
            verbose: as in `fit`.
            sample_weight: as in `fit`.
            steps: the most batches; None is all.
            callbacks: as in `fit`.
            return_dict: whether the results come by name.

        Returns:
            A list [loss, metric, ...] of floats, the loss alone if there are no metrics, or a dict.

        Raises:
            ValueError: for data or arguments without meaning.
        """
        self._check_steps("evaluate")
        checks.truth("return_dict", return_dict)
        verbose = checks.verbosity(verbose)
        batch_size = _at_least_one("batch_size", batch_size)
        steps = _at_least_one("steps", steps)
        listeners = _listeners(callbacks, verbose)
        data = read_rows(self.by_name(x), y, sample_weight)
        size = data.in_batches(_size(data, batch_size, steps))
        self._check(data, "evaluate")
        warn_of_nan(data)
        self._look_again("test")
        plan = self.ready(data.shapes, data.batch)
        total = steps or -(-len(data) // size)
        _attach(listeners, self, callbacks, verbose=verbose, epochs=1, steps=total)
        logs = self._measure(plan, data, size, steps, listeners)
        return logs if return_dict else self._in_order(logs)

    def _measure(
        self,
        plan: Plan,
        data: Data,
        batch_size: int,
        steps: int | None,
        listeners: CallbackList,
    ) -> Logs:
        self.stop_evaluating = False
        listeners.on_test_begin()
        self.reset_metrics()
        batches = Epochs(Batches(data.arrays, batch_size), steps)
        keep_freed_memory()
        training = self.told(False)
        for index, (*x, y, weights) in enumerate(batches):
            assert y is not None
            listeners.on_test_batch_begin(index)
            evaluation_step(
                plan,
                self._compiled_loss,
                self._compiled_metrics,
                self.prepare_inputs(plan, x),
                y,
                weights,
                training,
            )
            listeners.on_test_batch_end(index, self._results)
            if self.stop_evaluating:
                break
        logs = self._results()
        listeners.on_test_end(logs)
        return logs

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: int | str = "auto",
        steps: int | None = None,
        callbacks: Any = None,
    ) -> Any:
        """Return the outputs for all rows, computed batch by batch.

        Args:
            x: as in `fit`.
            batch_size: as in `fit`.
            verbose: as in `fit`.
            steps: the most batches; None is all.
            callbacks: as in `fit`.

        Returns:
            An array (rows, ...), or as many as the model has outputs, in the model's nesting.

        Raises:
            ValueError: for data or arguments without meaning.
        """
        checks.no_step_of_ones_own(self, "predict")
        verbose = checks.verbosity(verbose)
        batch_size = _at_least_one("batch_size", batch_size)
        steps = _at_least_one("steps", steps)
        listeners = _listeners(callbacks, verbose)
        data = read_rows(self.by_name(x), None)
        shapes = data.shapes
        size = _size(data, batch_size, steps)
        first = min(size, len(data)) or None  # the first batch decides, whatever comes after it
        self.check_inputs(shapes, first)
        self.check_nesting(shapes, stacklevel=4)
        self._look_again("predict")
        plan = self.ready(shapes, first)
        nobody_looks = callbacks is None and verbose == 0  # at one batch after the other
        may_be_stacked = nobody_looks and steps is None and len(data) > size
        together = batches_in_a_stack(plan, size) if may_be_stacked else 1
        batches = Epochs(Batches([*data.x], size * together), steps, calls_to_user=1)
        total = steps or -(-len(data) // size)
        _attach(listeners, self, callbacks, verbose=verbose, epochs=1, steps=total)
        self.stop_predicting = False
        listeners.on_predict_begin()
        parts: list[list[Array]] = []
        keep_freed_memory()
        training = self.told(False)
        for rows in batches:
            listeners.on_predict_batch_begin(len(parts))
            inputs = self.prepare_inputs(plan, rows)
            for outputs in forward_by_batches(plan, inputs, size, training):
                packed = self.pack_outputs(plan, outputs)
                listeners.on_predict_batch_end(len(parts), {"outputs": packed})
                parts.append(outputs)
            if self.stop_predicting:
                break
        listeners.on_predict_end()
        if not parts:
            outputs_of_none = zip(self.shapes_of_outputs(shapes), plan.outputs, strict=True)
            return self.pack_outputs(
                plan, [_no_rows(shape, tensor.dtype) for shape, tensor in outputs_of_none]
            )
        return self.pack_outputs(
            plan, [np.concatenate(column) for column in zip(*parts, strict=True)]
        )

    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: dict[int, float] | None = None,
        return_dict: bool = False,
    ) -> Any:
        """Learn from one batch; return its loss and metrics, counted from 0.

        Raises:
            ValueError: for data without meaning, before anything is changed.
        """
        self._check_steps("train_on_batch")
        checks.truth("return_dict", return_dict)
        data = read(self.by_name(x), y, sample_weight, class_weight)
        size = data.in_batches(len(data) or 1)
        self._check(data, "train_on_batch", learns=True)
        self._check_class_weight(class_weight, data)
        with all_or_nothing([self] if self.plan is None else []):
            plan, _, variables = self._ready_to_train(data)
            warn_of_missing_classes(data, class_weight)
            warn_of_nan(data)
            self._warn_if_nothing_learns(variables)
        self._warn_unless_probabilities(plan, data)
        self.reset_metrics()
        listeners = CallbackList(model=self)
        self._train_epoch(plan, Batches(data.arrays, size), variables, listeners)
        logs = self._results()
        return logs if return_dict else self._in_order(logs)

    def test_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False
    ) -> Any:
        """Measure one batch; return its loss and metrics, counted from 0.

        Raises:
            ValueError: for data without meaning.
        """
        self._check_steps("test_on_batch")
        checks.truth("return_dict", return_dict)
        data = read(self.by_name(x), y, sample_weight)
        size = data.in_batches(len(data) or 1)
        self._check(data, "test_on_batch")
        warn_of_nan(data)
        self._look_again("test")
        plan = self.ready(data.shapes, data.batch)
        logs = self._measure(plan, data, size, None, CallbackList(model=self))
        return logs if return_dict else self._in_order(logs)

    def predict_on_batch(self, x: Any) -> Any:
        """Return the outputs for the rows, computed as one batch.

        Raises:
            ValueError: for data without meaning.
        """
        checks.no_step_of_ones_own(self, "predict_on_batch")
        data = read(self.by_name(x))
        self.check_inputs(data.shapes, len(data) or None)
        self.check_nesting(data.shapes, stacklevel=4)
        self._look_again("predict")
        plan = self.ready(data.shapes, len(data) or None)
        outputs, _ = plan.forward(self.prepare_inputs(plan, data.x), self.told(False))
        # copies: a model that does nothing hands on the user's own array
        return self.pack_outputs(plan, [output.copy() for output in outputs])


def _no_rows(shape: Shape, dtype: str) -> Array:
    return np.zeros([dim or 0 for dim in shape], dtype)


def _at_least_one(argument: str, value: Any) -> int | None:
    return None if value is None else checks.at_least(argument, value, 1)


def _size(data: Data, batch_size: int | None, steps: int | None) -> int:
    """Return the rows of a batch: as asked for, or shared out among the steps, or 32."""
    if batch_size is None:
        return 32 if steps is None else max(1, -(-len(data) // steps))
    return batch_size


def _is_due(epoch: int, freq: int | Sequence[int]) -> bool:
    return epoch % freq == 0 if isinstance(freq, int) else epoch in freq


def _listeners(callbacks: Any, verbose: int, add_history: bool = False) -> CallbackList:
    """Return the callbacks as one, checked, but not yet in touch with the model."""
    if isinstance(callbacks, CallbackList):
        return callbacks
    return CallbackList(callbacks, add_history=add_history, add_progbar=verbose != 0)


def _attach(listeners: CallbackList, model: Trainer, callbacks: Any, **params: Any) -> None:
    """Give the callbacks the model and the run's parameters; a user's own list has its own."""
    if listeners is not callbacks:
        listeners.set_model(model)
        listeners.set_params(params)


__all__ = ["Trainer"]
