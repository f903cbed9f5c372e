"""clone_model: the same layers once more, with weights of their own.

Answers to `keras.models.clone_model` (`keras/src/models/cloning.py`).
"""

from collections.abc import Callable
from typing import Any

from minidense import checks
from minidense.graph.nest import flatten, map_structure
from minidense.graph.symbolic import KerasTensor, passes_mask
from minidense.layers.base import Layer
from minidense.layers.input_layer import InputLayer
from minidense.layers.serialization import deserialize, serialize
from minidense.models.functional import Functional
from minidense.models.model import Model
from minidense.models.sequential import Sequential

CloneFunction = Callable[[Layer], Layer]


def clone_model(
    model: Any,
    input_tensors: None = None,
    clone_function: CloneFunction | None = None,
    call_function: Callable[..., Any] | None = None,
    recursive: bool = False,
) -> Any:
    """Make a model of new layers like those of another; its weights are new.

    As in Keras, a `trainable=False` of a functional model itself is not taken over, that of its
    layers is. Unlike in Keras, the clone of a compiled model is to be compiled again.

    Args:
        model: a Sequential, a functional model, or a subclass with a configuration.
        input_tensors: not supported; only None.
        clone_function: takes a layer and returns the one to put in its place; None makes one from
            the configuration.
        call_function: takes a new layer and the arguments of a call, and returns the outputs; None
            calls the layer. Only for functional models.
        recursive: whether the layers of models inside are given to `clone_function`, too.

    Raises:
        ValueError: for what is no model, and for arguments that do not fit its kind.

    >>> from minidense import Input, layers
    >>> model = Sequential([Input((3,)), layers.Dense(2)], name="small")
    >>> clone_model(model)
    <Sequential name=small, built=True>
    """
    checks.only_none("clone_model", input_tensors=input_tensors)
    if not isinstance(model, Model):
        raise ValueError(f"`model` must be a model. Received: model={checks.brief(model)}.")
    if call_function is not None and not isinstance(model, Functional):
        raise ValueError(
            f"`call_function` is for functional models only. Model '{model.name}' is of class "
            f"{type(model).__name__}."
        )
    clones: dict[Layer, Layer] = {}
    make = clone_function or _made_again

    def clone(layer: Layer) -> Layer:
        if layer not in clones:
            inside = recursive and isinstance(layer, (Sequential, Functional))
            call = call_function if isinstance(layer, Functional) else None
            clones[layer] = clone_model(layer, None, make, call, True) if inside else make(layer)
        return clones[layer]

    if isinstance(model, Sequential):
        return _cloned_row(model, clone)
    if isinstance(model, Functional):
        return _cloned_graph(model, clone, call_function or _called)
    if clone_function is not None:
        raise ValueError(
            f"`clone_function` is for Sequential and functional models only. Model '{model.name}' "
            f"is of class {type(model).__name__}."
        )
    return deserialize(serialize(model), {type(model).__name__: type(model)})


def _made_again(layer: Layer) -> Layer:
    return type(layer).from_config(layer.get_config())


def _called(layer: Layer, *args: Any, **kwargs: Any) -> Any:
    return layer(*args, **kwargs)


def _cloned_row(model: Sequential, clone: CloneFunction) -> Sequential:
    layers: list[Any] = [clone(layer) for layer in model.layers]
    first = next(iter(model._sublayers()), None)
    if isinstance(first, InputLayer):
        layers.insert(0, _made_again(first))
    return Sequential(layers, name=model.name, trainable=model.trainable)


def _cloned_graph(model: Any, clone: CloneFunction, call: Callable[..., Any]) -> Any:
    """Call the clones as the layers were called, from new inputs on.

    As in Keras these are named as the tensors were, which for an Input without a name is not the
    name of its layer.
    """
    new: dict[int, KerasTensor] = {}

    def tensor_for(tensor: KerasTensor) -> KerasTensor:
        return new[id(tensor)]

    for tensor in model.inputs:
        layer = InputLayer(batch_shape=tensor.shape, dtype=tensor.dtype, name=tensor.name)
        new[id(tensor)] = layer.output
    for node in model.plan.calls:
        keywords = {} if node.training is None else {"training": node.training}
        outputs = call(clone(node.operation), map_structure(tensor_for, node.arguments), **keywords)
        if not node.only_passed:
            passes_mask(outputs)
        new |= zip(map(id, node.output_tensors), flatten(outputs), strict=True)
    inputs, outputs = (map_structure(tensor_for, end) for end in (model.input, model.output))
    return type(model)(inputs, outputs, name=model.name)


__all__ = ["clone_model"]
