"""Likely causes of a difference, by the place where two models part.

Each is tested by a computation, and named only if that fits: a layer is called with the other's
weights, an optimizer made with the other's settings, a loss computed from the other's formula.
"""

from collections.abc import Iterable

from minidense.parity import loss_causes, step_causes, structure_causes
from minidense.parity.case import Case
from minidense.parity.cause import Cause
from minidense.parity.layer_causes import of_dtype, of_pair, of_softmax
from minidense.parity.pairing import Segment
from minidense.typing import Array


def of_refusal(case: Case) -> list[Cause]:
    """The model does not take x."""
    return _named(structure_causes.of_refusal(case))


def of_inputs(case: Case, ones: list[Array], others: list[Array]) -> list[Cause]:
    """The first layers are given other numbers."""
    return _named(
        of_dtype(ones, others), structure_causes.of_scale(ones, others), _shapes(ones, others)
    )


def of_segment(
    case: Case, segment: Segment, before: tuple[list[Array], list[Array]]
) -> list[Cause]:
    """Layers that belong together give other numbers."""
    if segment.is_pair:
        one, other = segment.reference[0], segment.model[0]
        scaled = structure_causes.of_scale(one.outputs, other.outputs, "another scale")
        return _named(structure_causes.of_order(case), of_pair(case, one, other), scaled)
    return _named(structure_causes.of_segment(case, segment, before))


def of_outputs(case: Case, ones: list[Array], others: list[Array]) -> list[Cause]:
    """The outputs differ, and no layer does, or none could be followed."""
    softmaxes = (of_softmax(case, one, two) for one, two in zip(ones, others, strict=False))
    return _named(
        *softmaxes,
        of_dtype(ones, others),
        structure_causes.of_scale(ones, others, "another scale"),
        _shapes(ones, others),
    )


def of_loss(case: Case) -> list[Cause]:
    """The losses differ."""
    return _named(loss_causes.of_loss(case))


def of_trainable(case: Case) -> list[Cause]:
    """Other weights are trained."""
    return _named(structure_causes.of_weight_count(case))


def of_gradient(case: Case, one: Array | None, other: Array | None) -> list[Cause]:
    """A gradient differs."""
    return _named(step_causes.of_gradient(case, one, other))


def of_update(case: Case) -> list[Cause]:
    """The optimizers make something else of the same gradients."""
    return _named(step_causes.of_update(case))


def _shapes(ones: list[Array], others: list[Array]) -> Iterable[Cause]:
    for one, other in zip(ones, others, strict=False):
        if one.shape != other.shape and one.size == other.size:
            yield Cause(
                "flattened or not",
                f"The same count of numbers, in the shapes {one.shape} and {other.shape}.",
                "Put a `Flatten` (or none) in both.",
            )


def _named(*found: Iterable[Cause]) -> list[Cause]:
    """Return the causes in order, each name once."""
    causes: dict[str, Cause] = {}
    for each in found:
        for cause in each:
            causes.setdefault(cause.name, cause)
    return list(causes.values())
