"""What TensorFlow makes of a graph before it runs it: rule by rule, with its source.

Nothing of it is done where operations run one by one (`model(x)`, `run_eagerly=True`): the two ways
differ in last bits, and where there are NaN and infinity. A rule is a function of one call; what it
returns takes the place of the call. The last rules are our own, and change no result.

Followed is what a dense model meets today. Not followed:

- what no layer, loss, optimizer or metric of today leads to, and only a user's own formula would:
  constants pushed through products and other sums, powers with a constant exponent, log(1 + x),
  exp(x) - 1, x * sigmoid(x) written out, sums of three terms or more, which are added in the order
  of the names of TensorFlow's nodes (`AddN`), and products in the order of their shapes
  (`MinimizeBroadcasts`);
- the last bits of a gelu: oneDNN has one kernel for it with its product, where infinity gives NaN;
- the last bit of a fused tanh, in 9 % of the numbers: oneDNN has a table for it;
- `jit_compile=True`: XLA has last bits of its own, and lets NaN through a relu.

Sources are files of `tensorflow/core/grappler/optimizers`; measured on TensorFlow 2.21.0.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np

from minidense.engine.operation import Call, Operation
from minidense.engine.trace import Trace, TraceTensor
from minidense.engine.wiring import Wiring
from minidense.ops.activations import relu, relu6, sigmoid, softmax
from minidense.ops.arithmetic import add_bias, multiply, plus, subtract, true_divide
from minidense.ops.axes import merge_axes
from minidense.ops.crossentropies import binary_gradient
from minidense.ops.extremes import argmax
from minidense.ops.functions import reciprocal, rsqrt, sqrt, tanh
from minidense.ops.in_graphs import (
    fused_elu,
    fused_relu,
    fused_relu6,
    fused_sigmoid,
    fused_silu,
    fused_tanh,
    likeliest,
)
from minidense.ops.products import matmul_2d
from minidense.ops.shapes import (
    transpose,
)
from minidense.ops.smooth_activations import exponential_unit, silu

Rule = Callable[[Call, Wiring], Sequence[Call] | None]


def rewritten(trace: Trace) -> None:
    """Rewrite a trace in place, by all rules."""
    equal_calls_are_one(trace)
    for rule, operations in RULES.items():
        wiring = Wiring(trace)
        calls: list[Call] = []
        for call in trace.calls:
            instead = rule(call, wiring) if call.operation in operations else None
            calls += instead or [call]
        trace.calls = calls
        trace.finish(trace.outputs)


def equal_calls_are_one(trace: Trace) -> None:
    """An operation on the same tensors, set in the same way, is run once.

    Source: `DedupComputations` in `arithmetic_optimizer.cc`.
    """
    first: dict[Any, Call] = {}
    same: dict[int, Any] = {}
    calls = []
    for call in trace.calls:
        inputs = [same.get(id(x), x) for x in call.inputs]
        key = call.operation, *map(_identity, inputs), repr(call.settings), call.flushed
        known = None if call.operation.opaque else first.get(key)
        if known is None:
            first[key] = call._replace(inputs=inputs)
            calls.append(first[key])
        else:
            same |= {id(a): b for a, b in zip(call.outputs, known.outputs, strict=True)}
    trace.calls = calls
    trace.writes = {v: same.get(id(x), x) for v, x in trace.writes.items()}
    trace.finish([same.get(id(x), x) for x in trace.outputs])


def _identity(x: Any) -> Any:
    """Return what equal inputs have in common: for numbers it is their value."""
    if isinstance(x, np.ndarray) and not x.ndim:
        return x.dtype, x.tobytes()
    return (type(x), repr(x)) if isinstance(x, (bool, int, float)) else id(x)  # 0.0 is not -0.0


# A product with a bias and an activation is one kernel


_FUSED = {
    **{relu: fused_relu, relu6: fused_relu6, sigmoid: fused_sigmoid, tanh: fused_tanh},
    exponential_unit: fused_elu,
}


def activation_joins_the_product(call: Call, wiring: Wiring) -> Sequence[Call] | None:
    """A product, its bias and an activation are one kernel of oneDNN's, with its own activation.

    In float32, where nobody else reads the product or what goes into the activation. Product and
    bias have the same bits in both ways, so only the activation changes here.

    Source: `FindContractionWithBiasAndActivation` in `remapper.cc`.
    """
    biased = wiring.maker(call.inputs[0], add_bias, plus)
    if biased is None or call.outputs[0].dtype != np.float32:
        return None
    for product, bias in (biased.inputs, biased.inputs[::-1]):
        is_bias = biased.operation is add_bias or np.shape(bias) == np.shape(product)[-1:]
        if is_bias and wiring.maker(product, matmul_2d) is not None:
            return [call._replace(operation=_FUSED[call.operation])]
    return None


def silu_is_one_kernel(call: Call, wiring: Wiring) -> Sequence[Call] | None:
    """A product x * sigmoid(x) is one kernel of oneDNN's, with its own exponential; in float32.

    Source: `FindSigmoidAndMul` in `remapper.cc`.
    """
    is_float32 = call.outputs[0].dtype == np.float32
    return [call._replace(operation=fused_silu)] if is_float32 else None


def transposition_joins_the_product(call: Call, wiring: Wiring) -> Sequence[Call] | None:
    """A product of a transposed matrix reads it as it lies: so in `tensordot` and `einsum`.

    Where operations run one by one, it is copied in its new order first.

    Source: `FoldTransposeIntoMatMul` in `arithmetic_optimizer.cc`.
    """
    taken: list[Any] = []
    views: list[Call] = []
    for x in call.inputs:
        turned = wiring.made_by(x, transpose)
        merged = wiring.made_by(x if turned is None else turned.inputs[0], merge_axes)
        is_copy = merged is not None and tuple(merged.settings["counts"]) == (1, 1)
        if merged is None or not is_copy or None in merged.inputs[0].shape:
            taken.append(x)
        elif turned is None:
            taken += merged.inputs
        else:
            views.append(wiring.made(turned, transpose, *merged.inputs))
            taken += views[-1].outputs
    return [*views, call._replace(inputs=taken)]


# Divisions


def root_below_is_rsqrt(call: Call, wiring: Wiring) -> Sequence[Call] | None:
    """A quotient x / sqrt(y) is x * rsqrt(y), where nobody else reads the root: in RMSprop.

    Source: `SqrtDivToRsqrtMulStage` in `arithmetic_optimizer.cc`.
    """
    x, divisor = call.inputs
    root = wiring.maker(divisor, sqrt)
    if root is None:
        return None
    inverse = wiring.made(call, rsqrt, root.inputs[0])
    return [inverse, call._replace(operation=multiply, inputs=[x, *inverse.outputs])]


def division_by_constant_is_product(call: Call, wiring: Wiring) -> Sequence[Call] | None:
    """A quotient x / c is x * (1 / c) for a constant: in the gradient of a mean over known rows.

    Source: `ReduceDivToReciprocalMul` in `constant_folding.cc`.
    """
    x, divisor = call.inputs
    if wiring.is_constant(x) or not wiring.is_constant(divisor):
        return None
    inverse = wiring.made(call, reciprocal, divisor)
    return [inverse, call._replace(operation=multiply, inputs=[x, *inverse.outputs])]


def one_above_is_reciprocal(call: Call, wiring: Wiring) -> Sequence[Call] | None:
    """A quotient 1 / x is reciprocal(x), which is off by up to 3 units in the last place.

    Source: `SimplifyArithmeticOperations` in `constant_folding.cc`.
    """
    one, x = call.inputs
    is_alike = isinstance(x, TraceTensor) and x.shape == call.outputs[0].shape
    is_one = not isinstance(one, TraceTensor) and bool(np.all(np.asarray(one) == 1))
    return [call._replace(operation=reciprocal, inputs=[x])] if is_one and is_alike else None


# Sums


def constant_is_added_first(call: Call, wiring: Wiring) -> Sequence[Call] | None:
    """A sum (x - y) + c is (c - y) + x for a constant, where nobody else reads x - y.

    So in RMSprop, centered. Where x is a constant, too, it is (x + c) - y.

    Source: `ConstantPushDown` in `constant_folding.cc`.
    """
    for inner, constant in (call.inputs, call.inputs[::-1]):
        difference = wiring.maker(inner, subtract)
        if difference is not None and wiring.is_constant(constant):
            x, y = difference.inputs
            if wiring.is_constant(x):
                both = wiring.made(call, plus, x, constant)
                return [both, call._replace(operation=subtract, inputs=[*both.outputs, y])]
            less = wiring.made(call, subtract, constant, y)
            return [less, call._replace(inputs=[*less.outputs, x])]
    return None


def binary_gradient_is_added_by_name(call: Call, wiring: Wiring) -> Sequence[Call] | None:
    """The terms of the binary cross-entropy's gradient are added in the order of their names.

    Source: `AddOpsRewriteStage` in `arithmetic_optimizer.cc`, which makes an `AddN` of them.
    """
    return [call._replace(settings={"in_graph": True})]


# Our own: the same results, sooner


def softmax_is_not_computed_for_argmax(call: Call, wiring: Wiring) -> Sequence[Call] | None:
    """The argmax of a softmax that nobody else reads is found in the logits: in accuracy."""
    shares = wiring.maker(call.inputs[0], softmax)
    if shares is None or shares.outputs[0].dtype != np.float32:
        return None
    last = len(shares.outputs[0].shape) - 1
    axes = call.settings.get("axis"), shares.settings.get("axis", -1)
    if call.settings.get("keepdims") or not all(axis in (-1, last) for axis in axes):
        return None
    return [call._replace(operation=likeliest, inputs=shares.inputs, settings={})]


RULES: dict[Rule, Collection[Operation]] = {
    activation_joins_the_product: _FUSED,
    silu_is_one_kernel: [silu],
    transposition_joins_the_product: [matmul_2d],
    root_below_is_rsqrt: [true_divide],
    division_by_constant_is_product: [true_divide],
    one_above_is_reciprocal: [true_divide],
    constant_is_added_first: [plus],
    binary_gradient_is_added_by_name: [binary_gradient],
    softmax_is_not_computed_for_argmax: [argmax],
}
"""Each rule with the operations whose calls it rewrites, in the order in which they apply."""
