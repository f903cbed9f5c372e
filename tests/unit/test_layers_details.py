"""Layers where a mutant of the source would differ: defaults, names in messages, kinks."""

import random
from threading import Thread
from typing import Any

import numpy as np
import pytest

from minidense import Input, Model, Variable
from minidense.graph.plan import Plan
from minidense.layers import (
    Activation,
    Dense,
    Dropout,
    Flatten,
    InputLayer,
    InputSpec,
    Layer,
    ReLU,
    Softmax,
)
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


# Whole messages


def message_of(call: Any) -> str:
    errors = (AttributeError, NotImplementedError, RuntimeError, TypeError, ValueError)
    with pytest.raises(errors) as raised:
        call()
    return f"{raised.type.__name__}: {raised.value}"


class Predicting(Layer):
    def call(self, inputs: Any) -> Any:
        return inputs


def test_the_messages_of_a_layer_that_cannot_be_trained() -> None:
    layer = Predicting(name="mine")
    assert message_of(lambda: layer.backward(np.ones(1), None, True)) == (
        "NotImplementedError: Layer 'mine' of class Predicting has a `call` but no `backward`, so "
        "it can predict but not be trained. Let `call` do nothing but call layers, or define "
        "`forward(self, inputs, training)`, which returns the outputs and what backward needs, "
        "and `backward(self, grad, saved, needs_input_grad)`."
    )
    assert message_of(lambda: layer.backward_from_logits(np.ones(1), None, True)) == (
        "NotImplementedError: Layer 'mine' ends in no softmax or sigmoid."
    )


def test_the_message_of_a_shape_that_is_not_known_before_the_build() -> None:
    assert message_of(lambda: Predicting(name="mine").compute_output_shape((None, 2))) == (
        "NotImplementedError: Layer 'mine' is not built, so its output shape is not known. "
        "Define `compute_output_shape(self, input_shape)` in Predicting."
    )


def test_the_messages_of_a_layer_of_ones_own_name_its_class() -> None:
    class Mine(Layer):
        pass

    class Forgetful(Layer):
        def __init__(self) -> None:
            pass

    x = np.ones((1, 2), "float32")
    assert message_of(lambda: Mine()(x)) == (
        "NotImplementedError: Layer Mine does not have a `call()` method implemented."
    )
    assert message_of(lambda: Forgetful()(x)) == (
        "RuntimeError: In layer 'Forgetful', you forgot to call `super().__init__()` as the first "
        "statement in the `__init__()` method."
    )
    assert message_of(lambda: Mine(activity_regularizer=4)) == (  # type: ignore[arg-type]
        "NotImplementedError: Mine: `activity_regularizer` is not supported by minidense, only "
        "activity_regularizer=None. Received: activity_regularizer=4."
    )


@pytest.mark.parametrize("argument", [{"input_shape": (3,)}, {"input_dim": 3}])
def test_the_warning_of_a_layer_with_an_input_shape(argument: Any) -> None:
    message = (
        r"^Do not pass an `input_shape`/`input_dim` argument to a layer\. In a Sequential, put an "
        r"`Input\(shape\)` first instead\.$"
    )
    with pytest.warns(UserWarning, match=message):
        Dense(2, **argument)


def test_the_messages_of_an_input_layer() -> None:
    assert message_of(lambda: InputLayer((3,), name="mine")(np.ones((1, 3)))) == (
        "TypeError: InputLayer 'mine' takes no inputs: it is where a model begins. "
        "Call the model instead."
    )
    assert message_of(lambda: InputLayer((3,), colour=2)) == (
        "ValueError: Unrecognized keyword arguments passed to InputLayer: {'colour': 2}"
    )


@pytest.mark.parametrize("argument", ["sparse", "ragged", "optional"])
def test_what_an_input_does_not_support_is_named(argument: str) -> None:
    assert message_of(lambda: Input((3,), **{argument: True})) == (  # type: ignore[arg-type]
        f"NotImplementedError: InputLayer: `{argument}` is not supported by minidense, only "
        f"{argument}=None. Received: {argument}=True."
    )


