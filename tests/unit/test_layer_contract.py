"""The six promises of the layer contract, for every layer and many configurations of each.

The promises are listed in the docstrings of `Layer.forward` and `Layer.backward`: a pure forward,
nothing written to, no memory between calls, gradients that may be the array that came, the dtype
that went in, and derivatives that a central difference confirms.
"""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

from minidense import Input, KerasTensor, Model, Sequential, config
from minidense.layers import (
    Activation,
    Dense,
    Dropout,
    Flatten,
    Layer,
    ReLU,
    Softmax,
)
from minidense.random.seeds import SeedGenerator


class Case(NamedTuple):
    """A layer in one configuration: how to make it in a dtype, and the shape of its inputs."""

    make: Callable[[str], Layer]
    shape: tuple[int, ...]
    training: bool = False


class Halve(Layer):
    """A user's own layer with a forward and a backward, and a weight."""

    def build(self, input_shape):
        self.scale = self.add_weight((input_shape[-1],), "glorot_uniform", name="scale")

    def forward(self, inputs, training):
        return inputs * self.scale.value / 2, inputs

    def backward(self, grad, saved, needs_input_grad):
        scale_grad = (grad * saved).reshape(-1, grad.shape[-1]).sum(axis=0) / 2
        return grad * self.scale.value / 2 if needs_input_grad else None, [scale_grad]


def sequential():
    return Sequential(
        [
            Input((2, 3)),
            Flatten(),
            Dense(5, activation="tanh"),
            Dropout(0.4, seed=3),
            Dense(4, activation="softmax"),
        ]
    )


def functional():
    """A model that uses one layer twice, and has a model inside."""
    inputs = Input((4,))
    shared = Dense(4, activation="sigmoid")
    inner = Sequential([Input((4,)), Dense(3), ReLU()])
    return Model(inputs, inner(shared(shared(inputs))))


def with_floatx(make: Callable[[], Model]) -> Callable[[str], Model]:
    """Let `floatx` decide a model's dtype: a model in a model casts what it takes to its own."""

    def make_in(dtype: str) -> Model:
        config.set_floatx(dtype)
        try:
            return make()
        finally:
            config.set_floatx("float32")

    return make_in


