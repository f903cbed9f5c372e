"""A classifier of 20 rows that the tests of training share, built or not, and all of its state."""

import random
from typing import Any

import numpy as np

import minidense as k

SPARSE = "sparse_categorical_crossentropy"

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(20, 4)).astype("float32")
Y = np.arange(20) % 3
ONE_HOT = np.eye(3, dtype="float32")[Y]


def layers_of(last: str | None = "softmax") -> list[Any]:
    """Return new layers; `last` is the activation of the last one."""
    return [
        k.layers.Dense(5, activation="relu"),
        k.layers.Dropout(0.3),
        k.layers.Dense(3, activation=last),
    ]


def built(loss: Any = SPARSE, last: str | None = "softmax", **compiled: Any) -> Any:
    """Return the classifier, made with an Input and compiled."""
    k.utils.set_random_seed(1)
    model = k.Sequential([k.Input((4,)), *layers_of(last)])
    model.compile(k.optimizers.Adam(0.01), loss, **{"metrics": ["accuracy"], **compiled})
    return model


def not_built() -> Any:
    """Return the classifier, compiled and without a shape yet."""
    k.utils.set_random_seed(1)
    model = k.Sequential(layers_of())
    model.compile("adam", SPARSE, metrics=["accuracy"])
    return model


def state_of(model: Any) -> dict[str, Any]:
    """Return all that a call may change, in a form that can be compared bit for bit."""
    optimizer = model.optimizer
    return {
        "weights": [array.tobytes() for array in model.get_weights()],
        "optimizer": [variable.numpy().tobytes() for variable in optimizer.variables],
        "masks": [
            layer.seed_generator.state.numpy().tolist()
            for layer in model.layers
            if hasattr(layer, "seed_generator")
        ],
        "compiled": [model.compiled, id(optimizer), id(model.loss)],
        "metrics": [id(metric) for metric in model.metrics],
        "results": [float(result) for result in model.get_metrics_result().values()],
        "stop": [model.stop_training, model.stop_evaluating, model.stop_predicting],
        "built": [model.built, *(layer.built for layer in model.layers)],
        "optimizer built": optimizer.built,
        "python": random.getstate(),
        "numpy": np.random.get_state()[1].tobytes(),
        "global seed": k.random.get_global_seed() if hasattr(k.random, "get_global_seed") else 0,
    }


def assert_unchanged(model: Any, before: dict[str, Any]) -> None:
    """Assert that a call changed nothing, but that it may have built what had to be built.

    As in Keras a trace builds the model, the optimizer and the metrics, also where it is not run.
    What is made new begins with zeros, but for the weights and the seeds drawn for them.
    """
    after = state_of(model)
    for what in ("masks", "compiled", "metrics", "stop", "numpy", "global seed"):
        assert after[what] == before[what], what
    if before["weights"]:
        for what in ("weights", "python", "built"):
            assert after[what] == before[what], what
    known = len(before["optimizer"])
    assert after["optimizer"][:known] == before["optimizer"]
    assert not any(map(any, after["optimizer"][known:]))
    known = len(before["results"])
    assert after["results"][:known] in (before["results"], [0.0] * known)  # or they began anew
    assert not any(after["results"][known:])


def nan_at(row: int, array: Any) -> Any:
    """Return a copy of an array that has NaN in one row."""
    copy = np.array(array, "float32")
    copy[row] = np.nan
    return copy
