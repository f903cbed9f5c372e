"""The order in which rows are seen, and the batches that come of it.

Mirrors `keras/src/trainers/data_adapters/array_data_adapter.py`. Under a global seed the order
is the same in every epoch and every later `fit`, since TensorFlow's shuffle is seeded by nothing
else; without one each epoch has its own.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from minidense.checks import warn_user
from minidense.random.seeds import get_global_seed
from minidense.random.streams import batch_permutations, permutation
from minidense.training.rows import Rows
from minidense.typing import Array


@dataclass
class Batches:
    """Rows of several arrays, a batch at a time.

    They lie one after the other in memory, however the arrays do, and floats come in
    `config.floatx()`.

    Args:
        arrays: arrays of the same length, or None for one that is not there.
        batch_size: rows in a batch; the last batch may be shorter.
        shuffle: True for a new order of all rows, "batch" for one inside each batch, or False.
        into: returns, for a number of rows, what a batch of so many is written into: an array of
            any dtype for each of `arrays`, or None to leave that to `Batches`.

    >>> [rows.tolist() for (rows,) in Batches([np.arange(5)], batch_size=2)]
    [[0, 1], [2, 3], [4]]
    >>> inputs = np.zeros((2, 1), "float32")
    >>> [(rows,)] = Batches([np.array([[7], [8]])], 2, into=lambda count: [inputs[:count]])
    >>> inputs.tolist()
    [[7.0], [8.0]]
    """

    arrays: Sequence[Array | None]
    batch_size: int
    shuffle: bool | str = False
    into: Callable[[int], Sequence[Array | None]] | None = None

    def __post_init__(self) -> None:
        self._rows = next(len(array) for array in self.arrays if array is not None)
        self._starts = range(0, self._rows, self.batch_size)
        self._seed = get_global_seed()
        self._order: Array | None = None

    def __len__(self) -> int:
        return len(self._starts)

    def __iter__(self) -> Iterator[list[Array | None]]:
        """Go once over all rows.

        A batch may be a view of the data. If not, it may lie in memory that is used again: it is
        good until the next one.
        """
        order = self._next_order() if self.shuffle else None
        each = [None if array is None else Rows(array, order) for array in self.arrays]
        for start in self._starts:
            stop = min(start + self.batch_size, self._rows)
            places = self.into(stop - start) if self.into else [None] * len(each)
            yield [
                None if rows is None else rows.read(start, stop, out)
                for rows, out in zip(each, places, strict=True)
            ]

    def _next_order(self) -> Array:
        """Return the order of this epoch; under a seed it is computed once."""
        if self._order is not None and self._seed is not None:
            return self._order
        if self.shuffle == "batch":
            sizes = [min(self.batch_size, self._rows - start) for start in self._starts]
            inside = batch_permutations(sizes, self._seed)
            parts = [start + part for start, part in zip(self._starts, inside, strict=True)]
            self._order = np.concatenate(parts)
        else:
            self._order = permutation(self._rows, self._seed)
        return self._order


class Epochs:
    """The batches of one epoch after the other.

    Without `steps`, each epoch goes once over all batches. With it, an epoch has that many, and
    begins where the last one stopped; the one in which the rows run out is shorter, with a warning,
    and the next begins with the first rows again.

    >>> epochs = Epochs(Batches([np.arange(4)], batch_size=1), steps=2)
    >>> [[int(rows[0]) for (rows,) in epochs] for _ in range(3)]
    [[0, 1], [2, 3], [0, 1]]
    """

    def __init__(self, batches: Batches, steps: int | None = None) -> None:
        self._batches = batches
        self._steps = steps
        self._left = 0

    def __len__(self) -> int:
        return len(self._batches) if self._steps is None else self._steps

    @property
    def coming(self) -> int:
        """How many batches the next epoch has."""
        left = self._left or len(self._batches)
        return left if self._steps is None else min(self._steps, left)

    def __iter__(self) -> Iterator[list[Array | None]]:
        if self._steps is None:
            yield from self._batches
            return
        if not self._left:
            self._rest = iter(self._batches)
            self._left = len(self._batches)
        for _ in range(self._steps):
            if not self._left:
                has = f"It has {len(self._batches)} batches in all"
                warn_user(f"Your input ran out of data: the epoch ends early. {has}.")
                return
            self._left -= 1
            yield next(self._rest)
