"""The random streams against live Keras on TensorFlow: every bit, every index."""

import keras
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from keras.src.trainers.data_adapters.array_data_adapter import ArrayDataAdapter

from minidense import random as public
from minidense.random import seeds
from minidense.random.masks import MaskStream
from minidense.random.seeds import SeedGenerator, draw_seed, seed_pair, set_random_seed
from minidense.random.streams import batch_permutations, permutation, uniform, uniform_between
from tests import record
from tests.reference_only import tensorflow

tf = tensorflow("JAX and torch draw from streams of their own.")

EDGES = [
    0, 1, -1, 2**31 - 3, 2**31 - 2, 2**31 - 1, 2**31, 2**32 - 1, 2**32, -(2**31), 2**63 - 1,
    -(2**63),
]  # fmt: skip
GLOBAL_SEEDS = [0, 1, 42, 2**31 - 2, 2**31 - 1, 2**31, 2**32 - 1]
any_seed = st.one_of(st.integers(-(2**63), 2**63 - 1), st.sampled_from(EDGES))
shapes = st.lists(st.integers(0, 40), max_size=3).map(tuple)
dtypes = st.sampled_from(["float32", "float64"])
# not next to 0: TensorFlow sets subnormal numbers to 0, and NumPy keeps them
floats = st.floats(-1e3, 1e3).filter(lambda bound: bound == 0 or abs(bound) > 1e-30)
python_bounds = st.one_of(floats, st.integers(-1000, 1000))
bounds = st.one_of(python_bounds, floats.map(np.float64))
modest = settings(max_examples=60, deadline=None)


def assert_same_bits(what, ours, theirs, code=""):
    record.same(f"seeds: {what}", np.asarray(theirs), np.asarray(ours), code=code)


def generator_at(seed, counter):
    """A Keras SeedGenerator whose next pair is [seed, counter]."""
    generator = keras.random.SeedGenerator(0)
    generator.state.assign([seed, counter])
    return generator


# Uniform numbers


@modest
@given(seed=any_seed, counter=any_seed, shape=shapes, dtype=dtypes)
@example(seed=0, counter=0, shape=(), dtype="float64")
def test_uniform_has_tensorflows_bits(seed, counter, shape, dtype):
    theirs = keras.random.uniform(shape, dtype=dtype, seed=generator_at(seed, counter))
    code = f"the pair [{seed}, {counter}] in a SeedGenerator, then keras.random.uniform({shape})"
    assert_same_bits("uniform", uniform(shape, seed, counter, dtype), theirs, code)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(0,), (1,), (3,), (784, 128), (300_001,)])
def test_uniform_of_small_and_large_shapes_has_tensorflows_bits(shape, dtype):
    assert_same_bits(
        "uniform",
        uniform(shape, 686579304, 0, dtype),
        keras.random.uniform(shape, dtype=dtype, seed=686579304),
    )


@modest
@given(
    seed=any_seed,
    low=bounds,
    high=bounds,
    shape=shapes,
    dtype=dtypes,
)
def test_uniform_between_has_kerass_bits(seed, low, high, shape, dtype):
    theirs = keras.random.uniform(shape, low, high, dtype=dtype, seed=seed)
    code = f"keras.random.uniform({shape}, {low}, {high}, dtype={dtype!r}, seed={seed})"
    what = "uniform between bounds"
    assert_same_bits(what, uniform_between(low, high, shape, seed, 0, dtype), theirs, code)
    assert_same_bits(what, public.uniform(shape, low, high, dtype, seed), theirs, code)


