"""What minidense is meant to reach, and whether it does."""

from dataclasses import dataclass

from benchmarks.contenders import CONTENDERS
from benchmarks.costs import Cost
from benchmarks.results import SUBJECT, Table, times

WIDE = (
    "fit-batch-128",
    "fit-batch-1024",
    "fit-width-512",
    "fit-width-512-batch-128",
    "fit-width-2048",
    "fit-width-2048-batch-1024",
    "fit-3-layers-512",
)
# Workload, contender: at least how many times the seconds of minidense it needs.
FASTER_THAN = {
    ("fit-batch-32", "keras-tensorflow"): 8.0,
    ("fit-batch-32", "keras-jax"): 1.6,
    ("fit-batch-32", "torch-loop"): 2.3,
    ("fit-batch-32", "scikit-learn"): 2.3,
    ("fit-batch-32", "jax-scan"): 1.0,
    ("predict-10000", "keras-tensorflow"): 5.0,
    ("one-call", "keras-tensorflow"): 40.0,
    ("one-call", "onnxruntime"): 1.0,
    ("one-predict", "keras-tensorflow"): 500.0,
}
# Workload: at most how many times the seconds of the floor minidense needs.
FLOORS = {"fit-batch-32": 1.9, **dict.fromkeys(WIDE, 1.25), "predict-10000": 1.5}
SECONDS = {"one-call": 25e-6, "one-predict": 60e-6}
IMPORT_SECONDS, IMPORT_MEGABYTES = 0.030, 10.0
NOT_PEERS = ("floor", SUBJECT)


@dataclass(frozen=True)
class Verdict:
    """One thing asked for, and what was found."""

    asked: str
    bound: str
    found: str
    reached: bool


def verdicts(table: Table, costs: list[Cost]) -> list[Verdict]:
    """Return what can be said from these measurements; what was not measured is left out."""
    found = []
    for (workload, contender), bound in FASTER_THAN.items():
        ratio = table.ratio(workload, contender)
        if ratio is not None:
            asked = f"`{workload}`: {contender} needs so many times the time"
            found.append(Verdict(asked, f">= {bound:g}", times(ratio), ratio >= bound))
    for workload, bound in FLOORS.items():
        ratio = table.ratio(workload, SUBJECT, to="floor")
        if ratio is not None:
            asked = f"`{workload}`: so many times the floor"
            found.append(Verdict(asked, f"<= {bound:g}", times(ratio), ratio <= bound))
    for workload in WIDE:
        peers = [name for name in table.contenders(workload) if is_peer(name)]
        ratios = {name: table.ratio(workload, name) for name in peers}
        known = {name: ratio for name, ratio in ratios.items() if ratio is not None}
        if known:
            best = min(known, key=lambda name: known[name])
            asked = f"`{workload}`: the quickest peer, {best}, needs so many times the time"
            found.append(Verdict(asked, ">= 1", times(known[best]), known[best] >= 1))
    for workload, bound in SECONDS.items():
        result = table.results.get((workload, SUBJECT))
        if result is not None and result.seconds:
            us = result.median * 1e6
            asked = f"`{workload}`: us a call"
            found.append(Verdict(asked, f"<= {bound * 1e6:g}", f"{us:.1f}", us <= bound * 1e6))
    return found + of_imports(costs)


def is_peer(name: str) -> bool:
    """Whether this is somebody else, on the same processor."""
    return name not in NOT_PEERS and CONTENDERS[name].device == "cpu"


def of_imports(costs: list[Cost]) -> list[Verdict]:
    """Say what importing minidense adds to importing NumPy."""
    by_name = {cost.name: cost for cost in costs}
    ours, numpy = by_name.get(SUBJECT), by_name.get("numpy")
    if ours is None or numpy is None or ours.failure or numpy.failure:
        return []
    ms = (ours.median_seconds - numpy.median_seconds) * 1e3
    mb = ours.median_megabytes - numpy.median_megabytes
    return [
        Verdict(
            "import, after NumPy's own: ms",
            f"<= {IMPORT_SECONDS * 1e3:g}",
            f"{ms:.0f}",
            ms <= IMPORT_SECONDS * 1e3,
        ),
        Verdict(
            "import, after NumPy's own: MB",
            f"<= {IMPORT_MEGABYTES:g}",
            f"{mb:.1f}",
            mb <= IMPORT_MEGABYTES,
        ),
    ]
