"""A model is as it was: what an oracle changes while it asks is put back afterwards."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from minidense.parity.arrays import to_numpy


@contextmanager
def kept(variables: Iterable[Any]) -> Iterator[None]:
    """Give variables of either library their values back at the end of the block.

    Args:
        variables: weights, an optimizer's variables, the states of seed generators.

    >>> from minidense import Variable
    >>> weight = Variable([1.0])
    >>> with kept([weight]):
    ...     two = weight.assign([2.0])
    >>> weight.numpy()
    array([1.], dtype=float32)
    """
    before = [(variable, to_numpy(variable)) for variable in variables]
    try:
        yield
    finally:
        for variable, value in before:
            if to_numpy(variable).tobytes() != value.tobytes():
                variable.assign(value)


def state_of(model: Any) -> list[Any]:
    """Return the variables of a model that a call can change: weights, seeds, metrics."""
    variables = list(getattr(model, "variables", getattr(model, "weights", [])))
    return variables + list(getattr(model, "metrics_variables", []))
