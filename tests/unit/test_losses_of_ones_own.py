"""Losses of a user's own: their formulas are used, and a gradient of another loss never is."""

import re
import warnings

import numpy as np
import pytest

import minidense as keras
from minidense import losses, metrics
from minidense.losses import own
from minidense.names import snake_case

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
GRADIENTS = ("gradient", "values_and_gradient", "value_and_gradient")


def model_with(loss, activation="softmax", optimizer=None):
    keras.utils.set_random_seed(7)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation=activation)])
    model.compile(optimizer or keras.optimizers.SGD(0.5), loss)
    return model


def activation_of(name):
    return "sigmoid" if name == "BinaryCrossentropy" else "softmax"


def tripled(name, **methods):
    """A subclass of a built-in loss whose `call` gives three times the value."""

    class Tripled(getattr(losses, name)):
        def call(self, y_true, y_pred):
            return 3 * super().call(y_true, y_pred)

    for method, function in methods.items():
        setattr(Tripled, method, function)
    return Tripled


def tripled_whole(name):
    """The same, by its `__call__`."""

    class Tripled(getattr(losses, name)):
        def __call__(self, y_true, y_pred, sample_weight=None):
            return 3 * super().__call__(y_true, y_pred, sample_weight)

    return Tripled


def with_gradient(cls):
    """A subclass that triples the gradient, too."""

    class Known(cls):
        def call(self, y_true, y_pred):
            return super().call(y_true, y_pred)

        def __call__(self, y_true, y_pred, sample_weight=None):
            return super().__call__(y_true, y_pred, sample_weight)

        def gradient(self, y_true, y_pred):
            return 3 * super().gradient(y_true, y_pred)

    return Known


# A gradient that belongs to another loss


@pytest.mark.parametrize("make", [tripled, tripled_whole])
@pytest.mark.parametrize("name", BUILT_IN)
def test_a_loss_with_a_value_of_its_own_is_not_trained_on_the_gradient_that_it_inherits(name, make):
    y = TARGETS.get(name, ONE_HOT)
    model = model_with(make(name)())
    before = model.get_weights()
    message = re.escape(
        "can be evaluated but not trained on: its gradient is not known. Tripled computes a value "
        "of its own, so the gradient that it inherits is not its own. Define "
        "`gradient(y_true, y_pred)` in Tripled, too."
    )
    for train in (model.fit, model.train_on_batch):
        with pytest.raises(NotImplementedError, match=message):
            train(X, y)
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
    assert int(model.optimizer.iterations) == 0


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
def test_a_gradient_of_its_own_is_used(name, from_logits, make):
    y = TARGETS.get(name, ONE_HOT)
    options = {"from_logits": from_logits} if name != "MeanSquaredError" else {}
    activation = None if from_logits else activation_of(name)
    model = model_with(with_gradient(make(name))(**options), activation)
    third = keras.optimizers.SGD(1.5)
    plain = model_with(getattr(losses, name)(**options), activation, third)
    found, wanted = (m.fit(X, y, epochs=3, shuffle=False, verbose=0) for m in (model, plain))
    np.testing.assert_allclose(found.history["loss"], 3 * np.array(wanted.history["loss"]), 1e-5)
    for one, other in zip(model.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("method", GRADIENTS)
def test_each_way_to_define_a_gradient_is_one(method):
    def zeros(self, y_true, y_pred, sample_weight=None):
        both = (np.zeros(len(y_pred), "float32"), np.zeros_like(y_pred))
        return {"gradient": both[1], "value_and_gradient": (np.float32(0), both[1])}.get(
            method, both
        )

    model = model_with(tripled("MeanSquaredError", **{method: zeros})())
    before = model.get_weights()
    model.fit(X, ONE_HOT, verbose=0)
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))


def test_a_gradient_alone_may_be_changed_and_the_value_stays():
    class Still(losses.SparseCategoricalCrossentropy):
        def gradient(self, y_true, y_pred):
            return np.zeros_like(y_pred)

    for options, activation in (({}, "softmax"), ({"from_logits": True}, None)):
        model = model_with(Still(**options), activation)
        before = model.get_weights()
        found = model.fit(X, LABELS, verbose=0).history["loss"]
        assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
        assert found == [pytest.approx(model.evaluate(X, LABELS, verbose=0), rel=1e-6)]


