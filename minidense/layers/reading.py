"""Layers and models from dicts that name their class: `layers.deserialize`.

What is read may come from anywhere: only classes that were made known here, or that the caller
names in `custom_objects`, are made, and nothing else is looked up or run.
Mirrors the second half of `keras/src/saving/serialization_lib.py`.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NoReturn

from minidense import checks, registry
from minidense.layers.layer import Layer
from minidense.layers.serialization import KNOWN, known_class, misfit, plain_value

_scope: ContextVar[Mapping[str, Any]] = ContextVar("custom_objects", default={})  # noqa: B039
"""The user's own classes and functions that may be named, by name."""


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
    """Let the configurations read in the block name objects of the user's own, by name."""
    if custom_objects is not None and not isinstance(custom_objects, Mapping):
        wish = "`custom_objects` must be a dict from names to classes or functions."
        raise misfit(wish, custom_objects)
    token = _scope.set({**(custom_objects or {}), **_scope.get()})
    try:
        yield
    except RecursionError:
        raise ValueError("The configuration is nested too deeply.") from None
    finally:
        _scope.reset(token)


def layer_from(config: Any) -> Layer:
    """Make the layer that a configuration describes, built if it was built when it was written."""
    if not isinstance(config, Mapping) or not config.keys() >= {"class_name", "config"}:
        raise ValueError(
            "The configuration of a layer must be a dict with 'class_name' and 'config', as "
            f"`layers.serialize` returns. Received: {checks.brief(config)}."
        )
    class_name = config["class_name"]
    arguments = checks.class_config(class_name, config["config"])
    layer: Any = _class_for(config).from_config(
        {name: own_object_or(value) for name, value in arguments.items()}
    )
    if not isinstance(layer, Layer):
        raise ValueError(
            f"The configuration of {checks.brief(class_name)} gave {checks.brief(layer)}, "
            "which is no layer."
        )
    if config.get("build_config") and not layer.built:
        layer.build_from_config(config["build_config"])
        layer.built = True
    if config.get("compile_config") and hasattr(layer, "compile_from_config"):
        layer.compile_from_config(config["compile_config"])
    return layer


def with_module(config: Any) -> Any:
    """Return the configuration of a layer in a model; those of old files name no module.

    Raises:
        TypeError: if it is no dict.
    """
    if not isinstance(config, Mapping):
        raise misfit("A layer is written as a dict.", config)
    if "module" in config or "class_name" not in config:
        return config
    modules = (module for module, name in KNOWN if name == config["class_name"])
    return {**config, "module": next(modules, None)}


def _class_for(config: Mapping[str, Any]) -> Any:
    """Return the class that a configuration names: the user's own, or one that is known here."""
    module, class_name = config.get("module"), config["class_name"]
    registered_name = config.get("registered_name", class_name)
    names = (module, class_name, registered_name)
    if any(name is not None and not isinstance(name, str) for name in names):
        raise TypeError(f"A class is named by texts. Received: {checks.brief(names, 120)}.")
    own = _scope.get().get(str(registered_name))
    if own is not None and not hasattr(own, "from_config"):
        raise TypeError(
            f"What `custom_objects` has for {checks.brief(class_name)} cannot be made from a "
            f"configuration: {checks.brief(own)} has no `from_config`."
        )
    cls = known_class(module, class_name) if own is None else own
    if cls is None:
        refuse(module, class_name)
    if own is None and registered_name not in (None, class_name):
        raise ValueError(
            f"'{module}.{class_name}' is Keras's own and has no registered name. "
            f"Received: registered_name={checks.brief(registered_name)}."
        )
    return cls


def refuse(module: str | None, class_name: Any) -> NoReturn:
    """Raise for a class, or a function, that is not known."""
    if module is not None and module.split(".")[0] == "keras":
        raise ValueError(
            f"minidense has no class {checks.brief(f'{module}.{class_name}', 120)}. It has: "
            f"{', '.join(sorted({name for _, name in KNOWN}))}."
        )
    raise TypeError(
        f"The class {checks.brief(class_name)} is not known. If it is your own, pass it as "
        "custom_objects={name: class}."
    )


def own_object_or(value: Any) -> Any:
    """Return the user's own object that an argument describes; any other argument as it is."""
    if not isinstance(value, Mapping) or not value.keys() >= {"class_name", "config"}:
        return value
    is_function = value["class_name"] == "function"
    name = value["config"] if is_function else value.get("registered_name")
    own = _scope.get().get(name) if isinstance(name, str) else None
    if is_function:
        return value if own is None else own
    if isinstance(own, type) and issubclass(own, registry.Configured):
        return own.from_config(value["config"] or {})
    return value  # a layer inside is made by the class that has it


registry.CONFIGURATIONS.update(write=plain_value, read=layer_from)
