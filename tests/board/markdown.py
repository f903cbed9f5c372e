"""The board as a page of Markdown: the same findings give the same page, to the byte."""

from tests.board.board import Board, Group, Version
from tests.board.changes import Change, shown
from tests.expected import KINDS

SHOWN = 8
"""Rows of a table before the rest is only counted."""

TITLES = {
    "errors": "Errors",
    "summary": "Summaries and logs",
    "seeds": "Seeds, shuffles and masks",
    "configs": "Configs",
    "names": "Names",
    "numbers": "Numbers",
    "files": "Layout of files",
    "api": "Names and arguments that are not there yet",
    "other": "Else",
}


def page(board: Board) -> str:
    """Return the whole page."""
    parts = [
        "# What changed between Keras's versions",
        f"Written by `{command(board)}`. Keras {board.reference} is the reference: what a version "
        "answers is held against it. The probe asks real Keras only; the suite holds minidense, "
        "which does as the reference does, against it.",
        counts(board),
        "## Differences that nothing explains",
        unexplained(board),
    ]
    for kind in KINDS:
        groups = [group for group in board.groups if group.entry.kind == kind]
        if groups:
            parts.append(f"## {TITLES[kind]}")
            parts += [explained(group, board) for group in groups]
    if board.stale:
        parts += ["## Entries that are not needed", stale(board)]
    return "\n\n".join(parts) + "\n"


def command(board: Board) -> str:
    versions = " ".join(version.keras for version in board.versions)
    backend = "" if board.backend == "tensorflow" else f" --backend {board.backend}"
    return f"python -m tests.board {versions}{backend}"


def counts(board: Board) -> str:
    """Return what each version ran with, and how much of each was found."""
    header = ["Keras", "with", "tests passed", "failed", "expected differences", "skipped"]
    header += ["answers of the probe", "that differ, explained", "unexplained"]
    return table(header, [count(board, version) for version in board.versions])


def count(board: Board, version: Version) -> list[str]:
    beside = ", ".join(
        f"{package} {number}"
        for package, number in version.versions.items()
        if package not in ("keras", "h5py")
    )
    suite = version.suite
    tests = ["not run"] + [""] * 3
    if suite:
        passed = suite.passed + suite.count("xpassed")
        unexpected = len(suite.unexpected)
        tests = [
            str(passed),
            str(unexpected),
            str(len(suite.expected)),
            str(suite.count("skipped")),
        ]
    return [
        f"**{version.keras}**",
        beside,
        *tests,
        str(len(version.answers)),
        str(board.expected_answers(version.keras)),
        str(board.unexpected_answers(version.keras)),
    ]


def unexplained(board: Board) -> str:
    """Return all that is not in the file; each of them makes the run fail."""
    if board.good:
        return "None."
    parts = []
    if board.unexpected:
        parts.append(answers(board.unexpected, board, limit=None))
    if board.failed:
        rows = [[version, code(note.test), cell(note.reason)] for version, note in board.failed]
        parts.append(table(["Keras", "test", "it says"], rows))
    return "\n\n".join(parts)


def explained(group: Group, board: Board) -> str:
    """Return one reason, with where it holds and everything that it explains."""
    entry = group.entry
    where = ", ".join(
        text
        for text in (
            f"Keras {entry.keras}" if entry.keras else "",
            entry.backend and f"on {entry.backend}",
            entry.device and f"on the {entry.device}",
        )
        if text
    )
    parts = [f"**{where or 'Everywhere'}.** {' '.join(entry.reason.split())}"]
    if group.changes:
        parts.append(answers(group.changes, board, limit=SHOWN))
    if group.tests:
        parts.append(f"Tests that show it: {tests(group)}.")
    if group.comparisons:
        parts.append(f"Comparisons of the suite that show it: {group.comparisons}.")
    return "\n\n".join(parts)


def answers(changes: list[Change], board: Board, limit: int | None) -> str:
    """Return what the versions answer, side by side."""
    versions = [version.keras for version in board.versions]
    rows = [
        [code(change.question), *(code(answer(change, each, board.reference)) for each in versions)]
        for change in changes[:limit]
    ]
    text = table(["question", *versions], rows)
    rest = changes[limit:] if limit else []
    return f"{text}\n\nAnd {len(rest)} more like these." if rest else text


def answer(change: Change, version: str, reference: str) -> str:
    """Return an answer, of a long one the part that differs."""
    own = change.answers[version]
    beside = change.answers[reference]
    if version not in change.differing:  # show what the first one that differs has otherwise
        beside = change.answers[change.differing[0]]
    return shown(own, beside)


def tests(group: Group) -> str:
    """Return the tests by name, a parametrized one once, with how many of its cases."""
    cases: dict[str, set[str]] = {}
    for _, note in group.tests:
        node, _, case = note.test.partition("[")
        cases.setdefault(node.rpartition("/")[2], set()).add(case)
    return ", ".join(
        f"`{name}`" + (f" ({len(found)} cases)" if len(found) > 1 else "")
        for name, found in sorted(cases.items())
    )


def stale(board: Board) -> str:
    """Return patterns that matched nothing: to be taken out of the file, or mended."""
    rows = [
        [code(pattern), entry.keras or "any", cell(entry.reason)] for entry, pattern in board.stale
    ]
    return "These matched nothing here:\n\n" + table(["pattern", "Keras", "reason"], rows)


def table(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def cell(text: str, width: int = 160) -> str:
    """Return a text for a table's cell: one line, its bars escaped."""
    line = " ".join(text.split())
    line = line if len(line) <= width else f"{line[: width - 1]}…"
    return line.replace("|", "\\|")


def code(text: str) -> str:
    """Return a text as code for a table's cell; a text with backticks is fenced by two."""
    fence = "``" if "`" in text else "`"
    inner = f" {text} " if "`" in text else text
    return f"{fence}{inner}{fence}".replace("|", "\\|").replace("\n", " ")
