"""The tests of random numbers leave no trace in those that come after them."""

import random

import numpy as np
import pytest

from minidense.random import seeds


@pytest.fixture(autouse=True)
def _leave_the_seeds_as_they_were(monkeypatch):
    monkeypatch.setattr(seeds, "_global", {"seed": None, "generator": None})
    python_state, numpy_state = random.getstate(), np.random.get_state()
    yield
    random.setstate(python_state)
    np.random.set_state(numpy_state)
