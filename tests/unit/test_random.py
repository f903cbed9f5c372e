"""The random streams by themselves: the cipher's known answers, and what a cache may not change."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidense import random as public
from minidense.random import philox, seeds, streams
from minidense.random.philox import counted_words, philox4x32
from minidense.random.seeds import (
    SeedGenerator,
    draw_seed,
    get_global_seed,
    seed_pair,
    set_random_seed,
)
from minidense.random.streams import (
    MaskStream,
    batch_permutations,
    permutation,
    uniform,
    uniform_between,
)

words = st.integers(0, 2**32 - 1)
any_seed = st.integers(-(2**63), 2**63 - 1)
dtypes = st.sampled_from(["float32", "float64"])
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


@pytest.fixture(autouse=True)
def _leave_the_seeds_as_they_were(monkeypatch):
    monkeypatch.setattr(seeds, "_global", {"seed": None, "generator": None})
    python_state, numpy_state = random.getstate(), np.random.get_state()
    yield
    random.setstate(python_state)
    np.random.set_state(numpy_state)


def from_hex(text):
    return [int(word, 16) for word in text.split()]


def same_bits(first, second):
    return (
        first.dtype == second.dtype
        and first.shape == second.shape
        and first.tobytes() == second.tobytes()
    )


def philox_in_plain_integers(counter, key):
    """The definition, word by word, to check the arrays against."""
    (a, b, c, d), (k, m) = counter, key
    for _ in range(10):
        first, second = a * 0xD2511F53, c * 0xCD9E8D57
        a, b = (second >> 32) ^ b ^ k, second & 0xFFFFFFFF
        c, d = (first >> 32) ^ d ^ m, first & 0xFFFFFFFF
        k, m = (k + 0x9E3779B9) & 0xFFFFFFFF, (m + 0xBB67AE85) & 0xFFFFFFFF
    return [a, b, c, d]


# The cipher


@pytest.mark.parametrize(("question", "answer"), KNOWN_ANSWERS)
def test_philox_gives_the_known_answers_of_random123(question, answer):
    *counter, first_key, second_key = from_hex(question)
    assert philox4x32(counter, (first_key, second_key)).tolist() == from_hex(answer)


def test_philox_takes_many_counters_with_many_keys_at_once():
    questions = np.array([from_hex(question) for question, _ in KNOWN_ANSWERS])
    answers = [from_hex(answer) for _, answer in KNOWN_ANSWERS]
    assert philox4x32(questions[:, :4], questions[:, 4:]).tolist() == answers


def test_philox_broadcasts_one_key_over_an_array_of_counters():
    counters = np.arange(24, dtype=np.uint32).reshape(3, 2, 4)
    result = philox4x32(counters, [7, 8])
    assert result.shape == (3, 2, 4)
    assert result.dtype == np.uint32
    assert result[2, 1].tolist() == philox_in_plain_integers([20, 21, 22, 23], [7, 8])


def test_philox_of_no_counters_is_empty():
    assert philox4x32(np.empty((0, 4)), [1, 2]).shape == (0, 4)


@modest
@given(counter=st.tuples(words, words, words, words), key=st.tuples(words, words))
def test_philox_equals_its_definition_in_plain_integers(counter, key):
    assert philox4x32(counter, key).tolist() == philox_in_plain_integers(counter, key)


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
    counters = np.full((2, 4), 7, np.uint64)
    counted_words(keys, upper, 3)
    philox4x32(counters, keys)
    assert (keys == 5).all()
    assert (upper == 6).all()
    assert (counters == 7).all()


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


def test_uniform_is_pinned_to_the_first_kernel_of_seed_42():
    bits = uniform((3,), seed=686579304).view(np.uint32)
    assert [hex(word) for word in bits] == ["0x3f5bb248", "0x3f29a206", "0x3eb7a8f0"]


@pytest.mark.parametrize("dtype", ["float16", "int32", "double"])
def test_uniform_of_another_dtype_is_a_value_error(dtype):
    with pytest.raises(ValueError, match=dtype):
        uniform((2,), seed=1, dtype=dtype)
    with pytest.raises(ValueError, match=dtype):
        MaskStream(1, RATE).mask(0, 2, dtype)


def test_uniform_of_a_negative_dimension_is_a_value_error_that_names_it():
    with pytest.raises(ValueError, match=r"negative dimension: \(2, -1\)"):
        uniform((2, -1), seed=1)


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

RATE = 0.3


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
        patch.setattr(streams, "_BLOCKS_AHEAD", blocks)
        for counter, size in enumerate(([8] * steps + [short]) * epochs):
            assert same_bits(stream.mask(counter, size), kept(size, 6, counter))


@pytest.fixture
def counters_read(monkeypatch):
    """How many counters each call of the cipher took, and for which size."""
    reads = []
    original = streams._word_rows

    def counting(seed, counters, size, dtype):
        reads.append((len(counters), size))
        return original(seed, counters, size, dtype)

    monkeypatch.setattr(streams, "_word_rows", counting)
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


# Seeds


def test_seed_42_draws_the_three_seeds_of_the_mnist_example():
    set_random_seed(42)
    assert [draw_seed() for _ in range(3)] == [686579304, 119540832, 26855093]


def test_set_random_seed_seeds_python_and_numpy_too():
    set_random_seed(5)
    seen = random.random(), np.random.rand(), get_global_seed()
    assert seen == (random.Random(5).random(), np.random.RandomState(5).rand(), 5)


def test_set_random_seed_takes_true_for_1_as_keras_does():
    set_random_seed(True)
    assert get_global_seed() == 1


@pytest.mark.parametrize("seed", [-1, 2**32, 1.5, "1", None, np.int64(3)])
def test_a_bad_global_seed_is_a_value_error_and_changes_nothing(seed):
    set_random_seed(8)
    python_state, numpy_state = random.getstate(), np.random.get_state()[1].tolist()
    with pytest.raises(ValueError, match="Argument `seed`"):
        set_random_seed(seed)
    assert get_global_seed() == 8
    assert random.getstate() == python_state
    assert np.random.get_state()[1].tolist() == numpy_state


def test_there_is_no_global_seed_before_one_is_set():
    assert get_global_seed() is None


def test_a_seed_generator_counts_its_calls():
    generator = SeedGenerator(seed=-3)
    assert [generator.next().tolist() for _ in range(3)] == [[-3, 0], [-3, 1], [-3, 2]]
    assert np.asarray(generator.state).tolist() == [-3, 3]
    assert generator.state.dtype == "int64"
    assert not generator.state.trainable


def test_what_a_seed_generator_handed_out_does_not_change_later():
    generator = SeedGenerator(seed=3)
    first = generator.next()
    generator.next()
    first[:] = 9
    assert generator.next().tolist() == [3, 2]


def test_a_seed_generator_out_of_order_scatters_both_numbers():
    generator = SeedGenerator(seed=-5)
    generator.next()
    assert generator.next(ordered=False).tolist() == [-5, 1]
    assert generator.state.numpy().tolist() == [911651, 10774]


def test_a_seed_generator_without_a_seed_draws_one():
    set_random_seed(42)
    generator = SeedGenerator(name="mine")
    assert generator.next().tolist() == [686579304, 0]
    assert generator.get_config() == {"seed": None, "name": "mine"}


def test_a_seed_generator_comes_back_from_its_config():
    generator = SeedGenerator(seed=4, name="mine")
    generator.next()
    again = SeedGenerator.from_config(generator.get_config())
    assert again.get_config() == {"seed": 4, "name": "mine"}
    assert again.next().tolist() == [4, 0]


@pytest.mark.parametrize("seed", [1.5, "1", True, np.int64(3), 2**63, -(2**63) - 1])
def test_a_bad_explicit_seed_is_a_value_error_that_draws_nothing(seed):
    before = random.getstate()
    for take in (SeedGenerator, seed_pair):
        with pytest.raises(ValueError, match="Argument `seed`"):
            take(seed)
    assert random.getstate() == before


def test_a_seed_generator_refuses_an_unknown_keyword():
    with pytest.raises(ValueError, match="sead"):
        SeedGenerator(sead=3)


def test_a_seed_pair_starts_at_0_for_an_integer_and_moves_on_for_a_generator():
    generator = SeedGenerator(seed=7)
    assert [seed_pair(7), seed_pair(7)] == [(7, 0), (7, 0)]
    assert [seed_pair(generator), seed_pair(generator)] == [(7, 0), (7, 1)]


def test_the_shared_generator_starts_again_with_a_new_global_seed():
    set_random_seed(42)
    first = [public.uniform((3,)).tolist() for _ in range(2)]
    set_random_seed(42)
    assert [public.uniform((3,)).tolist() for _ in range(2)] == first
    assert first[0] != first[1]


def test_the_public_face_has_the_names_of_keras_random():
    assert public.__all__ == ["SeedGenerator", "uniform"]
