"""Inverses, determinants, equations and triangular factors of matrices, and of stacks of them.

They are LAPACK's, as NumPy has it; TensorFlow has Eigen's, with other last bits.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from minidense import checks
from minidense.engine.inputs import as_operand, to_one_dtype
from minidense.engine.operation import Composite, operation
from minidense.ops.arithmetic import multiply, negative
from minidense.ops.products import matmul_2d, matmul_stacks, matrices_transposed
from minidense.ops.shapes import expand_dims, like_spec, squeeze
from minidense.typing import Array, Shape


def or_nan(function: Callable[..., Any], x: Array, *more: Array) -> Any:
    """Return what a function makes of matrices, and NaN where there is nothing of the kind.

    Whether there is, is checked in each run of a program, and not when it is made.
    """
    try:
        return function(x, *more)
    except np.linalg.LinAlgError:
        unit = np.broadcast_to(np.eye(*x.shape[-2:], dtype=x.dtype), x.shape)
        found = function(unit, *more)
        if isinstance(found, tuple):
            return tuple(part * np.nan for part in found)
        return found * np.nan


@operation(opaque=True)
def check_solved(x: Any, *, name: str) -> tuple[()]:
    """Raise an error where matrices have no inverse, or no factor.

    >>> check_solved(np.float32([[1.0]]), name="inv")
    ()
    """
    checks.has_solution(name, x)
    return ()


def _solved(name: str, x: Any) -> Any:
    check_solved(x, name=name)
    return x


def _same_spec(x: Any, **settings: Any) -> tuple[Shape, Any]:
    return x.shape, x.dtype


def _product(left: Any, right: Any) -> Any:
    return (matmul_2d if len(left.shape) == 2 else matmul_stacks)(left, right)


@Composite
def inv(x: Any) -> Any:
    """Return the inverse of square matrices; mirrors `tf.linalg.inv`.

    Raises:
        ValueError: for what is no square matrix of floats, or has no inverse.

    >>> inv(np.float32([[2, 0], [0, 4]]))
    array([[0.5 , 0.  ],
           [0.  , 0.25]], dtype=float32)
    """
    x = as_operand(x)
    checks.square_matrices("inv", x)
    return _solved("inv", inverse(x))


@operation(opaque=True)
def inverse(x: Any) -> Any:
    """Return the inverse, or NaN; see `inv`.

    >>> inverse(np.float32([[0]]))
    array([[nan]], dtype=float32)
    """
    return or_nan(np.linalg.inv, x)


inverse.spec(_same_spec)


@inverse.gradient
def _(grad: Any, y: Any) -> Any:
    turned = matrices_transposed(y)
    return negative(_product(turned, _product(grad, turned)))


@operation(opaque=True)
def det(x: Any) -> Any:
    """Return the determinant of square matrices; mirrors `tf.linalg.det`.

    Raises:
        ValueError: for what is no square matrix of floats.

    >>> det(np.float32([[2, 0], [0, 4]]))
    array(8., dtype=float32)
    """
    checks.square_matrices("det", x)
    return np.linalg.det(x)


@det.spec
def _(x: Any) -> tuple[Shape, Any]:
    return x.shape[:-2], x.dtype


@det.gradient
def _(grad: Any, x: Any, y: Any) -> Any:
    scale = expand_dims(expand_dims(multiply(grad, y), axis=-1), axis=-1)
    return multiply(scale, matrices_transposed(inv(x)))


@operation(opaque=True, casting=to_one_dtype)
def solve_matrices(a: Any, b: Any) -> Any:
    """Return the x of a @ x = b, where b is a matrix; mirrors `tf.linalg.solve`.

    >>> solve_matrices(np.float32([[2, 0], [0, 4]]), np.float32([[2], [8]]))
    array([[1.],
           [2.]], dtype=float32)
    """
    return or_nan(np.linalg.solve, a, b)


@solve_matrices.spec
def _(a: Any, b: Any) -> tuple[Shape, Any]:
    return b.shape, b.dtype


@solve_matrices.gradient
def _(grad: Any, a: Any, y: Any) -> Any:
    by_b = solve_matrices(matrices_transposed(a), grad)
    return negative(_product(by_b, matrices_transposed(y))), by_b


@Composite
def solve(a: Any, b: Any) -> Any:
    """Return the x of a @ x = b; mirrors `keras.ops.solve`.

    Shapes: a (..., n, n), b (..., n) or (..., n, columns); the result is as b.

    Raises:
        ValueError: for what is no square matrix of floats, has no inverse, or does not fit b.

    >>> solve(np.float32([[2, 0], [0, 4]]), np.float32([2, 8]))
    array([1., 2.], dtype=float32)
    """
    a, b = as_operand(a), as_operand(b)
    checks.square_matrices("solve", a)
    checks.fits_equations(a, b)
    if len(b.shape) == len(a.shape) - 1:
        return squeeze(_solved("solve", solve_matrices(a, expand_dims(b, axis=-1))), axis=-1)
    return _solved("solve", solve_matrices(a, b))


@Composite
def cholesky(x: Any, upper: bool = False) -> Any:
    """Return the lower triangular L with L @ L.T = x, or L.T; mirrors `keras.ops.cholesky`.

    Raises:
        ValueError: for what is no square matrix of floats, or is not positive definite.

    >>> cholesky(np.float32([[4, 2], [2, 5]]))
    array([[2., 0.],
           [1., 2.]], dtype=float32)
    """
    x = as_operand(x)
    checks.square_matrices("cholesky", x)
    lower = _solved("cholesky", lower_factor(x))
    return matrices_transposed(lower) if upper else lower


@operation(opaque=True)
def lower_factor(x: Any) -> Any:
    """Return the lower triangular factor, or NaN; see `cholesky`.

    >>> lower_factor(np.float32([[4]]))
    array([[2.]], dtype=float32)
    """
    return or_nan(np.linalg.cholesky, x)


lower_factor.spec(_same_spec)


@lower_factor.gradient
def _(grad: Any, y: Any) -> Any:
    return cholesky_gradient(grad, y)


@operation(opaque=True)
def cholesky_gradient(grad: Any, lower: Any) -> Any:
    """Return the gradient of a matrix from that of its factor; mirrors `_CholeskyGrad`.

    >>> cholesky_gradient(np.float32([[1]]), np.float32([[2]]))
    array([[0.25]], dtype=float32)
    """
    right = or_nan(np.linalg.inv, lower)
    middle = lower_half(lower.swapaxes(-1, -2) @ grad)
    return symmetric(right.swapaxes(-1, -2) @ middle @ right)


cholesky_gradient.spec(like_spec)


def lower_half(x: Array) -> Array:
    """Return what is below the diagonal, and half of that."""
    half: Array = np.tril(x) - np.eye(x.shape[-1], dtype=x.dtype) * x / 2
    return half


def symmetric(x: Array) -> Any:
    """Return the half of a matrix and of its transpose."""
    return (x + x.swapaxes(-1, -2)) / 2
