"""Activations where a mutant of the source would differ: corners, with the values of live Keras."""

from typing import Any

import numpy as np
import pytest

from minidense import activations, config

X = [-3.0, -0.5, -0.0, 0.0, 0.5, 1.0, 2.0, 4.0]


# What keras.activations.relu (Keras 3.15.1, TensorFlow 2.21) gives for X in float32.
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"threshold": 1.0}, [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 2.0, 4.0]),
        ({"threshold": 2.0}, [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 4.0]),
        ({"threshold": -1.0}, [0.0, -0.5, -0.0, 0.0, 0.5, 1.0, 2.0, 4.0]),
        ({"threshold": -1.0, "max_value": 6.0}, [0.0, 0.0, 0.0, 0.0, 0.5, 1.0, 2.0, 4.0]),
        ({"negative_slope": 1.0}, [-3.0, -0.5, -0.0, 0.0, 0.5, 1.0, 2.0, 4.0]),
        ({"negative_slope": -0.5}, [1.5, 0.25, 0.0, -0.0, 0.5, 1.0, 2.0, 4.0]),
        (
            {"negative_slope": 1.0, "threshold": 1.0},
            [-4.0, -1.5, -1.0, -1.0, -0.5, 0.0, 2.0, 4.0],
        ),
        (
            {"negative_slope": 1.0, "max_value": 2.0},
            [-3.0, -0.5, 0.0, 0.0, 0.5, 1.0, 2.0, 2.0],
        ),
        (
            {"negative_slope": 0.5, "threshold": -1.0, "max_value": 6.0},
            [-1.0, 0.0, 0.0, 0.0, 0.5, 1.0, 2.0, 4.0],
        ),
        ({"max_value": 0.0}, [0.0] * 8),
        ({"max_value": 1.0, "threshold": 1.0}, [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0]),
    ],
)
def test_relu_at_its_corners_is_kerass(arguments: dict[str, Any], expected: list[float]) -> None:
    found = activations.relu(np.float32(X), **arguments)
    wanted = np.float32(expected)
    np.testing.assert_array_equal(found, wanted)
    assert found.dtype == wanted.dtype


# Keras's values again: a float limit goes by way of float32, a whole one does not.
@pytest.mark.parametrize(("limit", "expected"), [(16777217, 16777217.0), (16777217.0, 16777216.0)])
def test_a_whole_limit_is_not_rounded_to_float32(limit: float, expected: float) -> None:
    assert activations.relu(np.float64([2e7]), max_value=limit) == expected


# Keras's values and dtype for float64 inputs.
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            {"negative_slope": 0.7},
            ["-0x1.6666660000000p-1", "0x1.6666666666666p-1", "0x1.0000000000000p+0"],
        ),
        ({"threshold": 0.7}, ["0x0.0p+0", "0x1.6666666666666p-1", "0x1.0000000000000p+0"]),
        (
            {"threshold": 0.7, "negative_slope": 0.7},
            ["-0x1.30a3d70a3d70ap+0", "0x1.6666666666666p-1", "0x1.0000000000000p+0"],
        ),
        (
            {"max_value": 0.7, "negative_slope": 0.7},
            ["-0x1.6666666666666p-1", "0x1.6666660000000p-1", "0x1.6666660000000p-1"],
        ),
    ],
)
def test_relu_in_float64_has_kerass_bits(arguments: dict[str, float], expected: list[str]) -> None:
    found = activations.relu(np.float64([-1.0, 0.7, 1.0]), **arguments)
    assert found.dtype == np.float64
    assert [value.hex() for value in found.tolist()] == expected


def test_relu_of_whole_numbers_with_a_threshold_stays_whole() -> None:
    found = activations.relu(np.array([-2, 3, 5]), threshold=3)  # Keras: [0, 0, 5], int64
    np.testing.assert_array_equal(found, [0, 0, 5])
    assert found.dtype == np.int64


