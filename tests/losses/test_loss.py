"""Loss: how values become one number, in which dtype, and what a user's function lacks."""

from typing import Any

import numpy as np
import pytest

from minidense import losses, ops
from minidense.losses import Loss, LossFunctionWrapper, MeanSquaredError
from minidense.losses.loss import to_same_rank
from minidense.names import reset_names
from tests.losses.gradients import value_and_gradient

REDUCTIONS = ["sum_over_batch_size", "sum", "mean_with_sample_weight", "none"]
PROBABILITIES = np.float32([[0.2, 0.3, 0.5], [0.1, 0.8, 0.1]])
TARGETS = np.float32([[0, 0, 1], [0.5, 0.5, 0]])


# Reductions


def test_reductions_differ_by_their_divisor_only():
    y_true, y_pred = np.zeros((3, 2), "float32"), np.ones((3, 2), "float32")
    weight = np.float32([1, 2, 3])
    found = {name: losses.MeanSquaredError(name)(y_true, y_pred, weight) for name in REDUCTIONS}
    np.testing.assert_array_equal(found["none"], [1, 2, 3])
    assert found["sum"] == 6
    assert found["sum_over_batch_size"] == 2
    assert found["mean_with_sample_weight"] == 1


def test_a_stretched_weight_counts_once_in_the_divisor_as_in_keras():
    loss = losses.MeanSquaredError("mean_with_sample_weight")
    assert loss(np.zeros((3, 2)), np.ones((3, 2)), 2.0) == 3


def test_a_column_of_weights_gives_a_column_of_values_as_in_keras():
    loss = losses.MeanSquaredError("none")
    y_true, y_pred = np.zeros((3, 2), "float32"), np.ones((3, 2), "float32")
    assert loss(y_true, y_pred, np.ones((3, 1))).shape == (3, 1)
    assert loss(y_true, y_pred, np.ones(3)).shape == (3,)


@pytest.mark.parametrize("reduction", REDUCTIONS[:3])
def test_no_rows_or_no_weight_give_0_and_no_nan(reduction):
    loss = losses.MeanSquaredError(reduction)
    assert loss(np.zeros((0, 2)), np.zeros((0, 2))).shape == (0,)  # nothing to reduce, as in Keras
    value, gradient = value_and_gradient(loss, np.ones((2, 2)), np.zeros((2, 2)), np.zeros(2))
    assert value == 0
    np.testing.assert_array_equal(gradient, 0)


def test_weights_that_sum_to_nothing_give_a_loss_of_nothing() -> None:
    loss = MeanSquaredError(reduction="mean_with_sample_weight")
    targets, predictions = np.float32([[1.0], [3.0]]), np.float32([[2.0], [5.0]])
    weights = np.float32([1.0, -1.0])
    assert loss(targets, predictions, weights) == 0
    value, gradient = value_and_gradient(loss, targets, predictions, weights)
    assert value == 0
    np.testing.assert_array_equal(gradient, np.zeros((2, 1)))


# Dtypes and ranks


def test_a_gradient_has_the_shape_and_dtype_of_the_predictions() -> None:
    targets, predictions = np.float32([1.0, 3.0]), np.float32([[2.0], [5.0]])
    value, gradient = value_and_gradient(MeanSquaredError(), targets, predictions)
    assert value == 2.5
    np.testing.assert_array_equal(gradient, [[1.0], [2.0]])
    value, gradient = value_and_gradient(MeanSquaredError(), targets[:, None, None], predictions)
    np.testing.assert_array_equal(gradient, [[1.0], [2.0]])
    weights = np.float32([1.0, 3.0])
    for reduction, share in (("sum", 1), ("mean", 1 / 2), ("mean_with_sample_weight", 1 / 4)):
        loss = MeanSquaredError(reduction=reduction)
        value, gradient = value_and_gradient(loss, targets, predictions, weights)
        assert value == 13 * share
        np.testing.assert_array_equal(gradient, np.float32([[2.0], [12.0]]) * np.float32(share))
        assert value.dtype == gradient.dtype == np.float32
    double = value_and_gradient(MeanSquaredError(dtype="float64"), targets, np.float64(predictions))
    assert double[0].dtype == double[1].dtype == np.float64


def test_a_gradient_goes_back_into_the_rank_of_the_predictions() -> None:
    predictions = np.float32([2.0, 5.0])
    value, gradient = value_and_gradient(MeanSquaredError(), np.float32([[1], [3]]), predictions)
    assert value == 2.5
    np.testing.assert_array_equal(gradient, np.float32([1.0, 2.0]))


def test_a_loss_computes_in_its_own_dtype_whatever_comes() -> None:
    loss = MeanSquaredError()
    targets, predictions = np.float64([[1.0], [3.0]]), np.float64([[2.0], [5.0]])
    assert loss(targets, predictions).dtype == np.float32
    value, gradient = value_and_gradient(loss, targets, predictions)
    assert value.dtype == np.float32
    assert gradient.dtype == np.float64  # the gradient of a cast is cast back


def test_to_same_rank_adds_or_drops_one_last_axis_of_1():
    for first, second, wanted in [
        ((3,), (3, 1), ((3, 1), (3, 1))),
        ((3, 1), (3,), ((3, 1), (3, 1))),
        ((3, 2), (3, 2, 1), ((3, 2), (3, 2))),
        ((3, 2, 1), (3, 2), ((3, 2), (3, 2))),
        ((3,), (3, 2), ((3,), (3, 2))),
        ((), (3, 1), ((), (3, 1))),
    ]:
        found = to_same_rank(np.zeros(first), np.zeros(second))
        assert tuple(array.shape for array in found) == wanted


# Functions and subclasses of a user


def test_a_function_is_called_with_its_arguments() -> None:
    def distance(y_true: Any, y_pred: Any, power: int = 1) -> Any:
        return ops.sum(abs(y_true - y_pred) ** power, axis=-1)

    loss = LossFunctionWrapper(distance, reduction="sum", dtype="float64", power=2)
    assert (loss.reduction, loss.dtype) == ("sum", "float64")
    assert loss(np.float64([[1.0, 2.0]]), np.float64([[3.0, 5.0]])) == 13.0
    assert LossFunctionWrapper(distance).reduction == "sum_over_batch_size"
    assert LossFunctionWrapper(distance, name="mine").name == "mine"
    reset_names()
    assert LossFunctionWrapper(distance).name == "loss_function_wrapper"  # as in Keras


def test_a_function_without_a_name_has_an_automatic_one() -> None:
    class Distance:
        def __call__(self, y_true: Any, y_pred: Any) -> Any:
            return abs(y_true - y_pred)

    reset_names()
    assert LossFunctionWrapper(Distance()).name == "loss_function_wrapper"


def test_a_function_of_the_user_has_a_gradient():
    loss = LossFunctionWrapper(lambda y_true, y_pred, power: abs(y_true - y_pred) ** power, power=2)
    value, gradient = value_and_gradient(loss, np.float32([1, 2]), np.float32([1, 4]))
    assert value == 2
    np.testing.assert_array_equal(gradient, [0, 2])


def test_a_users_loss_needs_a_call():
    with pytest.raises(NotImplementedError, match="Loss Loss needs a `call"):
        Loss()(np.ones((2, 1)), np.ones((2, 1)))


def test_a_users_loss_says_what_it_lacks() -> None:
    class Mine(Loss):
        pass

    reset_names()
    loss = Mine()
    assert loss.name == "mine"
    with pytest.raises(
        NotImplementedError, match=r"^Loss Mine needs a `call\(y_true, y_pred\)`\.$"
    ):
        loss(TARGETS, PROBABILITIES)
