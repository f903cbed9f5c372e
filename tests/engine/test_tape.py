"""A tape: gradients that it gives, by hand and against central differences."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from minidense import ops
from minidense.engine.operation import operation
from minidense.engine.tape import Tape
from minidense.engine.trace import Trace
from minidense.mode import mode, noted_by
from minidense.tensors import Tensor, tensor_of
from minidense.typing import Array
from minidense.variables import Variable
from tests.truth.differences import TOLERANCE, worst_error


def gradient(function: Callable[[Any], Any], x: Any, grad: Any = None) -> Any:
    """Return the gradient of a function at a point."""
    tensor = tensor_of(np.asarray(x))
    with Tape() as tape:
        target = function(tensor)
    return tape.gradients(target, [tensor], grad)[0]


# What a gradient is


def test_the_gradient_of_a_tensor_with_several_numbers_is_that_of_their_sum() -> None:
    found = gradient(ops.square, [1.0, 2.0, -3.0])
    np.testing.assert_array_equal(found, [2.0, 4.0, -6.0])
    assert isinstance(found, Tensor)


def test_the_gradient_of_the_target_can_be_given() -> None:
    found = gradient(ops.square, [1.0, 2.0, -3.0], grad=np.array([10.0, 0.0, 1.0]))
    np.testing.assert_array_equal(found, [20.0, 0.0, -6.0])


def test_what_the_target_does_not_need_has_no_gradient() -> None:
    used, unused, never_read = (Variable(np.float32(n)) for n in (2, 3, 4))
    with Tape() as tape:
        loss = used * 3.0
        _ = unused * 2.0
    assert tape.gradients(loss, [used, unused, never_read]) == [3.0, None, None]


def test_a_target_that_is_a_source_has_the_gradient_1() -> None:
    x = tensor_of(np.float32([1, 2]))
    with Tape() as tape:
        pass
    np.testing.assert_array_equal(tape.gradients(x, [x])[0], [1, 1])


def test_a_tensor_that_is_read_several_times_gets_the_sum() -> None:
    np.testing.assert_array_equal(gradient(lambda x: x * x + x * 3.0 - x, [2.0, 5.0]), [6.0, 12.0])


def test_the_way_back_ends_at_a_stop_and_at_what_has_no_slope() -> None:
    np.testing.assert_array_equal(gradient(lambda x: ops.stop_gradient(x) * x, [2.0, 5.0]), [2, 5])
    assert gradient(lambda x: ops.cast(x > 1.0, "float64"), [2.0, 5.0]) is None


def test_operations_that_the_target_does_not_come_from_are_not_gone_back_through() -> None:
    @operation
    def explosive(x: Any) -> Any:
        return x + 1

    @explosive.gradient
    def _(grad: Any) -> Any:
        raise AssertionError("nobody needs this gradient")

    x = tensor_of(np.float32([1, 2]))
    other = tensor_of(np.float32([3, 4]))
    with Tape() as tape:
        explosive(x)  # not in the target
        loss = explosive(other) * 2.0 + x  # in the target, but not in the way to x
    np.testing.assert_array_equal(tape.gradients(loss, [x])[0], [1, 1])


def test_a_gradient_that_is_none_adds_nothing() -> None:
    @operation
    def silent(x1: Any, x2: Any) -> Any:
        return x1 + x2

    @silent.gradient
    def _(grad: Any) -> Any:
        return None, grad

    x, y = tensor_of(np.float64([2.0])), tensor_of(np.float64([3.0]))
    with Tape() as tape:
        first = silent(x, y)
        second = x * 5.0
        third = silent(x, y)
        loss = first + second + third
    assert tape.gradients(loss, [x, y]) == [5.0, 2.0]


def test_an_operation_with_several_outputs_gets_a_gradient_for_each_or_none() -> None:
    seen = []

    @operation
    def sum_and_product(x1: Any, x2: Any) -> Any:
        return x1 + x2, x1 * x2

    @sum_and_product.gradient
    def _(grads: Any, ys: Any, xs: Any, x1: Any, x2: Any) -> Any:
        seen.append((grads[0] is None, grads[1] is None, len(ys), len(xs)))
        return (grads[1] * x2, grads[1] * x1) if grads[0] is None else (grads[0], grads[0])

    a, b = tensor_of(np.float64([2.0])), tensor_of(np.float64([5.0]))
    with Tape() as tape:
        total, product = sum_and_product(a, b)
        unused = ops.negative(product)
    assert tape.gradients(total, [a, b]) == [1.0, 1.0]
    assert tape.gradients(product, [a, b]) == [5.0, 2.0]
    assert tape.gradients(unused, [a, b]) == [-5.0, -2.0]
    assert seen == [(False, True, 2, 2), (True, False, 2, 2), (True, False, 2, 2)]


def test_a_gradient_may_ask_for_settings_that_were_given_or_not() -> None:
    @operation
    def scaled(x: Any, *, factor: float = 2.0, shift: float = 1.0) -> Any:
        return x * factor + shift

    @scaled.gradient
    def _(grad: Any, y: Any, factor: float, shift: float) -> Any:
        return grad * factor + shift * 0.0

    assert gradient(scaled, [1.0]) == 2.0
    assert gradient(lambda x: scaled(x, factor=7.0), [1.0]) == 7.0


# Central differences


def normal(*shape: int) -> Array:
    return np.random.default_rng(3).normal(0, 1, shape)


LABELS = np.array([2, 0, 1])
COMPOSITIONS: dict[str, Callable[[Any], Any]] = {
    "a sum of products": lambda x: ops.sum(x * x[::-1] + ops.exp(x)),
    "a mean of rows": lambda x: ops.mean(ops.tanh(x) / (2.0 + x * x), axis=0),
    "a product with its own transpose": lambda x: ops.matmul(x, ops.transpose(x)),
    "parts": lambda x: x[1:, ::2] * x[0, 1] + x[1:, -1:] ** 2,
    "a stack": lambda x: ops.stack([x, ops.square(x)], axis=1) * 3.0,
    "a softmax": lambda x: ops.log(ops.softmax(x, axis=-1)) * x,
    "a cross-entropy": lambda x: ops.sparse_categorical_crossentropy(LABELS, x, from_logits=True),
    "a choice": lambda x: ops.where(x > 0.0, x * x, ops.exp(x)),
    "an extreme": lambda x: ops.max(x * 2.0, axis=1) * ops.min(x, axis=0, keepdims=True)[0, 0],
    "other shapes": lambda x: ops.reshape(ops.expand_dims(x, axis=1), (2, 6)) * 0.5,
}


@pytest.mark.parametrize("name", COMPOSITIONS)
def test_the_gradient_of_a_composition_is_a_central_difference(name: str) -> None:
    function, x = COMPOSITIONS[name], normal(3, 4)
    grad = np.cos(np.arange(np.size(function(x)))).reshape(np.shape(function(x)))
    found = gradient(function, x, grad)
    assert worst_error(lambda moved: np.asarray(function(moved)) * grad, x, found) < TOLERANCE


@pytest.mark.parametrize("wrong_by", [0.0, 0.0005, -0.0005])
def test_a_derivative_that_is_wrong_by_a_twentieth_of_a_percent_is_seen(wrong_by: float) -> None:
    @operation
    def cubed(x: Any) -> Any:
        return x * x * x

    @cubed.gradient
    def _(grad: Any, x: Any) -> Any:
        return grad * (3.0 * (1 + wrong_by)) * x * x

    x = normal(3, 4)
    error = worst_error(lambda moved: np.asarray(cubed(moved)), x, gradient(cubed, x))
    assert (error < TOLERANCE) == (wrong_by == 0)


# Tapes in tapes


def test_a_gradient_of_a_gradient_is_noted_by_the_tape_around() -> None:
    x = tensor_of(np.array([1.0, 2.0, -3.0]))
    with Tape() as outer:
        with Tape() as inner:
            y = x**3
        slope = inner.gradients(y, [x])[0]
    assert np.asarray(slope).tolist() == [3, 12, 27]
    assert np.asarray(outer.gradients(slope, [x])[0]).tolist() == [6, 12, -18]


def test_both_tapes_know_what_the_inner_one_notes() -> None:
    weight = Variable(np.float64([2.0]))
    with Tape() as outer:
        before = weight * 5.0
        with Tape() as inner:
            loss = weight * weight
        assert inner.gradients(loss, [weight]) == [4.0]
        after = loss * before
    assert outer.gradients(after, [weight]) == [5.0 * 3 * 4]
    assert inner.gradients(after, [weight]) == [None]


def test_a_tape_in_a_trace_leaves_the_operations_to_the_trace() -> None:
    weight, trace = Variable(np.float32([2.0, 3.0])), Trace()
    x = trace.input((2,), "float32")
    with noted_by(trace):
        with Tape() as tape:
            loss = ops.sum(weight * x)
        trace.finish([loss, *tape.gradients(loss, [weight, x])])
    found = trace.run([np.float32([10, 100])])
    assert [array.tolist() for array in found] == [320, [10, 100], [2, 3]]


def test_what_is_done_after_the_block_is_not_noted_and_the_tape_still_answers() -> None:
    x = tensor_of(np.float64([3.0]))
    with Tape() as tape:
        y = x * x
    z = y * 2.0
    assert tape.gradients(z, [x]) == [None]
    assert tape.gradients(y, [x]) == tape.gradients(y, [x]) == [6.0]
    assert mode.recorder is None


def test_a_tape_ends_with_an_error_too() -> None:
    with pytest.raises(KeyError), Tape():
        raise KeyError
    assert mode.recorder is None


def test_the_block_may_ask_for_gradients_itself() -> None:
    x = tensor_of(np.float64([3.0]))
    with Tape() as tape:
        y = x * x
        slope = tape.gradients(y, [x])[0]
        again = tape.gradients(slope, [x])[0]  # what came back is noted, too
    assert (slope, again) == (6.0, 2.0)


# Variables and arrays that change


def test_a_variable_that_is_assigned_later_is_what_was_read() -> None:
    weight = Variable(np.float64([2.0]))
    with Tape() as tape:
        loss = weight * weight
        weight.assign([100.0])
    assert tape.gradients(loss, [weight]) == [4.0]
    assert weight.numpy() == 100.0


def test_a_variable_that_is_assigned_after_the_block_is_what_was_read() -> None:
    weight = Variable(np.float64([2.0]))
    with Tape() as tape:
        loss = weight * weight
    weight.assign([100.0])
    assert tape.gradients(loss, [weight]) == [4.0]


def test_readings_before_and_after_an_assignment_are_added_up() -> None:
    weight = Variable(np.float64([2.0]))
    with Tape() as tape:
        before = weight * weight
        assert weight.assign(weight * 5.0) == 10.0
        loss = before + weight * weight
    assert loss == 104.0
    assert tape.gradients(loss, [weight]) == [4.0 + 20.0]


def test_steps_on_one_tape_see_each_new_value() -> None:
    weight = Variable(np.float64([3.0]))
    with Tape() as tape:
        for _ in range(3):
            loss = weight * weight
            weight.assign_sub(tape.gradients(loss, [weight])[0] * 0.25)
    assert weight.numpy() == 3.0 / 8  # each step halves it: 2 * weight * 0.25
    assert len(tape.reads[weight]) == 3


def test_an_array_that_its_owner_changes_later_is_what_was_read() -> None:
    x, weight = np.array([2.0, 3.0]), Variable(np.array([1.0, 1.0]))
    with Tape() as tape:
        loss = ops.sum(weight * x)
        x[:] = 100.0
    np.testing.assert_array_equal(tape.gradients(loss, [weight])[0], [2.0, 3.0])


def test_a_value_that_is_read_is_one_tensor_until_it_is_assigned() -> None:
    weight = Variable(np.float32([1.0]))
    with Tape():
        first = weight.value
        assert weight.value is first
        weight.assign([2.0])
        assert weight.value is not first
        assert (first, weight.value) == (1.0, 2.0)


def test_a_call_is_noted_with_what_went_in_and_came_out() -> None:
    x = tensor_of(np.float32([1.0]))
    with Tape() as tape:
        y = ops.relu(x)
    [call] = tape.calls
    assert (call.operation, call.inputs, call.settings) == (ops.relu, [x], {})
    assert call.inputs[0] is x
    assert call.outputs[0] is y
    assert (call.layer, call.flushed) == ("", False)


def test_tensors_in_a_list_keep_their_gradients() -> None:
    a, b = tensor_of(np.float32(2.0)), Variable(np.float32(3.0))
    with Tape() as tape:
        target = ops.sum([[a * 2.0, 1.0], [b, a * b]])
    found = tape.gradients(target, [a, b])
    assert [float(each) for each in found] == [2.0 + 3.0, 1.0 + 2.0]
