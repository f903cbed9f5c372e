"""What two models have in other ways, though they agree on this batch.

The first step of an optimizer shows neither its momentum nor its running means, at rest a Dropout
shows no rate, and the weights of a unit that is off show in nothing. What differs is named, since
the next step or the next row will show it.
"""

from collections.abc import Iterator
from typing import Any

from minidense.parity.arrays import to_numpy
from minidense.parity.case import Case
from minidense.parity.probing import weights_of
from minidense.parity.sides import path_of
from minidense.parity.step_causes import settings_that_differ
from minidense.parity.weight_causes import told


def notes(case: Case) -> list[str]:
    """Return a sentence for each weight and setting that differs and was not seen."""
    both = list(_optimizers(case)) if case.y is not None else []
    both += [*_rates(case), *_weights(case)]
    if not both:
        return []
    return ["Not seen by this batch, but not the same:", *(f"  {line}" for line in both)]


def _optimizers(case: Case) -> Iterator[str]:
    one: Any = getattr(case.reference, "optimizer", None)
    other: Any = getattr(case.model, "optimizer", None)
    if not (hasattr(one, "get_config") and hasattr(other, "get_config")):
        return
    names = type(one).__name__, type(other).__name__
    if names[0] != names[1]:
        yield f"the optimizer is {names[0]} in the reference, {names[1]} in the model"
        return
    theirs = other.get_config()
    for key, value in settings_that_differ(one, other).items():
        yield f"the optimizer's {key} is {value} in the reference, {theirs[key]} in the model"


def _rates(case: Case) -> Iterator[str]:
    """Compare the rates of the Dropouts, if both have as many."""
    ones, others = ([*_with_rate(model)] for model in (case.reference, case.model))
    if len(ones) != len(others):
        return
    for one, other in zip(ones, others, strict=True):
        if one.rate != other.rate:
            rates = f"{one.rate} in the reference, {other.rate} in the model"
            yield f"the rate of '{one.name}' is {rates}"


def _weights(case: Case) -> Iterator[str]:
    """Compare the weights where layer stands beside layer; those of a shared one are told once."""
    pairs: dict[int, tuple[Any, Any]] = {}
    for segment in case.segments:
        if segment.is_pair:
            one, other = segment.reference[0].layer, segment.model[0].layer
            pairs[id(one)] = one, other
    for layer, other in pairs.values():
        for weight, their in zip(weights_of(layer), weights_of(other), strict=False):
            value, theirs = to_numpy(weight), to_numpy(their)
            if value.shape == theirs.shape and not case.same(value, theirs):
                yield told(path_of(weight), value, theirs)


def _with_rate(model: Any) -> Iterator[Any]:
    for layer in getattr(model, "layers", []):
        if hasattr(layer, "layers"):
            yield from _with_rate(layer)
        elif isinstance(getattr(layer, "rate", None), (int, float)):
            yield layer
