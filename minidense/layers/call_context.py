"""What is going on while layers call layers: who runs, and what they were told about training.

Answers to `CallContext` and the name scopes in `keras/src/layers/layer.py`.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class CallContext(threading.local):
    """What the layers called inside the `call` of another are told about `training`.

    There is one for the outermost call, as Keras's `CallContext`: what one inner layer is told
    holds for those after it, too.
    """

    depth = 0
    training: bool | None = None

    def __init__(self) -> None:
        self.paths: list[str] = []
        """Of the layers that are being built or called now in this thread, outermost first."""


context = CallContext()


class Named(Protocol):
    """What has a path: a name, and the path of whoever built or called it first."""

    name: str
    parent_path: str | None


@contextmanager
def open_path(layer: Named) -> Iterator[str]:
    """Build or call a layer: what is made inside has the layer's path before its name.

    The first one to do so is the layer's parent for ever, as in Keras. Here, unless it fails.
    """
    before = layer.parent_path
    layer.parent_path = innermost_path() if before is None else before
    path = path_of(layer)
    context.paths.append(path)
    try:
        yield path
    except BaseException:
        layer.parent_path = before
        raise
    finally:
        context.paths.pop()


def path_of(layer: Named) -> str:
    """Return the path of a layer; before it is built or called, as if that were done now."""
    parent = innermost_path() if layer.parent_path is None else layer.parent_path
    return f"{parent}/{layer.name}" if parent else layer.name


def innermost_path() -> str:
    """Return the path of the innermost layer that is being built or called here, "" if none is."""
    return context.paths[-1] if context.paths else ""


def said_training(training: bool | None) -> bool | None:
    """Return what this call was told, or else what the call around it was told."""
    return context.training if training is None else training


__all__ = ["context", "innermost_path", "open_path", "path_of", "said_training"]
