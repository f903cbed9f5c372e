"""Each test of the report has a record of its own, in which nothing is expected to differ."""

from collections.abc import Iterator

import pytest

from tests import expected, record


@pytest.fixture(autouse=True)
def _a_record_of_its_own(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(expected, "known", lambda: ())
    with record.aside():
        yield
