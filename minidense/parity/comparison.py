"""What `compare` returns: the places that were compared, where they part, and why."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from minidense.parity.cause import Cause
from minidense.parity.distance import Distance, distance
from minidense.parity.tolerance import Tolerance, beyond
from minidense.typing import Array


class Row(NamedTuple):
    """One place in two models: how far their numbers are apart there."""

    place: str
    """"layer 2: dense (Dense)", "loss", "gradient of dense/kernel" …"""
    distance: Distance
    allowed: float
    """The largest absolute distance that rounding explains."""
    within: bool
    """Whether the numbers are the same, but for rounding."""
    detail: str = ""
    """Where they are not: how many numbers, and the worst."""


def row_of(
    place: str,
    reference: Any,
    model: Any,
    tolerance: Tolerance,
    floor: float = 0.0,
    carried: float = 0.0,
) -> Row:
    """Compare two arrays and say where they are farthest apart."""
    one, other = np.asarray(reference), np.asarray(model)
    if one.shape != other.shape:
        return failed(place, f"the reference has shape {one.shape}, the model {other.shape}")
    allowed = tolerance.allowed(one, other, floor, carried)
    apart = beyond(one, other, allowed)
    detail = _worst(one, other, apart) if apart.any() else ""
    apart_by = distance(np.atleast_1d(one), np.atleast_1d(other))
    return Row(place, apart_by, allowed, not detail, detail)


def failed(place: str, detail: str) -> Row:
    """Return the row of what cannot be compared in numbers."""
    return Row(place, Distance(np.inf, np.inf, np.inf), 0.0, False, detail)


def _worst(one: Array, other: Array, apart: Array) -> str:
    with np.errstate(invalid="ignore", over="ignore"):
        gaps = np.abs(one.astype(np.float64) - other.astype(np.float64))
    gaps = np.where(apart, np.nan_to_num(gaps, nan=np.inf, posinf=np.inf), -1.0)
    place = np.unravel_index(int(gaps.argmax()), gaps.shape)
    where = f"the worst, at {[int(axis) for axis in place]}: " if gaps.ndim else ""
    count = f"{int(apart.sum())} of {apart.size} numbers differ; " if gaps.ndim else ""
    return f"{count}{where}reference {one[place]!s}, model {other[place]!s}"


@dataclass(frozen=True)
class Comparison:
    """The outcome of `compare`; printed, it is a short table and what follows from it."""

    title: str
    """What was compared."""
    rows: tuple[Row, ...]
    """The places in order, up to the first one where the models differ."""
    causes: tuple[Cause, ...] = ()
    """What explains the difference; the likeliest first. Empty if nothing known does."""
    notes: tuple[str, ...] = ()
    """What could not be compared, and why; and settings that differ but were not seen."""

    @property
    def agree(self) -> bool:
        """Whether the models are the same, but for rounding."""
        return all(row.within for row in self.rows)

    @property
    def first_difference(self) -> Row | None:
        """The first place where they differ, None if there is none."""
        return next((row for row in self.rows if not row.within), None)

    def __str__(self) -> str:
        return "\n".join([self.title, "", *self._table(), "", *self._verdict(), *self.notes])

    def _table(self) -> list[str]:
        width = max([5, *(len(row.place) for row in self.rows)])
        lines = [f"  {'place':{width}}  {'absolute':>9}  {'relative':>9}  {'ULP':>9}"]
        for row in self.rows:
            numbers = "  ".join(f"{_short(number):>9}" for number in row.distance)
            mark = "" if row.within else "  <- here they part"
            lines.append(f"  {row.place:{width}}  {numbers}{mark}")
        return lines

    def _verdict(self) -> list[str]:
        first = self.first_difference
        if first is None:
            return ["They agree: no difference is larger than rounding explains."]
        lines = [f"They part at {first.place}: {first.detail}."]
        if not self.causes:
            return [*lines, "None of the known causes explains it."]
        likely, *others = self.causes
        lines += [f"Likely cause: {likely.name}. {likely.evidence}", f"What to do: {likely.advice}"]
        return lines + [f"Also: {cause.name}. {cause.evidence}" for cause in others]


def _short(number: float) -> str:
    return "0" if not number else f"{number:.2g}"
