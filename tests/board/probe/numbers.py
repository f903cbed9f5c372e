"""What Keras computes, to the last bit: activations, losses, metrics, optimizers, a fit."""

from collections.abc import Callable
from functools import partial
from typing import Any

import keras
import numpy as np
from keras import activations, layers, losses, metrics, optimizers

from tests.board.probe.models import compiled, fitted, rows

HARD = np.float32([-np.inf, -1e30, -100, -1, -1e-30, -0.0, 0.0, 1e-7, 0.5, 3, 100, 1e30, np.nan])
PROBABILITIES = np.float32([[0.2, 0.3, 0.5], [0.0, 1.0, 0.0], [1e-8, 0.5, 0.5]])
CLASSES = np.float32([[0, 0, 1], [1, 0, 0], [0, 1, 0]])
LOSSES = {
    "MeanSquaredError": CLASSES,
    "BinaryCrossentropy": CLASSES,
    "CategoricalCrossentropy": CLASSES,
    "SparseCategoricalCrossentropy": CLASSES.argmax(axis=1),
}
METRICS = {
    **dict.fromkeys(["Accuracy", "BinaryAccuracy", "CategoricalAccuracy"], CLASSES),
    "MeanSquaredError": CLASSES,
    "SparseCategoricalAccuracy": CLASSES.argmax(axis=1),
}
OPTIMIZERS: dict[str, dict[str, Any]] = {
    "SGD": {},
    "SGD, momentum": {"momentum": 0.9},
    "SGD, nesterov": {"momentum": 0.9, "nesterov": True},
    "Adam": {},
    "Adam, amsgrad": {"amsgrad": True},
    "RMSprop": {},
    "RMSprop, centered, momentum": {"centered": True, "momentum": 0.5},
}


def questions() -> dict[str, Callable[[], Any]]:
    asked: dict[str, Callable[[], Any]] = {}
    for name in ("linear", "relu", "sigmoid", "softmax", "tanh"):
        asked[f"activations/{name}"] = partial(activation, name)
    asked["activations/relu with a threshold"] = lambda: activations.relu(HARD, threshold=1.0)
    for name, targets in LOSSES.items():
        asked[f"losses/{name}"] = partial(loss, name, targets)
    for name, targets in METRICS.items():
        asked[f"metrics/{name}"] = partial(metric, name, targets)
    for name, arguments in OPTIMIZERS.items():
        asked[f"optimizers/{name}"] = partial(steps, name.partition(",")[0], arguments)
    for name in ("sgd", "adam", "rmsprop"):
        asked[f"fit/{name}"] = partial(fit, name)
    return asked | {
        "evaluate": lambda: compiled().evaluate(rows(10, 2, 2), np.arange(10) % 3, verbose=0),
        "predict": lambda: compiled().predict(rows(10, 2, 2), batch_size=4, verbose=0),
        "class_weight and sample_weight": weighted_fit,
        "train_on_batch": lambda: compiled().train_on_batch(rows(4, 2, 2), np.arange(4) % 3),
        "Dropout with a rate of 1": lambda: layers.Dropout(1)(rows(2, 3), training=True),
        "gradients of a Dense on rank 3": gradients_on_rank_3,
        "to_categorical": lambda: keras.utils.to_categorical([0, 2, 1], 3),
    }


def activation(name: str) -> dict[str, Any]:
    function = getattr(activations, name)
    wide = HARD.astype("float64")
    return {"float32": function(HARD[None]), "float64": function(wide[None])}


def loss(name: str, targets: Any) -> dict[str, Any]:
    made = getattr(losses, name)
    found = {
        "on probabilities": made()(targets, PROBABILITIES),
        "each row": made(reduction=None)(targets, PROBABILITIES),
        "a sum, weighted": made(reduction="sum")(targets, PROBABILITIES, np.float32([1, 0, 2])),
    }
    if "Crossentropy" in name:
        found["on logits"] = made(from_logits=True)(targets, rows(3, 3) * 50)
    return found


def metric(name: str, targets: Any) -> list[Any]:
    made = getattr(metrics, name)()
    made.update_state(targets, PROBABILITIES)
    first = made.result()
    made.update_state(targets, PROBABILITIES, sample_weight=np.float32([1, 0, 2]))
    return [first, made.result()]


def steps(name: str, arguments: dict[str, Any]) -> list[Any]:
    """Return a variable after each of three steps."""
    optimizer = getattr(optimizers, name)(**arguments)
    variable = keras.Variable(rows(4))
    found = []
    for step in range(3):
        optimizer.apply([keras.ops.convert_to_tensor(rows(3, 4)[step])], [variable])
        found.append(np.array(variable))
    return found


def fit(optimizer: str) -> dict[str, Any]:
    model, history = fitted(optimizer, validation_split=0.2)
    return {"log": history.history, "weights": model.get_weights()}


def weighted_fit() -> dict[str, Any]:
    model = compiled("sgd")
    history = model.fit(
        rows(10, 2, 2),
        np.arange(10) % 3,
        batch_size=4,
        class_weight={0: 1.0, 1: 2.0, 2: 0.5},
        verbose=0,
    )
    return {"log": history.history, "weights": model.get_weights()}


def gradients_on_rank_3() -> list[Any]:
    """Return what one step of SGD takes off the kernel and the bias: the gradients."""
    model = keras.Sequential([keras.Input((5, 20)), layers.Dense(3, activation="relu")])
    before = model.get_weights()
    model.compile(optimizers.SGD(1.0), "mse")
    model.fit(rows(16, 5, 20), rows(16, 5, 3), batch_size=16, verbose=0)
    return [old - new for old, new in zip(before, model.get_weights(), strict=True)]
