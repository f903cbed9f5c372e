"""What was measured, and what follows from it: medians, ratios, the way to write a time."""

import statistics
from collections.abc import Iterable
from dataclasses import dataclass, field

SUBJECT = "minidense"


@dataclass
class Result:
    """The seconds that one contender needed for one workload, a number for each round."""

    workload: str
    contender: str
    seconds: list[float] = field(default_factory=list)
    losses: list[float | None] = field(default_factory=list)
    """Of each epoch, where it trained."""
    failure: str = ""
    """Why there are no seconds."""

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def spread(self) -> float:
        """The longest less the shortest, as a share of the median."""
        return (max(self.seconds) - min(self.seconds)) / self.median


class Table:
    """Results by workload and contender."""

    def __init__(self, results: Iterable[Result]) -> None:
        self.results = {(result.workload, result.contender): result for result in results}

    def workloads(self) -> list[str]:
        return list(dict.fromkeys(workload for workload, _ in self.results))

    def contenders(self, workload: str) -> list[str]:
        return [name for found, name in self.results if found == workload]

    def ratio(self, workload: str, contender: str, to: str = SUBJECT) -> float | None:
        """Return how many times the seconds of `to` a contender needs; None if one is missing.

        It is the median of the ratios round by round: what slows the machine down for a while
        slows both.
        """
        pair = [self.results.get((workload, name)) for name in (contender, to)]
        if pair[0] is None or pair[1] is None or pair[0].failure or pair[1].failure:
            return None
        rounds = zip(pair[0].seconds, pair[1].seconds, strict=True)
        return statistics.median(one / other for one, other in rounds)


def in_words(seconds: float) -> str:
    """Return a time with three figures.

    >>> [in_words(seconds) for seconds in (0.00001234, 0.0123, 1.2345, 123.45)]
    ['12.3 us', '12.3 ms', '1.23 s', '123 s']
    """
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= size or unit == "us":
            number = seconds / size
            digits = 2 if number < 10 else 1 if number < 100 else 0
            return f"{number:.{digits}f} {unit}"
    raise AssertionError


def times(ratio: float) -> str:
    """Return a ratio with two or three figures.

    >>> [times(ratio) for ratio in (0.914, 2.346, 12.34, 512.3)]
    ['0.91', '2.35', '12.3', '512']
    """
    return f"{ratio:.{2 if ratio < 10 else 1 if ratio < 100 else 0}f}"
