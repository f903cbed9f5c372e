"""The command line: see `tests/board/__init__.py`."""

import argparse
import sys
import time
from pathlib import Path

from packaging.version import InvalidVersion, Version

import tests.board
from tests import expected
from tests.board import board, markdown, suite
from tests.board.environments import ROOT, BoardError, environment, reference

USUAL = ["3.8.0", "3.12.0"]
"""Asked beside the reference where none is named."""


def main(arguments: list[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    try:
        return make(options)
    except (BoardError, expected.BadEntryError) as error:
        print(f"There is no board: {error}", file=sys.stderr)
        return 2


def make(options: argparse.Namespace) -> int:
    """Ask every version, write the board, and say how it went."""
    entries = expected.read(expected.FILE.read_text(encoding="utf-8"))
    found = [one_version(each, options, entries) for each in versions(options.versions)]
    made = board.board(reference(), options.backend, found, entries)
    options.out.mkdir(parents=True, exist_ok=True)
    file = options.out / "BOARD.md"
    file.write_text(markdown.page(made), encoding="utf-8")
    print(f"{markdown.counts(made)}\n\n{file}")
    if not made.good:
        print(f"There are differences that nothing explains:\n{markdown.unexplained(made)}")
    return 0 if made.good else 1


def one_version(
    keras: str, options: argparse.Namespace, entries: tuple[expected.Expected, ...]
) -> board.Version:
    """Ask one version everything; what it says is kept in its environment's folder."""
    made = environment(keras, options.backend, options.environments)
    known = [entry for entry in entries if entry.holds(keras, options.backend, "cpu")]
    began = time.monotonic()
    answers = suite.probe(made, options.kept)
    tests_found = None if options.no_suite else suite.parity_suite(made, options.kept, known)
    print(f"Keras {keras}: {time.monotonic() - began:.0f} s", flush=True)
    return board.Version(keras, answers["versions"], answers["answers"], tests_found)


def versions(wanted: list[str]) -> list[str]:
    """Return the versions from old to new, the reference always among them.

    >>> versions(["3.12", "3.8"])
    ['3.8.0', '3.12.0', '3.15.1']
    """
    try:
        asked = {Version(each) for each in [*(wanted or USUAL), reference()]}
    except InvalidVersion as error:
        raise BoardError(f"A version is written like 3.12 or 3.12.1. {error}.") from None
    return [spelled(each) for each in sorted(asked)]


def spelled(version: Version) -> str:
    """Return a version with its three numbers: 3.12 is 3.12.0, as for pip."""
    missing = 3 - len(version.release)
    return str(version) + ".0" * max(missing, 0)


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m tests.board",
        description=tests.board.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("versions", nargs="*", help="versions of Keras; 3.8 and 3.12 unless given")
    made.add_argument("--backend", default="tensorflow", choices=expected.BACKENDS)
    made.add_argument(
        "--out", type=Path, default=ROOT / ".board", help="where BOARD.md is written: .board"
    )
    made.add_argument(
        "--environments", type=Path, default=ROOT / ".board", help="where they are kept: .board"
    )
    made.add_argument("--no-suite", action="store_true", help="ask the probe only")
    made.add_argument(
        "--kept", action="store_true", help="take what an earlier run found, where there is any"
    )
    return made


if __name__ == "__main__":
    sys.exit(main())
