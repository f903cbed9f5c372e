"""A gradient tape of a user's own, and control flow: what is refused, and what a trace makes."""

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import minidense as keras
from minidense import autodiff, ops
from minidense.autodiff import GradientTape
from minidense.engine.trace import trace
from minidense.mode import mode
from minidense.tensors import tensor_of
from minidense.variables import Variable

ROWS = [((None, 3), "float32")]


def vector(*numbers: float) -> Any:
    return tensor_of(np.float32(numbers))


def test_the_module_shows_the_tape() -> None:
    assert keras.autodiff is autodiff
    assert autodiff.__all__ == ["GradientTape"]


def test_a_tape_that_ends_with_an_error_notes_no_more() -> None:
    with pytest.raises(KeyError), GradientTape():
        raise KeyError
    assert mode.recorder is None


def test_a_variable_can_be_watched_as_tensorflows_own_can() -> None:
    weight = Variable(np.float32([2.0]), trainable=False)
    with GradientTape() as tape:
        before = weight * 3.0
        tape.watch({"weight": [weight]})
        y = before + weight * weight
    assert tape.watched_variables() == (weight,)
    assert tape.gradient(y, weight) == 4.0
    assert tape.watched_variables() == (weight,)


def test_zeros_are_made_like_a_variable() -> None:
    unused, other = Variable(np.float64([[1.0, 2.0]])), Variable(np.float32(1.0))
    with GradientTape() as tape:
        y = other * 2.0
    (found,) = tape.gradient(y, [unused], unconnected_gradients="zero")
    assert (found.tolist(), found.dtype) == ([[0.0, 0.0]], "float64")


@pytest.mark.parametrize("given", [np.float32([1, 2, 3]), np.float32(2), np.float64([1, 2])])
def test_an_output_gradient_of_another_shape_or_dtype_is_refused(given: Any) -> None:
    weight = Variable(np.float32([1.0, 2.0]))
    with GradientTape(persistent=True) as tape:
        y = weight * 2.0
    with pytest.raises(ValueError, match="`output_gradients` must have the shapes and the dtypes"):
        tape.gradient(y, weight, output_gradients=given)
    np.testing.assert_array_equal(tape.gradient(y, weight, np.float32([1, 3])), [2, 6])


def test_a_question_that_is_refused_leaves_the_tape_as_it_was() -> None:
    weight = Variable(np.float32([1.0, 2.0]))
    with GradientTape() as tape:
        y = weight * 2.0
    with pytest.raises(AttributeError, match=r"`sources` must be .* Received: 3.0 of type float"):
        tape.gradient(y, 3.0)
    np.testing.assert_array_equal(tape.gradient(y, weight), [2, 2])
    with pytest.raises(RuntimeError, match=r"gives gradients once.*persistent=True"):
        tape.gradient(y, weight)


def test_the_inner_tape_may_end_after_the_outer_one() -> None:
    x, outer, inner = vector(3.0), GradientTape(), GradientTape()
    outer.__enter__()
    inner.__enter__()
    outer.watch(x)
    inner.watch(x)
    y = x * x
    outer.__exit__(None, None, None)
    z = y * x
    inner.__exit__(None, None, None)
    assert mode.recorder is None
    assert outer.gradient(y, x) == 6.0
    assert inner.gradient(z, x) == 27.0


def test_an_outer_tape_knows_what_was_read_after_it_rested() -> None:
    weight = Variable(np.float32([2.0]))
    with GradientTape() as outer, GradientTape() as inner:
        with outer.stop_recording():
            rested = weight * 5.0
            weight.assign([3.0])
        y = weight * weight
        both = rested + y
    assert outer.gradient(both, weight) == 6.0
    assert inner.gradient(both, weight) == 11.0


def test_the_value_of_a_variable_forgets_it_in_copies_and_files() -> None:
    value = Variable(np.float32([2.0])).value
    for other in (copy.copy(value), copy.deepcopy(value), pickle.loads(pickle.dumps(value))):
        assert other == value
        assert not hasattr(other, "variable")


def test_a_tape_in_a_trace_makes_the_way_back_a_part_of_it() -> None:
    weight = Variable(np.float32([1.0, 2.0, 3.0]))

    def step(x: Any) -> list[Any]:
        with GradientTape() as tape:
            tape.watch(x)
            y = x * weight
        grads = tape.gradient(y, [x, weight])
        weight.assign_sub(grads[1])
        return grads

    made = trace(step, ROWS)
    x = np.float32([[1, 1, 1], [2, 2, 2]])
    found = made.run([x])
    assert [each.tolist() for each in found] == [[[1, 2, 3], [1, 2, 3]], [3, 3, 3]]
    assert weight.numpy().tolist() == [-2, -1, 0]


def test_a_batch_jacobian_is_traced_for_any_number_of_rows() -> None:
    def step(x: Any) -> list[Any]:
        with GradientTape() as tape:
            tape.watch(x)
            y = x[:, :2] * x[:, 1:]
        return [tape.batch_jacobian(y, x)]

    made = trace(step, ROWS)
    for rows in (1, 4):
        x = np.arange(3.0 * rows, dtype="float32").reshape(rows, 3)
        (found,) = made.run([x])
        wanted = [[[b, a, 0], [0, c, b]] for a, b, c in x.tolist()]
        np.testing.assert_array_equal(found, wanted)


def test_a_jacobian_needs_to_know_how_many_numbers_there_are() -> None:
    def step(x: Any) -> list[Any]:
        with GradientTape() as tape:
            tape.watch(x)
            y = x * x
        return [tape.jacobian(y, x)]

    with pytest.raises(NotImplementedError, match=r"`jacobian` goes through .* run_eagerly"):
        trace(step, ROWS)
    (found,) = trace(step, [((2,), "float32")]).run([np.float32([1, 2])])
    np.testing.assert_array_equal(found, [[2, 0], [0, 4]])


