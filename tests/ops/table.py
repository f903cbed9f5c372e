"""All operations in one table: what each is fed with, and what is true of it.

A new operation is one entry. `made` makes its inputs for a number of rows: those that depend on the
rows have None there when they are traced.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from minidense import ops
from minidense.engine.operation import Operation
from minidense.ops import (
    activations,
    arithmetic,
    broadcasting,
    crossentropies,
    functions,
    parts,
    products,
    reductions,
    shapes,
    smooth_activations,
)
from minidense.ops.in_graphs import (
    fused_elu,
    fused_relu,
    fused_relu6,
    fused_sigmoid,
    fused_silu,
    fused_tanh,
    likeliest,
)

Inputs = Callable[["Draw"], list[Any]]


@dataclass
class Draw:
    """The numbers of one example: everything follows from a seed."""

    rows: int
    columns: int
    dtype: str
    seed: int
    scale: float

    def __post_init__(self) -> None:
        self.random = np.random.default_rng(self.seed)

    def real(self, *shape: int) -> Any:
        """Return numbers of both signs; without a shape (rows, columns)."""
        return self._in_dtype(self.random.standard_normal(shape or self.shape) * self.scale)

    def positive(self, *shape: int) -> Any:
        """Return numbers above 0."""
        return self._in_dtype(np.exp(self.random.standard_normal(shape or self.shape)))

    def with_nan(self) -> Any:
        """Return numbers of which a third is NaN."""
        numbers = self.real()
        numbers[self.random.random(self.shape) < 0.3] = np.nan
        return numbers

    def share(self, *shape: int) -> Any:
        """Return numbers from 0.05 to 0.95."""
        return self._in_dtype(self.random.uniform(0.05, 0.95, shape or self.shape))

    def whole(self, *shape: int) -> Any:
        """Return small whole numbers, some of them equal."""
        return self.random.integers(-3, 4, shape or self.shape).astype("int32")

    def truth(self) -> Any:
        """Return truth values."""
        return self.random.random(self.shape) < 0.5

    def labels(self) -> Any:
        """Return a class for each row."""
        return self.random.integers(0, self.columns, self.rows)

    def one_hot(self) -> Any:
        """Return rows with a single 1."""
        return np.eye(self.columns, dtype=self.dtype)[self.labels()]

    @property
    def shape(self) -> tuple[int, int]:
        """The shape of a batch."""
        return self.rows, self.columns

    def _in_dtype(self, numbers: Any) -> Any:
        return np.asarray(numbers).astype(self.dtype)


@dataclass
class Entry:
    """An operation, how it is called, and what is true of it."""

    name: str
    call: Callable[..., Any]
    made: Inputs
    operation: Operation | None = None
    """The operation that is meant, where `call` is another function."""
    slopes: tuple[int, ...] = ()
    """The inputs whose gradient is a central difference."""
    tensorflow: str = ""
    """The same in TensorFlow or Keras, as a function of the same inputs: an expression."""
    bits: bool = True
    """Whether the float32 numbers are TensorFlow's, bit for bit."""
    gradient_bits: bool = True
    marks: set[str] = field(default_factory=set)


def _real(draw: Draw) -> list[Any]:
    return [draw.real()]


def _positive(draw: Draw) -> list[Any]:
    return [draw.positive()]


def _two(draw: Draw) -> list[Any]:
    return [draw.real(), draw.real()]


def _row_beside(draw: Draw) -> list[Any]:
    return [draw.real(), draw.positive(draw.columns)]


def _wholes(draw: Draw) -> list[Any]:
    return [draw.whole(), draw.whole()]


def _truths(draw: Draw) -> list[Any]:
    return [draw.truth(), draw.truth()]


def _share(draw: Draw) -> list[Any]:
    return [draw.share()]


def _moderate(draw: Draw) -> list[Any]:
    """Return numbers for which exp(-x**2) is no subnormal one."""
    return [draw.real().clip(-8, 8)]


def _even(draw: Draw) -> list[Any]:
    return [draw.real(draw.rows, 2 * draw.columns)]


def _with_infinity(draw: Draw) -> list[Any]:
    numbers = draw.with_nan()
    numbers[draw.truth()] *= np.inf
    return [numbers]


def _one(name: str, made: Inputs = _real, **facts: Any) -> Entry:
    """Return the entry of a function of one tensor that `ops`, tf or tf.math has by this name."""
    facts.setdefault("tensorflow", f"keras.ops.{name}")
    return Entry(name, getattr(ops, name), made, slopes=facts.pop("slopes", (0,)), **facts)


