"""The one place that asks a model of either library for things.

    outputs(model, x, training=False)             the model's outputs
    outputs_by_layer(model, x, training=False)    each layer's call: what went in, what came out
    gradients(model, x, y, training=False)        loss, weight_grads, input_grads
    step(model, grads)                            the trainable weights after one optimizer step
    updates(model, x, y, training=False)          the same, with the model's own gradients

All take a model of minidense or of Keras (on TensorFlow, JAX or torch), and give NumPy arrays; the
model, its optimizer and its seeds are as they were afterwards. Arrays are used in the dtype that
they have; each model casts them as it does in a call. `x` may be a list or a dict for a model of
several inputs.

Gradients and steps are those of `fit`: the compiled loss, computed as a step of training computes
it, and the compiled optimizer, where it stands. A gradient is None where the loss does not depend
on the weight, or where an input holds whole numbers.

On what is neither minidense's nor Keras's, see `other_side`.
"""

from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from minidense.models import Model
from minidense.nest import flatten
from minidense.parity import keras_side, minidense_side, other_side
from minidense.parity.arrays import to_numpy
from minidense.parity.following import Call, inner_layers
from minidense.typing import Array


class Gradients(NamedTuple):
    """The loss of a batch, and its gradients."""

    loss: Array
    """A number, shape ()."""
    weight_grads: list[Array | None]
    """One for each of `model.trainable_weights`, in their order and shapes."""
    input_grads: list[Array | None]
    """One for each input, in its shape."""


def library_of(model: Any) -> str:
    """Return "minidense", "Keras", or "" for what is neither.

    >>> library_of(Model()), library_of(len)
    ('minidense', '')
    """
    if isinstance(model, Model):
        return "minidense"
    roots = {cls.__module__.split(".")[0] for cls in type(model).__mro__}
    return "Keras" if "keras" in roots and hasattr(model, "layers") else ""


def answers(model: Any, x: Any, training: bool = False) -> tuple[list[Call], list[Array]]:
    """Return `outputs_by_layer` and `outputs` of one and the same call."""
    return _side(model).outputs_by_layer(model, x, training)  # type: ignore[no-any-return]


def outputs(model: Any, x: Any, training: bool = False) -> list[Array]:
    """Return the outputs of a model, as a list of arrays (batch, ...).

    Raises:
        ValueError: if the model is not built.
        TypeError: for what is no model.

    >>> import numpy as np
    >>> from minidense import Input, Sequential, layers
    >>> model = Sequential([Input((2,)), layers.Dense(1, kernel_initializer="ones")])
    >>> outputs(model, np.float32([[1, 2]]))
    [array([[3.]], dtype=float32)]
    """
    return answers(model, x, training)[1]


def outputs_by_layer(model: Any, x: Any, training: bool = False) -> list[Call]:
    """Return the calls of the layers, in the order in which they run; models inside are opened.

    Raises:
        ValueError: if the model is not built.
        TypeError: for what is no model.

    >>> import numpy as np
    >>> from minidense import Input, Sequential, layers
    >>> model = Sequential([Input((2,)), layers.Dense(1, kernel_initializer="ones")])
    >>> [(call.kind, call.outputs[0].shape) for call in outputs_by_layer(model, np.ones((4, 2)))]
    [('Dense', (4, 1))]
    """
    return answers(model, x, training)[0]


def gradients(model: Any, x: Any, y: Any, training: bool = False) -> Gradients:
    """Return the loss of one batch, and its gradients, as a step of `fit` computes them.

    Raises:
        ValueError: if the model is not built, or not compiled with a loss.
        TypeError: for what is no model.

    >>> import numpy as np
    >>> from minidense import Input, Sequential, layers
    >>> model = Sequential([Input((1,)), layers.Dense(1, kernel_initializer="ones")])
    >>> model.compile("sgd", "mse")
    >>> loss, (kernel, bias), _ = gradients(model, np.float32([[2]]), np.float32([[1]]))
    >>> loss, kernel, bias
    (array(1., dtype=float32), array([[4.]], dtype=float32), array([2.], dtype=float32))
    """
    side = _side(model)
    _check_compiled(model, "loss")
    return Gradients(*side.gradients(model, x, y, training))


