"""Keras's answers and minidense's, side by side; and what rounding alone may do to them.

A float is held to 1e-6 of the largest number of its array, in float64 to 1e-12. A model may make
more of rounding than that: a unit beside the kink of a ReLU, Adam's first step along a gradient
that is nothing but rounding, two classes with the same logit, a trajectory. So where the tolerance
does not hold, the model itself is asked what rounding is worth: minidense runs it again, several
times, with weights, x, outputs, activations, targets and the loss's gradient moved by a unit in the
last place. Keras may be `FACTOR` times as far away as the furthest of those runs.

A run in float64 would not do for that: its dropout has other masks.
"""

from difflib import SequenceMatcher
from math import prod
from typing import Any

import numpy as np

import minidense
from tests import record
from tests.drawn_models.facts import Facts, ask
from tests.drawn_models.recipe import Recipe
from tests.drawn_models.script import as_script
from tests.expected import backend

TOLERANCE = {"float32": 1e-6, "float64": 1e-12}
FLUSHED = 64 * 1.2e-38
"""TensorFlow makes 0 of each number below 1.2e-38 on the way, and what it is multiplied by is at
most some ten: seen as 8.8e-38 in gradients of 1e-32, behind two softmaxes over 1,000 numbers."""
EXPLODED = 1e18
"""Beside such a float32 number there are others whose squares are infinite."""
AFTER_TRAINING = ("weights after training", "optimizer: state", "evaluate", "predict")
MEASURED = ("evaluate", "predict")
LOSSES = ("loss of a batch", "history", "evaluate")
FACTOR = 10.0
"""With 4, two of 650 models were beyond what was allowed, by a factor of 1.6 at most."""
RUNS = 8


class Rounding:
    """How far one recipe's numbers move with the last bits of weights and x; asked if need be."""

    def __init__(self, recipe: Recipe, ours: Facts) -> None:
        self._recipe = recipe
        self._ours = ours
        self._runs: list[Facts] = []

    def spread(self, feature: str, index: int) -> float:
        """Return the largest distance of an array to the same one of another run."""
        if not self._runs:
            self._runs = [
                ask(self._recipe, minidense, np.random.RandomState(seed)) for seed in range(RUNS)
            ]
        ours = self._ours.close[feature][index]
        return max(_apart(run.close[feature][index], ours) for run in self._runs)

    @property
    def asked(self) -> bool:
        return bool(self._runs)


def compare(recipe: Recipe, keras: Any, seed: str = "") -> bool:
    """Build and ask the recipe in both libraries, and record each comparison.

    Returns:
        Whether rounding had to be asked for.

    Raises:
        AssertionError: for a difference, with a script that shows it.
    """
    return compare_facts(recipe, ask(recipe, keras), ask(recipe, minidense), seed)


def compare_facts(recipe: Recipe, theirs: Facts, ours: Facts, seed: str = "") -> bool:
    """Compare the answers of Keras and of minidense; see `compare`."""
    code = as_script(recipe)
    for feature, answer in theirs.same.items():
        _same(f"drawn models: {feature}", answer, ours.same[feature], code, seed)
    rounding = Rounding(recipe, ours)
    tolerance = TOLERANCE["float64" if recipe.is_double else "float32"]
    exploded = _exploded(theirs.close.get("history", []), ours.close.get("history", []))
    has_softmax = any("softmax" in str(layer).lower() for layer in recipe.layers)
    spoiled = _spoiled(theirs, ours) and (has_softmax or (_grew(theirs) and _grew(ours)))
    for feature, arrays in theirs.close.items():
        if (exploded and feature in AFTER_TRAINING) or (spoiled and feature in MEASURED):
            continue
        record.same(
            f"drawn models: {feature}", len(arrays), len(ours.close[feature]), code=code, seed=seed
        )
        pairs = list(zip(arrays, ours.close[feature], strict=True))
        if feature == "history":
            pairs = _before_overflow(pairs)
        for index, (their, our) in enumerate(pairs):
            allowed = tolerance * _largest(their) + FLUSHED
            if their.shape == our.shape and not _within(their, our, allowed):
                allowed += FACTOR * rounding.spread(feature, index)
                allowed += _added_in_order(recipe, feature) * _largest(their)
            record.close(
                f"drawn models: {feature}",
                their,
                our,
                rtol=0.0,
                atol=allowed,
                code=code,
                seed=seed,
                where=f"array {index}",
            )
    return rounding.asked


def _added_in_order(recipe: Recipe, feature: str) -> float:
    """Return by how much of itself a mean of losses, or a large softmax, may be off on JAX, else 0.

    JAX adds an array's numbers one after the other, and rounding each time. Of equal numbers, which
    a unit more or less in each does not show, the mean of n was off by 0.08 n units at most. A
    softmax over several axes of 880 numbers was off by 50 units.
    """
    if backend() != "jax":
        return 0.0
    shapes = [*recipe.input_shapes, *recipe.output_shapes]
    several = any(not isinstance(layer.get("axis", -1), int) for layer in recipe.layers)
    in_a_softmax = recipe.rows * max(map(prod, shapes)) if several else 0
    in_a_mean = recipe.rows * prod(recipe.output_shapes[0][:-1]) if feature in LOSSES else 0
    return 0.1 * max(in_a_softmax, in_a_mean) * float(np.finfo("float32").eps)


