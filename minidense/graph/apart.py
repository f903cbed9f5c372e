"""What a call returns, apart in memory from what it was given: Keras's tensors never change."""

from typing import Any

import numpy as np

from minidense.graph.nest import map_structure
from minidense.typing import Array


def apart(outputs: Any, inputs: list[Array]) -> Any:
    """Return the outputs, with copies of those arrays that share their memory with an input.

    >>> x = np.zeros(2)
    >>> apart([x[:1]], [x])[0].base is x
    False
    """

    def own(leaf: Any) -> Any:
        shares = isinstance(leaf, np.ndarray) and any(np.may_share_memory(leaf, x) for x in inputs)
        return leaf.copy() if shares else leaf

    return map_structure(own, outputs)


__all__ = ["apart"]
