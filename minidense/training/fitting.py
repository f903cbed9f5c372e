"""What `fit` does: epoch by epoch, batch by batch.

Mirrors `fit` in `keras/src/backend/tensorflow/trainer.py`.
"""

from collections.abc import Sequence
from typing import Any

from minidense import checks
from minidense.callbacks import History
from minidense.callbacks.logs import Logs
from minidense.training.arguments import at_least_one, attach, listeners_of
from minidense.training.data import Data, read_pair, read_rows, split
from minidense.training.evaluation import measure, over_batches
from minidense.training.first_look import FirstLook
from minidense.training.loop import Loop


def fit(
    self: Any,
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
        self: the model.
        x: an array (rows, ...), or a list of arrays for several inputs.
        y: the targets, (rows, ...), as an array; for several outputs arrays that are nested as
            they are, or in a dict by their names, or only for those that have a loss.
        batch_size: rows in a step; None is 32.
        epochs: the number of the last epoch.
        verbose: 0 silent, 1 a bar that moves ("auto" too), 2 a line an epoch.
        callbacks: a list of `callbacks.Callback`.
        validation_split: the share of the last rows that is measured and not trained on.
        validation_data: (x, y) or (x, y, sample_weight) to measure after each epoch.
        shuffle: True for a new order of all rows, "batch" inside each batch, or False.
        class_weight: a weight for each class number, for a model with one output.
        sample_weight: a weight for each row, in one array, or one for each of y, nested as y is.
        initial_epoch: the number of the epoch to begin after.
        steps_per_epoch: the batches in an epoch, each epoch going on where the last one
            stopped; None is all. Without a batch_size, the rows are shared out among them.
        validation_steps: the most batches of a validation.
        validation_batch_size: rows in a step of validation; None is batch_size.
        validation_freq: validate after every so many epochs, or a list of epochs.

    Returns:
        The History: `history.history["loss"]` is a list with a number for each epoch.

    Raises:
        ValueError: for data or arguments without meaning, before a weight is changed.
        TypeError: for an argument of a wrong kind, likewise.
    """
    checks.compiled(self.compiled, "fit")
    epochs = checks.at_least("epochs", epochs, 0)
    initial_epoch = checks.at_least("initial_epoch", initial_epoch, 0)
    checks.verbosity(verbose)
    checks.one_of("shuffle", shuffle, [True, False, "batch"])
    checks.number_in("validation_split", validation_split, 0, 1, high_included=False)
    checks.validation_freq(validation_freq)
    batch_size = at_least_one("batch_size", batch_size)
    validation_size = at_least_one("validation_batch_size", validation_batch_size)
    steps = at_least_one("steps_per_epoch", steps_per_epoch)
    validation_steps = at_least_one("validation_steps", validation_steps)
    listeners = listeners_of(callbacks, verbose, add_history=True)

    data = read_rows(x, y, sample_weight, class_weight)
    checks.some_rows(len(data), "fit")
    validation = None if validation_data is None else read_pair(validation_data)
    if validation_split and validation is None:
        data, validation = split(data, validation_split)
        if class_weight is not None:  # as in Keras, it is for what is trained on
            validation = Data(validation.x, validation.y)
    look = FirstLook(self, data, validation, learns=True)
    size = data.in_batches(batch_size, steps)
    loop = Loop(self.make_train_function(), data, size, look, shuffle, steps)
    measuring = None
    if validation is not None:
        checks.some_rows(len(validation), "fit with validation_data")
        size = validation.in_batches(validation_size or batch_size, validation_steps)
        measuring = Loop(self.make_test_function(), validation, size, steps=validation_steps)

    attach(listeners, self, callbacks, verbose=verbose, epochs=epochs, steps=len(loop))
    self.stop_training = False
    listeners.on_train_begin()
    logs: Logs = {}
    for epoch in range(initial_epoch, epochs):
        self.reset_metrics()
        listeners.on_epoch_begin(epoch)
        logs = over_batches(self, "train", loop, listeners)
        if measuring is not None and _is_due(epoch + 1, validation_freq):
            measured = measure(self, measuring, listeners)
            logs = {**logs, **{f"val_{name}": value for name, value in measured.items()}}
        listeners.on_epoch_end(epoch, logs)
        if self.stop_training:
            break
    listeners.on_train_end(logs)
    history: History = self.history
    return history


def _is_due(epoch: int, freq: int | Sequence[int]) -> bool:
    return epoch % freq == 0 if isinstance(freq, int) else epoch in freq
