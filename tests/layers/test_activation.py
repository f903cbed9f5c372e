"""ReLU and Softmax as layers: slopes at the kinks, logits, and bad arguments."""

from typing import Any

import numpy as np
import pytest

from minidense import Input, Sequential
from minidense.layers import Activation, Dense, Dropout, Flatten, ReLU, Softmax
from tests.way_back import way_back


def ones(*shape):
    return np.ones(shape, "float32")


# ReLU


# The slopes at and around the kinks that TensorFlow's gradient of keras.layers.ReLU has.
@pytest.mark.parametrize(
    ("arguments", "x", "slopes"),
    [
        ({}, [-1, 0, 1], [0, 0, 1]),
        ({"negative_slope": 0.25}, [-1, 0, 1], [0.25, 0.25, 1]),
        ({"negative_slope": 1.0}, [-1, 0, 1], [1, 1, 1]),
        ({"max_value": 6}, [-1, 0, 3, 6, 7], [0, 0, 1, 0, 0]),
        ({"max_value": 5}, [-1, 0, 3, 5, 7], [0, 0, 1, 1, 0]),
        ({"max_value": 6, "threshold": 1}, [0, 1, 3, 6, 7], [0, 0, 1, 1, 0]),
        ({"threshold": 1}, [-1, 0, 1, 2], [0, 0, 0, 1]),
        ({"negative_slope": 0.25, "threshold": 1}, [-1, 0, 1, 2], [0.25, 0.25, 0, 1]),
        ({"negative_slope": 0.25, "max_value": 2}, [-1, 0, 1, 2, 3], [0.25, 0, 1, 1, 0]),
    ],
)
def test_the_slopes_of_a_relu_at_its_kinks(
    arguments: dict[str, float], x: list[float], slopes: list[float]
) -> None:
    layer = ReLU(**arguments)
    inputs = np.float32([x])
    [found] = way_back(layer, [inputs], np.float32([[2.0] * len(x)])).input_grads
    np.testing.assert_array_equal(found, 2 * np.float32([slopes]))
    assert found.dtype == np.float32


def test_a_slope_and_a_limit_in_float64_go_by_way_of_float32() -> None:
    layer = ReLU(negative_slope=0.7, dtype="float64")
    [found] = way_back(layer, [np.float64([[-1.0, 1.0]])]).input_grads
    np.testing.assert_array_equal(found, [[np.float32(0.7), 1.0]])


# TensorFlow casts the limits to the inputs' dtype first: 16777219 is no float32, 16777220 is.
def test_a_whole_limit_of_a_relu_is_rounded_to_the_inputs_dtype() -> None:
    inputs = np.float32([[16777216, 16777220, 16777224]])
    [found] = way_back(ReLU(threshold=16777219), [inputs]).input_grads
    np.testing.assert_array_equal(found, [[0, 0, 1]])
    [found] = way_back(ReLU(max_value=16777219), [inputs]).input_grads
    np.testing.assert_array_equal(found, [[1, 1, 0]])


@pytest.mark.parametrize("argument", ["max_value", "negative_slope", "threshold"])
def test_bad_arguments_of_a_relu_are_named_with_the_class(argument: str) -> None:
    with pytest.raises(ValueError, match=rf"^`{argument}` must be .*a number >= 0 in a ReLU layer"):
        ReLU(**{argument: -1.0})
    with pytest.raises(TypeError, match=rf"^`{argument}` must be .*a number >= 0 in a ReLU layer"):
        ReLU(**{argument: "x"})  # type: ignore[arg-type]
    if argument != "max_value":
        with pytest.raises(
            ValueError, match=rf"^`{argument}` must be a number >= 0 in a ReLU layer.*None"
        ):
            ReLU(**{argument: None})  # type: ignore[arg-type]


# Softmax


@pytest.mark.parametrize("axis", [-1, 1])
def test_a_softmax_over_one_axis_remembers_its_logits(axis: Any) -> None:
    inputs = np.float32([[1.0, 2.0]])
    np.testing.assert_array_equal(Softmax(axis)(inputs).logits, inputs)
    for layer in (Activation("softmax"), Activation("sigmoid")):
        np.testing.assert_array_equal(layer(inputs).logits, inputs)


@pytest.mark.parametrize("layer", [Softmax([0, 1]), Softmax((0, 1)), Dense(2), ReLU()])
def test_what_is_no_softmax_over_one_axis_remembers_no_logits(layer: Any) -> None:
    assert not hasattr(layer(ones(2, 3)), "logits")


def test_a_softmax_of_a_users_own_remembers_its_logits() -> None:
    class Own(Softmax):
        def call(self, inputs: Any, mask: None = None) -> Any:
            return super().call(inputs)

    x = np.float32([[1.0, 2.0]])
    np.testing.assert_array_equal(Own()(x).logits, x)


ENDS: dict[str, tuple[Any, bool]] = {
    "softmax": (lambda: [Softmax()], True),
    "dense softmax": (lambda: [Dense(3, activation="softmax")], True),
    "dense sigmoid": (lambda: [Dense(3, activation="sigmoid")], True),
    "dense relu": (lambda: [Dense(3, activation="relu")], False),
    "linear behind": (lambda: [Softmax(), Activation("linear")], True),
    "dropout at rest behind": (lambda: [Softmax(), Dropout(0.5)], True),
    "flatten behind": (lambda: [Softmax(), Flatten()], False),
    "relu behind": (lambda: [Softmax(), ReLU()], False),
    "nested": (lambda: [Sequential([Input((3,)), Dense(3, "softmax")])], True),
    "nested twice": (
        lambda: [Sequential([Input((3,)), Sequential([Input((3,)), Softmax()])])],
        True,
    ),
    "nothing": (lambda: [Dense(3)], False),
}


@pytest.mark.parametrize("end", ENDS)
def test_a_model_remembers_what_went_into_a_last_softmax(end: str) -> None:
    make, has_logits = ENDS[end]
    outputs = Sequential([Input((3,)), Dense(3), *make()])(ones(4, 3))
    assert hasattr(outputs, "logits") == has_logits
    if has_logits:
        powers = np.exp(outputs.logits)
        total = 1 + powers if "sigmoid" in end else powers.sum(axis=-1, keepdims=True)
        np.testing.assert_allclose(powers / total, outputs, rtol=1e-5)


def test_dropout_at_work_hides_the_logits() -> None:
    model = Sequential([Input((3,)), Softmax(), Dropout(0.5)])
    assert not hasattr(model(ones(4, 3), training=True), "logits")
