"""Adam: steps scaled by running means of the gradient and of its square.

Mirrors `keras.optimizers.Adam` (`keras/src/optimizers/adam.py`).
"""

from collections.abc import Sequence
from typing import Any

from minidense import checks, ops
from minidense.optimizers.optimizer import Optimizer
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
        **kwargs: `name`, and what else `Optimizer` takes.

    Raises:
        ValueError: for an argument out of range.

    >>> weight = Variable([1.0])
    >>> Adam(0.5).apply([[4.0]], [weight]); weight.numpy()
    array([0.50000376], dtype=float32)
    """

    def __init__(
        self,
        learning_rate: float = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate, **kwargs)
        checks.number_in("beta_1", beta_1, 0, 1, high_included=False)
        checks.number_in("beta_2", beta_2, 0, 1, high_included=False)
        checks.number_in("epsilon", epsilon, 0, float("inf"), high_included=False)
        checks.boolean("amsgrad", amsgrad)
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.amsgrad = amsgrad

    def build(self, variables: Sequence[Variable]) -> None:
        """Make both running means for each weight."""
        if self.built:
            return
        super().build(variables)
        names = ["momentum", "velocity"]
        self._momentums, self._velocities = self.add_optimizer_variables(variables, names)
        if self.amsgrad:
            self._velocity_hats = self.add_optimizer_variables(variables, "velocity_hat")

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """Change one variable."""
        # in Keras's order, each operation rounded: another order ends in another trajectory
        step = ops.cast(self.iterations + 1, variable.dtype)
        beta_1_power = ops.power(ops.cast(self.beta_1, variable.dtype), step)
        beta_2_power = ops.power(ops.cast(self.beta_2, variable.dtype), step)
        rate = ops.cast(learning_rate, variable.dtype)
        alpha = rate * ops.sqrt(1 - beta_2_power) / (1 - beta_1_power)
        index = self._get_variable_index(variable)
        mean, square = self._momentums[index], self._velocities[index]
        mean.assign_add((gradient - mean) * (1 - self.beta_1))
        square.assign_add((ops.square(gradient) - square) * (1 - self.beta_2))
        if self.amsgrad:
            largest = self._velocity_hats[index]
            largest.assign(ops.maximum(largest, square))
            square = largest
        variable.assign_sub(mean * alpha / (ops.sqrt(square) + self.epsilon))
