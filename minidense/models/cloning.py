"""clone_model: the same layers once more, with weights of their own.

Mirrors `keras.models.clone_model` (`keras/src/models/cloning.py`).
"""

from collections.abc import Callable
from typing import Any

from minidense import checks
from minidense.graph.symbolic import GraphOperation
from minidense.layers.input_layer import InputLayer
from minidense.layers.layer import Layer
from minidense.layers.reading import deserialize
from minidense.layers.serialization import serialize
from minidense.models.functional import Functional
from minidense.models.model import is_made_of_a_graph
from minidense.models.sequential import Sequential
from minidense.nest import pack_like

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
    layers is. The clone of a compiled model is compiled, too; its optimizer begins anew.

    Args:
        model: a Sequential, a functional model, a subclass with a configuration, or a layer.
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
    if not isinstance(model, Layer):
        raise ValueError(f"`model` must be a model. Received: model={checks.brief(model)}.")
    kind = f"'{model.name}' is of class {type(model).__name__}"
    if call_function is not None and not isinstance(model, Functional):
        raise ValueError(f"`call_function` is for functional models only. {kind}.")
    clones: dict[Layer, Layer] = {}
    make = clone_function or _made_again

    def clone(layer: Layer) -> Layer:
        if layer not in clones:
            inside = recursive and isinstance(layer, (Sequential, Functional))
            call = call_function if isinstance(layer, Functional) else None
            clones[layer] = clone_model(layer, None, make, call, True) if inside else make(layer)
        return clones[layer]

    if isinstance(model, Sequential):
        layers = [_made_again(x) if isinstance(x, InputLayer) else clone(x) for x in model._layers]
        made: Any = Sequential(layers, name=model.name, trainable=model.trainable)
    elif isinstance(model, Functional):
        made = _cloned_graph(model, clone, call_function or _called)
    elif clone_function is not None:
        raise ValueError(f"`clone_function` is for Sequential and functional models only. {kind}.")
    else:
        return deserialize(serialize(model), {type(model).__name__: type(model)})
    if model.compiled:
        made.compile_from_config(model.get_compile_config())
    return made


def _made_again(layer: Any) -> Any:
    """Return a new layer, or operation of a graph, that is made as this one was."""
    if isinstance(layer, GraphOperation):
        return GraphOperation(layer.operation, layer.settings, layer.name)
    return type(layer).from_config(layer.get_config())


def _called(layer: Layer, *args: Any, **kwargs: Any) -> Any:
    return layer(*args, **kwargs)


def _cloned_graph(model: Functional, clone: CloneFunction, call: Callable[..., Any]) -> Any:
    """Call the clones as the layers were called, from new inputs on.

    As in Keras these are named as the tensors were, which for an Input without a name is not the
    name of its layer; and a subclass that is made of other arguments becomes a plain Functional.
    """
    inputs = [InputLayer(batch_shape=x.shape, dtype=x.dtype, name=x.name) for x in model.inputs]
    tensors = [layer.output for layer in inputs]

    def called(layer: Layer, *args: Any, **kwargs: Any) -> Any:
        return call(clone(layer), *args, **kwargs)

    outputs = model._network.run(tensors, called)
    cls = type(model) if is_made_of_a_graph(type(model)) else Functional
    return cls(pack_like(model.input, tensors), outputs, name=model.name)