def test_an_input_of_a_tensor_is_refused() -> None:
    for make in (
        lambda: Input((3,), tensor=4),  # type: ignore[arg-type]
        lambda: InputLayer((3,), input_tensor=4),  # type: ignore[arg-type]
    ):
        assert message_of(make) == (
            "NotImplementedError: InputLayer: `input_tensor` is not supported by minidense, only "
            "input_tensor=None. Received: input_tensor=4."
        )


def test_the_deprecated_names_of_an_input_layers_shapes() -> None:
    message = r"^Argument `input_shape` is deprecated\. Use `shape` instead\.$"
    with pytest.warns(UserWarning, match=message):
        layer = InputLayer(input_shape=(3,), batch_size=2)
    assert layer.batch_shape == (2, 3)
    assert InputLayer(batch_input_shape=(4, 3)).batch_shape == (4, 3)


@pytest.mark.parametrize(
    "make", [lambda: Dense(2, input_shape=(3,)), lambda: InputLayer(input_shape=(3,))]
)
def test_the_warnings_of_input_shapes_point_at_the_caller(make: Any) -> None:
    with pytest.warns(UserWarning, match="input_shape") as caught:
        make()
    assert [warning.filename for warning in caught] == [__file__]
    assert [warning.lineno for warning in caught] == [make.__code__.co_firstlineno]


@pytest.mark.parametrize(
    ("spec", "shape", "wish"),
    [
        (InputSpec(shape=(None, 3)), (2, 3, 1), "ndim=2, found ndim=3"),
        (InputSpec(ndim=2), (2,), "ndim=2, found ndim=1"),
        (InputSpec(max_ndim=2), (2, 3, 1), "max_ndim=2, found ndim=3"),
        (InputSpec(min_ndim=2), (2,), "min_ndim=2, found ndim=1"),
    ],
)
def test_the_message_of_an_input_of_another_rank(
    spec: InputSpec, shape: tuple[int, ...], wish: str
) -> None:
    assert message_of(lambda: spec.check("mine", shape)) == (
        "ValueError: Input of layer 'mine' is incompatible with the layer: "
        f"expected {wish}. Full shape received: {shape}."
    )


def test_inputs_of_just_the_right_rank_are_taken() -> None:
    for spec in (InputSpec(shape=(None, 3)), InputSpec(max_ndim=2), InputSpec(min_ndim=2)):
        spec.check("mine", (2, 3))
    with pytest.raises(ValueError, match="expected axis 1 of the input shape to have value 3"):
        InputSpec(shape=(None, 3)).check("mine", (2, 4))


def test_a_built_dense_still_asks_for_two_axes() -> None:
    layer = Dense(2, name="mine")
    layer.build((None, 3))
    assert message_of(lambda: layer(np.ones(3, "float32"))) == (
        "ValueError: Input of layer 'mine' is incompatible with the layer: expected min_ndim=2, "
        "found ndim=1. Full shape received: (3,)."
    )


@pytest.mark.parametrize("make", [lambda: Dense(2, name="mine"), lambda: Flatten(name="mine")])
def test_the_message_of_a_shape_that_is_none(make: Any) -> None:
    assert message_of(lambda: make().compute_output_shape(3)) == (
        "ValueError: Layer 'mine' cannot be built: `input_shape` must be a tuple such as "
        "(None, 4). Received: input_shape=3."
    )


def test_a_dropout_of_whole_numbers_names_itself() -> None:
    assert message_of(lambda: Dropout(0.5)(np.ones((1, 2), "int32"), training=True)) == (
        "ValueError: Dropout takes floating point numbers. Received x of dtype int32: "
        "cast it first, for example with x.astype('float32')."
    )


