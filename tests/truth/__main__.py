"""Measure everything, and write TRUTH.md: `python -m tests.truth`."""

import math
import os
import platform
import sys
from importlib import metadata
from pathlib import Path

import numpy as np

from tests.truth.questions import every_question
from tests.truth.table import ALLOWED, ROWS, markdown, record

FILE = Path(__file__).with_name("TRUTH.md")

INTRODUCTION = """# How far from the truth

Each number that minidense and Keras compute is compared with the same formula in 60 digits, for
the very floats that went in. Written by `python -m tests.truth`, with
{versions}.

- The two columns are the worst errors in units in the last place (ULP) of the true value. At most
  0.5 is the nearest float. Below the smallest normal float a unit is the smallest subnormal one.
- Where terms of a sum may cancel, a unit of the result says nothing: the first figure is in units
  of the largest term (of 1 - y * y it is 1), the one in brackets in units of the result. For a
  softmax the term is the output times |x - max(x)|, since exp stretches the rounding of that
  difference. For Dense the sums on the way count as terms.
- Infinity and NaN are right or wrong: `inf` is an error without a number, where a library is finite
  and the truth is not, or the other way round.
- An error above 2 units is "off", and the verdict says why. In no line is minidense's worst error
  more than 2 units above Keras's, nor 16 times as large in units of the result, but for those that
  say "minidense further off": {faults} of {rows} comparisons.{singles}

There are {numbers} numbers in all; the comparisons of one feature that fared alike are one line.

{table}
"""


def main() -> int:
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras

    import minidense

    broken = []
    for question in every_question():
        with np.errstate(all="ignore"):
            answers = question.ask(keras), question.ask(minidense)
        try:
            record(question, *answers)
        except AssertionError as error:
            broken.append(str(error))
    FILE.write_text(document(), encoding="utf-8")
    print(*broken, f"{len(ROWS)} rows, {len(broken)} of them broken; see {FILE.name}", sep="\n")
    return bool(broken)


def document() -> str:
    """Return TRUTH.md for the rows that were measured."""
    rows = list(ROWS.values())
    names = ("keras", "tensorflow", "numpy", "mpmath")
    versions = [f"{name} {metadata.version(name)}" for name in names]
    versions += [f"Python {platform.python_version()}", platform.system(), platform.machine()]
    return INTRODUCTION.format(
        versions=", ".join(versions),
        rows=f"{len(rows):,}",
        faults=sum(row.is_fault for row in rows),
        numbers=f"{sum(row.cases for row in rows):,}",
        singles=_singles(),
        table=markdown(rows),
    )


def _singles() -> str:
    """Name the other rows in which minidense is further off in a single number."""
    rows = [row for row in ROWS.values() if ALLOWED < row.further < math.inf and not row.is_fault]
    listed = "; ".join(
        f"{row.feature}, {row.dtype}, {row.inputs} (by {row.further:.1f}; and Keras by "
        f"{max(row.behind, 0):.1f} in another)"
        for row in rows
    )
    return f"\n- In single numbers minidense is more than 2 units further off in {listed}." * bool(
        rows
    )


if __name__ == "__main__":
    sys.exit(main())
