"""What one writes by hand in NumPy: the same work, with its own random numbers, and no library."""

import math
from collections.abc import Iterator

import numpy as np

from benchmarks.contenders import LEARNING_RATE, Work
from benchmarks.workloads import CLASSES, DROPOUT, Workload

Array = np.ndarray


def prepare(workload: Workload, rows: tuple[Array, Array], argument: str, device: str) -> Work:
    """Draw the weights; return an epoch, or the outputs of all rows."""
    x, y = rows
    network = Network(workload)
    if workload.kind == "fit":
        return lambda: network.epoch(x, y)
    if workload.kind == "call":
        return lambda: network.outputs(x)
    starts = range(0, len(x), workload.batch)
    return lambda: np.concatenate(
        [network.outputs(x[start : start + workload.batch]) for start in starts]
    )


class Network:
    """Kernels and biases, and the ways forward and back through them."""

    def __init__(self, workload: Workload) -> None:
        self.workload = workload
        self.random = np.random.default_rng(0)
        self.weights: list[Array] = []  # kernel, bias, kernel, bias ...
        for _, features, units in workload.layers():
            limit = np.sqrt(6 / (features + units))
            kernel = self.random.uniform(-limit, limit, (features, units))
            self.weights += [kernel.astype("float32"), np.zeros(units, "float32")]
        self.moments = [[np.zeros_like(weight) for weight in self.weights] for _ in range(2)]
        self.step = 0

    def layers(self) -> Iterator[tuple[Array, Array]]:
        return zip(self.weights[::2], self.weights[1::2], strict=True)

    def outputs(self, batch: Array) -> Array:
        """Return the probabilities, (batch, classes)."""
        hidden = batch
        *first, (kernel, bias) = self.layers()
        for above, shift in first:
            hidden = np.maximum(hidden @ above + shift, 0)
        return softmax(hidden.reshape(len(batch), -1) @ kernel + bias)

    def epoch(self, x: Array, y: Array) -> float:
        """Train on all rows once; return the mean loss."""
        order = self.random.permutation(len(x))
        loss, right = 0.0, 0
        for start in range(0, len(x), self.workload.batch):
            indices = order[start : start + self.workload.batch]
            batch, targets = x[indices], y[indices]
            probabilities, gradients = self.gradients(batch, targets)
            self.update(gradients)
            chosen = probabilities[np.arange(len(targets)), targets]
            loss -= float(np.log(np.maximum(chosen, 1e-7)).sum())
            right += int((probabilities.argmax(axis=1) == targets).sum())
        assert 0 <= right <= len(x)
        return loss / len(x)

    def gradients(self, batch: Array, targets: Array) -> tuple[Array, list[Array]]:
        """Go forward and back; return the probabilities, and a gradient for each weight."""
        hidden = batch
        inputs, masks = [], []
        *first, (kernel, bias) = self.layers()
        for above, shift in first:
            inputs.append(hidden)
            hidden = hidden @ above + shift
            kept = self.random.random(hidden.shape, dtype="float32") >= DROPOUT
            mask = ((hidden > 0) & kept) * np.float32(1 / (1 - DROPOUT))
            hidden = hidden * mask
            masks.append(mask)
        flat = hidden.reshape(len(batch), -1)
        probabilities = softmax(flat @ kernel + bias)

        grad = probabilities.copy()  # (batch, classes)
        grad[np.arange(len(targets)), targets] -= 1
        grad *= np.float32(1 / len(targets))
        gradients = [grad.sum(axis=0), flat.T @ grad]
        for layer in reversed(range(len(first))):
            kernel_below = self.weights[2 * layer + 2]
            grad = (grad @ kernel_below.T).reshape(masks[layer].shape) * masks[layer]
            rows = grad.reshape(-1, grad.shape[-1])  # (batch, ..., units) -> (rows, units)
            above = inputs[layer].reshape(len(rows), -1)
            gradients += [rows.sum(axis=0), above.T @ rows]
        return probabilities, gradients[::-1]

    def update(self, gradients: list[Array]) -> None:
        """Move each weight, by the rule of the workload's optimizer."""
        rate = LEARNING_RATE[self.workload.optimizer]
        self.step += 1
        for index, grad in enumerate(gradients):
            weight, first, second = self.weights[index], *(m[index] for m in self.moments)
            if self.workload.optimizer == "sgd":
                weight -= np.float32(rate) * grad
            elif self.workload.optimizer == "momentum":
                first *= np.float32(0.9)
                first -= np.float32(rate) * grad
                weight += first
            else:
                first += (grad - first) * np.float32(0.1)
                second += (grad * grad - second) * np.float32(0.001)
                scale = rate * math.sqrt(1 - 0.999**self.step) / (1 - 0.9**self.step)
                weight -= np.float32(scale) * first / (np.sqrt(second) + np.float32(1e-7))


def softmax(logits: Array) -> Array:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    assert powers.shape[1] == CLASSES
    return powers / powers.sum(axis=1, keepdims=True)
