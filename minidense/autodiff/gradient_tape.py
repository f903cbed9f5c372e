"""Gradients of what is computed in a `with` block, for training loops and steps of one's own.

Mirrors `tf.GradientTape` (`tensorflow/python/eager/backprop.py`). What notes the operations is
`engine/tape.py`, and the way back is `engine/gradients.py`.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import numpy as np

from minidense import checks, ops
from minidense.autodiff.watched import Watched, is_tensor
from minidense.nest import flatten, leaves_of, pack_like
from minidense.tensors import Symbolic
from minidense.variables import Variable


class GradientTape:
    """Notes what is computed with trainable variables and watched tensors, to go back through it.

    In plain Python each operation is computed and noted; in a `train_step` that `fit` traces, the
    gradients become a part of the trace. Tapes in tapes give gradients of gradients.

    Args:
        persistent: whether gradients can be asked for several times.
        watch_accessed_variables: whether each variable that is read is watched, if it was made
            trainable; as in Keras, it is also watched when its layer was frozen later.

    >>> from minidense import Variable
    >>> weight = Variable([2.0, 3.0])
    >>> with GradientTape() as tape:
    ...     loss = ops.sum(weight * weight)
    >>> tape.gradient(loss, [weight])
    [array([4., 6.], dtype=float32)]
    """

    def __init__(self, persistent: bool = False, watch_accessed_variables: bool = True) -> None:
        self._persistent = persistent
        self._watch_accessed_variables = watch_accessed_variables
        self._recording = False
        self._watched_variables: tuple[Variable, ...] = ()
        self._watched: Watched | None = None

    def __enter__(self) -> "GradientTape":
        checks.tape_is_idle(self._recording)
        self._watched = self._watched or Watched(self._watch_accessed_variables)
        self._watched.tape.__enter__()
        self._recording = True
        return self

    def __exit__(self, *error: Any) -> None:
        if self._recording:
            self._pause("be left")

    def _pause(self, wish: str) -> None:
        checks.tape_is_recording(self._recording, wish)
        if self._watched is not None:
            self._watched.tape.__exit__()
        self._recording = False

    def watch(self, tensor: Any) -> None:
        """Note from now on what is computed with a tensor or a variable, or with those in a list.

        Raises:
            ValueError: for what is neither.
            AttributeError: for a tape that was not entered, or has answered.
        """
        for each in leaves_of(tensor):
            checks.can_be_watched(each, is_tensor(each))
            checks.tape_was_entered(self._watched is not None, AttributeError)
            self._noted.add(each)

    @contextmanager
    def stop_recording(self) -> Iterator[None]:
        """Note nothing in the block.

        Raises:
            RuntimeError: for a tape that was not entered, or has answered.
            ValueError: outside of its block.
        """
        checks.tape_was_entered(self._watched is not None, RuntimeError)
        self._pause("stop")
        try:
            yield
        finally:
            self.__enter__()

    def reset(self) -> None:
        """Forget what has been noted and watched, and begin anew.

        Raises:
            ValueError: outside of its block.
        """
        self._pause("be reset")
        self._watched = None
        self.__enter__()

    def watched_variables(self) -> tuple[Variable, ...]:
        """Return the variables that are watched, in the order in which they were first read."""
        if self._watched is not None:
            self._watched_variables = self._watched.variables
        return self._watched_variables

    def gradient(
        self,
        target: Any,
        sources: Any,
        output_gradients: Any = None,
        unconnected_gradients: Any = "none",
    ) -> Any:
        """Return how a target changes with each source, in the nesting of the sources.

        Args:
            target: a tensor, or nested ones; the gradient is that of the sum of all their numbers.
            sources: variables and watched tensors, and what was computed from them; nested.
            output_gradients: the gradient of each target; None is 1 for each number.
            unconnected_gradients: "none", or "zero", what a source has that no target depends on.

        Raises:
            RuntimeError: if the tape has answered before, and is not persistent.
            TypeError: for a target or source that is None.
            AttributeError: for one that is no tensor and no variable.
            ValueError: for another `unconnected_gradients`, and for output gradients that are None
                or have other shapes or dtypes than the targets.
        """
        self._ask()
        is_zero = checks.unconnected_gradients(unconnected_gradients)
        found = self._noted.gradients(target, flatten(sources), output_gradients, is_zero)
        self._answered()
        return pack_like(sources, found)

    def jacobian(
        self,
        target: Any,
        sources: Any,
        unconnected_gradients: Any = "none",
        parallel_iterations: int | None = None,
        experimental_use_pfor: bool = True,
    ) -> Any:
        """Return how each number of a target changes with each number of the sources.

        Args:
            target: a tensor.
            sources: as in `gradient`.
            unconnected_gradients: as in `gradient`.
            parallel_iterations: TensorFlow's; the numbers are gone through one by one here.
            experimental_use_pfor: likewise.

        Returns:
            For each source, target's shape + source's shape.

        Raises:
            RuntimeError: as in `gradient`.
            NotImplementedError: in a trace in which the target's shape is not known.
        """
        self._ask()
        is_zero = checks.unconnected_gradients(unconnected_gradients)
        is_plain = not isinstance(target, Symbolic)
        checks.jacobian_by_loop(experimental_use_pfor or not is_plain, self._persistent)
        shape, flat = tuple(target.shape), flatten(sources)
        size = checks.sizes_known("jacobian", shape)
        ones = np.eye(size, dtype=str(target.dtype)).reshape(size, *shape)
        rows = [
            self._noted.gradients(target, flat, ops.convert_to_tensor(one), is_zero) for one in ones
        ]
        self._answered()
        return pack_like(sources, [_stacked(each, 0, shape) for each in zip(*rows, strict=True)])

    def batch_jacobian(
        self,
        target: Any,
        source: Any,
        unconnected_gradients: Any = "none",
        parallel_iterations: int | None = None,
        experimental_use_pfor: bool = True,
    ) -> Any:
        """Return the jacobian of each row of a target by the same row of the source.

        Args:
            target: a tensor, (rows, a, ...); each row depends on that row of the source alone.
            source: a tensor, (rows, b, ...).
            unconnected_gradients: as in TensorFlow it has no effect: a jacobian of 0 is 0.
            parallel_iterations: as in `jacobian`.
            experimental_use_pfor: as in `jacobian`.

        Returns:
            (rows, a, ..., b, ...).

        Raises:
            RuntimeError: as in `gradient`.
            ValueError: for ranks below 2, and for different numbers of rows.
        """
        self._ask()
        checks.unconnected_gradients(unconnected_gradients)
        checks.batches_agree(tuple(target.shape), tuple(source.shape))
        is_plain = not isinstance(target, Symbolic)
        checks.jacobian_by_loop(experimental_use_pfor or not is_plain, self._persistent)
        shape = tuple(target.shape)[1:]
        size = checks.sizes_known("batch_jacobian", shape)
        ones = np.eye(size, dtype=str(target.dtype)).reshape(size, *shape)
        columns = [
            self._noted.gradients(target, [source], ops.zeros_like(target) + one, True)[0]
            for one in ones
        ]
        self._answered()
        return _stacked(columns, 1, (target.shape[0], *shape))

    @property
    def _noted(self) -> Watched:
        return cast(Watched, self._watched)  # `_ask` has seen that it is there

    def _ask(self) -> None:
        checks.unused_tape(self._watched is not None)
        if self._recording and not self._persistent:
            self._pause("answer")

    def _answered(self) -> None:
        if not self._persistent:
            self.watched_variables()
            self._watched = None


def _stacked(parts: Sequence[Any], axis: int, before: tuple[int | None, ...]) -> Any:
    """Return gradients of single numbers as one jacobian, or None."""
    if parts[0] is None:
        return None
    shape = (*before, *parts[0].shape[axis:])
    whole = ops.stack(list(parts), axis=axis)
    return ops.reshape(whole, tuple(-1 if dim is None else dim for dim in shape))
