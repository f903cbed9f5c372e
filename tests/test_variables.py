"""Variables by themselves: an array of fixed shape and dtype that changes in place."""

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidense import Variable
from minidense.config import floatx, set_floatx

ARITHMETIC = [
    operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod,
    operator.pow, operator.lt, operator.le, operator.gt, operator.ge,
]  # fmt: skip


def test_a_variable_copies_its_first_value():
    value = np.ones(3, "float32")
    variable = Variable(value)
    value[0] = 5
    np.testing.assert_array_equal(variable, [1, 1, 1])


@pytest.mark.parametrize(
    ("value", "dtype"),
    [(1.5, "float32"), ([1.0, 2.0], "float32"), (1, "int32"), (np.ones(2), "float64"),
     (np.float32(1), "float32"), (np.arange(2), "int64")],
    ids=str,
)  # fmt: skip
def test_without_a_dtype_it_has_the_one_that_keras_gives(value, dtype):
    assert Variable(value).dtype == dtype


@pytest.mark.parametrize(("arguments", "name"), [({}, "variable"), ({"name": "bias"}, "bias")])
def test_a_first_value_that_is_no_number_is_refused_by_the_name(
    arguments: dict[str, str], name: str
) -> None:
    named = rf"^Variable '{name}(_\d+)?' takes arrays of real numbers\."
    with pytest.raises(TypeError, match=named):
        Variable(["a"], **arguments)


def test_a_variable_is_trainable_unless_it_is_said_that_it_is_not() -> None:
    assert Variable(1.0).trainable
    assert not Variable(1.0, trainable=False).trainable


def test_a_dtype_can_be_named():
    assert Variable(np.ones(2), dtype="float32").dtype == "float32"
    with pytest.raises(ValueError, match="dtype"):
        Variable(1.0, dtype="nope")


def test_assign_writes_in_place_and_keeps_shape_and_dtype():
    variable = Variable([[1.0, 2.0]])
    array = variable.value
    variable.assign(np.array([[3, 4]]))
    np.testing.assert_array_equal(array, [[3, 4]])  # it follows the variable
    assert variable.dtype == "float32"
    np.testing.assert_array_equal(variable.numpy(), [[3, 4]])


@pytest.mark.parametrize("value", [[1.0, 2.0], 1.0, [[1.0], [2.0]], [[1.0, 2.0, 3.0]]])
def test_a_value_of_another_shape_is_refused_and_changes_nothing(value):
    variable = Variable([[1.0, 2.0]], name="kernel")
    with pytest.raises(ValueError, match=r"'kernel' is \(1, 2\).*shape \(") as error:
        variable.assign(value)
    assert str(np.shape(value)) in str(error.value)
    np.testing.assert_array_equal(variable, [[1, 2]])


def test_what_is_handed_out_is_a_copy():
    variable = Variable([1.0, 2.0])
    for copy in (variable.numpy(), np.asarray(variable), np.array(variable)):
        copy[0] = 9
    np.testing.assert_array_equal(variable, [1, 2])


def test_numpy_reads_it_in_the_dtype_that_is_asked_for():
    assert np.asarray(Variable([1.0]), "float64").dtype == "float64"
    assert np.asarray(Variable([1.0])).dtype == "float32"


def test_shape_rank_length_and_numbers():
    variable = Variable([[1.0, 2.0]])
    assert (variable.shape, variable.ndim) == ((1, 2), 2)
    assert float(Variable(2.5)) == 2.5
    assert int(Variable(3)) == 3
    np.testing.assert_array_equal(variable[0], [1, 2])


def test_equality_is_of_the_numbers_and_a_variable_is_still_a_key():
    first, second = Variable([1.0, 2.0]), Variable([1.0, 3.0])
    np.testing.assert_array_equal(first == second, [True, False])
    np.testing.assert_array_equal(first != 1, [False, True])
    assert {first: 1, second: 2}[first] == 1
    assert first in {first}
    assert second not in {first}


def test_name_and_path():
    assert Variable(1.0, name="kernel").path == "kernel"
    variable = Variable(1.0, name="kernel", path="dense/kernel")
    assert (variable.name, variable.path) == ("kernel", "dense/kernel")
    assert repr(variable) == "<Variable path=dense/kernel, shape=(), dtype=float32, value=1.0>"
    assert Variable(1.0).name.startswith("variable")


