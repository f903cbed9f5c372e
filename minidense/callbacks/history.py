"""What `fit` returns: the logs of every epoch.

Mirrors `keras/src/callbacks/history.py`.
"""

from typing import Any

from minidense.callbacks.callback import Callback
from minidense.callbacks.logs import Logs


class History(Callback):
    """Keeps the logs of every epoch. `fit` adds one, and returns it.

    Attributes:
        epoch: the epochs of the last `fit`.
        history: for each name in the logs, its values epoch by epoch.

    >>> from minidense.callbacks import CallbackList
    >>> history = History()
    >>> CallbackList([history]).on_train_begin()
    >>> history.epoch, history.history
    ([], {})
    """

    def __init__(self) -> None:
        super().__init__()
        self.epoch: list[int] = []
        self.history: dict[str, list[Any]] = {}

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Count epochs anew; values are kept, so that a History used twice goes on."""
        self.epoch = []

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Keep the epoch's logs, and be the model's history."""
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)
        self.model.history = self
