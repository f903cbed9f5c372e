"""TensorFlow's random numbers: what it makes of Philox words.

Two conventions meet here. The stateless one starts at a pair [seed, counter], which is reduced and
scrambled first: initial weights and dropout masks. The older one takes the global seed as the key
as it is: the order in which `fit` reads the samples.
"""

import math
import os
from collections.abc import Sequence

import numpy as np

from minidense import checks
from minidense.numerics.subnormals import Flushed
from minidense.random.philox import counted_words
from minidense.typing import Array, DTypeName, Words

_INT32_MAX = 2**31 - 1
_SCRAMBLE_KEY = (0x3EC8F720, 0x02461E29)
_WORDS_PER_NUMBER = {"float32": 1, "float64": 2}
MANTISSA_BITS = {"float32": 23, "float64": 52}


def uniform(
    shape: Sequence[int], seed: int, counter: int = 0, dtype: DTypeName = "float32"
) -> Array:
    """Return uniform numbers in [0, 1), decided by the pair [seed, counter].

    Args:
        shape: the dimensions of the result; () gives one number, without an axis.
        seed: an integer of any size; seeds that are equal modulo 2**31 - 2 give the same numbers.
        counter: how many times this seed was used before.
        dtype: "float32" (23 random bits a number) or "float64" (52).

    Raises:
        ValueError: for any other dtype.

    Source: `tf.random.stateless_uniform` with the seed of `_cast_seed`
    (`keras/src/backend/tensorflow/random.py`).

    >>> uniform((2,), seed=686579304)
    array([0.8581891 , 0.66262853], dtype=float32)
    """
    size = math.prod(shape)
    words = word_rows(seed, range(counter, counter + 1), size, dtype)
    # exact: a float holds its own mantissa, and a power of two only moves its exponent
    numbers: Array = mantissas(words, dtype)[0, :size].reshape(tuple(shape)).astype(dtype)
    numbers *= np.dtype(dtype).type(2.0 ** -MANTISSA_BITS[dtype])
    return numbers


def uniform_between(
    low: float,
    high: float,
    shape: Sequence[int],
    seed: int,
    counter: int = 0,
    dtype: DTypeName = "float32",
) -> Array:
    """Return uniform numbers in [low, high): `u * (high - low) + low`, each term in `dtype`.

    Subnormal numbers are 0 on the way, as in TensorFlow.

    Args:
        low: the lower bound. A Python float is rounded to float32 first, also for float64 numbers,
            since `tf.cast` does so; a NumPy float is not.
        high: the upper bound, likewise.
        shape: the dimensions of the result.
        seed: as in `uniform`.
        counter: as in `uniform`.
        dtype: "float32" or "float64".

    Raises:
        ValueError: for any other dtype.

    Source: `keras.random.uniform`.

    >>> uniform_between(-1.0, 1.0, (2,), seed=7)
    array([0.49415755, 0.34436035], dtype=float32)
    """
    numbers = uniform(shape, seed, counter, dtype)
    with Flushed():
        lowest = _bound(low, dtype)
        width = _bound(high, dtype) - lowest
        return np.asarray(numbers * width + lowest)


def permutation(size: int, global_seed: int | None) -> Array:
    """Return the order in which `fit(shuffle=True)` reads the samples.

    The seed is that of the whole program, so the order is the same in every epoch and in every
    later `fit`. Without one it differs each time, and nothing else is moved on by that.

    Args:
        size: the number of samples.
        global_seed: what `set_random_seed` was given, or None.

    Returns:
        0 ... size - 1 in a random order, int64 of shape (size,).

    Source: `tf.random.shuffle` in `ArrayDataAdapter.get_tf_dataset`
    (`keras/src/trainers/data_adapters/array_data_adapter.py`).

    >>> permutation(5, global_seed=42)
    array([3, 4, 2, 1, 0])
    """
    return batch_permutations([size], global_seed)[0]


