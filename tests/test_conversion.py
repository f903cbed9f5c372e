"""What is no array yet becomes the array that TensorFlow makes of it, whatever NumPy would make."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidense.conversion import as_array, dtype_of


# What keras.ops.convert_to_tensor (Keras 3.15.1, TensorFlow 2.21) gives.
@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (1, "int32"), (1.5, "float32"), (True, "bool"), ([True], "bool"), ([], "float32"),
        ([[]], "float32"), (range(3), "int32"), ([1, 2.5], "float32"), ((1, 2), "int32"),
        (2**31 - 1, "int32"), (2**31, "int64"), (-(2**31), "int32"), (-(2**31) - 1, "int64"),
        ([2**31 - 1, -(2**31)], "int32"), ([0, 2**31], "int64"), ([-(2**31) - 1, 0], "int64"),
        (np.float64(3), "float64"), (np.int64(3), "int64"), ([np.int64(3)], "int32"),
        ([np.uint8(1)], "int32"), ([np.int64(1), 2.5], "float32"),
        ([np.float64(1), 2.0], "float64"), ([1.0, np.float64(2)], "float32"),
        (([np.float64(1)], [2.0]), "float64"), ([(np.float16(1), 2.0)], "float16"),
        ([np.ones(2)], "float64"), ([np.ones(2, "int64"), [2.5, 3.5]], "float32"),
    ],
    ids=repr,
)  # fmt: skip
def test_it_has_the_dtype_that_tensorflow_reads_it_in(value: Any, dtype: str) -> None:
    assert dtype_of(value) == dtype
    array = as_array(value)
    assert array.dtype == dtype
    np.testing.assert_array_equal(array, np.asarray(value))


@settings(deadline=None)
@given(st.lists(st.integers(-(2**33), 2**33), min_size=1, max_size=4))
def test_whole_numbers_have_64_bits_only_where_32_do_not_do(numbers: list[int]) -> None:
    fit = all(-(2**31) <= number < 2**31 for number in numbers)
    array = as_array(numbers)
    assert array.dtype == ("int32" if fit else "int64")
    assert array.tolist() == numbers


@settings(deadline=None)
@given(st.lists(st.floats(width=32, allow_nan=False), min_size=1, max_size=4))
def test_pythons_numbers_have_32_bits_at_any_depth(numbers: list[float]) -> None:
    for value in (numbers, [tuple(numbers)], ([[numbers[0]]],)):
        array = as_array(value)
        assert array.dtype == np.float32
        np.testing.assert_array_equal(array, np.array(value))


@pytest.mark.parametrize("dtype", ["float16", "float64", "int64", "uint8", "bool"])
def test_an_array_is_handed_on_as_it_is(dtype: str) -> None:
    array = np.ones((2, 1), dtype)
    assert as_array(array) is array
    assert dtype_of(array) == dtype


def test_a_list_of_empty_arrays_has_no_largest_number_and_is_read_all_the_same() -> None:
    assert as_array([np.zeros(0, "int64")]).shape == (1, 0)
