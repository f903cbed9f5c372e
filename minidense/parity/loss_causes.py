"""Outputs are equal and the loss is not: which formula each side computes."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from minidense.parity.case import Case
from minidense.parity.cause import Cause
from minidense.parity.formulas import (
    EPSILONS,
    activated,
    binary,
    binary_from_logits,
    categorical,
    categorical_from_logits,
    one_hot,
)
from minidense.parity.layer_causes import sums_of
from minidense.parity.relations import are_probabilities
from minidense.parity.tolerance import Tolerance
from minidense.typing import Array


class Formula(NamedTuple):
    """One way to compute a loss."""

    family: str  # "probabilities", "logits", "through" a softmax, "squared", "absolute"
    words: str
    value: float


def of_loss(case: Case) -> Iterator[Cause]:
    """Yield what explains two losses of the same outputs."""
    one, other = (float(gradients.loss) for gradients in case.gradients)
    formulas = _formulas(case)
    found, found_other = _fitting(formulas, one), _fitting(formulas, other)
    pairs = [
        (mine, theirs)
        for mine in found
        for theirs in found_other
        if mine not in found_other and theirs not in found and mine.words != theirs.words
    ]
    if pairs:
        outputs = case.answers[0][1][0]
        yield _named(*pairs[0], are_probabilities(outputs) or _are_shares(outputs))
    yield from _factor(case, one, other)


def _formulas(case: Case) -> list[Formula]:
    """Compute every loss that the outputs and targets have a shape for."""
    outputs = case.answers[0][1]
    if len(outputs) != 1 or not isinstance(case.y, (np.ndarray, list, tuple)):
        return []
    y_pred, y = outputs[0], np.asarray(case.y)
    formulas: list[Formula] = []
    logits = _logits(case)
    targets = one_hot(y, y_pred)
    if targets is None and y_pred.size == y.size:
        targets = y.reshape(y_pred.shape).astype(np.float64)
    if targets is None:
        return []
    with np.errstate(all="ignore"):
        for kind, clipped, from_logits in (
            ("categorical", categorical, categorical_from_logits),
            ("binary", binary, binary_from_logits),
        ):
            formulas += [
                Formula(
                    "probabilities",
                    f"{kind} cross-entropy of the outputs as probabilities, clipped to {epsilon:g}",
                    value,
                )
                for epsilon in EPSILONS
                for value in clipped(targets, y_pred, epsilon)
            ]
            words = f"{kind} cross-entropy of the outputs as logits"
            formulas.append(Formula("logits", words, from_logits(targets, y_pred)))
            if logits is not None:
                words = f"{kind} cross-entropy of what went into the last softmax or sigmoid"
                formulas.append(Formula("through", words, from_logits(targets, logits)))
        errors = y_pred.astype(np.float64) - targets
        formulas += [
            Formula("squared", "mean squared error", float((errors**2).mean())),
            Formula("absolute", "mean absolute error", float(np.abs(errors).mean())),
        ]
    return formulas


def _logits(case: Case) -> Array | None:
    """Return what went into a last softmax or sigmoid of either model."""
    for calls, _ in case.answers:
        if not calls or len(calls[-1].inputs) != 1:
            continue
        sums = sums_of(calls[-1])
        functions = activated(sums)
        for name in ("softmax", "sigmoid"):
            if name in functions and Tolerance(1e-5).accepts(functions[name], calls[-1].outputs[0]):
                return sums
    return None


def _fitting(formulas: list[Formula], loss: float) -> list[Formula]:
    near = 1e-5 * max(abs(loss), 1e-2)
    return [formula for formula in formulas if abs(formula.value - loss) <= near]


def _are_shares(outputs: Array) -> bool:
    return bool(((outputs >= 0) & (outputs <= 1)).all())


def _named(mine: Formula, theirs: Formula, probabilities: bool) -> Cause:
    """Name the cause by what the two sides compute."""
    evidence = f"The reference's loss is the {mine.words}, the model's the {theirs.words}."
    families = {mine.family, theirs.family}
    whose = "model" if theirs.family == "logits" else "reference"
    if "logits" in families and families & {"probabilities", "through"}:
        if probabilities:
            return Cause(
                "loss on logits",
                f"{evidence} The outputs are probabilities, so softmax (or sigmoid) is applied "
                "twice there.",
                f"Compile the {whose} with `from_logits=False`, or end it without a softmax.",
            )
        other = "reference" if whose == "model" else "model"
        return Cause(
            "loss on probabilities",
            f"{evidence} The outputs are logits and no probabilities.",
            f"Compile the {other} with `from_logits=True`, or end it with a softmax.",
        )
    if families == {"probabilities"}:
        return Cause(
            "another epsilon in the loss",
            evidence,
            "Use the same `keras.config.epsilon()`, or compute both from logits.",
        )
    if families == {"probabilities", "through"}:
        return Cause(
            "loss from logits beside clipped probabilities",
            f"{evidence} They part where a probability comes near 0 or 1.",
            "End both without a softmax and use `from_logits=True`: then nothing is clipped.",
        )
    return Cause("another loss", evidence, "Compile both with the same loss.")


def _factor(case: Case, one: float, other: float) -> Iterator[Cause]:
    """Sum beside mean: the losses are apart by a whole factor that the shapes have."""
    if not one or not np.isfinite([one, other]).all():
        return
    outputs = case.answers[0][1][0]
    ratio = other / one
    sizes = {
        "the rows": len(outputs),
        "the numbers of the outputs": outputs.size,
        "the outputs of a row": outputs.size // len(outputs),
        "two": 2,
    }
    for name, size in sizes.items():
        for factor, words in ((size, "times"), (1 / size, "divided by")):
            if size > 1 and abs(ratio - factor) <= 1e-5 * factor:
                yield Cause(
                    "another reduction",
                    f"The model's loss is the reference's {words} {size}, which is {name}.",
                    "Use the same `reduction` and `loss_weights` for both.",
                )
                return
