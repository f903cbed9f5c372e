"""The MLP of Keras's own MNIST tutorial: its log, digit by digit.

The numbers below were printed by Keras 3.15.1 on TensorFlow 2.21.0; Keras need not be there to
compare with them. The data are `mnist.npz`, as `keras.datasets.mnist` downloads it, looked for
where MINIDENSE_MNIST says, beside the repository, and in Keras's cache.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import minidense
from minidense.datasets import digits
from tests import record

NAMED = os.environ.get("MINIDENSE_MNIST")
PLACES = [
    *([Path(NAMED)] if NAMED else []),
    Path(__file__).parents[2] / ".." / "shared" / "data" / "mnist.npz",
    Path.home() / ".keras" / "datasets" / "mnist.npz",
]
MNIST = next((place for place in PLACES if place.exists()), None)

KERAS_LOGS = {
    "sgd": {
        "accuracy": [0.8022333, 0.8899000, 0.9064167, 0.9185167, 0.9255833],
        "val_accuracy": [0.9006000, 0.9195000, 0.9296000, 0.9357000, 0.9398000],
        "loss": [0.718496, 0.384584, 0.326059, 0.287514, 0.261045],
    },
    "adam": {
        "accuracy": [0.9138667, 0.9573000, 0.9671833, 0.9725667, 0.9762333],
        "val_accuracy": [0.9558000, 0.9686000, 0.9733000, 0.9743000, 0.9761000],
        "loss": [0.300740, 0.145668, 0.109864, 0.087256, 0.076410],
    },
}
# The numbers above are rounded to 6 digits. That is all: the losses themselves are the same bits.
LOSS_ATOL = 6e-7


@pytest.fixture(scope="module")
def mnist() -> dict[str, Any]:
    if MNIST is None:
        pytest.skip("No mnist.npz here or in Keras's cache; MINIDENSE_MNIST may say where it is.")
    with np.load(MNIST) as arrays:
        return {name: arrays[name] / 255 if name[0] == "x" else arrays[name] for name in arrays}


def tutorial_model(k: Any, seed: int, optimizer: str) -> Any:
    k.utils.set_random_seed(seed)
    model = k.Sequential(
        [
            k.Input((28, 28)),
            k.layers.Flatten(),
            k.layers.Dense(128, activation="relu"),
            k.layers.Dropout(0.2),
            k.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


class Run(NamedTuple):
    """What five epochs of training leave."""

    history: dict[str, list[float]]
    weights: list[Any]
    outputs: Any


def run_of(k: Any, optimizer: str, mnist: dict[str, Any]) -> Run:
    model = tutorial_model(k, 42, optimizer)
    x, y, *test = (mnist[name] for name in ("x_train", "y_train", "x_test", "y_test"))
    history = model.fit(x, y, epochs=5, validation_data=tuple(test), verbose=0).history
    return Run(history, model.get_weights(), model.predict(x[:100], verbose=0))


@pytest.fixture(scope="module", params=KERAS_LOGS)
def five_epochs(request: Any, mnist: dict[str, Any]) -> tuple[str, Run]:
    """The optimizer's name, and what minidense makes of it."""
    return request.param, run_of(minidense, request.param, mnist)


@pytest.mark.usefixtures("same_bits")
def test_five_epochs_of_mnist_give_the_log_of_keras(
    five_epochs: tuple[str, Run],
):
    optimizer, (history, *_) = five_epochs
    expected = KERAS_LOGS[optimizer]
    for name, rows in (("accuracy", 60000), ("val_accuracy", 10000)):
        assert rows_apart(expected[name], history[name], rows) == 0, name
    losses = expected["loss"], history["loss"]
    record.close("MNIST MLP: recorded losses", *losses, rtol=0, atol=LOSS_ATOL)
    record.curves(f"MNIST MLP, {optimizer}: five epochs, Keras's as printed", *losses)


def test_with_products_rounded_otherwise_the_log_of_mnist_is_close_to_kerass(
    five_epochs: tuple[str, Run],
):
    """On any processor: one unit on or off is some rows of 60,000, hundreds of steps later.

    With OpenBLAS's kernels for Haswell and Nehalem, 22 rows, 3 rows and 0.5 % of a loss at most.
    """
    optimizer, (history, *_) = five_epochs
    expected = KERAS_LOGS[optimizer]
    assert rows_apart(expected["accuracy"], history["accuracy"], 60000) <= 60
    assert rows_apart(expected["val_accuracy"], history["val_accuracy"], 10000) <= 20
    losses = expected["loss"], history["loss"]
    record.close("MNIST MLP: recorded losses, any processor", *losses, rtol=2e-2)


def rows_apart(expected: list[float], found: list[float], rows: int) -> int:
    """Return how many rows more or fewer are recognized in one log than in the other, at most."""
    recognized = [np.round(np.array(accuracies) * rows) for accuracies in (expected, found)]
    return int(np.abs(np.subtract(*recognized)).max())


