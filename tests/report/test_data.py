"""The data of a report: features, outcomes of tests, the command that repeats, and the hooks."""

import json
import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests import expected, record
from tests.report import collect, words
from tests.report.hooks import Reporting
from tests.report.made_up import NEXT, compare, reported, told
from tests.report.markdown import markdown
from tests.report.outcomes import Outcomes
from tests.report.page import page

# Features and tests


def test_a_feature_is_equal_within_expected_or_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    compare("equal")
    compare("within", NEXT)
    compare("failed", 2.0)
    monkeypatch.setattr(expected, "reason_for", lambda feature, difference: "older Keras")
    compare("expected", 2.0)
    report = reported()
    found = [(row["name"], row["result"]) for row in report["features"]]
    assert found == [(name, name) for name in ("failed", "expected", "within", "equal")]
    assert report["result"] == "failed"
    (case,) = report["features"][1]["worst"]
    assert (case["reason"], report["features"][1]["reasons"]) == ("older Keras", {"older Keras": 1})


def test_a_run_without_a_failure_has_passed() -> None:
    compare("within", NEXT)
    outcomes = Outcomes()
    told(outcomes, "test_a_parity.py::test_one", "passed", "passed", "passed")
    report = reported(outcomes)
    assert (report["result"], report["complete"]) == ("passed", True)


def test_the_data_are_json_where_numbers_are_infinite_or_none() -> None:
    with pytest.raises(AssertionError):
        record.close("it", np.float32(1), np.float32(np.inf), rtol=1e-6)
    record.curves("losses", [1.0, math.nan], [1.0, -math.inf])
    report = json.loads(json.dumps(reported(), allow_nan=False))
    assert report["features"][0]["ulps"] == report["features"][0]["worst"][0]["share"] == "inf"
    assert report["curves"][0]["keras"] == [1.0, "nan"]
    assert report["curves"][0]["minidense"] == [1.0, "-inf"]
    assert page(report)
    assert markdown(report)


def test_outcomes_are_counted_by_file_with_the_reasons() -> None:
    outcomes = Outcomes()
    told(outcomes, "test_a_parity.py::test_one", "passed", "passed", "passed")
    told(outcomes, "test_a_parity.py::test_two", "skipped", reason=("path", 3, "Skipped: no GPU"))
    told(outcomes, "test_b_parity.py::test_x", "passed", "skipped", wasxfail="reason: older Keras")
    told(outcomes, "test_c_parity.py::test_y", "passed", "failed", reason="AssertionError: 1 != 2")
    told(
        outcomes, "test_d_parity.py::test_z", "passed", "passed", "failed", reason="of the teardown"
    )
    rows = reported(outcomes)["tests"]
    assert [(row["file"][6:], row["result"]) for row in rows] == [
        ("test_c_parity.py", "failed"),
        ("test_d_parity.py", "failed"),
        ("test_b_parity.py", "expected"),
        ("test_a_parity.py", "passed"),
    ]
    assert [row["passed"] for row in rows] == [0, 0, 0, 1]
    assert rows[0]["notes"][0]["reason"] == "AssertionError: 1 != 2"
    assert rows[1]["notes"][0]["reason"] == "of the teardown"
    assert rows[2]["notes"] == [
        {"test": "tests/test_b_parity.py::test_x", "outcome": "xfailed", "reason": "older Keras"}
    ]
    assert (rows[3]["skipped"], rows[3]["notes"][0]["reason"]) == (1, "no GPU")
    assert rows[3]["seconds"] == pytest.approx(2.5)


def test_an_expected_failure_that_passes_is_told_apart() -> None:
    outcomes = Outcomes()
    said = SimpleNamespace(
        nodeid="tests/a_parity.py::t", outcome="passed", longrepr=None, wasxfail="older Keras"
    )
    outcomes.phase(said, "call", 0.0)
    outcomes.phase(
        SimpleNamespace(nodeid="tests/a_parity.py::t", outcome="passed", longrepr=None),
        "teardown",
        0.0,
    )
    (row,) = reported(outcomes)["tests"]
    assert (row["xpassed"], row["passed"], row["result"]) == (1, 0, "expected")


def test_a_file_that_cannot_be_imported_has_failed() -> None:
    outcomes = Outcomes()
    broken = SimpleNamespace(nodeid="tests/a_parity.py", outcome="failed", longrepr="ImportError")
    outcomes.collection(broken)
    report = reported(outcomes)
    assert report["result"] == report["tests"][0]["result"] == "failed"


