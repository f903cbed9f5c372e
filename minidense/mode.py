"""Who notes what is computed in this thread: nobody, a tape, or a trace.

Mirrors what TensorFlow calls eager execution, `tf.GradientTape` and `tf.function`.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol


class Recorder(Protocol):
    """A tape or a trace: what is told of each operation and of each change of a variable."""

    @property
    def unmade(self) -> dict[Any, Any] | None:
        """The variables that are not made yet, where only shapes are wanted and nothing is run."""

    def note(self, operation: Any, inputs: Any, settings: dict[str, Any]) -> Any:
        """Note an operation and return its outputs."""

    def read(self, variable: Any) -> Any:
        """Return the tensor that a variable's value is just now."""

    def assign(self, variable: Any, value: Any) -> Any:
        """Note that a variable has another value from now on."""


class _Mode(threading.local):
    recorder: Recorder | None = None
    variables_made = 0


mode = _Mode()
"""`mode.recorder` is None in plain mode: an operation is computed, and forgotten.

`mode.variables_made` counts the variables of this thread: what makes some is traced twice.
"""


@contextmanager
def noted_by(recorder: Recorder | None) -> Iterator[None]:
    """Let a recorder note all that is done in the block; None is plain mode."""
    before = mode.recorder
    mode.recorder = recorder
    try:
        yield
    finally:
        mode.recorder = before
