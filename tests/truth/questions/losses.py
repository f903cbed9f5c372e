"""The losses: the value of each row, its gradient, and what the reductions make of a batch."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from minidense.typing import Array
from tests.truth import hard_inputs, sides
from tests.truth.exact import Exact, mp, reals
from tests.truth.formulas import losses as formulas
from tests.truth.questions.question import Question

SMOOTHINGS = (0.0, 0.2)


def questions() -> Iterator[Question]:
    for dtype in hard_inputs.DTYPES:
        for inputs, rows in hard_inputs.rows(dtype).items():
            yield from _sparse(dtype, inputs, rows, True)
            for smoothing in SMOOTHINGS:
                yield from _categorical(dtype, inputs, rows, True, smoothing)
                yield from _binary(dtype, inputs, rows, True, smoothing)
        yield from _one_logit(dtype)
        for inputs, rows in hard_inputs.probabilities(dtype).items():
            yield from _sparse(dtype, inputs, rows, False)
            for smoothing in SMOOTHINGS:
                yield from _categorical(dtype, inputs, rows, False, smoothing)
                yield from _binary(dtype, inputs, rows, False, smoothing)
        for inputs, rows in hard_inputs.predictions(dtype).items():
            yield from _squared_error(dtype, inputs, rows)
        yield _targets_with_another_sum(dtype)
        for reduction in ("sum_over_batch_size", "sum", "mean_with_sample_weight"):
            yield _reduction(dtype, reduction)


def _both(
    class_name: str,
    dtype: str,
    inputs: str,
    batch: tuple[Array, Array],
    options: dict[str, Any],
    value: Callable[[Any, Any], Exact],
    gradient: Callable[[Any, Any], list[Exact]],
) -> Iterator[Question]:
    """Ask for the values of all rows, and for their gradients.

    The formulas get the targets of one row as they are, and its predictions as exact numbers.
    """
    y_true, y_pred = batch
    shown = ", ".join(f"{name}={option}" for name, option in options.items() if option)
    feature = f"{class_name}({shown})" if shown else class_name

    def loss(library: Any) -> Any:
        return getattr(library.losses, class_name)(**options, reduction="none", dtype=dtype)

    def pairs() -> Iterator[tuple[Any, Any]]:
        for targets, predictions in zip(y_true, y_pred, strict=True):
            yield targets, reals(predictions)

    yield Question(
        feature,
        dtype,
        inputs,
        lambda library: sides.array(loss(library)(y_true, y_pred)),
        lambda: [value(*pair) for pair in pairs()],
    )
    yield Question(
        f"{feature}: gradient",
        dtype,
        inputs,
        lambda library: sides.loss_gradient(library, loss(library), y_true, y_pred),
        lambda: [exact for pair in pairs() for exact in gradient(*pair)],
    )


def _each_class(rows: Array) -> tuple[Array, Array]:
    """Return labels and rows so that of three columns each is the true class once."""
    columns = min(rows.shape[-1], 3)
    return np.tile(np.arange(columns), len(rows)), np.repeat(rows, columns, axis=0)


def _sparse(dtype: str, inputs: str, rows: Array, from_logits: bool) -> Iterator[Question]:
    suffix = "" if from_logits else "_of_probabilities"
    value = getattr(formulas, f"sparse{suffix}")
    gradient = getattr(formulas, f"sparse_gradient{suffix}")
    options = {"from_logits": from_logits}
    batch = _each_class(rows)
    name = "SparseCategoricalCrossentropy"
    yield from _both(name, dtype, inputs, batch, options, value, gradient)


def _smoothed(
    formula: Callable[..., Any], smoothing: float, classes: int | None, targets: Array, row: Any
) -> Any:
    """Give a formula the smoothed targets; two classes, or as many as there are columns."""
    smooth = formulas.smooth(reals(targets), smoothing, classes or len(row))
    return formula(smooth, row)


def _categorical(
    dtype: str, inputs: str, rows: Array, from_logits: bool, smoothing: float
) -> Iterator[Question]:
    suffix = "" if from_logits else "_of_probabilities"
    labels, y_pred = _each_class(rows)
    one_hot = np.eye(rows.shape[-1], dtype=dtype)[labels]
    value = partial(_smoothed, getattr(formulas, f"categorical{suffix}"), smoothing, None)
    gradient = partial(
        _smoothed, getattr(formulas, f"categorical_gradient{suffix}"), smoothing, None
    )
    options = {"from_logits": from_logits, "label_smoothing": smoothing}
    name = "CategoricalCrossentropy"
    yield from _both(name, dtype, inputs, (one_hot, y_pred), options, value, gradient)


def _binary(
    dtype: str, inputs: str, rows: Array, from_logits: bool, smoothing: float
) -> Iterator[Question]:
    suffix = "" if from_logits else "_of_probabilities"
    labels, y_pred = _each_class(rows)
    on = np.eye(rows.shape[-1], dtype=dtype)[labels]
    value = partial(_smoothed, getattr(formulas, f"binary{suffix}"), smoothing, 2)
    gradient = partial(_smoothed, getattr(formulas, f"binary_gradient{suffix}"), smoothing, 2)
    options = {"from_logits": from_logits, "label_smoothing": smoothing}
    yield from _both("BinaryCrossentropy", dtype, inputs, (on, y_pred), options, value, gradient)


def _one_logit(dtype: str) -> Iterator[Question]:
    """A single output at a time, on and off: the mean of several would hide a small one."""
    name, options = "BinaryCrossentropy", {"from_logits": True}
    value = partial(_smoothed, formulas.binary, 0.0, 2)
    gradient = partial(_smoothed, formulas.binary_gradient, 0.0, 2)
    for inputs, numbers in hard_inputs.numbers(dtype).items():
        logits = np.repeat(numbers[:40], 2).reshape(-1, 1)
        on = np.tile(np.array([[0], [1]], dtype), (len(logits) // 2, 1))
        kind = f"one output, {inputs}"
        yield from _both(name, dtype, kind, (on, logits), options, value, gradient)


def _squared_error(dtype: str, inputs: str, rows: Array) -> Iterator[Question]:
    targets = rows[:, ::-1].copy()

    def value(target: Array, row: Any) -> Exact:
        return formulas.squared_error(reals(target), row)

    def gradient(target: Array, row: Any) -> list[Exact]:
        return formulas.squared_error_gradient(reals(target), row)

    yield from _both("MeanSquaredError", dtype, inputs, (targets, rows), {}, value, gradient)


def _targets_with_another_sum(dtype: str) -> Question:
    """Categorical targets that sum to 0.5 and 2: the gradient of the value that is returned."""
    random = np.random.default_rng(18)
    logits = random.normal(0, 2, (4, 3)).astype(dtype)
    targets = np.array([[0.5, 0, 0], [0.25, 0.25, 0], [1, 1, 0], [2, 0, 0]], dtype)

    def ask(library: Any) -> Array:
        loss = library.losses.CategoricalCrossentropy(True, reduction="none", dtype=dtype)
        return sides.loss_gradient(library, loss, targets, logits)

    return Question(
        "CategoricalCrossentropy(from_logits=True): gradient",
        dtype,
        "targets that do not sum to 1",
        ask,
        lambda: [
            exact
            for pair in zip(targets, logits, strict=True)
            for exact in formulas.categorical_gradient(*map(reals, pair))
        ],
    )


def _reduction(dtype: str, reduction: str) -> Question:
    """A batch of 32 rows, and a weight for each where the reduction takes some."""
    random = np.random.default_rng(19)
    logits = random.normal(0, 2, (32, 10)).astype(dtype)
    labels = random.integers(0, 10, 32)
    weights = random.uniform(0, 3, 32).astype(dtype)
    weighted = reduction == "mean_with_sample_weight"

    def ask(library: Any) -> Array:
        loss = library.losses.SparseCategoricalCrossentropy(
            from_logits=True, reduction=reduction, dtype=dtype
        )
        return sides.array(loss(labels, logits, weights if weighted else None))

    def truth() -> list[Exact]:
        values = [
            formulas.sparse(label, reals(row)) for label, row in zip(labels, logits, strict=True)
        ]
        shares = reals(weights) if weighted else [mp.one] * 32
        divisor = mp.one if reduction == "sum" else mp.fsum(shares)
        return [formulas.weighted_mean(values, shares, divisor)]

    return Question(f"a batch's loss, reduction {reduction}", dtype, "ordinary", ask, truth)
