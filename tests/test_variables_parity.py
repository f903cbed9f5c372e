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
LOGICAL = [operator.and_, operator.or_, operator.xor]


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


@pytest.mark.parametrize("dtype", ["float32", "int32", "bool"])
@pytest.mark.parametrize("other", [2, 0.0, True, [2.0, 0.0], [True, False], "itself"], ids=repr)
@pytest.mark.parametrize("operation", LOGICAL, ids=lambda operation: operation.__name__)
def test_logical_operations_are_those_of_keras(operation, other, dtype):
    found = []
    for library in BOTH:
        variable = library.Variable(np.array([0, 3], dtype))
        number = variable if isinstance(other, str) else other
        found.append([operation(variable, number), operation(number, variable)])
    for ours, theirs in zip(*found, strict=True):
        record.close("variables: logic", np.asarray(theirs), np.asarray(ours), rtol=0)


@pytest.mark.parametrize(("left", "right"), [((4, 2), (2,)), ((4, 2), (2, 3)), ((2,), (2, 3))])
def test_products_of_arrays_and_variables_are_those_of_keras(left, right):
    one, other = np.ones(left, "float32"), np.ones(right, "float32")
    found = one @ minidense.Variable(other), minidense.Variable(one) @ other
    wanted = one @ keras.Variable(other), keras.Variable(one) @ other
    for our, their in zip(found, wanted, strict=True):
        record.close("variables: products", np.asarray(their), our, rtol=0)


def test_signs_are_those_of_keras():
    for operation in (operator.pos, operator.neg, abs):
        ours, theirs = (operation(library.Variable(np.float32([-1, 0, 3]))) for library in BOTH)
        record.close("variables: signs", np.asarray(theirs), ours, rtol=0)


@pytest.mark.parametrize("dtype", ["int32", "int64", "uint8", "bool"])
def test_inverting_is_of_bits_or_of_truths_as_in_keras(dtype):
    ours, theirs = (~library.Variable(np.array([0, 1, 5], dtype)) for library in BOTH)
    record.close("variables: inverted", np.asarray(theirs), ours, rtol=0)


@pytest.mark.parametrize("digits", [None, 0, 1, 3, -1, -2])
@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "int64"])
def test_rounded_numbers_are_those_of_keras(dtype, digits):
    numbers = np.array([-2.5, 0.5, 1.25, 26.123456, 250.0, 149.5, 1e7]).astype(dtype)
    ours, theirs = (round(library.Variable(numbers), digits) for library in BOTH)
    record.close("variables: rounded", np.asarray(theirs), ours, rtol=0)


@pytest.mark.parametrize("operation", ARITHMETIC + LOGICAL, ids=lambda each: each.__name__)
def test_a_text_or_nothing_is_no_operand(operation):
    for library in BOTH:
        variable = library.Variable([1.0, 2.0])
        for other in ("a", None):
            with pytest.raises(Exception, match=r".") as error:
                operation(variable, other)
            # what TensorFlow's logical operations raise for a text is its own
            assert error.type is ValueError or (library is keras and other == "a")


def test_a_variable_has_a_name_that_fits_into_a_path():
    for library in BOTH:
        for name in ("a/b", 3):
            with pytest.raises(ValueError, match="name"):
                library.Variable(1.0, name=name)


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
