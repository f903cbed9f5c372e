"""The layers by themselves: small numbers by hand, weights, own layers, and what is refused."""

import numpy as np
import pytest

from minidense import Input, Sequential
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


def ones(*shape):
    return np.ones(shape, "float32")


class Square(Layer):
    """A user's own layer that can be trained."""

    def forward(self, inputs, training):
        return inputs * inputs, inputs

    def backward(self, grad, saved, needs_input_grad):
        return 2 * saved * grad, []


# What each layer computes


def test_dense_on_rank_3_contracts_the_last_axis():
    layer = Dense(2, kernel_initializer="ones", bias_initializer="ones")
    assert layer(ones(4, 5, 3)).shape == (4, 5, 2)
    assert layer.kernel.shape == (3, 2)
    np.testing.assert_array_equal(layer(ones(1, 1, 3)), [[[4, 4]]])


def test_dense_gradients_by_hand():
    layer = Dense(1)
    layer.build((None, 2))
    layer.set_weights([[[2.0], [3.0]], [1.0]])
    outputs, saved = layer.forward(np.float32([[1, 10], [100, 1000]]), False)
    np.testing.assert_array_equal(outputs, [[33], [3201]])
    input_grad, (kernel_grad, bias_grad) = layer.backward(np.float32([[1], [2]]), saved, True)
    np.testing.assert_array_equal(input_grad, [[2, 3], [4, 6]])
    np.testing.assert_array_equal(kernel_grad, [[201], [2010]])
    np.testing.assert_array_equal(bias_grad, [3])


def test_a_frozen_dense_gives_an_input_grad_and_no_weight_grads():
    layer = Dense(2, trainable=False)
    layer.build((None, 3))
    _, saved = layer.forward(ones(4, 3), False)
    input_grad, weight_grads = layer.backward(ones(4, 2), saved, True)
    assert input_grad.shape == (4, 3)
    assert weight_grads == []


@pytest.mark.parametrize("frozen", ["kernel", "bias"])
def test_a_dense_with_one_frozen_weight_gives_the_gradient_of_the_other(frozen):
    layer = Dense(2)
    layer.build((None, 3))
    getattr(layer, frozen).trainable = False
    _, saved = layer.forward(ones(4, 3), False)
    _, (weight_grad,) = layer.backward(ones(4, 2), saved, False)
    assert weight_grad.shape == layer.trainable_weights[0].shape


@pytest.mark.parametrize("shape", [(0, 3), (2, 0), (0, 0), (0, 2, 0)])
def test_dense_without_rows_or_features_has_gradients_of_zeros(shape):
    layer = Dense(2)
    outputs = layer(np.zeros(shape, "float32"))
    _, saved = layer.forward(np.zeros(shape, "float32"), False)
    input_grad, (kernel_grad, bias_grad) = layer.backward(outputs, saved, True)
    assert input_grad.shape == shape
    assert kernel_grad.shape == (shape[-1], 2)
    np.testing.assert_array_equal(bias_grad, [0, 0])


def test_flatten_channels_first_puts_the_channels_last():
    inputs = np.arange(12).reshape(1, 2, 3, 2)
    rows = Flatten("channels_first")(inputs)
    np.testing.assert_array_equal(rows, [[0, 6, 1, 7, 2, 8, 3, 9, 4, 10, 5, 11]])
    assert rows.dtype == inputs.dtype


def test_flatten_makes_a_new_view_of_what_is_flat_already():
    inputs = ones(2, 3)
    outputs, _ = Flatten().forward(inputs, False)
    assert outputs is not inputs
    assert np.shares_memory(outputs, inputs)


def test_dropout_keeps_the_mean_and_drops_the_rate():
    outputs = Dropout(0.25, seed=1)(ones(1000, 100), training=True)
    assert abs(np.mean(outputs == 0) - 0.25) < 0.01  # 7 standard deviations
    np.testing.assert_array_equal(np.unique(outputs), np.float32([0, 4 / 3]))


def test_dropout_with_a_noise_shape_drops_whole_rows():
    outputs = Dropout(0.5, noise_shape=(None, 1), seed=1)(ones(50, 4), training=True)
    assert set(outputs.sum(axis=1)) == {0.0, 8.0}


def test_dropped_numbers_do_not_overflow():
    layer = Dropout(0.9, seed=1)
    keep = layer(ones(1, 50), training=True) > 0
    layer.seed_generator.state.assign([1, 0])
    inputs = np.where(keep, np.float32(1), np.float32(3e38))  # warnings are errors here
    np.testing.assert_array_equal(layer(inputs, training=True) > 0, keep)


