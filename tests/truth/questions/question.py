"""One row of the table, before it is measured."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from minidense.typing import Array
from tests.truth.exact import Exact


@dataclass(frozen=True)
class Question:
    """What both libraries are asked, and the true answer."""

    feature: str
    """As in the report: "sigmoid", "sigmoid: gradient"."""
    dtype: str
    inputs: str
    """What is hard about the inputs."""
    ask: Callable[[Any], Array]
    """What a library, `minidense` or `keras`, answers."""
    truth: Callable[[], Sequence[Exact]]
    """The true values of the answer's numbers, row after row."""

    @property
    def name(self) -> str:
        return f"{self.feature} | {self.dtype} | {self.inputs}"
