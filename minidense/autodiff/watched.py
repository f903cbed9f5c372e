"""What a gradient tape watches, and what of the noted operations it leads to."""

from collections.abc import Sequence
from typing import Any

from minidense import checks, ops
from minidense.dtypes import is_floating
from minidense.engine.gradients import gradients_of
from minidense.engine.operation import Call
from minidense.engine.tape import Tape, variable_of
from minidense.nest import flatten
from minidense.tensors import Symbolic, Tensor
from minidense.variables import Variable


class Watched:
    """What is noted, with what is watched of it.

    Args:
        watch_accessed_variables: whether each variable that is read is watched, if it was made
            trainable.
    """

    def __init__(self, watch_accessed_variables: bool) -> None:
        self.tape = Tape()
        self._watch_accessed_variables = watch_accessed_variables
        self._tensors: dict[int, tuple[Any, int]] = {}
        """The watched tensors, and from which call on each is watched."""
        self._variables: dict[Variable, int] = {}
        """The watched variables, likewise."""

    def add(self, value: Any) -> None:
        """Watch a tensor or a variable from now on."""
        variable = self._variable_of(value)
        if variable is not None:
            self._variables.setdefault(variable, len(self.tape.calls))
        else:
            self._tensors.setdefault(id(value), (value, len(self.tape.calls)))

    @property
    def variables(self) -> tuple[Variable, ...]:
        """The watched variables."""
        read = [variable for variable in self.tape.reads if self._watches(variable)]
        return tuple(dict.fromkeys([*read, *self._variables]))

    def gradients(
        self, target: Any, sources: Sequence[Any], output_gradients: Any, is_zero: bool
    ) -> list[Any]:
        """Return the gradient for each source: the tape can be asked again."""
        for argument, leaves in (("target", flatten(target)), ("sources", sources)):
            for leaf in leaves:
                checks.part_of_gradient(argument, leaf, is_tensor(leaf))
        targets, grads = self._targets(flatten(target), output_gradients)
        calls, reached = self._connected()
        ends = reached | set(map(id, targets))
        read_as = [[x for x in self._read_as(source) if id(x) in ends] for source in sources]
        found = gradients_of(targets, read_as, calls, grads)
        return [
            ops.zeros_like(source) if grad is None and is_zero else grad
            for source, grad in zip(sources, found, strict=True)
        ]

    def _targets(self, targets: list[Any], output_gradients: Any) -> tuple[list[Any], list[Any]]:
        """Return the targets that have gradients, as tensors, and the gradients of these."""
        given = [] if output_gradients is None else flatten(output_gradients)
        given = [ops.convert_to_tensor(grad) for grad in given][: len(targets)]
        for grad, x in zip(given, targets, strict=False):
            checks.output_gradient(tuple(grad.shape), grad.dtype, tuple(x.shape), x.dtype)
        given += [None] * (len(targets) - len(given))
        variables = [self._variable_of(x) for x in targets]
        tensors = [
            x if variable is None else self.tape.reads.get(variable, [variable.value])[-1]
            for x, variable in zip(targets, variables, strict=True)
        ]
        pairs = [pair for pair in zip(tensors, given, strict=True) if is_floating(pair[0].dtype)]
        return [x for x, _ in pairs], [grad for _, grad in pairs]

    def _connected(self) -> tuple[list[Call], set[int]]:
        """Return the calls that something watched leads to, and the tensors on the way."""
        begins = {key: place for key, (x, place) in self._tensors.items() if is_floating(x.dtype)}
        for variable, tensors in self.tape.reads.items():
            if self._watches(variable) and is_floating(variable.dtype):
                place = 0 if self._is_accessed(variable) else self._variables[variable]
                begins |= dict.fromkeys(map(id, tensors), place)
        reached: set[int] = set()
        calls = []
        for place, call in enumerate(self.tape.calls):
            if call.operation.go_back is not None and any(
                id(x) in reached or begins.get(id(x), place + 1) <= place for x in call.inputs
            ):
                reached.update(id(x) for x in call.outputs if is_floating(x.dtype))
                calls.append(call)
        return calls, reached | set(begins)

    def _is_accessed(self, variable: Variable) -> bool:
        return self._watch_accessed_variables and variable.is_watched

    def _watches(self, variable: Variable) -> bool:
        return self._is_accessed(variable) or variable in self._variables

    def _variable_of(self, value: Any) -> Variable | None:
        """Return the variable that a value is, or that it is what was read of."""
        known = variable_of(value)
        if known is not None:
            return known
        read = self.tape.reads.items()
        found = (variable for variable, tensors in read if any(value is each for each in tensors))
        return next(found, None)

    def _read_as(self, value: Any) -> list[Any]:
        """Return the tensors that a source is in what was noted."""
        variable = self._variable_of(value)
        if variable is None:
            return [value]
        return self.tape.reads.get(variable, [])


def is_tensor(value: Any) -> bool:
    """Whether something can be watched, and have a gradient."""
    return isinstance(value, (Tensor, Symbolic, Variable))
