"""Layers where a mutant of the source would differ: defaults, names in messages, kinks."""

from typing import Any

import numpy as np
import pytest

from minidense import Input
from minidense.graph.plan import Plan
from minidense.layers import Activation, Dense, Dropout, Flatten, InputLayer, Layer, ReLU, Softmax
from minidense.names import reset_names

POLICY = {
    "module": "keras",
    "class_name": "DTypePolicy",
    "config": {"name": "float32"},
    "registered_name": None,
}


def initializer(name: str, config: dict[str, Any]) -> dict[str, Any]:
    return {
        "module": "keras.initializers",
        "class_name": name,
        "config": config,
        "registered_name": None,
    }


# What get_config() of Keras 3.15.1 gives for layers that are made with their defaults.
@pytest.mark.parametrize(
    ("layer", "name", "own"),
    [
        (
            lambda: Dense(3),
            "dense",
            {
                "units": 3,
                "activation": "linear",
                "use_bias": True,
                "kernel_initializer": initializer(
                    "GlorotUniform", {"seed": None, "input_axes": None, "output_axes": None}
                ),
                "bias_initializer": initializer("Zeros", {}),
                "kernel_regularizer": None,
                "bias_regularizer": None,
                "kernel_constraint": None,
                "bias_constraint": None,
                "quantization_config": None,
            },
        ),
        (lambda: Dropout(0.5), "dropout", {"rate": 0.5, "seed": None, "noise_shape": None}),
        (Flatten, "flatten", {"data_format": "channels_last"}),
        (lambda: Activation("relu"), "activation", {"activation": "relu"}),
        (ReLU, "re_lu", {"max_value": None, "negative_slope": 0.0, "threshold": 0.0}),
        (Softmax, "softmax", {"axis": -1}),
    ],
)
def test_the_defaults_are_kerass(layer: Any, name: str, own: dict[str, Any]) -> None:
    reset_names()
    assert layer().get_config() == {"name": name, "trainable": True, "dtype": POLICY, **own}


def test_the_defaults_of_an_input_layer_are_kerass() -> None:
    reset_names()
    assert InputLayer((3,)).get_config() == {
        "batch_shape": (None, 3),
        "dtype": "float32",
        "sparse": False,
        "ragged": False,
        "name": "input_layer",
        "optional": False,
    }


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


def test_bad_arguments_of_a_dense_are_named() -> None:
    for units in (0, -1, 2.0, "x", None, True):
        with pytest.raises((TypeError, ValueError), match="units"):
            Dense(units)  # type: ignore[arg-type]
    with pytest.raises((TypeError, ValueError), match="use_bias"):
        Dense(2, use_bias=2)  # type: ignore[arg-type]
    for argument in ("kernel_initializer", "bias_initializer"):
        with pytest.raises((TypeError, ValueError), match="initializer"):
            Dense(2, **{argument: "nope"})  # type: ignore[arg-type]


def test_an_unbuilt_dense_says_that_it_has_no_kernel_and_no_nonsense() -> None:
    layer = Dense(2, name="mine")
    message = r"^You must build the layer before accessing `kernel`: 'mine' is not built\.$"
    with pytest.raises(AttributeError, match=message):
        _ = layer.kernel
    with pytest.raises(AttributeError, match="'Dense' object has no attribute 'colour'"):
        _ = layer.colour


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


@pytest.mark.parametrize("argument", ["max_value", "negative_slope", "threshold"])
def test_bad_arguments_of_a_relu_are_named_with_the_class(argument: str) -> None:
    with pytest.raises(ValueError, match=rf"^{argument} of a ReLU layer cannot be"):
        ReLU(**{argument: -1.0})
    with pytest.raises(TypeError, match=rf"^{argument} of a ReLU layer must be a number"):
        ReLU(**{argument: "x"})  # type: ignore[arg-type]
    if argument != "max_value":
        with pytest.raises(ValueError, match=rf"^{argument} of a ReLU layer cannot be None"):
            ReLU(**{argument: None})  # type: ignore[arg-type]


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
    _, saved = layer.forward(inputs, False)
    found, weights = layer.backward(np.float32([[2.0] * len(x)]), saved, True)
    assert found is not None
    np.testing.assert_array_equal(found, 2 * np.float32([slopes]))
    assert found.dtype == np.float32
    assert weights == []
    assert layer.backward(inputs, saved, False) == (None, [])


def test_a_slope_and_a_limit_in_float64_go_by_way_of_float32() -> None:
    layer = ReLU(negative_slope=0.7, dtype="float64")
    found, _ = layer.backward(np.ones((1, 2)), np.float64([[-1.0, 1.0]]), True)
    np.testing.assert_array_equal(found, [[np.float32(0.7), 1.0]])


