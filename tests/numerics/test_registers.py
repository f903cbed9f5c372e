"""How a function goes through an array, and what a program calls as a whole."""

import numpy as np
import pytest

from minidense.engine.operation import Operation
from minidense.engine.program import Program
from minidense.engine.trace import trace
from minidense.numerics.registers import in_registers, one_call, row_by_row
from minidense.tensors import OPERATIONS


@pytest.mark.parametrize(("dtype", "width"), [("float32", 8), ("float64", 4)])
@pytest.mark.parametrize("count", [0, 1, 3, 4, 7, 8, 13, 16])
def test_what_fills_no_register_goes_one_by_one(count, dtype, width):
    x = np.ones(count, dtype)
    found = in_registers(lambda x: x, lambda x: -x, x)
    assert found.tolist() == [1] * (count // width * width) + [-1] * (count % width)


def test_an_array_is_one_run_of_numbers_row_after_row():
    x = np.asfortranarray(np.ones((3, 3), "float32"))
    found = in_registers(lambda x: x, lambda x: -x, x)
    assert found.tolist() == [[1, 1, 1], [1, 1, 1], [1, 1, -1]]


def test_several_arrays_go_side_by_side():
    x, y = np.arange(9, dtype="float32"), np.full(9, 2, "float32")
    assert in_registers(np.multiply, np.subtract, x, y).tolist() == [*range(0, 16, 2), 6]


def test_rows_lie_one_after_the_other_afterwards():
    turned = np.arange(6).reshape(2, 3).T
    assert row_by_row(turned).flags.c_contiguous
    assert row_by_row(turned).tolist() == turned.tolist()
    fine = np.arange(6).reshape(2, 3)
    assert np.may_share_memory(row_by_row(fine), fine)


def test_a_function_of_one_call_may_decide_by_the_numbers():
    @one_call
    def sorted_or_not(x):
        return np.sort(x) if x[0] > 0 else x

    made = Operation(sorted_or_not)
    del OPERATIONS[made.name]
    program = Program(trace(lambda x: [made(x)], [((3,), "float32")]), [(3,)])
    for numbers, expected in (([3, 1, 2], [1, 2, 3]), ([-3, 1, 0], [-3, 1, 0])):
        program.inputs[0][:] = numbers
        program()
        assert program.outputs[0].tolist() == expected
    assert len(program.notes) == 1
