"""Whole trainings in Keras and in minidense from one seed: the same script, the same numbers.

Each scenario is run twice, with `keras` and with `minidense` as its argument. What depends on
counting (accuracy on few rows, the names and the order of the log, the seeds that are consumed) is
compared in every digit; sums of float32 are compared with a tolerance that was measured, since
TensorFlow adds in another order than NumPy.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import minidense
from tests import record

keras = pytest.importorskip("keras")

# Small batches and short rows go through other kernels in TensorFlow, so not all bits are the same
# here. Measured over all scenarios: at most 9.5e-7 for a loss or an output; in 6 of 30 all weights
# are the same bits, elsewhere they are 2.4e-7 apart at most after some 40 steps.
LOSS_RTOL = 1e-6
WEIGHT_ATOL = 1e-6

Result = dict[str, Any]


def classes(rows: int, features: int, count: int, seed: int = 0) -> tuple[Any, Any]:
    """Rows around a centre for each class, and their class numbers."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, count, rows)
    centres = random.normal(size=(count, features))
    x = centres[labels] + random.normal(size=(rows, features)) * 0.7
    return x, labels


@dataclass
class Scenario:
    """What is made, compiled and fitted; functions take the library."""

    model: Callable[[Any], Any]
    data: tuple[Any, Any]
    loss: Any
    optimizer: Callable[[Any], Any] = lambda k: k.optimizers.SGD(0.1)
    compiled: dict[str, Any] = field(default_factory=lambda: {"metrics": ["accuracy"]})
    fitted: dict[str, Any] = field(default_factory=dict)
    fitted_again: dict[str, Any] = field(default_factory=dict)
    seed: int = 42
    # Whether an accuracy is a count; if not, it is a sum of weights, or a mean over outputs.
    counts: bool = True


def dense(
    *sizes: int, last: str | None = "softmax", rate: float = 0.0, **arguments: Any
) -> Callable[[Any], Any]:
    """A Sequential of Dense layers; all but the last have ReLU and, if asked, a Dropout."""

    def make(k: Any) -> Any:
        stack: list[Any] = [k.Input((6,))]
        for size in sizes[:-1]:
            stack.append(k.layers.Dense(size, activation="relu", **arguments))
            if rate:
                stack.append(k.layers.Dropout(rate, **arguments))
        return k.Sequential([*stack, k.layers.Dense(sizes[-1], activation=last, **arguments)])

    return make


def images(k: Any) -> Any:
    return k.Sequential(
        [
            k.Input((3, 4)),
            k.layers.Flatten(),
            k.layers.Dense(16, activation="relu"),
            k.layers.Dropout(0.2),
            k.layers.Dense(4, activation="softmax"),
        ]
    )


def rank_3(k: Any) -> Any:
    return k.Sequential(
        [
            k.Input((5, 3)),
            k.layers.Dense(7, activation="tanh"),
            k.layers.Dropout(0.3),
            k.layers.Dense(2),
        ]
    )


def without_input(k: Any) -> Any:
    return k.Sequential(
        [
            k.layers.Dense(9, activation="relu"),
            k.layers.Dropout(0.25),
            k.layers.Dense(3, activation="softmax"),
        ]
    )


def branches(k: Any) -> Any:
    """A functional model: a shared layer, a model inside, and a frozen layer."""
    inputs = k.Input((6,))
    shared = k.layers.Dense(6, activation="tanh", name="shared")
    inner = k.Sequential(
        [k.Input((6,)), k.layers.Dense(5, activation="relu"), k.layers.Dropout(0.4)], name="inner"
    )
    frozen = k.layers.Dense(6, trainable=False, name="frozen")
    hidden = shared(frozen(shared(inputs)))
    return k.Model(inputs, k.layers.Dense(3, activation="softmax", name="top")(inner(hidden)))


def nested_top(k: Any) -> Any:
    """The softmax is at the end of a model inside."""
    head = k.Sequential(
        [k.Input((8,)), k.layers.Dense(3), k.layers.Activation("softmax")], name="head"
    )
    inputs = k.Input((6,))
    return k.Model(inputs, head(k.layers.Dense(8, activation="sigmoid", name="body")(inputs)))


