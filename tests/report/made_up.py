"""Records and reports that tests make up, to see what becomes of them."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from tests import record
from tests.report import collect
from tests.report.kept import CURVES, FEATURES
from tests.report.outcomes import Outcomes

NEXT = float(np.nextafter(np.float32(1), np.float32(2)))
Row = dict[str, Any]


def compare(name: str = "Dense: outputs", ours: float = 1.0, **kwargs: Any) -> None:
    """Compare a number with 1; the record keeps it, and a failure is no failure of this test."""
    try:
        record.close(name, np.float32(1), np.float32(ours), rtol=1e-6, **kwargs)
    except AssertionError:
        assert abs(ours - 1) > 1e-6


def told(outcomes: Outcomes, test: str, *phases: str, reason: Any = "", **more: Any) -> None:
    """Tell of a test whose setup, call and teardown came out so; the last has the reason."""
    node_id = f"tests/{test}"
    outcomes.heard_of([node_id])
    for when, outcome in zip(("setup", "call", "teardown"), phases, strict=False):
        said = SimpleNamespace(nodeid=node_id, outcome=outcome, longrepr=reason, **more)
        if outcome == "passed":
            said = SimpleNamespace(nodeid=node_id, outcome=outcome, longrepr=None)
        outcomes.phase(said, when, 0.5)
    if len(phases) < 3:
        done = SimpleNamespace(nodeid=node_id, outcome="passed", longrepr=None)
        outcomes.phase(done, "teardown", 0.5)


def reported(outcomes: Outcomes | None = None) -> Row:
    """Return a report of what this test has recorded, as of some run."""
    gathered = collect.gathered(FEATURES, CURVES, outcomes or Outcomes())
    return gathered | {
        "made": "2026-01-31T12:00:00+00:00",
        "seconds": 61.5,
        "keras": "3.15.1",
        "backend": "tensorflow",
        "device": "cpu",
        "versions": {"keras": "3.15.1", "tensorflow": "2.21.0", "numpy": "2.4", "python": "3.11"},
        "platform": "Linux",
        "profile": "quick",
        "seed": 5,
        "command": "pytest -m parity --parity-profile quick --parity-seed 5",
        "left_out": {},
    }
