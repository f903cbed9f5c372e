"""Every layer against live Keras: the same weights give the same numbers, shapes and gradients."""

import random
import warnings

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minidense
from minidense import layers
from tests import record
from tests.reference_only import FLOATS
from tests.vjp import vjp
from tests.way_back import way_back

modest = settings(max_examples=40, deadline=None)  # the time is no part of the claim
activations = st.sampled_from([None, "linear", "relu", "sigmoid", "tanh", "softmax"])
seeds = st.integers(0, 2**31)

overflow = pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")
one_class = pytest.mark.filterwarnings("ignore:You are using a softmax over axis:UserWarning")

ROUNDING = {"float32": 1e-6, "float64": 2e-15}
"""Relative to the largest number that took part: sums added in another order, and TensorFlow's own
exp and tanh. Over 3,000 draws the worst outputs were off by 3.3e-7 and 1.1e-15."""

GRADIENT = 3
"""A derivative such as 1 - y * y doubles what y was off by, and is multiplied by inputs of up to 3
before it is summed: the worst gradients were off by 1.3e-6 and 2.1e-15."""


@pytest.fixture(autouse=True)
def _leave_the_seeds_as_they_were():
    state, numpy_state = random.getstate(), np.random.get_state()
    yield
    random.setstate(state)
    np.random.set_state(numpy_state)


def assert_close(ours, theirs, what, largest=0.0, code=""):
    """Compare shapes and dtypes exactly, and numbers relative to the largest that took part.

    For a gradient, `largest` is the largest number of the gradient that was passed back.
    """
    factor = GRADIENT if largest else 1
    theirs = np.asarray(theirs)
    largest = max(largest, float(np.max(np.abs(theirs), initial=0.0)))
    tolerance = factor * ROUNDING.get(str(theirs.dtype), 0) * largest  # whole numbers are equal
    record.close(what, theirs, ours, rtol=0, atol=tolerance, code=code)


def assert_same(ours, theirs, what, largest=0.0, code=""):
    """Compare everything exactly; NaN is NaN. 0.0 and -0.0 are told apart by the test that asks."""
    del largest
    record.close(f"{what}, equality", theirs, ours, rtol=0, code=code)


def gradients_of_keras(layer, inputs, grad, training):
    """Return outputs, the gradient of the inputs, and those of the weights."""
    outputs, [input_grad], weight_grads = vjp(
        lambda tensor: layer(tensor, training=training), [inputs], grad, layer.trainable_weights
    )
    return outputs, input_grad, weight_grads


def check_layer(name, arguments, inputs, *, training=False, compare=assert_close, seed=0):
    """Make both layers, give them the same weights, and compare all that they compute."""
    theirs = getattr(keras.layers, name)(**arguments)
    ours = getattr(layers, name)(**arguments)
    theirs.build(inputs.shape)
    if not ours.built:
        ours.build(inputs.shape)
    rng = np.random.default_rng(seed)
    weights = [rng.normal(0, 1, weight.shape).astype(weight.dtype) for weight in ours.weights]
    ours.set_weights(weights)
    theirs.set_weights(weights)
    assert tuple(ours.compute_output_shape(inputs.shape)) == tuple(
        theirs.compute_output_shape(inputs.shape)
    )
    grad = rng.normal(0, 1, ours.compute_output_shape(inputs.shape)).astype(inputs.dtype)
    outputs, input_grad, weight_grads = gradients_of_keras(theirs, inputs, grad, training)
    our_outputs, [our_input_grad], our_weight_grads = way_back(
        lambda tensor: ours(tensor, training=training), [inputs], grad, ours.trainable_weights
    )
    if our_input_grad is None:  # the outputs do not depend on the inputs: zeros, as in `vjp`
        our_input_grad = np.zeros_like(inputs)
    code = code_of(name, arguments, inputs, training, compare, seed)
    compare(np.asarray(our_outputs), outputs, f"{name}: outputs", code=code)
    # a softmax's gradient is a difference of numbers as large as these
    largest = float(np.max(np.abs(grad), initial=0.0))
    compare(np.asarray(our_input_grad), input_grad, f"{name}: input gradient", largest, code)
    for our_grad, their_grad in zip(our_weight_grads, weight_grads, strict=True):
        compare(our_grad, their_grad, f"{name}: weight gradients", largest, code)


