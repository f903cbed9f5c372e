"""What the parity tests compared: each comparison is checked, and kept for the report.

A test says which feature it is about, what Keras gave and what minidense gave:

    record.close("Dense: outputs", outputs_of_keras, outputs, rtol=1e-6, code=script)
    record.same("summary: text", text_of_keras, text, code=script)
    record.curves("digits, SGD", losses_of_keras, losses)

A difference beyond the tolerance fails the test, unless `tests/expected_differences.toml` has it
for this version, backend and device of Keras: then it is kept as an expected one, with the reason.
`code` is what shows the case again; without it, the report names the test. `where` is the part of a
larger result. `tests/report/` makes the report.

Tests that are not about parity may compare, too, and nothing of it is kept; a parity test of the
comparison itself does so `with record.aside():`.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from minidense.parity import Distance, distance
from tests import expected
from tests.report.kept import (
    FEATURES,
    Case,
    Curve,
    Feature,
    aside,
    current_test,
    keep,
    keep_curve,
    shortened,
)

EQUAL = Distance(0.0, 0.0, 0.0)


def close(
    feature: str,
    keras: Any,
    minidense: Any,
    *,
    rtol: float,
    atol: float = 0.0,
    code: str = "",
    seed: str = "",
    where: str = "",
) -> None:
    """Compare numbers: |keras - minidense| <= atol + rtol * |keras|, NaN and infinity alike.

    Shapes and dtypes must be equal. 0.0 and -0.0 are the same number; with rtol=0 nothing else is.
    """
    if math.isnan(rtol) or math.isnan(atol):
        raise ValueError(f"A tolerance is a number. Received: rtol={rtol}, atol={atol}.")
    theirs, ours = np.asarray(keras), np.asarray(minidense)
    form = f"{theirs.dtype}{theirs.shape}"
    if form != f"{ours.dtype}{ours.shape}":
        other_form = f"{ours.dtype}{ours.shape}"
        same(feature, form, other_form, code=code, seed=seed, where=where)
        return
    if theirs.dtype.kind not in "fiub":
        raise TypeError(f"Only real numbers are close, not {theirs.dtype}. Use record.same.")
    if np.array_equal(theirs, ours, equal_nan=True):
        _check(Case(feature, EQUAL, rtol, atol, 0.0, code, seed, where=where))
        return
    share = _share_of_tolerance(theirs, ours, rtol, atol)
    difference = "" if share <= 1 else _where(theirs, ours, rtol, atol)
    apart = _distance(keras, minidense, theirs, ours)
    _check(Case(feature, apart, rtol, atol, share, code, seed, difference, where=where))


def same(
    feature: str,
    keras: Any,
    minidense: Any,
    *,
    code: str = "",
    seed: str = "",
    where: str = "",
) -> None:
    """Compare what must be equal: arrays bit for bit (-0.0 is not 0.0, NaN is NaN), or values."""
    apart, difference = EQUAL, ""
    if hasattr(keras, "__array__") or hasattr(minidense, "__array__"):
        theirs, ours = np.asarray(keras), np.asarray(minidense)
        if (theirs.dtype, theirs.shape) != (ours.dtype, ours.shape):
            difference = f"Keras {theirs.dtype}{theirs.shape}, minidense {ours.dtype}{ours.shape}"
        elif theirs.dtype.kind not in "fiub":
            if not np.array_equal(theirs, ours):
                difference = f"Keras: {shortened(repr(theirs))}\nminidense: {shortened(repr(ours))}"
        elif not _same_bits(theirs, ours):
            difference = _where(theirs, ours, 0.0, 0.0)
            apart = distance(np.atleast_1d(theirs), np.atleast_1d(ours))
    elif type(keras) is not type(minidense) or keras != minidense:
        difference = f"Keras: {_said(keras)}\nminidense: {_said(minidense)}"
    share = math.inf if difference else 0.0
    _check(Case(feature, apart, 0.0, 0.0, share, code, seed, difference, where=where))


def curves(
    name: str, keras: Sequence[float], minidense: Sequence[float], *, unit: str = "epoch"
) -> None:
    """Keep the losses of a training in both libraries, to be drawn over each other.

    Nothing is checked; that is for `close`. `unit` is what a step to the right is.
    """
    if len(keras) != len(minidense):
        raise ValueError(f"Two curves have {len(keras)} and {len(minidense)} points.")
    theirs, ours = [float(loss) for loss in keras], [float(loss) for loss in minidense]
    keep_curve(Curve(name, theirs, ours, unit, distance(theirs, ours).relative))


def _check(case: Case) -> None:
    """Keep a case, and fail where it is beyond the tolerance and not expected to be.

    In a test that is expected to fail as a whole, it is kept as expected, and fails.
    """
    difference, reason = case.difference, ""
    if case.share > 1:
        reason = expected.reason_for(case.feature, difference) or ""
        case.reason = reason or expected.reason_for_test(current_test()) or ""
    keep(case, failed=case.share > 1 and not case.reason)
    if case.share > 1 and not reason:
        where = f" ({case.where})" if case.where else ""
        seed = f"\nseed: {case.seed}" if case.seed else ""
        code = f"\nto see it again:\n{case.code}" if case.code else ""
        raise AssertionError(f"{case.feature}{where}: {difference}{seed}{code}")


def _distance(keras: Any, minidense: Any, theirs: Any, ours: Any) -> Distance:
    """Return the distance; of Python's floats in units of float32, if they came from there.

    The numbers of a log are float32 made into Python's floats: the next float32 is one unit away
    from each, and not 536,870,912.
    """
    if not hasattr(keras, "dtype") and not hasattr(minidense, "dtype"):
        with np.errstate(over="ignore"):
            narrow = [side.astype("float32") for side in (theirs, ours)]
        if np.array_equal(narrow[0], theirs, equal_nan=True) and np.array_equal(
            narrow[1], ours, equal_nan=True
        ):
            theirs, ours = narrow
    return distance(np.atleast_1d(theirs), np.atleast_1d(ours))


def _same_bits(theirs: Any, ours: Any) -> bool:
    if theirs.dtype.kind != "f":
        return bool(np.array_equal(theirs, ours))
    signs = np.signbit(theirs) != np.signbit(ours)
    alike = np.array_equal(theirs, ours, equal_nan=True)
    return alike and not bool((signs & ~np.isnan(theirs)).any())


def _share_of_tolerance(theirs: Any, ours: Any, rtol: float, atol: float) -> float:
    """Return the largest |difference| / tolerance; infinity where one is no finite number."""
    if theirs.dtype.kind != "f":
        return math.inf  # whole numbers are equal, or they are not
    alike = (theirs == ours) | (np.isnan(theirs) & np.isnan(ours))
    one, other = theirs[~alike].astype("float64"), ours[~alike].astype("float64")
    if not (np.isfinite(one) & np.isfinite(other)).all():
        return math.inf
    with np.errstate(divide="ignore", over="ignore"):
        return float((np.abs(one - other) / (atol + rtol * np.abs(one))).max())


def _where(theirs: Any, ours: Any, rtol: float, atol: float) -> str:
    """Say in how many places two arrays differ, and name the worst."""
    one, other = np.atleast_1d(theirs), np.atleast_1d(ours)
    beyond = one != other
    with np.errstate(invalid="ignore", over="ignore"):
        apart = np.abs(one.astype("float64") - other.astype("float64"))
        if one.dtype.kind == "f":
            near = apart <= atol + rtol * np.abs(one.astype("float64"))
            beyond &= ~(near & np.isfinite(one))
            beyond &= ~(np.isnan(one) & np.isnan(other))
    if not beyond.any():  # only the signs of zeros
        return "the signs of zeros differ"
    excess = np.where(beyond, np.nan_to_num(apart, nan=np.inf, posinf=np.inf), -1.0)
    place = np.unravel_index(int(excess.argmax()), one.shape)
    allowed = f"more than atol={atol:g}, rtol={rtol:g} allow" if atol or rtol else "bit for bit"
    return (
        f"{int(beyond.sum())} of {one.size} numbers differ ({allowed}); the worst, at "
        f"{[int(axis) for axis in place]}: Keras {one[place]!r}, minidense {other[place]!r}"
    )


def _said(value: Any) -> str:
    return shortened(value if isinstance(value, str) else repr(value), 2000)


__all__ = ["FEATURES", "Case", "Feature", "aside", "close", "curves", "same"]
