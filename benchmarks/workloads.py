"""What is measured: each workload by name, and the rows that it is done on."""

from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import numpy as np

CLASSES = 10
DROPOUT = 0.2


@dataclass(frozen=True)
class Workload:
    """One piece of work that all contenders do.

    `fit` is one epoch of training, `predict` the outputs of all rows, `call` those of one row from
    the quickest call there is (`model(x)`), and `predict_one` those of one row from `predict`.
    """

    name: str
    kind: str = "fit"
    hidden: tuple[int, ...] = (128,)
    """The units of each hidden layer; after each comes a relu, in training a dropout too."""
    batch: int = 32
    rows: int = 60_000
    shape: tuple[int, ...] = (784,)
    """Of a row. With two axes each layer works on the last, and they are made one at the end."""
    optimizer: str = "sgd"

    def layers(self) -> list[tuple[int, int, int]]:
        """Return for each product: how many rows a sample gives to it, features, units."""
        positions = 1 if len(self.shape) == 1 else self.shape[0]
        widths = [self.shape[-1], *self.hidden]
        hidden = [(positions, *pair) for pair in pairwise(widths)]
        return [*hidden, (1, positions * widths[-1], CLASSES)]

    @property
    def steps(self) -> int:
        """The batches in an epoch, a short last one included."""
        return -(-self.rows // self.batch)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> "Workload":
        tuples = {name: tuple(fields[name]) for name in ("hidden", "shape")}
        return cls(**{**fields, **tuples})


FIT = (
    Workload("fit-batch-32"),
    Workload("fit-momentum", optimizer="momentum", rows=12_800),
    Workload("fit-adam", optimizer="adam", rows=12_800),
    Workload("fit-batch-128", batch=128),
    Workload("fit-batch-1024", batch=1024),
    Workload("fit-width-512", hidden=(512,), rows=12_800),
    Workload("fit-width-512-batch-128", hidden=(512,), batch=128, rows=12_800),
    Workload("fit-width-2048", hidden=(2048,), rows=3_200),
    Workload("fit-width-2048-batch-1024", hidden=(2048,), batch=1024, rows=10_240),
    Workload("fit-3-layers-512", hidden=(512, 512, 512), rows=6_400),
    Workload("fit-rank-3", shape=(28, 28), rows=12_800),
)
PREDICT = (
    Workload("predict-10000", "predict", rows=10_000),
    Workload("one-call", "call", batch=1, rows=1),
    Workload("one-predict", "predict_one", batch=1, rows=1),
)


def _doubled(first: int, times: int) -> list[int]:
    return [first * 2**power for power in range(times)]


GROWTH = {
    "width": [Workload(f"width-{width}", hidden=(width,), rows=3_200) for width in _doubled(64, 6)],
    "depth": [
        Workload(f"depth-{depth}", hidden=(128,) * depth, rows=3_200) for depth in _doubled(1, 5)
    ],
    "batch": [Workload(f"batch-{batch}", batch=batch, rows=8_192) for batch in _doubled(8, 8)],
    "rows": [Workload(f"rows-{rows}", rows=rows) for rows in _doubled(2_000, 6)],
}
GROWING = tuple(workload for curve in GROWTH.values() for workload in curve)


def data(workload: Workload) -> tuple[np.ndarray, np.ndarray]:
    """Return x, (rows, *shape) of float32 from 0 to 1, and y, the classes: noise around a pattern.

    There is something to learn: the losses, which stand in the table, must fall.
    """
    random = np.random.default_rng(0)
    patterns = random.random((CLASSES, *workload.shape), dtype="float32")
    y = random.integers(0, CLASSES, workload.rows)
    x = random.random((workload.rows, *workload.shape), dtype="float32")
    x += patterns[y]
    x *= np.float32(0.5)
    return x, y
