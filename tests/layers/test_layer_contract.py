"""What every layer promises, in many configurations of each.

A pure call, nothing written to, the same bits from a program as from the operations one by one, the
dtype that went in, and derivatives that a central difference confirms.
"""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

from minidense import Input, KerasTensor, Model, Sequential, config
from minidense.engine.function import Function
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
from minidense.utils import clear_session
from tests.vjp import WayBack
from tests.way_back import way_back


class Case(NamedTuple):
    """A layer in one configuration: how to make it in a dtype, and the shape of its inputs."""

    make: Callable[[str], Layer]
    shape: tuple[int, ...]
    training: bool = False


class Halve(Layer):
    """A user's own layer with a weight and a formula."""

    def build(self, input_shape):
        self.scale = self.add_weight((input_shape[-1],), "glorot_uniform", name="scale")

    def call(self, inputs):
        return inputs * self.scale / 2

    def compute_output_shape(self, input_shape):
        return input_shape


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
        clear_session()  # the first layer after it decides which dtype layers have
        config.set_floatx(dtype)
        try:
            return make()
        finally:
            config.set_floatx("float32")
            clear_session()

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
        state.assign([state.numpy()[0], 0])


def same_bits(left: Any, right: Any) -> bool:
    return all(
        one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
        for one, other in zip(left, right, strict=True)
    )


def back(layer: Layer, inputs: Any, grad: Any, training: bool) -> WayBack:
    """Return the outputs, the gradient of the inputs, and those of the trainable weights."""
    return way_back(lambda x: layer(x, training=training), [inputs], grad, layer.trainable_weights)


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
    outputs, [input_grad], _ = back(layer, inputs, inputs, True)
    assert outputs.dtype == inputs.dtype
    assert not outputs.any()
    assert input_grad is None
    at_rest, [input_grad], _ = back(layer, inputs, inputs, False)
    np.testing.assert_array_equal(at_rest, inputs)
    np.testing.assert_array_equal(input_grad, inputs)


# A call is pure


@every_dtype
@every_case
def test_a_call_gives_the_same_bits_again_and_moves_nothing_but_a_seed(case, dtype):
    layer, inputs, _ = made(case, dtype)
    weights = layer.get_weights()
    first = layer(inputs, training=case.training)
    attributes = dict(vars(layer))
    rewind(layer)
    again = layer(inputs, training=case.training)
    assert same_bits([first], [again])
    assert same_bits(weights, layer.get_weights())
    assert vars(layer) == attributes, "an attribute of the layer changed"


@every_case
def test_a_call_moves_a_seed_on_by_one_in_training_only(case):
    layer, inputs, _ = made(case, "float32")
    layer(inputs, training=False)
    assert all(state.numpy()[1] == 0 for state in seed_states(layer))
    layer(inputs, training=True)
    draws = 0 < getattr(layer, "rate", 0.5) < 1  # a rate of 1 needs no mask
    assert all(state.numpy()[1] == draws for state in seed_states(layer))


@every_dtype
@every_case
def test_inputs_gradients_and_weights_are_never_written_to(case, dtype):
    layer, inputs, grad = made(case, dtype)
    given = [inputs, grad, *layer.get_weights()]
    before = [array.copy() for array in given]
    back(layer, inputs, grad, case.training)
    assert same_bits(before, [inputs, grad, *layer.get_weights()])


@every_case
def test_outputs_share_no_memory_with_what_can_be_written_to(case):
    layer, inputs, _ = made(case, "float32")
    outputs = layer(inputs, training=case.training)
    for array in (inputs, *(weight.memory for weight in layer.weights)):
        assert not np.may_share_memory(outputs, array)
    assert not outputs.flags.writeable


# A program gives the bits of the operations one by one