def test_the_messages_about_weights() -> None:
    layer = Dense(2, name="mine")
    assert message_of(layer.count_params) == (
        "ValueError: You tried to call `count_params` on layer 'mine', but the layer isn't built. "
        "Call it on data, or `layer.build(input_shape)`."
    )
    layer.build((None, 3))
    assert message_of(lambda: layer.add_weight((2,))) == (
        "ValueError: Layer 'mine' is already built: its weights cannot be made again."
    )
    wrong = message_of(lambda: Layer().add_weight((2,), lambda *_, **__: np.ones(3), name="w"))
    assert wrong == (
        "ValueError: The shape of variable 'w' is (2,). Received a value of shape (3,)."
    )
    for argument in ("regularizer", "constraint"):
        assert message_of(lambda name=argument: Layer().add_weight((2,), **{name: 4})) == (
            f"NotImplementedError: add_weight: `{argument}` is not supported by minidense, only "
            f"{argument}=None. Received: {argument}=4."
        )


# What a layer is given and told


class Watching(Layer):
    """Keeps what its `call` is given."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.seen: list[Any] = []

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        self.seen.append((inputs.shape, str(inputs.dtype), training))
        return inputs


def test_floats_are_cast_to_a_layers_dtype_and_whole_numbers_are_not() -> None:
    for own, given, seen in (
        ("float32", "float64", "float32"),
        ("float32", "float32", "float32"),
        ("float64", "float32", "float64"),
        ("float32", "int32", "int32"),
        ("float32", "bool", "bool"),
    ):
        layer = Watching(dtype=own)
        assert layer(np.ones((2, 3), given)).dtype == seen
        assert layer.seen == [((2, 3), seen, None)]


def test_a_layer_without_autocast_takes_floats_as_they_are() -> None:
    assert Layer().autocast is True
    assert Layer(autocast=False).autocast is False
    assert Watching(autocast=False)(np.ones((2, 3))).dtype == np.float64
    whole = np.ones((2, 3), "int32")
    assert Dense(2, autocast=False)(whole).dtype == np.float32
    assert Dense(2)(whole).dtype == np.float32


def test_a_shape_is_found_out_with_a_batch_of_one_that_does_not_train() -> None:
    layer = Watching()
    layer.build((None, 3))
    assert layer.compute_output_shape((None, None, 3)) == (None, 1, 3)
    assert layer.seen == [((1, 1, 3), "float32", False)]


def test_symbolic_outputs_have_the_batch_and_the_dtype_of_the_layer() -> None:
    for layer in (Watching(dtype="float64"), Softmax(dtype="float64")):
        outputs = layer(Input((3,), batch_size=2, dtype="float64"))
        assert (outputs.shape, outputs.dtype) == ((2, 3), "float64")
        assert layer(Input((3,))).shape == (None, 3)


def test_training_holds_for_all_that_a_layer_calls_and_not_for_longer() -> None:
    class Outer(Layer):
        def __init__(self) -> None:
            super().__init__()
            self.inner = [Watching(), Watching()]

        def call(self, inputs: Any) -> Any:
            return self.inner[1](self.inner[0](inputs))

    outer, x = Outer(), np.ones((1, 2), "float32")
    outer(x, training=True)
    assert [layer.seen[-1][2] for layer in outer.inner] == [True, True]
    outer(x)
    assert [layer.seen[-1][2] for layer in outer.inner] == [None, None]


def test_a_call_without_training_is_no_training() -> None:
    class Doubling(Layer):
        def forward(self, inputs: Any, training: bool | None) -> tuple[Any, Any]:
            return (inputs * 2 if training else inputs), None

    layer = Doubling(name="mine")
    assert layer.call(np.float32([[1.0]])) == 1
    assert layer.call(np.float32([[1.0]]), training=True) == 2


def test_the_input_of_a_layer_of_several_is_a_list() -> None:
    class Sum(Layer):
        def call(self, inputs: Any) -> Any:
            return inputs[0] + inputs[1]

    layer, first, second = Sum(), Input((2,)), Input((2,))
    output = layer([first, second])
    assert layer.input == [first, second]
    assert layer.output is output


# Steps


class Doubling(Layer):
    """Can be trained, and keeps what it is told."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.seen: list[Any] = []

    def forward(self, inputs: Any, training: bool | None) -> tuple[Any, Any]:
        self.seen.append((str(flat(inputs)[0].dtype), training))
        return 2 * sum(flat(inputs)), len(flat(inputs))

    def backward(self, grad: Any, saved: Any, needs_input_grad: bool) -> tuple[Any, Any]:
        return (2 * grad if saved == 1 else [2 * grad] * saved), []


