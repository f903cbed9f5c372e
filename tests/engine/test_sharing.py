"""Which calls of a program are needed, in which order, and which memory they write to."""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from minidense import ops
from minidense.engine.notes import address
from minidense.engine.operation import operation
from minidense.engine.program import Program
from minidense.engine.trace import Trace, subnormals_are_zero, trace
from minidense.typing import Array
from minidense.variables import Variable

SHAPE = (4, 3)
SIZE = 4 * 3 * 4  # bytes of a float32 array of that shape


def program(
    function: Callable[..., Any], inputs: int = 1, shares_memory: bool = True
) -> tuple[Program, Trace]:
    """Return the program of a function of float32 arrays."""
    made = trace(function, [((None, 3), "float32")] * inputs)
    return Program(made, [SHAPE] * inputs, shares_memory), made


def run(made: Program, *arrays: Array) -> list[Array]:
    for place, array in zip(made.inputs, arrays, strict=True):
        place[...] = array
    made()
    return made.outputs


def functions(made: Program) -> list[str]:
    return [getattr(note.function, "__name__", "") for note in made.notes]


def places(made: Program) -> list[int]:
    """Return where each call writes to."""
    return [address(out.buffer.memory) for note in made.notes for out in note.outs]


X = np.arange(12, dtype="float32").reshape(SHAPE) - 5


@operation
def two(x: Any) -> Any:
    return x + 1, x * 2


@operation
def three_steps(x: Any) -> Any:
    y = x * 2
    z = y + 1
    y *= 3
    return z, y


@operation
def half_used(x: Any) -> Any:
    np.negative(x)  # for nobody
    y = x * 2
    y[1:] = 5
    return y


@operation(opaque=True)
def is_small(x: Any) -> Any:
    if x.max() > 100:
        raise ValueError("large")
    return ()


# What is needed


def test_calls_of_a_kernel_whose_results_nobody_reads_are_dropped() -> None:
    assert functions(program(lambda x: [half_used(x)])[0]) == ["multiply", "setitem"]
    assert functions(program(lambda x: [two(x)[1]])[0]) == ["multiply"]


def test_inputs_variables_and_constants_are_handed_back_as_copies() -> None:
    weight = Variable(np.float32([1, 2, 3]))
    made, _ = program(lambda x: [x, weight.value, np.float32([7]), x[1:]])
    outputs = run(made, X)
    assert functions(made) == ["setitem"] * 4
    for output in outputs:
        assert not np.may_share_memory(output, made.inputs[0])
        assert not np.may_share_memory(output, weight.memory)
    made.inputs[0][...] = 0
    np.testing.assert_array_equal(outputs[0], X)
    assert outputs[2] == 7


# Memory


def test_a_chain_lies_in_one_place() -> None:
    made, trace_of_it = program(lambda x: [ops.sqrt(ops.square(ops.negative(x))) + 1.0])
    assert len(set(places(made))) == 1
    assert made.saved_bytes == 3 * SIZE == Program(trace_of_it, [SHAPE]).saved_bytes


def test_unshared_each_array_has_its_own_place() -> None:
    made, _ = program(lambda x: [ops.square(ops.negative(x)) * 2.0], shares_memory=False)
    assert len(set(places(made))) == len(made.notes) == 3
    assert made.saved_bytes == 0


def test_what_is_read_later_is_not_written_over() -> None:
    def function(x: Any) -> list[Any]:
        y = ops.negative(x)
        z = ops.square(y)
        return [z + y, ops.negative(z)]

    made, _ = program(function)
    first, second, *_ = places(made)
    assert first != second
    np.testing.assert_array_equal(run(made, X)[0], X * X - X)
    np.testing.assert_array_equal(made.outputs[1], -X * X)


def test_an_output_is_not_written_over() -> None:
    def function(x: Any) -> list[Any]:
        y = ops.negative(x)
        return [y, ops.square(y) * 2.0]

    made, _ = program(function)
    assert len(set(places(made))) == 2
    np.testing.assert_array_equal(run(made, X)[0], -X)


