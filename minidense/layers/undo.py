"""All or nothing: what a failed construction had changed is put back.

Keras leaves the first layers of a model that could not be made built, and its names used up.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from minidense.graph.symbolic import KerasTensor
from minidense.layers.base import Layer
from minidense.names import restore_names, used_names


@contextmanager
def all_or_nothing(things: Iterable[Any]) -> Iterator[None]:
    """Put layers, all layers inside them, and the automatic names back if the block raises.

    Args:
        things: layers, and tensors, which stand for the layers that made them; the rest is ignored.
    """
    layers = dict.fromkeys(layer for thing in things for layer in layers_of(thing))
    before = [(layer, _attributes_of(layer)) for layer in layers]
    names = used_names()
    try:
        yield
    except Exception:
        for layer, attributes in before:
            vars(layer).clear()
            vars(layer).update(attributes)
        restore_names(names)
        raise


def layers_of(thing: Any) -> Iterator[Layer]:
    """Give a layer and all layers inside it, or those of the layer that made a tensor."""
    if isinstance(thing, KerasTensor):
        thing = thing._keras_history.operation
    if isinstance(thing, Layer):
        yield thing
        for layer in thing._sublayers():
            yield from layers_of(layer)


def _attributes_of(layer: Layer) -> dict[str, Any]:
    """Return the attributes, with lists copied: they may grow."""
    return {
        name: list(value) if type(value) is list else value for name, value in vars(layer).items()
    }


__all__ = ["all_or_nothing", "layers_of"]
