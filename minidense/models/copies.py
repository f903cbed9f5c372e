"""Copies by `copy.copy`, `copy.deepcopy` and `pickle`: made again, and given the weights.

Mirrors `KerasSaveable.__reduce__` (`keras/src/saving/keras_saveable.py`), which saves a layer or
model and loads it again. So a copy has the configuration, the weights and, of a model that is
compiled, the optimizer's state, all its own. What no configuration has is new: seeds that were
drawn are drawn once more, dropout begins with its first mask, and there is no history.

A class of one's own is copied as Python copies any object. Keras copies only those that were
registered with it.
"""

import copy
import copyreg
from dataclasses import dataclass
from typing import Any

from minidense.layers.layer import Layer
from minidense.layers.reading import deserialize
from minidense.layers.serialization import known_classes, serialize
from minidense.metrics import Metric
from minidense.models.model import Model
from minidense.nest import flatten
from minidense.training.compilation import all_layers
from minidense.variables import Variable


def _reduced(layer: Layer) -> tuple[Any, ...]:
    """Return what makes a layer or model again, in the form that `copyreg` wants."""
    inside = (type(each) for each in all_layers(layer))
    own_classes = {cls.__name__: cls for cls in inside if cls not in known_classes()}
    config = {**serialize(layer), "compile_config": {}}
    return _made_again, (config, own_classes, Weights(layer.weights), _compiled(layer))


@dataclass
class Weights:
    """Variables that become a copy's own: an optimizer that is copied beside knows them, too."""

    variables: list[Variable]
    are_copies: bool = False

    def __deepcopy__(self, memo: dict[int, Any]) -> "Weights":
        return Weights(copy.deepcopy(self.variables, memo), True)

    def __reduce__(self) -> tuple[Any, ...]:
        return Weights, (self.variables, True)


def _compiled(layer: Layer) -> tuple[Any, ...] | None:
    """Return the arguments of `compile`; of the optimizer its class, configuration and state."""
    if not isinstance(layer, Model) or not layer.compiled or layer.optimizer is None:
        return None
    optimizer = layer.optimizer
    state = [variable.numpy() for variable in optimizer.variables] if optimizer.built else []
    arguments = {**layer._compile_arguments, "optimizer": None}
    return arguments, type(optimizer), optimizer.get_config(), state


def _made_again(config: Any, classes: dict[str, type], weights: Weights, compiled: Any) -> Any:
    """Return a new layer or model with a copy of these weights, compiled as it was."""
    layer: Any = deserialize(config, classes)
    weights = weights if weights.are_copies else copy.deepcopy(weights)
    _take_over(layer, weights.variables)
    if compiled is not None:
        arguments, optimizer_class, optimizer_config, state = copy.deepcopy(compiled)
        for metric in flatten([arguments["metrics"], arguments["weighted_metrics"]]):
            if isinstance(metric, Metric):
                metric.reset_state()
        optimizer = optimizer_class.from_config(optimizer_config)
        layer.compile(**{**arguments, "optimizer": optimizer})
        if layer.built:
            optimizer.build(layer.trainable_weights)
        if state:
            for variable, value in zip(optimizer.variables, state, strict=True):
                variable.assign(value)
    return layer


def _take_over(layer: Layer, weights: list[Variable]) -> None:
    """Give a layer these Variables for its own: an optimizer that was copied beside knows them."""
    made = layer.weights
    new = dict(zip(map(id, made), weights, strict=True))
    for variable, like in zip(weights, made, strict=True):
        variable.path, variable.trainable = like.path, like.trainable
    for owner in all_layers(layer):
        for name, value in vars(owner).items():
            if isinstance(value, list):
                value[:] = [new.get(id(part), part) for part in value]
            vars(owner)[name] = new.get(id(value), value)


def copy_as_keras_does() -> None:
    """Let Python copy the layers and models of this package in this way."""
    for cls in known_classes():
        copyreg.pickle(cls, _reduced)
