"""An operation of a graph as plain values, and back.

The form is that in which Keras writes `Add`, `Mean` and its other classes of `keras/src/ops/`.
"""

from collections.abc import Mapping
from typing import Any

from minidense import checks, ops
from minidense.engine.operation import Composite
from minidense.graph.symbolic import GraphOperation
from minidense.names import snake_case
from minidense.registry import written_form
from minidense.tensors import OPERATIONS

_MODULES = {
    **dict.fromkeys(("cast", "stop_gradient"), "ops.core"),
    **dict.fromkeys(("leaky_relu", "relu", "relu6", "sigmoid", "softmax", "log_softmax"), "ops.nn"),
    **dict.fromkeys(("celu", "elu", "gelu", "glu", "log_sigmoid", "selu", "silu"), "ops.nn"),
    **dict.fromkeys(("softplus", "softsign", "squareplus", "tanh_shrink", "threshold"), "ops.nn"),
    **dict.fromkeys(("hard_shrink", "hard_sigmoid", "hard_silu", "hard_tanh"), "ops.nn"),
    **dict.fromkeys(("soft_shrink", "sparse_plus", "sparse_sigmoid"), "ops.nn"),
    **dict.fromkeys(("binary_crossentropy", "categorical_crossentropy"), "ops.nn"),
    "sparse_categorical_crossentropy": "ops.nn",
    **dict.fromkeys(
        ("erf", "erfc", "erfinv", "in_top_k", "logsumexp", "rsqrt", "top_k"), "ops.math"
    ),
    "normalize": "ops.nn",
    **dict.fromkeys(("cholesky", "det", "eigh", "inv"), "ops.linalg"),
    **dict.fromkeys(("norm", "qr", "solve", "svd"), "ops.linalg"),
    "re_lu": "activations.activations",
}
"""Where Keras has what is not in its `keras/src/ops/numpy.py`."""


def written_operation(operation: GraphOperation) -> dict[str, Any]:
    """Return an operation as a dict that names its class.

    >>> from minidense import Input, ops
    >>> written_operation(ops.mean(Input((3,)), axis=1)._keras_history.operation)["class_name"]
    'Mean'
    """
    name = operation.operation.name
    module = _MODULES.get(name, "ops.numpy")
    config = {"name": operation.name, **operation.settings}
    class_name = operation.class_name
    return written_form(f"keras.src.{module}", class_name, config, class_name)


def is_operation(config: Mapping[str, Any]) -> bool:
    """Whether a configuration is that of an operation, and of no layer."""
    return str(config.get("module")).startswith(("keras.src.ops.", "keras.src.activations."))


def read_operation(config: Mapping[str, Any]) -> GraphOperation:
    """Make the operation that a configuration names.

    Raises:
        ValueError: for one that minidense does not have.
    """
    name = snake_case(str(config["class_name"]))
    found = OPERATIONS.get(name)
    is_public = isinstance(found, Composite) or name in (*ops.__all__, "get_item")
    checks.known_operation(config["class_name"], found is not None and is_public)
    settings = dict(config["config"])
    return GraphOperation(OPERATIONS[name], settings, settings.pop("name", None))
