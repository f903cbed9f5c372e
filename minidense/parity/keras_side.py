"""Keras's answers, whichever backend it computes with.

The gradients are those of `fit`: the loss is `model.compute_loss` of what the model returned,
inside the tape. On TensorFlow the outputs of a last softmax or sigmoid carry their logits
(`_keras_logits`), eager as in a traced step, and a cross-entropy looks through at them; on JAX and
torch nothing looks through, and the probabilities are clipped.

Keras and what it computes with are imported where they are used, by name: minidense needs neither,
and whoever holds a Keras model has them.
"""

from importlib import import_module
from typing import Any

import numpy as np

from minidense.nest import flatten, map_structure, pack_like
from minidense.parity.arrays import is_floating, leaves, to_numpy
from minidense.parity.following import Call, followed
from minidense.parity.kept import kept, state_of
from minidense.typing import Array


def outputs_by_layer(model: Any, x: Any, training: bool) -> tuple[list[Call], list[Array]]:
    """Return each layer's call, and the model's outputs."""
    with kept(state_of(model)), followed(model) as calls:
        outputs = model(x, training=training)
    return calls, leaves(outputs)


def gradients(
    model: Any, x: Any, y: Any, training: bool
) -> tuple[Array, list[Array | None], list[Array | None]]:
    """Return the loss, and its gradients for each trainable weight and each input."""
    backend = import_module("keras").backend.backend()
    by_backend = {"tensorflow": _with_tensorflow, "jax": _with_jax, "torch": _with_torch}
    with kept(state_of(model)):
        loss, weight_grads, input_grads = by_backend[backend](
            model, map_structure(np.asarray, x), y, training
        )
    return to_numpy(loss), [_or_none(g) for g in weight_grads], [_or_none(g) for g in input_grads]


def step(model: Any, grads: list[Array | None], optimizer: Any) -> list[Array]:
    """Return the trainable weights after one step of an optimizer with these gradients."""
    variables = model.trainable_variables
    reached = [(g, v) for g, v in zip(grads, variables, strict=True) if g is not None]
    if not optimizer.built:
        optimizer = type(optimizer).from_config(optimizer.get_config())
        optimizer.build([variable for _, variable in reached])
    ops = import_module("keras.ops")
    with kept([*variables, *optimizer.variables]):
        tensors = [ops.convert_to_tensor(grad) for grad, _ in reached]
        optimizer.apply(tensors, [variable for _, variable in reached])
        return [to_numpy(variable) for variable in variables]


def _loss(model: Any, inputs: Any, y: Any, training: bool) -> Any:
    """Return what a step of `fit` makes small."""
    return model.compute_loss(x=inputs, y=y, y_pred=model(inputs, training=training))


def _with_tensorflow(model: Any, x: Any, y: Any, training: bool) -> tuple[Any, Any, Any]:
    tf = import_module("tensorflow")
    inputs = map_structure(tf.convert_to_tensor, x)
    variables = [variable.value for variable in model.trainable_variables]
    watched = [tensor for tensor in flatten(inputs) if tensor.dtype.is_floating]
    with tf.GradientTape() as tape:
        tape.watch(watched)
        loss = _loss(model, inputs, map_structure(tf.convert_to_tensor, y), training)
    grads = [
        None if grad is None else tf.convert_to_tensor(grad)  # it may be sparse
        for grad in tape.gradient(loss, [*variables, *watched])
    ]
    return loss, grads[: len(variables)], _in_places(x, grads[len(variables) :])


def _with_jax(model: Any, x: Any, y: Any, training: bool) -> tuple[Any, Any, Any]:
    jax, keras = import_module("jax"), import_module("keras")
    arrays = flatten(x)
    floating = [keras.ops.convert_to_tensor(array) for array in arrays if is_floating(array)]
    targets = map_structure(keras.ops.convert_to_tensor, y)

    def loss_of(values: list[Any], inputs: list[Any]) -> Any:
        mapping = list(zip(model.trainable_variables, values, strict=True))
        remaining = iter(inputs)
        whole = [next(remaining) if is_floating(array) else array for array in arrays]
        with keras.StatelessScope(state_mapping=mapping):
            return _loss(model, pack_like(x, whole), targets, training)

    values = [variable.value for variable in model.trainable_variables]
    loss, (weight_grads, input_grads) = jax.value_and_grad(loss_of, argnums=(0, 1))(
        values, floating
    )
    return loss, weight_grads, _in_places(x, input_grads)


def _with_torch(model: Any, x: Any, y: Any, training: bool) -> tuple[Any, Any, Any]:
    torch, ops = import_module("torch"), import_module("keras.ops")
    inputs = map_structure(ops.convert_to_tensor, x)
    watched = [tensor for tensor in flatten(inputs) if tensor.is_floating_point()]
    variables = [variable.value for variable in model.trainable_variables]
    with torch.enable_grad():
        for tensor in watched:
            tensor.requires_grad_(True)
        loss = _loss(model, inputs, map_structure(ops.convert_to_tensor, y), training)
        # not backward(), which would leave the gradients on the weights
        grads = torch.autograd.grad(loss, [*variables, *watched], allow_unused=True)
    return loss, list(grads[: len(variables)]), _in_places(x, list(grads[len(variables) :]))


def _in_places(x: Any, grads: Any) -> list[Any]:
    """Return a gradient for each input, None for those of whole numbers."""
    remaining = iter(grads)
    return [next(remaining) if is_floating(array) else None for array in flatten(x)]


def _or_none(grad: Any) -> Array | None:
    return None if grad is None else to_numpy(grad)