def test_what_refuses_whole_numbers_names_itself() -> None:
    for arguments in ({"max_value": 2}, {"threshold": 2}):
        with pytest.raises(
            ValueError, match=r"^relu with a negative_slope and a max_value or threshold takes"
        ):
            activations.relu(np.array([1]), negative_slope=0.5, **arguments)


def test_whole_numbers_become_floats_in_floatx() -> None:
    config.set_floatx("float64")
    try:
        assert activations.tanh(np.array([1])).dtype == np.float64
        assert activations.relu(np.array([1]), negative_slope=0.5).dtype == np.float64
    finally:
        config.set_floatx("float32")
    assert activations.tanh(np.array([1])).dtype == np.float32
    assert activations.tanh(np.float64([1.0])).dtype == np.float64


def test_the_warning_of_softmax_names_the_axis() -> None:
    message = (
        r"^You are using a softmax over axis 1, which has size 1: there it always gives 1\. "
        r"Did you mean to use a sigmoid instead\?$"
    )
    with pytest.warns(UserWarning, match=message):
        activations.softmax(np.ones((3, 1), "float32"), axis=1)


def test_the_warning_of_softmax_points_at_the_caller() -> None:
    with pytest.warns(UserWarning, match="softmax") as warned:
        activations.softmax(np.ones((3, 1), "float32"), axis=1)
    assert warned[0].filename == __file__


def test_logits_go_through_softmax_and_sigmoid_alone() -> None:
    inputs, grad = np.float32([[1.0, 2.0]]), np.float32([[0.5, -0.5]])
    for name in ("softmax", "sigmoid"):
        step = activations.ActivationStep(activations.get(name))
        assert step.logits(inputs, step.forward(inputs, True)[1]) is inputs
        assert step.backward_from_logits(grad, inputs, True) == (grad, [])
        assert step.backward_from_logits(grad, inputs, False) == (None, [])
    for name in ("relu", "tanh", "linear"):
        assert activations.ActivationStep(activations.get(name)).logits(inputs, inputs) is None


def test_an_object_without_a_name_has_no_name_to_write() -> None:
    class Callable:
        def __call__(self, x: Any) -> Any:
            return x

    with pytest.raises(ValueError, match=r"activation function identifier: ''\."):
        activations.serialize(Callable())


def test_a_slope_of_1_makes_whole_numbers_floats_too() -> None:
    found = activations.relu(np.int32([-2, 3]), negative_slope=1)
    np.testing.assert_array_equal(found, np.float32([-2, 3]))
    assert found.dtype == np.float32


def test_the_sign_of_a_zero_is_the_slopes() -> None:
    found = activations.relu(np.float32([0.0, -0.0]), negative_slope=-0.5)
    np.testing.assert_array_equal(np.signbit(found), [True, False])


# tf.cast brings the threshold to x's dtype first: 16777219 is no float32, 16777220 is.
def test_a_threshold_is_rounded_to_the_dtype_of_x() -> None:
    x = np.float32([16777216, 16777220, 16777224])
    found = activations.relu(x, threshold=16777219)
    np.testing.assert_array_equal(found, np.float32([0, 0, 16777224]))
    np.testing.assert_array_equal(activations.relu(np.int32([-2, -1, 0]), threshold=-1.5), [0] * 3)


def test_a_softmax_over_the_last_axis_but_one() -> None:
    x = np.float32([[0, 1], [2, 5]])
    found = activations.softmax(x, axis=-2)
    np.testing.assert_array_equal(found, activations.softmax(x, axis=0))
    np.testing.assert_allclose(found.sum(axis=0), [1, 1], rtol=1e-6)


def test_a_softmax_of_a_single_number_has_no_axis() -> None:
    with pytest.raises(ValueError, match="softmax: `axis`") as raised:
        activations.softmax(np.float32(1))
    assert str(raised.value) == (
        "softmax: `axis` must lie in [0, 0) for an input of rank 0. Received: axis=-1."
    )
