"""The optimizers: one step from no state, and several steps."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from itertools import product
from typing import Any

import numpy as np

from minidense.typing import Array
from tests.truth import hard_inputs, sides
from tests.truth.exact import Exact, Real, largest_magnitude, mp, real, reals
from tests.truth.formulas import optimizers as formulas
from tests.truth.questions.question import Question

RATE = 0.125
"""A learning rate that is the same number in float32: Keras keeps it in that."""

# Of the factors 0.5, 0.875 and 0.96875 are floats; 0.9 and 0.999 are not, and are rounded.
OPTIMIZERS: tuple[tuple[str, dict[str, Any], tuple[str, ...]], ...] = (
    ("SGD", {}, ()),
    ("SGD", {"momentum": 0.5}, ("momentum",)),
    ("SGD", {"momentum": 0.9}, ("momentum",)),
    ("SGD", {"momentum": 0.9, "nesterov": True}, ("momentum",)),
    ("Adam", {}, ("momentum", "velocity")),
    ("Adam", {"beta_1": 0.875, "beta_2": 0.96875}, ("momentum", "velocity")),
    ("Adam", {"amsgrad": True}, ("momentum", "velocity", "velocity_hat")),
    ("RMSprop", {}, ("velocity",)),
    ("RMSprop", {"momentum": 0.9}, ("velocity", "momentum")),
    ("RMSprop", {"centered": True}, ("velocity", "average_gradient")),
)
STEPS = 10


def questions() -> Iterator[Question]:
    for dtype in hard_inputs.DTYPES:
        random = np.random.default_rng(20)
        several = [random.normal(0, 1, 8).astype(dtype) for _ in range(STEPS)]
        kinds = hard_inputs.gradients(dtype)
        # all kinds in one step: they are the gradients of eight weights each
        once = [np.concatenate(list(kinds.values()))]
        for class_name, options, names in OPTIMIZERS:
            parts = ("weight", *names)
            yield from _steps(class_name, options, parts, list(kinds), once)
            inputs = f"ordinary, {STEPS} steps"
            yield from _steps(class_name, options, parts, [inputs], several)
            if dtype == "float32" and (options or class_name == "SGD"):
                yield from _steps(class_name, options, parts, [f"{inputs} in a graph"], several)
        yield _sgd_with_a_rate_of_a_tenth(dtype)


def _steps(
    class_name: str,
    options: dict[str, Any],
    parts: Sequence[str],
    kinds: Sequence[str],
    gradients: Sequence[Array],
) -> Iterator[Question]:
    """Ask for each part of what is there after the steps, and for each kind of gradients."""
    dtype = gradients[0].dtype.name
    weight = np.tile(hard_inputs.WEIGHTS, len(kinds)).astype(dtype)
    step = getattr(formulas, class_name.lower())(real(RATE), **options)
    in_graph = kinds[0].endswith("in a graph")

    @cache
    def answer(library: Any) -> dict[str, Array]:
        optimizer = getattr(library.optimizers, class_name)(RATE, **options)
        return sides.optimizer_steps(library, optimizer, weight, gradients, in_graph)

    @cache
    def truth() -> list[formulas.State]:
        columns = zip(*map(reals, gradients), strict=True)
        starts = zip(reals(weight), columns, strict=True)
        return [_after(step, parts[1:], start, column) for start, column in starts]

    shown = ", ".join(f"{name}={value}" for name, value in options.items())
    feature = f"{class_name}({shown})" if shown else class_name
    for part, (place, inputs) in product(parts, enumerate(kinds)):
        eight = slice(8 * place, 8 * place + 8)
        ask = partial(_part_of_answer, answer, part, eight)
        yield Question(
            f"{feature}: {part}", dtype, inputs, ask, partial(_part_of_truth, truth, part, eight)
        )


def _part_of_answer(
    answer: Callable[[Any], dict[str, Array]], part: str, eight: slice, library: Any
) -> Array:
    return answer(library)[part][eight]


def _part_of_truth(
    truth: Callable[[], list[formulas.State]], part: str, eight: slice
) -> list[Exact]:
    return [state[part] for state in truth()[eight]]


def _after(
    step: formulas.Step, names: Sequence[str], weight: Real, gradients: Sequence[Real]
) -> formulas.State:
    """Take the steps of one number, and keep the largest terms on the way."""
    state: Mapping[str, Real] = {"weight": weight, **dict.fromkeys(names, mp.zero)}
    terms = dict.fromkeys(state, mp.zero)
    exact: formulas.State = {}
    for number, gradient in enumerate(gradients, start=1):
        exact = step(state, gradient, number)
        for name, (value, term) in exact.items():
            terms[name] = largest_magnitude([terms[name], value, term or mp.zero])
        state = {name: value for name, (value, _) in exact.items()}
    return {name: Exact(value, terms[name]) for name, (value, _) in exact.items()}


def _sgd_with_a_rate_of_a_tenth(dtype: str) -> Question:
    """0.1 is no float; in float64 the learning rate is still that of float32."""
    gradient = hard_inputs.gradients(dtype)["ordinary"]
    weight = np.zeros(8, dtype)

    def ask(library: Any) -> Array:
        optimizer = library.optimizers.SGD(0.1)
        return sides.optimizer_steps(library, optimizer, weight, [gradient], False)["weight"]

    return Question(
        "SGD: weight",
        dtype,
        "a learning rate of 0.1, from 0",
        ask,
        lambda: [Exact(-real(0.1) * number) for number in reals(gradient)],
    )
