"""The cross-entropies as metrics: their arguments, their values, and the logits that they see."""

import numpy as np
import pytest

import minidense as keras
from minidense import losses, metrics

LABELS = np.array([0, 2, 1, 2])
ONE_HOT = np.eye(3, dtype="float32")[LABELS]
LOGITS = np.float32([[1, 2, 3], [-200, 200, 1], [0, 0.5, 0], [5, 150, 0]])
WEIGHTS = np.float32([1, 0.5, 0, 3])
SMOOTHED = ["BinaryCrossentropy", "CategoricalCrossentropy"]
NAMES = [*SMOOTHED, "SparseCategoricalCrossentropy"]


def targets_of(name):
    return LABELS if name.startswith("Sparse") else ONE_HOT


def activated(name):
    if name.startswith("Binary"):
        return keras.activations.sigmoid(LOGITS)
    return keras.activations.softmax(LOGITS)


# By themselves

DEFAULTS = {
    "BinaryCrossentropy": {"label_smoothing": 0},
    "CategoricalCrossentropy": {"label_smoothing": 0, "axis": -1},
    "SparseCategoricalCrossentropy": {"ignore_class": None, "axis": -1},
}


@pytest.mark.parametrize("name", NAMES)
def test_the_configuration_has_the_defaults_under_keras_names(name):
    snake = {
        "BinaryCrossentropy": "binary_crossentropy",
        "CategoricalCrossentropy": "categorical_crossentropy",
        "SparseCategoricalCrossentropy": "sparse_categorical_crossentropy",
    }[name]
    wanted = {"name": snake, "dtype": "float32", "from_logits": False, **DEFAULTS[name]}
    assert getattr(metrics, name)().get_config() == wanted


@pytest.mark.parametrize("name", NAMES)
def test_the_configuration_makes_an_equal_metric(name):
    given = {"name": "mine", "dtype": "float64", "from_logits": True, **DEFAULTS[name]}
    if name in SMOOTHED:
        given["label_smoothing"] = 0.25
    metric = getattr(metrics, name)(**given)
    assert metric.get_config() == given
    assert type(metric).from_config(given).get_config() == given
    assert metric(targets_of(name), LOGITS).dtype == "float64"


def test_the_arguments_come_in_keras_order():
    config = metrics.BinaryCrossentropy("mine", "float64", True, 0.5).get_config()
    assert list(config.values()) == ["mine", "float64", True, 0.5]
    config = metrics.CategoricalCrossentropy("mine", "float64", True, 0.5, -1).get_config()
    assert list(config.values()) == ["mine", "float64", True, 0.5, -1]
    config = metrics.SparseCategoricalCrossentropy("mine", "float64", True, None, -1).get_config()
    assert list(config.values()) == ["mine", "float64", True, None, -1]


@pytest.mark.parametrize("from_logits", [False, True])
@pytest.mark.parametrize(
    ("name", "options"),
    [*[(name, {}) for name in NAMES], *[(name, {"label_smoothing": 0.25}) for name in SMOOTHED]],
)
def test_the_mean_is_that_of_the_loss_with_the_same_arguments(name, options, from_logits):
    y, y_pred = targets_of(name), LOGITS if from_logits else activated(name)
    wanted = getattr(losses, name)(from_logits=from_logits, reduction=None, **options)(y, y_pred)
    metric = getattr(metrics, name)(from_logits=from_logits, **options)
    assert metric(y, y_pred) == pytest.approx(wanted.mean(), rel=1e-6)
    metric.reset_state()
    weighed = (wanted * WEIGHTS).sum() / WEIGHTS.sum()
    assert metric(y, y_pred, WEIGHTS) == pytest.approx(weighed, rel=1e-6)


@pytest.mark.parametrize(
    ("name", "arguments", "error", "message"),
    [
        *[
            (name, {"from_logits": "no"}, ValueError, "^`from_logits` must be a boolean.*'no'")
            for name in NAMES
        ],
        *[
            (name, {"label_smoothing": 1.5}, ValueError, "^`label_smoothing` must.*1.5")
            for name in SMOOTHED
        ],
        *[(name, {"label_smoothing": -0.5}, ValueError, "label_smoothing") for name in SMOOTHED],
        *[(name, {"axis": 1}, ValueError, f"^{name}: .*axis") for name in NAMES[1:]],
        (NAMES[2], {"ignore_class": 1}, NotImplementedError, f"^{NAMES[2]}: .*ignore_class"),
    ],
)
def test_an_argument_without_meaning_is_refused_by_its_name(name, arguments, error, message):
    with pytest.raises(error, match=message):
        getattr(metrics, name)(**arguments)


@pytest.mark.parametrize("name", SMOOTHED)
def test_a_smoothing_of_0_and_of_1_has_a_meaning(name):
    for share in (0, 1):
        assert getattr(metrics, name)(label_smoothing=share).label_smoothing == share


# In a model


def first_output(y_true, y_pred):
    return y_pred[:, 0]


