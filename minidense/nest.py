"""Nested lists, tuples and dicts: their leaves, and leaves put back.

Mirrors `keras.tree`. Whatever is no list, tuple or dict is a leaf: an array, a tensor, a dtype.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np


def flatten(structure: Any) -> list[Any]:
    """Return the leaves of nested lists, tuples and dicts, dicts in the order of their keys.

    >>> flatten({"b": 1, "a": [2, 3]})
    [2, 3, 1]
    """
    if structure is None or isinstance(structure, np.ndarray):  # the usual leaves
        return [structure]
    if isinstance(structure, Mapping):
        return [leaf for key in sorted(structure) for leaf in flatten(structure[key])]
    if isinstance(structure, (list, tuple)):
        return [leaf for part in structure for leaf in flatten(part)]
    return [structure]


def leaves_of(value: Any) -> list[Any]:
    """Return what is in lists, tuples and dicts, dicts in their own order: of whatever keys.

    >>> leaves_of({None: 1, "a": [2, 3]})
    [1, 2, 3]
    """
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, (list, tuple)):
        return [value]
    return [leaf for part in value for leaf in leaves_of(part)]


def map_structure(function: Callable[[Any], Any], structure: Any) -> Any:
    """Return the same nesting with a function applied to each leaf, in the order of `flatten`.

    >>> map_structure(lambda leaf: leaf + 1, {"a": [1, 2]})
    {'a': [2, 3]}
    """
    if structure is None or isinstance(structure, np.ndarray):  # the usual leaves
        return function(structure)
    if isinstance(structure, Mapping):
        mapped = {key: map_structure(function, structure[key]) for key in sorted(structure)}
        return {key: mapped[key] for key in structure}
    if isinstance(structure, (list, tuple)):
        return in_type_of(structure, [map_structure(function, part) for part in structure])
    return function(structure)


def in_type_of(sequence: Any, parts: list[Any]) -> Any:
    """Return parts in a list or tuple of the same type, a named one too."""
    return type(sequence)(*parts) if hasattr(sequence, "_fields") else type(sequence)(parts)


def pack_like(structure: Any, leaves: list[Any]) -> Any:
    """Return the leaves in the nesting of a structure: the inverse of `flatten`.

    >>> pack_like({"a": [0, 0]}, [1, 2])
    {'a': [1, 2]}
    """
    remaining = iter(leaves)
    return map_structure(lambda _: next(remaining), structure)


def in_tuples(structure: Any) -> Any:
    """Return the same nesting with tuples in the place of lists.

    >>> in_tuples({"a": [1, [2]]})
    {'a': (1, (2,))}
    """
    if structure is None or isinstance(structure, np.ndarray):  # the usual leaves
        return structure
    if isinstance(structure, Mapping):
        return {key: in_tuples(part) for key, part in structure.items()}
    if isinstance(structure, (list, tuple)):
        return tuple(in_tuples(part) for part in structure)
    return structure


def pattern(structure: Any) -> Any:
    """Return the nesting alone, as a key of a dictionary: of which type, and where the leaves are.

    >>> pattern([1, (2, 3)]) == pattern([4, (5, 6)]), pattern([1]) == pattern((1,))
    (True, False)
    """
    if structure is None or isinstance(structure, np.ndarray):  # the usual leaves
        return None
    if isinstance(structure, Mapping):
        return ("dict", *((key, pattern(structure[key])) for key in sorted(structure)))
    if isinstance(structure, (list, tuple)):
        return (type(structure).__name__, *map(pattern, structure))
    return None


def is_nested(structure: Any) -> bool:
    """Whether this is a list, a tuple or a dict, and no leaf.

    >>> is_nested([1]), is_nested(np.ones(1))
    (True, False)
    """
    return isinstance(structure, (list, tuple, Mapping))


def are_alike(one: Any, other: Any) -> bool:
    """Whether two structures have their leaves in the same places; lists and tuples are the same.

    >>> are_alike([1, {"a": 2}], (3, {"a": 4})), are_alike([1], {"a": 1})
    (True, False)
    """
    return bool(pattern(in_tuples(one)) == pattern(in_tuples(other)))


def flatten_up_to(structure: Any, other: Any) -> list[Any]:
    """Return what another structure, which may go deeper, has where a structure has its leaves.

    Raises:
        ValueError: if the other one has other lists, tuples or dicts on the way.

    >>> flatten_up_to([0, {"a": 0}], (["b", "c"], {"a": "d"}))
    [['b', 'c'], 'd']
    """
    if not is_nested(structure):
        return [other]
    keyed = isinstance(structure, Mapping)
    fits = is_nested(other) and isinstance(other, Mapping) == keyed and len(other) == len(structure)
    if not fits or (keyed and set(other) != set(structure)):
        raise ValueError("the two structures do not have the same lists, tuples and dicts")
    keys = sorted(structure) if keyed else range(len(structure))
    return [leaf for key in keys for leaf in flatten_up_to(structure[key], other[key])]
