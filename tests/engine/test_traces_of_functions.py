"""Which trace serves which shapes, and what runs it."""

import copy
import threading
from typing import Any

import numpy as np
import pytest

from minidense import Variable, ops
from minidense.engine.function import Concrete, Function, Spec
from minidense.engine.program import Program


def specs(*shapes: Any, dtype: str = "float32") -> Any:
    return [Spec(shape, dtype) for shape in shapes]


def seen_by(*calls: tuple[Any, bool]) -> list[Any]:
    """Return the shapes that a function is traced for, of specs and whether they come in a loop."""
    seen: list[Any] = []

    def function(x: Any) -> Any:
        seen.append(x.shape)
        return x * 2.0

    traced = Function(function)
    for shape, in_loop in calls:
        traced.concrete(specs(shape), in_loop)
    return seen


def test_the_second_shape_brings_a_trace_that_serves_all_lengths() -> None:
    assert seen_by(*[((n, 3), False) for n in (5, 4, 3, 5)]) == [(5, 3), (None, 3)]


def test_each_dimension_is_widened_by_all_traces_so_far() -> None:
    calls = [((5, 3), False), ((5, 5), False), ((4, 5), False), ((9, 9), False)]
    assert seen_by(*calls) == [(5, 3), (5, None), (None, None)]


def test_another_rank_or_dtype_begins_anew() -> None:
    assert seen_by(((5, 3), False), ((5, 3, 2), False)) == [(5, 3), (5, 3, 2)]
    traced = Function(lambda x: x + x)
    assert traced.concrete(specs((5,))) is not traced.concrete(specs((5,), dtype="int32"))


def test_the_most_specific_trace_serves_a_shape() -> None:
    traced = Function(lambda x: x * 2.0)
    exact, wide = traced.concrete(specs((5, 3))), traced.concrete(specs((4, 3)))
    assert traced.concrete(specs((5, 3))) is exact
    assert traced.concrete(specs((None, 3))) is wide
    assert traced.concrete(specs((9, 3))) is wide


def test_loops_have_a_table_of_their_own_in_front() -> None:
    # (4, 3) is widened by what calls have traced, and (9, 3) by what loops have asked for
    assert seen_by(((5, 3), False), ((4, 3), True)) == [(5, 3), (None, 3)]
    traced = Function(lambda x: x * 2.0)
    wide = traced.concrete(specs((None, 3)), in_loop=True)
    exact = Function(lambda x: x * 2.0)
    first = exact.concrete(specs((5, 3)), in_loop=True)
    assert traced.concrete(specs((5, 3)), in_loop=True) is wide
    assert exact.concrete(specs((5, 3))) is first


def test_what_makes_variables_is_traced_twice_and_the_second_trace_serves() -> None:
    made: list[Any] = []

    def function(x: Any) -> Any:
        if not made:
            made.append(Variable(np.float32(3.0)))
        traces.append(len(traces))
        return x * made[0] + float(len(traces))

    traces: list[int] = []
    assert float(Function(function)(np.float32(2.0))) == 8.0
    assert traces == [0, 1]


def test_a_trace_that_fails_is_none() -> None:
    fails = [True]

    def function(x: Any) -> Any:
        if fails[0]:
            raise ArithmeticError
        return x * 2.0

    traced = Function(function)
    with pytest.raises(ArithmeticError):
        traced.concrete(specs((5, 3)))
    fails[0] = False
    traced.concrete(specs((4, 3)))
    assert [concrete.trace.inputs[0].shape for concrete in all_of(traced)] == [(4, 3)]


def all_of(traced: Function) -> list[Concrete]:
    return [concrete for traces in traced._traces.values() for _, concrete in traces._made]


def test_a_program_is_made_when_a_length_comes_again_and_lent_to_one_at_a_time() -> None:
    concrete = Function(ops.relu).concrete(specs((None, 3)))
    shapes = ((5, 3),)
    assert not isinstance(concrete.take(shapes), Program)
    first, second = concrete.take(shapes), concrete.take(shapes)
    assert isinstance(first, Program)
    assert isinstance(second, Program)
    assert first is not second
    concrete.give_back(first)
    assert concrete.take(shapes) is first
    assert concrete.take(shapes) not in (first, second)  # which are lent
    assert not isinstance(concrete.take(((6, 3),)), Program)


def test_a_part_of_a_trace_changes_no_variable() -> None:
    count = Variable(np.float32(1.0))
    parts: list[Any] = []

    def function(x: Any) -> Any:
        count.assign_add(1.0)
        y = x * count
        parts.append(y.trace.part_for(y))
        count.assign_add(1.0)
        return y + 1.0

    traced = Function(function)
    traced.concrete(specs((2,)))
    (y,) = parts[0].run([np.float32([1.0, 2.0])])
    assert y.tolist() == [2.0, 4.0]
    assert float(count) == 1.0


@pytest.mark.parametrize("in_graph", [True, False])
def test_a_copy_is_traced_anew_and_in_the_same_dialect(in_graph: bool) -> None:
    x = np.random.default_rng(0).random((8, 8), dtype="float32")
    function = Function(lambda x: 1.0 / x, in_graph)
    result = function(x)
    twin = copy.deepcopy(function)
    assert not twin.traces
    np.testing.assert_array_equal(twin(x), result)
    names = [call.operation.name for call in twin.traces[0].calls]
    assert names == ["reciprocal" if in_graph else "true_divide"]


def test_what_is_beyond_float32_goes_in_as_infinity_and_numpy_says_nothing() -> None:
    traced = Function(lambda x: x + x).concrete(specs((2,)))
    for _ in range(2):
        assert traced.run([np.array([1e300, 1.0])])[0].tolist() == [np.inf, 2.0]


def test_a_variable_that_another_thread_makes_brings_no_second_trace() -> None:
    times: list[int] = []

    def function(x: Any) -> Any:
        times.append(1)
        other = threading.Thread(target=Variable, args=(1.0,))
        other.start()
        other.join()
        return x + x

    Function(function)(np.ones(2, "float32"))
    assert len(times) == 1


@pytest.mark.parametrize("nothing", [None, {}, [], (None,)])
def test_what_returns_no_tensors_returns_its_nesting(nothing: Any) -> None:
    function = Function(lambda x: nothing)
    assert [function(np.ones(2, "float32")) for _ in range(2)] == [nothing, nothing]
