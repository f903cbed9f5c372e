"""Keras is told its backend and device, and TensorFlow to keep quiet, before either is imported."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import expected
from tests.reference import missing

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("JAX_ENABLE_X64", "1")  # else JAX makes float32 of each float64

SAME_PRODUCTS = ("SkylakeX", "Cooperlake", "SapphireRapids")
"""The kernels of OpenBLAS that add up a block in order, one term after the other."""


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave out what imports Keras where there is none."""
    return True if collection_path.suffix == ".py" and missing() else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let pass what Keras's other backends warn of by themselves, with NumPy 2.4."""
    if expected.backend() != "tensorflow":
        for item in items:
            for words in ("__array__ implementation", "__array_wrap__ must accept"):
                item.add_marker(pytest.mark.filterwarnings(f"ignore:{words}:DeprecationWarning"))


@pytest.fixture(scope="session", autouse=True)
def the_device_and_the_streams() -> Iterator[None]:
    """Let Keras compute where it was asked to, and draw what TensorFlow draws."""
    import keras

    as_on_tensorflow()
    if expected.device() == "gpu":
        full_float32_products()
        if not gpu_in_sight():
            pytest.skip(f"--keras-device gpu: {expected.backend()} sees no GPU on this machine")
    number = "" if expected.backend() == "torch" else ":0"  # torch's "cpu:0" is no "cpu"
    with keras.device(f"{expected.device()}{number}"):
        yield


def as_on_tensorflow() -> None:
    """Let Keras on JAX or torch draw, print and be read as on TensorFlow."""
    from tests.parity import lent_streams

    if expected.backend() != "tensorflow":
        lent_streams.lend(expected.backend())
        print_where_it_happens()
    if expected.backend() == "torch":
        let_numpy_read_torch()


def print_where_it_happens() -> None:
    """Let the callbacks of a run be called by the run itself, as on TensorFlow.

    JAX and torch may have threads for it, and then it is chance what time a progress bar reads.
    """
    import keras.src.backend

    keras.src.backend.IS_THREAD_SAFE = False


def let_numpy_read_torch() -> None:
    """Let `np.asarray` read a tensor that remembers how it was made, which torch refuses.

    Keras's outputs on torch do remember it. What a test asks is their numbers.
    """
    import torch

    read = torch.Tensor.__array__

    def array(self: Any, dtype: Any = None, copy: bool | None = None) -> Any:
        del copy  # asked for by NumPy 2; torch's own method does not know it
        return read(self.detach().cpu(), dtype)

    torch.Tensor.__array__ = array  # type: ignore[method-assign, assignment]


def gpu_in_sight() -> bool:
    """Whether Keras's backend sees a GPU."""
    if expected.backend() == "tensorflow":
        import tensorflow as tf

        return bool(tf.config.list_physical_devices("GPU"))
    if expected.backend() == "torch":
        import torch

        return bool(torch.cuda.is_available())
    import jax

    return any(device.platform == "gpu" for device in jax.devices())


def full_float32_products() -> None:
    """Turn TF32 off: it keeps 10 bits of the mantissa, and products would agree to 1e-3 only."""
    if expected.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_tensor_float_32_execution(False)
    elif expected.backend() == "torch":
        import torch

        torch.backends.cuda.matmul.allow_tf32 = False
    else:
        import jax

        jax.config.update("jax_default_matmul_precision", "highest")


@pytest.fixture(scope="session")
def same_bits() -> None:
    """For tests of the last bit: where both libraries' kernels are those that were compared."""
    from tests.parity.reference_only import usual_kernels

    usual_kernels("the last bits were compared there.")
    processor = Path("/proc/cpuinfo")
    if not processor.exists() or "avx512f" not in processor.read_text(encoding="utf-8"):
        pytest.skip("The last bits were compared on x86-64 with AVX-512 and Linux; not so here.")
    found = products_of_numpy()
    if found not in SAME_PRODUCTS:
        pytest.skip(
            f"The last bits were compared with OpenBLAS's kernels for {', '.join(SAME_PRODUCTS)}; "
            f"NumPy's products are made by {found} here (OPENBLAS_CORETYPE chooses)."
        )


def products_of_numpy() -> str:
    """Return which kernels make NumPy's products: a processor's name, if it is OpenBLAS."""
    from threadpoolctl import threadpool_info

    libraries = [library for library in threadpool_info() if library["user_api"] == "blas"]
    ours = next((library for library in libraries if "numpy" in library["filepath"]), None)
    return "an unknown library" if ours is None else str(ours.get("architecture"))
