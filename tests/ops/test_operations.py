"""The battery: what is true of every operation.

Its program gives its bits, on other numbers and other lengths; nothing is written to; the gradient
is a central difference; shapes and dtypes are known before there are numbers.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidense import ops
from minidense.engine.gradients import gradients_of
from minidense.engine.operation import Operation
from minidense.engine.program import Program
from minidense.engine.tape import Tape
from minidense.engine.trace import trace
from minidense.graph.symbolic import KerasTensor
from minidense.ops import randomness
from minidense.tensors import OPERATIONS, tensor_of
from tests.ops.table import TABLE, Draw, Entry, operation_of

by_name = pytest.mark.parametrize("entry", TABLE, ids=[entry.name for entry in TABLE])

DRAWN_ELSEWHERE = {randomness.draw_mask, randomness.keep}
"""Dropout's, which are tested with the layer."""

examples = {
    "columns": st.integers(1, 19),
    "seed": st.integers(0, 10**6),
    "scale": st.sampled_from([0.1, 1.0, 8.0]),
}
ROWS = st.sampled_from([1, 2, 3, 7, 8, 16, 33])


def floats(entry):
    return ["float32"] if "float32" in entry.marks else ["float32", "float64"]


def traced(entry, dtype, columns):
    """Return the trace for inputs whose rows are not known."""
    two, three = (entry.made(Draw(rows, columns, dtype, 0, 1.0)) for rows in (2, 3))
    specs = [
        (tuple(a if a == b else None for a, b in zip(x.shape, y.shape, strict=True)), x.dtype)
        for x, y in zip(two, three, strict=True)
    ]
    return trace(lambda *inputs: [entry.call(*inputs)], specs)


def run(program, inputs):
    for place, x in zip(program.inputs, inputs, strict=True):
        place[...] = x
    program()
    return program.outputs[0].copy()


def same_bits(a, b):
    a, b = np.asarray(a), np.asarray(b)
    return a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes()


def test_every_operation_is_in_the_table():
    known = {operation_of(entry) for entry in TABLE} | DRAWN_ELSEWHERE
    named = {name for name, each in OPERATIONS.items() if isinstance(each, Operation)}
    ours = {name for name in named if OPERATIONS[name].kernel.__module__.startswith("minidense.")}
    assert {name for name in ours if OPERATIONS[name] not in known} == set()


@by_name
@settings(max_examples=12, deadline=None)
@given(rows=ROWS, other=ROWS, **examples)
def test_a_program_gives_its_bits_on_other_numbers_and_lengths(
    entry, rows, other, columns, seed, scale
):
    for dtype in floats(entry):
        noted = traced(entry, dtype, columns)
        program = Program(noted, [x.shape for x in entry.made(Draw(rows, columns, dtype, 0, 1.0))])
        for start in (seed, seed + 1):
            inputs = entry.made(Draw(rows, columns, dtype, start, scale))
            expected = np.asarray(entry.call(*map(tensor_of, inputs)))
            assert same_bits(run(program, inputs), expected)
            assert same_bits(noted.run(inputs)[0], expected)
        inputs = entry.made(Draw(other, columns, dtype, seed, scale))
        again = Program(noted, [x.shape for x in inputs])
        assert same_bits(run(again, inputs), np.asarray(entry.call(*map(tensor_of, inputs))))


@by_name
@settings(max_examples=6, deadline=None)
@given(rows=ROWS, **examples)
def test_nothing_that_goes_in_is_written_to(entry, rows, columns, seed, scale):
    inputs = entry.made(Draw(rows, columns, "float32", seed, scale))
    before = [x.copy() for x in inputs]
    output = np.asarray(entry.call(*inputs))
    assert all(same_bits(x, y) for x, y in zip(inputs, before, strict=True))
    assert not any(np.may_share_memory(output, x) for x in inputs if x.size)
    program = Program(traced(entry, "float32", columns), [x.shape for x in inputs])
    run(program, inputs)
    assert all(same_bits(x, y) for x, y in zip(program.inputs, before, strict=True))


@by_name
@settings(max_examples=6, deadline=None)
@given(rows=ROWS, **examples)
def test_shapes_and_dtypes_are_known_before_there_are_numbers(entry, rows, columns, seed, scale):
    for dtype in floats(entry):
        inputs = entry.made(Draw(rows, columns, dtype, seed, scale))
        found = np.asarray(entry.call(*map(tensor_of, inputs)))
        (output,) = traced(entry, dtype, columns).outputs
        assert output.dtype == found.dtype
        assert len(output.shape) == found.ndim
        assert all(a in (None, b) for a, b in zip(output.shape, found.shape, strict=True))


