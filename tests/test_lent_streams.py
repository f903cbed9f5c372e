"""The masks and orders that the parity tests lend to Keras on JAX and torch; Keras is not asked."""

import numpy as np
import pytest

from minidense.random.masks import MaskStream
from tests import lent_streams


@pytest.mark.parametrize(
    ("noise_shape", "shape"),
    [
        (None, (3, 4)),
        ((None, 1), (3, 1)),
        ((None, None), (3, 4)),
        ((1, 4), (1, 4)),
        ((4,), (4,)),  # stretched over the first axis, as in Keras
    ],
)
def test_none_in_a_noise_shape_is_the_size_of_its_axis(
    noise_shape: tuple[int | None, ...] | None, shape: tuple[int, ...]
) -> None:
    assert lent_streams._mask_shape(np.ones((3, 4)), noise_shape) == shape


@pytest.mark.parametrize(("seed", "counter"), [(0, 0), (7, 3), (2**31, 1)])
def test_a_mask_that_is_lent_is_the_one_that_minidense_draws(seed: int, counter: int) -> None:
    kept = lent_streams._kept((seed, counter), (5, 7), 0.3, "float32")
    ours = MaskStream(seed, 0.3).mask(counter, 35) == -1
    np.testing.assert_array_equal(kept.ravel(), ours)
    assert kept.any()
    assert not kept.all()


def test_float64_has_a_stream_of_its_own_and_every_other_type_takes_float32s() -> None:
    narrow, wide, half = (
        lent_streams._kept((7, 0), (40, 40), 0.5, dtype)
        for dtype in ("float32", "float64", "float16")
    )
    assert (narrow != wide).any()
    np.testing.assert_array_equal(narrow, half)
