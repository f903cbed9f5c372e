"""User-defined losses train as they are, by the gradients of their operations."""

import warnings

import numpy as np
import pytest

import minidense as keras
from minidense import losses, metrics, ops
from minidense.names import snake_case
from tests.losses.gradients import value_and_gradient

X = np.random.RandomState(0).uniform(-1, 1, (8, 4)).astype("float32")
LABELS = np.arange(8) % 3
ONE_HOT = np.eye(3, dtype="float32")[LABELS]
TARGETS = {"SparseCategoricalCrossentropy": LABELS}
BUILT_IN = [
    "MeanSquaredError",
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "SparseCategoricalCrossentropy",
]


def model_with(loss, activation="softmax", optimizer=None):
    keras.utils.set_random_seed(7)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation=activation)])
    model.compile(optimizer or keras.optimizers.SGD(0.5), loss)
    return model


def activation_of(name):
    return "sigmoid" if name == "BinaryCrossentropy" else "softmax"


def tripled(name):
    """A subclass of a built-in loss whose `call` gives three times the value."""

    class Tripled(getattr(losses, name)):
        def call(self, y_true, y_pred):
            return 3 * super().call(y_true, y_pred)

    return Tripled


def tripled_whole(name):
    """The same, by its `__call__`."""

    class Tripled(getattr(losses, name)):
        def __call__(self, y_true, y_pred, sample_weight=None):
            return 3 * super().__call__(y_true, y_pred, sample_weight)

    return Tripled


def distance(y_true, y_pred):
    return ops.mean(ops.abs(y_true - y_pred), axis=-1)


# Values and gradients


@pytest.mark.parametrize("make", [tripled, tripled_whole])
@pytest.mark.parametrize("name", BUILT_IN)
def test_evaluate_and_the_loss_alone_use_the_value_of_its_own(name, make):
    y = TARGETS.get(name, ONE_HOT)
    own_loss, loss = make(name)(), getattr(losses, name)()
    model, plain = (model_with(each, activation_of(name)) for each in (own_loss, loss))
    wanted = 3 * plain.evaluate(X, y, verbose=0)
    assert model.evaluate(X, y, verbose=0) == pytest.approx(wanted, rel=1e-6)
    y_pred = model.predict(X, verbose=0)
    assert make(name)()(y, y_pred) == pytest.approx(wanted, rel=1e-6)