def test_tests_that_were_not_run_or_not_selected_make_a_run_incomplete() -> None:
    outcomes = Outcomes()
    told(outcomes, "test_a_parity.py::test_one", "passed", "passed", "passed")
    assert reported(outcomes)["complete"]
    outcomes.heard_of(["tests/test_b_parity.py::test_two"])
    report = reported(outcomes)
    assert not report["complete"]
    assert [row["result"] for row in report["tests"]] == ["passed", "not run"]
    assert "Not all tests were run." in words.verdict(report)
    other = Outcomes()
    other.heard_of(["tests/test_b_parity.py::test_two"], deselected=True)
    assert not reported(other)["complete"]


def test_what_was_not_kept_is_said() -> None:
    report = reported() | {"left_out": {"features": 3}}
    assert "too many features: 3 comparisons were checked" in words.verdict(report)


def test_a_test_is_no_parity_test_for_what_its_case_or_folder_is_called() -> None:
    outcomes = Outcomes()
    case = "tests/test_a.py::test_one[tests/test_a_parity.py::test_two]"
    outcomes.heard_of([case, "minidense/parity/sides.py::doctest"])
    assert not outcomes.files


def test_the_command_repeats_profile_seed_backend_device_and_selection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MINIDENSE_PARITY_PROFILE", "thorough")
    monkeypatch.setenv("MINIDENSE_PARITY_SEED", "9")
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    monkeypatch.setenv("MINIDENSE_PARITY_DEVICE", "gpu")
    assert collect.command(["-m", "parity", "-k", "a or b"]) == (
        "pytest -m parity -k 'a or b' --parity-profile thorough --parity-seed 9 "
        "--keras-backend jax --keras-device gpu"
    )


# Words


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.0, "0"), (1.0, "1"), (7.25, "7.2"), (12.0, "12"), (1234.0, "1,234"), (0.25, "0.25"),
        (1e-6, "1e-6"), (1.19e-7, "1.2e-7"), (3.4e9, "3.4e9"), (2e4, "2e4"), ("inf", "∞"),
        ("nan", "no number"),
    ],
)  # fmt: skip
def test_numbers_are_short(value: float | str, said: str) -> None:
    assert words.short(value) == said


def test_a_case_without_code_is_repeated_by_its_test() -> None:
    report = reported()
    case = {"code": "", "test": "tests/a_parity.py::t[it's]"}
    assert words.repeat(case, report) == (
        "pytest 'tests/a_parity.py::t[it'\"'\"'s]' --parity-profile quick --parity-seed 5"
    )
    assert words.repeat(case | {"code": "f(x)"}, report) == "f(x)"


# Hooks


def config_of(tmp_path: Path, **options: Any) -> Any:
    options = {"parity_report": None, "keyword": "", "markexpr": "", **options}
    return SimpleNamespace(
        getoption=options.get,
        rootpath=tmp_path,
        args=[str(tmp_path / "tests" / "layers"), "tests/losses"],
        args_source=pytest.Config.ArgsSource.ARGS,
    )


def test_a_folder_that_cannot_be_made_is_refused_before_the_run(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(pytest.UsageError, match="--parity-report"):
        Reporting(config_of(tmp_path, parity_report=str(tmp_path / "file" / "folder")))


def test_the_selection_is_what_one_would_type_in_the_repository(tmp_path: Path) -> None:
    folders = ["tests/layers", "tests/losses"]
    reporting = Reporting(config_of(tmp_path, keyword="dense and not float64"))
    assert reporting.selection() == [*folders, "-k", "dense and not float64"]
    reporting = Reporting(config_of(tmp_path, markexpr="parity"))
    assert reporting.selection() == [*folders, "-m", "parity"]


def test_the_selection_of_a_whole_run_is_none_or_of_parity_tests(tmp_path: Path) -> None:
    config = config_of(tmp_path)
    config.args_source = pytest.Config.ArgsSource.TESTPATHS
    assert Reporting(config).selection() == []
    config.getoption = {"keyword": "dense", "markexpr": ""}.get
    assert Reporting(config).selection() == ["-m", "parity", "-k", "dense"]


def test_a_run_that_compared_nothing_says_so() -> None:
    outcomes = Outcomes()
    told(outcomes, "test_a_parity.py::test_one", "passed", "passed", "passed")
    assert words.verdict(reported(outcomes)) == "Nothing was compared."
