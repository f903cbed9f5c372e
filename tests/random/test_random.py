"""The public face of the random numbers, as `keras.random` has it."""

from typing import Any

import numpy as np
import pytest

from minidense import config
from minidense import random as public


def test_the_public_face_has_the_names_of_keras_random():
    assert public.__all__ == ["SeedGenerator", "uniform"]


def test_uniform_numbers_are_from_0_to_1_in_floatx_unless_told_otherwise() -> None:
    plain = public.uniform((1000,), seed=3)
    assert plain.dtype == np.float32
    assert 0 <= plain.min() < 0.01
    assert 0.99 < plain.max() < 1
    np.testing.assert_array_equal(public.uniform((1000,), 0.0, 1.0, "float32", 3), plain)
    config.set_floatx("float64")
    try:
        assert public.uniform((2,), seed=3).dtype == np.float64
    finally:
        config.set_floatx("float32")
    with pytest.raises(ValueError, match="float32"):
        public.uniform((2,), dtype="int32", seed=3)  # type: ignore[arg-type]


@pytest.mark.parametrize("argument", ["minval", "maxval"])
def test_a_bound_that_is_no_number_is_named(argument: str) -> None:
    wrong: dict[str, Any] = {argument: "x"}
    with pytest.raises(ValueError, match=rf"^`{argument}` must be a number or an array"):
        public.uniform((2,), **wrong)
