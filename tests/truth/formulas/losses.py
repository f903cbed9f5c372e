"""The losses of one row, and how they change with its predictions.

A logarithm of a sum that is near 1 is computed as log1p of the rest, so that 60 digits suffice for
a loss of 1e-300. Where floats must add 1 and that rest, 1 is the largest term.
"""

from collections.abc import Sequence

from tests.truth.exact import Exact, Real, largest, largest_magnitude, mp, real
from tests.truth.formulas.activations import sigmoid, softmax_row, softmax_terms

EPSILON = real(1e-7)
"""Keras's: probabilities are clipped to [EPSILON, 1 - EPSILON]."""


def clip(probability: Real) -> Real:
    """Return a probability away from 0 and 1."""
    if mp.isnan(probability):
        return probability
    return min(max(probability, EPSILON), 1 - EPSILON)


def is_inside(probability: Real) -> bool:
    """Whether the clip lets a gradient through."""
    return bool(EPSILON <= probability <= 1 - EPSILON)


def smooth(targets: Sequence[Real], label_smoothing: float, classes: int) -> list[Real]:
    """Spread a share of the targets over all classes."""
    share = real(label_smoothing)
    return [target * (1 - share) + share / classes for target in targets]


def surprise(logits: Sequence[Real], place: int) -> Exact:
    """log(sum(exp(logits))) - logits[place]; the sum's largest term is 1, that of the maximum."""
    rest = [logit - logits[place] for index, logit in enumerate(logits) if index != place]
    value = mp.log1p(mp.fsum(mp.exp(x) for x in rest))
    if mp.isinf(largest_magnitude(logits)):  # infinity - infinity, as in the formula with a maximum
        highest = largest(logits)
        total = mp.fsum(mp.exp(logit - highest) for logit in logits)
        value = mp.log(total) - (logits[place] - highest)
    return Exact(value, largest_magnitude([mp.one, logits[place] - largest(logits)]))


def sparse(label: int, logits: Sequence[Real]) -> Exact:
    """The surprise of the true class."""
    return surprise(logits, label)


def sparse_gradient(label: int, logits: Sequence[Real]) -> list[Exact]:
    """softmax(logits), less 1 for the true class: there 1 may cancel."""
    shares, terms = softmax_row(logits), softmax_terms(logits)
    others = mp.fsum(share for index, share in enumerate(shares) if index != label)
    return [
        Exact(-others, mp.one) if index == label else Exact(share, term)
        for index, (share, term) in enumerate(zip(shares, terms, strict=True))
    ]


def sparse_of_probabilities(label: int, probabilities: Sequence[Real]) -> Exact:
    """-log(p / sum(p)) of clipped probabilities; Keras adds and subtracts their logarithms."""
    logarithms = [mp.log(clip(p)) for p in probabilities]
    exact = surprise(logarithms, label)
    return Exact(exact.value, largest_magnitude([mp.one, exact.term, *logarithms]))


def sparse_gradient_of_probabilities(label: int, probabilities: Sequence[Real]) -> list[Exact]:
    """1 / sum(p), less 1 / p for the true class; 0 where the clip bites."""
    clipped = [clip(p) for p in probabilities]
    total = mp.fsum(clipped)
    gradient = []
    for index, (p, inside) in enumerate(zip(clipped, map(is_inside, probabilities), strict=True)):
        is_true = index == label
        rest = mp.fsum(other for place, other in enumerate(clipped) if place != index)
        value = -rest / total / p if is_true else 1 / total
        gradient.append(Exact(value if inside else mp.zero, 1 / p if is_true else None))
    return gradient


def categorical(targets: Sequence[Real], logits: Sequence[Real]) -> Exact:
    """The sum of the surprises, times the targets."""
    each = [
        surprise(logits, place) if target != 0 else Exact(0 * logits[place], mp.zero)
        for place, target in enumerate(targets)
    ]
    value = mp.fsum(target * one.value for target, one in zip(targets, each, strict=True))
    terms = [t * one.term for t, one in zip(targets, each, strict=True) if t != 0]
    return Exact(value, largest_magnitude([*terms, mp.zero]))


def categorical_gradient(targets: Sequence[Real], logits: Sequence[Real]) -> list[Exact]:
    """sum(targets) * softmax(logits) - targets."""
    shares, terms = softmax_row(logits), softmax_terms(logits)
    total = mp.fsum(targets)
    return [
        Exact(
            # what the others have; the same as total * share - target, without cancelling
            share * mp.fsum([*targets[:index], *targets[index + 1 :]])
            - target * mp.fsum([*shares[:index], *shares[index + 1 :]]),
            largest_magnitude([total * term, target]),
        )
        for index, (share, target, term) in enumerate(zip(shares, targets, terms, strict=True))
    ]


