"""Whether Keras has each public name that minidense has, and with which arguments."""

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

import keras

import minidense
from minidense.registry import Configured

NAMESPACES = ["", "activations", "callbacks", "config", "initializers", "layers", "losses"]
NAMESPACES += ["metrics", "models", "optimizers", "random", "utils"]
WITH_METHODS = ["Layer", "Model", "Sequential", "Optimizer", "Loss", "Metric"]


def questions() -> dict[str, Callable[[], Any]]:
    asked: dict[str, Callable[[], Any]] = {}
    for namespace in NAMESPACES:
        ours = getattr(minidense, namespace) if namespace else minidense
        for name in sorted(ours.__all__):
            if not inspect.ismodule(getattr(ours, name)):
                path = f"{namespace}.{name}".lstrip(".")
                asked[path] = partial(arguments_of, path)
    for owner in WITH_METHODS:
        cls = getattr(minidense, owner)
        inherited = vars(Configured) if issubclass(cls, Configured) else {}
        for name in {**inherited, **vars(cls)}:
            if not name.startswith("_"):
                asked[f"{owner}.{name}"] = partial(arguments_of, f"{owner}.{name}")
    return asked


def arguments_of(path: str) -> Any:
    """Return a callable's arguments as a list of texts, "not there" for a name Keras lacks."""
    found: Any = keras
    for name in path.split("."):
        if not hasattr(found, name):
            return "not there"
        found = getattr(found, name)
    try:
        signature = inspect.signature(found)
    except (TypeError, ValueError):
        return f"a {type(found).__name__}"
    return [text_of(parameter) for parameter in signature.parameters.values()]


def text_of(parameter: inspect.Parameter) -> str:
    """Return a parameter as it is written, without the address of an object."""
    plain = parameter.replace(annotation=inspect.Parameter.empty)
    if not isinstance(parameter.default, (str, int, float, tuple, list, type(None), type)):
        plain = plain.replace(default=...)
    return str(plain)
