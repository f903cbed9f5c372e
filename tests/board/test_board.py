"""The board: what it finds different, under which entry it puts it, and what its page says."""

import json
from typing import Any

import pytest

from tests.board import board, markdown, suite
from tests.board.changes import ABSENT, changes, same, shown
from tests.board.environments import BoardError
from tests.expected import Expected

OLD, NEW = "3.8.0", "3.15.1"
DENSE = Expected("Dense looks at units since 3.13", probe=("errors/A0?",), keras="<3.13")


def none(version: str) -> list[Expected]:
    return []


def version(
    keras: str, answers: dict[str, Any], notes: tuple[suite.Note, ...] | None = ()
) -> board.Version:
    found = None if notes is None else suite.Suite(passed=7, notes=list(notes))
    return board.Version(keras, {"keras": keras, "numpy": "2.4.6"}, answers, found)


def made(
    old: dict[str, Any],
    new: dict[str, Any],
    *entries: Expected,
    notes: tuple[suite.Note, ...] | None = (),
) -> board.Board:
    return board.board(
        NEW, "tensorflow", [version(OLD, old, notes), version(NEW, new, ())], entries
    )


# Differences


def test_equal_answers_are_no_change() -> None:
    answers = {"errors/A01": "TypeError", "seeds/order": [[1, 2], [3]], "api/x": None}
    assert changes({OLD: answers, NEW: json.loads(json.dumps(answers))}, NEW, none) == []


def test_each_question_with_another_answer_is_a_change() -> None:
    old = {"errors/A01": None, "errors/A02": "TypeError", "summary/mlp": "a"}
    new = {"errors/A01": "ValueError", "errors/A02": "TypeError", "summary/mlp": "b"}
    found = changes({OLD: old, NEW: new}, NEW, none)
    assert [change.question for change in found] == ["errors/A01", "summary/mlp"]
    assert found[0].answers == {OLD: None, NEW: "ValueError"}
    assert found[0].unexpected == [OLD]


@pytest.mark.parametrize("missing", [OLD, NEW])
def test_a_question_that_one_version_lacks_is_a_change(missing: str) -> None:
    dumps: dict[str, dict[str, Any]] = {OLD: {"api/x": None}, NEW: {"api/x": None}}
    del dumps[missing]["api/x"]
    (change,) = changes(dumps, NEW, none)
    assert change.answers[missing] == ABSENT


def test_only_the_versions_that_differ_from_the_reference_differ() -> None:
    dumps = {OLD: {"a": 1}, "3.12.0": {"a": 2}, "3.14.0": {"a": 2}, NEW: {"a": 2}}
    (change,) = changes(dumps, NEW, none)
    assert change.differing == [OLD]
    (change,) = changes(dumps, OLD, none)
    assert change.differing == ["3.12.0", "3.14.0", NEW]


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (1, 1, True),
        (1, True, False),
        (0, False, False),
        (1, "1", False),
        (None, "None", False),
        ([1, [2]], [1, [2]], True),
        ([1, [2]], [1, [True]], False),
        ([1], [1, 2], False),
        ("a ", "a", False),
        ("float32(): 0.0", "float32(): -0.0", False),
        ("float32(): nan", "float32(): nan", True),
    ],
)
def test_answers_are_the_same_in_type_and_value(one: Any, other: Any, equal: bool) -> None:
    assert same(one, other) is equal


def test_an_answer_of_another_type_is_a_change() -> None:
    assert len(changes({OLD: {"a": True}, NEW: {"a": 1}}, NEW, none)) == 1


def test_an_entry_explains_the_versions_in_which_it_holds_only() -> None:
    dumps = {OLD: {"errors/A02": None}, "3.13.0": {"errors/A02": None}, NEW: {"errors/A02": "V"}}

    def known(keras: str) -> list[Expected]:
        return [DENSE] if DENSE.holds(keras, "tensorflow", "cpu") else []

    (change,) = changes(dumps, NEW, known)
    assert change.entries == {OLD: DENSE}
    assert change.unexpected == ["3.13.0"]


