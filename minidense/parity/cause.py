"""A likely cause of a difference: what was tested, and what to do about it."""

from typing import NamedTuple


class Cause(NamedTuple):
    """One cause that a computation confirmed."""

    name: str
    """In two or three words: "transposed kernel"."""
    evidence: str
    """What was computed, and what it showed."""
    advice: str
    """What to do."""

    def __str__(self) -> str:
        return f"{self.name}: {self.evidence} {self.advice}"