@pytest.mark.parametrize("seed", [*EDGES, 42])
@pytest.mark.parametrize("shape", [(1, 1), (7,), (784, 10), (3, 3, 2, 5)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_glorot_weights_have_kerass_bits(dtype, shape, seed):
    fan_in, fan_out = shape[-2:] if len(shape) > 1 else (shape[0], shape[0])
    receptive_field = int(np.prod(shape[:-2]))
    scale = 1.0 / max(1.0, (fan_in + fan_out) * receptive_field / 2.0)
    limit = (3.0 * scale) ** 0.5
    theirs = keras.initializers.GlorotUniform(seed=seed)(shape, dtype=dtype)
    ours = uniform_between(-limit, limit, shape, seed, 0, dtype)
    assert_same_bits("Glorot weights", ours, theirs)


def test_uniform_without_a_seed_takes_kerass_shared_generator():
    for seed in (42, 7):
        keras.utils.set_random_seed(seed)
        theirs = [keras.random.uniform((5,), 1.0, 3.0) for _ in range(4)]
        set_random_seed(seed)
        for numbers in theirs:
            assert_same_bits("shared generator", public.uniform((5,), 1.0, 3.0), numbers)


# Masks


@settings(max_examples=20, deadline=None)
@given(seed=any_seed, rate=st.floats(0.01, 0.99), rows=st.integers(1, 40), units=st.integers(1, 40))
def test_dropout_masks_are_kerass_over_several_training_calls(seed, rate, rows, units):
    dropout = keras.layers.Dropout(rate, seed=seed)
    stream = MaskStream(seed, rate)
    ones = np.ones((rows, units), np.float32)
    for counter in range(4):
        dropout(ones, training=False)  # moves nothing on
        theirs = np.asarray(dropout(ones, training=True)) != 0
        ours = stream.mask(counter, rows * units) == -1
        code = f"keras.layers.Dropout({rate}, {seed=}), call {counter} on ({rows}, {units})"
        assert_same_bits("dropout masks", ours, theirs.ravel(), code)


def test_dropout_masks_are_kerass_in_a_compiled_function_with_a_short_batch():
    dropout = keras.layers.Dropout(0.2, seed=119540832)
    compiled = tf.function(lambda inputs: dropout(inputs, training=True), reduce_retracing=True)
    stream = MaskStream(119540832, 0.2)
    for counter, rows in enumerate([32, 32, 32, 5] * 3):
        theirs = np.asarray(compiled(np.ones((rows, 128), np.float32))) != 0
        ours = stream.mask(counter, rows * 128) == -1
        assert_same_bits("dropout masks", ours, theirs.ravel())


# The order of the samples


def keras_orders(size, batch_size, shuffle):
    """What Keras's own adapter reads in one epoch: a list of batches of indices."""
    adapter = ArrayDataAdapter(np.arange(size), batch_size=batch_size, shuffle=shuffle)
    return [np.asarray(batch) for batch in adapter.get_tf_dataset()]


def batch_sizes(size, batch_size):
    return [min(batch_size, size - start) for start in range(0, size, batch_size)]


@pytest.mark.parametrize("seed", GLOBAL_SEEDS)
@pytest.mark.parametrize("size", [1, 2, 5, 33, 1000, 60_000])
def test_the_permutation_is_kerass(seed, size):
    keras.utils.set_random_seed(seed)
    theirs = np.concatenate(keras_orders(size, 32 if size < 60_000 else 5000, shuffle=True))
    record.close("seeds: permutation", theirs, permutation(size, seed), rtol=0)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), size=st.integers(1, 400), batch_size=st.integers(1, 70))
@example(seed=42, size=9, batch_size=1)
@example(seed=42, size=40, batch_size=2)
@example(seed=42, size=33, batch_size=8)
def test_the_order_inside_each_batch_is_kerass(seed, size, batch_size):
    keras.utils.set_random_seed(seed)
    theirs = keras_orders(size, batch_size, shuffle="batch")
    ours = batch_permutations(batch_sizes(size, batch_size), seed)
    for number, (order, indices) in enumerate(zip(ours, theirs, strict=True)):
        code = f"{size} rows in batches of {batch_size}, shuffled inside, seed {seed}"
        ours = order + number * batch_size
        record.close("seeds: order inside batches", indices, ours, rtol=0, code=code)


@pytest.mark.parametrize("seed", GLOBAL_SEEDS)
def test_the_order_inside_each_batch_is_kerass_for_seeds_at_the_edges(seed):
    keras.utils.set_random_seed(seed)
    theirs = keras_orders(301, 32, shuffle="batch")
    for number, order in enumerate(batch_permutations(batch_sizes(301, 32), seed)):
        ours = order + number * 32
        record.close("seeds: order inside batches", theirs[number], ours, rtol=0)