def test_what_an_entry_says_must_stand_in_the_answer() -> None:
    entry = Expected("because", probe=("a",), says="TypeError")
    dumps = {OLD: {"a": "KeyError"}, NEW: {"a": None}}
    assert changes(dumps, NEW, lambda _: [entry])[0].unexpected == [OLD]
    dumps[OLD]["a"] = "TypeError"
    assert not changes(dumps, NEW, lambda _: [entry])[0].unexpected


@pytest.mark.parametrize(
    ("answer", "beside", "text"),
    [
        (None, "ValueError", "None"),
        ("ValueError", None, "ValueError"),
        ("a\nb\nc", "a\nx\nc", "line 2: b"),
        ("a", "a\nx", "line 2: not there"),
        ([1, 2, 3], [1, 5, 3], "[1]: 2"),
        ([[1, 2], [3]], [[1, 2], [4]], "[1]: [0]: 3"),
        ([1], [1, 2], "only 1 of 2"),
        (["int32(2,): 1 2"], ["int32(2,): 1 3"], "[0]: int32(2,): 1 2"),
        ("float32(3,): 1.0 2.0 3.0", "float32(3,): 1.0 2.5 3.0", "float32(3,): 1.0 2.0 3.0"),
    ],
)
def test_an_answer_is_shown_in_a_line_from_where_it_differs(
    answer: Any, beside: Any, text: str
) -> None:
    assert shown(answer, beside) == text


def test_of_many_numbers_those_from_the_first_that_differs_are_shown() -> None:
    numbers = [f"{number}.0" for number in range(64)]
    others = [*numbers[:40], "0.5", *numbers[41:]]
    text = shown(f"float32(64,): {' '.join(numbers)}", f"float32(64,): {' '.join(others)}")
    assert text.startswith("float32(64,)[40]: 40.0 41.0")
    assert len(text) == 70


# The suite


def report(outcome: str = "failed", **changed: Any) -> str:
    note = {"test": "tests/test_a_parity.py::test_b[x]", "outcome": outcome, "reason": "1 != 2"}
    file = {"file": "tests/test_a_parity.py", "result": "failed", "passed": 5, "failed": 1}
    features = [{"reasons": {"other kernels": 3}}, {"reasons": {}}]
    content = {"complete": True, "tests": [{**file, "notes": [note]}], "features": features}
    return json.dumps({**content, **changed})


def test_a_failed_test_without_an_entry_is_unexpected() -> None:
    found = suite.read(report(), [Expected("because", test=("test_b[y]",))])
    assert (found.passed, found.count("failed")) == (5, 1)
    assert [note.test for note in found.unexpected] == ["tests/test_a_parity.py::test_b[x]"]
    assert found.reasons["other kernels"] == 3


def test_a_failed_test_with_an_entry_is_expected() -> None:
    entry = Expected("because", test=("test_b[*]",))
    found = suite.read(report(), [entry])
    assert not found.unexpected
    assert [note.entry for note in found.expected] == [entry]
    assert (found.count("failed"), found.count("xfailed")) == (0, 1)


def test_a_test_that_an_entry_no_longer_names_is_unexpected_again() -> None:
    found = suite.read(report("xfailed"), [])
    assert (found.count("failed"), found.count("xfailed")) == (1, 0)
    assert found.unexpected


def test_a_test_that_passes_though_it_is_listed_is_neither() -> None:
    found = suite.read(report("xpassed"), [Expected("because", test=("test_b[*]",))])
    assert (found.unexpected, found.expected, found.count("xpassed")) == ([], [], 1)


def test_a_file_that_could_not_be_run_is_unexpected() -> None:
    file = {"file": "tests/test_a_parity.py", "result": "failed", "passed": 0, "failed": 0}
    found = suite.read(report(tests=[{**file, "notes": []}]), [])
    assert [note.reason for note in found.unexpected] == ["the file could not be run"]


def test_a_run_that_was_stopped_is_no_result() -> None:
    with pytest.raises(BoardError, match="stopped"):
        suite.read(report(complete=False), [])


# The board