def test_a_gradient_of_a_users_own_is_a_part_of_a_trace() -> None:
    weight = Variable(np.float32([2.0, 2.0, 2.0]))

    @ops.custom_gradient
    def reversed_gradient(x: Any) -> Any:
        return x * 1.0, ops.negative

    def step(x: Any) -> list[Any]:
        with GradientTape() as tape:
            y = reversed_gradient(x * weight)
        return [y, tape.gradient(y, weight)]

    y, grad = trace(step, ROWS).run([np.float32([[1, 2, 3]])])
    assert (y.tolist(), grad.tolist()) == ([[2, 4, 6]], [-1, -2, -3])


# Control flow in a trace


def in_trace(function: Any, *shapes: Any) -> Any:
    return trace(lambda *xs: [function(*xs)], [(shape, "float32") for shape in shapes])


REFUSED = {
    "cond": (lambda x: ops.cond(ops.sum(x) > 0.0, lambda: x, lambda: -x), "pred"),
    "switch": (lambda x: ops.switch(ops.argmax(x[0]), [lambda: x, lambda: -x]), "index"),
    "while_loop": (
        lambda x: ops.while_loop(lambda v: ops.sum(v) < 9.0, lambda v: v * 2, x),
        "cond",
    ),
    "fori_loop": (lambda x: ops.fori_loop(0, ops.shape(x)[0], lambda i, v: v * 2.0, x), "upper"),
    "scan": (lambda x: ops.scan(lambda c, v: (c + v, c), x[0], x)[0], "xs"),
    "map": (lambda x: ops.map(lambda v: v * 2.0, x), "xs"),
    "vectorized_map": (lambda x: ops.vectorized_map(lambda v: v * 2.0, x), "xs"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_depends_on_numbers_that_are_not_known_is_refused_by_name(name: str) -> None:
    function, argument = REFUSED[name]
    message = rf"`ops.{name}` cannot go by .*: `{argument}` is not known .* run_eagerly=True"
    with pytest.raises(NotImplementedError, match=message):
        in_trace(function, (None, 3))


def test_a_variable_is_not_known_in_a_trace_either() -> None:
    turns = Variable(2, dtype="int32")
    function = lambda x: ops.fori_loop(0, turns, lambda i, v: v * 2.0, x)  # noqa: E731
    assert function(vector(1.0, 2.0)).tolist() == [4, 8]
    assert ops.cond(Variable(True), lambda: 1, lambda: 2) == 1
    with pytest.raises(NotImplementedError, match=r"`ops.fori_loop` .* `upper`"):
        in_trace(function, (None, 3))


def test_a_refusal_in_fit_changes_no_weight() -> None:
    class Choosing(keras.layers.Layer):
        def call(self, inputs: Any) -> Any:
            return ops.cond(ops.sum(inputs) > 0.0, lambda: inputs, lambda: -inputs)

        def compute_output_shape(self, input_shape: Any) -> Any:
            return input_shape

    model = keras.Sequential([keras.layers.Dense(2), Choosing()])
    model.compile("sgd", "mse", run_eagerly=True)
    x, y = np.ones((4, 3), "float32"), np.ones((4, 2), "float32")
    model.fit(x, y, verbose=0)
    before = model.get_weights()
    model.compile("sgd", "mse")
    with pytest.raises(NotImplementedError, match=r"`ops.cond`"):
        model.fit(x, y, verbose=0)
    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_what_is_known_becomes_operations_one_after_the_other() -> None:
    def function(x: Any) -> Any:
        x = ops.fori_loop(0, 2, lambda i, v: v * 2.0, x)
        _, x = ops.while_loop(lambda i, v: i < 1, lambda i, v: (i + 1, v + 1.0), (0, x))
        x = ops.cond(True, lambda: x, lambda: x / 0.0)
        return ops.switch(1, [lambda v: v, lambda v: -v], x)

    made = in_trace(function, (None, 3))
    names = [call.operation.name for call in made.calls]
    assert names == ["multiply", "multiply", "plus", "negative"]
    assert made.run([np.float32([[1, 2, 3]])])[0].tolist() == [[-5, -9, -13]]


def test_rows_are_gone_over_where_their_number_is_known() -> None:
    def function(x: Any) -> Any:
        last, sums = ops.scan(lambda c, v: (c + v, c * 2.0), ops.zeros_like(x[0]), x)
        return sums + ops.map(lambda v: v * last, x)

    x = np.float32([[1, 2], [3, 4], [5, 6]])
    (found,) = in_trace(function, (3, 2)).run([x])
    np.testing.assert_array_equal(found, function(tensor_of(x)))
    np.testing.assert_array_equal(found, [[9, 24], [29, 52], [53, 84]])


def test_no_number_of_a_graph_decides() -> None:
    inputs = keras.Input((3,))
    with pytest.raises(NotImplementedError, match=r"`ops.cond`"):
        ops.cond(ops.sum(inputs) > 0.0, lambda: inputs, lambda: inputs)


@pytest.mark.parametrize("length", [1, 5])
def test_a_scan_has_one_length(length: int) -> None:
    with pytest.raises(ValueError, match=rf"`length` must be that of `xs`. Received: {length}"):
        ops.scan(lambda c, v: (c, c), 0, np.int32([1, 2, 3]), length=length)


@pytest.mark.parametrize("xs", [np.zeros((0, 2)), np.float32(1.0), [1, 2], []])
def test_there_must_be_rows(xs: Any) -> None:
    with pytest.raises(ValueError, match=r"`ops.map` goes over the rows"):
        ops.map(lambda x: x, xs)
