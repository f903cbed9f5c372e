"""Models that several questions are about."""

from typing import Any

import keras
import numpy as np
from keras import layers


def rows(*shape: int) -> Any:
    """Return numbers in [-1, 1) that are the same in every call."""
    return np.random.RandomState(3).uniform(-1, 1, shape).astype("float32")


def mlp(units: int = 3, rate: float = 0.5) -> Any:
    """Flatten, Dense, Dropout, Dense on inputs of shape (n, 2, 2)."""
    return keras.Sequential(
        [
            keras.Input((2, 2)),
            layers.Flatten(),
            layers.Dense(4, activation="relu"),
            layers.Dropout(rate),
            layers.Dense(units, activation="softmax"),
        ]
    )


def compiled(optimizer: Any = "adam", **model: Any) -> Any:
    made = mlp(**model)
    made.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return made


def fitted(optimizer: Any = "adam", **arguments: Any) -> Any:
    """A model after two epochs on 10 rows, the last batch with 2 of them; and its history."""
    made = compiled(optimizer)
    arguments = {"epochs": 2, "batch_size": 4, "verbose": 0, **arguments}
    history = made.fit(rows(10, 2, 2), np.arange(10) % 3, **arguments)
    return made, history


def shared() -> Any:
    """A functional model of two inputs, with one Dense called on both, and two outputs."""
    left, right = keras.Input((4,), name="left"), keras.Input((4,), name="right")
    dense = layers.Dense(3, name="both")
    outputs = [layers.Dense(1, name="one")(dense(left)), layers.Dense(2, name="two")(dense(right))]
    return keras.Model([left, right], outputs, name="shared")


def nested() -> Any:
    """A Sequential inside of a functional model inside of a Sequential."""
    inner = keras.Sequential([keras.Input((3,)), layers.Dense(2), layers.ReLU()], name="inner")
    inputs = keras.Input((3,), name="inputs")
    middle = keras.Model(inputs, layers.Dense(1, name="head")(inner(inputs)), name="middle")
    return keras.Sequential([keras.Input((3,)), middle], name="outer")


def frozen() -> Any:
    """An MLP whose first Dense is not trained."""
    made = mlp()
    made.layers[1].trainable = False
    return made


MODELS = {"mlp": mlp, "shared": shared, "nested": nested, "frozen": frozen}
