"""Differences between Keras's versions, backends and devices that are known, read from one file.

`expected_differences.toml` is a list of tables. Each names a `feature` (as in `record.close`) or a
`test` (the end of its node id), both with the wildcards * and ?; where it holds (`keras`, a range
of versions as pip writes it; `backend`; `device`; each optional); and the `reason`. `says`,
optional, must stand in the difference's text. What is not listed is not expected, and fails.
"""

import os
import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib import metadata
from pathlib import Path

from packaging.specifiers import SpecifierSet

FILE = Path(__file__).with_name("expected_differences.toml")


@dataclass(frozen=True)
class Expected:
    """One known difference."""

    reason: str
    feature: str = ""
    test: str = ""
    keras: str = ""
    backend: str = ""
    device: str = ""
    says: str = ""

    def holds(self) -> bool:
        """Whether it is to be expected with the Keras that this run has."""
        return (
            SpecifierSet(self.keras).contains(keras_version(), prereleases=True)
            and self.backend in ("", backend())
            and self.device in ("", device())
        )


@cache
def keras_version() -> str:
    return metadata.version("keras")


def backend() -> str:
    return os.environ.get("KERAS_BACKEND", "tensorflow")


def device() -> str:
    return os.environ.get("MINIDENSE_PARITY_DEVICE", "cpu")


@cache
def known() -> tuple[Expected, ...]:
    """Return all entries that hold here."""
    tables = tomllib.loads(FILE.read_text(encoding="utf-8")).get("difference", [])
    return tuple(entry for entry in (Expected(**table) for table in tables) if entry.holds())


def reason_for(feature: str, difference: str) -> str | None:
    """Return why this feature is expected to differ here, None if it is not."""
    for entry in known():
        if entry.feature and fnmatchcase(feature, entry.feature) and entry.says in difference:
            return entry.reason
    return None


def reason_for_test(node_id: str) -> str | None:
    """Return why this test is expected to fail here, None if it is not."""
    for entry in known():
        if entry.test and fnmatchcase(node_id, f"*{entry.test}"):
            return entry.reason
    return None
