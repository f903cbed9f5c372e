"""One script for minidense and for Keras on each backend: only the import differs."""

import importlib
import os
from typing import Any

import numpy as np

from benchmarks.contenders import LEARNING_RATE, Work
from benchmarks.workloads import CLASSES, DROPOUT, Workload


def prepare(
    workload: Workload, rows: tuple[np.ndarray, np.ndarray], library: str, device: str
) -> Work:
    """Build and compile the model with minidense, or with Keras on the backend of that name."""
    if library != "minidense":
        os.environ["KERAS_BACKEND"] = library
    keras = importlib.import_module("minidense" if library == "minidense" else "keras")
    if device == "gpu":
        check_gpu(library)
    x, y = rows
    keras.utils.set_random_seed(0)
    model = mlp(keras, workload)
    if workload.kind == "fit":
        loss = "sparse_categorical_crossentropy"
        model.compile(optimizer(keras, workload), loss, metrics=["accuracy"])

        def fit() -> float:
            history = model.fit(x, y, batch_size=workload.batch, epochs=1, verbose=0)
            return float(history.history["loss"][0])

        return fit
    if workload.kind == "call":
        as_array = np.asarray if library == "minidense" else keras.ops.convert_to_numpy
        return lambda: as_array(model(x))
    return lambda: model.predict(x, batch_size=workload.batch, verbose=0)


def check_gpu(backend: str) -> None:
    """Raise RuntimeError if the backend would work on the processor; it takes a GPU by itself."""
    found = {
        "tensorflow": lambda tf: bool(tf.config.list_physical_devices("GPU")),
        "jax": lambda jax: jax.default_backend() == "gpu",
        "torch": lambda torch: torch.cuda.is_available(),
    }
    if not found[backend](importlib.import_module(backend)):
        raise RuntimeError(f"{backend} sees no GPU.")


def mlp(keras: Any, workload: Workload) -> Any:
    """Dense and Dropout in turn, then the outputs."""
    layers = keras.layers
    model = keras.Sequential([keras.Input(workload.shape)])
    for units in workload.hidden:
        model.add(layers.Dense(units, activation="relu"))
        model.add(layers.Dropout(DROPOUT))
    if len(workload.shape) > 1:
        model.add(layers.Flatten())
    model.add(layers.Dense(CLASSES, activation="softmax"))
    return model


def optimizer(keras: Any, workload: Workload) -> Any:
    rate = LEARNING_RATE[workload.optimizer]
    if workload.optimizer == "adam":
        return keras.optimizers.Adam(rate)
    return keras.optimizers.SGD(rate, momentum=0.9 if workload.optimizer == "momentum" else 0.0)
