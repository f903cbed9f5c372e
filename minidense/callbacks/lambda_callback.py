"""A callback made of functions.

Mirrors `keras/src/callbacks/lambda_callback.py`.
"""

from collections.abc import Callable
from typing import Any

from minidense.callbacks.callback import Callback


class LambdaCallback(Callback):
    """A callback made of functions: one for each hook that is named.

    Args:
        on_epoch_begin: called with (epoch, logs).
        on_epoch_end: called with (epoch, logs).
        on_train_begin: called with (logs).
        on_train_end: called with (logs).
        on_train_batch_begin: called with (batch, logs=logs).
        on_train_batch_end: called with (batch, logs=logs).
        **hooks: functions for any other hooks of `Callback`, by name.

    >>> import numpy as np
    >>> from minidense.callbacks import CallbackList
    >>> shout = LambdaCallback(on_epoch_end=lambda epoch, logs: print(epoch, logs))
    >>> CallbackList([shout]).on_epoch_end(0, {"loss": np.float32(0.5)})
    0 {'loss': 0.5}
    """

    def __init__(
        self,
        on_epoch_begin: Callable[..., Any] | None = None,
        on_epoch_end: Callable[..., Any] | None = None,
        on_train_begin: Callable[..., Any] | None = None,
        on_train_end: Callable[..., Any] | None = None,
        on_train_batch_begin: Callable[..., Any] | None = None,
        on_train_batch_end: Callable[..., Any] | None = None,
        **hooks: Any,
    ) -> None:
        named = {name: hook for name, hook in locals().items() if name.startswith("on_")}
        super().__init__()
        given = {name: hook for name, hook in named.items() if hook is not None}
        vars(self).update(hooks | given)