def test_explained_changes_stand_under_their_entry() -> None:
    found = made({"errors/A02": None}, {"errors/A02": "ValueError"}, DENSE)
    assert found.good
    assert [change.question for change in found.groups[0].changes] == ["errors/A02"]
    assert (found.expected_answers(OLD), found.unexpected_answers(OLD)) == (1, 0)
    assert (found.expected_answers(NEW), found.stale) == (0, [])


def test_an_unexplained_change_or_test_is_not_good() -> None:
    assert not made({"errors/B01": None}, {"errors/B01": "ValueError"}, DENSE).good
    failed = suite.Note("test_a_parity.py::test_b", "failed", "1 != 2")
    found = made({}, {}, notes=(failed,))
    assert not found.good
    assert found.failed == [(OLD, failed)]


def test_a_pattern_that_matched_nothing_in_its_versions_is_stale() -> None:
    entry = Expected("because", probe=("a", "b"), test=("test_c",), feature=("d",), keras="<3.9")
    found = made({"a": 1}, {"a": 2}, entry)
    assert [pattern for _, pattern in found.stale] == [
        "probe = b",
        "test = test_c",
        "feature = d",
    ]


def test_a_pattern_is_not_stale_where_nobody_looked() -> None:
    later = Expected("because", probe=("b",), keras=">=3.9,<3.12")
    unrun = Expected("because", test=("test_c",), keras="<3.9")
    assert made({"a": 1}, {"a": 1}, later, unrun, notes=None).stale == []


def test_the_page_has_the_counts_and_each_difference_with_versions_and_reason() -> None:
    note = suite.Note("tests/test_a_parity.py::test_b[x|y/z]", "xfailed", "1 != 2")
    entry = Expected(
        "Dense looks at\nunits since 3.13",
        probe=("errors/A0?",),
        test=("test_b[*]",),
        keras="<3.13",
        kind="errors",
    )
    note.entry = entry
    found = made({"errors/A02": None}, {"errors/A02": "ValueError"}, entry, notes=(note,))
    page = markdown.page(found)
    assert "| **3.8.0** | numpy 2.4.6 | 7 | 0 | 1 | 0 | 1 | 1 | 0 |" in page
    assert "## Differences that nothing explains\n\nNone." in page
    assert "## Errors\n\n**Keras <3.13.** Dense looks at units since 3.13" in page
    assert "| question | 3.8.0 | 3.15.1 |" in page
    assert "| `errors/A02` | `None` | `ValueError` |" in page
    assert "Tests that show it: `test_a_parity.py::test_b`." in page
    assert "not needed" not in page


def test_the_page_shows_every_unexplained_difference() -> None:
    old = {f"errors/B{number}": None for number in range(50)}
    new = {f"errors/B{number}": "ValueError" for number in range(50)}
    failed = suite.Note("tests/test_a_parity.py::test_b", "failed", "1 != 2 | so\nit is")
    page = markdown.page(made(old, new, notes=(failed,)))
    assert all(f"| `errors/B{number}` | `None` | `ValueError` |" in page for number in range(50))
    assert "| 3.8.0 | `tests/test_a_parity.py::test_b` | 1 != 2 \\| so it is |" in page


def test_the_page_only_counts_the_many_of_one_reason() -> None:
    entry = Expected("because", probe=("a/*",), kind="configs")
    old, new = {f"a/{number}": 1 for number in range(20)}, {}
    page = markdown.page(made(old, new, entry))
    assert page.count("| `a/") == markdown.SHOWN
    assert f"And {20 - markdown.SHOWN} more like these." in page


def test_the_page_names_what_is_stale() -> None:
    page = markdown.page(made({}, {}, Expected("because", probe=("gone",), keras="<3.9")))
    assert "## Entries that are not needed" in page
    assert "| `probe = gone` | <3.9 | because |" in page


def test_a_page_is_the_same_twice() -> None:
    arguments = ({"errors/A02": None, "b": 1}, {"errors/A02": "ValueError", "b": 2}, DENSE)
    assert markdown.page(made(*arguments)) == markdown.page(made(*arguments))


def test_bars_and_backticks_do_not_break_a_table() -> None:
    assert markdown.code("a|b") == "`a\\|b`"
    assert markdown.code("a`b") == "`` a`b ``"
