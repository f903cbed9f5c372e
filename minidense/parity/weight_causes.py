"""The weights of a layer differ: which, how many, and how they come from each other."""

from collections.abc import Iterator

import numpy as np

from minidense.parity import probing
from minidense.parity.arrays import to_numpy
from minidense.parity.case import Case
from minidense.parity.cause import Cause
from minidense.parity.following import Call
from minidense.parity.relations import affine, is_transposed
from minidense.parity.sides import path_of
from minidense.typing import Array


def of_weights(case: Case, one: Call, other: Call) -> Iterator[Cause]:
    """Yield what is wrong with the weights of two layers that stand beside each other."""
    values = [to_numpy(weight) for weight in probing.weights_of(one.layer)]
    others = [to_numpy(weight) for weight in probing.weights_of(other.layer)]
    names = [path_of(weight) for weight in probing.weights_of(one.layer)]
    if not values or not others:
        return  # there is nothing to compare
    if len(values) != len(others) or any(
        value.size != theirs.size for value, theirs in zip(values, others, strict=True)
    ):
        yield Cause(
            "other weights",
            f"{_shapes(one, values)}; {_shapes(other, others)}.",
            "Make both layers with the same `units` and `use_bias`.",
        )
        return
    differing = [
        (name, value, theirs)
        for name, value, theirs in zip(names, values, others, strict=True)
        if not case.same(value, theirs.reshape(value.shape))
    ]
    if not differing:
        yield from _read_transposed(case, one, other, values)
        return
    transposed = [name for name, value, theirs in differing if is_transposed(value, theirs)]
    whose = _owner(case, one, others)
    if transposed:
        yield Cause(
            "transposed kernel",
            f"{transposed[0]} of the model is that of the reference with rows and columns "
            "exchanged; every number is there.",
            "Assign `kernel.T`: Keras keeps (inputs, units), torch (units, inputs).",
        )
    elif whose:
        yield Cause(
            "other layer order",
            f"The weights that the model has here, in '{other.name}', are those of the "
            f"reference's layer '{whose}'.",
            "Put the layers, or the list given to `set_weights`, in the reference's order.",
        )
    else:
        yield _other_weights(case, one, other, values, differing)


def _other_weights(
    case: Case,
    one: Call,
    other: Call,
    values: list[Array],
    differing: list[tuple[str, Array, Array]],
) -> Cause:
    differences = [told(name, value, theirs) for name, value, theirs in differing]
    given = probing.call(other.layer, other.inputs, values)
    cured = given is not None and all(map(case.same, one.outputs, given))
    proof = (
        "With the reference's weights the layer gives the reference's outputs."
        if cured
        else "With the reference's weights the layer still differs."
    )
    everywhere = _differing_in_all(case)
    scaled = [(name, affine(value, theirs)) for name, value, theirs in differing]
    factor = next((found for _, found in scaled if found and not found.shift), None)
    if factor and len(differing) < len(values):
        return Cause(
            "other input scaling",
            f"{differing[0][0]} of the model is the reference's times {factor}, as if its inputs "
            f"were scaled. {proof}",
            "Scale the inputs in the same way for both, or use the weights as they are.",
        )
    return Cause(
        "other weights",
        f"{'; '.join(differences)}. {proof} {everywhere}",
        "Call `model.set_weights(reference.get_weights())`, or give both the same seed.",
    )


def told(name: str, value: Array, theirs: Array) -> str:
    """Say in how many numbers two weights differ, and how they come from each other."""
    count = int((value != theirs.reshape(value.shape)).sum())
    how = affine(value, theirs.reshape(value.shape))
    relation = f", by {how}" if how else ""
    return f"{name} has {count} of {value.size} numbers that differ{relation}"


def _differing_in_all(case: Case) -> str:
    ones = getattr(case.reference, "weights", [])
    others = getattr(case.model, "weights", [])
    if len(ones) != len(others):
        return f"The reference has {len(ones)} weights, the model {len(others)}."
    pairs = [(to_numpy(one), to_numpy(two)) for one, two in zip(ones, others, strict=True)]
    count = sum(not case.same(one, two) for one, two in pairs)
    return f"In all, {count} of {len(pairs)} weights differ."


def _read_transposed(case: Case, one: Call, other: Call, values: list[Array]) -> Iterator[Cause]:
    """Equal weights: perhaps one side multiplies by the transposed kernel."""
    kernels = [value for value in values if value.ndim == 2]
    if len(kernels) != 1:
        return
    turned = [value.T.reshape(value.shape) if value.ndim == 2 else value for value in values]
    given = probing.call(one.layer, one.inputs, turned)
    if given is not None and all(map(case.same, given, other.outputs)):
        yield Cause(
            "transposed kernel",
            "The kernels are equal, but the model's outputs are those of the transposed one.",
            "Multiply `inputs @ kernel`; the kernel has the shape (inputs, units).",
        )


def _owner(case: Case, one: Call, others: list[Array]) -> str:
    """Return the name of another layer of the reference that has these very weights, or ""."""
    for call in case.answers[0][0]:
        theirs = [to_numpy(weight) for weight in probing.weights_of(call.layer)]
        alike = len(theirs) == len(others) and all(map(np.array_equal, theirs, others))
        if alike and others and call.layer is not one.layer:
            return call.name
    return ""


def _shapes(call: Call, values: list[Array]) -> str:
    return f"'{call.name}' has weights of the shapes {[value.shape for value in values]}"
