"""What a function does, as a list of operations: it is run once, on tensors without numbers.

Mirrors the graph of a `tf.function`.
"""

import operator
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from itertools import groupby, repeat
from typing import Any, NoReturn

import numpy as np

from minidense import checks
from minidense.engine.inputs import in_dtype
from minidense.engine.listing import in_columns, lines_of_trace
from minidense.engine.operation import Call, Operation
from minidense.engine.specs import output_specs
from minidense.mode import mode, noted_by
from minidense.numerics.subnormals import Flushed
from minidense.paths import innermost_path
from minidense.registry import is_ours
from minidense.tensors import OPERATIONS, NumberOperators, Symbolic, tensor_of
from minidense.typing import Array, Shape
from minidense.variables import Variable


def _refused(error: type[Exception], wish: str) -> Any:
    """Return a method that says why a tensor of a trace cannot do what arrays can."""

    def method(self: "TraceTensor", *args: Any, **kwargs: Any) -> NoReturn:
        raise error(_without_numbers(self, wish))

    return method


_OF_SHAPES = (np.shape, np.ndim)


def _without_numbers(tensor: "TraceTensor", wish: str) -> str:
    return (
        f"A tensor of shape {tensor.shape} has no numbers while a function is traced: {wish}. "
        "Use the operations of `ops`, or compile the model with run_eagerly=True."
    )


class TraceTensor(NumberOperators, Symbolic):
    """What a function sees while it is traced: a dtype, and a shape in which rows may be None."""

    __slots__ = ("dtype", "logits", "shape", "trace")

    logits: Any
    __array_priority__ = 100  # so that `array + tensor` is the tensor's operator

    def __init__(self, trace: "Trace", shape: Shape, dtype: Any) -> None:
        self.trace = trace
        self.shape = shape
        self.dtype = np.dtype(dtype)

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return len(self.shape)

    __bool__ = _refused(TypeError, "it is neither true nor false, `ops.where` chooses")
    __float__ = _refused(TypeError, "float() has nothing to read, `ops.cast` makes a float")
    __int__ = _refused(TypeError, "int() has nothing to read, `ops.cast` makes an integer")
    __index__ = _refused(TypeError, "it is no index of a list or an array")
    __iter__ = _refused(TypeError, "no loop can go over it")
    __len__ = _refused(TypeError, "len() is not known, `ops.shape` gives the sizes")
    __array__ = _refused(  # which a ufunc asks for, and does not say which one it is
        NotImplementedError,
        "it cannot become a NumPy array, `ops.exp` stands for `np.exp` and `ops.where` for a mask",
    )
    __contains__ = _refused(TypeError, "`in` cannot look for a number, `ops.any(x == number)` does")
    __reduce_ex__ = _refused(TypeError, "it can be neither copied deeply nor pickled")

    def __array_function__(self, function: Any, *_: Any) -> Any:
        """Refuse a function of NumPy's that reads numbers, and name the operation in its place."""
        if function in _OF_SHAPES:
            return getattr(self, function.__name__)
        name = function.__name__
        instead = f", but into `ops.{name}`" if name in OPERATIONS else ""
        wish = f"it cannot go into `np.{name}`{instead}"
        raise NotImplementedError(_without_numbers(self, wish))

    def __getattr__(self, name: str) -> NoReturn:
        """Raise AttributeError for what arrays have, and tensors have not."""
        if name == "numpy" or hasattr(np.ndarray, name):
            wish = f"it has no `{name}`, which is NumPy's"
            raise AttributeError(_without_numbers(self, wish))
        raise AttributeError(f"A tensor has no attribute '{name}'.")

    def __copy__(self) -> "TraceTensor":
        return self

    def __repr__(self) -> str:
        return f"<TraceTensor shape={self.shape}, dtype={self.dtype}>"


