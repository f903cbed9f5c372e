"""Training as one writes it in JAX: a jitted step, or a whole epoch in one jitted scan."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.contenders import LEARNING_RATE, Work
from benchmarks.workloads import DROPOUT, Workload

Params = list[tuple[jax.Array, jax.Array]]


def prepare(workload: Workload, rows: tuple[np.ndarray, np.ndarray], way: str, device: str) -> Work:
    """Draw the weights and put the rows on the device; "step" or "scan" is the way to train."""
    if jax.default_backend() != device:
        raise RuntimeError(f"JAX works on {jax.default_backend()}, not on {device}.")
    x, y = (jax.device_put(array) for array in rows)
    random = np.random.default_rng(0)
    params: Params = []
    for _, features, units in workload.layers():
        limit = np.sqrt(6 / (features + units))
        kernel = random.uniform(-limit, limit, (features, units)).astype("float32")
        params.append((jnp.asarray(kernel), jnp.zeros(units)))
    if workload.kind == "fit":
        return (step_by_step if way == "step" else whole_epoch)(workload, params, x, y)

    outputs = jax.jit(lambda batch: jax.nn.softmax(logits(params, batch, None)))
    if workload.kind == "call":
        return lambda: np.asarray(outputs(rows[0]))  # as a caller has it: an array of NumPy's
    starts = range(0, len(x), workload.batch)
    return lambda: np.concatenate([outputs(x[i : i + workload.batch]) for i in starts])


def logits(params: Params, batch: jax.Array, key: jax.Array | None) -> jax.Array:
    """Go forward; with a key there is dropout."""
    hidden = batch
    *above, (kernel, bias) = params
    for layer, (weights, shift) in enumerate(above):
        hidden = jax.nn.relu(hidden @ weights + shift)
        if key is not None:
            kept = jax.random.bernoulli(jax.random.fold_in(key, layer), 1 - DROPOUT, hidden.shape)
            hidden = jnp.where(kept, hidden / (1 - DROPOUT), 0)
    return hidden.reshape(len(batch), -1) @ kernel + bias


def measured(
    params: Params, batch: jax.Array, targets: jax.Array, key: jax.Array
) -> tuple[jax.Array, jax.Array]:
    """Return the mean loss, and how many rows were right."""
    scores = logits(params, batch, key)
    losses = -jnp.take_along_axis(jax.nn.log_softmax(scores), targets[:, None], axis=1)
    return losses.mean(), (scores.argmax(axis=1) == targets).sum()


def train_step(rule: str, state: Any, batch: jax.Array, targets: jax.Array, key: Any) -> Any:
    """Return the new state, the sum of the losses, and how many rows were right."""
    params, first, second, step = state
    gradient = jax.value_and_grad(measured, has_aux=True)
    (loss, right), grads = gradient(params, batch, targets, jax.random.fold_in(key, step))
    rate = LEARNING_RATE[rule]
    step = step + 1
    if rule == "sgd":
        params = jax.tree.map(lambda p, g: p - rate * g, params, grads)
    elif rule == "momentum":
        first = jax.tree.map(lambda m, g: 0.9 * m - rate * g, first, grads)
        params = jax.tree.map(jnp.add, params, first)
    else:
        first = jax.tree.map(lambda m, g: m + 0.1 * (g - m), first, grads)
        second = jax.tree.map(lambda v, g: v + 0.001 * (g * g - v), second, grads)
        scale = rate * jnp.sqrt(1 - 0.999**step) / (1 - 0.9**step)
        params = jax.tree.map(
            lambda p, m, v: p - scale * m / (jnp.sqrt(v) + 1e-7), params, first, second
        )
    return (params, first, second, step), loss * len(batch), right


def first_state(params: Params, rule: str) -> Any:
    """Return weights, first and second moments where the rule has them, and the steps so far."""
    first, second = (jax.tree.map(jnp.zeros_like, params) for _ in range(2))
    moments = {"sgd": (None, None), "momentum": (first, None), "adam": (first, second)}
    return (params, *moments[rule], jnp.zeros((), "int32"))


def step_by_step(workload: Workload, params: Params, x: jax.Array, y: jax.Array) -> Work:
    """Call one jitted step for each batch."""
    rows, targets = np.asarray(x), np.asarray(y)
    step = jax.jit(partial(train_step, workload.optimizer), donate_argnums=0)
    state = first_state(params, workload.optimizer)
    key = jax.random.key(0)
    order = np.random.default_rng(0)

    def epoch() -> float:
        nonlocal state
        total, hits = [], []
        permutation = order.permutation(len(rows))
        for start in range(0, len(rows), workload.batch):
            indices = permutation[start : start + workload.batch]
            state, loss, right = step(state, rows[indices], targets[indices], key)
            total.append(loss)
            hits.append(right)
        assert 0 <= int(sum(map(int, hits))) <= len(rows)
        return float(sum(map(float, total))) / len(rows)

    return epoch


def whole_epoch(workload: Workload, params: Params, x: jax.Array, y: jax.Array) -> Work:
    """Scan over all full batches in one jitted call; a short last batch is a step after it."""
    full = len(x) // workload.batch * workload.batch

    @partial(jax.jit, donate_argnums=0)
    def epoch(state: Any, x: jax.Array, y: jax.Array, key: jax.Array) -> Any:
        permutation = jax.random.permutation(key, len(x))

        def one(state: Any, indices: jax.Array) -> Any:
            state, loss, right = train_step(workload.optimizer, state, x[indices], y[indices], key)
            return state, (loss, right)

        state, sums = jax.lax.scan(one, state, permutation[:full].reshape(-1, workload.batch))
        loss, right = (parts.sum() for parts in sums)
        if full < len(x):
            state, (more, also) = one(state, permutation[full:])
            loss, right = loss + more, right + also
        return state, loss, right

    state = first_state(params, workload.optimizer)
    key = jax.random.key(0)

    def run() -> float:
        nonlocal state, key
        key, used = jax.random.split(key)
        state, loss, right = epoch(state, x, y, used)
        assert 0 <= int(right) <= len(x)
        return float(loss) / len(x)

    return run