@pytest.mark.parametrize("layer", [Dropout(0.5), Activation("linear"), Dropout(0)])
def test_a_layer_that_computes_nothing_returns_the_very_inputs(layer):
    inputs = ones(2, 3)
    assert layer.forward(inputs, False)[0] is inputs


def test_softmax_over_several_axes_leaves_no_logits():
    inputs = ones(2, 3)
    assert Softmax([0, 1]).logits(inputs, None) is None
    assert Softmax([1]).logits(inputs, None) is inputs
    assert Dense(2).logits(inputs, None) is None


# Own layers


def test_an_own_layer_with_forward_and_backward_can_be_trained():
    model = Sequential([Input((2,)), Dense(3), Square(), Dense(1)])
    model.compile(optimizer="sgd", loss="mse")
    losses = model.fit(ones(8, 2), ones(8, 1), epochs=3, verbose=0).history["loss"]
    assert losses[2] < losses[0]


def test_an_own_layer_with_only_a_call_can_predict_but_not_be_trained():
    class Double(Layer):
        def call(self, inputs):
            return 2 * inputs

    model = Sequential([Input((2,)), Dense(1), Double()])
    model.compile(optimizer="sgd", loss="mse")
    assert model.predict(ones(4, 2), verbose=0).shape == (4, 1)
    before = model.get_weights()
    with pytest.raises(NotImplementedError, match="has a `call` but no `backward`"):
        model.fit(ones(4, 2), ones(4, 1), verbose=0)
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_a_dense_with_an_overridden_call_does_not_learn_the_wrong_gradient():
    class Doubled(Dense):
        def call(self, inputs, training=None):
            return super().call(inputs) * 2

    model = Sequential([Input((2,)), Doubled(1)])
    model.compile(optimizer="sgd", loss="mse")
    with pytest.raises(NotImplementedError, match="Doubled has a `call` but no `backward`"):
        model.fit(ones(4, 2), ones(4, 1), verbose=0)


def test_a_build_that_fails_leaves_no_weights_behind():
    class Fails(Layer):
        fail = True

        def build(self, input_shape):
            self.add_weight((2,), name="kernel")
            if self.fail:
                raise ArithmeticError

    layer = Fails()
    with pytest.raises(ArithmeticError):
        layer.build((None, 2))
    assert layer.weights == []
    layer.fail = False
    layer.build((None, 2))
    assert len(layer.weights) == 1


def test_an_unbuilt_layer_without_a_formula_says_that_its_shape_is_not_known():
    class Own(Layer):
        def build(self, input_shape):
            self.scale = self.add_weight((2,), name="scale")

        def call(self, inputs):
            return inputs * self.scale.value

    with pytest.raises(NotImplementedError, match="Define `compute_output_shape"):
        Own().compute_output_shape((None, 2))
    layer = Own()
    layer.build((None, 2))
    assert layer.compute_output_shape((None, 2)) == (None, 2)


# Weights


