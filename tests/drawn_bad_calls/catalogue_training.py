"""Good calls that compile, train, measure and predict."""

from tests.drawn_bad_calls.catalogue_parts import FLAG
from tests.drawn_bad_calls.good import Argument, GoodCall
from tests.drawn_bad_calls.values import SMALL, array

ROWS = 8

X = Argument(
    (f"X({ROWS})",),
    (
        f"X({ROWS - 1})",
        f"X({ROWS})[:, :3]",
        f"X({ROWS}).T",
        f"X({ROWS}).tolist()",
        f"X({ROWS})[0]",
        f"X({ROWS}).astype(str)",
        f"X({ROWS})[:, :, None]",
        f"[X({ROWS}), X({ROWS})]",
        f"{{'nope': X({ROWS})}}",
        "iter([])",
    ),
    shape=(ROWS, 4),
)
CLASSES = Argument(
    (f"Y({ROWS})", f"Y({ROWS})[:, None]", f"Y({ROWS}).astype('float32')"),
    (
        f"Y({ROWS - 1})",
        f"Y({ROWS}) + 1",
        f"Y({ROWS}) - 1",
        f"Y({ROWS}) + 0.5",
        f"np.eye(3)[Y({ROWS})]",
        f"np.eye(4)[Y({ROWS})]",
        f"Y({ROWS}).tolist()",
        f"Y({ROWS}).astype(str)",
        f"[Y({ROWS}), Y({ROWS})]",
        f"Y({ROWS})[None]",
    ),
    shape=(ROWS,),
)
NUMBERS = Argument(
    (array((ROWS, 3), "0.5"), f"np.eye(3)[Y({ROWS})]"),
    (f"Y({ROWS})", f"np.eye(4)[Y({ROWS})]", f"np.eye(3)[Y({ROWS - 1})]", f"X({ROWS}).tolist()"),
    shape=(ROWS, 3),
)
VERBOSE = Argument(("0",), ("3", "'no'", "-1"))
BATCH_SIZE = Argument(("None", "3", "8", "100"), ("0", "-1", "2.5", "'8'"), SMALL)
STEPS = Argument(("None", "1"), ("0", "-1", "1.5", "'1'"), SMALL)
CALLBACKS = Argument(
    ("None", "[]", "[callbacks.Callback()]"),
    ("[5]", "'ab'", "[callbacks.Callback]", "[None]", "{'a': 1}"),
)
WEIGHT = Argument(
    ("None", f"np.ones({ROWS})", f"np.arange({ROWS})"),
    (
        f"np.ones({ROWS - 1})",
        f"-np.ones({ROWS})",
        f"np.full({ROWS}, np.nan)",
        f"[1.0] * {ROWS}",
        f"np.ones(({ROWS}, 2))",
        f"np.ones(({ROWS}, 1))",
        f"np.full({ROWS}, 'a')",
    ),
    shape=(ROWS,),
)
CLASS_WEIGHT = Argument(
    ("None", "{0: 1.0, 1: 2.0, 2: 0.5}", "{0: 1, 1: 2, 2: 3}"),
    (
        "{0: -1.0, 1: 1.0, 2: 1.0}",
        "{'0': 1.0, 1: 1.0, 2: 1.0}",
        "{0: 'a', 1: 1.0, 2: 1.0}",
        "{0: None, 1: 1.0, 2: 1.0}",
        "{0: 1.0, 1: 1.0, 2: 1.0, 3: 1.0}",
        "{0.5: 1.0}",
        "[1.0, 1.0, 1.0]",
    ),
)
VALIDATION_DATA = Argument(
    ("None", f"(X({ROWS}), Y({ROWS}))", "[X(3), Y(3)]", "(X(3), Y(3), np.ones(3))"),
    (
        f"(X({ROWS}), Y({ROWS - 1}))",
        f"(X({ROWS}),)",
        f"(X({ROWS})[:, :3], Y({ROWS}))",
        f"(X({ROWS}), Y({ROWS}) + 1)",
        f"(X({ROWS}), None)",
        "(X(0), Y(0))",
        f"X({ROWS})",
        "(X(3), Y(3), np.ones(2))",
        "(X(3), Y(3), np.ones(3), 5)",
    ),
)

SPARSE = (
    "m = comp()",
    "m = comp(unbuilt=True)",
    "m = trained()",
    "m = Sequential([Input((4,)), Dense(5), Dropout(0.5), Dense(3, 'softmax')]); "
    "m.compile('adam', 'sparse_categorical_crossentropy', run_eagerly=True)",
)
DENSE = (
    "m = comp('mse', activation=None)",
    "m = comp('categorical_crossentropy')",
    "m = comp('binary_crossentropy', activation='sigmoid')",
)
FIT = {
    "batch_size": BATCH_SIZE,
    "epochs": Argument(("1", "2", "0"), ("-1", "1.5", "'1'"), SMALL[:5] + SMALL[8:]),
    "verbose": VERBOSE,
    "callbacks": CALLBACKS,
    "shuffle": Argument(("True", "False"), ("'nope'", "1", "'Batch'")),
    "initial_epoch": Argument(("0", "1"), ("-1", "0.5", "'0'"), SMALL),
    "steps_per_epoch": STEPS,
}

