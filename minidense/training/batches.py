"""The order in which rows are seen, and the batches that come of it.

Answers to `keras/src/trainers/data_adapters/array_data_adapter.py`. Under a global seed the order
is the same in every epoch and every later `fit`, since TensorFlow's shuffle is seeded by nothing
else; without one each epoch has its own.
"""

import warnings
from collections.abc import Iterator

import numpy as np

from minidense.random.seeds import get_global_seed
from minidense.random.streams import batch_permutations, permutation
from minidense.typing import Array


class Batches:
    """Rows of several arrays, a batch at a time.

    Args:
        arrays: arrays of the same length, or None for one that is not there.
        batch_size: rows in a batch; the last batch may be shorter.
        shuffle: True for a new order of all rows, "batch" for one inside each batch, or False.

    >>> [rows.tolist() for (rows,) in Batches([np.arange(5)], batch_size=2)]
    [[0, 1], [2, 3], [4]]
    """

    def __init__(
        self, arrays: list[Array | None], batch_size: int, shuffle: bool | str = False
    ) -> None:
        self._arrays = arrays
        self._rows = next(len(array) for array in arrays if array is not None)
        self._starts = range(0, self._rows, batch_size)
        self._batch_size = batch_size
        self._shuffle = shuffle
        self._seed = get_global_seed()
        self._order: Array | None = None

    def __len__(self) -> int:
        return len(self._starts)

    def __iter__(self) -> Iterator[list[Array | None]]:
        """Go once over all rows.

        With a shuffle each batch is taken into the same memory: it is good until the next one.
        """
        if not self._shuffle:
            for start in self._starts:
                rows = slice(start, start + self._batch_size)
                yield [None if array is None else array[rows] for array in self._arrays]
            return
        order = self._next_order()
        buffers = [
            None if array is None else np.empty((self._batch_size, *array.shape[1:]), array.dtype)
            for array in self._arrays
        ]
        for start in self._starts:
            indices = order[start : start + self._batch_size]
            yield [
                None if array is None or buffer is None else _take(array, indices, buffer)
                for array, buffer in zip(self._arrays, buffers, strict=True)
            ]

    def _next_order(self) -> Array:
        """Return the order of this epoch; under a seed it is computed once."""
        if self._order is not None and self._seed is not None:
            return self._order
        if self._shuffle == "batch":
            sizes = [min(self._batch_size, self._rows - start) for start in self._starts]
            inside = batch_permutations(sizes, self._seed)
            parts = [start + part for start, part in zip(self._starts, inside, strict=True)]
            self._order = np.concatenate(parts)
        else:
            self._order = permutation(self._rows, self._seed)
        return self._order


def _take(array: Array, indices: Array, buffer: Array) -> Array:
    # mode="clip" lets NumPy write straight into the buffer; the indices are all in range
    return array.take(indices, axis=0, out=buffer[: len(indices)], mode="clip")


class Epochs:
    """The batches of one epoch after the other.

    Without `steps`, each epoch goes once over all batches. With it, an epoch has that many, and
    begins where the last one stopped; the one in which the rows run out is shorter, with a warning,
    and the next begins with the first rows again.

    >>> epochs = Epochs(Batches([np.arange(4)], batch_size=1), steps=2)
    >>> [[int(rows[0]) for (rows,) in epochs] for _ in range(3)]
    [[0, 1], [2, 3], [0, 1]]
    """

    def __init__(
        self, batches: Batches, steps: int | None = None, *, calls_to_user: int = 2
    ) -> None:
        self._batches = batches
        self._steps = steps
        self._stacklevel = 2 + calls_to_user  # for a warning that points at the user's line
        self._left = 0

    def __len__(self) -> int:
        return len(self._batches) if self._steps is None else self._steps

    def __iter__(self) -> Iterator[list[Array | None]]:
        if self._steps is None:
            yield from self._batches
            return
        if not self._left:
            self._rest = iter(self._batches)
            self._left = len(self._batches)
        for _ in range(self._steps):
            if not self._left:
                warnings.warn(
                    "Your input ran out of data: the epoch ends early. "
                    f"It has {len(self._batches)} batches in all.",
                    UserWarning,
                    stacklevel=self._stacklevel,
                )
                return
            self._left -= 1
            yield next(self._rest)


__all__ = ["Batches", "Epochs"]