def flat(inputs: Any) -> list[Any]:
    return inputs if isinstance(inputs, list) else [inputs]


@pytest.mark.parametrize(("given", "own"), [("float64", "float32"), ("float32", "float64")])
def test_a_gradient_goes_back_through_a_cast_in_the_dtype_that_came(given: str, own: str) -> None:
    layer, inputs = Doubling(dtype=own), Input((2,), dtype=given)
    plan = Plan([inputs], [layer(inputs)])
    layer.seen.clear()
    (outputs,), tape = plan.forward([np.ones((1, 2), given)], True)
    assert layer.seen == [(own, True)]
    assert outputs.dtype == own
    (grad,), _ = plan.backward(np.ones((1, 2), own), tape, True)
    assert grad is not None
    assert grad.dtype == given
    np.testing.assert_array_equal(grad, [[2.0, 2.0]])


def test_gradients_of_several_inputs_go_back_through_a_cast_each_in_its_dtype() -> None:
    layer = Doubling()
    inputs = [Input((2,), dtype="float64"), Input((2,), dtype="float32")]
    plan = Plan(inputs, [layer(inputs)])
    _, tape = plan.forward([np.ones((1, 2)), np.ones((1, 2), "float32")], False)
    grads, _ = plan.backward(np.ones((1, 2), "float32"), tape, True)
    assert [str(grad.dtype) for grad in grads if grad is not None] == ["float64", "float32"]


def test_a_layer_without_autocast_has_no_cast_in_a_plan() -> None:
    for layer, alone, count in (
        (Doubling(autocast=False), 1, 1),
        (Doubling(), 1, 2),
        (Dense(2), 2, 3),
    ):
        inputs = Input((2,), dtype="float64")
        assert len(Plan([inputs], [layer(inputs)]).steps) == count
        narrow, wide = Input((2,), dtype="float32"), Input((2,), dtype="float64")
        assert len(layer.steps([narrow, narrow])) == alone
        assert len(layer.steps([narrow, wide])) == count


def test_a_dense_of_float64_inputs_computes_in_its_own_dtype() -> None:
    inputs = Input((2,), dtype="float64")
    model = Model(inputs, Dense(2, "relu")(inputs))
    assert np.asarray(model(np.ones((1, 2)))).dtype == np.float32


def test_a_softmax_of_ones_own_goes_back_from_its_logits() -> None:
    class Own(Softmax):
        def forward(self, inputs: Any, training: bool | None) -> tuple[Any, Any]:
            return super().forward(inputs, training)

    inputs = Input((2,))
    plan = Plan([inputs], [Own()(inputs)])
    x, grad = np.float32([[1.0, 2.0]]), np.float32([[3.0, 4.0]])
    _, tape = plan.forward([x], True)
    assert plan.logits(tape) is x
    np.testing.assert_array_equal(plan.backward(grad, tape, True, at_logits=True)[0], [grad])


def test_a_forward_of_ones_own_that_is_no_pair_is_told_with_the_layers_name() -> None:
    class Wrong(Layer):
        def forward(self, inputs: Any, training: bool | None) -> Any:
            return inputs

        def compute_output_shape(self, input_shape: Any) -> Any:
            return input_shape

    inputs = Input((2,))
    plan = Plan([inputs], [Wrong(name="mine")(inputs)])
    with pytest.raises(ValueError, match=r"^The `forward` of layer 'mine' must return a pair"):
        plan.forward([np.ones((1, 2), "float32")], True)


