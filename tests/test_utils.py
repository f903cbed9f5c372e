"""The helpers, the configuration and the names."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from minidense import config, names, utils
from minidense.layers import Dense


@settings(max_examples=50, deadline=None)
@given(
    arrays.arrays("int64", arrays.array_shapes(max_dims=3, max_side=4), elements=st.integers(0, 6)),
    st.sampled_from([None, 7, 9]),
)
def test_each_number_becomes_the_row_of_its_class(numbers, num_classes):
    rows = utils.to_categorical(numbers, num_classes)
    classes = num_classes or numbers.max() + 1
    squeezed = numbers[..., 0] if numbers.ndim > 1 and numbers.shape[-1] == 1 else numbers
    assert rows.dtype == "float64"
    np.testing.assert_array_equal(rows, np.eye(classes)[squeezed])


@pytest.mark.parametrize(
    ("x", "num_classes", "error", "word"),
    [
        ([-1, 0], 3, ValueError, "-1"),
        ([0, 3], 3, IndexError, "below num_classes=3. Received 3"),
        ([], None, ValueError, "at least one class number"),
        ([0], -1, ValueError, "num_classes"),
        ([0], 2.5, TypeError, "num_classes"),
        ([0], True, TypeError, "num_classes"),
        ([np.nan], None, ValueError, "whole"),
        ([0.5], None, ValueError, "whole"),
    ],
)
def test_numbers_that_are_no_classes_are_refused(x, num_classes, error, word):
    with pytest.raises(error, match=word):
        utils.to_categorical(x, num_classes)


def test_no_numbers_make_no_rows_where_the_classes_are_known():
    assert utils.to_categorical([], 3).shape == (0, 3)


def test_clear_session_lets_names_begin_again():
    utils.clear_session()
    assert [Dense(1).name, Dense(1).name] == ["dense", "dense_1"]
    utils.clear_session()
    assert Dense(1).name == "dense"


@pytest.mark.parametrize(
    ("class_name", "wanted"),
    [("Dense", "dense"), ("InputLayer", "input_layer"), ("ReLU", "re_lu"), ("SGD", "sgd"),
     ("RMSprop", "rm_sprop"), ("MyLayer2", "my_layer2"), ("_Hidden", "__hidden"),
     ("LeakyReLU", "leaky_re_lu")],
)  # fmt: skip
def test_snake_case_is_keras_own(class_name, wanted):
    assert names.snake_case(class_name) == wanted


def test_set_floatx_refuses_other_types_and_keeps_the_old_one():
    for value in ("float16", "int32", None, 32):
        with pytest.raises(ValueError, match="floatx"):
            config.set_floatx(value)
    assert config.floatx() == "float32"


def test_epsilon_can_be_set():
    try:
        config.set_epsilon(1e-3)
        assert config.epsilon() == 1e-3
    finally:
        config.set_epsilon(1e-7)


def test_the_backend_is_numpy():
    assert config.backend() == "numpy"
