"""Random streams where a mutant of the source would differ: names, limits, messages."""

import random
from typing import Any

import numpy as np
import pytest

from minidense import config
from minidense.names import reset_names
from minidense.random import seeds, streams, uniform
from minidense.random.philox import counted_words, philox4x32
from minidense.random.seeds import SeedGenerator, draw_seed, seed_pair, set_random_seed


def test_a_seed_generator_has_kerass_names() -> None:
    reset_names()
    first, second = SeedGenerator(5), SeedGenerator(5, name="mine")
    assert (first.name, second.name) == ("seed_generator", "mine")
    # the names of keras.random.SeedGenerator's state
    assert first.state.name == "seed_generator_state"
    assert first.state.path == "seed_generator/seed_generator_state"
    assert (first.state.dtype, first.state.shape) == ("int64", (2,))
    assert not first.state.trainable
    assert second.get_config() == {"seed": 5, "name": "mine"}
    assert SeedGenerator().get_config()["seed"] is None
    assert SeedGenerator.from_config(second.get_config()).get_config() == second.get_config()


def test_an_unordered_pair_scatters_both_members() -> None:
    generator = SeedGenerator(42)
    np.testing.assert_array_equal(generator.next(ordered=False), [42, 0])
    np.testing.assert_array_equal(
        generator.state, [43 * 5387 % 933199, 5387]
    )  # the formula of keras.random.SeedGenerator
    np.testing.assert_array_equal(generator.next(), [43 * 5387 % 933199, 5387])
    np.testing.assert_array_equal(generator.state, [43 * 5387 % 933199, 5388])


def test_seeds_are_whole_numbers_of_64_bits() -> None:
    for seed in (-(2**63), -1, 0, 2**63 - 1):
        assert seed_pair(seed) == (seed, 0)
        assert SeedGenerator(seed).state.numpy().tolist() == [seed, 0]
    for seed in (-(2**63) - 1, 2**63):
        message = rf"^Argument `seed` must fit in 64 bits with a sign; received {seed}\.$"
        with pytest.raises(ValueError, match=message):
            seed_pair(seed)
    for wrong, kind in ((1.5, "float"), (True, "bool"), ("x", "str")):
        message = (
            r"^Argument `seed` must be an integer or a `SeedGenerator`; "
            rf"received {wrong!r} of type {kind}\.$"
        )
        with pytest.raises(ValueError, match=message):
            SeedGenerator(wrong)  # type: ignore[arg-type]


def test_an_unknown_word_is_shown() -> None:
    message = r"^SeedGenerator takes `seed` and `name`; received also \{'sed': 3\}\.$"
    with pytest.raises(ValueError, match=message):
        SeedGenerator(sed=3)


def test_a_global_seed_is_from_0_to_32_bits() -> None:
    for seed in (0, 2**32 - 1):
        set_random_seed(seed)
        assert seeds.get_global_seed() == seed
        assert random.random() == random.Random(seed).random()
        assert np.random.random() == np.random.RandomState(seed).random()
    for seed in (-1, 2**32):
        message = rf"^Argument `seed` must be from 0 to 2\*\*32 - 1; received {seed}\.$"
        with pytest.raises(ValueError, match=message):
            set_random_seed(seed)
    message = r"^Argument `seed` must be an integer; received 'x' of type str\.$"
    with pytest.raises(ValueError, match=message):
        set_random_seed("x")  # type: ignore[arg-type]
    assert seeds.get_global_seed() == 2**32 - 1


def test_the_shared_generator_starts_again_under_a_new_seed() -> None:
    set_random_seed(3)
    first = [seed_pair(None) for _ in range(3)]
    set_random_seed(3)
    assert [seed_pair(None) for _ in range(3)] == first
    assert len(set(first)) == 3
    set_random_seed(3)
    assert seed_pair(None) == (random.Random(3).randint(1, 10**9), 0)
    set_random_seed(3)
    assert draw_seed() == random.Random(3).randint(1, 10**9)


@pytest.mark.parametrize("argument", ["minval", "maxval"])
def test_a_bound_that_is_no_number_is_named(argument: str) -> None:
    wrong: dict[str, Any] = {argument: "x"}
    with pytest.raises(ValueError, match=rf"^`{argument}` must be a number or an array"):
        uniform((2,), **wrong)


def test_uniform_numbers_are_from_0_to_1_in_floatx_unless_told_otherwise() -> None:
    plain = uniform((1000,), seed=3)
    assert plain.dtype == np.float32
    assert 0 <= plain.min() < 0.01
    assert 0.99 < plain.max() < 1
    np.testing.assert_array_equal(uniform((1000,), 0.0, 1.0, "float32", 3), plain)
    config.set_floatx("float64")
    try:
        assert uniform((2,), seed=3).dtype == np.float64
    finally:
        config.set_floatx("float32")
    with pytest.raises(ValueError, match="float32"):
        uniform((2,), dtype="int32", seed=3)  # type: ignore[arg-type]


def test_one_counter_with_several_keys_gives_a_row_of_words_for_each():
    keys = [[1, 2], [3, 4], [5, 6]]
    together = philox4x32([9, 8, 7, 6], keys)
    assert together.shape == (3, 4)
    assert together.tolist() == [philox4x32([9, 8, 7, 6], key).tolist() for key in keys]


def test_the_shared_generator_scatters_its_pairs() -> None:
    set_random_seed(3)
    seed = random.Random(3).randint(1, 10**9)
    assert seed_pair(None) == (seed, 0)
    assert seed_pair(None) == ((seed + 1) * 5387 % 933199, 5387)


def test_random_numbers_are_float32_or_float64() -> None:
    message = r"^Random numbers have dtype 'float32' or 'float64'; received dtype='int32'\.$"
    with pytest.raises(ValueError, match=message):
        streams.uniform((2,), 5, 0, "int32")  # type: ignore[arg-type]


def test_seeds_and_counters_begin_again_at_the_same_number() -> None:
    begins_again = 2**31 - 2
    plain = streams.uniform((4,), 5, 7)
    np.testing.assert_array_equal(streams.uniform((4,), 5 + begins_again, 7), plain)
    np.testing.assert_array_equal(streams.uniform((4,), 5, 7 + begins_again), plain)
    for seed, counter in ((5 + begins_again + 1, 7), (5, 7 + begins_again - 1)):
        assert (streams.uniform((4,), seed, counter) != plain).any()


def test_a_float64_takes_20_bits_of_one_word_and_the_next_word() -> None:
    scrambled = philox4x32([5, 0, 7, 0], (0x3EC8F720, 0x02461E29))
    words = counted_words([scrambled[:2]], [scrambled[2:]], blocks=2)[0].tolist()
    pairs = zip(words[0:6:2], words[1:6:2], strict=True)
    expected = [((high & 0xFFFFF) << 32 | low) / 2**52 for high, low in pairs]
    assert streams.uniform((3,), 5, 7, "float64").tolist() == expected


@pytest.mark.parametrize(("dtype", "kept"), [("float32", 25), ("float64", 24)])
def test_a_mask_keeps_a_number_that_equals_the_rate_in_its_own_dtype(dtype: Any, kept: int) -> None:
    numbers = streams.uniform((50,), 5, 7, dtype)
    rate = float(np.sort(numbers)[25])
    mask = streams.MaskStream(5, rate).mask(7, 50, dtype)
    np.testing.assert_array_equal(mask, -(numbers >= rate).astype(int))
    assert mask.sum() == -25
    a_little_more = rate * (1 + 1e-8)  # which is the same float32
    assert streams.MaskStream(5, a_little_more).mask(7, 50, dtype).sum() == -kept
