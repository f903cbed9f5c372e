"""Operations by answers that are known: what the battery of all operations does not ask."""

from typing import Any

import numpy as np
import pytest

import minidense
from minidense import ops
from minidense.engine.tape import Tape
from minidense.engine.trace import trace
from minidense.ops.parts import get_item
from minidense.ops.randomness import draw_mask
from minidense.ops.shapes import reshape_like, size_of
from minidense.tensors import Tensor, tensor_of
from minidense.variables import Variable

SHARES = np.float32([[0.25, 0.5, 0.25], [0.125, 0.125, 0.75]])
LOGITS = np.float32([[0.0, 1.0, -1.0], [2.0, 0.0, 0.5]])
LABELS = np.int32([1, 2])
ONE_HOT = np.eye(3, dtype="float32")[LABELS]


def close(found: Any, wanted: Any) -> None:
    assert type(found) is Tensor
    # float32: a loss that is small beside the logits has fewer digits; 1.3e-6 was measured
    np.testing.assert_allclose(np.asarray(found), wanted, rtol=2e-6)


def gradients(function: Any, *arrays: Any) -> list[Any]:
    tensors = [tensor_of(array) for array in arrays]
    with Tape() as tape:
        target = function(*tensors)
    return [None if g is None else np.asarray(g) for g in tape.gradients(target, tensors)]


# Cross-entropies


def softmax(logits: Any) -> Any:
    powers = np.exp(logits)
    return powers / powers.sum(axis=-1, keepdims=True)


def test_the_sparse_cross_entropy_is_minus_the_logarithm_of_the_true_share() -> None:
    entropy = ops.sparse_categorical_crossentropy
    wanted = -np.log([SHARES[0, 1], SHARES[1, 2]])
    close(entropy(LABELS, SHARES), wanted)
    close(entropy(LABELS[:, None], SHARES), wanted)
    close(entropy(LABELS, SHARES, from_logits=False, axis=-1), wanted)
    from_logits = -np.log([softmax(LOGITS)[0, 1], softmax(LOGITS)[1, 2]])
    close(entropy(LABELS, LOGITS, from_logits=True), from_logits)
    close(entropy(LABELS, ops.softmax(LOGITS)), from_logits)  # it looks through at the logits
    with pytest.warns(UserWarning, match="from_logits=True"):
        close(entropy(LABELS, ops.softmax(LOGITS), from_logits=True), from_logits)


def test_the_categorical_cross_entropy_adds_up_the_targets_logarithms() -> None:
    entropy = ops.categorical_crossentropy
    wanted = -np.log([SHARES[0, 1], SHARES[1, 2]])
    close(entropy(ONE_HOT, SHARES), wanted)
    close(entropy(ONE_HOT, 4 * SHARES), wanted)  # rows are divided by their sums
    halves = np.float32([[0.5, 0.5, 0], [0, 0, 1]])
    from_logits = -(halves * np.log(softmax(LOGITS))).sum(axis=-1)
    close(entropy(halves, LOGITS, from_logits=True), from_logits)
    close(entropy(halves, ops.softmax(LOGITS)), from_logits)
    for wrong in (ONE_HOT[:, :2], ONE_HOT[:1]):
        with pytest.raises(ValueError, match="target"):
            entropy(wrong, SHARES)


def test_the_binary_cross_entropy_is_of_each_number() -> None:
    entropy = ops.binary_crossentropy
    wanted = -np.log(np.where(ONE_HOT == 1, SHARES, 1 - SHARES))
    close(entropy(ONE_HOT, SHARES), wanted)
    shares = 1 / (1 + np.exp(-LOGITS))
    from_logits = -np.log(np.where(ONE_HOT == 1, shares, 1 - shares))
    close(entropy(ONE_HOT, LOGITS, from_logits=True), from_logits)
    close(entropy(ONE_HOT, ops.sigmoid(LOGITS)), from_logits)
    with pytest.raises(ValueError, match="target"):
        entropy(ONE_HOT[:1], SHARES)


@pytest.mark.parametrize("name", ["sparse_categorical_crossentropy", "categorical_crossentropy"])
def test_classes_are_the_last_axis(name: str) -> None:
    target = LABELS if name.startswith("sparse") else ONE_HOT
    entropy = getattr(ops, name)
    close(entropy(target, SHARES, axis=1), np.asarray(entropy(target, SHARES)))
    with pytest.raises(ValueError, match=name):
        entropy(target, SHARES, axis=0)