def _of_two(name: str, made: Inputs = _row_beside, **facts: Any) -> Entry:
    facts.setdefault("tensorflow", f"keras.ops.{name}")
    return Entry(name, getattr(ops, name), made, **facts)


def _with(name: str, given: str, made: Inputs = _real, **facts: Any) -> Entry:
    """Return the entry of a function of one tensor with settings, which are an expression."""
    settings = eval(f"dict({given})")
    return Entry(
        f"{name}, {given}",
        lambda x: getattr(ops, name)(x, **settings),
        made,
        getattr(ops, name),
        slopes=(0,),
        tensorflow=f"lambda x: keras.ops.{name}(x, {given})",
        **facts,
    )


def _reduction(name: str, axis: Any, keepdims: bool = False, **facts: Any) -> Entry:
    given = f"axis={axis}, keepdims={keepdims}"
    facts.setdefault("slopes", (0,))
    return Entry(
        f"{name}, {given}",
        lambda x: getattr(ops, name)(x, axis=axis, keepdims=keepdims),
        facts.pop("made", _real),
        getattr(ops, name),
        tensorflow=f"lambda x: keras.ops.{name}(x, {given})",
        **facts,
    )


_CUBE = {"made": lambda draw: [draw.real(draw.rows, 5, draw.columns)]}
_SLOPES = {"slopes": (0, 1)}

