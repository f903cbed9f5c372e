"""Random programs: a trace that is drawn, which can be printed, and run in each way.

Every value has a tensor of the trace, and its shapes for the fewest and for the most rows: two
values fit each other where both do.
"""

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from random import Random
from typing import Any

import numpy as np

from minidense import ops
from minidense.engine.rewrites import rewritten
from minidense.engine.trace import Trace
from minidense.mode import noted_by
from minidense.ops.parts import get_item, put_item
from minidense.ops.shapes import flatten_rows, identity
from minidense.typing import Array, Shape
from minidense.variables import Variable
from tests.engine import kernels

ROWS = (1, 7)
MOST = 400  # numbers in a value, for 7 rows

Shapes = tuple[tuple[int, ...], ...]


class Value:
    """A tensor of a drawn program."""

    def __init__(self, name: str, tensor: Any, shapes: Shapes) -> None:
        self.name = name
        self.tensor = tensor
        self.shapes = shapes

    @property
    def ndim(self) -> int:
        return len(self.shapes[0])

    @property
    def is_float(self) -> bool:
        return np.dtype(self.tensor.dtype).kind == "f"


class Drawn:
    """A trace that is drawn, step by step, and the lines that say what it does.

    The same seed with fewer steps draws the beginning of the same program.
    """

    def __init__(self, seed: str, steps: int) -> None:
        self.random = Random(seed)
        self.trace = Trace()
        self.lines: list[str] = []
        self.values: list[Value] = []
        self.dtype = self.random.choice(["float32", "float32", "float64"])
        self.is_rewritten = self.random.random() < 0.5
        for index in range(self.random.randint(1, 3)):
            shape = self.random.choice(INPUTS)
            tensor = self.trace.input(shape, self.dtype)
            self._keep(f"input{index}", tensor, tuple(_with_rows(shape, n) for n in ROWS))
            self.lines.append(f"input{index}: {self.dtype}{shape}")
        self.variables = [
            self._variable(index, self.random.choice(WEIGHTS))
            for index in range(self.random.randint(0, 3))
        ]
        with noted_by(self.trace):
            for _ in range(steps):
                self._step()
            taken = [self.random.choice(self.values) for _ in range(self.random.randint(0, 4))]
            self.trace.finish([value.tensor for value in taken])
        self.lines.append(f"return {', '.join(value.name for value in taken)}")
        if self.is_rewritten:
            rewritten(self.trace)
            self.lines.append("and rewritten as a graph")

    def __str__(self) -> str:
        return "\n".join(self.lines)

    def _variable(self, index: int, shape: tuple[int, ...]) -> Variable:
        numbers = np.linspace(-1, 1.5, int(np.prod(shape)), dtype=self.dtype).reshape(shape)
        self.lines.append(f"variable{index}: {self.dtype}{shape}")
        return Variable(numbers, name=f"variable{index}")

    def _keep(self, name: str, tensor: Any, shapes: Shapes) -> None:
        if all(0 < np.prod(shape, dtype=int) <= MOST for shape in shapes):
            self.values.append(Value(name, tensor, shapes))

    def _step(self) -> None:
        kinds = [self._alone, self._alone, self._pair, self._pair]
        if self.variables:
            kinds += [self._read, self._assign]
        is_flushed = self.random.random() < 0.2
        kind = self.random.choice(kinds)
        with self.trace.flushing() if is_flushed else nullcontext():
            length = len(self.lines)
            kind()
        if is_flushed and len(self.lines) > length:
            self.lines[-1] += "  # flushed"

    def _alone(self) -> None:
        value = self.random.choice(self.values)
        self._call(self.random.choice(list(_for_one(value))), value)

    def _pair(self) -> None:
        value, other = self.random.choices(self.values, k=2)
        fitting = list(_for_two(value, other))
        if fitting:
            self._call(self.random.choice(fitting), value, other)

    def _call(self, step: "Step", *values: Value) -> None:
        operation, settings, constants = step
        results = operation(*[value.tensor for value in values], *constants, **settings)
        tensors = results if isinstance(results, tuple) else (results,)
        names = [f"v{len(self.lines)}{letter}" for letter in "abc"[: len(tensors)]]
        args = [value.name for value in values] + [repr(constant) for constant in constants]
        args += [f"{key}={setting!r}" for key, setting in settings.items()]
        called = f"{operation.__name__}({', '.join(args)})"
        self.lines.append(f"{', '.join(names)} = {called}" if names else called)
        with noted_by(None), np.errstate(all="ignore"):
            arrays = [
                operation(
                    *[np.ones(value.shapes[i], value.tensor.dtype) for value in values],
                    *constants,
                    **settings,
                )
                for i in range(len(ROWS))
            ]
        each = [found if isinstance(found, tuple) else (found,) for found in arrays]
        for name, tensor, *found in zip(names, tensors, *each, strict=True):
            self._keep(name, tensor, tuple(np.shape(array) for array in found))

    def _read(self) -> None:
        variable = self.random.choice(self.variables)
        name, tensor = f"v{len(self.lines)}a", variable.value
        self.lines.append(f"{name} = {variable.name}.value")
        self._keep(name, tensor, (tensor.shape,) * len(ROWS))

    def _assign(self) -> None:
        variable = self.random.choice(self.variables)
        fitting: list[tuple[str, Any]] = [
            (value.name, value.tensor)
            for value in self.values
            if value.shapes == (variable.shape,) * len(ROWS) and value.tensor.dtype == self.dtype
        ]
        others = [(each.name, each) for each in self.variables if each.shape == variable.shape]
        fitting += others
        fitting.append(("a constant", np.full(variable.shape, 0.125, self.dtype)))
        name, value = self.random.choice(fitting)
        if self.random.random() < 0.4:
            name, value = f"{variable.name} * 0.5 + {name}", variable * 0.5 + value
        variable.assign(value)
        self.lines.append(f"{variable.name}.assign({name})")


