"""The losses, under Keras's names, and how a name becomes a loss.

Answers to `keras.losses` (`keras/src/losses/__init__.py`).
"""

from collections.abc import Callable, Hashable
from typing import Any, TypeAlias

from minidense import checks
from minidense.losses.crossentropy import (
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)
from minidense.losses.crossentropy_losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    SparseCategoricalCrossentropy,
)
from minidense.losses.identifiers import from_dict, object_name
from minidense.losses.loss import Loss, LossFunctionWrapper
from minidense.losses.squared_error import MeanSquaredError, mean_squared_error

LossLike: TypeAlias = str | dict[str, Any] | Loss | type[Loss] | Callable[..., Any] | None

_CLASS_OF_FUNCTION: dict[Callable[..., Any], type[Loss]] = {
    mean_squared_error: MeanSquaredError,
    binary_crossentropy: BinaryCrossentropy,
    categorical_crossentropy: CategoricalCrossentropy,
    sparse_categorical_crossentropy: SparseCategoricalCrossentropy,
}

_BY_NAME: dict[str, Any] = {
    **{function.__name__: function for function in _CLASS_OF_FUNCTION},
    **{cls.__name__: cls for cls in _CLASS_OF_FUNCTION.values()},
    "mse": mean_squared_error,
    "MSE": mean_squared_error,
    "bce": binary_crossentropy,
    "BCE": binary_crossentropy,
}


def get(identifier: LossLike) -> Any:
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
    if identifier is None:
        return None
    if isinstance(identifier, dict):
        return from_dict("loss", identifier, _BY_NAME)
    if isinstance(identifier, str):
        checks.known_name("loss", identifier, identifier in _BY_NAME, sorted(_BY_NAME))
        found = _BY_NAME[identifier]
    else:
        checks.known_name("loss", identifier, callable(identifier), sorted(_BY_NAME))
        found = identifier
    return found() if isinstance(found, type) else found


def as_loss(identifier: LossLike) -> Loss:
    """Return what a model is trained on: a Loss, named as Keras names it."""
    found = get(identifier)
    if isinstance(found, Loss):
        return found
    if isinstance(found, Hashable) and found in _CLASS_OF_FUNCTION:
        name = identifier if isinstance(identifier, str) else found.__name__
        return _CLASS_OF_FUNCTION[found](name=name)
    return LossFunctionWrapper(found, name=object_name(found))


__all__ = [
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "Loss",
    "LossFunctionWrapper",
    "MeanSquaredError",
    "SparseCategoricalCrossentropy",
    "binary_crossentropy",
    "categorical_crossentropy",
    "get",
    "mean_squared_error",
    "sparse_categorical_crossentropy",
]
