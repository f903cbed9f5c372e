"""The streams: uniform numbers, masks that are read ahead, and the order of the rows."""

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidense.random import masks, streams
from minidense.random.masks import MaskStream
from minidense.random.philox import counted_words
from minidense.random.streams import batch_permutations, permutation, uniform, uniform_between
from tests.random.plain_philox import philox_in_plain_integers

any_seed = st.integers(-(2**63), 2**63 - 1)
dtypes = st.sampled_from(["float32", "float64"])
modest = settings(max_examples=50, deadline=None)  # the time is no part of the claim


def same_bits(first, second):
    return (
        first.dtype == second.dtype
        and first.shape == second.shape
        and first.tobytes() == second.tobytes()
    )


# Uniform numbers


@modest
@given(seed=any_seed, counter=any_seed, dtype=dtypes)
def test_uniform_numbers_are_at_least_0_and_below_1(seed, counter, dtype):
    numbers = uniform((101,), seed, counter, dtype)
    assert numbers.dtype == dtype
    assert numbers.min() >= 0.0
    assert numbers.max() < 1.0


@modest
@given(seed=any_seed, size=st.integers(0, 40), more=st.integers(0, 40), dtype=dtypes)
def test_a_longer_row_of_uniform_numbers_begins_with_the_shorter(seed, size, more, dtype):
    longer = uniform((size + more,), seed, 0, dtype)
    assert same_bits(uniform((size,), seed, 0, dtype), longer[:size].copy())


@pytest.mark.parametrize("shape", [(), (0,), (1,), (2, 0, 3), (3, 5), [4, 2]])
def test_uniform_has_the_shape_that_was_asked_for(shape):
    numbers = uniform(shape, seed=3)
    assert numbers.shape == tuple(shape)
    assert numbers.flags.writeable


def test_seeds_equal_modulo_2_to_the_31_minus_2_give_the_same_numbers():
    assert same_bits(uniform((9,), 5), uniform((9,), 5 - (2**31 - 2)))
    assert not same_bits(uniform((9,), 5), uniform((9,), 5 + 2**31))


def test_seeds_and_counters_begin_again_at_the_same_number() -> None:
    begins_again = 2**31 - 2
    plain = streams.uniform((4,), 5, 7)
    np.testing.assert_array_equal(streams.uniform((4,), 5 + begins_again, 7), plain)
    np.testing.assert_array_equal(streams.uniform((4,), 5, 7 + begins_again), plain)
    for seed, counter in ((5 + begins_again + 1, 7), (5, 7 + begins_again - 1)):
        assert (streams.uniform((4,), seed, counter) != plain).any()


def test_uniform_is_pinned_to_the_first_kernel_of_seed_42():
    bits = uniform((3,), seed=686579304).view(np.uint32)
    assert [hex(word) for word in bits] == ["0x3f5bb248", "0x3f29a206", "0x3eb7a8f0"]


def test_a_float64_takes_20_bits_of_one_word_and_the_next_word() -> None:
    scrambled = philox_in_plain_integers([5, 0, 7, 0], (0x3EC8F720, 0x02461E29))
    words = counted_words([scrambled[:2]], [scrambled[2:]], blocks=2)[0].tolist()
    pairs = zip(words[0:6:2], words[1:6:2], strict=True)
    expected = [((high & 0xFFFFF) << 32 | low) / 2**52 for high, low in pairs]
    assert streams.uniform((3,), 5, 7, "float64").tolist() == expected


RATE = 0.3


@pytest.mark.parametrize("dtype", ["float16", "int32", "double"])
def test_uniform_of_another_dtype_is_a_value_error(dtype):
    with pytest.raises(ValueError, match=dtype):
        uniform((2,), seed=1, dtype=dtype)
    with pytest.raises(ValueError, match=dtype):
        MaskStream(1, RATE).mask(0, 2, dtype)


