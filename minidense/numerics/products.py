"""Products that are rounded as TensorFlow's are: float32, on a CPU with AVX-512, by oneDNN.

What decides the bits is the order in which the terms are added. oneDNN has four kernels:

- many rows and columns: one fused multiply-add after the other, in blocks of the inner axis that
  are added afterwards. Where the matrices are copied first ("packed") the blocks are 384, 384, and
  so on, and the rest; else what is left of 385 to 767 is halved.
- a row, or the kernel's gradient of a single unit: one multiply-add after the other, no blocks.
- one column (a Dense of one unit): 8 lanes, then the lanes are added in pairs.
- 2 to 15 rows times a transposed kernel (the gradient of inputs): 16 lanes.

NumPy's OpenBLAS adds in order within a block of 384 too, but not in some small products. With the
orders of TensorFlow the results are the same bits, and a long training goes the same way: the last
bit decides whether a unit near 0 is on or off, and Adam makes a full step of even the smallest
gradient.

Source: measured on TensorFlow 2.21.0 and oneDNN 3.7 on processors with AVX-512: 2,500 of 2,500
shapes on each of ten routes were the same bits. What is not followed: a row times a matrix above 2
MiB, which TensorFlow shares out among threads; float64; processors without AVX-512.
"""

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import numpy as np

from minidense.numerics.registers import one_call
from minidense.typing import Array

Product = Callable[[Array, Array], Array]

_BLOCK = 384
_SMALL = 1_000_000  # multiply-adds up to which OpenBLAS takes its kernels for small matrices
_CACHE = 2_118_123  # bytes up to which TensorFlow takes one thread: 1.01 * 2 MiB, the L2 cache


def product(left: Array, right: Array) -> Any:
    """Return left @ right, added up in TensorFlow's order.

    Shapes: left (rows, inner), right (inner, columns); the result is (rows, columns). A transposed
    view stands for a transposed operand in TensorFlow, which has other kernels for it. Of a stack
    of left matrices, (batches, rows, inner), each has the product that it has alone.

    >>> product(np.ones((2, 1000), "float32"), np.ones((1000, 1), "float32"))
    array([[1000.],
           [1000.]], dtype=float32)
    """
    if left.dtype != np.float32:
        return np.matmul(left, right)
    way = _way(left.shape[-2:], left.strides[-2:], right.shape, right.strides)
    if left.ndim == 2 or _takes_stacks(way):
        return way(left, right)
    return np.stack([way(left[batch], right) for batch in range(len(left))])


def stacked_product(left: Array, right: Array) -> Any:
    """Return the products of two stacks of matrices: (..., rows, inner) @ (..., inner, columns).

    Each is added up one term after the other, whatever its shape and its order in memory. The bits
    are TensorFlow's for inner axes up to 384: longer ones are cut in other blocks there.

    >>> stacked_product(np.ones((2, 3, 4), "float32"), np.ones((2, 4, 1), "float32")).shape
    (2, 3, 1)
    """
    if left.dtype != np.float32:
        return np.matmul(left, right)
    (rows, inner), columns = left.shape[-2:], right.shape[-1]
    if rows == 1:  # OpenBLAS has another order for vectors
        left = np.stack([left[..., 0, :], left[..., 0, :]], axis=-2)
    if columns == 1:
        right = np.stack([right[..., 0], right[..., 0]], axis=-1)
    turned, right_turned = _turned(left.strides[-2:]), _turned(right.strides[-2:])
    way = _in_order(max(rows, 2), inner, max(columns, 2), turned, right_turned)
    products = way(left, right)
    return products[..., :rows, :columns].copy() if 1 in (rows, columns) else products


def _takes_stacks(way: Product) -> bool:
    """Whether a way takes a stack, and gives each row the sum that it has in its own matrix."""
    ways = [inner for _, inner in way.args[0]] if isinstance(way, partial) else [way]
    return all(each in (np.matmul, _from_turned, _in_8_lanes) for each in ways)


