"""Good calls that make layers, initializers, losses, metrics and optimizers, or call them."""

from tests.drawn_bad_calls.good import Argument, GoodCall
from tests.drawn_bad_calls.values import ANYTHING, array

NO_THINGS = tuple(value for value in ANYTHING if value not in ("Dense", "len", "X", "None"))
"""`get` hands on what can be called, and None."""

FLAG = Argument(("True", "False"), ("'no'", "1", "2", "np.bool_(True)"))
NAME = Argument(("None", "'good'", "'with_2'"), ("'a/b'", "'with space'", "5"))
DTYPE = Argument(
    ("None", "'float32'", "'float64'"), ("'float33'", "'int32'", "'complex64'", "'string'")
)
ANY_DTYPE = Argument(("None", "'float32'", "'int32'", "'uint8'"), ("'float33'", "'complex64'"))
SEED = Argument(("None", "3", "2**40"), ("2**64", "-(2**70)", "'3'", "1.0", "[3]"))
UNITS = Argument(("3", "1", "64"), ("'3'", "3.0", "-3", "[3]", "(3,)", "2**70"))
ACTIVATION = Argument(
    ("None", "'relu'", "'softmax'", "activations.tanh"),
    ("'rellu'", "'Relu'", "[]", "['relu']"),
    NO_THINGS,
)
INITIALIZER = Argument(
    ("'zeros'", "'glorot_uniform'", "initializers.HeUniform(seed=1)", "initializers.Ones()"),
    (
        "'glorot'",
        "{'class_name': 'Nope', 'config': {}}",
        "{'class_name': 'Zeros'}",
        "initializers",
        "['zeros']",
    ),
    NO_THINGS,
)
RATE = Argument(("0.5", "0", "0.0", "1"), ("1.5", "-0.1", "'0.5'", "[0.5]", "50"))
NOISE_SHAPE = Argument(("None", "(None, 1)", "(1, 4)"), ("(0, 1)", "(-1, 1)", "(2.5,)", "'ab'"))
AXIS = Argument(("-1", "(0, 1)", "1"), ("'a'", "1.0", "(0.5,)", "5", "(0, 0)"))
SLOPE = Argument(("0.0", "0.5", "2"), ("-1.0", "'1'", "[1.0]"))
SHAPE = Argument(
    ("(4,)", "(2, 3)", "(None, 4)", "[4]", "()"),
    ("4", "(-1,)", "(2.5,)", "('a',)", "'4'", "((4,),)", "(True,)", "(0,)", "np.array([4])"),
)
SHARE = Argument(("0.0", "0.1", "1.0"), ("-0.1", "2.0", "'0.1'", "[0.1]"))
REDUCTION = Argument(("'sum'", "'none'", "None"), ("'summ'", "'Mean'", "['sum']"))
LAST_AXIS = Argument(("-1",), ("5", "'a'", "-7", "0.5", "(0,)"))
RATE_OF_LEARNING = Argument(("0.1", "1e-3", "0.0"), ("-0.1", "1", "'0.1'", "[0.1]", "None"))
DECAY = Argument(("0.9", "0.5", "0.0"), ("1.0", "1.5", "-0.1", "'0.9'", "1", "[0.9]"))
MOMENTUM = Argument(("0.9", "0.0", "1.0"), ("1.5", "-0.1", "1", "'0.9'"))
EPSILON = Argument(("1e-7", "1e-3"), ("-1.0", "'1e-7'", "[1e-7]"))
NUMBER = Argument(("0.5", "-1.0", "2"), ("'0.5'", "None", "[0.5, 1.0]"))

OF_LAYERS = {"name": NAME, "dtype": DTYPE, "trainable": FLAG}

LAYERS = (
    GoodCall(
        "Dense",
        "Dense",
        {"units": UNITS},
        {
            "activation": ACTIVATION,
            "use_bias": FLAG,
            "kernel_initializer": INITIALIZER,
            "bias_initializer": INITIALIZER,
            **OF_LAYERS,
        },
    ),
    GoodCall(
        "Dropout",
        "Dropout",
        {"rate": RATE},
        {"noise_shape": NOISE_SHAPE, "seed": SEED, **OF_LAYERS},
    ),
    GoodCall("Activation", "Activation", {"activation": ACTIVATION}, OF_LAYERS),
    GoodCall(
        "ReLU",
        "ReLU",
        {},
        {"max_value": SLOPE, "negative_slope": SLOPE, "threshold": SLOPE, **OF_LAYERS},
    ),
    GoodCall("Softmax", "Softmax", {}, {"axis": AXIS, **OF_LAYERS}),
    GoodCall(
        "Flatten",
        "Flatten",
        {},
        {
            "data_format": Argument(
                ("None", "'channels_last'", "'channels_first'"), ("'channels'",)
            ),
            **OF_LAYERS,
        },
    ),
    GoodCall(
        "Input",
        "Input",
        {"shape": SHAPE},
        {
            "batch_size": Argument(("None", "2"), ("-2", "'2'", "2.0", "(2,)")),
            "dtype": ANY_DTYPE,
            "name": NAME,
        },
    ),
    GoodCall("InputLayer", "InputLayer", {"shape": SHAPE}, {"dtype": ANY_DTYPE, "name": NAME}),
)

