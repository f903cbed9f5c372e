"""The product of matrices."""

import math
from typing import Any

from minidense import checks
from minidense.engine.inputs import as_input, to_one_dtype
from minidense.engine.operation import Composite, operation
from minidense.numerics.products import product
from minidense.ops.shapes import expand_dims, in_old_shape, reshape_like, squeeze, transpose
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


@Composite
def matmul(x1: Any, x2: Any) -> Any:
    """Return the product over the last axis of x1 and the first of x2.

    Shapes: (..., inner), (inner, columns) -> (..., columns); a vector is a row, or a column.

    Source: `keras.ops.matmul`, which makes one product of all rows (`tf.tensordot`).

    >>> import numpy as np
    >>> matmul(np.ones((1, 2, 3), "float32"), np.ones((3, 1), "float32"))
    array([[[3.],
            [3.]]], dtype=float32)
    """
    x1, x2 = as_input(x1, "matmul"), as_input(x2, "matmul")
    shapes = [getattr(x, "shape", ()) for x in (x1, x2)]
    if len(shapes[1]) == 1:
        return squeeze(matmul(x1, expand_dims(x2, axis=1)), axis=-1)
    if len(shapes[0]) == 1:
        return squeeze(matmul(expand_dims(x1, axis=0), x2), axis=0)
    checks.can_be_multiplied(*shapes)
    if len(x1.shape) == 2:
        return matmul_2d(x1, x2)
    return as_rows_of(matmul_2d(in_rows(x1), x2), x1)


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
