"""A trace: what it notes, keeps, refuses and drops, and what it does when it is run."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from minidense import ops
from minidense.engine.operation import operation
from minidense.engine.specs import broadcast_shapes, output_specs
from minidense.engine.tape import Tape
from minidense.engine.trace import Trace, subnormals_are_zero, trace
from minidense.mode import mode, noted_by
from minidense.numerics.subnormals import AVAILABLE
from minidense.ops.parts import get_item
from minidense.typing import Array
from minidense.variables import Variable

ROWS = [((None, 2), "float32")]


def run(made: Trace, *arrays: Any) -> list[Array]:
    return made.run([np.asarray(array, "float32") for array in arrays])


def names(made: Trace) -> list[str]:
    return [call.operation.name for call in made.calls]


@operation(opaque=True)
def check_positive(x: Any) -> Any:
    if (x < 0).any():
        raise ValueError("negative")
    return ()


@operation
def sum_and_difference(x: Any) -> Any:
    return x + 1, x - 1


# What is kept


def test_an_array_that_is_closed_over_is_copied() -> None:
    factors = np.float32([2, 3])
    made = trace(lambda x: [x * factors], ROWS)
    factors[:] = 100
    np.testing.assert_array_equal(run(made, [[1, 1]])[0], [[2, 3]])


def test_an_array_that_is_returned_is_copied() -> None:
    numbers = np.float32([2, 3])
    made = trace(lambda x: [numbers], ROWS)
    numbers[:] = 100
    first = run(made, [[1, 1]])[0]
    np.testing.assert_array_equal(first, [2, 3])
    first[:] = 0
    np.testing.assert_array_equal(run(made, [[1, 1]])[0], [2, 3])


def test_outputs_are_arrays_of_ones_own() -> None:
    weight = Variable(np.float32([5.0]))
    made = trace(lambda x: [x, weight.value, ops.transpose(x)], ROWS)
    x = np.float32([[1, 2]])
    outputs = made.run([x])
    for output in outputs:
        assert not np.may_share_memory(output, x)
        assert not np.may_share_memory(output, weight.memory)
    assert outputs[1] == 5.0


def test_calls_that_nothing_depends_on_are_dropped_and_checks_stay() -> None:
    def function(x: Any) -> list[Any]:
        ops.exp(x)
        check_positive(x)
        y = x * 2.0
        ops.negative(y)
        return [y]

    made = trace(function, ROWS)
    assert names(made) == ["check_positive", "multiply"]
    with pytest.raises(ValueError, match="negative"):
        run(made, [[1, -1]])


def test_what_a_check_reads_stays_too() -> None:
    def function(x: Any) -> list[Any]:
        check_positive(ops.exp(x))
        return []

    assert names(trace(function, ROWS)) == ["exp", "check_positive"]


def test_of_several_outputs_one_is_enough_to_keep_a_call() -> None:
    for place in (0, 1):
        made = trace(lambda x, place=place: [sum_and_difference(x)[place]], ROWS)
        assert names(made) == ["sum_and_difference"]
        np.testing.assert_array_equal(run(made, [[3, 4]])[0], [[4, 5]] if place == 0 else [[2, 3]])


def test_a_call_says_which_layer_made_it() -> None:
    from minidense import layers

    dense = layers.Dense(2, name="hidden")
    dense.build((None, 2))
    made = trace(lambda x: [dense(x) * 2.0], ROWS)
    assert {call.layer for call in made.calls if call.operation.name == "matmul_2d"} == {"hidden"}
    assert made.calls[-1].layer == ""


def test_a_part_of_a_trace_leads_to_one_tensor_and_changes_nothing() -> None:
    weight, kept = Variable(np.float32([2.0, 3.0])), []

    def function(x: Any) -> list[Any]:
        check_positive(x)
        y = x * weight
        kept.append(y)
        weight.assign(y[0])
        return [y * 2.0]

    made = trace(function, ROWS)
    part = made.part_for(kept[0])
    assert names(part) == ["check_positive", "multiply"]
    assert run(part, [[5, 7]])[0].tolist() == [[10, 21]]
    assert weight.numpy().tolist() == [2, 3]
    assert run(made, [[5, 7]])[0].tolist() == [[20, 42]]
    assert weight.numpy().tolist() == [10, 21]


# Variables


def test_a_variable_is_read_when_the_trace_is_run() -> None:
    weight = Variable(np.float32([1.0, 2.0]))
    made = trace(lambda x: [x + weight], ROWS)
    weight.assign([10.0, 20.0])
    np.testing.assert_array_equal(run(made, [[1, 1]])[0], [[11, 21]])


def test_an_assignment_is_read_from_then_on_and_done_in_the_end() -> None:
    weight = Variable(np.float32([1.0, 2.0]))

    def function(x: Any) -> list[Any]:
        before = weight * 1.0
        assigned = weight.assign(weight + x[0])
        return [before, weight * 1.0, assigned]

    made = trace(function, ROWS)
    np.testing.assert_array_equal(weight.numpy(), [1, 2])  # not while it is traced
    before, after, assigned = run(made, [[10, 20]])
    assert before.tolist() == [1, 2]
    assert after.tolist() == assigned.tolist() == weight.numpy().tolist() == [11, 22]
    run(made, [[100, 100]])
    assert weight.numpy().tolist() == [111, 122]


def test_of_two_assignments_the_last_one_holds() -> None:
    weight = Variable(np.float32(1.0))

    def function(x: Any) -> list[Any]:
        weight.assign_add(1.0)
        weight.assign(weight * 10.0)
        return []

    made = trace(function, ROWS)
    run(made, [[0, 0]])
    assert weight.numpy() == 20.0
    assert made.writes.keys() == {weight}


def test_two_variables_are_swapped() -> None:
    one, other = Variable(np.float32([1.0])), Variable(np.float32([2.0]))

    def function(x: Any) -> list[Any]:
        kept = one.value
        one.assign(other)
        other.assign(kept)
        return [one.value, other.value]

    made = trace(function, ROWS)
    assert [array.tolist() for array in run(made, [[0, 0]])] == [[2], [1]]
    assert (one.numpy(), other.numpy()) == (2.0, 1.0)


def test_a_variable_keeps_its_dtype_and_its_shape() -> None:
    weight = Variable(np.float32([1.0, 2.0]), name="weight")

    def wider(x: Any) -> list[Any]:
        weight.assign(np.float64([0.5, 0.25]))
        return [weight.value]

    assert run(trace(wider, ROWS), [[0, 0]])[0].dtype == np.float32
    with pytest.raises(ValueError, match="weight"):
        trace(lambda x: [weight.assign([1.0, 2.0, 3.0])], ROWS)
    with pytest.raises(ValueError, match="weight"):
        trace(lambda x: [weight.assign(x)], [((3,), "float32")])


def test_a_variable_is_one_tensor_until_it_is_assigned() -> None:
    weight = Variable(np.float32([1.0, 2.0]))

    def function(x: Any) -> list[Any]:
        first = weight.value
        assert weight.value is first
        weight.assign(first)
        assert weight.value is not first
        assert weight.value is weight.value
        return [first, weight.value]

    made = trace(function, ROWS)
    first, second = made.outputs
    assert first is made.starts[weight]
    assert second.shape == (2,)


def test_an_error_on_the_way_changes_no_variable() -> None:
    weight = Variable(np.float32(1.0))

    def function(x: Any) -> list[Any]:
        weight.assign_add(1.0)
        check_positive(x)
        return []

    made = trace(function, ROWS)
    with pytest.raises(ValueError, match="negative"):
        run(made, [[-1, 0]])
    assert weight.numpy() == 1.0


# What is refused


def test_a_tensor_of_another_trace_is_refused() -> None:
    kept: list[Any] = []
    trace(lambda x: kept.append(x) or [], ROWS)  # type: ignore[func-returns-value]
    with pytest.raises(TypeError, match="another call that was traced"):
        trace(lambda x: [x + kept[0]], ROWS)
    with pytest.raises(TypeError, match="another call that was traced"):
        trace(lambda x: [kept[0]], ROWS)


CHOICE = "it is neither true nor false, `ops.where` chooses"
ARRAY = "it cannot become a NumPy array, `ops.exp` stands for `np.exp` and `ops.where` for a mask"
REFUSED: dict[str, tuple[Callable[[Any], Any], type[Exception], str]] = {
    "bool": (bool, TypeError, CHOICE),
    "and": (lambda x: x and 1, TypeError, CHOICE),
    "float": (float, TypeError, "float() has nothing to read, `ops.cast` makes a float"),
    "int": (int, TypeError, "int() has nothing to read, `ops.cast` makes an integer"),
    "an index": (lambda x: [1, 2][x], TypeError, "it is no index of a list or an array"),
    "a loop": (list, TypeError, "no loop can go over it"),
    "len": (len, TypeError, "len() is not known, `ops.shape` gives the sizes"),
    "an array": (np.asarray, NotImplementedError, ARRAY),
    "a function of NumPy": (
        lambda x: np.sum(x, axis=0),
        NotImplementedError,
        "it cannot go into `np.sum`, but into `ops.sum`",
    ),
    "one without an operation": (
        np.unwrap,
        NotImplementedError,
        "it cannot go into `np.unwrap`",
    ),
    "a ufunc": (np.exp, NotImplementedError, ARRAY),
    "a ufunc of a number and it": (lambda x: np.multiply(2, x), NotImplementedError, ARRAY),
    "numpy()": (lambda x: x.numpy(), AttributeError, "it has no `numpy`, which is NumPy's"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_numbers_that_are_not_there_are_refused_and_the_message_helps(name: str) -> None:
    function, error, words = REFUSED[name]
    with pytest.raises(error) as caught:
        trace(lambda x: [function(x)], ROWS)
    assert str(caught.value) == (
        f"A tensor of shape (None, 2) has no numbers while a function is traced: {words}. "
        "Use the operations of `ops`, or compile the model with run_eagerly=True."
    )
    assert mode.recorder is None


def test_a_tensor_says_its_shape_and_dtype() -> None:
    tensor = Trace().input((None, 2), "float32")
    assert repr(tensor) == "<TraceTensor shape=(None, 2), dtype=float32>"
    assert (tensor.ndim, tensor.shape, tensor.dtype) == (2, (None, 2), np.float32)


def test_an_array_beside_a_tensor_is_the_tensors_operator() -> None:
    made = trace(lambda x: [np.float32([1, 2]) - x, np.float32(1) / x], ROWS)
    first, second = run(made, [[2, 4]])
    assert first.tolist() == [[-1, -2]]
    assert second.tolist() == [[0.5, 0.25]]


# Shapes that are not known


def specs(operation: Any, *inputs: Any, **settings: Any) -> Any:
    """Return shapes and dtypes of an operation's outputs in a trace."""
    made = Trace()
    tensors = [made.input(*each) if isinstance(each, tuple) else each for each in inputs]
    found, is_one = output_specs(operation, tensors, settings)
    plain = [(shape, np.dtype(dtype).name) for shape, dtype in found]
    return plain[0] if is_one else plain


