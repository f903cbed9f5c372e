"""The activation functions by themselves: numbers by hand or of Keras, and what they refuse."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidense import activations, config, layers, ops
from minidense.engine.tape import Tape

modest = settings(max_examples=50, deadline=None)  # the time is no part of the claim
floats = st.floats(-1e4, 1e4, width=32)
rows = st.lists(floats, min_size=2, max_size=8).map(lambda row: np.array([row], "float32"))
CORNERS = [-3.0, -0.5, -0.0, 0.0, 0.5, 1.0, 2.0, 4.0]


# ReLU


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


# What keras.activations.relu (Keras 3.15.1, TensorFlow 2.21) gives for CORNERS in float32.
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
    found = activations.relu(np.float32(CORNERS), **arguments)
    wanted = np.float32(expected)
    np.testing.assert_array_equal(found, wanted)
    assert found.dtype == wanted.dtype


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


def test_the_sign_of_a_zero_is_the_slopes() -> None:
    found = activations.relu(np.float32([0.0, -0.0]), negative_slope=-0.5)
    np.testing.assert_array_equal(np.signbit(found), [True, False])


def test_a_slope_does_not_overflow_on_numbers_that_pass():
    huge = np.float32([3e38])  # warnings are errors here
    np.testing.assert_array_equal(activations.relu(huge, negative_slope=2.0), huge)


def test_a_float64_limit_is_read_by_way_of_float32_as_tensorflow_does():
    assert activations.relu(np.float64([1.0]), max_value=0.7) == np.float64(np.float32(0.7))


# Keras's values again: a float limit goes by way of float32, a whole one does not.
@pytest.mark.parametrize(("limit", "expected"), [(16777217, 16777217.0), (16777217.0, 16777216.0)])
def test_a_whole_limit_is_not_rounded_to_float32(limit: float, expected: float) -> None:
    assert activations.relu(np.float64([2e7]), max_value=limit) == expected


# tf.cast brings the threshold to x's dtype first: 16777219 is no float32, 16777220 is.
def test_a_threshold_is_rounded_to_the_dtype_of_x() -> None:
    x = np.float32([16777216, 16777220, 16777224])
    found = activations.relu(x, threshold=16777219)
    np.testing.assert_array_equal(found, np.float32([0, 0, 16777224]))
    np.testing.assert_array_equal(activations.relu(np.int32([-2, -1, 0]), threshold=-1.5), [0] * 3)


def test_a_gradient_that_is_infinite_where_a_unit_was_off_becomes_nan():
    inputs = ops.convert_to_tensor(np.float32([-1.0]))
    with Tape() as tape:
        loss = activations.relu(inputs) * np.float32([np.inf])
    assert np.isnan(tape.gradients(loss, [inputs])[0])


def test_relu_refuses_true_and_false():
    with pytest.raises(ValueError, match="relu takes numbers"):
        activations.relu(np.array([True]))


# Whole numbers


def test_relu_of_whole_numbers_is_whole_unless_there_is_a_slope():
    x = np.array([-2, 3])
    assert activations.relu(x).dtype == x.dtype
    assert activations.relu(x, max_value=2).dtype == x.dtype
    assert activations.relu(x, negative_slope=0.5).dtype == np.float32


def test_a_slope_of_1_makes_whole_numbers_floats_too() -> None:
    found = activations.relu(np.int32([-2, 3]), negative_slope=1)
    np.testing.assert_array_equal(found, np.float32([-2, 3]))
    assert found.dtype == np.float32


def test_relu_of_whole_numbers_with_a_threshold_stays_whole() -> None:
    found = activations.relu(np.array([-2, 3, 5]), threshold=3)  # Keras: [0, 0, 5], int64
    np.testing.assert_array_equal(found, [0, 0, 5])
    assert found.dtype == np.int64


def test_whole_numbers_become_floats_in_floatx() -> None:
    config.set_floatx("float64")
    try:
        assert activations.tanh(np.array([1])).dtype == np.float64
        assert activations.relu(np.array([1]), negative_slope=0.5).dtype == np.float64
    finally:
        config.set_floatx("float32")
    assert activations.tanh(np.array([1])).dtype == np.float32
    assert activations.tanh(np.float64([1.0])).dtype == np.float64


def test_a_slope_with_a_limit_refuses_whole_numbers():
    with pytest.raises(ValueError, match="takes floating point numbers"):
        activations.relu(np.array([1]), negative_slope=0.5, max_value=2)


def test_what_refuses_whole_numbers_names_itself() -> None:
    for arguments in ({"max_value": 2}, {"threshold": 2}):
        with pytest.raises(
            ValueError, match=r"^relu with a negative_slope and a max_value or threshold takes"
        ):
            activations.relu(np.array([1]), negative_slope=0.5, **arguments)


@pytest.mark.parametrize("name", ["sigmoid", "softmax"])
@pytest.mark.parametrize("dtype", ["int32", "uint8", "bool"])
def test_sigmoid_and_softmax_refuse_whole_numbers(name, dtype):
    with pytest.raises(ValueError, match=f"{name} takes floating point numbers.*{dtype}"):
        activations.get(name)(np.ones((2, 2), dtype))


# Sigmoid and softmax


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


def test_a_softmax_over_the_last_axis_but_one() -> None:
    x = np.float32([[0, 1], [2, 5]])
    found = activations.softmax(x, axis=-2)
    np.testing.assert_array_equal(found, activations.softmax(x, axis=0))
    np.testing.assert_allclose(found.sum(axis=0), [1, 1], rtol=1e-6)


@pytest.mark.parametrize("shape", [(0, 4), (3, 0), (0, 0)])
@pytest.mark.parametrize("axis", [-1, 0, None, [0, 1]])
def test_softmax_of_nothing_is_nothing(shape, axis):
    assert activations.softmax(np.zeros(shape, "float32"), axis).shape == shape


def test_softmax_over_an_axis_of_size_1_warns():
    with pytest.warns(UserWarning, match="use a sigmoid"):
        assert activations.softmax(np.float32([[3.0]])) == 1


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


@pytest.mark.parametrize(
    ("axis", "error"),
    [(2, ValueError), (-3, ValueError), ([], ValueError), (True, TypeError), ("1", TypeError)],
)
def test_softmax_refuses_an_axis_that_is_not_there(axis, error):
    with pytest.raises(error, match="`axis` must"):
        activations.softmax(np.zeros((2, 3), "float32"), axis)


def test_a_softmax_of_a_single_number_has_no_axis() -> None:
    with pytest.raises(ValueError, match="`axis` must") as raised:
        activations.softmax(np.float32(1))
    assert str(raised.value) == (
        "`axis` must be in [0, 0) for a softmax of an input of rank 0. "
        "Received: axis=-1 of type int."
    )


def test_a_softmax_and_a_sigmoid_remember_what_went_in_and_nothing_else_does() -> None:
    inputs = ops.convert_to_tensor(np.float32([[1.0, 2.0]]))
    for name in ("softmax", "sigmoid"):
        assert activations.get(name)(inputs).logits is inputs
    for name in ("relu", "tanh", "linear"):
        assert not hasattr(activations.get(name)(inputs), "logits")
    assert not hasattr(activations.softmax(inputs) * 1, "logits")


# Others, by hand


@pytest.mark.parametrize(
    ("name", "x", "expected"),
    [
        ("celu", [-1, 2], [np.expm1(-1), 2]),
        ("elu", [-1, 2], [np.expm1(-1), 2]),
        ("exponential", [0, 1], [1, np.e]),
        ("gelu", [-1, 0, 1], [-0.15865525, 0, 0.84134475]),
        ("glu", [2, 4, 0, 0], [1, 2]),
        ("hard_shrink", [-1, 0.5, 0.75], [-1, 0, 0.75]),
        ("hard_sigmoid", [-4, 0, 1.5, 4], [0, 0.5, 0.75, 1]),
        ("hard_silu", [-4, 1.5, 4], [0, 1.125, 4]),
        ("hard_tanh", [-4, 0.5, 4], [-1, 0.5, 1]),
        ("leaky_relu", [-5, 2], [-1, 2]),
        ("log_sigmoid", [0, -100], [-np.log(2), -100]),
        ("log_softmax", [0, 0], [-np.log(2)] * 2),
        ("mish", [0, 100], [0, 100]),
        ("relu6", [-1, 3, 7], [0, 3, 6]),
        ("selu", [-np.inf, 1], [-1.7580993, 1.0507010]),
        ("silu", [0, 1], [0, 0.7310586]),
        ("soft_shrink", [-1, 0.5, 0.75], [-0.5, 0, 0.25]),
        ("softplus", [0, 100, -100], [np.log(2), 100, 0]),
        ("softsign", [1, -3], [0.5, -0.75]),
        ("sparse_plus", [-2, 0, 2], [0, 0.25, 2]),
        ("sparse_sigmoid", [-2, 0, 2], [0, 0.5, 1]),
        ("squareplus", [0], [1]),
        ("tanh_shrink", [0, 100], [0, 99]),
    ],
)
def test_an_activation_by_hand(name: str, x: Any, expected: Any) -> None:
    found = activations.get(name)(np.float32([x]))
    np.testing.assert_allclose(found, [expected], rtol=2e-7, atol=1e-37)
    assert found.dtype == np.float32


def test_a_threshold_has_another_value_below_it() -> None:
    found = activations.threshold(np.float32([-2, 0.5, 1]), 0.5, 9.0)
    np.testing.assert_array_equal(found, [9, 9, 1])


def test_gelu_can_be_approximate_and_is_not_by_default() -> None:
    x = np.float32([1.0])
    assert activations.gelu(x, approximate=True) == ops.gelu(x)
    assert activations.gelu(x) == ops.gelu(x, approximate=False)
    assert activations.gelu(x) != ops.gelu(x)


# Names, and functions of a user


def test_get_and_serialize_are_inverse():
    names = set(activations.__all__) - {"get", "serialize", "deserialize", "swish", "hard_swish"}
    for name in names:
        assert activations.serialize(activations.get(name)) == name
    assert activations.serialize(activations.get("swish")) == "silu"
    assert activations.serialize(activations.get("hard_swish")) == "hard_silu"
    assert activations.get(None) is activations.linear
    assert activations.get(np.tanh) is np.tanh


@pytest.mark.parametrize("identifier", ["nope", "", "ReLU", 5, {"class_name": "relu"}])
def test_get_refuses_what_is_no_activation(identifier):
    with pytest.raises(ValueError, match="Could not interpret activation function identifier"):
        activations.get(identifier)


def test_a_users_function_is_written_by_its_name_and_an_object_by_its_configuration() -> None:
    def soft(x: Any) -> Any:
        return x

    class Scaled:
        def __call__(self, x: Any) -> Any:
            return x

    with pytest.raises(TypeError, match="Scaled has no configuration"):
        activations.serialize(Scaled())
    assert activations.serialize(soft)["config"] == "soft"
    written = activations.serialize(layers.ReLU(max_value=2.0))
    assert (written["class_name"], written["config"]["max_value"]) == ("ReLU", 2.0)
    assert activations.get(written).max_value == 2.0
    with pytest.raises(ValueError, match="activation function identifier: 'relu'"):
        activations.serialize("relu")


def test_a_users_function_trains_as_it_is():
    def soft(x: Any) -> Any:
        return x / (1 + ops.abs(x))

    inputs = ops.convert_to_tensor(np.float32([1.0, -3.0]))
    with Tape() as tape:
        outputs = activations.get(soft)(inputs)
    np.testing.assert_allclose(outputs, [0.5, -0.75])
    np.testing.assert_allclose(tape.gradients(outputs, [inputs])[0], [0.25, 0.0625], rtol=1e-6)
