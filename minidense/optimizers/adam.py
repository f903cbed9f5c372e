"""Adam: steps scaled by running means of the gradient and of its square.

Answers to `keras.optimizers.Adam` (`keras/src/optimizers/adam.py`).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from minidense import checks
from minidense.optimizers.optimizer import Optimizer
from minidense.typing import Array
from minidense.variables import Variable


class Adam(Optimizer):
    """variable -= alpha * m / (sqrt(v) + epsilon).

    m and v are running means of the gradient and of its square, with weights 1 - beta_1 and
    1 - beta_2 for the newest; alpha is the learning rate corrected for their start at 0:
    learning_rate * sqrt(1 - beta_2**t) / (1 - beta_1**t) at step t.

    Args:
        learning_rate: a float, 0 or more.
        beta_1: in [0, 1).
        beta_2: in [0, 1).
        epsilon: 0 or more; outside the root, as in Keras.
        amsgrad: whether v is replaced by the largest v so far.
        name: in messages and configurations; None means an automatic one.
        **kwargs: what else `Optimizer` takes.

    Raises:
        ValueError: for an argument out of range.

    >>> weight = Variable([1.0])
    >>> Adam(0.5).apply([np.float32([4.0])], [weight]); weight.numpy()
    array([0.50000376], dtype=float32)
    """

    def __init__(
        self,
        learning_rate: float = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        *,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        checks.number_in("beta_1", beta_1, 0, 1, high_included=False)
        checks.number_in("beta_2", beta_2, 0, 1, high_included=False)
        checks.number_in("epsilon", epsilon, 0, float("inf"), high_included=False)
        checks.boolean("amsgrad", amsgrad)
        super().__init__(learning_rate, name=name, **kwargs)
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.amsgrad = amsgrad

    def build(self, variables: Sequence[Variable]) -> None:
        """Make both running means for each weight."""
        if self.built:
            return
        super().build(variables)
        self._means, self._squares = self.add_state(variables, "momentum", "velocity")
        self._largest = self.add_state(variables, "velocity_hat")[0] if self.amsgrad else []

    def update_step(self, gradient: Array, variable: Variable, learning_rate: Any) -> None:
        """Change one variable in place."""
        one = variable.value.dtype.type
        step = one(self.iterations.value + 1)
        # In Keras's order, each operation rounded: another order ends in another trajectory. The
        # powers are those of float32 numbers for any weight: TensorFlow's cast of a Python float.
        beta_1, beta_2 = one(np.float32(self.beta_1)), one(np.float32(self.beta_2))
        alpha = one(learning_rate) * np.sqrt(1 - beta_2**step) / (1 - beta_1**step)
        index = self.index_of(variable)
        mean, square = self._means[index].value, self._squares[index].value
        mean += (gradient - mean) * one(1 - self.beta_1)
        square += (gradient * gradient - square) * one(1 - self.beta_2)
        if self.amsgrad:
            largest = self._largest[index].value
            np.maximum(largest, square, out=largest)
            square = largest
        variable.value -= mean * alpha / (np.sqrt(square) + one(self.epsilon))

    def get_config(self) -> dict[str, Any]:
        """Return Keras's keys."""
        return {
            **super().get_config(),
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
            "amsgrad": self.amsgrad,
        }


__all__ = ["Adam"]
