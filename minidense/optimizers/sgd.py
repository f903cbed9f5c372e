"""Stochastic gradient descent, with momentum if wanted.

Mirrors `keras.optimizers.SGD` (`keras/src/optimizers/sgd.py`).
"""

from collections.abc import Sequence
from typing import Any

from minidense import checks, ops
from minidense.optimizers.optimizer import Optimizer
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
        **kwargs: `name`, and what else `Optimizer` takes.

    Raises:
        ValueError: for a learning rate or a momentum that is no float or out of range.

    >>> weight = Variable([1.0])
    >>> SGD(0.5).apply([[1.0]], [weight]); weight.numpy()
    array([0.5], dtype=float32)
    """

    def __init__(
        self,
        learning_rate: float = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate, **kwargs)
        checks.momentum(momentum)
        checks.boolean("nesterov", nesterov)
        self.momentum = momentum
        self.nesterov = nesterov

    def build(self, variables: Sequence[Variable]) -> None:
        """Make a velocity for each weight, if there is momentum."""
        if self.built:
            return
        super().build(variables)
        self.momentums: list[Variable] = []
        if self.momentum:
            self.momentums = self.add_optimizer_variables(variables, "momentum")

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """Change one variable."""
        step = ops.multiply(gradient, ops.cast(learning_rate, variable.dtype))
        if not self.momentum:
            variable.assign_sub(step)
            return
        # Keras rounds the momentum to float32 for any weight: TensorFlow's cast of a Python float
        momentum = ops.cast(self.momentum, variable.dtype)
        velocity = self.momentums[self._get_variable_index(variable)]
        velocity.assign(ops.subtract(ops.multiply(velocity, momentum), step))
        if self.nesterov:
            variable.assign_add(ops.subtract(ops.multiply(velocity, momentum), step))
        else:
            variable.assign_add(velocity)
