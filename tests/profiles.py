"""How much is drawn by chance in a run, and from which seed.

`pytest` draws a few models, bad calls and programs each time; `pytest --parity-profile thorough`
draws thousands. The same profile and the same `--parity-seed` draw the same ones; both are printed
at the top of each run.

    @seed(profiles.seed())
    @settings(max_examples=profiles.active().models)
    def test_...
"""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Profile:
    """How many of each are drawn."""

    name: str
    models: int
    bad_calls: int
    programs: int


PROFILES = {
    profile.name: profile
    for profile in (
        Profile("quick", models=40, bad_calls=100, programs=200),
        Profile("thorough", models=2000, bad_calls=1000, programs=10_000),
    )
}


def active() -> Profile:
    """Return the profile of this run."""
    return PROFILES[os.environ.get("MINIDENSE_PARITY_PROFILE", "quick")]


def seed() -> int:
    """Return the seed of this run: 0 unless another one was asked for."""
    return int(os.environ.get("MINIDENSE_PARITY_SEED", "0"))
