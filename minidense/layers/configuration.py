"""A layer as a dict of plain values: its arguments, read from the attributes of their names.

Mirrors `get_config` of `keras.layers.Layer` and `keras.Operation`.
"""

import inspect
from functools import partial
from typing import Any

from minidense import activations, initializers
from minidense.nest import flatten
from minidense.registry import own_arguments, written_form

_NOT_WRITTEN = ("dtype", "trainable", "activity_regularizer", "autocast", "lora_rank", "lora_alpha")
"""Arguments that are written in another way, or that Keras does not write where they are None."""


def config_of(layer: Any) -> dict[str, Any]:
    """Return the arguments that make an equal layer, under Keras's keys.

    For a class of this package they are the attributes with the names of the arguments; for a
    user's own, what `__init__` was called with.

    Raises:
        NotImplementedError: for a class of one's own that was made with other than plain
            arguments, and has no `get_config`.
    """
    cls = type(layer)
    base = base_config(layer)
    if "_auto_config" not in vars(layer):
        own = {key: _plain(key, value) for key, value in own_arguments(layer).items()}
        return base | {key: value for key, value in own.items() if key not in _NOT_WRITTEN}
    if layer._auto_config is None:
        raise NotImplementedError(
            f"{cls.__name__} was made with arguments that are no plain texts, numbers, booleans, "
            "None or lists of them, so its configuration is not known. Define "
            f"`get_config(self)` in {cls.__name__}, and return "
            "{**super().get_config(), ...} with the arguments."
        )
    name = {"name": base.pop("name")}
    parameters = inspect.signature(cls.__init__).parameters
    rest = any(p.kind is p.VAR_KEYWORD and p.name == "kwargs" for p in parameters.values())
    return {**(name if rest or "name" in parameters else {}), **layer._auto_config, **base}


def base_config(layer: Any) -> dict[str, Any]:
    """Return what every layer's configuration has."""
    policy = written_form("keras", "DTypePolicy", {"name": layer.compute_dtype}, None)
    return {"name": layer.name, "trainable": layer.trainable, "dtype": policy}


def _plain(name: str, value: Any) -> Any:
    """Return an argument as it is written down."""
    if name.endswith("initializer"):
        return initializers.serialize(value)
    return activations.serialize(value) if name == "activation" else value


def arguments_of(cls: Any, args: tuple[Any, ...], kwargs: Any) -> dict[str, Any] | None:
    """Return the arguments of `__init__` by name, with defaults and without `name`.

    None if some are not plain, or cannot be given by name.
    """
    signature = inspect.signature(partial(cls.__init__, None))
    try:
        bound = signature.bind(*args, **kwargs)
    except TypeError:
        return None  # `__init__` will say what is wrong
    bound.apply_defaults()
    names = [p.name for p in signature.parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
    if len(bound.args) > len(names):
        return None
    by_name = {**dict(zip(names, bound.args, strict=True)), **bound.kwargs}
    by_name.pop("name", None)
    try:
        leaves = flatten(by_name)
    except TypeError:  # a dict whose keys have no order
        return None
    is_plain = all(leaf is None or isinstance(leaf, (str, int, float)) for leaf in leaves)
    return by_name if is_plain else None