CASES = {
    **{
        f"Dense with {name}": Case(
            lambda dtype, name=name: Dense(3, activation=name, dtype=dtype), (4, 5)
        )
        for name in (None, "linear", "relu", "sigmoid", "tanh", "softmax")
    },
    "Dense without bias": Case(lambda dtype: Dense(3, "tanh", use_bias=False, dtype=dtype), (4, 5)),
    "Dense on rank 3": Case(lambda dtype: Dense(3, "tanh", dtype=dtype), (2, 3, 5)),
    "Dense on rank 4": Case(lambda dtype: Dense(3, "softmax", dtype=dtype), (2, 1, 3, 5)),
    "Dense on rank 5": Case(lambda dtype: Dense(2, dtype=dtype), (2, 2, 1, 2, 3)),
    "Dense on one row": Case(lambda dtype: Dense(1, "sigmoid", dtype=dtype), (1, 1)),
    "Dense on no rows": Case(lambda dtype: Dense(3, "softmax", dtype=dtype), (0, 5)),
    "Flatten": Case(lambda dtype: Flatten(dtype=dtype), (2, 3, 4)),
    "Flatten channels_first": Case(
        lambda dtype: Flatten("channels_first", dtype=dtype), (2, 3, 4, 2)
    ),
    "Flatten scalar rows": Case(lambda dtype: Flatten(dtype=dtype), (4,)),
    "Flatten scalar rows channels_first": Case(
        lambda dtype: Flatten("channels_first", dtype=dtype), (4,)
    ),
    "Flatten what is flat": Case(lambda dtype: Flatten(dtype=dtype), (2, 3)),
    "Flatten no rows": Case(lambda dtype: Flatten(dtype=dtype), (0, 3, 4)),
    **{
        f"Activation {name}": Case(lambda dtype, name=name: Activation(name, dtype=dtype), (3, 4))
        for name in ("linear", "relu", "sigmoid", "tanh", "softmax")
    },
    "Activation on a scalar": Case(lambda dtype: Activation("tanh", dtype=dtype), ()),
    "ReLU": Case(lambda dtype: ReLU(dtype=dtype), (3, 4)),
    "ReLU on a scalar": Case(lambda dtype: ReLU(7.0, 0.3, 0.2, dtype=dtype), ()),
    "ReLU with a slope": Case(lambda dtype: ReLU(negative_slope=0.3, dtype=dtype), (3, 4)),
    "ReLU with max_value": Case(lambda dtype: ReLU(max_value=0.5, dtype=dtype), (3, 4)),
    "ReLU with max_value 6": Case(lambda dtype: ReLU(max_value=6, dtype=dtype), (3, 4)),
    "ReLU with threshold": Case(lambda dtype: ReLU(threshold=0.4, dtype=dtype), (3, 4)),
    "ReLU with all": Case(lambda dtype: ReLU(0.9, 0.3, 0.4, dtype=dtype), (3, 4)),
    **{
        f"Softmax over {axis}": Case(lambda dtype, axis=axis: Softmax(axis, dtype=dtype), (2, 3, 4))
        for axis in (-1, 0, 1, [1], [1, 2], (0, -1), None)
    },
    "Dropout off": Case(lambda dtype: Dropout(0.4, seed=1, dtype=dtype), (3, 4)),
    "Dropout": Case(lambda dtype: Dropout(0.4, seed=1, dtype=dtype), (3, 4), True),
    "Dropout noise_shape": Case(
        lambda dtype: Dropout(0.4, (None, 1), seed=1, dtype=dtype), (3, 4), True
    ),
    "Dropout rate 0": Case(lambda dtype: Dropout(0, dtype=dtype), (3, 4), True),
    "Dropout on a scalar": Case(lambda dtype: Dropout(0.4, seed=2, dtype=dtype), (), True),
    "a user's layer": Case(lambda dtype: Halve(dtype=dtype), (3, 4)),
    "a Sequential": Case(with_floatx(sequential), (3, 2, 3)),
    "a Sequential in training": Case(with_floatx(sequential), (3, 2, 3), True),
    "a functional model": Case(with_floatx(functional), (3, 4)),
}

every_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
every_dtype = pytest.mark.parametrize("dtype", ["float32", "float64"])


# Helpers


def made(case: Case, dtype: str) -> tuple[Layer, Any, Any]:
    """Return a built layer, inputs, and a gradient of its outputs."""
    layer = case.make(dtype)
    if not layer.built:
        layer.build(case.shape)
    random = np.random.RandomState(5)
    layer.set_weights([random.normal(0, 0.7, weight.shape) for weight in layer.weights])
    output_shape = layer.compute_output_shape(case.shape)
    return layer, numbers(case.shape, dtype, 1), numbers(output_shape, dtype, 2)


def numbers(shape: tuple[int, ...], dtype: str, seed: int) -> Any:
    """Return normal numbers that may not be written to."""
    values = np.asarray(np.random.RandomState(seed).normal(0, 1, shape), dtype)
    values.flags.writeable = False
    return values


def seed_states(layer: Layer) -> list[Any]:
    """Return the states of all seed generators of a layer and of those inside."""
    return [variable for variable in layer.variables if variable.dtype == "int64"]


def rewind(layer: Layer) -> None:
    """Set the counters back, so that the next mask is the first again."""
    for state in seed_states(layer):
        state.assign([state.value[0], 0])


def arrays_in(saved: Any) -> list[Any]:
    """Return all arrays in nested lists and tuples: what a layer saved, or gave."""
    if isinstance(saved, np.ndarray):
        return [saved]
    if isinstance(saved, (list, tuple)):
        return [array for part in saved for array in arrays_in(part)]
    return []


def same_bits(left: Any, right: Any) -> bool:
    return all(
        one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
        for one, other in zip(arrays_in(left), arrays_in(right), strict=True)
    )


