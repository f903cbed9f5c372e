"""Guards for layers and models: how they are made, called and asked for things."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from minidense.checks.arguments import truth
from minidense.checks.message import brief
from minidense.typing import Shape


def one_positional_argument(layer: str, extra: tuple[Any, ...]) -> None:
    """A layer is called with its inputs; the rest goes by keyword."""
    if not extra:
        return
    kind = TypeError if hasattr(extra[0], "__array__") else ValueError
    raise kind(
        f"Layer '{layer}' takes its inputs as one positional argument, a list if there are "
        f"several. The further argument {brief(extra[0])} goes by keyword."
    )


def initialized(class_name: str, is_initialized: bool) -> None:
    """A layer of one's own must run the base's `__init__`."""
    if not is_initialized:
        raise RuntimeError(
            f"In layer '{class_name}', you forgot to call `super().__init__()` as the first "
            "statement in the `__init__()` method."
        )


def call_arguments(layer: str, kwargs: Mapping[str, Any], parameters: set[str]) -> None:
    """No keyword that the layer's `call` does not have."""
    for name in kwargs:
        if name not in parameters and "kwargs" not in parameters:
            raise TypeError(f"The `call` of layer '{layer}' has no argument '{name}'.")


def training_flag(value: Any) -> None:
    """`training` is said by True or False, or not at all."""
    if value is not None:
        truth("training", value)


def only_inputs(layer: str, keywords: dict[str, Any]) -> None:
    """A call on symbolic tensors is recorded with its inputs and `training`, and nothing else."""
    if keywords:
        raise NotImplementedError(
            f"Layer '{layer}' was called on symbolic tensors with further arguments: "
            f"{sorted(keywords)}. A graph holds inputs and `training` only: give the others to the "
            "layer when it is made."
        )


def no_default_of_training(layer: str) -> None:
    """A `call` that has True for a default, and is called with None instead, is not recorded."""
    raise NotImplementedError(
        f"Layer '{layer}' was called on symbolic tensors with training=None, where its `call` has "
        "True for a default. This cannot be recorded: leave it out, or pass True or False."
    )


def no_derivative(function: Callable[..., Any]) -> Exception:
    """The error for an activation of the user's own, whose way back is not known."""
    name = getattr(function, "__name__", repr(function))
    return NotImplementedError(
        f"The activation {name!r} can predict but not be trained: its derivative is not known. "
        "Write a Layer with `forward` and `backward` instead."
    )


def built(layer: str, is_built: bool, method: str) -> None:
    """What needs weights needs a built layer."""
    if not is_built:
        raise ValueError(
            f"You tried to call `{method}` on layer '{layer}', but the layer isn't built. "
            "Call it on data, or `layer.build(input_shape)`."
        )


def may_have(layer: str, attribute: str, allowed: bool) -> None:
    """A layer that is built has all its weights, and all layers inside."""
    if not allowed:
        raise ValueError(
            f"You cannot add new elements of state (variables or sub-layers) to layer '{layer}', "
            f"which is already built. Set `{attribute}` in `__init__` or in `build`."
        )


def not_built_twice(layer: str, is_built: bool) -> None:
    """Weights are made once."""
    if is_built:
        raise ValueError(f"Layer '{layer}' is already built: its weights cannot be made again.")


def called(layer: str, was_called: bool, attribute: str) -> None:
    """A symbolic input or output exists after a symbolic call."""
    if not was_called:
        raise AttributeError(
            f"The layer {layer} has never been called and thus has no defined {attribute}."
        )


def signature_has(function: Callable[..., Any], parameter: str) -> bool:
    """Whether a function can be called with this keyword."""
    return parameter in inspect.signature(function).parameters


