"""Philox4x32-10: a cipher that turns a counter and a key into four random words.

Four 32-bit words of counter and two of key go through ten rounds; four 32-bit words come out. There
is no hidden state: the words at any place of a stream can be had without those before it.

Mirrors Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011),
and its known answers in Random123, `kat_vectors`.

One round, on counter (a, b, c, d) and key (k, l), with (high, low) the halves of a 64-bit product:

    (a, b, c, d) -> (high(c * M1) ^ b ^ k,  low(c * M1),  high(a * M0) ^ d ^ l,  low(a * M0))

The code holds the words as two pairs: `factors` (a, c), which are multiplied, and `others` (b, d).
A round also swaps the two members of a pair. They are left where they fall, so every second round
works on (c, a) and (d, b), and after ten rounds the order is the first one again. The arrays are
uint64, which holds a whole product.
"""

import numpy as np
import numpy.typing as npt

from minidense.typing import Array, Words

_ROUNDS = 10
_MULTIPLIERS = np.array([0xD2511F53, 0xCD9E8D57], dtype=np.uint64)  # M0, M1
_KEY_STEPS = np.array([0x9E3779B9, 0xBB67AE85], dtype=np.uint64)  # added to (k, l) each round
_LOW_HALF = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)

_BLOCKS_AT_ONCE = 16384  # three buffers of two words a block: 768 KiB, which the L2 cache holds
_NUMPYS_BUFFER = 1024  # with its own 8192, NumPy copies the keys: a fourth more time for all


def counted_words(
    keys: npt.ArrayLike, upper: npt.ArrayLike, blocks: int, first_block: int = 0
) -> Words:
    """Return the words of several streams, each of which counts its blocks of four words.

    The counter of a block has the block's number in its lower 64 bits and `upper` in the others.
    The work goes through the buffers in pieces that stay in the cache.

    Args:
        keys: one key a stream, words of shape (streams, 2).
        upper: the upper two counter words of each stream, shape (streams, 2).
        blocks: how many blocks to read of each stream.
        first_block: the number of the first of them, of 64 bits.

    Returns:
        Words, uint32 of shape (streams, 4 * blocks), in the order of the streams.

    >>> [hex(word) for word in counted_words([[0, 0]], [[0, 0]], blocks=1)[0]]
    ['0x6627e8d5', '0xe169c58d', '0xbc57ac4c', '0x9b00dbd8']
    """
    key_words = np.asarray(keys, dtype=np.uint64)
    upper_words = np.asarray(upper, dtype=np.uint64).T[:, :, np.newaxis]  # (2, streams, 1)
    streams = len(key_words)
    round_keys = _round_keys(key_words)
    words = np.empty((streams, blocks, 4), dtype=np.uint32)
    # As much of each stream as fits, since a long row takes NumPy less time than many short ones.
    length = max(1, min(blocks, _BLOCKS_AT_ONCE))
    rows = max(1, min(streams, _BLOCKS_AT_ONCE // length))
    buffers = [np.empty((2, rows, length), dtype=np.uint64) for _ in range(3)]
    for row in range(0, streams, rows):
        some = slice(row, row + rows)
        for start in range(0, blocks, length):
            piece = words[some, start : start + length]  # (rows, blocks, 4), fewer at the end
            factors, others, spare = (
                buffer[:, : len(piece), : len(piece[0])] for buffer in buffers
            )
            numbers = np.uint64(first_block + start) + np.arange(len(piece[0]), dtype=np.uint64)
            factors[0], others[0] = numbers & _LOW_HALF, numbers >> _HALF
            factors[1], others[1] = upper_words[:, some]
            factors, others = _ten_rounds(factors, others, spare, round_keys[:, :, some])
            piece[..., 0], piece[..., 2] = factors
            piece[..., 1], piece[..., 3] = others
    return words.reshape(streams, 4 * blocks)


def _ten_rounds(
    factors: Array, others: Array, product: Array, round_keys: Array
) -> tuple[Array, Array]:
    """Run the cipher in place on three arrays of shape (2, streams, blocks), all overwritten.

    Returns:
        (factors, others): words (0, 2) and (1, 3) of the result, in two of the three arrays.
    """
    multipliers = _MULTIPLIERS[:, np.newaxis, np.newaxis]
    with np.errstate():  # which ends what is said about the buffer, too
        np.setbufsize(_NUMPYS_BUFFER)
        for key in round_keys:
            np.multiply(factors, multipliers, out=product)
            np.right_shift(product, _HALF, out=factors)
            np.bitwise_xor(factors, others[::-1], out=factors)
            np.bitwise_xor(factors, key, out=factors)
            np.bitwise_and(product, _LOW_HALF, out=product)
            others, product = product, others
            multipliers = multipliers[::-1]
    return factors, others


def _round_keys(keys: Array) -> Array:
    """Return the keys of all rounds, (10, 2, streams, 1), in the order that each round needs.

    Even rounds leave their pair as (c, a), and so take (l, k); odd rounds take (k, l).
    """
    rounds = np.arange(_ROUNDS, dtype=np.uint64)[:, np.newaxis, np.newaxis]
    schedule = (keys + rounds * _KEY_STEPS) & _LOW_HALF  # (10, streams, 2)
    schedule[0::2] = schedule[0::2, :, ::-1]
    return np.ascontiguousarray(schedule.transpose(0, 2, 1))[..., np.newaxis]