@pytest.mark.filterwarnings("ignore:You are using a softmax over axis")  # one row is left
@every_dtype
@every_case
def test_a_program_gives_the_bits_of_the_calls_one_by_one_for_any_number_of_rows(case, dtype):
    if not case.shape:
        return  # no rows
    layer, _, _ = made(case, dtype)
    function = Function(lambda x: layer(x, training=case.training), in_graph=False)
    for seed, less in enumerate((0, 0, 0, 1, 1, 0)):
        rows = max(0, case.shape[0] - less)
        batch = numbers((rows, *case.shape[1:]), dtype, seed)
        rewind(layer)
        wanted = layer(batch, training=case.training)
        rewind(layer)
        assert same_bits([function(batch)], [wanted])


# The dtype


@every_dtype
@every_case
def test_outputs_and_gradients_have_the_dtype_that_went_in(case, dtype):
    layer, inputs, grad = made(case, dtype)
    outputs, [input_grad], weight_grads = back(layer, inputs, grad, case.training)
    for array in (outputs, input_grad, *weight_grads):
        assert array.dtype == dtype
    assert input_grad.shape == inputs.shape
    assert [each.shape for each in weight_grads] == [w.shape for w in layer.trainable_weights]


@every_case
def test_float64_is_computed_in_float64_throughout(case):
    """A float32 step inside would leave its rounding, 1e-8 and more, in what comes out."""
    double, inputs, _ = made(case, "float64")
    single = case.make("float32")
    if not single.built:
        single.build(case.shape)
    single.set_weights(double.get_weights())
    outputs = double(inputs, training=case.training)
    rounded = single(inputs.astype("float32"), training=case.training)
    if case.training and seed_states(double):
        return  # other bits make other masks
    np.testing.assert_allclose(rounded, outputs, rtol=1e-5, atol=1e-6)
    kept_as_is = isinstance(double, Dropout)
    wide = np.asarray(outputs)
    assert kept_as_is or wide.size == 0 or np.any(wide != wide.astype("float32"))


# The derivative


@every_case
def test_the_gradients_are_central_differences(case):
    layer, inputs, grad = made(case, "float64")
    inputs = inputs.copy()

    def weighted_sum() -> float:
        rewind(layer)
        return float((np.asarray(layer(inputs, training=case.training)) * grad).sum())

    rewind(layer)
    _, [input_grad], weight_grads = back(layer, inputs.copy(), grad, case.training)
    assert worst_error(weighted_sum, inputs, np.asarray(input_grad)) < 1e-7
    for weight, weight_grad in zip(layer.trainable_weights, weight_grads, strict=True):
        assert worst_error(weighted_sum, weight.memory, np.asarray(weight_grad)) < 1e-7, weight.path


def test_a_layer_that_is_called_twice_gets_the_sum_of_both_gradients():
    layer = Dense(2, use_bias=False)
    layer.build((None, 2))
    x = numbers((3, 2), "float64", 1).astype("float32")
    once = way_back(layer, [x], None, layer.trainable_weights)
    twice = way_back(lambda x: layer(x) + layer(x), [x], None, layer.trainable_weights)
    np.testing.assert_array_equal(twice.variable_grads[0], 2 * once.variable_grads[0])


# The rest of the contract


@every_case
def test_compute_output_shape_agrees_with_the_outputs_and_works_before_build(case):
    layer, inputs, _ = made(case, "float32")
    expected = layer(inputs, training=case.training).shape
    fresh = case.make("float32")
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
    outputs = layer(inputs, training=case.training)
    assert same_bits([outputs], [twin(inputs, training=case.training)])


def test_every_layer_of_the_package_is_in_the_battery():
    from minidense import layers

    public = {getattr(layers, name) for name in layers.__all__}
    are_layers = {cls for cls in public if isinstance(cls, type) and issubclass(cls, Layer)}
    tested = {type(case.make("float32")) for case in CASES.values()}
    assert are_layers - tested == {Layer, layers.InputLayer}  # the base; and one that has no call
    assert any(isinstance(value, SeedGenerator) for value in vars(Dropout(0.5)).values())
