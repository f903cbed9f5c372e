"""minidense and Keras against the truth, side by side: tests/truth/TRUTH.md, measured again.

Nowhere is minidense further from the truth than Keras by more than 2 units in the last place, and
where a library is off by more, the table says why.
"""

import re

import keras
import numpy as np
import pytest

import minidense
from tests.reference_only import tensorflow, usual_kernels, version
from tests.truth.__main__ import FILE
from tests.truth.questions import Question, every_question
from tests.truth.reasons import FAULTS, REASONS, fault_in, reason_for
from tests.truth.table import ALLOWED, ROWS, record

tf = tensorflow("the table of truth is about it.")
version("the table of truth is about it.")

QUESTIONS: dict[str, list[Question]] = {}
for _question in every_question():
    QUESTIONS.setdefault(f"{_question.feature}, {_question.dtype}", []).append(_question)


@pytest.mark.parametrize("questions", QUESTIONS.values(), ids=QUESTIONS.keys())
def test_minidense_is_no_further_from_the_truth_than_keras(questions: list[Question]) -> None:
    broken = []
    for question in questions:
        with np.errstate(all="ignore"):
            answers = question.ask(keras), question.ask(minidense)
        try:
            record(question, *answers)
        except AssertionError as error:
            broken.append(str(error))
    assert not broken, "\n".join(broken)


# What follows needs the rows of the tests above


def all_rows_or_skip() -> None:
    if len(ROWS) < sum(map(len, QUESTIONS.values())):
        pytest.skip("only a part of the table was measured in this run")


def test_every_reason_explains_a_row() -> None:
    usual_kernels("another kernel rounds otherwise, and has no need of some reasons.")
    all_rows_or_skip()
    used = set()
    for row in ROWS.values():
        worst = (row.keras.in_term_units, row.minidense.in_term_units)
        if max(worst) > ALLOWED and not row.is_fault:
            used.add(reason_for(row.feature, row.dtype, row.inputs, *worst))
    assert not {reason for reason in REASONS if reason.everywhere} - used


def test_every_known_fault_is_still_there() -> None:
    all_rows_or_skip()
    seen = {fault_in(row.feature, row.dtype, row.inputs) for row in ROWS.values() if row.is_fault}
    assert not set(FAULTS) - seen, "mended: take it out of `reasons.FAULTS`, and write TRUTH.md"


def test_the_written_table_has_the_lines_that_were_measured() -> None:
    """Its figures belong to the versions that it names; which features it has does not."""
    all_rows_or_skip()
    cells = [re.split(r" (?<!\\)\| ", line) for line in FILE.read_text("utf-8").splitlines()]
    written = {(cell[0].removeprefix("| "), cell[1]) for cell in cells if len(cell) == 7}
    measured = {(row.feature, row.dtype) for row in ROWS.values()}
    assert written - {("feature", "dtype")} == measured


def test_every_wrong_answer_that_is_written_up_can_be_seen() -> None:
    """The lines of each reproduction in KERAS_IS_WRONG.md run, and print what stands there."""
    usual_kernels("a NaN in a softmax, for one, stays alone there.")
    text = FILE.with_name("KERAS_IS_WRONG.md").read_text("utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert len(blocks) > 5
    for block in blocks:
        printed: list[str] = []
        names = {
            "keras": keras,
            "np": np,
            "tf": tf,
            "print": lambda *values, into=printed: into.append(" ".join(map(str, values))),
        }
        wanted = re.findall(r"^# (.*)$", block, re.MULTILINE)
        with np.errstate(all="ignore"):
            exec(block, names)
        assert "\n".join(printed).split("\n") == wanted, block