def test_dimensions_that_are_not_known_stay_so() -> None:
    x = ((None, 3), "float32")
    assert specs(ops.exp, x) == ((None, 3), "float32")
    assert specs(ops.multiply, x, np.ones(3, "float32")) == ((None, 3), "float32")
    assert specs(ops.sum, x, axis=0) == ((3,), "float32")
    assert specs(ops.sum, x, axis=1) == ((None,), "float32")
    assert specs(ops.transpose, x) == ((3, None), "float32")
    assert specs(ops.reshape, x, newshape=(-1,)) == ((None,), "float32")
    assert specs(ops.argmax, x, axis=-1) == ((None,), "int32")
    assert specs(ops.ones_like, x) == ((None, 3), "float32")
    assert specs(sum_and_difference, x) == [((None, 3), "float32")] * 2
    assert specs(check_positive, x) == []


def test_whole_numbers_may_be_places_while_shapes_are_found() -> None:
    @operation
    def single(x: Any, places: Any) -> Any:
        return x.take(places)

    assert specs(single, ((1,), "float32"), ((None,), "int32")) == ((None,), "float32")
    assert specs(single, ((1,), "float32"), ((None,), "uint8")) == ((None,), "float32")


@pytest.mark.parametrize(
    ("key", "shape"),
    [
        (0, (3,)),
        (5, (3,)),
        (slice(1, None), (None, 3)),
        (slice(0, 2), (None, 3)),
        ((slice(None), slice(0, 2)), (None, 2)),
        ((Ellipsis, 0), (None,)),
        ((None, Ellipsis), (1, None, 3)),
        ((Ellipsis, None), (None, 3, 1)),
        ((0, 1), ()),
    ],
)
def test_a_part_of_rows_that_are_not_known_is_not_known(key: Any, shape: Any) -> None:
    assert specs(get_item, ((None, 3), "float32"), key=key) == (shape, "float32")


