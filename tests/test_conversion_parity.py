"""What is no array yet: lists and whole numbers become what TensorFlow makes of them."""

import keras
import numpy as np
import pytest

import minidense
from minidense.conversion import as_array
from tests import record
from tests.reference_only import tensorflow

tf = tensorflow("the dtypes that it reads Python's numbers in are compared.")

SHARES = [[0.1, 0.7, 0.2], [0.3, 0.3, 0.4]]
ONE_HOT = [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]
FORMS = {
    "a list": lambda values: values,
    "a list of whole numbers": lambda values: [[round(v) for v in row] for row in values],
    "float32": lambda values: np.array(values, "float32"),
    "float64": lambda values: np.array(values, "float64"),
    "int64": lambda values: np.array(values).round().astype("int64"),
}


@pytest.mark.parametrize(
    "value",
    [
        1, 1.5, True, 2**40, -(2**31), 2**31, [], [[]], (1, 2), [1, 2.5], [[1], [2]], [True],
        range(3), [2**40], np.float64(3), np.float32(3), np.int64(3), [np.int64(3)],
        [np.int64(1), 2.5], [np.ones(2, "int64"), [2.5, 3.5]], [np.uint8(1)], [np.float16(1), 2.0],
        [np.float64(1), 2.0], [1.0, np.float64(2)], [np.float32(1), 2.0], [np.ones(2)],
        [np.ones(2, "float32")] * 2, np.ones(2), np.ones(2, "int64"),
    ],
    ids=repr,
)  # fmt: skip
def test_a_value_becomes_the_array_that_keras_makes_of_it(value):
    record.same("conversion", keras.ops.convert_to_tensor(value).numpy(), as_array(value))


@pytest.mark.parametrize("predictions", FORMS)
@pytest.mark.parametrize("targets", FORMS)
@pytest.mark.parametrize(
    "name", ["mean_squared_error", "categorical_crossentropy", "binary_crossentropy"]
)
def test_a_loss_of_anything_that_holds_numbers_is_that_of_keras(name, targets, predictions):
    ours, theirs = (getattr(library.losses, name) for library in (minidense, keras))
    y_true, y_pred = FORMS[targets](ONE_HOT), FORMS[predictions](SHARES)
    if name != "mean_squared_error" and predictions in ("int64", "a list of whole numbers"):
        with pytest.raises((TypeError, tf.errors.InvalidArgumentError)):
            theirs(y_true, y_pred)
        with pytest.raises(TypeError, match=r"takes floating point numbers. Received y_pred"):
            ours(y_true, y_pred)
        return
    record.close(f"losses: {name}", theirs(y_true, y_pred).numpy(), ours(y_true, y_pred), rtol=1e-6)


@pytest.mark.parametrize("predictions", FORMS)
@pytest.mark.parametrize("targets", FORMS)
@pytest.mark.parametrize("name", ["categorical_accuracy", "binary_accuracy"])
def test_an_accuracy_of_anything_that_holds_numbers_is_that_of_keras(name, targets, predictions):
    ours, theirs = (getattr(library.metrics, name) for library in (minidense, keras))
    pair = FORMS[targets](ONE_HOT), FORMS[predictions](SHARES)
    record.same(f"metrics: {name}", np.asarray(theirs(*pair)), ours(*pair))


@pytest.mark.parametrize("form", ["a list", "float32", "float64"])
@pytest.mark.parametrize("name", ["relu", "sigmoid", "tanh"])
def test_an_activation_of_a_list_is_float32_as_in_keras(name, form):
    ours, theirs = (getattr(library.activations, name) for library in (minidense, keras))
    values = FORMS[form](SHARES)
    found, wanted = np.asarray(ours(values)), np.asarray(theirs(values))
    record.close(f"activations: {name}", wanted, found, rtol=1e-6)


def test_relu_of_a_list_of_whole_numbers_has_32_bits_as_in_keras():
    values = [-3, 0, 2]
    wanted = keras.activations.relu(values).numpy()
    record.same("activations: relu", wanted, minidense.activations.relu(values))