INPUTS: list[Shape] = [(None, 3), (None, 3), (None,), (3,), (None, 2, 3), (), (3, 3)]
WEIGHTS: list[tuple[int, ...]] = [(3,), (3,), (3, 3), (3, 3), (), (3, 2)]

Step = tuple[Any, dict[str, Any], tuple[Any, ...]]


def _for_one(value: Value) -> Iterator[Step]:
    """Give the operations that a value can go into."""
    yield identity, {}, ()
    for key in ((Ellipsis,), (None, Ellipsis)):
        yield get_item, {"key": key}, ()
    yield ops.reshape, {"newshape": (-1,)}, ()
    yield ops.zeros_like, {}, ()
    yield ops.ones_like, {}, ()
    if value.ndim:
        for key in (slice(None, None, -1), slice(1, None), slice(None, None, 2), 0, (Ellipsis, -1)):
            yield get_item, {"key": key}, ()
        yield ops.sum, {"axis": -1}, ()
        yield ops.argmax, {"axis": -1}, ()
    if value.ndim > 1:
        yield ops.transpose, {}, ()
        yield flatten_rows, {}, ()
        yield ops.mean, {"axis": 0, "keepdims": True}, ()
        if None not in value.tensor.shape[2:]:
            yield ops.reshape, {"newshape": (-1, *value.tensor.shape[2:])}, ()
    if not value.is_float:
        yield ops.cast, {"dtype": "float32"}, ()
        yield ops.add, {}, (1,)
        return
    for operation in (ops.exp, ops.negative, ops.square, ops.tanh, ops.relu, ops.sum):
        yield operation, {}, ()
    yield ops.multiply, {}, (0.5,)
    yield ops.add, {}, (2,)
    yield ops.cast, {"dtype": "int32"}, ()
    yield ops.cast, {"dtype": "float64"}, ()
    yield ops.maximum, {}, (0.25,)
    for operation in kernels.ALONE:
        if value.ndim or operation in kernels.OF_NUMBERS:
            yield operation, {}, ()


def _for_two(value: Value, other: Value) -> Iterator[Step]:
    """Give the operations that two values can go into."""
    if not (value.is_float and other.is_float):
        return
    pairs = list(zip(value.shapes, other.shapes, strict=True))
    yield kernels.looked_up, {}, ()
    if all(_can_be_broadcast(a, b) for a, b in pairs):
        for operation in (ops.add, ops.subtract, ops.multiply, ops.maximum, kernels.where_positive):
            yield operation, {}, ()
    if value.shapes == other.shapes:
        yield kernels.joined if value.ndim else ops.add, {}, ()
    if value.ndim > 1 and other.ndim == 2 and all(a[-1] == b[0] for a, b in pairs):
        yield ops.matmul, {}, ()
    if value.ndim and all(a == b[1:] for a, b in pairs):
        yield put_item, {"key": 0}, ()


def _can_be_broadcast(a: Sequence[int], b: Sequence[int]) -> bool:
    try:
        np.broadcast_shapes(tuple(a), tuple(b))
    except ValueError:
        return False
    return True


def _with_rows(shape: Shape, rows: int) -> tuple[int, ...]:
    return tuple(rows if dim is None else dim for dim in shape)


def arrays_for(trace: Trace, rows: int, seed: int) -> list[Array]:
    """Return numbers for the inputs of a trace, some of them subnormal."""
    random = np.random.RandomState(seed)
    arrays = []
    for tensor in trace.inputs:
        array = random.normal(size=_with_rows(tensor.shape, rows)).astype(tensor.dtype)
        is_tiny = random.uniform(size=array.shape) < 0.2
        arrays.append(np.where(is_tiny, array * np.finfo(array.dtype).tiny, array))
    return arrays


__all__ = ["Drawn", "arrays_for"]
