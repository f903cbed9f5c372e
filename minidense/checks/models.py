"""Guards for layers and models: how they are made, called and asked for things."""

import inspect
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from minidense.checks.arguments import bound_call
from minidense.checks.message import brief, typed, unfit
from minidense.checks.shapes import map_shapes
from minidense.nest import flatten
from minidense.typing import Shape


def initialized(class_name: str, is_initialized: bool) -> None:
    """A user-defined layer must run the base's `__init__`."""
    if not is_initialized:
        wish = "you forgot to call `super().__init__()` first in its `__init__()`"
        raise RuntimeError(f"In layer '{class_name}', {wish}.")


def tensors_first(layer: str, args: Any) -> None:
    """What is passed by position are tensors, None, or lists and dicts of them."""
    for leaf in flatten(list(args)):
        if leaf is not None and not hasattr(leaf, "shape"):
            received = f"{typed(leaf)}: wrap it in np.array(...), or pass it by keyword"
            wish = f"The positional arguments of layer '{layer}' must be tensors"
            raise ValueError(f"{wish}. Received {received}.")


def no_mixture(layer: str, argument: str, has_tensors: bool, others: Sequence[Any]) -> None:
    """A list or dict that is passed to a layer holds tensors, or none."""
    if has_tensors and others:
        mixes = f"The argument `{argument}` of layer '{layer}' mixes tensors with other things"
        raise ValueError(f"{mixes}. Received {typed(others[0])} among them.")


def shapes_for(function: Callable[..., Any], shapes: dict[str, Any], owner: str) -> dict[str, Any]:
    """The shapes of a call by the names that `build` or `compute_output_shape` has for them.

    A function of one shape gets that of the first tensor, whatever its name.
    """
    parameters = [p for p in inspect.signature(function).parameters.values() if p.name != "self"]
    names = [p.name for p in parameters if p.kind is not p.VAR_KEYWORD]
    if len(names) == 1 and parameters[0].kind is not parameters[0].VAR_POSITIONAL:
        return {names[0]: next(iter(shapes.values()), None)}
    if not shapes.keys() >= set(names):
        raise ValueError(
            f"`{owner}.{function.__name__}` takes the shapes {names}, and `call` was given "
            f"{list(shapes)}: the names must be those of `call`, with `_shape` after them."
        )
    return {name: shapes[name] for name in names}


def built_shapes(layer: str, config: Any) -> dict[str, Any]:
    """The shapes in a build configuration, by the names that `build` has for them."""
    if not isinstance(config, Mapping):
        raise unfit("build_config", config, f"a dict for layer '{layer}'", TypeError)
    shapes = {"input_shape": config.get("input_shape"), **config.get("shapes_dict", {})}
    given = {name: shape for name, shape in shapes.items() if shape is not None}
    try:
        return {name: map_shapes(tuple, shape) for name, shape in given.items()}
    except ValueError as error:
        raise TypeError(f"The build_config of layer '{layer}': {error}") from None


def built(layer: str, is_built: bool, method: str, error: type[Exception] = ValueError) -> None:
    """What needs weights needs a built layer."""
    if not is_built:
        hint = "call it on data, or `layer.build(input_shape)`"
        raise error(f"`{method}` needs weights, and layer '{layer}' isn't built: {hint}.")


def may_have(layer: str, attribute: str, allowed: bool) -> None:
    """A layer that is built has all its weights, and all layers inside."""
    if not allowed:
        built = f"You cannot add variables or layers to layer '{layer}', which is already built"
        raise ValueError(f"{built}. Set `{attribute}` in `__init__` or in `build`.")


def not_built_twice(layer: str, is_built: bool) -> None:
    """Weights are made once."""
    if is_built:
        raise ValueError(f"Layer '{layer}' is already built: its weights cannot be made again.")


def arguments_of(function: Callable[..., Any], owner: Any, *args: Any, **kwargs: Any) -> Any:
    """The arguments of a method by name; it is called with those that it has."""
    bound = bound_call(function.__qualname__, inspect.signature(function), (owner, *args), kwargs)
    return dict(list(bound.arguments.items())[1:])


def unique_layer_names(names: Sequence[str]) -> None:
    """Layers of one model are told apart by name."""
    for name, count in Counter(names).items():
        if count > 1:
            used = f"The name '{name}' is used {count} times in the model"
            raise ValueError(f"{used}. All layer names should be unique.")


def known_operation(class_name: Any, is_known: bool) -> None:
    """An operation in a configuration is one of `ops`."""
    if not is_known:
        raise ValueError(f"minidense has no operation {brief(class_name)} in `ops`.")


def connected(tensor: Any, layer: str, is_connected: bool) -> None:
    """What a model computes must come from its inputs."""
    if not is_connected:
        needs = f"layer '{layer}' needs the tensor {tensor}, which does not come from them"
        raise ValueError(f"Output is not connected to `inputs`: {needs}.")


def no_positional(class_name: str, args: tuple[Any, ...]) -> None:
    """A user-defined model has no positional arguments unless it defines them."""
    if args:
        hint = "a functional model is made with Model(inputs, outputs)"
        raise TypeError(f"{class_name}() takes no positional arguments, but {len(args)}: {hint}.")


