"""Dropout: what it drops, from which seed, and what it refuses."""

import random

import numpy as np
import pytest

from minidense.layers import Dropout
from tests.messages import message_of


def ones(*shape):
    return np.ones(shape, "float32")


def test_dropout_keeps_the_mean_and_drops_the_rate():
    outputs = Dropout(0.25, seed=1)(ones(1000, 100), training=True)
    assert abs(np.mean(outputs == 0) - 0.25) < 0.01  # 7 standard deviations
    np.testing.assert_array_equal(np.unique(outputs), np.float32([0, 4 / 3]))


def test_dropout_with_a_noise_shape_drops_whole_rows():
    outputs = Dropout(0.5, noise_shape=(None, 1), seed=1)(ones(50, 4), training=True)
    assert set(outputs.sum(axis=1)) == {0.0, 8.0}


def test_dropped_numbers_do_not_overflow():
    layer = Dropout(0.9, seed=1)
    keep = layer(ones(1, 50), training=True) > 0
    layer.seed_generator.state.assign([1, 0])
    inputs = np.where(keep, np.float32(1), np.float32(3e38))  # warnings are errors here
    np.testing.assert_array_equal(layer(inputs, training=True) > 0, keep)


@pytest.mark.parametrize("dtype", [">f4", "<f8", ">f8"])
def test_dropout_selects_numbers_in_any_order_of_bytes(dtype):
    inputs = np.arange(1, 41).reshape(5, 8).astype(dtype)
    outputs = np.asarray(Dropout(0.5, seed=1, dtype="float64")(inputs, training=True))
    wanted = Dropout(0.5, seed=1, dtype="float64")(inputs.astype("float64"), training=True)
    np.testing.assert_array_equal(outputs, wanted)
    assert 0 < (outputs == 0).sum() < 40
    np.testing.assert_array_equal(outputs[outputs > 0], 2 * inputs[outputs > 0])


def test_a_dropout_of_rate_0_draws_no_seed() -> None:
    state = random.getstate()
    assert Dropout(0).variables == []
    assert random.getstate() == state


def test_a_dropout_goes_by_the_state_that_is_set() -> None:
    x = np.ones((4, 64), "float32")
    layer, other = Dropout(0.25, seed=1), Dropout(0.25, seed=2)
    layer.seed_generator.state.assign([2, 0])
    for _ in range(2):
        np.testing.assert_array_equal(layer(x, training=True), other(x, training=True))


def test_a_dropout_of_whole_numbers_names_itself() -> None:
    assert message_of(lambda: Dropout(0.5)(np.ones((1, 2), "int32"), training=True)) == (
        "ValueError: Dropout takes floating point numbers. Received x of dtype int32: "
        "cast it first, for example with x.astype('float32')."
    )


@pytest.mark.parametrize("shape", [(2,), ()])
def test_a_noise_shape_of_more_dimensions_than_the_inputs_is_refused(
    shape: tuple[int, ...],
) -> None:
    message = r"^Layer 'drop': `noise_shape` gives a mask of shape \((2|None), 1\), which does not"
    with pytest.raises(ValueError, match=message):
        Dropout(0.5, noise_shape=(None, 1), name="drop")(np.ones(shape, "float32"), training=True)
