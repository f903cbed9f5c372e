"""How the parity tests came out, file by file: no test is missing, and each skip has its sentence.

pytest's hooks in `hooks.py` tell `OUTCOMES` what they hear.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from tests.reference import is_parity
from tests.report.kept import shortened

LONGEST_REASON = 1000
CRASHED = "???"
"""The phase that pytest-xdist reports for the test in which a process died."""
OUTCOMES_OF_A_TEST = ("passed", "skipped", "xfailed", "xpassed", "failed")
"""From harmless to bad: a test whose call passed and whose teardown failed has failed."""


class Report(Protocol):
    """What is read of a report of pytest's, on a test's phase or on the collection of a file."""

    @property
    def nodeid(self) -> str: ...
    @property
    def outcome(self) -> str: ...
    @property
    def longrepr(self) -> object: ...


@dataclass
class Note:
    """A test that did not simply pass, and why."""

    test: str
    outcome: str
    reason: str


@dataclass
class File:
    """The tests of one file."""

    name: str
    collected: int = 0
    deselected: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    """How many tests had each of OUTCOMES_OF_A_TEST."""
    seconds: float = 0.0
    notes: list[Note] = field(default_factory=list)

    @property
    def not_run(self) -> int:
        """How many tests a run that was stopped has not come to."""
        return max(0, self.collected - sum(self.counts.values()))

    @property
    def result(self) -> str:
        """The whole file in a word."""
        if self.counts["failed"]:
            return "failed"
        if self.counts["xfailed"] or self.counts["xpassed"]:
            return "expected"
        if self.counts["passed"]:
            return "passed"
        return "skipped" if self.counts["skipped"] else "not run"


@dataclass
class Outcomes:
    """The outcomes of one run."""

    files: dict[str, File] = field(default_factory=dict)
    _worst: dict[str, Note] = field(default_factory=dict)
    """The worst phase so far of the tests that are running."""

    def anything(self) -> bool:
        """Whether any parity test was run, or could not be."""
        return any(file.counts for file in self.files.values())

    def file_of(self, node_id: str) -> File:
        name = node_id.partition("::")[0]
        return self.files.setdefault(name, File(name))

    def heard_of(self, node_ids: Iterable[str], deselected: bool = False) -> None:
        """Count tests that will run, or that the command line left out."""
        for node_id in filter(is_parity, node_ids):
            if deselected:
                self.file_of(node_id).deselected += 1
            else:
                self.file_of(node_id).collected += 1

    def join(self, files: dict[str, File]) -> None:
        """Add what another process of the same run has heard of.

        Each process hears of all tests and runs some of them. A whole file that is skipped or
        broken is so in each, and counts once.
        """
        for name, theirs in files.items():
            ours = self.file_of(name)
            known = {note.test for note in ours.notes if "::" not in note.test}
            again = [note for note in theirs.notes if note.test in known]
            ours.collected = max(ours.collected, theirs.collected)
            ours.deselected = max(ours.deselected, theirs.deselected)
            ours.counts += theirs.counts - Counter(note.outcome for note in again)
            ours.seconds += theirs.seconds
            ours.notes += [note for note in theirs.notes if note not in again]

    def phase(self, report: Report, when: str, seconds: float) -> None:
        """Take in the setup, the call or the teardown of a test, or that a process died in it."""
        if not is_parity(report.nodeid):
            return
        self.file_of(report.nodeid).seconds += seconds
        note = Note(report.nodeid, _outcome(report), _reason(report))
        before = self._worst.setdefault(report.nodeid, note)
        if OUTCOMES_OF_A_TEST.index(note.outcome) > OUTCOMES_OF_A_TEST.index(before.outcome):
            self._worst[report.nodeid] = note
        if when in ("teardown", CRASHED):
            self._count(self._worst.pop(report.nodeid))

    def collection(self, report: Report) -> None:
        """Take in a file that could not be imported, or that skips itself as a whole.

        pytest tells so twice, since it looks for tests and for doctests in each file.
        """
        if not is_parity(report.nodeid) or report.outcome == "passed":
            return
        file = self.file_of(report.nodeid)
        if all(note.test != report.nodeid for note in file.notes):
            file.collected += 1
            self._count(Note(report.nodeid, report.outcome, _reason(report)))

    def _count(self, note: Note) -> None:
        file = self.file_of(note.test)
        file.counts[note.outcome] += 1
        if note.outcome != "passed":
            file.notes.append(note)


def _outcome(report: Report) -> str:
    """Return one of OUTCOMES_OF_A_TEST."""
    if hasattr(report, "wasxfail"):
        return "xfailed" if report.outcome == "skipped" else "xpassed"
    return report.outcome


def _reason(report: Report) -> str:
    """Return the sentence of a skip or an expected failure; else the last line of an error."""
    if report.outcome == "passed" and not hasattr(report, "wasxfail"):
        return ""
    if hasattr(report, "wasxfail"):
        return str(report.wasxfail).removeprefix("reason: ")
    if isinstance(report.longrepr, tuple):  # of a skip: path, line, text
        return str(report.longrepr[2]).removeprefix("Skipped: ")
    crash = getattr(report.longrepr, "reprcrash", None)
    text = str(crash.message if crash else report.longrepr).strip()
    return shortened(text, LONGEST_REASON)


OUTCOMES = Outcomes()
"""Those of this run."""