@settings(deadline=None)
@given(
    numbers=st.lists(st.floats(0.125, 8, width=32), min_size=2, max_size=2),
    other=st.floats(0.125, 8, width=32) | st.integers(1, 9),
)
@pytest.mark.parametrize("operation", ARITHMETIC, ids=lambda operation: operation.__name__)
def test_arithmetic_is_that_of_the_value_on_either_side(
    operation: Callable[[Any, Any], Any], numbers: list[float], other: float
) -> None:
    value = np.float32(numbers)
    variable = Variable(value)
    rtol = 2e-7 if operation is operator.pow else 0  # a square by itself is rounded otherwise
    for found, wanted in (
        (operation(variable, other), operation(value, np.float32(other))),
        (operation(other, variable), operation(np.float32(other), value)),
        (operation(variable, variable), operation(value, value)),
    ):
        np.testing.assert_allclose(found, wanted, rtol=rtol)
        assert found.dtype == wanted.dtype
    np.testing.assert_array_equal(variable, value)


# The dtypes that Keras 3.15.1 gives (TensorFlow 2.21).
@pytest.mark.parametrize(
    ("dtype", "other", "result"),
    [
        ("float32", 2, "float32"), ("float32", 2.5, "float32"), ("int32", 2, "int32"),
        ("int32", 2.5, "float32"), ("int32", True, "int32"), ("float32", [2, 3], "float32"),
        ("int32", [2.5, 3.5], "float32"), ("float64", 2, "float64"), ("float64", 2.5, "float64"),
        ("int64", 2, "int64"), ("int32", np.array([1, 2]), "int64"),
        ("float32", np.array([1.0, 2.0]), "float64"),
    ],
    ids=str,
)  # fmt: skip
def test_a_result_has_64_bits_only_where_one_of_the_two_has_them(
    dtype: str, other: Any, result: str
) -> None:
    variable = Variable(np.array([1, 3], dtype))
    assert (variable + other).dtype == (other + variable).dtype == result


def test_the_operators_of_an_operation_are_for_either_side() -> None:
    variable = Variable(np.int32([1, 3]))
    for found, wanted in ((variable / 2, [0.5, 1.5]), (6 / variable, [6, 2])):
        np.testing.assert_array_equal(found, wanted)
        assert found.dtype == "float32"


def test_a_product_takes_the_variable_on_either_side() -> None:
    left, right = np.arange(6, dtype="float32").reshape(2, 3), np.float32([[1], [10], [100]])
    for found in (Variable(left) @ right, left @ Variable(right), Variable(left) @ Variable(right)):
        np.testing.assert_array_equal(found, [[210], [543]])


def test_signs_give_arrays_of_their_own() -> None:
    variable = Variable(np.float32([-1, 0, 3]))
    np.testing.assert_array_equal(-variable, [1, 0, -3])
    np.testing.assert_array_equal(abs(variable), [1, 0, 3])
    np.testing.assert_array_equal(variable, [-1, 0, 3])


def test_what_is_assigned_is_handed_back_as_a_copy() -> None:
    variable = Variable(np.float32([1, 3]))
    array = variable.value
    for method, value, wanted in (
        (variable.assign, [2.0, 5.0], [2, 5]),
        (variable.assign_add, [1, 2], [3, 7]),
        (variable.assign_sub, [0.5, 1], [2.5, 6]),
    ):
        returned = method(value)
        np.testing.assert_array_equal(returned, wanted)
        np.testing.assert_array_equal(array, wanted)  # it follows the variable
        variable.assign([9.0, 9.0])
        np.testing.assert_array_equal(returned, wanted)
        variable.assign(returned)


@pytest.mark.parametrize("method", ["assign", "assign_add", "assign_sub"])
@pytest.mark.parametrize("value", [["a", "b"], [1j, 2j], None, [[1], [2, 3]], [object(), 1]])
def test_what_is_no_number_is_refused_by_the_name_of_who_takes_it(method: str, value: Any) -> None:
    variable = Variable([1.0, 3.0], name="kernel")
    is_text = value is not None and isinstance(value[0], (str, complex))
    error = TypeError if is_text and method == "assign" else ValueError
    name = {"assign": "Variable 'kernel'", "assign_add": "ops.add", "assign_sub": "ops.subtract"}
    with pytest.raises(error, match=rf"^{name[method]} takes arrays of real numbers\. Received"):
        getattr(variable, method)(value)
    np.testing.assert_array_equal(variable, [1, 3])


