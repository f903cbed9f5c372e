"""The activations, with their derivatives."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from minidense.typing import Array
from tests.truth import hard_inputs, sides
from tests.truth.exact import Exact, exacts, real, reals
from tests.truth.formulas import activations as formulas
from tests.truth.questions.question import Question

OF_ONE_NUMBER = ("linear", "relu", "sigmoid", "tanh")
RELU_ARGUMENTS: tuple[dict[str, float], ...] = (
    {"negative_slope": 0.1},
    {"max_value": 6},
    {"max_value": 0.7},
    {"threshold": 0.3},
    {"negative_slope": 0.1, "max_value": 0.7, "threshold": 0.3},
)


def questions() -> Iterator[Question]:
    for dtype in hard_inputs.DTYPES:
        for name in OF_ONE_NUMBER:
            for inputs, x in hard_inputs.numbers(dtype).items():
                yield _function(name, dtype, inputs, x)
                yield _gradient(name, dtype, inputs, x)
        for arguments in RELU_ARGUMENTS:
            for inputs, x in relu_numbers(dtype, arguments).items():
                yield _relu(dtype, inputs, x, arguments)
        for inputs, rows in hard_inputs.rows(dtype).items():
            yield _softmax(dtype, inputs, rows)
            yield _softmax_gradient(dtype, inputs, rows)
        for name in ("linear", "tanh"):
            yield _sign_of_zero(name, dtype)


def gradient_for(x: Array) -> Array:
    """Return a gradient of the outputs, of ordinary numbers of either sign."""
    return (np.cos(np.arange(x.size)) * 2).reshape(x.shape).astype(x.dtype)


def _function(name: str, dtype: str, inputs: str, x: Array) -> Question:
    formula = getattr(formulas, name)
    return Question(
        name,
        dtype,
        inputs,
        lambda library: sides.array(getattr(library.activations, name)(x)),
        lambda: [formula(number) for number in reals(x)],
    )


def _gradient(name: str, dtype: str, inputs: str, x: Array) -> Question:
    formula, grad = getattr(formulas, f"{name}_gradient"), gradient_for(x)
    return Question(
        f"{name}: gradient",
        dtype,
        inputs,
        lambda library: sides.activation_gradient(library, name, x, grad),
        lambda: [formula(*pair) for pair in zip(reals(x), reals(grad), strict=True)],
    )


def relu_numbers(dtype: str, arguments: dict[str, float]) -> dict[str, Array]:
    """Return numbers for a relu with arguments, its kinks among them."""
    numbers = hard_inputs.numbers(dtype)
    kept = ("ordinary", "huge", "tiny", "subnormal", "infinities", "NaN")
    kinks = [value for name, value in arguments.items() if name != "negative_slope"]
    return {name: numbers[name] for name in kept} | {
        "at the kinks and beside them": hard_inputs.around(dtype, 0.0, *kinks)
    }


def _relu(dtype: str, inputs: str, x: Array, arguments: dict[str, float]) -> Question:
    text = ", ".join(f"{name}={value}" for name, value in arguments.items())
    return Question(
        f"relu({text})",
        dtype,
        inputs,
        lambda library: sides.array(library.activations.relu(x, **arguments)),
        lambda: [formulas.relu(number, **arguments) for number in reals(x)],
    )


def _softmax(dtype: str, inputs: str, rows: Array) -> Question:
    return Question(
        "softmax",
        dtype,
        inputs,
        lambda library: sides.array(library.activations.softmax(rows)),
        lambda: [exact for row in rows for exact in formulas.softmax(reals(row))],
    )


def _softmax_gradient(dtype: str, inputs: str, rows: Array) -> Question:
    grad = gradient_for(rows)

    def truth() -> list[Exact]:
        pairs: Any = zip(rows, grad, strict=True)
        return [e for row, g in pairs for e in formulas.softmax_gradient(reals(row), reals(g))]

    return Question(
        "softmax: gradient",
        dtype,
        inputs,
        lambda library: sides.activation_gradient(library, "softmax", rows, grad),
        truth,
    )


def _sign_of_zero(name: str, dtype: str) -> Question:
    """An odd function keeps the sign of zero."""
    x = hard_inputs.numbers(dtype)["signed zeros"]

    def ask(library: Any) -> Array:
        outputs = sides.array(getattr(library.activations, name)(x))
        return np.copysign(np.ones_like(outputs), outputs)

    return Question(
        f"{name}: sign of zero", dtype, "signed zeros", ask, lambda: exacts([real(1), real(-1)])
    )
