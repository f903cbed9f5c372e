"""RMSprop: steps divided by the root of a running mean of squared gradients.

Answers to `keras.optimizers.RMSprop` (`keras/src/optimizers/rmsprop.py`). It is what
`Model.compile()` takes where no optimizer is named.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from minidense import checks
from minidense.optimizers.optimizer import Optimizer
from minidense.typing import Array
from minidense.variables import Variable


class RMSprop(Optimizer):
    """variable -= learning_rate * gradient / sqrt(v + epsilon).

    v is a running mean of the squared gradient, with weight 1 - rho for the newest; centered, the
    square of the gradient's own running mean is subtracted from it.

    Args:
        learning_rate: a float, 0 or more.
        rho: in [0, 1).
        momentum: from 0 to 1; the steps then add up in a decaying sum.
        epsilon: 0 or more; inside the root, as in Keras.
        centered: whether v is a variance.
        name: in messages and configurations; None means an automatic one.
        **kwargs: what else `Optimizer` takes.

    Raises:
        ValueError: for an argument out of range.

    >>> weight = Variable([1.0])
    >>> RMSprop(0.5, rho=0.0).apply([np.float32([4.0])], [weight]); weight.numpy()
    array([0.5], dtype=float32)
    """

    def __init__(
        self,
        learning_rate: float = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
        *,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        checks.number_in("rho", rho, 0, 1, high_included=False)
        checks.number_in("momentum", momentum, 0, 1)
        checks.number_in("epsilon", epsilon, 0, float("inf"), high_included=False)
        checks.boolean("centered", centered)
        super().__init__(learning_rate, name=name, **kwargs)
        self.rho = rho
        self.momentum = momentum
        self.epsilon = epsilon
        self.centered = centered

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the running means for each weight."""
        if self.built:
            return
        super().build(variables)
        self._squares = self.add_state(variables, "velocity")[0]
        self._sums = self.add_state(variables, "momentum")[0] if self.momentum else []
        self._means = self.add_state(variables, "average_gradient")[0] if self.centered else []

    def update_step(self, gradient: Array, variable: Variable, learning_rate: Any) -> None:
        """Change one variable in place."""
        one = variable.value.dtype.type
        index = self.index_of(variable)
        square = self._squares[index].value
        square *= one(self.rho)
        square += one(1 - self.rho) * (gradient * gradient)
        spread = square
        if self.centered:
            mean = self._means[index].value
            mean *= one(self.rho)
            mean += one(1 - self.rho) * gradient
            spread = square - mean * mean
        step = one(learning_rate) * gradient / np.sqrt(spread + one(self.epsilon))
        if self.momentum:
            total = self._sums[index].value
            total *= one(self.momentum)
            total += step
            step = total
        variable.value -= step

    def get_config(self) -> dict[str, Any]:
        """Return Keras's keys."""
        return {
            **super().get_config(),
            "rho": self.rho,
            "momentum": self.momentum,
            "epsilon": self.epsilon,
            "centered": self.centered,
        }


__all__ = ["RMSprop"]
