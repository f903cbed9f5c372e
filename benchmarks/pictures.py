"""A run as a picture: bars for ratios, curves for growth."""

from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.report import Run
from benchmarks.results import SUBJECT, Table, times
from benchmarks.workloads import GROWTH

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OURS, THEIRS, FLOOR = "#1f6f8b", "#b8bec7", "#d98324"
UNITS = {"width": "units of the hidden layer", "depth": "hidden layers", "batch": "rows in a batch"}


def draw(run: Run, folder: Path) -> list[Path]:
    """Write the pictures that the run has numbers for; return their files."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        print("For the pictures: python -m pip install matplotlib")
        return []
    files = []
    workloads = [w for w in Table(run.results).workloads() if compared(run, w)]
    if workloads:
        columns = min(3, len(workloads))
        rows = -(-len(workloads) // columns)
        figure = Figure(figsize=(4.6 * columns, 0.8 + 3.1 * rows), layout="constrained")
        figure.suptitle("Times minidense's time (right: slower)")
        axes = figure.subplots(rows, columns, squeeze=False).ravel()
        for axis, workload in zip(axes, workloads, strict=False):
            bars(axis, Table(run.results), workload)
        for axis in axes[len(workloads) :]:
            axis.set_axis_off()
        files.append(folder / "ratios.png")
        figure.savefig(files[-1], dpi=110)
    if run.growth:
        figure = Figure(figsize=(10, 7.5), layout="constrained")
        figure.suptitle("Training time, as one thing is doubled")
        for axis, (name, _) in zip(figure.subplots(2, 2).ravel(), GROWTH.items(), strict=True):
            curves(axis, run, name)
        files.append(folder / "growth.png")
        figure.savefig(files[-1], dpi=110)
    return files


def compared(run: Run, workload: str) -> bool:
    """Whether minidense and another have done this work."""
    done = [r.contender for r in run.results if r.workload == workload and not r.failure]
    return SUBJECT in done and len(done) > 1


def bars(axis: "Axes", table: Table, workload: str) -> None:
    """Draw a bar for each contender, on a logarithmic axis, from 1: as long as minidense takes."""
    from matplotlib.ticker import LogLocator, NullFormatter

    ratios = {name: table.ratio(workload, name) for name in table.contenders(workload)}
    known = sorted((ratio, name) for name, ratio in ratios.items() if ratio is not None)
    for place, (ratio, name) in enumerate(known):
        color = {SUBJECT: OURS, "floor": FLOOR}.get(name, THEIRS)
        axis.barh(place, ratio - 1, left=1, color=color)
        axis.annotate(
            times(ratio),
            (ratio, place),
            xytext=(4 if ratio >= 1 else -4, 0),
            textcoords="offset points",
            ha="left" if ratio >= 1 else "right",
            va="center",
            fontsize=8,
        )
    axis.set_yticks(range(len(known)), [name for _, name in known], fontsize=8)
    axis.set_xscale("log")
    axis.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5), numticks=7))
    axis.xaxis.set_major_formatter("{x:g}")
    axis.xaxis.set_minor_formatter(NullFormatter())
    axis.set_xlim(min(1.0, *(ratio for ratio, _ in known)) / 2, None)
    axis.margins(x=0.25)
    axis.axvline(1, color=OURS, linewidth=1.5)
    axis.set_title(workload, fontsize=10)
    axis.invert_yaxis()
    axis.spines[["top", "right"]].set_visible(False)


def curves(axis: "Axes", run: Run, name: str) -> None:
    """Draw the time of a step beside the floor's; for rows, that of an epoch."""
    from matplotlib.ticker import LogLocator, NullFormatter

    results = Table(run.growth).results
    steps_of = {workload.name: workload.steps for workload in run.workloads}
    for contender, color in ((SUBJECT, OURS), ("floor", FLOOR)):
        points = []
        for workload in GROWTH[name]:
            result = results.get((workload.name, contender))
            if result is not None and result.seconds:
                steps = 1 if name == "rows" else steps_of[workload.name]
                points.append((int(workload.name.split("-")[1]), result.median / steps * 1e3))
        if points:
            axis.plot(*zip(*points, strict=True), "o-", color=color, label=contender)
    axis.set_xscale("log", base=2)
    axis.set_yscale("log")
    axis.xaxis.set_major_formatter("{x:g}")
    axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.yaxis.set_major_formatter("{x:g}")
    axis.yaxis.set_minor_formatter(NullFormatter())
    axis.set_xlabel(UNITS.get(name, "rows in an epoch"))
    axis.set_ylabel("ms an epoch" if name == "rows" else "ms a step")
    axis.grid(alpha=0.3)
    axis.legend(frameon=False)
