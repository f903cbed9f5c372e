"""Variables by themselves: an array of fixed shape and dtype that changes in place."""

import numpy as np
import pytest

from minidense import Variable


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


def test_a_dtype_can_be_named():
    assert Variable(np.ones(2), "float32").dtype == "float32"
    with pytest.raises(ValueError, match="dtype"):
        Variable(1.0, "nope")


def test_assign_writes_in_place_and_keeps_shape_and_dtype():
    variable = Variable([[1.0, 2.0]])
    array = variable.value
    variable.assign(np.array([[3, 4]]))
    assert variable.value is array
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
    for copy in (variable.numpy(), np.asarray(variable), variable[:1], np.array(variable)):
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


def test_equality_is_identity_so_it_can_be_a_key():
    first, second = Variable(1.0), Variable(1.0)
    assert first != second
    assert {first: 1, second: 2}[first] == 1


def test_name_and_path():
    assert Variable(1.0, name="kernel").path == "kernel"
    variable = Variable(1.0, name="kernel", path="dense/kernel")
    assert (variable.name, variable.path) == ("kernel", "dense/kernel")
    assert repr(variable) == "<Variable path=dense/kernel, shape=(), dtype=float32, value=1.0>"
    assert Variable(1.0).name.startswith("variable")
