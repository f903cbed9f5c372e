"""A run as text: tables that can be read in a terminal and as Markdown, and JSON."""

import json
import math
import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.contenders import CONTENDERS, Contender, gpus
from benchmarks.costs import Cost
from benchmarks.results import SUBJECT, Result, Table, in_words, times
from benchmarks.targets import verdicts
from benchmarks.workloads import GROWTH, Workload

PACKAGES = {"sklearn": "scikit-learn"}  # imported as, installed as


@dataclass
class Run:
    """All that one run measured."""

    command: str
    threads: int
    rounds: int
    contenders: list[Contender]
    missing: list[str]
    """A sentence for each contender that is not here."""
    workloads: list[Workload]
    quick: bool = False
    results: list[Result] = field(default_factory=list)
    growth: list[Result] = field(default_factory=list)
    costs: list[Cost] = field(default_factory=list)
    memory: list[dict[str, Any]] = field(default_factory=list)

    def header(self) -> dict[str, str]:
        """Return what a reader must know of the machine and the versions."""
        packages = {name for contender in self.contenders for name in contender.needs}
        versions = [f"NumPy {np.__version__}", f"Python {platform.python_version()}"]
        for name in sorted(PACKAGES.get(package, package) for package in packages):
            versions.append(f"{name} {version(name)}")
        blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
        return {
            "command": f"`{self.command}`",
            "processor": f"{processor()}, {os.cpu_count()} processors",
            "GPU": "; ".join(gpus()) or "none",
            "threads": f"{self.threads} for each contender",
            "rounds": f"{self.rounds}, all contenders in turn",
            "BLAS": f"{blas['name']} {blas['version']}",
            "versions": ", ".join(versions),
        }


def version(distribution: str) -> str:
    """Return the version; one who is installed under another name (tensorflow-cpu) has none."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "of another name"


def processor() -> str:
    """Return the processor's name."""
    file = Path("/proc/cpuinfo")
    if file.exists():
        for line in file.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def text(run: Run, pictures: Sequence[str] = ()) -> str:
    """Return the whole report, in Markdown that can be read as it stands."""
    parts = ["# Benchmarks: one run", facts(run.header())]
    found = verdicts(Table(run.results), run.costs)
    if run.quick:
        parts.append(QUICK)
    elif found:
        rows = [[v.asked, v.bound, v.found, "yes" if v.reached else "**no**"] for v in found]
        asked = table(["asked", "bound", "found", "reached"], rows)
        parts += ["## Asked and found", asked, GAPS]
    if run.results:
        parts += ["## Beside the others", RATIOS, ratios(run), "## Each in itself", details(run)]
    parts += [f"![{name.removesuffix('.png')}]({name})" for name in pictures]
    if run.growth:
        parts += ["## How cost grows", growth(run)]
    if run.costs:
        parts += ["## Import and size", costs(run.costs)]
    if run.memory:
        parts += ["## Memory over many single predictions", MEMORY, memory(run.memory)]
    failures = [(r.contender, r.workload, r.failure) for r in [*run.results, *run.growth]]
    failures += [(cost.name, "import", cost.failure) for cost in run.costs]
    failures += [(each["contender"], "memory", each.get("failure", "")) for each in run.memory]
    left_out = [
        *run.missing,
        *(f"{who} failed at {what}: {last_line(why)}" for who, what, why in failures if why),
    ]
    if left_out:
        parts += ["## Not here", "\n".join(f"- {sentence}" for sentence in left_out)]
    return "\n\n".join(parts) + "\n"


GAPS = "NOTES.md says what was tried to close the gaps, and what bounds a step."
QUICK = "Quick: small work, done once, to see that all works. **No figure here says what is fast.**"
RATIOS = """How many times minidense's time each needs: above 1 minidense is quicker. The first two
columns are minidense's own time (for `fit` a step's) and how many times the floor's it is. Ratios
are medians of the rounds' ratios."""
MEMORY = """`model(x)` on one row, again and again; the memory in use after a tenth of the calls and
at the end. Who needs too long stops early."""


def facts(header: dict[str, str]) -> str:
    return "\n".join(f"- {name}: {value}" for name, value in header.items())


