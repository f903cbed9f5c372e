"""Run the tests against each mutant, in a process forked after the tests were collected.

Started by `tests.mutation.run` in the copy of the repository; writes one line of JSON a mutant. The
tests are collected once. One child runs them all and notes which functions each reaches; then each
mutant gets a child of its own, which runs the tests that reach its function until one fails: first
those that killed a mutant of this function or module before, then those named after the module,
and among them those that reach little else.
"""

import doctest
import gc
import json
import os
import re
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

# Tests that start processes of their own, or that read the sources, do not see the mutants.
LEFT_OUT = (
    "tests/test_architecture.py",
    "tests/test_benchmarks.py",
    "tests/test_examples.py",
    "tests/test_reference.py",
    "tests/datasets/test_datasets.py",
    "minidense/datasets",
    "minidense/parity",
)
EXAMPLES = 15  # of Hypothesis, in each test
MEMORY = 6 * 2**30  # bytes of address space that a mutant may ask for

KILLED, SURVIVED, TIMEOUT = "killed", "survived", "timeout"
UNDECIDED, NO_TESTS = "undecided", "no tests"


class Killer:
    """A plugin of pytest that runs the collected tests once for each mutant."""

    def __init__(self, mutants: list[str], results: Path, budget: float) -> None:
        self.mutants = mutants
        self.results = results
        self.budget = budget
        self.kills: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Let Hypothesis be quick."""
        for item in items:
            make_quick(getattr(item, "obj", None))

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Note what each test reaches, then try each mutant."""
        session.config.pluginmanager.unregister(name="terminalreporter")
        started = time.monotonic()
        reached, seconds, failures = in_child(lambda: run_all(session.items), limit=1800)[1]
        for name in failures:
            print(f"left out, since it fails on the copy without a mutant: {name}", flush=True)
            del reached[name]
        print(f"{len(session.items)} tests in {time.monotonic() - started:.0f} s", flush=True)
        items = {item.nodeid: item for item in session.items}
        gc.freeze()
        with self.results.open("a", encoding="utf-8") as file:
            for mutant in self.mutants:
                order = self.order_for(mutant, reached)
                result = self.try_mutant(mutant, [items[name] for name in order], seconds)
                for scope in scopes(mutant):
                    self.kills[scope][result["test"]] += 1
                file.write(json.dumps(result) + "\n")
                file.flush()
        return True

    def order_for(self, mutant: str, reached: dict[str, list[str]]) -> list[str]:
        """Return the tests that reach a mutant, the likely killers first."""
        function, module = scopes(mutant)
        parts = module.split(".")[1:]
        own = [f"{module}.", *(text for p in parts for text in (f"tests/{p}/", f"test_{p}"))]
        return sorted(
            (name for name, functions in reached.items() if function in functions),
            key=lambda name: (
                -self.kills[function][name],
                -self.kills[module][name],
                not any(text in name for text in own),
                len(reached[name]),
            ),
        )

    def try_mutant(
        self, mutant: str, items: list[pytest.Item], seconds: dict[str, float]
    ) -> dict[str, Any]:
        """Run the tests that reach a mutant; say what became of it."""
        if not items:
            return {"mutant": mutant, "status": NO_TESTS, "test": None, "seconds": 0}
        started = time.monotonic()
        limit = 20 + min(self.budget, 4 * sum(seconds[item.nodeid] for item in items))
        ended, answer = in_child(lambda: first_failure(mutant, items, self.budget), limit)
        status, test = answer if ended == 0 else (KILLED, None)
        if ended in (signal.SIGPROF, signal.SIGALRM):
            status = TIMEOUT
        spent = round(time.monotonic() - started, 2)
        return {"mutant": mutant, "status": status, "test": test, "seconds": spent}


def scopes(mutant: str) -> tuple[str, str]:
    """Return the function and the module that a mutant is in."""
    return mutant.partition("__mutmut_")[0], mutant.rpartition(".")[0]


