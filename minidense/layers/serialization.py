"""Layers and models as dicts that name their class, and back: `layers.serialize`, `deserialize`.

The form is Keras's, so either library reads what the other has written. What is read may come from
anywhere: only classes that were made known here, or that the caller names in `custom_objects`, are
made, and nothing else is looked up or run. Answers to `keras/src/saving/serialization_lib.py`.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

from minidense import checks, initializers
from minidense.graph.symbolic import KerasTensor
from minidense.initializers import Initializer
from minidense.layers.base import Layer
from minidense.names import restore_names, used_names

_known: dict[tuple[str, str], type[Layer]] = {}
"""The classes that a configuration may name, by Keras's module and name."""
_written_as: dict[type, tuple[str, str | None]] = {}
"""How a known class is written: Keras's module, and the name that it is registered under."""
_scope: ContextVar[Mapping[str, Any]] = ContextVar("custom_objects")
"""The classes and functions of the user's own that are being read with, by name."""


def make_known(cls: type[Layer], *modules: str, registered_name: str | None = None) -> None:
    """Let configurations name a class; the first of Keras's modules is the one that is written."""
    _written_as[cls] = (modules[0], registered_name)
    for module in modules:
        _known[module, cls.__name__] = cls


def known_classes() -> list[type]:
    """Return the classes that were made known."""
    return list(_written_as)


# Writing


def serialize(layer: Any) -> dict[str, Any]:
    """Return a layer or a model as a dict of plain values, without its weights.

    Args:
        layer: a layer; or a number, text or array in the configuration of one.

    Returns:
        The class under "module", "class_name" and "registered_name", what `get_config` gives under
        "config", and under "build_config" the shape that it was built for.

    Raises:
        TypeError: for an object that has no configuration.
        NotImplementedError: for a layer of one's own that needs a `get_config`.

    Source: `keras.layers.serialize`.

    >>> from minidense import layers
    >>> written = layers.serialize(layers.ReLU(max_value=6, name="clip"))
    >>> written["class_name"], written["config"]["max_value"]
    ('ReLU', 6)
    >>> layers.deserialize(written)
    <ReLU name=clip, built=True>
    """
    plain: dict[str, Any] = plain_value(layer)
    return plain


def plain_value(value: Any) -> Any:
    """Return a value of a configuration in a form that JSON can write."""
    if isinstance(value, (list, tuple)):
        return type(value)([plain_value(part) for part in value])
    if isinstance(value, Mapping):
        return {key: plain_value(part) for key, part in value.items()}
    if isinstance(value, np.generic):
        return value.item()
    if value is None or isinstance(value, (str, int, float)):
        return value
    return _described(value)


def _described(value: Any) -> dict[str, Any] | None:
    """Return a dict that stands for an object."""
    if isinstance(value, np.ndarray):
        return _special("__numpy__", {"value": value.tolist(), "dtype": str(value.dtype)})
    if isinstance(value, KerasTensor):
        layer, node_index, tensor_index = value._keras_history
        history = [layer.name, node_index, tensor_index]
        form = {"shape": value.shape, "dtype": value.dtype, "keras_history": history}
        return _special("__keras_tensor__", form)
    if isinstance(value, Layer):
        return _written(value)
    if isinstance(value, Initializer) or callable(value):
        return initializers.serialize(value)
    raise TypeError(
        f"An object of type {type(value).__name__} cannot stand in a configuration: it is no "
        "layer, number, text or array."
    )


def _special(class_name: str, config: dict[str, Any]) -> dict[str, Any]:
    return {"class_name": class_name, "config": config}


def _written(layer: Layer) -> dict[str, Any]:
    cls = type(layer)
    config = layer.get_config()
    if not isinstance(config, dict):
        raise TypeError(
            f"The `get_config` of {cls.__name__} must return a dict. "
            f"Received {checks.brief(config)}."
        )
    own_module = None if cls.__module__ == "__main__" else cls.__module__
    module, registered_name = _written_as.get(cls, (own_module, cls.__name__))
    written: dict[str, Any] = {
        "module": module,
        "class_name": cls.__name__,
        "config": plain_value(config),
        "registered_name": registered_name,
    }
    build_config = layer.get_build_config()
    if build_config is not None:
        written["build_config"] = plain_value(build_config)
    if hasattr(layer, "get_compile_config"):
        written["compile_config"] = layer.get_compile_config()
    return written


# Reading


def _custom_objects() -> Mapping[str, Any]:
    return _scope.get({})


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Layer:
    """Make a layer or a model from what `serialize` returned; its weights are new.

    Args:
        config: a dict with "module", "class_name" and "config", from minidense or from Keras.
        custom_objects: the user's own classes and functions that it may name, by name.

    Raises:
        TypeError: for a class that is not known, and for arguments that its class does not take.
        ValueError: for a class of Keras's that is not here, and for what is no layer's
            configuration.

    Source: `keras.layers.deserialize`.
    """
    with reading(custom_objects):
        return layer_from(config)


