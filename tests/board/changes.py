"""Which answers differ between versions of Keras, and which of these differences are known."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.expected import Expected

ABSENT = "not there"

Answers = Mapping[str, Any]
"""A question's name to its answer, of one version."""


@dataclass
class Change:
    """A question that some version answers otherwise than the reference."""

    question: str
    answers: dict[str, Any]
    """Version to answer, in the order of the versions."""
    differing: list[str]
    """The versions whose answer is not the reference's."""
    entries: dict[str, Expected] = field(default_factory=dict)
    """The entry that says why, for each differing version that has one."""

    @property
    def subject(self) -> str:
        return self.question.partition("/")[0]

    @property
    def unexpected(self) -> list[str]:
        return [version for version in self.differing if version not in self.entries]


def changes(
    dumps: Mapping[str, Answers],
    reference: str,
    known: Callable[[str], Iterable[Expected]],
) -> list[Change]:
    """Return the questions that versions answer differently, by name.

    Args:
        dumps: each version's answers.
        reference: the version that the others are held against.
        known: gives the entries that hold for a version.
    """
    questions = sorted({question for answers in dumps.values() for question in answers})
    found = []
    for question in questions:
        answers = {version: dump.get(question, ABSENT) for version, dump in dumps.items()}
        differing = [each for each in answers if not same(answers[each], answers[reference])]
        if differing:
            found.append(Change(question, answers, differing))
    for change in found:
        for version in change.differing:
            text = as_text(change.answers[version])
            for entry in known(version):
                if entry.fits_probe(change.question, text):
                    change.entries[version] = entry
                    break
    return found


def same(one: Any, other: Any) -> bool:
    """Whether two answers are equal; 1, 1.0 and True are three answers.

    >>> same([1, "a"], [1, "a"]), same(1, True)
    (True, False)
    """
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and bool(one == other)


def as_text(answer: Any) -> str:
    return answer if isinstance(answer, str) else repr(answer)


def shown(answer: Any, beside: Any, width: int = 70) -> str:
    """Return an answer in one line: of a long one the first part that `beside` has otherwise.

    >>> shown("a\\nb\\nc", "a\\nx\\nc")
    'line 2: b'
    >>> shown(["a", "b"], ["a"])
    "[1]: 'b'"
    """
    if isinstance(answer, str) and isinstance(beside, str):
        lines, others = answer.split("\n"), beside.split("\n")
        if len(lines) > 1 or len(others) > 1:
            place = first_difference(lines, others)
            line = lines[place].strip() if place < len(lines) else "not there"
            return f"line {place + 1}: {_cut(line, width)}"
        if _is_array(answer) and _is_array(beside):
            return _array(answer, beside, width)
    if isinstance(answer, list) and isinstance(beside, list) and answer != beside:
        place = first_difference(answer, beside)
        if place >= len(answer):
            return f"only {len(answer)} of {len(beside)}"
        inner = beside[place] if place < len(beside) else None
        part = answer[place]
        nested = isinstance(part, list) or (_is_array(part) and _is_array(inner))
        text = shown(part, inner, width) if nested else _cut(repr(part), width)
        return f"[{place}]: {text}"
    return _cut(as_text(answer), width)


def first_difference(one: list[Any], other: list[Any]) -> int:
    """Return the first place where two lists differ; the shorter one's length, if nowhere else.

    >>> first_difference([1, 2], [1, 2, 3])
    2
    """
    for place, (left, right) in enumerate(zip(one, other, strict=False)):
        if not same(left, right):
            return place
    return min(len(one), len(other))


def _is_array(answer: Any) -> bool:
    if not isinstance(answer, str) or "): " not in answer:
        return False
    return answer.partition("(")[0].rstrip("0123456789") in {"float", "int", "uint", "bool"}


def _array(text: str, beside: str, width: int) -> str:
    """Return an array's text, of many numbers from the first that differs on."""
    (form, _, numbers), (_, _, others) = text.partition(": "), beside.partition(": ")
    words = numbers.split(" ")
    place = first_difference(words, others.split(" "))
    if len(text) <= width or place >= len(words):
        return _cut(text, width)
    return _cut(f"{form}[{place}]: {' '.join(words[place:])}", width)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"
