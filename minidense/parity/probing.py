"""What one layer would give with other weights, or made with another argument.

The layer is as it was afterwards, and so are the random generators of Python and NumPy, which a new
layer draws its seeds from.
"""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from minidense.parity.arrays import leaves, to_numpy
from minidense.parity.kept import kept, state_of
from minidense.typing import Array


def weights_of(layer: Any) -> list[Any]:
    """Return a layer's variables."""
    return list(getattr(layer, "weights", []))


def call(
    layer: Any, inputs: Sequence[Array], weights: Sequence[Array] | None = None
) -> list[Array] | None:
    """Return what a layer gives at rest, with other weights if given; None if it raises."""
    variables = weights_of(layer)
    with kept([*variables, *state_of(layer)]):
        try:
            for variable, value in zip(variables, weights or [], strict=weights is not None):
                variable.assign(value)
            return leaves(layer(inputs[0] if len(inputs) == 1 else list(inputs)))
        except Exception:  # it does not take them, in whichever way its library says so
            return None


def made_with(layer: Any, changes: dict[str, Any], inputs: Sequence[Array]) -> list[Array] | None:
    """Return what the layer would give if it were made with other arguments; None if it cannot."""
    with _random_as_it_was():
        try:
            other = type(layer).from_config({**layer.get_config(), **changes})
            other(inputs[0] if len(inputs) == 1 else list(inputs))  # builds it
        except Exception:
            return None
        return call(other, inputs, [to_numpy(variable) for variable in weights_of(layer)])


def arguments_that_differ(one: Any, other: Any) -> dict[str, Any]:
    """Return what `one` was made with where `other` was made with something else, but for names.

    Only what both have is compared, and only plain values: numbers, texts, tuples.
    """
    ours, theirs = plain_arguments(one), plain_arguments(other)
    return {key: ours[key] for key in ours if key in theirs and ours[key] != theirs[key]}


def plain_arguments(layer: Any) -> dict[str, Any]:
    """Return what a layer was made with, names, dtypes and seeds left out; {} if it cannot say."""
    try:
        config = layer.get_config()
    except Exception:  # a class of one's own, without a config
        return {}
    left_out = {"name", "dtype", "seed", "trainable"}
    return {key: value for key, value in config.items() if key not in left_out and _is_plain(value)}


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, (bool, int, float, str, tuple, list))


@contextmanager
def _random_as_it_was() -> Iterator[None]:
    state, numpy_state = random.getstate(), np.random.get_state()
    try:
        yield
    finally:
        random.setstate(state)
        np.random.set_state(numpy_state)
