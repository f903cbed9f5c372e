"""The activation functions by themselves: numbers worked out by hand, and what they refuse."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidense import activations

modest = settings(max_examples=50, deadline=None)  # the time is no part of the claim
floats = st.floats(-1e4, 1e4, width=32)
rows = st.lists(floats, min_size=2, max_size=8).map(lambda row: np.array([row], "float32"))


def test_relu_by_hand():
    np.testing.assert_array_equal(activations.relu(np.float32([-2, 0, 3])), [0, 0, 3])


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"negative_slope": 0.5}, [-1.5, 0.0, 1.0, 4.0]),
        ({"max_value": 2.0}, [0.0, 0.0, 1.0, 2.0]),
        ({"threshold": 2.0}, [0.0, 0.0, 0.0, 4.0]),
        ({"threshold": 2.0, "negative_slope": 0.5}, [-2.5, -1.0, -0.5, 4.0]),
        ({"threshold": 2.0, "negative_slope": 0.5, "max_value": 3}, [-2.5, -1.0, -0.5, 3.0]),
    ],
)
def test_relu_with_arguments_by_hand(arguments, expected):
    x = np.float32([-3, 0, 1, 4])
    np.testing.assert_array_equal(activations.relu(x, **arguments), np.float32(expected))


def test_relu_of_whole_numbers_is_whole_unless_there_is_a_slope():
    x = np.array([-2, 3])
    assert activations.relu(x).dtype == x.dtype
    assert activations.relu(x, max_value=2).dtype == x.dtype
    assert activations.relu(x, negative_slope=0.5).dtype == np.float32


def test_a_float64_limit_is_read_by_way_of_float32_as_tensorflow_does():
    assert activations.relu(np.float64([1.0]), max_value=0.7) == np.float64(np.float32(0.7))


def test_a_slope_does_not_overflow_on_numbers_that_pass():
    huge = np.float32([3e38])  # warnings are errors here
    np.testing.assert_array_equal(activations.relu(huge, negative_slope=2.0), huge)


@modest
@given(x=rows)
def test_sigmoid_is_between_0_and_1_and_symmetric(x):
    y = activations.sigmoid(x)
    assert np.all((y >= 0) & (y <= 1))
    np.testing.assert_allclose(y + activations.sigmoid(-x), 1, rtol=2.0**-22)


@modest
@given(x=rows, shift=st.integers(-100, 100))
def test_softmax_sums_to_1_and_does_not_see_a_shift(x, shift):
    x = np.round(x)  # so that the shift is exact
    y = activations.softmax(x)
    np.testing.assert_allclose(y.sum(axis=-1), 1, rtol=1e-6)
    np.testing.assert_array_equal(y, activations.softmax(x + np.float32(shift)))


@pytest.mark.parametrize("axis", [0, 1, -1, (0, 1), [1, 2], None])
def test_softmax_sums_to_1_over_the_axes_that_were_asked_for(axis):
    x = np.random.RandomState(0).normal(0, 1, (2, 3, 4))
    axes = tuple(axis) if isinstance(axis, list) else axis
    np.testing.assert_allclose(activations.softmax(x, axis).sum(axes), 1, rtol=1e-14)


@pytest.mark.parametrize("shape", [(0, 4), (3, 0), (0, 0)])
@pytest.mark.parametrize("axis", [-1, 0, None, [0, 1]])
def test_softmax_of_nothing_is_nothing(shape, axis):
    assert activations.softmax(np.zeros(shape, "float32"), axis).shape == shape


def test_softmax_over_an_axis_of_size_1_warns():
    with pytest.warns(UserWarning, match="use a sigmoid"):
        assert activations.softmax(np.float32([[3.0]])) == 1


@pytest.mark.parametrize(
    ("axis", "error"),
    [(2, ValueError), (-3, ValueError), ([], ValueError), (True, TypeError), ("1", TypeError)],
)
def test_softmax_refuses_an_axis_that_is_not_there(axis, error):
    with pytest.raises(error, match="`axis` must"):
        activations.softmax(np.zeros((2, 3), "float32"), axis)


@pytest.mark.parametrize("name", ["sigmoid", "softmax"])
@pytest.mark.parametrize("dtype", ["int32", "uint8", "bool"])
def test_sigmoid_and_softmax_refuse_whole_numbers(name, dtype):
    with pytest.raises(ValueError, match=f"{name} takes floating point numbers.*{dtype}"):
        activations.get(name)(np.ones((2, 2), dtype))


def test_relu_refuses_true_and_false():
    with pytest.raises(ValueError, match="relu takes numbers"):
        activations.relu(np.array([True]))


def test_a_slope_with_a_limit_refuses_whole_numbers():
    with pytest.raises(ValueError, match="takes floating point numbers"):
        activations.relu(np.array([1]), negative_slope=0.5, max_value=2)


def test_a_gradient_that_is_infinite_where_a_unit_was_off_becomes_nan():
    with np.errstate(invalid="ignore"):
        assert np.isnan(activations.relu_backward(np.float32([np.inf]), np.float32([0])))


def test_get_and_serialize_are_inverse():
    for name in ("linear", "relu", "sigmoid", "softmax", "tanh"):
        assert activations.serialize(activations.get(name)) == name
    assert activations.get(None) is activations.linear
    assert activations.get(np.tanh) is np.tanh


@pytest.mark.parametrize("identifier", ["nope", "", "ReLU", 5, {"class_name": "relu"}])
def test_get_refuses_what_is_no_activation(identifier):
    with pytest.raises(ValueError, match="Could not interpret activation function identifier"):
        activations.get(identifier)


def test_serialize_refuses_a_function_that_keras_does_not_know():
    with pytest.raises(ValueError, match="activation function"):
        activations.serialize(np.cos)


def test_an_own_function_can_predict_but_has_no_way_back():
    step = activations.ActivationStep(np.cos)
    outputs, saved = step.forward(np.float32([[0.0]]), False)
    assert outputs == 1
    assert step.backward(outputs, saved, False) == (None, [])
    with pytest.raises(NotImplementedError, match="'cos' can predict but not be trained"):
        step.backward(outputs, saved, True)