def code_of(name, arguments, inputs, training, compare, seed):
    """Return the call of `check_layer` that compares this again."""
    shape, dtype = inputs.shape, str(inputs.dtype)
    made = f"np.array({inputs.tolist()}, {dtype!r}).reshape({shape})"
    if inputs.size > 200:
        made = f"normal({shape}, {dtype!r}, {seed})  # if the test makes no other ones"
    return (
        "from numpy import inf, nan\n"
        "from tests.layers.test_layers_parity import *\n"
        f"inputs = {made}\n"
        f"check_layer({name!r}, {arguments}, inputs, training={training}, "
        f"compare={compare.__name__}, seed={seed})"
    )


def normal(shape, dtype="float32", seed=0):
    return np.asarray(np.random.default_rng(seed).normal(0, 1, shape), dtype)


shapes = st.lists(st.integers(0, 5), min_size=1, max_size=5).map(tuple)
shapes_of_rank_2_up = st.lists(st.integers(0, 5), min_size=2, max_size=5).map(tuple)
dtypes = st.sampled_from(["float32", "float64"])
floats = st.sampled_from(FLOATS)


# Dense


@one_class
@modest
@given(shape=shapes_of_rank_2_up, units=st.integers(1, 5), activation=activations,
       use_bias=st.booleans(), dtype=floats, seed=seeds)  # fmt: skip
def test_dense_computes_what_keras_computes_on_any_rank(
    shape, units, activation, use_bias, dtype, seed
):
    arguments = {
        "units": units,
        "activation": activation,
        "use_bias": use_bias,
        "dtype": dtype,
    }
    check_layer("Dense", arguments, normal(shape, dtype, seed), seed=seed)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_dense_of_the_size_of_mnist_differs_by_the_order_of_its_sums_only(dtype):
    """Sums of 784 terms: off by 5.1e-7 and 1.0e-15."""
    arguments = {"units": 128, "activation": "relu", "dtype": dtype}
    check_layer("Dense", arguments, normal((32, 784), dtype))


def test_a_seed_makes_kerass_initial_weights():
    weights = []
    for library in (keras, minidense):
        library.utils.set_random_seed(11)
        layer = library.layers.Dense(7, bias_initializer="random_uniform")
        layer.build((None, 5))
        weights.append(layer.get_weights())
    for theirs, ours in zip(*weights, strict=True):
        assert_same(ours, theirs, "Dense: initial weights")


# Layers without weights


@modest
@given(shape=shapes, dtype=dtypes, data_format=st.sampled_from([None, "channels_first"]))
def test_flatten_moves_the_same_numbers_to_the_same_places(shape, dtype, data_format):
    inputs = normal(shape, dtype)
    check_layer(
        "Flatten", {"data_format": data_format, "dtype": dtype}, inputs, compare=assert_same
    )


@one_class
@modest
@given(shape=shapes, dtype=floats, activation=activations.filter(lambda name: name), seed=seeds)
def test_activation_computes_what_keras_computes(shape, dtype, activation, seed):
    check_layer(
        "Activation", {"activation": activation, "dtype": dtype}, normal(shape, dtype, seed)
    )


@one_class
@modest
@given(shape=shapes, dtype=dtypes, data=st.data())
def test_softmax_sums_to_one_over_kerass_axes(shape, dtype, data):
    axis_of_the_shape = st.integers(-len(shape), len(shape) - 1)
    several = st.lists(st.integers(0, len(shape) - 1), min_size=1, max_size=len(shape), unique=True)
    axis = data.draw(st.one_of(axis_of_the_shape, several, several.map(tuple), st.none()))
    check_layer("Softmax", {"axis": axis, "dtype": dtype}, 3 * normal(shape, dtype))


