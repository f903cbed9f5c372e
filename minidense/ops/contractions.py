"""Products of tensors that are summed over some of their axes.

Each is brought to a product of two matrices, or of two stacks of them, as in TensorFlow: the axes
are put in order, neighbours are merged, and the product gets its axes back.
"""

from collections.abc import Sequence
from typing import Any

from minidense import checks
from minidense.dtypes import kind_of, result_type
from minidense.engine.inputs import as_operand, in_dtype
from minidense.engine.operation import Composite
from minidense.ops.arithmetic import multiply
from minidense.ops.axes import in_order, merge_axes, split_like
from minidense.ops.products import as_rows_of, in_rows, matmul_2d, matmul_stacks
from minidense.ops.shapes import cast, expand_dims, reshape, squeeze

Labels = Sequence[Any]
"""A name for each axis: what has the same one is multiplied with each other."""


def in_one_dtype(*xs: Any, exact: tuple[str, ...] = ()) -> tuple[list[Any], str]:
    """Return tensors in the dtype that they are multiplied in, and that of their product.

    Whole numbers are multiplied as floats, as in Keras, but for dtypes that it multiplies exactly.
    """
    tensors = [as_operand(x) for x in xs]
    dtype = result_type([kind_of(x) for x in tensors])
    wide = dtype if dtype in exact else result_type([dtype, float])
    return [in_dtype(x, wide) for x in tensors], dtype


def contracted(
    name: str, left: Any, labels: Labels, right: Any, right_labels: Labels, summed: Labels
) -> tuple[Any, list[Any]]:
    """Return the product of two tensors, summed over some of the labels that both have.

    The others that both have are stacks of matrices, where 1 is stretched.

    Returns:
        The product, and its labels: those of the stacks, of the left one, of the right one.
    """
    sizes = dict(zip(labels, left.shape, strict=True))
    right_sizes = dict(zip(right_labels, right.shape, strict=True))
    batch = [each for each in labels if each in right_labels and each not in summed]
    for each in (*summed, *batch):
        pair = (sizes[each], right_sizes[each])
        if each in summed or 1 not in pair:
            checks.same_sizes(name, each, pair)
    rows = [each for each in labels if each not in right_labels]
    columns = [each for each in right_labels if each not in labels]
    first = in_order(left, [labels.index(each) for each in (*batch, *rows, *summed)])
    second = in_order(right, [right_labels.index(each) for each in (*batch, *summed, *columns)])
    ones = (1,) * len(batch)
    counts = (*ones, len(rows), len(summed)), (*ones, len(summed), len(columns))
    is_matrix = (first is left and {*counts[0]} == {1}), (second is right and {*counts[1]} == {1})
    matrices = first if is_matrix[0] else merge_axes(first, counts=counts[0])
    others = second if is_matrix[1] else merge_axes(second, counts=counts[1])
    product = (matmul_stacks if batch else matmul_2d)(matrices, others)
    if (len(rows), len(columns)) != (1, 1):
        axes = {"batch": len(batch), "rows": len(rows), "columns": len(columns)}
        product = split_like(product, first, second, **axes)
    return product, [*batch, *rows, *columns]


@Composite
def tensordot(x1: Any, x2: Any, axes: Any = 2) -> Any:
    """Return the product of two tensors, summed over axes of both; mirrors `tf.tensordot`.

    Args:
        x1: a tensor.
        x2: a tensor.
        axes: how many of the last axes of x1, and of the first of x2; or two lists of axes.

    Raises:
        ValueError: for tensors whose axes are not of one size, or for `axes` that are none.
        IndexError: for axes that a tensor has not.

    >>> import numpy as np
    >>> tensordot(np.ones((2, 3, 4), "float32"), np.ones((3, 4, 5), "float32")).shape
    (2, 5)
    >>> tensordot(np.int32([1, 2]), np.int32([3, 4]), axes=0)
    array([[3, 4],
           [6, 8]], dtype=int32)
    """
    (x1, x2), dtype = in_one_dtype(x1, x2, exact=("int32", "int64"))
    sides = checks.axes_to_sum(axes, x1.shape, x2.shape)
    labels = list(range(len(x1.shape)))
    others = [len(labels) + axis for axis in range(len(x2.shape))]
    for axis, other in zip(*sides, strict=True):
        others[other] = axis
    product, _ = contracted("tensordot", x1, labels, x2, others, sides[0])
    return cast(product, dtype=dtype)