class Finder(doctest.DocTestFinder):
    """Finds the doctests of originals alone: each mutant has a copy of its original's."""

    def _from_module(self, module: Any, function: Any) -> bool:
        if re.search(r"__mutmut_\d+$", getattr(function, "__name__", "")):
            return False
        return bool(super()._from_module(module, function))  # type: ignore[misc]


def make_quick(test: Any) -> None:
    """Let a test of Hypothesis draw a few examples, the same ones each time."""
    from hypothesis import settings  # pytest warns if it is imported before it starts

    test = getattr(test, "__func__", test)
    if not getattr(test, "is_hypothesis_test", False):
        return
    own = getattr(test, "_hypothesis_internal_use_settings", None) or settings()
    few = min(own.max_examples, EXAMPLES)
    test._hypothesis_internal_use_settings = settings(
        own, max_examples=few, derandomize=True, database=None, deadline=None
    )


def passes(item: pytest.Item, following: pytest.Item | None) -> bool:
    """Run one test; say whether nothing in it failed."""
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    return not any(report.failed for report in runtestprotocol(item, False, following))


def run_all(items: list[pytest.Item]) -> Any:
    """Run all tests without a mutant; return what each reaches, its seconds, and the failures."""
    from mutmut.mutation.trampoline import set_mutant_under_test
    from mutmut.state import state

    set_mutant_under_test("stats")
    reached, seconds, failures = {}, {}, []
    for item, following in zip(items, [*items[1:], None], strict=True):
        state()._stats.clear()
        started = time.process_time()
        if not passes(item, following):
            failures.append(item.nodeid)
        seconds[item.nodeid] = time.process_time() - started
        reached[item.nodeid] = sorted(state()._stats)
    return reached, seconds, failures


def first_failure(mutant: str, items: list[pytest.Item], budget: float) -> tuple[str, str | None]:
    """Run tests with a mutant until one fails or the time is up; say which."""
    import resource  # not on every system

    from mutmut.mutation.trampoline import set_mutant_under_test

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    set_mutant_under_test(mutant)
    for item, following in zip(items, [*items[1:], None], strict=True):
        if not passes(item, following):
            return KILLED, item.nodeid
        if time.process_time() > budget:
            return UNDECIDED, None
    return SURVIVED, None


def in_child(work: Callable[[], Any], limit: float) -> tuple[int, Any]:
    """Do some work in a forked process; return the signal that ended it, or 0, and the result.

    It may take `limit` seconds of the processor.

    A process that ends in any other way than by its result counts as ended by signal 1.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        signal.setitimer(signal.ITIMER_PROF, limit)
        signal.setitimer(signal.ITIMER_REAL, 10 * limit)  # on a busy machine, or if it sleeps
        try:
            answer = json.dumps(work())
            with os.fdopen(writing, "w") as pipe:
                pipe.write(answer)
            os._exit(0)
        except BaseException as error:  # a mutant may raise anything, SystemExit too
            os.write(2, f"{error!r}\n".encode())
            os._exit(1)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        answer = pipe.read()
    _, status = os.waitpid(child, 0)
    ended = os.waitstatus_to_exitcode(status)
    return (0, json.loads(answer)) if ended == 0 else (abs(ended), None)


def main() -> int:
    """Read the names of the mutants from a file, write the results into another."""
    mutants = Path(sys.argv[1]).read_text(encoding="utf-8").split()
    killer = Killer(mutants, Path(sys.argv[2]), budget=float(sys.argv[3]))
    doctest.DocTestFinder = Finder  # type: ignore[misc]
    arguments = [
        "--rootdir=.",
        "--capture=sys",
        "--assert=plain",
        "-q",
        "-p",
        "no:cacheprovider",
        "-m",
        "not parity",
    ]
    arguments += [*sys.argv[4:], *(f"--ignore={path}" for path in LEFT_OUT)]
    return int(pytest.main(arguments, plugins=[killer]))


if __name__ == "__main__":
    raise SystemExit(main())
