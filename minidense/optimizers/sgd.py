"""Stochastic gradient descent, with momentum if wanted.

Answers to `keras.optimizers.SGD` (`keras/src/optimizers/sgd.py`).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from minidense import checks
from minidense.optimizers.optimizer import Optimizer
from minidense.typing import Array
from minidense.variables import Variable


class SGD(Optimizer):
    """variable -= learning_rate * gradient, or a step along a decaying sum of such steps.

    With momentum: velocity = momentum * velocity - learning_rate * gradient, and then
    variable += velocity; with Nesterov's form, variable += momentum * velocity -
    learning_rate * gradient.

    Args:
        learning_rate: a float, 0 or more.
        momentum: a float from 0 to 1.
        nesterov: whether momentum takes Nesterov's form.
        name: in messages and configurations; None means an automatic one.
        **kwargs: what else `Optimizer` takes.

    Raises:
        ValueError: for a learning rate or a momentum that is no float or out of range.

    >>> weight = Variable([1.0])
    >>> SGD(0.5).apply([np.float32([1.0])], [weight]); weight.numpy()
    array([0.5], dtype=float32)
    """

    def __init__(
        self,
        learning_rate: float = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        *,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        checks.momentum(momentum)
        checks.boolean("nesterov", nesterov)
        super().__init__(learning_rate, name=name, **kwargs)
        self.momentum = momentum
        self.nesterov = nesterov

    def build(self, variables: Sequence[Variable]) -> None:
        """Make a velocity for each weight, if there is momentum."""
        if self.built:
            return
        super().build(variables)
        self._velocities = self.add_state(variables, "momentum")[0] if self.momentum else []

    def update_step(self, gradient: Array, variable: Variable, learning_rate: Any) -> None:
        """Change one variable in place."""
        step = np.multiply(gradient, learning_rate, out=gradient, dtype=gradient.dtype)
        if not self.momentum:
            variable.value -= step
            return
        one = variable.value.dtype.type
        # Keras rounds the momentum to float32 for any weight: TensorFlow's cast of a Python float
        momentum = one(np.float32(self.momentum))
        velocity = self._velocities[self.index_of(variable)].value
        velocity *= momentum
        velocity -= step
        variable.value += velocity * momentum - step if self.nesterov else velocity

    def get_config(self) -> dict[str, Any]:
        """Return Keras's keys."""
        return {**super().get_config(), "momentum": self.momentum, "nesterov": self.nesterov}


__all__ = ["SGD"]