def test_random_numbers_are_float32_or_float64() -> None:
    message = r"^Random numbers have dtype 'float32' or 'float64'; received dtype='int32'\.$"
    with pytest.raises(ValueError, match=message):
        streams.uniform((2,), 5, 0, "int32")  # type: ignore[arg-type]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_uniform_between_rounds_every_term_to_the_dtype(dtype):
    kind = np.dtype(dtype).type
    bounds = np.float64(-0.1), np.float64(0.7)
    numbers = uniform_between(*bounds, (50,), seed=9, counter=2, dtype=dtype)
    low, high = map(kind, bounds)
    assert same_bits(numbers, uniform((50,), 9, 2, dtype) * (high - low) + low)


def test_a_python_float_is_a_float32_bound_also_for_float64_numbers():
    rounded = float(np.float32(0.1)), float(np.float32(0.7))
    assert rounded != (0.1, 0.7)
    numbers = uniform_between(0.1, 0.7, (50,), seed=9, dtype="float64")
    assert same_bits(numbers, uniform_between(*rounded, (50,), seed=9, dtype="float64"))


def test_uniform_between_of_no_dimensions_is_an_array_of_no_dimensions():
    number = uniform_between(-1.0, 1.0, (), seed=9)
    assert isinstance(number, np.ndarray)
    assert number.shape == ()


# Masks read ahead


def kept(size, seed, counter, dtype="float32", rate=RATE):
    """All ones where the uniform number is the rate or more, by the definition."""
    keep = uniform((size,), seed, counter, dtype) >= np.dtype(dtype).type(rate)
    return -keep.astype("int32" if dtype == "float32" else "int64")


@modest
@given(seed=any_seed, rate=st.floats(0, 1, exclude_min=True, exclude_max=True), dtype=dtypes)
def test_a_mask_is_the_comparison_of_uniform_numbers_with_the_rate(seed, rate, dtype):
    assert same_bits(MaskStream(seed, rate).mask(3, 50, dtype), kept(50, seed, 3, dtype, rate))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_number_that_equals_the_rate_is_kept_and_the_next_smaller_one_dropped(dtype):
    numbers = uniform((20,), 5, 0, dtype)
    for place, number in enumerate(numbers):
        above = float(np.nextafter(number, number.dtype.type(1)))
        assert MaskStream(5, float(number)).mask(0, 20, dtype)[place] == -1
        assert MaskStream(5, above).mask(0, 20, dtype)[place] == 0


@pytest.mark.parametrize(("dtype", "kept"), [("float32", 25), ("float64", 24)])
def test_a_mask_keeps_a_number_that_equals_the_rate_in_its_own_dtype(dtype: Any, kept: int) -> None:
    numbers = streams.uniform((50,), 5, 7, dtype)
    rate = float(np.sort(numbers)[25])
    mask = masks.MaskStream(5, rate).mask(7, 50, dtype)
    np.testing.assert_array_equal(mask, -(numbers >= rate).astype(int))
    assert mask.sum() == -25
    a_little_more = rate * (1 + 1e-8)  # which is the same float32
    assert masks.MaskStream(5, a_little_more).mask(7, 50, dtype).sum() == -kept


def test_a_mask_read_ahead_has_the_same_bits_as_one_read_alone():
    stream = MaskStream(119540832, RATE)
    for counter in range(150):
        assert same_bits(stream.mask(counter, 37), kept(37, 119540832, counter))


@modest
@given(
    seed=any_seed,
    calls=st.lists(st.tuples(st.integers(0, 12), st.sampled_from([0, 1, 5, 8]), dtypes)),
)
def test_a_mask_stream_changes_no_bit_in_any_order_of_calls(seed, calls):
    stream = MaskStream(seed, RATE)
    for counter, size, dtype in calls:
        mask = stream.mask(counter, size, dtype)
        assert same_bits(mask, kept(size, seed, counter, dtype))


