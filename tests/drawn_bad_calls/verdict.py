"""Whether two answers to one call agree, and which disagreements are explained.

The same class of exception, or no exception and the same results: that is agreement. Where Keras
raises by an accident of TensorFlow, or takes a thing without meaning in silence, an entry of
`tests/accidents.toml` says what minidense does instead and why. An entry names Keras's classes,
minidense's class and a phrase of minidense's message, so that it explains one guard and no other.
"""

import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import numpy as np

from tests import record
from tests.drawn_bad_calls.answers import NO_ERROR, Answer
from tests.drawn_bad_calls.good import Call

FILE = Path(__file__).parents[1] / "accidents.toml"
LONGEST_MESSAGE = 400
TOLERANCE = 2e-6
"""Float32 sums in another order: a few units in the last place of numbers near 1."""


@dataclass(frozen=True)
class Accident:
    """One kind of call that Keras answers badly, and what minidense does instead."""

    kinds: list[str]
    """The kinds of calls, as in the catalogue, with the wildcards * and ?."""
    keras: list[str]
    """What Keras raises, or "no error"."""
    minidense: str
    reason: str
    example: str
    """A call that it explains; a test runs it."""
    says: str = ""
    """What stands in minidense's message; with the wildcard *."""
    text: str = "*"
    """What the call looks like, with the wildcards * and ?."""

    def explains(self, call: Call, theirs: Answer, ours: Answer) -> bool:
        """Whether this is about these two answers."""
        return (
            any(fnmatchcase(call.kind, kind) for kind in self.kinds)
            and theirs.raised in self.keras
            and ours.raised == self.minidense
            and matches(self.says, ours.message)
            and matches(self.text, call.text)
        )


def matches(pattern: str, text: str) -> bool:
    """Whether the parts of a pattern, which * divides, stand in a text one after another."""
    start = 0
    for part in pattern.split("*"):
        found = text.find(part, start)
        if found < 0:
            return False
        start = found + len(part)
    return True


ACCIDENTS = [
    Accident(**table) for table in tomllib.loads(FILE.read_text(encoding="utf-8"))["accident"]
]


def explained_by(call: Call, theirs: Answer, ours: Answer) -> Accident | None:
    """Return the entry that says why two answers differ."""
    return next((one for one in ACCIDENTS if one.explains(call, theirs, ours)), None)


def judge(call: Call, theirs: Answer, ours: Answer) -> None:
    """Raise AssertionError unless minidense's answer is Keras's or explained, and is clean."""
    expected, feature = theirs.raised, f"drawn bad calls: {call.kind}"
    accident = explained_by(call, theirs, ours)
    if accident is not None:
        expected, feature = accident.minidense, f"{feature}, where Keras answers badly"
    record.same(feature, expected, ours.raised, code=call.text)
    if ours.raised != NO_ERROR:
        _check_failure(call, ours)
    elif theirs.raised == NO_ERROR and accident is None:
        _compare_results(call, theirs.result, ours.result)


def judge_elsewhere(call: Call, theirs: Answer, ours: Answer) -> None:
    """Raise AssertionError for what must hold where Keras computes with JAX or torch.

    What Keras refuses, minidense refuses, in whichever class; what both take gives the same. That
    minidense refuses no more than it may is judged where its guards come from, on TensorFlow.
    """
    if ours.raised != NO_ERROR:
        _check_failure(call, ours)
    elif explained_by(call, theirs, ours) is None:
        feature = f"drawn bad calls: {call.kind}, refused by Keras"
        record.same(feature, theirs.raised, NO_ERROR, code=call.text)
        _compare_results(call, theirs.result, ours.result)


def _check_failure(call: Call, ours: Answer) -> None:
    """A failed call has a short message, and has changed nothing."""
    message = ours.message
    assert len(message) <= LONGEST_MESSAGE, f"{call}: {len(message)} characters: {message}"
    assert "array(" not in message.replace("np.array(", ""), f"{call}: an array in: {message}"
    assert "'module':" not in message, f"{call}: a configuration in: {message}"
    assert not ours.changed, f"{call} raised {ours.raised} and changed {ours.changed[:5]}"


def _compare_results(call: Call, theirs: dict[str, Any], ours: dict[str, Any]) -> None:
    """Where neither library complains, both give the same."""
    feature = f"drawn bad calls: {call.kind}, taken by both"
    record.same(feature, sorted(theirs), sorted(ours), code=call.text)
    for place, value in theirs.items():
        if isinstance(value, (float, np.ndarray)):
            _compare_numbers(feature, f"{call}\n# {place}", value, ours[place])
        else:
            record.same(feature, value, ours[place], code=f"{call}\n# {place}")


def _compare_numbers(feature: str, code: str, theirs: Any, ours: Any) -> None:
    one, other = np.asarray(theirs), np.asarray(ours)
    if one.dtype.kind in "fc" or one.dtype != other.dtype:
        record.close(feature, one, other, rtol=TOLERANCE, atol=TOLERANCE, code=code)
    else:
        record.same(feature, one, other, code=code)
