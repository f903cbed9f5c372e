"""The short form of the report, for the end of a run: a line a group, no wider than 80 columns."""

import textwrap
from collections.abc import Iterator
from typing import Any

from tests.report import words
from tests.report.words import short

WIDTH = 80
NAME = 27
WIDTHS = (10, 10, 9, 7, 7)
COLORS = {"FAILED": "red", "expected": "yellow"}
Row = dict[str, Any]
Line = tuple[str, str]
"""A line, and the colour it is printed in; "" for the terminal's own."""


def lines(report: Row) -> Iterator[Line]:
    """Return the lines of the short form."""
    made_with = ", ".join(f"{name} {version}" for name, version in words.versions(report))
    yield from wrapped(f"{made_with}; {report['device'].upper()}")
    yield "", ""
    if report["features"]:
        yield row_of("", "cases", "equal", "relative", "ULP", "used"), ""
    for name, features in groups(report["features"]):
        yield group_line(name, features)
    for feature in report["features"]:
        if feature["result"] == "failed":
            yield from failure(feature)
    for name, why in skipped(report["tests"]):
        yield from wrapped(f"{name}: {why}", "  ")
    yield from wrapped(f"tests: {words.outcomes(report['tests'])}")
    color = "red" if report["result"] == "failed" else "green"
    yield from wrapped(words.verdict(report), color=color)
    yield from wrapped(f"to repeat: {report['command']}", "  ")


def groups(features: list[Row]) -> list[tuple[str, list[Row]]]:
    """Return features by what stands before the colon of their names."""
    found: dict[str, list[Row]] = {}
    for feature in features:
        found.setdefault(words.group(feature["name"]), []).append(feature)
    return sorted(found.items(), key=lambda pair: pair[0].lower())


def group_line(name: str, features: list[Row]) -> Line:
    """Return a group's counts and its largest distances, and whether anything failed."""
    counts = [f"{sum(row[key] for row in features):,}" for key in ("cases", "equal")]
    largest = [short(max(float(row[key]) for row in features)) for key in ("relative", "ulps")]
    with_tolerance = [row for row in features if words.used(row) != "–"]
    worst = max(with_tolerance, key=lambda row: float(row["share"]), default=None)
    results = {row["result"] for row in features}
    result = "FAILED" if "failed" in results else "expected" if "expected" in results else "ok"
    columns = [*counts, *largest, words.used(worst) if worst else "–"]
    return row_of(name, *columns, result), COLORS.get(result, "")


def row_of(name: str, *columns: str) -> str:
    """Return a line of the table."""
    cells = "".join(cell.rjust(width) for cell, width in zip(columns, WIDTHS, strict=False))
    name = name if len(name) < NAME else f"{name[: NAME - 2]}…"
    return f"{name:<{NAME}}{cells}  {''.join(columns[len(WIDTHS) :])}".rstrip()


def failure(feature: Row) -> Iterator[Line]:
    """Return a failed feature, and what its worst case says."""
    said = f"{feature['failed']} of {words.count(feature['cases'], 'case')} failed"
    yield from wrapped(f"{feature['name']}: {said}", "  ", "red")
    for case in feature["worst"][:1]:
        for line in case["difference"].splitlines()[:2]:  # Keras's, and minidense's
            yield from wrapped(f"  {line}"[:400], "    ")
        if case["test"]:
            yield from wrapped(f"  {case['test']}", "    ")


def skipped(files: list[Row]) -> Iterator[tuple[str, str]]:
    """Return each reason for which tests were skipped or expected to fail, and how many."""
    for outcome in ("skipped", "xfailed", "xpassed"):
        for reason, node_ids in words.sentences(files, outcome):
            yield f"{outcome}, {words.count(len(node_ids), 'test')}", reason or "no reason given"


def wrapped(text: str, indent: str = "", color: str = "") -> Iterator[Line]:
    """Return a text on lines that fit; long words are broken."""
    for line in textwrap.wrap(text, WIDTH, subsequent_indent=indent, break_on_hyphens=False) or [
        ""
    ]:
        yield line, color