# Single layers


def test_a_dropout_of_rate_0_draws_no_seed() -> None:
    state = random.getstate()
    assert Dropout(0).variables == []
    assert random.getstate() == state


def test_a_dropout_goes_by_the_state_that_is_set() -> None:
    x = np.ones((4, 64), "float32")
    layer, other = Dropout(0.25, seed=1), Dropout(0.25, seed=2)
    layer.seed_generator.state.assign([2, 0])
    for _ in range(2):
        np.testing.assert_array_equal(layer(x, training=True), other(x, training=True))


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


# TensorFlow casts the limits to the inputs' dtype first: 16777219 is no float32, 16777220 is.
def test_a_whole_limit_of_a_relu_is_rounded_to_the_inputs_dtype() -> None:
    inputs = np.float32([[16777216, 16777220, 16777224]])
    ones = np.ones_like(inputs)
    found, _ = ReLU(threshold=16777219).backward(ones, inputs, True)
    np.testing.assert_array_equal(found, [[0, 0, 1]])
    found, _ = ReLU(max_value=16777219).backward(ones, inputs, True)
    np.testing.assert_array_equal(found, [[1, 1, 0]])


# Weights


def test_a_weight_without_a_name_has_an_automatic_one() -> None:
    reset_names()
    layer = Layer(name="mine")
    assert [layer.add_weight((2,)).path for _ in range(2)] == ["mine/variable", "mine/variable_1"]


def test_a_weight_has_the_layers_dtype_whatever_its_initializer_makes() -> None:
    asked = []

    def ones(shape: Any, dtype: Any) -> Any:
        asked.append(dtype)
        return np.ones(shape)  # float64

    for dtype in ("float32", "float64"):
        assert Layer(dtype=dtype).add_weight((2,), ones).dtype == dtype
    assert asked == ["float32", "float64"]


def test_weights_that_can_be_trained_come_first_and_the_others_are_never_thawed() -> None:
    layer = Layer()
    fixed = layer.add_weight((1,), trainable=False)
    first = layer.add_weight((1,))
    assert layer.weights == [first, fixed]
    layer.trainable = False
    assert layer.trainable_weights == []
    assert not first.trainable
    layer.trainable = True
    assert layer.trainable_weights == [first]
    assert (first.trainable, fixed.trainable) == (True, False)


def test_the_path_of_a_weight_names_each_layer_that_is_being_built() -> None:
    class Inner(Layer):
        def build(self, input_shape: Any) -> None:
            self.part = Layer(name="mine")  # another layer by the name of the outer one
            self.part.add_weight((1,), name="third")
            self.add_weight((1,), name="second")

    class Outer(Layer):
        def __init__(self) -> None:
            super().__init__(name="mine")
            self.inner = Inner(name="inner")

        def build(self, input_shape: Any) -> None:
            self.inner.build(input_shape)
            self.add_weight((1,), name="first")

    outer = Outer()
    outer.build((None, 2))
    paths = ["mine/first", "mine/inner/second", "mine/inner/mine/third"]
    assert [variable.path for variable in outer.weights] == paths


def test_layers_in_lists_and_dicts_belong_to_a_layer() -> None:
    outer, inner = Layer(), [Dense(1), Dense(2), Dense(3)]
    for layer in inner:
        layer.build((None, 1))
    outer.parts = {"a": inner[0], "b": [inner[1], (inner[2],)]}  # type: ignore[attr-defined]
    assert outer.weights == [weight for layer in inner for weight in layer.weights]


def test_a_model_that_cannot_be_made_leaves_the_layers_of_its_tensors_as_they_were() -> None:
    hidden = Dense(2)(Input((2,)))
    dense = Dense(2, name=f"{hidden.name}CLONE")  # the name of the InputLayer that is put there
    outputs = dense(hidden)
    with pytest.raises(ValueError, match="name"):
        Model(hidden, outputs)
    assert len(dense._inbound_nodes) == 1