def categorical_of_probabilities(targets: Sequence[Real], probabilities: Sequence[Real]) -> Exact:
    """-sum(targets * log(p)), for p over their sum, clipped: 1 - log(p) hides in p near 1."""
    total = mp.fsum(probabilities)
    logarithms = [mp.log(clip(p / total)) for p in probabilities]
    value = -mp.fsum(t * each for t, each in zip(targets, logarithms, strict=True))
    terms = [t * largest_magnitude([1, x]) for t, x in zip(targets, logarithms, strict=True)]
    return Exact(value, largest_magnitude(terms))


def categorical_gradient_of_probabilities(
    targets: Sequence[Real], probabilities: Sequence[Real]
) -> list[Exact]:
    """Back through the logarithm and the clip, then through the division by the sum."""
    total = mp.fsum(probabilities)
    shares = [p / total for p in probabilities]
    slopes = [
        -target / clip(share) if is_inside(share) else mp.zero
        for target, share in zip(targets, shares, strict=True)
    ]
    products = [slope * share for slope, share in zip(slopes, shares, strict=True)]
    return [
        Exact((slope - mp.fsum(products)) / total, largest_magnitude([slope, *products]) / total)
        for slope in slopes
    ]


def binary(targets: Sequence[Real], logits: Sequence[Real]) -> Exact:
    """The mean of max(x, 0) - x * t + log(1 + exp(-|x|)); they cancel unless t is 0 or 1."""
    values, terms = [], []
    for t, x in zip(targets, logits, strict=True):
        decay = mp.log1p(mp.exp(-abs(x)))
        values.append(largest([x, mp.zero]) - x * t + decay)
        terms.append(values[-1] if t in (0, 1) else largest_magnitude([x, decay]))
    return Exact(mp.fsum(values) / len(values), largest(terms) / len(values))


def binary_gradient(targets: Sequence[Real], logits: Sequence[Real]) -> list[Exact]:
    """(sigmoid(x) - t) over the number of outputs; nothing need cancel if t is 0 or 1."""
    outputs = len(logits)
    gradient = []
    for t, x in zip(targets, logits, strict=True):
        value = -sigmoid(-x).value if t == 1 else sigmoid(x).value - t
        term = largest_magnitude([sigmoid(x).value, t])
        gradient.append(Exact(value / outputs, None if t in (0, 1) else term / outputs))
    return gradient


def binary_of_probabilities(targets: Sequence[Real], probabilities: Sequence[Real]) -> Exact:
    """The mean of -(t * log(p) + (1 - t) * log(1 - p)), for clipped p: of 1 - p, 1 is a term."""
    values, terms = [], []
    for t, p in zip(targets, map(clip, probabilities), strict=True):
        values.append(-(t * mp.log(p) + (1 - t) * mp.log(1 - p)))
        terms.append(1 - t)  # 1 - p is rounded before its logarithm is taken
    return Exact(mp.fsum(values) / len(values), largest(terms) / len(values))


def binary_gradient_of_probabilities(
    targets: Sequence[Real], probabilities: Sequence[Real]
) -> list[Exact]:
    """((1 - t) / (1 - p) - t / p) over the number of outputs; 0 where the clip bites."""
    outputs = len(targets)
    gradient = []
    for t, p in zip(targets, probabilities, strict=True):
        off, on = (1 - t) / (1 - clip(p)), t / clip(p)
        value = (off - on) / outputs if is_inside(p) else mp.zero
        gradient.append(Exact(value, largest_magnitude([off, on]) / outputs))
    return gradient


def squared_error(targets: Sequence[Real], predictions: Sequence[Real]) -> Exact:
    """The mean of (target - prediction)**2."""
    squares = [(t - p) ** 2 for t, p in zip(targets, predictions, strict=True)]
    return Exact(mp.fsum(squares) / len(squares))


def squared_error_gradient(targets: Sequence[Real], predictions: Sequence[Real]) -> list[Exact]:
    """2 * (prediction - target) over the number of outputs."""
    outputs = len(targets)
    return [Exact(2 * (p - t) / outputs) for t, p in zip(targets, predictions, strict=True)]


def weighted_mean(values: Sequence[Exact], weights: Sequence[Real], divisor: Real) -> Exact:
    """What a reduction makes of the values of a batch."""
    parts = [weight * value.value for weight, value in zip(weights, values, strict=True)]
    terms = [
        weight * (value.value if value.term is None else value.term)
        for weight, value in zip(weights, values, strict=True)
    ]
    return Exact(mp.fsum(parts) / divisor, largest_magnitude(terms) / divisor)
