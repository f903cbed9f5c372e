"""Operations: called on arrays, noted, and asked for by name."""

import copy
import pickle
from typing import Any

import numpy as np
import pytest

from minidense import ops
from minidense.engine.inputs import (
    array_of,
    as_input,
    as_they_are,
    in_dtype,
    to_one_dtype,
    to_one_float,
)
from minidense.engine.operation import OPERATIONS, Composite, Operation, operation
from minidense.engine.tape import Tape
from minidense.tensors import Tensor, tensor_of
from minidense.variables import Variable


def test_an_operation_knows_its_name_its_inputs_and_its_settings() -> None:
    @operation(elementwise=True, opaque=True, keeps_logits=True)
    def shifted(x1: Any, x2: Any, *, by: int = 2, again: Any) -> Any:
        """Return a sum."""
        return x1 + x2 + by

    assert isinstance(shifted, Operation)
    assert OPERATIONS["shifted"] is shifted
    assert (shifted.name, shifted.inputs) == ("shifted", ["x1", "x2"])
    assert list(shifted.defaults) == ["by", "again"]
    assert shifted.defaults["by"] == 2
    assert shifted.elementwise
    assert shifted.row_by_row
    assert shifted.opaque
    assert shifted.keeps_logits
    assert not shifted.takes_many
    assert (shifted.__doc__, shifted.__name__) == ("Return a sum.", "shifted")
    assert repr(shifted) == "<operation shifted>"
    assert shifted.go_back is None
    assert shifted.infer_spec is None


def test_an_operation_without_marks_has_none() -> None:
    @operation
    def plain(x: Any) -> Any:
        return x

    assert not (plain.elementwise)
    assert not (plain.row_by_row)
    assert not (plain.opaque)
    assert not (plain.keeps_logits)
    assert plain.casting is as_they_are

    @operation(row_by_row=True)
    def of_rows(*xs: Any) -> Any:
        return xs[0]

    assert of_rows.row_by_row
    assert not of_rows.elementwise
    assert of_rows.takes_many


def test_inputs_and_settings_go_by_place_and_by_name() -> None:
    @operation
    def weighted(x1: Any, x2: Any, *, factor: float = 2.0) -> Any:
        return x1 - factor * x2

    five, one = np.float32([5]), np.float32([1])
    assert weighted(five, one) == 3
    assert weighted(five, x2=one) == weighted(x2=one, x1=five) == 3
    assert weighted(five, one, 3.0) == weighted(five, one, factor=3.0) == 2
    assert weighted(x1=five, factor=4.0, x2=one) == 1
    for wrong in (
        lambda: weighted(five),
        lambda: weighted(five, one, 1.0, 2.0),
        lambda: weighted(five, one, x1=one),
        lambda: weighted(five, one, none=1),
    ):
        with pytest.raises(TypeError, match="weighted"):
            wrong()


def test_a_gradient_cannot_ask_for_a_parameter_with_another_meaning() -> None:
    @operation
    def confused(x: Any, y: Any) -> Any:
        return x + y

    with pytest.raises(TypeError, match="'y' of confused"):

        @confused.gradient
        def _(grad: Any, y: Any) -> Any:
            return grad, grad

    assert confused.go_back is None


def test_the_functions_of_an_operation_stay_functions() -> None:
    @operation
    def doubled(x: Any) -> Any:
        return x * 2

    def gradient(grad: Any, x: Any) -> Any:
        return grad * 2

    def spec(x: Any) -> Any:
        return x.shape, x.dtype

    assert doubled.gradient(gradient) is gradient is doubled.go_back
    assert doubled.asked_for == ["grad", "x"]
    assert doubled.spec(spec) is spec is doubled.infer_spec


# Results


@pytest.mark.parametrize("function", [ops.silu, ops.elu], ids=["operation", "composite"])
def test_a_copy_of_an_operation_is_itself_as_it_is_of_a_function(function: Any) -> None:
    assert copy.deepcopy(function) is copy.copy(function) is function
    assert pickle.loads(pickle.dumps(function)) is function


def test_a_result_is_a_tensor_that_cannot_be_written_to() -> None:
    found = ops.multiply(np.float32([1, 2]), 2)
    assert type(found) is Tensor
    assert not found.flags.writeable
    assert type(ops.sum(np.float32([1, 2]))) is Tensor


def test_a_result_that_looks_into_what_may_change_is_a_copy() -> None:
    array, weight = np.float32([[1, 2]]), Variable(np.float32([[1, 2]]))
    for value in (array, weight):
        memory = array_of(value)
        assert not np.may_share_memory(ops.transpose(value), memory)
        [first, second] = ops.stack([value, value]), ops.reshape(value, (-1,))
        assert not np.may_share_memory(first, memory)
        assert not np.may_share_memory(second, memory)
    tensor = tensor_of(array)
    assert np.may_share_memory(ops.transpose(tensor), array)  # no tensor ever changes