@Composite
def matmul(x1: Any, x2: Any) -> Any:
    """Return the product over the last axis of x1 and the last but one of x2.

    Shapes: (..., inner), (inner, columns) -> (..., columns); a vector is a row, or a column. Where
    x2 has more axes, both are stacks of matrices, (..., rows, inner) and (..., inner, columns).

    Source: `keras.ops.matmul`, which makes one product of all rows (`tf.tensordot`) where x2 is one
    matrix. Whole numbers are multiplied as floats there.

    >>> import numpy as np
    >>> matmul(np.ones((1, 2, 3), "float32"), np.ones((3, 1), "float32"))
    array([[[3.],
            [3.]]], dtype=float32)
    """
    (x1, x2), dtype = in_one_dtype(x1, x2)
    checks.can_be_multiplied(x1.shape, x2.shape)
    ranks = len(x1.shape), len(x2.shape)
    if dtype == "int8" and 1 not in ranks and kind_of(x1) == kind_of(x2):
        dtype = "int32"
    product = _matmul(x1, x2, *ranks)
    return product if product.dtype == dtype else cast(product, dtype=dtype)


def _matmul(x1: Any, x2: Any, rank: int, other: int) -> Any:
    if other == 1:
        return squeeze(_matmul(x1, expand_dims(x2, axis=1), rank, 2), axis=-1)
    if rank == 1 and other > 2:
        return tensordot(x1, x2, axes=((0,), (other - 2,)))
    if rank == 1:
        return squeeze(matmul_2d(expand_dims(x1, axis=0), x2), axis=0)
    if other > 2:
        return matmul_stacks(x1, x2)
    return matmul_2d(x1, x2) if rank == 2 else as_rows_of(matmul_2d(in_rows(x1), x2), x1)


@Composite
def dot(x1: Any, x2: Any) -> Any:
    """Return the product over the last axis of x1 and the last but one, or only one, of x2.

    Source: `keras.ops.dot`: a number is multiplied with each number.

    >>> import numpy as np
    >>> dot(np.float32([1, 2]), np.float32([3, 4])), dot(np.int32([1, 2]), 3)
    (array(11., dtype=float32), array([3, 6], dtype=int32))
    """
    (x1, x2), dtype = in_one_dtype(x1, x2)
    return cast(_summed_over(x1, x2, -1 if len(x2.shape) == 1 else -2), dtype=dtype)


@Composite
def inner(x1: Any, x2: Any) -> Any:
    """Return the product over the last axes of both; mirrors `keras.ops.inner`.

    >>> import numpy as np
    >>> inner(np.ones((2, 3), "float32"), np.ones((4, 3), "float32")).shape
    (2, 4)
    """
    (x1, x2), dtype = in_one_dtype(x1, x2)
    return cast(_summed_over(x1, x2, -1), dtype=dtype)


def _summed_over(x1: Any, x2: Any, axis: int) -> Any:
    if not x1.shape or not x2.shape:
        return multiply(x1, x2)
    return tensordot(x1, x2, axes=((-1,), (axis,)))


@Composite
def vdot(x1: Any, x2: Any) -> Any:
    """Return the sum of the products of all numbers; mirrors `keras.ops.vdot`.

    >>> import numpy as np
    >>> vdot(np.float32([[1, 2]]), np.float32([[3], [4]]))
    array(11., dtype=float32)
    """
    (x1, x2), dtype = in_one_dtype(x1, x2)
    product = dot(reshape(x1, newshape=(-1,)), reshape(x2, newshape=(-1,)))
    return cast(product, dtype=dtype)


@Composite
def outer(x1: Any, x2: Any) -> Any:
    """Return each number of x1 times each of x2; mirrors `keras.ops.outer`.

    Shapes: all axes are one before: (rows,), (columns,) -> (rows, columns).

    >>> import numpy as np
    >>> outer(np.int32([1, 2]), np.int32([3, 4]))
    array([[3, 4],
           [6, 8]], dtype=int32)
    """
    x1, x2 = as_operand(x1), as_operand(x2)
    return multiply(reshape(x1, newshape=(-1, 1)), reshape(x2, newshape=(-1,)))
