"""Break the package in every way that mutmut knows, and count the breaks that the tests notice.

    python -m tests.mutation.run                    # all parts
    python -m tests.mutation.run optimizers losses  # these parts

The table goes to the terminal; the survivors, each with its difference, into `survivors.txt` in the
folder of the run (`build/mutation`). With `--only TEXT`, only mutants with this text in their name;
with `--since COMMIT`, only those of lines that are new since then; with `--again`, only those that
did not die the last time; with `--budget SECONDS`, a mutant that lives so long is left undecided,
for a run with `--again`; with `--sample N`, N mutants of each part by chance (the same ones each
time, and more of them with a larger N); with `--tests`, the tests in these files alone.
"""

import argparse
import importlib.util
import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import Any

from tests.mutation.mutants import (
    EXTRAS,
    ROOT,
    SCOPE,
    copy_repository,
    difference,
    is_new_since,
    write_mutants,
)

DEAD = ("killed", "timeout")


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("parts", nargs="*", choices=[*SCOPE, *EXTRAS, []], help="of the package")
    parser.add_argument("--only", default="", help="only mutants with this text in their name")
    parser.add_argument("--since", help="only lines that were not there in this commit")
    parser.add_argument("--again", action="store_true", help="only what did not die before")
    parser.add_argument("--budget", type=float, default=1e9, help="seconds of tests for a mutant")
    parser.add_argument("--sample", type=int, help="how many of each part; all unless given")
    parser.add_argument("--tests", nargs="+", default=["tests", "minidense"])
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "mutation")
    options = parser.parse_args()
    if importlib.util.find_spec("mutmut") is None:
        parser.error('this needs mutmut: python -m pip install -e ".[mutation]"')
    folder = options.folder.resolve()
    started = time.monotonic()
    copy = folder / "repository"
    copy_repository(copy)
    parts = options.parts or list(SCOPE)
    names = write_mutants(copy, parts)
    names = {part: [n for n in found if options.only in n] for part, found in names.items()}
    if options.since:
        new = partial(is_new_since, options.since, copy)
        names = {part: list(filter(new, found)) for part, found in names.items()}
    chosen = {part: sample(found, options.sample) for part, found in names.items()}
    before = read(folder / "results.jsonl") if options.again else {}
    dead = {name for name, result in before.items() if result["status"] in DEAD}
    in_turns = [name for turn in zip_longest(*chosen.values()) for name in turn if name]
    tried = [name for name in in_turns if name not in dead]
    results = before | kill(folder, copy, tried, options.budget, options.tests)
    lines = [json.dumps(result) for result in results.values()]
    (folder / "results.jsonl").write_text("\n".join(lines), encoding="utf-8")
    print(table(names, results))
    survivors = [name for name in in_turns if results[name]["status"] not in DEAD]
    text = "\n\n".join(f"{results[n]['status']}: {n}\n{difference(copy, n)}" for n in survivors)
    (folder / "survivors.txt").write_text(text + "\n", encoding="utf-8")
    print(f"{time.monotonic() - started:.0f} s; survivors: {folder / 'survivors.txt'}")
    return 0


def sample(names: list[str], size: int | None) -> list[str]:
    """Return some of the names by chance, or all of them in their order."""
    return names if size is None else random.Random(0).sample(names, len(names))[:size]


def kill(
    folder: Path, copy: Path, mutants: list[str], budget: float, tests: list[str]
) -> dict[str, Any]:
    """Try the mutants in a process that sees the copy alone; return what became of each."""
    listed, results = folder / "mutants.txt", folder / "new_results.jsonl"
    listed.write_text("\n".join(mutants), encoding="utf-8")
    results.write_text("", encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    arguments = [str(listed), str(results), str(budget), *tests]
    command = [sys.executable, "-m", "tests.mutation.killing", *arguments]
    subprocess.run(command, cwd=copy, env=environment, check=True)
    return read(results)


def read(file: Path) -> dict[str, Any]:
    """Return results by the names of the mutants."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return {result["mutant"]: result for result in map(json.loads, lines)}


def table(names: dict[str, list[str]], results: dict[str, Any]) -> str:
    """Return the score of each part as a table of Markdown."""
    statuses = ("killed", "timeout", "survived", "undecided", "no tests")
    rows = [f"| part | mutants | tried | {' | '.join(statuses)} | score |", f"|---|{'--:|' * 8}"]
    for part, found in [*names.items(), ("all", [n for ns in names.values() for n in ns])]:
        counts = Counter(results[name]["status"] for name in found if name in results)
        tried, dead = counts.total(), sum(counts[status] for status in DEAD)
        score = f"{100 * dead / tried:.1f} %" if tried else "-"
        cells = [len(found), tried, *(counts[status] for status in statuses), score]
        rows.append(f"| {part} | {' | '.join(map(str, cells))} |")
    return "\n".join(rows)


if __name__ == "__main__":
    raise SystemExit(main())
