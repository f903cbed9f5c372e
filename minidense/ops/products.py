"""The products of matrices, and of stacks of them."""

import math
from typing import Any

from minidense.engine.inputs import to_one_dtype
from minidense.engine.operation import operation
from minidense.engine.specs import broadcast_shapes
from minidense.numerics.products import product, stacked_product
from minidense.ops.broadcasting import sum_to
from minidense.ops.shapes import in_old_shape, reshape_like, transpose
from minidense.typing import Shape


@operation(casting=to_one_dtype, row_by_row=True)
def matmul_2d(x1: Any, x2: Any) -> Any:
    """Return the product of two matrices, added up in TensorFlow's blocks; mirrors `tf.matmul`.

    Shapes: (rows, inner), (inner, columns) -> (rows, columns).

    >>> import numpy as np
    >>> matmul_2d(np.ones((1, 2), "float32"), np.ones((2, 1), "float32"))
    array([[2.]], dtype=float32)
    """
    return product(x1, x2)


@matmul_2d.spec
def _(x1: Any, x2: Any) -> tuple[Shape, Any]:
    return (x1.shape[0], x2.shape[1]), x1.dtype


@matmul_2d.gradient
def _(grad: Any, x1: Any, x2: Any) -> Any:
    return matmul_2d(grad, transpose(x2)), matmul_2d(transpose(x1), grad)


@operation(casting=to_one_dtype)
def matmul_stacks(x1: Any, x2: Any) -> Any:
    """Return the products of two stacks of matrices, stretched over each other; `tf.matmul`.

    Shapes: (..., rows, inner), (..., inner, columns) -> (..., rows, columns).

    >>> import numpy as np
    >>> matmul_stacks(np.ones((3, 1, 2), "float32"), np.ones((3, 2, 1), "float32")).shape
    (3, 1, 1)
    """
    return stacked_product(x1, x2)


@matmul_stacks.spec
def _(x1: Any, x2: Any) -> tuple[Shape, Any]:
    stack = broadcast_shapes("matmul", [x1.shape[:-2], x2.shape[:-2]])
    return (*stack, x1.shape[-2], x2.shape[-1]), x1.dtype


@matmul_stacks.gradient
def _(grad: Any, x1: Any, x2: Any) -> Any:
    by_x1 = matmul_stacks(grad, matrices_transposed(x2))
    by_x2 = matmul_stacks(matrices_transposed(x1), grad)
    stacks = [x.shape[:-2] for x in (x1, x2)]
    if stacks[0] == stacks[1] and None not in stacks[0]:
        return by_x1, by_x2
    return sum_to(by_x1, x1), sum_to(by_x2, x2)


def matrices_transposed(x: Any) -> Any:
    """Return a stack of matrices with the last two axes turned: (..., a, b) -> (..., b, a)."""
    rank = len(x.shape)
    return transpose(x, axes=(*range(rank - 2), rank - 1, rank - 2))


@operation
def in_rows(x: Any) -> Any:
    """Return all axes but the last as one: (..., inner) -> (rows, inner)."""
    return x.reshape(math.prod(x.shape[:-1]), x.shape[-1])


in_rows.gradient(in_old_shape)


@operation
def as_rows_of(x: Any, like: Any) -> Any:
    """Return rows arranged as another tensor's: (rows, columns) -> (..., columns); `tf.reshape`.

    >>> import numpy as np
    >>> as_rows_of(np.ones((2, 1)), np.ones((1, 2, 5))).shape
    (1, 2, 1)
    """
    return x.reshape(*like.shape[:-1], x.shape[-1])


@as_rows_of.spec
def _(x: Any, like: Any) -> tuple[Shape, Any]:
    return (*like.shape[:-1], x.shape[-1]), x.dtype


@as_rows_of.gradient
def _(grad: Any, x: Any) -> Any:
    return reshape_like(grad, x), None