def batch_permutations(sizes: Sequence[int], global_seed: int | None) -> list[Array]:
    """Return the orders in which `fit(shuffle="batch")` reads the samples inside each batch.

    All batches of an epoch read on in one stream. A batch of n samples needs n - 1 words, and takes
    them in whole blocks of four; a batch of one takes none. Each epoch starts the stream again.

    Args:
        sizes: the number of samples of each batch, in the order of the batches.
        global_seed: what `set_random_seed` was given, or None for a fresh order each time.

    Returns:
        For each batch 0 ... n - 1 in a random order, int64 of shape (n,).

    Source: as `permutation`; `RandomShuffle` reserves its words by `GuardedPhiloxRandom`.

    >>> batch_permutations([4, 4, 3], global_seed=42)
    [array([3, 2, 0, 1]), array([3, 1, 2, 0]), array([1, 2, 0])]
    """
    blocks = [max(0, size - 1 + 3) // 4 for size in sizes]
    key, upper = _shuffle_key(global_seed)
    words = counted_words([key], [upper], sum(blocks))[0]
    orders = []
    start = 0
    for size, taken in zip(sizes, blocks, strict=True):
        orders.append(_fisher_yates(size, words[start : start + max(0, size - 1)]))
        start += 4 * taken
    return orders


def _fisher_yates(size: int, words: Words) -> Array:
    """Return 0 ... size - 1, shuffled from the front by size - 1 words."""
    places = np.arange(len(words))
    partners = (places + words % (size - places)).tolist()
    order = list(range(size))
    for place, partner in enumerate(partners):  # on lists: a quarter of the time of an array
        order[place], order[partner] = order[partner], order[place]
    return np.array(order, dtype=np.int64)


def _shuffle_key(global_seed: int | None) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the key and the upper counter words of the stream that shuffles."""
    if global_seed is None:
        fresh = [int.from_bytes(os.urandom(4), "little") for _ in range(4)]
        return (fresh[0], fresh[1]), (fresh[2], fresh[3])
    key = global_seed % _INT32_MAX
    # TensorFlow takes a key and an upper half of zero for "no seed", and avoids that pair.
    return (key, 0), (0 if key else _INT32_MAX, 0)


def word_rows(seed: int, counters: range, size: int, dtype: DTypeName) -> Words:
    """Return the words of `size` numbers for each counter, in whole blocks."""
    if not isinstance(dtype, str) or dtype not in _WORDS_PER_NUMBER:
        raise ValueError(
            "Random numbers have dtype 'float32' or 'float64'; "
            f"received dtype={checks.brief(dtype)}."
        )
    upper = [(counter % (_INT32_MAX - 1), 0) for counter in counters]
    keys = [_SCRAMBLE_KEY] * len(upper)
    scrambled = counted_words(keys, upper, 1, seed % (_INT32_MAX - 1))  # (counters, 4)
    return counted_words(scrambled[:, :2], scrambled[:, 2:], blocks_of(size, dtype))


def mantissas(words: Words, dtype: DTypeName) -> Array:
    """Return the random bits of each number as a signed integer of its width; in place if it can.

    For a float32 they are the low 23 of a word, for a float64 the low 20 of one and then the next.
    """
    if dtype == "float32":
        words &= np.uint32(0x007FFFFF)
        return words.view(np.int32)
    high = words[:, 0::2] & np.uint32(0x000FFFFF)
    return (high.astype(np.uint64) << np.uint64(32) | words[:, 1::2]).view(np.int64)


def _bound(value: float, dtype: DTypeName) -> Array:
    """Return a bound as `tf.cast` reads it: a Python float is a float32 before all else."""
    return np.asarray(np.float32(value) if type(value) is float else value).astype(dtype)


def blocks_of(size: int, dtype: DTypeName) -> int:
    """Return how many blocks of four words hold this many numbers."""
    return (size * _WORDS_PER_NUMBER[dtype] + 3) // 4
