"""Cross-entropies from logits, as TensorFlow has them: a kernel gives values and slopes at once."""

import warnings
from typing import Any

import numpy as np

from minidense import checks
from minidense.config import epsilon
from minidense.engine.inputs import in_dtype
from minidense.engine.operation import Composite, operation
from minidense.numerics import exponentials, logarithms, reciprocals
from minidense.numerics.sums import row_sums
from minidense.ops.arithmetic import clip, multiply, negative, plus, subtract, true_divide
from minidense.ops.functions import log
from minidense.ops.reductions import sum  # noqa: A004 - Keras's name
from minidense.ops.shapes import convert_to_tensor, expand_dims, squeeze
from minidense.typing import Array


@operation(opaque=True)
def check_labels(labels: Any, logits: Any) -> Any:
    """Check that each label is a class: to look it up would take the next row's number else.

    Shapes: labels (...), logits (..., classes).

    Raises:
        ValueError: for a label outside 0 .. classes - 1.

    >>> check_labels(np.int64([1]), np.zeros((1, 2), "float32"))
    ()
    """
    if not _are_classes(labels, logits):
        checks.labels(labels, logits.shape)
    return ()


def _are_classes(labels: Any, logits: Any) -> bool:
    """Whether labels are classes for sure; asked in each step, so in few calls."""
    if labels.shape != logits.shape[:-1]:
        return False
    are = (labels >= 0) & (labels < logits.shape[-1]) & (np.rint(labels) == labels)
    return bool(np.count_nonzero(are) == labels.size)


@operation
def sparse_from_logits(labels: Any, logits: Any) -> Any:
    """Return -log(softmax) of the labels, and the slopes by the logits.

    Mirrors `tf.nn.sparse_softmax_cross_entropy_with_logits`, its bits in float32.

    Shapes: labels (...), whole numbers; logits (..., classes); the results are (...) and
    (..., classes).

    >>> sparse_from_logits(np.int64([1]), np.float32([[0.0, 0.0]]))
    (array([0.6931472], dtype=float32), array([[ 0.5, -0.5]], dtype=float32))
    """
    shifted, powers, totals = _softmax_parts(logits)
    places = np.arange(0, logits.size, logits.shape[-1]) + labels.reshape(-1)
    is_float32 = logits.dtype == np.float32
    log_totals = logarithms.logf_of_positive(totals) if is_float32 else np.log(totals)
    values = log_totals.reshape(-1) - shifted.reshape(-1).take(places)
    powers /= totals
    flat = powers.reshape(-1)
    flat.put(places, flat.take(places) - logits.dtype.type(1))
    return values.reshape(labels.shape), powers


@operation
def categorical_from_logits(targets: Any, logits: Any) -> Any:
    """Return -sum(targets * log(softmax)) over the last axis, and the slopes by the logits.

    Mirrors `tf.nn.softmax_cross_entropy_with_logits`, its bits in float32; the slopes are exact
    where targets sum to 1.

    Shapes: targets and logits (..., classes); the results are (...) and (..., classes).

    >>> categorical_from_logits(np.float32([[0.0, 1.0]]), np.float32([[0.0, 0.0]]))
    (array([0.6931472], dtype=float32), array([[ 0.5, -0.5]], dtype=float32))
    """
    shifted, powers, totals = _softmax_parts(logits)
    values = row_sums(targets * (logarithms.log(totals) - shifted))
    return values, powers / totals - targets


@sparse_from_logits.gradient
@categorical_from_logits.gradient
def _(grads: Any, ys: Any) -> Any:
    return None, multiply(ys[1], expand_dims(grads[0], axis=-1))


@Composite
def sparse_categorical_crossentropy(
    target: Any, output: Any, from_logits: bool = False, axis: int = -1
) -> Any:
    """Return -log(probability of the true class), one value for each row.

    Shapes: target (...) or (..., 1), class numbers; output (..., classes).

    Source: `keras.ops.sparse_categorical_crossentropy`.

    >>> sparse_categorical_crossentropy(np.int32([1]), np.float32([[0.5, 0.5]]))
    array([0.6931472], dtype=float32)
    """
    target, output = convert_to_tensor(target), convert_to_tensor(output)
    checks.last_axis("sparse_categorical_crossentropy", axis, len(output.shape))
    labels = checks.labels_in_shape(target, output.shape, squeeze)
    logits, are_logits = _logits_of(output, from_logits, "sparse_categorical_crossentropy")
    check_labels(labels, logits)
    if not are_logits:
        logits = log(clip(logits, epsilon(), 1 - epsilon()))
    return sparse_from_logits(in_dtype(labels, "int64"), logits)[0]