INITIALIZERS = (
    *(
        GoodCall(f"initializers.{name}", f"initializers.{name}", {}, others)
        for name, others in {
            "GlorotUniform": {"seed": SEED},
            "HeUniform": {"seed": SEED},
            "RandomUniform": {"minval": NUMBER, "maxval": NUMBER, "seed": SEED},
            "Constant": {"value": NUMBER},
        }.items()
    ),
    GoodCall(
        "initializers: called",
        "m",
        {
            "shape": Argument(
                ("(2, 3)", "(4,)", "[2, 3]", "(0, 2)"),
                ("(-1, 2)", "(2.5,)", "'23'", "(None, 2)", "((2, 3),)", "('a',)"),
            )
        },
        {"dtype": Argument(("None", "'float32'", "'float64'"), ("'float33'",))},
        preparations=(
            "m = initializers.GlorotUniform(seed=1)",
            "m = initializers.RandomUniform(seed=1)",
            "m = initializers.Zeros()",
            "m = initializers.Constant(2.0)",
        ),
    ),
)

LOSSES = tuple(
    GoodCall(f"losses.{name}", f"losses.{name}", {}, {**others, "reduction": REDUCTION})
    for name, others in {
        "MeanSquaredError": {"name": NAME},
        "CategoricalCrossentropy": {
            "from_logits": FLAG,
            "label_smoothing": SHARE,
            "axis": LAST_AXIS,
        },
        "SparseCategoricalCrossentropy": {"from_logits": FLAG, "axis": LAST_AXIS},
        "BinaryCrossentropy": {"from_logits": FLAG, "label_smoothing": SHARE, "axis": LAST_AXIS},
    }.items()
)

METRICS = tuple(
    GoodCall(f"metrics.{name}", f"metrics.{name}", {}, {**others, "name": NAME, "dtype": DTYPE})
    for name, others in {
        "Mean": {},
        "SparseCategoricalAccuracy": {},
        "BinaryAccuracy": {"threshold": NUMBER},
    }.items()
)

OPTIMIZERS = tuple(
    GoodCall(
        f"optimizers.{name}",
        f"optimizers.{name}",
        {},
        {"learning_rate": RATE_OF_LEARNING, **others, "name": NAME},
    )
    for name, others in {
        "SGD": {"momentum": MOMENTUM, "nesterov": FLAG},
        "Adam": {"beta_1": DECAY, "beta_2": DECAY, "epsilon": EPSILON, "amsgrad": FLAG},
        "RMSprop": {"rho": DECAY, "momentum": MOMENTUM, "epsilon": EPSILON, "centered": FLAG},
    }.items()
)


def getter(module: str, *good: str) -> GoodCall:
    """Return the call that turns a name into a thing."""
    wrong = ("'Nope'", "5", "{'class_name': 'Nope', 'config': {}}", "{'class_name': 5}")
    return GoodCall(
        f"{module}.get",
        f"{module}.get",
        {"identifier": Argument(good, wrong, NO_THINGS)},
        {},
    )


GETTERS = (
    getter("activations", "'relu'", "'softmax'"),
    getter("initializers", "'zeros'", "'HeUniform'"),
    getter("losses", "'mse'", "'binary_crossentropy'"),
    getter("metrics", "'mse'", "'binary_accuracy'"),
    getter("optimizers", "'sgd'", "'Adam'"),
)

CALLED = (
    *(
        GoodCall(
            "losses: called",
            "m",
            {
                "y_true": Argument((array(shape, "0"),), shape=shape),
                "y_pred": Argument((array((2, 3), "0.5"),), shape=(2, 3)),
            },
            {
                "sample_weight": Argument(
                    ("None", "np.ones(2)"), ("np.ones(5)", "'ab'"), (), shape=(2,)
                )
            },
            preparations=preparations,
        )
        for shape, preparations in {
            (2, 3): (
                "m = losses.MeanSquaredError()",
                "m = losses.CategoricalCrossentropy()",
                "m = losses.BinaryCrossentropy(from_logits=True)",
            ),
            (2,): ("m = losses.SparseCategoricalCrossentropy()",),
        }.items()
    ),
    *(
        GoodCall(
            "metrics: called",
            "m.update_state",
            {
                "y_true": Argument((array(shape, "0"),), shape=shape),
                "y_pred": Argument((array((2, 3), "0.5"),), shape=(2, 3)),
            },
            {},
            preparations=preparations,
        )
        for shape, preparations in {
            (2, 3): (
                "m = metrics.MeanSquaredError()",
                "m = metrics.CategoricalAccuracy()",
                "m = metrics.BinaryAccuracy()",
            ),
            (2,): ("m = metrics.SparseCategoricalAccuracy()",),
        }.items()
    ),
    GoodCall(
        "metrics: called",
        "m.update_state",
        {"values": Argument(("2.0", "[1.0, 2.0]", array((2,))), shape=(2,))},
        {"sample_weight": Argument(("None", "1.0"), ("'ab'", "-1.0"))},
        preparations=("m = metrics.Mean()",),
    ),
)

PARTS = (*LAYERS, *INITIALIZERS, *LOSSES, *METRICS, *OPTIMIZERS, *GETTERS, *CALLED)
