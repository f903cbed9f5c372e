"""minidense: Keras's dense stack in pure NumPy, with the same numbers from the same seed.

>>> import minidense as keras
>>> keras.utils.set_random_seed(42)
>>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation="softmax")])
>>> model.layers[0].kernel.numpy()[0]
array([ 0.66323733,  0.30112958, -0.26161683], dtype=float32)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from minidense import (
    activations,
    autodiff,
    callbacks,
    config,
    initializers,
    layers,
    losses,
    metrics,
    models,
    ops,
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

if TYPE_CHECKING:
    from minidense import datasets, parity

__version__ = "0.1.0"

_LATE = ("datasets", "parity")


def __getattr__(name: str) -> Any:
    """Import what most programs never use when it is first used."""
    if name in _LATE:
        return import_module(f"minidense.{name}")
    raise AttributeError(f"module 'minidense' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATE})


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
    "autodiff",
    "callbacks",
    "config",
    "datasets",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "models",
    "ops",
    "optimizers",
    "parity",
    "random",
    "utils",
]
