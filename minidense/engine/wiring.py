"""Who makes and who reads the tensors of a trace: what the rules of `rewrites.py` ask."""

from collections import Counter
from typing import Any

import numpy as np

from minidense.engine.operation import Call, Operation
from minidense.engine.specs import output_specs
from minidense.engine.trace import Trace, TraceTensor
from minidense.ops.broadcasting import broadcast_like, sum_to
from minidense.ops.reductions import share_of
from minidense.ops.shapes import dimension, ones_like, reshape_like, size_of, zeros_like

_ONLY_SHAPES = {
    **dict.fromkeys((dimension, size_of, ones_like, zeros_like), (0,)),
    **dict.fromkeys((broadcast_like, reshape_like, sum_to), (1,)),
    share_of: (0, 1),
}
"""The inputs of which an operation reads nothing but the shape."""


class Wiring:
    """Who makes each tensor of a trace, and how often it is read."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self._makers = {id(output): call for call in trace.calls for output in call.outputs}
        read = [x for call in trace.calls for x in call.inputs]
        self._reads = Counter(map(id, [*read, *trace.outputs, *trace.writes.values()]))

    def made_by(self, x: Any, *operations: Operation) -> Call | None:
        """Return the call of one of these operations that makes a tensor."""
        call = self._makers.get(id(x))
        return call if call is not None and call.operation in operations else None

    def maker(self, x: Any, *operations: Operation) -> Call | None:
        """Return the call of one of these operations that makes a tensor for a single reader."""
        return self.made_by(x, *operations) if self._reads[id(x)] == 1 else None

    def is_constant(self, x: Any) -> bool:
        """Whether numbers are known before the trace is run."""
        if not isinstance(x, TraceTensor):
            return True
        call = self._makers.get(id(x))
        if call is None or call.operation.opaque:
            return False
        only_shapes = _ONLY_SHAPES.get(call.operation, ())
        return all(
            None not in np.shape(each) if place in only_shapes else self.is_constant(each)
            for place, each in enumerate(call.inputs)
        )

    def made(self, call: Call, how: Operation, *inputs: Any) -> Call:
        """Return another call beside one, with a new output; numbers take the dtype of its own."""
        dtype = call.outputs[0].dtype
        taken = [np.asarray(x, dtype) if isinstance(x, (bool, int, float)) else x for x in inputs]
        specs, _ = output_specs(how, taken, {})
        outputs = [TraceTensor(self.trace, *spec) for spec in specs]
        return call._replace(operation=how, inputs=taken, settings={}, outputs=outputs)
