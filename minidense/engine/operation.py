"""An operation: a kernel in plain NumPy, and its gradient beside it.

Called on arrays it computes. Called where a tape or a trace notes what is done, it is noted. Called
on a symbolic tensor of a graph, it becomes a node of the graph.
"""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import update_wrapper
from typing import Any, NamedTuple, overload

import numpy as np

from minidense import checks
from minidense.engine.inputs import array_of, as_input, as_they_are
from minidense.mode import mode
from minidense.nest import flatten
from minidense.tensors import OPERATIONS, Symbolic, Tensor, tensor_of
from minidense.typing import Array
from minidense.variables import Variable

Kernel = Callable[..., Any]

_MEANINGS = {"grad", "grads", "xs", "y", "ys"}


@dataclass(eq=False, repr=False)
class Operation:
    """A kernel in plain NumPy, and its gradient.

    A kernel's positional parameters are arrays, and its keyword-only ones are settings. It computes
    for any number of rows, decides nothing by the numbers, and writes to no input.

    Its gradient asks for what it needs by name: `grad`, the gradient of the output (`grads`, of
    several); `y`, the output (`ys`, of several); the kernel's own parameters (`xs`, all arrays). It
    is made of operations, and returns a gradient, or None, for each input.

    Args:
        kernel: what is computed.
        casting: brings the inputs to dtypes that the kernel computes in.
        elementwise: whether each number of the output comes from those at its place.
        in_registers: whether the last numbers of an array, which fill no register, are computed in
            another way (`numerics/registers.py`): what a row becomes depends on where it stands.
        row_by_row: whether each row of the output comes from that row of the first input.
        keeps_logits: whether the output remembers the input: so with a softmax and a sigmoid.
        opaque: whether the kernel itself is called each time that a program runs.
    """

    kernel: Kernel
    casting: Callable[[Sequence[Any]], list[Any]] = as_they_are
    elementwise: bool = False
    in_registers: bool = False
    row_by_row: bool = False
    keeps_logits: bool = False
    opaque: bool = False

    def __post_init__(self) -> None:
        update_wrapper(self, self.kernel)
        self.name = self.kernel.__name__
        self.row_by_row |= self.elementwise
        parameters = inspect.signature(self.kernel).parameters.values()
        self.inputs = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
        self.defaults = {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}
        self.takes_many = any(p.kind is p.VAR_POSITIONAL for p in parameters)
        self.go_back: Any = None
        self.infer_spec: Kernel | None = None
        self.asked_for: list[str] = []
        OPERATIONS[self.name] = self

    def gradient(self, function: Kernel) -> Kernel:
        """Use a function as the gradient; a decorator.

        Raises:
            TypeError: for a kernel with a parameter that has a meaning for gradients.
        """
        for name in {*self.inputs, *self.defaults} & _MEANINGS:
            raise TypeError(f"A gradient could not ask for the parameter {name!r} of {self.name}.")
        self.go_back = function
        self.asked_for = list(inspect.signature(function).parameters)
        return function

    def spec(self, function: Kernel) -> Kernel:
        """Use a function of the inputs to know the output's shape and dtype; a decorator.

        For a kernel that cannot be asked: it draws, or takes long on large arrays.
        """
        self.infer_spec = function
        return function

    def __call__(self, *inputs: Any, **settings: Any) -> Any:
        """Compute for arrays, be noted by a tape or a trace, or become a node of a graph."""
        if not self.takes_many and len(inputs) != len(self.inputs):
            inputs, settings = sorted_out(self, self.kernel, inputs, settings)
        for value in inputs:
            if isinstance(value, Symbolic):
                outputs = value.record(self, inputs, settings)
                if outputs is not NotImplemented:
                    return outputs
        ready = self.casting([as_input(value, self.name) for value in inputs])
        if mode.recorder is not None:
            return mode.recorder.note(self, ready, settings)
        return self.compute(ready, settings)

    def compute(self, inputs: Sequence[Any], settings: dict[str, Any]) -> Any:
        """Return the outputs for arrays as tensors; what overflows does so in silence."""
        arrays = [array_of(value) for value in inputs]
        try:
            with np.errstate(all="ignore"):
                results = self.kernel(*arrays, **settings)
        except ValueError:
            if self.elementwise:
                checks.can_be_broadcast(self.name, [*map(np.shape, arrays)])
            raise
        changing = [
            array
            for array, value in zip(arrays, inputs, strict=True)
            if isinstance(value, Variable) or type(value) is np.ndarray
        ]
        if isinstance(results, tuple):
            return tuple(_apart(result, changing) for result in results)
        output = _apart(results, changing)
        if self.keeps_logits:
            output.logits = inputs[0]
        return output

    def __reduce__(self) -> tuple[Any, ...]:
        return _named, (self.name,)  # a copy is the operation itself, as it is of a function

    def __repr__(self) -> str:
        return f"<operation {self.name}>"