slopes = st.sampled_from([0, 0.0, 0.1, 0.5, 1, 2.0])
limits = st.sampled_from([None, 0, 0.7, 1, 2.0, 6, 6.0])
thresholds = st.sampled_from([0, 0.0, 0.3, 1, 1.5, 6.0, 8.0])
KINKS = [0.0, 0.3, 0.7, 1.0, 1.5, 2.0, 6.0, 8.0]
NEAR_KINKS = [near for x in KINKS for near in (x, np.nextafter(np.float32(x), 9), x - 0.01, -x)]
AROUND_KINKS = np.array(
    # TensorFlow takes a number below 1.2e-38 for zero; NumPy does not
    [x for x in NEAR_KINKS if x == 0 or abs(x) > 1.2e-38] + [np.inf, -np.inf, np.nan, 3e38, -3e38]
)


@overflow
@modest
@given(negative_slope=slopes, max_value=limits, threshold=thresholds, dtype=floats)
def test_relu_is_exactly_kerass_at_its_kinks_too(negative_slope, max_value, threshold, dtype):
    arguments = {
        "negative_slope": negative_slope,
        "max_value": max_value,
        "threshold": threshold,
        "dtype": dtype,
    }
    check_layer("ReLU", arguments, AROUND_KINKS.astype(dtype)[None], compare=assert_same)


@pytest.mark.parametrize(
    ("arguments", "x", "slope"),
    [
        ({}, 0.0, 0.0),
        ({"max_value": 6}, 6.0, 0.0),  # relu6, a kernel of its own
        ({"max_value": 5}, 5.0, 1.0),
        ({"max_value": 6, "threshold": 1.0}, 6.0, 1.0),
        ({"threshold": 1.0}, 1.0, 0.0),
        ({"negative_slope": 0.5}, 0.0, 0.5),  # leaky_relu, a kernel of its own
        ({"negative_slope": 0.5, "max_value": 5.0}, 0.0, 0.0),
        ({"negative_slope": 0.5, "threshold": 1.0}, 1.0, 0.0),
    ],
)
def test_relu_takes_tensorflows_side_at_each_kink(arguments, x, slope):
    inputs = np.float32([[x]])
    check_layer("ReLU", arguments, inputs, compare=assert_same)
    ours = layers.ReLU(**arguments)
    input_grad = way_back(ours, [inputs]).input_grads[0]
    assert input_grad == slope


# Dropout


@modest
@given(rate=st.one_of(st.floats(0, 1), st.sampled_from([0, 1, 0.5])), seed=seeds, dtype=dtypes,
       shape=shapes, data=st.data())  # fmt: skip
def test_dropout_drops_the_same_numbers_in_each_of_several_calls(rate, seed, dtype, shape, data):
    masks = st.tuples(*[st.sampled_from([None, 1, size or None]) for size in shape])
    noise_shape = data.draw(st.one_of(st.none(), masks))
    arguments = {"rate": rate, "seed": seed, "noise_shape": noise_shape, "dtype": dtype}
    theirs, ours = keras.layers.Dropout(**arguments), layers.Dropout(**arguments)
    inputs = normal(shape, dtype)
    for training in (True, False, True, None, True):
        their_outputs = np.asarray(theirs(inputs, training=training))
        code = f"keras.layers.Dropout(**{arguments})(inputs of shape {shape}, {training=})"
        assert_same(ours(inputs, training=training), their_outputs, "Dropout: masks", code=code)


@pytest.mark.parametrize("rate", [0, 0.3, 1.0])
@pytest.mark.parametrize("noise_shape", [None, (None, 1), (4,)])
def test_dropouts_gradient_goes_where_its_numbers_went(rate, noise_shape):
    arguments = {"rate": rate, "noise_shape": noise_shape, "seed": 5}
    check_layer("Dropout", arguments, normal((3, 4)), training=True, compare=assert_same)


