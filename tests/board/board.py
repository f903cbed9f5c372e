"""Everything that the board shows, put together from what each version answered."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.board.changes import Change, changes
from tests.board.suite import Note, Suite
from tests.expected import Expected


@dataclass
class Version:
    """What one version of Keras was asked, and found."""

    keras: str
    versions: Mapping[str, str]
    """What it ran with: package to version."""
    answers: Mapping[str, Any]
    suite: Suite | None
    """None where the suite was not run."""


@dataclass
class Group:
    """Everything that one entry explains."""

    entry: Expected
    changes: list[Change] = field(default_factory=list)
    tests: list[tuple[str, Note]] = field(default_factory=list)
    """Version and test."""
    comparisons: int = 0
    """How many of the suite's comparisons differed for this reason."""


@dataclass
class Board:
    """The versions side by side."""

    reference: str
    backend: str
    versions: list[Version]
    groups: list[Group]
    unexpected: list[Change]
    failed: list[tuple[str, Note]]
    """Version and test."""
    stale: list[tuple[Expected, str]]
    """Entries with a pattern that matched nothing, though it was to be expected here."""

    @property
    def good(self) -> bool:
        return not (self.unexpected or self.failed)

    def unexpected_answers(self, version: str) -> int:
        return sum(version in change.unexpected for change in self.unexpected)

    def expected_answers(self, version: str) -> int:
        return sum(version in change.entries for group in self.groups for change in group.changes)


def board(
    reference: str, backend: str, versions: list[Version], entries: Iterable[Expected]
) -> Board:
    """Put the versions beside the reference, and each difference under the entry that explains it.

    Args:
        reference: the version that the others are held against.
        backend: what all of them computed with.
        versions: what each of them found; the reference is one of them.
        entries: all entries of the file.
    """
    entries = tuple(entries)

    def known(version: str) -> list[Expected]:
        return [entry for entry in entries if entry.holds(version, backend, "cpu")]

    found = changes({each.keras: each.answers for each in versions}, reference, known)
    groups = {id(entry): Group(entry) for entry in entries}
    for change in found:
        for identity in {id(entry): None for entry in change.entries.values()}:
            groups[identity].changes.append(change)
    for version in versions:
        for note in version.suite.expected if version.suite else []:
            groups[id(note.entry)].tests.append((version.keras, note))
        for entry in known(version.keras):
            if version.suite and entry.feature:
                groups[id(entry)].comparisons += version.suite.reasons[entry.reason]
    asked = {each.keras: each for each in versions}
    return Board(
        reference=reference,
        backend=backend,
        versions=versions,
        groups=[
            group for group in groups.values() if group.changes or group.tests or group.comparisons
        ],
        unexpected=[change for change in found if change.unexpected],
        failed=[
            (each.keras, note) for each in versions if each.suite for note in each.suite.unexpected
        ],
        stale=[
            (group.entry, pattern)
            for group in groups.values()
            for pattern in unmatched(
                group,
                [each for name, each in asked.items() if group.entry.holds(name, backend, "cpu")],
            )
        ],
    )


def unmatched(group: Group, versions: list[Version]) -> list[str]:
    """Return an entry's patterns that matched nothing in these versions, in which it holds.

    A pattern of tests is judged only where the suite was run, and one of features by its entry's
    reason, which is all that the report keeps.
    """
    entry = group.entry
    found = []
    if versions:
        questions = [change.question for change in group.changes]
        for pattern in entry.probe:
            one = Expected("", probe=(pattern,))
            if not any(one.fits_probe(question, "") for question in questions):
                found.append(f"probe = {pattern}")
    if any(version.suite for version in versions):
        for pattern in entry.test:
            one = Expected("", test=(pattern,))
            if not any(one.fits_test(note.test) for _, note in group.tests):
                found.append(f"test = {pattern}")
        if entry.feature and not group.comparisons:
            found.append(f"feature = {', '.join(entry.feature)}")
    return found