def has_call(class_name: str, has_one: bool) -> None:
    """A layer says what it computes."""
    if not has_one:
        hint = "It says what is computed, in operations of `ops`; `forward` is not called"
        raise NotImplementedError(f"Layer {class_name} does not have a `call()` method. {hint}.")


def has_shape_formula(class_name: str) -> None:
    """A layer may say which shape it makes of another."""
    hint = "Define its `compute_output_shape(self, input_shape)`, or call it on an `Input`"
    raise NotImplementedError(f"Layer {class_name} has no formula for its output shape. {hint}.")


def is_layer(layer: Any, fits: bool) -> None:
    """A Sequential is made of layers."""
    if not fits:
        raise unfit("layer", layer, "a layer, to be added to a Sequential model")


def takes_one_input(class_name: str, call: Callable[..., Any]) -> None:
    """A layer of a Sequential is called with one tensor."""
    parameters = inspect.signature(call).parameters.values()
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    needed = [p.name for p in positional if p.default is p.empty]
    if not positional or len(needed) > 1:
        needs = f"The `call` of {class_name} needs {needed}: make a functional model of it instead"
        raise ValueError(f"A layer of a Sequential model takes one input. {needs}.")


def list_of_layers(layers: Any) -> None:
    """A Sequential takes a list of layers."""
    if layers is not None and not isinstance(layers, (list, tuple)):
        raise unfit("layers", layers, "a list of layers", TypeError)


def one_input_layer(model: str, shape: Shape) -> None:
    """A Sequential has one beginning; shape is that of the one it has."""
    has = f"Sequential model '{model}' has already been configured to use input shape {shape}"
    raise ValueError(f"{has}. You cannot add a different Input layer to it.")


def build_shape_agrees(model: str, own: Shape, received: Shape) -> None:
    """A model with an Input is built for that Input's shape."""
    if own != received:
        has = f"Sequential model '{model}' has already been configured to use input shape {own}"
        raise ValueError(f"{has}. You cannot build it with input_shape={received}.")


def some_layers(model: str, layers: Sequence[Any], what: str) -> None:
    """Without layers there is nothing to build."""
    if not layers:
        why = "because it has no layers. Call `model.add(layer)`"
        raise ValueError(f"Sequential model {model} cannot {what} {why}.")


def something_to_pop(layers: Sequence[Any]) -> None:
    """An empty model has no last layer."""
    if not layers:
        raise IndexError("There are no layers in the model.")


def defined(kind: str, model: str, is_defined: bool, attribute: str) -> None:
    """A model that is not built, or is a subclass with a `call`, has no symbolic tensors."""
    if not is_defined:
        raise AttributeError(f"{kind} model '{model}' has no defined {attribute} yet.")


def called(layer: str, was_called: bool, attribute: str) -> None:
    """A symbolic input or output exists after a symbolic call."""
    if not was_called:
        raise AttributeError(f"The layer {layer} has never been called, and has no {attribute}.")


def layer_wish(name: Any, index: Any, count: int) -> None:
    """`get_layer` takes a name or an index that exists."""
    if (index is None) == (name is None):
        received = f"Received: index={index}, name={name}"
        raise ValueError(f"Provide either a layer name or a layer index. {received}.")
    if index is not None and (isinstance(index, bool) or not hasattr(index, "__index__")):
        raise unfit("index", index, "an integer", TypeError)
    if index is not None and not -count <= index < count:
        raise ValueError(f"There is no layer at index {index}: the model only has {count} layers.")


def layer_exists(name: Any, exists: bool, names: list[str]) -> None:
    """`get_layer` finds layers by name."""
    if not exists:
        raise ValueError(f"No such layer: {name}. Existing layers are: {brief(names, 200)}.")


def symbolic_tensors(argument: str, structure: Any, fits: bool) -> None:
    """A functional model is made from symbolic tensors."""
    if not fits:
        raise ValueError(f"All `{argument}` must be KerasTensors. Received: {typed(structure)}.")


def inputs_by_name(model: str, names: Sequence[str], keys: Sequence[str]) -> None:
    """A dict of inputs has a value for each input."""
    missing = [name for name in names if name not in keys]
    if missing:
        expected, received = brief(list(names), 120), brief(list(keys), 120)
        wish = f"Missing data for input '{missing[0]}' of model '{model}'. Expected {expected}"
        raise ValueError(f"{wish}. Received a dict with the keys {received}.")


def takes_names(model: str, has_names: bool) -> None:
    """A dict goes to a list of inputs by their names, and not to a list in a list."""
    if not has_names:
        made = f"Model '{model}' was made with inputs in nested lists"
        raise ValueError(f"{made}: pass them in such lists, and not in a dict.")


def order_is_sorted(model: str, keys: Sequence[str]) -> None:
    """A list goes to a dict of inputs only where the dict's order is that of its sorted keys."""
    if list(keys) != sorted(keys):
        takes = f"Model '{model}' takes a dict of inputs with the keys {brief(list(keys), 200)}"
        raise ValueError(f"{takes}: pass a dict, since the order of a list would not be theirs.")


def made_by_initializer(name: str, is_made: bool) -> None:
    """Where a `call` is only tried, a variable is made by an initializer, and not of a value."""
    if not is_made:
        where = "while the shapes of a call are found out: pass an initializer and a shape"
        raise ValueError(f"Variable '{name}' cannot be made of a value {where}.")