def test_a_subclass_of_ones_own_loss_needs_a_gradient_as_well():
    class First(losses.Loss):
        def call(self, y_true, y_pred):
            return np.square(y_true - y_pred).sum(-1)

        def gradient(self, y_true, y_pred):
            return 2 * (y_pred - y_true)

    class Second(First):
        def call(self, y_true, y_pred):
            return np.abs(y_true - y_pred).sum(-1)

    model_with(First()).fit(X, ONE_HOT, verbose=0)
    with pytest.raises(NotImplementedError, match=r"Define .* in Second, too"):
        model_with(Second()).fit(X, ONE_HOT, verbose=0)


def test_a_call_from_a_class_beside_or_set_on_the_object_counts_as_its_own():
    class Half:
        def call(self, y_true, y_pred):
            return np.abs(y_true - y_pred).sum(-1) / 2

    class Mixed(Half, losses.MeanSquaredError):
        pass

    changed = losses.MeanSquaredError()
    changed.call = Half().call
    for loss in (Mixed(), changed):
        with pytest.raises(NotImplementedError, match="its gradient is not known"):
            model_with(loss).fit(X, ONE_HOT, verbose=0)


def test_a_subclass_that_changes_no_formula_is_trained_as_the_built_in_loss_is():
    class Named(losses.SparseCategoricalCrossentropy):
        def get_config(self):
            return {}

    loss = Named(name="mine")
    assert own.in_training(loss) is loss
    histories = [
        model_with(each).fit(X, LABELS, verbose=0).history
        for each in (loss, "sparse_categorical_crossentropy")
    ]
    assert histories[0] == histories[1]


def test_a_loss_without_any_gradient_says_what_it_needs_as_before():
    class First(losses.Loss):
        def call(self, y_true, y_pred):
            return np.abs(y_true - y_pred).sum(-1)

    with pytest.raises(NotImplementedError, match=r"known. Subclass `losses.Loss` with"):
        model_with(First()).fit(X, ONE_HOT, verbose=0)


# The logits behind an activation


def test_a_call_of_ones_own_is_given_the_predictions_and_not_the_logits():
    seen = []

    class Watching(losses.CategoricalCrossentropy):
        def call(self, y_true, y_pred):
            seen.append(y_pred)
            return super().call(y_true, y_pred * 1.0)

        def gradient(self, y_true, y_pred):
            return super().gradient(y_true, y_pred)

    model = model_with(Watching())
    model.fit(X, ONE_HOT, verbose=0)
    model.evaluate(X, ONE_HOT, verbose=0)
    for y_pred in seen[1::2]:  # before each it is tried on made-up rows
        np.testing.assert_allclose(y_pred.sum(-1), 1, rtol=1e-6)


def test_a_cross_entropy_asked_by_a_call_of_ones_own_looks_through_the_softmax():
    loss = tripled("SparseCategoricalCrossentropy")()
    model = model_with(loss)
    model.layers[0].kernel.assign(100 * model.layers[0].kernel.numpy())  # probabilities near 0
    logits = model_with(losses.SparseCategoricalCrossentropy(from_logits=True), None)
    logits.layers[0].kernel.assign(model.layers[0].kernel.numpy())
    wanted = 3 * logits.evaluate(X, LABELS, verbose=0)
    assert model.evaluate(X, LABELS, verbose=0) == pytest.approx(wanted, rel=1e-6)
    assert loss.last_activation is None
    assert loss(LABELS, model.predict(X, verbose=0)) < 0.99 * wanted  # there it is clipped


def test_the_activation_is_forgotten_where_the_call_fails():
    loss = tripled("BinaryCrossentropy")()
    with pytest.raises(ArithmeticError), own.shown_logits(loss, ONE_HOT, X):
        raise ArithmeticError
    assert loss.last_activation is None


@pytest.mark.parametrize("name", BUILT_IN[1:])
def test_a_gradient_of_its_own_may_ask_for_that_of_what_an_activation_gave(name):
    y = TARGETS.get(name, ONE_HOT)
    logits = X[:, :3]
    outputs = getattr(keras.activations, activation_of(name))(logits)
    of_logits, of_outputs = (getattr(losses, name)(from_logits=flag) for flag in (True, False))
    with own.shown_logits(of_logits, outputs, logits):
        known, unknown = of_logits.gradient(y, outputs), of_logits.gradient(y, outputs + 0)
        values = of_logits.call(y, outputs)
    assert np.array_equal(known, of_outputs.gradient(y, outputs))
    assert np.array_equal(unknown, of_logits.gradient(y, outputs))
    assert not np.array_equal(known, unknown)
    assert np.array_equal(values, of_logits.call(y, logits))


