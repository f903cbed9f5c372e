"""The floor: the matrix products that the work cannot do without, and nothing else.

For each layer one product forward; in training one for the kernel's gradient, and one for that of
the inputs, but for the first layer, where nobody asks for it. They are made on batches that lie
ready, in NumPy, in the order of a step.
"""

import numpy as np

from benchmarks.contenders import Work
from benchmarks.workloads import Workload
from minidense.numerics.memory import keep_freed_memory


def prepare(
    workload: Workload, rows: tuple[np.ndarray, np.ndarray], argument: str, device: str
) -> Work:
    """Return the products of an epoch, or of all rows."""
    keep_freed_memory()  # else page faults are measured too, at batch 32 three times the products
    x = rows[0]
    layers = workload.layers()
    random = np.random.default_rng(0)
    kernels = [
        random.standard_normal((features, units), dtype="float32") for _, features, units in layers
    ]
    grads = [
        random.standard_normal((workload.batch * positions, units), dtype="float32")
        for positions, _, units in layers
    ]

    def forward(batch: np.ndarray) -> list[np.ndarray]:
        inputs = []
        hidden = batch
        for (positions, features, _), kernel in zip(layers, kernels, strict=True):
            # (batch, ..., features) -> (batch * positions, features)
            inputs.append(hidden.reshape(len(batch) * positions, features))
            hidden = inputs[-1] @ kernel
        return [*inputs, hidden]

    def backward(inputs: list[np.ndarray]) -> None:
        for layer in reversed(range(len(layers))):
            grad = grads[layer][: len(inputs[layer])]
            inputs[layer].T @ grad  # (features, rows) @ (rows, units)
            if layer:
                grad @ kernels[layer].T  # (rows, units) @ (units, features)

    def train() -> None:
        for start in range(0, len(x), workload.batch):
            backward(forward(x[start : start + workload.batch])[:-1])

    def predict() -> np.ndarray:
        starts = range(0, len(x), workload.batch)
        return [forward(x[start : start + workload.batch])[-1] for start in starts][-1]

    return train if workload.kind == "fit" else predict
