"""The activation functions against live Keras, alone and in both float types."""

import copy
import inspect

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minidense
from minidense import activations, ops
from minidense.engine.tape import Tape
from tests import record
from tests.in_both import attempt, in_both
from tests.in_both import rows as fixed_rows
from tests.reference_only import FLOATS
from tests.vjp import vjp

NAMES = ["linear", "relu", "sigmoid", "tanh", "softmax"]

OTHERS = ["celu", "elu", "exponential", "gelu", "glu", "hard_shrink", "hard_sigmoid", "hard_silu"]
OTHERS += ["hard_swish", "hard_tanh", "leaky_relu", "log_sigmoid", "log_softmax", "mish", "relu6"]
OTHERS += ["selu", "silu", "soft_shrink", "softplus", "softsign", "sparse_plus", "sparse_sigmoid"]
OTHERS += ["squareplus", "swish", "tanh_shrink"]
"""All that take nothing but x; `threshold` takes more."""

TOLERANCE = {"float32": 1e-6, "float64": 3e-15}
"""TensorFlow has an exp and a tanh of its own. Over 12,000 rows the worst outputs were off by
3.0e-7 and 7.8e-16, both of tanh, and its derivative 1 - y * y by twice that."""

numbers = st.floats(-100, 100, width=32).filter(lambda x: x == 0 or abs(x) > 1e-30)
rows = st.lists(numbers, min_size=2, max_size=9)
dtypes = st.sampled_from(["float32", "float64"])
modest = settings(max_examples=60, deadline=None)  # the time is no part of the claim


def gradient_of_keras(name, x, grad):
    outputs, [input_grad], _ = vjp(getattr(keras.activations, name), [x], grad)
    return outputs, input_grad


@pytest.mark.parametrize("name", NAMES)
@modest
@given(row=rows, dtype=st.sampled_from(FLOATS))
def test_functions_and_their_derivatives_are_kerass(name, row, dtype):
    x = np.array([row], dtype)
    grad = np.cos(np.arange(x.size)).reshape(x.shape).astype(dtype)
    theirs, their_grad = gradient_of_keras(name, x, grad)
    inputs = ops.convert_to_tensor(x)
    with Tape() as tape:
        ours = activations.get(name)(inputs)
        product = ops.sum(ours * grad)
    our_grad = tape.gradients(product, [inputs])[0]
    scale = np.max(np.abs(x)) if name in ("linear", "relu") else 1
    tolerance = {"rtol": 0.0, "atol": float(TOLERANCE[dtype] * scale)}
    code = f"keras.activations.{name}(np.array([{row}], {dtype!r}))"
    record.close(f"activations: {name}", theirs, ours, **tolerance, code=code)
    code += f"  # and its gradient, for {grad.tolist()} passed back"
    record.close(f"activations: gradient of {name}", their_grad, our_grad, **tolerance, code=code)


@pytest.mark.parametrize("name", OTHERS)
@settings(max_examples=12, deadline=None)
@given(row=st.lists(numbers, min_size=4, max_size=4), dtype=st.sampled_from(FLOATS))
def test_the_other_functions_and_their_derivatives_are_kerass(name, row, dtype):
    x = np.clip(np.array([row], dtype), -20, 20)
    grad = np.cos(np.arange(x.size)).reshape(x.shape).astype(dtype)
    grad = grad[:, :2] if name == "glu" else grad
    theirs, their_grad = gradient_of_keras(name, x, grad)
    inputs = ops.convert_to_tensor(x)
    with Tape() as tape:
        ours = activations.get(name)(inputs)
        product = ops.sum(ours * grad)
    our_grad = tape.gradients(product, [inputs])[0]
    for what, wanted, found in (("", theirs, ours), ("gradient of ", their_grad, our_grad)):
        # as exact as the largest number: in gelu's gradient it is the square of x, in mish's x,
        # beside 1 - tanh(...) ** 2, which is as exact as 1
        largest = {"gelu": 400, "mish": 20}.get(name, 1) if what else 1
        scale = max(largest, np.max(np.abs(wanted)))
        tolerance = {"rtol": 0.0, "atol": float(TOLERANCE[dtype] * scale)}
        record.close(f"activations: {what}{name}", wanted, found, **tolerance)


