"""Losses and metrics of a user's own: one script, run by Keras and by minidense."""

import re
import warnings
from functools import partial

import numpy as np
import pytest

from tests.in_both import attempt, in_both, rows

X = rows(8, 4)
LABELS = np.arange(8) % 3
ONE_HOT = np.eye(3, dtype="float32")[LABELS]
BUILT_IN = [
    "MeanSquaredError",
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "SparseCategoricalCrossentropy",
]


def model_with(k, loss, activation="softmax", **options):
    model = k.Sequential([k.Input((4,)), k.layers.Dense(3, activation=activation)])
    model.compile(k.optimizers.SGD(0.5), loss, **options)
    return model


def targets_of(name):
    return LABELS if name.startswith("Sparse") else ONE_HOT


def tripled(k, name):
    """A subclass of a built-in loss whose `call` gives three times the value."""

    class Tripled(getattr(k.losses, name)):
        def call(self, y_true, y_pred):
            return 3 * super().call(y_true, y_pred)

    return Tripled


def tripled_whole(k, name):
    """The same, by its `__call__`."""

    class Tripled(getattr(k.losses, name)):
        def __call__(self, y_true, y_pred, sample_weight=None):
            return 3 * super().__call__(y_true, y_pred, sample_weight)

    return Tripled


def trained_and_measured(k, make, name, activation, **options):
    y, weights = targets_of(name), np.linspace(0.5, 2, 8).astype("float32")
    model = model_with(k, make(k, name)(**options), activation)
    before = model.evaluate(X, y, verbose=0)
    history = model.fit(
        X, y, sample_weight=weights, epochs=3, batch_size=4, shuffle=False, verbose=0
    ).history
    return before, history, model.get_weights(), model.evaluate(X, y, verbose=0)


@pytest.mark.parametrize("make", [tripled, tripled_whole])
@pytest.mark.parametrize("name", BUILT_IN)
def test_a_subclass_of_a_built_in_loss_learns_by_its_own_value(name, make):
    @in_both
    def script(k):
        activation = "sigmoid" if name == "BinaryCrossentropy" else "softmax"
        return trained_and_measured(k, make, name, activation)

    script()


@pytest.mark.parametrize("make", [tripled, tripled_whole])
@pytest.mark.parametrize("name", BUILT_IN[1:])
def test_a_subclass_of_a_loss_from_logits_learns_by_its_own_value(name, make):
    @in_both
    def script(k):
        return trained_and_measured(k, make, name, None, from_logits=True)

    script()


@pytest.mark.parametrize("scale", [1, 100])
@pytest.mark.parametrize("name", BUILT_IN)
def test_a_call_that_changes_the_predictions_is_measured_on_them(name, scale):
    @in_both
    def script(k):
        class Halved(getattr(k.losses, name)):
            def call(self, y_true, y_pred):
                return super().call(y_true, y_pred * 0.5)

        model = model_with(k, Halved())
        model.layers[0].kernel.assign(scale * np.asarray(model.layers[0].kernel))
        return model.evaluate(X, targets_of(name), verbose=0)

    script()


@pytest.mark.parametrize("from_logits", [False, True])
@pytest.mark.parametrize("name", BUILT_IN[1:])
def test_a_call_that_hands_on_the_predictions_is_measured_on_the_logits(name, from_logits):
    @in_both
    def script(k):
        with warnings.catch_warnings():  # Keras warns of logits behind a softmax
            warnings.simplefilter("ignore")
            model = model_with(k, tripled(k, name)(from_logits=from_logits))
            model.layers[0].kernel.assign(100 * np.asarray(model.layers[0].kernel))
            return model.evaluate(X, targets_of(name), verbose=0)

    script()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "sum", "none"])
def test_what_a_call_returns_is_in_the_dtype_of_the_loss(reduction, dtype):
    @in_both
    def script(k):
        class Wide(k.losses.Loss):
            def call(self, y_true, y_pred):
                seen = [str(each.dtype).split("'")[-2:][0] for each in (y_true, y_pred)]
                assert all(dtype in one for one in seen)
                return np.asarray(y_true, "float64")[:, 0] * 1.1

        found = np.asarray(Wide(reduction=reduction, dtype=dtype)(ONE_HOT, X[:, :3]))
        return str(found.dtype), found

    script()


@in_both
def test_the_names_of_losses_of_ones_own(k):
    def fraction(cls, **options):
        return cls(**options).name

    return [
        *[fraction(tripled(k, name)) for name in BUILT_IN],
        *[fraction(tripled(k, name), name="mine") for name in BUILT_IN],
    ]


