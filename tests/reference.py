"""The reference, Keras and its backend: which tests need it, whether it is here, how it is set.

Which tests need it is told by a file's name, which ends in `_parity.py`. pytest gives them the
marker `parity`: `-m parity` chooses them, and `-m "not parity"` all others, without Keras.
"""

from importlib.util import find_spec
from typing import Any

from tests import expected


def is_parity(node_id: str) -> bool:
    """Whether a test, or a file of tests, needs the reference.

    >>> is_parity("tests/layers/test_layers_parity.py::test_dense[x]"), is_parity("test_dense.py")
    (True, False)
    """
    return node_id.partition("::")[0].endswith("_parity.py")


def missing() -> list[str]:
    """Return what the parity tests need and cannot import."""
    return [name for name in ("keras", expected.backend()) if find_spec(name) is None]


def as_on_tensorflow() -> None:
    """Let Keras on JAX or torch draw, print and be read as on TensorFlow."""
    from tests import lent_streams

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


def products_of_numpy() -> str:
    """Return which kernels make NumPy's products: a processor's name, if it is OpenBLAS."""
    from threadpoolctl import threadpool_info

    libraries = [library for library in threadpool_info() if library["user_api"] == "blas"]
    ours = next((library for library in libraries if "numpy" in library["filepath"]), None)
    return "an unknown library" if ours is None else str(ours.get("architecture"))
