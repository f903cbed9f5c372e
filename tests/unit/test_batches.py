"""The order of the rows, the batches they come in, and the epochs that the batches make."""

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minidense
from minidense.random.seeds import _global
from minidense.random.streams import batch_permutations, permutation
from minidense.training.batches import Batches, Epochs


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
