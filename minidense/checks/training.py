"""Guards for the arguments of compile, fit, evaluate and predict."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from minidense.checks.arguments import at_least, number_in, one_of
from minidense.checks.message import brief
from minidense.typing import Shape


def compiled(is_compiled: bool, method: str) -> None:
    """Training and evaluation need a loss and an optimizer."""
    if not is_compiled:
        raise ValueError(f"You must call `compile()` before calling `{method}()` on the model.")


_IN_A_STEP = ("compute_loss", "compute_metrics")
OWN_STEPS = {
    "fit": ("train_step", "make_train_function", *_IN_A_STEP),
    "train_on_batch": ("train_step", "make_train_function", *_IN_A_STEP),
    "evaluate": ("test_step", "make_test_function", *_IN_A_STEP),
    "test_on_batch": ("test_step", "make_test_function", *_IN_A_STEP),
    "predict": ("predict_step", "make_predict_function"),
    "predict_on_batch": ("predict_step", "make_predict_function"),
}
"""What Keras calls in a method, and a subclass may write anew."""


def no_step_of_ones_own(model: Any, method: str, validates: bool = False) -> None:
    """A step is what `training/step.py` says; what a subclass writes in its place is not called."""
    for name in (*OWN_STEPS[method], *(OWN_STEPS["evaluate"] if validates else ())):
        if hasattr(model, name):
            raise NotImplementedError(
                f"Model '{model.name}' has a `{name}` of its own, which `{method}` of Keras would "
                "call. This is not supported by minidense: its steps cannot be replaced."
            )


def has_loss(identifier: Any) -> None:
    """A step needs something to make smaller."""
    if identifier is None:
        raise ValueError("No loss to compute. Provide a `loss` argument in `compile()`.")


def has_optimizer(optimizer: Any, method: str) -> None:
    """A step needs something that takes it; measuring alone does not."""
    if optimizer is None:
        raise ValueError(
            f"`{method}` needs an optimizer, but the model was compiled with optimizer=None."
        )


def gradients_exist(without: Sequence[str], variables: Sequence[Any]) -> None:
    """The loss depends on the weights: on one at least; where not on all, a warning says so."""
    if len(without) == len(variables):
        raise ValueError(f"No weight has a gradient: the loss depends on none of {brief(without)}.")
    if without:
        warnings.warn(
            f"The loss does not depend on the weights {brief(list(without))}: they have no "
            "gradient, and stay as they are.",
            UserWarning,
            stacklevel=6,
        )


def list_of_metrics(argument: str, value: Any) -> None:
    """Metrics come in a list, even one."""
    if value and not isinstance(value, (list, tuple, dict)):
        raise ValueError(
            f"Expected `{argument}` to be a list, tuple or dict. Received: {argument}="
            f"{brief(value)} of type {type(value).__name__}."
        )


def one_output(outputs: int, method: str) -> None:
    """What minidense trains has one output."""
    if outputs != 1:
        raise NotImplementedError(
            f"`{method}` takes models with one output. This model has {outputs}: "
            "call it, or `predict` with it."
        )


def same_features(trained: Sequence[Shape], validated: Sequence[Shape]) -> None:
    """A model that the training data will build must fit the validation data, too."""
    for shape, other in zip(trained, validated, strict=False):
        if len(shape) != len(other) or shape[-1] != other[-1]:
            raise ValueError(
                "The rows of `validation_data` must have the shape of those of `x`. "
                f"Received x of shape {shape}, validation x of shape {other}."
            )


def one_loss(losses: int) -> None:
    """A loss for each output is a loss for one output."""
    if losses != 1:
        raise NotImplementedError(
            f"`compile` takes one loss, for models with one output. Received {losses} losses."
        )


def names_of_losses(names: Sequence[Any], outputs: Sequence[str], key: str | None) -> None:
    """Losses in a dict have the names of the model's outputs, or else its output's key."""
    if set(names) != set(outputs):
        error = ValueError if key is None else KeyError
        raise error(
            f"`compile` takes losses for the outputs {brief(list(outputs), 120)}. "
            f"Received a dict of losses with the keys {brief(list(names), 120)}."
        )


def key_of_loss(key: Any, output: str | None) -> None:
    """A loss in a dict, of a model that was not built when it was compiled, has its output's key.

    Before it is built an output has no name, in Keras neither.
    """
    if output is None:
        raise TypeError(
            f"The model was compiled with a loss for the output {brief(key)} before it was built, "
            "when its output had no name. Pass the loss alone, or give the model an `Input`."
        )
    if key != output:
        raise KeyError(
            f"The model was compiled with a loss for the output {brief(key)}. "
            f"Its output is a dict with the key '{output}'."
        )


def key_of_output(argument: str, key: Any, output: str | None) -> None:
    """Targets in a dict go by the key of the output, where the model's output is a dict, too.

    Keras raises KeyError for a wrong key of weights, and TypeError for all others.
    """
    if key == output:
        return
    received = f"Received `{argument}` in a dict with the key {brief(key)}."
    if output is None:
        raise TypeError(f"The output of the model is no dict. {received}")
    error = KeyError if argument == "sample_weight" else TypeError
    raise error(f"The output of the model is a dict with the key '{output}'. {received}")


def some_rows(rows: int, method: str) -> None:
    """Nothing can be learned or measured on no rows."""
    if rows == 0:
        raise ValueError(f"`{method}` needs at least one row. Received arrays of length 0.")


def both_parts(rows: int, split_at: int, validation_split: float) -> None:
    """A split leaves rows on both sides."""
    if split_at in (0, rows):
        raise ValueError(
            f"Training data contains {rows} rows, which is not sufficient to split them by "
            f"validation_split={validation_split}: one part would be empty."
        )


def pair_of_data(value: Any) -> None:
    """Validation data are (x, y) or (x, y, sample_weight)."""
    if not isinstance(value, (tuple, list)) or not 2 <= len(value) <= 3:
        raise ValueError(
            "`validation_data` must be a tuple (x, y) or (x, y, sample_weight). "
            f"Received {brief(value)} of type {type(value).__name__}."
        )


def targets_given(y: Any, method: str) -> None:
    """A loss compares predictions with targets."""
    if y is None:
        raise ValueError(f"`{method}` needs targets: `y` is missing.")


def verbosity(value: Any) -> int:
    """0, 1 or 2; "auto" and True are 1, False is 0."""
    one_of("verbose", value, [0, 1, 2, "auto", True, False])
    return 1 if value == "auto" else int(value)


def split_share(value: Any) -> None:
    """The share of rows that validate: in [0, 1)."""
    number_in("validation_split", value, 0, 1, high_included=False)


def loss_weight(value: Any) -> float | None:
    """A factor for the one loss, or none; in a list or dict of one it may be a whole number."""
    number = value
    kinds: Any = float
    if isinstance(value, (list, tuple, dict)) and len(value) == 1:
        number = next(iter(value.values())) if isinstance(value, dict) else value[0]
        kinds = (float, int, np.number)
    if number is None:
        return None
    if not isinstance(number, kinds) or not np.isfinite(number):
        raise ValueError(
            f"`loss_weights` must be a finite float. Received: loss_weights={brief(value)} "
            f"of type {type(value).__name__}."
        )
    return float(number)


def validation_freq(value: Any) -> None:
    """A number of epochs from 1 up, or a list of epochs."""
    if isinstance(value, list):
        for epoch in value:
            at_least("validation_freq", epoch, 1)
        return
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(
            "`validation_freq` must be an integer >= 1 or a list of epochs. "
            f"Received: validation_freq={brief(value)} of type {type(value).__name__}."
        )


def own_gradient(loss: str, class_name: str, has_gradient: bool) -> None:
    """A loss that computes another value than the one it comes from has another gradient, too."""
    if not has_gradient:
        raise NotImplementedError(
            f"Loss '{loss}' can be evaluated but not trained on: its gradient is not known. "
            f"{class_name} computes a value of its own, so the gradient that it inherits is not "
            f"its own. Define `gradient(y_true, y_pred)` in {class_name}, too."
        )
