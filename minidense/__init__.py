"""minidense: Keras's dense stack in pure NumPy, with the same numbers from the same seed.

>>> import minidense as keras
>>> keras.utils.set_random_seed(42)
>>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation="softmax")])
>>> model.layers[0].kernel.numpy()[0]
array([ 0.66323733,  0.30112958, -0.26161683], dtype=float32)
"""

from minidense import (
    activations,
    callbacks,
    config,
    datasets,
    initializers,
    layers,
    losses,
    metrics,
    models,
    optimizers,
    random,
    utils,
)
from minidense.checks import DataWarning
from minidense.graph.symbolic import KerasTensor
from minidense.initializers import Initializer
from minidense.layers import Input, InputSpec, Layer
from minidense.losses import Loss
from minidense.metrics import Metric
from minidense.models import Model, Sequential
from minidense.optimizers import Optimizer
from minidense.variables import Variable

__version__ = "0.1.0"

__all__ = [
    "DataWarning",
    "Initializer",
    "Input",
    "InputSpec",
    "KerasTensor",
    "Layer",
    "Loss",
    "Metric",
    "Model",
    "Optimizer",
    "Sequential",
    "Variable",
    "activations",
    "callbacks",
    "config",
    "datasets",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "models",
    "optimizers",
    "random",
    "utils",
]
