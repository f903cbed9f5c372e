"""Nestings: taken apart and put together again."""

from typing import Any, NamedTuple

import pytest

from minidense.nest import flatten, map_structure, pack_like


@pytest.mark.parametrize(
    "structure", [1, [1, 2], (1, [2, 3]), {"b": 1, "a": [2, {"d": 3, "c": 4}]}, [], {}]
)
def test_pack_like_undoes_flatten(structure: Any) -> None:
    leaves = flatten(structure)
    assert pack_like(structure, leaves) == structure
    assert flatten(map_structure(lambda leaf: -leaf, structure)) == [-leaf for leaf in leaves]


class Pair(NamedTuple):
    left: Any
    right: Any


def test_a_named_tuple_stays_one() -> None:
    assert map_structure(lambda leaf: leaf + 1, Pair(1, [2])) == Pair(2, [3])
    assert type(pack_like(Pair(0, 0), [1, 2])) is Pair