@pytest.mark.parametrize("after", [0, 1])
def test_where_all_is_dropped_no_weight_before_it_has_a_gradient(after):
    outcomes = []
    for k in (keras, minidense):
        model = k.Sequential([k.Input((3,)), k.layers.Dense(2), k.layers.Dropout(1.0)])
        for _ in range(after):
            model.add(k.layers.Dense(2))
        model.compile("sgd", "mse")
        before = model.get_weights()
        refused = ""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                model.fit(normal((4, 3)), normal((4, 2)), verbose=0)
            except ValueError as error:
                refused = type(error).__name__
        warned = any("gradient" in str(each.message).lower() for each in caught)
        learned = [
            not np.array_equal(*pair) for pair in zip(before, model.get_weights(), strict=True)
        ]
        outcomes.append((refused, warned, learned[:2], any(learned[2:])))
    record.same("Dropout: a rate of 1 in training", *outcomes)
    assert outcomes[1][:2] == (("ValueError", False), ("", True))[after]


@overflow
def test_dropout_drops_nan_and_infinity_like_any_number():
    inputs = np.float32([[np.nan, np.inf, -np.inf, -0.0, 3e38, 1.0] * 4])
    theirs, ours = keras.layers.Dropout(0.5, seed=2), layers.Dropout(0.5, seed=2)
    assert_same(ours(inputs, training=True), theirs(inputs, training=True), "Dropout: odd numbers")


# Odd numbers


ODD = np.float32(
    [[np.nan, 1.0], [np.inf, 1.0], [-np.inf, 1.0], [-0.0, 0.0], [3e38, -3e38], [88.8, -88.8],
     [104.0, -104.0], [-np.inf, -np.inf], [np.inf, np.inf]]
)  # fmt: skip


@pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")
@overflow
@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        *[("Activation", {"activation": a}) for a in ("linear", "relu", "sigmoid", "tanh")],
        ("Activation", {"activation": "softmax"}),
        ("Softmax", {"axis": [0, 1]}),
        ("ReLU", {"negative_slope": 0.5}),
        ("Flatten", {}),
    ],
    ids=str,
)
def test_nan_infinities_and_huge_numbers_come_out_as_in_keras(name, arguments):
    theirs = np.array(getattr(keras.layers, name)(**arguments)(ODD))
    ours = np.array(getattr(layers, name)(**arguments)(ODD))
    if name == "Softmax":
        # 18 numbers with NaN among them: oneDNN's lanes disagree on the largest, and spread NaN
        # to places where it is 0 here
        spread = np.isnan(theirs) & ~np.isnan(ours)
        assert (ours[spread] == 0).all()
        theirs[spread] = 0
    what = f"{name}: odd numbers"
    record.close(what, theirs, ours, rtol=1e-6, atol=1.2e-38)  # subnormals are 0 there
    if name != "Activation" or arguments["activation"] in ("linear", "tanh"):
        finite = ~np.isnan(theirs)
        np.testing.assert_array_equal(np.signbit(ours[finite]), np.signbit(theirs[finite]))


@pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")
def test_a_dense_layer_spreads_nan_and_infinity_as_keras_does():
    theirs = keras.layers.Dense(3, kernel_initializer="ones")
    ours = layers.Dense(3, kernel_initializer="ones")
    assert_same(ours(ODD), np.asarray(theirs(ODD)), "Dense: odd numbers")


def test_subnormal_numbers_are_kept_where_tensorflow_may_flush_them():
    """The one known difference of numbers: below 1.2e-38 TensorFlow's kernels may give 0."""
    tiny = np.float32([[1e-40, -1e-40]])
    np.testing.assert_allclose(
        layers.ReLU(negative_slope=0.5)(tiny),
        np.asarray(keras.layers.ReLU(negative_slope=0.5)(tiny)),
        atol=1.2e-38,
    )
    assert layers.ReLU()(tiny)[0, 0] == np.float32(1e-40)


# Dtypes


EVERY_DTYPE = ["bool", "uint8", "int8", "int32", "int64", "float16", "float32", "float64"]


