"""Good calls that make models, call and build them, and ask for their layers and weights."""

from tests.drawn_bad_calls.catalogue_parts import FLAG, NAME
from tests.drawn_bad_calls.good import Argument, GoodCall
from tests.drawn_bad_calls.values import ANYTHING, array

LAYER_LIST = Argument(
    ("[Input((4,)), Dense(3)]", "[Dense(3), ReLU()]", "(Dense(3),)", "[Input((4,)), seq()]"),
    (
        "Dense(3)",
        "[Dense(3), 5]",
        "[Dense]",
        "[Dense(3, name='a'), ReLU(name='a')]",
        "[Dense(3), Input((4,))]",
        "[Input((4,)), Input((4,))]",
        "[Input((None,)), Dense(3)]",
        "[Input(()), Dense(3)]",
        "[Input((5,)), built(Dense(3))]",
        "[Input((4,)), Softmax(axis=3)]",
        "[[Dense(3)]]",
        "['relu']",
        "{Dense(3)}",
        "(Dense(3), None)",
    ),
)
X_OF_4 = Argument((array((2, 4)), array((1, 4), "0.5", "float64")), shape=(2, 4))
TRAINING_FLAG = Argument(("True", "False", "None"), ("'no'", "1"))

DROPS = (
    "m = Sequential([Input((4,)), Dense(3), Dropout(0.5), Dense(2)])",
    "m = seq(); m.compile('adam', 'sparse_categorical_crossentropy', run_eagerly=True)",
)
MADE = ("m = seq()", "m = Model(*ends())", *DROPS)

MADE_FROM = (
    GoodCall("Sequential", "Sequential", {"layers": LAYER_LIST}, {"name": NAME, "trainable": FLAG}),
    GoodCall(
        "Sequential.add",
        "m.add",
        {
            "layer": Argument(
                ("Dense(2)", "ReLU()", "Dropout(0.5)"),
                (
                    "Dense",
                    "'dense'",
                    "Input((4,))",
                    "Dense(2, name='hidden')",
                    "[Dense(2)]",
                    "built(Dense(2))",
                    "Softmax(axis=4)",
                    "Model()",
                    "Dense(2)(Input((4,)))",
                ),
            )
        },
        {},
        preparations=(*MADE[:1], *DROPS, "m = Sequential()", "m = Sequential([Dense(3)])"),
    ),
    GoodCall(
        "Model",
        "Model",
        {
            "inputs": Argument(
                ("m[0]", "[m[0]]"), ("m[1]", "Input((4,))", "[m[0], m[0]]", "(5,)", "m")
            ),
            "outputs": Argument(
                ("m[1]", "[m[1]]", "m[0]"),
                (
                    "Input((4,))",
                    "Dense(3)",
                    "[m[1], 5]",
                    "np.ones((2, 3))",
                    "Dense(3)(Input((4,)))",
                    "Dense(2, name='pixels')(m[1])",
                    "[[]]",
                    "{'a': None}",
                ),
            ),
        },
        {"name": NAME, "trainable": FLAG},
        preparations=("m = ends()",),
    ),
)

CALLED = (
    GoodCall("model: called", "m", {"inputs": X_OF_4}, {"training": TRAINING_FLAG}, "", MADE),
    GoodCall(
        "layer: called",
        "m",
        {"inputs": Argument((array((2, 4)), array((3, 4), "0.5")), shape=(2, 4))},
        {},
        preparations=(
            "m = Dense(3)",
            "m = built(Dense(3))",
            "m = Flatten()",
            "m = Softmax()",
            "m = ReLU()",
            "m = Activation('tanh')",
        ),
    ),
    GoodCall(
        "layer: called",
        "m",
        {"inputs": Argument((array((2, 4)), array((3, 4), "0.5")), shape=(2, 4))},
        {"training": TRAINING_FLAG},
        preparations=("m = Dropout(0.5, seed=3)", "m = Dropout(0.5, noise_shape=(None, 1))"),
    ),
    GoodCall(
        "layer: build",
        "m.build",
        {
            "input_shape": Argument(
                ("(None, 4)", "(2, 4)", "(None, 2, 4)"),
                (
                    "(None, None)",
                    "(None, -4)",
                    "('a', 4)",
                    "4",
                    "'24'",
                    "(None, 2.5)",
                    "((2, 4),)",
                    "[(2, 4), (2, 4)]",
                    "np.array([2, 4])",
                    "(None, 0)",
                    "{'a': (2, 4)}",
                ),
            )
        },
        {},
        preparations=("m = Dense(3)", "m = Sequential([Dense(3)])"),
    ),
    GoodCall(
        "compute_output_shape",
        "m.compute_output_shape",
        {
            "input_shape": Argument(
                ("(None, 4)", "(2, 4)"),
                ("(None, -4)", "'24'", "4", "(None, 2.5)", "()", "(None,)", "(2, 5)", "('a', 4)"),
            )
        },
        {},
        preparations=("m = Dense(3)", "m = Flatten()", "m = seq()"),
    ),
    GoodCall(
        "get_layer",
        "m.get_layer",
        {},
        {"name": Argument(("'hidden'", "'last'"), ("'nope'", "'Hidden'", "'hidden '"))},
        preparations=("m = seq()",),
    ),
    GoodCall(
        "get_layer",
        "m.get_layer",
        {},
        {"index": Argument(("0", "1", "-1"), ("2", "9", "-3", "'0'", "0.0"))},
        preparations=("m = seq()",),
    ),
)