# What Keras 3.15.1 prints.
@pytest.mark.parametrize(
    ("spec", "text"),
    [
        (InputSpec(), "InputSpec()"),
        (InputSpec(ndim=2), "InputSpec(ndim=2)"),
        (InputSpec(max_ndim=4, min_ndim=1), "InputSpec(max_ndim=4, min_ndim=1)"),
        (InputSpec(min_ndim=2, axes={-1: 3}), "InputSpec(min_ndim=2, axes={-1: 3})"),
        (InputSpec(shape=(None, 3)), "InputSpec(shape=(None, 3), ndim=2)"),
        (InputSpec(shape=(2, 3, 4), ndim=3), "InputSpec(shape=(2, 3, 4), ndim=3)"),
    ],
)
def test_an_input_spec_prints_what_is_asked_for(spec: InputSpec, text: str) -> None:
    assert repr(spec) == text


def test_each_thread_has_a_list_of_open_paths_of_its_own() -> None:
    elsewhere = Dense(2, name="elsewhere")

    class Inside(Layer):
        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.part = Dense(1, name="here")

        def call(self, inputs: Any) -> Any:
            thread = Thread(target=elsewhere, args=(inputs,))
            thread.start()
            thread.join()
            return self.part(inputs)

    layer = Inside(name="outer")
    layer(np.ones((1, 3), "float32"))
    assert layer.part.path == "outer/here"
    assert elsewhere.path == "elsewhere"


def test_a_variable_has_the_path_of_the_layer_that_is_being_built_and_is_its_weight() -> None:
    class Scale(Layer):
        def __init__(self) -> None:
            super().__init__(name="scale")
            self.more: list[Variable] = []

        def build(self, input_shape: Any) -> None:
            self.factor = Variable(np.ones(2), name="factor")
            self.more.append(Variable(np.ones(1), name="listed"))

    layer = Scale()
    layer.build((None, 2))
    assert [weight.path for weight in layer.weights] == ["scale/factor", "scale/listed"]
    del layer.factor
    assert [weight.path for weight in layer.weights] == ["scale/listed"]
    assert Variable(1.0, name="outside").path == "outside"


@pytest.mark.parametrize("part", [lambda: Variable(1.0), lambda: [Dense(1)]])
def test_a_layer_that_is_built_takes_no_more_parts(part: Any) -> None:
    dense = Dense(2)
    dense.first = part()  # type: ignore[attr-defined]
    dense.build((None, 2))
    with pytest.raises(ValueError, match=r"layer 'dense.*already built. Set `second` in"):
        dense.second = part()  # type: ignore[attr-defined]
    dense.first = dense.first  # type: ignore[attr-defined]
    dense.second = 3  # type: ignore[attr-defined]
    assert len(dense.weights) == (3 if isinstance(part(), Variable) else 2)


def test_a_layer_with_nothing_to_build_takes_no_parts_unless_a_subclass_builds_some() -> None:
    class Shifted(ReLU):
        def build(self, input_shape: Any) -> None:
            self.shift = Variable(np.ones(2), name="shift")

    for part in (Variable(1.0), Dense(1)):
        with pytest.raises(ValueError, match=r"already built. Set `part` in"):
            ReLU().part = part  # type: ignore[attr-defined]
    layer = Shifted()
    layer.build((None, 2))
    assert [weight.name for weight in layer.weights] == ["shift"]
    with pytest.raises(ValueError, match=r"already built. Set `other` in"):
        layer.other = Variable(1.0)  # type: ignore[attr-defined]


@pytest.mark.parametrize("shape", [(2,), ()])
def test_a_noise_shape_of_more_dimensions_than_the_inputs_is_refused(
    shape: tuple[int, ...],
) -> None:
    message = r"^Layer 'drop': `noise_shape` gives a mask of shape \([12], 1\), which does not"
    with pytest.raises(ValueError, match=message):
        Dropout(0.5, noise_shape=(None, 1), name="drop")(np.ones(shape, "float32"), training=True)
