"""The way back through a function of Keras's, on any backend."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np


class WayBack(NamedTuple):
    """What a function gave, and the gradients that one of its outputs makes."""

    outputs: Any
    input_grads: list[Any]
    """Of each input, in its shape; zeros where the outputs do not depend on it."""
    variable_grads: list[Any]
    """Of each variable, likewise."""


def vjp(
    function: Callable[..., Any],
    inputs: Sequence[Any],
    grad: Any = None,
    variables: Sequence[Any] = (),
) -> WayBack:
    """Call `function(*inputs)`, and go back from its output with the gradient `grad`.

    Args:
        function: takes and returns tensors of Keras's backend.
        inputs: arrays; their dtypes are kept.
        grad: the gradient of the output, in its shape; None for ones.
        variables: Keras's variables whose gradients are asked for, too.
    """
    import keras

    ways = {"tensorflow": _by_tensorflow, "jax": _by_jax, "torch": _by_torch}
    outputs, *grads = ways[keras.backend.backend()](function, inputs, grad, variables)
    # no gradient means that the outputs do not depend on it
    zeros = (
        [np.zeros_like(each) for each in inputs],
        [np.zeros(each.shape, each.dtype) for each in variables],
    )
    return WayBack(
        _array(outputs),
        *(
            [none if one is None else _array(one) for one, none in zip(some, nones, strict=True)]
            for some, nones in zip(grads, zeros, strict=True)
        ),
    )


def _array(tensor: Any) -> Any:
    if hasattr(tensor, "detach"):  # torch's
        return tensor.detach().cpu().numpy()
    return np.asarray(tensor)


def _by_tensorflow(function: Any, inputs: Any, grad: Any, variables: Any) -> Any:
    import tensorflow as tf

    tensors = [tf.constant(each) for each in inputs]
    watched = [variable.value for variable in variables]
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        outputs = function(*tensors)
    given = None if grad is None else tf.constant(grad)
    grads = tape.gradient(outputs, [*tensors, *watched], output_gradients=given)
    return outputs, grads[: len(tensors)], grads[len(tensors) :]


def _by_torch(function: Any, inputs: Any, grad: Any, variables: Any) -> Any:
    import torch

    tensors = [torch.tensor(np.asarray(each)) for each in inputs]
    for tensor in tensors:
        tensor.requires_grad_(tensor.is_floating_point())
    outputs = function(*tensors)
    given = torch.ones_like(outputs) if grad is None else torch.tensor(np.asarray(grad))
    asked = [each for each in tensors if each.requires_grad]
    watched = [variable.value for variable in variables]
    if not outputs.requires_grad:  # they depend on nothing that is asked for
        return outputs, [None for _ in tensors], [None for _ in watched]
    grads = list(torch.autograd.grad(outputs, [*asked, *watched], given, allow_unused=True))
    input_grads = [grads.pop(0) if each.requires_grad else None for each in tensors]
    return outputs, input_grads, grads


def _by_jax(function: Any, inputs: Any, grad: Any, variables: Any) -> Any:
    import jax
    import keras

    def stateless(tensors: Any, values: Any) -> Any:
        # a variable is read as the value that stands beside it, and nothing is assigned
        with keras.StatelessScope(state_mapping=list(zip(variables, values, strict=True))):
            return function(*tensors)

    tensors = [jax.numpy.asarray(each) for each in inputs]
    values = [variable.value for variable in variables]
    outputs, back = jax.vjp(stateless, tensors, values)
    given = jax.numpy.ones_like(outputs)
    if grad is not None:
        given = jax.numpy.asarray(grad, outputs.dtype)  # a float64 may have become float32
    return outputs, *back(given)
