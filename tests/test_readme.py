"""What the README prints, and what it says that there is."""

import re

from tests.readme import README, listings

TEXT = README.read_text(encoding="utf-8")


def test_what_the_code_prints_stands_below_it() -> None:
    found = list(listings(TEXT))
    assert [name for name, _, _ in found] == ["loss", "program", "mnist"]
    for name, stands, printed in found:
        assert stands == printed, f"{name}: run `python -m tests.readme`"


def test_the_files_that_it_names_are_there() -> None:
    named = set(re.findall(r"`((?:\w+/)*\w+\.(?:py|md|toml))`", TEXT))
    assert len(named) > 30
    folders = [README.parent / folder for folder in ("", "minidense", "benchmarks")]
    missing = [name for name in named if not any((each / name).exists() for each in folders)]
    assert not missing
