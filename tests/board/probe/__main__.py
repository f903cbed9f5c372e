"""Ask the Keras that is installed here, and write its answers."""

import argparse
import json
import os
import warnings
from importlib import metadata
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras

from tests.board.probe import api, configs, errors, files, numbers, seeds, texts
from tests.board.probe.plain import plain

MODULES = {
    "errors": errors,
    "summary": texts,
    "seeds": seeds,
    "configs": configs,
    "numbers": numbers,
    "files": files,
    "api": api,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.board.probe", description=__doc__)
    parser.add_argument("file", type=Path, help="where the answers are written")
    parser.add_argument("--only", nargs="+", choices=MODULES, default=list(MODULES))
    arguments = parser.parse_args()
    found: dict[str, Any] = {}
    for subject in arguments.only:
        module = MODULES[subject]
        for name, question in module.questions().items():
            add(found, f"{subject}/{name}", answer(question))
    text = json.dumps({"versions": versions(), "answers": found}, indent=1)
    arguments.file.write_text(text, encoding="utf-8")


def answer(question: Any) -> Any:
    """Ask one question of a fresh session under the seed 7; a failure is an answer, too."""
    keras.utils.clear_session(free_memory=False)  # hundreds of times: collecting takes minutes
    keras.utils.set_random_seed(7)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return plain(question())
        except Exception as error:
            return f"raises {type(error).__name__}"
        finally:
            keras.config.set_floatx("float32")
            keras.config.set_epsilon(1e-7)


def add(found: dict[str, Any], name: str, value: Any) -> None:
    """Keep an answer; one in parts is kept as a question for each part."""
    parts = value
    if isinstance(value, list) and any(isinstance(part, dict) for part in value):
        parts = dict(enumerate(value))
    if isinstance(parts, dict) and parts:
        for key, part in parts.items():
            add(found, f"{name}/{key}", part)
    else:
        found[name] = value


def versions() -> dict[str, str]:
    packages = ["keras", keras.backend.backend(), "numpy", "h5py"]
    return {package: metadata.version(package) for package in packages}


if __name__ == "__main__":
    main()