@pytest.mark.usefixtures("same_bits")
def test_five_epochs_of_mnist_leave_the_weights_of_keras_bit_for_bit(
    five_epochs: tuple[str, Run], mnist: dict[str, Any]
):
    keras = pytest.importorskip("keras")
    optimizer, ours = five_epochs
    close(run_of(keras, optimizer, mnist), ours, "MNIST MLP", atol=0)


@pytest.mark.usefixtures("same_bits")
def test_five_epochs_of_mnist_with_rmsprop_end_beside_keras(mnist: dict[str, Any]):
    """TensorFlow's rsqrt begins with the processor's guess, and every maker has another one.

    On a processor of AMD's the weights were 9.5e-7 apart, the losses 3e-8.
    """
    keras = pytest.importorskip("keras")
    theirs, ours = (run_of(library, "rmsprop", mnist) for library in (keras, minidense))
    close(theirs, ours, "MNIST MLP with RMSprop", atol=2e-6)


def close(theirs: Run, ours: Run, feature: str, atol: float) -> None:
    assert list(ours.history) == list(theirs.history)
    for name, values in theirs.history.items():
        record.close(f"{feature}: log", values, ours.history[name], rtol=0, atol=atol)
    for their, our in zip(theirs.weights, ours.weights, strict=True):
        record.close(f"{feature}: weights", their, our, rtol=0, atol=atol)
    record.close(f"{feature}: outputs", theirs.outputs, ours.outputs, rtol=0, atol=atol)


OPTIMIZERS: dict[str, Callable[[Any], Any]] = {
    "sgd": lambda k: k.optimizers.SGD(0.05),
    "nesterov": lambda k: k.optimizers.SGD(0.01, momentum=0.9, nesterov=True),
    "adam": lambda k: k.optimizers.Adam(),
}


@pytest.mark.usefixtures("same_bits")
@pytest.mark.parametrize(
    ("batch_size", "widths", "rate", "optimizer"),
    [
        (16, (128,), 0.2, "sgd"),
        (17, (128,), 0.2, "adam"),
        (32, (64,), 0.5, "nesterov"),
        (48, (300, 100), 0.3, "sgd"),
        (32, (512, 512), 0.2, "adam"),
        (8, (128,), 0.2, "sgd"),
        (32, (100,), 0.2, "adam"),
    ],
)
def test_wider_and_deeper_models_end_in_the_bits_of_keras_too(
    batch_size: int, widths: tuple[int, ...], rate: float, optimizer: str, mnist: dict[str, Any]
):
    keras = pytest.importorskip("keras")
    rows = 3000 // batch_size * batch_size
    runs = []
    for k in (minidense, keras):
        k.utils.set_random_seed(5)
        model = k.Sequential([k.Input((28, 28)), k.layers.Flatten()])
        for width in widths:
            model.add(k.layers.Dense(width, activation="relu"))
            model.add(k.layers.Dropout(rate))
        model.add(k.layers.Dense(10, activation="softmax"))
        loss = "sparse_categorical_crossentropy"
        model.compile(OPTIMIZERS[optimizer](k), loss, metrics=["accuracy"])
        x, y = mnist["x_train"][:rows], mnist["y_train"][:rows]
        history = model.fit(x, y, batch_size=batch_size, epochs=2, verbose=0).history
        runs.append((history, model.get_weights()))
    (ours, our_weights), (theirs, their_weights) = runs
    assert list(ours) == list(theirs)
    for name in theirs:
        record.close("MNIST MLP: log, bit for bit", theirs[name], ours[name], rtol=0)
    for our, their in zip(our_weights, their_weights, strict=True):
        record.close("MNIST MLP: weights, bit for bit", their, our, rtol=0)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_an_epoch_with_validation_agrees_with_keras_itself(optimizer: str, mnist: dict[str, Any]):
    keras = pytest.importorskip("keras")
    x, y = mnist["x_train"][:6000], mnist["y_train"][:6000]
    ours, theirs = (
        tutorial_model(library, 1234, optimizer).fit(x, y, validation_split=0.1, verbose=0).history
        for library in (minidense, keras)
    )
    assert list(ours) == list(theirs)
    for name in ("accuracy", "val_accuracy"):
        record.close("MNIST MLP: accuracies", theirs[name], ours[name], rtol=0)
    for name in ("loss", "val_loss"):
        record.close("MNIST MLP: losses", theirs[name], ours[name], rtol=1e-6)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_digits_give_the_losses_of_keras_batch_by_batch(optimizer: str):
    """What the log says after each batch of three epochs; the digits need no download."""
    keras = pytest.importorskip("keras")
    (x, y), _ = digits.load_data(2000, 1)
    runs: list[list[float]] = []
    for library in (keras, minidense):
        losses: list[float] = []
        log = library.callbacks.LambdaCallback(
            on_train_batch_end=lambda batch, logs, losses=losses: losses.append(logs["loss"])
        )
        model = tutorial_model(library, 7, optimizer)
        model.fit(x / 255, y, epochs=3, verbose=0, callbacks=[log])
        runs.append(losses)
    record.curves(f"digits MLP, {optimizer}: the log after each batch", *runs, unit="batch")
    theirs, ours = runs
    record.close("digits MLP: log after each batch", theirs, ours, rtol=1e-6)
