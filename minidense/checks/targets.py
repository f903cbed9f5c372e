"""Guards for targets and for the weights of samples and classes."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from minidense.checks.arguments import at_least
from minidense.checks.message import brief, typed, unfit
from minidense.checks.shapes import alike, stretches
from minidense.nest import is_nested, pattern
from minidense.typing import Array, Shape


def none_wrong(values: Array, wrong: Array, wish: str, noun: str = "") -> None:
    """Raise with the first of the values that are wrong, and its row."""
    if wrong.any():
        place = tuple(np.argwhere(wrong)[0])
        raise ValueError(f"{wish}. Received {noun}{values[place]} at row {place[0]}.")


def labels_in_shape(y_true: Any, prediction_shape: Shape, squeeze: Callable[..., Any]) -> Any:
    """Class numbers in the shape of the predictions without their last axis; None fits any."""
    found = y_true
    if len(y_true.shape) == len(prediction_shape) and prediction_shape and y_true.shape[-1] == 1:
        found = squeeze(y_true, axis=-1)
    wanted = prediction_shape[:-1]
    if not prediction_shape or not alike(found.shape, wanted):
        wish = "Class numbers must have the predictions' shape without its last axis"
        received = f"y_true of shape {y_true.shape}, y_pred of shape {tuple(prediction_shape)}"
        raise ValueError(f"{wish}, {tuple(wanted)}. Received: {received}.")
    return found


def labels(y_true: Array, prediction_shape: tuple[int, ...]) -> None:
    """Class numbers that are all among the classes."""
    found = np.atleast_1d(labels_in_shape(np.asarray(y_true), prediction_shape, np.squeeze))
    classes = prediction_shape[-1]
    wish = f"y_true must hold class numbers from 0 to {classes - 1}"
    if found.dtype.kind == "f":
        none_wrong(found, ~np.isfinite(found), wish, "the label ")
        none_wrong(found, found != np.trunc(found), f"{wish}, which are whole", "the label ")
    wish = f"{wish}, since the predictions have {classes} classes"
    none_wrong(found, (found < 0) | (found >= classes), wish, "the label ")


def probabilities(argument: str, values: Array) -> None:
    """Targets of a binary cross-entropy."""
    rows = np.atleast_1d(values)  # one number is a row, too
    wish = f"`{argument}` must lie in [0, 1] for a binary cross-entropy"
    none_wrong(rows, ~((rows >= 0) & (rows <= 1)), wish)


def usable_weights(weights: Array) -> None:
    """A row counts for something, or for nothing: never for less."""
    wrong = ~((weights >= 0) & np.isfinite(weights))
    none_wrong(weights, wrong, "`sample_weight` must hold finite numbers >= 0")


def weights_fit(
    weights: Shape, values: Shape, name: str = "sample_weight", what: str = "the loss's values"
) -> None:
    """A weight for each sample, or for each of its values; None fits any."""
    if not stretches(weights, values):
        given = f"`{name}` of shape {tuple(weights)}"
        raise ValueError(f"{given} does not fit {what} of shape {tuple(values)}.")


def one_kind_of_weight(class_weight: Any, sample_weight: Any) -> None:
    """A row's weight comes from one place."""
    if class_weight is not None and sample_weight is not None:
        raise ValueError("You cannot pass `class_weight` and `sample_weight` at the same time.")


def weights_like_targets(y: Any, sample_weight: Any) -> None:
    """Targets in lists or dicts have weights in the same ones, or one for each row."""
    if sample_weight is None or not is_nested(y):
        return
    wish = "`sample_weight` must come in the same form as `y`, with one array for each"
    if is_nested(sample_weight):
        if pattern(y) != pattern(sample_weight):
            received = f"y={brief(y)}, sample_weight={brief(sample_weight)}"
            raise ValueError(f"{wish}. Received: {received}.")
    elif len(np.shape(sample_weight)) != 1 and np.shape(sample_weight)[1:] != (1,):
        raise ValueError(
            f"{wish}, or be one array with a weight for each row. Received an array of shape "
            f"{np.shape(sample_weight)}."
        )


def array_of_classes(y: Any, class_weight: Any) -> None:
    """Class weights are for targets in one array, and not in a list of one."""
    if class_weight is not None and isinstance(y, (list, tuple, dict)):
        wish = "`class_weight` is for targets in one array, those of a model with one output"
        raise ValueError(f"{wish}. Received: y={brief(y)}.")


