"""The callback that prints the progress of a run.

Mirrors `keras/src/callbacks/progbar_logger.py`.
"""

from typing import Any

from minidense.callbacks.callback import Callback
from minidense.callbacks.logs import Logs, LogsSource
from minidense.training.progress import Progbar, print_message


class ProgbarLogger(Callback):
    """Prints the progress of a run. `fit`, `evaluate` and `predict` add one unless verbose is 0.

    The hooks at the end of a batch also take their logs as a function, and call it only when the
    bar is printed: a few times a second, however short a step is. Such a function must give the
    same names in every batch, since a name that is not looked at is not shown.
    """

    def __init__(self) -> None:
        super().__init__()
        self.seen = 0
        self.progbar: Progbar | None = None
        self.target: int | None = None
        self.verbose = 1
        self.epochs = 1
        self._called_in_fit = False

    def set_params(self, params: dict[str, Any]) -> None:
        """Take "verbose" ("auto" is 1), "epochs" and "steps", None where they are not known."""
        self.verbose = 1 if params["verbose"] == "auto" else params["verbose"]
        self.epochs = params["epochs"]
        self.target = params["steps"]

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Note that this is a `fit`: its validation is silent."""
        self._called_in_fit = True

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Start a bar, and head it where there are several epochs."""
        self._start_bar()
        if self.verbose and self.epochs > 1:
            print_message(f"Epoch {epoch + 1}/{self.epochs}")

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """Start a bar, unless this is inside `fit`."""
        if not self._called_in_fit:
            self._start_bar()

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        """Start a bar."""
        self._start_bar()

    def on_train_batch_end(self, batch: int, logs: LogsSource = None) -> None:
        """Move the bar."""
        self._move_bar(batch, logs)

    def on_test_batch_end(self, batch: int, logs: LogsSource = None) -> None:
        """Move the bar, unless this is inside `fit`."""
        if not self._called_in_fit:
            self._move_bar(batch, logs)

    def on_predict_batch_end(self, batch: int, logs: LogsSource = None) -> None:
        """Move the bar; outputs are not shown."""
        self._move_bar(batch, None)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Print the bar's last state, or the one line of verbose 2."""
        self._finish_bar(logs)

    def on_test_end(self, logs: Logs | None = None) -> None:
        """Print the bar's last state, unless this is inside `fit`."""
        if not self._called_in_fit:
            self._finish_bar(logs)

    def on_predict_end(self, logs: Logs | None = None) -> None:
        """Print the bar's last state."""
        self._finish_bar(logs)

    def _start_bar(self) -> Progbar:
        self.seen = 0
        # No metric is averaged by the bar: the logs are running means already.
        self.progbar = Progbar(target=self.target, verbose=self.verbose, stateless_metrics=())
        return self.progbar

    def _move_bar(self, batch: int, logs: LogsSource) -> None:
        bar = self.progbar or self._start_bar()
        self.seen = batch + 1
        if self.verbose == 1:
            values = (lambda: logs().items()) if callable(logs) else (logs or {}).items()
            bar.update(self.seen, values, finalize=False)

    def _finish_bar(self, logs: Logs | None) -> None:
        bar = self.progbar or self._start_bar()
        if self.target is None:
            self.target = bar.target = self.seen  # the first epoch has counted the steps
        bar.update(self.target, (logs or {}).items(), finalize=True)
