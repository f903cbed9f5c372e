"""What a `call` of one's own does, as a plan, if it does nothing but call layers.

`call` is called on symbolic tensors, and what it does is written down: so it has a way back, like
any graph. That is done three times, since it may depend on what it is told about training: nothing,
False or True. Where the calls are the same, and the layers are just told what `call` is told, one
plan does for all. A plan is made anew by `compile`: what `call` reads of Python's own values in
between changes nothing.

Answers to the tracing of `call` by `tf.function` in `keras/src/backend/tensorflow/trainer.py`.
"""

import inspect
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from minidense.graph.nest import flatten, map_structure, pack_like
from minidense.graph.order import order_graph
from minidense.graph.plan import Plan
from minidense.graph.symbolic import KerasTensor, Node
from minidense.layers.call_context import NOT_SAID, context
from minidense.layers.weights import WeightOwner
from minidense.typing import Array
from minidense.variables import Variable


class Ways(NamedTuple):
    """What a `call` does: for each thing that it is told, the plan and its outputs' nesting."""

    plans: dict[bool | None, Plan]
    outputs: dict[bool | None, Any]
    """Symbolic."""
    untold: bool | None
    """What its layers are told where `call` is told nothing."""

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
    parameter = inspect.signature(layer.call).parameters.get("training")
    must_be_told = parameter is not None and parameter.default is parameter.empty
    with layer.state_kept() as before:
        at_rest, in_training = (_run(layer, inputs, told) for told in (False, True))
        untold = at_rest if must_be_told else _run(layer, inputs, NOT_SAID)
        counts = any(not np.array_equal(variable.value, value) for variable, value in before)
    calls = [node for inside in _inside(layer) for node in inside._inbound_nodes if node.told]
    try:
        if counts:
            return None  # a plan would not
        return _ways(inputs, {None: untold, False: at_rest, True: in_training})
    finally:
        for node in calls:  # Keras traces no calls of layers, and remembers none
            node.withdraw()


def _ways(inputs: Any, runs: dict[bool | None, Run | None]) -> Ways | None:
    """Return one plan for all runs where one will do, else one for each."""
    known = {told: run for told, run in runs.items() if run is not None}
    if len(known) < len(runs):
        return None
    outputs = {told: run.outputs for told, run in known.items()}
    followers, untold = _followers(inputs, known[None], known[False], known[True])
    if followers is None:
        plans = {told: _plan(inputs, run) for told, run in known.items()}
        return Ways(plans, outputs, None)
    for call in followers:
        call.training, call.told = None, False
    return Ways(dict.fromkeys(known, _plan(inputs, known[True])), outputs, untold)


def _followers(
    inputs: Any, untold: Run, at_rest: Run, in_training: Run
) -> tuple[list[Node] | None, bool | None]:
    """Return the calls in training that are told what `call` is, and what if it is told nothing.

    None in the place of the calls says that the runs differ in more than that.
    """
    wiring = _wiring(inputs, in_training)
    if not wiring == _wiring(inputs, untold) == _wiring(inputs, at_rest):
        return None, None
    followers = []
    defaults = set()
    for calls in zip(untold.calls, at_rest.calls, in_training.calls, strict=True):
        told = [call.training for call in calls]
        if told[1:] == [False, True] and not told[0]:
            followers.append(calls[-1])
            defaults |= {told[0]} if _tells_apart(calls[-1].operation) else set()
        elif told.count(told[0]) < len(told):
            return None, None
    if len(defaults) > 1:
        return None, None
    return followers, defaults.pop() if defaults else None


def _tells_apart(operation: Any) -> bool:
    """Whether a layer may do something else if it is told nothing than if it is told False."""
    ours = type(operation).__module__.startswith("minidense.")
    return not ours or next(operation._sublayers(), None) is not None


def _plan(inputs: Any, run: Run) -> Plan:
    return Plan(flatten(inputs), flatten(run.outputs), may_share_names=True)


def _wiring(inputs: Any, run: Run) -> list[Any]:
    """Return each call's layer, which tensors it is given, and which are the outputs, and how."""
    made = [flatten(inputs), *(call.output_tensors for call in run.calls)]
    places = {
        id(tensor): (maker, index)
        for maker, tensors in enumerate(made)
        for index, tensor in enumerate(tensors)
    }
    given = [[places[id(tensor)] for tensor in call.input_tensors] for call in run.calls]
    outputs = map_structure(lambda tensor: places[id(tensor)], run.outputs)
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


def _run(layer: Any, inputs: Any, training: Any) -> Run | None:
    """Call `call` on symbolic tensors; None if something else comes out, or nothing."""
    try:
        with context.apart():
            outputs = layer._run_call(inputs, training, {})
    except Exception:  # whatever a symbolic tensor, or this telling, brings about in user's code
        return None
    leaves = flatten(outputs)
    if not leaves or not all(isinstance(leaf, KerasTensor) for leaf in leaves):
        return None
    order = order_graph(flatten(inputs), leaves, may_share_names=True)
    return Run(outputs, order.calls)


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
        told = self._ways.untold if training is None else training
        outputs, tape = plan.forward(flatten(inputs), told)
        return pack_like(self._ways.outputs[training], outputs), (plan, tape)

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