class OrderModel(keras.Model):
    """Logs the samples of each training step in place of a loss."""

    def train_step(self, data):
        return {"samples": data[0]}


class OrderLog(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.batches = []

    def on_train_batch_end(self, batch, logs=None):
        self.batches.append(np.asarray(logs["samples"]).ravel())


@pytest.mark.parametrize("run_eagerly", [False, True])
@pytest.mark.parametrize("shuffle", [True, "batch"])
@pytest.mark.parametrize("seed", [0, 42, 2**32 - 1])
def test_fit_reads_this_order_in_every_epoch_and_in_a_second_fit(seed, shuffle, run_eagerly):
    size, batch_size = 45, 8
    sizes = batch_sizes(size, batch_size)
    keras.utils.set_random_seed(seed)
    model = OrderModel()
    model.compile(run_eagerly=run_eagerly)
    log = OrderLog()
    samples = np.arange(size).reshape(-1, 1)
    for epochs in (3, 2):
        model.fit(samples, samples, batch_size, epochs, verbose=0, shuffle=shuffle, callbacks=[log])
    if shuffle == "batch":
        orders = batch_permutations(sizes, seed)
        epoch = np.concatenate([order + n * batch_size for n, order in enumerate(orders)])
    else:
        epoch = permutation(size, seed)
    assert len(log.batches) == 5 * len(sizes)
    theirs = np.concatenate(log.batches)
    record.close("seeds: order in fit", theirs, np.tile(epoch, 5), rtol=0)


# Seeds


@pytest.mark.parametrize("seed", GLOBAL_SEEDS)
def test_layers_draw_the_same_seeds_after_the_same_global_seed(seed):
    keras.utils.set_random_seed(seed)
    theirs = [
        keras.initializers.GlorotUniform().seed,
        keras.layers.Dropout(0.5).seed_generator.state.numpy()[0],
        keras.random.SeedGenerator().state.numpy()[0],
        np.random.rand(),
    ]
    set_random_seed(seed)
    assert [draw_seed(), draw_seed(), SeedGenerator().next()[0], np.random.rand()] == theirs


@modest
@given(seed=any_seed, moves=st.lists(st.booleans(), max_size=6))
def test_a_seed_generator_goes_through_kerass_pairs(seed, moves):
    ours, theirs = SeedGenerator(seed), keras.random.SeedGenerator(seed)
    for ordered in moves:
        assert_same_bits("seed generators", ours.next(ordered), theirs.next(ordered))
        assert_same_bits("seed generators", ours.state.numpy(), theirs.state.numpy())


@pytest.mark.parametrize("seed", [1.5, "1", True, np.int64(3), 2**63, -(2**63) - 1])
def test_a_bad_explicit_seed_fails_with_the_same_class_in_both(seed):
    for bad in (
        lambda: keras.random.SeedGenerator(seed),
        lambda: SeedGenerator(seed),
        lambda: keras.random.uniform((2,), seed=seed),
        lambda: seed_pair(seed),
    ):
        with pytest.raises(ValueError):  # noqa: PT011 - TensorFlow's words are its own
            bad()


@pytest.mark.parametrize("seed", [-1, 2**32, 1.5, "1", None, np.int64(3)])
def test_a_bad_global_seed_fails_with_the_same_class_in_both(seed):
    for set_seed in (keras.utils.set_random_seed, set_random_seed):
        with pytest.raises(ValueError, match=r"(?i)seed"):
            set_seed(seed)


def test_true_is_a_global_seed_of_1_in_both():
    keras.utils.set_random_seed(True)
    theirs = [np.random.rand(), *np.concatenate(keras_orders(20, 20, shuffle=True))]
    set_random_seed(True)
    assert [np.random.rand(), *permutation(20, seeds.get_global_seed())] == theirs


def test_seed_generators_have_kerass_config_and_state():
    ours, theirs = SeedGenerator(5, name="mine"), keras.random.SeedGenerator(5, name="mine")
    assert ours.get_config() == theirs.get_config()
    for name in ("name", "path", "dtype", "trainable"):
        assert getattr(ours.state, name) == getattr(theirs.state, name)
    assert ours.state.shape == tuple(theirs.state.shape)