def test_a_call_that_is_not_elementwise_writes_to_another_place_than_it_reads() -> None:
    made, _ = program(lambda x: [ops.sum(ops.negative(x), axis=1, keepdims=True)])
    first, last = places(made)
    assert first != last


def test_memory_is_taken_again_where_it_is_large_enough() -> None:
    def function(x: Any) -> list[Any]:
        small = ops.sum(ops.negative(x), axis=0)  # (3,)
        large = ops.square(x) * small  # (4, 3)
        return [ops.sum(large, axis=0)]

    made, _ = program(function)
    negative, total, square, product, last = places(made)
    assert square == negative == product
    assert last == total
    assert made.saved_bytes == 2 * SIZE + 12


def test_the_smallest_place_that_is_large_enough_is_taken() -> None:
    def function(x: Any) -> list[Any]:
        small = ops.sum(ops.negative(x), axis=0)  # (3,)
        other = ops.sum(ops.square(x), axis=0)  # (3,)
        return [ops.max(small * other)]

    made, _ = program(function)
    large, small, again, other, product, last = places(made)
    assert (again, product) == (large, small)
    assert last == other  # that of 12 bytes, and not that of 48


def test_places_are_aligned_and_inputs_are_left_alone() -> None:
    made, _ = program(lambda x: [ops.negative(x), ops.sum(ops.square(x), axis=0)])
    assert all(place % 64 == 0 for place in places(made))
    run(made, X)
    np.testing.assert_array_equal(made.inputs[0], X)


def test_an_empty_array_has_a_place_too() -> None:
    made = trace(lambda x: [ops.negative(ops.square(x))], [((None, 3), "float32")])
    empty = Program(made, [(0, 3)])
    empty()
    assert empty.outputs[0].shape == (0, 3)


# Variables


def test_a_variable_is_written_by_the_call_that_makes_its_value() -> None:
    weight = Variable(np.ones(SHAPE, "float32"))

    def function(x: Any) -> list[Any]:
        weight.assign(weight * 0.5 + x)
        return []

    made, _ = program(function)
    assert functions(made) == ["multiply", "add"]
    assert made.changes_from == 1
    assert np.may_share_memory(made.notes[-1].outs[0].buffer.memory, weight.memory)
    run(made, X)
    np.testing.assert_array_equal(weight.numpy(), 0.5 + X)


CASES: dict[str, tuple[Callable[..., list[Any]], int]] = {}
"""Assignments to two variables, and how many copies they take."""


