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
    axes,
    broadcasting,
    crossentropies,
    custom,
    decompositions,
    functions,
    inverses,
    parts,
    products,
    reductions,
    running,
    shapes,
    smooth_activations,
    sorting,
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


def _apart(draw: Draw) -> list[Any]:
    """Return numbers of which no two are close to each other."""
    numbers = draw.random.permutation(draw.rows * draw.columns) / 100
    return [numbers.reshape(draw.shape).astype(draw.dtype)]


def _between_kinks(draw: Draw) -> list[Any]:
    """Return numbers that no small step moves over a kink, which are multiples of 1 / 16."""
    return [((np.floor(x * 16) + 0.5) / 16).astype(x.dtype) for x in _real(draw)]


def _near_one(draw: Draw) -> list[Any]:
    """Return numbers whose products are neither large nor subnormal."""
    return [draw.share() + draw.share().dtype.type(0.5)]


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


def _called(
    name: str, given: str, made: Inputs = _real, inputs: tuple[str, ...] = ("x",), **facts: Any
) -> Entry:
    """Return the entry of a function of `ops` with these arguments, which Keras has, too."""
    code = f"lambda {', '.join(inputs)}: {{}}.{name}(x, {given})"
    facts.setdefault("slopes", (0,))
    return Entry(
        f"{name}, {given}",
        eval(code.format("ops")),
        made,
        getattr(ops, name),
        tensorflow=code.format("keras.ops"),
        **facts,
    )


def _of_matrices(name: str, code: str) -> Entry:
    """Return the entry of a function of matrices that are far from singular."""

    def made(draw: Draw) -> list[Any]:
        return [draw.share(draw.rows, 3, 3) + np.diag([1, 4, 7]).astype(draw.dtype)]

    name_of_entry = code.replace("{}.", "")
    return Entry(
        name_of_entry,
        eval("lambda x: " + code.replace("{}", "ops")),
        made,
        getattr(ops, name),
        slopes=(0,),
        tensorflow="lambda x: " + code.replace("{}", "keras.ops"),
        bits=False,
        gradient_bits=False,
    )


def _gradient_of_matrices(operation: Operation, *shapes: tuple[int, ...]) -> Entry:
    """Return the entry of an operation on matrices that the table reaches through others."""

    def made(draw: Draw) -> list[Any]:
        eye = np.eye(3, dtype=draw.dtype)
        return [
            draw.share(draw.rows, *shape) + (3 * eye if shape == (3, 3) else 0) for shape in shapes
        ]

    return Entry(operation.name, operation, made)


def _cube_and(*shape: Any) -> Inputs:
    """Return what makes an array of shape (rows, 5, 4), and another of a shape."""

    def made(draw: Draw) -> list[Any]:
        sizes = [draw.rows if size == "rows" else size for size in shape]
        other = draw.real(*sizes) if sizes else draw.real(draw.rows, 5, 4)
        return [draw.real(draw.rows, 5, 4), other]

    return made