def softmax_layer(k: Any) -> Any:
    return k.Sequential(
        [
            k.Input((6,)),
            k.layers.Dense(10),
            k.layers.ReLU(negative_slope=0.1),
            k.layers.Dense(3, kernel_initializer="he_uniform", bias_initializer="ones"),
            k.layers.Softmax(),
        ]
    )


X6, Y3 = classes(203, 6, 3)
X6_FLOAT32 = X6.astype("float32")
X12, Y4 = classes(150, 12, 4, seed=1)
IMAGES = X12.reshape(150, 3, 4)
X15, _ = classes(120, 15, 3, seed=2)
ROWS = X15.reshape(120, 5, 3)
ONE_HOT = np.eye(3)[Y3]
YES = (Y3 > 0).astype("float32")
REAL = np.stack([np.sin(X6[:, 0]), X6[:, 1] * X6[:, 2]], axis=1)
WEIGHTS = np.random.default_rng(5).uniform(0, 2, 203)
SPARSE = "sparse_categorical_crossentropy"


def from_logits(name: str) -> Callable[[Any], Any]:
    return lambda k: getattr(k.losses, name)(from_logits=True)


SCENARIOS: dict[str, Scenario] = {
    "images, dropout, short last batch": Scenario(
        images, (IMAGES, Y4), SPARSE, fitted={"validation_split": 0.2}, seed=7
    ),
    "a regression without hidden layers": Scenario(
        dense(2, last=None),
        (X6, REAL),
        "mse",
        compiled={"metrics": ["mse"]},
        fitted={"batch_size": 50, "shuffle": False},
    ),
    "depth 4, momentum, shuffle inside batches": Scenario(
        dense(12, 10, 8, 3, rate=0.2),
        (X6_FLOAT32, Y3),
        SPARSE,
        lambda k: k.optimizers.SGD(0.05, momentum=0.9),
        compiled={"metrics": ["acc"]},
        fitted={"shuffle": "batch", "batch_size": 20},
        seed=0,
    ),
    "nesterov, categorical from one-hot rows": Scenario(
        dense(12, 3),
        (X6, ONE_HOT),
        "categorical_crossentropy",
        lambda k: k.optimizers.SGD(0.05, momentum=0.8, nesterov=True),
        compiled={"metrics": ["accuracy", "mse"]},
        fitted={"batch_size": 16},
        seed=2**32 - 1,
    ),
    "adam, sigmoid, binary": Scenario(
        dense(8, 1, last="sigmoid", rate=0.5),
        (X6, YES),
        "binary_crossentropy",
        lambda _: "adam",
        fitted={"validation_split": 0.25, "batch_size": 32},
        seed=3,
    ),
    "rmsprop, logits, sparse": Scenario(
        dense(8, 3, last=None),
        (X6, Y3),
        from_logits("SparseCategoricalCrossentropy"),
        lambda _: "rmsprop",
        seed=4,
    ),
    "adam with amsgrad, logits, categorical": Scenario(
        dense(8, 3, last=None),
        (X6, ONE_HOT),
        from_logits("CategoricalCrossentropy"),
        lambda k: k.optimizers.Adam(0.01, amsgrad=True),
        seed=5,
    ),
    "binary from logits, several outputs": Scenario(
        dense(8, 3, last=None, rate=0.1),
        (X6, ONE_HOT),
        from_logits("BinaryCrossentropy"),
        compiled={"metrics": ["accuracy", "binary_accuracy"]},
        seed=6,
        counts=False,
    ),
    "mean squared error behind a softmax": Scenario(
        dense(8, 3),
        (X6, ONE_HOT),
        "mse",
        seed=8,
    ),
    "rank 3": Scenario(
        rank_3,
        (ROWS, ROWS[:, :, :2] ** 2),
        "mean_squared_error",
        compiled={"metrics": ["mse"]},
        fitted={"batch_size": 25},
        seed=9,
    ),
    "float64": Scenario(
        dense(8, 3, rate=0.2, dtype="float64"),
        (X6, Y3),
        SPARSE,
        seed=10,
    ),
    "no Input": Scenario(
        without_input,
        (X6, Y3[:, None]),
        SPARSE,
        fitted={"validation_data": (X6[:70], Y3[:70, None])},
        seed=11,
    ),
    "a graph with a shared, a nested and a frozen part": Scenario(
        branches,
        (X6, Y3),
        SPARSE,
        lambda k: k.optimizers.Adam(0.01),
        seed=12,
    ),
    "a softmax at the end of a nested model": Scenario(
        nested_top,
        (X6, ONE_HOT),
        "categorical_crossentropy",
        seed=13,
    ),
    "a Softmax layer, He weights": Scenario(softmax_layer, (X6, Y3), SPARSE, seed=14),
    "class weights": Scenario(
        dense(8, 3, rate=0.2),
        (X6, Y3),
        SPARSE,
        compiled={"metrics": ["accuracy"], "weighted_metrics": ["accuracy"]},
        fitted={"class_weight": {0: 0.5, 1: 2.0, 2: 1.25}, "validation_split": 0.2},
        seed=15,
        counts=False,
    ),
    "sample weights, also for validation": Scenario(
        dense(8, 3),
        (X6, Y3),
        SPARSE,
        compiled={
            "metrics": ["accuracy"],
            "weighted_metrics": ["accuracy", "sparse_categorical_accuracy"],
        },
        fitted={"sample_weight": WEIGHTS, "validation_data": (X6[:90], Y3[:90], WEIGHTS[:90])},
        seed=16,
        counts=False,
    ),
    "class weights for one-hot rows": Scenario(
        dense(3),
        (X6, ONE_HOT),
        "categorical_crossentropy",
        fitted={"class_weight": {0: 0.5, 1: 2.0, 2: 1.25}},
        seed=27,
    ),
    "a weight for each place of rank 3": Scenario(
        rank_3,
        (ROWS, ROWS[:, :, :2] ** 2),
        "mse",
        compiled={"metrics": ["mse"], "weighted_metrics": ["mse"]},
        fitted={"sample_weight": np.abs(ROWS[:, :, 0])},
        seed=28,
    ),
    "classes for each place of rank 3": Scenario(
        lambda k: k.Sequential([k.Input((5, 3)), k.layers.Dense(4, activation="softmax")]),
        (ROWS, (np.abs(ROWS[:, :, 0]) * 9).astype(int) % 4),
        SPARSE,
        seed=29,
        counts=False,
    ),
    "a split of sample weights": Scenario(
        dense(2, last="tanh"),
        (X6, REAL),
        "mse",
        compiled={"weighted_metrics": ["mse"], "loss_weights": 0.5},
        fitted={"sample_weight": WEIGHTS, "validation_split": 0.3},
        seed=17,
    ),
    "epochs that begin later": Scenario(
        dense(8, 3),
        (X6, Y3),
        SPARSE,
        fitted={"initial_epoch": 2, "epochs": 4},
        seed=18,
        fitted_again={"initial_epoch": 4, "epochs": 6},
    ),
    "steps per epoch": Scenario(
        dense(8, 3, rate=0.2),
        (X6, Y3),
        SPARSE,
        fitted={"steps_per_epoch": 4, "batch_size": 10, "epochs": 4},
        seed=19,
    ),
    "steps per epoch, the rows shared out": Scenario(
        dense(8, 3),
        (X6, Y3),
        SPARSE,
        fitted={"steps_per_epoch": 5, "validation_data": (X6[:90], Y3[:90]), "validation_steps": 2},
        seed=20,
    ),
    "validation now and then": Scenario(
        dense(8, 3),
        (X6, Y3),
        SPARSE,
        fitted={
            "validation_split": 0.2,
            "validation_freq": 2,
            "epochs": 5,
            "validation_batch_size": 7,
        },
        fitted_again={"validation_split": 0.2, "validation_freq": [1, 3], "epochs": 3},
        seed=21,
    ),
    "integers for x and booleans for y": Scenario(
        dense(5, 1, last="sigmoid"),
        ((X6 * 3).astype("int64"), YES.astype(bool)),
        "bce",
        seed=22,
    ),
    "crossentropy by its short name": Scenario(
        dense(5, 3),
        (X6, Y3),
        "crossentropy",
        compiled={"metrics": ["acc"]},
        seed=23,
    ),
    "label smoothing and a sum": Scenario(
        dense(5, 3),
        (X6, ONE_HOT),
        lambda k: k.losses.CategoricalCrossentropy(label_smoothing=0.1, reduction="sum"),
        lambda k: k.optimizers.SGD(0.002),
        seed=24,
    ),
    "one batch of all rows": Scenario(
        dense(5, 3, rate=0.2),
        (X6, Y3),
        SPARSE,
        fitted={"batch_size": 1000},
        seed=25,
    ),
    "batches of one row": Scenario(
        dense(5, 3, rate=0.2),
        (X6[:40], Y3[:40]),
        SPARSE,
        fitted={"batch_size": 1, "epochs": 2},
        seed=26,
    ),
}


