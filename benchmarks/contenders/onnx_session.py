"""ONNX Runtime, called from Python: prediction only."""

import os

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from benchmarks.contenders import Work
from benchmarks.workloads import Workload


def prepare(
    workload: Workload, rows: tuple[np.ndarray, np.ndarray], argument: str, device: str
) -> Work:
    """Write the model as ONNX, in memory, and open a session."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(os.environ["OMP_NUM_THREADS"])
    session = onnxruntime.InferenceSession(
        onnx_model(workload), options, providers=["CPUExecutionProvider"]
    )
    x = rows[0]
    if workload.kind == "call":
        return lambda: session.run(None, {"x": x})[0]
    starts = range(0, len(x), workload.batch)
    return lambda: np.concatenate(
        [session.run(None, {"x": x[start : start + workload.batch]})[0] for start in starts]
    )


def onnx_model(workload: Workload) -> bytes:
    """MatMul, Add, Relu for each hidden layer; Flatten, MatMul, Add, Softmax for the outputs."""
    random = np.random.default_rng(0)
    nodes, weights = [], []
    hidden = "x"
    layers = workload.layers()
    for index, (_, features, units) in enumerate(layers):
        kernel = random.standard_normal((features, units), dtype="float32") / features
        weights.append(numpy_helper.from_array(kernel.astype("float32"), f"kernel{index}"))
        weights.append(numpy_helper.from_array(np.zeros(units, "float32"), f"bias{index}"))
        if index == len(layers) - 1:
            nodes.append(helper.make_node("Flatten", [hidden], ["flat"]))
            hidden = "flat"
        nodes.append(helper.make_node("MatMul", [hidden, f"kernel{index}"], [f"product{index}"]))
        nodes.append(helper.make_node("Add", [f"product{index}", f"bias{index}"], [f"sum{index}"]))
        last = index == len(layers) - 1
        name = "Softmax" if last else "Relu"
        nodes.append(helper.make_node(name, [f"sum{index}"], [f"outputs{index}"]))
        hidden = f"outputs{index}"
    graph = helper.make_graph(
        nodes,
        "mlp",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", *workload.shape])],
        [helper.make_tensor_value_info(hidden, TensorProto.FLOAT, None)],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8  # old enough for every runtime of the last years
    content: bytes = model.SerializeToString()
    return content
