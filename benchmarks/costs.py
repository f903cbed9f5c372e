"""What a library costs before it does anything: time to import it, memory, megabytes on disk."""

import importlib.metadata
import json
import os
import re
import statistics
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.contenders import Contender
from benchmarks.referee import environment

# What a script of each contender imports, and the distributions that this takes.
IMPORTS = {
    "numpy": ("import numpy", ["numpy"]),
    "minidense": ("import numpy, minidense", ["minidense", "numpy"]),
    "keras-tensorflow": ("import numpy, keras", ["keras", "tensorflow"]),
    "keras-jax": ("import numpy, keras", ["keras", "jax"]),
    "keras-torch": ("import numpy, keras", ["keras", "torch"]),
    "keras-numpy": ("import numpy, keras", ["keras"]),
    "torch-loop": ("import numpy, torch", ["torch", "numpy"]),
    "jax": ("import numpy, jax", ["jax"]),
    "scikit-learn": ("import numpy, sklearn.neural_network", ["scikit-learn"]),
    "onnxruntime": ("import numpy, onnxruntime", ["onnxruntime"]),
}
SAME_AS = {"jax-step": "jax", "jax-scan": "jax"}

TIMED = """
import json, time
start = time.perf_counter()
{statement}
seconds = time.perf_counter() - start
from benchmarks.worker import megabytes
print(json.dumps([seconds, megabytes()]))
"""


@dataclass
class Cost:
    """Of one library: seconds to import and megabytes in use after it, and megabytes on disk."""

    name: str
    disk: float
    seconds: list[float] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)
    failure: str = ""
    """Why there are no seconds."""

    @property
    def median_seconds(self) -> float:
        return statistics.median(self.seconds)

    @property
    def median_megabytes(self) -> float:
        return statistics.median(self.megabytes)


def measure(contenders: list[Contender], rounds: int, threads: int) -> list[Cost]:
    """Import each library in a process of its own, in turn; NumPy alone comes first."""
    wanted = {SAME_AS.get(contender.name, contender.name) for contender in contenders}
    names = [name for name in IMPORTS if name == "numpy" or name in wanted]
    costs = [Cost(name, installed_megabytes(IMPORTS[name][1])) for name in names]
    for turn in range(rounds + 1):
        for cost in costs:
            if cost.failure:
                continue
            try:
                seconds, memory = imported(cost.name, threads)
            except subprocess.CalledProcessError as error:
                cost.failure = str(error.stderr)
                continue
            if turn:  # in the first turn the files come into the system's cache
                cost.seconds.append(seconds)
                cost.megabytes.append(memory)
    return costs


def imported(name: str, threads: int) -> tuple[float, float]:
    """Return the seconds and the megabytes of one import in a fresh process."""
    backend = name.removeprefix("keras-")
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    settings = {**kept, **environment(threads, "cpu"), "KERAS_BACKEND": backend}
    code = TIMED.format(statement=IMPORTS[name][0])
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=settings
    )
    seconds, memory = json.loads(done.stdout.splitlines()[-1])
    return seconds, memory


def installed_megabytes(distributions: list[str]) -> float:
    """Return the size on disk of some distributions and all that they require, without extras."""
    waiting, seen, size = list(distributions), set(), 0
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in seen:
            continue
        seen.add(name)
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # required elsewhere: on another system, or for another Python
        size += size_of(distribution)
        for requirement in distribution.requires or []:
            if "extra ==" not in requirement:
                waiting.append(re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0])
    return size / 1e6


def size_of(distribution: importlib.metadata.Distribution) -> int:
    """Return the bytes of a distribution's files, without compiled ones; of minidense its own."""
    if distribution.metadata["Name"] == "minidense":  # it may be installed from where it lies
        import minidense

        files = list(Path(minidense.__file__).parent.rglob("*"))
    else:
        files = [Path(str(file.locate())) for file in distribution.files or []]
    return sum(f.stat().st_size for f in files if f.is_file() and f.suffix != ".pyc")
