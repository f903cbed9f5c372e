"""Guards for the arguments of compile, fit, evaluate and predict."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from minidense.checks.arguments import at_least, one_of
from minidense.checks.message import brief, unfit
from minidense.nest import flatten, is_nested, leaves_of


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


def some_metric(identifier: Any) -> None:
    """A list of metrics holds metrics; None may stand in the place of a list."""
    if identifier is None:
        raise ValueError("Expected a metric in the list of an output. Received None.")


def one_output(outputs: int) -> None:
    """What two models are compared in has one output."""
    if outputs != 1:
        raise NotImplementedError(
            f"Gradients are compared for models with one output. This model has {outputs}."
        )


def outputs_have_names(argument: str, keys: Sequence[Any], names: Any) -> Sequence[str]:
    """The names of the outputs; a dict goes to outputs that have names, or come in a dict."""
    if names is None:
        why = "the outputs of the model are in no dict, and have no names"
        hint = "only those of a functional model have some"
        received = f"Received `{argument}` in a dict with the keys {brief(list(keys), 120)}"
        raise TypeError(f"{received}, but {why}: {hint}.")
    known: Sequence[str] = names
    return known


def names_of_losses(given: Sequence[Any], names: Sequence[str]) -> None:
    """Losses in a dict have the names of the model's outputs."""
    if set(given) != set(names):
        wish = f"`compile` takes losses for the outputs {brief(list(names), 120)}"
        raise ValueError(f"{wish}. Received a dict with the keys {brief(list(given), 120)}.")


def names_of_loss_weights(given: Sequence[Any], losses: Sequence[Any], by_key: bool) -> None:
    """Weights in a dict have the names of the losses; Keras looks at each or at their number."""
    if set(given) != set(losses):
        error = ValueError if by_key and len(given) != len(losses) else KeyError
        wish = f"`loss_weights` must have the keys of `loss`, {brief(list(losses), 120)}"
        raise error(f"{wish}. Received a dict with the keys {brief(list(given), 120)}.")


def as_many_loss_weights(weights: Any, losses: int) -> None:
    """A factor for each loss, None for an output without a loss among them."""
    if len(flatten(weights)) != losses:
        error = ValueError if is_nested(weights) else TypeError
        wish = f"`loss_weights` must have a weight for each loss, {losses} in all"
        raise error(f"{wish}. Received: loss_weights={brief(weights)}.")


def losses_like_outputs(losses: Any, outputs: Any) -> None:
    """Losses are nested as the outputs are: all of a list, some of a dict.

    Where a list is too short, or is for one output, Keras trains on the first.
    """
    error: type[Exception] = KeyError
    if isinstance(losses, Mapping):
        fits = isinstance(outputs, Mapping) and set(losses) <= set(outputs)
    else:
        fits = isinstance(outputs, (list, tuple)) and len(losses) == len(outputs)
        if not isinstance(outputs, (list, tuple)) or len(losses) < len(outputs):
            error = ValueError
    if losses and not fits:
        wish = f"`loss` must have the form of the outputs, {form_of(outputs)}"
        raise error(f"{wish}, or be one loss for all. Received {form_of(losses)}.")


def loss_of_one_output(path: Sequence[Any], is_nested: bool) -> None:
    """A loss compares two arrays."""
    if is_nested:
        where = "/".join(map(str, path))
        raise KeyError(f"`loss` must have a loss for each of the outputs in '{where}'.")


def keys_of_targets(y: Any, outputs: Any, count: int) -> None:
    """Targets in a dict go by the keys or the names of the outputs."""
    if isinstance(y, Mapping) and len(y) == count:
        wish = f"The outputs of the model have the form {form_of(outputs)}"
        raise TypeError(f"{wish}. Received `y` in a dict with the keys {brief(list(y), 120)}.")


def as_many_targets(y: Any, outputs: Any, losses: int) -> None:
    """Targets for all outputs, or for those that have a loss."""
    if len(flatten(y)) != losses:
        wish = f"`y` must have the form of the outputs, {form_of(outputs)}"
        received = f"Received `y` in the form {form_of(y)}"
        raise ValueError(f"{wish}, or that of the losses. {received}.")


def part_exists(argument: str, structure: Any, key: Any, path: Sequence[Any]) -> None:
    """What is nested as the outputs are has something for each; of weights, Python says it."""
    is_list = isinstance(structure, (list, tuple))
    if is_list and isinstance(key, int):
        exists = key < len(structure)
    else:
        exists = isinstance(structure, Mapping) and key in structure
    if not exists:
        of_list = IndexError if isinstance(key, int) else TypeError
        error = of_list if is_list and argument == "sample_weight" else KeyError
        where = "/".join(map(str, path))
        received = f"Received `{argument}` in the form {form_of(structure)}"
        raise error(f"`{argument}` has nothing for the output at '{where}'. {received}.")


def weights_of_one_output(sample_weight: Any) -> Any:
    """Beside one output, weights may come in a list of one."""
    received = f"Received `sample_weight` in the form {form_of(sample_weight)}"
    if isinstance(sample_weight, Mapping):
        raise TypeError(f"The output of the model is no dict. {received}.")
    if is_nested(sample_weight) and len(sample_weight) != 1:
        raise ValueError(f"`sample_weight` must be one array for an output. {received}.")
    return sample_weight[0] if is_nested(sample_weight) else sample_weight


@contextmanager
def metrics_like_outputs(argument: str, identifiers: Any, names: Any) -> Iterator[None]:
    """Metrics for several outputs come in a list, one for each, or in a dict by their names."""
    try:
        yield
    except ValueError as error:
        known = "" if names is None else f", by the names {brief(list(names), 120)}"
        wish = f"`{argument}` must be nested as the outputs are{known}"
        raise ValueError(f"{wish}. Received: {argument}={brief(identifiers)}.") from error


def form_of(structure: Any) -> str:
    """Return how a structure is nested: `{'a': *, 'b': [*, *]}`, or `*` for a leaf."""
    if isinstance(structure, Mapping):
        return "{" + ", ".join(f"{key!r:.60}: {form_of(structure[key])}" for key in structure) + "}"
    if isinstance(structure, (list, tuple)):
        return "[" + ", ".join(map(form_of, structure)) + "]"
    return "*"


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


def loss_weights(value: Any) -> None:
    """A factor, or such in a list or dict, where it may be a whole number or None."""
    nested = isinstance(value, (list, tuple, dict))
    kinds: Any = (float, int, np.number, type(None)) if nested else (float, type(None))
    for number in leaves_of(value):
        if not isinstance(number, kinds) or not (number is None or np.isfinite(number)):
            raise unfit("loss_weights", value, "a finite float, or such in a list or dict")


def validation_freq(value: Any) -> None:
    """A number of epochs from 1 up, or a list of epochs."""
    if isinstance(value, list):
        for epoch in value:
            at_least("validation_freq", epoch, 1)
    elif isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise unfit("validation_freq", value, "an integer >= 1 or a list of epochs")
