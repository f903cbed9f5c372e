"""A tape beside TensorFlow's own: `tf.GradientTape`, on the same programs in `keras.ops`."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

import minidense
from minidense.engine.tape import Tape
from minidense.tensors import tensor_of
from minidense.typing import Array
from tests import record
from tests.reference_only import tensorflow

tf = tensorflow("its tape is what ours is held to.")

X = np.random.default_rng(5).normal(0, 1, (4, 3)).astype("float32")
KERNEL = np.random.default_rng(6).normal(0, 1, (3, 5)).astype("float32")
LABELS = np.int32([0, 4, 2, 1])

Program = Callable[[Any, Any, Any], Any]


def ours(program: Callable[..., Any]) -> list[Array | None]:
    """Return what a program of (ops, tape, x, weight) gives in minidense."""
    weight = minidense.Variable(KERNEL, name="kernel")
    return [None if each is None else np.asarray(each) for each in program(Ours(), weight)]


def theirs(program: Callable[..., Any]) -> list[Array | None]:
    weight = keras.Variable(KERNEL, name="kernel")
    return [None if each is None else np.asarray(each) for each in program(Theirs(), weight)]


class Ours:
    """What the programs are written in, on minidense."""

    ops = minidense.ops

    def __init__(self) -> None:
        self.x = tensor_of(X)

    def tape(self) -> Any:
        return Tape()

    def gradients(self, tape: Any, target: Any, sources: list[Any]) -> Any:
        return tape.gradients(target, sources)


class Theirs:
    """The same on TensorFlow."""

    ops = keras.ops

    def __init__(self) -> None:
        self.x = tf.constant(X)

    def tape(self) -> Any:
        tape = tf.GradientTape(persistent=True)

        class Watching:
            def __enter__(this) -> Any:  # noqa: N805
                tape.__enter__()
                tape.watch(self.x)
                return tape

            def __exit__(this, *error: Any) -> None:  # noqa: N805
                tape.__exit__(*error)

        return Watching()

    def gradients(self, tape: Any, target: Any, sources: list[Any]) -> Any:
        return tape.gradient(target, [getattr(source, "value", source) for source in sources])


def composition(function: Callable[[Any, Any, Any], Any]) -> Program:
    """Return a program that asks for the gradients of one function."""

    def program(k: Any, weight: Any) -> list[Any]:
        with k.tape() as tape:
            loss = function(k.ops, k.x, weight)
        return [loss, *k.gradients(tape, loss, [k.x, weight])]

    return program


def gradient_of_a_gradient(k: Any, weight: Any) -> list[Any]:
    with k.tape() as outer:
        with k.tape() as inner:
            loss = k.ops.sum(k.ops.matmul(k.x, weight) * k.ops.matmul(k.x, weight))
        slope = k.gradients(inner, loss, [weight])[0]
        again = k.ops.sum(slope * slope)
    return [slope, *k.gradients(outer, again, [weight, k.x])]


def assigned_before_the_gradient(k: Any, weight: Any) -> list[Any]:
    with k.tape() as tape:
        loss = k.ops.sum(k.ops.matmul(k.x, weight))
        weight.assign(weight * 2.0)
        later = k.ops.sum(weight * weight)
        both = loss + later
    return [both, *k.gradients(tape, loss, [weight]), *k.gradients(tape, both, [weight, k.x])]


def assigned_after_the_tape(k: Any, weight: Any) -> list[Any]:
    with k.tape() as tape:
        loss = k.ops.sum(weight * weight)
    weight.assign(weight * 100.0)
    return [weight, *k.gradients(tape, loss, [weight])]


def asked_again_and_again(k: Any, weight: Any) -> list[Any]:
    with k.tape() as tape:
        hidden = k.ops.matmul(k.x, weight)
        loss = k.ops.sum(hidden * hidden)
    first = k.gradients(tape, loss, [weight, k.x])
    second = k.gradients(tape, hidden, [weight, k.x])
    return [*first, *second, *k.gradients(tape, loss, [weight])]


def not_needed(k: Any, weight: Any) -> list[Any]:
    with k.tape() as tape:
        k.ops.matmul(k.x, weight)
        loss = k.ops.sum(k.x * 3.0)
        whole = k.ops.cast(k.x, "int32")
    grads = k.gradients(tape, loss, [k.x, weight])
    return [*grads, *k.gradients(tape, k.ops.stop_gradient(loss), [k.x]), whole]


PROGRAMS: dict[str, Program] = {
    "a product": composition(lambda ops, x, w: ops.matmul(x, w)),
    "squares": composition(lambda ops, x, w: ops.mean(ops.square(ops.matmul(x, w) - 1.0))),
    "relu": composition(lambda ops, x, w: ops.relu(ops.matmul(x, w)) * ops.sum(w)),
    "a bias": composition(lambda ops, x, w: ops.relu(ops.matmul(x, w) + w[0])),
    "parts": composition(lambda ops, x, w: ops.sum(x[1:, ::2] * w[:3, 1:3]) + x[0, 1]),
    "a transpose": composition(lambda ops, x, w: ops.matmul(ops.transpose(w), ops.transpose(x))),
    "other shapes": composition(lambda ops, x, w: ops.reshape(x, (2, 6)) * ops.sum(w, axis=0)[0]),
    "a stack": composition(lambda ops, x, w: ops.stack([x, x * x], axis=1) * w[:, 0]),
    "means": composition(lambda ops, x, w: ops.mean(ops.matmul(x, w), axis=0) / ops.mean(x)),
    "a choice": composition(lambda ops, x, w: ops.where(x > 0.0, x * w[:, 1], -x)),
    "an extreme": composition(lambda ops, x, w: ops.max(ops.matmul(x, w), axis=-1)),
    "equal extremes": composition(lambda ops, x, w: ops.max(ops.stack([x, x, -x]), axis=0)),
    "a clip": composition(lambda ops, x, w: ops.clip(ops.matmul(x, w), -0.5, 0.5)),
    "a cross-entropy": composition(
        lambda ops, x, w: ops.sparse_categorical_crossentropy(
            LABELS, ops.matmul(x, w), from_logits=True
        )
    ),
    "a gradient of a gradient": gradient_of_a_gradient,
    "assigned before the gradient": assigned_before_the_gradient,
    "assigned after the tape": assigned_after_the_tape,
    "asked again and again": asked_again_and_again,
    "what is not needed": not_needed,
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_tape_gives_the_gradients_of_tensorflows(name: str) -> None:
    wanted, found = theirs(PROGRAMS[name]), ours(PROGRAMS[name])
    assert [each is None for each in wanted] == [each is None for each in found]
    for one, other in zip(wanted, found, strict=True):
        if one is not None and other is not None:
            assert one.dtype == other.dtype
            record.close(f"tape: {name}", one, other, rtol=2e-6, atol=1e-6)
