"""minidense's answers: its model is called, and a tape notes what is done."""

import copy
from typing import Any

import numpy as np

from minidense import checks
from minidense.engine.tape import Tape
from minidense.nest import flatten, map_structure
from minidense.parity.arrays import is_floating, leaves, to_numpy
from minidense.parity.following import Call, followed
from minidense.parity.kept import kept, state_of
from minidense.tensors import tensor_of
from minidense.typing import Array


def outputs_by_layer(model: Any, x: Any, training: bool) -> tuple[list[Call], list[Array]]:
    """Return each layer's call, and the model's outputs."""
    with kept(state_of(model)), followed(model) as calls:
        outputs = leaves(model(x, training=training))
    return calls, outputs


def gradients(
    model: Any, x: Any, y: Any, training: bool
) -> tuple[Array, list[Array | None], list[Array | None]]:
    """Return the loss, and its gradients for each trainable weight and each input."""
    tensors = map_structure(lambda array: tensor_of(np.array(array)), x)
    variables = model.trainable_weights
    with kept(state_of(model)), Tape() as tape:
        y_pred = model(tensors, training=training)
        checks.one_output(len(flatten(y_pred)))
        loss = copy.copy(model._compiled_loss)  # it decides on first data what it is
        value = loss(np.asarray(y), y_pred, None)
        grads = tape.gradients(value, [*variables, *flatten(tensors)])
    found = [None if grad is None else to_numpy(grad) for grad in grads]
    pairs = zip(flatten(x), found[len(variables) :], strict=True)
    input_grads = [grad if is_floating(array) else None for array, grad in pairs]
    return to_numpy(value), found[: len(variables)], input_grads


def step(model: Any, grads: list[Array | None], optimizer: Any) -> list[Array]:
    """Return the trainable weights after one step of an optimizer with these gradients."""
    variables = model.trainable_weights
    reached = [(g, v) for g, v in zip(grads, variables, strict=True) if g is not None]
    if not optimizer.built:
        optimizer = copy.deepcopy(optimizer)
    with kept([*variables, *optimizer.variables]):
        optimizer.apply([grad for grad, _ in reached], [variable for _, variable in reached])
        return [to_numpy(variable) for variable in variables]