def test_a_variable_is_no_boolean_and_has_no_length() -> None:
    variable = Variable([1.0], path="dense/kernel")
    with pytest.raises(TypeError, match=r"^Variable 'dense/kernel' cannot be used as a boolean\.$"):
        bool(variable)
    with pytest.raises(TypeError, match="len"):
        len(variable)  # type: ignore[arg-type]


def test_logical_operators_ask_which_numbers_are_not_zero():
    variable = Variable([0.0, 2.0])
    np.testing.assert_array_equal(variable & True, [False, True])
    np.testing.assert_array_equal([4, 4] & variable, [False, True])
    np.testing.assert_array_equal(variable | [0, 0], [False, True])
    np.testing.assert_array_equal(variable ^ 1, [True, False])


def test_rounding_halves_goes_to_the_even_number_and_keeps_the_dtype():
    rounded = round(Variable([0.5, 1.5, -2.5]))
    assert rounded.dtype == "float32"
    np.testing.assert_array_equal(rounded, [0, 2, -2])
    np.testing.assert_array_equal(round(Variable([26.125]), 2), np.float32([26.12]))
    np.testing.assert_array_equal(round(Variable([149, 250]), -2), [100, 200])
    np.testing.assert_array_equal(round(Variable([149]), 1), [149])


def test_signs_and_bits_give_arrays_of_their_own():
    variable = Variable([1, -2])
    copy = +variable
    variable.assign([9, 9])
    np.testing.assert_array_equal(copy, [1, -2])
    variable.assign(copy)
    np.testing.assert_array_equal(~variable, [-2, 1])
    with pytest.raises(TypeError):
        ~Variable([1.0])


@pytest.mark.parametrize("other", ["a", None, [1j]])
def test_a_variable_is_combined_with_real_numbers(other):
    with pytest.raises(ValueError, match=r"^ops\.add takes arrays of real numbers"):
        Variable([1.0], name="bias") + other


@pytest.mark.parametrize("name", ["a/b", 3])
def test_a_name_is_a_string_without_a_slash(name):
    with pytest.raises(ValueError, match=r"`name` must be a string without '/'.*name="):
        Variable(1.0, name=name)


def test_an_initializer_makes_the_first_value():
    def counted(shape, dtype):
        return np.arange(np.prod(shape), dtype=dtype).reshape(shape)

    assert Variable(counted, (2, 1)).numpy().tolist() == [[0], [1]]
    assert Variable(counted, shape=(2,), dtype="int32").dtype == "int32"
    with pytest.raises(ValueError, match="'w' is made by an initializer, which needs a `shape`"):
        Variable(counted, name="w")
    with pytest.raises(ValueError, match=r"'w' is \(3,\).*shape \(2,\)"):
        Variable([1.0, 2.0], (3,), name="w")


def test_logical_operators_are_for_either_side():
    variable = Variable([0.0, 2.0], name="bias")
    for found in (variable ^ [3, 0.5], [3, 0.5] ^ variable):
        np.testing.assert_array_equal(found, [True, False])
    for combine in (lambda: variable ^ "a", lambda: "a" ^ variable, lambda: variable ^ None):
        with pytest.raises(ValueError, match=r"^ops\.logical_xor takes arrays of real numbers"):
            combine()


def test_rounding_leaves_each_dtype_its_precision():
    whole = 2**24 + 3  # has no float32
    assert round(Variable([whole])).tolist() == [whole]
    assert round(Variable([whole]), 1).tolist() == [whole]
    # to tens it goes through float32, as in Keras
    assert round(Variable([whole]), -1).tolist() == [2**24 + 4]
    wide = round(Variable(np.array([2.0**24 + 3.5])), 0)
    assert (wide.dtype, wide.tolist()) == ("float64", [2.0**24 + 4])
    assert round(Variable(np.array([2.0**24 + 2.75]))).tolist() == [2.0**24 + 3]


def test_an_initializer_is_told_the_shape_and_the_dtype():
    told: list[Any] = []

    def make(shape: Any, dtype: Any) -> Any:
        told.append((shape, dtype))
        return np.ones(shape, "int8")

    made = [Variable(make, (2,)), Variable(make, (2, 1), "float64")]
    before = floatx()
    set_floatx("float64")
    try:
        made.append(Variable(make, (3,)))
    finally:
        set_floatx(before)
    assert told == [((2,), "float32"), ((2, 1), "float64"), ((3,), "float64")]
    assert [variable.dtype for variable in made] == ["float32", "float64", "float64"]
