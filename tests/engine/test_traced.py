"""Traced arrays: which calls of NumPy they note, and what they refuse."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from minidense.engine.notes import Buffer, Note
from minidense.engine.traced import TracedArray, called_whole
from minidense.typing import Array


def noted(function: Callable[..., Any], *arrays: Array) -> tuple[Any, list[Note]]:
    """Return what a kernel gives on traced arrays, and what was noted."""
    notes: list[Note] = []
    memories = [array.copy() for array in arrays]
    traced = [TracedArray(m, Buffer(m, is_fixed=True), notes) for m in memories]
    return function(*traced), notes


def ran_again(function: Callable[..., Any], *arrays: Array) -> Array:
    """Return what the noted calls give on other numbers than they were noted with."""
    notes: list[Note] = []
    memories = [np.ones_like(array) for array in arrays]
    traced = [TracedArray(m, Buffer(m, is_fixed=True), notes) for m in memories]
    result = function(*traced)
    for memory, array in zip(memories, arrays, strict=True):
        memory[...] = array
    for note in notes:
        note.bound()()
    array: Array = result.array if isinstance(result, TracedArray) else np.asarray(result)
    return array


X = np.float32([[1, -2, 3], [0.5, -4, 6]])
Y = np.float32([[2, 2, 2], [-1, -1, 0.25]])


def filled_in_parts(x: Any) -> Any:
    y = np.stack([x, x])
    y[1, :1] = x[1:]
    y[0, 0, 0] = 7
    y[1, 1, 1:] += x[0, 1:]
    return y


def put(x: Any) -> Any:
    y = x * 1
    y.reshape(-1).put(np.array([4, 0]), np.float32([8, 9]))
    return y


def put_by_another(x: Any, y: Any) -> Any:
    z = (x * 1).reshape(-1)
    z.put(y.astype(np.int64).reshape(-1), y.reshape(-1))
    return z


KERNELS: dict[str, tuple[Callable[..., Any], tuple[Array, ...]]] = {
    "a ufunc": (np.multiply, (X, Y)),
    "operators": (lambda x, y: -(x + y) / 2 - 3 * abs(x), (X, Y)),
    "a Python number": (lambda x: x * 0.1 + 1, (X,)),
    "a whole number": (lambda x: x // 2 % 3, (np.int32([7, -8]),)),
    "a boolean number": (lambda x: np.logical_and(x, True), (X,)),
    "a NumPy number": (lambda x: x * np.float64(0.1), (X,)),
    "a constant": (lambda x: x * np.arange(3, dtype="float32"), (X,)),
    "a list": (lambda x: np.add(x, [1, 2, 3]), (X,)),
    "a dtype": (lambda x: np.log(np.abs(x), dtype=np.float64), (X,)),
    "a dtype and a number": (lambda x: np.add(x, 0.1, dtype=np.float64), (X,)),
    "an order": (lambda x: np.subtract(x.T, 1, order="C"), (X,)),
    "a reduction": (lambda x: np.add.reduce(x, axis=0), (X,)),
    "a reduction to one": (lambda x: np.maximum.reduce(x, axis=None), (X,)),
    "a reduction that keeps": (lambda x: np.multiply.reduce(x, axis=1, keepdims=True), (X,)),
    "a reduction of a part": (
        lambda x: np.add.reduce(x, axis=1, where=np.array([True, False, True])), (X,),
    ),
    "a product": (lambda x, y: np.matmul(x, y.T), (X, Y)),
    "in place": (lambda x: (y := x * 2, np.add(y, x, out=y), np.negative(y, out=y))[-1], (X,)),
    "in place, where": (lambda x: np.negative(y := x * 1, out=y, where=y < 0), (X,)),
    "a transposed view": (lambda x: x.T * 2, (X,)),
    "a transposed method": (lambda x: x.transpose(1, 0) * 2, (X,)),
    "a slice": (lambda x: x[:, ::2] - x[:, :2], (X,)),
    "a slice from the end": (lambda x: x[::-1, -1:] * 2, (X,)),
    "a row": (lambda x: x[1] + x[0, 1], (X,)),
    "new axes": (lambda x: x[:, None] * x[None], (X,)),
    "a reshaped view": (lambda x: x.reshape(3, 2) * 2, (X,)),
    "a reshaped copy": (lambda x: x.T.reshape(2, 3) * 2, (X,)),
    "an empty one": (lambda x: x[:0].reshape(3, 0) * 2, (X,)),
    "other bits": (lambda x: x.view(np.int32) >> 3, (X,)),
    "a broadcast view": (lambda x: np.broadcast_to(x[0], (4, 3)) * 1, (X,)),
    "axes": (lambda x: np.squeeze(np.expand_dims(x, 1), 1) + x, (X,)),
    "another dtype": (lambda x: x.astype(np.int32), (X,)),
    "another dtype of a transposed": (lambda x: x.T.astype(np.float64), (X,)),
    "a choice": (lambda x, y: np.where(x > y, x, y), (X, Y)),
    "a choice of numbers": (lambda x: np.where(x > 0, 1, -0.5), (X,)),
    "a choice by numbers": (lambda x, y: np.where(x.astype(np.int32), y, x), (X, Y)),
    "a choice by a constant": (lambda x: np.where(np.array([True, False, True]), x, 0), (X,)),
    "a choice by a number": (lambda x: np.where(0, x, 2 * x), (X,)),
    "a lookup": (lambda x: x.reshape(-1).take(np.array([5, 0])), (X,)),
    "a lookup along an axis": (lambda x: x.take(np.array([2, 0]), axis=1), (X,)),
    "a computed lookup": (lambda x, y: x.take(y.astype(np.int64)), (X, np.abs(Y))),
    "the largest": (lambda x: x.argmax(axis=1), (X,)),
    "the largest of all": (lambda x: x.argmax(), (X,)),
    "parts": (filled_in_parts, (X,)),
    "put": (put, (X,)),
    "put by another": (put_by_another, (X, np.abs(Y))),
    "stacked": (lambda x, y: np.stack([x, y]), (X, Y)),
    "stacked along an axis": (lambda x, y: np.stack([x, y, X], 1), (X, Y)),
    "stacked along the last axis": (lambda x, y: np.stack([x, y], axis=-1), (X, Y)),
    "a choice that is known": (lambda x, y: np.where(np.array([True]), x, y), (X, Y)),
    "a choice that is known, in place": (
        lambda x, y: (z := np.where(False, x, y), np.negative(z, out=z), y + z)[-1], (X, Y),
    ),
    "a choice that is known, in another dtype": (lambda x: np.where(True, x, np.float64(2)), (X,)),
    "a choice by constant numbers": (lambda x: np.where(np.array([1.0, 0, 2]), x, 0), (X,)),
    "a number": (lambda x: x[()] + 1, (np.array(2.5, "float32"),)),
    "a number that is written": (lambda x: (y := x * 2, y.__setitem__((), x), y)[-1], (X[0, 0:1],)),
}  # fmt: skip


@pytest.mark.parametrize("name", KERNELS)
def test_what_is_noted_gives_the_bits_of_numpy_on_other_numbers(name: str) -> None:
    kernel, arrays = KERNELS[name]
    wanted = np.asarray(kernel(*[array.copy() for array in arrays]))
    found = ran_again(kernel, *arrays)
    assert (found.dtype, found.shape) == (wanted.dtype, wanted.shape)
    assert found.tobytes() == wanted.tobytes()
    assert found.strides == wanted.strides or 1 in wanted.shape or not wanted.size
    at_once, _ = noted(kernel, *arrays)
    assert np.asarray(getattr(at_once, "array", at_once)).tobytes() == wanted.tobytes()


def test_two_results_of_one_call_are_both_noted() -> None:
    (fraction, whole), notes = noted(np.modf, X)
    assert len(notes) == 1
    assert [out.array.tobytes() for out in notes[0].outs] == [a.tobytes() for a in np.modf(X)]
    fraction.array[...] = whole.array[...] = 0
    notes[0].bound()()
    assert np.array_equal(fraction.array, np.modf(X)[0])
    assert np.array_equal(whole.array, np.modf(X)[1])


# What is refused

PLAIN = np.zeros((2, 3), "float32")

REFUSED: dict[str, Callable[[Any], Any]] = {
    "np.asarray": np.asarray,
    "np.array": np.array,
    "bool": bool,
    "if": lambda x: 1 if x[0, 0] > 0 else 0,
    "float": float,
    "int": lambda x: int(x[0, 0]),
    "np.add.at": lambda x: np.add.at(x, np.array([0]), 1),
    "np.add.at a plain array": lambda x: np.add.at(PLAIN, np.array([0]), x),
    "np.add.accumulate": np.add.accumulate,
    "np.add.outer": lambda x: np.add.outer(x, x),
    "a lookup by an array": lambda x: x[np.array([0, 1])],
    "a lookup by a list": lambda x: x[[0, 1]],
    "a lookup by a list behind a slice": lambda x: x[:, [0, 1]],
    "a lookup by a mask": lambda x: x[x > 0],
    "a lookup by a boolean": lambda x: x[True],
    "a lookup by an array that is noted": lambda x: x[x.astype(np.int64)],
    "a plain array looked up": lambda x: PLAIN[x.astype(np.int64)],
    "written by an array": lambda x: (x * 1).__setitem__(np.array([0, 1]), 0),
    "written by a mask": lambda x: (x * 1).__setitem__(x > 0, 0),
    "a plain array written": lambda x: PLAIN.__setitem__(slice(None), x),
    "a plain array as out": lambda x: np.add(x, 1, out=PLAIN),
    "a plain array in place": PLAIN.__iadd__,
    "np.copyto a plain array": lambda x: np.copyto(PLAIN, x),
    "np.put into a plain array": lambda x: PLAIN.put([0], x),
    "np.sort": np.sort,
    "np.cumsum": np.cumsum,
    "np.einsum": lambda x: np.einsum("ij->i", x),
    "np.unique": np.unique,
    "np.linalg": np.linalg.norm,
    "math": lambda x: __import__("math").sqrt(x[0, 0]),
    "hash": hash,
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_noted_is_refused(name: str) -> None:
    with pytest.raises(TypeError):
        noted(REFUSED[name], X)
    assert not PLAIN.any()


def test_the_words_say_what_a_kernel_may_do() -> None:
    for function, words in [
        (np.asarray, "A kernel is noted, and this call of NumPy cannot be: it has no `out`."),
        (bool, "A kernel must not decide by the numbers: it is noted once for all of them."),
        (
            lambda x: x[[0]],
            "Only slices and whole numbers can be noted: `take` and `put` look up by an array.",
        ),
    ]:
        with pytest.raises(TypeError) as caught:
            noted(function, X)
        assert str(caught.value) == words


# What is noted, and what is not


def test_a_view_is_no_call_and_looks_into_the_same_memory() -> None:
    (x, *views), notes = noted(lambda x: (x, x.T, x[1:], x.reshape(-1), x.view(np.int32)), X)
    assert not notes
    for view in views:
        assert view.buffer is x.buffer
        assert np.may_share_memory(view.array, x.array)


def test_a_call_is_noted_with_what_it_reads_and_writes() -> None:
    (x, y, z), [first, second] = noted(lambda x: (x, y := x * 2, np.add(x, y, out=y)), X)
    assert z is y
    assert (first.function, second.function) == (np.multiply, np.add)
    assert (first.reads, first.outs) == ([x], [y])
    assert (second.reads, second.outs) == ([x, y], [y])
    assert y.buffer is not x.buffer


def test_what_is_written_by_a_mask_reads_the_mask() -> None:
    (mask, y), notes = noted(lambda x: (m := x < 0, np.negative(y := x * 1, out=y, where=m)), X)
    assert any(each is mask for each in notes[-1].reads)
    assert notes[-1].outs == [y]


def test_a_plain_array_is_noted_as_it_is_at_the_call() -> None:
    def kernel(x: Any) -> Any:
        plain = np.ones(3, "float32")
        y = x * plain
        plain[:] = 5
        return y + plain

    np.testing.assert_array_equal(ran_again(kernel, X), X + 5)


def test_ufuncs_go_number_by_number_and_others_do_not() -> None:
    kernels: list[Callable[..., Any]] = [
        lambda x: x + 1,
        lambda x: np.matmul(x, x.T),
        lambda x: np.add.reduce(x, axis=0),
        lambda x: x.astype(np.int32),
    ]
    assert [noted(kernel, X)[1][-1].is_elementwise for kernel in kernels] == [1, 0, 0, 0]


def test_writing_a_view_back_into_its_own_place_is_no_call() -> None:
    def kernel(x: Any) -> Any:
        y = x * 2
        y[1:] += 1  # Python writes y[1:] back into y
        return y

    assert len(noted(kernel, X)[1]) == 2


def test_what_is_written_back_into_another_place_is_a_call() -> None:
    for other in (slice(1, 2), slice(0, 2)):
        _, notes = noted(lambda x, o=other: (y := x * 2, y.__setitem__(slice(0, 1), y[o][:1])), X)
        assert len(notes) == (2 if other == slice(1, 2) else 1)

    def transposed(x: Any) -> Any:
        y = x[:, :2] * 2
        y[...] = y.T  # the same address, other strides
        return y

    np.testing.assert_array_equal(ran_again(transposed, X), 2 * X[:, :2].T)


# Calls as a whole


def test_a_function_without_out_is_one_call_with_its_results_copied() -> None:
    calls = []

    def function(x: Array, plain: Array) -> tuple[Array, Array]:
        calls.append(type(x))
        return x[::-1], x + plain

    memory = X.copy()
    notes: list[Note] = []
    x = TracedArray(memory, Buffer(memory, is_fixed=True), notes)
    reverse, total = x.note_whole(function, [x, Y])
    assert len(notes) == 1
    assert not np.may_share_memory(reverse.array, memory)
    memory[...] = 10
    notes[0].bound()()
    assert calls == [np.ndarray, np.ndarray]
    np.testing.assert_array_equal(reverse.array, np.full((2, 3), 10))
    np.testing.assert_array_equal(total.array, 10 + Y)


def test_a_whole_call_may_have_one_result_and_no_traced_input() -> None:
    notes: list[Note] = []
    result = called_whole(np.sort, [np.array([3, 1, 2])], notes)
    assert isinstance(result, TracedArray)
    result.array[...] = 0
    notes[0].bound()()
    assert result.array.tolist() == [1, 2, 3]


# Memory


def test_a_view_moves_with_its_memory() -> None:
    array = np.arange(12, dtype="float32").reshape(3, 4)
    buffer = Buffer(array)
    views = [array, array.T, array[1:, ::2], array[::-1, ::-1], array[2, 3:], array[3:]]
    assert all(buffer.moved(view) is view for view in views)
    buffer.memory = np.zeros(64, np.uint8)
    moved = [buffer.moved(view) for view in views]
    buffer.moved(array)[...] = array
    for view, other in zip(views, moved, strict=True):
        assert other.dtype == view.dtype
        np.testing.assert_array_equal(other, view)
        assert np.may_share_memory(other, buffer.memory) or not view.size


def test_a_buffer_that_becomes_another_stays_there() -> None:
    one, other = Buffer(np.zeros(3)), Buffer(np.ones(3), is_fixed=True)
    one.become(other)
    assert one.memory is other.memory
    assert one.is_fixed
    assert one.moved(one.array).tolist() == [1, 1, 1]


def test_a_traced_array_says_its_shape() -> None:
    x, _ = noted(lambda x: x, X)
    assert (x.shape, x.ndim, x.size, x.dtype, len(x)) == ((2, 3), 2, 6, np.float32, 2)
    assert x.T.shape == (3, 2)
    assert x.T.strides == X.T.strides
