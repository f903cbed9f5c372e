"""Formulas to try: what a layer or a loss would give if it computed this instead of that.

All in float64, so that a formula that fits, fits to the rounding of the model alone.
"""

import numpy as np

from minidense.typing import Array

EPSILONS = (1e-7, 1e-8, 1e-12, 1e-15, 1e-16, 1e-10, 1e-9, 1e-6, 1e-5, 1e-4, 1e-3)
"""What libraries and textbooks clip probabilities to; Keras's first."""


def softmax(x: Array) -> Array:
    """Return exp(x) over its sum along the last axis.

    >>> softmax(np.float32([[0, 0]]))
    array([[0.5, 0.5]])
    """
    powers = np.exp(x.astype(np.float64) - x.max(-1, keepdims=True))
    return np.asarray(powers / powers.sum(-1, keepdims=True))


def activated(x: Array) -> dict[str, Array]:
    """Return x after each function that a layer may have, by its name.

    >>> activated(np.float32([[-2]]))["leaky relu (0.2)"]
    array([[-0.4]])
    """
    x = x.astype(np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        logistic = 1 / (1 + np.exp(-x))
        negative = np.exp(np.minimum(x, 0)) - 1
        functions = {
            "linear": x,
            "relu": np.maximum(x, 0),
            "sigmoid": logistic,
            "tanh": np.tanh(x),
            "elu": np.where(x > 0, x, negative),
            "selu": 1.05070098 * np.where(x > 0, x, 1.67326324 * negative),
            "silu": x * logistic,
            "gelu (tanh)": 0.5 * x * (1 + np.tanh(0.7978845608 * (x + 0.044715 * x**3))),
            "softplus": np.logaddexp(x, 0),
            "softsign": x / (1 + np.abs(x)),
            "exponential": np.exp(x),
            "relu6": np.clip(x, 0, 6),
        }
    for slope in (0.01, 0.1, 0.2, 0.3):
        functions[f"leaky relu ({slope})"] = np.where(x > 0, x, slope * x)
    if x.ndim > 1:
        functions["softmax"] = softmax(x)
        functions["softmax twice"] = softmax(softmax(x))
    return functions


def one_hot(y: Array, outputs: Array) -> Array | None:
    """Return class numbers as rows of 0 and 1, and targets of the outputs' shape as they are.

    >>> one_hot(np.array([1]), np.zeros((1, 3)))
    array([[0., 1., 0.]])
    """
    if y.shape == outputs.shape:
        return y.astype(np.float64)
    numbers = y.reshape(-1)
    classes = outputs.shape[-1]
    fits = len(numbers) == outputs.size // classes and (numbers == numbers.astype(int)).all()
    if not fits or not ((numbers >= 0) & (numbers < classes)).all():
        return None
    return np.asarray(np.eye(classes)[numbers.astype(int)].reshape(outputs.shape))


def categorical(targets: Array, outputs: Array, epsilon: float) -> list[float]:
    """Return the mean cross-entropy of probabilities, clipped to [epsilon, 1 - epsilon].

    Libraries divide a row by its sum before the clip, after it, or not at all: one value each.
    """
    outputs = outputs.astype(np.float64)
    before = np.clip(outputs / outputs.sum(-1, keepdims=True), epsilon, 1 - epsilon)
    only = np.clip(outputs, epsilon, 1 - epsilon)
    after = only / only.sum(-1, keepdims=True)
    return [float(-(targets * np.log(shares)).sum(-1).mean()) for shares in (before, after, only)]


def categorical_from_logits(targets: Array, logits: Array) -> float:
    """Return the mean cross-entropy of logits."""
    shifted = logits.astype(np.float64) - logits.max(-1, keepdims=True)
    logarithms = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
    return float(-(targets * logarithms).sum(-1).mean())


def binary(targets: Array, outputs: Array, epsilon: float) -> list[float]:
    """Return the mean binary cross-entropy of probabilities, clipped likewise."""
    shares = np.clip(outputs.astype(np.float64), epsilon, 1 - epsilon)
    return [float(-(targets * np.log(shares) + (1 - targets) * np.log(1 - shares)).mean())]


def binary_from_logits(targets: Array, logits: Array) -> float:
    """Return the mean binary cross-entropy of logits."""
    logits = logits.astype(np.float64)
    return float((np.logaddexp(0, logits) - targets * logits).mean())