def test_an_operation_between_shapes_that_are_not_known_is_noted() -> None:
    """As in a Dense on several axes: of the rows of the product it is not known whose they are."""
    weight = Variable(np.ones((3, 2), "float32"))

    def function(x: Any) -> list[Any]:
        with Tape() as tape:
            loss = ops.sum(ops.matmul(x, weight)[1:])
        return [loss, *tape.gradients(loss, [x, weight])]

    made = trace(function, [((None, 4, 3), "float32")])
    loss, x_grad, grad = made.run([np.ones((2, 4, 3), "float32")])
    assert loss == 24
    assert x_grad.tolist() == [[[0.0] * 3] * 4, [[2.0] * 3] * 4]
    assert grad.tolist() == [[4.0, 4.0]] * 3


def test_shapes_are_stretched_over_each_other() -> None:
    assert broadcast_shapes("add", []) == ()
    assert broadcast_shapes("add", [(), (2, 1), (3,)]) == (2, 3)
    assert broadcast_shapes("add", [(None, 1), (1, None)]) == (None, None)
    assert broadcast_shapes("add", [(None,), (1,)]) == (None,)
    assert broadcast_shapes("add", [(None, 2), (5, 1)]) == (5, 2)
    with pytest.raises(ValueError, match="add"):
        broadcast_shapes("add", [(2, 3), (2,)])
    with pytest.raises(ValueError, match="multiply"):
        trace(lambda x: [x * np.ones(3, "float32")], ROWS)