TABLE = [
    # number by number
    _of_two("add", **_SLOPES),
    Entry("plus", arithmetic.plus, _row_beside, tensorflow="tf.add", **_SLOPES),
    Entry(
        "plus of one column",
        arithmetic.plus,
        lambda draw: [draw.real(draw.rows, 1), draw.real(1)],
        tensorflow="tf.add",
        **_SLOPES,
    ),
    Entry(
        "add_bias",
        arithmetic.add_bias,
        lambda draw: [draw.real(draw.rows, draw.columns + 1), draw.real(draw.columns + 1)],
        tensorflow="tf.nn.bias_add",
        **_SLOPES,
    ),
    Entry(
        "bias_gradient",
        arithmetic.bias_gradient,
        lambda draw: [draw.real(draw.rows, draw.columns + 1), draw.real(draw.columns + 1)],
        tensorflow="lambda x, b: tf.raw_ops.BiasAddGrad(out_backprop=x)",
    ),
    _of_two("subtract", **_SLOPES),
    _of_two("multiply", **_SLOPES),
    _of_two("true_divide", **_SLOPES),
    Entry(
        "divide_no_nan",
        arithmetic.divide_no_nan,
        _row_beside,
        tensorflow="tf.math.divide_no_nan",
        **_SLOPES,
    ),
    _of_two(
        "floor_divide", _wholes_without_zero := lambda draw: [draw.whole(), draw.whole() * 2 + 1]
    ),
    _of_two("mod", _wholes_without_zero),
    Entry("mod of floats", ops.mod, _row_beside, tensorflow="keras.ops.mod", **_SLOPES),
    _of_two("fmod", _wholes_without_zero),
    Entry("fmod of floats", ops.fmod, _row_beside, tensorflow="keras.ops.fmod", **_SLOPES),
    _of_two(
        "power",
        lambda draw: [draw.positive(), draw.real(draw.columns)],
        slopes=(0, 1),
        bits=False,
        gradient_bits=False,
    ),
    _of_two("maximum", _two, **_SLOPES),
    _of_two("minimum", _two, **_SLOPES),
    *(_of_two(name, _wholes) for name in ("equal", "not_equal", "greater", "greater_equal")),
    *(_of_two(name, _wholes) for name in ("less", "less_equal")),
    *(_of_two(name, _wholes) for name in ("bitwise_and", "bitwise_or", "bitwise_xor")),
    *(_of_two(name, _truths) for name in ("logical_and", "logical_or", "logical_xor")),
    Entry("logical_not", ops.logical_not, lambda d: [d.truth()], tensorflow="tf.logical_not"),
    Entry("bitwise_invert of truth", ops.bitwise_invert, lambda draw: [draw.truth()]),
    _one("bitwise_invert", lambda draw: [draw.whole()], slopes=()),
    _one("bitwise_not", lambda draw: [draw.whole()], slopes=()),
    Entry("isnan", ops.isnan, lambda draw: [draw.with_nan()], tensorflow="tf.math.is_nan"),
    _one("isinf", _with_infinity, slopes=()),
    _one("isfinite", _with_infinity, slopes=()),
    Entry(
        "nan_to_num",
        ops.nan_to_num,
        _with_infinity,
        tensorflow="lambda x: keras.ops.nan_to_num(x)",
    ),
    Entry(
        "nan_to_num, with numbers",
        lambda x: ops.nan_to_num(x, 1.0, 2.0, 3.0),
        _with_infinity,
        ops.nan_to_num,
        tensorflow="lambda x: keras.ops.nan_to_num(x, 1.0, 2.0, 3.0)",
    ),
    Entry(
        "where",
        ops.where,
        lambda draw: [draw.truth(), draw.real(), draw.real(draw.columns)],
        slopes=(1, 2),
        tensorflow="keras.ops.where",
    ),
    Entry(
        "clip",
        lambda x: ops.clip(x, -0.5, 0.7),
        _real,
        ops.clip,
        slopes=(0,),
        tensorflow="lambda x: keras.ops.clip(x, -0.5, 0.7)",
    ),
    _one("negative"),
    _one("absolute"),
    _one("sign"),
    _one("square"),
    _one("floor"),
    _one("ceil"),
    _one("trunc"),
    _one("round", slopes=()),
    _one("sqrt", _positive),
    _one("rsqrt", _positive),
    Entry(
        "sqrt_gradient",
        functions.sqrt_gradient,
        lambda draw: [draw.real(), draw.positive()],
        tensorflow="lambda g, y: tf.raw_ops.SqrtGrad(y=y, dy=g)",
    ),
    Entry(
        "reciprocal",
        ops.reciprocal,
        _positive,
        slopes=(0,),
        tensorflow="tf.math.reciprocal",
    ),
    _one("exp"),
    _one("log", _positive),
    _one("log1p", _positive, bits=False),
    _one("expm1", bits=False),  # as log1p: what fills no register is rounded from float64
    _one("log2", _positive),
    _one("log10", _positive),
    _of_two("logaddexp", bits=False, **_SLOPES),  # for log1p
    _one("tanh"),
    _one("erf", _moderate),
    Entry("erfc", ops.erfc, _moderate, slopes=(0,), tensorflow="tf.math.erfc"),
    _one("erfinv", lambda draw: [draw.share()]),
    # the numbers are NumPy's, up to 5 units in the last place from Eigen's (arccos): see
    # `ops/trigonometry.py`
    *(_one(name, bits=False) for name in ("sin", "cos", "arctan", "sinh", "cosh", "arcsinh")),
    *(_one(name, _share, bits=False) for name in ("tan", "arcsin", "arccos", "arctanh")),
    _one("arccosh", lambda draw: [1 + draw.positive()], bits=False),
    _of_two("arctan2", bits=False, **_SLOPES),
    # between the layers
    _one("relu"),
    _one("relu6"),
    _one("leaky_relu"),
    *(_one(name) for name in ("elu", "selu", "softsign", "squareplus", "silu", "tanh_shrink")),
    *(_one(name, bits=False) for name in ("softplus", "log_sigmoid")),  # for log1p
    _one("celu", bits=False),  # for expm1
    # for power; and 1 - tanh(x) ** 2, which is a difference of numbers alike, times x ** 3 far out
    _one("gelu", lambda draw: [draw.real().clip(-3, 3)], bits=False),
    Entry(
        "exponential_unit",
        smooth_activations.exponential_unit,
        _real,
        slopes=(0,),
        tensorflow="tf.nn.elu",
    ),
    _with("elu", "alpha=0.5"),
    _with("celu", "alpha=0.5", bits=False),
    _with("gelu", "approximate=False", made=_moderate),
    _with("squareplus", "b=0.5"),
    _one("glu", _even),
    _with("glu", "axis=0", made=lambda draw: [draw.real(4, draw.columns)]),
    *(_one(name) for name in ("hard_sigmoid", "hard_silu", "hard_tanh", "soft_shrink")),
    *(_one(name) for name in ("hard_shrink", "sparse_sigmoid")),
    _one("sparse_plus", bits=False),  # for power
    _with("soft_shrink", "threshold=0.25"),
    _with("hard_shrink", "threshold=0.25"),
    _with("threshold", "threshold=0.25, default_value=-1.0"),
    Entry(
        "leaky_slopes",
        lambda x: activations.leaky_slopes(x, negative_slope=0.2),
        _real,
        activations.leaky_slopes,
    ),
    _one("sigmoid"),
    Entry(
        "sigmoid_gradient",
        activations.sigmoid_gradient,
        lambda draw: [draw.real(), draw.share()],
        tensorflow="lambda g, y: tf.raw_ops.SigmoidGrad(y=y, dy=g)",
    ),
    _one("softmax", tensorflow="tf.nn.softmax"),
    Entry(
        "softmax over the rows",
        lambda x: ops.softmax(x, axis=0),
        _real,
        ops.softmax,
        slopes=(0,),
        tensorflow="lambda x: tf.nn.softmax(x, axis=0)",
    ),
    Entry(
        "softmax_over",
        lambda x: activations.softmax_over(x, axis=(0, 2)),
        _CUBE["made"],
        activations.softmax_over,
        slopes=(0,),
        tensorflow="lambda x: keras.activations.softmax(x, axis=(0, 2))",
    ),
    _one("log_softmax"),
    _with("log_softmax", "axis=0"),
    _with("log_softmax", "axis=None"),
    # many to one
    *(_reduction("sum", axis) for axis in (None, 0, -1)),
    *(_reduction("mean", axis) for axis in (None, 0, -1)),
    *(_reduction("sum", axis, True, **_CUBE) for axis in ((0, 1), (0, 2), 1, (1, 2))),
    _reduction("mean", (0, 2), **_CUBE),
    *(_reduction("max", axis) for axis in (None, 0, -1)),
    _reduction("min", -1, True),
    _reduction("prod", 0, bits=False, slopes=()),
    _reduction("all", 0, made=lambda draw: [draw.truth()], slopes=()),
    _reduction("any", -1, made=lambda draw: [draw.truth()], slopes=()),
    Entry(
        "sum of whole numbers",
        lambda x: ops.sum(x, axis=0),
        lambda draw: [draw.whole()],
        ops.sum,
        tensorflow="lambda x: keras.ops.sum(x, axis=0)",
    ),
    Entry(
        "argmax",
        lambda x: ops.argmax(x, axis=-1),
        lambda draw: [draw.with_nan()],
        ops.argmax,
        tensorflow="lambda x: keras.ops.argmax(x, axis=-1)",
    ),
    Entry("share_of", reductions.share_of, lambda draw: [draw.real(), draw.real(draw.columns)]),
    # products
    Entry(
        "matmul_2d",
        products.matmul_2d,
        lambda draw: [draw.real(draw.rows, 7), draw.real(7, draw.columns)],
        slopes=(0, 1),
        tensorflow="tf.matmul",
    ),
    Entry(
        "as_rows_of",
        products.as_rows_of,
        lambda draw: [draw.real(draw.rows * 2, draw.columns), draw.real(draw.rows, 2, 3)],
        slopes=(0,),
    ),
    # losses
    Entry(
        "check_labels",
        lambda y, z: [crossentropies.check_labels(y, z), shapes.identity(y)][1],
        lambda draw: [draw.labels(), draw.real()],
        crossentropies.check_labels,
    ),
    Entry(
        "sparse_from_logits",
        lambda labels, logits: crossentropies.sparse_from_logits(labels, logits)[0],
        lambda draw: [draw.labels(), draw.real()],
        crossentropies.sparse_from_logits,
        slopes=(1,),
        tensorflow="lambda y, z: tf.nn.sparse_softmax_cross_entropy_with_logits(y, z)",
    ),
    Entry(
        "categorical_from_logits",
        lambda targets, logits: crossentropies.categorical_from_logits(targets, logits)[0],
        lambda draw: [draw.one_hot(), draw.real()],
        crossentropies.categorical_from_logits,
        slopes=(1,),
        tensorflow="lambda t, z: tf.nn.softmax_cross_entropy_with_logits(labels=t, logits=z)",
    ),
    Entry(
        "binary_from_logits",
        crossentropies.binary_from_logits,
        lambda draw: [draw.share(), draw.real()],
        slopes=(1,),
        tensorflow="lambda t, z: tf.nn.sigmoid_cross_entropy_with_logits(labels=t, logits=z)",
        bits=False,
    ),
    Entry(
        "binary_gradient",
        crossentropies.binary_gradient,
        lambda draw: [draw.real(), draw.share(), draw.real()],
    ),
    # shapes
    Entry(
        "cast",
        lambda x: ops.cast(x, "float32"),
        _real,
        ops.cast,
        tensorflow="lambda x: tf.cast(x, 'float32')",
    ),
    Entry("identity", shapes.identity, _real, slopes=(0,), tensorflow="tf.identity"),
    Entry("read", shapes.read, _real),
    Entry("stop_gradient", ops.stop_gradient, _real, tensorflow="tf.stop_gradient"),
    Entry("dimension", lambda x: shapes.dimension(x, axis=0), _real, shapes.dimension),
    Entry("size_of", lambda x: shapes.size_of(x, dtype="float32"), _real, shapes.size_of),
    Entry("ones_like", ops.ones_like, _real, tensorflow="tf.ones_like"),
    Entry("zeros_like", ops.zeros_like, _real, tensorflow="tf.zeros_like"),
    Entry(
        "reshape",
        lambda x: ops.reshape(x, (-1, 2)),
        lambda draw: [draw.real(draw.rows, 2 * draw.columns)],
        ops.reshape,
        slopes=(0,),
        tensorflow="lambda x: tf.reshape(x, (-1, 2))",
    ),
    Entry("reshape_like", shapes.reshape_like, lambda d: [d.real(), d.real(d.rows * d.columns)]),
    Entry("flatten_rows", shapes.flatten_rows, _CUBE["made"], slopes=(0,)),
    Entry("in_rows", products.in_rows, _CUBE["made"], slopes=(0,)),
    _one("transpose"),
    Entry(
        "transpose of three axes",
        lambda x: ops.transpose(x, axes=(2, 0, 1)),
        _CUBE["made"],
        ops.transpose,
        slopes=(0,),
        tensorflow="lambda x: tf.transpose(x, (2, 0, 1))",
    ),
    Entry(
        "expand_dims",
        lambda x: ops.expand_dims(x, axis=1),
        _real,
        ops.expand_dims,
        slopes=(0,),
        tensorflow="lambda x: tf.expand_dims(x, 1)",
    ),
    Entry(
        "squeeze",
        lambda x: ops.squeeze(x, axis=-1),
        lambda draw: [draw.real(draw.rows, draw.columns, 1)],
        ops.squeeze,
        slopes=(0,),
        tensorflow="lambda x: tf.squeeze(x, -1)",
    ),
    Entry(
        "broadcast_to",
        lambda x: ops.broadcast_to(x, shape=(4, 3, 5)),
        lambda draw: [draw.real(3, 1)],
        ops.broadcast_to,
        slopes=(0,),
        tensorflow="lambda x: tf.broadcast_to(x, (4, 3, 5))",
    ),
    Entry(
        "broadcast_like",
        broadcasting.broadcast_like,
        lambda draw: [draw.real(1, draw.columns), draw.real()],
        slopes=(0,),
    ),
    Entry("sum_to", broadcasting.sum_to, lambda draw: [draw.real(), draw.real(1, draw.columns)]),
    Entry(
        "get_item",
        lambda x: parts.get_item(x, key=(slice(None), slice(0, None, 2))),
        _real,
        parts.get_item,
        slopes=(0,),
        tensorflow="lambda x: x[:, ::2]",
    ),
    Entry(
        "put_item",
        lambda part, like: parts.put_item(part, like, key=(slice(None), 0)),
        lambda draw: [draw.real(draw.rows), draw.real()],
        parts.put_item,
    ),
    Entry(
        "boolean_mask",
        lambda x: parts.boolean_mask(x, np.array([True, False, True])),
        lambda draw: [draw.real(3, draw.columns)],
        parts.boolean_mask,
        slopes=(0,),
    ),
    Entry(
        "where_masked",
        lambda part, like: parts.where_masked(part, like, np.array([True, False, True])),
        lambda draw: [draw.real(2, draw.columns), draw.real(3, draw.columns)],
        parts.where_masked,
        slopes=(0,),
    ),
    Entry(
        "stack_all",
        lambda x1, x2: parts.stack_all(x1, x2, axis=1),
        _two,
        parts.stack_all,
        slopes=(0, 1),
        tensorflow="lambda x1, x2: tf.stack([x1, x2], 1)",
    ),
    # what a graph is rewritten to
    Entry("fused_elu", fused_elu, _real, marks={"float32"}),
    Entry("fused_silu", fused_silu, _real, marks={"float32"}),
    Entry("fused_relu", fused_relu, _real, marks={"float32"}),
    Entry("fused_relu6", fused_relu6, _real, marks={"float32"}),
    Entry("fused_sigmoid", fused_sigmoid, _real, marks={"float32"}),
    Entry("fused_tanh", fused_tanh, _real, marks={"float32"}),
    Entry("likeliest", likeliest, lambda draw: [draw.real().round(1)], marks={"float32"}),
]


def operation_of(entry: Entry) -> Any:
    """Return the operation that an entry is about."""
    return entry.operation or entry.call