@cache
def _way(
    shape: tuple[int, int],
    strides: tuple[int, int],
    right_shape: tuple[int, int],
    right_strides: tuple[int, int],
) -> Product:
    """Return the way to add up a product of two matrices."""
    rows, inner = shape
    columns = right_shape[1]
    if inner != right_shape[0]:
        raise ValueError(f"Matrices of shapes {shape} and {right_shape} have no product.")
    turned, right_turned = _turned(strides), _turned(right_strides)
    if 0 in (rows, inner, columns):
        return np.matmul
    if 1 < rows < 16 and right_turned and not turned:
        return _in_16_lanes
    if rows == 1:
        return _row_in_8_lanes if right_turned else _row_in_order
    if columns == 1:
        return _column_in_order if turned else _in_8_lanes
    packed = inner > 2 * _BLOCK and _packs(rows, inner, columns, turned, right_turned)
    blocks = _blocks(inner, packed)
    ways = [_in_order(rows, b.stop - b.start, columns, turned, right_turned) for b in blocks]
    return partial(_in_blocks, list(zip(blocks, ways, strict=True))) if ways[1:] else ways[0]


def _turned(strides: tuple[int, ...]) -> bool:
    """Return whether a matrix is a transposed view; its strides tell it where an axis is 1, too."""
    return 0 < abs(strides[0]) < abs(strides[1])


def _in_blocks(steps: list[tuple[slice, Product]], left: Array, right: Array) -> Array:
    """Return left @ right: the sum of the products of blocks of the inner axis."""
    (block, way), *others = steps
    total = way(left[..., block], right[block])
    for block, way in others:
        total += way(left[..., block], right[block])
    return total


def _blocks(length: int, packed: bool) -> tuple[slice, ...]:
    """Return the blocks of an inner axis.

    >>> _blocks(784, False)
    (slice(0, 384, None), slice(384, 584, None), slice(584, 784, None))
    >>> _blocks(784, True)
    (slice(0, 384, None), slice(384, 768, None), slice(768, 784, None))
    """
    blocks = []
    start = 0
    while start < length:
        rest = length - start
        halve = _BLOCK < rest < 2 * _BLOCK and not packed
        size = (rest + 1) // 2 if halve else min(rest, _BLOCK)
        blocks.append(slice(start, start + size))
        start += size
    return tuple(blocks)


def _packs(rows: int, inner: int, columns: int, turned: bool, right_turned: bool) -> bool:
    """Return whether oneDNN copies the matrices first; asked only of inner axes above 768.

    Source: oneDNN 3.7, nocopy_checker_avx512 in gemm_driver.cpp, for two to eight threads.
    """
    width, right_width = rows if turned else inner, inner if right_turned else columns
    alone = 4 * (rows * columns + inner * (rows + columns)) < _CACHE
    wide = right_width % 1024 == 0
    in_size = columns < 1200 and rows < 200 and inner < 1200
    in_steps = width % 256 == 0 and right_width % 256 == 0
    if right_turned and not turned and alone and columns > 100 and (in_size or in_steps):
        return True
    if wide and not turned and not right_turned and rows > 100:
        return True
    if 1 / rows + 1 / columns >= 0.00196 and not (wide and turned and not right_turned):
        return False
    if min(width % 256, right_width % 256, columns % 256) == 0 and columns >= 32 and rows > 16:
        return True
    threads = 1 if alone else 2
    if inner >= 378 * threads and (max(rows, columns) <= 378 or columns >= 378 * threads):
        return True
    few = 28 * threads
    return rows > few and (columns > few or (turned and columns < rows))


def _in_order(rows: int, inner: int, columns: int, turned: bool, right_turned: bool) -> Product:
    """Return a product that adds one term after the other, up to 384 or in a small product.

    OpenBLAS's kernels for small products add up some shapes in lanes, unless left is transposed.
    """
    if turned or inner < 32 or rows * columns * inner > _SMALL:
        return np.matmul
    in_lanes = rows * columns <= 1200 if right_turned else 1 <= columns % 16 <= 8
    return _from_turned if in_lanes else np.matmul


