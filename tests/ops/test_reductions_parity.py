"""Reductions, orders and products beside Keras's: dtypes, shapes, special numbers, exceptions."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.in_both import attempt, in_both

FLOATS = np.float32([[1, 2], [3, 4]])
WHOLE = np.int32([[1, 2], [3, 4]])
SMALL = WHOLE.astype("int8")
TRUTHS = WHOLE > 1
WITH_NAN = np.float32([[np.nan, 2, 1], [np.nan, np.nan, np.nan], [0, -0.0, np.inf]])
VECTOR = np.ones(3, "float32")
STACK = np.float32(np.arange(24)).reshape(2, 3, 4)

Call = Callable[[Any], Any]


def in_one_table(calls: dict[str, Call]) -> Any:
    """Return a test that makes each call in both libraries."""

    @pytest.mark.parametrize("name", calls)
    def test(name: str) -> None:
        @in_both
        def same(k: Any) -> Any:
            found = attempt(lambda: calls[name](k.ops))
            if isinstance(found, str):  # TensorFlow's own class of error is not here
                return found.replace("InvalidArgumentError", "ValueError")
            found = found if isinstance(found, tuple) else (found,)
            arrays = [np.asarray(x) for x in found]
            return [[x.dtype.name, x.shape, x] for x in arrays]

        same()

    return test


test_reductions_of_all_dtypes_are_kerass = in_one_table(
    {
        "var of whole numbers": lambda o: o.var(WHOLE, axis=0),
        "var of float64": lambda o: o.var(FLOATS.astype("float64")),
        "std of truth values": lambda o: o.std(TRUTHS),
        "std, two axes": lambda o: o.std(STACK, axis=(0, 2), keepdims=True),
        "logsumexp of a list": lambda o: o.logsumexp([1.0, 2.0]),
        "logsumexp of infinities": lambda o: o.logsumexp(np.float32([np.inf, -np.inf])),
        "logsumexp of -inf": lambda o: o.logsumexp(np.float32([-np.inf, -np.inf])),
        "logsumexp of whole numbers": lambda o: o.logsumexp(WHOLE),
        "argmin": lambda o: o.argmin(FLOATS, axis=0, keepdims=True),
        "argmin of all": lambda o: o.argmin(FLOATS, keepdims=True),
        "argmin of whole numbers": lambda o: o.argmin(np.int32([3, -(2**31), 1])),
        "argmin of uint8": lambda o: o.argmin(np.uint8([3, 0, 1])),
        "argmin of truth values": lambda o: o.argmin(TRUTHS, axis=1),
        "argmin beside NaN": lambda o: o.argmin(WITH_NAN, axis=1),
        "argmax beside NaN": lambda o: o.argmax(WITH_NAN, axis=1, keepdims=True),
        "argmax of zeros": lambda o: o.argmax(np.float32([-0.0, 0.0, -0.0])),
        "argmin of zeros": lambda o: o.argmin(np.float32([0.0, -0.0, 0.0])),
        "argmax of a number": lambda o: o.argmax(np.float32(3)),
        "argmax, no such axis": lambda o: o.argmax(FLOATS, axis=4),
        "max, initial": lambda o: o.max(WHOLE, initial=9, keepdims=True),
        "max, a float for whole numbers": lambda o: o.max(WHOLE, initial=2.5),
        "max of truth values, initial": lambda o: o.max(TRUTHS, initial=1),
        "max of nothing, initial": lambda o: o.max(np.zeros((2, 0), "float32"), 1, initial=3.0),
        "max of nothing": lambda o: o.max(np.zeros((2, 0), "float32")),
        "min, initial": lambda o: o.min(FLOATS, axis=0, initial=1.5),
        "amin": lambda o: o.amin(FLOATS, axis=1, keepdims=True),
        "prod of truth values": lambda o: o.prod(TRUTHS),
        "prod of int8": lambda o: o.prod(SMALL, axis=0),
        "prod of uint8": lambda o: o.prod(SMALL.astype("uint8")),
        "prod of int64": lambda o: o.prod(WHOLE.astype("int64")),
        "prod, dtype": lambda o: o.prod(FLOATS, dtype="int32"),
        "count_nonzero": lambda o: o.count_nonzero(STACK, axis=(0, 2)),
        "count_nonzero of truth values": lambda o: o.count_nonzero(TRUTHS),
        "average of whole numbers": lambda o: o.average(WHOLE),
        "average, two axes": lambda o: o.average(FLOATS, axis=(0, 1), weights=FLOATS),
        "average, one axis": lambda o: o.average(STACK, axis=1, weights=np.int32([1, 3, 5])),
        "average, weights for all": lambda o: o.average(WHOLE, weights=np.int32([1, 3])),
        "average, weights that add up to 0": lambda o: o.average(
            FLOATS, axis=1, weights=np.float32([1, -1])
        ),
        "average, too many weights": lambda o: o.average(FLOATS, axis=1, weights=VECTOR),
    }
)

test_norms_are_kerass = in_one_table(
    {
        "of whole numbers": lambda o: o.norm(WHOLE),
        "of int64": lambda o: o.norm(WHOLE.astype("int64"), axis=0),
        "of float64": lambda o: o.norm(FLOATS.astype("float64"), ord=3, axis=0),
        "of three axes": lambda o: o.norm(STACK),
        "of two axes of three": lambda o: o.norm(STACK, ord=1, axis=(-1, 0), keepdims=True),
        "of rows": lambda o: o.norm(STACK, ord=float("-inf"), axis=(2, 1)),
        "of a word for vectors": lambda o: o.norm(FLOATS, ord="fro", axis=0),
        "of a word for matrices": lambda o: o.norm(FLOATS, ord="rows"),
        "of no order of matrices": lambda o: o.norm(FLOATS, ord=3),
        "of no such axis": lambda o: o.norm(FLOATS, axis=5),
        "by 0.5": lambda o: o.norm(FLOATS, ord=0.5, axis=1),
        "normalize": lambda o: o.normalize(np.float32([[3, 4], [0, 0]])),
        "normalize, epsilon": lambda o: o.normalize(FLOATS, axis=0, epsilon=100.0),
        "normalize, order 3": lambda o: o.normalize(np.float32([[3, 4], [0, 0]]), order=3),
        "normalize, order 1.5": lambda o: o.normalize(FLOATS, order=1.5),
        "normalize of whole numbers": lambda o: o.normalize(WHOLE),
        "normalize of whole numbers, order 1": lambda o: o.normalize(WHOLE, order=1),
        "normalize of a number": lambda o: o.normalize(np.float32(3)),
    }
)

test_running_sums_are_kerass = in_one_table(
    {
        "of truth values": lambda o: o.cumsum(TRUTHS),
        "of int8": lambda o: o.cumsum(SMALL, axis=1),
        "to float64": lambda o: o.cumsum(FLOATS, axis=0, dtype="float64"),
        "to int32": lambda o: o.cumsum(FLOATS * 1.5, axis=0, dtype="int32"),
        "of no such axis": lambda o: o.cumsum(FLOATS, axis=9),
        "products": lambda o: o.cumprod(WHOLE, axis=-1),
        "products of a list": lambda o: o.cumprod([1.0, 2.0, 3.0]),
    }
)

test_orders_are_kerass = in_one_table(
    {
        "sort of truth values": lambda o: o.sort(TRUTHS),
        "sort of all": lambda o: o.sort(STACK[::-1], axis=None),
        "sort of uint8": lambda o: o.sort(np.uint8([3, 1, 255])),
        "sort of int8": lambda o: o.sort(np.int8([3, 1, -128])),
        "sort of zeros": lambda o: o.sort(np.float32([0.0, -0.0, 0.0])),
        "sort of a number": lambda o: o.sort(np.float32(3)),
        "sort, no such axis": lambda o: o.sort(FLOATS, axis=7),
        "argsort of equals": lambda o: o.argsort(np.float32([1, 0, -0.0, 0, 1, 1])),
        "argsort of all": lambda o: o.argsort(STACK[::-1], axis=None),
        "argsort of a number": lambda o: o.argsort(np.float32(3)),
        "top_k": lambda o: tuple(o.top_k(STACK, 2)),
        "top_k by name": lambda o: (o.top_k(FLOATS, k=1).values, o.top_k(FLOATS, 1).indices),
        "top_k of equals": lambda o: tuple(o.top_k(np.int32([1, 3, 3, -(2**31)]), 4)),
        "top_k of 0": lambda o: tuple(o.top_k(FLOATS, 0)),
        "top_k of too many": lambda o: o.top_k(FLOATS, 3),
        "top_k of fewer than none": lambda o: o.top_k(FLOATS, -1),
        "top_k of a number": lambda o: o.top_k(np.float32(1), 1),
        "top_k without k": lambda o: o.top_k(FLOATS),
        "in_top_k": lambda o: o.in_top_k(np.int32([1, 0]), FLOATS, 1),
        "in_top_k of lists": lambda o: o.in_top_k([1, 0], [[1.0, 2.0], [1.0, 2.0]], 1),
        "in_top_k of no class": lambda o: o.in_top_k(np.int32([7, -1]), FLOATS, 2),
        "in_top_k of many": lambda o: o.in_top_k(np.int32([1, 0]), FLOATS, 9),
        "in_top_k beside NaN": lambda o: o.in_top_k(np.int32([1, 0, 0]), WITH_NAN, 3),
        "in_top_k of too many targets": lambda o: o.in_top_k(np.int32([1, 0, 0]), FLOATS, 1),
        "in_top_k of a row": lambda o: o.in_top_k(np.int32([1, 0]), FLOATS[0], 1),
    }
)

test_products_are_kerass = in_one_table(
    {
        "tensordot of whole numbers": lambda o: o.tensordot(WHOLE, WHOLE, axes=1),
        "tensordot of int8": lambda o: o.tensordot(SMALL, SMALL, axes=1),
        "tensordot, no axes": lambda o: o.tensordot(FLOATS, WHOLE, axes=0),
        "tensordot, one axis each": lambda o: o.tensordot(STACK, STACK, axes=(-1, 2)),
        "tensordot of other sizes": lambda o: o.tensordot(FLOATS, np.ones((3, 2), "float32"), 1),
        "tensordot, too many axes": lambda o: o.tensordot(FLOATS, FLOATS, axes=5),
        "tensordot, fewer than none": lambda o: o.tensordot(FLOATS, FLOATS, axes=-1),
        "tensordot, three lists": lambda o: o.tensordot(FLOATS, FLOATS, axes=[0, 1, 1]),
        "tensordot, uneven lists": lambda o: o.tensordot(FLOATS, FLOATS, axes=[[0, 1], [0]]),
        "tensordot, no such axis": lambda o: o.tensordot(FLOATS, FLOATS, axes=[[5], [0]]),
        "dot of whole numbers": lambda o: o.dot(WHOLE, WHOLE),
        "dot of truth values": lambda o: o.dot(TRUTHS, TRUTHS),
        "dot with a number": lambda o: o.dot(FLOATS, 2),
        "dot of other sizes": lambda o: o.dot(FLOATS, VECTOR),
        "inner of int8": lambda o: o.inner(SMALL, SMALL),
        "outer of whole numbers": lambda o: o.outer(WHOLE, FLOATS),
        "vdot": lambda o: o.vdot(FLOATS, WHOLE),
        "matmul of int8": lambda o: o.matmul(SMALL, SMALL),
        "matmul of int8 and a vector": lambda o: o.matmul(SMALL, SMALL[0]),
        "matmul of whole numbers": lambda o: o.matmul(WHOLE, SMALL),
        "matmul of large numbers": lambda o: o.matmul(WHOLE * 2**24 + 1, WHOLE),
        "matmul of stacks of other sizes": lambda o: o.matmul(STACK, STACK),
        "matmul of other stacks": lambda o: o.matmul(STACK, np.ones((3, 4, 1), "float32")),
        "matmul of other sizes": lambda o: o.matmul(FLOATS, VECTOR),
        "einsum of whole numbers": lambda o: o.einsum("ij,jk->ik", WHOLE, WHOLE),
        "einsum of int8": lambda o: o.einsum("ij,jk->ik", SMALL, SMALL),
        "einsum of two dtypes": lambda o: o.einsum("ij,jk->ik", WHOLE, FLOATS),
        "einsum with spaces": lambda o: o.einsum("i j , jk -> i k", FLOATS, FLOATS),
        "einsum of capitals": lambda o: o.einsum("iA,Ak", FLOATS, FLOATS),
        "einsum of stretched stacks": lambda o: o.einsum("...ij,...jk->...ik", STACK, STACK[0].T),
        "einsum of other sizes": lambda o: o.einsum("ij,jk->ik", FLOATS, np.ones((3, 2), "f")),
        "einsum, an unknown label": lambda o: o.einsum("ij->ik", FLOATS),
        "einsum, a label twice": lambda o: o.einsum("ij->ii", FLOATS),
        "einsum of too many axes": lambda o: o.einsum("ijk->i", FLOATS),
    }
)

SQUARE = np.float32([[4, 1], [1, 3]])

test_linear_algebra_is_kerass = in_one_table(
    {
        "inv": lambda o: o.inv(SQUARE),
        "inv in linalg": lambda o: o.linalg.inv(SQUARE.astype("float64")),
        "inv of no square": lambda o: o.inv(STACK),
        "inv of a vector": lambda o: o.inv(VECTOR),
        "inv of what has none": lambda o: o.inv(np.ones((2, 2), "float32")),
        "inv of whole numbers": lambda o: o.inv(WHOLE),
        "det": lambda o: o.det(np.stack([SQUARE, FLOATS])),
        "det of what has no inverse": lambda o: o.det(np.ones((2, 2), "float32")),
        "solve": lambda o: o.solve(SQUARE, np.float32([1, 2])),
        "solve, a matrix": lambda o: o.linalg.solve(SQUARE, FLOATS),
        "solve of other sizes": lambda o: o.solve(SQUARE, VECTOR),
        "solve of other rows": lambda o: o.solve(SQUARE, np.ones((3, 2), "float32")),
        "solve of what has no solution": lambda o: o.solve(np.ones((2, 2), "f"), FLOATS),
        "cholesky": lambda o: o.cholesky(SQUARE),
        "cholesky, upper": lambda o: o.linalg.cholesky(SQUARE, upper=True),
        "cholesky of what is not positive": lambda o: o.cholesky(-SQUARE),
        "cholesky of a vector": lambda o: o.cholesky(VECTOR),
        "eigenvalues": lambda o: o.linalg.eigh(SQUARE)[0],
        "eigenvectors but for the sign": lambda o: o.absolute(o.eigh(SQUARE)[1]),
        "eigh of no square": lambda o: o.eigh(STACK),
        "qr but for the signs": lambda o: tuple(map(o.absolute, o.qr(np.stack([SQUARE, FLOATS])))),
        "qr of many rows": lambda o: o.absolute(o.linalg.qr(STACK[0].T)[1]),
        "qr, complete": lambda o: o.qr(STACK[0].T, mode="complete")[0].shape[1],
        "qr, another mode": lambda o: o.qr(FLOATS, mode="r"),
        "svd": lambda o: tuple(map(o.absolute, o.svd(SQUARE))),
        "svd, full": lambda o: o.svd(STACK)[2].shape[1],
        "svd, thin": lambda o: o.linalg.svd(STACK, full_matrices=False)[2].shape[1],
        "svd, values alone": lambda o: o.svd(SQUARE, compute_uv=False),
        "norm of singular values": lambda o: o.linalg.norm(SQUARE, ord="nuc", keepdims=True),
        "norm of the largest": lambda o: o.norm(np.stack([SQUARE, FLOATS]), ord=2, axis=(1, 2)),
    }
)