def test_the_same_trace_runs_for_any_number_of_rows() -> None:
    made = trace(lambda x: [ops.mean(x, axis=0), ops.ones_like(x), ops.sum(x)], ROWS)
    for rows in (1, 2, 7):
        x = np.arange(2.0 * rows, dtype="float32").reshape(rows, 2)
        mean, ones, total = made.run([x])
        np.testing.assert_array_equal(mean, x.mean(axis=0))
        assert ones.shape == x.shape
        assert total == x.sum()


# Modes


def test_in_plain_mode_nothing_is_noted() -> None:
    made = Trace()
    x = made.input((2,), "float32")
    with noted_by(made):
        y = x * 2.0
        with noted_by(None):
            assert ops.add(np.float32([1]), 1.0) == 2.0
    made.finish([y])
    assert names(made) == ["multiply"]


def test_logits_are_remembered_in_a_trace() -> None:
    seen: list[Any] = []

    def function(x: Any) -> list[Any]:
        y = ops.softmax(x)
        seen.extend([y.logits is x, hasattr(y * 1.0, "logits"), hasattr(ops.exp(x), "logits")])
        return [y]

    trace(function, ROWS)
    assert seen == [True, False, False]


@pytest.mark.skipif(not AVAILABLE, reason="the register is not known on this system")
def test_subnormal_numbers_are_zero_in_a_block_of_a_trace_and_nowhere_else() -> None:
    def function(x: Any) -> list[Any]:
        before = x * 0.5
        with subnormals_are_zero():
            inside = x * 0.5
            with subnormals_are_zero():
                pass
            still = x * 0.25
        return [before, inside, still, x * 0.5]

    made = trace(function, ROWS)
    assert [call.flushed for call in made.calls] == [False, True, True, False]
    tiny = np.finfo("float32").tiny
    found = run(made, [[tiny, 4]])
    assert [array[0, 0] == 0 for array in found] == [False, True, True, False]
    assert [array[0, 1] for array in found] == [2, 2, 1, 2]


@pytest.mark.skipif(not AVAILABLE, reason="the register is not known on this system")
def test_outside_of_a_trace_the_block_holds_at_once() -> None:
    tiny = np.array([np.finfo("float32").tiny])
    with subnormals_are_zero():
        assert (tiny * np.float32(0.5))[0] == 0
    assert (tiny * np.float32(0.5))[0] != 0


def test_a_trace_prints_what_it_is_given_does_and_returns() -> None:
    made = trace(lambda x: [ops.exp(x) * 2.0, x], [((None, 3), "float32")])
    assert [line.split() for line in str(made).splitlines()] == [
        ["x0", "float32[None,", "3]"],
        ["t1", "=", "exp(x0)", "float32[None,", "3]"],
        ["t2", "=", "multiply(t1,", "2.0)", "float32[None,", "3]"],
        ["return", "t2,", "x0"],
    ]


def test_rows_chosen_by_what_is_computed_are_refused_by_name() -> None:
    words = r"^What is computed in a traced function cannot choose rows .*`ops\.where`"
    with pytest.raises(TypeError, match=words):
        trace(lambda x: [x[ops.greater(x, 0.0)]], [((None, 2), "float32")])


def test_an_attribute_that_a_tensor_has_not_is_named() -> None:
    with pytest.raises(AttributeError, match=r"^A tensor has no attribute 'nope'\.$"):
        trace(lambda x: [x.nope], [((2,), "float32")])