class Composite:
    """A function that is made of operations: it has no kernel, and no gradient of its own.

    Its keyword-only parameters and those with a default are settings, the others are tensors, or
    lists of them. On a symbolic tensor of a graph it becomes one node.
    """

    def __init__(self, function: Callable[..., Any], name: str | None = None) -> None:
        update_wrapper(self, function)
        self.function = function
        self.name = name or function.__name__
        parameters = inspect.signature(function).parameters.values()
        self.takes_many = any(p.kind is p.VAR_POSITIONAL for p in parameters)
        settings = [p for p in parameters if p.kind is p.KEYWORD_ONLY or p.default is not p.empty]
        self.inputs = [p.name for p in parameters if p not in settings]
        self.defaults = {p.name: p.default for p in settings}
        OPERATIONS.setdefault(self.name, self)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function, or become a node of a graph."""
        inputs, settings = args, kwargs
        if not self.takes_many and (kwargs or len(args) != len(self.inputs)):
            inputs, settings = sorted_out(self, self.function, args, kwargs)
        for value in flatten(inputs):
            if isinstance(value, Symbolic):
                outputs = value.record(self, inputs, settings)
                if outputs is not NotImplemented:
                    return outputs
        return self.function(*inputs, **settings)

    def __reduce__(self) -> tuple[Any, ...]:
        return _named, (self.name,)

    def __repr__(self) -> str:
        return f"<operation {self.name}>"


def _named(name: str) -> Any:
    return OPERATIONS[name]


class Call(NamedTuple):
    """An operation that was noted: what went in, how it was set, what came out, and for whom."""

    operation: Operation
    inputs: list[Any]
    settings: dict[str, Any]
    outputs: list[Any]
    layer: str
    """The path of the layer that was being called."""
    flushed: bool
    """Whether subnormal numbers are taken for 0."""


@overload
def operation(kernel: Kernel) -> Operation: ...
@overload
def operation(kernel: None = None, **marks: Any) -> Callable[[Kernel], Operation]: ...
def operation(kernel: Kernel | None = None, **marks: Any) -> Any:
    """Make an operation of a kernel; a decorator, with or without the arguments of `Operation`."""
    if kernel is not None:
        return Operation(kernel)
    return lambda kernel: Operation(kernel, **marks)


def sorted_out(
    operation: Any, function: Kernel, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return tensors that were passed by name in their places, and settings by their names."""
    checks.fits_signature(operation.name, function, args, kwargs)
    names = [*operation.inputs, *operation.defaults]
    given = {**dict(zip(names, args, strict=False)), **kwargs}
    return tuple(given.pop(name) for name in operation.inputs), given


def _apart(result: Any, changing: Sequence[Array]) -> Tensor:
    """Return a result as a tensor that no later change of an array or a variable changes."""
    array = np.asarray(result)
    is_apart = not any(np.may_share_memory(array, each) for each in changing)
    return tensor_of(array if is_apart else array.copy())
