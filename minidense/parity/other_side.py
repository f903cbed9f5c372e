"""The answers of an object that is neither minidense's nor Keras's, but has Keras's interface.

It is asked through `layers`, a call, `test_on_batch` and `train_on_batch`; the last two are called
on a copy (`copy.deepcopy`), so that the object itself learns nothing. Gradients have no name in
that interface: they are None, and a step is what `train_on_batch` does.
"""

import copy
import inspect
from typing import Any

import numpy as np

from minidense.parity.arrays import leaves, to_numpy
from minidense.parity.following import Call, inner_layers
from minidense.typing import Array


def outputs_by_layer(model: Any, x: Any, training: bool) -> tuple[list[Call], list[Array]]:
    """Return each layer's call, if the layers in a row give the outputs, and the outputs."""
    asked = copy.deepcopy(model)
    outputs = leaves(_call(asked, x, training))
    calls: list[Call] = []
    value = x
    try:
        for layer in inner_layers(asked):
            given, value = value, _call(layer, value, training)
            calls.append(Call(layer, leaves(given), leaves(value)))
    except Exception:  # whatever a layer raises that is not called in a row
        return [], outputs
    in_a_row = calls and len(outputs) == len(calls[-1].outputs)
    if not in_a_row or not all(map(np.array_equal, calls[-1].outputs, outputs)):
        return [], outputs
    return calls, outputs


def gradients(
    model: Any, x: Any, y: Any, training: bool
) -> tuple[Array, list[Array | None], list[Array | None]]:
    """Return the loss that the model measures, and no gradients."""
    measured = copy.deepcopy(model).test_on_batch(x, y)
    loss = measured[0] if isinstance(measured, (list, tuple)) else measured
    return to_numpy(loss), [None for _ in getattr(model, "trainable_weights", [])], []


def step(model: Any, grads: list[Array | None], optimizer: Any) -> list[Array]:
    """Never asked for what has no gradients: return the weights as they are."""
    return [to_numpy(weight) for weight in model.trainable_weights]


def _call(layer: Any, value: Any, training: bool) -> Any:
    """Call with `training`, if that is an argument."""
    try:
        takes_training = "training" in inspect.signature(layer).parameters
    except (TypeError, ValueError):
        takes_training = False
    return layer(value, training=training) if takes_training else layer(value)
