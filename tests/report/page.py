"""The report as one HTML page that needs nothing else: no script, no font, no other file."""

from collections.abc import Callable, Iterable
from html import escape
from pathlib import Path
from typing import Any

from tests.report import pictures, words
from tests.report.words import short

FAILURES_UNFOLDED = 5
STYLE = Path(__file__).with_name("style.css")
Row = dict[str, Any]

FEATURE_COLUMNS: list[tuple[str, str, Callable[[Row], str]]] = [
    ("cases", "number", lambda row: f"{row['cases']:,}"),
    ("equal", "number", lambda row: f"{row['equal']:,}"),
    ("absolute", "number", lambda row: short(row["absolute"])),
    ("relative", "number", lambda row: short(row["relative"])),
    ("ULP", "number", lambda row: short(row["ulps"])),
    ("tolerance", "", words.tolerance),
    ("used", "number", words.used),
]
OUTCOMES = ["passed", "failed", "skipped", "xfailed", "xpassed", "not_run", "deselected"]


def page(report: Row) -> str:
    """Return the whole page."""
    title = escape(f"minidense held to Keras {report['keras']}: {report['result']}")
    sections = [
        head(report),
        section("Failed tests", failures(report)),
        section("Features", features(report)),
        section("Losses", losses(report)) if report["curves"] else "",
        section("Tests", tests(report)),
        section("Why tests were skipped, or failed as expected", reasons(report)),
    ]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{title}</title>\n<style>\n{STYLE.read_text(encoding='utf-8')}</style>\n</head>\n"
        f"<body>\n<main>\n{''.join(sections)}</main>\n</body>\n</html>\n"
    )


def section(title: str, content: str) -> str:
    return f"<section>\n<h2>{title}</h2>\n{content}</section>\n" if content else ""


def head(report: Row) -> str:
    """Return the verdict, what ran where, and how to run it again."""
    facts = words.versions(report)
    facts += [("device", report["device"]), ("profile", report["profile"])]
    facts += [("seed", str(report["seed"])), ("time", f"{report['seconds']:,.0f} s")]
    facts += [("made", report["made"]), ("platform", report["platform"])]
    pairs = [f"<div><dt>{escape(name)}</dt><dd>{escape(said)}</dd></div>" for name, said in facts]
    return (
        f"<header>\n<h1>minidense held to Keras {escape(report['keras'])} "
        f'{badge(report["result"])}</h1>\n<p class="verdict">{escape(words.verdict(report))}'
        f"</p>\n<dl>{''.join(pairs)}</dl>\n<p>The same again:</p>\n"
        f"{code(report['command'])}</header>\n"
    )


def features(report: Row) -> str:
    """Return the table of features, each with its worst cases folded below it."""
    names = [name for name, _, _ in FEATURE_COLUMNS]
    heads = ["feature", "result", *names, "distribution of relative differences"]
    rows = [feature_row(row, report) for row in report["features"]]
    legend = (
        "<p>Distances are the largest over all cases of a feature; ULP are units in the last "
        "place. <em>Used</em> is the largest part of a tolerance that a case came to; where a "
        "tolerance is absolute, relative distances and ULP of numbers near 0 are large. In the "
        "pictures, the bar on the left is of the cases without any difference, heights are "
        "logarithms, and the line is the relative tolerance where there is no other.</p>\n"
    )
    return legend + table("features", heads, rows)


def feature_row(row: Row, report: Row) -> str:
    """Return a row of the table, and one below it where there are cases to show."""
    cells = [f'<th scope="row">{escape(row["name"])}</th>', cell("result", badge(row["result"]))]
    cells += [cell(name, escape(text(row)), kind) for name, kind, text in FEATURE_COLUMNS]
    picture = pictures.distribution(row) if row["histogram"] else ""
    cells.append(cell("distribution", picture, "picture"))
    folded = worst_cases(row, report)
    if folded:
        cells[0] = cells[0].replace("<th ", '<th class="more" ')
        folded = f'<tr class="folded"><td colspan="{len(cells)}">{folded}</td></tr>\n'
    return f'<tr class="{row["result"]}">{"".join(cells)}</tr>\n{folded}'


def worst_cases(row: Row, report: Row) -> str:
    """Return a feature's worst cases, folded; those that failed are open."""
    if not row["worst"]:
        return ""
    open_ = " open" if row["result"] == "failed" else ""
    said = f"{row['failed']:,} of {words.count(row['cases'], 'case')} failed: " * bool(open_)
    counted = "the worst case" if len(row["worst"]) == 1 else f"the worst {len(row['worst'])} cases"
    reasons = [
        f"<p>Expected in {words.count(number, 'case')}: {escape(reason)}</p>\n"
        for reason, number in row["reasons"].items()
    ]
    cases = [case_block(case, report) for case in row["worst"]]
    return (
        f"<details{open_}><summary>{said}{counted}</summary>\n{''.join(reasons)}"
        f"<ol>{''.join(cases)}</ol></details>"
    )