@in_both
def test_a_loss_is_shown_as_the_function_that_it_computes(k):
    made = [
        *[getattr(k.losses, name)() for name in BUILT_IN],
        k.losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.25, name="mine"),
        tripled(k, "MeanSquaredError")(),
    ]
    return [re.sub(r"0x[0-9a-f]+", "0x", repr(loss)) for loss in made]


# Names of metrics


def topProb(y_true, y_pred):  # noqa: N802 - a name that Keras writes otherwise
    return y_pred[:, 0]


class Fn:
    def __call__(self, y_true, y_pred):
        return y_pred[:, 1]


class Called(Fn):
    name = "givenName"


def first(y_true, y_pred, column=0):
    return y_pred[:, column]


METRICS = {
    "a function": lambda k: [topProb],
    "a function twice": lambda k: [topProb, topProb],
    "lambdas": lambda k: [lambda y_true, y_pred: y_pred[:, 0], lambda y_true, y_pred: y_true[:, 0]],
    "an object": lambda k: [Fn(), Fn()],
    "a class": lambda k: [Fn],
    "an object with a name": lambda k: [Called()],
    "a partial": lambda k: [partial(first, column=1)],
    "a method": lambda k: [Fn().__call__],
    "a loss": lambda k: [k.losses.MeanSquaredError()],
    "a loss with a name": lambda k: [k.losses.MeanSquaredError(name="far")],
    "a class of losses": lambda k: [k.losses.MeanSquaredError],
    "a function of losses": lambda k: [k.losses.mean_squared_error],
    "wrappers": lambda k: [
        k.metrics.MeanMetricWrapper(topProb),
        k.metrics.MeanMetricWrapper(first),
    ],
    "a wrapper with a name": lambda k: [k.metrics.MeanMetricWrapper(topProb, name="aB")],
    "names": lambda k: ["mse", "MSE", "mean_squared_error", "MeanSquaredError", "mse"],
}


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("case", METRICS)
def test_a_metric_has_the_same_name_in_every_log(case, weighted):
    @in_both
    def script(k):
        metrics = METRICS[case](k)
        more = {"weighted_metrics": METRICS[case](k)} if weighted else {}
        model = model_with(k, "mse", metrics=metrics, **more)
        history = model.fit(X, ONE_HOT, verbose=0).history
        return (
            {name: history[name] for name in sorted(history)},
            model.evaluate(X, ONE_HOT, verbose=0, return_dict=True),
            model.evaluate(X, ONE_HOT, verbose=0),
            model.metrics_names,
            [metric.name for metric in model.metrics[1].metrics],
        )

    script()


@in_both
def test_a_wrapped_function_counts_among_the_automatic_names(k):
    model_with(k, "mse", metrics=[topProb]).fit(X, ONE_HOT, verbose=0)
    return k.metrics.MeanMetricWrapper(topProb).name


# Losses as metrics

CROSSENTROPIES = {
    "names": lambda k: ["bce", "BCE", "binary_crossentropy", "CategoricalCrossentropy", "bce"],
    "functions": lambda k: [k.losses.binary_crossentropy, k.losses.categorical_crossentropy],
    "losses": lambda k: [k.losses.CategoricalCrossentropy(), k.losses.BinaryCrossentropy()],
    "options": lambda k: [
        k.metrics.BinaryCrossentropy(label_smoothing=0.25),
        k.metrics.CategoricalCrossentropy(label_smoothing=0.25, name="mine"),
    ],
    "float64": lambda k: [k.metrics.BinaryCrossentropy(dtype="float64")],
    "losses in float64": lambda k: [k.losses.CategoricalCrossentropy(dtype="float64")],
}


@pytest.mark.parametrize("activation", ["softmax", "sigmoid", None])
@pytest.mark.parametrize("case", CROSSENTROPIES)
def test_a_cross_entropy_is_a_metric_and_looks_through_the_activation(case, activation):
    @in_both
    def script(k):
        weighted = [] if "losses" in case else CROSSENTROPIES[case](k)  # Keras cannot weigh those
        metrics = {"metrics": CROSSENTROPIES[case](k), "weighted_metrics": weighted}
        model = model_with(k, "mse", activation, **metrics)
        model.layers[0].kernel.assign(20 * np.asarray(model.layers[0].kernel))
        weights = np.linspace(0.5, 2, 8).astype("float32")
        history = model.fit(X, ONE_HOT, sample_weight=weights, verbose=0).history
        found = model.evaluate(X, ONE_HOT, sample_weight=weights, verbose=0, return_dict=True)
        return {name: history[name] for name in sorted(history)}, found

    script()


