"""Helpers, names and variables against live Keras."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from keras.src.utils.naming import to_snake_case

import minidense
from minidense import names, utils
from tests import record

modest = settings(max_examples=60, deadline=None)


@modest
@given(
    arrays.arrays(
        st.sampled_from(["int64", "uint8", "float32", "bool"]),
        arrays.array_shapes(min_dims=0, max_dims=3, max_side=4),
        elements=st.integers(0, 1),
    ),
    st.sampled_from([None, 2, 5]),
)
def test_to_categorical_gives_keras_rows(numbers, num_classes):
    found = utils.to_categorical(numbers, num_classes)
    wanted = keras.utils.to_categorical(numbers, num_classes)
    record.close("utils: to_categorical", wanted, found, rtol=0)


@pytest.mark.parametrize("x", [3, [0, 2], [[0], [1]], [1.0, 0.0], ["1", "0"], [[[0]], [[2]]]])
def test_to_categorical_takes_what_keras_takes(x):
    found, wanted = utils.to_categorical(x), keras.utils.to_categorical(x)
    assert found.shape == wanted.shape
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize(
    ("x", "num_classes"),
    [([], None), ([3], 3), ([0], -1), ([0], 2.5), ([np.nan], None), (["a"], None)],
    ids=str,
)
def test_to_categorical_refuses_with_keras_class_of_error(x, num_classes):
    with pytest.raises(Exception) as wanted:  # noqa: PT011  # whichever it is
        keras.utils.to_categorical(x, num_classes)
    with pytest.raises(wanted.type):
        utils.to_categorical(x, num_classes)


@modest
@given(st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,15}", fullmatch=True))
def test_snake_case_is_keras_own(name):
    record.same("utils: snake_case", to_snake_case(name), names.snake_case(name))


def test_epsilon_and_floatx_begin_as_in_keras():
    assert minidense.config.epsilon() == keras.config.epsilon()
    assert minidense.config.floatx() == keras.config.floatx()


@pytest.mark.parametrize(
    "value",
    [1, 1.5, True, [1, 2], [1.0, 2], np.ones(2), np.ones(2, "float32"), np.arange(3),
     np.float64(0.1), np.uint8([1])],
    ids=repr,
)  # fmt: skip
def test_a_variable_has_the_dtype_and_value_that_keras_gives(value):
    found, wanted = minidense.Variable(value), keras.Variable(value)
    assert found.dtype == str(wanted.dtype)
    assert found.shape == tuple(wanted.shape)
    np.testing.assert_array_equal(found.numpy(), wanted.numpy())


def test_a_value_of_another_shape_is_refused_by_both():
    for library in (minidense, keras):
        variable = library.Variable(np.zeros((2, 3), "float32"))
        for value in (np.zeros((3, 2)), np.zeros(3), 1.0):
            with pytest.raises(ValueError, match="shape"):
                variable.assign(value)