def table(headers: list[str], rows: Iterable[list[str]]) -> str:
    """Return a table of Markdown with its columns in line; all but the first to the right.

    >>> print(table(["who", "s"], [["a", "1.5"]]))
    | who |   s |
    |:----|----:|
    | a   | 1.5 |
    """
    lines = [headers, *rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    first, *others = widths
    rule = f"|:{'-' * (first + 1)}|{''.join('-' * (width + 1) + ':|' for width in others)}"
    texts = [
        "| " + " | ".join([line[0].ljust(first), *map(str.rjust, line[1:], others)]) + " |"
        for line in lines
    ]
    return "\n".join([texts[0], rule, *texts[1:]])


def ratios(run: Run) -> str:
    """Return a row for each workload, a column for each contender."""
    results = Table(run.results)
    others = [c.name for c in run.contenders if c.name not in (SUBJECT, "floor")]
    steps = {w.name: w.steps if w.kind == "fit" else 1 for w in run.workloads}
    rows = []
    for workload in results.workloads():
        own = results.results.get((workload, SUBJECT))
        row = [workload]
        row.append(in_words(own.median / steps[workload]) if own and own.seconds else "")
        pairs = [(SUBJECT, "floor"), *((name, SUBJECT) for name in others)]
        found = [results.ratio(workload, name, to=other) for name, other in pairs]
        rows.append([*row, *("" if ratio is None else times(ratio) for ratio in found)])
    return table(["workload", SUBJECT, "x floor", *others], rows)


def details(run: Run) -> str:
    """Return a row for each workload and contender."""
    rows = [
        [
            result.workload,
            result.contender,
            in_words(result.median),
            f"{100 * result.spread:.0f} %",
            in_training(result.losses),
            CONTENDERS[result.contender].note,
        ]
        for result in run.results
        if result.seconds
    ]
    return table(["workload", "contender", "median", "spread", "losses", "note"], rows)


def in_training(losses: list[float | None]) -> str:
    """Return the first and the last mean loss of an epoch.

    >>> in_training([2.0, 1.0, 0.25]), in_training([None])
    ('2 to 0.25', '')
    """
    known = [loss for loss in losses if loss is not None]
    return f"{known[0]:.3g} to {known[-1]:.3g}" if known else ""


def growth(run: Run) -> str:
    """Return for each curve the times of minidense and of the floor, doubled step by step."""
    results = Table(run.growth)
    steps = {workload.name: workload.steps for workload in run.workloads}
    parts = []
    for name, workloads in GROWTH.items():
        rows = []
        for workload in workloads:
            pair = [results.results.get((workload.name, who)) for who in (SUBJECT, "floor")]
            ratio = results.ratio(workload.name, SUBJECT, to="floor")
            if ratio is not None and pair[0] and pair[1]:
                each = [in_words(result.median / steps[workload.name]) for result in pair if result]
                rows.append([workload.name, *each, times(ratio)])
        if rows:
            parts.append(table([name, f"{SUBJECT}, a step", "floor, a step", "ratio"], rows))
    return "\n\n".join(parts)


def costs(found: list[Cost]) -> str:
    rows = [
        [
            cost.name,
            f"{cost.median_seconds * 1e3:.0f} ms",
            f"{cost.median_megabytes:.0f} MB",
            f"{cost.disk:.1f} MB" if cost.disk < 10 else f"{cost.disk:.0f} MB",
        ]
        for cost in found
        if not cost.failure
    ]
    return table(["script of", "import", "memory after it", "on disk"], rows)


def memory(found: list[dict[str, Any]]) -> str:
    rows = [
        [
            answer["contender"],
            f"{answer['calls']:,}",
            f"{answer['megabytes'][0]:.1f} MB",
            f"{answer['megabytes'][-1]:.1f} MB",
        ]
        for answer in found
        if "failure" not in answer
    ]
    return table(["contender", "calls", "after a tenth", "at the end"], rows)


def last_line(failure: str) -> str:
    return failure.strip().splitlines()[-1]


def as_json(run: Run) -> str:
    """Return every number of the run; one that is none (NaN) as text, since JSON has no NaN."""
    numbers = {"header": run.header(), **asdict(run)}
    return json.dumps(without_nan(numbers), indent=1, allow_nan=False)


def without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_nan(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_nan(part) for part in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
