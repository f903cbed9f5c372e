"""An environment for each version of Keras: made once, kept, and used again while its pins hold."""

import json
import shutil
import subprocess
import sys
import tomllib
import venv
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[2]
PINS = Path(__file__).with_name("pins.toml")
INSTALL_SECONDS = 1800


class BoardError(Exception):
    """What keeps the board from being made, in a sentence."""


@dataclass(frozen=True)
class Environment:
    """A folder with a Python that has one version of Keras."""

    keras: str
    backend: str
    folder: Path

    @property
    def python(self) -> Path:
        inside = "Scripts/python.exe" if sys.platform == "win32" else "bin/python"
        return self.folder / inside


def environment(keras: str, backend: str, folder: Path) -> Environment:
    """Return an environment with this Keras, after making it where there is none that fits."""
    made = Environment(keras, backend, folder.resolve() / f"keras-{keras}-{backend}")
    wanted = json.dumps({"keras": keras, "with": requirements(keras, backend)})
    stamp = made.folder / "installed.json"  # written last: half an environment has none
    if not (stamp.exists() and stamp.read_text(encoding="utf-8") == wanted):
        print(f"Keras {keras}: installing into {made.folder}", flush=True)
        shutil.rmtree(made.folder, ignore_errors=True)
        venv.create(made.folder, with_pip=True)
        install(made, *requirements(keras, backend))
        # by itself, since a backend may ask for a newer one; pip says so, and goes on
        install(made, f"keras=={keras}")
        install(made, "--no-deps", "--editable", str(ROOT))
        stamp.write_text(wanted, encoding="utf-8")
    return made


def install(made: Environment, *arguments: str) -> None:
    command = [str(made.python), "-m", "pip", "install", "--quiet", *arguments]
    run(command, f"Installing {' '.join(arguments)} for Keras {made.keras}", INSTALL_SECONDS)


def run(
    command: list[str],
    what: str,
    seconds: int,
    environment: dict[str, str] | None = None,
    allowed: tuple[int, ...] = (0,),
) -> None:
    """Run a command in the repository; its output is shown where it fails, and only there."""
    try:
        done = subprocess.run(
            command,
            check=False,
            cwd=ROOT,
            env=environment,
            timeout=seconds,
            capture_output=True,
            text=True,
        )
    except subprocess.TimeoutExpired:
        raise BoardError(f"{what} took longer than {seconds} s.") from None
    if done.returncode not in allowed:
        end = "\n".join((done.stdout + done.stderr).splitlines()[-30:])
        raise BoardError(f"{what} failed (exit status {done.returncode}):\n{end}")


def requirements(keras: str, backend: str) -> list[str]:
    """Return what is installed before Keras: the pins, and what the tests need."""
    for pin in tomllib.loads(PINS.read_text(encoding="utf-8"))["pin"]:
        if pin["backend"] == backend and SpecifierSet(pin["keras"]).contains(keras, True):
            return [*pin["requirements"], *test_extras()]
    raise BoardError(
        f"{PINS.name} does not say what to install for Keras {keras} on {backend}: add a [[pin]]."
    )


def test_extras() -> list[str]:
    """Return the packages of the extras `test` and `plot`, without the pinned reference."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    needed = [*extras["plot"], *extras["test"]]
    return [each for each in needed if Requirement(each).name != project["name"]]


def reference() -> str:
    """Return the version of Keras that pyproject.toml pins: all others are held against it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for each in map(Requirement, project["optional-dependencies"]["parity"]):
        if each.name == "keras":
            return next(iter(each.specifier)).version
    raise BoardError("pyproject.toml pins no Keras in the extra `parity`.")