def play(k: ModuleType, scenario: Scenario) -> Result:
    """Run the scenario in one library; return all that can be compared."""
    k.utils.set_random_seed(scenario.seed)
    model = scenario.model(k)
    loss = scenario.loss(k) if callable(scenario.loss) else scenario.loss
    model.compile(scenario.optimizer(k), loss, **scenario.compiled)
    x, y = scenario.data
    result: Result = {}
    fitted = {"epochs": 3, "verbose": 0, **scenario.fitted}
    for name, arguments in (("fit", fitted), ("fit again", {**fitted, **scenario.fitted_again})):
        history = model.fit(x, y, **arguments)
        result[f"{name}: epochs"] = history.epoch
        result[f"{name}: history"] = history.history
        result[f"{name}: weights"] = model.get_weights()
    result["evaluate"] = model.evaluate(x, y, verbose=0, batch_size=64)
    result["evaluate, dict"] = model.evaluate(x, y, verbose=0, return_dict=True)
    result["predict"] = model.predict(x, verbose=0, batch_size=30)
    result["steps"] = int(model.optimizer.iterations.numpy())
    result["seed states"] = seed_states(model)
    result["metrics_names"] = model.metrics_names
    return result


def seed_states(model: Any) -> list[list[int]]:
    """The seed and the number of masks drawn of every Dropout, in the order of the layers."""
    states = []
    for layer in model.layers:
        if hasattr(layer, "layers"):
            states += seed_states(layer)
        elif hasattr(layer, "seed_generator"):
            states.append(np.asarray(layer.seed_generator.state.numpy()).tolist())
    return states