@pytest.mark.parametrize("name", ["linear", "relu"])
@modest
@given(row=rows, dtype=dtypes)
def test_linear_and_relu_are_exactly_kerass(name, row, dtype):
    x = np.array([row], dtype)
    theirs = np.asarray(getattr(keras.activations, name)(x))
    ours = getattr(activations, name)(x)
    code = f"keras.activations.{name}(np.array([{row}], {dtype!r}))"
    record.close(f"activations: {name}, equality", theirs, ours, rtol=0, code=code)
    if name == "linear":  # the sign of relu(-0.0) depends on the lane of the processor, in both
        np.testing.assert_array_equal(np.signbit(ours), np.signbit(theirs))


@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_small_probabilities_keep_their_relative_precision(name, dtype):
    """A loss takes the logarithm of them: 1e-20 must not be off by its own size."""
    x = np.linspace(-80, 80, 1601).astype(dtype)
    theirs = np.asarray(getattr(keras.activations, name)(x))
    record.close(
        f"activations: {name}, small numbers",
        theirs,
        getattr(activations, name)(x),
        rtol=1e-6 if dtype == "float32" else 1e-14,
        code=f"keras.activations.{name}(np.linspace(-80, 80, 1601).astype({dtype!r}))",
    )


def test_softmax_of_small_probabilities_keeps_their_relative_precision():
    x = np.linspace(-80, 0, 401).astype("float32").reshape(1, -1)
    theirs = np.asarray(keras.activations.softmax(x))
    record.close("activations: softmax, small numbers", theirs, activations.softmax(x), rtol=1e-6)


relu_arguments = st.fixed_dictionaries(
    {
        "negative_slope": st.sampled_from([0.0, 0.1, 0.3, 1.0]),
        "max_value": st.sampled_from([None, 0.7, 6, 6.0, 50.0]),
        "threshold": st.sampled_from([0, 0.3, 1.5, 10]),
    }
)


@modest
@given(row=rows, arguments=relu_arguments, dtype=st.sampled_from(FLOATS))
def test_relu_with_arguments_is_exactly_kerass(row, arguments, dtype):
    x = np.array([row], dtype)
    theirs = np.asarray(keras.activations.relu(x, **arguments))
    code = f"keras.activations.relu(np.array([{row}], {dtype!r}), **{arguments})"
    ours = activations.relu(x, **arguments)
    record.close("activations: relu with arguments", theirs, ours, rtol=0, code=code)


@pytest.mark.parametrize(
    "identifier", [None, *NAMES, *OTHERS, "threshold", "nope", 5, "", "ReLU", "abs"]
)
def test_get_finds_what_keras_finds(identifier):
    try:
        name = keras.activations.get(identifier).__name__
    except ValueError:
        with pytest.raises(ValueError, match="activation function"):
            activations.get(identifier)
    else:
        assert activations.get(identifier).__name__ == name


@pytest.mark.parametrize("name", [*NAMES, *OTHERS, "threshold"])
def test_serialize_gives_kerass_name_and_deserialize_reads_it(name):
    theirs = keras.activations.serialize(getattr(keras.activations, name))
    function = getattr(activations, name)
    assert activations.serialize(function) == theirs
    assert activations.deserialize(theirs) is function
    written = {"class_name": "function", "config": theirs, "module": "builtins"}
    assert activations.get({**written, "registered_name": "function"}) is function


@pytest.mark.parametrize("name", [*NAMES, *OTHERS, "threshold"])
def test_a_function_takes_what_keras_takes(name):
    theirs, ours = (
        [(p.name, p.default) for p in inspect.signature(getattr(k, name)).parameters.values()]
        for k in (keras.activations, activations)
    )
    assert ours == theirs


