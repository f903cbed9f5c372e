"""The arguments of `compile` from plain values.

Mirrors `compile_from_config` in `keras/src/trainers/trainer.py`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from minidense import losses, metrics, optimizers
from minidense.layers.reading import own_object_or, refuse
from minidense.registry import REGISTRIES

_GET: dict[str, Callable[[Any], Any]] = {"optimizer": optimizers.get, "loss": losses.get}
"""What else is of a class is a metric."""


def compile_arguments(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of `compile` that `model.get_compile_config()` stands for.

    Raises:
        TypeError: for a class or a function that is not known.
        ValueError: for one of Keras's that is not here.
    """
    return {key: _part(value, _GET.get(key, metrics.get)) for key, value in config.items()}


def _part(value: Any, get: Callable[[Any], Any]) -> Any:
    """Return an argument of `compile` with objects in the place of their configurations."""
    if isinstance(value, (list, tuple)):
        return [_part(part, get) for part in value]
    if not isinstance(value, Mapping):
        return value
    if not value.keys() >= {"class_name", "config"}:
        return {name: _part(part, get) for name, part in value.items()}
    found = own_object_or(value)
    if found is not value:
        return found
    if value["class_name"] == "function":
        return _function(value["config"])
    module = str(value.get("module"))
    if module.split(".", maxsplit=1)[0] != "keras":
        refuse(None, value["class_name"])
    return get(value)


def _function(name: Any) -> Any:
    """Return the function of this name, of whatever kind it is."""
    for registry in REGISTRIES.values():
        found = registry.by_name.get(name) if isinstance(name, str) else None
        if found is not None and not isinstance(found, type):
            return found
    return refuse(None, name)
