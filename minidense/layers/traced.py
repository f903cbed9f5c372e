"""What a `call` of one's own does, as a plan, if it does nothing but call layers.

`call` is called on symbolic tensors, and what it does is written down: so it has a way back, like
any graph. That is done three times, since it may depend on what it is told about training: nothing,
False or True. Where the calls are the same, and the layers are just told what `call` is told, one
plan does for all.

Answers to the tracing of `call` by `tf.function` in `keras/src/backend/tensorflow/trainer.py`.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from minidense.graph.nest import flatten, map_structure, pack_like
from minidense.graph.order import order_graph
from minidense.graph.plan import Plan
from minidense.graph.symbolic import KerasTensor, Node, is_symbolic
from minidense.layers.call_context import context
from minidense.layers.weights import WeightOwner
from minidense.typing import Array
from minidense.variables import Variable

TELLINGS = (None, False, True)


class Ways(NamedTuple):
    """What a `call` does."""

    outputs: Any
    """Symbolic, in the nesting of `call`."""
    plans: dict[bool | None, Plan]
    """A plan for each telling, or the same one for all."""

    @property
    def is_one(self) -> bool:
        """Whether one plan does for all."""
        return self.plans[False] is self.plans[True]


class Run(NamedTuple):
    """What was called when `call` was told one thing."""

    outputs: Any
    """Symbolic, in the nesting of `call`."""
    calls: list[Node]
    """In the order in which a plan runs them."""


def trace(layer: Any, inputs: Any) -> Ways | None:
    """Return what the `call` of a layer does; None if it does more than call layers.

    Args:
        layer: a layer or model, which may have layers that its `call` is the first to build.
        inputs: symbolic tensors, in the nesting of `call`, in the dtypes that it is to see.
    """
    runs: list[Run] = []
    state = [(v, v.value.copy()) for v in layer.variables if not v.trainable]
    try:
        for told in TELLINGS:
            outputs = _outputs(layer, inputs, told)
            if outputs is None:
                return None
            order = order_graph(flatten(inputs), flatten(outputs), may_share_names=True)
            runs.append(Run(outputs, order.calls))
        if any(not np.array_equal(variable.value, before) for variable, before in state):
            return None  # it counts something, say
        if _hand_on(inputs, runs):
            plan = Plan(flatten(inputs), flatten(outputs), of_call=True)
            return Ways(outputs, dict.fromkeys(TELLINGS, plan))
        plans = [Plan(flatten(inputs), flatten(run.outputs), of_call=True) for run in runs]
        return Ways(outputs, dict(zip(TELLINGS, plans, strict=True)))
    finally:
        for node in (node for run in runs for node in run.calls):
            node.withdraw()  # Keras traces no calls of layers, and remembers none
        for variable, before in state:
            variable.assign(before)


def _hand_on(inputs: Any, runs: list[Run]) -> bool:
    """Let the calls of the last run follow what a plan is told; False if one cannot do for all.

    Each call is told the same in all runs, or what `call` is told.
    """
    wirings = [_wiring(inputs, run) for run in runs]
    if any(wiring != wirings[0] for wiring in wirings):
        return False
    followers = []
    for calls in zip(*(run.calls for run in runs), strict=True):
        untold, at_rest, in_training = (call.training for call in calls)
        if not untold and (at_rest, in_training) == (False, True):
            followers.append(calls[-1])
        elif not untold == at_rest == in_training:
            return False
    for call in followers:
        call.training = None
    return True


def _wiring(inputs: Any, run: Run) -> list[Any]:
    """Return each call's layer and which tensors it is given, and which are the outputs."""
    made = [flatten(inputs), *(call.output_tensors for call in run.calls)]
    places = {
        id(tensor): (maker, index)
        for maker, tensors in enumerate(made)
        for index, tensor in enumerate(tensors)
    }
    given = [[places[id(tensor)] for tensor in call.input_tensors] for call in run.calls]
    outputs = [places[id(tensor)] for tensor in flatten(run.outputs)]
    return [[call.operation for call in run.calls], given, outputs]


class _Outside:
    """Where an input of a traced call comes from, whatever that is."""

    name = "outside"

    def __init__(self) -> None:
        self._inbound_nodes: list[Node] = []
        self._outbound_nodes: list[Node] = []


def stand_ins(tensors: Any, dtype: str | None) -> Any:
    """Return symbolic tensors like those that a layer is called on, which come from nowhere.

    Args:
        tensors: in the nesting of `call`.
        dtype: what floats are cast to before `call` sees them; None for no cast.
    """

    def stand_in(tensor: KerasTensor) -> KerasTensor:
        is_cast = dtype is not None and tensor.dtype.startswith("float")
        inside = KerasTensor(tensor.shape, dtype if dtype and is_cast else tensor.dtype, "inside")
        Node(_Outside(), None, inside)
        return inside

    return map_structure(stand_in, tensors)


def _outputs(layer: Any, inputs: Any, training: bool | None) -> Any:
    """Return the symbolic outputs of `call`; None if there are none, and all is forgotten then."""
    before = [(inside, len(inside._inbound_nodes)) for inside in _inside(layer)]
    try:
        with context.apart():
            outputs = layer._run_call(inputs, training, {})
    except (TypeError, ValueError, AttributeError, NotImplementedError):
        outputs = None
    if is_symbolic(outputs):
        return outputs
    for inside, calls in before:
        for node in inside._inbound_nodes[calls:]:
            node.withdraw()
    return None


def _inside(layer: Any) -> Iterator[Any]:
    """Give the layers inside a layer, and those inside them."""
    for inner in layer._sublayers():
        yield inner
        yield from _inside(inner)


class TracedStep:
    """A `call` that only calls layers, as a step of the plan around it."""

    def __init__(self, layer: WeightOwner, ways: Ways) -> None:
        self._layer = layer
        self._ways = ways

    @property
    def trainable_weights(self) -> list[Variable]:
        """Those of the variables that are trainable themselves."""
        return [variable for variable in self._layer.weights if variable.trainable]

    def forward(self, inputs: Any, training: bool | None) -> tuple[Any, Any]:
        """Return what `call` returns; save the plan that was gone through, and its tape."""
        plan = self._ways.plans[training]
        outputs, tape = plan.forward(flatten(inputs), training)
        return pack_like(self._ways.outputs, outputs), (plan, tape)

    def backward(self, grad: Any, saved: Any, needs_input_grad: bool) -> tuple[Any, list[Array]]:
        """Go back through that plan."""
        return self._go_back(flatten(grad), saved, needs_input_grad, at_logits=False)

    def logits(self, inputs: Any, saved: Any) -> Array | None:
        """Return what went into a last softmax or sigmoid, else None."""
        plan, tape = saved
        found: Array | None = plan.logits(tape)
        return found

    def backward_from_logits(
        self, grad: Array, saved: Any, needs_input_grad: bool
    ) -> tuple[Any, list[Array]]:
        """Do what backward does, given the gradient of the logits."""
        return self._go_back([grad], saved, needs_input_grad, at_logits=True)

    def _go_back(
        self, grads: list[Array], saved: Any, needs_input_grad: bool, at_logits: bool
    ) -> tuple[Any, list[Array]]:
        plan: Plan
        plan, tape = saved
        weights = self.trainable_weights
        return plan.backward_as_step(grads, tape, weights, needs_input_grad, at_logits)


__all__ = ["TracedStep", "Ways", "stand_ins", "trace"]
