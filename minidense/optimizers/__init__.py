"""The optimizers, under Keras's names, and how a name becomes an optimizer.

Answers to `keras.optimizers` (`keras/src/optimizers/__init__.py`).
"""

from typing import Any

from minidense import checks
from minidense.optimizers.adam import Adam
from minidense.optimizers.optimizer import Optimizer
from minidense.optimizers.rmsprop import RMSprop
from minidense.optimizers.sgd import SGD

_BY_NAME: dict[str, type[SGD] | type[Adam] | type[RMSprop]] = {
    "sgd": SGD,
    "adam": Adam,
    "rmsprop": RMSprop,
}


def get(identifier: Any) -> Optimizer | None:
    """Return the optimizer that a name, in any case of letters, or an object stands for.

    Raises:
        ValueError: if the identifier stands for none.

    Source: `keras.optimizers.get`.

    >>> type(get("adam")).__name__
    'Adam'
    """
    if identifier is None or isinstance(identifier, Optimizer):
        return identifier
    known = isinstance(identifier, str) and identifier.lower() in _BY_NAME
    checks.known_name("optimizer", identifier, known, sorted(_BY_NAME))
    return _BY_NAME[identifier.lower()]()


__all__ = ["SGD", "Adam", "Optimizer", "RMSprop", "get"]
