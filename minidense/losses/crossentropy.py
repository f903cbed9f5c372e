"""Cross-entropy in three forms, as functions and as losses.

From logits the softmax is inside the loss, and nothing is clipped. From probabilities they are
clipped to [epsilon, 1 - epsilon] first, and where the clip bites the gradient is 0. A prediction
that comes from a softmax or a sigmoid remembers its logits, and the loss is computed from these.

Mirrors `keras/src/losses/losses.py`.
"""

from typing import Any

from minidense import checks, ops
from minidense.losses.loss import LossFunctionWrapper, tensor


def sparse_categorical_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, ignore_class: None = None, axis: int = -1
) -> Any:
    """Return -log(probability of the true class), one value for each sample.

    Shapes: y_true (batch, ...) or (batch, ..., 1), class numbers; y_pred (batch, ..., classes).

    Raises:
        ValueError: for a label outside 0 .. classes - 1, or shapes that do not belong together.

    >>> sparse_categorical_crossentropy([1], [[0.5, 0.5]])
    array([0.6931472], dtype=float32)
    """
    checks.only_none("sparse_categorical_crossentropy", ignore_class=ignore_class)
    predictions = tensor("y_pred", y_pred)
    checks.floating("sparse_categorical_crossentropy", predictions, "y_pred", TypeError)
    return ops.sparse_categorical_crossentropy(
        tensor("y_true", y_true), predictions, from_logits, axis
    )


def categorical_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Any:
    """Return -sum(y_true * log(probabilities)) over the last axis, one value for each sample.

    Shapes: y_true and y_pred (batch, ..., classes). From probabilities, each row is first divided
    by its sum.

    Raises:
        ValueError: if the shapes differ.

    >>> categorical_crossentropy([[0.0, 1.0]], [[0.5, 0.5]])
    array([0.6931472], dtype=float32)
    """
    targets, predictions = smoothed("categorical_crossentropy", y_true, y_pred, label_smoothing)
    return ops.categorical_crossentropy(targets, predictions, from_logits, axis)


def binary_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Any:
    """Return the mean over the last axis of -(t * log(p) + (1 - t) * log(1 - p)).

    Shapes: y_true and y_pred (batch, ..., outputs).

    Raises:
        ValueError: if the shapes differ.

    >>> binary_crossentropy([[1.0]], [[0.5]])
    array([0.6931472], dtype=float32)
    """
    checks.last_axis("binary_crossentropy", axis)
    targets, predictions = smoothed("binary_crossentropy", y_true, y_pred, label_smoothing, 2)
    return ops.mean(ops.binary_crossentropy(targets, predictions, from_logits), axis=-1)


def smoothed(
    function: str, y_true: Any, y_pred: Any, label_smoothing: float, classes: int | None = None
) -> tuple[Any, Any]:
    """Return targets, a share of whose weight is spread over all classes, and predictions.

    The share is divided in the dtype of the targets, as in Keras: in float64 it may be another.
    Without a number of classes there are as many as the last axis has.
    """
    predictions = tensor("y_pred", y_pred)
    checks.floating(function, predictions, "y_pred", TypeError)
    targets = tensor("y_true", y_true, predictions.dtype.name)
    checks.same_shape("y_true", targets.shape, "y_pred", predictions.shape)
    if label_smoothing:
        smoothing = ops.convert_to_tensor(label_smoothing, targets.dtype.name)
        share = ops.true_divide(smoothing, classes or int(targets.shape[-1] or 1))
        targets = targets * (1 - label_smoothing) + share
    return targets, predictions


class SparseCategoricalCrossentropy(LossFunctionWrapper):
    """Cross-entropy where the targets are class numbers.

    Shapes: y_true (batch, ...) or (batch, ..., 1); y_pred (batch, ..., classes).

    Args:
        from_logits: whether y_pred are logits; else they are probabilities.
        ignore_class: not supported; only None.
        reduction: see `Loss`.
        axis: the classes' axis; only -1.
        name: in messages.
        dtype: see `Loss`.

    >>> SparseCategoricalCrossentropy(from_logits=True)([1], [[0.0, 0.0]])
    array(0.6931472, dtype=float32)
    """

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: None = None,
        reduction: str | None = "sum_over_batch_size",
        axis: int = -1,
        name: str | None = "sparse_categorical_crossentropy",
        dtype: Any = None,
    ) -> None:
        options = checked(self, from_logits=from_logits, ignore_class=ignore_class, axis=axis)
        super().__init__(sparse_categorical_crossentropy, reduction, name, dtype, **options)

    def check(self, y_true: Any, y_pred: Any) -> None:
        """Every label is a class."""
        checks.labels(y_true, y_pred.shape)

    def get_config(self) -> dict[str, Any]:
        """Return Keras's keys, the axis not among them."""
        config = super().get_config()
        del config["axis"]
        return config


class CategoricalCrossentropy(LossFunctionWrapper):
    """Cross-entropy where the targets are probabilities, one-hot rows for example.

    Shapes: y_true and y_pred (batch, ..., classes).

    Args:
        from_logits: whether y_pred are logits; else they are probabilities.
        label_smoothing: the share, from 0 to 1, that is spread over all classes.
        axis: the classes' axis; only -1.
        reduction: see `Loss`.
        name: in messages.
        dtype: see `Loss`.

    >>> CategoricalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]])
    array(0.6931472, dtype=float32)
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_crossentropy",
        dtype: Any = None,
    ) -> None:
        options = checked(self, from_logits=from_logits, label_smoothing=label_smoothing, axis=axis)
        super().__init__(categorical_crossentropy, reduction, name, dtype, **options)

    def check(self, y_true: Any, y_pred: Any) -> None:
        """Targets have the predictions' shape."""
        checks.same_shape("y_true", y_true.shape, "y_pred", y_pred.shape)


class BinaryCrossentropy(LossFunctionWrapper):
    """Cross-entropy where each output is a yes or no of its own.

    Shapes: y_true and y_pred (batch, ..., outputs), or (batch,) beside (batch, 1).

    Args:
        from_logits: whether y_pred are logits; else they are probabilities.
        label_smoothing: the share, from 0 to 1, that is moved towards one half.
        axis: the axis of the mean; only -1.
        reduction: see `Loss`.
        name: in messages.
        dtype: see `Loss`.

    >>> BinaryCrossentropy()([[1.0]], [[0.5]])
    array(0.6931472, dtype=float32)
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "binary_crossentropy",
        dtype: Any = None,
    ) -> None:
        options = checked(self, from_logits=from_logits, label_smoothing=label_smoothing, axis=axis)
        super().__init__(binary_crossentropy, reduction, name, dtype, **options)

    def check(self, y_true: Any, y_pred: Any) -> None:
        """Targets have the predictions' shape, and lie in [0, 1]."""
        checks.same_shape("y_true", y_true.shape, "y_pred", y_pred.shape)
        checks.probabilities("y_true", y_true)


def checked(part: Any, **options: Any) -> dict[str, Any]:
    """Give a cross-entropy its options as attributes, if they have a meaning, and return them."""
    class_name = type(part).__name__
    checks.boolean("from_logits", options["from_logits"])
    checks.number_in("label_smoothing", options.get("label_smoothing", 0), 0, 1)
    checks.only_none(class_name, ignore_class=options.get("ignore_class"))
    checks.last_axis(class_name, options.get("axis", -1))
    vars(part).update(options)
    return options
