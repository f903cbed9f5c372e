"""The words and numbers that all forms of the report share."""

from collections import Counter
from typing import Any

Row = dict[str, Any]

NAMES = {
    "keras": "Keras",
    "tensorflow": "TensorFlow",
    "jax": "JAX",
    "numpy": "NumPy",
    "python": "Python",
}


def short(value: float | str) -> str:
    """Return a number in two digits, if it is no count: 0, 1.5, 12, 1.2e-7; infinity as a sign."""
    value = float(value)
    if value == 0:
        return "0"
    if value == float("inf"):
        return "∞"
    if 0.01 <= value < 10_000:
        return f"{value:.2g}" if value < 10 else f"{value:,.0f}"
    mantissa, _, exponent = f"{value:.1e}".partition("e")
    return f"{mantissa.removesuffix('.0')}e{int(exponent)}" if exponent else "no number"


def count(number: int, noun: str) -> str:
    """Return a number with its noun: "1 case", "2,000 cases"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def tolerance(row: Row) -> str:
    """Return how far apart a feature's numbers, or a case's, may be."""
    parts = [f"{name} {short(row[name])}" for name in ("rtol", "atol") if float(row[name])]
    return ", ".join(parts) or "equal"


def used(row: Row) -> str:
    """Return how much of the tolerance the worst case used."""
    share = float(row["share"])
    if share == 0 or tolerance(row) == "equal":
        return "–"
    if share > 1:
        return f"{short(share)}×"
    return f"{100 * share:.0f} %" if share >= 0.005 else "< 1 %"


def group(name: str) -> str:
    """Return the part of a feature's name that stands before the colon."""
    return name.partition(":")[0]


def versions(report: Row) -> list[tuple[str, str]]:
    """Return names and versions as people write them."""
    return [(NAMES.get(name, name), version) for name, version in report["versions"].items()]


def verdict(report: Row) -> str:
    """Return the outcome of a run in a sentence or two."""
    features, files = report["features"], report["tests"]
    bad = sum(row["result"] == "failed" for row in features)
    bad_tests = sum(row["failed"] for row in files)
    cases = sum(row["cases"] for row in features)
    equal = sum(row["equal"] for row in features)
    agree = f"{count(bad, 'feature')} of {len(features):,} failed"
    if not bad:
        all_of_them = f"all {len(features):,} features agree"
        agree = "the one feature agrees" if len(features) == 1 else all_of_them
    failed = f"{count(bad_tests, 'test')} failed; " if bad_tests else ""
    said = (
        f"{failed}{agree}: {count(cases, 'comparison')}, {equal:,} of them without any difference."
        if features
        else f"{failed}nothing was compared."
    )
    said = said[0].upper() + said[1:]
    known = sum(row["expected"] for row in features)
    if known:
        said += f" {count(known, 'difference')} expected, with a reason."
    if not report["complete"]:
        said += " Not all tests were run."
    for what, number in report["left_out"].items():
        said += f" There were too many {what}: {number:,} comparisons were checked and not kept."
    return said


def outcomes(files: list[Row]) -> str:
    """Return how many tests came out how: "412 passed, 3 skipped"."""
    names = ("failed", "passed", "skipped", "xfailed", "xpassed", "not_run", "deselected")
    sums = {name: sum(row[name] for row in files) for name in names}
    words = {"xfailed": "failed as expected", "xpassed": "passed against expectation"}
    said = [
        f"{number:,} {words.get(name, name.replace('_', ' '))}"
        for name, number in sums.items()
        if number
    ]
    return ", ".join(said) or "none"


def sentences(files: list[Row], outcome: str) -> list[tuple[str, list[str]]]:
    """Return each reason that notes of an outcome give, with the tests, most frequent first."""
    notes = [note for row in files for note in row["notes"] if note["outcome"] == outcome]
    reasons = Counter(note["reason"] for note in notes)
    return [
        (reason, [note["test"] for note in notes if note["reason"] == reason])
        for reason, _ in reasons.most_common()
    ]


def repeat(case: Row, report: Row) -> str:
    """Return what shows a case again: its code, else the command that runs its test."""
    if case["code"] or not case["test"]:
        return str(case["code"])
    seed = f"--parity-profile {report['profile']} --parity-seed {report['seed']}"
    test = case["test"].replace("'", "'\"'\"'")
    return f"pytest '{test}' {seed}"
