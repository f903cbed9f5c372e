"""Dense and Dropout; the other layers are activations, or move numbers about."""

from itertools import accumulate

import numpy as np

from minidense.typing import Array
from tests.truth.exact import Exact, Real, largest_magnitude, mp, real, reals


def _sum(terms: list[Real]) -> Exact:
    """Return a sum, and the largest of its terms and of the sums on the way to it."""
    on_the_way = list(accumulate(terms))
    return Exact(on_the_way[-1], largest_magnitude([*terms, *on_the_way]))


def dense(inputs: Array, kernel: Array, bias: Array | None = None) -> list[Exact]:
    """inputs @ kernel + bias.

    Shapes: inputs (..., features), kernel (features, units), bias (units,).
    """
    columns = [reals(column) for column in kernel.T]
    biases = [mp.zero] * len(columns) if bias is None else reals(bias)
    outputs = []
    for row in map(reals, inputs.reshape(-1, inputs.shape[-1])):
        for column, offset in zip(columns, biases, strict=True):
            products = [x * weight for x, weight in zip(row, column, strict=True)]
            outputs.append(_sum([*products, offset]))
    return outputs


def dense_input_gradient(grad: Array, kernel: Array) -> list[Exact]:
    """grad @ kernel.T."""
    return dense(grad, kernel.T)


def dense_kernel_gradient(inputs: Array, grad: Array) -> list[Exact]:
    """inputs.T @ grad, over all rows."""
    rows = inputs.reshape(-1, inputs.shape[-1])
    return dense(rows.T, grad.reshape(-1, grad.shape[-1]))


def dense_bias_gradient(grad: Array) -> list[Exact]:
    """The sum over all rows."""
    return [_sum(reals(column)) for column in grad.reshape(-1, grad.shape[-1]).T]


def dropout(inputs: Array, kept: Array, rate: float) -> list[Exact]:
    """inputs / (1 - rate) where they are kept, 0 elsewhere: also for infinity and NaN."""
    scale = 1 - real(rate)
    return [
        Exact(x / scale if keep else mp.zero)
        for x, keep in zip(reals(inputs), np.asarray(kept).reshape(-1), strict=True)
    ]
