"""The cipher: its known answers, and its definition in plain integers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidense.random import philox
from minidense.random.philox import counted_words
from tests.random.plain_philox import philox_in_plain_integers

words = st.integers(0, 2**32 - 1)
modest = settings(max_examples=50, deadline=None)  # the time is no part of the claim

# Random123, tests/kat_vectors, "philox4x32 10": counter and key, then the answer.
KNOWN_ANSWERS = [
    (
        "00000000 00000000 00000000 00000000  00000000 00000000",
        "6627e8d5 e169c58d bc57ac4c 9b00dbd8",
    ),
    (
        "ffffffff ffffffff ffffffff ffffffff  ffffffff ffffffff",
        "408f276d 41c83b0e a20bc7c6 6d5451fd",
    ),
    (
        "243f6a88 85a308d3 13198a2e 03707344  a4093822 299f31d0",
        "d16cfe09 94fdcceb 5001e420 24126ea1",
    ),
]


def from_hex(text):
    return [int(word, 16) for word in text.split()]


def block_of(counter, key):
    """Return the words of one block, by its whole counter."""
    low, high, *upper = counter
    return counted_words([key], [upper], blocks=1, first_block=high << 32 | low)[0].tolist()


@pytest.mark.parametrize(("question", "answer"), KNOWN_ANSWERS)
def test_philox_gives_the_known_answers_of_random123(question, answer):
    *counter, first_key, second_key = from_hex(question)
    assert block_of(counter, (first_key, second_key)) == from_hex(answer)


@modest
@given(counter=st.tuples(words, words, words, words), key=st.tuples(words, words))
def test_philox_equals_its_definition_in_plain_integers(counter, key):
    assert block_of(counter, key) == philox_in_plain_integers(counter, key)


@modest
@given(
    keys=st.lists(st.tuples(words, words), max_size=4),
    blocks=st.integers(0, 9),
    first_block=st.integers(0, 2**40),
    piece=st.integers(1, 20),
)
def test_counted_words_are_the_same_in_pieces_of_any_size(keys, blocks, first_block, piece):
    keys = np.array(keys, dtype=np.uint64).reshape(-1, 2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(philox, "_BLOCKS_AT_ONCE", piece)
        result = counted_words(keys, keys + 1 & 0xFFFFFFFF, blocks, first_block)
    assert result.shape == (len(keys), 4 * blocks)
    for (k, m), row in zip(keys.tolist(), result, strict=True):
        upper = [(k + 1) & 0xFFFFFFFF, (m + 1) & 0xFFFFFFFF]
        numbers = range(first_block, first_block + blocks)
        expected = [
            word
            for number in numbers
            for word in philox_in_plain_integers([number % 2**32, number >> 32, *upper], [k, m])
        ]
        assert row.tolist() == expected


def test_counted_words_carry_into_the_second_counter_word():
    across = counted_words([[1, 2]], [[3, 4]], blocks=2, first_block=2**32 - 1)[0]
    assert across[4:].tolist() == philox_in_plain_integers([0, 1, 3, 4], [1, 2])


def test_the_cipher_leaves_its_arguments_alone():
    keys, upper = np.full((2, 2), 5, np.uint64), np.full((2, 2), 6, np.uint64)
    counted_words(keys, upper, 3)
    assert (keys == 5).all()
    assert (upper == 6).all()