@one_call
def _from_turned(left: Array, right: Array) -> Array:
    """Return left @ right from a transposed copy of left; left may be a stack."""
    return left.swapaxes(-1, -2).copy().swapaxes(-1, -2) @ right


def _column_in_order(left: Array, column: Array) -> Any:
    """Return left @ column, (rows, inner) @ (inner, 1), one term after the other, without blocks.

    Without blocks, so in small products where the inner axis is long. OpenBLAS has another order
    for vectors: there are two columns and rows here.
    """
    rows, inner = left.shape
    columns = np.stack([column[:, 0], column[:, 0]], axis=1)
    if rows == 1:
        left = np.stack([left[0], left[0]], axis=1).T
    is_small = inner <= _BLOCK or 2 * left.size <= _SMALL
    total = left @ columns if is_small else _in_small_products(left, columns)
    return total[:rows, :1].copy()


@one_call
def _in_small_products(left: Array, columns: Array) -> Array:
    """Return left @ columns, some rows at a time."""
    parts = np.array_split(left, -(-2 * left.size // _SMALL))
    return np.concatenate([part @ columns for part in parts])


def _row_in_order(row: Array, right: Array) -> Any:
    """Return row @ right, (1, inner) @ (inner, columns), one term after the other."""
    return _column_in_order(right.T, row.T).T


@one_call
def _in_8_lanes(left: Array, column: Array) -> Any:
    """Return left @ column: sixteens of terms in 8 lanes, then the last 8, 4, 2 and 1 terms.

    In each of the five sums neighbours are added, then the pairs of both halves, then those two.
    Left may be a stack.
    """
    if left.ndim == 3:
        return _in_8_lanes(left.reshape(-1, left.shape[-1]), column).reshape(*left.shape[:-1], 1)
    rows, inner = left.shape
    whole = inner // 16 * 16
    lanes = np.zeros((5, 8, rows), "float32")
    if whole:
        lanes[0] = _lanes(left[:, :whole], column[:whole], 8)[:, :, 0]
    if whole < inner:
        lanes.reshape(40, rows)[_last_lanes(inner)] = left.T[whole:] * column[whole:]
    pairs = lanes[:, ::2] + lanes[:, 1::2]
    sums = (pairs[:, 0] + pairs[:, 2]) + (pairs[:, 1] + pairs[:, 3])
    return np.add.reduce(sums, axis=0)[:, None]


@one_call
def _row_in_8_lanes(row: Array, right: Array) -> Any:
    """Return row @ right as _in_8_lanes does it."""
    return _in_8_lanes(right.T, row.T).T


@cache
def _last_lanes(inner: int) -> list[int]:
    """Return the lanes of the terms after the sixteens: 8 to 15 for eight, 16 to 19 for four, ...

    >>> _last_lanes(37)
    [16, 17, 18, 19, 32]
    """
    sums = [8, 4, 2, 1]
    return [8 * i + j for i, size in enumerate(sums, 1) if inner & size for j in range(size)]


@one_call
def _in_16_lanes(left: Array, right: Array) -> Any:
    """Return left @ right: in 16 lanes; their second half is added to the first, and so on."""
    lanes = _lanes(left, right, 16)
    for half in (8, 4, 2, 1):
        lanes = lanes[:half] + lanes[half:]
    return lanes[0]


def _lanes(left: Array, right: Array, count: int) -> Array:
    """Return the lanes' sums: (count, rows, columns). Lane i has the terms i, i + count, ..."""
    rows, inner = left.shape
    columns = right.shape[1]
    steps = -(-inner // count)
    # At least two rows and columns, as OpenBLAS has another order for vectors; left transposed.
    lefts = np.zeros((steps * count, max(rows, 2)), "float32")
    rights = np.zeros((steps * count, max(columns, 2)), "float32")
    lefts[:inner, :rows] = left.T
    rights[:inner, :columns] = right
    lefts = lefts.reshape(steps, count, -1).transpose(1, 2, 0)  # -> (count, rows, steps)
    rights = rights.reshape(steps, count, -1).transpose(1, 0, 2)  # -> (count, steps, columns)
    return (lefts @ rights)[:, :rows, :columns]
