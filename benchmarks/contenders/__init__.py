"""Who takes part. Each is a module with `prepare(workload, data, argument, device)`.

`prepare` returns a function without arguments that does the work once: for `fit` it returns the
mean loss of the epoch, else the outputs.
"""

import importlib
import importlib.util
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from benchmarks.workloads import Workload

Work = Callable[[], Any]
LEARNING_RATE = {"sgd": 0.01, "momentum": 0.01, "adam": 0.001}


@dataclass(frozen=True)
class Contender:
    """A way to do the workloads."""

    name: str
    module: str
    kinds: tuple[str, ...] = ("fit", "predict", "call")
    needs: tuple[str, ...] = ()
    """The packages that must be installed, as they are imported."""
    install: str = ""
    """What to write after `pip install`."""
    argument: str = ""
    """What the module is told: which library, which way."""
    note: str = ""
    """Where its work is not quite the others'."""
    flat_rows_only: bool = False
    device: str = "cpu"

    def takes(self, workload: Workload) -> bool:
        """Whether it can do this work."""
        return workload.kind in self.kinds and not (self.flat_rows_only and len(workload.shape) > 1)

    def missing(self) -> str | None:
        """Return a sentence if it cannot take part here."""
        if self.device == "gpu" and not gpus():
            return "The rows on a GPU are not here: `nvidia-smi -L` lists none."
        lacking = [name for name in self.needs if importlib.util.find_spec(name) is None]
        if lacking:
            return f"{self.name} is not here: python -m pip install {self.install}"
        return None

    def prepare(self, workload: Workload, rows: tuple[np.ndarray, np.ndarray]) -> Work:
        """Make ready whatever the work needs: the model, compiled functions, the rows in place."""
        module = importlib.import_module(f"benchmarks.contenders.{self.module}")
        work: Work = module.prepare(workload, rows, self.argument, self.device)
        return work


@cache
def gpus() -> list[str]:
    """Return a line for each GPU of NVIDIA's."""
    if shutil.which("nvidia-smi") is None:
        return []
    done = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, check=False)
    return [line for line in done.stdout.splitlines() if line.startswith("GPU ")]


KERAS_KINDS = ("fit", "predict", "call", "predict_one")
ON_CPU = (
    Contender("minidense", "keras_script", KERAS_KINDS, argument="minidense"),
    Contender("floor", "floor", note="the matrix products alone"),
    Contender(
        "keras-tensorflow",
        "keras_script",
        KERAS_KINDS,
        ("keras", "tensorflow"),
        "keras tensorflow",
        "tensorflow",
    ),
    Contender("keras-jax", "keras_script", KERAS_KINDS, ("keras", "jax"), "keras jax", "jax"),
    Contender(
        "keras-torch",
        "keras_script",
        KERAS_KINDS,
        ("keras", "torch"),
        "keras torch",
        "torch",
        "a call keeps what a gradient would need",
    ),
    Contender(
        "keras-numpy",
        "keras_script",
        ("predict", "call", "predict_one"),
        ("keras", "scipy"),
        "keras scipy",
        "numpy",
        "Keras's own NumPy backend, which does not train",
    ),
    Contender("torch-loop", "torch_loop", needs=("torch",), install="torch"),
    Contender("jax-step", "jax_loops", ("fit",), ("jax",), "jax", "step", "one jitted step"),
    Contender("jax-scan", "jax_loops", needs=("jax",), install="jax", argument="scan"),
    Contender(
        "scikit-learn",
        "sklearn_mlp",
        ("fit", "predict", "predict_one"),
        ("sklearn",),
        "scikit-learn",
        note="no dropout, no accuracy",
        flat_rows_only=True,
    ),
    Contender(
        "onnxruntime",
        "onnx_session",
        ("predict", "call"),
        ("onnxruntime", "onnx"),
        "onnxruntime onnx",
    ),
    Contender("numpy-loop", "numpy_loop", note="NumPy's own dropout and order, not Keras's"),
)
ON_GPU = tuple(
    replace(contender, name=f"{contender.name}-gpu", device="gpu")
    for contender in ON_CPU
    if set(contender.needs) & {"tensorflow", "jax", "torch"}
)
CONTENDERS = {contender.name: contender for contender in (*ON_CPU, *ON_GPU)}
