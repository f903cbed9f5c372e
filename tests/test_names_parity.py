"""What a refused constructor uses up: automatic names, and numbers of Python's random."""

import random

import numpy as np
import pytest

from tests.in_both import attempt, in_both


def names_and_number(k):
    """Return the next automatic name of each class, and the next number of Python's random."""
    number = random.getrandbits(32)
    made = [
        k.layers.Dense(1),
        k.layers.Dropout(0.5),
        k.layers.Flatten(),
        k.layers.Activation("relu"),
        k.layers.ReLU(),
        k.layers.Softmax(),
        k.Sequential(),
        k.losses.Loss(),
        k.metrics.Metric(),
        k.metrics.MeanMetricWrapper(k.losses.mean_squared_error),
        k.optimizers.SGD(),
        k.optimizers.Adam(),
        k.optimizers.RMSprop(),
        k.Variable(1.0),
        k.random.SeedGenerator(1),
    ]
    return number, [each.name for each in made]


REFUSED = {
    "Dense(0)": lambda k: k.layers.Dense(0),
    "Dense(2, 'nope')": lambda k: k.layers.Dense(2, "nope"),
    "Dense(2, kernel_initializer='nope')": lambda k: k.layers.Dense(2, kernel_initializer="nope"),
    "Dense(2, bias_initializer='nope')": lambda k: k.layers.Dense(2, bias_initializer="nope"),
    "Dense(2, name='a/b')": lambda k: k.layers.Dense(2, name="a/b"),
    "Dense(2, name=5)": lambda k: k.layers.Dense(2, name=5),
    "Dense(2, dtype='nope')": lambda k: k.layers.Dense(2, dtype="nope"),
    "Dense(2, nope=1)": lambda k: k.layers.Dense(2, nope=1),
    "Dense()": lambda k: k.layers.Dense(),
    "Dropout(2)": lambda k: k.layers.Dropout(2),
    "Dropout('a')": lambda k: k.layers.Dropout("a"),
    "Dropout(0.5, seed='a')": lambda k: k.layers.Dropout(0.5, seed="a"),
    "Dropout(0.5, noise_shape='a')": lambda k: k.layers.Dropout(0.5, noise_shape="a"),
    "Dropout(0.5, nope=1)": lambda k: k.layers.Dropout(0.5, nope=1),
    "Flatten('nope')": lambda k: k.layers.Flatten("nope"),
    "Flatten(nope=1)": lambda k: k.layers.Flatten(nope=1),
    "Activation('nope')": lambda k: k.layers.Activation("nope"),
    "Activation(5)": lambda k: k.layers.Activation(5),
    "ReLU(-1)": lambda k: k.layers.ReLU(-1.0),
    "ReLU(negative_slope=-1)": lambda k: k.layers.ReLU(negative_slope=-1.0),
    "ReLU(threshold=None)": lambda k: k.layers.ReLU(threshold=None),
    "Softmax(nope=1)": lambda k: k.layers.Softmax(nope=1),
    "Sequential([5])": lambda k: k.Sequential([5]),
    "Sequential(name=5)": lambda k: k.Sequential(name=5),
    "GlorotUniform('a')": lambda k: k.initializers.GlorotUniform("a"),
    "GlorotUniform(1.5)": lambda k: k.initializers.GlorotUniform(1.5),
    "RandomUniform(nope=1)": lambda k: k.initializers.RandomUniform(nope=1),
    "initializers.get('nope')": lambda k: k.initializers.get("nope"),
    "initializers.get(5)": lambda k: k.initializers.get(5),
    "Loss(reduction='nope')": lambda k: k.losses.Loss(reduction="nope"),
    "MeanSquaredError(reduction='nope')": lambda k: k.losses.MeanSquaredError("nope"),
    "MeanSquaredError(None name)": lambda k: k.losses.MeanSquaredError("nope", name=None),
    "Loss(dtype='nope')": lambda k: k.losses.Loss(dtype="nope"),
    "losses.get('nope')": lambda k: k.losses.get("nope"),
    "Metric(dtype='nope')": lambda k: k.metrics.Metric(dtype="nope"),
    "Mean(dtype='nope')": lambda k: k.metrics.Mean(dtype="nope"),
    "BinaryAccuracy(dtype='nope')": lambda k: k.metrics.BinaryAccuracy(dtype="nope"),
    "Mean(name=None, dtype='nope')": lambda k: k.metrics.Mean(None, "nope"),
    "SGD('a')": lambda k: k.optimizers.SGD("a"),
    "SGD(1)": lambda k: k.optimizers.SGD(1),
    "SGD(-0.5)": lambda k: k.optimizers.SGD(None),
    "SGD(momentum=2.0)": lambda k: k.optimizers.SGD(0.1, momentum=2.0),
    "SGD(nope=1)": lambda k: k.optimizers.SGD(nope=1),
    "Adam(nope=1)": lambda k: k.optimizers.Adam(nope=1),
    "RMSprop('a')": lambda k: k.optimizers.RMSprop("a"),
    "Variable('nope')": lambda k: k.Variable("nope"),
    "Variable(name='a/b')": lambda k: k.Variable(1.0, name="a/b"),
    "Variable(no shape)": lambda k: k.Variable("zeros"),
    "Variable(object())": lambda k: k.Variable(object()),
    "Variable(aggregation='nope')": lambda k: k.Variable(1.0, aggregation="nope"),
    "Variable(dtype='nope')": lambda k: k.Variable(1.0, dtype="nope"),
    "SeedGenerator('a')": lambda k: k.random.SeedGenerator("a"),
    "SeedGenerator(nope=1)": lambda k: k.random.SeedGenerator(nope=1),
    "add_weight(no shape)": lambda k: k.layers.Layer().add_weight((None, 2)),
    "add_weight(bad initializer)": lambda k: k.layers.Layer().add_weight((2,), "nope"),
    "add_variable('nope')": lambda k: k.metrics.Metric().add_variable((2,), "nope"),
    "a call of Dense": lambda k: k.layers.Dense(2)(np.ones(3, "float32")),
}


@pytest.mark.parametrize("call", REFUSED)
def test_a_refused_constructor_uses_up_the_names_and_seeds_that_it_uses_up_in_keras(call):
    @in_both
    def script(k):
        refused = str(attempt(lambda: REFUSED[call](k))).startswith("raised")
        return refused, *names_and_number(k)

    script()