def compare(name: str, ours: Any, theirs: Any, scenario: Scenario) -> None:
    """Assert that both are the same; accuracies in every digit."""
    if isinstance(theirs, dict):
        assert list(ours) == list(theirs), name
        for key in theirs:
            compare(f"{name} {key}", ours[key], theirs[key], scenario)
    elif isinstance(theirs, list):
        assert isinstance(ours, list), name
        assert len(ours) == len(theirs), name
        for index, (our, their) in enumerate(zip(ours, theirs, strict=True)):
            compare(f"{name} {index}", our, their, scenario)
    elif isinstance(theirs, np.ndarray):
        what = "outputs" if "predict" in name or "some rows" in name else "weights"
        record.close(f"trajectories: {what}", theirs, ours, rtol=0, atol=WEIGHT_ATOL, where=name)
    elif isinstance(theirs, float):
        assert isinstance(ours, float), name
        if "acc" in name and scenario.counts:
            record.close("trajectories: accuracies", theirs, ours, rtol=0, where=name)
        else:
            what = "trajectories: losses and metrics"
            record.close(what, theirs, ours, rtol=LOSS_RTOL, where=name)
    else:
        record.same("trajectories: counts, names and seeds", theirs, ours, where=name)


DRAWN = [
    "images, dropout, short last batch",
    "depth 4, momentum, shuffle inside batches",
    "adam, sigmoid, binary",
    "a graph with a shared, a nested and a frozen part",
]
"""The scenarios whose losses are drawn in the report."""


