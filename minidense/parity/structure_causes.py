"""The models are made of other layers: which are missing, too many, or in another order."""

from collections import Counter
from collections.abc import Iterator

import numpy as np

from minidense.nest import flatten
from minidense.parity import probing, sides
from minidense.parity.arrays import to_numpy
from minidense.parity.case import Case
from minidense.parity.cause import Cause
from minidense.parity.following import Call
from minidense.parity.layer_causes import of_softmax
from minidense.parity.pairing import Segment, running
from minidense.parity.relations import affine
from minidense.typing import Array


def of_scale(
    ones: list[Array], others: list[Array], name: str = "other input scaling"
) -> Iterator[Cause]:
    """Yield that the model's numbers are the reference's, scaled or shifted."""
    for one, other in zip(ones, others, strict=False):
        how = affine(one, other)
        if how:
            yield Cause(
                name,
                f"What goes on in the model is what goes on in the reference by {how}.",
                "Scale in the same way in both, once.",
            )
            return


def of_order(case: Case) -> Iterator[Cause]:
    """Yield that both have the same layers, in another order."""
    calls, others = case.answers[0][0], case.answers[1][0]
    keys, other_keys = [_key(call) for call in calls], [_key(call) for call in others]
    if keys == other_keys or Counter(keys) != Counter(other_keys):
        return
    values = calls[0].inputs
    left = list(zip(other_keys, others, strict=True))
    for key in keys:  # the model's layers, in the reference's order
        place = next(i for i, (theirs, _) in enumerate(left) if theirs == key)
        given = probing.call(left.pop(place)[1].layer, values)
        if given is None:
            return
        values = given
    cured = all(map(case.same, calls[-1].outputs, values))
    names, other_names = ([call.name for call in each] for each in (calls, others))
    yield Cause(
        "other layer order",
        f"The reference has {', '.join(names)}; the model {', '.join(other_names)}. In the "
        f"reference's order the model's layers {'' if cured else 'still do not '}"
        f"give the reference's outputs.",
        "Put the model's layers in the reference's order.",
    )


def _key(call: Call) -> tuple[str, tuple[tuple[int, ...], ...], str]:
    """Return what tells layers apart but for the values of their weights."""
    config = probing.plain_arguments(call.layer)
    activation = str(config.get("activation", ""))
    return call.kind, tuple(tuple(w.shape) for w in probing.weights_of(call.layer)), activation


def of_segment(
    case: Case, segment: Segment, before: tuple[list[Array], list[Array]]
) -> Iterator[Cause]:
    """Yield what explains that layers without a counterpart make a difference."""
    yield from of_order(case)
    ones = running(segment.reference, before[0])
    others = running(segment.model, before[1])
    for one, other in zip(ones, others, strict=False):
        yield from of_softmax(case, one, other)
    kinds = [{call.kind for call in calls} for calls in (segment.reference, segment.model)]
    if ("Flatten" in kinds[0]) != ("Flatten" in kinds[1]):
        whose, lacks = ("reference", "model") if "Flatten" in kinds[0] else ("model", "reference")
        shapes = [array.shape for array in (*ones[:1], *others[:1])]
        yield Cause(
            "flattened or not",
            f"The {whose} has a Flatten here, the {lacks} has none: "
            f"the shapes are {' and '.join(map(str, shapes))}.",
            f"Put a `Flatten` into the {lacks}; `Dense` works on the last axis only.",
        )
    yield from of_scale(ones, others)
    yield _missing(segment)


def _missing(segment: Segment) -> Cause:
    parts = [
        f"the {whose} alone has {', '.join(f'{call.name} ({call.kind})' for call in calls)}"
        for whose, calls in (("reference", segment.reference), ("model", segment.model))
        if calls
    ]
    return Cause(
        "other layers",
        f"Here {' and '.join(parts)}, and that changes the numbers.",
        "Make both models of the same layers.",
    )


def of_refusal(case: Case) -> Iterator[Cause]:
    """Yield that the model wants x flattened, if it then gives what the reference gives."""
    arrays = flatten(case.x)
    if len(arrays) != 1:
        return
    array = np.asarray(arrays[0])
    reference = sides.outputs(case.reference, case.x, case.training)
    for form, shape in _other_forms(case, array):
        try:
            given = sides.outputs(case.model, array.reshape(shape), case.training)
        except Exception:
            continue
        same = len(given) == len(reference) and all(map(case.same, reference, given))
        what = "the reference's outputs" if same else "outputs, but other ones than the reference"
        yield Cause(
            "flattened or not",
            f"With x {form} to {shape} the model gives {what}.",
            "Put a `Flatten` (or none) in both, or give the model x in the form that it takes.",
        )
        return


def _other_forms(case: Case, array: Array) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield "flattened", (len(array), array.size // len(array))
    shape = getattr(case.model, "input_shape", None)
    if isinstance(shape, tuple) and all(isinstance(dim, int) for dim in shape[1:]):
        rows = (len(array), *shape[1:])
        if int(np.prod(rows)) == array.size:
            yield "reshaped", rows


def of_weight_count(case: Case) -> Iterator[Cause]:
    """Yield which weights only one of the models trains."""
    paths = [
        [sides.path_of(weight) for weight in sides.trainable_weights(model)]
        for model in (case.reference, case.model)
    ]
    frozen = [
        sum(to_numpy(weight).size for weight in getattr(model, "non_trainable_weights", []))
        for model in (case.reference, case.model)
    ]
    yield Cause(
        "frozen weights",
        f"The reference trains {len(paths[0])} weights ({', '.join(paths[0]) or 'none'}), the "
        f"model {len(paths[1])} ({', '.join(paths[1]) or 'none'}); {frozen[0]} and {frozen[1]} "
        "numbers are frozen.",
        "Set `trainable` of each layer to what it is in the reference, before `compile`.",
    )