class Trace:
    """The operations of a function in their order, what it was given, and what it changed.

    What is assigned to a variable is what is read from then on. The variable itself is changed in
    the end, so no operation sees a value that came later than its own.
    """

    def __init__(self, unmade: dict[Variable, Any] | None = None) -> None:
        self.unmade = unmade
        """Where the shapes are all that is wanted, the variables to be made when they are known."""
        self.inputs: list[TraceTensor] = []
        self.calls: list[Call] = []
        self.outputs: list[Any] = []
        self.starts: dict[Variable, TraceTensor] = {}
        """What each variable is at the start."""
        self.writes: dict[Variable, Any] = {}
        """What each variable that is assigned is in the end."""
        self.marks: dict[str, Any] = {}
        """What those who are traced say of it: `CompiledLoss` says "loss", `FirstLook` reads it."""
        self._current: dict[Variable, Any] = {}
        self._flushed = False

    def input(self, shape: Shape, dtype: Any) -> TraceTensor:
        """Return a tensor that is given when the trace is run."""
        self.inputs.append(TraceTensor(self, shape, dtype))
        return self.inputs[-1]

    def note(self, operation: Operation, inputs: Sequence[Any], settings: dict[str, Any]) -> Any:
        """Note an operation and return its outputs."""
        taken = [self._taken(value) for value in inputs]
        specs, is_one = output_specs(operation, taken, settings)
        outputs = [TraceTensor(self, shape, dtype) for shape, dtype in specs]
        if operation.keeps_logits:
            outputs[0].logits = taken[0]
        layer = innermost_path()
        self.calls.append(Call(operation, taken, settings, outputs, layer, self._flushed))
        return outputs[0] if is_one else tuple(outputs)

    def _taken(self, value: Any) -> Any:
        """Return an input as it is kept: of a caller's array a copy, which stays what it is."""
        if isinstance(value, Variable):
            return self.read(value)
        if isinstance(value, TraceTensor):
            checks.belongs_to_trace(value.trace is self, value.shape)
            return value
        return np.array(value) if isinstance(value, np.ndarray) else value

    def read(self, variable: Variable) -> Any:
        """Return the tensor that a variable is just now."""
        make = (self.unmade or {}).get(variable)
        if make is not None and not is_ours(type(make)):
            make(variable.shape, dtype=variable.dtype)  # as Keras: a user's may count, or draw
        if variable not in self._current:
            if variable in self.writes:
                tensor = OPERATIONS["read"](self.writes[variable])
            else:
                tensor = TraceTensor(self, variable.shape, variable.dtype)
                self.starts[variable] = tensor
            self._current[variable] = tensor
        return self._current[variable]

    def assign(self, variable: Variable, value: Any) -> Any:
        """Let a variable be another value from now on."""
        new_value = in_dtype(value, variable.dtype)
        self.writes[variable] = self._taken(new_value)
        self._current.pop(variable, None)
        return tensor_of(new_value) if type(new_value) is np.ndarray else new_value

    @contextmanager
    def flushing(self) -> Iterator[None]:
        """Take subnormal numbers for 0 in the operations of the block, when they are run."""
        before, self._flushed = self._flushed, True
        try:
            yield
        finally:
            self._flushed = before

    def finish(self, outputs: list[Any]) -> None:
        """Keep the outputs, and of the operations those that something depends on."""
        self.outputs = [self._taken(output) for output in outputs]
        self.calls = _needed(self.calls, [*self.outputs, *self.writes.values()])

    def part_for(self, tensor: TraceTensor) -> "Trace":
        """Return what has been noted so far that leads to a tensor: it changes no variable."""
        part = Trace()
        part.inputs, part.starts, part.outputs = self.inputs, self.starts, [tensor]
        part.calls = _needed(self.calls, part.outputs)
        return part

    def __str__(self) -> str:
        return in_columns(lines_of_trace(self))

    def run(self, arrays: Sequence[Array]) -> list[Array]:
        """Run operation by operation, and return the outputs."""
        values: dict[int, Any] = dict(zip(map(id, self.inputs), arrays, strict=True))
        values |= {id(tensor): variable.memory for variable, tensor in self.starts.items()}

        def value_of(taken: Any) -> Any:
            return values.get(id(taken), taken)  # a constant is itself

        with np.errstate(all="ignore"):
            for flushed, calls in groupby(self.calls, operator.attrgetter("flushed")):
                with Flushed() if flushed else nullcontext():
                    for call in calls:
                        results = _results(call, [value_of(taken) for taken in call.inputs])
                        for output, result in zip(call.outputs, results, strict=False):
                            values[id(output)] = np.asarray(result)
            written = [np.array(value_of(value)) for value in self.writes.values()]
            outputs = [np.array(value_of(output)) for output in self.outputs]
        memories = [variable.memory for variable in self.writes]
        # all or none: no line of Python is run in between, where a Ctrl-C could come
        write: Callable[..., None] = operator.setitem
        deque(map(write, memories, repeat(...), written), maxlen=0)
        return outputs


def _results(call: Call, inputs: Sequence[Any]) -> tuple[Any, ...]:
    """Return what a call gives for arrays; an error says in which operation, and of whom."""
    try:
        results = call.operation.kernel(*inputs, **call.settings)
    except Exception as error:
        shapes = ", ".join(str(np.shape(each)) for each in inputs)
        error.add_note(f"In {call.operation.name} of '{call.layer}', shapes: {shapes}")
        raise
    return results if isinstance(results, tuple) else (results,)


def _needed(calls: Sequence[Call], results: Sequence[Any]) -> list[Call]:
    """Return the calls that results depend on, and those that only check something."""
    needed = set(map(id, results))
    kept = []
    for call in reversed(calls):
        if not call.outputs or any(id(output) in needed for output in call.outputs):
            needed.update(map(id, call.inputs))
            kept.append(call)
    return kept[::-1]


@contextmanager
def subnormals_are_zero() -> Iterator[None]:
    """Take subnormal numbers for 0 in the block: now, or when what is traced in it is run."""
    recorder = mode.recorder
    with recorder.flushing() if isinstance(recorder, Trace) else Flushed():
        yield


def trace(function: Callable[..., Any], specs: Sequence[tuple[Shape, Any]]) -> Trace:
    """Return what a function does, which takes and returns lists of tensors.

    Args:
        function: of as many tensors as there are specs; it returns a list of them.
        specs: the shape and the dtype of each; rows that are None may be of any number.
    """
    made = Trace()
    inputs = [made.input(shape, dtype) for shape, dtype in specs]
    with noted_by(made):
        made.finish(function(*inputs))
    return made
