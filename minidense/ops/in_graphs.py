"""Operations that a graph is rewritten to; nobody calls them by name.

See `engine/rewrites.py`.
"""

from typing import Any

import numpy as np

from minidense.engine.operation import Operation, operation
from minidense.numerics import fused

# one half of the step below 1, over the slope that oneDNN's polynomial has: 1 - 5 * 2**-24
_ROUNDS_TO_ONE = np.array(-(2**-25) * (1 + 2 * 2**-23), "float32")
_INFINITY = np.array(np.inf, "float32")


# parts of a product, as `_FusedMatMul` has them: NaN becomes 0 in a relu
fused_elu = Operation(fused.fused_elu, elementwise=True)
fused_relu = Operation(fused.fused_relu, elementwise=True)
fused_sigmoid = Operation(fused.fused_sigmoid, elementwise=True)
fused_tanh = Operation(fused.fused_tanh, elementwise=True)
fused_silu = Operation(fused.fused_silu, elementwise=True)  # `_MklSwish`, a kernel by itself


@operation(elementwise=True)
def fused_relu6(x: Any) -> Any:
    """Return x from 0 to 6 as a part of a product: NaN becomes 0; mirrors `_FusedMatMul`.

    >>> fused_relu6(np.float32([-1, 7, np.nan]))
    array([0., 6., 0.], dtype=float32)
    """
    return np.minimum(fused.fused_relu(x), 6)


@operation(row_by_row=True)
def likeliest(logits: Any) -> Any:
    """Return where the softmax of each row of float32 is largest, the first of equals.

    Probabilities are equal to the largest one just where the exponential rounds to 1. A row with
    NaN or infinity has no largest one: there it is the first place that is a number.

    Shapes: (..., classes) -> (...), int32.

    >>> likeliest(np.float32([[0.0, 2.0, 1.0], [0.0, 1e-9, -1.0]]))
    array([1, 0], dtype=int32)
    """
    highest = np.maximum.reduce(logits, axis=-1, keepdims=True)
    is_largest = logits - highest >= _ROUNDS_TO_ONE
    return np.add(is_largest, logits < _INFINITY, dtype=np.int8).argmax(-1).astype(np.int32)
