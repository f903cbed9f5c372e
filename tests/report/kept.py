"""What a run keeps of its comparisons: a few numbers for each feature, however many cases."""

import math
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from minidense.parity import Distance

WORST_KEPT = 3
BINS_PER_DECADE = 2
MOST_FEATURES = 2000
MOST_CURVES = 60
MOST_POINTS = 500
LONGEST_TEXT = 8000
"""Of the code or the difference of one case that is kept."""


@dataclass
class Case:
    """One comparison: how far apart, how far was allowed, and how to see it again."""

    feature: str
    distance: Distance
    rtol: float
    atol: float
    share: float
    """How much of the tolerance was used: above 1 it fails. 0 where the two are equal."""
    code: str
    seed: str
    difference: str = ""
    """What differs, in words."""
    reason: str = ""
    """Why a difference was expected."""
    where: str = ""
    """Which part of a larger result was compared."""
    test: str = ""
    """The node id of the test that compared."""

    def shorten(self) -> None:
        """Cut texts that would make a report too long to be read."""
        self.code, self.difference = shortened(self.code), shortened(self.difference)


@dataclass
class Feature:
    """All cases of one feature."""

    name: str
    cases: int = 0
    failed: int = 0
    expected: int = 0
    equal: int = 0
    """Cases without any difference."""
    rtol: float = 0.0
    atol: float = 0.0
    share: float = 0.0
    absolute: float = 0.0
    relative: float = 0.0
    ulps: float = 0.0
    histogram: Counter[int] = field(default_factory=Counter)
    """How many cases have which largest relative difference, by half decades: floor(2 log10)."""
    worst: list[Case] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, case: Case, failed: bool) -> None:
        self.cases += 1
        self.failed += failed
        self.expected += bool(case.reason)
        if case.reason:
            self.reasons[case.reason] += 1
        self.rtol, self.atol = max(self.rtol, case.rtol), max(self.atol, case.atol)
        absolute, relative, ulps = case.distance
        if not case.share and not case.difference:
            self.equal += not ulps
        if not case.reason:  # the columns are about what was not expected
            self.share = max(self.share, case.share)
            self.absolute = max(self.absolute, absolute)
            self.relative = max(self.relative, relative)
            self.ulps = max(self.ulps, ulps)
            if relative > 0 and math.isfinite(relative):
                self.histogram[math.floor(BINS_PER_DECADE * math.log10(relative))] += 1
        if ulps or case.difference:
            self._keep_if_among_the_worst(case)

    def join(self, other: "Feature") -> None:
        """Add the cases of the same feature that another process kept."""
        for name in ("cases", "failed", "expected", "equal"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("rtol", "atol", "share", "absolute", "relative", "ulps"):
            setattr(self, name, max(getattr(self, name), getattr(other, name)))
        self.histogram += other.histogram
        self.reasons += other.reasons
        self.worst = sorted([*self.worst, *other.worst], key=_badness, reverse=True)[:WORST_KEPT]

    def _keep_if_among_the_worst(self, case: Case) -> None:
        if len(self.worst) == WORST_KEPT and _badness(case) <= _badness(self.worst[-1]):
            return
        case.shorten()
        case.test = current_test()
        self.worst = sorted([*self.worst, case], key=_badness, reverse=True)[:WORST_KEPT]


def _badness(case: Case) -> tuple[bool, float, float]:
    """Order cases: what failed before what was expected, then by share, then by distance."""
    return (case.share > 1 and not case.reason, case.share, case.distance.ulps)


@dataclass
class Curve:
    """Losses of both libraries, one number for each epoch or batch."""

    name: str
    keras: list[float]
    minidense: list[float]
    unit: str
    worst: float
    """The largest relative difference, of all numbers, also of those that are not kept."""


FEATURES: dict[str, Feature] = {}
"""What this run has compared so far, by the feature's name."""

CURVES: dict[str, Curve] = {}

LEFT_OUT: Counter[str] = Counter()
"""How many features and curves were checked, and not kept since there were too many."""


def keep(case: Case, failed: bool) -> None:
    """Count a case for its feature."""
    if case.feature not in FEATURES and len(FEATURES) >= MOST_FEATURES:
        LEFT_OUT["features"] += 1
        return
    FEATURES.setdefault(case.feature, Feature(case.feature)).add(case, failed)


def keep_curve(curve: Curve) -> None:
    """Keep a curve, of the points no more than can be seen."""
    if curve.name not in CURVES and len(CURVES) >= MOST_CURVES:
        LEFT_OUT["curves"] += 1
        return
    curve.keras, curve.minidense = _thinned(curve.keras), _thinned(curve.minidense)
    CURVES[curve.name] = curve


@contextmanager
def aside() -> Iterator[None]:
    """Keep what is compared inside apart, and drop it at the end: for tests of the tests."""
    kept = [(container, container.copy()) for container in (FEATURES, CURVES, LEFT_OUT)]
    for container, _ in kept:
        container.clear()
    try:
        yield
    finally:
        for container, before in kept:
            container.clear()
            container.update(before)  # type: ignore[arg-type]


def current_test() -> str:
    """Return the node id of the test that runs, as pytest says it; "" outside of tests."""
    return os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")[0]


def shortened(text: str, limit: int = LONGEST_TEXT) -> str:
    """Return a text that is not too long, and says so where it was."""
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text)} characters)"


def _thinned(numbers: list[float]) -> list[float]:
    """Return at most MOST_POINTS numbers, evenly chosen, the first and the last among them."""
    if len(numbers) <= MOST_POINTS:
        return numbers
    last = len(numbers) - 1
    return [numbers[round(i * last / (MOST_POINTS - 1))] for i in range(MOST_POINTS)]
