"""The losses, under Keras's names, and how a name becomes a loss.

Mirrors `keras.losses` (`keras/src/losses/__init__.py`).
"""

from typing import Any

from minidense import registry
from minidense.losses.crossentropy import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    SparseCategoricalCrossentropy,
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)
from minidense.losses.loss import Loss, LossFunctionWrapper
from minidense.losses.squared_error import MeanSquaredError, mean_squared_error
from minidense.registry import Registry, object_name

_CLASS_OF_FUNCTION: dict[Any, type[Loss]] = {
    mean_squared_error: MeanSquaredError,
    binary_crossentropy: BinaryCrossentropy,
    categorical_crossentropy: CategoricalCrossentropy,
    sparse_categorical_crossentropy: SparseCategoricalCrossentropy,
}
_KNOWN = Registry(
    "loss",
    "keras.losses",
    *(Loss, LossFunctionWrapper, *_CLASS_OF_FUNCTION, *_CLASS_OF_FUNCTION.values()),
    **dict.fromkeys(("mse", "MSE"), mean_squared_error),
    **dict.fromkeys(("bce", "BCE"), binary_crossentropy),
)

OF_CLASSES = tuple(_CLASS_OF_FUNCTION)[1:]
"""The functions whose targets are classes."""


def get(identifier: Any) -> Any:
    """Return the function or the loss that a name, or a dict of class and config, stands for.

    Raises:
        ValueError: if the identifier stands for none.
        TypeError: for a dict whose config does not have the arguments of the class.

    Source: `keras.losses.get`.

    >>> get("mse") is mean_squared_error
    True
    >>> get({"class_name": "MeanSquaredError", "config": {"reduction": "sum"}}).reduction
    'sum'
    """
    return _KNOWN.get(identifier)


serialize, deserialize = registry.serialize, _KNOWN.deserialize


def as_loss(identifier: Any) -> Loss:
    """Return what a model is trained on: a Loss, named as Keras names it."""
    found = get(identifier)
    if isinstance(found, Loss):
        return found
    name = identifier if isinstance(identifier, str) else object_name(found)
    if _KNOWN.has(found):
        return _CLASS_OF_FUNCTION[found](name=name)
    return LossFunctionWrapper(found, name=name)


__all__ = ["Loss", "LossFunctionWrapper", "MeanSquaredError", "mean_squared_error"]
__all__ += ["BinaryCrossentropy", "CategoricalCrossentropy", "SparseCategoricalCrossentropy"]
__all__ += ["binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy"]
__all__ += ["deserialize", "get", "serialize"]
