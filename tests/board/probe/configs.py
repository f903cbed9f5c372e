"""What `get_config` answers, and which names are given automatically."""

from collections.abc import Callable
from functools import partial
from typing import Any

import keras
import numpy as np
from keras import activations, initializers, layers, losses, metrics, optimizers

from tests.board.probe.models import MODELS, fitted

MADE: dict[str, Callable[[], Any]] = {
    "Input": lambda: layers.InputLayer((4,), batch_size=2),
    "Dense": lambda: layers.Dense(3, activation="relu"),
    "Dense, built": lambda: built(layers.Dense(3)),
    "Dropout": lambda: layers.Dropout(0.5, seed=3),
    "Flatten": layers.Flatten,
    "Activation": lambda: layers.Activation("tanh"),
    "ReLU": layers.ReLU,
    "Softmax": layers.Softmax,
    "GlorotUniform": initializers.GlorotUniform,
    "HeUniform": lambda: initializers.HeUniform(seed=3),
    "LecunUniform": initializers.LecunUniform,
    "RandomUniform": initializers.RandomUniform,
    "Constant": lambda: initializers.Constant(2.0),
    "Zeros": initializers.Zeros,
    "Ones": initializers.Ones,
    "SGD": optimizers.SGD,
    "Adam": optimizers.Adam,
    "RMSprop": optimizers.RMSprop,
    "MeanSquaredError": losses.MeanSquaredError,
    "BinaryCrossentropy": losses.BinaryCrossentropy,
    "CategoricalCrossentropy": losses.CategoricalCrossentropy,
    "SparseCategoricalCrossentropy": losses.SparseCategoricalCrossentropy,
    "Mean": metrics.Mean,
    "Accuracy": metrics.Accuracy,
    "BinaryAccuracy": metrics.BinaryAccuracy,
    "CategoricalAccuracy": metrics.CategoricalAccuracy,
    "SparseCategoricalAccuracy": metrics.SparseCategoricalAccuracy,
    "metrics.MeanSquaredError": metrics.MeanSquaredError,
    "SeedGenerator": lambda: keras.random.SeedGenerator(3),
    **MODELS,
}


def questions() -> dict[str, Callable[[], Any]]:
    asked: dict[str, Callable[[], Any]] = {
        f"get_config/{name}": partial(config_of, make) for name, make in MADE.items()
    }
    return asked | {
        "serialize/activations": lambda: activations.serialize(activations.relu),
        "serialize/Dense": lambda: keras.saving.serialize_keras_object(built(layers.Dense(3))),
        "compile config": compile_config,
        "names/of layers and models": automatic_names,
        "names/of weights": weight_names,
        "names/of an optimizer's variables": optimizer_names,
        "names/of metrics": metric_names,
        "names/of the history": lambda: list(fitted()[1].history),
        "names/of the history, two outputs": history_of_two_outputs,
        "names/of default losses": default_losses,
    }


def built(layer: Any) -> Any:
    layer.build((None, 4))
    return layer


def config_of(make: Callable[[], Any]) -> Any:
    return make().get_config()


def compile_config() -> Any:
    return fitted("adam")[0].get_compile_config()


def automatic_names() -> list[str]:
    made = [
        *(layers.Dense(1) for _ in range(2)),
        *(layers.ReLU(), layers.Softmax(), layers.Dropout(0.1), layers.Flatten()),
        *(keras.Sequential() for _ in range(2)),
        keras.Input((2,)),
        MODELS["shared"](),
        keras.random.SeedGenerator(),
    ]
    return [part.name for part in made]


def weight_names() -> dict[str, list[str]]:
    return {
        name: [f"{weight.name}, {weight.path}" for weight in make().variables]
        for name, make in MODELS.items()
    }


def optimizer_names() -> dict[str, list[str]]:
    return {
        name: [f"{variable.name}, {variable.path}" for variable in optimizer.variables]
        for name in ("sgd", "adam", "rmsprop")
        for optimizer in [fitted(name)[0].optimizer]
    }


def metric_names() -> list[Any]:
    model = fitted()[0]
    return [[metric.name for metric in model.metrics], model.metrics_names]


def history_of_two_outputs() -> list[str]:
    model = MODELS["shared"]()
    model.compile("sgd", ["mse", "mse"], metrics=[["mae"], ["mse", "mae"]])
    ones = [np.ones((4, 4)), np.ones((4, 4))]
    targets = [np.ones((4, 1)), np.ones((4, 2))]
    history = model.fit(ones, targets, validation_data=(ones, targets), verbose=0)
    return list(history.history)


def default_losses() -> list[str]:
    names = ["mse", "MSE", "mean_squared_error", "binary_crossentropy", "bce"]
    names += ["categorical_crossentropy", "sparse_categorical_crossentropy"]
    return [f"{name}: {getattr(losses.get(name), '__name__', None)}" for name in names]