def test_set_weights_takes_all_or_none():
    layer = Dense(2)
    layer.build((None, 3))
    before = layer.get_weights()
    with pytest.raises(ValueError, match=r"weight shape \(2,\) is not compatible"):
        layer.set_weights([ones(3, 2), ones(3)])
    with pytest.raises(TypeError, match="element 1 is no array of numbers"):
        layer.set_weights([ones(3, 2), "a"])
    with pytest.raises(ValueError, match="length 1, but the layer was expecting 2"):
        layer.set_weights([ones(3, 2)])
    for old, new in zip(before, layer.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_get_weights_returns_copies():
    layer = Dense(2, kernel_initializer="ones")
    layer.build((None, 3))
    layer.get_weights()[0][...] = 7
    np.testing.assert_array_equal(layer.kernel.numpy(), np.ones((3, 2)))


# What is refused

REFUSED = [
    (lambda: Dense(0), ValueError, "units"),
    (lambda: Dense(2.5), ValueError, "units"),
    (lambda: Dense(True), ValueError, "units"),
    (lambda: Dense(2, activation="nope"), ValueError, "nope"),
    (lambda: Dense(2, use_bias="no"), ValueError, "use_bias"),
    (lambda: Dense(2, trainable="no"), ValueError, "trainable"),
    (lambda: Dense(2, foo=1), ValueError, "foo"),
    (lambda: Dense(2, name="a/b"), ValueError, "name"),
    (lambda: Dense(2, kernel_regularizer="l2"), NotImplementedError, "kernel_regularizer"),
    (lambda: Dense(2, dtype="int32"), ValueError, "dtype"),
    (lambda: Dense(2)(ones(4)), ValueError, "min_ndim=2"),
    (lambda: Dense(2)(Input((None,))), ValueError, "fully-defined"),
    (lambda: Dense(2).build(None), ValueError, "input_shape"),
    (lambda: Dense(2).kernel, AttributeError, "must build"),
    (lambda: Dense(2)(ones(2, 3).astype("complex64")), ValueError, "complex"),
    (lambda: Dense(2)(np.array([[1, None]])), ValueError, "objects"),
    (lambda: Dense(2)([[1.0, 2.0]]), ValueError, "np.array"),
    (lambda: Dense(2)(ones(2, 3), ones(2, 3)), TypeError, "positional"),
    (lambda: Dense(2).count_params(), ValueError, "isn't built"),
    (lambda: Dense(2).output, AttributeError, "never been called"),
    (lambda: Dropout(-0.1), ValueError, "rate"),
    (lambda: Dropout(float("nan")), ValueError, "rate"),
    (lambda: Dropout(0.5, noise_shape=(0,)), ValueError, "noise_shape"),
    (lambda: Dropout(0.5, seed="a"), ValueError, "seed"),
    (lambda: Dropout(0.5, noise_shape=(3,))(ones(2, 2), training=True), ValueError, "noise_shape"),
    (lambda: Dropout(0.5)(np.ones((2, 2), int), training=True), ValueError, "floating"),
    (lambda: ReLU(-1), ValueError, "max_value"),
    (lambda: ReLU(negative_slope=None), ValueError, "negative_slope"),
    (lambda: ReLU(threshold=-1), ValueError, "threshold"),
    (lambda: Flatten("first"), ValueError, "data_format"),
    (lambda: Flatten()(np.float32(1)), ValueError, "min_ndim=1"),
    (lambda: Softmax(3)(ones(2, 2)), ValueError, "axis"),
    (lambda: Activation("nope"), ValueError, "nope"),
    (lambda: InputLayer((2,))(ones(1, 2)), TypeError, "takes no inputs"),
    (InputLayer, ValueError, "shape"),
    (lambda: InputLayer((-1,)), ValueError, "Negative"),
    (lambda: InputLayer((2,), batch_shape=(None, 2)), ValueError, "not both"),
    (lambda: InputSpec(ndim=2).check("here", (1, 2, 3)), ValueError, "ndim=2, found ndim=3"),
    (lambda: InputSpec(max_ndim=2).check("here", (1, 2, 3)), ValueError, "max_ndim=2"),
    (lambda: InputSpec(shape=(None, 2)).check("here", (1, 3)), ValueError, "value 2"),
]


@pytest.mark.parametrize(("call", "error", "fact"), REFUSED)
def test_a_bad_call_is_refused_with_the_fact_that_matters(call, error, fact):
    with pytest.raises(error, match=fact) as caught:
        call()
    assert len(str(caught.value)) <= 400


def test_an_input_takes_its_shape_as_a_tuple_a_list_or_an_array():
    for shape in ((28, 28), [28, 28], np.array([28, 28])):
        assert Input(shape).shape == (None, 28, 28)


def test_a_build_without_its_shape_names_the_layer_and_the_argument():
    dense = Dense(2)
    for _ in ("before it is built", "and after"):
        with pytest.raises(TypeError, match=r"Dense.build\(\): .*'input_shape'"):
            dense.build()
        dense(ones(1, 3))


def test_a_layer_that_is_built_refuses_another_last_axis_and_stays_as_it_was():
    layer = Dense(2)
    layer(ones(4, 3))
    before = layer.get_weights()
    with pytest.raises(ValueError, match=r"expected axis -1 .* value 3.*\(4, 5\)"):
        layer(ones(4, 5))
    for old, new in zip(before, layer.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize("argument", [{"input_shape": (3,)}, {"input_dim": 3}])
def test_an_input_shape_on_a_layer_works_with_a_warning(argument):
    with pytest.warns(UserWarning, match="Do not pass an `input_shape`"):
        layer = Dense(2, **argument)
    assert Sequential([layer]).output_shape == (None, 2)


@pytest.mark.parametrize("dtype", [">f4", "<f8", ">f8"])
def test_dropout_selects_numbers_in_any_order_of_bytes(dtype):
    inputs = np.arange(1, 41).reshape(5, 8).astype(dtype)
    outputs, mask = Dropout(0.5, seed=1, dtype="float64").forward(inputs, True)
    assert set(np.unique(mask)) == {-1, 0}
    assert np.array_equal(outputs, np.where(mask == -1, inputs * 2, 0))
