"""Guards for the arguments of compile, fit, evaluate and predict."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from minidense.checks.arguments import at_least, one_of
from minidense.checks.message import brief, unfit


def compiled(is_compiled: bool, method: str) -> None:
    """Training and evaluation need a loss and an optimizer."""
    if not is_compiled:
        raise ValueError(f"You must call `compile()` before calling `{method}()` on the model.")


def has_loss(identifier: Any) -> None:
    """A step needs something to make smaller."""
    if identifier is None:
        raise ValueError("No loss to compute. Provide a `loss` argument in `compile()`.")


def has_optimizer(optimizer: Any) -> None:
    """A step needs something that takes it; measuring alone does not."""
    if optimizer is None:
        raise ValueError("Training needs an optimizer: it was compiled with optimizer=None.")


def list_of_metrics(argument: str, value: Any) -> None:
    """Metrics come in a list, even one."""
    if value and not isinstance(value, (list, tuple, dict)):
        raise unfit(argument, value, "a list, tuple or dict")


def one_output(outputs: int) -> None:
    """What minidense trains has one output."""
    if outputs != 1:
        received = f"This model has {outputs}: call it, or `predict` with it"
        raise NotImplementedError(f"A model is trained and measured on one output. {received}.")


def one_loss(losses: int) -> None:
    """A loss for each output is a loss for one output."""
    if losses != 1:
        wish = "`compile` takes one loss, for models with one output"
        raise NotImplementedError(f"{wish}. Received {losses} losses.")


def names_of_losses(names: Sequence[Any], outputs: Sequence[str], key: str | None) -> None:
    """Losses in a dict have the names of the model's outputs, or else its output's key."""
    if set(names) != set(outputs):
        error = ValueError if key is None else KeyError
        wish = f"`compile` takes losses for the outputs {brief(list(outputs), 120)}"
        raise error(f"{wish}. Received a dict with the keys {brief(list(names), 120)}.")


def key_of_loss(key: Any, output: str | None) -> None:
    """A loss in a dict, of a model that was not built when it was compiled, has its output's key.

    Before it is built an output has no name, in Keras neither.
    """
    compiled_with = f"The model was compiled with a loss for the output {brief(key)}"
    if output is None:
        why = "before it was built, when its output had no name"
        hint = "Pass the loss alone, or give the model an `Input`"
        raise TypeError(f"{compiled_with} {why}. {hint}.")
    if key != output:
        raise KeyError(f"{compiled_with}. Its output is a dict with the key '{output}'.")


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
        few = f"validation_split={validation_split} does not split {rows} rows in two"
        raise ValueError(f"{few}: one part would be empty.")


def pair_of_data(value: Any) -> None:
    """Validation data are (x, y) or (x, y, sample_weight)."""
    if not isinstance(value, (tuple, list)) or not 2 <= len(value) <= 3:
        raise unfit("validation_data", value, "a tuple (x, y) or (x, y, sample_weight)")


def targets_given(y: Any, where: str = "") -> None:
    """A loss compares predictions with targets."""
    if y is None:
        raise ValueError(f"The loss compares predictions with targets: `y` is missing{where}.")


def verbosity(value: Any) -> int:
    """0, 1 or 2; "auto" and True are 1, False is 0."""
    one_of("verbose", value, [0, 1, 2, "auto", True, False])
    return 1 if value == "auto" else int(value)


def loss_weight(value: Any) -> float | None:
    """A factor for the one loss, or none; in a list or dict of one it may be a whole number."""
    number = value
    kinds: Any = float
    if isinstance(value, (list, tuple, dict)) and len(value) == 1:
        (number,) = value.values() if isinstance(value, dict) else value
        kinds = (float, int, np.number)
    if number is None:
        return None
    if not isinstance(number, kinds) or not np.isfinite(number):
        raise unfit("loss_weights", value, "a finite float")
    return float(number)


def validation_freq(value: Any) -> None:
    """A number of epochs from 1 up, or a list of epochs."""
    if isinstance(value, list):
        for epoch in value:
            at_least("validation_freq", epoch, 1)
    elif isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise unfit("validation_freq", value, "an integer >= 1 or a list of epochs")