def case(count: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def kept(function: Callable[..., Any]) -> Callable[..., Any]:
        CASES[function.__name__.replace("_", " ")] = (function, count)
        return function

    return kept


@case(0)
def both_by_their_makers(x: Any, one: Variable, other: Variable) -> list[Any]:
    one.assign(one + x)
    other.assign(other * x)
    return []


@case(1)
def the_old_value_is_read_by_the_others_maker(x: Any, one: Variable, other: Variable) -> list[Any]:
    old = one.value
    one.assign(one + x)
    other.assign(other * old)
    return []


@case(2)
def swapped(x: Any, one: Variable, other: Variable) -> list[Any]:
    old = one.value
    one.assign(other)
    other.assign(old)
    return []


@case(2)
def the_same_value_in_both(x: Any, one: Variable, other: Variable) -> list[Any]:
    value = one + x
    one.assign(value)
    other.assign(value)
    return []


@case(1)
def the_new_value_is_handed_out(x: Any, one: Variable, other: Variable) -> list[Any]:
    return [one.assign(one + x)]


@case(0)
def the_new_value_is_read(x: Any, one: Variable, other: Variable) -> list[Any]:
    one.assign(one + x)
    return [one * 2.0]


@case(1)
def a_view_of_a_value(x: Any, one: Variable, other: Variable) -> list[Any]:
    one.assign(ops.reshape(ops.reshape(x, (-1,)) * 2.0, (4, 3))[::-1])
    return []


@case(1)
def a_constant(x: Any, one: Variable, other: Variable) -> list[Any]:
    one.assign(np.full(SHAPE, 3, "float32"))
    return []


@case(1)
def an_input(x: Any, one: Variable, other: Variable) -> list[Any]:
    one.assign(x)
    return []


@case(1)
def a_value_that_is_filled_in_parts(x: Any, one: Variable, other: Variable) -> list[Any]:
    one.assign(half_used(x))
    return []


@case(1)
def a_value_that_no_elementwise_call_makes(x: Any, one: Variable, other: Variable) -> list[Any]:
    one.assign(ops.matmul(x, np.eye(3, dtype="float32")))
    return []


@case(0)
def a_value_of_a_transposed_variable(x: Any, one: Variable, other: Variable) -> list[Any]:
    one.assign(ops.transpose(ops.transpose(one)) + x)
    return []


@case(1)
def a_variable_read_upside_down(x: Any, one: Variable, other: Variable) -> list[Any]:
    one.assign(one[::-1] + x)
    return []


@case(0)
def what_is_written_later_was_read_before(x: Any, one: Variable, other: Variable) -> list[Any]:
    value, tripled = three_steps(x)
    one.assign(value)
    return [tripled]


@case(1)
def a_value_that_python_reads(x: Any, one: Variable, other: Variable) -> list[Any]:
    one.assign(one + x)
    is_small(one * 2.0)
    return []


@case(1)
def a_value_of_which_another_is_made_by_python(x: Any, one: Variable, other: Variable) -> list[Any]:
    one.assign(one + x)
    other.assign(ops.where(one > 0.0, one, other) * 0.5)
    return []


@case(0)
def flushed(x: Any, one: Variable, other: Variable) -> list[Any]:
    with subnormals_are_zero():
        half = one * 0.5
        one.assign(half + x)
    return [half * 2.0]


@pytest.mark.parametrize("name", CASES)
def test_variables_become_what_they_become_operation_by_operation(name: str) -> None:
    function, count = CASES[name]
    one, other = Variable(np.cos(X)), Variable(np.sin(X))
    made = trace(lambda x: function(x, one, other), [(SHAPE, "float32")])
    wanted = made.run([X]), one.numpy(), other.numpy()
    one.assign(np.cos(X))
    other.assign(np.sin(X))
    shared = Program(made, [SHAPE])
    outputs = run(shared, X)
    for found, array in zip([*outputs, one, other], [*wanted[0], *wanted[1:]], strict=True):
        np.testing.assert_array_equal(np.asarray(found), array)
    changing = shared.notes[shared.changes_from :]
    assert [note.cause.operation.name for note in changing].count("copy") == count
    for output in outputs:
        assert not np.may_share_memory(output, one.memory)
        assert not np.may_share_memory(output, other.memory)


@pytest.mark.parametrize("reads_variable", [False, True])
def test_a_check_that_fails_leaves_the_variables_as_they_were(reads_variable: bool) -> None:
    weight = Variable(np.ones(SHAPE, "float32"))

    def function(x: Any) -> list[Any]:
        weight.assign(weight + x)
        is_small(weight * 2.0 if reads_variable else x * 2.0)
        return []

    made, _ = program(function)
    with pytest.raises(ValueError, match="large"):
        run(made, X + 1000)
    assert (weight.numpy() == 1).all()
    run(made, X)
    np.testing.assert_array_equal(weight.numpy(), 1 + X)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("is_program", [True, False])
def test_no_python_runs_between_the_first_change_and_the_last(name: str, is_program: bool) -> None:
    """A Ctrl-C comes where Python begins a function or a line: before all changes, or after."""
    one, other = Variable(np.cos(X)), Variable(np.sin(X))
    made = trace(lambda x: CASES[name][0](x, one, other), [(SHAPE, "float32")])
    runs = Program(made, [SHAPE]) if is_program else lambda: made.run([X])
    if isinstance(runs, Program):
        runs.inputs[0][...] = X
    before = one.numpy().tobytes(), other.numpy().tobytes()
    seen: set[tuple[bytes, bytes]] = set()

    def look(frame: Any, event: str, argument: Any) -> Any:
        seen.add((one.memory.tobytes(), other.memory.tobytes()))
        return look

    kept = sys.gettrace()
    sys.settrace(look)
    try:
        runs()
    finally:
        sys.settrace(kept)
    assert seen <= {before, (one.numpy().tobytes(), other.numpy().tobytes())}
    assert before in seen
