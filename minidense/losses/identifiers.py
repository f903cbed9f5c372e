"""What stands for a loss or a metric: the names of objects, and dicts with a class and its config.

Answers to `get_object_name` in `keras/src/utils/naming.py` and to what `deserialize_keras_object`
(`keras/src/saving/serialization_lib.py`) makes of the names that a module knows.
"""

from collections.abc import Mapping
from typing import Any

from minidense import checks
from minidense.names import snake_case


def object_name(found: Any) -> Any:
    """Return the name of an object, a function or an object that can be called, as Keras has it.

    >>> def topProb(y_true, y_pred): ...
    >>> object_name(topProb), object_name(lambda y_true, y_pred: y_pred)
    ('top_prob', 'lambda')
    """
    if hasattr(found, "name"):
        return found.name
    return snake_case(getattr(found, "__name__", type(found).__name__))


def from_dict(kind: str, identifier: Mapping[str, Any], known: Mapping[str, Any]) -> Any:
    """Return what a dict stands for: a class made with its config, or a function.

    Args:
        kind: "loss" or "metric", for messages.
        identifier: a dict with "class_name", and with "config" where there are arguments.
        known: the classes and functions by name.

    Raises:
        ValueError: if there is no class name, or if it stands for nothing.
        TypeError: if the config is no dict, or has other arguments than the class.

    >>> class Weight:
    ...     def __init__(self, grams): self.grams = grams
    ...     from_config = classmethod(lambda cls, config: cls(**config))
    >>> from_dict("loss", {"class_name": "W", "config": {"grams": 5}}, {"W": Weight}).grams
    5
    """
    checks.class_name_given(kind, identifier)
    name = identifier["class_name"]
    config = identifier.get("config")
    if name == "function" and identifier.get("module") == "builtins":
        name = config
    found = known.get(name) if isinstance(name, str) else None
    checks.known_name(kind, name, found is not None, sorted(known))
    checks.module_not_none(str(name), identifier)
    if isinstance(found, type):
        return found.from_config(checks.class_config(str(name), config))  # type: ignore[attr-defined]
    checks.known_name(kind, name, name == getattr(found, "__name__", None), sorted(known))
    return found


__all__ = ["from_dict", "object_name"]