def step(model: Any, grads: list[Array | None], optimizer: Any = None) -> list[Array]:
    """Return what the trainable weights would be after one step with these gradients.

    The optimizer goes on from where it stands, with its running means; nothing is changed.

    Args:
        model: compiled with an optimizer.
        grads: one for each trainable weight; None leaves the weight alone.
        optimizer: another one to take the step with; None is the model's own.

    Raises:
        ValueError: if the model is not built or has no optimizer, or the gradients do not fit.
        TypeError: for what is no model.

    >>> import numpy as np
    >>> from minidense import Input, Sequential, layers, optimizers
    >>> model = Sequential([Input((1,)), layers.Dense(1, use_bias=False)])
    >>> model.compile(optimizers.SGD(0.5), "mse")
    >>> model.set_weights([[[1.0]]])
    >>> step(model, [np.float32([[1]])]), model.get_weights()
    ([array([[0.5]], dtype=float32)], [array([[1.]], dtype=float32)])
    """
    side = _side(model)
    if optimizer is None:
        _check_compiled(model, "optimizer")
        optimizer = getattr(model, "optimizer", None)
    shapes = [tuple(weight.shape) for weight in trainable_weights(model)]
    given = [None if grad is None else grad.shape for grad in grads]
    fits = len(given) == len(shapes) and all(
        grad in (None, shape) for grad, shape in zip(given, shapes, strict=True)
    )
    if not fits:
        raise ValueError(
            f"A step needs a gradient (or None) for each trainable weight, in the shapes {shapes}. "
            f"Received: {given}."
        )
    return side.step(model, grads, optimizer)  # type: ignore[no-any-return]


def updates(model: Any, x: Any, y: Any, training: bool = False) -> list[Array]:
    """Return what the trainable weights would be after one step of `fit` on this batch.

    Raises:
        ValueError: if the model is not built, or not compiled.
        TypeError: for what is no model.
    """
    return step(model, gradients(model, x, y, training).weight_grads)


def trainable_weights(model: Any) -> list[Any]:
    """Return the variables that training changes."""
    return list(getattr(model, "trainable_weights", []))


def weights(model: Any) -> list[tuple[str, Array]]:
    """Return the weights' paths and values."""
    return [(path_of(weight), to_numpy(weight)) for weight in getattr(model, "weights", [])]


def path_of(variable: Any) -> str:
    """Return the path of a variable, "dense/kernel", or its name."""
    return str(getattr(variable, "path", getattr(variable, "name", "weight")))


def check_model(argument: str, model: Any) -> None:
    """Raise TypeError for what is no model, ValueError for one that is not built."""
    if isinstance(model, type) or not callable(model) or not hasattr(model, "layers"):
        raise TypeError(
            f"`{argument}` must be a model: something with `layers` that can be called, such as a "
            f"keras.Model or a minidense.Model. Received: {model!r} of type {type(model).__name__}."
        )
    built = getattr(model, "built", True) and all(
        getattr(layer, "built", True) for layer in inner_layers(model)
    )
    if not built:
        name = getattr(model, "name", type(model).__name__)
        raise ValueError(
            f"`{argument}`, the model '{name}', is not built, so it has no weights yet. Put an "
            "`Input(shape)` first, or call it once on data."
        )


def check_rows(argument: str, data: Any, optional: bool = False) -> None:
    """Raise TypeError for what holds no numbers, ValueError for no rows."""
    if data is None and optional:
        return
    for part in flatten(data):
        array = np.asarray(part)
        if array.dtype.kind not in "fiub":
            raise TypeError(
                f"`{argument}` must be an array of numbers, or a list or dict of them. "
                f"Received: {type(part).__name__} of dtype {array.dtype}."
            )
        if not array.ndim or not len(array):
            raise ValueError(f"`{argument}` needs at least one row. Its shape is {array.shape}.")


def _side(model: Any) -> ModuleType:
    check_model("model", model)
    by_library = {"minidense": minidense_side, "Keras": keras_side, "": other_side}
    return by_library[library_of(model)]


def _check_compiled(model: Any, what: str) -> None:
    if getattr(model, what, None) is None and library_of(model):
        raise ValueError(
            f"The model '{model.name}' has no {what}. Call `compile(optimizer, loss)` first."
        )
