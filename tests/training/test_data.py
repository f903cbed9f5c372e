"""What users pass to fit becomes arrays that can be trusted."""

from typing import Any

import numpy as np
import pytest

from minidense import DataWarning, checks
from minidense.training import rows as rows_module
from minidense.training.data import Data, read, read_pair, read_rows, split
from minidense.training.first_look import warn_of_missing_classes, warn_of_nan
from minidense.training.rows import check_in_blocks

X = np.arange(12.0).reshape(6, 2)
Y = np.arange(6) % 3


class Series:
    """As much of a pandas column as is looked at."""

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return np.arange(6.0)


def test_floats_become_float32_and_integers_stay():
    data = read(X, Y, np.ones(6))
    assert [array.dtype for array in data.arrays if array is not None] == [
        "float32",
        Y.dtype,
        "float32",
    ]
    assert len(data) == 6
    assert np.array_equal(data.x, X)


def test_an_array_of_the_right_kind_is_not_copied():
    x = X.astype("float32")
    data = read(x, Y)
    assert data.x is x
    assert data.y is Y
    assert data.sample_weight is None


def test_several_inputs_come_in_a_list_or_a_dict_by_sorted_name():
    x, z = X.astype("float32"), X.astype("float32") + 1
    for several in ([x, z], (x, z), {"b": z, "a": x}):
        data = read(several)
        assert data.arrays[0] is x
        assert data.arrays[1] is z
        assert data.arrays[2:] == [None, None]


def test_a_column_of_a_table_is_a_column():
    assert read(Series()).x.shape == (6, 1)


def test_the_weight_of_a_class_is_that_of_its_rows():
    weights = {0: 0.5, 1: 2.0, 2: 0.0}
    expected = np.array([0.5, 2, 0, 0.5, 2, 0], "float32")
    for y in (Y, Y.astype(float), Y[:, None], np.eye(3)[Y]):
        data = read(X, y, class_weight=weights)
        assert data.sample_weight is not None
        assert np.array_equal(data.sample_weight, expected)
        assert data.sample_weight.dtype == "float32"


def test_a_class_without_a_weight_counts_as_1_and_is_named_when_it_is_asked_for():
    data = read(X, Y, class_weight={1: 4.0})
    assert data.sample_weight is not None
    assert data.sample_weight.tolist() == [1, 4, 1, 1, 4, 1]
    with pytest.warns(DataWarning, match=r"classes \[0, 2\]; 1 is taken"):
        warn_of_missing_classes(data)
    warn_of_missing_classes(read(X, Y))


def test_weights_for_classes_that_do_not_occur_are_nothing_odd():
    weights = {0: 1.0, 1: 1.0, 2: 1.0, 9: 5.0}
    data = read(X, Y, class_weight=weights)
    warn_of_missing_classes(data)
    assert data.sample_weight is not None
    assert data.sample_weight.tolist() == [1] * 6


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"x": None}, ValueError, "`x` is missing"),
        ({"x": [[1.0, 2.0]]}, ValueError, "'x' takes arrays.* a list of 1 elements"),
        ({"x": "abc"}, ValueError, "'x' takes arrays.* 'abc' of type str"),
        ({"x": np.float32(1)}, ValueError, "at least one axis"),
        ({"x": X, "y": [1, 2]}, ValueError, r"'y' takes arrays.* \[1, 2\] of type list"),
        ({"x": X, "y": Y[:5]}, ValueError, "x: 6, y: 5"),
        ({"x": [X, X[:3]]}, ValueError, "x: 6, x: 3"),
        ({"x": X, "y": Y, "sample_weight": np.ones(7)}, ValueError, "sample_weight: 7"),
        ({"x": X, "class_weight": {0: 1.0}}, ValueError, "`y` is missing"),
        ({"x": X, "y": Y, "class_weight": {True: 1.0}}, TypeError, "the key True"),
        ({"x": X, "y": Y, "class_weight": {0: "1"}}, ValueError, r"class_weight\[0\]='1'"),
        ({"x": X.astype("S3")}, ValueError, "bytes"),
        ({"x": X.astype("datetime64[s]")}, ValueError, "datetime64"),
    ],
)
def test_what_is_no_data_is_named(arguments: dict[str, Any], error: type[Exception], message: str):
    with pytest.raises(error, match=message) as caught:
        read(**arguments)
    assert len(str(caught.value)) <= 400


