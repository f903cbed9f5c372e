"""The battery against TensorFlow: values and gradients, one by one and inside a function."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidense import ops
from minidense.engine.function import Function
from minidense.engine.gradients import gradients_of
from minidense.engine.tape import Tape
from minidense.tensors import tensor_of
from tests import record
from tests.ops.table import TABLE, Draw
from tests.reference_only import guess_is_intels, tensorflow

tf = tensorflow("the bits of its own kernels are compared.")
import keras  # noqa: E402 - after its backend is known

pytestmark = pytest.mark.usefixtures("same_bits")

COMPARED = [entry for entry in TABLE if entry.tensorflow]
by_name = pytest.mark.parametrize("entry", COMPARED, ids=[entry.name for entry in COMPARED])
examples = {
    "rows": st.sampled_from([1, 2, 7, 8, 16, 33]),
    "columns": st.integers(1, 40),
    "seed": st.integers(0, 10**6),
    "scale": st.sampled_from([0.1, 1.0, 8.0]),
}

TINY = np.finfo("float32").tiny * 2
"""Numbers below are 0 in TensorFlow, and not in minidense: see `numerics/subnormals.py`."""


def theirs(entry):
    return eval(entry.tensorflow, {"tf": tf, "keras": keras})


GUESSED = {
    *("rsqrt", "reciprocal", "log", "power", "log2", "log10", "erfc", "erfinv", "gelu"),
    *("logsumexp", "normalize"),
}
"""Where a guess of the processor's goes into values or gradients."""


def compare(name, expected, found, bits):
    expected, found = np.asarray(expected), np.asarray(found)
    if found.dtype.kind == "f":
        expected, found = (
            np.where(np.abs(x) < TINY, x.dtype.type(0), x) for x in (expected, found)
        )
    bits = bits and (guess_is_intels() or name.split(",")[0] not in GUESSED)
    exact = bits and found.dtype != "float64"
    largest = np.max(np.abs(expected), initial=1.0, where=np.isfinite(expected))
    # sums of terms that cancel out are as far off as their terms
    tolerance = {"rtol": 0.0} if exact else {"rtol": 2e-6, "atol": 1e-6 * float(largest)}
    record.close(f"operations: {name}", expected, found, **tolerance)


def bits_of(entry, inputs):
    return entry.bits and all(x.dtype != "float64" for x in inputs)


@by_name
@settings(max_examples=10, deadline=None)
@given(**examples)
def test_the_values_are_tensorflows(entry, rows, columns, seed, scale):
    for dtype in ("float32", "float64"):
        inputs = entry.made(Draw(rows, columns, dtype, seed, scale))
        expected = theirs(entry)(*map(tf.constant, inputs))
        found = entry.call(*map(tensor_of, inputs))
        compare(entry.name, expected, found, bits_of(entry, inputs))


@by_name
@settings(max_examples=3, deadline=None)
@given(**examples)
def test_the_values_in_a_function_are_tensorflows(entry, rows, columns, seed, scale):
    inputs = entry.made(Draw(rows, columns, "float32", seed, scale))
    function = tf.function(theirs(entry), autograph=False)
    expected = function(*map(tf.constant, inputs))
    ours = Function(entry.call)
    for _ in range(2):  # operation by operation, and then as a program
        compare(f"{entry.name}, in a function", expected, ours(*inputs), entry.bits)


SMOOTH = [entry for entry in COMPARED if entry.slopes]


@pytest.mark.parametrize("entry", SMOOTH, ids=[entry.name for entry in SMOOTH])
@settings(max_examples=8, deadline=None)
@given(**examples)
def test_the_gradients_are_tensorflows(entry, rows, columns, seed, scale):
    draw = Draw(rows, columns, "float32", seed, scale)
    inputs = entry.made(draw)
    tensors = [tf.constant(x) for x in inputs]
    with tf.GradientTape() as theirs_tape:
        theirs_tape.watch(tensors)
        expected_values = theirs(entry)(*tensors)
    shape = tuple(expected_values.shape)
    grad = draw.real(*shape) if shape else draw.real(1)[0]
    expected = theirs_tape.gradient(expected_values, tensors, tf.constant(grad))
    ours = [tensor_of(x) for x in inputs]
    with Tape() as tape:
        values = entry.call(*ours)
    for place in entry.slopes:
        (found,) = gradients_of(values, [[ours[place]]], tape.calls, tensor_of(np.asarray(grad)))
        wanted = expected[place]
        wanted = np.zeros(inputs[place].shape, "float32") if wanted is None else wanted.numpy()
        found = ops.zeros_like(ours[place]) if found is None else found
        compare(f"{entry.name}, gradient", wanted, found, entry.bits and entry.gradient_bits)
