"""Seeds: what draws them, what they are, and the generators that count."""

import random

import numpy as np
import pytest

from minidense import random as public
from minidense.names import reset_names
from minidense.random import seeds
from minidense.random.seeds import (
    SeedGenerator,
    draw_seed,
    get_global_seed,
    seed_pair,
    set_random_seed,
)

# The global seed


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


def test_the_shared_generator_starts_again_with_a_new_global_seed():
    set_random_seed(42)
    first = [public.uniform((3,)).tolist() for _ in range(2)]
    set_random_seed(42)
    assert [public.uniform((3,)).tolist() for _ in range(2)] == first
    assert first[0] != first[1]


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


def test_the_shared_generator_scatters_its_pairs() -> None:
    set_random_seed(3)
    seed = random.Random(3).randint(1, 10**9)
    assert seed_pair(None) == (seed, 0)
    assert seed_pair(None) == ((seed + 1) * 5387 % 933199, 5387)


# Generators


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
    assert first.tolist() == [3, 0]
    assert generator.next().tolist() == [3, 2]


def test_a_seed_generator_out_of_order_scatters_both_numbers():
    generator = SeedGenerator(seed=-5)
    generator.next()
    assert generator.next(ordered=False).tolist() == [-5, 1]
    assert generator.state.numpy().tolist() == [911651, 10774]


def test_an_unordered_pair_scatters_both_members() -> None:
    generator = SeedGenerator(42)
    np.testing.assert_array_equal(generator.next(ordered=False), [42, 0])
    np.testing.assert_array_equal(
        generator.state, [43 * 5387 % 933199, 5387]
    )  # the formula of keras.random.SeedGenerator
    np.testing.assert_array_equal(generator.next(), [43 * 5387 % 933199, 5387])
    np.testing.assert_array_equal(generator.state, [43 * 5387 % 933199, 5388])


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


def test_a_seed_generator_refuses_an_unknown_keyword():
    with pytest.raises(ValueError, match="sead"):
        SeedGenerator(sead=3)


def test_an_unknown_word_is_shown() -> None:
    message = r"^Unrecognized keyword arguments passed to SeedGenerator: \{'sed': 3\}$"
    with pytest.raises(ValueError, match=message):
        SeedGenerator(sed=3)


def test_a_seed_pair_starts_at_0_for_an_integer_and_moves_on_for_a_generator():
    generator = SeedGenerator(seed=7)
    assert [seed_pair(7), seed_pair(7)] == [(7, 0), (7, 0)]
    assert [seed_pair(generator), seed_pair(generator)] == [(7, 0), (7, 1)]


@pytest.mark.parametrize("seed", [1.5, "1", True, np.int64(3), 2**63, -(2**63) - 1])
def test_a_bad_explicit_seed_is_a_value_error_that_draws_nothing(seed):
    before = random.getstate()
    for take in (SeedGenerator, seed_pair):
        with pytest.raises(ValueError, match="`seed` must"):
            take(seed)
    assert random.getstate() == before


def test_seeds_are_whole_numbers_of_64_bits() -> None:
    for seed in (-(2**63), -1, 0, 2**63 - 1):
        assert seed_pair(seed) == (seed, 0)
        assert SeedGenerator(seed).state.numpy().tolist() == [seed, 0]
    for seed in (-(2**63) - 1, 2**63):
        message = rf"^`seed` must fit in 64 bits with a sign\. Received: seed={seed}\.$"
        with pytest.raises(ValueError, match=message):
            seed_pair(seed)
    for wrong, kind in ((1.5, "float"), (True, "bool"), ("x", "str")):
        message = (
            r"^`seed` must be an integer or a `random\.SeedGenerator`\. "
            rf"Received: seed={wrong!r} of type {kind}\.$"
        )
        with pytest.raises(ValueError, match=message):
            SeedGenerator(wrong)  # type: ignore[arg-type]
