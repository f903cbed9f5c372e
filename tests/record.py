"""What the parity tests compared: each comparison is checked, and kept for the report.

A test says which feature it is about, what Keras gave and what minidense gave:

    record.close("Dense: outputs", outputs_of_keras, outputs, rtol=1e-6, code=script)
    record.same("summary", text_of_keras, text, code=script)

A difference beyond the tolerance fails the test, unless `tests/expected_differences.toml` has it
for this version, backend and device of Keras: then it is kept as an expected one, with the reason.
"""

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from minidense.parity import Distance, distance
from tests import expected

WORST_KEPT = 3
BINS_PER_DECADE = 2


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
    """What differs, in words, where it is no number."""
    reason: str = ""
    """Why a difference was expected."""


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
            self.absolute = max(self.absolute, absolute)
            self.relative = max(self.relative, relative)
            self.ulps = max(self.ulps, ulps)
            if relative > 0 and math.isfinite(relative):
                self.histogram[math.floor(BINS_PER_DECADE * math.log10(relative))] += 1
        if ulps or case.difference:
            self.worst = sorted([*self.worst, case], key=lambda each: -each.share)[:WORST_KEPT]


FEATURES: dict[str, Feature] = {}
"""What this run has compared so far, by the feature's name."""


def close(
    feature: str,
    keras: Any,
    minidense: Any,
    *,
    rtol: float,
    atol: float = 0.0,
    code: str = "",
    seed: str = "",
) -> None:
    """Compare numbers: |keras - minidense| <= atol + rtol * |keras|, NaN and infinity alike.

    Shapes and dtypes must be equal.
    """
    theirs, ours = np.asarray(keras), np.asarray(minidense)
    form = f"{theirs.dtype}{theirs.shape}"
    if form != f"{ours.dtype}{ours.shape}":
        same(feature, form, f"{ours.dtype}{ours.shape}", code=code, seed=seed)
        return
    apart = distance(theirs, ours)
    share = _share_of_tolerance(theirs, ours, rtol, atol)
    difference = "" if share <= 1 else _where(theirs, ours, rtol, atol)
    _keep(Case(feature, apart, rtol, atol, share, code, seed, difference))


def same(feature: str, keras: Any, minidense: Any, *, code: str = "", seed: str = "") -> None:
    """Compare what must be equal: arrays bit for bit (-0.0 is not 0.0, NaN is NaN), or texts."""
    apart = Distance(0.0, 0.0, 0.0)
    difference = ""
    if isinstance(keras, np.ndarray) or isinstance(minidense, np.ndarray):
        theirs, ours = np.asarray(keras), np.asarray(minidense)
        if (theirs.dtype, theirs.shape) != (ours.dtype, ours.shape):
            difference = f"Keras {theirs.dtype}{theirs.shape}, minidense {ours.dtype}{ours.shape}"
        elif theirs.dtype.kind == "f":
            apart = distance(theirs, ours)
            signs = np.signbit(theirs) != np.signbit(ours)
            if not apart.none or bool((signs & ~np.isnan(theirs)).any()):
                difference = _where(theirs, ours, 0.0, 0.0)
        elif not np.array_equal(theirs, ours):
            difference = _where(theirs, ours, 0.0, 0.0)
    elif type(keras) is not type(minidense) or keras != minidense:
        difference = f"Keras: {_short(keras)}\nminidense: {_short(minidense)}"
    share = math.inf if difference else 0.0
    _keep(Case(feature, apart, 0.0, 0.0, share, code, seed, difference))


def _keep(case: Case) -> None:
    failed = case.share > 1
    if failed:
        case.reason = expected.reason_for(case.feature, case.difference) or ""
        failed = not case.reason
    FEATURES.setdefault(case.feature, Feature(case.feature)).add(case, failed)
    if failed:
        seed = f"\nseed: {case.seed}" if case.seed else ""
        code = f"\nto see it again:\n{case.code}" if case.code else ""
        raise AssertionError(f"{case.feature}: {case.difference}{seed}{code}")


def _share_of_tolerance(theirs: Any, ours: Any, rtol: float, atol: float) -> float:
    """Return the largest |difference| / tolerance; infinity where one is no finite number."""
    if theirs.dtype.kind not in "fc":
        return 0.0 if np.array_equal(theirs, ours) else math.inf
    same = (theirs == ours) | (np.isnan(theirs) & np.isnan(ours))
    if same.all():
        return 0.0
    one, other = theirs[~same].astype("float64"), ours[~same].astype("float64")
    if not (np.isfinite(one) & np.isfinite(other)).all():
        return math.inf
    with np.errstate(divide="ignore"):
        return float((np.abs(one - other) / (atol + rtol * np.abs(one))).max())


def _where(theirs: Any, ours: Any, rtol: float, atol: float) -> str:
    """Say in how many places two arrays differ, and name the worst."""
    one, other = np.atleast_1d(theirs), np.atleast_1d(ours)
    with np.errstate(invalid="ignore", over="ignore"):
        apart = np.abs(one.astype("float64") - other.astype("float64"))
        beyond = ~(apart <= atol + rtol * np.abs(one.astype("float64")))
        beyond &= ~((one == other) | (np.isnan(one) & np.isnan(other)))
    if not beyond.any():  # only the signs of zeros
        return "the signs of zeros differ"
    excess = np.where(beyond, np.nan_to_num(apart, nan=np.inf, posinf=np.inf), -1.0)
    place = np.unravel_index(int(excess.argmax()), one.shape)
    allowed = f"more than atol={atol:g}, rtol={rtol:g} allow" if atol or rtol else "bit for bit"
    return (
        f"{int(beyond.sum())} of {one.size} numbers differ ({allowed}); the worst, at "
        f"{[int(axis) for axis in place]}: Keras {one[place]!r}, minidense {other[place]!r}"
    )


def _short(value: Any, limit: int = 2000) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= limit else f"{text[:limit]}…"
