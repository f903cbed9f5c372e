"""All that a failed call might have changed, down to the last bit.

Nothing is chosen: every attribute of every object that can be reached is read, so that a cache, a
counter or a seed that moves is seen, too.
"""

import random
import types
from typing import Any

import numpy as np

from minidense import config
from minidense.random.seeds import get_global_seed

PLAIN = (bool, int, float, complex, str, bytes, type(None), np.dtype, np.generic)
CODE = (types.FunctionType, types.MethodType, types.ModuleType, types.BuiltinFunctionType, type)

BEGUN = (
    ".built",
    ".path",
    ".parent_path",
    ".history",
    "._build_shapes_dict",
    "._compiled_loss",
    "._compiled_metrics",
    "._loss_tracker",
    ".train_function",
    ".test_function",
    ".predict_function",
    "._asks_for_probabilities",
)
"""What a call begins with, and has in Keras even if it fails then; and what is only remembered:
that it was asked for probabilities."""


def state_of_all(things: dict[str, Any]) -> dict[str, Any]:
    """Return the state of things, and of the whole library: what each place holds.

    Automatic names are not held: a call that fails has used up its own, as in Keras.
    """
    library = {
        "Python's random": random.getstate(),
        "NumPy's random": np.random.get_state(),
        "the global seed": get_global_seed(),
        "floatx": config.floatx(),
        "epsilon": config.epsilon(),
    }
    return state_of({**things, **library})


def state_of(things: dict[str, Any]) -> dict[str, Any]:
    """Return what each place holds: it is equal later if, and only if, nothing has changed."""
    found: dict[str, Any] = {}
    seen: dict[int, str] = {}
    for name, value in things.items():
        _read(name, value, found, seen)
    return found


def _read(place: str, value: Any, found: dict[str, Any], seen: dict[int, str]) -> None:
    if place.endswith(BEGUN):
        return
    if isinstance(value, PLAIN):
        found[place] = f"{type(value).__name__} {value!r}"
    elif isinstance(value, CODE):
        found[place] = f"{type(value).__name__} {getattr(value, '__qualname__', value)}"
    elif id(value) in seen:  # so that two equal objects differ from one that is there twice
        found[place] = f"the same as {seen[id(value)]}"
    elif isinstance(value, np.ndarray) and value.dtype != object:
        seen[id(value)] = place
        found[place] = (value.dtype.str, value.shape, value.tobytes())
    else:
        seen[id(value)] = place
        found[place] = type(value).__name__
        for name, part in _parts(value):
            _read(f"{place}{name}", part, found, seen)


def _parts(value: Any) -> list[tuple[str, Any]]:
    """Return the parts of a container or of an object, each with how it is reached."""
    if isinstance(value, np.ndarray):
        return [(f"[{index}]", part) for index, part in enumerate(value.ravel().tolist())]
    if isinstance(value, dict):
        named = [isinstance(key, PLAIN) for key in value]
        keys = [
            repr(key) if plain else f"key {i}"
            for i, (key, plain) in enumerate(zip(value, named, strict=True))
        ]
        return [(f"[{key}]", part) for key, part in zip(keys, value.values(), strict=True)]
    if isinstance(value, (list, tuple)):
        return [(f"[{index}]", part) for index, part in enumerate(value)]
    if isinstance(value, (set, frozenset)):
        return [(f"{{{index}}}", part) for index, part in enumerate(sorted(value, key=id))]
    slots = [name for cls in type(value).__mro__ for name in getattr(cls, "__slots__", ())]
    own = {name: getattr(value, name) for name in slots if hasattr(value, name)}
    own |= getattr(value, "__dict__", {})
    own.pop("__weakref__", None)
    # an attribute that is what its class has for all reads as if it were not there
    return [
        (f".{name}", part)
        for name, part in own.items()
        if part is not getattr(type(value), name, _parts)
    ]
