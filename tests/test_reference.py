"""The tests without the reference: parity is left out, and the run says so."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
COLLECT = """
import sys
sys.modules.update(dict.fromkeys({hidden}))  # what stands there as None cannot be imported
import pytest
sys.exit(pytest.main(["--collect-only", "-p", "no:cacheprovider", *{paths}]))
"""
PATHS = ["tests/numerics"]
RUN = """
import sys
import pytest
status = pytest.main(["-q", "-p", "no:cacheprovider", "-m", "not parity", *{paths}])
print("imported:", {{"keras", "tensorflow"}} & set(sys.modules))
sys.exit(status)
"""


def run(script: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=os.environ | {"KERAS_BACKEND": "tensorflow"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("hidden", [["keras"], ["tensorflow"], ["keras", "tensorflow"]])
def test_without_the_reference_the_parity_tests_are_left_out_and_the_header_says_so(
    hidden: list[str],
) -> None:
    done = run(COLLECT.format(hidden=hidden, paths=PATHS))
    assert done.returncode == 0, done.stdout + done.stderr
    missing = [name for name in ("keras", "tensorflow") if name in hidden or not find_spec(name)]
    said = (
        f"the parity tests (*_parity.py) are left out: {' and '.join(missing)} cannot be imported"
    )
    assert said in done.stdout
    assert "_parity.py>" not in done.stdout
    assert "test_products.py>" in done.stdout


def test_a_parity_test_that_is_asked_for_without_the_reference_cannot_be_imported() -> None:
    script = COLLECT.replace("--collect-only", "--no-header")
    done = run(script.format(hidden=["keras", "tensorflow"], paths=["tests/test_vjp_parity.py"]))
    assert done.returncode == pytest.ExitCode.INTERRUPTED, done.stdout + done.stderr
    assert "ERROR tests/test_vjp_parity.py" in done.stdout
    assert "INTERNALERROR" not in done.stdout


def test_a_run_without_parity_tests_imports_no_keras() -> None:
    done = run(RUN.format(paths=PATHS))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "imported: set()" in done.stdout
