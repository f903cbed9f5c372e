"""The base of all callbacks: a method for each moment of a run.

Mirrors `keras/src/callbacks/callback.py`.
"""

from typing import Any

from minidense.callbacks.logs import Logs


class Callback:
    """The base of all callbacks: a method for each moment of a run, all of which do nothing.

    `logs` is a plain dictionary of Python numbers. It is empty at a beginning; at the end of a
    batch it holds the running metrics ("outputs" for `predict`), at the end of an epoch the
    epoch's metrics, those of the validation data with "val_" before their names.

    Attributes:
        params: the run's "verbose", "epochs" and "steps".
        model: the model that runs; set `model.stop_training = True` to end a `fit`.

    >>> class StopAtOnce(Callback):
    ...     def on_epoch_end(self, epoch, logs=None):
    ...         self.model.stop_training = True
    """

    def __init__(self) -> None:
        self.params: dict[str, Any] | None = None
        self._model: Any = None

    def set_params(self, params: dict[str, Any]) -> None:
        """Take the run's parameters, before it begins."""
        self.params = params

    def set_model(self, model: Any) -> None:
        """Take the model, before the run begins."""
        self._model = model

    @property
    def model(self) -> Any:
        """The model that runs. Any: a callback may use whatever its model has."""
        return self._model

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Called when `fit` begins."""

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Called when `fit` ends; the logs are those of its last epoch."""

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Called when an epoch begins; epochs count from 0."""

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Called when an epoch and its validation end."""

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Called when a training batch begins; batches count from 0 in each epoch."""
        self.on_batch_begin(batch, logs=logs)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Called when a training batch ends; the logs are the means over the epoch so far."""
        self.on_batch_end(batch, logs=logs)

    def on_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """The older name of `on_train_batch_begin`, which calls it."""

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """The older name of `on_train_batch_end`, which calls it."""

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """Called when `evaluate`, or the validation inside `fit`, begins."""

    def on_test_end(self, logs: Logs | None = None) -> None:
        """Called when `evaluate`, or the validation inside `fit`, ends."""

    def on_test_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Called when a batch of `evaluate` begins."""

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Called when a batch of `evaluate` ends; the logs are the means so far."""

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        """Called when `predict` begins."""

    def on_predict_end(self, logs: Logs | None = None) -> None:
        """Called when `predict` ends."""

    def on_predict_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Called when a batch of `predict` begins."""

    def on_predict_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Called when a batch of `predict` ends; the logs hold its "outputs"."""