def evaluated(name, activation="softmax", weighted=False, sample_weight=None, dtype="float32"):
    """Return what `evaluate` logs of some metrics, one of them the cross-entropy of that name."""
    model = keras.Sequential([keras.Input((3,)), keras.layers.Activation(activation, dtype=dtype)])
    counted = [getattr(metrics, name)(name="cross"), first_output]
    model.compile("sgd", name, **{"weighted_metrics" if weighted else "metrics": counted})
    more = {"sample_weight": sample_weight, "verbose": 0, "return_dict": True, "batch_size": 3}
    return model.evaluate(LOGITS, targets_of(name), **more)


def from_logits(name):
    return getattr(losses, name)(from_logits=True, reduction=None)(targets_of(name), LOGITS)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("sample_weight", [None, WEIGHTS])
@pytest.mark.parametrize("name", NAMES)
def test_in_a_model_it_is_that_of_the_logits_and_the_others_see_the_outputs(
    name, sample_weight, weighted
):
    activation = "sigmoid" if name.startswith("Binary") else "softmax"
    logs = evaluated(name, activation, weighted, sample_weight)
    weights = WEIGHTS if weighted and sample_weight is not None else np.ones(4)
    for key, values in {"cross": from_logits(name), "first_output": activated(name)[:, 0]}.items():
        mean = (np.float64(values) * weights).sum() / weights.sum()
        assert logs[key] == pytest.approx(mean, rel=1e-6), key


def test_without_a_last_activation_it_is_that_of_the_outputs():
    logs = evaluated("CategoricalCrossentropy", "tanh")
    wanted = metrics.CategoricalCrossentropy()(ONE_HOT, np.tanh(LOGITS))
    assert logs["cross"] == pytest.approx(wanted, rel=1e-6)


def test_logits_of_another_dtype_than_the_metric_are_looked_through_too():
    logs = evaluated("CategoricalCrossentropy", dtype="float64")
    assert logs["cross"] == pytest.approx(from_logits("CategoricalCrossentropy").mean(), rel=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_outside_of_a_model_it_looks_through_a_softmax_or_a_sigmoid_too(name):
    outputs, wanted = activated(name), np.mean(from_logits(name))
    wrapped = metrics.MeanMetricWrapper(getattr(losses, name)())
    for metric in (getattr(metrics, name)(), wrapped):
        assert metric(targets_of(name), outputs) == pytest.approx(wanted, rel=1e-6)
    squared = metrics.MeanMetricWrapper(losses.mean_squared_error)
    seen = squared(ONE_HOT, outputs)
    assert seen == pytest.approx(np.mean(np.square(ONE_HOT - outputs)), rel=1e-6)


def test_a_loss_object_as_a_metric_looks_through_if_it_is_a_cross_entropy():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Activation("softmax")])
    cross, squared = losses.CategoricalCrossentropy(name="cross"), losses.MeanSquaredError()
    model.compile("sgd", "mse", metrics=[cross, squared])
    logs = model.evaluate(LOGITS, ONE_HOT, verbose=0, return_dict=True)
    assert logs["cross"] == pytest.approx(from_logits("CategoricalCrossentropy").mean(), rel=1e-6)
    assert logs["mean_squared_error"] == pytest.approx(logs["loss"], rel=1e-6)


class Counter(metrics.Metric):
    """Notes what it is called with."""

    def __init__(self):
        super().__init__(name="counter")
        self.given = []

    def update_state(self, *arguments, **more):
        self.given.append(len(arguments) + len(more))

    def result(self):
        return 0.0


@pytest.mark.parametrize("cross", [[], ["categorical_crossentropy"]])
def test_a_users_metric_is_given_the_weights_only_if_it_is_weighted(cross):
    plain, weighted = Counter(), Counter()
    model = keras.Sequential([keras.Input((3,)), keras.layers.Activation("softmax")])
    model.compile("sgd", "mse", metrics=[plain, *cross], weighted_metrics=[weighted])
    model.evaluate(LOGITS, ONE_HOT, sample_weight=WEIGHTS, verbose=0)
    assert plain.given[0] == 2
    assert weighted.given[0] == 3


def test_the_name_of_an_object_is_its_own_and_that_of_a_class_without_one_is_snake_case():
    class Named:
        name = "mine"

        def __call__(self, y_true, y_pred):
            return y_pred[:, 0]

    class NoName(Named):
        name = property()  # as if there were none

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(3)])
    model.compile("sgd", "mse", metrics=[Named(), NoName()])
    logs = model.evaluate(LOGITS, ONE_HOT, verbose=0, return_dict=True)
    assert sorted(logs) == ["loss", "mine", "no_name"]


def test_messages_of_a_dict_name_its_class():
    for get in (losses.get, metrics.get):
        with pytest.raises(TypeError) as refused:
            get({"class_name": "MeanSquaredError", "config": 5})
        assert str(refused.value) == (
            "`config` must be a dict of the arguments of 'MeanSquaredError'. "
            "Received: config=5 of type int."
        )
        with pytest.raises(TypeError) as refused:
            get({"class_name": "MeanSquaredError", "module": None})
        assert str(refused.value) == (
            "`module` must be a string in the dict of 'MeanSquaredError', or be left out. "
            "Received: module=None of type NoneType."
        )
    with pytest.raises(ValueError, match=r"^Could not interpret loss identifier: 'mse'"):
        losses.get({"class_name": "mse"})