@pytest.mark.parametrize("pair", [None, X, (X,), (X, Y, Y, Y), {"x": X, "y": Y}, "ab"])
def test_validation_data_are_a_pair_or_a_triple(pair: Any):
    with pytest.raises(ValueError, match=r"tuple \(x, y\) or \(x, y, sample_weight\)"):
        read_pair(pair)


def test_validation_data_may_be_a_list_with_weights():
    data = read_pair([X, Y, np.ones(6)])
    assert data.sample_weight is not None
    assert len(data) == 6


@pytest.mark.parametrize(
    ("share", "trained"), [(0.5, 3), (0.2, 4), (0.34, 3), (1 / 3, 4), (0.01, 5), (0.8, 1)]
)
def test_a_split_trains_on_the_first_rows_rounded_down(share: float, trained: int):
    first, last = split(read(X, Y, np.arange(6.0)), share)
    assert (len(first), len(last)) == (trained, 6 - trained)
    assert first.y is not None
    assert last.y is not None
    assert np.array_equal(np.concatenate([first.y, last.y]), Y)
    assert first.sample_weight is not None
    assert first.sample_weight.tolist() == list(range(trained))


@pytest.mark.parametrize("share", [0.9, 0.0])
def test_a_split_that_leaves_one_side_empty_says_so(share: float):
    with pytest.raises(ValueError, match=r" 6 rows .*one part would be empty"):
        split(read(X, Y), share)


def test_rows_are_views():
    data = read(X.astype("float32"), Y)
    part = data.rows(1, 3)
    assert part.x.base is data.x
    assert part.sample_weight is None
    assert len(Data(X).rows(0, 2)) == 2


@pytest.mark.parametrize("x", [X, X.astype(int), np.ones((0, 2)), X > 3])
def test_whole_data_do_not_warn(x: Any):
    warn_of_nan(read(x))


def test_the_first_row_with_nan_is_named_once():
    bad = np.array(X, "float32")
    bad[4] = bad[2, 1] = np.nan
    with pytest.warns(DataWarning, match="first in row 2") as caught:
        warn_of_nan(read([X, bad, bad]))
    assert len(caught) == 1


@pytest.mark.parametrize("y", [[Y], (Y,), {"dense": Y}])
def test_weights_of_classes_are_not_for_targets_in_a_list_or_dict(y):
    with pytest.raises(ValueError, match=r"`class_weight` is for targets in one array.*y="):
        read(X, y, class_weight={0: 2.0})


def test_weights_of_rows_to_validate_with_come_in_the_form_of_the_targets():
    both = read_pair((X, [Y], [np.ones(6)]))
    assert both.y is not None
    assert both.sample_weight is not None
    for weights in ((np.ones(6),), {"dense": np.ones(6)}):
        with pytest.raises(ValueError, match=r"in the same form as `y`.*y=.*sample_weight="):
            read_pair((X, [Y], weights))


def test_a_dict_of_one_array_is_read_and_its_key_is_kept():
    data = read(X, {"out": Y}, {"out": np.ones(6)})
    assert data.y["out"] is Y
    for part in (data, *split(data, 0.5)):
        assert (list(part.y), list(part.sample_weight)) == (["out"], ["out"])


def test_a_step_is_given_what_there_is_in_the_form_it_came_in():
    w = np.ones(6)
    assert read_rows(X, None).nested([1, None, None]) == 1
    assert read_rows([X], None).nested([1, None, None]) == ((1,),)
    assert read_rows({"a": X}, None).nested([1, None, None]) == {"a": 1}
    assert read_rows(X, Y).nested([1, 2, None]) == (1, 2)
    assert read_rows([X, X], [Y]).nested([1, 2, 3, None]) == ((1, 2), (3,))
    assert read_rows(X, Y, w).nested([1, 2, 3]) == (1, 2, 3)
    assert read(X, Y).nested([1, 2, None]) == (1, 2, None)
    assert read([X], [Y], {"out": w}).nested([1, 2, 3]) == ([1], [2], {"out": 3})
    assert read(X, parts=1).nested([1, None, None]) == (1,)


def test_targets_and_weights_may_be_nested_and_missing_for_an_output():
    w = np.ones(len(X))
    data = read_rows(X, {"b": [Y, None], "a": Y}, {"b": [w, None], "a": w})
    assert [name for name, _ in data.named] == ["x", "y", "y", "sample_weight", "sample_weight"]
    assert data.nested([1, 2, 3, None, 4, 5, None]) == (
        1,
        {"b": (3, None), "a": 2},
        {"b": (5, None), "a": 4},
    )
    for wrong in ({}, [], {"a": [1.0]}):
        with pytest.raises(ValueError, match="y"):
            read(X, wrong)


