"""What all tests of the engine begin and end with."""

from collections.abc import Iterator

import pytest

from minidense.tensors import OPERATIONS


@pytest.fixture(autouse=True)
def _operations_of_tests_are_forgotten() -> Iterator[None]:
    before = dict(OPERATIONS)
    yield
    OPERATIONS.clear()
    OPERATIONS.update(before)
