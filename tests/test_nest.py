"""Nestings: taken apart and put together again."""

from typing import Any

import pytest

from minidense.nest import flatten, map_structure, pack_like


@pytest.mark.parametrize(
    "structure", [1, [1, 2], (1, [2, 3]), {"b": 1, "a": [2, {"d": 3, "c": 4}]}, [], {}]
)
def test_pack_like_undoes_flatten(structure: Any) -> None:
    leaves = flatten(structure)
    assert pack_like(structure, leaves) == structure
    assert flatten(map_structure(lambda leaf: -leaf, structure)) == [-leaf for leaf in leaves]
