"""Gradients or updates differ, though the loss is the same: why."""

from collections.abc import Iterator
from typing import Any

from minidense.parity import sides
from minidense.parity.arrays import to_numpy
from minidense.parity.case import Case, Update
from minidense.parity.cause import Cause
from minidense.parity.relations import affine, is_transposed
from minidense.typing import Array

_STATES = 2  # the step count and the learning rate come before the running means


def of_gradient(case: Case, one: Array | None, other: Array | None) -> Iterator[Cause]:
    """Yield what explains two gradients of the same loss."""
    if one is None or other is None:
        whose = "reference" if one is None else "model"
        yield Cause(
            "no gradient",
            f"The loss of the {whose} does not depend on it, as far as its way back knows.",
            f"Look for what stops the gradient in the {whose}.",
        )
        return
    if is_transposed(one, other):
        yield Cause(
            "transposed gradient",
            "It is the other one's transpose, number for number.",
            "The gradient of a kernel is `inputs.T @ grad`, in the kernel's shape.",
        )
        return
    how = affine(one, other)
    if how and not how.shift:
        yield Cause(
            "scaled gradient",
            f"The model's is the reference's by {how}.",
            "Look for a sum where there should be a mean, or a sign.",
        )
    gone = (other == 0) & (one != 0), (one == 0) & (other != 0)
    for where, whose in zip(gone, ("model", "reference"), strict=True):
        if where.any():
            yield Cause(
                "clipped gradient",
                f"{int(where.sum())} of {one.size} numbers are 0 in the {whose} alone.",
                "Where a loss clips probabilities, their gradient is 0; use logits.",
            )


def of_update(case: Case) -> Iterator[Cause]:
    """Yield what explains that two optimizers make something else of the same gradients."""
    one, other = case.reference.optimizer, case.model.optimizer
    if type(one).__name__ != type(other).__name__:
        yield Cause(
            "another optimizer",
            f"The reference has {type(one).__name__}, the model {type(other).__name__}.",
            "Compile both with the same optimizer.",
        )
        return
    expected = case.steps(case.reference)
    differing = settings_that_differ(one, other)
    alone = {key: value for key, value in differing.items() if _cured(case, expected, {key: value})}
    for key, value in alone.items():
        yield _setting({key: value}, other, "with that")
    if alone:
        return
    if differing and _cured(case, expected, differing):
        yield _setting(differing, other, "with these")
    elif _cured(case, expected, differing, one):
        if differing:
            yield _setting(differing, other, "with that, and the reference's running means")
        else:
            steps = [int(to_numpy(each.iterations)) for each in (one, other)]
            yield Cause(
                "another state of the optimizer",
                f"The reference has made {steps[0]} steps so far, the model {steps[1]}; from the "
                "reference's running means the model's step is the reference's.",
                "Compile both again, or train both on the same batches.",
            )


def settings_that_differ(one: Any, other: Any) -> dict[str, Any]:
    """Return what one optimizer has set in another way than the other, by key."""
    ours, theirs = one.get_config(), other.get_config()
    return {
        key: ours[key]
        for key in ours
        if key != "name" and key in theirs and not _equal(ours[key], theirs[key])
    }


def _equal(one: Any, other: Any) -> bool:
    numbers = (int, float)
    if isinstance(one, numbers) and isinstance(other, numbers):
        return abs(one - other) <= 1e-6 * abs(one)  # some are kept in float32
    return bool(one == other)


def _cured(case: Case, expected: list[Update], settings: dict[str, Any], begun: Any = None) -> bool:
    """Whether the model's optimizer, with these settings, makes the reference's updates.

    It goes on from where it stands, or from where the optimizer `begun` does.
    """
    optimizer = case.model.optimizer
    try:
        changed = type(optimizer).from_config({**optimizer.get_config(), **settings})
        _copy_state(begun or optimizer, changed, sides.trainable_weights(case.model))
        given = case.steps(case.model, changed)
    except Exception:  # it does not take them
        return False
    return _same(case, expected, given)


def _same(case: Case, expected: list[Update], given: list[Update]) -> bool:
    return all(
        case.tolerance.accepts(one.change, other.change, one.size)
        for one, other in zip(expected, given, strict=True)
    )


def _copy_state(optimizer: Any, changed: Any, weights: list[Any]) -> None:
    """Let a new optimizer stand where another one stands, if that has begun."""
    if not optimizer.built:
        return
    changed.build(weights)
    old, new = list(optimizer.variables), list(changed.variables)
    new[0].assign(to_numpy(old[0]))
    if len(old) == len(new):
        for variable, value in zip(new[_STATES:], old[_STATES:], strict=True):
            variable.assign(to_numpy(value))


def _setting(settings: dict[str, Any], optimizer: Any, proof: str) -> Cause:
    theirs = optimizer.get_config()
    words = {"learning_rate": "learning rate"}
    names = " and ".join(words.get(key, key) for key in settings)
    told = ", ".join(f"{key}={_short(theirs[key])}" for key in settings)
    wanted = ", ".join(f"{key}={_short(value)}" for key, value in settings.items())
    return Cause(
        f"another {names}",
        f"The model's optimizer has {told}, the reference's {wanted}; {proof}, the model's "
        "step is the reference's.",
        f"Make the model's optimizer with {wanted}.",
    )


def _short(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else repr(value)