ELEMENTWISE = [entry for entry in TABLE if getattr(operation_of(entry), "elementwise", False)]


@pytest.mark.parametrize("entry", ELEMENTWISE, ids=[entry.name for entry in ELEMENTWISE])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_number_is_the_same_wherever_it_stands_unless_the_operation_says_otherwise(entry, dtype):
    inputs = entry.made(Draw(40, 5, dtype, 0, 1.0))
    rows = [place for place, x in enumerate(inputs) if x.shape == (40, 5)]
    whole = np.asarray(entry.call(*map(tensor_of, inputs)))
    if whole.shape != (40, 5):
        assert not rows
        return
    parts = []
    for start in range(0, 40, 5):  # 25 numbers: one is left over beside three registers
        some = [x[start : start + 5] if place in rows else x for place, x in enumerate(inputs)]
        parts.append(np.asarray(entry.call(*map(tensor_of, some))))
    assert same_bits(np.concatenate(parts), whole) or operation_of(entry).in_registers


@by_name
@settings(max_examples=6, deadline=None)
@given(rows=ROWS, columns=st.integers(2, 9), seed=st.integers(0, 10**6))
def test_the_gradient_is_a_central_difference(entry, rows, columns, seed):
    inputs = [tensor_of(x) for x in entry.made(Draw(rows, columns, "float64", seed, 1.0))]
    for place in entry.slopes:
        check_gradient(entry.call, inputs, place, np.random.default_rng(seed))


def check_gradient(function, inputs, place, random, step=1e-6):
    """Compare the slope of a weighted sum, in a direction drawn by chance, with a difference."""
    weights = random.standard_normal(np.shape(function(*inputs)))
    direction = random.standard_normal(inputs[place].shape)
    with Tape() as tape:
        target = ops.sum(ops.multiply(function(*inputs), tensor_of(weights)))
    (grad,) = gradients_of(target, [[inputs[place]]], tape.calls)
    slope = 0.0 if grad is None else float(np.sum(np.asarray(grad) * direction))
    ends = []
    for sign in (1, -1):
        moved = list(inputs)
        moved[place] = tensor_of(np.asarray(inputs[place]) + sign * step * direction)
        ends.append(float(np.sum(np.asarray(function(*moved)) * weights)))
    difference = (ends[0] - ends[1]) / (2 * step)
    # a difference of two sums in float64: 1e-16 over a step of 1e-6, times some hundred terms
    size = 1 + np.abs(weights).sum() + np.abs(direction).sum()
    assert slope == pytest.approx(difference, rel=1e-4, abs=1e-7 * size)


def test_the_check_finds_a_gradient_that_is_wrong_by_a_thousandth():
    @ops_of_its_own
    def wrong(x):
        return np.square(x)

    @wrong.gradient
    def _(grad, x):
        return ops.multiply(grad, ops.multiply(x, 2.002))

    x = tensor_of(np.random.default_rng(0).standard_normal((5, 4)))
    with pytest.raises(AssertionError):
        check_gradient(wrong, [x], 0, np.random.default_rng(1))


def ops_of_its_own(kernel):
    """Make an operation that the table does not know afterwards."""
    made = Operation(kernel)
    del OPERATIONS[made.name]
    return made


PUBLIC = [entry for entry in TABLE if getattr(ops, entry.name, None) is entry.call]


@pytest.mark.parametrize("entry", PUBLIC, ids=[entry.name for entry in PUBLIC])
def test_a_symbolic_tensor_has_the_shape_of_an_array(entry):
    inputs = entry.made(Draw(4, 3, "float32", 0, 1.0))
    tensors = [KerasTensor((None, *x.shape[1:]), str(x.dtype)) for x in inputs]
    if any(len(x.shape) != 2 for x in inputs):
        tensors = [KerasTensor(x.shape, str(x.dtype)) for x in inputs]
    symbolic = entry.call(*tensors)
    found = np.asarray(entry.call(*inputs))
    assert symbolic.dtype == str(found.dtype)
    assert all(a in (None, b) for a, b in zip(symbolic.shape, found.shape, strict=True))


def test_an_entry_says_what_it_is_about():
    assert all(isinstance(entry, Entry) for entry in TABLE)
    assert len({entry.name for entry in TABLE}) == len(TABLE)
