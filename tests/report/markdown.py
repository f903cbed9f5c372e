"""The report as Markdown: tables that are read as they are, or on a page that shows Markdown."""

import re
from typing import Any

from tests.report import words
from tests.report.words import short

Row = dict[str, Any]


def markdown(report: Row) -> str:
    """Return the whole report."""
    parts = [
        f"# minidense held to Keras {report['keras']}: {report['result']}",
        words.verdict(report),
        table(["", ""], facts(report)),
        fence(report["command"], "sh"),
        "## Features",
        "Distances are the largest over all cases: absolute, relative, and in units in the last "
        "place. *Used* is the largest part of a tolerance that a case came to; where a tolerance "
        "is absolute, relative distances and ULP of numbers near 0 are large.",
        features(report),
        *worst(report),
        *curves(report),
        "## Tests",
        f"{words.outcomes(report['tests'])}.",
        tests(report),
        *notes(report),
    ]
    return "\n\n".join(parts) + "\n"


def facts(report: Row) -> list[list[str]]:
    """Return what ran where, and what was drawn."""
    rows = [[name, version] for name, version in words.versions(report)]
    rows += [["device", report["device"]], ["platform", report["platform"]]]
    rows += [["profile", report["profile"]], ["seed", str(report["seed"])]]
    return [*rows, ["run", f"{report['made']}, {report['seconds']:,.0f} seconds"]]


def features(report: Row) -> str:
    """Return the table of features, failed ones first."""
    head = ["feature", "result", "cases", "equal", "absolute", "relative", "ULP", "tolerance"]
    rows = [
        [
            row["name"],
            row["result"],
            f"{row['cases']:,}",
            f"{row['equal']:,}",
            *(short(row[name]) for name in ("absolute", "relative", "ulps")),
            words.tolerance(row),
            words.used(row),
        ]
        for row in report["features"]
    ]
    return table([*head, "used"], rows, right=range(2, 7))


def worst(report: Row) -> list[str]:
    """Return the worst cases of all features that differ, with what shows them again."""
    parts = []
    for row in report["features"]:
        for case in row["worst"][:1] if row["result"] == "within" else row["worst"]:
            distances = ", ".join(
                f"{name} {short(case[key])}"
                for name, key in [
                    ("absolute", "absolute"),
                    ("relative", "relative"),
                    ("ULP", "ulps"),
                ]
            )
            parts.append(f"### {plain(row['name'])} ({row['result']})")
            where = f"; in {plain(case['where'])}" if case["where"] else ""
            parts.append(f"{distances}; tolerance: {words.tolerance(case)}{where}.")
            if case["reason"]:
                parts.append(f"Expected: {plain(case['reason'])}")
            if case["difference"]:
                parts.append(fence(case["difference"]))
            parts += [f"Seed: {plain(case['seed'])}"] if case["seed"] else []
            again = words.repeat(case, report)
            if again:
                parts.append(fence(again, "python" if case["code"] else "sh"))
    return ["## Worst cases", *parts] if parts else []


def curves(report: Row) -> list[str]:
    """Return the ends of all curves; the page draws them."""
    rows = [
        [row["name"], f"{len(row['keras'])} × {row['unit']}", *_ends(row), short(row["worst"])]
        for row in report["curves"]
    ]
    head = ["training", "points", "first loss", "last loss", "largest relative difference"]
    return ["## Losses", table(head, rows, right=range(2, 5))] if rows else []


def _ends(row: Row) -> list[str]:
    return [f"{float(row['keras'][place]):.4g}" for place in (0, -1)] if row["keras"] else ["", ""]


def tests(report: Row) -> str:
    """Return the table of files of tests, failed ones first."""
    names = ["passed", "failed", "skipped", "xfailed", "xpassed", "not_run", "deselected"]
    rows = [
        [
            row["file"],
            row["result"],
            *(f"{row[name]:,}" if row[name] else "" for name in names),
            f"{row['seconds']:,.1f} s",
        ]
        for row in report["tests"]
    ]
    head = ["file", "result", *(name.replace("_", " ") for name in names), "time"]
    return table(head, rows, right=range(2, 10))


def notes(report: Row) -> list[str]:
    """Return the reason of each test that did not simply pass."""
    parts = []
    for outcome in ("failed", "skipped", "xfailed", "xpassed"):
        reasons = words.sentences(report["tests"], outcome)
        if reasons:
            parts.append(f"### {outcome}")
        for reason, node_ids in reasons:
            parts.append(f"{words.count(len(node_ids), 'test')}: {plain(reason)}")
            parts.append("\n".join(f"- {plain(node_id)}" for node_id in node_ids))
    return parts


def table(head: list[str], rows: list[list[str]], right: range = range(0)) -> str:
    """Return a table; columns in `right` are set to the right."""
    line = ["---:" if place in right else "---" for place in range(len(head))]
    body = [[plain(cell) for cell in row] for row in rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [head, line, *body])


def plain(text: str) -> str:
    """Return a text on one line, in which no sign means anything to Markdown or HTML."""
    return re.sub(r"([\\`*_\[\]<>|#&~])", r"\\\1", " ".join(text.split()))


def fence(text: str, language: str = "") -> str:
    """Return a text as a block of code, between fences that it cannot close."""
    runs = [len(run) for run in re.findall("`+", text)]
    ticks = "`" * max(3, *(length + 1 for length in [0, *runs]))
    return f"{ticks}{language}\n{text}\n{ticks}"
