"""Guards for targets and for the weights of samples and classes."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from minidense.checks.arguments import at_least
from minidense.checks.message import brief
from minidense.typing import Array


def as_labels(y_true: Array, prediction_shape: tuple[int, ...]) -> Array:
    """Class numbers as int64 in the shape of the predictions without their last axis."""
    return _labels_in_shape(y_true, prediction_shape).astype(np.int64, copy=False)


def _labels_in_shape(y_true: Array, prediction_shape: tuple[int, ...]) -> Array:
    """Class numbers in the shape of the predictions without their last axis."""
    labels = y_true
    if labels.ndim and labels.ndim == len(prediction_shape) and labels.shape[-1] == 1:
        labels = labels[..., 0]
    if not prediction_shape or labels.shape != tuple(prediction_shape[:-1]):
        raise ValueError(
            "Class numbers must have the predictions' shape without its last axis, "
            f"{tuple(prediction_shape[:-1])}. Received: y_true of shape {y_true.shape}, y_pred of "
            f"shape {tuple(prediction_shape)}."
        )
    return labels


def labels(y_true: Array, prediction_shape: tuple[int, ...]) -> Array:
    """Class numbers that are all among the classes."""
    given = np.atleast_1d(_labels_in_shape(y_true, prediction_shape))  # one label is a row, too
    classes = prediction_shape[-1]
    if given.dtype.kind == "f" and not np.isfinite(given).all():
        raise ValueError(
            f"y_true must hold class numbers from 0 to {classes - 1}. Received NaN or infinity "
            f"at row {int(np.argwhere(~np.isfinite(given))[0][0])}."
        )
    numbers = as_labels(y_true, prediction_shape)
    rows = np.atleast_1d(numbers)
    if given.dtype.kind == "f" and (rows != given).any():
        place = np.argwhere(rows != given)[0]
        raise ValueError(
            f"y_true must hold class numbers, which are whole. Received the label "
            f"{given[tuple(place)]} at row {place[0]}."
        )
    wrong = (rows < 0) | (rows >= classes)
    if wrong.any():
        place = np.argwhere(wrong)[0]
        raise ValueError(
            f"y_true must hold class numbers from 0 to {classes - 1}, since the predictions have "
            f"{classes} classes. Received the label {rows[tuple(place)]} at row {place[0]}."
        )
    return numbers


def probabilities(argument: str, values: Array) -> None:
    """Targets of a binary cross-entropy."""
    rows = np.atleast_1d(values)  # one number is a row, too
    wrong = ~((rows >= 0) & (rows <= 1))
    if wrong.any():
        place = np.argwhere(wrong)[0]
        raise ValueError(
            f"`{argument}` must lie in [0, 1] for a binary cross-entropy. "
            f"Received {rows[tuple(place)]} at row {place[0]}."
        )


def weights_fit(weights: tuple[int, ...], values: tuple[int, ...]) -> None:
    """A sample weight for each sample, or for each of its values."""
    try:
        fits = np.broadcast_shapes(weights, values) == tuple(values)
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(
            f"`sample_weight` of shape {tuple(weights)} does not fit the loss's values of shape "
            f"{tuple(values)}."
        )


def one_kind_of_weight(class_weight: Any, sample_weight: Any) -> None:
    """A row's weight comes from one place."""
    if class_weight is not None and sample_weight is not None:
        raise ValueError("You cannot pass `class_weight` and `sample_weight` at the same time.")


def weights_like_targets(y: Any, sample_weight: Any) -> None:
    """Targets and weights that both come in lists or dicts come in the same ones."""
    nests = (list, tuple, dict)
    if not (isinstance(y, nests) and isinstance(sample_weight, nests)):
        return
    same_keys = not isinstance(y, dict) or list(y) == list(sample_weight)
    if type(y) is not type(sample_weight) or len(y) != len(sample_weight) or not same_keys:
        raise ValueError(
            "`sample_weight` must come in the same form as `y`, with one array for each. "
            f"Received: y={brief(y)}, sample_weight={brief(sample_weight)}."
        )