def copies(saved: Any) -> list[Any]:
    return [array.copy() for array in arrays_in(saved)]


def as_array(value: Any) -> Any:
    """Return a NumPy scalar as an array: functions of a scalar may give either."""
    return np.asarray(value)


STEP = 1e-5
"""The error of a central difference is about 1e-16 / STEP + STEP**2: here 1e-10."""


def worst_error(function: Callable[[], float], array: Any, derivative: Any) -> float:
    """Return the largest difference between a derivative and the central differences.

    Args:
        function: reads the array, and returns a number.
        array: what is moved, one element after the other, and put back.
        derivative: the derivative of the function in each element.
    """
    worst = 0.0
    for index in np.ndindex(array.shape):
        kept = array[index]
        array[index] = kept + STEP
        above = function()
        array[index] = kept - STEP
        below = function()
        array[index] = kept
        worst = max(worst, abs((above - below) / (2 * STEP) - derivative[index]))
    return worst


# The checker itself


@pytest.mark.parametrize("wrong_by", [0.0, 0.0005, -0.0005])
def test_the_gradient_checker_sees_a_derivative_that_is_wrong_by_a_twentieth_of_a_percent(wrong_by):
    x = np.random.RandomState(0).normal(0, 1, (3, 4))
    derivative = (1 - np.tanh(x) ** 2) * (1 + wrong_by)
    error = worst_error(lambda: float(np.tanh(x).sum()), x, derivative)
    assert (error < 1e-7) == (wrong_by == 0)


def test_the_gradient_checker_sees_one_wrong_element_among_many():
    x = np.random.RandomState(0).normal(0, 1, (20, 20))
    derivative = 2 * x
    derivative[7, 13] *= 1.0005
    assert worst_error(lambda: float((x * x).sum()), x, derivative) > 1e-7


def test_the_gradient_checker_puts_the_array_back():
    x = np.random.RandomState(0).normal(0, 1, (3, 4))
    before = x.copy()
    worst_error(lambda: float(x.sum()), x, np.ones_like(x))
    np.testing.assert_array_equal(x, before)


def test_a_dropout_that_drops_all_gives_zeros_and_has_no_gradient():
    layer, inputs = Dropout(1, seed=1), numbers((3, 4), "float32", 1)
    outputs, saved = layer.forward(inputs, training=True)
    assert outputs.dtype == inputs.dtype
    assert not outputs.any()
    assert layer.backward(outputs, saved, needs_input_grad=True) == (None, [])
    at_rest, nothing = layer.forward(inputs, training=False)
    assert at_rest is inputs
    assert layer.backward(inputs, nothing, needs_input_grad=True) == (inputs, [])


# Promise 1: forward is pure


@every_dtype
@every_case
def test_forward_gives_the_same_bits_again_and_moves_nothing_but_a_seed(case, dtype):
    layer, inputs, _ = made(case, dtype)
    weights = layer.get_weights()
    attributes = dict(vars(layer))
    first, saved = layer.forward(inputs, case.training)
    rewind(layer)
    again, saved_again = layer.forward(inputs, case.training)
    assert same_bits(as_array(first), as_array(again))
    assert same_bits(saved, saved_again)
    assert same_bits(weights, layer.get_weights())
    assert vars(layer) == attributes, "an attribute of the layer changed"


@every_case
def test_forward_moves_a_seed_on_by_one_in_training_only(case):
    layer, inputs, _ = made(case, "float32")
    layer.forward(inputs, False)
    assert all(state.value[1] == 0 for state in seed_states(layer))
    layer.forward(inputs, True)
    draws = 0 < getattr(layer, "rate", 0.5) < 1  # a rate of 1 needs no mask
    assert all(state.value[1] == draws for state in seed_states(layer))


# Promise 2: inputs, grad and saved are never written to


