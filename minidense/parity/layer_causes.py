"""Two layers take the same and give something else: why."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from minidense.parity import probing, sides
from minidense.parity.arrays import to_numpy
from minidense.parity.case import Case
from minidense.parity.cause import Cause
from minidense.parity.following import Call
from minidense.parity.formulas import activated, softmax
from minidense.parity.relations import are_probabilities, dropped
from minidense.parity.tolerance import RTOL, Tolerance
from minidense.parity.weight_causes import of_weights
from minidense.typing import Array


def of_pair(case: Case, one: Call, other: Call) -> Iterator[Cause]:
    """Yield what explains that two layers give different outputs."""
    yield from _shape(one, other)
    yield from _mode(case, one, other)
    yield from of_dtype(one.outputs, other.outputs)
    yield from of_weights(case, one, other)
    yield from _activation(case, one, other)
    yield from _arguments(case, one, other)


def _shape(one: Call, other: Call) -> Iterator[Cause]:
    if not one.outputs or not other.outputs:
        return
    mine, theirs = one.outputs[0], other.outputs[0]
    if mine.shape != theirs.shape and mine.size == theirs.size:
        yield Cause(
            "flattened or not",
            f"Both give the same count of numbers, in the shapes {mine.shape} and {theirs.shape}"
            + (", equal in order." if np.array_equal(mine.ravel(), theirs.ravel()) else "."),
            "Put a `Flatten` (or none) in both; `Dense` works on the last axis only.",
        )


def _mode(case: Case, one: Call, other: Call) -> Iterator[Cause]:
    """Dropout that is at work in one model, or in both with other masks."""
    if len(one.inputs) != 1 or len(one.outputs) != 1 or len(other.outputs) != 1:
        return
    masks = [dropped(call.inputs[0], call.outputs[0]) for call in (one, other)]
    a, b = masks
    if a is not None and b is not None:
        if abs(a.factor - b.factor) > 1e-4 * a.factor:
            yield Cause(
                "another dropout rate",
                f"What is kept is multiplied by {a.factor:.4g} and by {b.factor:.4g}: the "
                f"rates are {1 - 1 / a.factor:.3g} and {1 - 1 / b.factor:.3g}.",
                "Make both Dropouts with the same rate.",
            )
        else:
            yield Cause(
                "another dropout mask",
                "Both drop numbers at the same rate, but not the same ones.",
                "Give both the same seed, and let both have been called as often in training.",
            )
        return
    for mask, whose, still in ((masks[1], "model", one), (masks[0], "reference", other)):
        at_rest = case.same(still.inputs[0], still.outputs[0])
        if mask and at_rest:
            yield Cause(
                "missing `training=False`",
                f"Dropout is at work in the {whose} alone: {mask.share:.0%} of the numbers are 0 "
                f"and the others are multiplied by {mask.factor:.4g}.",
                f"Call the {whose} with `training=False`.",
            )
            return
    yield from _trained_call(case, one, other)


def _trained_call(case: Case, one: Call, other: Call) -> Iterator[Cause]:
    """A layer that does something else in training: called so, it gives what the other gives."""
    sides_of_it = (
        (case.reference, 0, one, other, "model"),
        (case.model, 1, other, one, "reference"),
    )
    for whole, side, call, opposite, whose in sides_of_it:
        calls = case.answers[side][0]
        index = next((i for i, each in enumerate(calls) if each is call), None)
        again = sides.outputs_by_layer(whole, case.x, not case.training)
        if index is None or len(again) != len(calls):
            continue
        moved = not all(map(case.same, again[index].outputs, call.outputs))
        if moved and all(map(case.same, again[index].outputs, opposite.outputs)):
            yield Cause(
                "missing `training=False`",
                f"With training={not case.training} in the other, both give the same: the {whose} "
                f"runs as if training={not case.training}.",
                f"Call the {whose} with `training={case.training}`.",
            )
            return


def of_dtype(ones: list[Array], others: list[Array]) -> Iterator[Cause]:
    """Yield that one side computes in a coarser dtype, if that is all the difference."""
    for one, other in zip(ones, others, strict=False):
        if one.dtype.kind != "f" or other.dtype.kind != "f":
            continue
        dtypes = [str(_true_dtype(array)) for array in (one, other)]
        if dtypes[0] == dtypes[1]:
            continue
        coarser = min(dtypes, key=lambda name: np.dtype(name).itemsize)
        rtol = RTOL[np.dtype(coarser).itemsize]
        if Tolerance(rtol, 0.0).accepts(one, other):
            yield Cause(
                "float64 beside float32",
                f"The reference computes in {dtypes[0]}, the model in {dtypes[1]}; the difference "
                f"is the rounding of {coarser}.",
                "Make both in one dtype, or compare with `rtol=1e-5`.",
            )
            return


def _true_dtype(array: Array) -> np.dtype[Any]:
    """Return float32 for float64 numbers that all fit in float32."""
    if array.dtype == np.float64 and np.array_equal(array, array.astype(np.float32)):
        return np.dtype(np.float32)
    return array.dtype


def sums_of(call: Call) -> Array:
    """Return what goes into a layer's activation: inputs @ kernel + bias, or the inputs."""
    kernel = getattr(call.layer, "kernel", None)
    if kernel is None:
        return call.inputs[0]
    bias = getattr(call.layer, "bias", None)
    sums = call.inputs[0].astype(np.float64) @ to_numpy(kernel)
    return np.asarray(sums if bias is None else sums + to_numpy(bias))


