"""On JAX and torch, Keras is lent TensorFlow's random streams.

Each backend of Keras draws from streams of its own, so one seed gives other weights, masks and
orders on each. That difference is known and is no subject of a test. For everything else to be
compared on every backend, `lend` puts minidense's streams, which are TensorFlow's bit for bit, in
the place of the backend's: uniform numbers, dropout masks, and the order of the rows.

What goes through: `keras.src.backend.random.uniform` and `.dropout`, `np.random.permutation` in
Keras's data adapter, and torch's `RandomSampler`. Batches that are shuffled inside
(`shuffle="batch"`) and normal numbers keep the backend's own streams.
"""

import types
from typing import Any

import numpy as np

from minidense.random.streams import permutation, uniform, uniform_between


def lend(backend: str) -> None:
    """Replace the streams of Keras's backend, "jax" or "torch", for the rest of the process."""
    import keras.src.backend as keras_backend
    from keras.src.trainers.data_adapters import array_data_adapter

    keras_backend.random.uniform = _uniform
    keras_backend.random.dropout = {"jax": _jax_dropout, "torch": _torch_dropout}[backend]
    adapter_numpy = types.ModuleType("numpy")
    adapter_numpy.__dict__.update(np.__dict__)
    adapter_numpy.random = types.SimpleNamespace(permutation=_order)  # type: ignore[attr-defined]
    array_data_adapter.np = adapter_numpy
    if backend == "torch":
        import torch

        torch.utils.data.RandomSampler = lambda rows: _order(len(rows)).tolist()


def _order(rows: int) -> Any:
    from keras.src.utils.rng_utils import get_random_seed

    return permutation(rows, get_random_seed())


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