def test_logits_of_a_softmax_over_one_axis() -> None:
    inputs, grad = np.float32([[1.0, 2.0]]), np.float32([[3.0, 4.0]])
    for axis in (-1, 1, [1], (-1,)):
        assert Softmax(axis).logits(inputs, inputs) is inputs  # type: ignore[arg-type]
    for axes in ([0, 1], (0, 1)):
        assert Softmax(axes).logits(inputs, inputs) is None
    for layer in (Softmax(), Activation("softmax")):
        assert layer.backward_from_logits(grad, inputs, True) == (grad, [])
        assert layer.backward_from_logits(grad, inputs, False) == (None, [])


def test_a_layer_has_keras_defaults_and_refuses_unknown_words() -> None:
    layer = Layer(name="mine")
    assert layer.trainable
    assert not layer.built
    assert layer.name == "mine"
    with pytest.raises((TypeError, ValueError), match=r"Layer.*colour"):
        Layer(colour="red")
    with pytest.raises((TypeError, ValueError), match="trainable"):
        Layer(trainable="yes")  # type: ignore[arg-type]


def test_weights_are_added_with_names_paths_and_dtypes() -> None:
    layer = Layer(name="mine")
    first = layer.add_weight((2, 3), "ones", name="first")
    second = layer.add_weight((2,), "zeros", trainable=False, name="second")
    assert (first.name, first.path, first.dtype, first.trainable) == (
        "first",
        "mine/first",
        "float32",
        True,
    )
    np.testing.assert_array_equal(first, np.ones((2, 3)))
    assert not second.trainable
    assert layer.trainable_weights == [first]
    assert layer.non_trainable_weights == [second]


def test_a_weight_without_an_initializer_is_drawn_if_it_is_a_float_and_else_zero() -> None:
    layer = Layer()
    assert layer.add_weight((50, 2), name="floats").numpy().std() > 0
    whole = layer.add_weight((3,), dtype="int32", trainable=False, name="whole")
    np.testing.assert_array_equal(whole, np.zeros(3))
    assert whole.dtype == "int32"


def test_an_input_layer_is_built_from_the_start() -> None:
    layer = InputLayer((3,), batch_size=2, name="mine")
    assert layer.built is True
    assert layer.get_config()["batch_shape"] == (2, 3)
    assert layer.get_config()["name"] == "mine"


@pytest.mark.parametrize(
    ("input_shape", "weight_shape", "owner"),
    [((1, 2), (3,), "its trainable weights"), ((1, 3), (2,), "its inputs")],
)
def test_an_own_gradient_of_another_shape_is_told_of_its_owner(
    input_shape: tuple[int, ...], weight_shape: tuple[int, ...], owner: str
) -> None:
    class Mine(Layer):
        def build(self, input_shape: Any) -> None:
            self.scale = self.add_weight((2,), "ones", name="scale")

        def forward(self, inputs: Any, training: bool | None) -> tuple[Any, Any]:
            return inputs * self.scale.value, inputs

        def backward(self, grad: Any, saved: Any, needs_input_grad: bool) -> tuple[Any, Any]:
            return np.zeros(input_shape, "float32"), [np.zeros(weight_shape, "float32")]

    inputs = Input((2,))
    plan = Plan([inputs], [Mine(name="mine")(inputs)])
    _, tape = plan.forward([np.ones((1, 2), "float32")], True)
    message = rf"^The `backward` of layer 'mine' must return gradients of the shapes of {owner}, "
    with pytest.raises(ValueError, match=message):
        plan.backward(np.ones((1, 2), "float32"), tape, True)


def test_the_default_of_training_is_the_calls_own() -> None:
    class Doubling(Layer):
        def call(self, inputs: Any, training: bool = True) -> Any:
            return inputs * 2 if training else inputs

    x = np.float32([[1.0]])
    assert Doubling()(x) == 2
    assert Doubling()(x, training=False) == 1


def test_what_a_layer_calls_is_told_the_default_of_its_own_training() -> None:
    class Inner(Layer):
        def call(self, inputs: Any, training: bool = False) -> Any:
            return inputs * 2 if training else inputs

    class Outer(Layer):
        def __init__(self) -> None:
            super().__init__()
            self.inner = Inner()

        def call(self, inputs: Any, training: bool = True) -> Any:
            return self.inner(inputs)

    x = np.float32([[1.0]])
    assert Outer()(x) == 2
    assert Outer()(x, training=False) == 1


def test_a_layer_without_a_call_says_so() -> None:
    class Mine(Layer):
        pass

    message = r"^Layer Mine does not have a `call\(\)` method implemented\.$"
    with pytest.raises(NotImplementedError, match=message):
        Mine().call(np.float32([[1.0]]))


@pytest.mark.parametrize("argument", ["sparse", "ragged", "optional"])
def test_what_an_input_layer_does_not_support_is_named(argument: str) -> None:
    with pytest.raises(NotImplementedError, match=rf"^InputLayer: `{argument}` is not supported"):
        InputLayer((3,), **{argument: True})