def test_one_array_of_weights_is_for_each_of_several_targets():
    w = np.ones(len(X))
    for weights in (w, w[:, None]):
        assert read_rows(X, [Y, Y], weights).sample_weight == (weights, weights)
    with pytest.raises(ValueError, match=r"a weight for each row\. Received .* shape \(.*, 2\)"):
        read_rows(X, [Y, Y], np.ones((len(X), 2)))


# Many rows are read as they lie, and looked through a block at a time


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "int64"])
@pytest.mark.parametrize("arranged", [np.array, np.asfortranarray])
def test_the_data_of_many_batches_are_the_arrays_that_were_given(dtype: str, arranged: Any):
    x, y, weights = (arranged(array.astype(dtype)) for array in (X, X, Y))
    data = read_rows(x, y, weights)
    assert data.x is x
    assert data.y is y
    assert data.sample_weight is weights
    first, last = split(data, 0.5)
    assert all(np.shares_memory(part.x, x) for part in (first, last))


@pytest.mark.parametrize("x", [np.asfortranarray(X), X[::-1], np.float32(X)[:, ::-1], X > 3])
def test_one_batch_lies_as_a_model_reads_it(x: Any):
    found = read(x).x
    assert found.flags.c_contiguous
    assert found.dtype == ("bool" if x.dtype == bool else "float32")
    assert np.array_equal(found, x)


@pytest.fixture
def blocks_of_two_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows_module, "_BLOCK", 4)


ARRANGED = [np.array, np.asfortranarray, lambda array: np.repeat(array, 2, axis=1)[:, ::2]]


@pytest.mark.usefixtures("blocks_of_two_rows")
@pytest.mark.parametrize("arranged", ARRANGED)
@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e300])
def test_the_first_row_with_nan_is_found_in_any_block(arranged: Any, bad: float):
    """1e300 is infinity in float32; NumPy says nothing of that, as Keras does not."""
    for row in range(6):
        x = X.copy()
        x[row:, 1] = bad
        for one, other in ((x, X), (X, x)):
            with pytest.warns(DataWarning, match=f"first in row {row}:") as caught:
                warn_of_nan(read_rows(arranged(one), arranged(other)))
            assert len(caught) == 1


@pytest.mark.usefixtures("blocks_of_two_rows")
def test_large_numbers_are_not_taken_for_infinity():
    """Though the sum of their squares is."""
    warn_of_nan(read_rows(np.asfortranarray(np.full((6, 2), 3e38)), None))


@pytest.mark.usefixtures("blocks_of_two_rows")
@pytest.mark.parametrize("arranged", ARRANGED)
def test_the_first_wrong_weight_is_found_in_any_block(arranged: Any):
    for row in range(6):
        weights = np.ones((6, 2))
        weights[row:, 1] = -1 / 3
        with pytest.raises(ValueError, match=rf"Received -0\.33333334\d* at row {row}\."):
            read_rows(X, Y, arranged(weights))


def as_labels(y: Any) -> None:
    checks.labels(y, (len(y), 3))


@pytest.mark.usefixtures("blocks_of_two_rows")
def test_of_several_wrong_labels_the_one_is_named_that_is_named_in_one_block():
    """NaN comes before all, and a broken number before one that is too large."""
    y = np.array([0.0, 7.0, 1.0, 0.5, 1.0, np.nan])
    for wrong, message in [
        (y, "the label nan at row 5"),
        (y[:5], "the label 0.5 at row 3"),
        (y[:3], "the label 7.0 at row 1"),
    ]:
        with pytest.raises(ValueError, match=message):
            check_in_blocks(as_labels, wrong)
    check_in_blocks(as_labels, y[:1])


def test_targets_are_checked_as_the_model_sees_them():
    """In float32, where a number a little below 1 is 1."""
    almost = np.array([1 - 1e-12, 0.0])
    check_in_blocks(as_labels, almost)
    with pytest.raises(ValueError, match=r"label 0\.99"):
        checks.labels(almost, (2, 3))


@pytest.mark.usefixtures("blocks_of_two_rows")
def test_classes_are_counted_in_all_blocks():
    data = read_rows(X, np.eye(3)[Y][::-1], class_weight={2: 4.0})
    assert data.sample_weight is not None
    assert data.sample_weight.tolist() == [4, 1, 1, 4, 1, 1]
    with pytest.warns(DataWarning, match=r"classes \[0, 1\]; 1 is taken"):
        warn_of_missing_classes(data)