def _activation(case: Case, one: Call, other: Call) -> Iterator[Cause]:
    """Each side's outputs are some function of its sums; name both."""
    names = [_function(case, call) for call in (one, other)]
    if not names[0] or not names[1] or names[0] == names[1]:
        return
    if "softmax twice" in names:
        whose = "model" if names[1] == "softmax twice" else "reference"
        yield softmax_twice(whose)
        return
    yield Cause(
        "another activation",
        f"The reference's outputs are {names[0]} of its sums, the model's {names[1]}.",
        f"Give both the same activation; the reference has {names[0]}.",
    )


def _function(case: Case, call: Call) -> str:
    if len(call.inputs) != 1 or len(call.outputs) != 1:
        return ""
    try:
        sums = sums_of(call)
    except ValueError:  # a kernel that is not for the last axis
        return ""
    rounding = Tolerance(max(case.tolerance.rtol or 0, 1e-5), case.tolerance.atol)
    found = activated(sums)
    return next((n for n, value in found.items() if rounding.accepts(value, call.outputs[0])), "")


def softmax_twice(whose: str) -> Cause:
    """Return the cause of a softmax of probabilities."""
    return Cause(
        "softmax applied twice",
        f"The {whose}'s outputs are the softmax of the other's, which are probabilities already.",
        f"Take one softmax out of the {whose}: the layer's `activation` or the layer after it.",
    )


def of_softmax(case: Case, one: Array, other: Array) -> Iterator[Cause]:
    """Yield that one array is the softmax of the other."""
    for inner, outer, whose in ((one, other, "model"), (other, one, "reference")):
        if inner.ndim < 2 or inner.shape != outer.shape:
            continue
        if not Tolerance(1e-5).accepts(softmax(inner), outer):
            continue
        if are_probabilities(inner):
            yield softmax_twice(whose)
        else:
            yield Cause(
                "another activation",
                f"The {whose}'s outputs are the softmax of the other's, which are logits.",
                "End both with a softmax, or neither.",
            )
        return


def _arguments(case: Case, one: Call, other: Call) -> Iterator[Cause]:
    """Make the model's layer with the reference's arguments, one at a time; see what cures it."""
    for key, value in probing.arguments_that_differ(one.layer, other.layer).items():
        given = probing.made_with(other.layer, {key: value}, other.inputs)
        if given is not None and all(map(case.same, one.outputs, given)):
            mine = probing.plain_arguments(other.layer)[key]
            yield Cause(
                "another activation" if key == "activation" else f"another `{key}`",
                f"'{other.name}' has {key}={mine!r}, the reference {value!r}; made with that, it "
                "gives the reference's outputs.",
                f"Make '{other.name}' with {key}={value!r}.",
            )
