"""Where two models part: layer by layer, then loss, gradients and updates."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from minidense.parity import causes, sides, unseen
from minidense.parity.case import Case
from minidense.parity.cause import Cause
from minidense.parity.comparison import Comparison, Row, failed, row_of
from minidense.parity.pairing import Rounding, Segment, rounding, running
from minidense.parity.tolerance import Tolerance
from minidense.typing import Array


def compare(
    reference: Any,
    model: Any,
    x: Any,
    y: Any = None,
    *,
    rtol: float | None = None,
    atol: float | None = None,
    training: bool = False,
) -> Comparison:
    """Return the first place where two models differ by more than rounding, how far, and why.

    Both get the same x. The layers are compared in the order in which they run; with y, the loss,
    the gradient of each trainable weight and of x, and what one step of the optimizer (from the
    reference's gradients) makes of each weight. Neither model is changed: weights, optimizers and
    seeds are as they were.

    Args:
        reference: a built model: Keras's, minidense's, or an object with their interface.
        model: another one.
        x: a batch, (rows, ...), or a list or dict of them for several inputs.
        y: the targets; both models must be compiled then.
        rtol: allowed relative to the largest number of an array; None is what rounding explains,
            3e-6 in float32 and 1e-14 in float64.
        atol: allowed beside that; None is the rounding of what went into the array.
        training: whether the layers are called as in training. Dropout agrees then only where
            both draw the same masks.

    Returns:
        A `Comparison`: `agree`, `first_difference`, `causes`; print it to read it.

    Raises:
        TypeError: for what is no model, and for a tolerance that is no number.
        ValueError: for a model that is not built, or with y not compiled; for a negative tolerance,
            an x without rows, or one that the reference cannot take.

    >>> import numpy as np
    >>> from minidense import Input, Sequential, layers
    >>> model, other = (Sequential([Input((2,)), layers.Dense(2)]) for _ in range(2))
    >>> transposed = other.layers[0].kernel.assign(model.layers[0].kernel.numpy().T)
    >>> found = compare(model, other, np.float32([[1, 2]]))
    >>> found.agree, found.causes[0].name
    (False, 'transposed kernel')
    """
    _check(reference, model, x, y, rtol, atol, training)
    case = Case(reference, model, x, y, Tolerance(rtol, atol), training)
    rows: list[Row] = []
    for stage in _stages(case):
        rows.append(stage.row)
        if not stage.row.within:
            return Comparison(case.title, tuple(rows), tuple(stage.explain()), tuple(case.notes))
    return Comparison(case.title, tuple(rows), (), (*case.notes, *unseen.notes(case)))


def assert_parity(
    reference: Any,
    model: Any,
    x: Any,
    y: Any = None,
    *,
    rtol: float | None = None,
    atol: float | None = None,
    training: bool = False,
) -> None:
    """Raise an AssertionError that says where two models part and why, unless they agree.

    The arguments are those of `compare`.

    Raises:
        AssertionError: if they differ by more than rounding.
        TypeError: as `compare`.
        ValueError: as `compare`.

    >>> import numpy as np
    >>> from minidense import Input, Sequential, layers
    >>> model = Sequential([Input((2,)), layers.Dense(2)])
    >>> assert_parity(model, model, np.float32([[1, 2]]))
    """
    found = compare(reference, model, x, y, rtol=rtol, atol=atol, training=training)
    if not found.agree:
        raise AssertionError(str(found))


_EXACT = Rounding()


class _Stage(NamedTuple):
    row: Row
    explain: Callable[[], list[Cause]]


def _stages(case: Case) -> Iterator[_Stage]:
    if case.refusal:
        yield _Stage(failed("the call on x", case.refusal), lambda: causes.of_refusal(case))
        return
    yield from _layers(case)
    if case.y is not None:
        yield from _training(case)


def _layers(case: Case) -> Iterator[_Stage]:
    """Compare what goes in, what each layer gives, and what comes out."""
    (calls, outputs), (other_calls, other_outputs) = case.answers
    stages: list[_Stage] = []
    size = Rounding()
    if calls and other_calls:
        before = calls[0].inputs, other_calls[0].inputs
        entry = _row_of_all(case, "inputs of the first layer", *before)
        stages.append(_Stage(entry, _explain_inputs(case, before)))
        for segment in case.segments:
            size = rounding(segment, *before)
            if not stages[-1].row.within:  # what is no rounding is not carried on as such
                size = Rounding(size.floor)
            after = running(segment.reference, before[0]), running(segment.model, before[1])
            row = _row_of_all(case, segment.place, *after, size)
            stages.append(_Stage(row, _explain_segment(case, segment, before)))
            before = after
    ends = _row_of_all(case, "outputs", outputs, other_outputs, size)
    accepted = [row.distance.absolute for row in (*(s.row for s in stages), ends) if row.within]
    case.carried = 2 * max([0.0, *accepted])
    # layers that are arranged in another way may take another way to the same outputs
    forgiven = case.other_arrangement and ends.within
    for number, stage in enumerate(stages):
        if number == 0 or stage.row.within or not forgiven:
            yield stage
    yield _Stage(ends, lambda: causes.of_outputs(case, outputs, other_outputs))


def _explain_inputs(
    case: Case, before: tuple[list[Array], list[Array]]
) -> Callable[[], list[Cause]]:
    return lambda: causes.of_inputs(case, *before)


def _explain_segment(
    case: Case, segment: Segment, before: tuple[list[Array], list[Array]]
) -> Callable[[], list[Cause]]:
    return lambda: causes.of_segment(case, segment, before)


def _row_of_all(
    case: Case, place: str, ones: list[Array], others: list[Array], size: Rounding = _EXACT
) -> Row:
    """Compare several arrays; the row is that of the first that differ, or of the farthest."""
    if len(ones) != len(others):
        return failed(place, f"the reference has {len(ones)} arrays, the model {len(others)}")
    rows = [
        row_of(place, one, other, case.tolerance, *size)
        for one, other in zip(ones, others, strict=True)
    ]
    apart = [row for row in rows if not row.within]
    return apart[0] if apart else max(rows, key=lambda row: row.distance.ulps)


def _training(case: Case) -> Iterator[_Stage]:
    """Compare loss, gradients and updates."""
    one, other = case.gradients
    size = case.size_of_outputs
    loss = row_of("loss", one.loss, other.loss, case.tolerance, size, case.carried)
    yield _Stage(loss, lambda: causes.of_loss(case))
    if not all(map(sides.library_of, (case.reference, case.model))):
        case.notes.append("Gradients and updates were not compared: one side cannot be asked.")
        return
    yield _Stage(_trainable(case), lambda: causes.of_trainable(case))
    places = [*(f"gradient of {path}" for path in case.paths), *case.input_places]
    grads = zip(
        places,
        [*one.weight_grads, *one.input_grads],
        [*other.weight_grads, *other.input_grads],
        strict=True,
    )
    floor, carried = size * case.size_of_values, case.carried * case.size_of_values
    for place, grad, other_grad in grads:
        if grad is None and other_grad is None:
            continue
        row = (
            failed(place, f"only the {'model' if grad is None else 'reference'} has one")
            if grad is None or other_grad is None
            else row_of(place, grad, other_grad, case.tolerance, floor, carried)
        )
        yield _Stage(row, _explain_gradient(case, grad, other_grad))
    yield from _updates(case)


def _explain_gradient(
    case: Case, grad: Array | None, other: Array | None
) -> Callable[[], list[Cause]]:
    return lambda: causes.of_gradient(case, grad, other)


def _trainable(case: Case) -> Row:
    shapes = [
        [tuple(weight.shape) for weight in sides.trainable_weights(model)]
        for model in (case.reference, case.model)
    ]
    place = "shapes of the trainable weights"
    if shapes[0] != shapes[1]:
        return failed(place, f"the reference has the shapes {shapes[0]}, the model {shapes[1]}")
    return row_of(place, 0, 0, case.tolerance)


def _updates(case: Case) -> Iterator[_Stage]:
    """Compare what each optimizer adds to each weight, given the reference's gradients."""
    missing = [
        name
        for name, model in (("reference", case.reference), ("model", case.model))
        if getattr(model, "optimizer", None) is None
    ]
    if missing:
        case.notes.append(f"Updates were not compared: the {missing[0]} has no optimizer.")
        return
    both = zip(case.paths, case.steps(case.reference), case.steps(case.model), strict=True)
    for path, update, other in both:
        row = row_of(f"update of {path}", update.change, other.change, case.tolerance, update.size)
        yield _Stage(row, lambda: causes.of_update(case))


def _check(reference: Any, model: Any, x: Any, y: Any, rtol: Any, atol: Any, training: Any) -> None:
    sides.check_model("reference", reference)
    sides.check_model("model", model)
    for name, value in (("rtol", rtol), ("atol", atol)):
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise TypeError(f"`{name}` must be a number or None. Received: {value!r}.")
        if not value >= 0:
            raise ValueError(f"`{name}` must be 0 or more. Received: {value}.")
    if not isinstance(training, bool):
        raise TypeError(f"`training` must be True or False. Received: {training!r}.")
    for name, data in (("x", x), ("y", y)):
        sides.check_rows(name, data, optional=name == "y")