@every_dtype
@every_case
def test_inputs_grad_saved_and_weights_are_never_written_to(case, dtype):
    layer, inputs, grad = made(case, dtype)
    before = copies([inputs, grad, layer.get_weights()])
    for weight in layer.weights:
        weight.value.flags.writeable = False
    _, saved = layer.forward(inputs, case.training)
    saved_before = copies(saved)
    for array in arrays_in(saved):
        array.flags.writeable = False
    for needs_input_grad in (True, False):
        layer.backward(grad, saved, needs_input_grad)
    assert same_bits(before, [inputs, grad, layer.get_weights()])
    assert same_bits(saved_before, arrays_in(saved))


# Promise 3: nothing of a call is kept


@every_case
@pytest.mark.parametrize("order", [(0, 1), (1, 0), (0, 0, 1), (1, 0, 1)])
def test_two_forwards_then_backwards_in_any_order_each_give_their_own_result(case, order):
    layer, inputs, grad = made(case, "float32")
    batches = [inputs, numbers(case.shape, "float32", 7)]
    alone = []
    for batch in batches:
        _, saved = layer.forward(batch, case.training)
        alone.append(layer.backward(grad, saved, True))
    rewind(layer)
    saved = [layer.forward(batch, case.training)[1] for batch in batches]
    for index in order:
        assert same_bits(layer.backward(grad, saved[index], True), alone[index])


# Promise 4: input_grad may be grad, and weight_grads are fresh


@pytest.mark.parametrize("name", ["Flatten", "Dropout off", "Activation linear"])
def test_a_layer_that_computes_nothing_hands_the_gradient_on_uncopied(name):
    layer, inputs, grad = made(CASES[name], "float32")
    _, saved = layer.forward(inputs, False)
    input_grad, _ = layer.backward(grad, saved, True)
    assert np.shares_memory(input_grad, grad)


@every_case
def test_weight_grads_are_fresh_arrays_in_the_order_of_the_trainable_weights(case):
    layer, inputs, grad = made(case, "float32")
    outputs, saved = layer.forward(inputs, case.training)
    input_grad, weight_grads = layer.backward(grad, saved, True)
    assert [g.shape for g in weight_grads] == [w.shape for w in layer.trainable_weights]
    others = [inputs, grad, as_array(outputs), as_array(input_grad), *arrays_in(saved)]
    others += [weight.value for weight in layer.weights]
    for weight_grad in weight_grads:
        assert not any(np.shares_memory(weight_grad, other) for other in others)


@every_case
def test_the_weight_grads_are_the_same_when_nobody_needs_the_input_grad(case):
    layer, inputs, grad = made(case, "float32")
    _, saved = layer.forward(inputs, case.training)
    _, weight_grads = layer.backward(grad, saved, True)
    nothing, same_grads = layer.backward(grad, saved, False)
    assert nothing is None
    assert same_bits(weight_grads, same_grads)


def test_gradients_that_are_one_array_are_added_out_of_place():
    inputs = Input((3,))
    model = Model(inputs, [Dropout(0.5)(inputs), Activation("linear")(inputs), inputs])
    grad = numbers((2, 3), "float32", 1)
    _, saved = model.forward([numbers((2, 3), "float32", 2)], False)
    input_grad, _ = model.backward([grad, grad, grad], saved, True)
    np.testing.assert_allclose(input_grad, 3 * grad, rtol=2.0**-22)  # two sums, one product


# Promise 5: the dtype


@every_dtype
@every_case
def test_outputs_and_gradients_have_the_dtype_that_went_in(case, dtype):
    layer, inputs, grad = made(case, dtype)
    outputs, saved = layer.forward(inputs, case.training)
    input_grad, weight_grads = layer.backward(grad, saved, True)
    for array in (outputs, input_grad, *weight_grads):
        assert array.dtype == dtype
    assert input_grad.shape == inputs.shape
    assert layer(inputs, training=case.training).dtype == dtype