def case_block(case: Row, report: Row) -> str:
    """Return a case: how far apart, what differs, and what shows it again."""
    parts = [
        f"<p>absolute {short(case['absolute'])}, relative {short(case['relative'])}, "
        f"ULP {short(case['ulps'])}; tolerance: {words.tolerance(case)}"
        f"{'; in ' * bool(case['where'])}{escape(case['where'])}</p>\n"
    ]
    if case["reason"]:
        parts.append(f"<p>Expected: {escape(case['reason'])}</p>\n")
    if case["difference"]:
        parts.append(code(case["difference"], "said"))
    if case["seed"]:
        parts.append(f"<p>Seed: {escape(case['seed'])}</p>\n")
    if case["code"] and case["test"]:
        parts.append(f"<p>In {escape(case['test'])}:</p>\n")
    again = words.repeat(case, report)
    return f"<li>{''.join(parts)}{code(again) if again else ''}</li>\n"


def losses(report: Row) -> str:
    """Return the curves of both libraries, drawn over each other."""
    figures = [
        f"<figure><figcaption>{escape(row['name'])}"
        f"<small>largest relative difference {short(row['worst'])}</small></figcaption>"
        f"{pictures.curves(row)}</figure>\n"
        for row in report["curves"]
    ]
    legend = (
        '<p><span class="key keras"></span> Keras, <span class="key minidense"></span> '
        "minidense drawn over it; below, (minidense - Keras) / |Keras|.</p>\n"
    )
    return f'{legend}<div class="figures">{"".join(figures)}</div>\n'


def tests(report: Row) -> str:
    """Return the table of files of tests."""
    shown = [name for name in OUTCOMES if any(row[name] for row in report["tests"])]
    heads = ["file", "result", *(name.replace("_", " ") for name in shown), "time"]
    rows = []
    for row in report["tests"]:
        cells = [f'<th scope="row">{escape(row["file"])}</th>']
        cells.append(cell("result", badge(row["result"])))
        cells += [cell(name.replace("_", " "), f"{row[name]:,}", "number") for name in shown]
        cells.append(cell("time", f"{row['seconds']:,.1f} s", "number"))
        rows.append(f'<tr class="{row["result"].replace(" ", "-")}">{"".join(cells)}</tr>\n')
    said = f"<p>{escape(words.outcomes(report['tests']))}.</p>\n"
    return said + table("tests", heads, rows) if rows else ""


def failures(report: Row) -> str:
    """Return the tests that failed, each with its last words folded; many are folded as a whole."""
    notes = [n for row in report["tests"] for n in row["notes"] if n["outcome"] == "failed"]
    items = [
        f"<li><details><summary>{escape(note['test'])}</summary>\n"
        f"{code(note['reason'], 'said')}</details></li>\n"
        for note in notes
    ]
    open_ = " open" if len(notes) <= FAILURES_UNFOLDED else ""
    listed = f'<ol class="failed">{"".join(items)}</ol>'
    said = f"<summary>{words.count(len(notes), 'test')}</summary>"
    return f"<details{open_}>{said}{listed}</details>\n" if notes else ""


def reasons(report: Row) -> str:
    """Return each sentence that a skip or an expected failure gave; the tests are folded."""
    items = []
    for outcome in ("skipped", "xfailed", "xpassed"):
        for reason, node_ids in words.sentences(report["tests"], outcome):
            listed = "".join(f"<li>{escape(node_id)}</li>" for node_id in node_ids)
            count = words.count(len(node_ids), "test")
            items.append(
                f"<li>{badge(outcome)} {escape(reason or 'no reason given')}\n"
                f"<details><summary>{count}</summary><ul>{listed}</ul></details></li>\n"
            )
    return f'<ul class="reasons">{"".join(items)}</ul>\n' if items else ""


def table(name: str, heads: list[str], rows: Iterable[str]) -> str:
    """Return a table; on a narrow window, its rows become cards."""
    cells = "".join(f'<th scope="col">{escape(head)}</th>' for head in heads)
    return (
        f'<table class="{name}">\n<thead><tr>{cells}</tr></thead>\n'
        f"<tbody>\n{''.join(rows)}</tbody>\n</table>\n"
    )


def cell(name: str, content: str, kind: str = "") -> str:
    """Return a cell that knows its column's name, for the cards."""
    return f'<td class="{kind}" data-name="{escape(name, quote=True)}">{content}</td>'


def badge(result: str) -> str:
    return f'<span class="badge {result.replace(" ", "-")}">{escape(result)}</span>'


def code(text: str, kind: str = "code") -> str:
    return f'<pre class="{kind}"><code>{escape(text)}</code></pre>\n'
