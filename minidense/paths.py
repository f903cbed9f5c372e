"""Where a weight is: its name, with those of the layers that are being built or called before it.

Mirrors `keras/src/backend/common/name_scope.py`, and its use in `keras/src/layers/layer.py`.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class OpenPaths(threading.local):
    """The paths of the layers that are being built or called now in a thread."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        """Outermost first."""


_open = OpenPaths()


@contextmanager
def open_path(layer: Any) -> Iterator[str]:
    """Build or call a layer: what is made inside has the layer's path before its name.

    The first one to do so is the layer's parent for ever, as in Keras. Here, unless it fails. The
    layer has a `name` and a `parent_path`, which is None until then.
    """
    is_first = layer.parent_path is None
    if is_first:
        layer.parent_path = innermost_path()
    path = path_of(layer)
    depth = len(_open.paths)
    try:
        _open.paths.append(path)
        yield path
    except BaseException:
        if is_first:
            layer.parent_path = None
        raise
    finally:
        del _open.paths[depth:]  # and what an interrupted one inside left open


@contextmanager
def at_path(path: str) -> Iterator[None]:
    """Do something for what has this path: a loss, an optimizer, a layer on the way back."""
    depth = len(_open.paths)
    _open.paths.append(path)
    try:
        yield
    finally:
        del _open.paths[depth:]


def path_of(layer: Any) -> str:
    """Return the path of a layer; before it is built or called, as if that were done now."""
    parent = innermost_path() if layer.parent_path is None else layer.parent_path
    return f"{parent}/{layer.name}" if parent else str(layer.name)


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
