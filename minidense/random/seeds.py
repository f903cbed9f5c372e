"""Who gets which seed: one for the whole program, and those that are drawn from it.

Mirrors `keras.utils.set_random_seed` (`keras/src/utils/rng_utils.py`) and
`keras.random.SeedGenerator` (`keras/src/random/seed_generator.py`).
"""

from typing import Any

import numpy as np

from minidense import checks
from minidense.names import auto_name
from minidense.paths import path_here
from minidense.variables import Variable


class SeedGenerator:
    """Hands out pairs [seed, 0], [seed, 1], [seed, 2] …: the seed stays, the counter goes up.

    Args:
        seed: an integer that fits in 64 bits, or None for a draw from Python's `random`.
        name: the name; by default `seed_generator`, `seed_generator_1` …

    Raises:
        ValueError: for a seed that is no such integer, and for an unknown keyword.

    Attributes:
        state: the next pair, a variable of shape (2,), int64.

    >>> generator = SeedGenerator(seed=42)
    >>> generator.next(), generator.next()
    (array([42,  0]), array([42,  1]))
    >>> generator.state.numpy()
    array([42,  2])
    """

    def __init__(self, seed: int | None = None, name: str | None = None, **unknown: Any) -> None:
        self.name = auto_name(type(self).__name__) if name is None else name
        checks.known_arguments("SeedGenerator", unknown, ())
        checks.seed_or_generator(seed, type(None))
        self._given_seed = seed
        first = [draw_seed() if seed is None else seed, 0]
        name = "seed_generator_state"
        path = path_here(f"{self.name}/{name}")
        self.state = Variable(
            lambda shape, dtype: np.array(first, dtype), (2,), "int64", False, name=name, path=path
        )

    def next(self, ordered: bool = True) -> Any:
        """Return the current pair and move on.

        Args:
            ordered: add one to the counter. If False, scatter both members of the pair over
                0 ... 933198 instead, as the generator behind `seed=None` does.

        Returns:
            The pair [seed, counter] as a tensor, int64 of shape (2,).
        """
        pair = +self.state  # a copy, which a trace notes
        # without an order Keras takes these two primes, `SeedGenerator.next`
        self.state.assign(pair + np.array([0, 1]) if ordered else (pair + 1) * 5387 % 933199)
        return pair

    def get_config(self) -> dict[str, Any]:
        """Return the arguments; the seed is None where it was drawn."""
        return {"seed": self._given_seed, "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "SeedGenerator":
        """Make a generator from what `get_config` returned; its counter starts at 0."""
        return cls(**config)


_global: dict[str, Any] = {"seed": None, "generator": None}


def set_random_seed(seed: int) -> None:
    """Seed Python's `random`, NumPy's global generator and all that minidense draws.

    Everything after it follows from the seed: initial weights and dropout through the seeds that
    are drawn when a layer is made, and the order of the samples in `fit`.

    Args:
        seed: an integer from 0 to 2**32 - 1.

    Raises:
        ValueError: for any other seed; no generator is touched then. (Keras seeds Python's
            generator before NumPy's refuses the value.)

    Source: `keras.utils.set_random_seed`.

    >>> set_random_seed(42)
    >>> draw_seed(), draw_seed(), draw_seed()
    (686579304, 119540832, 26855093)
    """
    if not isinstance(seed, int):
        raise ValueError(
            "Argument `seed` must be an integer; "
            f"received {checks.brief(seed)} of type {type(seed).__name__}."
        )
    if not 0 <= seed < 2**32:
        raise ValueError(f"Argument `seed` must be from 0 to 2**32 - 1; received {seed}.")
    _global.update(seed=int(seed), generator=None)
    import random  # not above, since it would be a twelfth of what `import minidense` takes

    random.seed(seed)
    np.random.seed(seed)


def get_global_seed() -> int | None:
    """Return what `set_random_seed` was given last, or None.

    >>> set_random_seed(7); get_global_seed()
    7
    """
    seed: int | None = _global["seed"]
    return seed


def draw_seed() -> int:
    """Draw a seed from 1 to 10**9 from Python's `random`.

    A random initializer and a Dropout with a rate above 0 draw one when they are made, and a
    `SeedGenerator` without a seed. Source: `make_default_seed`.
    """
    import random

    return random.randint(1, 10**9)


def seed_pair(seed: int | SeedGenerator | None) -> tuple[int, int]:
    """Return the pair [seed, counter] at which a random function starts.

    Args:
        seed: an integer, which gives [seed, 0] each time; a `SeedGenerator`, which gives its next
            pair; or None, for one pair of a generator that the whole program shares.

    Raises:
        ValueError: for any other seed, and for an integer that does not fit in 64 bits.

    Source: `draw_seed` of `keras/src/random/seed_generator.py`.

    >>> seed_pair(3), seed_pair(SeedGenerator(seed=4))
    ((3, 0), (4, 0))
    """
    checks.seed_or_generator(seed, SeedGenerator)
    if isinstance(seed, int):
        return seed, 0
    if seed is None:
        _global["generator"] = _global["generator"] or SeedGenerator()  # which draws its seed
        pair = _global["generator"].next(ordered=False)
    else:
        pair = seed.next()
    return int(pair[0]), int(pair[1])