def test_several_results_are_copies_each_where_they_have_to_be() -> None:
    @operation
    def view_and_sum(x1: Any, x2: Any) -> Any:
        return x1.T, x1 + x2, x2[:1]

    array, tensor = np.float32([[1, 2]]), tensor_of(np.float32([[3, 4]]))
    one, two, three = view_and_sum(array, tensor)
    assert not np.may_share_memory(one, array)
    assert np.may_share_memory(three, tensor)
    assert all(type(each) is Tensor for each in (one, two, three))


def test_logits_are_what_went_in_as_it_was() -> None:
    x = tensor_of(np.float32([[1, 2]]))
    assert ops.softmax(x).logits is x
    assert not hasattr(ops.exp(x), "logits")


def test_overflow_is_silent() -> None:
    with np.errstate(all="raise"):
        assert ops.exp(np.float32([1e10])) == np.inf


# What goes in


def test_what_can_go_in() -> None:
    tensor, weight = tensor_of(np.float32([1])), Variable(np.float32([1]))
    for value in (tensor, weight, True, 3, 0.5):
        assert as_input(value) is value
    array = np.float64([1])
    assert as_input(array) is array
    assert as_input([0.5, 1]).dtype == np.float32
    assert as_input(np.float32(2)).dtype == np.float32
    for wrong in ("text", [object()], np.array(["a"])):
        with pytest.raises((ValueError, TypeError)):
            as_input(wrong)


def test_a_list_with_a_tensor_of_a_trace_is_stacked() -> None:
    from minidense.engine.trace import trace

    made = trace(lambda x: [ops.negative([x, x * 2.0])], [((2,), "float32")])
    assert made.run([np.float32([1, 2])])[0].tolist() == [[-1, -2], [-2, -4]]


def test_numbers_take_the_dtype_of_what_they_meet() -> None:
    double, single = np.float64([1]), np.float32([1])
    assert [np.asarray(x).dtype for x in to_one_dtype([double, single])] == [np.float64] * 2
    assert to_one_dtype([single, 0.1])[1] == 0.1
    assert [np.asarray(x).dtype for x in to_one_dtype([1, 2.0])] == [np.float32] * 2
    assert next(np.asarray(x).dtype for x in to_one_float([np.int32([1]), 2])) == np.float32
    assert next(np.asarray(x).dtype for x in to_one_float([double, 1])) == np.float64
    assert as_they_are([1.5, single, True])[1] is single
    assert [np.asarray(x).dtype for x in as_they_are([1.5, 2])] == [np.float32, np.int32]


def test_what_has_the_dtype_already_is_left_alone() -> None:
    tensor = tensor_of(np.float32([1]))
    assert in_dtype(tensor, "float32") is tensor
    assert in_dtype(tensor, "float64").dtype == np.float64
    assert in_dtype(2, "float64") == 2
    assert type(in_dtype(2, "float64")) is int
    assert in_dtype(2, "float64", numbers_too=True).dtype == np.float64


def test_the_memory_of_a_variable_is_read_and_numbers_stay() -> None:
    weight, tensor = Variable(np.float32([1])), tensor_of(np.float32([1]))
    assert array_of(weight) is weight.memory
    assert type(array_of(tensor)) is np.ndarray
    assert array_of(2.5) == 2.5


# Composites


def test_a_composite_is_its_function_and_one_name() -> None:
    @Composite
    def doubled_sum(x: Any, y: Any, factor: float = 2.0) -> Any:
        """Return a sum."""
        return ops.multiply(ops.multiply(x, factor) + y, 1.0)

    assert OPERATIONS["doubled_sum"] is doubled_sum
    assert (doubled_sum.name, doubled_sum.__doc__) == ("doubled_sum", "Return a sum.")
    assert repr(doubled_sum) == "<operation doubled_sum>"
    x = tensor_of(np.float32([1]))
    assert doubled_sum(x, x) == 3
    assert doubled_sum(x, y=x, factor=5.0) == 6
    with Tape() as tape:
        y = doubled_sum(x, x)
    assert tape.gradients(y, [x]) == [3.0]
    assert len(tape.calls) > 1


def test_a_composite_takes_no_name_that_an_operation_has() -> None:
    before = OPERATIONS["exp"]

    @Composite
    def exp(x: Any) -> Any:
        return x

    assert OPERATIONS["exp"] is before
    assert exp is not before


def test_on_a_symbolic_tensor_both_become_nodes() -> None:
    import minidense

    @Composite
    def halved(x: Any, by: float = 2.0) -> Any:
        return ops.true_divide(x, by)

    x = minidense.Input((3,))
    for function in (ops.exp, halved):
        y = function(x)
        assert y.shape == (None, 3)
        model = minidense.Model(x, y)
        assert model(np.float32([[0, 0, 0]])).shape == (1, 3)