TRAINING = (
    GoodCall(
        "compile",
        "m.compile",
        {
            "optimizer": Argument(
                ("'sgd'", "'adam'", "optimizers.RMSprop(0.1)"),
                ("'SGDD'", "optimizers.SGD", "optimizers", "['sgd']", "losses.MeanSquaredError()"),
            ),
            "loss": Argument(
                ("'mse'", "losses.CategoricalCrossentropy()", "None"),
                ("'msee'", "['mse', 'mse']", "losses", "{'last': 'mse', 'b': 'mse'}", "'accuracy'"),
            ),
        },
        {
            "metrics": Argument(
                ("None", "['accuracy']", "[metrics.MeanSquaredError()]"),
                ("'accuracy'", "['acuracy']", "[5]", "[None]", "[['mse'], ['mse']]"),
            ),
            "weighted_metrics": Argument(("None", "['mse']"), ("'mse'", "['nope']", "[[]]")),
            "loss_weights": Argument(("None", "0.5"), ("'a'", "[1.0, 2.0]", "{'nope': 1.0}")),
            "run_eagerly": FLAG,
            "jit_compile": Argument(("'auto'", "False"), ("'no'",)),
            "steps_per_execution": Argument(("1",), ("0", "1.5", "'1'")),
        },
        preparations=("m = seq()", "m = comp()", "m = trained()"),
    ),
    GoodCall("fit", "m.fit", {"x": X, "y": CLASSES}, FIT, "verbose=0", SPARSE),
    GoodCall(
        "fit",
        "m.fit",
        {"x": X, "y": NUMBERS},
        {"sample_weight": WEIGHT, "batch_size": BATCH_SIZE},
        "verbose=0",
        DENSE,
    ),
    GoodCall(
        "fit", "m.fit", {"x": X, "y": CLASSES}, {"sample_weight": WEIGHT}, "verbose=0", SPARSE
    ),
    GoodCall(
        "fit", "m.fit", {"x": X, "y": CLASSES}, {"class_weight": CLASS_WEIGHT}, "verbose=0", SPARSE
    ),
    GoodCall(
        "fit with validation",
        "m.fit",
        {"x": X, "y": CLASSES},
        {
            "validation_data": VALIDATION_DATA,
            "validation_freq": Argument(("1", "2", "[1]"), ("0", "-1", "1.5", "'1'", "[0]")),
            "validation_batch_size": BATCH_SIZE,
            "validation_steps": STEPS,
        },
        "verbose=0",
        SPARSE[:2],
    ),
    GoodCall(
        "fit with validation",
        "m.fit",
        {"x": X, "y": CLASSES},
        {"validation_split": Argument(("0.0", "0.25"), ("1.0", "1.5", "-0.1", "0.01", "'0.2'"))},
        "verbose=0",
        SPARSE[:2],
    ),
    GoodCall(
        "evaluate",
        "m.evaluate",
        {"x": X, "y": CLASSES},
        {
            "batch_size": BATCH_SIZE,
            "sample_weight": WEIGHT,
            "steps": STEPS,
            "callbacks": CALLBACKS,
            "return_dict": FLAG,
            "verbose": VERBOSE,
        },
        "verbose=0",
        SPARSE,
    ),
    GoodCall(
        "predict",
        "m.predict",
        {"x": X},
        {"batch_size": BATCH_SIZE, "steps": STEPS, "callbacks": CALLBACKS, "verbose": VERBOSE},
        "verbose=0",
        (*SPARSE, "m = seq()", "m = Model(*ends())"),
    ),
    GoodCall(
        "train_on_batch",
        "m.train_on_batch",
        {"x": X, "y": CLASSES},
        {"sample_weight": WEIGHT, "return_dict": FLAG},
        preparations=SPARSE,
    ),
    GoodCall(
        "train_on_batch",
        "m.train_on_batch",
        {"x": X, "y": CLASSES},
        {"class_weight": CLASS_WEIGHT},
        preparations=SPARSE,
    ),
    GoodCall(
        "test_on_batch",
        "m.test_on_batch",
        {"x": X, "y": CLASSES},
        {"sample_weight": WEIGHT, "return_dict": FLAG},
        preparations=SPARSE,
    ),
    GoodCall("predict_on_batch", "m.predict_on_batch", {"x": X}, {}, preparations=SPARSE),
)
