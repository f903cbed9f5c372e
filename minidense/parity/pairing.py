"""Which layers of two models belong together, by their order.

Where both have the same classes in a row, layer stands beside layer, and so it does where each has
as many of other classes. Elsewhere what one has there stands beside what the other has, which may
be nothing: such a segment is compared by what comes out of it.
"""

from difflib import SequenceMatcher
from typing import NamedTuple

import numpy as np

from minidense.parity.arrays import to_numpy
from minidense.parity.following import Call
from minidense.typing import Array


class Segment(NamedTuple):
    """Calls of both models that take the same and should give the same."""

    reference: list[Call]
    model: list[Call]
    number: int
    """Which layer of the reference this begins with, from 1."""

    @property
    def is_pair(self) -> bool:
        """Whether it is one layer beside one layer."""
        return len(self.reference) == len(self.model) == 1

    @property
    def place(self) -> str:
        """Say which layers these are."""
        if self.is_pair:
            one, other = self.reference[0], self.model[0]
            names = one.name if one.name == other.name else f"{one.name} / {other.name}"
            kinds = one.kind if one.kind == other.kind else f"{one.kind} / {other.kind}"
            return f"layer {self.number}: {names} ({kinds})"
        return f"layer {self.number}: {_names(self.reference)} / {_names(self.model)}"


def pair(reference: list[Call], model: list[Call]) -> list[Segment]:
    """Return the segments of two models, in order."""
    kinds, other_kinds = ([call.kind for call in calls] for calls in (reference, model))
    blocks = SequenceMatcher(None, kinds, other_kinds, autojunk=False).get_opcodes()
    segments: list[Segment] = []
    for _, start, end, other_start, other_end in blocks:
        calls, others = reference[start:end], model[other_start:other_end]
        if len(calls) == len(others):
            segments += [
                Segment([one], [other], start + place + 1)
                for place, (one, other) in enumerate(zip(calls, others, strict=True))
            ]
        else:
            segments.append(Segment(calls, others, start + 1))
    return segments


class Rounding(NamedTuple):
    """What rounding comes to in the outputs of a segment."""

    floor: float = 0.0
    """How large the sums are that the outputs come from: a bounded activation does not show it."""
    carried: float = 0.0
    """What the segment makes of the differences that its inputs have."""


def rounding(segment: Segment, ones: list[Array], others: list[Array]) -> Rounding:
    """Return what rounding explains, for these inputs of the reference's and the model's layers.

    A sum of products is rounded in units of the root of the sum of their squares, some four times;
    a difference in the inputs grows by the norm of the kernel's columns.
    """
    floor, gain = 0.0, 4.0
    for call in segment.reference:
        kernel = _kernel(call)
        if kernel is not None:
            inputs = call.inputs[0].astype(np.float64)
            with np.errstate(all="ignore"):
                sizes = np.sqrt(inputs**2 @ kernel**2)
            floor = max(floor, 4 * float(np.max(sizes, initial=0.0, where=np.isfinite(sizes))))
            gain *= float(np.sqrt((kernel**2).sum(0)).max())
    return Rounding(floor, gain * gap(ones, others))


def gap(ones: list[Array], others: list[Array]) -> float:
    """Return the largest finite difference between arrays that stand beside each other."""
    largest = 0.0
    for one, other in zip(ones, others, strict=False):
        if one.shape == other.shape:
            with np.errstate(invalid="ignore"):
                apart = np.abs(one.astype(np.float64) - other)
            largest = max(largest, float(np.max(apart, initial=0.0, where=np.isfinite(apart))))
    return largest


def _kernel(call: Call) -> Array | None:
    """Return the kernel that a layer multiplies its inputs by, if it has one."""
    kernel = getattr(call.layer, "kernel", None)
    if kernel is None or len(call.inputs) != 1:
        return None
    values = to_numpy(kernel).astype(np.float64)
    return values if values.ndim == 2 and call.inputs[0].shape[-1:] == values.shape[:1] else None


def running(calls: list[Call], before: list[Array]) -> list[Array]:
    """Return what comes out of calls in a row; without a call, what went in."""
    return calls[-1].outputs if calls else before


def _names(calls: list[Call]) -> str:
    return " + ".join(f"{call.name} ({call.kind})" for call in calls) or "nothing"
