"""What a seed decides: initial weights, masks, the order of the rows."""

import random
from collections.abc import Callable
from functools import partial
from typing import Any

import keras
import numpy as np
from keras import initializers, layers

from tests.board.probe.models import mlp

INITIALIZERS = ["GlorotUniform", "HeUniform", "LecunUniform", "RandomUniform"]


def questions() -> dict[str, Callable[[], Any]]:
    asked: dict[str, Callable[[], Any]] = {
        f"initial numbers/{name}": partial(initial_numbers, name) for name in INITIALIZERS
    }
    for name, arguments in {
        "shuffle=True": {"shuffle": True},
        "shuffle='batch'": {"shuffle": "batch"},
        "shuffle=False": {"shuffle": False},
        "shuffle=True, validation_split": {"shuffle": True, "validation_split": 0.2},
    }.items():
        asked[f"order of rows/{name}"] = partial(order_of_rows, **arguments)
    return asked | {
        "initial weights/the mlp under 42": partial(weights_under, 42),
        "initial weights/the mlp under 0": partial(weights_under, 0),
        "initial weights/of two equal layers": weights_of_two_layers,
        "drawn at construction": drawn_at_construction,
        "dropout masks/first and second": partial(masks, {}),
        "dropout masks/of a seed of its own": partial(masks, {"seed": 3}),
        "dropout masks/with a noise_shape": partial(masks, {"noise_shape": (None, 1)}),
        "dropout masks/in float64": partial(masks, {"dtype": "float64"}),
        "dropout masks/after a fit": mask_after_fit,
        "dropout masks/inside of a layer without that argument": mask_inside_a_layer,
        "random.uniform": lambda: keras.random.uniform((8,), seed=1337),
        "random.uniform, without a seed": lambda: keras.random.uniform((8,)),
        "random.uniform, without a seed, after a second set_random_seed": uniform_seeded_twice,
        "SeedGenerator/state and next": seed_generator,
        "SeedGenerator/made without a seed": lambda: keras.random.SeedGenerator().state,
    }


def initial_numbers(name: str) -> dict[str, Any]:
    made = getattr(initializers, name)
    again = made(seed=5)
    return {
        "seed=5": made(seed=5)((3, 4)),
        "from the global seed": made()((3, 4)),
        "seed=0, float64": made(seed=0)((3,), dtype="float64"),
        "a second call": [again((2,)), again((2,))],
    }


def weights_under(seed: int) -> list[Any]:
    keras.utils.set_random_seed(seed)
    return list(mlp().get_weights())


def weights_of_two_layers() -> list[Any]:
    one, other = layers.Dense(2), layers.Dense(2)
    for layer in (other, one):  # built in another order than made
        layer.build((None, 2))
    return [one.kernel, other.kernel]


def drawn_at_construction() -> dict[str, list[int]]:
    """Return which seeds each draws from Python's `random` when it is made."""
    drawn: list[int] = []
    usual = random.randint
    found = {}
    made: dict[str, Callable[[], Any]] = {
        "Dense(2)": lambda: layers.Dense(2),
        "Dropout(0.5)": lambda: layers.Dropout(0.5),
        "Dropout(0)": lambda: layers.Dropout(0),
        "GlorotUniform()": initializers.GlorotUniform,
        "Zeros()": initializers.Zeros,
        "SeedGenerator()": keras.random.SeedGenerator,
        "mlp()": mlp,
    }
    try:
        random.randint = lambda low, high: drawn.append(usual(low, high)) or drawn[-1]  # type: ignore[assignment, func-returns-value]
        for name, make in made.items():
            drawn.clear()
            make()
            found[name] = list(drawn)
    finally:
        random.randint = usual
    return found


def masks(arguments: dict[str, Any]) -> list[Any]:
    """Return which numbers stay in the first and in the second call."""
    layer = layers.Dropout(0.5, **arguments)
    ones = np.ones((4, 8), arguments.get("dtype", "float32"))
    return [mask(layer(ones, training=True)) for _ in range(2)]


def mask_after_fit() -> str:
    """Return the mask that a model's Dropout takes after a fit of three steps."""
    model = keras.Sequential([keras.Input((8,)), layers.Dropout(0.5), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(np.ones((6, 8)), np.ones((6, 1)), batch_size=2, verbose=0)
    return mask(model.layers[0](np.ones((4, 8), "float32"), training=True))


def mask_inside_a_layer() -> str:
    """Return the mask of a Dropout in a layer whose call takes no `training`, but is given it."""

    class Outer(layers.Layer):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.dropout = layers.Dropout(0.5, seed=3)

        def call(self, inputs: Any) -> Any:
            return self.dropout(inputs)

    return mask(Outer()(np.ones((4, 8), "float32"), training=True))


def mask(outputs: Any) -> str:
    """Return a text of 1 where a number stayed and 0 where it was dropped."""
    return " ".join("".join("01"[bool(kept)] for kept in row) for row in np.asarray(outputs))


def order_of_rows(**arguments: Any) -> dict[str, list[list[int]]]:
    """Return the rows of each batch, in two epochs and in a second fit."""
    seen: list[list[int]] = []

    class Watched(keras.Model):  # type: ignore[misc]
        def call(self, inputs: Any) -> Any:
            return inputs

        def train_step(self, data: Any) -> dict[str, Any]:
            seen.append([int(row) for row in np.asarray(data[0])[:, 0]])
            return {"loss": 0.0}

        def test_step(self, data: Any) -> dict[str, Any]:
            return {"loss": 0.0}

    model = Watched()
    model.compile(loss="mse", run_eagerly=True)
    x = np.arange(12.0).reshape(12, 1)
    fits: dict[str, list[list[int]]] = {}
    for name in ("first fit", "second fit"):
        seen.clear()
        model.fit(x, x, batch_size=5, epochs=2, verbose=0, **arguments)
        fits[name] = list(seen)
    return fits


def uniform_seeded_twice() -> list[Any]:
    keras.utils.set_random_seed(7)
    first = keras.random.uniform((3,))
    keras.utils.set_random_seed(7)
    return [first, keras.random.uniform((3,))]


def seed_generator() -> list[Any]:
    generator = keras.random.SeedGenerator(3)
    return [generator.state, generator.next(), generator.next(), generator.state]
