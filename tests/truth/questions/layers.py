"""The layers: Dense and Dropout, and the activations as layers of their own."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from minidense.typing import Array
from tests.truth import hard_inputs, sides
from tests.truth.exact import Exact, exacts, reals
from tests.truth.formulas import activations as activation_formulas
from tests.truth.formulas import layers as formulas
from tests.truth.questions.activations import gradient_for, relu_numbers
from tests.truth.questions.question import Question

SHAPES = {  # inputs, units
    "ordinary": ((16, 20), 4),
    "one row": ((1, 20), 3),
    "rank 3": ((3, 4, 5), 6),
    "784 features": ((16, 784), 1),
}
SCALES = {"huge": 1e17, "tiny": 1e-17, "ordinary": 1.0}
RATE = 0.4
RELU: dict[str, float] = {"max_value": 0.75, "negative_slope": 0.25, "threshold": 0.5}


def questions() -> Iterator[Question]:
    for dtype in hard_inputs.DTYPES:
        for inputs, (shape, units) in SHAPES.items():
            yield from _dense(dtype, inputs, shape, units, 1.0)
        for inputs in ("huge", "tiny"):
            yield from _dense(dtype, inputs, (16, 20), 4, SCALES[inputs])
        for inputs in ("subnormal", "infinities", "NaN", "signed zeros"):
            yield _dense_on_hard_numbers(dtype, inputs)
        numbers = hard_inputs.numbers(dtype)
        for inputs in ("ordinary", "huge", "tiny", "subnormal", "infinities", "NaN"):
            yield from _dropout(dtype, inputs, numbers[inputs])
            yield _flatten(dtype, inputs, numbers[inputs])
        for inputs, x in relu_numbers(dtype, RELU).items():
            yield from _relu_layer(dtype, inputs, x)
        for axis in (0, 1, (1, 2)):
            yield _softmax_layer(dtype, axis)


def _made(library: Any, layer: Any, shape: tuple[int, ...], weights: list[Array]) -> Any:
    """Return a layer with weights of ours."""
    if not layer.built:
        layer.build(shape)
    layer.set_weights(weights)
    return layer


def _dense(
    dtype: str, inputs: str, shape: tuple[int, ...], units: int, scale: float
) -> Iterator[Question]:
    random = np.random.default_rng(16)
    x = (random.normal(0, scale, shape)).astype(dtype)
    kernel = random.normal(0, scale, (shape[-1], units)).astype(dtype)
    bias = random.normal(0, scale**2, units).astype(dtype)
    grad = random.normal(0, scale, (*shape[:-1], units)).astype(dtype)

    def layer(library: Any) -> Any:
        return _made(library, library.layers.Dense(units, dtype=dtype), shape, [kernel, bias])

    yield Question(
        "Dense",
        dtype,
        inputs,
        lambda library: sides.array(layer(library)(x)),
        lambda: formulas.dense(x, kernel, bias),
    )
    truths = {
        "input": lambda: formulas.dense_input_gradient(grad, kernel),
        "kernel": lambda: formulas.dense_kernel_gradient(x, grad),
        "bias": lambda: formulas.dense_bias_gradient(grad),
    }
    for place, (name, truth) in enumerate(truths.items()):
        if name != "bias" and shape[-1] > 100:
            continue  # thousands of short sums, as the others have them too

        def ask(library: Any, place: int = place) -> Array:
            return sides.layer_gradients(library, layer(library), x, grad)[place]

        yield Question(f"Dense: {name} gradient", dtype, inputs, ask, truth)


def _dense_on_hard_numbers(dtype: str, inputs: str) -> Question:
    """Each number once, with a kernel of 1 and -0.5: a product is never a sum."""
    x = hard_inputs.numbers(dtype)[inputs].reshape(-1, 1)
    kernel = np.array([[1.0, -0.5]], dtype)

    def ask(library: Any) -> Array:
        dense = library.layers.Dense(2, use_bias=False, dtype=dtype)
        return sides.array(_made(library, dense, x.shape, [kernel])(x))

    return Question("Dense", dtype, inputs, ask, lambda: formulas.dense(x, kernel))


def _dropout(dtype: str, inputs: str, x: Array) -> Iterator[Question]:
    """Both libraries draw the same mask from the same seed; tests of the seeds say so."""

    def layer(library: Any) -> Any:
        return library.layers.Dropout(RATE, seed=5, dtype=dtype)

    def truth(values: Array) -> list[Exact]:
        import minidense

        kept = np.asarray(layer(minidense)(np.ones_like(x), training=True)) != 0
        return formulas.dropout(values, kept, RATE)

    grad = gradient_for(x)
    yield Question(
        "Dropout",
        dtype,
        inputs,
        lambda library: sides.array(layer(library)(x, training=True)),
        lambda: truth(x),
    )
    yield Question(
        "Dropout: gradient",
        dtype,
        inputs,
        lambda library: sides.layer_gradients(library, layer(library), x, grad)[0],
        lambda: truth(grad),
    )


def _flatten(dtype: str, inputs: str, x: Array) -> Question:
    return Question(
        "Flatten",
        dtype,
        inputs,
        lambda library: sides.array(library.layers.Flatten(dtype=dtype)(x.reshape(1, -1, 1))),
        lambda: exacts(reals(x)),
    )


def _relu_layer(dtype: str, inputs: str, x: Array) -> Iterator[Question]:
    """With a slope, a limit and a threshold that are floats."""
    grad = gradient_for(x)

    def layer(library: Any) -> Any:
        return library.layers.ReLU(**RELU, dtype=dtype)

    yield Question(
        "ReLU(max_value=0.75, negative_slope=0.25, threshold=0.5)",
        dtype,
        inputs,
        lambda library: sides.array(layer(library)(x)),
        lambda: [activation_formulas.relu(number, **RELU) for number in reals(x)],
    )
    if inputs in ("NaN", "at the kinks and beside them"):
        return  # there is no derivative
    yield Question(
        "ReLU(max_value=0.75, negative_slope=0.25, threshold=0.5): gradient",
        dtype,
        inputs,
        lambda library: sides.layer_gradients(library, layer(library), x, grad)[0],
        lambda: [
            activation_formulas.relu_gradient(*pair, **RELU)
            for pair in zip(reals(x), reals(grad), strict=True)
        ],
    )


def _softmax_layer(dtype: str, axis: int | tuple[int, int]) -> Question:
    x = np.random.default_rng(17).normal(0, 2, (2, 3, 4)).astype(dtype)
    axes = axis if isinstance(axis, tuple) else (axis,)

    def truth() -> list[Exact]:
        last = np.moveaxis(x, axes, range(-len(axes), 0))
        shape, rows = last.shape, last.reshape(-1, np.prod([x.shape[each] for each in axes]))
        exact = [each for row in rows for each in activation_formulas.softmax(reals(row))]
        places = np.arange(x.size).reshape(shape)  # where each number of x is among the rows
        return [exact[place] for place in np.moveaxis(places, range(-len(axes), 0), axes).flat]

    return Question(
        f"Softmax(axis={axis})",
        dtype,
        "ordinary",
        lambda library: sides.array(library.layers.Softmax(axis, dtype=dtype)(x)),
        truth,
    )
