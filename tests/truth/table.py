"""What was measured: a row for each question, held to the promise, and written as Markdown.

The promise: nowhere is minidense further from the truth than Keras by more than 2 units, and where
a library is off by more than that, the table says why.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tests.truth.questions import Question
from tests.truth.reasons import fault_in, reason_for
from tests.truth.units import Errors, errors_of

ALLOWED = 2.0
"""How many units minidense may be further from the truth than Keras; beyond it, one is off."""

LOST = 16.0
"""By what factor results with cancelled digits may be further off than Keras's: by 4 bits."""

NEAREST = 0.5
"""A float that is off by no more is the nearest one, or one of the two nearest."""


@dataclass(frozen=True)
class Side:
    """The worst errors of one library in one row."""

    in_units: float
    in_term_units: float
    """The same as `in_units` where nothing cancels."""


@dataclass(frozen=True)
class Row:
    """One feature in one dtype with one kind of inputs."""

    feature: str
    dtype: str
    inputs: str
    cases: int
    """How many numbers were compared."""
    cancels: bool
    """Whether terms may cancel; then the units of the largest term decide."""
    keras: Side
    minidense: Side
    further: float
    """How many units minidense is further off than Keras, in the number where it is most."""
    behind: float
    """And how many Keras is further off than minidense."""
    verdict: str = ""
    further_allowed: float = ALLOWED
    is_fault: bool = False
    """Whether minidense is further off than it promises, for a reason in `FAULTS`."""

    @property
    def name(self) -> str:
        return f"{self.feature} | {self.dtype} | {self.inputs}"

    @property
    def is_worse(self) -> bool:
        """Whether minidense breaks its promise in its worst number.

        Where terms cancel by the formula alone, and Keras has another that loses no digits, the
        units of the result tell.
        """
        above = self.minidense.in_term_units - self.keras.in_term_units
        digits = self.minidense.in_units > LOST * max(self.keras.in_units, ALLOWED)
        return above > ALLOWED or digits  # infinity - infinity is NaN, and no more than 2

    @property
    def figures(self) -> str:
        return f"Keras {self.keras.in_term_units:.3g}, minidense {self.minidense.in_term_units:.3g}"


ROWS: dict[str, Row] = {}
"""What this run has measured, by the row's name."""


def record(question: Question, keras: Any, minidense: Any) -> Row:
    """Measure both answers to a question, keep the row, and hold minidense to the promise.

    Raises:
        AssertionError: if minidense is further off than Keras by more than 2 units, if a library is
            off for no known reason, or if an answer has another dtype or shape.
    """
    row = measured(question, keras, minidense)
    ROWS[row.name] = row
    hold(row)
    return row


def hold(row: Row) -> None:
    """Raise AssertionError if a row breaks the promise, and it is no fault that is known."""
    if row.is_fault:
        return
    assert row.verdict, f"{row.name}: {_who_is_off(row)}, and nobody says why; {row.figures}"
    assert not row.is_worse, f"{row.name}: minidense is further from the truth; {row.figures}"
    assert row.further <= row.further_allowed, (
        f"{row.name}: in one number minidense is {row.further:.3g} units further from the truth "
        f"than Keras; {row.figures}"
    )


def measured(question: Question, keras: Any, minidense: Any) -> Row:
    """Return the row for two answers, without holding anybody to it."""
    theirs, ours = np.asarray(keras), np.asarray(minidense)
    forms = {f"{answer.dtype}{answer.shape}" for answer in (theirs, ours)}
    assert forms == {f"{question.dtype}{ours.shape}"}, f"{question.name}: {sorted(forms)}"
    truth = question.truth()
    errors = errors_of(theirs, truth), errors_of(ours, truth)
    row = Row(
        question.feature,
        question.dtype,
        question.inputs,
        len(truth),
        errors[0].cancels,
        _worst(errors[0]),
        _worst(errors[1]),
        _further(*errors),
        _further(*reversed(errors)),
    )
    return _judged(row)


def _worst(errors: Errors) -> Side:
    return Side(float(errors.in_units.max()), float(errors.in_term_units.max()))


def _further(keras: Errors, minidense: Errors) -> float:
    """Compare number by number; what is infinitely far off in both is no further in one."""
    same = keras.in_term_units == minidense.in_term_units
    with np.errstate(invalid="ignore"):
        more = np.where(same, 0.0, minidense.in_term_units - keras.in_term_units)
    return float(more.max())


def _judged(row: Row) -> Row:
    """Say who is off and why; the verdict stays "" if one is and no reason is known."""
    worst = (row.keras.in_term_units, row.minidense.in_term_units)
    off = _who_is_off(row)
    fault = fault_in(row.feature, row.dtype, row.inputs)
    if fault and row.is_worse:
        return replace(row, verdict=f"minidense further off: {fault.text}", is_fault=True)
    if not off:
        nearest = max(worst) <= NEAREST
        return replace(row, verdict="both the nearest float" if nearest else "both within 2 units")
    reason = reason_for(row.feature, row.dtype, row.inputs, *worst)
    if reason is None:
        return row
    return replace(row, verdict=f"{off}: {reason.text}", further_allowed=reason.further)


def _who_is_off(row: Row) -> str:
    off = [side.in_term_units > ALLOWED for side in (row.keras, row.minidense)]
    return {
        (False, False): "",
        (True, False): "Keras off",
        (False, True): "minidense off",
        (True, True): "both off",
    }[off[0], off[1]]


def markdown(rows: Sequence[Row]) -> str:
    """Return the table, with the rows of one feature and dtype that fared alike as one line."""
    lines = [
        "| feature | dtype | inputs | numbers | Keras | minidense | verdict |",
        "|---|---|---|---:|---:|---:|---|",
    ]
    for alike in _alike(rows):
        first = alike[0]
        cells = [
            first.feature,
            first.dtype,
            "; ".join(row.inputs for row in alike),
            str(sum(row.cases for row in alike)),
            _shown([row.keras for row in alike], first.cancels),
            _shown([row.minidense for row in alike], first.cancels),
            first.verdict,
        ]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines)


def _alike(rows: Sequence[Row]) -> list[list[Row]]:
    """Group the rows of one feature and dtype with one verdict."""
    groups: dict[tuple[str, str, str, bool], list[Row]] = {}
    for row in rows:
        key = (row.feature, row.dtype, row.verdict, row.cancels)
        groups.setdefault(key, []).append(row)
    return list(groups.values())


def _shown(sides: Sequence[Side], cancels: bool) -> str:
    """Return the worst error; where terms cancel in units of the largest, then of the result."""
    by_term = figure(max(side.in_term_units for side in sides))
    if not cancels:
        return by_term
    return f"{by_term} ({figure(max(side.in_units for side in sides))})"


def figure(units: float) -> str:
    """Return an error as it stands in the table.

    >>> figure(0.0), figure(0.4999), figure(12.3), figure(8388607.0), figure(float("inf"))
    ('0', '0.50', '12', '8.4e+06', 'inf')
    """
    if not units or math.isinf(units):
        return f"{units:g}"
    return f"{units:.2f}" if units < 10 else f"{units:.0f}" if units < 1e5 else f"{units:.1e}"


__all__ = [
    "ALLOWED",
    "LOST",
    "ROWS",
    "Row",
    "Side",
    "figure",
    "hold",
    "markdown",
    "measured",
    "record",
]