def class_weights(value: Any) -> None:
    """A dict from class numbers to numbers >= 0."""
    if not isinstance(value, Mapping):
        raise unfit("class_weight", value, "a dict from class numbers to weights", TypeError)
    for key, weight in value.items():
        if isinstance(key, bool) or not isinstance(key, (int, np.integer)):
            wish = "The keys of `class_weight` must be class numbers"
            raise TypeError(f"{wish}. Received the key {typed(key)}.")
        if key < 0:
            raise ValueError(f"`class_weight` holds weights of classes from 0 up. Received {key}.")
        is_number = isinstance(weight, (int, float, np.number))
        if not is_number or not 0 <= weight < float("inf"):
            raise unfit(f"class_weight[{key}]", weight, "a finite number >= 0")


def class_targets(y: Array | None) -> Array:
    """The class of each row, from class numbers or one-hot rows."""
    if y is None:
        raise ValueError("`class_weight` needs targets: `y` is missing.")
    if y.ndim > 2:
        wish = "`y` of shape (rows,), (rows, 1) or (rows, classes)"
        raise TypeError(f"`class_weight` needs {wish}. Received: y of shape {y.shape}.")
    if y.ndim > 1 and y.shape[-1] != 1:
        classes: Array = y.argmax(axis=-1)
        return classes
    return np.round(y.reshape(len(y), -1)[:, 0]).astype(np.int64)


def class_weight_has_classes(class_weight: Any, loss: str, has_classes: bool) -> None:
    """Weights of classes need a loss whose targets are classes."""
    if class_weight is not None and not has_classes:
        wish = "`class_weight` needs targets that are classes"
        raise ValueError(f"{wish}. The loss '{loss}' compares numbers.")


def weighted_classes_exist(class_weight: Mapping[int, float], classes: int) -> None:
    """Only what the model tells apart can have a weight."""
    unknown = sorted(number for number in class_weight if number >= classes)
    if unknown:
        wish = f"`class_weight` must hold weights of classes from 0 to {classes - 1}"
        raise ValueError(f"{wish}. Received {unknown[0]}.")


def class_numbers(x: Any) -> Array:
    """Whole numbers, from whatever holds such."""
    wish = "to_categorical takes an array or a list of class numbers"
    if x is None:
        raise TypeError(f"{wish}. Received None.")
    try:
        given = np.asarray(x)
        is_float = given.dtype.kind == "f"
        whole = not is_float or ((given == np.trunc(given)) & (np.abs(given) < 2**63)).all()
        if not whole or given.dtype.kind == "c":
            raise ValueError
        return given.astype(np.int64)
    except (ValueError, TypeError):
        raise ValueError(f"{wish}, which are whole. Received {brief(x)}.") from None


def class_count(numbers: Array, num_classes: Any) -> int:
    """How many columns one-hot rows have; every number has one."""
    if num_classes is not None:
        at_least("num_classes", num_classes, 1)
    elif not numbers.size:
        raise ValueError("to_categorical needs at least one class number, or `num_classes`.")
    least, most = (int(numbers.min()), int(numbers.max())) if numbers.size else (0, 0)
    classes = most + 1 if num_classes is None else int(num_classes)
    if least < 0:
        raise ValueError(f"to_categorical takes class numbers from 0 up. Received {least}.")
    if most >= classes:
        wish = f"to_categorical takes class numbers below num_classes={classes}"
        raise IndexError(f"{wish}. Received {most}.")
    return classes


def loss_values(loss: str, values: Any) -> None:
    """A loss returns its values."""
    if values is None:
        wish = "it must return a tensor with one value for each sample"
        raise ValueError(f"Loss '{loss}' returned None: {wish}.")


def one_target_a_row(targets: Shape, predictions: Shape) -> None:
    """One class for each row of predictions."""
    if len(targets) != 1 or len(predictions) != 2 or not alike(targets, predictions[:1]):
        wish = "ops.in_top_k takes targets (rows,) and predictions (rows, classes)"
        raise ValueError(f"{wish}. Received the shapes {tuple(targets)} and {tuple(predictions)}.")


def numbers_to_choose(k: Any, shape: Shape, dtype: Any) -> None:
    """As many of the largest numbers of a row as there are at most."""
    wish = f"a whole number from 0 to the last size of x of shape {tuple(shape)}"
    if isinstance(k, bool) or not isinstance(k, (int, np.integer)):
        raise unfit("k", k, wish, TypeError)
    if (
        not shape
        or dtype == np.dtype(bool)
        or not 0 <= k <= (k if shape[-1] is None else shape[-1])
    ):
        raise unfit("k", k, f"{wish} and dtype {dtype}")


def one_weighted_axis(axis: Any, weights: Shape) -> int:
    """Weights that are fewer than the numbers belong to the places of one axis."""
    if not isinstance(axis, (int, np.integer)) or len(weights) != 1:
        wish = "one axis for weights of one axis"
        raise unfit("axis", axis, f"{wish}, or weights of x's shape, and not {tuple(weights)}")
    return int(axis)
