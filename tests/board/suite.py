"""The parity suite and the probe, run in an environment; what they found is kept in its folder."""

import json
import os
import shutil
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.board.environments import BoardError, Environment, run
from tests.expected import Expected

SUITE_SECONDS = 3000
PROBE_SECONDS = 900
SOME_FAILED = 1
"""The exit status of pytest where tests failed: the run itself went well."""


@dataclass
class Note:
    """A test that did not simply pass, or a comparison that differed by expectation."""

    test: str
    outcome: str
    """As pytest names it: failed, skipped, xfailed or xpassed."""
    reason: str
    entry: Expected | None = None


@dataclass
class Suite:
    """What the suite found with one version."""

    passed: int = 0
    notes: list[Note] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    """How many comparisons differed by expectation, for each reason."""

    def count(self, *outcomes: str) -> int:
        return sum(note.outcome in outcomes for note in self.notes)

    @property
    def unexpected(self) -> list[Note]:
        return [note for note in self.notes if note.outcome == "failed" and not note.entry]

    @property
    def expected(self) -> list[Note]:
        return [note for note in self.notes if note.entry]


def probe(made: Environment, kept: bool) -> dict[str, Any]:
    """Return what the probe wrote: versions and answers."""
    file = made.folder / "probe.json"
    if not (kept and file.exists()):
        print(f"Keras {made.keras}: asking the probe", flush=True)
        command = [str(made.python), "-m", "tests.board.probe", str(file)]
        run(command, f"The probe of Keras {made.keras}", PROBE_SECONDS, variables(made))
    written: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    if written["versions"]["keras"] != made.keras:
        raise BoardError(
            f"{made.folder} was to have Keras {made.keras}. Received: "
            f"{written['versions']['keras']}. Remove the folder to have it made again."
        )
    return written


def parity_suite(made: Environment, kept: bool, known: Iterable[Expected]) -> Suite:
    """Run the parity tests, and read their report."""
    folder = made.folder / "report"
    if not (kept and (folder / "report.json").exists()):
        print(f"Keras {made.keras}: running the parity tests (some minutes)", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        command = [str(made.python), "-m", "pytest", "-q", "-m", "parity", "-p", "no:cacheprovider"]
        command += ["--keras-backend", made.backend, "--parity-report", str(folder)]
        what = f"The suite with Keras {made.keras}"
        run(command, what, SUITE_SECONDS, variables(made), allowed=(0, SOME_FAILED))
    return read((folder / "report.json").read_text(encoding="utf-8"), known)


def variables(made: Environment) -> dict[str, str]:
    return {**os.environ, "KERAS_BACKEND": made.backend, "TF_CPP_MIN_LOG_LEVEL": "3"}


def read(report: str, known: Iterable[Expected]) -> Suite:
    """Return a report's tests; each that failed as an entry says is expected.

    The entries are asked here once more, so that a kept report can be held against a mended file.
    """
    content = json.loads(report)
    if not content["complete"]:
        raise BoardError("The suite was stopped before all of its tests had run.")
    suite = Suite()
    entries = tuple(known)
    for file in content["tests"]:
        suite.passed += file["passed"]
        for each in file["notes"]:
            note = Note(each["test"], each["outcome"], each["reason"])
            if note.outcome in ("failed", "xfailed"):
                note.entry = next((entry for entry in entries if entry.fits_test(note.test)), None)
                note.outcome = "xfailed" if note.entry else "failed"
            suite.notes.append(note)
        if file["result"] == "failed" and not file["failed"]:  # it could not even be imported
            suite.notes.append(Note(file["file"], "failed", "the file could not be run"))
    for feature in content["features"]:
        suite.reasons.update(feature["reasons"])
    return suite