_SIZES = {"i": 5, "j": 3, "g": 2, "h": 4}

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
    *(_one(name, _between_kinks) for name in ("hard_sigmoid", "hard_silu", "hard_tanh")),
    *(_one(name, _between_kinks) for name in ("soft_shrink", "hard_shrink", "sparse_sigmoid")),
    _one("sparse_plus", _between_kinks, bits=False),  # for power
    _with("soft_shrink", "threshold=0.25", _between_kinks),
    _with("hard_shrink", "threshold=0.25", _between_kinks),
    _with("threshold", "threshold=0.25, default_value=-1.0", _between_kinks),
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
    *(_reduction("prod", axis, bits=False, **_CUBE) for axis in (None, 0, (0, 2))),
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
    Entry(
        "argmin",
        lambda x: ops.argmin(x, axis=0, keepdims=True),
        lambda draw: [draw.with_nan().round(1)],
        ops.argmin,
        tensorflow="lambda x: keras.ops.argmin(x, axis=0, keepdims=True)",
    ),
    Entry(
        "max, initial",
        lambda x: ops.max(x, axis=0, initial=0.5),
        _real,
        ops.max,
        slopes=(0,),
        tensorflow="lambda x: keras.ops.max(x, axis=0, initial=0.5)",
    ),
    *(_reduction("var", axis) for axis in (None, 0, -1)),
    *(_reduction("std", axis, **_CUBE) for axis in (None, (0, 1), 1)),  # of one, its slope is NaN
    _reduction("amax", 0),
    _reduction("amin", -1),
    *(_reduction("logsumexp", axis) for axis in (None, 0, -1)),
    _reduction("logsumexp", (0, 2), True, **_CUBE),
    _called("count_nonzero", "axis=0", lambda draw: [draw.whole()], slopes=()),
    _called("average", "axis=1"),
    _called(
        "average",
        "axis=-1, weights=w",
        lambda draw: [draw.real(), draw.positive(draw.columns)],
        ("x", "w"),
        slopes=(0, 1),
    ),
    _called(
        "average",
        "axis=0, weights=w",
        lambda draw: [draw.real(), draw.positive()],
        ("x", "w"),
        slopes=(0, 1),
    ),
    # lengths
    *(_called("norm", f"axis={axis}") for axis in (None, 0, -1)),
    *(_called("norm", f"ord=float('{sign}inf'), axis=-1, keepdims=True") for sign in ("", "-")),
    _called("norm", "ord=3, axis=0", bits=False),  # powers
    _called("norm", "ord=0, axis=0", lambda draw: [draw.whole()], slopes=()),
    *(
        _called("norm", f"ord={order}, axis=(0, 2)", _CUBE["made"])
        for order in ("1", "-1", "float('inf')", "'fro'")
    ),
    *(_called("normalize", f"axis={axis}, order=1") for axis in (0, -1)),
    *(  # of vectors that are short, or of one number, the slopes cancel out
        _called("normalize", f"axis={axis}", lambda draw: [draw.share(draw.rows, 5, 5)])
        for axis in (1, -1)
    ),
    # along an axis
    *(_called("cumsum", f"axis={axis}") for axis in (None, 0, 1)),
    *(_called("cumprod", f"axis={axis}", _near_one) for axis in (None, 0, 1)),
    *(
        Entry(
            f"{operation.name}, {more}",
            lambda x, operation=operation, more=more: operation(x, axis=1, **{more: True}),
            _near_one,
            operation,
            slopes=(0,),
            tensorflow=f"lambda x: tf.math.{name}(x, axis=1, {more}=True)",
        )
        for operation, name in (
            (running.running_sum, "cumsum"),
            (running.running_product, "cumprod"),
        )
        for more in ("exclusive", "reverse")
    ),
    # in order
    *(_called("sort", f"axis={axis}", _apart) for axis in (None, 0, -1)),
    *(
        _called("argsort", f"axis={axis}", lambda draw: [draw.whole()], slopes=())
        for axis in (None, 0, -1)
    ),
    Entry(
        "sorted_places",
        lambda x: sorting.sorted_places(x, axis=1, descending=True),
        lambda draw: [draw.whole()],
        sorting.sorted_places,
        tensorflow="lambda x: tf.argsort(x, axis=1, direction='DESCENDING', stable=True)",
    ),
    *(
        Entry(
            f"top_k, {part}",
            lambda x, part=part: getattr(ops.top_k(x, 1), part),
            _apart,
            ops.top_k,
            slopes=(0,) if part == "values" else (),
            tensorflow=f"lambda x: keras.ops.top_k(x, 1).{part}",
        )
        for part in ("values", "indices")
    ),
    Entry(
        "in_top_k",
        lambda targets, x: ops.in_top_k(targets, x, 2),
        lambda draw: [draw.labels().astype("int32"), draw.with_nan().round(1).astype("float32")],
        ops.in_top_k,
        tensorflow="lambda targets, x: keras.ops.in_top_k(targets, x, 2)",
    ),
    Entry(
        "taken_along",
        lambda x, places: sorting.taken_along(x, places, axis=1),
        lambda draw: [draw.real(), draw.real().argsort(1)],
        sorting.taken_along,
        slopes=(0,),
        tensorflow="lambda x, places: keras.ops.take_along_axis(x, places, axis=1)",
    ),
    Entry(
        "put_along",
        lambda part, like, places: sorting.put_along(part, like, places, axis=1),
        lambda draw: [draw.real(), draw.real(), draw.real().argsort(1)],
        sorting.put_along,
        slopes=(0,),
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
    *(
        Entry(
            f"matmul, {name}",
            ops.matmul,
            lambda draw, shapes=shapes: [draw.real(*shape(draw)) for shape in shapes],
            slopes=(0, 1),
            tensorflow="keras.ops.matmul",
        )
        for name, shapes in {
            "a vector": (lambda d: (d.rows, 5), lambda d: (5,)),
            "a row": (lambda d: (d.rows,), lambda d: (d.rows, 4)),
            "two vectors": (lambda d: (7,), lambda d: (7,)),
            "rows of a stack": (lambda d: (d.rows, 2, 5), lambda d: (5, 3)),
            "a row for a stack": (lambda d: (5,), lambda d: (d.rows, 5, 3)),
            "stacks": (lambda d: (d.rows, 2, 5), lambda d: (d.rows, 5, 3)),
            "a stack of stacks": (lambda d: (2, d.rows, 4, 5), lambda d: (1, 5, 1)),
            "a matrix for a stack": (lambda d: (2, 5), lambda d: (d.rows, 5, 3)),
        }.items()
    ),
    Entry(
        "matmul_stacks",
        products.matmul_stacks,
        lambda draw: [draw.real(draw.rows, 1, 5), draw.real(draw.rows, 5, draw.columns)],
        slopes=(0, 1),
        tensorflow="tf.matmul",
    ),
    *(
        _called("tensordot", f"w, axes={summed}", _cube_and(*shape), ("x", "w"), slopes=(0, 1))
        for summed, shape in {
            "2": (5, 4, 3),
            "((1, 0), (2, 0))": ("rows", 2, 5),
            "((1,), (1,))": (3, 5),
            "0": (2,),
            "1": (4,),
        }.items()
    ),
    *(
        _called(name, "w", _cube_and(*shape), ("x", "w"), slopes=(0, 1))
        for name, shape in (("dot", (3, 4, 2)), ("inner", (5, 4)), ("outer", (3,)), ("vdot", ()))
    ),
    *(
        Entry(
            f"einsum, {subscripts}",
            lambda *xs, subscripts=subscripts: ops.einsum(subscripts, *xs),
            lambda draw, subscripts=subscripts: [
                draw.real(*(_SIZES.get(letter, draw.rows) for letter in part))
                for part in subscripts.split("->")[0].replace("...", "gh").split(",")
            ],
            operation=ops.einsum,
            slopes=tuple(range(subscripts.count(",") + 1)),
            tensorflow=f"lambda *xs: keras.ops.einsum({subscripts!r}, *xs)",
            bits=bits,
            gradient_bits=gradient_bits,
        )
        # TensorFlow multiplies some in another order, and sums all axes as one row
        for subscripts, bits, gradient_bits in (
            ("bi,ij->bj", True, True),
            ("bi,ji->bj", True, True),
            ("bi,bi->b", True, True),
            ("b,i->bi", True, True),
            ("bhi,bhj->bij", True, True),
            ("bhi,bgi->bhg", True, True),
            ("bhi,hij->bj", True, False),
            ("bi->", False, False),
            ("bi->ib", True, True),
            ("bi->b", True, True),
            ("ii->i", True, True),
            ("bii->b", True, True),
            ("iji", True, True),
            ("...i,ij->...j", True, False),
            ("b...,...->b...", True, True),
            ("bi,ij,jg->bg", True, False),
            ("bi,bj,ij->b", False, False),
            ("bi,ij", True, False),
            ("bgi,j->ib", True, False),
        )
    ),
    # linear algebra: another library's last bits, and signs that are not unique
    *(_of_matrices(name, f"{{}}.{name}(x)") for name in ("inv", "det")),
    _of_matrices("solve", "{}.solve(x, x[..., 0])"),
    _of_matrices("solve", "{}.solve(x, x * x)"),
    *(
        _of_matrices("cholesky", f"{{}}.cholesky({{}}.transpose(x, (0, 2, 1)) @ x{more})")
        for more in ("", ", upper=True")
    ),
    *(
        _of_matrices(name, f"{{}}.absolute({{}}.{call}[{part}])")
        for name, call, parts in (
            ("eigh", "eigh(x)", 2),
            ("qr", "qr(x)", 2),
            ("qr", "qr(x[..., :2])", 2),
            ("qr", "qr(x[..., :2], mode='complete')", 0),
            ("svd", "svd(x)", 3),
            ("svd", "svd(x[:, :2], full_matrices=False)", 2),
            ("svd", "svd(x[..., :2], full_matrices=False)", 3),
        )
        for part in range(parts)
    ),
    _of_matrices("svd", "{}.svd(x, compute_uv=False)"),
    *(_of_matrices("norm", f"{{}}.norm(x, {order}, (2, 1))") for order in ("2", "-2", "'nuc'")),
    *(
        _gradient_of_matrices(operation, *shapes)
        for operation, shapes in (
            (inverses.solve_matrices, ((3, 3), (3, 2))),
            (inverses.cholesky_gradient, ((3, 3), (3, 3))),
            (decompositions.eigh_gradient, ((3,), (3, 3), (3,), (3, 3))),
            (decompositions.qr_gradient, ((3, 3),) * 4),
            (decompositions.svd_gradient, ((3, 3), (3,), (3, 3)) * 2),
        )
    ),
    Entry("inverse", inverses.inverse, lambda draw: [draw.real(draw.rows, 1, 1)]),
    Entry("lower_factor", inverses.lower_factor, lambda d: [d.positive(d.rows, 1, 1)]),
    Entry(
        "check_solved",
        lambda x: [inverses.check_solved(x, name="inv"), shapes.identity(x)][1],
        _real,
        inverses.check_solved,
    ),
    Entry(
        "svd_of",
        lambda x: decompositions.svd_of(x, full_matrices=True)[0],
        _CUBE["made"],
        decompositions.svd_of,
    ),
    Entry(
        "merge_axes",
        lambda x: axes.merge_axes(x, counts=(2, 1, 0)),
        _CUBE["made"],
        axes.merge_axes,
        slopes=(0,),
    ),
    Entry(
        "split_like",
        lambda x, left, right: axes.split_like(x, left, right, batch=0, rows=2, columns=1),
        lambda draw: [draw.real(draw.rows * 2, 3), draw.real(draw.rows, 2, 4), draw.real(4, 3)],
        axes.split_like,
        slopes=(0,),
    ),
    Entry(
        "on_diagonal",
        lambda x: axes.on_diagonal(x, axes=(0, 2)),
        lambda draw: [draw.real(draw.rows, 2, draw.rows)],
        axes.on_diagonal,
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
    Entry(
        "with_gradient",  # which is what the user says, and no difference of what is computed
        lambda x, y: custom.with_gradient(x, y, count=1, go_back=lambda grad: grad)[0],
        _two,
        custom.with_gradient,
        tensorflow="lambda x, y: tf.identity(y)",
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