@pytest.mark.parametrize("name", SCENARIOS)
def test_one_script_gives_the_same_numbers_in_both(name: str):
    scenario = SCENARIOS[name]
    ours, theirs = play(minidense, scenario), play(keras, scenario)
    if name in DRAWN:
        curves = [
            result["fit: history"]["loss"] + result["fit again: history"]["loss"]
            for result in (theirs, ours)
        ]
        record.curves(f"trajectories: {name}", *curves)
    compare(name, ours, theirs, scenario)


def play_batches(k: ModuleType, scenario: Scenario) -> Result:
    """Train, measure and predict batch by batch, between fits and evaluations."""
    k.utils.set_random_seed(scenario.seed)
    model = scenario.model(k)
    model.compile(scenario.optimizer(k), scenario.loss, **scenario.compiled)
    x, y = scenario.data
    weights = scenario.fitted.get("sample_weight", np.ones(len(x)))
    class_weight = {label: 0.5 + label for label in range(int(y.max()) + 1)}
    return {
        "learn": model.train_on_batch(x[:9], y[:9]),
        "learn more": model.train_on_batch(x[:9], y[:9], return_dict=True),
        "fit": model.fit(x, y, verbose=0).history,
        "learn weighted": model.train_on_batch(x[9:18], y[9:18], sample_weight=weights[9:18]),
        "learn classes": model.train_on_batch(x[9:18], y[9:18], class_weight=class_weight),
        "evaluate": model.evaluate(x, y, verbose=0),
        "test": model.test_on_batch(x[:9], y[:9]),
        "test weighted": model.test_on_batch(x[:9], y[:9], weights[:9], return_dict=True),
        "predict": model.predict_on_batch(x[:9]),
        "weights": model.get_weights(),
        "seed states": seed_states(model),
    }


@pytest.mark.parametrize("name", ["images, dropout, short last batch", "class weights"])
def test_batches_by_hand_give_the_same_numbers_in_both(name: str):
    scenario = replace(SCENARIOS[name], counts=False)
    compare(name, play_batches(minidense, scenario), play_batches(keras, scenario), scenario)


def play_out_of_data(k: ModuleType) -> Result:
    """Three epochs of 3 steps where there are 7 batches, and validation and evaluation too long."""
    k.utils.set_random_seed(1)
    model = dense(3)(k)
    model.compile("sgd", SPARSE, metrics=["accuracy"])
    result: Result = {}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result["fit"] = model.fit(
            X6,
            Y3,
            batch_size=32,
            steps_per_epoch=3,
            epochs=5,
            verbose=0,
            validation_data=(X6[:40], Y3[:40]),
            validation_steps=2,
        ).history
        result["warnings of fit"] = len(caught)
        result["evaluate"] = model.evaluate(X6[:40], Y3[:40], batch_size=20, steps=3, verbose=0)
        result["predict"] = model.predict(X6[:40], batch_size=20, steps=3, verbose=0)
        result["some rows"] = model.predict(X6[:40], batch_size=20, steps=1, verbose=0)
        result["warnings"] = [str(each.message)[:26] for each in caught]
    return result


def test_an_epoch_in_which_the_rows_run_out_is_shorter_in_both():
    scenario = SCENARIOS["class weights"]
    compare("out of data", play_out_of_data(minidense), play_out_of_data(keras), scenario)


def test_the_comparison_sees_one_unit_in_the_last_place_of_an_accuracy():
    scenario = SCENARIOS["no Input"]
    accuracy = np.float32(0.8)
    with record.aside(), pytest.raises(AssertionError, match="accuracy"):
        compare("accuracy", float(np.nextafter(accuracy, 1)), float(accuracy), scenario)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ([1.0], [1.0, 1.0]),
        ({"a": 1.0, "b": 1.0}, {"b": 1.0, "a": 1.0}),
        (1.0, 1.00001),
        (np.zeros(3, "float32"), np.zeros(3, "float64")),
        (np.zeros((3, 1)), np.zeros(3)),
        (np.zeros(3), np.full(3, 1e-4)),
        (1, 2),
    ],
)
def test_the_comparison_sees_what_differs(ours: Any, theirs: Any):
    with record.aside(), pytest.raises(AssertionError):
        compare("it", ours, theirs, SCENARIOS["no Input"])
