"""On JAX and torch, Keras is lent TensorFlow's random streams.

Each backend of Keras draws from streams of its own, so one seed gives other weights, masks and
orders on each. That difference is known and is no subject of a test. For everything else to be
compared on every backend, `lend` puts minidense's streams, which are TensorFlow's bit for bit, in
the place of the backend's: uniform numbers, dropout masks, and the order of the rows.

What goes through: `keras.src.backend.random.uniform` and `.dropout`, and the order in which Keras's
adapter of arrays hands on the rows of an epoch, with `shuffle=True` and with `shuffle="batch"`.
Normal numbers keep the backend's own streams.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from minidense.random.streams import batch_permutations, permutation, uniform, uniform_between


@dataclass(frozen=True)
class _Replaced:
    """A place whose function was replaced, and both functions."""

    owner: Any
    name: str
    own: Any
    lent: Any


_replaced: list[_Replaced] = []


def lend(backend: str) -> None:
    """Replace the streams of Keras's backend, "jax" or "torch", for the rest of the process."""
    import keras.src.backend as keras_backend
    from keras.src.trainers.data_adapters.array_data_adapter import ArrayDataAdapter

    _replace(keras_backend.random, "uniform", _uniform)
    if backend == "jax":
        _replace(keras_backend.random, "dropout", _jax_dropout)
        _replace(ArrayDataAdapter, "_get_iterator", _jax_batches)
    else:
        _replace(keras_backend.random, "dropout", _torch_dropout)
        loader = _torch_loader(ArrayDataAdapter.get_torch_dataloader)
        _replace(ArrayDataAdapter, "get_torch_dataloader", loader)


def _replace(owner: Any, name: str, lent: Any) -> None:
    _replaced.append(_Replaced(owner, name, getattr(owner, name), lent))
    setattr(owner, name, lent)


@contextmanager
def taken_back() -> Iterator[None]:
    """Let the backend draw by itself for a while, so that it is the one who refuses a bad call."""
    for place in _replaced:
        setattr(place.owner, place.name, place.own)
    try:
        yield
    finally:
        for place in _replaced:
            setattr(place.owner, place.name, place.lent)


@dataclass(frozen=True)
class _Order:
    """The rows of an adapter of arrays, in the order of an epoch; each epoch asks anew."""

    adapter: Any

    def __len__(self) -> int:
        return int(self.adapter._num_samples)

    def __iter__(self) -> Iterator[int]:
        return iter(self.epoch().tolist())

    def epoch(self) -> Any:
        from keras.src.utils.rng_utils import get_random_seed

        rows, size, shuffle = len(self), self.adapter._batch_size, self.adapter._shuffle
        seed = get_random_seed()
        if shuffle != "batch":
            return permutation(rows, seed) if shuffle else np.arange(rows)
        starts = range(0, rows, size)
        inside = batch_permutations([min(size, rows - start) for start in starts], seed)
        return np.concatenate([start + order for start, order in zip(starts, inside, strict=True)])


def _jax_batches(adapter: Any, converted: Callable[..., Any], inputs: Any) -> Iterator[Any]:
    """Yield the batches of an epoch, in the place of `ArrayDataAdapter._get_iterator`."""
    from keras import tree

    order = _Order(adapter).epoch()
    for start in range(0, len(order), adapter._batch_size):
        rows = order[start : start + adapter._batch_size]
        yield tree.map_structure(partial(converted, indices=rows), inputs, none_is_leaf=False)


def _torch_loader(loader_of: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return what makes Keras's loader, and gives it the order."""

    def lent(adapter: Any) -> Any:
        from torch.utils.data import BatchSampler, DataLoader

        loader = loader_of(adapter)
        batches = BatchSampler(_Order(adapter), adapter._batch_size, drop_last=False)
        return DataLoader(loader.dataset, batch_sampler=batches, collate_fn=loader.collate_fn)

    return lent


def _pair(seed: Any) -> tuple[int, int]:
    """Return [seed, counter] of a seed of any kind, and move a generator on."""
    from keras.src.random.seed_generator import draw_seed

    if isinstance(seed, int):
        return seed, 0  # torch would make an int32 of it
    first, counter = np.asarray(draw_seed(seed)).tolist()
    return first, counter


def _uniform(
    shape: Any, minval: float = 0.0, maxval: float = 1.0, dtype: Any = None, seed: Any = None
) -> Any:
    import keras

    dtype = dtype or keras.config.floatx()
    first, counter = _pair(seed)
    numbers = uniform_between(minval, maxval, tuple(shape), first, counter, dtype)
    return keras.ops.convert_to_tensor(numbers, dtype=dtype)


def _mask_shape(inputs: Any, noise_shape: Any) -> tuple[int, ...]:
    shape = tuple(inputs.shape)
    if noise_shape is None:
        return shape
    return tuple(shape[axis] if size is None else size for axis, size in enumerate(noise_shape))


def _kept(pair: Any, shape: tuple[int, ...], rate: float, dtype: str) -> Any:
    """Return where numbers are kept, as TensorFlow decides it."""
    first, counter = np.asarray(pair).tolist()
    numbers = uniform(shape, first, counter, "float64" if dtype == "float64" else "float32")
    return numbers >= numbers.dtype.type(rate)


def _jax_dropout(inputs: Any, rate: float, noise_shape: Any = None, seed: Any = None) -> Any:
    import jax
    from keras.src.random.seed_generator import draw_seed

    if rate in (0.0, 1.0):
        return inputs if rate == 0.0 else jax.numpy.zeros_like(inputs)
    pair = seed if isinstance(seed, jax.Array) else draw_seed(seed)
    shape = _mask_shape(inputs, noise_shape)
    # a callback, since inside a compiled step the seed is no number yet
    mask = jax.pure_callback(
        lambda numbers: _kept(numbers, shape, rate, str(inputs.dtype)),
        jax.ShapeDtypeStruct(shape, bool),
        pair,
    )
    scale = inputs.dtype.type(1 / (1 - rate))
    return jax.numpy.where(mask, inputs * scale, jax.numpy.zeros_like(inputs))


def _torch_dropout(inputs: Any, rate: float, noise_shape: Any = None, seed: Any = None) -> Any:
    import torch

    if rate in (0.0, 1.0):
        return inputs if rate == 0.0 else torch.zeros_like(inputs)
    if inputs.device.type == "meta":  # Keras works out a shape: nothing is drawn
        return inputs
    dtype = str(inputs.dtype).removeprefix("torch.")
    kept = _kept(_pair(seed), _mask_shape(inputs, noise_shape), rate, dtype)
    mask = torch.from_numpy(kept).to(inputs.device)
    scale = float(np.dtype(dtype).type(1 / (1 - rate)))
    return torch.where(mask, inputs * scale, torch.zeros_like(inputs))
