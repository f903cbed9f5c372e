"""One epoch of `fit` beside the five matrix products that it cannot do without.

    python -m benchmarks.epoch

The MLP is 784-128-10 with dropout, batch 32, SGD, accuracy, shuffled; rows are random numbers,
since times do not depend on them. A machine's mood changes within a second, so the products do not
wait until `fit` is done: it goes through the rows in parts (`steps_per_epoch`), 15 where its steps
can be shared out so, and after each a callback makes as many products. What the whole call of `fit`
takes beyond these is its own time, with checks and shuffle and the ends of the parts.

NumPy's products run in one thread unless `--threads` says otherwise. A second one makes products of
this size a little faster; between them it waits in a busy loop, which slows all the rest where both
threads share a core.
"""

import argparse
import math
import os
import statistics
import sys
import time

if __name__ == "__main__":  # before NumPy is imported: its BLAS reads this once
    WORDS = " ".join(sys.argv).replace("=", " ").split()
    THREADS = WORDS[WORDS.index("--threads") + 1] if "--threads" in WORDS else "1"
    os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = THREADS

import numpy as np

import minidense as keras
from minidense import layers

BATCH, FEATURES, HIDDEN, CLASSES = 32, 784, 128, 10
PARTS = 15  # of an epoch: of MNIST's 1875 steps each has 125

RANDOM = np.random.default_rng(0)
FIRST = RANDOM.standard_normal((FEATURES, HIDDEN)).astype("float32")
SECOND = RANDOM.standard_normal((HIDDEN, CLASSES)).astype("float32")
GRAD = RANDOM.standard_normal((BATCH, CLASSES)).astype("float32")


class FiveProducts(keras.callbacks.Callback):
    """The floor: the products of as many steps as `fit` made since the last time, and their time.

    They are made on batches that lie ready.
    """

    def __init__(self, x: np.ndarray, steps: int) -> None:
        super().__init__()
        self.x = x
        self.steps = steps
        self.seconds = 0.0

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        begin = time.perf_counter()
        five_products(self.x, self.steps, epoch * self.steps)
        self.seconds += time.perf_counter() - begin


def five_products(x: np.ndarray, steps: int, first_step: int = 0) -> None:
    """Make the products of some steps: two of the first layer, three of the second.

    Nobody needs the gradient of x.
    """
    for step in range(first_step, first_step + steps):
        start = step * BATCH % (len(x) - BATCH)
        batch = x[start : start + BATCH]
        hidden = batch @ FIRST  # (32, 784) @ (784, 128)
        hidden @ SECOND  # (32, 128) @ (128, 10)
        hidden.T @ GRAD  # (128, 32) @ (32, 10)
        hidden_grad = GRAD @ SECOND.T  # (32, 10) @ (10, 128)
        batch.T @ hidden_grad  # (784, 32) @ (32, 128)


def mlp() -> keras.Sequential:
    """The model, compiled."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((FEATURES,)),
            layers.Dense(HIDDEN, activation="relu"),
            layers.Dropout(0.2),
            layers.Dense(CLASSES, activation="softmax"),
        ]
    )
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def measure(rows: int, rounds: int) -> float:
    """Time the products in the pauses of `fit`, print the medians, return their ratio."""
    print(f"NumPy {np.__version__}, BLAS threads: {os.environ.get('OPENBLAS_NUM_THREADS')}")
    x = RANDOM.random((rows, FEATURES), dtype="float32")
    y = RANDOM.integers(0, CLASSES, rows)
    steps = -(-rows // BATCH)
    parts = math.gcd(steps, PARTS)  # so that each has as many steps
    model = mlp()
    times: dict[str, list[float]] = {"five products": [], "fit": []}
    for _ in range(rounds):
        floor = FiveProducts(x, steps // parts)
        begin = time.perf_counter()
        model.fit(
            x,
            y,
            batch_size=BATCH,
            epochs=parts,
            steps_per_epoch=steps // parts,
            verbose=0,
            callbacks=[floor],
        )
        whole = time.perf_counter() - begin
        times["five products"].append(floor.seconds)
        times["fit"].append(whole - floor.seconds)
    for name, seconds in times.items():
        median, spread = statistics.median(seconds), max(seconds) - min(seconds)
        step = median / steps * 1e6
        print(f"{name:14} {median:7.3f} s an epoch, {step:6.1f} us a step, spread {spread:.3f} s")
    ratios = [fit / floor for floor, fit in zip(*times.values(), strict=True)]
    ratio = statistics.median(ratios)
    print(
        f"fit / five products: {ratio:.2f} (median of {rounds} rounds in {parts} parts, "
        f"from {min(ratios):.2f} to {max(ratios):.2f})"
    )
    return ratio


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=60_000, help=f"from {2 * BATCH} up")
    parser.add_argument("--rounds", type=int, default=7, help="from 1 up")
    parser.add_argument("--threads", type=int, default=1, help="of NumPy's matrix products")
    arguments = parser.parse_args()
    if arguments.rows < 2 * BATCH or arguments.rounds < 1 or arguments.threads < 1:
        parser.error(f"--rows begins at {2 * BATCH}, --rounds and --threads at 1")
    measure(arguments.rows, arguments.rounds)


if __name__ == "__main__":
    main()
