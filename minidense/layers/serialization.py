"""Layers and models as dicts that name their class: `layers.serialize`.

The form is Keras's, so either library reads what the other has written.
Mirrors the first half of `keras/src/saving/serialization_lib.py`.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from minidense import checks, registry
from minidense.graph.configuration import written_operation
from minidense.graph.symbolic import GraphOperation, KerasTensor
from minidense.layers.layer import Layer
from minidense.nest import in_type_of

KNOWN: dict[tuple[str, str], type[Layer]] = {}
"""The classes that a configuration may name, by Keras's module and name."""
_written_as: dict[type, tuple[str, str | None]] = {}
"""How a known class is written: Keras's module, and the name that it is registered under."""


def make_known(cls: type[Layer], *modules: str, registered_name: str | None = None) -> None:
    """Let configurations name a class; the first of Keras's modules is the one that is written."""
    _written_as[cls] = (modules[0], registered_name)
    for module in modules:
        KNOWN[module, cls.__name__] = cls


def known_classes() -> list[type]:
    """Return the classes that were made known."""
    return list(_written_as)


def known_class(module: Any, class_name: Any) -> type[Layer] | None:
    """Return the class of this name in one of Keras's modules; None if there is none here."""
    return KNOWN.get((str(module), str(class_name)))


def misfit(wish: str, received: Any, error: type[Exception] = TypeError) -> Exception:
    """Return the error for a configuration that is not as it must be."""
    return error(f"{wish} Received: {checks.brief(received)}.")


def serialize(layer: Any) -> Any:
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
    return plain_value(layer)


def plain_value(value: Any) -> Any:
    """Return a value of a configuration in a form that JSON can write."""
    if isinstance(value, (list, tuple)):
        return in_type_of(value, [plain_value(part) for part in value])
    if isinstance(value, Mapping):
        return {key: plain_value(part) for key, part in value.items()}
    if isinstance(value, np.generic):
        return value.item()
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, Layer):
        return _written(value)
    return _described(value)


def _described(value: Any) -> Any:
    """Return a dict that stands for an object."""
    if isinstance(value, GraphOperation):
        return plain_value(written_operation(value))
    if hasattr(value, "get_config") or callable(value):
        return registry.serialize(value)
    config: dict[str, Any] = {}
    if isinstance(value, np.ndarray):
        kind, config = "numpy", {"value": value.tolist(), "dtype": str(value.dtype)}
    elif isinstance(value, slice):
        kind, config = "slice", {"start": value.start, "stop": value.stop, "step": value.step}
    elif value is Ellipsis:
        kind = "ellipsis"
    elif isinstance(value, KerasTensor):
        layer, *place = value._keras_history
        kind, config = "keras_tensor", {"shape": value.shape, "dtype": value.dtype}
        config["keras_history"] = [layer.name, *place]
    else:
        raise TypeError(
            f"An object of type {type(value).__name__} cannot stand in a configuration: it is no "
            "layer, number, text or array."
        )
    return {"class_name": f"__{kind}__", "config": config}


def _written(layer: Layer) -> dict[str, Any]:
    written: dict[str, Any] = registry.serialize(layer)
    if not isinstance(written["config"], dict):
        wish = f"The `get_config` of {type(layer).__name__} must return a dict."
        raise misfit(wish, written["config"])
    if type(layer) in _written_as:
        written["module"], written["registered_name"] = _written_as[type(layer)]
    build_config = layer.get_build_config()
    if build_config is not None:
        written["build_config"] = plain_value(build_config)
    if hasattr(layer, "get_compile_config"):
        written["compile_config"] = layer.get_compile_config()
    return written
