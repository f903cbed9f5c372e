"""Where pytest tells the report what happens; `tests/options.py` registers it."""

import time
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.reference import is_parity
from tests.report import files, terminal, workers
from tests.report.collect import report
from tests.report.kept import aside
from tests.report.outcomes import CRASHED, OUTCOMES


class Reporting:
    """Listens to a run, writes the report if asked to, and prints its short form."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.began = time.monotonic()
        self.written: list[Path] = []
        self.report: dict[str, Any] = {}
        self.is_worker = hasattr(config, "workerinput")
        self.has_workers = config.getoption("dist", "no") != "no" and not self.is_worker
        folder = config.getoption("parity_report")
        self.folder = Path(folder).resolve() if folder else None
        if self.folder and not self.is_worker and not self.folder.is_dir():
            try:  # better now than after a quarter of an hour
                self.folder.mkdir(parents=True)
                self.folder.rmdir()  # while it is there, workers take it for a path of tests
            except OSError as error:
                raise pytest.UsageError(f"--parity-report {folder}: {error}") from error

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Count the tests that will run."""
        OUTCOMES.heard_of(item.nodeid for item in session.items)

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        """Count the tests that the command line left out."""
        OUTCOMES.heard_of((item.nodeid for item in items), deselected=True)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Take in a file that could not be imported, or was skipped."""
        OUTCOMES.collection(report)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Keep what tests of parity compare, and nothing of what other tests do."""
        if is_parity(item.nodeid):
            return (yield)
        with aside():
            return (yield)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take in the setup, the call or the teardown of a test.

        Those of workers come at the end, from themselves, but for the test in which one crashes.
        """
        if not self.has_workers or report.when == CRASHED:
            OUTCOMES.phase(report, report.when or "", report.duration)

    def pytest_sessionfinish(self) -> None:
        """Write the report, if any parity test was run; a worker hands it over."""
        if self.is_worker:
            output = self.config.workeroutput  # type: ignore[attr-defined]  # pytest-xdist's
            output["parity"] = workers.handed_over()
            return
        if self.config.option.collectonly or not OUTCOMES.anything():
            return
        self.report = report(time.monotonic() - self.began, self.selection())
        if self.folder:
            self.written = files.write(self.report, self.folder)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Take in what a worker kept; of one that crashed, all that it compared is lost."""
        kept = getattr(node, "workeroutput", {}).get("parity")
        if kept:
            workers.take_in(kept)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the short form, and where the long one is."""
        if not self.report:
            if self.folder and not self.config.option.collectonly:
                terminalreporter.write_line("--parity-report: no parity test ran, nothing written.")
            return
        terminalreporter.section("minidense held to Keras")
        for line, color in terminal.lines(self.report):
            terminalreporter.write_line(line, **({color: True} if color else {}))
        for path in self.written:
            terminalreporter.write_line(f"written: {path}")

    def selection(self) -> list[str]:
        """Return the part of the command line that chose tests."""
        chosen: list[str] = []
        if self.config.args_source is pytest.Config.ArgsSource.ARGS:
            chosen = [_relative(argument, self.config.rootpath) for argument in self.config.args]
        marks, keyword = self.config.getoption("markexpr"), self.config.getoption("keyword")
        if keyword and not chosen:
            marks = marks or "parity"
        return [*chosen, *(["-m", marks] * bool(marks)), *(["-k", keyword] * bool(keyword))]


def _relative(argument: str, root: Path) -> str:
    """Return an argument as one would type it in the repository's folder."""
    path = Path(argument)
    inside = path.is_absolute() and path.is_relative_to(root)
    return str(path.relative_to(root)) if inside else argument