def _largest(array: Any) -> float:
    """Return the size of an array's largest number that is finite; 0 if it has none."""
    return float(np.max(np.abs(array), initial=0.0, where=np.isfinite(array)))


def _apart(one: Any, other: Any) -> float:
    """Return the largest distance of two arrays; NaN is at no distance to itself."""
    with np.errstate(invalid="ignore", over="ignore"):
        distances = np.abs(one - other)
    same = (one == other) | (np.isnan(one) & np.isnan(other))
    return float(np.max(np.where(same, 0.0, np.nan_to_num(distances, nan=np.inf)), initial=0.0))


def _before_overflow(pairs: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """Leave out the epochs from the first on whose numbers are too large to be any.

    A training that explodes gets there from numbers of 1e300, and where it is NaN first depends on
    the order of a sum; an accuracy counts that.
    """
    finite = np.logical_and.reduce(
        [np.isfinite(their) & ~_past_explosion(their, our) for their, our in pairs]
    )
    end = len(finite) if finite.all() else int(finite.argmin())
    return [(their[:end], our[:end]) for their, our in pairs]


def _past_explosion(their: Any, our: Any) -> Any:
    """Whether our loss is NaN beside a large one of Keras's, for each epoch.

    In a graph TensorFlow makes one operation of a product and its relu, which turns NaN into 0: so
    Keras's loss may stay at what it was before weights became NaN.
    """
    return np.isfinite(their) & ~np.isfinite(our) & (abs(their) >= EXPLODED)


def _exploded(theirs: list[Any], ours: list[Any]) -> bool:
    """Whether this came to pass in some epoch: then what is left has no meaning in either.

    A model that is not trained has no epochs.
    """
    return any(_past_explosion(one, other).any() for one, other in zip(theirs, ours, strict=True))


def _grew(facts: Facts) -> bool:
    """Whether a loss of the training was so large that sums may overflow after it.

    Whether infinity or NaN comes of such a sum depends on its order, and an accuracy counts that.
    """
    return any((abs(losses) >= EXPLODED).any() for losses in facts.close.get("history", []))


def _spoiled(theirs: Facts, ours: Facts) -> bool:
    """Whether what was trained gives a loss of NaN in both.

    oneDNN's softmax leaves zeros beside a NaN, and an accuracy counts one of them as the largest;
    NumPy's leaves NaN alone (tests/truth/reasons.py).
    """
    measured = [
        dict(zip(facts.same["evaluate: names"], facts.close["evaluate"], strict=True))
        for facts in (theirs, ours)
        if "evaluate" in facts.close
    ]
    return bool(measured) and all(np.isnan(numbers["loss"]) for numbers in measured)


def _within(their: Any, our: Any, allowed: float) -> bool:
    return bool(np.allclose(our, their, rtol=0.0, atol=allowed, equal_nan=True))


def _same(feature: str, their: Any, our: Any, code: str, seed: str) -> None:
    """Compare exactly; of long lists and configurations, only the lines that differ are shown."""
    arrays = isinstance(their, list) and bool(their) and isinstance(their[0], np.ndarray)
    if arrays and len(their) == len(our):
        for one, other in zip(their, our, strict=True):
            record.same(feature, one, other, code=code, seed=seed)
        return
    one, other = _lines(their), _lines(our)
    if len(one) == len(other):
        apart = [pair for pair in zip(one, other, strict=True) if pair[0] != pair[1]]
        one, other = [pair[0] for pair in apart], [pair[1] for pair in apart]
    else:
        one, other = _unmatched(one, other)
    record.same(feature, "\n".join(one), "\n".join(other), code=code, seed=seed)


def _unmatched(one: list[str], other: list[str]) -> tuple[list[str], list[str]]:
    """Return what is left of lists of different lengths without the lines that they share."""
    changes = [
        change[1:]
        for change in SequenceMatcher(None, one, other, autojunk=False).get_opcodes()
        if change[0] != "equal"
    ]
    return (
        [line for start, end, _, _ in changes for line in one[start:end]],
        [line for _, _, start, end in changes for line in other[start:end]],
    )


def _lines(value: Any, place: str = "") -> list[str]:
    """Return a text's lines, or a line for each value in a nest of dicts, lists and tuples."""
    if isinstance(value, str) and not place:
        return value.split("\n")
    if isinstance(value, dict) and value:
        return [
            line
            for key in sorted(value, key=str)
            for line in _lines(value[key], f"{place}[{key!r}]")
        ]
    if isinstance(value, (list, tuple)) and value:
        begin = (
            f"{place}{'tuple' if isinstance(value, tuple) else 'list'}"  # Keras tracks its lists
        )
        return [line for n, each in enumerate(value) for line in _lines(each, f"{begin}[{n}]")]
    return [f"{place}: {value!r}"]
