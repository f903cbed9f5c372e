"""`--parity-report DIR` in a run of its own: at first, again, and with several processes."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PARITY_TEST = """
from tests import record

def test_one_is_one():
    record.same("numbers: one", 1, 1)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with this one's options and settings, and one quick parity test."""
    folder = tmp_path / "project"
    (folder / "tests").mkdir(parents=True)
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / "tests" / "test_one_parity.py").write_text(PARITY_TEST, encoding="utf-8")
    return folder


def reported(project: Path, folder: str, *options: str) -> Any:
    """Run all tests of the project; return what the report says of them."""
    command = [sys.executable, "-m", "pytest", "--parity-report", folder, *options]
    done = subprocess.run(
        command,
        cwd=project,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    report = project / folder / "report.json"
    (file,) = json.loads(report.read_text(encoding="utf-8"))["tests"]
    report.unlink()  # so that the next run has to write it
    return file["file"], file["passed"]


def test_a_report_is_written_again_into_the_folder_of_an_earlier_one(project: Path) -> None:
    found = [reported(project, "report") for _ in range(2)]
    assert found == [("tests/test_one_parity.py", 1)] * 2


@pytest.mark.parametrize("folder", ["report", "../elsewhere"])
def test_several_processes_write_a_report_into_a_new_folder(project: Path, folder: str) -> None:
    pytest.importorskip("xdist", reason='pytest -n needs xdist: python -m pip install -e ".[test]"')
    assert reported(project, folder, "-n", "2") == ("tests/test_one_parity.py", 1)
    if folder == "report":
        assert reported(project, folder, "-n", "2") == ("tests/test_one_parity.py", 1)
