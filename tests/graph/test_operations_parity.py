"""Operations on symbolic tensors: their names, shapes, summary and configuration, in both."""

import json
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

import minidense
from tests import record
from tests.in_both import in_both, rows

OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "x + 1": lambda k, x: x + 1,
    "1 - x": lambda k, x: 1 - x,
    "x * x": lambda k, x: x * x,
    "2 / x": lambda k, x: 2 / x,
    "x // 2": lambda k, x: x // 2,
    "x ** 2": lambda k, x: x**2,
    "-x": lambda k, x: -x,
    "abs(x)": lambda k, x: abs(x),
    "x > 0": lambda k, x: x > 0,
    "x != 0": lambda k, x: x != 0,
    "~(x > 0)": lambda k, x: ~(x > 0),
    "x @ array": lambda k, x: x @ np.ones((4, 2), "float32"),
    "x[:, 1:3]": lambda k, x: x[:, 1:3],
    "x[:, -1]": lambda k, x: x[:, -1],
    "x[0]": lambda k, x: x[0],
    "x[..., None]": lambda k, x: x[..., None],
    "mean": lambda k, x: k.ops.mean(x, axis=-1, keepdims=True),
    "sum": lambda k, x: k.ops.sum(x, axis=(0, 1), keepdims=True),
    "argmax": lambda k, x: k.ops.argmax(x, axis=-1),
    "max": lambda k, x: k.ops.max(x, axis=1),
    "clip": lambda k, x: k.ops.clip(x, 0.1, 0.9),
    "where": lambda k, x: k.ops.where(x > 0, x, 0.0),
    "expand_dims, squeeze": lambda k, x: k.ops.squeeze(k.ops.expand_dims(x, 1), 1),
    "reshape": lambda k, x: k.ops.reshape(x, (-1, 2, 2)),
    "transpose": lambda k, x: k.ops.transpose(x),
    "stack": lambda k, x: k.ops.stack([x, x], axis=1),
    "matmul": lambda k, x: k.ops.matmul(x, np.ones((4, 2), "float32")),
    "maximum": lambda k, x: k.ops.maximum(x, np.ones(4, "float32")),
    "cast": lambda k, x: k.ops.cast(x, "int32"),
    "relu": lambda k, x: k.ops.relu(x),
    "leaky_relu": lambda k, x: k.ops.leaky_relu(x),
    "softmax": lambda k, x: k.ops.softmax(x),
    "elu": lambda k, x: k.ops.elu(x, alpha=0.5),
    "gelu": lambda k, x: k.ops.gelu(x),
    "glu": lambda k, x: k.ops.glu(x),
    "hard_swish": lambda k, x: k.ops.hard_swish(x),
    "log_softmax": lambda k, x: k.ops.log_softmax(x),
    "threshold": lambda k, x: k.ops.threshold(x, 0.1, -1.0),
    "erf": lambda k, x: k.ops.erf(x),
    "log10": lambda k, x: k.ops.log10(k.ops.abs(x)),
    "arctan2": lambda k, x: k.ops.arctan2(x, k.ops.cos(x)),
    "nan_to_num": lambda k, x: k.ops.nan_to_num(x, posinf=1.0),
    "activations.gelu": lambda k, x: k.activations.gelu(x),
    "stop_gradient": lambda k, x: k.ops.stop_gradient(x),
    "isnan": lambda k, x: k.ops.isnan(x),
    "activations.relu": lambda k, x: k.activations.relu(x, negative_slope=0.5, max_value=1.0),
    "activations.softmax": lambda k, x: k.activations.softmax(x),
    "activations.sigmoid": lambda k, x: k.activations.sigmoid(x),
    "activations.tanh": lambda k, x: k.activations.tanh(x),
    "activations.linear": lambda k, x: k.activations.linear(x),
    "var": lambda k, x: k.ops.var(x, axis=-1, keepdims=True),
    "std": lambda k, x: k.ops.std(x, axis=0),
    "amax": lambda k, x: k.ops.amax(x, axis=0),
    "argmin": lambda k, x: k.ops.argmin(x, axis=-1, keepdims=True),
    "max, initial": lambda k, x: k.ops.max(x, axis=1, initial=0.5),
    "prod": lambda k, x: k.ops.prod(x, axis=1),
    "cumsum": lambda k, x: k.ops.cumsum(x, axis=1),
    "cumprod": lambda k, x: k.ops.cumprod(x, axis=0),
    "count_nonzero": lambda k, x: k.ops.count_nonzero(x, axis=1),
    "logsumexp": lambda k, x: k.ops.logsumexp(x, axis=1),
    "average": lambda k, x: k.ops.average(x, axis=1),
    "average, weights": lambda k, x: k.ops.average(x, axis=0, weights=x),
    "norm": lambda k, x: k.ops.norm(x, axis=1, keepdims=True),
    "normalize": lambda k, x: k.ops.normalize(x),
    "sort": lambda k, x: k.ops.sort(x),
    "argsort": lambda k, x: k.ops.argsort(x, axis=-1),
    "top_k": lambda k, x: k.ops.top_k(x, 2)[0],
    "tensordot": lambda k, x: k.ops.tensordot(x, np.ones((4, 2), "float32"), axes=1),
    "dot": lambda k, x: k.ops.dot(x, np.ones((4, 2), "float32")),
    "outer": lambda k, x: k.ops.outer(x, np.ones(2, "float32")),
    "einsum": lambda k, x: k.ops.einsum("bi,ij->bj", x, np.ones((4, 2), "float32")),
    "matmul of stacks": lambda k, x: k.ops.matmul(x[:, None], x[..., None]),
    "svd": lambda k, x: k.ops.svd(x[:, None], compute_uv=False),
    "inv": lambda k, x: k.ops.inv(k.ops.reshape(x, (-1, 2, 2))),
    "det": lambda k, x: k.ops.det(k.ops.reshape(x, (-1, 2, 2))),
    "by name": lambda k, x: k.ops.add(x1=x, x2=k.ops.mean(x=x, axis=0)),
}
X = rows(3, 4)


