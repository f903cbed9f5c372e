"""A function's programs: how many are kept, and that threads never share one.

For what shapes a function is traced, and when again, is tested in `tests/training`.
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from minidense import ops
from minidense.engine import function as function_module
from minidense.engine.function import Function, OneByOne
from minidense.engine.program import Program
from minidense.typing import Array
from minidense.variables import Variable


def rows(count: int, value: float = 1.0) -> Array:
    return np.full((count, 2), value, "float32")


class Counted:
    """A function that says how often Python ran, and how many programs were made."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.traced = 0
        self.programs: list[tuple[int, ...]] = []
        counted = self

        class Program(function_module.Program):  # type: ignore[name-defined, misc]
            def __init__(self, trace: Any, shapes: Any) -> None:
                counted.programs.append(shapes[0])
                super().__init__(trace, shapes)

        monkeypatch.setattr(function_module, "Program", Program)
        self.call = Function(self._double)

    def _double(self, x: Any) -> Any:
        self.traced += 1
        return x * 2.0


def test_a_program_is_made_when_a_length_comes_the_second_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counted = Counted(monkeypatch)
    made = []
    for count in (3, 3, 3, 5, 5, 3, 7, 7):
        np.testing.assert_array_equal(counted.call(rows(count)), rows(count, 2))
        made.append(len(counted.programs))
    assert counted.programs == [(3, 2), (5, 2), (7, 2)]
    assert made == [0, 1, 1, 1, 2, 2, 2, 3]
    assert counted.traced == 2


def test_four_programs_are_kept_and_others_made_again_without_python(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counted = Counted(monkeypatch)
    for count in (1, 2, 3, 4, 5, 6):
        counted.call(rows(count))  # (1, 2) has a trace of its own
    for count in (2, 3, 4, 5):
        counted.call(rows(count))
    assert counted.programs == [(2, 2), (3, 2), (4, 2), (5, 2)]
    for count in (5, 2, 3, 4):
        counted.call(rows(count))
    assert len(counted.programs) == 4
    counted.call(rows(6))  # the fifth: that for 5, which was run longest ago, goes
    assert len(counted.programs) == 5
    for count in (2, 3, 4, 6):
        counted.call(rows(count))
    assert len(counted.programs) == 5
    np.testing.assert_array_equal(counted.call(rows(5)), rows(5, 2))
    assert counted.programs[5:] == [(5, 2)]
    assert counted.traced == 2


def test_lengths_that_came_long_ago_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = Counted(monkeypatch)
    for count in range(1, 68):
        counted.call(rows(count))
    counted.call(rows(2))  # 65 others came since
    assert not counted.programs
    counted.call(rows(67))
    assert counted.programs == [(67, 2)]


def test_a_function_that_makes_variables_is_traced_once_more() -> None:
    made: list[Variable] = []
    calls = []

    def function(x: Any) -> Any:
        calls.append(x.shape)
        if not made:
            made.append(Variable(np.float32(2.0)))
        return x * made[0]

    scaled = Function(function)
    assert scaled(rows(3))[0, 0] == 2
    assert scaled(rows(3))[0, 0] == 2
    assert calls == [(3, 2), (3, 2)]
    assert scaled(rows(4))[0, 0] == 2
    assert calls[2:] == [(None, 2)]


def test_the_batches_of_a_loop_stay_with_the_trace_that_they_had() -> None:
    calls = []
    double = Function(lambda x: (calls.append(x.shape), x * 2.0)[1])
    first = double.concrete([rows(3)], in_loop=True)
    assert double.concrete([rows(3)], in_loop=True) is first
    wide = double.concrete([rows(5)], in_loop=True)  # the second length of a loop: any number
    assert calls == [(3, 2), (None, 2)]
    assert double.concrete([rows(3)], in_loop=True) is first
    assert double.concrete([rows(7)], in_loop=True) is wide
    assert double.concrete([rows(7)]) is wide
    assert double.concrete([rows(3)]) is first
    other = Function(lambda x: (calls.append(x.shape), x * 2.0)[1])
    other.concrete([rows(3)])
    known = other.concrete([rows(5)])
    assert other.concrete([rows(5)], in_loop=True) is known
    assert calls[2:] == [(3, 2), (None, 2)]


def test_outputs_are_arrays_of_ones_own() -> None:
    double = Function(lambda x: {"a": [x * 2.0], "b": None})
    kept = [double(rows(3, value)) for value in (1, 2, 3)]
    assert [found["a"][0][0, 0] for found in kept] == [2, 4, 6]
    assert all(found["b"] is None for found in kept)
    kept[0]["a"][0][:] = 100
    assert double(rows(3))["a"][0][0, 0] == 2


def test_inputs_are_nested_and_may_be_missing() -> None:
    total = Function(lambda x, y: x["a"] + x["b"] if y is None else x["a"] * y)
    for _ in range(3):
        assert total({"a": rows(1, 3), "b": rows(1, 4)}, None)[0, 0] == 7
        assert total({"a": rows(1, 3), "b": rows(1, 4)}, rows(1, 5))[0, 0] == 15


def test_what_is_taken_is_nobody_elses_until_it_is_given_back() -> None:
    double = Function(lambda x: x * 2.0)
    concrete = double.concrete([rows(3)])
    first, second, third = (concrete.take(((3, 2),)) for _ in range(3))
    assert isinstance(first, OneByOne)
    assert isinstance(second, Program)
    assert isinstance(third, Program)
    assert second is not third
    assert not np.may_share_memory(second.inputs[0], third.inputs[0])
    concrete.give_back(second)
    concrete.give_back(first)  # is not kept
    assert concrete.take(((3, 2),)) is second
    assert concrete.take(((3, 2),)) not in (first, second, third)


def test_a_program_that_failed_is_not_used_again() -> None:
    from minidense.engine.operation import operation

    @operation(opaque=True)
    def is_small(x: Any) -> Any:
        if x.max() > 100:
            raise ValueError("large")
        return ()

    weight = Variable(np.float32(1.0))

    def step(x: Any) -> Any:
        weight.assign_add(1.0)
        is_small(x)
        return x + weight

    stepped = Function(step)
    for _ in range(3):
        with pytest.raises(ValueError, match="large"):
            stepped(rows(2, 1000))
    assert stepped(rows(2))[0, 0] == 3
    assert weight.numpy() == 2


def test_eight_threads_get_the_bits_of_one() -> None:
    kernel = np.random.default_rng(0).normal(0, 1, (2, 2)).astype("float32")
    product = Function(lambda x: ops.tanh(ops.matmul(ops.exp(x), kernel)) * 2.0)
    batches = [rows(1 + index % 5, 0.01 * index) for index in range(200)]
    wanted = [product(batch) for batch in batches]
    together = threading.Barrier(8)
    another = Function(lambda x: ops.tanh(ops.matmul(ops.exp(x), kernel)) * 2.0)

    def work(function: Function) -> list[Array]:
        together.wait()
        return [function(batch) for batch in batches]

    for function in (product, another):  # one that is traced, and one that none has called yet
        with ThreadPoolExecutor(8) as pool:
            for found in pool.map(work, [function] * 8):
                assert all(map(np.array_equal, found, wanted))
