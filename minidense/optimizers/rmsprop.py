"""RMSprop: steps divided by the root of a running mean of squared gradients.

Mirrors `keras.optimizers.RMSprop` (`keras/src/optimizers/rmsprop.py`). It is what
`Model.compile()` takes where no optimizer is named.
"""

from collections.abc import Sequence
from typing import Any

from minidense import checks, ops
from minidense.optimizers.optimizer import Optimizer
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
        **kwargs: `name`, and what else `Optimizer` takes.

    Raises:
        ValueError: for an argument out of range.

    >>> weight = Variable([1.0])
    >>> RMSprop(0.5, rho=0.0).apply([[4.0]], [weight]); weight.numpy()
    array([0.5], dtype=float32)
    """

    def __init__(
        self,
        learning_rate: float = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate, **kwargs)
        checks.number_in("rho", rho, 0, 1, high_included=False)
        checks.number_in("momentum", momentum, 0, 1)
        checks.number_in("epsilon", epsilon, 0, float("inf"), high_included=False)
        checks.boolean("centered", centered)
        self.rho = rho
        self.momentum = momentum
        self.epsilon = epsilon
        self.centered = centered

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the running means for each weight."""
        if self.built:
            return
        super().build(variables)
        self._velocities = self.add_optimizer_variables(variables, "velocity")
        if self.momentum:
            self._momentums = self.add_optimizer_variables(variables, "momentum")
        if self.centered:
            self._average_gradients = self.add_optimizer_variables(variables, "average_gradient")

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """Change one variable."""
        index = self._get_variable_index(variable)
        square = self._velocities[index]
        square.assign(self.rho * square + (1 - self.rho) * ops.square(gradient))
        spread = square
        if self.centered:
            mean = self._average_gradients[index]
            mean.assign(self.rho * mean + (1 - self.rho) * gradient)
            spread = square - ops.square(mean)
        rate = ops.cast(learning_rate, variable.dtype)
        step = rate * gradient / ops.sqrt(spread + self.epsilon)
        if self.momentum:
            total = self._momentums[index]
            total.assign(self.momentum * total + step)
            step = total
        variable.assign_sub(step)
