"""Cross-entropy in three forms, from logits and from probabilities, each with its gradient.

From logits the softmax is inside the loss, and nothing is clipped. From probabilities they are
clipped to [epsilon, 1 - epsilon] first, and where the clip bites the gradient is 0. Keras uses the
first form in `fit` and `evaluate` when a model ends in a softmax, and the second when a loss is
called on an array: both exist, and they differ. Answers to `keras/src/losses/losses.py` and
`keras/src/backend/tensorflow/nn.py`.
"""

import numpy as np
import numpy.typing as npt

from minidense import checks
from minidense.config import epsilon
from minidense.conversion import as_array
from minidense.exponentials import exp_and_row_sums
from minidense.typing import Array


def sparse_categorical_crossentropy(
    y_true: npt.ArrayLike, y_pred: npt.ArrayLike, from_logits: bool = False
) -> Array:
    """Return -log(probability of the true class), one value for each sample.

    Shapes: y_true (batch, ...) or (batch, ..., 1), class numbers; y_pred (batch, ..., classes).

    Raises:
        ValueError: for a label outside 0 .. classes - 1, or shapes that do not belong together.

    >>> sparse_categorical_crossentropy([1], np.float32([[0.5, 0.5]]))
    array([0.6931472], dtype=float32)
    """
    predictions = _floats("sparse_categorical_crossentropy", y_pred)
    labels = checks.labels(np.asarray(y_true), predictions.shape)
    return sparse_values(labels, predictions, from_logits)


def sparse_values(labels: Array, y_pred: Array, from_logits: bool) -> Array:
    """The formula, for labels that are checked: whole numbers of the shape y_pred.shape[:-1]."""
    shifted, _, totals = _softmax_parts(y_pred if from_logits else np.log(_clip(y_pred)))
    return _surprise(shifted, totals, _places(labels, y_pred))


def sparse_gradient(labels: Array, y_pred: Array, from_logits: bool) -> Array:
    """softmax(logits) - one_hot(labels); from probabilities, that times d log(clip(p)) / dp."""
    if from_logits:
        return sparse_from_logits(labels, y_pred)[1]
    clipped = _clip(y_pred)
    gradient = clipped / clipped.sum(-1, keepdims=True)
    gradient.reshape(-1)[_places(labels, y_pred)] -= 1
    return _where_not_clipped(y_pred, gradient / clipped)


def sparse_from_logits(labels: Array, logits: Array) -> tuple[Array, Array]:
    """Values and gradient from logits at once: both need exp(logits) and its sum."""
    shifted, gradient, totals = _softmax_parts(logits)
    places = _places(labels, logits)
    gradient /= totals
    gradient.reshape(-1)[places] -= 1
    return _surprise(shifted, totals, places), gradient


def _softmax_parts(logits: Array) -> tuple[Array, Array, Array]:
    """Return the logits less their row's maximum, the exponentials of these, and their sums.

    Shapes: (..., classes), (..., classes), (..., 1). All lie row after row in memory, so that
    `_places` finds a class in them, however the logits lie.
    """
    highest = np.maximum.reduce(logits, axis=-1, keepdims=True)
    shifted = np.subtract(logits, highest, order="C")
    return shifted, *exp_and_row_sums(shifted)


def _places(labels: Array, y_pred: Array) -> Array:
    """Return where the true classes' numbers are in y_pred.reshape(-1)."""
    places: Array = np.arange(0, y_pred.size, y_pred.shape[-1]) + labels.reshape(-1)
    return places


def _surprise(shifted: Array, totals: Array, places: Array) -> Array:
    """Return log(total) - logit of the true class; the logarithm is rounded once, as in C."""
    logarithms = np.log(totals[..., 0].astype(np.float64)).astype(shifted.dtype)
    values: Array = logarithms - shifted.take(places).reshape(logarithms.shape)
    return values


def categorical_crossentropy(
    y_true: npt.ArrayLike,
    y_pred: npt.ArrayLike,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
) -> Array:
    """Return -sum(y_true * log(probabilities)) over the last axis, one value for each sample.

    Shapes: y_true and y_pred (batch, ..., classes). From probabilities, each row is first divided
    by its sum.

    Raises:
        ValueError: if the shapes differ.

    >>> categorical_crossentropy(np.float32([[0.0, 1.0]]), np.float32([[0.5, 0.5]]))
    array([0.6931472], dtype=float32)
    """
    predictions = _floats("categorical_crossentropy", y_pred)
    targets = np.asarray(y_true, predictions.dtype)
    checks.same_shape("y_true", targets.shape, "y_pred", predictions.shape)
    targets = smooth(targets, label_smoothing, targets.shape[-1])
    return categorical_values(targets, predictions, from_logits)