@every_case
def test_float64_is_computed_in_float64_throughout(case):
    """A float32 step inside would leave its rounding, 1e-8 and more, in what comes out."""
    double, inputs, _ = made(case, "float64")
    single = case.make("float32")
    if not single.built:
        single.build(case.shape)
    single.set_weights(double.get_weights())
    outputs, _ = double.forward(inputs, case.training)
    rounded, _ = single.forward(inputs.astype("float32"), case.training)
    if case.training and seed_states(double):
        return  # other bits make other masks
    np.testing.assert_allclose(rounded, outputs, rtol=1e-5, atol=1e-6)
    kept_as_is = isinstance(double, Dropout)
    assert kept_as_is or outputs.size == 0 or np.any(outputs != outputs.astype("float32"))


# Promise 6: the derivative


@every_case
def test_the_gradients_are_central_differences(case):
    layer, inputs, grad = made(case, "float64")
    inputs = inputs.copy()

    def weighted_sum() -> float:
        rewind(layer)
        return float((layer.forward(inputs, case.training)[0] * grad).sum())

    rewind(layer)
    _, saved = layer.forward(inputs.copy(), case.training)
    input_grad, weight_grads = layer.backward(grad, saved, True)
    assert worst_error(weighted_sum, inputs, as_array(input_grad)) < 1e-7
    for weight, weight_grad in zip(layer.trainable_weights, weight_grads, strict=True):
        assert worst_error(weighted_sum, weight.value, weight_grad) < 1e-7, weight.path


@pytest.mark.parametrize("name", ["Dense with softmax", "Activation sigmoid", "Softmax over -1"])
def test_backward_from_logits_is_backward_without_the_last_activation(name):
    layer, inputs, grad = made(CASES[name], "float64")
    step = layer.steps(KerasTensor(inputs.shape, "float64"))[-1]
    outputs, saved = step.forward(inputs, False)
    assert step.logits(inputs, saved) is inputs
    assert step.backward_from_logits(grad, saved, True)[0] is grad
    assert step.backward_from_logits(grad, saved, False)[0] is None
    assert outputs is not inputs


# The rest of the contract


@every_case
def test_compute_output_shape_agrees_with_the_outputs_and_works_before_build(case):
    layer, inputs, _ = made(case, "float32")
    expected = layer.forward(inputs, case.training)[0].shape
    fresh = layer if isinstance(layer, Halve) else case.make("float32")  # Halve has no formula
    assert fresh.compute_output_shape(case.shape) == expected
    if case.shape:  # the batch may be unknown
        assert fresh.compute_output_shape((None, *case.shape[1:])) == (None, *expected[1:])


@every_case
def test_a_symbolic_call_tells_the_shape_and_dtype_of_the_outputs(case):
    if not case.shape:
        return  # a symbolic tensor has a batch
    layer, inputs, _ = made(case, "float32")
    symbol = layer(Input(case.shape[1:], dtype="float32"))
    outputs = layer(inputs)
    assert isinstance(symbol, KerasTensor)
    assert symbol.shape[1:] == outputs.shape[1:]
    assert symbol.dtype == outputs.dtype


@every_case
def test_the_configuration_makes_an_equal_layer(case):
    layer, inputs, _ = made(case, "float32")
    if isinstance(layer, Model):
        return  # what makes models of configurations has tests of its own
    config = layer.get_config()
    twin = type(layer).from_config(json.loads(json.dumps(config)))
    assert json.dumps(twin.get_config()) == json.dumps(config)
    if not twin.built:
        twin.build(case.shape)
    twin.set_weights(layer.get_weights())
    rewind(layer)
    assert same_bits(
        as_array(layer(inputs, training=case.training)),
        as_array(twin(inputs, training=case.training)),
    )


def test_every_layer_of_the_package_is_in_the_battery():
    from minidense import layers

    public = {getattr(layers, name) for name in layers.__all__}
    are_layers = {cls for cls in public if isinstance(cls, type) and issubclass(cls, Layer)}
    tested = {type(case.make("float32")) for case in CASES.values()}
    assert are_layers - tested == {Layer, layers.InputLayer}  # the base; and one that has no call
    assert any(isinstance(value, SeedGenerator) for value in vars(Dropout(0.5)).values())