def test_labels_have_the_axes_of_the_logits_but_the_last() -> None:
    logits = np.stack([LOGITS, 2 * LOGITS, -LOGITS])  # (3, 2, classes)
    labels = np.int32([[0, 2], [1, 1], [2, 0]])
    shares = softmax(logits)
    entropy = ops.sparse_categorical_crossentropy
    found = entropy(labels, logits, from_logits=True)
    close(found, -np.log(np.take_along_axis(shares, labels[..., None], -1))[..., 0])
    _, grad = gradients(lambda y, x: entropy(y, x, from_logits=True), labels, logits)
    np.testing.assert_allclose(grad, shares - np.eye(3)[labels], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("label", [-1, 3])
def test_a_label_that_is_no_class_is_refused(label: int) -> None:
    with pytest.raises(ValueError, match="class numbers"):
        ops.sparse_categorical_crossentropy(np.int32([label, 0]), LOGITS, from_logits=True)


# What becomes a tensor


def test_what_becomes_a_tensor_has_the_dtype_that_was_asked_for_or_its_own() -> None:
    convert = ops.convert_to_tensor
    found = [convert(2), convert(0.5), convert(True), convert([1, 2]), convert(np.float64([1]))]
    assert [each.dtype for each in found] == ["int32", "float32", "bool", "int32", "float64"]
    assert [each.tolist() for each in found] == [2, 0.5, True, [1, 2], [1]]
    found = [convert(2, "float64"), convert(0.5, "float32"), convert(np.float64([1.5]), "int32")]
    assert [each.dtype for each in found] == ["float64", "float32", "int32"]
    assert [each.tolist() for each in found] == [2, 0.5, [1]]
    assert all(type(each) is Tensor for each in found)


def test_a_variable_becomes_what_it_is_now() -> None:
    weight = Variable(np.float32([1.0, 2.0]))
    now = ops.convert_to_tensor(weight)
    weight.assign([5.0, 6.0])
    assert now.tolist() == [1, 2]
    made = trace(lambda x: [ops.convert_to_tensor(weight) + x], [((2,), "float32")])
    weight.assign([7.0, 8.0])
    assert made.run([np.float32([0, 0])])[0].tolist() == [7, 8]


def test_numbers_of_a_tensor_are_an_array_of_ones_own() -> None:
    tensor = ops.convert_to_tensor([1.0, 2.0])
    array = ops.convert_to_numpy(tensor)
    array[0] = 9
    assert type(array) is np.ndarray
    assert tensor.tolist() == [1, 2]


def test_a_shape_has_a_tensor_where_it_is_not_known() -> None:
    assert ops.shape(np.zeros((2, 3))) == (2, 3)
    seen: list[Any] = []

    def function(x: Any) -> list[Any]:
        rows, columns = ops.shape(x)
        seen.append(columns)
        return [rows * 1, ops.cast(ops.shape(ops.transpose(x))[1], "float32") * 0.5]

    made = trace(function, [((None, 3), "float32")])
    rows, half = made.run([np.zeros((7, 3), "float32")])
    assert seen == [3]
    assert (rows, rows.dtype, half) == (7, np.int32, 3.5)


def test_the_number_of_numbers_is_one_of_the_dtype() -> None:
    found = size_of(np.zeros((2, 3)), dtype="float64")
    assert (found, found.dtype) == (6, np.float64)


# Gradients


def test_a_cast_goes_back_in_the_dtype_that_it_came_from() -> None:
    [grad] = gradients(lambda x: ops.cast(x, "float64") * 3.0, np.float32([1, 2]))
    assert grad.dtype == np.float32
    assert grad.tolist() == [3, 3]
    assert gradients(lambda x: ops.cast(ops.cast(x, "int32"), "float32"), np.float32([1])) == [None]


def test_what_was_repeated_gets_the_sum_of_its_gradients() -> None:
    row, column = np.float64([[1, 2, 3]]), np.float64([[1], [2]])
    by_row, by_column = gradients(lambda x, y: x / y, row, column)
    np.testing.assert_allclose(by_row, [[1.5, 1.5, 1.5]])
    np.testing.assert_allclose(by_column, [[-6], [-1.5]])
    is_left = np.array([[True, False, True]])
    found = gradients(lambda x, y: ops.where(is_left, x, y), column, np.float64(5))
    assert found[0].tolist() == [[2], [2]]
    assert found[1] == 2
    by_number = gradients(lambda x: ops.where(np.ones((4, 3), bool), x, 0.0), row)
    assert by_number[0].tolist() == [[4, 4, 4]]
    by_condition = gradients(lambda x: ops.where(column > 1.5, x, x * 2.0), np.float64(1))
    assert by_condition[0] == 3


def test_the_gradient_of_a_part_has_a_gradient_itself() -> None:
    x = tensor_of(np.float64([1, 2, 3]))
    with Tape() as outer:
        with Tape() as inner:
            y = get_item(x, key=slice(1, None)) ** 3
        slope = inner.gradients(y, [x])[0]
    assert np.asarray(slope).tolist() == [0, 12, 27]
    assert np.asarray(outer.gradients(slope, [x])[0]).tolist() == [0, 12, 18]


def test_axes_of_one_come_and_go_where_they_were() -> None:
    row = np.float64([[1, 2, 3]])
    for axis in (0, 1, 2, -1):
        [grad] = gradients(lambda x, a=axis: ops.expand_dims(x, axis=a) * 2.0, row)
        assert grad.tolist() == [[2, 2, 2]]
    [grad] = gradients(lambda x: ops.squeeze(x, axis=1) * row, row[:, None])
    assert grad.tolist() == [[[1, 2, 3]]]


def test_sums_over_inner_axes_go_to_what_was_repeated_there() -> None:
    x, inner = np.ones((2, 3, 4)), np.float64([[[1, 2, 3, 4]], [[5, 6, 7, 8]]])
    grads = gradients(lambda x, y: x * y, x, inner)
    assert grads[1].tolist() == [[[3] * 4], [[3] * 4]]
    grads = gradients(lambda x, y: x - y, x, np.float64([[1], [2], [3]]))
    assert grads[1].tolist() == [[-8], [-8], [-8]]


# Others


def test_a_vector_is_multiplied_as_one_row() -> None:
    vector, matrix = np.float32([1, 2]), np.float32([[1, 2, 3], [4, 5, 6]])
    assert ops.matmul(vector, matrix).tolist() == [9, 12, 15]
    assert ops.matmul(matrix, np.float32([1, 0, -1])).tolist() == [-2, -2]
    with pytest.raises(ValueError, match="matmul"):
        ops.matmul(matrix, vector)


def test_a_power_is_rounded_once() -> None:
    x, y = np.float32([1.1, 2.7, 9.3, 0.3]), np.float32([3.3, -1.7, 0.5, 7.1])
    wanted = np.power(x.astype("float64"), y.astype("float64")).astype("float32")
    np.testing.assert_array_equal(np.asarray(ops.power(x, y)), wanted)
    assert ops.power(np.int32([2, 3]), 3).tolist() == [8, 27]
    assert ops.power(np.float64([2, 3]), 0.5).tolist() == np.sqrt([2, 3]).tolist()


def test_small_whole_numbers_are_added_up_in_32_bits() -> None:
    found = [ops.sum(np.full(3, 200, dtype)) for dtype in ("uint8", "int16", "int64", "uint32")]
    assert [each.dtype for each in found] == ["uint32", "int32", "int64", "uint32"]
    assert all(each == 600 for each in found)


def test_numbers_are_rounded_to_decimals() -> None:
    x = np.float32([1.25, -2.567, 1234.5])
    assert ops.round(x).tolist() == [1, -3, 1234]
    np.testing.assert_array_equal(ops.round(x, decimals=1), np.round(x, 1))
    np.testing.assert_array_equal(ops.round(x, decimals=-2), np.float32([0, 0, 1200]))


@pytest.mark.parametrize(("dtype", "bits"), [("float32", "int32"), ("float64", "int64")])
def test_a_mask_has_the_bits_of_what_it_is_for(dtype: str, bits: str) -> None:
    def function(x: Any) -> list[Any]:
        mask = draw_mask(x, np.int64([3, 0]), rate=0.5, noise_shape=(None, 1))
        assert (mask.shape, mask.dtype) == ((None, 1), bits)
        return [mask]

    [mask] = trace(function, [((None, 4), dtype)]).run([np.ones((6, 4), dtype)])
    assert (mask.shape, mask.dtype) == ((6, 1), bits)
    assert set(mask.reshape(-1).tolist()) <= {0, -1}


def test_a_node_of_a_graph_has_the_shape_of_a_part() -> None:
    inputs = minidense.Input((4, 3))
    assert inputs[:, 1:].shape == (None, 3, 3)
    assert inputs[:, -1].shape == (None, 3)
    assert inputs[2:].shape == (None, 4, 3)


@pytest.mark.parametrize("axis", [None, 0, -1, (0, 2), [0]])
def test_axes_of_one_are_taken_away(axis: Any) -> None:
    x = np.ones((1, 3, 1), "float32")
    wanted = np.squeeze(x, tuple(axis) if isinstance(axis, list) else axis)
    assert ops.squeeze(x, axis=axis).shape == wanted.shape


@pytest.mark.parametrize("axis", [2, -3, (0, 5)])
def test_an_axis_that_is_not_there_is_named(axis: Any) -> None:
    with pytest.raises(ValueError, match=r"^`axis` must be from -2 to 1\. Received: axis="):
        ops.mean(np.ones((2, 3)), axis=axis)


def test_arrays_that_do_not_fit_over_each_other_are_named_by_their_shapes() -> None:
    both = r"shapes \(2, 3\) and \(2, 5\)\.$"
    with pytest.raises(ValueError, match=rf"^ops\.multiply cannot .* {both}"):
        ops.multiply(np.ones((2, 3)), np.ones((2, 5)))


STRETCHED = [
    ((3,), (2, 3)),
    ((2, 3), (3,)),
    ((2, 1), (1, 3)),
    ((), (2, 3)),
    ((2, 3), ()),
    ((1,), (1,)),
]


@pytest.mark.parametrize("shapes", STRETCHED, ids=str)
@pytest.mark.parametrize("name", ["add", "subtract", "multiply", "true_divide", "maximum", "where"])
def test_the_gradient_of_what_was_stretched_is_added_up_to_its_shape(
    name: str, shapes: Any
) -> None:
    x, y = (
        np.full(shape, value, "float32") for shape, value in zip(shapes, (3.0, 2.0), strict=True)
    )
    size = np.broadcast(x, y).size
    slopes = {"subtract": (1, -1), "multiply": (2, 3), "true_divide": (0.5, -0.75)}
    of_x, of_y = slopes.get(name, (1, 1 if name == "add" else 0))

    def function(x: Any, y: Any) -> Any:
        values = ops.where(True, x, y) if name == "where" else getattr(ops, name)(x, y)
        return ops.sum(values)

    for found, like, slope in zip(gradients(function, x, y), (x, y), (of_x, of_y), strict=True):
        assert found.shape == like.shape
        np.testing.assert_array_equal(found, np.full(like.shape, slope * size / like.size))


def test_the_gradient_of_another_shape_has_the_shape_of_before() -> None:
    x, like = np.ones((2, 3), "float32"), np.ones((3, 2), "float32")
    factors = np.arange(6, dtype="float32").reshape(3, 2)
    found, _ = gradients(lambda x, y: ops.sum(reshape_like(x, y) * factors), x, like)
    np.testing.assert_array_equal(found, factors.reshape(2, 3))


@pytest.mark.parametrize("name", ["float16", "bfloat16", "uint64", "complex64", np.float16])
def test_a_dtype_that_nothing_is_computed_in_is_refused_by_its_name(name: Any) -> None:
    words = r"^Nothing is computed in dtype \w*(16|64): it must be"
    for refuse in (ops.cast, ops.convert_to_tensor):
        with pytest.raises(TypeError, match=words):
            refuse(np.ones(2, "float32"), name)
    with pytest.raises(TypeError, match=words):
        ops.add(np.ones(2, "float16"), 1)


@pytest.mark.parametrize("name", ["nope", 3, ""])
def test_what_is_no_dtype_is_refused_as_in_keras(name: Any) -> None:
    for refuse in (ops.cast, ops.convert_to_tensor):
        with pytest.raises(ValueError, match=r"^Invalid dtype: "):
            refuse(np.ones(2, "float32"), name)


@pytest.mark.parametrize(
    ("dtype", "name"), [(None, "float32"), (np.int8, "int8"), ("bool", "bool")]
)
def test_a_dtype_may_be_named_in_several_ways(dtype: Any, name: str) -> None:
    assert ops.cast(np.ones(2, "int32"), dtype).dtype == name


def test_a_gradient_goes_back_as_it_is_where_shapes_tell_that_nothing_was_stretched() -> None:
    def slope(x: Any, y: Any) -> list[Any]:
        with Tape() as tape:
            product = ops.multiply(x, y)
        return tape.gradients(product, [x])

    known = ((2, 3), "float32")
    assert "sum_to" not in {call.operation.name for call in trace(slope, [known, known]).calls}


def test_a_vector_times_a_matrix_is_a_vector_of_one_number_too() -> None:
    assert ops.matmul(np.float32([2]), np.float32([[3]])).shape == (1,)


@pytest.mark.parametrize("function", [ops.reciprocal, ops.rsqrt])
def test_no_gradient_stays_none_even_where_the_slope_is_infinite(function: Any) -> None:
    (found,) = gradients(lambda x: ops.multiply(function(x), 0.0), np.float32([0, 4]))
    np.testing.assert_array_equal(found, [0, 0])


@pytest.mark.parametrize("name", ["categorical", "binary"])
def test_a_cross_entropy_of_unlike_shapes_names_both(name: str) -> None:
    function = getattr(ops, f"{name}_crossentropy")
    with pytest.raises(ValueError, match=r"target.*\(2, 3\).*output.*\(2, 2\)"):
        function(ONE_HOT, np.ones((2, 2), "float32"))


@pytest.mark.parametrize("name", ["sparse_categorical", "categorical", "binary"])
def test_the_warning_of_logits_that_are_none_names_the_function(name: str) -> None:
    function = getattr(ops, f"{name}_crossentropy")
    target = LABELS if name == "sparse_categorical" else ONE_HOT
    with pytest.warns(UserWarning, match=f"^`{name}_crossentropy` received from_logits=True"):
        function(target, ops.softmax(tensor_of(LOGITS)), from_logits=True)
