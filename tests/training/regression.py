"""A model of one Dense that fits 10 rows of numbers: the tests of training share it."""

from typing import Any

import numpy as np

from minidense import Input, Model, Sequential, layers
from minidense.optimizers import SGD

X = np.random.default_rng(0).normal(size=(10, 3)).astype("float32")
Y = np.random.default_rng(1).normal(size=(10, 2)).astype("float32")


def model_of(rate: float = 0.125, loss: Any = "mean_squared_error", **arguments: Any) -> Sequential:
    """Return the model, compiled with SGD; its weights begin as ones and zeros."""
    model = Sequential(
        [Input((3,)), layers.Dense(2, kernel_initializer="ones", bias_initializer="zeros")]
    )
    model.compile(SGD(rate), loss, **arguments)
    return model


def by_key(loss: Any = "mse") -> Model:
    """Return a model of the same shapes whose output is a dict of one."""
    inputs = Input((3,))
    model = Model(inputs, {"out": layers.Dense(2)(inputs)})
    model.compile(SGD(0.1), loss)
    return model
