"""A tape: what is computed is noted as well, so that gradients can be asked for.

Mirrors `tf.GradientTape`.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from minidense.engine.gradients import gradients_of
from minidense.engine.operation import Call, Operation
from minidense.mode import Recorder, mode, noted_by
from minidense.paths import innermost_path
from minidense.tensors import Tensor, tensor_of
from minidense.variables import Variable


class Tape:
    """Notes each operation with the tensors that went in and came out.

    >>> import numpy as np
    >>> from minidense import ops
    >>> weight = Variable(np.float32([2.0, 3.0]))
    >>> with Tape() as tape:
    ...     loss = ops.sum(weight * weight)
    >>> tape.gradients(loss, [weight])
    [array([4., 6.], dtype=float32)]
    """

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.reads: dict[Variable, list[Any]] = {}
        """The tensors that each variable was read as."""
        self._current: dict[Variable, Any] = {}
        self._outer: Recorder | None = None

    def __enter__(self) -> "Tape":
        self._outer, mode.recorder = mode.recorder, self
        tape: Any = self
        while isinstance(tape, Tape):  # variables may have changed while it did not listen
            tape._current.clear()
            tape = tape._outer
        return self

    def __exit__(self, *error: Any) -> None:
        """Note nothing more; tapes that were begun later go on."""
        below: Any = mode.recorder
        if below is self:
            mode.recorder = self._outer
        while isinstance(below, Tape):
            if below._outer is self:
                below._outer = self._outer
            below = below._outer

    @property
    def unmade(self) -> Any:
        """The variables that a trace around it does not make yet; None if there is none."""
        return self._outer.unmade if self._outer is not None else None

    def note(self, operation: Operation, inputs: Sequence[Any], settings: dict[str, Any]) -> Any:
        """Compute the outputs, note the operation, and return them."""
        taken = [self._taken(value) for value in inputs]
        if self._outer is not None:
            outputs = self._outer.note(operation, taken, settings)
        else:
            outputs = operation.compute(taken, settings)
        each = list(outputs) if isinstance(outputs, tuple) else [outputs]
        self.calls.append(Call(operation, taken, settings, each, innermost_path(), False))
        return outputs

    def _taken(self, value: Any) -> Any:
        """Return an input as it is kept: of a caller's array a copy, as it may change."""
        variable = variable_of(value)
        if variable is not None:
            return self.read(variable)
        return tensor_of(value.copy()) if type(value) is np.ndarray else value

    def read(self, variable: Variable) -> Any:
        """Return the tensor that a variable is just now, and stays when the variable is changed."""
        if variable not in self._current:
            outer = self._outer
            tensor = tensor_of(variable.memory.copy()) if outer is None else outer.read(variable)
            self._current[variable] = tensor
            self.reads.setdefault(variable, []).append(tensor)
        return self._current[variable]

    def assign(self, variable: Variable, value: Any) -> Any:
        """Change a variable; what was read before stays what it was."""
        self._current.pop(variable, None)
        with noted_by(self._outer):
            return variable.assign(value)

    def gradients(self, target: Any, sources: Sequence[Any], grad: Any = None) -> list[Any]:
        """Return how a target changes with variables or tensors, None for what it does not need.

        Args:
            target: a tensor, or several; the gradient is that of the sum of all their numbers.
            sources: variables, and tensors that went into the operations.
            grad: the gradient of each target, in its shape; None is 1 for each number.
        """
        read_as = [self.reads.get(x, []) if isinstance(x, Variable) else [x] for x in sources]
        return gradients_of(target, read_as, self.calls, grad)


def variable_of(value: Any) -> Variable | None:
    """Return the variable that a value is, or follows: `variable.value` in plain mode."""
    if isinstance(value, Variable):
        return value
    return getattr(value, "variable", None) if type(value) is Tensor else None
