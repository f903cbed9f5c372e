"""Several callbacks as one, and who of them listens to batches.

Mirrors `keras/src/callbacks/callback_list.py`.
"""

from collections.abc import Callable
from typing import Any, TypeAlias, cast

from minidense import checks
from minidense.callbacks.callback import Callback
from minidense.callbacks.history import History
from minidense.callbacks.logs import Logs, LogsSource, pythonify_logs, read_once
from minidense.callbacks.progbar_logger import ProgbarLogger
from minidense.nest import flatten


class CallbackList(Callback):
    """Several callbacks as one: each hook is handed on to all of them, in order.

    Before that the logs are made plain: names in alphabetical order, Python floats, and what was
    nested is flat. All callbacks share that dictionary.

    A batch costs next to nothing where nobody listens: only callbacks that have a batch hook are
    called, and logs given as a function are worked out at most once, if somebody looks at them.
    Who listens is looked up when a run or an epoch begins.

    Args:
        callbacks: a callback, or callbacks in a list, a tuple or a dictionary, nested at will.
        add_history: whether to add a `History` if there is none.
        add_progbar: whether to add a `ProgbarLogger`, last, if there is none.
        model: the model that runs.
        **params: "verbose", "epochs" and "steps", for `set_params`.

    Raises:
        AttributeError: if something in `callbacks` is no callback; Keras fails with the same.
        TypeError: if it is a class instead of an instance.

    >>> callbacks = CallbackList(add_progbar=True, verbose=2, epochs=2, steps=32)
    >>> callbacks.on_epoch_begin(0)
    Epoch 1/2
    """

    def __init__(
        self,
        callbacks: Any = None,
        add_history: bool = False,
        add_progbar: bool = False,
        model: Any = None,
        **params: Any,
    ) -> None:
        super().__init__()
        self.callbacks = [_checked(callback) for callback in flatten(callbacks or ())]
        if add_history and not any(isinstance(each, History) for each in self.callbacks):
            self.callbacks.append(History())
        if add_progbar and not any(isinstance(each, ProgbarLogger) for each in self.callbacks):
            self.callbacks.append(ProgbarLogger())
        self._open_runs = 0
        self.set_model(model)
        self.set_params(params)
        self._look_up_listeners()

    def set_params(self, params: dict[str, Any]) -> None:
        """Hand the run's parameters on, if there are any."""
        self.params = params
        if params:
            for callback in self.callbacks:
                callback.set_params(params)

    def set_model(self, model: Any) -> None:
        """Hand the model on, if there is one; the last History is the model's history."""
        if model is None:
            return
        super().set_model(model)
        for history in self.callbacks:
            if isinstance(history, History):
                model.history = history
        for callback in self.callbacks:
            callback.set_model(model)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Hand on that `fit` begins."""
        self._begin_run("on_train_begin", logs)

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Hand on that `fit` ends."""
        self._end_run("on_train_end", logs)

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """Hand on that `evaluate` begins."""
        self._begin_run("on_test_begin", logs)

    def on_test_end(self, logs: Logs | None = None) -> None:
        """Hand on that `evaluate` ends."""
        self._end_run("on_test_end", logs)

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        """Hand on that `predict` begins."""
        self._begin_run("on_predict_begin", logs)

    def on_predict_end(self, logs: Logs | None = None) -> None:
        """Hand on that `predict` ends."""
        self._end_run("on_predict_end", logs)

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Hand on that an epoch begins."""
        self._tell_all("on_epoch_begin", logs, epoch)
        self._look_up_listeners()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Hand on that an epoch ends."""
        self._tell_all("on_epoch_end", logs, epoch)

    def on_train_batch_begin(self, batch: int, logs: LogsSource = None) -> None:
        """Hand on that a training batch begins."""
        self._tell_listeners("on_train_batch_begin", batch, logs)

    def on_train_batch_end(self, batch: int, logs: LogsSource = None) -> None:
        """Hand on that a training batch ends; `logs` may be a function that works them out."""
        self._tell_listeners("on_train_batch_end", batch, logs)

    def on_batch_begin(self, batch: int, logs: LogsSource = None) -> None:
        """Call the older name `on_batch_begin` of each callback."""
        self._tell_listeners("on_batch_begin", batch, logs)

    def on_batch_end(self, batch: int, logs: LogsSource = None) -> None:
        """Call the older name `on_batch_end` of each callback."""
        self._tell_listeners("on_batch_end", batch, logs)

    def on_test_batch_begin(self, batch: int, logs: LogsSource = None) -> None:
        """Hand on that a batch of `evaluate` begins."""
        self._tell_listeners("on_test_batch_begin", batch, logs)

    def on_test_batch_end(self, batch: int, logs: LogsSource = None) -> None:
        """Hand on that a batch of `evaluate` ends; `logs` may be a function."""
        self._tell_listeners("on_test_batch_end", batch, logs)

    def on_predict_batch_begin(self, batch: int, logs: LogsSource = None) -> None:
        """Hand on that a batch of `predict` begins."""
        self._tell_listeners("on_predict_batch_begin", batch, logs)

    def on_predict_batch_end(self, batch: int, logs: LogsSource = None) -> None:
        """Hand on that a batch of `predict` ends; `logs` may be a function."""
        self._tell_listeners("on_predict_batch_end", batch, logs)

    def listens_to(self, *hooks: str) -> bool:
        """Whether any callback is called for one of these batch hooks."""
        return any(hook in self._listeners for hook in hooks)

    def _begin_run(self, hook: str, logs: Logs | None) -> None:
        self._open_runs += 1
        self._tell_all(hook, logs)
        self._look_up_listeners()

    def _end_run(self, hook: str, logs: Logs | None) -> None:
        if self._open_runs == 0:
            raise ValueError(f"`{hook}` was called, but no run had begun with `on_*_begin`.")
        self._tell_all(hook, logs)
        self._open_runs -= 1

    def _tell_all(self, hook: str, logs: Logs | None, *epoch: int) -> None:
        plain = pythonify_logs(logs)
        for callback in self.callbacks:
            getattr(callback, hook)(*epoch, plain)

    def _look_up_listeners(self) -> None:
        self._listeners: dict[str, list[_Listener]] = {}
        for each in self.callbacks:
            for hook in _BATCH_HOOKS:
                if _listens(each, hook):
                    self._listeners.setdefault(hook, []).append(_batch_listener(each, hook))

    def _tell_listeners(self, hook: str, batch: int, logs: LogsSource) -> None:
        listeners = self._listeners.get(hook)
        if listeners:
            shown = read_once(logs) if callable(logs) else pythonify_logs(logs)
            for listener in listeners:
                listener(batch, shown)


