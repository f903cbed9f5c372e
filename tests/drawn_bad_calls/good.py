"""What a good call is: a function, what makes things ready for it, and its arguments."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.drawn_bad_calls.values import ANYTHING


@dataclass(frozen=True)
class Argument:
    """Values of one argument, as Python text: some that are right and some that are not."""

    good: tuple[str, ...]
    wrong: tuple[str, ...] = ()
    """Wrong by its meaning: out of range, misspelt, of a near kind."""
    anything: tuple[str, ...] = ANYTHING
    """Wrong by its kind, most of it the same for all arguments."""
    shape: tuple[int, ...] | None = None
    """For arrays: the right shape. Other shapes, dtypes and numbers are drawn."""


@dataclass(frozen=True)
class GoodCall:
    """One function with good arguments: those that it needs, by position, and others by name."""

    kind: str
    """What the report calls it: "Dense", "fit", "set_weights"."""
    function: str
    needed: Mapping[str, Argument]
    others: Mapping[str, Argument]
    always: str = ""
    """Text that ends each call, such as verbose=0."""
    preparations: tuple[str, ...] = ("",)

    def call(
        self,
        positional: list[str],
        named: Mapping[str, str],
        preparation: str = "",
        wrong: str = "",
    ) -> "Call":
        """Return the line of Python."""
        parts = [*positional, *(f"{name}={value}" for name, value in named.items())]
        always = [] if self.always.partition("=")[0] in named else [self.always]
        arguments = ", ".join([*parts, *filter(None, always)])
        ready = f"{preparation}; " if preparation else ""
        return Call(self.kind, f"{ready}{self.function}({arguments})", wrong)


@dataclass(frozen=True)
class Call:
    """A line of Python, and what is wrong with it."""

    kind: str
    text: str
    wrong: str = ""

    def __str__(self) -> str:
        return self.text