@pytest.mark.parametrize("make", [tripled, tripled_whole])
@pytest.mark.parametrize("name", BUILT_IN[1:])
def test_in_training_a_cross_entropy_looks_through_the_activation_as_in_evaluate(name, make):
    y = TARGETS.get(name, ONE_HOT)
    loss = with_gradient(make(name))()
    model = model_with(loss, activation_of(name), keras.optimizers.SGD(0.0))
    model.layers[0].kernel.assign(100 * model.layers[0].kernel.numpy())  # outputs near 0
    wanted = model.evaluate(X, y, verbose=0)
    assert model.fit(X, y, verbose=0).history["loss"] == [pytest.approx(wanted, rel=1e-6)]
    assert loss(y, model.predict(X, verbose=0)) < 0.99 * wanted  # there it is clipped


@pytest.mark.parametrize(
    ("said_in", "changed", "through"),
    [
        ("Below", ["call", "gradient"], True),
        ("Base", ["call", "gradient"], False),
        ("Base", ["call"], False),
        ("Base", ["gradient"], False),
        ("Base", [], True),
    ],
)
def test_a_class_says_takes_logits_for_its_own_formulas_and_not_for_those_below(
    said_in, changed, through
):
    class Base(losses.Loss):
        def call(self, y_true, y_pred):
            return np.square(y_true - y_pred).sum(-1)

        def gradient(self, y_true, y_pred):
            return 2 * (y_pred - y_true)

    below = type("Below", (Base,), {method: getattr(Base, method) for method in changed})
    {"Below": below, "Base": Base}[said_in].takes_logits = True
    assert own.looks_through(below()) is through


# Sample weights


@pytest.mark.parametrize("make", [tripled, tripled_whole])
@pytest.mark.parametrize("name", BUILT_IN)
def test_sample_weights_weigh_a_loss_of_ones_own_too(name, make):
    y, weights = TARGETS.get(name, ONE_HOT), np.float32([0, 1, 2, 0.5, 1, 0, 3, 1])
    model = model_with(with_gradient(make(name))(), activation_of(name))
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


def test_formulas_of_ones_own_are_given_the_targets_in_the_dtype_of_the_loss():
    seen = []

    class Both(losses.Loss):
        def call(self, y_true, y_pred):
            return np.square(y_true - y_pred).sum(-1)

        def values_and_gradient(self, y_true, y_pred):
            seen.append(y_true)
            return self.call(y_true, y_pred), 2 * (y_pred - y_true)

    for dtype in ("float32", "float64"):
        y_pred = X[:, :3].astype(dtype)
        value, gradient = own.in_training(Both(dtype=dtype)).value_and_gradient(
            ONE_HOT.astype("int64"), y_pred
        )
        assert seen[-1].dtype == value.dtype == gradient.dtype == dtype
        assert np.array_equal(seen[-1], ONE_HOT)


def test_a_whole_step_of_ones_own_is_given_all_three():
    class Whole(losses.MeanSquaredError):
        def value_and_gradient(self, y_true, y_pred, sample_weight=None):
            return (y_true, y_pred, sample_weight), np.zeros_like(y_pred)

    value, _ = own.in_training(Whole()).value_and_gradient(ONE_HOT, X[:, :3], "weights")
    assert value[0] is ONE_HOT
    assert np.array_equal(value[1], X[:, :3])
    assert value[2] == "weights"


def test_the_sentence_about_a_gradient_names_the_loss():
    with pytest.raises(NotImplementedError, match=r"^Loss 'mine' can be evaluated but not"):
        model_with(tripled("MeanSquaredError")(name="mine")).fit(X, ONE_HOT)


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

    with pytest.raises(ValueError, match="'loss 'nothing'' takes arrays of real numbers"):
        Nothing(name="nothing")(ONE_HOT, ONE_HOT)


def test_a_gradient_in_float64_trains_in_the_dtype_of_the_loss():
    class Wide(losses.Loss):
        def call(self, y_true, y_pred):
            return np.square(np.float64(y_true) - y_pred).mean(-1)

        def gradient(self, y_true, y_pred):
            return 2 * (np.float64(y_pred) - y_true) / 3

    value, gradient = own.in_training(Wide()).value_and_gradient(ONE_HOT, X[:, :3])
    assert value.dtype == gradient.dtype == "float32"
    wanted = losses.MeanSquaredError().value_and_gradient(ONE_HOT, X[:, :3])
    np.testing.assert_allclose(value, wanted[0], rtol=1e-6)
    np.testing.assert_allclose(gradient, wanted[1], rtol=1e-6)


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
        ({}, ValueError, "must have the key 'class_name'.*Received: a dict with the keys"),
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
