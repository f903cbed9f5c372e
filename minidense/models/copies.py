"""Copies by `copy.copy`, `copy.deepcopy` and `pickle`: made again, and given the weights.

Answers to `KerasSaveable.__reduce__` (`keras/src/saving/keras_saveable.py`), which saves a layer or
model and loads it again. So a copy has the configuration, the weights and, of a model that is
compiled, the optimizer's state, all its own. What no configuration has is new: seeds that were
drawn are drawn once more, dropout begins with its first mask, and there is no history.

A class of one's own is copied as Python copies any object. Keras copies only those that were
registered with it.
"""

import copy
import copyreg
from typing import Any

from minidense.graph.nest import flatten
from minidense.layers.base import Layer
from minidense.layers.serialization import deserialize, known_classes, serialize
from minidense.layers.undo import layers_of
from minidense.metrics import Metric
from minidense.models.model import Model
from minidense.typing import Array


def _reduced(layer: Layer) -> tuple[Any, ...]:
    """Return what makes a layer or model again, in the form that `copyreg` wants."""
    inside = (type(each) for each in layers_of(layer))
    own_classes = {cls.__name__: cls for cls in inside if cls not in known_classes()}
    parts = serialize(layer), own_classes, layer.get_weights(), _compiled(layer)
    return _made_again, parts


def _compiled(layer: Layer) -> dict[str, Any] | None:
    """Return the arguments of `compile`, and the values of the optimizer's variables."""
    if not isinstance(layer, Model) or not layer.compiled or layer.optimizer is None:
        return None
    optimizer = layer.optimizer
    return {
        "optimizer": type(optimizer),
        "config": optimizer.get_config(),
        "state": [variable.numpy() for variable in optimizer.variables],
        "built": optimizer.built,
        "arguments": layer.compile_arguments(),
    }


def _made_again(
    config: dict[str, Any],
    own_classes: dict[str, type],
    weights: list[Array],
    compiled: dict[str, Any] | None,
) -> Layer:
    layer = deserialize(config, own_classes)
    layer.set_weights(weights)
    if compiled is not None and isinstance(layer, Model):
        optimizer = compiled["optimizer"].from_config(compiled["config"])
        arguments = copy.deepcopy(compiled["arguments"])
        for metric in flatten([arguments["metrics"], arguments["weighted_metrics"]]):
            if isinstance(metric, Metric):
                metric.reset_state()
        layer.compile(optimizer, **arguments)
        if layer.built:
            optimizer.build(layer.trainable_weights)
        if compiled["built"]:
            for variable, value in zip(optimizer.variables, compiled["state"], strict=True):
                variable.assign(value)
    return layer


def copy_as_keras_does() -> None:
    """Let Python copy the layers and models of this package in this way."""
    for cls in known_classes():
        copyreg.pickle(cls, _reduced)


__all__ = ["copy_as_keras_does"]