_Listener: TypeAlias = Callable[[int, Logs | Callable[[], Logs]], object]

_BATCHES = ("batch", "train_batch", "test_batch", "predict_batch")
_BATCH_HOOKS = [f"on_{batch}_{moment}" for batch in _BATCHES for moment in ("begin", "end")]


def _listens(callback: Callback, hook: str) -> bool:
    """Whether the callback has made the hook its own, by this name or by the older one."""
    if not _is_method_of(Callback, callback, hook):
        return True
    older_name = hook.replace("_train_", "_")
    return older_name != hook and not _is_method_of(Callback, callback, older_name)


def _batch_listener(callback: Callback, hook: str) -> _Listener:
    """Give the hook as it is called here: only our own hooks may get their logs as a function."""
    method = getattr(callback, hook)
    if any(_is_method_of(owner, callback, hook) for owner in (ProgbarLogger, CallbackList)):
        return lambda batch, logs: method(batch, logs=logs)
    return lambda batch, logs: method(batch, logs=logs() if callable(logs) else logs)


def _is_method_of(owner: type[Callback], callback: Callback, hook: str) -> bool:
    return getattr(getattr(callback, hook), "__func__", None) is getattr(owner, hook)


def _checked(callback: Any) -> Callback:
    """Let through what has a callback's methods, even if it comes from elsewhere."""
    if isinstance(callback, type):
        wish = f"an instance of it: {callback.__name__}(...)"
        raise TypeError(f"`callbacks` holds the class {callback.__name__}; expected {wish}.")
    if not hasattr(callback, "set_model"):
        wish = "expected instances of `Callback`, alone or in a list"
        raise AttributeError(f"`callbacks` holds {checks.typed(callback)}; {wish}.")
    return cast(Callback, callback)
