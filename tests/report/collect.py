"""Everything that a report shows, as one dict of plain values; `tests/report` says which."""

import math
import platform
import shlex
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from tests import expected, profiles
from tests.report.kept import CURVES, FEATURES, LEFT_OUT, Case, Curve, Feature
from tests.report.outcomes import OUTCOMES, File, Outcomes

SCHEMA = 1
Report = dict[str, Any]
ORDER = ["failed", "expected", "within", "equal", "passed", "skipped", "not run"]
"""Results, from those to look at first."""


def report(seconds: float, selection: Sequence[str] = ()) -> Report:
    """Return the report of this run; `selection` is what its command line chose."""
    return gathered(FEATURES, CURVES, OUTCOMES) | {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(seconds, 1),
        "keras": _version("keras"),
        "backend": expected.backend(),
        "device": expected.device(),
        "versions": versions(),
        "platform": f"{platform.system()} {platform.machine()}, {processor()}",
        "profile": profiles.active().name,
        "seed": profiles.seed(),
        "command": command(selection),
        "left_out": dict(LEFT_OUT),
    }


def gathered(
    features: Mapping[str, Feature], curves: Mapping[str, Curve], outcomes: Outcomes
) -> Report:
    """Return the part of a report that the tests themselves made."""
    rows = sorted(
        map(feature_row, features.values()), key=lambda row: (_rank(row), row["name"].lower())
    )
    files = sorted(
        map(file_row, outcomes.files.values()), key=lambda row: (_rank(row), row["file"])
    )
    failed = any(row["result"] == "failed" for row in (*rows, *files))
    return {
        "schema": SCHEMA,
        "result": "failed" if failed else "passed",
        "complete": not any(row["not_run"] or row["deselected"] for row in files),
        "features": rows,
        "tests": files,
        "curves": [curve_row(curves[name]) for name in sorted(curves)],
    }


def feature_row(feature: Feature) -> Report:
    if feature.failed:
        result = "failed"
    elif feature.expected:
        result = "expected"
    else:
        result = "equal" if feature.equal == feature.cases else "within"
    row: Report = {"name": feature.name, "result": result}
    row |= {name: getattr(feature, name) for name in ("cases", "equal", "expected", "failed")}
    for name in ("absolute", "relative", "ulps", "rtol", "atol", "share"):
        row[name] = number(getattr(feature, name))
    row["histogram"] = {str(key): feature.histogram[key] for key in sorted(feature.histogram)}
    row["reasons"] = dict(feature.reasons)
    row["worst"] = [case_row(case) for case in feature.worst]
    return row


def case_row(case: Case) -> Report:
    row = {name: number(value) for name, value in case.distance._asdict().items()}
    row |= {name: number(getattr(case, name)) for name in ("rtol", "atol", "share")}
    texts = ("difference", "where", "reason", "test", "code", "seed")
    return row | {name: getattr(case, name) for name in texts}


def file_row(file: File) -> Report:
    row: Report = {"file": file.name, "result": file.result}
    for name in ("passed", "failed", "skipped", "xfailed", "xpassed"):
        row[name] = file.counts[name]
    row |= {"not_run": file.not_run, "deselected": file.deselected}
    row["seconds"] = round(file.seconds, 2)
    row["notes"] = [vars(note).copy() for note in file.notes]
    return row


def curve_row(curve: Curve) -> Report:
    row: Report = {"name": curve.name, "unit": curve.unit, "worst": number(curve.worst)}
    for name in ("keras", "minidense"):
        row[name] = [number(loss) for loss in getattr(curve, name)]
    return row


def number(value: float) -> float | str:
    """Return a number that JSON can write: "inf", "-inf" and "nan" are texts there."""
    return value if math.isfinite(value) else str(value)


def versions() -> dict[str, str]:
    """Return the versions of all that takes part."""
    names = dict.fromkeys(["keras", expected.backend(), "numpy", "minidense"])
    return {name: _version(name) for name in names} | {"python": platform.python_version()}


def _version(name: str) -> str:
    """Return a module's version: of one that is imported, since packages have other names too."""
    version = getattr(sys.modules.get(name), "__version__", None)
    if version:
        return str(version)
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "unknown"


def processor() -> str:
    """Return the processor's name where the system tells it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "an unnamed processor"


def command(selection: Sequence[str] = ()) -> str:
    """Return what repeats a run with these tests, from the same seed."""
    options = ["--parity-profile", profiles.active().name, "--parity-seed", str(profiles.seed())]
    if expected.backend() != "tensorflow":
        options += ["--keras-backend", expected.backend()]
    if expected.device() != "cpu":
        options += ["--keras-device", expected.device()]
    return shlex.join(["pytest", *(selection or ["-m", "parity"]), *options])


def _rank(row: Report) -> int:
    return ORDER.index(row["result"])
