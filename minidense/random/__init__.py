"""Random numbers as Keras on TensorFlow gives them, bit for bit.

Read in this order: `philox` is the cipher, `streams` turns its words into TensorFlow's numbers,
`masks` reads those of dropouts ahead, `seeds` says which seed each of them starts from.

Mirrors `keras.random`; only what is equal in every bit is here.
"""

from collections.abc import Sequence

from minidense import checks
from minidense.config import floatx
from minidense.random.seeds import SeedGenerator, seed_pair
from minidense.random.streams import uniform_between
from minidense.typing import Array, DTypeName


def uniform(
    shape: Sequence[int],
    minval: float = 0.0,
    maxval: float = 1.0,
    dtype: DTypeName | None = None,
    seed: int | SeedGenerator | None = None,
) -> Array:
    """Return uniform numbers in [minval, maxval).

    Args:
        shape: the dimensions of the result.
        minval: the lower bound.
        maxval: the upper bound.
        dtype: "float32" or "float64"; by default `minidense.config.floatx()`.
        seed: an integer gives the same numbers at each call; a `SeedGenerator` gives the next
            ones; None takes those of a generator that the whole program shares.

    Raises:
        ValueError: for another dtype, another seed, or a negative dimension.

    Source: `keras.random.uniform`.

    >>> uniform((2,), minval=-1.0, seed=7)
    array([0.49415755, 0.34436035], dtype=float32)
    """
    shape = checks.weight_shape(shape)
    checks.numeric("minval", minval)
    checks.numeric("maxval", maxval)
    dtype_name = checks.float_dtype(dtype, floatx())
    counted_seed = seed_pair(seed)
    return uniform_between(minval, maxval, shape, *counted_seed, dtype_name)


__all__ = ["SeedGenerator", "uniform"]
