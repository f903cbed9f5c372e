"""The tests without the reference: parity is left out, and the run says so."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COLLECT = """
import sys
sys.modules.update(dict.fromkeys({hidden}))  # what stands there as None cannot be imported
import pytest
sys.exit(pytest.main(["--collect-only", "-p", "no:cacheprovider", *{paths}]))
"""


@pytest.mark.parametrize(
    ("hidden", "said"),
    [
        (["keras"], "keras cannot"),
        (["tensorflow"], "tensorflow cannot"),
        (["keras", "tensorflow"], "keras and tensorflow cannot"),
    ],
)
def test_without_the_reference_the_parity_tests_are_left_out_and_the_header_says_so(
    hidden: list[str], said: str
) -> None:
    script = COLLECT.format(hidden=hidden, paths=["tests/parity", "tests/unit/test_variables.py"])
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert f"tests/parity is left out: {said} be imported" in run.stdout
    assert "parity.py" not in run.stdout
    assert "test_variables.py" in run.stdout
