"""What each library answers: the few calls in which Keras on TensorFlow and minidense differ.

All else is the same call in both. Each function takes the library, `minidense` or `keras`.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minidense.engine.function import Function
from minidense.engine.tape import Tape
from minidense.tensors import tensor_of
from minidense.typing import Array


def is_minidense(library: Any) -> bool:
    return bool(library.__name__ == "minidense")


def array(value: Any) -> Array:
    """Return an answer of either library as a NumPy array."""
    return np.asarray(value)


def activation_gradient(library: Any, name: str, x: Array, grad: Array) -> Array:
    """Return the gradient of an activation's inputs."""
    return _gradients(library, getattr(library.activations, name), [x], grad)[0]


def layer_gradients(library: Any, layer: Any, inputs: Array, grad: Array) -> list[Array]:
    """Return the gradients of a layer's inputs, and of its weights."""

    def called(tensor: Any) -> Any:
        return layer(tensor, training=True)

    return _gradients(library, called, [inputs], grad, layer.trainable_weights)


def loss_gradient(library: Any, loss: Any, y_true: Array, y_pred: Array) -> Array:
    """Return the gradient of the sum of a loss's values with respect to the predictions."""
    return _gradients(library, lambda tensor: loss(y_true, tensor), [y_pred], None)[0]


def _gradients(
    library: Any,
    function: Callable[[Any], Any],
    inputs: Sequence[Array],
    grad: Array | None,
    weights: Sequence[Any] = (),
) -> list[Array]:
    """Return the gradients of a function's inputs, and of the weights that it reads."""
    if is_minidense(library):
        arrays = [tensor_of(x) for x in inputs]
        with Tape() as noted:
            outputs = function(*arrays)
        return [array(each) for each in noted.gradients(outputs, [*arrays, *weights], grad)]

    import tensorflow as tf

    tensors = [tf.constant(x) for x in inputs]
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        outputs = function(*tensors)
    given = None if grad is None else tf.constant(grad)
    sources = [*tensors, *(weight.value for weight in weights)]
    return [array(each) for each in tape.gradient(outputs, sources, output_gradients=given)]


def optimizer_steps(
    library: Any, optimizer: Any, weight: Array, grads: Sequence[Array], in_graph: bool
) -> dict[str, Array]:
    """Return the weight and the optimizer's state after some steps, by Keras's names.

    In a graph, as in `fit`, some operations are rewritten.
    """
    name = weight.dtype.name
    variable = library.Variable(weight, dtype=name, name="w")
    optimizer.build([variable])

    def take_step(grad: Any) -> None:
        optimizer.apply([grad], [variable])

    if is_minidense(library):
        take_step = Function(take_step) if in_graph else take_step
    else:
        import tensorflow as tf

        take_step = tf.function(take_step) if in_graph else take_step
        grads = [tf.constant(grad) for grad in grads]
    for grad in grads:
        take_step(grad)
    state = {each.name.removeprefix("w_"): array(each) for each in optimizer.variables[2:]}
    return {"weight": array(variable), **state}
