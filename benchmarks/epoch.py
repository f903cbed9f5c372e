"""One epoch of `fit` beside the five matrix products that it cannot do without.

    python -m benchmarks.epoch

The MLP is 784-128-10 with dropout, batch 32, SGD, accuracy, shuffled; rows are random numbers,
since times do not depend on them. Both are run in turn in one process, and the medians of several
rounds are compared, as a ratio: the machine's mood is in both.

NumPy's products run in one thread unless `--threads` says otherwise. A second one makes products of
this size a little faster; between them it waits in a busy loop, which slows all the rest where both
threads share a core.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable

if __name__ == "__main__":  # before NumPy is imported: its BLAS reads this once
    WORDS = " ".join(sys.argv).replace("=", " ").split()
    THREADS = WORDS[WORDS.index("--threads") + 1] if "--threads" in WORDS else "1"
    os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = THREADS

import numpy as np

import minidense as keras
from minidense import layers

BATCH, FEATURES, HIDDEN, CLASSES = 32, 784, 128, 10


def five_products(x: np.ndarray, steps: int) -> Callable[[], None]:
    """The floor: the products of one step, on batches that lie ready."""
    random = np.random.default_rng(0)
    first = random.standard_normal((FEATURES, HIDDEN)).astype("float32")
    second = random.standard_normal((HIDDEN, CLASSES)).astype("float32")
    grad = random.standard_normal((BATCH, CLASSES)).astype("float32")

    def run() -> None:
        for step in range(steps):
            start = step * BATCH % (len(x) - BATCH)
            batch = x[start : start + BATCH]
            hidden = batch @ first  # (32, 784) @ (784, 128)
            hidden @ second  # (32, 128) @ (128, 10)
            hidden.T @ grad  # (128, 32) @ (32, 10)
            hidden_grad = grad @ second.T  # (32, 10) @ (10, 128)
            batch.T @ hidden_grad  # (784, 32) @ (32, 128)

    return run


def one_epoch(x: np.ndarray, y: np.ndarray) -> Callable[[], None]:
    """`fit` as a user calls it, silent."""
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
    return lambda: model.fit(x, y, batch_size=BATCH, epochs=1, verbose=0)


def measure(rows: int, rounds: int) -> float:
    """Run both in turn, print the medians, return their ratio."""
    print(f"NumPy {np.__version__}, BLAS threads: {os.environ.get('OPENBLAS_NUM_THREADS')}")
    random = np.random.default_rng(0)
    x = random.random((rows, FEATURES), dtype="float32")
    y = random.integers(0, CLASSES, rows)
    steps = -(-rows // BATCH)
    runs = {"five products": five_products(x, steps), "fit": one_epoch(x, y)}
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            times[name].append(time.perf_counter() - start)
    for name, seconds in times.items():
        median, spread = statistics.median(seconds), max(seconds) - min(seconds)
        step = median / steps * 1e6
        print(f"{name:14} {median:7.3f} s an epoch, {step:6.1f} us a step, spread {spread:.3f} s")
    ratios = [fit / floor for floor, fit in zip(*times.values(), strict=True)]
    ratio = statistics.median(ratios)
    print(f"fit / five products: {ratio:.2f} (median of {rounds} rounds)")
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
