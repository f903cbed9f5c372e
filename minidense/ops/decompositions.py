"""Eigenvalues, singular values and orthonormal bases of matrices, and of stacks of them.

They are LAPACK's, as NumPy has it; TensorFlow has Eigen's. The last bits differ, and so may what is
not unique: the signs of the columns of Q and of eigenvectors, and of pairs of singular vectors.
"""

from functools import partial
from typing import Any

import numpy as np

from minidense import checks
from minidense.engine.operation import Composite, operation
from minidense.ops.inverses import lower_half, or_nan, symmetric
from minidense.ops.shapes import zeros_like
from minidense.typing import Shape


@operation(opaque=True)
def eigh(x: Any) -> Any:
    """Return eigenvalues of symmetric matrices, the smallest first, and eigenvectors as columns.

    Only what is on the diagonal and below is read. Mirrors `tf.linalg.eigh`.

    Raises:
        ValueError: for what is no square matrix of floats.

    >>> eigh(np.float32([[3, 0], [0, 2]]))[0]
    array([2., 3.], dtype=float32)
    """
    checks.square_matrices("eigh", x)
    return tuple(or_nan(np.linalg.eigh, x))


@eigh.gradient
def _(grads: Any, ys: Any) -> Any:
    return eigh_gradient(*_all_given(grads, ys), *ys)


def _all_given(grads: Any, ys: Any) -> list[Any]:
    """Return the gradients of all outputs: those that nobody reads are 0."""
    return [zeros_like(y) if grad is None else grad for grad, y in zip(grads, ys, strict=True)]


@operation(opaque=True)
def eigh_gradient(by_values: Any, by_vectors: Any, values: Any, vectors: Any) -> Any:
    """Return the gradient of a symmetric matrix, below; mirrors `_SelfAdjointEigV2Grad`.

    >>> x = np.eye(1, dtype="float32")
    >>> eigh_gradient(x[0], x, x[0], x)
    array([[1.]], dtype=float32)
    """
    turned = vectors.swapaxes(-1, -2)
    gaps = values[..., None, :] - values[..., :, None]
    middle = gaps / (gaps**2 + 1e-20) * (turned @ by_vectors)
    middle += np.eye(values.shape[-1], dtype=values.dtype) * by_values[..., None, :]
    return 2 * lower_half(symmetric(vectors @ middle @ turned))


@operation(opaque=True)
def qr(x: Any, *, mode: str = "reduced") -> Any:
    """Return Q with orthonormal columns and an upper triangular R with Q @ R = x; `tf.linalg.qr`.

    Args:
        x: (..., rows, columns).
        mode: "reduced", with as many columns of Q as the smaller size of x; or "complete".

    Raises:
        ValueError: for what is no matrix of floats, or for another mode.

    >>> abs(qr(np.float32([[3, 0], [0, 2]]))[1])
    array([[3., 0.],
           [0., 2.]], dtype=float32)
    """
    checks.one_of("mode", mode, ["reduced", "complete"])
    checks.matrices("qr", x)
    return tuple(or_nan(partial(np.linalg.qr, mode=mode), x))


@qr.gradient
def _(grads: Any, ys: Any) -> Any:
    checks.has_gradient("qr", ys[0].shape[-1] == ys[1].shape[-1], "more columns than rows")
    return qr_gradient(*_all_given(grads, ys), *ys)


@operation(opaque=True)
def qr_gradient(by_q: Any, by_r: Any, q: Any, r: Any) -> Any:
    """Return the gradient of a matrix from those of its Q and R; mirrors `_QrGrad`.

    >>> qr_gradient(*[np.eye(1, dtype="float32")] * 4)
    array([[1.]], dtype=float32)
    """
    turned = q.swapaxes(-1, -2)
    right = or_nan(np.linalg.inv, r).swapaxes(-1, -2)
    both = turned @ by_q
    by_rows = r @ by_r.swapaxes(-1, -2)
    lower = np.tril(both - both.swapaxes(-1, -2) + by_rows - by_rows.swapaxes(-1, -2))
    return q @ (by_r + lower @ right) + (by_q - q @ both) @ right


@Composite
def svd(x: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """Return U, s and V.T with U @ diag(s) @ V.T = x; mirrors `keras.ops.svd`.

    Args:
        x: (..., rows, columns).
        full_matrices: whether U and V.T are square; else they have as many vectors as s.
        compute_uv: False returns s alone.

    Raises:
        ValueError: for what is no matrix of floats.

    >>> svd(np.float32([[3, 0], [0, 4]]), compute_uv=False)
    array([4., 3.], dtype=float32)
    """
    found = svd_of(x, full_matrices=full_matrices and compute_uv)
    return found if compute_uv else found[1]


@operation(opaque=True)
def svd_of(x: Any, *, full_matrices: bool) -> Any:
    """Return U, s and V.T; see `svd`.

    >>> [part.shape for part in svd_of(np.zeros((3, 2)), full_matrices=False)]
    [(3, 2), (2,), (2, 2)]
    """
    checks.matrices("svd", x)
    return tuple(or_nan(partial(np.linalg.svd, full_matrices=full_matrices), x))


@svd_of.gradient
def _(grads: Any, ys: Any) -> Any:
    is_thin = ys[0].shape[-1] == ys[2].shape[-2]
    checks.has_gradient("svd", is_thin, "`full_matrices` and sides of two lengths")
    return svd_gradient(*_all_given(grads, ys), *ys)


@operation(opaque=True)
def svd_gradient(by_u: Any, by_s: Any, by_vt: Any, u: Any, s: Any, vt: Any) -> Any:
    """Return the gradient of a matrix from those of its U, s and V.T; mirrors `_SvdGrad`.

    >>> x = np.eye(1, dtype="float32")
    >>> svd_gradient(0 * x, x[0], 0 * x, x, x[0], x)
    array([[1.]], dtype=float32)
    """
    ut, v, by_v = (each.swapaxes(-1, -2) for each in (u, vt, by_vt))
    squares = s**2
    gaps = squares[..., None, :] - squares[..., :, None]
    gaps = gaps / (gaps**2 + 1e-20)
    turned_u, turned_v = ut @ by_u, vt @ by_v
    middle = gaps * (turned_u - turned_u.swapaxes(-1, -2)) * s[..., None, :]
    middle += s[..., :, None] * (gaps * (turned_v - turned_v.swapaxes(-1, -2)))
    middle += np.eye(s.shape[-1], dtype=s.dtype) * by_s[..., None, :]
    outside_u = (by_u - u @ turned_u) / s[..., None, :]
    outside_v = (by_v - v @ turned_v) / s[..., None, :]
    return u @ middle @ vt + outside_u @ vt + u @ outside_v.swapaxes(-1, -2)


@svd_gradient.spec
def _(by_u: Any, by_s: Any, by_vt: Any, u: Any, s: Any, vt: Any) -> tuple[Shape, Any]:
    return (*u.shape[:-1], vt.shape[-1]), u.dtype