W = "w = m.get_weights()"
WEIGHTS = Argument(
    ("w", "tuple(w)", "[2 * a for a in w]"),
    (
        "w[:-1]",
        "w[1:]",
        "[*w, w[0]]",
        "w[::-1]",
        "[a.T for a in w]",
        "[a[None] for a in w]",
        "[a.tolist() for a in w]",
        "[a.astype('int32') for a in w]",
        "[a.astype('complex64') for a in w]",
        "[a.astype(str) for a in w]",
        "[a.astype(object) for a in w]",
        "[a.ravel() for a in w]",
        "[*w[:-1], None]",
        "[*w[:-1], 'ab']",
        "[*w[:-1], 2.0]",
        "[*w[:-1], w[-1][:-1]]",
        "[*w[:-1], w[-1] * np.nan]",
        "[w]",
        "w[0]",
        "dict(enumerate(w))",
        "iter(w)",
        "np.concatenate([a.ravel() for a in w])",
    ),
)

WEIGHED = (
    *(
        GoodCall("set_weights", "m.set_weights", {"weights": WEIGHTS}, {}, "", (ready,))
        for ready in (
            f"m = seq(); {W}",
            f"m = built(Dense(3)); {W}",
            f"m = trained(); {W}",
            f"m = Sequential([Input((4,)), seq(), Dense(2)]); {W}",
        )
    ),
    GoodCall(
        "Variable.assign",
        "m.kernel.assign",
        {"value": Argument((array((4, 3), "2"),), shape=(4, 3))},
        {},
        preparations=("m = built(Dense(3))",),
    ),
    GoodCall(
        "learning_rate: set",
        "setattr",
        {
            "thing": Argument(("m.optimizer",), anything=()),
            "name": Argument(("'learning_rate'",), anything=()),
            "value": Argument(("0.5", "0.0", "1e-3"), ("-1.0", "'0.5'", "[0.5, 0.5]")),
        },
        {},
        preparations=("m = trained()",),
    ),
    GoodCall(
        "trainable: set",
        "setattr",
        {
            "thing": Argument(("m", "m.layers[0]"), anything=()),
            "name": Argument(("'trainable'",), anything=()),
            "value": FLAG,
        },
        {},
        preparations=("m = seq()",),
    ),
)

SMALL_COUNTS = tuple(value for value in ANYTHING if value != "1e30")
HELPERS = (
    GoodCall(
        "to_categorical",
        "utils.to_categorical",
        {
            "x": Argument(
                ("[0, 1, 2]", "np.array([[0], [2]])", "np.arange(3.0)"),
                ("[0, 1, 5]", "[-1, 0]", "['a', 'b']", "[0.5]", "[[0], [1, 2]]", "[None]", "[]"),
                tuple(value for value in SMALL_COUNTS if value != "np.int64(2)"),
            )
        },
        {"num_classes": Argument(("None", "3", "4"), ("2", "0", "'3'", "3.0"), SMALL_COUNTS)},
    ),
    GoodCall(
        "set_random_seed",
        "utils.set_random_seed",
        {"seed": Argument(("0", "7", "2**32 - 1"), ("2**32", "-7", "7.0", "'7'", "[7]"))},
        {},
    ),
    GoodCall(
        "SeedGenerator",
        "keras.random.SeedGenerator",
        {},
        {"seed": Argument(("None", "7", "0"), ("'7'", "7.0", "-1", "2**64", "[7]"))},
    ),
    GoodCall(
        "set_floatx",
        "config.set_floatx",
        {"value": Argument(("'float32'", "'float64'"), ("'float'", "'int32'", "np.float32"))},
        {},
    ),
)

TEXT = "seq().to_json()"


def damaged(good: str, bad: str) -> str:
    """Return Python text for a model's configuration with one thing in it replaced."""
    return f"{TEXT}.replace({good!r}, {bad!r})"


LOADED = (
    GoodCall(
        "model_from_json",
        "models.model_from_json",
        {
            "json_string": Argument(
                (TEXT, "Model(*ends()).to_json()", "Sequential([Dense(3)]).to_json()"),
                (
                    "'5'",
                    "'null'",
                    "'[]'",
                    "'{}'",
                    "'nope'",
                    f"{TEXT}[:-1]",
                    f"{TEXT}[:40]",
                    "seq().get_config()",
                    damaged('"class_name": "Dense"', '"class_name": "Dens"'),
                    damaged('"class_name": "Dense"', '"class_name": "Conv2D"'),
                    damaged('"class_name": "Dense"', '"class_name": 5'),
                    damaged('"class_name": "Dense"', '"class": "Dense"'),
                    damaged('"class_name": "Sequential"', '"class_name": "Nope"'),
                    damaged('"module": "keras.layers"', '"module": "os"'),
                    damaged('"module": "keras.layers"', '"module": null'),
                    damaged('"units": 8', '"units": -8'),
                    damaged('"units": 8', '"units": "8"'),
                    damaged('"units": 8', '"units": 8.5'),
                    damaged('"units": 8', '"unit": 8'),
                    damaged('"use_bias": true', '"use_bias": 5'),
                    damaged('"activation": "relu"', '"activation": "rellu"'),
                    damaged('"activation": "relu"', '"activation": []'),
                    damaged('"layers"', '"layer"'),
                    damaged('"config"', '"konfig"'),
                    damaged('"dtype": "float32"', '"dtype": "float33"'),
                    damaged('"GlorotUniform"', '"Glorot"'),
                ),
            )
        },
        {"custom_objects": Argument(("None", "{}", "{'Own': Dense}"))},
    ),
)

MODELS = (*MADE_FROM, *CALLED, *WEIGHED, *LOADED, *HELPERS)
