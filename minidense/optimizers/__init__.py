"""The optimizers, under Keras's names, and how a name becomes an optimizer.

Mirrors `keras.optimizers` (`keras/src/optimizers/__init__.py`).
"""

from typing import Any

from minidense import checks, registry
from minidense.optimizers.adam import Adam
from minidense.optimizers.optimizer import Optimizer
from minidense.optimizers.rmsprop import RMSprop
from minidense.optimizers.sgd import SGD
from minidense.registry import Registry

_KNOWN = Registry("optimizer", "keras.optimizers", Optimizer, SGD, Adam, RMSprop)


def get(identifier: Any) -> Optimizer | None:
    """Return the optimizer that a name, in any case of letters, a dict or an object stands for.

    Raises:
        ValueError: if the identifier stands for none.

    Source: `keras.optimizers.get`.

    >>> type(get("adam")).__name__
    'Adam'
    """
    if isinstance(identifier, str):
        identifier = {"class_name": identifier}
    if isinstance(identifier, dict) and isinstance(identifier.get("class_name"), str):
        names = {name.lower(): name for name in _KNOWN.by_name}
        name = identifier["class_name"]
        identifier = {**identifier, "class_name": names.get(name.lower(), name)}
    found: Optimizer | None = _KNOWN.deserialize(identifier)
    is_one = found is None or isinstance(found, Optimizer)
    checks.known_name("optimizer", identifier, is_one, sorted(_KNOWN.by_name))
    return found


serialize, deserialize = registry.serialize, _KNOWN.deserialize


__all__ = ["SGD", "Adam", "Optimizer", "RMSprop", "deserialize", "get", "serialize"]
