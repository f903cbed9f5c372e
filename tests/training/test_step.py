"""The step, against a training loop that is written out: nothing is read ahead or used again.

What makes minidense fast must change no bit: masks are drawn many steps ahead, batches are taken
into the same memory, weights change in place. The loop below does none of this.
"""

import random
from typing import Any

import numpy as np
import pytest

import minidense as k
from minidense.numerics.exponentials import exp_and_row_sums
from minidense.numerics.products import product
from minidense.numerics.sums import total
from minidense.random.streams import permutation, uniform

RANDOM = np.random.default_rng(1)
ROWS, FEATURES, HIDDEN, CLASSES, RATE = 103, 6, 9, 4, 0.3
X = RANDOM.normal(size=(ROWS, FEATURES)).astype("float32")
Y = RANDOM.integers(0, CLASSES, ROWS)
f32 = np.float32


def naive_training(seed: int, size: int, epochs: int, shuffle: bool) -> tuple[list[Any], float]:
    """The weights after plain SGD, and the loss of the last epoch."""
    random.seed(seed)
    seeds = [random.randint(1, 10**9) for _ in range(3)]
    bounds = [(FEATURES, HIDDEN), (HIDDEN, CLASSES)]
    kernel, last_kernel = (
        k.initializers.GlorotUniform(seed)(shape)
        for seed, shape in zip((seeds[0], seeds[2]), bounds, strict=True)
    )
    bias, last_bias = np.zeros(HIDDEN, f32), np.zeros(CLASSES, f32)
    step = 0
    for _ in range(epochs):
        order = permutation(ROWS, seed) if shuffle else np.arange(ROWS)
        summed = count = f32(0)
        for start in range(0, ROWS, size):
            x, y = X[order[start : start + size]], Y[order[start : start + size]]
            hidden = np.maximum(product(x, kernel) + bias, 0)
            keep = uniform((len(x), HIDDEN), seeds[1], step) >= f32(RATE)
            dropped = np.where(keep, hidden * f32(1 / (1 - RATE)), f32(0))
            logits = product(dropped, last_kernel) + last_bias
            shifted = logits - logits.max(axis=1, keepdims=True)
            exp, totals = exp_and_row_sums(shifted)
            losses = np.log(totals[:, 0].astype("float64")).astype("float32")
            losses -= shifted[np.arange(len(y)), y]
            logits_grad = exp / totals
            logits_grad[np.arange(len(y)), y] -= 1
            logits_grad *= f32(1) / f32(len(y))
            dropped_grad = product(logits_grad, last_kernel.T)
            hidden_grad = np.where(keep, dropped_grad * f32(1 / (1 - RATE)), f32(0))
            hidden_grad = np.where(hidden > 0, hidden_grad, f32(0))
            last_kernel = last_kernel - product(dropped.T, logits_grad) * f32(0.1)
            last_bias = last_bias - logits_grad.sum(axis=0) * f32(0.1)
            kernel = kernel - product(x.T, hidden_grad) * f32(0.1)
            bias = bias - hidden_grad.sum(axis=0) * f32(0.1)
            summed += total(losses) / f32(len(y)) * f32(len(y))
            count += f32(len(y))
            step += 1
    return [kernel, bias, last_kernel, last_bias], float(summed / count)


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("size", [1, 16, 32, 200])
def test_fit_is_the_written_out_loop_bit_for_bit(size: int, shuffle: bool):
    epochs = 7  # more steps than are read ahead
    k.utils.set_random_seed(9)
    model = k.Sequential(
        [
            k.Input((FEATURES,)),
            k.layers.Dense(HIDDEN, activation="relu"),
            k.layers.Dropout(RATE),
            k.layers.Dense(CLASSES, activation="softmax"),
        ]
    )
    model.compile(k.optimizers.SGD(0.1), "sparse_categorical_crossentropy")
    history = model.fit(X, Y, batch_size=size, epochs=epochs, shuffle=shuffle, verbose=0)
    weights, loss = naive_training(9, size, epochs, shuffle)
    for ours, naive in zip(model.get_weights(), weights, strict=True):
        assert np.array_equal(ours, naive)
    assert history.history["loss"][-1] == loss


