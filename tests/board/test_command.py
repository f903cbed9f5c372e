"""The board's environments and its command line, without making or asking any."""

import argparse
import json
from pathlib import Path
from typing import Any

import pytest

from tests import expected
from tests.board import __main__ as command_line
from tests.board import board, environments, suite
from tests.board.environments import BoardError, Environment
from tests.expected import Expected

OLD, NEW = "3.8.0", "3.15.1"


# Environments


def test_the_reference_is_the_one_that_the_project_pins() -> None:
    assert environments.reference() == NEW


def test_the_requirements_are_the_pins_and_the_tests_own_without_the_reference() -> None:
    found = environments.requirements("3.8.0", "tensorflow")
    assert found[0].startswith("tensorflow==")
    assert any(each.startswith("pytest") for each in found)
    assert any(each.startswith("matplotlib") for each in found)
    assert not any(each.startswith(("keras", "minidense")) for each in found)


def test_a_version_without_a_pin_is_refused() -> None:
    with pytest.raises(BoardError, match=r"Keras 2\.15\.0 on tensorflow: add a \[\[pin\]\]"):
        environments.requirements("2.15.0", "tensorflow")


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The commands that would have been run."""
    said: list[str] = []
    monkeypatch.setattr(environments.venv, "create", lambda folder, **_: folder.mkdir(parents=True))
    monkeypatch.setattr(
        environments, "run", lambda command, *_, **__: said.append(" ".join(command[4:]))
    )
    return said


def test_an_environment_is_made_once_and_kept(commands: list[str], tmp_path: Path) -> None:
    made_one = environments.environment("3.8.0", "tensorflow", tmp_path)
    assert made_one.folder == tmp_path.resolve() / "keras-3.8.0-tensorflow"
    assert [command.split()[-1] for command in commands][1] == "keras==3.8.0"
    assert len(commands) == 3
    assert environments.environment("3.8.0", "tensorflow", tmp_path) == made_one
    assert len(commands) == 3


def test_an_environment_with_other_pins_or_half_made_is_made_anew(
    commands: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_one = environments.environment("3.8.0", "tensorflow", tmp_path)
    monkeypatch.setattr(environments, "requirements", lambda *_: ["tensorflow==3.0"])
    environments.environment("3.8.0", "tensorflow", tmp_path)
    assert len(commands) == 6
    (made_one.folder / "installed.json").unlink()
    environments.environment("3.8.0", "tensorflow", tmp_path)
    assert len(commands) == 9


def test_a_command_that_fails_says_what_it_printed() -> None:
    with pytest.raises(BoardError, match=r"(?s)The probe failed \(exit status 3\):.*no such Keras"):
        environments.run(["sh", "-c", "echo no such Keras >&2; exit 3"], "The probe", 60)
    environments.run(["sh", "-c", "exit 1"], "The suite", 60, allowed=(0, 1))


def test_a_command_that_does_not_end_is_stopped() -> None:
    with pytest.raises(BoardError, match="The suite took longer than 1 s"):
        environments.run(["sleep", "20"], "The suite", 1)


# The command line


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ([], ["3.8.0", "3.12.0", "3.15.1"]),
        (["3.12", "3.8", "3.15.1"], ["3.8.0", "3.12.0", "3.15.1"]),
        (["3.10.0", "3.10"], ["3.10.0", "3.15.1"]),
        (["3.16.0rc1"], ["3.15.1", "3.16.0rc1"]),
    ],
)
def test_versions_are_asked_once_from_old_to_new_with_the_reference(
    wanted: list[str], found: list[str]
) -> None:
    assert command_line.versions(wanted) == found


def test_a_version_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(["newest"]) == 2
    assert "A version is written like 3.12" in capsys.readouterr().err


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, Any]]:
    """Answers in place of the probe's, by version."""
    answers: dict[str, dict[str, Any]] = {OLD: {"a": 1}, NEW: {"a": 1}}

    def one_version(keras: str, options: argparse.Namespace, entries: Any) -> board.Version:
        return board.Version(keras, {"keras": keras}, answers[keras], None)

    monkeypatch.setattr(command_line, "one_version", one_version)
    monkeypatch.setattr(expected, "read", lambda text: (Expected("because", probe=("known",)),))
    return answers


@pytest.mark.parametrize(
    ("question", "status"), [("a", 0), ("known", 0), ("unknown", 1)], ids=["same", "known", "new"]
)
def test_only_an_unexplained_difference_makes_the_exit_status_1(
    asked: dict[str, dict[str, Any]],
    tmp_path: Path,
    question: str,
    status: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked[OLD][question] = 1
    assert command_line.main(["3.8", "--out", str(tmp_path / "new")]) == status
    page = (tmp_path / "new" / "BOARD.md").read_text(encoding="utf-8")
    assert "python -m tests.board 3.8.0 3.15.1" in page
    assert ("that nothing explains" in capsys.readouterr().out) is bool(status)


def test_a_probe_of_another_keras_is_refused(tmp_path: Path) -> None:
    written = {"versions": {"keras": "3.9.0"}, "answers": {}}
    (tmp_path / "probe.json").write_text(json.dumps(written), encoding="utf-8")
    with pytest.raises(BoardError, match=r"to have Keras 3\.8\.0\. Received: 3\.9\.0"):
        suite.probe(Environment("3.8.0", "tensorflow", tmp_path), kept=True)