def facts(k: Any, operation: Callable[[Any, Any], Any]) -> Any:
    k.utils.clear_session()
    inputs = k.Input((4,))
    model = k.Model(inputs, operation(k, k.layers.Activation("linear")(inputs)))
    lines: list[str] = []
    model.summary(print_fn=lambda text, **_: lines.append(text))
    written = json.loads(model.to_json())["config"]["layers"]
    read = k.Model.from_config(model.get_config())
    output = model.outputs[0]
    return {
        "summary": lines,
        "configuration": written,
        "output": [output.shape, str(output.dtype), [layer.name for layer in model.layers]],
        "read again": [json.loads(read.to_json())["config"]["layers"] == written, read.name],
        "numbers": [np.asarray(each(X)) for each in (model, read)],
        "predicted": model.predict(X, verbose=0),
    }


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_in_a_graph_is_kerass(operation: str) -> None:
    theirs, ours = (facts(k, OPERATIONS[operation]) for k in (keras, minidense))
    for fact in ("summary", "configuration", "output", "read again"):
        record.same(f"operations of a graph: {fact}", theirs[fact], ours[fact])
    for one, other in zip(theirs["numbers"], ours["numbers"], strict=True):
        record.close("operations of a graph: numbers", one, other, rtol=1e-6)
    record.close(
        "operations of a graph: numbers", theirs["predicted"], ours["predicted"], rtol=1e-6
    )


@in_both
def test_operations_between_layers_are_trained_through(k):
    inputs = k.Input((4,))
    x = k.layers.Dense(4, activation="tanh")(inputs)
    x = x * 2 - inputs
    outputs = k.layers.Dense(1)(k.ops.relu(x + 1)[:, 1:])
    model = k.Model(inputs, outputs)
    model.compile(k.optimizers.SGD(0.1), "mse")
    losses = model.fit(rows(20, 4), rows(20, 1), batch_size=5, epochs=2, verbose=0)
    return [losses.history["loss"], model.get_weights(), len(model.layers)]


@in_both
def test_an_operation_gets_the_next_name_of_its_class(k):
    inputs = k.Input((4,))
    k.Model(inputs, ((inputs + 1) + 2) * 3)
    names = [(inputs + 1)._keras_history.operation.name, (inputs * 1)._keras_history.operation.name]
    return [*names, k.ops.relu6(inputs)._keras_history.operation.name]


def test_an_operation_that_is_not_here_is_named() -> None:
    inputs = minidense.Input((4,))
    config = minidense.Model(inputs, inputs + 1).get_config()
    config["layers"][1]["class_name"] = "Cdist"
    with pytest.raises(ValueError, match=r"no operation 'Cdist' in `ops`"):
        minidense.Model.from_config(config)
