"""What holds for several layers: their defaults, and the bad calls that each refuses."""

from typing import Any

import numpy as np
import pytest

from minidense import Input
from minidense.layers import (
    Activation,
    Dense,
    Dropout,
    Flatten,
    InputLayer,
    InputSpec,
    ReLU,
    Softmax,
)
from minidense.names import reset_names
from minidense.ops import convert_to_tensor
from tests.messages import message_of

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


def ones(*shape):
    return np.ones(shape, "float32")


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


@pytest.mark.parametrize("layer", [Dropout(0.5), Activation("linear"), Dropout(0)])
def test_a_layer_that_computes_nothing_returns_the_very_tensor(layer):
    tensor = convert_to_tensor(ones(2, 3))
    assert layer(tensor) is tensor


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
    (lambda: Dense(2).kernel, AttributeError, "isn't built"),
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


@pytest.mark.parametrize("make", [lambda: Dense(2, name="mine"), lambda: Flatten(name="mine")])
def test_the_message_of_a_shape_that_is_none(make: Any) -> None:
    assert message_of(lambda: make().compute_output_shape(3)) == (
        "ValueError: `input_shape` must be a tuple such as (None, 4) for layer 'mine'. "
        "Received: input_shape=3 of type int."
    )
