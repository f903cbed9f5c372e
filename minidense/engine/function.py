"""A function that is traced for what comes, and then run as programs, without Python.

It is traced for the first shapes. The next others bring a trace in which each dimension that has
ever differed is not known, and that serves them all. Another rank, dtype or nesting begins anew.

Mirrors `tf.function(reduce_retracing=True)`, which widens another rank to an unknown one: what it
then traces fails nearly always.
"""

import copy
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minidense.engine.program import Program
from minidense.engine.rewrites import rewritten
from minidense.engine.specs import common
from minidense.engine.trace import Trace
from minidense.mode import mode, noted_by
from minidense.nest import flatten, map_structure, pattern
from minidense.typing import Array, Shape

_LENGTHS = 4  # of which programs are kept: an epoch has two, its batches and the last one
_SERVED = 256  # lengths and kinds of batches of which it is remembered which trace serves them
_REMEMBERED = 8  # lengths that have come once: one that comes again later is as good as new


class Spec:
    """The shape and the dtype of an array that is still to come."""

    def __init__(self, shape: Shape, dtype: Any) -> None:
        self.shape = shape
        self.dtype = np.dtype(dtype)


class OneByOne:
    """A trace that is run operation by operation: for shapes that have not come before."""

    def __init__(self, trace: Trace, shapes: Sequence[tuple[int, ...]]) -> None:
        self._trace = trace
        pairs = zip(shapes, trace.inputs, strict=True)
        self.inputs = [np.empty(shape, tensor.dtype) for shape, tensor in pairs]
        self.outputs: list[Array] = []

    def __call__(self) -> None:
        """Compute the outputs, and change the variables."""
        self.outputs = self._trace.run(self.inputs)


Run = Program | OneByOne


class Concrete:
    """One trace of a function, with its programs for some lengths."""

    def __init__(self, trace: Trace, nesting: Any) -> None:
        self.trace = trace
        self.nesting = nesting
        """The outputs in the lists, tuples and dicts that the function returned."""
        self._idle: OrderedDict[Any, list[Program]] = OrderedDict()
        self._came: OrderedDict[Any, None] = OrderedDict()
        self._lock = threading.Lock()

    def nested(self, outputs: Sequence[Array]) -> Any:
        """Return outputs as the function returned them."""
        if self.nesting is None:
            return None
        rest = iter(outputs)
        return map_structure(lambda x: None if x is None else next(rest), self.nesting)

    @property
    def ready(self) -> list[Program]:
        """The programs that nobody runs now."""
        return [program for each in self._idle.values() for program in each]

    def take(self, shapes: tuple[tuple[int, ...], ...]) -> Run:
        """Return what runs the trace on arrays of these shapes: nobody else has it meanwhile."""
        with self._lock:
            idle = self._idle.get(shapes)
            if idle:
                return idle.pop()
            if idle is None and shapes not in self._came:
                self._came[shapes] = None
                if len(self._came) > _REMEMBERED:
                    self._came.popitem(last=False)
                return OneByOne(self.trace, shapes)
        return Program(self.trace, shapes)

    def run(
        self, arrays: Sequence[Array], look: Callable[[Sequence[Array]], Any] | None = None
    ) -> list[Array]:
        """Run the trace on arrays, and return the outputs in arrays of their own.

        Args:
            arrays: in the order of the inputs; they are brought to the inputs' dtypes.
            look: called with the inputs before anything is computed or changed.
        """
        run = self.take(tuple([array.shape for array in arrays]))
        with np.errstate(all="ignore"):
            for place, array in zip(run.inputs, arrays, strict=True):
                place[...] = array
        if look is not None:
            look(run.inputs)
        run()
        outputs = [array.copy() for array in run.outputs]
        self.give_back(run)
        return outputs

    def give_back(self, run: Run) -> None:
        """Let a program be taken again."""
        if not isinstance(run, Program):
            return
        shapes = tuple(array.shape for array in run.inputs)
        with self._lock:
            self._idle.setdefault(shapes, []).append(run)
            self._idle.move_to_end(shapes)
            if len(self._idle) > _LENGTHS:
                self._idle.popitem(last=False)


class Traces:
    """The traces for inputs of one nesting and of the same dtypes and ranks, by their shapes."""

    def __init__(self) -> None:
        self._made: list[tuple[list[Shape], Concrete]] = []

    @property
    def concretes(self) -> list[Concrete]:
        """All traces, in the order in which they were made."""
        return [concrete for _, concrete in self._made]

    def serving(self, shapes: Sequence[Shape]) -> Concrete | None:
        """Return the trace that takes these shapes and knows most of them, the first of equals."""
        fitting = [each for each in self._made if all(map(_takes, each[0], shapes))]
        unknown = [sum(shape.count(None) for shape in known) for known, _ in fitting]
        return fitting[unknown.index(min(unknown))][1] if fitting else None

    def widened(self, shapes: Sequence[Shape]) -> list[Shape]:
        """Return the shapes without the dimensions that are others in any trace so far."""
        wide = list(shapes)
        for known, _ in self._made:
            wide = list(map(common, wide, known))
        return wide

    def add(self, shapes: Sequence[Shape], concrete: Concrete) -> None:
        """Let a trace serve shapes from now on."""
        self._made.append((list(shapes), concrete))


