"""Guards for products of tensors, and for the algebra of matrices."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

import numpy as np

from minidense.checks.message import unfit
from minidense.checks.shapes import alike
from minidense.typing import Array, Shape


def can_be_multiplied(left: Shape, right: Shape) -> None:
    """The rows of the first matrix are as long as the columns of the second; so in stacks."""
    fits = bool(left and right) and alike(left[-1:], right[-2:][:1])
    if fits and len(left) > 1 and len(right) > 2:
        columns = zip_longest(reversed(left[:-2]), reversed(right[:-2]), fillvalue=1)
        fits = not any(len({*column} - {1, None}) > 1 for column in columns)
    if not fits:
        received = f"the shapes {tuple(left)} and {tuple(right)}"
        raise ValueError(
            f"ops.matmul takes (..., inner) and (..., inner, columns). Received {received}."
        )


def axes_to_sum(axes: Any, left: Shape, right: Shape) -> tuple[list[int], list[int]]:
    """The axes that a tensor product sums over, of both sides: the `axes` of `ops.tensordot`."""
    if isinstance(axes, (int, np.integer)):
        if not 0 <= axes <= len(left):
            raise unfit("axes", axes, f"from 0 to {len(left)}, the rank of the first tensor")
        return list(range(len(left) - axes, len(left))), list(range(axes))
    if not isinstance(axes, (list, tuple, np.ndarray)) or len(axes) != 2:
        raise unfit("axes", axes, "a whole number, or two lists of axes")
    first, second = ([int(axis) for axis in np.ravel(each)] for each in axes)
    if len(first) != len(second):
        raise unfit("axes", axes, "two lists of one length")
    if not all(
        -len(shape) <= axis < len(shape)
        for shape, side in ((left, first), (right, second))
        for axis in side
    ):
        wish = f"axes of tensors of shapes {tuple(left)} and {tuple(right)}"
        raise unfit("axes", axes, wish, IndexError)
    return [axis % len(left) for axis in first], [axis % len(right) for axis in second]


def same_sizes(operation: str, label: Any, sizes: Sequence[int | None]) -> None:
    """Axes that are multiplied with each other have one size; one of 1 may be stretched."""
    known = {*sizes} - {None}
    if len(known) > 1:
        where = f" of '{label}'" if isinstance(label, str) else ""
        received = " and ".join(map(str, sizes))
        raise ValueError(f"ops.{operation}: the sizes{where} must agree. Received: {received}.")


def subscripts(text: str, parts: Sequence[Any]) -> None:
    """Letters, commas, one arrow, and at most one ellipsis for each tensor."""
    if not all(parts):
        wish = "letters for the axes of each tensor, such as 'bi,ij->bj', and at most one '...'"
        raise unfit("subscripts", text, wish)


def operand_count(text: str, expected: int, received: int) -> None:
    """The subscripts of a product name as many tensors as there are."""
    if expected != received:
        raise ValueError(f"ops.einsum: {text!r} names {expected} tensors. Received {received}.")


def fits_rank(part: str, more: int, rank: int) -> None:
    """The subscripts of a tensor name each axis; an ellipsis stands for those left over."""
    if more < 0:
        raise ValueError(f"ops.einsum: {part!r} does not fit a tensor of {rank} axes.")


def output_labels(text: str, wanted: Sequence[str], known: set[str]) -> None:
    """Each axis of a product is one of a tensor, and stands there once."""
    for label in wanted:
        if label not in known or wanted.count(label) > 1:
            wish = "must be that of a tensor, and stand once"
            raise ValueError(f"ops.einsum: each letter of the output {wish}. Received: {text!r}.")


def matrices(operation: str, x: Any) -> None:
    """Matrices of floats, alone or in stacks."""
    if len(x.shape) < 2:
        received = f"Received x of shape {tuple(x.shape)}"
        raise ValueError(f"ops.{operation} takes matrices (..., rows, columns). {received}.")
    if np.dtype(x.dtype).kind != "f":
        hint = "cast it first, for example `ops.cast(x, 'float32')`"
        raise ValueError(f"ops.{operation} takes floats. Received dtype {x.dtype}: {hint}.")


def square_matrices(operation: str, x: Any) -> None:
    """Matrices of floats with as many rows as columns."""
    matrices(operation, x)
    if not alike(x.shape[-2:-1], x.shape[-1:]):
        received = f"Received x of shape {tuple(x.shape)}"
        raise ValueError(f"ops.{operation} takes square matrices (..., n, n). {received}.")


def fits_equations(a: Any, b: Any) -> None:
    """The right side of equations has as many rows as the matrix."""
    is_vector = len(b.shape) == len(a.shape) - 1
    rows = b.shape[-1:] if is_vector else b.shape[-2:-1]
    if len(b.shape) not in (len(a.shape), len(a.shape) - 1) or not alike(rows, a.shape[-1:]):
        wish = "ops.solve takes a (..., n, n) and b (..., n) or (..., n, columns)"
        raise ValueError(f"{wish}. Received the shapes {tuple(a.shape)} and {tuple(b.shape)}.")


def has_gradient(operation: str, there_is: bool, case: str) -> None:
    """Some results have no gradient here."""
    if not there_is:
        raise NotImplementedError(f"ops.{operation} has no gradient for {case}.")


def has_solution(operation: str, x: Array) -> None:
    """Some matrices have no inverse, or are not positive definite: NaN stands for that."""
    if np.isnan(x).any():
        needed = "positive definite" if operation == "cholesky" else "invertible"
        raise ValueError(f"ops.{operation} takes {needed} matrices. Received one that is not.")


def axes_of_norm(axis: Any, rank: int) -> tuple[int, ...]:
    """The axes of vectors or matrices: one, or two that differ, counted from 0; None is all."""
    axes = range(rank) if axis is None else (axis,) if isinstance(axis, int) else axis
    if not all(-rank <= each < rank for each in axes) or len(axes) not in (1, 2):
        raise unfit("axis", axis, f"one or two axes for an array of {rank} dimensions")
    return tuple(each % rank for each in axes)


def order_of_norm(order: Any, known: bool, kind: str) -> None:
    """The `ord` of a norm is one that there is for vectors, or for matrices."""
    if not known:
        raise unfit("ord", order, f"an order of a norm of {kind}, such as 1 or `inf`")


def order_of_normalize(order: Any) -> None:
    """The p of a p-norm that vectors are divided by."""
    if not isinstance(order, int) or order < 1:
        raise unfit("order", order, "a whole number from 1 up")
