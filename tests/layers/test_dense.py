"""Dense: small numbers by hand, its weights, and what it refuses."""

import numpy as np
import pytest

from minidense import Input, Model
from minidense.layers import Dense
from tests.messages import message_of
from tests.way_back import way_back


def ones(*shape):
    return np.ones(shape, "float32")


# Forward and back


def test_dense_on_rank_3_contracts_the_last_axis():
    layer = Dense(2, kernel_initializer="ones", bias_initializer="ones")
    assert layer(ones(4, 5, 3)).shape == (4, 5, 2)
    assert layer.kernel.shape == (3, 2)
    np.testing.assert_array_equal(layer(ones(1, 1, 3)), [[[4, 4]]])


def test_dense_gradients_by_hand():
    layer = Dense(1)
    layer.build((None, 2))
    layer.set_weights([[[2.0], [3.0]], [1.0]])
    x = np.float32([[1, 10], [100, 1000]])
    outputs, [input_grad], [kernel_grad, bias_grad] = way_back(
        layer, [x], np.float32([[1], [2]]), layer.trainable_weights
    )
    np.testing.assert_array_equal(outputs, [[33], [3201]])
    np.testing.assert_array_equal(input_grad, [[2, 3], [4, 6]])
    np.testing.assert_array_equal(kernel_grad, [[201], [2010]])
    np.testing.assert_array_equal(bias_grad, [3])


@pytest.mark.parametrize("shape", [(0, 3), (2, 0), (0, 0), (0, 2, 0)])
def test_dense_without_rows_or_features_has_gradients_of_zeros(shape):
    layer = Dense(2)
    layer(np.zeros(shape, "float32"))
    _, [input_grad], [kernel_grad, bias_grad] = way_back(
        layer, [np.zeros(shape, "float32")], None, layer.trainable_weights
    )
    assert input_grad.shape == shape
    assert kernel_grad.shape == (shape[-1], 2)
    np.testing.assert_array_equal(bias_grad, [shape[0], shape[0]])


def test_a_dense_of_float64_inputs_computes_in_its_own_dtype() -> None:
    inputs = Input((2,), dtype="float64")
    model = Model(inputs, Dense(2, "relu")(inputs))
    assert np.asarray(model(np.ones((1, 2)))).dtype == np.float32


# Weights


def test_an_unbuilt_dense_says_that_it_has_no_kernel_and_no_nonsense() -> None:
    layer = Dense(2, name="mine")
    message = r"^`kernel` needs weights, and layer 'mine' isn't built: call it"
    with pytest.raises(AttributeError, match=message):
        _ = layer.kernel
    with pytest.raises(AttributeError, match="'Dense' object has no attribute 'colour'"):
        _ = layer.colour


def test_a_kernel_cannot_be_replaced_by_an_array() -> None:
    layer = Dense(2)
    layer.build((None, 3))
    with pytest.raises(AttributeError, match="kernel"):
        layer.kernel = np.ones((3, 2))  # type: ignore[misc, assignment]
    layer.kernel.assign(np.ones((3, 2)))
    np.testing.assert_array_equal(layer(ones(1, 3)), [[3, 3]])


def test_a_built_dense_names_its_weights_and_asks_for_the_last_axis() -> None:
    layer = Dense(2, name="mine")
    layer.build((None, 3))
    assert [(w.name, w.path, w.shape) for w in layer.weights] == [
        ("kernel", "mine/kernel", (3, 2)),
        ("bias", "mine/bias", (2,)),
    ]
    with pytest.raises(ValueError, match="mine"):
        layer(np.zeros((1, 4), "float32"))
    with pytest.raises(ValueError, match="mine"):
        Dense(2, name="mine")(np.zeros(4, "float32"))
    without = Dense(2, use_bias=False)
    without.build((None, 3))
    assert without.bias is None
    assert len(without.weights) == 1


def test_a_built_dense_still_asks_for_two_axes() -> None:
    layer = Dense(2, name="mine")
    layer.build((None, 3))
    assert message_of(lambda: layer(np.ones(3, "float32"))) == (
        "ValueError: Input of layer 'mine' is incompatible with the layer: expected min_ndim=2, "
        "found ndim=1. Full shape received: (3,)."
    )


def test_a_layer_that_is_built_refuses_another_last_axis_and_stays_as_it_was():
    layer = Dense(2)
    layer(ones(4, 3))
    before = layer.get_weights()
    with pytest.raises(ValueError, match=r"expected axis -1 .* value 3.*\(4, 5\)"):
        layer(ones(4, 5))
    for old, new in zip(before, layer.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


# What is refused


def test_bad_arguments_of_a_dense_are_named() -> None:
    for units in (0, -1, 2.0, "x", None, True):
        with pytest.raises((TypeError, ValueError), match="units"):
            Dense(units)  # type: ignore[arg-type]
    with pytest.raises((TypeError, ValueError), match="use_bias"):
        Dense(2, use_bias=2)  # type: ignore[arg-type]
    for argument in ("kernel_initializer", "bias_initializer"):
        with pytest.raises((TypeError, ValueError), match="initializer"):
            Dense(2, **{argument: "nope"})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "argument",
    [
        "kernel_regularizer",
        "bias_regularizer",
        "kernel_constraint",
        "bias_constraint",
        "lora_rank",
        "lora_alpha",
        "quantization_config",
    ],
)
def test_what_a_dense_does_not_support_is_named(argument: str) -> None:
    with pytest.raises(NotImplementedError, match=rf"^Dense: `{argument}` is not supported"):
        Dense(2, **{argument: 4})


def test_a_regularizer_of_the_outputs_is_named() -> None:
    with pytest.raises(NotImplementedError, match="`activity_regularizer` is not supported"):
        Dense(2, activity_regularizer=4)  # type: ignore[arg-type]