@modest
@given(
    steps=st.integers(1, 30),
    short=st.integers(1, 7),
    epochs=st.integers(1, 8),
    blocks=st.integers(1, 64),
)
def test_a_short_last_batch_in_each_epoch_changes_no_bit(steps, short, epochs, blocks):
    stream = MaskStream(6, RATE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(masks, "_BLOCKS_AHEAD", blocks)
        for counter, size in enumerate(([8] * steps + [short]) * epochs):
            assert same_bits(stream.mask(counter, size), kept(size, 6, counter))


@pytest.fixture
def counters_read(monkeypatch):
    """How many counters each call of the cipher took, and for which size."""
    reads = []
    original = masks.word_rows

    def counting(seed, counters, size, dtype):
        reads.append((len(counters), size))
        return original(seed, counters, size, dtype)

    monkeypatch.setattr(masks, "word_rows", counting)
    return reads


def test_a_mask_stream_reads_one_step_first_and_ahead_from_the_second(counters_read):
    stream = MaskStream(1, RATE)
    for counter in range(1 + 32 + 32):
        stream.mask(counter, 4096)
    assert counters_read == [(1, 4096), (32, 4096), (32, 4096)]


def test_a_short_last_batch_wastes_nothing_that_was_read_ahead(counters_read):
    stream = MaskStream(1, RATE)
    for counter, size in enumerate(([4096] * 10 + [1000]) * 10):
        stream.mask(counter, size)
    main = [steps for steps, size in counters_read if size == 4096]
    short = [steps for steps, size in counters_read if size == 1000]
    assert main[0] == 1
    assert set(main[1:]) == {32}
    assert len(main) == 1 + 4  # 109 counters in reads of 32
    assert short == [1] * 10


def test_a_mask_too_large_to_read_ahead_is_read_alone(counters_read):
    stream = MaskStream(1, RATE)
    for counter in range(3):
        stream.mask(counter, 4 * 32768)
    assert [steps for steps, _ in counters_read] == [1, 1, 1]


def test_masks_are_read_only_so_that_no_caller_can_change_those_ahead():
    stream = MaskStream(1, RATE)
    for counter in range(3):
        with pytest.raises(ValueError, match="read-only"):
            stream.mask(counter, 4)[0] = 0


def test_a_mask_stays_as_it_is_when_the_stream_reads_on():
    stream = MaskStream(1, RATE)
    masks = [stream.mask(counter, 4096) for counter in range(100)]
    for counter, mask in enumerate(masks):
        assert same_bits(mask, kept(4096, 1, counter))


# The order of the samples


@modest
@given(size=st.integers(0, 300), seed=st.integers(0, 2**32 - 1))
def test_a_permutation_has_every_index_once(size, seed):
    order = permutation(size, seed)
    assert order.dtype == np.int64
    assert order.shape == (size,)
    assert sorted(order.tolist()) == list(range(size))


def test_a_permutation_is_fisher_yates_from_the_front_by_raw_words():
    order = list(range(10))
    for i in range(9):
        word = philox_in_plain_integers([i // 4, 0, 0, 0], [42, 0])[i % 4]
        j = i + word % (10 - i)
        order[i], order[j] = order[j], order[i]
    assert permutation(10, 42).tolist() == order


def test_a_seed_of_0_shuffles_with_the_upper_half_that_tensorflow_puts_there():
    assert permutation(20, 0).tolist() == permutation(20, 2**31 - 1).tolist()
    word = philox_in_plain_integers([0, 0, 2**31 - 1, 0], [0, 0])[0]
    assert permutation(20, 0)[0] == word % 20


def test_a_permutation_with_a_seed_is_the_same_each_time():
    assert permutation(50, 3).tolist() == permutation(50, 3).tolist()


def test_a_permutation_without_a_seed_differs_and_leaves_pythons_random_alone():
    before = random.getstate()
    orders = {tuple(permutation(50, None)) for _ in range(4)}
    assert len(orders) == 4
    assert random.getstate() == before


def test_batches_take_whole_blocks_of_words_from_one_stream():
    stream = [w for i in range(6) for w in philox_in_plain_integers([i, 0, 0, 0], [9, 0])]
    orders = batch_permutations([6, 6, 1, 5, 0, 2], 9)
    for order, size, start in zip(orders, [6, 6, 1, 5, 0, 2], [0, 8, 16, 16, 20, 20], strict=True):
        expected = list(range(size))
        for i in range(size - 1):
            j = i + stream[start + i] % (size - i)
            expected[i], expected[j] = expected[j], expected[i]
        assert order.tolist() == expected


def test_no_batches_have_no_orders():
    assert batch_permutations([], 1) == []
