"""Differences between Keras's versions, backends and devices that are known, read from one file.

`expected_differences.toml` is a list of tables. Each says what is known to differ from the
reference, where, and why:

    feature   a comparison's name, as in `record.close`
    test      the end of a test's node id, from a file's or a test's name on
    probe     a question of `python -m tests.board`, as its board names it
    keras     the versions that differ, a range as pip writes it: "<3.10", ">=3.9,<3.12"
    backend   "tensorflow", "jax" or "torch"
    device    "cpu" or "gpu"
    says      must stand in the text of the difference; not for tests, whose text comes too late
    kind      what the board files it under: one of KINDS
    reason    why it differs

`reason` is needed, and at least one of `feature`, `test` and `probe`; each of these is a pattern or
a list of patterns, with the wildcards * and ? and nothing else. What is not listed is not expected,
and fails.
"""

import os
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet

FILE = Path(__file__).with_name("expected_differences.toml")

BACKENDS = ("tensorflow", "jax", "torch")
DEVICES = ("cpu", "gpu")
KINDS = ("errors", "summary", "seeds", "configs", "names", "numbers", "files", "api", "other")
PATTERNS = ("feature", "test", "probe")


class BadEntryError(ValueError):
    """An entry, or the file, that cannot be read as it is meant."""


@dataclass(frozen=True)
class Expected:
    """One known difference."""

    reason: str
    feature: tuple[str, ...] = ()
    test: tuple[str, ...] = ()
    probe: tuple[str, ...] = ()
    keras: str = ""
    backend: str = ""
    device: str = ""
    says: str = ""
    kind: str = "other"

    def holds(self, keras: str, backend: str, device: str) -> bool:
        """Whether it is to be expected of this version of Keras, on this backend and device."""
        return (
            SpecifierSet(self.keras).contains(keras, prereleases=True)
            and self.backend in ("", backend)
            and self.device in ("", device)
        )

    def fits_feature(self, feature: str, difference: str) -> bool:
        return any(matches(each, feature) for each in self.feature) and self.says in difference

    def fits_test(self, node_id: str) -> bool:
        return any(ends_with(each, node_id) for each in self.test)

    def fits_probe(self, question: str, answer: str) -> bool:
        return any(matches(each, question) for each in self.probe) and self.says in answer


def keras_version() -> str:
    return metadata.version("keras")


def backend() -> str:
    return os.environ.get("KERAS_BACKEND", "tensorflow")


def device() -> str:
    return os.environ.get("MINIDENSE_PARITY_DEVICE", "cpu")


@cache
def known() -> tuple[Expected, ...]:
    """Return all entries that hold here; none where there is no Keras to differ."""
    entries = read(FILE.read_text(encoding="utf-8"))
    try:
        version = keras_version()
    except metadata.PackageNotFoundError:
        return ()
    return tuple(entry for entry in entries if entry.holds(version, backend(), device()))


def reason_for(feature: str, difference: str) -> str | None:
    """Return why this feature is expected to differ here, None if it is not."""
    for entry in known():
        if entry.fits_feature(feature, difference):
            return entry.reason
    return None


def reason_for_test(node_id: str) -> str | None:
    """Return why this test is expected to fail here, None if it is not."""
    for entry in known():
        if entry.fits_test(node_id):
            return entry.reason
    return None


def read(text: str) -> tuple[Expected, ...]:
    """Return the entries of a file's text, each of them checked.

    Raises:
        BadEntryError: if the text is no TOML, or an entry cannot be read as it is meant.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadEntryError(f"{FILE.name} is no TOML: {error}.") from error
    tables = content.pop("difference", [])
    if content:
        raise BadEntryError(
            f"{FILE.name} holds [[difference]] tables only. Received: {', '.join(content)}."
        )
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise BadEntryError(f"{FILE.name}: a difference is a table, headed by [[difference]].")
    return tuple(_entry(table, number) for number, table in enumerate(tables, 1))


def _entry(table: dict[str, Any], number: int) -> Expected:
    """Return one entry; what is wrong with it is said with its number and its patterns."""
    patterns = {key: table.get(key, ()) for key in PATTERNS if key in table}
    where = f"{FILE.name}, difference {number} ({patterns or 'without a pattern'})"
    keys = [field.name for field in fields(Expected)]
    unknown = sorted(set(table) - set(keys))
    if unknown:
        raise BadEntryError(f"{where}: no such key: {', '.join(unknown)}. There are: {keys}.")
    for key in set(keys) - set(PATTERNS):
        value = table.get(key, "as it is")
        if not isinstance(value, str) or not value.strip():
            raise BadEntryError(f"{where}: `{key}` is a text and not empty. Received: {value!r}.")
    if "reason" not in table:
        raise BadEntryError(f"{where}: there is no `reason`.")
    if not patterns:
        raise BadEntryError(f"{where}: one of {', '.join(PATTERNS)} is needed.")
    lists = {key: _patterns(value, f"{where}: `{key}`") for key, value in patterns.items()}
    for key, allowed in {"backend": BACKENDS, "device": DEVICES, "kind": KINDS}.items():
        if key in table and table[key] not in allowed:
            raise BadEntryError(f"{where}: `{key}` is one of {allowed}. Received: {table[key]!r}.")
    try:
        SpecifierSet(table.get("keras", ""))
    except InvalidSpecifier:
        raise BadEntryError(
            f"{where}: `keras` is a range as pip writes it, like '>=3.9,<3.12'. "
            f"Received: {table['keras']!r}."
        ) from None
    if "says" in table and "test" in patterns:
        raise BadEntryError(f"{where}: `says` is about features and probes, not about tests.")
    return Expected(**{**table, **lists})


def _patterns(value: Any, where: str) -> tuple[str, ...]:
    """Return a pattern, or a list of them, as a tuple."""
    found = [value] if isinstance(value, str) else value
    texts = isinstance(found, list) and all(isinstance(each, str) and each for each in found)
    if not found or not texts:
        raise BadEntryError(f"{where} is a pattern or a list of them. Received: {value!r}.")
    twice = sorted({each for each in found if found.count(each) > 1})
    if twice:
        raise BadEntryError(f"{where} names a pattern twice: {twice}.")
    return tuple(found)


def matches(pattern: str, text: str) -> bool:
    """Whether a pattern with * and ? is the whole text; [ ] stand for themselves, as in test[id].

    >>> matches("Dense: *", "Dense: outputs"), matches("test[A1]", "testA")
    (True, False)
    """
    return _compiled(pattern).fullmatch(text) is not None


def ends_with(pattern: str, node_id: str) -> bool:
    """Whether a pattern is a node id's end, from the start of one of its names on.

    >>> node_id = "tests/checks/test_errors_parity.py::test_dense[A01]"
    >>> [ends_with(each, node_id) for each in ("test_dense[A0?]", "parity.py::*", "*[A01]")]
    [True, False, True]
    """
    starts: Sequence[int] = [0, *(found.end() for found in re.finditer("/|::", node_id))]
    return any(matches(pattern, node_id[start:]) for start in starts)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    wildcards = {"*": ".*", "?": "."}
    return re.compile(
        "".join(wildcards.get(letter, re.escape(letter)) for letter in pattern), re.DOTALL
    )