def categorical_values(targets: Array, y_pred: Array, from_logits: bool) -> Array:
    """The formula, for targets of y_pred's shape and dtype."""
    if from_logits:
        shifted, _, totals = _softmax_parts(y_pred)
        surprise = np.log(totals) - shifted
    else:
        surprise = -np.log(_clip(y_pred / y_pred.sum(axis=-1, keepdims=True)))
    values: Array = (targets * surprise).sum(axis=-1)
    return values


def categorical_gradient(targets: Array, y_pred: Array, from_logits: bool) -> Array:
    """softmax(logits) - targets, as TensorFlow has it: exact where the targets sum to 1."""
    if from_logits:
        _, exponentials, totals = _softmax_parts(y_pred)
        probabilities: Array = exponentials / totals
        return probabilities - targets
    total = y_pred.sum(axis=-1, keepdims=True)
    shares = y_pred / total
    share_grad = _where_not_clipped(shares, -targets / _clip(shares))
    gradient: Array = (share_grad - (share_grad * shares).sum(axis=-1, keepdims=True)) / total
    return gradient


def binary_crossentropy(
    y_true: npt.ArrayLike,
    y_pred: npt.ArrayLike,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
) -> Array:
    """Return the mean over the last axis of -(t * log(p) + (1 - t) * log(1 - p)).

    Shapes: y_true and y_pred (batch, ..., outputs).

    Raises:
        ValueError: if the shapes differ.

    >>> binary_crossentropy(np.float32([[1.0]]), np.float32([[0.5]]))
    array([0.6931472], dtype=float32)
    """
    predictions = _floats("binary_crossentropy", y_pred)
    targets = np.asarray(y_true, predictions.dtype)
    checks.same_shape("y_true", targets.shape, "y_pred", predictions.shape)
    return binary_values(smooth(targets, label_smoothing, 2), predictions, from_logits)


def binary_values(targets: Array, y_pred: Array, from_logits: bool) -> Array:
    """The formula, for targets of y_pred's shape and dtype; from logits it cannot overflow."""
    if from_logits:
        decay = np.log1p(np.exp(-np.abs(y_pred)))
        each = np.maximum(y_pred, 0) - y_pred * targets + decay
    else:
        clipped = _clip(y_pred)
        each = -(targets * np.log(clipped) + (1 - targets) * np.log(1 - clipped))
    values: Array = each.mean(axis=-1)
    return values


def binary_gradient(targets: Array, y_pred: Array, from_logits: bool) -> Array:
    """(sigmoid(logits) - targets) / outputs; from probabilities, that over p * (1 - p)."""
    outputs = y_pred.dtype.type(y_pred.shape[-1])
    if from_logits:
        # sigmoid(x) - t as (1 - t) - (1 - sigmoid(x)) for x >= 0: the tail's digits are all kept
        positive = y_pred >= 0
        decay = np.exp(-np.abs(y_pred))
        tail = decay / (1 + decay)
        gradient: Array = (positive - targets + np.where(positive, -tail, tail)) / outputs
        return gradient
    clipped = _clip(y_pred)
    slope = (1 - targets) / (1 - clipped) - targets / clipped
    return _where_not_clipped(y_pred, slope / outputs)


def smooth(targets: Array, label_smoothing: float, classes: int) -> Array:
    """Return the targets with a share of their weight spread over all classes."""
    if not label_smoothing:
        return targets
    one = targets.dtype.type
    values: Array = targets * one(1 - label_smoothing) + one(label_smoothing / classes)
    return values


def _floats(function: str, y_pred: npt.ArrayLike) -> Array:
    predictions = as_array(y_pred)
    checks.floating(function, predictions, "y_pred", TypeError)
    return predictions


def _clip(probabilities: Array) -> Array:
    """Return the probabilities away from 0 and 1, row after row in memory."""
    clipped: Array = np.clip(probabilities, epsilon(), 1 - epsilon(), order="C")
    return clipped


def _where_not_clipped(probabilities: Array, gradient: Array) -> Array:
    inside = (probabilities >= epsilon()) & (probabilities <= 1 - epsilon())
    return np.where(inside, gradient, probabilities.dtype.type(0))


__all__ = ["binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy"]
