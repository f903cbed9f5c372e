"""Several processes run tests, and one reports: nothing is lost, and nothing counts twice."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from tests import record
from tests.report import workers
from tests.report.hooks import Reporting
from tests.report.made_up import NEXT, compare, reported
from tests.report.outcomes import Outcomes

IDS = [
    f"tests/{test}"
    for test in ("test_a_parity.py::test_1", "test_a_parity.py::test_2", "test_b_parity.py")
]


def collected(outcomes: Outcomes) -> None:
    """What each process hears of: all tests, and a file that is skipped as a whole."""
    outcomes.heard_of(IDS[:2])
    outcomes.heard_of(["tests/test_c_parity.py::test_x"], deselected=True)
    skip: Any = SimpleNamespace(nodeid=IDS[2], outcome="skipped", longrepr=("", 1, "Skipped: why"))
    outcomes.collection(skip)
    outcomes.collection(skip)  # as pytest does, once for its doctests


def ran(outcomes: Outcomes, node_id: str, outcome: str) -> None:
    said: Any = SimpleNamespace(nodeid=node_id, outcome=outcome, longrepr="AssertionError: 1 != 2")
    outcomes.phase(said, "call", 0.5)
    outcomes.phase(SimpleNamespace(nodeid=node_id, outcome="passed", longrepr=None), "teardown", 0)


def first(outcomes: Outcomes) -> None:
    for ours in (1.0, NEXT, 2.0):
        compare("in both", ours)
    compare("in the first", NEXT)
    record.curves("losses", [1.0], [1.0])
    ran(outcomes, IDS[0], "passed")


def second(outcomes: Outcomes) -> None:
    for ours in (1.0, 3.0):
        compare("in both", ours)
    compare("in the second")
    ran(outcomes, IDS[1], "failed")


def process(
    monkeypatch: pytest.MonkeyPatch, *parts: Callable[[Outcomes], None]
) -> tuple[Outcomes, str]:
    """Return how the tests of a process came out, and what it hands over."""
    outcomes = Outcomes()
    monkeypatch.setattr(workers, "OUTCOMES", outcomes)
    collected(outcomes)
    for part in parts:
        part(outcomes)
    return outcomes, workers.handed_over()


def test_what_two_processes_kept_is_reported_as_if_it_were_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with record.aside():
        alone = reported(process(monkeypatch, first, second)[0])
    texts = []
    for part in (first, second):
        with record.aside():
            texts.append(process(monkeypatch, part)[1])
    together = Outcomes()
    monkeypatch.setattr(workers, "OUTCOMES", together)
    for text in texts:
        workers.take_in(text)
    assert reported(together) == alone
    rows = {row["file"][6:]: row for row in alone["tests"]}
    assert (rows["test_a_parity.py"]["passed"], rows["test_a_parity.py"]["failed"]) == (1, 1)
    assert (rows["test_b_parity.py"]["skipped"], rows["test_c_parity.py"]["deselected"]) == (1, 1)
    both = next(row for row in alone["features"] if row["name"] == "in both")
    assert (both["cases"], both["equal"], both["failed"], both["absolute"]) == (5, 2, 2, 2.0)


def test_a_worker_hands_over_and_reports_nothing_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    handed: dict[str, Any] = {}
    config: Any = SimpleNamespace(
        getoption=lambda name, default=None: default, workerinput={}, workeroutput=handed
    )
    worker = Reporting(config)
    _, expected_text = process(monkeypatch, first)
    worker.pytest_sessionfinish()
    assert handed == {"parity": expected_text}
    assert not worker.report


def test_the_process_that_reports_counts_no_test_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    config: Any = SimpleNamespace(
        getoption=lambda name, default=None: "loadfile" if name == "dist" else default
    )
    reporting = Reporting(config)
    with record.aside():
        _, text = process(monkeypatch, first)
    together = Outcomes()
    monkeypatch.setattr(workers, "OUTCOMES", together)
    monkeypatch.setattr("tests.report.hooks.OUTCOMES", together)
    said: Any = SimpleNamespace(
        nodeid=IDS[0], outcome="passed", longrepr=None, when="call", duration=1.0
    )
    reporting.pytest_runtest_logreport(said)
    assert not together.files
    reporting.pytest_testnodedown(SimpleNamespace(workeroutput={"parity": text}), None)
    assert together.files["tests/test_a_parity.py"].counts == {"passed": 1}
    assert together.files["tests/test_b_parity.py"].not_run == 0
    said.when, said.outcome, said.nodeid = "???", "failed", IDS[1]
    reporting.pytest_runtest_logreport(said)
    reporting.pytest_testnodedown(SimpleNamespace(), "it crashed")
    assert together.files["tests/test_a_parity.py"].counts == {"passed": 1, "failed": 1}
    assert reported(together)["features"][0]["name"] == "in both"
