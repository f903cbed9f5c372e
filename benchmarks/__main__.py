"""minidense beside what one would use instead.

    python -m benchmarks                            # everything
    python -m benchmarks fit-batch-32 one-call      # these workloads
    python -m benchmarks growth import              # these groups
    python -m benchmarks fit --contenders minidense floor torch-loop

Tables go to the terminal; into the folder of `--out` go RESULTS.md, results.json and the pictures.
All of it takes about half an hour on two cores.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks import costs, pictures, referee, report
from benchmarks.contenders import CONTENDERS
from benchmarks.results import SUBJECT
from benchmarks.workloads import FIT, GROWING, GROWTH, PREDICT, Workload

GROUPS = {"fit": FIT, "predict": PREDICT, "growth": GROWING}
OTHER_GROUPS = ("import", "memory")
WORKLOADS = {workload.name: workload for workload in (*FIT, *PREDICT)}
CALLS = 100_000
PATIENCE = 60.0  # seconds for the calls of one contender
SHARE_IF_QUICK, POINTS_IF_QUICK = 50, 2  # a fiftieth of the rows, two points of each curve
QUICK_CALLS, QUICK_PATIENCE = 1_000, 2.0


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what the command line asks for, and report it."""
    options = parse(arguments)
    asked = options.names or [*GROUPS, *OTHER_GROUPS]
    contenders = [CONTENDERS[name] for name in options.contenders]
    missing = list(dict.fromkeys(text for c in contenders if (text := c.missing()) is not None))
    run = report.Run(
        command=" ".join(
            ["python -m benchmarks", *(sys.argv[1:] if arguments is None else arguments)]
        ),
        threads=options.threads,
        rounds=options.rounds,
        contenders=[contender for contender in contenders if contender.missing() is None],
        missing=missing,
        workloads=chosen(asked, options.quick),
        quick=options.quick,
    )
    for sentence in missing:
        print(sentence, file=sys.stderr)
    options.out.mkdir(parents=True, exist_ok=True)
    try:
        measure(run, asked)
    finally:  # what was measured is not lost
        publish(run, options.out)


def publish(run: report.Run, folder: Path) -> None:
    """Print the report, and write it with its numbers and pictures."""
    drawn = pictures.draw(run, folder)
    text = report.text(run, [file.name for file in drawn])
    print(text)
    written = {"RESULTS.md": text, "results.json": report.as_json(run)}
    for name, content in written.items():
        (folder / name).write_text(content, encoding="utf-8")
    print("Written:", ", ".join(str(folder / name) for name in written), *drawn)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line; fill in what --quick changes."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names = [*GROUPS, *OTHER_GROUPS, *WORKLOADS]
    parser.add_argument("names", nargs="*", help=f"of {', '.join(names)}; all unless given")
    parser.add_argument(
        "--contenders",
        nargs="+",
        choices=list(CONTENDERS),
        metavar="NAME",
        help=f"of {', '.join(CONTENDERS)}; minidense is always one; all unless given",
    )
    parser.add_argument("--rounds", type=int, help="5 unless given, 1 if quick")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    processors = cores or 1
    some = min(2, processors)
    parser.add_argument("--threads", type=int, default=some, help=f"of each; {some} unless given")
    parser.add_argument("--quick", action="store_true", help="small work, to see that all works")
    parser.add_argument("--out", type=Path, help="a folder; build/benchmarks unless given")
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.names) - set(names))
    if unknown:
        parser.error(
            f"no such workload or group: {', '.join(unknown)}; there are {', '.join(names)}"
        )
    options.rounds = options.rounds if options.rounds is not None else (1 if options.quick else 5)
    if options.rounds < 1 or not 1 <= options.threads <= processors:
        parser.error(f"--rounds begins at 1, --threads goes from 1 to {processors} here")
    options.contenders = list(dict.fromkeys([SUBJECT, *(options.contenders or CONTENDERS)]))
    if options.out is None:
        options.out = Path("build/benchmarks-quick" if options.quick else "build/benchmarks")
    return options


def chosen(asked: Sequence[str], quick: bool) -> list[Workload]:
    """Return the workloads that names and groups mean, made small where it is to be quick."""
    curves = GROWTH.values()
    groups = {
        **GROUPS,
        "growth": [w for curve in curves for w in curve[: POINTS_IF_QUICK if quick else None]],
    }
    found = {}
    for name in asked:
        for workload in groups.get(name, (WORKLOADS[name],) if name in WORKLOADS else ()):
            found[workload.name] = small(workload) if quick else workload
    return list(found.values())


def small(workload: Workload) -> Workload:
    """Return the workload with fewer rows, but a whole batch of them."""
    rows = max(workload.batch, workload.rows // SHARE_IF_QUICK)
    return replace(workload, rows=min(rows, workload.rows))


def measure(run: report.Run, asked: Sequence[str]) -> None:
    """Do all that was asked for, one thing after the other."""
    if "import" in asked:
        print("import", file=sys.stderr)
        run.costs = costs.measure(run.contenders, run.rounds, run.threads)
    growing = {workload.name for workload in GROWING}
    with referee.workers(run.contenders, run.threads) as workers:
        pair = [worker for worker in workers if worker.contender.name in (SUBJECT, "floor")]
        for workload in run.workloads:
            print(workload.name, file=sys.stderr)
            if workload.name in growing:
                run.growth += referee.compare(workload, pair, run.rounds)
            else:
                run.results += referee.compare(workload, workers, run.rounds)
        if "memory" in asked:
            print("memory", file=sys.stderr)
            calls, patience = (QUICK_CALLS, QUICK_PATIENCE) if run.quick else (CALLS, PATIENCE)
            run.memory = referee.memories(WORKLOADS["one-call"], workers, calls, patience)


if __name__ == "__main__":
    main()
