"""A model of minidense of which the numbers are moved by up to a unit in the last place.

What is moved is moved in each run of a program: a kernel that moves numbers is opaque.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import numpy as np
import pytest

from minidense import ops
from minidense.engine import rewrites
from minidense.engine.operation import Operation, operation
from minidense.nest import map_structure
from minidense.ops.activations import leaky_relu, relu, relu6, sigmoid, softmax, softmax_over
from minidense.ops.shapes import identity

ACTIVATIONS: tuple[Operation, ...] = (
    *(relu, relu6, leaky_relu, sigmoid, softmax, softmax_over, ops.tanh),
    *(rewrites.fused_relu, rewrites.fused_relu6, rewrites.fused_sigmoid, rewrites.fused_tanh),
)

Move = Callable[[Any], Any]


@contextmanager
def shaken_activations(random: np.random.RandomState, dtype: str) -> Iterator[None]:
    """Move what each activation gives, since 1 - y of a saturated sigmoid has two or three units.

    Its exponential is rounded in another way in each library, so its derivative may be half as
    large in one of them; and no unit more or less in the weights shows that. The same holds of a
    softmax, whose outputs sum to 1 but for some units.
    """
    with pytest.MonkeyPatch.context() as patch:
        for each in ACTIVATIONS:
            patch.setattr(each, "kernel", _moved_kernel(each.kernel, random, dtype))
            patch.setattr(each, "opaque", True)
        yield


def _moved_kernel(kernel: Move, random: np.random.RandomState, dtype: str) -> Move:
    @wraps(kernel)
    def moved(*inputs: Any, **settings: Any) -> Any:
        return shaken_by_chance(np.asarray(kernel(*inputs, **settings)), random, dtype)

    return moved


def shake(drawn: Any, random: np.random.RandomState, dtype: str) -> None:
    """Move the weights and x of a drawn model, and from now on what it computes.

    That is all outputs, and the gradient that a loss gives: p - y of two rows may cancel, and what
    is left is the rounding of p, which is nowhere else to be seen.
    """
    model = drawn.model
    model.set_weights([shaken(weight, random, dtype) for weight in model.get_weights()])
    arrays = drawn.x if isinstance(drawn.x, list) else [drawn.x]
    pairs = zip(arrays, model.inputs, strict=True)  # whole numbers as the floats that they become
    moved = [shaken(np.asarray(array).astype(x.dtype), random, dtype) for array, x in pairs]
    drawn.x = moved if isinstance(drawn.x, list) else moved[0]
    move = _moving(
        lambda array: shaken(array, random, dtype),
        lambda grad: shaken_alike(grad, random, dtype),
    )

    def moved_output(output: Any) -> Any:
        moved = move(output)
        if hasattr(output, "logits"):
            moved.logits = move(output.logits)
        return moved

    call = model.call

    @wraps(call)
    def moved_call(*args: Any, **kwargs: Any) -> Any:
        return map_structure(moved_output, call(*args, **kwargs))

    model.call = moved_call


def shake_targets(model: Any, random: np.random.RandomState, dtype: str) -> None:
    """Move what the loss of a model is told to be right, down by up to a unit.

    The gradient p - 1 of a saturated sigmoid is a few units of 1, and TensorFlow computes it so;
    minidense computes it from the tail, where it has all its digits. It is not called for class
    numbers, since a little less than 2 is another class.
    """

    def down(y: Any) -> Any:
        right = y if y.dtype.kind == "f" else y.astype(dtype)  # as the loss does
        return right - np.abs(shaken(right, random, dtype) - right)

    move = _moving(down, down)
    let_loss_see(model, lambda y, y_pred: (map_structure(move, y), y_pred))


def look_through_nothing(model: Any) -> None:
    """Let the loss of a model clip probabilities, as Keras's does on JAX and torch.

    On TensorFlow a cross-entropy looks through a last softmax or sigmoid at the logits, and so does
    minidense.
    """
    let_loss_see(model, lambda y, y_pred: (y, map_structure(identity, y_pred)))


def let_loss_see(model: Any, change: Callable[[Any, Any], tuple[Any, Any]]) -> None:
    """Let the loss of a compiled model be given other targets and predictions."""
    loss = model._compiled_loss
    original = type(loss)

    class Changed(original):  # type: ignore[misc, valid-type]
        def __call__(self, y: Any, y_pred: Any, sample_weight: Any) -> Any:
            return super().__call__(*change(y, y_pred), sample_weight)

    loss.__class__ = Changed


def _moving(forward: Move, backward: Move) -> Any:
    """Return an operation that moves a tensor, and its gradient in another way."""

    @operation(opaque=True)
    def moved(x: Any) -> Any:
        return forward(x)

    @operation(opaque=True)
    def moved_gradient(grad: Any) -> Any:
        return backward(grad)

    @moved.gradient  # type: ignore[untyped-decorator]
    def _(grad: Any) -> Any:
        return moved_gradient(grad)

    return moved


def shaken(array: Any, random: np.random.RandomState, dtype: str) -> Any:
    """Return each float moved by up to a unit in the last place of this dtype.

    Numbers of float64 are moved by units of float32 unless all is float64: somewhere they are
    rounded to float32 then, and a smaller move would be lost there.
    """
    if array.dtype.kind != "f":
        return array
    return (array * (1 + np.finfo(dtype).eps * random.uniform(-1, 1, array.shape))).astype(
        array.dtype
    )


def shaken_alike(grad: Any, random: np.random.RandomState, dtype: str) -> Any:
    """Return a gradient with equal numbers moved alike, as a formula rounds them alike.

    Where all outputs are 0.5, p - y has two values; in the sum over the rows their rounding adds up
    and does not cancel.
    """
    values, places = np.unique(grad, return_inverse=True)
    return shaken(values, random, dtype)[places].reshape(grad.shape)


def shaken_by_chance(array: Any, random: np.random.RandomState, dtype: str) -> Any:
    """Return an array with equal numbers moved alike in every other run, and else each by itself.

    A tanh that is 1 in all rows in one library may be a unit less in all rows in the other.
    """
    return (shaken_alike if random.uniform() < 0.5 else shaken)(array, random, dtype)
