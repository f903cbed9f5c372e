"""The order of the rows, the batches they come in, and the epochs that the batches make."""

import os
import subprocess
import sys
import tempfile
import tracemalloc
import warnings
from collections.abc import Callable
from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minidense
from minidense.random.seeds import _global
from minidense.random.streams import batch_permutations, permutation
from minidense.training import rows as rows_module
from minidense.training.batches import Batches, Epochs
from tests.messages import exactly


@pytest.fixture(autouse=True)
def _seeded():
    minidense.utils.set_random_seed(3)


def taken(batches: Any) -> list[list[Any]]:
    """The batches of an epoch, each array copied, since memory is used again."""
    return [[None if a is None else a.copy() for a in arrays] for arrays in batches]


def rows_of(batches: Any) -> list[int]:
    return [int(row) for first, *_ in batches for row in first]


@given(rows=st.integers(1, 40), size=st.integers(1, 45))
def test_without_a_shuffle_batches_are_slices_in_order(rows: int, size: int):
    x, y = np.arange(rows), np.arange(rows) * 2.0
    batches = Batches([x, y, None], size)
    assert len(batches) == -(-rows // size)
    for start, (first, second, nothing) in zip(range(0, rows, size), batches, strict=True):
        assert np.array_equal(first, x[start : start + size])
        assert np.array_equal(second, y[start : start + size])
        assert nothing is None


@given(rows=st.integers(1, 40), size=st.integers(1, 45), seed=st.integers(0, 2**32 - 1))
def test_a_shuffle_reads_all_rows_in_the_order_of_the_permutation(rows: int, size: int, seed: int):
    minidense.utils.set_random_seed(seed)
    x = np.random.default_rng(0).normal(size=(rows, 2, 3)).astype("float32")
    y = np.arange(rows)
    order = permutation(rows, seed)
    batches = taken(Batches([x, None, y], size, shuffle=True))
    assert np.array_equal(np.concatenate([first for first, _, _ in batches]), x[order])
    assert np.array_equal(np.concatenate([last for _, _, last in batches]), order)
    assert [len(first) for first, _, _ in batches[:-1]] == [size] * (len(batches) - 1)
    assert all(first.dtype == "float32" and last.dtype == y.dtype for first, _, last in batches)


@given(rows=st.integers(1, 40), size=st.integers(1, 45))
def test_a_shuffle_inside_batches_keeps_each_row_in_its_batch(rows: int, size: int):
    batches = taken(Batches([np.arange(rows)], size, shuffle="batch"))
    starts = range(0, rows, size)
    inside = batch_permutations([min(size, rows - start) for start in starts], 3)
    for start, part, (batch,) in zip(starts, inside, batches, strict=True):
        assert np.array_equal(batch, start + part)


@pytest.mark.parametrize("shuffle", [True, "batch"])
def test_under_a_seed_each_epoch_has_the_same_order(shuffle: Any):
    batches = Batches([np.arange(50)], 8, shuffle)
    first = rows_of(batches)
    assert sorted(first) == list(range(50))
    assert rows_of(batches) == first
    assert rows_of(Batches([np.arange(50)], 8, shuffle)) == first


@pytest.mark.parametrize("shuffle", [True, "batch"])
def test_without_a_seed_each_epoch_has_another_order(shuffle: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(_global, "seed", None)
    batches = Batches([np.arange(50)], 25, shuffle)
    first, second = rows_of(batches), rows_of(batches)
    assert sorted(first) == sorted(second) == list(range(50))
    assert first != second


def test_a_shuffled_batch_is_no_view_of_the_data():
    x = np.arange(10.0)
    for (rows,) in Batches([x], 4, shuffle=True):
        rows[:] = -1
    assert np.array_equal(x, np.arange(10.0))


def test_batches_of_one_epoch_share_memory_and_two_runs_do_not():
    batches = Batches([np.arange(8)], 4, shuffle=True)
    first, second = iter(batches), iter(batches)
    (one,), (other,) = next(first), next(second)
    assert not np.shares_memory(one, other)
    (next_one,) = next(first)
    assert np.shares_memory(one, next_one)


def test_epochs_without_steps_are_whole():
    epochs = Epochs(Batches([np.arange(5)], 2))
    assert len(epochs) == 3
    assert [rows_of(epochs) for _ in range(2)] == [[0, 1, 2, 3, 4]] * 2


def test_epochs_with_steps_go_on_where_the_last_one_stopped():
    epochs = Epochs(Batches([np.arange(12)], 2), steps=2)
    assert len(epochs) == 2
    assert [rows_of(epochs) for _ in range(4)] == [
        [0, 1, 2, 3],
        [4, 5, 6, 7],
        [8, 9, 10, 11],
        [0, 1, 2, 3],
    ]


def test_an_epoch_in_which_the_rows_run_out_is_shorter_and_warns():
    epochs = Epochs(Batches([np.arange(5)], 1), steps=3)
    assert rows_of(epochs) == [0, 1, 2]
    with pytest.warns(UserWarning, match="ran out of data: .* It has 5 batches in all"):
        assert rows_of(epochs) == [3, 4]
    assert rows_of(epochs) == [0, 1, 2]


@given(rows=st.integers(1, 12), steps=st.integers(1, 15), epochs=st.integers(1, 6))
def test_epochs_never_skip_a_row_or_read_one_twice_in_a_round(rows: int, steps: int, epochs: int):
    several = Epochs(Batches([np.arange(rows)], 1), steps)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        seen = [row for _ in range(epochs) for row in rows_of(several)]
    assert seen == [place % rows for place in range(len(seen))]


def test_an_epoch_that_ends_early_says_how_many_batches_there_are() -> None:
    epochs = Epochs(Batches([np.arange(3)], 1), steps=2)
    assert len(list(epochs)) == 2
    message = "Your input ran out of data: the epoch ends early. It has 3 batches in all."
    with pytest.warns(UserWarning, match=exactly(message)):
        assert len(list(epochs)) == 1


# However the arrays lie in memory


def with_a_column_more(array: Any) -> Any:
    return np.concatenate([array, array[:, :1]], axis=1)


def as_memory_map(array: Any) -> Any:
    with tempfile.TemporaryFile() as file:
        array.tofile(file)
        return np.memmap(file, array.dtype, "r", shape=array.shape)


def read_only(array: Any) -> Any:
    array.flags.writeable = False
    return array


LAYOUTS: dict[str, Callable[[Any], Any]] = {
    "rows in order": lambda array: array,
    "Fortran order, as in a frame": np.asfortranarray,
    "columns of a table": lambda array: with_a_column_more(array)[:, 1:],
    "columns of a frame": lambda array: np.asfortranarray(with_a_column_more(array))[:, 1:],
    "rows of a frame": lambda array: np.asfortranarray(np.concatenate([array, array]))[
        len(array) :
    ],
    "every other row": lambda array: np.repeat(array, 2, axis=0)[::2],
    "every other row of a frame": lambda array: np.asfortranarray(np.repeat(array, 2, 0))[::2],
    "rows reversed": lambda array: array[::-1],
    "columns reversed": lambda array: array[:, ::-1],
    "a frame reversed": lambda array: np.asfortranarray(array)[::-1, ::-1],
    "rows last": lambda array: np.moveaxis(np.moveaxis(array, 0, -1).copy(), -1, 0),
    "the second axis first": lambda array: np.swapaxes(np.swapaxes(array, 0, 1).copy(), 0, 1),
    "a memory map": as_memory_map,
    "read only": lambda array: read_only(array.copy()),
    "one row for all": lambda array: np.broadcast_to(array[:1], array.shape),
    "one column for all": lambda array: np.broadcast_to(array[:, :1], array.shape),
}
FLOATS = ["float32", "float64", "float16", ">f4", "longdouble"]
SMALL_PIECES = {"_ROWS": 3, "_COLUMNS": 2, "_AHEAD": 64, "_BLOCK": 16}


def numbers(shape: tuple[int, ...], dtype: str) -> Any:
    """Numbers that float32 rounds, if they have more digits."""
    return (np.random.default_rng(len(shape)).random(shape) * 200).astype(dtype)


def most_memory(run: Callable[[], Any]) -> int:
    tracemalloc.start()
    try:
        run()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@settings(deadline=None)
@given(
    layout=st.sampled_from(list(LAYOUTS)),
    dtype=st.sampled_from([*FLOATS, "uint8", ">i4", "bool"]),
    shape=st.tuples(st.integers(1, 25), st.integers(1, 6))
    | st.tuples(st.integers(1, 25), st.integers(1, 4), st.integers(1, 4)),
    size=st.integers(1, 30),
    shuffle=st.sampled_from([False, True, "batch"]),
    pieces=st.sampled_from([SMALL_PIECES, {"_ROWS": rows_module._ROWS}]),
)
def test_batches_are_the_same_bits_in_order_however_the_array_lies(
    layout: str,
    dtype: str,
    shape: tuple[int, ...],
    size: int,
    shuffle: Any,
    pieces: dict[str, int],
):
    array = LAYOUTS[layout](numbers(shape, dtype))
    expected = np.array(array, order="C")
    if expected.dtype.kind == "f":
        expected = expected.astype("float32")
    with mock.patch.multiple(rows_module, **pieces):
        batches = taken(Batches([array], size, shuffle))
        for (found,), (wanted,) in zip(
            batches, taken(Batches([expected], size, shuffle)), strict=True
        ):
            assert found.dtype == wanted.dtype
            assert found.tobytes() == wanted.tobytes()
        assert all(batch.flags.c_contiguous for (batch,) in Batches([array], size, shuffle))


@settings(deadline=None)
@given(
    layout=st.sampled_from(list(LAYOUTS)),
    dtype=st.sampled_from([*FLOATS, "uint8"]),
    out=st.sampled_from(["float32", "float64", "float16"]),
    shuffle=st.booleans(),
)
def test_batches_are_written_into_the_arrays_that_are_given(
    layout: str, dtype: str, out: str, shuffle: bool
):
    """By way of config.floatx(), as everything a model is given."""
    array = LAYOUTS[layout](numbers((11, 3), dtype))
    given_arrays = {rows: np.zeros((rows, 3), out) for rows in (4, 3)}
    batches = Batches([array, None], 4, shuffle, into=lambda rows: [given_arrays[rows], None])
    with mock.patch.multiple(rows_module, **SMALL_PIECES):
        for (found, nothing), (wanted, _) in zip(
            batches, Batches([array, None], 4, shuffle), strict=True
        ):
            assert found is given_arrays[len(wanted)]
            assert found.tobytes() == wanted.astype(out).tobytes()
            assert nothing is None


@pytest.mark.parametrize("layout", [name for name in LAYOUTS if "frame" in name])
def test_many_batches_of_a_frame_are_read_at_once(layout: str):
    """Few rows from all over it would take longer than a step of training."""
    x = LAYOUTS[layout](np.ones((400, 20), "float32"))
    with mock.patch.object(rows_module, "_AHEAD", 0):
        batches = iter(Batches([x], 4, shuffle=True))
        next(batches)
        x[:] = 2
        seen = [float(rows.max()) for (rows,) in batches]
    assert seen == [1] * 9 + [2] * 90  # a tenth was read


def test_rows_in_order_are_not_copied_where_nobody_shuffles():
    x = numbers((8, 2), "float32")
    assert all(np.shares_memory(batch, x) for (batch,) in Batches([x], 3))


@pytest.mark.parametrize("arranged", [np.array, np.asfortranarray])
def test_a_batch_as_long_as_the_data_is_copied_once(arranged: Any):
    """In whatever dtype the data are: not whole a second time on the way."""
    batches = Batches([arranged(numbers((20_000, 20), "float64"))], 20_000, shuffle=True)
    batches._next_order()
    assert most_memory(lambda: next(iter(batches))) < 20_000 * 20 * 4 * 1.5


@pytest.mark.parametrize("arranged", [np.array, np.asfortranarray])
@pytest.mark.parametrize("shuffle", [False, True])
def test_what_is_beyond_float32_is_infinity_in_silence(arranged: Any, shuffle: bool):
    ((found,),) = Batches([arranged([[1e300, 1.0], [2.0, -1e300]])], 2, shuffle)
    assert sorted(found.ravel()) == [-np.inf, 1, 2, np.inf]


def model_of(features: int, hidden: int, outputs: int, loss: str = "mse", **metrics: Any) -> Any:
    minidense.utils.set_random_seed(1)
    layers = [minidense.layers.Dense(hidden, "relu"), minidense.layers.Dense(outputs, "sigmoid")]
    model = minidense.Sequential([minidense.Input((features,)), *layers])
    model.compile("adam", loss, **metrics)
    return model


layouts_and_dtypes = st.tuples(st.sampled_from(list(LAYOUTS)[:-2]), st.sampled_from(FLOATS))


@settings(max_examples=60, deadline=None)
@given(x=layouts_and_dtypes, y=layouts_and_dtypes, shuffle=st.booleans(), size=st.integers(1, 30))
def test_fit_evaluate_and_predict_give_the_same_bits_however_the_data_lie(
    x: tuple[str, str], y: tuple[str, str], shuffle: bool, size: int
):
    def results(data: list[Any]) -> list[Any]:
        model = model_of(60, 4, 2, metrics=["binary_accuracy"], weighted_metrics=["mse"])
        *xy, weights = data
        history = model.fit(*xy, size, 2, 0, shuffle=shuffle, sample_weight=weights)
        measured = model.evaluate(*xy, size, 0, weights)
        after_one = model.train_on_batch(*xy, weights)
        predictions = [model.predict(xy[0], size, 0), model.predict_on_batch(xy[0])]
        return [history.history, measured, after_one, *predictions, *model.get_weights()]

    shapes = {(25, 60): x, (25, 2): y, (25, 1): y}
    data = [LAYOUTS[layout](numbers(shape, dtype)) for shape, (layout, dtype) in shapes.items()]
    in_order = [np.array(array, "float32", order="C") for array in data]
    with mock.patch.multiple(rows_module, **SMALL_PIECES):
        for found, wanted in zip(results(data), results(in_order), strict=True):
            assert (
                np.array_equal(found, wanted) if isinstance(wanted, np.ndarray) else found == wanted
            )


NOT_IN_ORDER = {
    **{name: LAYOUTS[name] for name in list(LAYOUTS)[1:-2]},
    "float64": lambda array: array.astype("float64"),
    "float16": lambda array: array.astype("float16"),
    "a frame of float64": lambda array: np.asfortranarray(array.astype("float64")),
}


@pytest.mark.parametrize("layout", list(NOT_IN_ORDER))
def test_fit_evaluate_and_predict_copy_no_array_whole(layout: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rows_module, "_AHEAD", 2**20)
    monkeypatch.setattr("minidense.numerics.memory._LARGEST", 0)  # a block that is never written to
    x = NOT_IN_ORDER[layout](np.random.default_rng(0).random((4000, 1024), dtype=np.float32))
    y, weights = x[:, ::-1], np.ones((4000, 2))[:, 0]
    model, small = model_of(1024, 4, 1024, "binary_crossentropy"), model_of(1024, 4, 1)

    def runs(some: slice) -> list[Callable[[], Any]]:
        xy, weight = (x[some], y[some], 100), weights[some]
        return [
            lambda: model.fit(*xy, verbose=0, sample_weight=weight),
            lambda: model.fit(*xy, verbose=0, validation_split=0.5),
            lambda: model.evaluate(*xy, verbose=0, sample_weight=weight),
            lambda: small.predict(x[some], 100, verbose=0),
        ]

    for run in runs(slice(600)):  # programs are made of few rows as of many
        run()
    allowed = (x.nbytes + y.nbytes) // 10 + 8 * 2**20  # what is read ahead; 3 stacks of 2**19
    assert allowed < 4 * x.size
    assert max(most_memory(run) for run in runs(slice(None))) < allowed


@pytest.mark.parametrize("size", [10**12, 10**30])
@pytest.mark.parametrize("layout", ["rows in order", "Fortran order, as in a frame", "float64"])
def test_a_batch_is_no_longer_than_the_data(layout: str, size: int):
    x = {**LAYOUTS, **NOT_IN_ORDER}[layout](numbers((12, 5), "float32"))
    y = np.arange(12.0)[:, None]

    def results(size: int) -> list[Any]:
        model = model_of(5, 4, 1)
        trained = [
            model.fit(x, y, size, 2, 0, shuffle=shuffle, validation_data=(x, y)).history
            for shuffle in (True, False, "batch")
        ]
        return [*trained, model.evaluate(x, y, size, 0), model.predict(x, size, 0).tolist()]

    found = None

    def run() -> None:
        nonlocal found
        found = results(size)

    assert most_memory(run) < 2**26  # `minidense.numerics.memory` makes 2**25, and lets it go
    assert found == results(12)


TIMES_AGAINST_ROWS_IN_ORDER = """
import statistics, time
import numpy as np, minidense as keras

def ratio_of_times(run, data, other):
    turns = [(took(run, data), took(run, other)) for _ in range(3)]
    one, two = map(statistics.median, zip(*turns))
    return one / two

def took(run, data):
    start = time.process_time()
    run(data)
    return time.process_time() - start

dense = [keras.layers.Dense(128, "relu"), keras.layers.Dense(10, "softmax")]
model = keras.Sequential([keras.Input((784,)), *dense])
model.compile("sgd", "sparse_categorical_crossentropy")
x = np.random.default_rng(0).random((6000, 784), dtype="float32")
y = np.arange(6000) % 10
for data in [
    np.asfortranarray(x),
    np.asfortranarray(x, "float64"),
    np.concatenate([x, x[:, :1]], axis=1)[:, 1:],
    x[::-1, ::-1],
]:
    for run in [
        lambda data: model.fit(data, y, verbose=0),
        lambda data: model.evaluate(data, y, verbose=0),
        lambda data: model.predict(data, verbose=0),
    ]:
        ratios = []
        while len(ratios) < 5 and min(ratios, default=2) >= 2:
            ratios.append(ratio_of_times(run, data, x))
        print(min(ratios))
"""


def test_rows_that_lie_in_no_order_take_twice_the_time_at_most():
    """In a process of its own, with one thread: of two that wait for each other the time is chance.

    What takes longer is measured again, since others may use the machine.
    """
    command = [sys.executable, "-c", TIMES_AGAINST_ROWS_IN_ORDER]
    one_thread = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=one_thread)
    ratios = [float(ratio) for ratio in done.stdout.split()]
    assert len(ratios) == 12
    assert max(ratios) < 2  # 1.0 to 1.5 were measured, and 6 to 60 where each batch copied all