def test_all_functions_of_keras_are_here_but_one():
    theirs = {name for name in dir(keras.activations) if not name.startswith("_")}
    assert theirs - set(activations.__all__) == {"sparsemax"}
    assert set(activations.__all__) <= theirs


@pytest.mark.parametrize("name", [name for name in OTHERS if name != "glu"])
def test_a_dense_layer_trains_with_it_as_in_keras(name):
    @in_both
    def script(k):
        model = k.Sequential([k.Input((3,)), k.layers.Dense(4, name), k.layers.Dense(2)])
        model.compile(k.optimizers.SGD(0.05), "mse")
        history = model.fit(
            fixed_rows(8, 3), fixed_rows(8, 2), batch_size=4, epochs=2, shuffle=False, verbose=0
        ).history
        read = k.Sequential.from_config(model.get_config())
        return [
            history["loss"],
            model.get_weights(),
            model.layers[0].get_config()["activation"],
            read.layers[0].activation is model.layers[0].activation,
        ]

    script()


def test_softmax_over_an_axis_of_size_1_warns_in_both():
    for library in (keras.activations, activations):
        with pytest.warns(UserWarning, match="You are using a softmax over axis -1"):
            library.softmax(np.float32([[3.0]]))


# Layers as activations

AS_ACTIVATIONS = {
    "Dense with Softmax": lambda k: k.layers.Dense(3, activation=k.layers.Softmax()),
    "Dense with ReLU": lambda k: k.layers.Dense(3, activation=k.layers.ReLU(max_value=0.5)),
    "Activation of ReLU": lambda k: k.layers.Activation(k.layers.ReLU()),
    "Activation of Activation": lambda k: k.layers.Activation(k.layers.Activation("tanh")),
    "Dense with Softmax by name": lambda k: k.layers.Dense(
        3, activation=k.layers.Softmax(name="s")
    ),
}


@pytest.mark.parametrize("case", AS_ACTIVATIONS)
def test_a_layer_is_an_activation_in_training_and_in_every_copy(case):
    @in_both
    def script(k):
        model = k.Sequential([k.Input((3,)), k.layers.Dense(3), AS_ACTIVATIONS[case](k)])
        model.compile("sgd", "sparse_categorical_crossentropy")
        x, y = fixed_rows(6, 3), np.arange(6) % 3
        history = model.fit(x, y, epochs=2, shuffle=False, verbose=0).history
        clone = k.models.clone_model(model)
        clone.set_weights(model.get_weights())
        read = type(model).from_config(model.get_config())
        read.set_weights(model.get_weights())
        copied = copy.deepcopy(model)
        layer = model.layers[-1]
        return (
            history,
            k.losses.SparseCategoricalCrossentropy()(y, model(x)),
            *[each.predict(x, verbose=0) for each in (model, clone, read, copied)],
            layer.get_config(),
            type(layer).from_config(layer.get_config()).get_config(),
            [each.name for each in model.layers],
        )

    script()


@pytest.mark.parametrize(
    "identifier",
    [
        {},
        {"class_name": "relu"},
        {"class_name": "relu", "config": {}},
        {"class_name": "nope", "config": {}},
        {"module": "keras.layers", "class_name": "ReLU", "config": {}, "registered_name": None},
        {"module": "builtins", "class_name": "function", "config": "relu",
         "registered_name": "function"},
    ],
    ids=str,
)  # fmt: skip
def test_a_dict_is_the_activation_that_it_is_in_keras(identifier):
    @in_both
    def script(k):
        found = attempt(lambda: k.activations.get(dict(identifier)))
        return found if isinstance(found, str) else getattr(found, "__name__", type(found).__name__)

    script()


def test_a_class_of_layers_is_no_activation():
    for library in (keras, minidense):
        layer = library.layers.Dense(2, activation=library.layers.ReLU)
        with pytest.raises((TypeError, ValueError)):
            layer(np.ones((1, 2), "float32"))
