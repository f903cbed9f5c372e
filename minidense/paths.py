"""Where a weight is: its name, with those of the layers that are being built or called before it.

Answers to `keras/src/backend/common/name_scope.py`, and to its use in `keras/src/layers/layer.py`.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class OpenPaths(threading.local):
    """The paths of the layers that are being built or called now in a thread."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        """Outermost first."""


_open = OpenPaths()


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
    _open.paths.append(path)
    try:
        yield path
    except BaseException:
        layer.parent_path = before
        raise
    finally:
        _open.paths.pop()


def path_of(layer: Named) -> str:
    """Return the path of a layer; before it is built or called, as if that were done now."""
    parent = innermost_path() if layer.parent_path is None else layer.parent_path
    return f"{parent}/{layer.name}" if parent else layer.name


def path_here(name: str) -> str:
    """Return the path of what is made here and now under this name.

    >>> path_here("kernel")
    'kernel'
    """
    parent = innermost_path()
    return f"{parent}/{name}" if parent else name


def innermost_path() -> str:
    """Return the path of the innermost layer that is being built or called here, "" if none is."""
    return _open.paths[-1] if _open.paths else ""


__all__ = ["innermost_path", "open_path", "path_here", "path_of"]
