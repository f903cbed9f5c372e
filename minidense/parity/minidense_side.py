"""minidense's answers: its plan is run, forward and back, as `fit` runs it."""

import copy
from typing import Any

import numpy as np

from minidense import checks
from minidense.graph.nest import flatten, map_structure, pack_like
from minidense.graph.plan import Plan, Tape
from minidense.graph.symbolic import KerasTensor
from minidense.models.inner_model import InnerTape
from minidense.parity.arrays import is_floating, leaves, to_numpy
from minidense.parity.following import Call, followed
from minidense.parity.kept import kept, state_of
from minidense.typing import Array


def outputs_by_layer(model: Any, x: Any, training: bool) -> tuple[list[Call], list[Array]]:
    """Return each layer's call, and the model's outputs."""
    with kept(state_of(model)):
        if _calls_by_itself(model):
            with followed(model) as calls:
                outputs = model(x, training=training)
            return calls, leaves(outputs)
        arrays, tape = _forward(model, x, training)
        return _calls(model.plan, tape), [array.copy() for array in arrays]


def gradients(
    model: Any, x: Any, y: Any, training: bool
) -> tuple[Array, list[Array | None], list[Array | None]]:
    """Return the loss, and its gradients for each trainable weight and each input."""
    checks.one_output(len(model.plan.outputs), "gradients")
    x = map_structure(lambda array: np.asarray(array).view(), x)  # each its own object
    with kept(state_of(model)):
        (y_pred,), tape = _forward(model, x, training)
        logits = model.plan.logits(tape)
        loss = copy.copy(model._compiled_loss)  # it decides on first data what it is
        value, gradient, at_logits = loss.value_and_gradient(np.asarray(y), y_pred, logits, None)
        input_grads, weight_grads = model.plan.backward(gradient, tape, True, at_logits)
        arranged = zip(flatten(model.by_name(x)), input_grads, strict=True)
        by_array = {id(array): grad for array, grad in arranged}  # x may be a dict, in any order
        return (
            np.asarray(value),
            [weight_grads.get(variable) for variable in model.trainable_weights],
            [by_array.get(id(array)) if is_floating(array) else None for array in flatten(x)],
        )


def step(model: Any, grads: list[Array | None], optimizer: Any) -> list[Array]:
    """Return the trainable weights after one step of an optimizer with these gradients."""
    variables = model.trainable_weights
    reached = [(g, v) for g, v in zip(grads, variables, strict=True) if g is not None]
    if not optimizer.built:
        optimizer = copy.deepcopy(optimizer)
    with kept([*variables, *optimizer.variables]):
        optimizer.apply([grad for grad, _ in reached], [variable for _, variable in reached])
        return [to_numpy(variable) for variable in variables]


def _calls_by_itself(model: Any) -> bool:
    """Whether the model's class has a `call` of its own, which the plan does not look into."""
    return not type(model).call.__module__.startswith("minidense.")


def _forward(model: Any, x: Any, training: bool) -> tuple[list[Array], Tape]:
    arrays = [np.asarray(array) for array in flatten(model.by_name(x))]
    shapes = [array.shape for array in arrays]
    # with the sentences for a wrong shape
    model.shapes_of_outputs(pack_like(x, shapes) if model.computes_itself() else shapes)
    outputs, tape = model.plan.forward(model.prepare_inputs(model.plan, arrays), training)
    return outputs, tape


def _calls(plan: Plan, tape: Tape) -> list[Call]:
    """Return the calls of a plan; for a model inside, those of its own plan."""
    saved = {step.outputs: kept for step, kept in zip(plan.steps, tape.saved, strict=True)}
    calls: list[Call] = []
    for node in plan.calls:
        inner = saved[_slots(plan, node.output_tensors)]
        if isinstance(inner, InnerTape):
            calls += _calls(node.operation.plan, inner.tape)
            continue
        inputs, outputs = (
            [to_numpy(tape.values[slot]) for slot in _slots(plan, tensors)]
            for tensors in (node.input_tensors, node.output_tensors)
        )
        calls.append(Call(node.operation, inputs, outputs))
    return calls


def _slots(plan: Plan, tensors: list[KerasTensor]) -> tuple[int, ...]:
    return tuple(plan._slots[id(tensor)] for tensor in tensors)


__all__ = ["gradients", "outputs_by_layer", "step"]
