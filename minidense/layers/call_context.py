"""What is going on while layers call layers: who runs, and what they were told about training.

Answers to `CallContext` and the name scopes in `keras/src/layers/layer.py`.
"""

import threading


class CallContext(threading.local):
    """What the layers called inside the `call` of another are told about `training`.

    There is one for the outermost call, as Keras's `CallContext`: what one inner layer is told
    holds for those after it, too.
    """

    depth = 0
    training: bool | None = None


context = CallContext()

# The names of the layers that are being built or called now, outermost first: a weight's path.
open_scopes: list[str] = []


def said_training(training: bool | None) -> bool | None:
    """Return what this call was told, or else what the call around it was told."""
    return context.training if training is None else training


__all__ = ["context", "open_scopes", "said_training"]
