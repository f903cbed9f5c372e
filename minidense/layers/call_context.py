"""What layers that are called by a layer were told about training.

Answers to `CallContext` in `keras/src/layers/layer.py`.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class CallContext(threading.local):
    """What the layers called inside the `call` of another are told about `training`.

    There is one for the outermost call, as Keras's `CallContext`: what one inner layer is told
    holds for those after it, too.
    """

    depth = 0
    training: bool | None = None

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Make a call that no call around it has told anything, and that tells it nothing."""
        before = self.depth, self.training
        self.depth, self.training = 0, None
        try:
            yield
        finally:
            self.depth, self.training = before


context = CallContext()

NOT_SAID: Any = object()
"""What `training` is where a call does not mention it. None is a word, too: "whatever was told to
the call around, I say nothing"."""


def said_training(training: Any) -> bool | None:
    """Return what this call was told, or else what the call around it was told."""
    said: bool | None = context.training if training is NOT_SAID else training
    return said


__all__ = ["NOT_SAID", "context", "said_training"]