def test_fits_and_evaluations_in_between_go_on_where_the_masks_stopped():
    def model() -> Any:
        k.utils.set_random_seed(4)
        made = k.Sequential(
            [k.Input((FEATURES,)), k.layers.Dropout(0.5), k.layers.Dense(CLASSES, "softmax")]
        )
        made.compile("sgd", "sparse_categorical_crossentropy")
        return made

    whole, parts = model(), model()
    whole.fit(X, Y, epochs=3, verbose=0)
    for _ in range(3):
        parts.fit(X, Y, verbose=0)
        parts.evaluate(X, Y, batch_size=5, verbose=0)
        parts.predict(X, verbose=0)
    for one, other in zip(whole.get_weights(), parts.get_weights(), strict=True):
        assert np.array_equal(one, other)


def a_model(rate: float = 0.5) -> Any:
    k.utils.set_random_seed(0)
    model = k.Sequential([k.Input((FEATURES,)), k.layers.Dense(2), k.layers.Dropout(0.5)])
    model.compile(k.optimizers.SGD(rate), "mse", metrics=["mse"])
    return model


ONES = np.ones((ROWS, 2), f32)


def test_a_step_measures_the_predictions_from_before_the_update():
    model = a_model()
    kernel = model.layers[0].kernel.numpy()
    mask = uniform((ROWS, 2), int(model.layers[1].seed_generator.state.numpy()[0]), 0) >= 0.5
    expected = np.square(np.where(mask, X @ kernel * 2, 0) - ONES).mean()
    assert model.train_on_batch(X, ONES) == pytest.approx([expected, expected], rel=1e-6)
    assert not np.array_equal(model.layers[0].kernel.numpy(), kernel)
    assert int(model.optimizer.iterations) == 1


def test_an_evaluation_step_changes_no_weight_and_draws_no_mask():
    model = a_model()
    before = model.get_weights()
    loss, _ = model.test_on_batch(X, ONES)
    for now, then in zip(model.get_weights(), before, strict=True):
        assert np.array_equal(now, then)
    assert model.layers[1].seed_generator.state.numpy()[1] == 0
    expected = np.square(model.predict(X, verbose=0) - ONES).mean()
    assert loss == pytest.approx(expected, rel=1e-6)


def test_a_step_leaves_frozen_weights_alone():
    model = a_model()
    model.layers[0].kernel.trainable = False
    kernel = model.layers[0].kernel.numpy()
    model.train_on_batch(X, ONES)
    assert np.array_equal(model.layers[0].kernel.numpy(), kernel)
    assert model.layers[0].bias.numpy().any()


def test_weights_of_samples_scale_loss_and_gradient():
    found = []
    for weights, rate in ((np.full(ROWS, 2, f32), 0.25), (None, 0.5)):
        model = a_model(rate)
        loss, _ = model.train_on_batch(X, ONES, weights)
        found.append((model.layers[0].kernel.numpy(), loss))
    (weighted, weighted_loss), (plain, plain_loss) = found
    assert np.array_equal(weighted, plain)  # powers of 2 round nothing
    assert weighted_loss == 2 * plain_loss


def test_what_overflows_and_what_is_nan_says_nothing_of_numpys_own():
    dense = k.layers.Dense(CLASSES, kernel_initializer="ones")
    model = k.Sequential([k.Input((FEATURES,)), dense])
    model.compile(k.optimizers.SGD(1e30), "mse")
    huge, y = np.full((ROWS, FEATURES), 1e38, f32), np.ones((ROWS, CLASSES), f32)
    for outputs in (model(huge), model.predict(huge, verbose=0), model.predict_on_batch(huge)):
        assert np.isinf(outputs).all()
    assert np.isinf(model.evaluate(huge, y, verbose=0))
    assert np.isnan(model.fit(huge, y, verbose=0).history["loss"][0])