def array_of_classes(y: Any, class_weight: Any) -> None:
    """Class weights are for targets in one array, and not in a list of one."""
    if class_weight is not None and isinstance(y, (list, tuple, dict)):
        raise ValueError(
            "`class_weight` is for targets in one array, those of a model with one output. "
            f"Received: y={brief(y)}."
        )


def usable_weights(weights: Array) -> None:
    """A row counts for something, or for nothing: never for less."""
    wrong = ~((weights >= 0) & np.isfinite(weights))
    if wrong.any():
        place = np.argwhere(wrong)[0]
        raise ValueError(
            "`sample_weight` must hold finite numbers >= 0. "
            f"Received {weights[tuple(place)]} in row {place[0]}."
        )


def class_weights(value: Any) -> None:
    """A dict from class numbers to numbers >= 0."""
    if not isinstance(value, Mapping):
        raise TypeError(
            "`class_weight` must be a dict from class numbers to weights. "
            f"Received {brief(value)} of type {type(value).__name__}."
        )
    for key, weight in value.items():
        if isinstance(key, bool) or not isinstance(key, (int, np.integer)):
            raise TypeError(
                f"The keys of `class_weight` must be class numbers. Received the key {brief(key)} "
                f"of type {type(key).__name__}."
            )
        if key < 0:
            raise ValueError(f"`class_weight` holds weights of classes from 0 up. Received {key}.")
        is_number = isinstance(weight, (int, float, np.number))
        if not is_number or not 0 <= weight < float("inf"):
            raise ValueError(
                "The weights in `class_weight` must be finite numbers >= 0. "
                f"Received {brief(weight)} for class {key}."
            )


def class_targets(y: Array | None) -> Array:
    """The class of each row, from class numbers or one-hot rows."""
    if y is None:
        raise ValueError("`class_weight` needs targets: `y` is missing.")
    if y.ndim > 2:
        raise TypeError(
            "`class_weight` needs one class for each row: `y` of shape (rows,), (rows, 1) or "
            f"(rows, classes). Received: y of shape {y.shape}."
        )
    if y.ndim > 1 and y.shape[-1] != 1:
        classes: Array = y.argmax(axis=-1)
        return classes
    return np.round(y.reshape(len(y), -1)[:, 0]).astype(np.int64)


def class_weight_has_classes(class_weight: Any, loss: str, has_classes: bool) -> None:
    """Weights of classes need a loss whose targets are classes."""
    if class_weight is not None and not has_classes:
        raise ValueError(
            f"`class_weight` needs targets that are classes. The loss '{loss}' compares numbers."
        )


def class_numbers(x: Any) -> Array:
    """Whole numbers, from whatever holds such."""
    wish = "to_categorical takes an array or a list of class numbers"
    if x is None:
        raise TypeError(f"{wish}. Received None.")
    try:
        given = np.asarray(x)
        whole = given.dtype.kind != "f" or (
            np.array_equal(given, np.trunc(given)) and bool((np.abs(given) < 2**63).all())
        )
        if not whole or given.dtype.kind == "c":
            raise ValueError
        numbers: Array = given.astype(np.int64)
    except (ValueError, TypeError):
        raise ValueError(f"{wish}, which are whole. Received {brief(x)}.") from None
    return numbers


def weighted_classes_exist(class_weight: Mapping[int, float], classes: int) -> None:
    """Only what the model tells apart can have a weight."""
    unknown = sorted(number for number in class_weight if number >= classes)
    if unknown:
        raise ValueError(
            f"`class_weight` must hold weights of classes from 0 to {classes - 1}. "
            f"Received {unknown[0]}."
        )


def class_count(numbers: Array, num_classes: Any) -> int:
    """How many columns one-hot rows have; every number has one."""
    if num_classes is not None:
        at_least("num_classes", num_classes, 1)
    if num_classes is None and not numbers.size:
        raise ValueError("to_categorical needs at least one class number, or `num_classes`.")
    if numbers.size and numbers.min() < 0:
        raise ValueError(
            f"to_categorical takes class numbers from 0 up. Received {int(numbers.min())}."
        )
    classes = int(numbers.max()) + 1 if num_classes is None else int(num_classes)
    if numbers.size and numbers.max() >= classes:
        raise IndexError(
            f"to_categorical: class number {int(numbers.max())} is not below num_classes={classes}."
        )
    return classes
