"""A program gives the bits of its operations, and can be read."""

from typing import Any

import numpy as np
import pytest

from minidense import layers, ops
from minidense.engine.operation import operation
from minidense.engine.program import Program
from minidense.engine.trace import subnormals_are_zero, trace
from minidense.numerics.subnormals import AVAILABLE
from minidense.typing import Array
from minidense.variables import Variable
from tests import profiles
from tests.engine.programs import ROWS, Drawn, arrays_for

# Random programs

BLOCK = 50
STEPS = 24


def bits(arrays: list[Array]) -> list[tuple[str, tuple[int, ...], bytes]]:
    return [(str(each.dtype), each.shape, each.tobytes()) for each in arrays]


@pytest.mark.parametrize("block", range(profiles.active().programs // BLOCK))
def test_a_random_program_gives_the_bits_of_its_operations(block: int) -> None:
    for number in range(block * BLOCK, (block + 1) * BLOCK):
        seed = f"{profiles.seed()}-{number}"
        steps = 1 + number % STEPS
        if fault_of(seed, steps):
            shortest = next(fewer for fewer in range(steps + 1) if fault_of(seed, fewer))
            pytest.fail(f"{Drawn(seed, shortest)}\n\n{fault_of(seed, shortest)}", pytrace=False)


def fault_of(seed: str, steps: int) -> str:
    """Return what is wrong with a program, in words; "" if nothing is."""
    drawn = Drawn(seed, steps)
    trace, variables = drawn.trace, drawn.variables
    memories = [variable.memory for variable in variables]
    start = [memory.copy() for memory in memories]
    rows = drawn.random.randint(*ROWS)
    inputs = [arrays_for(trace, rows, index) for index in (1, 2)]

    wanted = []
    for arrays in inputs:  # the second run goes on from the variables of the first
        before = bits(arrays)
        outputs = trace.run(arrays)
        wanted.append((bits(outputs), bits(memories)))
        if bits(arrays) != before:
            return "an operation writes to its input"

    for shares_memory in (False, True):
        for memory, numbers in zip(memories, start, strict=True):
            memory[...] = numbers
        program = Program(trace, [array.shape for array in inputs[0]], shares_memory)
        if bits(memories) != bits(start):
            return "a variable is changed while a program is made"
        for arrays, (outputs_wanted, memories_wanted) in zip(inputs, wanted, strict=True):
            for place, array in zip(program.inputs, arrays, strict=True):
                np.copyto(place, array)
            program()
            words = f"with shares_memory={shares_memory}:\n{program}"
            if bits(program.outputs) != outputs_wanted:
                return f"other outputs {words}"
            if bits(memories) != memories_wanted:
                return f"other variables {words}"
            if bits(program.inputs) != bits(arrays):
                return f"the program writes to its input {words}"
    return ""


# What it says


def test_each_line_says_the_layer_and_the_operation_of_a_call() -> None:
    dense = layers.Dense(2, "relu", name="hidden")
    dense.build((None, 3))
    made = trace(lambda x: [dense(x) * 2.0, x], [((None, 3), "float32")])
    assert str(Program(made, [(4, 3)])).splitlines() == [
        "hidden  matmul_2d  matmul(float32[4, 3], float32[3, 2]) -> float32[4, 2]",
        "hidden  add_bias   add(float32[4, 2], float32[2]) -> float32[4, 2]",
        "hidden  relu       maximum(float32[4, 2], float32) -> float32[4, 2]",
        "        multiply   multiply(float32[4, 2], float32) -> float32[4, 2]",
        "        copy       setitem(float32[4, 3]) -> float32[4, 3]",
    ]


@operation(opaque=True)
def in_order(x: Any, *, reverse: bool = False) -> Any:
    return np.sort(x)[::-1] if reverse else np.sort(x)


@operation(opaque=True)
def is_small(x: Any) -> Any:
    if x.max() > 100:
        raise ValueError("large")
    return ()


def test_reductions_checks_and_opaque_calls_are_named_too() -> None:
    weight = Variable(np.float32([1, 2]), name="weight")

    def function(x: Any) -> list[Any]:
        is_small(x)
        weight.assign([3.0, 4.0])
        return [ops.max(in_order(x, reverse=True)), ops.prod(x, axis=0, keepdims=True)]

    lines = str(Program(trace(function, [((3,), "float64")]), [(3,)])).splitlines()
    assert lines == [
        "  is_small  is_small(float64[3]) ->",
        "  in_order  in_order(float64[3]) -> float64[3]",
        "  max       maximum.reduce(float64[3], axis=(0,), keepdims=False) -> float64",
        "  prod      multiply.reduce(float64[3], axis=(0,), keepdims=True) -> float64[1]",
        "  copy      setitem(float32[2]) -> float32[2]",
        "  copy      setitem(float32[2]) -> float32[2]",
    ]


def test_a_program_that_does_nothing_says_nothing() -> None:
    made = Program(trace(lambda x: [], [((3,), "float32")]), [(3,)])
    made()
    assert (str(made), made.outputs) == ("", [])


# Errors, and subnormal numbers


@pytest.mark.skipif(not AVAILABLE, reason="the register is not known on this system")
def test_a_check_that_fails_in_a_flushed_part_leaves_subnormal_numbers_as_they_were() -> None:
    tiny = np.array([np.finfo("float32").tiny])

    def function(x: Any) -> list[Any]:
        with subnormals_are_zero():
            is_small(x)
            return [x * np.float32(0.5)]

    made = Program(trace(function, [((1,), "float32")]), [(1,)])
    for number, is_refused in ((tiny, False), (200, True), (tiny, False)):
        made.inputs[0][:] = number
        if is_refused:
            with pytest.raises(ValueError, match="large"):
                made()
        else:
            made()
            assert made.outputs[0] == 0
        assert (tiny * np.float32(0.5))[0] != 0


def test_a_check_that_fails_before_any_flushed_part_leaves_the_register_alone() -> None:
    def function(x: Any) -> list[Any]:
        is_small(x)
        with subnormals_are_zero():
            return [x * np.float32(0.5)]

    made = Program(trace(function, [((1,), "float32")]), [(1,)])
    made.inputs[0][:] = 200
    with pytest.raises(ValueError, match="large"):
        made()
    with np.errstate(divide="ignore"):
        assert np.isinf(np.float32([1]) / np.float32([0]))  # it would end the process else


def test_overflow_and_division_by_zero_are_silent() -> None:
    made = Program(trace(lambda x: [ops.exp(x), 1.0 / x], [((2,), "float32")]), [(2,)])
    made.inputs[0][:] = 0, 1e30
    with np.errstate(all="raise"):
        made()
    assert made.outputs[0].tolist() == [1, np.inf]
    assert made.outputs[1][0] == np.inf


def test_to_make_a_program_is_silent_too() -> None:
    made = trace(lambda x: [ops.log(x - 1.0) / (x - 1.0)], [((2,), "float64")])
    with np.errstate(all="raise"):
        Program(made, [(2,)])


def test_an_opaque_operation_may_have_constants_alone() -> None:
    made = trace(lambda x: [x * in_order(np.float32([2, 1]))], [((2,), "float32")])
    ready = Program(made, [(2,)])
    ready.inputs[0][:] = 10
    ready()
    assert ready.outputs[0].tolist() == [10, 20]