@pytest.mark.parametrize("layer_dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("name", "arguments", "training"),
    [
        ("Dense", {"units": 2, "kernel_initializer": "ones"}, False),
        ("Flatten", {}, False),
        ("Dropout", {"rate": 0.5, "seed": 1}, False),
        ("Dropout", {"rate": 0.5, "seed": 1}, True),
        ("ReLU", {}, False),
        ("ReLU", {"negative_slope": 0.5}, False),
        ("ReLU", {"negative_slope": 0.5, "max_value": 2}, False),
        ("ReLU", {"max_value": 2}, False),
        ("ReLU", {"max_value": 6}, False),
        ("ReLU", {"threshold": 1.5}, False),
        ("Softmax", {}, False),
        ("Softmax", {"axis": [0, 1]}, False),
        *[
            ("Activation", {"activation": activation}, False)
            for activation in ("linear", "relu", "tanh", "sigmoid", "softmax")
        ],
    ],
    ids=str,
)
def test_each_dtype_comes_out_as_in_keras_or_raises_in_both(name, arguments, training, layer_dtype):
    arguments = {**arguments, "dtype": layer_dtype}
    for dtype in EVERY_DTYPE:
        inputs = np.array([[0, 1, 2, 7], [1, 3, 6, 9]]).astype(dtype)
        ours, theirs = (
            attempt(lambda made=made, x=inputs: made(**arguments)(x, training=training))
            for made in (getattr(layers, name), getattr(keras.layers, name))
        )
        code = f"keras.layers.{name}(**{arguments})(np.array({inputs.tolist()}, {dtype!r}))"
        taken, ours_taken = (isinstance(each, np.ndarray) for each in (theirs, ours))
        what = f"{name}: dtypes that are taken"
        record.same(what, f"{dtype}: {taken}", f"{dtype}: {ours_taken}", code=code)
        if taken and ours_taken:
            assert_close(ours, theirs, f"{name}: every dtype", code=code)


def attempt(call):
    try:
        return np.asarray(call())
    except Exception as error:
        return type(error)


# Shapes and configurations


@modest
@given(shape=st.lists(st.none() | st.integers(0, 5), min_size=2, max_size=5).map(tuple))
def test_output_shapes_are_kerass_where_dimensions_are_not_known(shape):
    for name, arguments in [
        ("Dense", {"units": 3}),
        ("Flatten", {}),
        ("Flatten", {"data_format": "channels_first"}),
        ("ReLU", {}),
        ("Softmax", {}),
        ("Dropout", {"rate": 0.5}),
        ("Activation", {"activation": "relu"}),
    ]:
        ours = getattr(layers, name)(**arguments).compute_output_shape(shape)
        theirs = getattr(keras.layers, name)(**arguments).compute_output_shape(shape)
        record.same(f"{name}: compute_output_shape", tuple(theirs), ours)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("Dense", {"units": 3}),
        ("Dense", {"units": 3, "activation": "softmax", "use_bias": False, "dtype": "float64"}),
        ("Dense", {"units": 3, "kernel_initializer": "zeros", "trainable": False}),
        ("Dense", {"units": 3, "bias_initializer": "ones", "activation": "relu"}),
        ("Flatten", {}),
        ("Flatten", {"data_format": "channels_first"}),
        *[
            ("Activation", {"activation": a})
            for a in ("linear", "relu", "sigmoid", "tanh", "softmax")
        ],
        ("ReLU", {}),
        ("ReLU", {"max_value": 6, "negative_slope": 0.1, "threshold": 2}),
        ("Softmax", {}),
        ("Softmax", {"axis": [0, 1]}),
        ("Dropout", {"rate": 0.5}),
        ("Dropout", {"rate": 1, "seed": 3, "noise_shape": [None, 1]}),
        ("InputLayer", {"shape": (4,)}),
        ("InputLayer", {"shape": [2, None], "batch_size": 5, "dtype": "int32"}),
        ("InputLayer", {"batch_shape": (None, 2)}),
    ],
    ids=str,
)
def test_configurations_are_kerass_key_by_key_and_make_layers_in_both(name, arguments):
    ours = getattr(layers, name)(**arguments, name="here")
    theirs = getattr(keras.layers, name)(**arguments, name="here")
    config, keras_config = ours.get_config(), theirs.get_config()
    record.same(f"{name}: get_config", keras_config, config)
    assert type(ours).from_config(keras_config).get_config() == config
    assert type(theirs).from_config(config).get_config() == keras_config