@contextmanager
def reading(custom_objects: Mapping[str, Any] | None) -> Iterator[None]:
    """Let the configurations read in the block name objects of the user's own, by name.

    If the block raises, the automatic names and the seeds are as they were.
    """
    import random  # not above: see `random.seeds`

    if custom_objects is not None and not isinstance(custom_objects, Mapping):
        raise TypeError(
            "`custom_objects` must be a dict from names to classes or functions. "
            f"Received: {checks.brief(custom_objects)}."
        )
    names, state = used_names(), random.getstate()
    token = _scope.set({**(custom_objects or {}), **_custom_objects()})
    try:
        yield
    except Exception as error:
        restore_names(names)
        random.setstate(state)
        if isinstance(error, RecursionError):
            raise ValueError("The configuration is nested too deeply.") from None
        raise
    finally:
        _scope.reset(token)


def layer_from(config: Any) -> Layer:
    """Make the layer that a configuration describes, built if it was built when it was written."""
    if not isinstance(config, Mapping) or not config.keys() >= {"class_name", "config"}:
        raise ValueError(
            "The configuration of a layer must be a dict with 'class_name' and 'config', as "
            f"`layers.serialize` returns. Received: {checks.keys_of(config)}."
        )
    class_name = config["class_name"]
    arguments = {} if config["config"] is None else config["config"]
    if not isinstance(arguments, Mapping):
        raise TypeError(
            f"The 'config' of {checks.brief(class_name)} must be a dict of its arguments. "
            f"Received: {checks.brief(arguments)}."
        )
    layer: Any = _class_for(config).from_config(
        {name: _own_object_or(value) for name, value in arguments.items()}
    )
    if not isinstance(layer, Layer):
        raise ValueError(
            f"The configuration of {checks.brief(class_name)} gave {checks.brief(layer)}, "
            "which is no layer."
        )
    if config.get("build_config") and not layer.built:
        layer.build_from_config(config["build_config"])
        layer.built = True
    return layer


def with_module(config: Any) -> Any:
    """Return the configuration of a layer in a model; those of old files name no module.

    Raises:
        TypeError: if it is no dict.
    """
    if not isinstance(config, Mapping):
        raise TypeError(f"A layer is written as a dict. Received: {checks.brief(config)}.")
    if "module" in config or "class_name" not in config:
        return config
    modules = [module for module, name in _known if name == config["class_name"]]
    return {**config, "module": modules[0] if modules else None}


def _class_for(config: Mapping[str, Any]) -> Any:
    """Return the class that a configuration names: the user's own, or one that is known here."""
    module, class_name = config.get("module"), config["class_name"]
    registered_name = config.get("registered_name", class_name)
    names = (module, class_name, registered_name)
    if any(name is not None and not isinstance(name, str) for name in names):
        raise TypeError(f"A class is named by texts. Received: {checks.brief(names, 120)}.")
    own = _custom_objects().get(str(registered_name))
    if own is not None:
        return _with_from_config(own, str(class_name))
    cls = _known.get((str(module), str(class_name)))
    if cls is None:
        _refuse(module, class_name)
    if registered_name not in (None, class_name):
        raise ValueError(
            f"'{module}.{class_name}' is Keras's own and has no registered name. "
            f"Received: registered_name={checks.brief(registered_name)}."
        )
    return cls


def _with_from_config(own: Any, class_name: str) -> Any:
    if not hasattr(own, "from_config"):
        raise TypeError(
            f"What `custom_objects` has for {checks.brief(class_name)} cannot be made from a "
            f"configuration: {checks.brief(own)} has no `from_config`."
        )
    return own


def _refuse(module: str | None, class_name: str | None) -> None:
    if module is not None and module.split(".")[0] == "keras":
        raise ValueError(
            f"minidense has no class {checks.brief(f'{module}.{class_name}', 120)}. It has: "
            f"{', '.join(sorted({name for _, name in _known}))}."
        )
    raise TypeError(
        f"The class {checks.brief(class_name)} is not known. If it is your own, pass it as "
        "custom_objects={name: class}."
    )


def _own_object_or(value: Any) -> Any:
    """Return the user's own object that an argument describes; any other argument as it is."""
    if not isinstance(value, Mapping) or not value.keys() >= {"class_name", "config"}:
        return value
    is_function = value["class_name"] == "function"
    name = value["config"] if is_function else value.get("registered_name")
    own = _custom_objects().get(name) if isinstance(name, str) else None
    if is_function:
        return value if own is None else own
    if isinstance(own, type) and issubclass(own, Initializer):
        return own.from_config(value["config"] or {})
    return value  # a layer inside is made by the class that has it


__all__ = [
    "deserialize",
    "known_classes",
    "layer_from",
    "make_known",
    "plain_value",
    "reading",
    "serialize",
    "with_module",
]