@in_both
def test_a_sparse_cross_entropy_is_a_metric(k):
    names = ["sparse_categorical_crossentropy", "SparseCategoricalCrossentropy"]
    metrics = [*names, k.losses.SparseCategoricalCrossentropy()]
    model = model_with(k, names[0], metrics=metrics)
    return model.fit(X, LABELS, verbose=0).history, model.evaluate(X, LABELS, verbose=0)


@pytest.mark.parametrize(
    "name",
    [
        "bce",
        "BCE",
        *BUILT_IN,
        "binary_crossentropy",
        "sparse_categorical_crossentropy",
        "ce",
        "cce",
    ],
)
def test_a_loss_has_the_same_name_as_a_metric(name):
    @in_both
    def script(k):
        def found():
            made = k.metrics.get(name)
            return type(made).__name__, made.name, made.get_config()

        return attempt(found)

    script()


# Dicts

DICTS = [
    {"class_name": "MeanSquaredError", "config": {}},
    {"class_name": "MeanSquaredError", "config": {"name": "mine", "dtype": "float64"}},
    {"class_name": "MeanSquaredError"},
    {"class_name": "MeanSquaredError", "config": None},
    {"class_name": "MeanSquaredError", "config": 5},
    {"class_name": "MeanSquaredError", "config": "a"},
    {"class_name": "MeanSquaredError", "config": {"foo": 1}},
    {"class_name": "MeanSquaredError", "config": {"reduction": "nope"}},
    {"class_name": "MeanSquaredError", "config": {}, "module": None},
    {"class_name": "MeanSquaredError", "config": {}, "module": "keras.losses"},
    {"class_name": "BinaryAccuracy", "config": {"threshold": 0.75, "name": "q"}},
    {"class_name": "binary_accuracy", "config": {"threshold": 0.75}},
    {"class_name": "mean_squared_error", "config": {}},
    {"class_name": "mse", "config": {}},
    {"class_name": "function", "config": "mean_squared_error", "module": "builtins"},
    {"class_name": "function", "config": "nope", "module": "builtins"},
    {"class_name": "bce", "config": {"from_logits": True}},
    {"class_name": "Mean", "config": {"dtype": "float64"}},
    {"class_name": "nope", "config": {}},
    {"class_name": 5, "config": {}},
    {"class_name": None, "config": {}},
    {"config": {}},
    {},
]


@pytest.mark.parametrize("module", ["losses", "metrics"])
@pytest.mark.parametrize("identifier", DICTS, ids=str)
def test_a_dict_stands_for_what_it_stands_for_in_keras(identifier, module):
    @in_both
    def script(k):
        def found():
            made = getattr(k, module).get(dict(identifier))
            if not hasattr(made, "get_config"):
                return made.__name__
            return type(made).__name__, made.name, made.dtype, made.get_config()

        return attempt(found)

    script()


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_loss_is_made_again_from_its_class_and_config(name):
    @in_both
    def script(k):
        config = getattr(k.losses, name)(reduction="sum", name="mine").get_config()
        return k.losses.get({"class_name": name, "config": config}).get_config()

    script()


@pytest.mark.parametrize("module", ["losses", "metrics"])
def test_a_wrapper_of_ones_own_is_written_with_its_function(module):
    @in_both
    def script(k):
        def scaled(y_true, y_pred, scale):
            return scale * k.losses.mean_squared_error(y_true, y_pred)

        class Own(getattr(k, module).MeanSquaredError.__base__):  # the wrapper of a function
            pass

        return Own(scaled, name="own", scale=2.0).get_config()

    script()


# Warnings


@pytest.mark.parametrize(
    ("values", "weight"),
    [
        ([np.inf, -np.inf], None),
        ([1e38, 3e38], None),
        ([np.inf, 1.0], [0.0, 1.0]),
        (np.inf, 0),
        (3e38, 10),
        ([[1.0, np.inf], [2.0, -np.inf]], [[1.0, 1.0], [1.0, 0.0]]),
    ],
    ids=str,
)
def test_a_mean_of_infinite_numbers_is_silent_in_both(values, weight):
    @in_both
    def script(k):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            result = np.asarray(k.metrics.Mean()(values, sample_weight=weight))
        return result, len(caught)

    script()
