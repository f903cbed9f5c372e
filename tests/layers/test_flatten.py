"""Flatten: the order of the numbers, shapes and dtypes."""

import numpy as np
import pytest

from minidense import Input
from minidense.layers import Flatten


def ones(*shape):
    return np.ones(shape, "float32")


def test_flatten_channels_first_puts_the_channels_last():
    inputs = np.arange(12).reshape(1, 2, 3, 2)
    rows = Flatten("channels_first")(inputs)
    np.testing.assert_array_equal(rows, [[0, 6, 1, 7, 2, 8, 3, 9, 4, 10, 5, 11]])
    assert rows.dtype == inputs.dtype


def test_flatten_gives_a_tensor_of_its_own_for_what_is_flat_already():
    inputs = ones(2, 3)
    outputs = Flatten()(inputs)
    inputs[:] = 0
    np.testing.assert_array_equal(outputs, ones(2, 3))


def test_a_flatten_of_an_unknown_axis_has_an_unknown_width() -> None:
    assert Flatten().compute_output_shape((None, None, 3)) == (None, None)
    assert Flatten().compute_output_shape((5, 0, 3)) == (5, 0)
    assert Flatten().compute_output_shape((5, 2, 3)) == (5, 6)


@pytest.mark.parametrize(
    ("autocast", "given", "dtype"),
    [
        (True, "float64", "float32"),
        (True, "int32", "int32"),
        (False, "float64", "float64"),
        (False, "int32", "int32"),
    ],
)
def test_the_dtype_that_a_flatten_promises(autocast: bool, given: str, dtype: str) -> None:
    assert Flatten(autocast=autocast)(Input((2, 3), dtype=given)).dtype == dtype