def _takes(known: Shape, shape: Shape) -> bool:
    return all(a in (None, b) for a, b in zip(known, shape, strict=True))


class Function:
    """A function of nested tensors that is traced, and run as programs.

    Args:
        function: takes and returns tensors in lists, tuples and dicts; None may be among them.
        in_graph: whether the trace is rewritten as TensorFlow rewrites a graph.

    >>> from minidense import ops
    >>> times = []
    >>> double = Function(lambda x: (times.append(x.shape), ops.multiply(x, 2.0))[1])
    >>> [float(double(np.ones((n, 1), "float32"))[-1, 0]) for n in (3, 3, 4, 5, 3)]
    [2.0, 2.0, 2.0, 2.0, 2.0]
    >>> times
    [(3, 1), (None, 1)]
    """

    def __init__(self, function: Callable[..., Any], in_graph: bool = True) -> None:
        self._function = function
        self._in_graph = in_graph
        self._traces: defaultdict[Any, Traces] = defaultdict(Traces)
        self._of_loops: defaultdict[Any, Traces] = defaultdict(Traces)
        self._served: dict[Any, Concrete] = {}
        self._lock = threading.RLock()

    @property
    def traces(self) -> list[Trace]:
        """What has been traced so far: print one to see the operations."""
        return [each.trace for each in self._concretes()]

    @property
    def programs(self) -> list[Program]:
        """The programs that have been made and that nobody runs now: print one to see the calls."""
        return [program for each in self._concretes() for program in each.ready]

    def _concretes(self) -> list[Concrete]:
        return [each for traces in self._traces.values() for each in traces.concretes]

    def __deepcopy__(self, memo: dict[int, Any]) -> "Function":
        """Return a function that is not traced yet."""
        return Function(copy.deepcopy(self._function, memo), self._in_graph)

    def __call__(self, *inputs: Any) -> Any:
        """Run the function on arrays; return what it returns, in arrays of their own."""
        concrete = self.concrete(inputs)
        arrays = [array for array in flatten(inputs) if array is not None]
        return concrete.nested(concrete.run(arrays))

    def concrete(self, inputs: Sequence[Any], in_loop: bool = False) -> Concrete:
        """Return the trace for arrays, or specs, of these shapes; make it if there is none.

        A loop over batches is a function of its own in Keras, which calls this one: shapes that it
        has met stay with the trace that they had first, and new ones are widened by those.

        Args:
            inputs: nested, None where there is nothing.
            in_loop: whether the batches of a loop come, of which these are the shapes in common.
        """
        leaves = flatten(inputs)
        kinds = [None if leaf is None else (leaf.dtype, len(leaf.shape)) for leaf in leaves]
        key = pattern(inputs), tuple(kinds)
        shapes = [tuple(leaf.shape) for leaf in leaves if leaf is not None]
        with self._lock:
            of_loops = self._of_loops[key]
            found = of_loops.serving(shapes) if in_loop else None
            if found is None:
                wanted = of_loops.widened(shapes) if in_loop else shapes
                found = self._inner(self._traces[key], inputs, wanted)
                if in_loop:
                    of_loops.add(wanted, found)
            return found

    def remembered(
        self, key: Any, inputs: Callable[[], Sequence[Any]], in_loop: bool = False
    ) -> Concrete:
        """Return the trace as `concrete` does, remembered under a key, for who asks in each call.

        A trace stays the one for what it has served.
        """
        known = self._served.get((key, in_loop))
        if known is None:
            if len(self._served) >= _SERVED:
                self._served.clear()  # it is found out again
            known = self._served[key, in_loop] = self.concrete(inputs(), in_loop)
        return known

    def _inner(self, traces: Traces, inputs: Sequence[Any], shapes: Sequence[Shape]) -> Concrete:
        found = traces.serving(shapes)
        if found is None:
            wanted = traces.widened(shapes)
            made = mode.variables_made
            found = self._trace(inputs, wanted)
            if mode.variables_made > made:  # as in TensorFlow: it is traced once more
                found = self._trace(inputs, wanted)
            traces.add(wanted, found)
        return found

    def _trace(self, inputs: Sequence[Any], shapes: Sequence[Shape]) -> Concrete:
        trace = Trace()
        dtypes = [leaf.dtype for leaf in flatten(inputs) if leaf is not None]
        tensors = iter([trace.input(*each) for each in zip(shapes, dtypes, strict=True)])
        nested = map_structure(lambda leaf: None if leaf is None else next(tensors), inputs)
        with noted_by(trace):
            outputs = self._function(*nested)
            trace.finish([leaf for leaf in flatten(outputs) if leaf is not None])
        if self._in_graph:
            rewritten(trace)
        return Concrete(trace, outputs)
