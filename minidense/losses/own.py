"""Losses of a user's own: which formulas are the user's, and which inherited ones belong to them.

Keras derives the gradient from `call`, whoever wrote it. Here a gradient is a formula beside the
value's: where a subclass computes another value, the gradient that it inherits is that of another
loss, and is never used.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np

from minidense import checks
from minidense.losses.crossentropy import (
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)
from minidense.losses.crossentropy_losses import CrossEntropy
from minidense.losses.loss import Loss
from minidense.typing import Array

CROSSENTROPIES = (
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)
_VALUE = ("call", "__call__")
_GRADIENT = ("gradient", "values_and_gradient", "value_and_gradient")


def _places(loss: Loss) -> list[tuple[str, Any]]:
    """Return where Python looks for a method: the object, its class, and the classes above."""
    classes = [(cls.__module__, vars(cls)) for cls in type(loss).__mro__]
    return [("", vars(loss)), *classes]


def _definer(loss: Loss, *names: str) -> tuple[int, str]:
    """Return which of the places has one of the names first, and of what module it is."""
    places = enumerate(_places(loss))
    return next((at, module) for at, (module, has) in places if any(name in has for name in names))


def is_own(loss: Loss) -> bool:
    """Whether a user changed how the value or its gradient is computed."""
    return not _definer(loss, *_VALUE, *_GRADIENT)[1].startswith("minidense.")


def looks_through(loss: Loss) -> bool:
    """Whether the loss of a softmax is that of its logits, as the loss's own class has it."""
    if not loss.takes_logits or not is_own(loss):
        return loss.takes_logits
    return _definer(loss, "takes_logits")[0] <= _definer(loss, *_VALUE, *_GRADIENT)[0]


class OwnLoss(Loss):
    """What a loss of a user's own is in training: it uses the user's formulas, or refuses.

    Args:
        loss: the user's.
    """

    def __init__(self, loss: Loss) -> None:
        super().__init__(loss.name, loss.reduction, loss.dtype)
        self._loss = loss
        value, gradient = _definer(loss, *_VALUE)[0], _definer(loss, *_GRADIENT)[0]
        says_itself = type(loss).gradient is Loss.gradient  # that there is none
        self._has_gradient = gradient <= value or says_itself
        self._has_own_call = not _definer(loss, "__call__")[1].startswith("minidense.")
        whole = _definer(loss, "value_and_gradient")
        self._does_all = whole[0] <= gradient and not whole[1].startswith("minidense.")
        both = _definer(loss, "values_and_gradient")[0]
        self._does_both = both <= min(_definer(loss, "call")[0], _definer(loss, "gradient")[0])

    def values_and_gradient(self, y_true: Array, y_pred: Array) -> tuple[Array, Array]:
        """Return what the user's loss gives for targets and predictions in its dtype."""
        checks.own_gradient(self.name, type(self._loss).__name__, self._has_gradient)
        targets = y_true.astype(self.dtype, copy=False)
        if self._does_both:
            values, gradient = self._loss.values_and_gradient(targets, y_pred)
        else:
            values = self._loss.call(targets, y_pred)
            gradient = self._loss.gradient(targets, y_pred)
        return self.as_values(values), np.asarray(gradient, self.dtype)

    def value_and_gradient(
        self, y_true: Array, y_pred: Array, sample_weight: Array | None = None
    ) -> tuple[Any, Array]:
        """Return the loss of a batch and its gradient; the value is that of an own `__call__`."""
        if self._does_all and self._has_gradient:
            return self._loss.value_and_gradient(y_true, y_pred, sample_weight)
        value, gradient = super().value_and_gradient(y_true, y_pred, sample_weight)
        if self._has_own_call:
            value = self.as_values(self._loss(y_true, y_pred, sample_weight))[()]
        return value, gradient


def on_logits(function: Any, dtype: str) -> Callable[..., Any] | None:
    """Return the form of a function or loss that is computed from logits of a dtype, else None."""
    if isinstance(function, Loss):
        fits = looks_through(function) and function.dtype == dtype
        return function.on_logits() if fits else None
    known = any(function is one for one in CROSSENTROPIES)
    return partial(function, from_logits=True) if known else None


@contextmanager
def shown_logits(loss: Loss, y_pred: Array, logits: Array | None) -> Iterator[None]:
    """A block in which a cross-entropy that a user's `call` asks looks through the activation."""
    if not isinstance(loss, CrossEntropy):
        yield
        return
    loss.last_activation = None if logits is None else (y_pred, logits)
    try:
        yield
    finally:
        loss.last_activation = None


def in_training(loss: Loss) -> Loss:
    """Return what computes the value and the gradient of a step: a built-in loss does it itself."""
    return OwnLoss(loss) if is_own(loss) else loss


__all__ = ["OwnLoss", "in_training", "is_own", "looks_through", "on_logits", "shown_logits"]
