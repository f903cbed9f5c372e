"""Variables as a user's script handles them, and what objects print, against live Keras."""

import operator

import keras
import numpy as np
import pytest

import minidense
from tests import record

BOTH = (minidense, keras)
ARITHMETIC = [
    operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod,
    operator.pow, operator.lt, operator.le, operator.gt, operator.ge,
]  # fmt: skip


@pytest.mark.parametrize("dtype", ["float32", "int32"])
@pytest.mark.parametrize(
    "other", [2, 2.5, True, [2.0, 0.5], np.float32([1.5, 0.5]), "itself"], ids=repr
)
@pytest.mark.parametrize("operation", ARITHMETIC, ids=lambda operation: operation.__name__)
def test_arithmetic_on_either_side_of_a_variable_is_that_of_keras(operation, other, dtype):
    left, right = [], []
    for library in BOTH:
        variable = library.Variable(np.array([1, 3], dtype))
        number = variable if isinstance(other, str) else other
        left.append(np.asarray(operation(variable, number)))
        right.append(np.asarray(operation(number, variable)))
    rtol = 1e-7 if operation is operator.pow else 0  # powf is rounded otherwise: by one unit
    record.close("variables: arithmetic", left[1], left[0], rtol=rtol)
    record.close("variables: arithmetic", right[1], right[0], rtol=rtol)


@pytest.mark.parametrize(("left", "right"), [((4, 2), (2,)), ((4, 2), (2, 3)), ((2,), (2, 3))])
def test_products_of_arrays_and_variables_are_those_of_keras(left, right):
    one, other = np.ones(left, "float32"), np.ones(right, "float32")
    found = one @ minidense.Variable(other), minidense.Variable(one) @ other
    wanted = one @ keras.Variable(other), keras.Variable(one) @ other
    for our, their in zip(found, wanted, strict=True):
        record.close("variables: products", np.asarray(their), our, rtol=0)


def test_signs_are_those_of_keras():
    for operation in (operator.neg, abs):
        ours, theirs = (operation(library.Variable(np.float32([-1, 0, 3]))) for library in BOTH)
        record.close("variables: signs", np.asarray(theirs), ours, rtol=0)


def test_assigning_returns_the_new_value():
    ours, theirs = (library.Variable(np.float32([1, 3])) for library in BOTH)
    for method, value in (("assign", [2.0, 5.0]), ("assign_add", [1, 1]), ("assign_sub", [0.5, 1])):
        wanted = np.asarray(getattr(theirs, method)(value))
        record.close(f"variables: {method}", wanted, getattr(ours, method)(value), rtol=0)
        record.close(f"variables: {method}", theirs.numpy(), ours.numpy(), rtol=0)


def test_a_variable_is_no_boolean_and_has_no_length():
    for library in BOTH:
        variable = library.Variable([1.0])
        with pytest.raises(TypeError, match="boolean"):
            bool(variable)
        with pytest.raises(TypeError, match="len"):
            len(variable)


@pytest.mark.filterwarnings("ignore")  # else Keras leaves out a value that NumPy warns of
@pytest.mark.parametrize(
    "code",
    [
        "Variable(np.float32(2.5), name='w')",
        "Variable(np.float32([[1, 2], [3, 4]]), name='w')",
        "Variable(np.arange(2000.0), name='w')",
        "Input((2,), name='i')",
        "layers.Dense(2, name='d')(Input((2, 3), batch_size=4, name='i')).shape",
        "layers.Dense(2, name='d')",
        "Sequential(name='s')",
        "metrics.Mean()",
        "metrics.SparseCategoricalAccuracy(name='right')",
        "metrics.get('mse')",
        "InputSpec()",
        "InputSpec(min_ndim=2, axes={-1: 3})",
        "InputSpec(shape=(2, 3))",
        "InputSpec(ndim=2)",
        "layers.Dense(2, name='d').input_spec",
    ],
)
def test_what_is_printed_is_what_keras_prints(code):
    found, wanted = (repr(eval(code, {**vars(library), "np": np})) for library in BOTH)
    record.same("printed forms", wanted, found, code=code)


def test_the_metrics_of_a_trained_model_print_as_keras_s():
    printed = []
    for library in BOTH:
        model = library.Sequential([library.Input((2,)), library.layers.Dense(1)])
        model.compile("sgd", "mse", metrics=["mse"])
        model.fit(np.ones((2, 2)), np.ones(2), verbose=0)
        printed.append(repr(model.metrics))
    record.same("printed forms", printed[1], printed[0])
