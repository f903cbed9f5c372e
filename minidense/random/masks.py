"""The masks of dropouts, which are read ahead: one call of the cipher for many steps."""

import math
import threading

import numpy as np

from minidense.random.streams import MANTISSA_BITS, blocks_of, mantissas, word_rows
from minidense.typing import Array, DTypeName

_BLOCKS_AHEAD = 32768  # 512 KiB
_STEPS_AHEAD = 64
_STREAMS = 64  # that are remembered: more dropouts than that do not read ahead


class MaskStream:
    """The dropout masks of one seed and rate, read ahead where the counter goes up by one.

    A number is kept where its uniform number is `rate` or more. A mask says so by bits: all ones
    (-1, as a signed integer) to keep a number, all zeros to drop it.

    One call of the cipher for many small masks costs a fraction of as many calls. The masks are
    those of `uniform`, in any order of counters: this is a cache, and changes no bit.

    Reading ahead starts with the second of two calls in a row of the same size. A call of another
    size, such as a short last batch, is answered by itself and leaves what was read ahead in place.

    Args:
        seed: as in `uniform`.
        rate: the share that is dropped, between 0 and 1.

    >>> stream = MaskStream(119540832, rate=0.5)
    >>> stream.mask(counter=0, size=2)  # the uniform numbers are 0.979 and 0.482
    array([-1,  0], dtype=int32)
    """

    def __init__(self, seed: int, rate: float) -> None:
        self.seed = seed
        self.rate = rate
        self._ahead: Array = np.empty((0, 0))  # (counters, size)
        self._counters = range(0)
        self._kind: tuple[int, DTypeName] | None = None
        self._previous: tuple[int, tuple[int, DTypeName]] | None = None

    def mask(self, counter: int, size: int, dtype: DTypeName = "float32") -> Array:
        """Return `-(uniform((size,), seed, counter, dtype) >= rate)`, read-only.

        It is int32 for "float32" and int64 for "float64": as wide as the numbers.

        Raises:
            ValueError: for another dtype than "float32" or "float64".
        """
        kind = (size, dtype)
        is_alike = kind == self._kind
        after = counter - self._counters.stop
        if is_alike and counter in self._counters:
            mask: Array = self._ahead[counter - self._counters.start]
        # the next step; or the one after it, where a short batch of an epoch came between
        elif self._previous == (counter - 1, kind) or (is_alike and after in (0, 1)):
            counters = range(counter, counter + _steps_ahead(size, dtype))
            self._ahead = self._read(counters, *kind)
            self._counters, self._kind = counters, kind
            mask = self._ahead[0]
        else:
            mask = self._read(range(counter, counter + 1), *kind)[0]
        self._previous = (counter, kind)
        return mask

    def _read(self, counters: range, size: int, dtype: DTypeName) -> Array:
        words = word_rows(self.seed, counters, size, dtype)
        mask = mantissas(words, dtype)[:, :size]
        # A uniform number is its mantissa over a power of two, so whole numbers can be compared.
        rate: float = np.dtype(dtype).type(self.rate)
        smallest_kept = math.ceil(rate * 2.0 ** MANTISSA_BITS[dtype])
        np.subtract(smallest_kept - 1, mask, out=mask)  # negative where kept
        np.right_shift(mask, 8 * mask.itemsize - 1, out=mask)  # the sign in all bits
        mask.flags.writeable = False
        return mask


class _Streams(threading.local):
    """The streams that this thread reads masks from: reading ahead is no thing to share."""

    def __init__(self) -> None:
        self.by_seed: dict[tuple[int, float], MaskStream] = {}


_streams = _Streams()


def dropout_mask(
    seed: int, counter: int, shape: tuple[int, ...], rate: float, dtype: DTypeName = "float32"
) -> Array:
    """Return a mask of a dropout: -1 (all bits) where a number is kept, else 0; read-only.

    Args:
        seed: as in `uniform`.
        counter: as in `uniform`.
        shape: the dimensions of the mask.
        rate: the share that is dropped, between 0 and 1.
        dtype: of the numbers, "float32" or "float64".

    >>> dropout_mask(119540832, 0, (2,), rate=0.5)
    array([-1,  0], dtype=int32)
    """
    streams = _streams.by_seed
    if (seed, rate) not in streams:
        if len(streams) == _STREAMS:
            streams.pop(next(iter(streams)))
        streams[seed, rate] = MaskStream(seed, rate)
    return streams[seed, rate].mask(counter, math.prod(shape), dtype).reshape(shape)


def _steps_ahead(size: int, dtype: DTypeName) -> int:
    """Return how many steps to read at once: at most 64, and 512 KiB."""
    return max(1, min(_STEPS_AHEAD, _BLOCKS_AHEAD // max(1, blocks_of(size, dtype))))