@pytest.mark.parametrize("make", [tripled, tripled_whole])
@pytest.mark.parametrize("from_logits", [False, True])
@pytest.mark.parametrize("name", BUILT_IN)
def test_a_subclass_learns_by_the_gradient_of_its_own_value(name, from_logits, make):
    y = TARGETS.get(name, ONE_HOT)
    options = {"from_logits": from_logits} if name != "MeanSquaredError" else {}
    activation = None if from_logits else activation_of(name)
    model = model_with(make(name)(**options), activation)
    third = keras.optimizers.SGD(1.5)
    plain = model_with(getattr(losses, name)(**options), activation, third)
    found, wanted = (m.fit(X, y, epochs=3, shuffle=False, verbose=0) for m in (model, plain))
    np.testing.assert_allclose(found.history["loss"], 3 * np.array(wanted.history["loss"]), 1e-5)
    for one, other in zip(model.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_a_function_an_object_and_a_class_of_the_same_formula_train_alike():
    class Distance(losses.Loss):
        def call(self, y_true, y_pred):
            return distance(y_true, y_pred)

    class Called:
        def __call__(self, y_true, y_pred):
            return distance(y_true, y_pred)

    class Mixed(Distance, losses.MeanSquaredError):
        pass

    changed = losses.MeanSquaredError()
    changed.call = distance
    weights = []
    for loss in (distance, Called(), Distance(), Distance, Mixed(), changed):
        model = model_with(loss)
        model.fit(X, ONE_HOT, epochs=2, shuffle=False, verbose=0)
        weights.append(model.get_weights())
    for each in weights[1:]:
        assert all(np.array_equal(a, b) for a, b in zip(weights[0], each, strict=True))
    assert not np.array_equal(weights[0][0], model_with("mse").get_weights()[0])


def test_a_subclass_that_changes_no_formula_is_trained_as_the_built_in_loss_is():
    class Named(losses.SparseCategoricalCrossentropy):
        def get_config(self):
            return {}

    histories = [
        model_with(each).fit(X, LABELS, verbose=0).history
        for each in (Named(name="mine"), "sparse_categorical_crossentropy")
    ]
    assert histories[0] == histories[1]


def test_a_loss_of_numpys_functions_is_refused_in_a_trace_and_trains_on_nothing_eagerly():
    def with_numpy(y_true, y_pred):
        return np.abs(y_true - y_pred).sum(-1)

    with pytest.raises(NotImplementedError, match="run_eagerly=True"):
        model_with(with_numpy).fit(X, ONE_HOT, verbose=0)
    model = model_with(with_numpy)
    model.compile(keras.optimizers.SGD(0.5), with_numpy, run_eagerly=True)
    assert model.evaluate(X, ONE_HOT, verbose=0) > 0
    with pytest.raises(ValueError, match="gradient"):
        model.fit(X, ONE_HOT, verbose=0)


# The logits behind an activation


def test_a_call_is_given_the_predictions_and_not_the_logits():
    seen = []

    class Watching(losses.CategoricalCrossentropy):
        def call(self, y_true, y_pred):
            seen.append(y_pred)
            return super().call(y_true, y_pred * 1.0)

    model = model_with(Watching())
    model.compile("sgd", model.loss, run_eagerly=True)
    model.fit(X, ONE_HOT, verbose=0)
    model.evaluate(X, ONE_HOT, verbose=0)
    assert len(seen) == 2
    for y_pred in seen:
        np.testing.assert_allclose(ops.sum(y_pred, axis=-1), 1, rtol=1e-6)


def test_a_cross_entropy_asked_by_a_users_call_looks_through_the_softmax():
    loss = tripled("SparseCategoricalCrossentropy")()
    model = model_with(loss)
    model.layers[0].kernel.assign(100 * model.layers[0].kernel.numpy())  # probabilities near 0
    logits = model_with(losses.SparseCategoricalCrossentropy(from_logits=True), None)
    logits.layers[0].kernel.assign(model.layers[0].kernel.numpy())
    wanted = 3 * logits.evaluate(X, LABELS, verbose=0)
    assert model.evaluate(X, LABELS, verbose=0) == pytest.approx(wanted, rel=1e-6)
    assert loss(LABELS, model(X)) == pytest.approx(wanted, rel=1e-6)
    assert loss(LABELS, model.predict(X, verbose=0)) < 0.99 * wanted  # there it is clipped


@pytest.mark.parametrize("make", [tripled, tripled_whole])
@pytest.mark.parametrize("name", BUILT_IN[1:])
def test_in_training_a_cross_entropy_looks_through_the_activation_as_in_evaluate(name, make):
    y = TARGETS.get(name, ONE_HOT)
    loss = make(name)()
    model = model_with(loss, activation_of(name), keras.optimizers.SGD(0.0))
    model.layers[0].kernel.assign(100 * model.layers[0].kernel.numpy())  # outputs near 0
    wanted = model.evaluate(X, y, verbose=0)
    assert model.fit(X, y, verbose=0).history["loss"] == [pytest.approx(wanted, rel=1e-6)]
    assert loss(y, model.predict(X, verbose=0)) < 0.99 * wanted  # there it is clipped


# Sample weights


@pytest.mark.parametrize("make", [tripled, tripled_whole])
@pytest.mark.parametrize("name", BUILT_IN)
def test_sample_weights_weigh_a_users_loss_too(name, make):
    y, weights = TARGETS.get(name, ONE_HOT), np.float32([0, 1, 2, 0.5, 1, 0, 3, 1])
    model = model_with(make(name)(), activation_of(name))
    plain = model_with(getattr(losses, name)(), activation_of(name), keras.optimizers.SGD(1.5))
    measured, wanted = (m.evaluate(X, y, sample_weight=weights, verbose=0) for m in (model, plain))
    assert measured == pytest.approx(3 * wanted, rel=1e-6)
    found, trained = (
        m.fit(X, y, sample_weight=weights, shuffle=False, epochs=2, verbose=0).history["loss"]
        for m in (model, plain)
    )
    np.testing.assert_allclose(found, 3 * np.array(trained), rtol=1e-5)
    for one, other in zip(model.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


# What `call` is given and returns


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_call_is_given_both_in_the_dtype_of_the_loss(dtype):
    seen = []

    class Both(losses.Loss):
        def call(self, y_true, y_pred):
            seen.extend((y_true, y_pred))
            return ops.sum(ops.square(y_true - y_pred), axis=-1)

    y_pred = X[:, :3].astype(dtype)
    value, gradient = value_and_gradient(Both(dtype=dtype), ONE_HOT.astype("int64"), y_pred)
    assert {each.dtype.name for each in (*seen, value, gradient)} == {dtype}
    np.testing.assert_array_equal(seen[0], ONE_HOT)


@pytest.mark.parametrize(
    ("returned", "wanted"),
    [
        ([1.0, 2.0], 1.5),
        (5, 5.0),
        (np.float64(0.1), np.float32(0.1)),
        (np.int64([1, 2]), 1.5),
        (np.array([True, False]), 0.5),
        (np.float64([0.1, 0.1]), np.float32(0.1)),
    ],
)
def test_what_call_returns_is_reduced_in_the_dtype_of_the_loss(returned, wanted):
    class Given(losses.Loss):
        def call(self, y_true, y_pred):
            assert y_true.dtype == y_pred.dtype == self.dtype
            return returned

    for dtype in ("float32", "float64"):
        found = Given(dtype=dtype)(LABELS, ONE_HOT)
        assert found.dtype == dtype
        assert found == pytest.approx(wanted, rel=1e-6)


def test_what_is_no_number_is_no_value_of_a_loss():
    class Nothing(losses.Loss):
        def call(self, y_true, y_pred):
            return None

    with pytest.raises(ValueError, match=r"^Loss 'nothing' returned None: it must return a tensor"):
        Nothing(name="nothing")(ONE_HOT, ONE_HOT)


@pytest.mark.parametrize(
    ("name", "arguments", "kwargs"),
    [
        ("MeanSquaredError", (), "{}"),
        (
            "BinaryCrossentropy",
            (True, 0.25),
            "{'from_logits': True, 'label_smoothing': 0.25, 'axis': -1}",
        ),
        (
            "SparseCategoricalCrossentropy",
            (),
            "{'from_logits': False, 'ignore_class': None, 'axis': -1}",
        ),
    ],
)
def test_a_built_in_loss_is_shown_as_the_function_that_it_computes(name, arguments, kwargs):
    loss = getattr(losses, name)(*arguments)
    assert loss.fn is losses.get(snake_case(name))
    assert repr(loss) == f"<LossFunctionWrapper({loss.fn}, kwargs={kwargs})>"


# Dicts


@pytest.mark.parametrize("get", [losses.get, metrics.get])
def test_a_dict_stands_for_a_class_and_its_config(get):
    assert type(get({"class_name": "MeanSquaredError"})).__name__ == "MeanSquaredError"
    assert get({"class_name": "MeanSquaredError", "config": None}).name == "mean_squared_error"
    assert get({"class_name": "MeanSquaredError", "config": {"name": "mine"}}).name == "mine"


@pytest.mark.parametrize("get", [losses.get, metrics.get])
@pytest.mark.parametrize(
    ("identifier", "error", "message"),
    [
        ({}, ValueError, "must have the key 'class_name'.*Received: {}"),
        ({"class_name": "nope"}, ValueError, "identifier: 'nope'. Known names: "),
        ({"class_name": ["mse"]}, ValueError, "identifier: "),
        ({"class_name": "MeanSquaredError", "config": 5}, TypeError, "be a dict.*config=5 of type"),
        ({"class_name": "MeanSquaredError", "config": {"foo": 1}}, TypeError, "foo"),
        ({"class_name": "MeanSquaredError", "module": None}, TypeError, "module=None"),
        ({"class_name": "function", "config": "nope", "module": "builtins"}, ValueError, "'nope'"),
        ({"class_name": "function", "config": "mean_squared_error"}, ValueError, "'function'"),
    ],
)
def test_a_dict_that_stands_for_nothing_is_refused(get, identifier, error, message):
    with pytest.raises(error, match=message):
        get(identifier)


def test_a_dict_may_stand_for_a_function_by_its_whole_name():
    assert losses.get({"class_name": "mean_squared_error"}) is losses.mean_squared_error
    written = {"class_name": "function", "config": "mean_squared_error", "module": "builtins"}
    assert losses.get(written) is losses.mean_squared_error
    with pytest.raises(ValueError, match="'mse'"):
        losses.get({"class_name": "mse"})


# Warnings


@pytest.mark.parametrize(
    ("values", "weight", "wanted"),
    [
        ([np.inf, -np.inf], None, np.nan),
        ([1e38, 3e38], None, np.inf),
        ([np.inf, 1.0], [0.0, 1.0], np.nan),
        (np.inf, 0, 0.0),
        (3e38, 10, np.inf),
        (np.float64([1e300]), None, np.inf),
    ],
)
def test_a_mean_of_infinite_numbers_is_silent(values, weight, wanted):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_equal(float(metrics.Mean()(values, sample_weight=weight)), wanted)


def test_a_mean_goes_on_in_silence_from_infinity():
    mean = metrics.Mean()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for value in (np.inf, -np.inf, 1.0):
            mean.update_state(value)
        assert np.isnan(mean.result())