@Composite
def categorical_crossentropy(
    target: Any, output: Any, from_logits: bool = False, axis: int = -1
) -> Any:
    """Return -sum(target * log(probabilities)) over the last axis, one value for each row.

    Shapes: target and output (..., classes). Probabilities are first divided by their row's sum.

    Source: `keras.ops.categorical_crossentropy`.

    >>> categorical_crossentropy(np.float32([[0.0, 1.0]]), np.float32([[0.5, 0.5]]))
    array([0.6931472], dtype=float32)
    """
    target, output = convert_to_tensor(target), convert_to_tensor(output)
    checks.last_axis("categorical_crossentropy", axis, len(output.shape))
    checks.same_shape("target", target.shape, "output", output.shape)
    logits, are_logits = _logits_of(output, from_logits, "categorical_crossentropy")
    if are_logits:
        return categorical_from_logits(target, logits)[0]
    shares = true_divide(output, sum(output, axis=-1, keepdims=True))
    inside = clip(shares, epsilon(), 1 - epsilon())
    return negative(sum(multiply(target, log(inside)), axis=-1))


@Composite
def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Any:
    """Return -(t * log(p) + (1 - t) * log(1 - p)), number by number.

    Shapes: target and output (..., outputs).

    Source: `keras.ops.binary_crossentropy`.

    >>> binary_crossentropy(np.float32([1.0]), np.float32([0.5]))
    array([0.6931472], dtype=float32)
    """
    target, output = convert_to_tensor(target), convert_to_tensor(output)
    checks.same_shape("target", target.shape, "output", output.shape)
    logits, are_logits = _logits_of(output, from_logits, "binary_crossentropy")
    if are_logits:
        return binary_from_logits(target, logits)
    inside = clip(output, epsilon(), 1 - epsilon())
    yes = multiply(target, log(inside))
    return negative(plus(yes, multiply(subtract(1.0, target), log(subtract(1.0, inside)))))


@operation(elementwise=True, in_registers=True)
def binary_from_logits(targets: Any, logits: Any) -> Any:
    """Return max(x, 0) - x * t + log(1 + exp(-|x|)), which cannot overflow.

    Mirrors `tf.nn.sigmoid_cross_entropy_with_logits`, its bits in float32.

    >>> binary_from_logits(np.float32([1.0]), np.float32([0.0]))
    array([0.6931472], dtype=float32)
    """
    decay = logarithms.log1p(exponentials.exp(-np.abs(logits)))
    return np.maximum(logits, 0) - logits * targets + decay


@operation(elementwise=True, in_registers=True)
def binary_gradient(grad: Any, targets: Any, logits: Any, *, in_graph: bool = False) -> Any:
    """Return (sigmoid(logits) - targets) * grad, in the order in which TensorFlow adds it up.

    That is grad, less the tail 1 - sigmoid(x), less grad * targets, where x >= 0; in a graph the
    last two change places (see `engine/rewrites.py`). Below 0 it is sigmoid(x) - grad * targets.

    >>> binary_gradient(np.float32([1.0]), np.float32([1.0]), np.float32([0.0]))
    array([-0.5], dtype=float32)
    """
    decay = exponentials.exp(-np.abs(logits))
    tail = decay * (reciprocals.reciprocal(decay + decay.dtype.type(1)) * grad)
    by_target = grad * targets
    if in_graph:
        return np.where(logits >= 0, grad - tail, tail) - by_target
    return np.where(logits >= 0, grad - by_target - tail, tail - by_target)


@binary_from_logits.gradient
def _(grad: Any, targets: Any, logits: Any) -> Any:
    return None, binary_gradient(grad, targets, logits)


def _logits_of(output: Any, from_logits: bool, name: str) -> tuple[Any, bool]:
    """Return what a cross-entropy is computed from, and whether these are logits.

    An output of a softmax or sigmoid remembers what went in. Source: `_get_logits` in
    `keras/src/backend/tensorflow/nn.py`.
    """
    logits = getattr(output, "logits", None)
    if logits is None:
        return output, from_logits
    if from_logits:
        warnings.warn(
            f"`{name}` received from_logits=True, but the predictions come from a softmax or a "
            "sigmoid, so they are no logits. What went into it is used.",
            UserWarning,
            stacklevel=2,
        )
    return logits, True


def _softmax_parts(logits: Array) -> tuple[Array, Array, Array]:
    """Return the logits less their row's maximum, the exponentials of these, and their sums.

    Shapes: (..., classes), (..., classes), (..., 1).
    """
    highest = np.maximum.reduce(logits, axis=-1, keepdims=True)
    shifted = np.subtract(logits, highest, order="C")
    return shifted, *exponentials.exp_and_row_sums(shifted)