def arguments_fit(function: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
    """A function is called with the arguments that it has."""
    try:
        inspect.signature(function).bind(*args, **kwargs)
    except TypeError as error:
        raise TypeError(f"{function.__qualname__}(): {error}.") from None


def unique_layer_names(names: Sequence[str]) -> None:
    """Layers of one model are told apart by name."""
    for name in names:
        if names.count(name) > 1:
            raise ValueError(
                f'The name "{name}" is used {names.count(name)} times in the model. '
                "All layer names should be unique."
            )


def connected(tensor: Any, layer: str, is_connected: bool) -> None:
    """What a model computes must come from its inputs."""
    if not is_connected:
        raise ValueError(
            f"Output is not connected to `inputs`: layer '{layer}' needs the tensor {tensor}, "
            "which does not come from the model's inputs."
        )


def no_positional(class_name: str, args: tuple[Any, ...]) -> None:
    """A model of one's own has no positional arguments unless it defines them."""
    if args:
        raise TypeError(
            f"{class_name}() takes no positional arguments. Received {len(args)}: a functional "
            "model is made with Model(inputs, outputs)."
        )


def has_call(class_name: str, has_one: bool) -> None:
    """A model of one's own says what it computes."""
    if not has_one:
        raise NotImplementedError(f"{class_name} does not have a `call()` method implemented.")


def is_layer(layer: Any, fits: bool) -> None:
    """A Sequential is made of layers."""
    if not fits:
        raise ValueError(
            "Only layers can be added to a Sequential model. "
            f"Received: {brief(layer)} of type {type(layer).__name__}."
        )


def list_of_layers(layers: Any) -> None:
    """A Sequential takes a list of layers."""
    if layers is not None and not isinstance(layers, (list, tuple)):
        raise TypeError(
            "`layers` must be a list of layers. "
            f"Received: {brief(layers)} of type {type(layers).__name__}."
        )


def name_is_free(model: str, name: str, is_free: bool) -> None:
    """Layers of a Sequential are told apart by name."""
    if not is_free:
        raise ValueError(
            f"All layers of the Sequential model '{model}' should have unique names. "
            f"The name '{name}' is already taken."
        )


def one_input_layer(model: str, shape: Shape | None) -> None:
    """A Sequential has one beginning; shape is that of the one it has, None if it has none."""
    if shape is not None:
        raise ValueError(
            f"Sequential model '{model}' has already been configured to use input shape {shape}. "
            "You cannot add a different Input layer to it."
        )


def some_layers(model: str, layers: Sequence[Any], what: str) -> None:
    """Without layers there is nothing to build."""
    if not layers:
        raise ValueError(
            f"Sequential model {model} cannot {what} because it has no layers. "
            "Call `model.add(layer)`."
        )


def build_shape_agrees(model: str, own: Shape, received: Shape) -> None:
    """A model with an Input is built for that Input's shape."""
    if own != received:
        raise ValueError(
            f"Sequential model '{model}' has already been configured to use input shape {own}. "
            f"You cannot build it with input_shape {received}."
        )


def something_to_pop(layers: Sequence[Any]) -> None:
    """An empty model has no last layer."""
    if not layers:
        raise IndexError("There are no layers in the model.")


def defined(model: str, is_defined: bool, attribute: str) -> None:
    """An unbuilt model has no shapes yet."""
    if not is_defined:
        raise AttributeError(f"Sequential model '{model}' has no defined {attribute} yet.")


def layer_wish(name: Any, index: Any, count: int) -> None:
    """`get_layer` takes a name or an index that exists."""
    if index is not None and name is not None:
        raise ValueError(
            f"Provide only a layer name or a layer index. Received: index={index}, name={name}."
        )
    if index is None and name is None:
        raise ValueError("Provide either a layer name or a layer index at `get_layer`.")
    if index is not None and (isinstance(index, bool) or not hasattr(index, "__index__")):
        raise TypeError(
            f"`index` must be an integer. Received: index={brief(index)} "
            f"of type {type(index).__name__}."
        )
    if index is not None and not -count <= index < count:
        raise ValueError(
            f"Was asked to retrieve layer at index {index} but model only has {count} layers."
        )


def layer_exists(name: Any, exists: bool, names: list[str]) -> None:
    """`get_layer` finds layers by name."""
    if not exists:
        raise ValueError(f"No such layer: {name}. Existing layers are: {brief(names, 200)}.")


def symbolic_tensors(argument: str, structure: Any, fits: bool) -> None:
    """A functional model is made from symbolic tensors."""
    if not fits:
        raise ValueError(
            f"All `{argument}` values must be KerasTensors. Received: {brief(structure)} "
            f"of type {type(structure).__name__}."
        )


def inputs_by_name(model: str, names: Sequence[str], keys: Sequence[str]) -> None:
    """A dict of inputs has a value for each input."""
    missing = [name for name in names if name not in keys]
    if missing:
        raise ValueError(
            f"Missing data for input '{missing[0]}' of model '{model}'. Received a dict with the "
            f"keys {brief(list(keys), 120)}; expected {brief(list(names), 120)}."
        )


def order_is_sorted(model: str, keys: Sequence[str]) -> None:
    """A list goes to a dict of inputs only where the dict's order is that of its sorted keys."""
    if list(keys) != sorted(keys):
        raise ValueError(
            f"Model '{model}' takes a dict of inputs with the keys {brief(list(keys), 200)}: "
            "pass a dict, since the order of a list would not be theirs."
        )


def forward_result(layer: str, result: Any) -> tuple[Any, Any]:
    """What a `forward` returns: a pair."""
    if not isinstance(result, tuple) or len(result) != 2:
        raise ValueError(
            f"The `forward` of layer '{layer}' must return a pair: the outputs, and what backward "
            f"needs (None if nothing). Received {brief(result)} of type {type(result).__name__}."
        )
    return result


def backward_result(layer: str, result: Any) -> tuple[Any, list[Any]]:
    """What a `backward` returns: a pair, of which the second is a list."""
    if (
        not isinstance(result, tuple)
        or len(result) != 2
        or not isinstance(result[1], (list, tuple))
    ):
        raise ValueError(
            f"The `backward` of layer '{layer}' must return a pair: the gradient of the inputs (or "
            "None), and a list with the gradient of each weight (empty if there are none). "
            f"Received {brief(result)} of type {type(result).__name__}."
        )
    return result[0], list(result[1])


def gradient_shapes(
    layer: str, owners: str, shapes: Sequence[Shape], gradients: Sequence[Any]
) -> None:
    """A gradient has the shape of what it is the gradient of."""
    received = [getattr(gradient, "shape", None) for gradient in gradients]
    if received != [tuple(shape) for shape in shapes]:
        raise ValueError(
            f"The `backward` of layer '{layer}' must return gradients of the shapes of {owners}, "
            f"{brief(list(shapes), 100)}. Received shapes {brief(received, 100)}."
        )
