"""What users pass to fit becomes arrays that can be trusted."""

from typing import Any

import numpy as np
import pytest

from minidense import DataWarning
from minidense.training.data import (
    Data,
    read,
    read_pair,
    split,
    warn_of_missing_classes,
    warn_of_nan,
)

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
    assert np.array_equal(data.x[0], X)


def test_an_array_of_the_right_kind_is_not_copied():
    x = X.astype("float32")
    data = read(x, Y)
    assert data.x[0] is x
    assert data.y is Y
    assert data.sample_weight is None


def test_several_inputs_come_in_a_list_or_a_dict_by_sorted_name():
    x, z = X.astype("float32"), X.astype("float32") + 1
    for several in ([x, z], (x, z), {"b": z, "a": x}):
        data = read(several)
        assert data.x[0] is x
        assert data.x[1] is z
        assert data.arrays == [x, z, None, None] or len(data.arrays) == 4


def test_a_column_of_a_table_is_a_column():
    assert read(Series()).x[0].shape == (6, 1)


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
        warn_of_missing_classes(data, {1: 4.0})
    warn_of_missing_classes(data, None)


def test_weights_for_classes_that_do_not_occur_are_nothing_odd():
    weights = {0: 1.0, 1: 1.0, 2: 1.0, 9: 5.0}
    data = read(X, Y, class_weight=weights)
    warn_of_missing_classes(data, weights)
    assert data.sample_weight is not None
    assert data.sample_weight.tolist() == [1] * 6


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"x": None}, ValueError, "`x` is missing"),
        ({"x": [[1.0, 2.0]]}, ValueError, "x is a list of 1 elements"),
        ({"x": "abc"}, ValueError, "x='abc' of type str"),
        ({"x": np.float32(1)}, ValueError, "at least one axis"),
        ({"x": X, "y": [1, 2]}, ValueError, r"y=\[1, 2\] of type list"),
        ({"x": X, "y": Y[:5]}, ValueError, "x: 6, y: 5"),
        ({"x": [X, X[:3]]}, ValueError, "x: 6, x: 3"),
        ({"x": X, "y": Y, "sample_weight": np.ones(7)}, ValueError, "sample_weight: 7"),
        ({"x": X, "class_weight": {0: 1.0}}, ValueError, "`y` is missing"),
        ({"x": X, "y": Y, "class_weight": {True: 1.0}}, TypeError, "the key True"),
        ({"x": X, "y": Y, "class_weight": {0: "1"}}, ValueError, "'1' for class 0"),
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
    with pytest.raises(ValueError, match=r"6 rows, .* one part would be empty"):
        split(read(X, Y), share)


def test_rows_are_views():
    data = read(X.astype("float32"), Y)
    part = data.rows(1, 3)
    assert part.x[0].base is data.x[0]
    assert part.sample_weight is None
    assert len(Data([X]).rows(0, 2)) == 2


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
    assert data.y is Y
    assert data.keys == {"y": "out", "sample_weight": "out"}
    first, last = split(data, 0.5)
    assert (first.keys, last.keys) == (data.keys, data.keys)


@pytest.mark.parametrize("y", [{}, {"a": Y, "b": Y}])
def test_a_dict_has_what_belongs_to_one_output(y):
    with pytest.raises(ValueError, match=r"`y` must be an array, or a dict with one.*keys \["):
        read(X, y)
