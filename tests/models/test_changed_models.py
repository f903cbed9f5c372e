"""What a user changes in a model that is made, and what a subclass puts in place of Keras's."""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from minidense import Input, Model, Sequential, activations, layers

RANDOM = np.random.default_rng(5)
X = RANDOM.normal(size=(6, 4)).astype("float32")
Y = RANDOM.normal(size=(6, 3)).astype("float32")
LABELS = np.arange(6) % 3


def dense(activation: Any = None) -> Sequential:
    return Sequential([Input((4,)), layers.Dense(3, activation=activation)])


def with_layer(activation: Any = None) -> Sequential:
    return Sequential([Input((4,)), layers.Dense(3), layers.Activation(activation)])


def inside(activation: Any = None) -> Sequential:
    return Sequential([Input((4,)), dense(activation)])


def the_layer(model: Any) -> Any:
    last = model.layers[-1]
    return the_layer(last) if isinstance(last, Model) else last


# Activations


@pytest.mark.parametrize("make", [dense, with_layer, inside])
@pytest.mark.parametrize(("before", "after"), [("softmax", None), ("relu", "tanh"), (None, "relu")])
def test_a_layer_may_be_given_another_activation(
    make: Callable[..., Sequential], before: Any, after: Any
) -> None:
    changed, right = make(before), make(after)
    the_layer(changed).activation = activations.get(after)
    right.set_weights(changed.get_weights())
    np.testing.assert_array_equal(changed(X), right(X))
    np.testing.assert_array_equal(changed.predict(X, verbose=0), right.predict(X, verbose=0))
    for model in (changed, right):
        model.compile("sgd", "mse")
        model.fit(X, Y, epochs=2, verbose=0, shuffle=False)
    for one, other in zip(changed.get_weights(), right.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_loss_looks_through_the_activation_that_is_there_now() -> None:
    changed, right = dense("softmax"), dense("sigmoid")
    changed.layers[0].activation = activations.sigmoid
    right.set_weights(changed.get_weights())
    for model in (changed, right):
        model.compile("sgd", "binary_crossentropy")
    targets = np.float32(Y > 0)
    assert changed.train_on_batch(X, targets) == right.train_on_batch(X, targets)
    assert changed.test_on_batch(X, targets) == right.test_on_batch(X, targets)


# Compiled again


def compiled(**arguments: Any) -> Sequential:
    model = dense("softmax")
    model.compile("sgd", "sparse_categorical_crossentropy", **arguments)
    return model


def test_a_model_that_is_compiled_again_keeps_the_loss_and_metrics_that_are_left_out() -> None:
    model = compiled(metrics=["accuracy"])
    model.compile("adam")
    assert model.loss == "sparse_categorical_crossentropy"
    assert list(model.fit(X, LABELS, verbose=0).history) == ["accuracy", "loss"]
    model.compile("adam", "mse")
    assert model.loss == "mse"
    assert model.metrics_names == ["loss", "compile_metrics"]
    model.compile("adam", "sparse_categorical_crossentropy", metrics=[])
    assert list(model.fit(X, LABELS, verbose=0).history) == ["loss"]
    assert model.metrics_names == ["loss", "compile_metrics"]


def test_an_array_is_no_loss() -> None:
    model = compiled()
    with pytest.raises(ValueError, match="Could not interpret loss identifier"):
        model.compile("adam", np.ones(3))
    assert model.loss == "sparse_categorical_crossentropy"


def test_a_list_of_weighted_metrics_takes_the_place_of_both() -> None:
    model = compiled(metrics=["accuracy"])
    model.compile("sgd", weighted_metrics=["sparse_categorical_accuracy"])
    assert list(model.fit(X, LABELS, verbose=0).history) == ["loss", "sparse_categorical_accuracy"]


def test_the_weight_of_a_loss_is_kept_with_it_and_goes_with_it() -> None:
    weighted, plain = compiled(loss_weights=2.0), compiled()
    weighted.compile("sgd", loss_weights=3.0)  # there is no loss that it is for
    plain.set_weights(weighted.get_weights())
    assert weighted.evaluate(X, LABELS, verbose=0) == 2 * plain.evaluate(X, LABELS, verbose=0)
    weighted.compile("sgd", "sparse_categorical_crossentropy")
    assert weighted.evaluate(X, LABELS, verbose=0) == plain.evaluate(X, LABELS, verbose=0)


def test_a_loss_that_was_counted_is_forgotten_when_a_model_is_compiled_again() -> None:
    model = compiled(metrics=["accuracy"])
    model.evaluate(X, LABELS, verbose=0)
    accuracy = model.metrics[1].result()["accuracy"]
    assert model.metrics[0].result() > 0
    model.compile("adam")
    assert model.metrics[0].result() == 0
    assert model.metrics[1].result()["accuracy"] == accuracy  # what is kept is as it was
    model.compile("adam", metrics=["accuracy"])
    assert model.metrics[1].result() == {}


def test_a_copy_has_metrics_where_the_model_has() -> None:
    for arguments, names in (({}, ["loss"]), ({"metrics": []}, ["loss", "compile_metrics"])):
        assert copy.deepcopy(compiled(**arguments)).metrics_names == names


# What a `call` reads of Python's


class Repeats(layers.Layer):
    """A Dense of 2 on the diagonal, as often as an attribute says."""

    def __init__(self) -> None:
        super().__init__()
        self.double = layers.Dense(4, use_bias=False, kernel_initializer=2 * np.eye(4))
        self.double.trainable = False
        self.times = 1

    def call(self, inputs: Any) -> Any:
        for _ in range(self.times):
            inputs = self.double(inputs)
        return inputs


class AsModel(Model):
    def __init__(self, block: Any) -> None:
        super().__init__()
        self.block = block

    def call(self, inputs: Any) -> Any:
        return self.block(inputs)


ONES, ZEROS = np.ones((2, 4), "float32"), np.zeros((2, 4), "float32")
WAYS: dict[str, Callable[[Any], float]] = {  # how often it was doubled shows in the loss
    "fit": lambda model: model.fit(ONES, ZEROS, verbose=0).history["loss"][0] ** 0.5,
    "train_on_batch": lambda model: model.train_on_batch(ONES, ZEROS) ** 0.5,
    "evaluate": lambda model: model.evaluate(ONES, ZEROS, verbose=0) ** 0.5,
    "test_on_batch": lambda model: model.test_on_batch(ONES, ZEROS) ** 0.5,
    "predict": lambda model: model.predict(ONES, verbose=0)[0, 0],
    "predict_on_batch": lambda model: model.predict_on_batch(ONES)[0, 0],
}


@pytest.mark.filterwarnings("ignore:The model does not have any trainable weights")
@pytest.mark.parametrize("as_model", [True, False])
@pytest.mark.parametrize(
    "kind",
    [("fit", "train_on_batch"), ("evaluate", "test_on_batch"), ("predict", "predict_on_batch")],
)
def test_a_call_is_looked_at_again_when_it_is_first_run_after_compile(
    kind: tuple[str, str], as_model: bool
) -> None:
    for first, second in (kind, kind[::-1]):
        block = Repeats()
        model = AsModel(block) if as_model else Sequential([Input((4,)), block])
        model.compile("sgd", "mse")
        model(ONES)
        block.times = 3
        assert WAYS[first](model) == 8
        block.times = 1
        assert WAYS[first](model) == 8  # what was traced stays
        assert WAYS[second](model) == 2  # a batch alone has a trace of its own
        model.compile("sgd", "mse")
        block.times = 2
        assert WAYS[first](model) == WAYS[second](model) == 4


# What a subclass puts in the place of Keras's own


class Subclass(Model):
    def __init__(self) -> None:
        super().__init__(name="mine")
        self.dense = layers.Dense(3)

    def call(self, inputs: Any) -> Any:
        return self.dense(inputs)


METHODS = {
    "fit": lambda model: model.fit(X, Y, verbose=0),
    "train_on_batch": lambda model: model.train_on_batch(X, Y),
    "evaluate": lambda model: model.evaluate(X, Y, verbose=0),
    "test_on_batch": lambda model: model.test_on_batch(X, Y),
    "predict": lambda model: model.predict(X, verbose=0),
    "predict_on_batch": lambda model: model.predict_on_batch(X),
    "validated": lambda model: model.fit(X, Y, validation_data=(X, Y), verbose=0),
    "split": lambda model: model.fit(X, Y, validation_split=0.5, verbose=0),
}
TRAINS = ["fit", "train_on_batch", "validated", "split"]
TESTS = ["evaluate", "test_on_batch"]
CALLED_IN = {
    "train_step": TRAINS,
    "test_step": [*TESTS, "validated", "split"],
    "compute_loss": TRAINS + TESTS,
    "compute_metrics": TRAINS + TESTS,
    "predict_step": ["predict", "predict_on_batch"],
}


@pytest.mark.parametrize("step", CALLED_IN)
@pytest.mark.parametrize("method", METHODS)
def test_a_step_of_ones_own_is_called_where_keras_calls_it(step: str, method: str) -> None:
    called = []

    def own(self: Any, *args: Any, **kwargs: Any) -> Any:
        called.append(step)
        return getattr(Subclass, step)(self, *args, **kwargs)

    model = type("Own", (Subclass,), {step: own})()
    model.compile("sgd", "mse")
    METHODS[method](model)
    assert bool(called) == (method in CALLED_IN[step])


class First(Sequential):
    """Only the first of its layers."""

    def call(self, inputs: Any, training: Any = None) -> Any:
        return self.layers[0](inputs)


class Twice(Sequential):
    """What its layers give, twice."""

    def call(self, inputs: Any, training: Any = None) -> Any:
        return super().call(inputs, training) * np.float32(2)


class Same(Sequential):
    """What its layers give."""

    def call(self, inputs: Any, training: Any = None) -> Any:
        return super().call(inputs, training)


@pytest.mark.parametrize("is_compiled", [True, False])
def test_a_sequential_with_a_call_of_its_own_computes_that_everywhere(is_compiled: bool) -> None:
    def made(kind: type[Sequential]) -> Sequential:
        model = kind([Input((4,)), layers.Dense(3), layers.Dense(2)])
        if is_compiled:
            model.compile("sgd", "mse")
        return model

    for kind, last, factor in ((First, 0, 1), (Same, 1, 1), (Twice, 1, 2)):
        model = made(kind)
        right = np.asarray(model.layers[0](X))
        if last:
            right = factor * np.asarray(model.layers[1](right))
        for outputs in (model(X), model.predict(X, verbose=0), model.predict_on_batch(X)):
            np.testing.assert_allclose(outputs, right, rtol=1e-6)


def test_a_sequential_whose_call_is_that_of_its_layers_is_trained() -> None:
    own, plain = (
        kind([Input((4,)), layers.Dense(3, "softmax"), layers.Dropout(0.5, seed=1)])
        for kind in (Same, Sequential)
    )
    plain.set_weights(own.get_weights())
    for model in (own, plain):
        model.compile("adam", "mse")
        model.fit(X, Y, epochs=3, verbose=0, shuffle=False)
    for one, other in zip(own.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_layers_of_a_sequential_are_told_what_its_call_tells_them() -> None:
    class Dropping(Sequential):
        def call(self, inputs: Any, training: Any = None) -> Any:
            return super().call(inputs, training=True)

    model = Dropping([Input((4,)), layers.Dropout(0.5, seed=1)])
    ones = np.ones((8, 4), "float32")
    for outputs in (model(ones), model.predict(ones, verbose=0)):
        assert set(np.unique(outputs)) == {0.0, 2.0}


def test_a_model_has_no_call_to_inherit() -> None:
    class Inherits(Model):
        def call(self, inputs: Any) -> Any:
            return super().call(inputs)

    with pytest.raises(NotImplementedError, match=r"Inherits does not have a `call\(\)`"):
        Inherits()(X)


# Attributes that are not computed with


@pytest.mark.parametrize(
    "name",
    [
        "kernel_regularizer",
        "bias_regularizer",
        "activity_regularizer",
        "kernel_constraint",
        "bias_constraint",
    ],
)
def test_what_a_layer_does_not_compute_cannot_be_assigned_either(name: str) -> None:
    layer = layers.Dense(3)
    setattr(layer, name, None)
    with pytest.raises(NotImplementedError, match=rf"Dense: `{name}` is not supported"):
        setattr(layer, name, abs)
    assert getattr(layer, name) is None
    with pytest.raises(NotImplementedError, match="Flatten: `activity_regularizer`"):
        layers.Flatten().activity_regularizer = abs


def test_a_layer_of_ones_own_may_call_its_attributes_so() -> None:
    class Own(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.kernel_constraint = abs

    assert Own().kernel_constraint is abs


# Memory


@pytest.mark.parametrize(
    "make",
    [
        layers.Flatten,
        lambda: layers.Activation("linear"),
        lambda: layers.Dropout(0.5),
        lambda: Sequential([layers.Flatten()]),
        lambda: Sequential([Input((4,)), layers.Flatten()]),
    ],
)
def test_what_a_call_returns_does_not_change_with_what_it_was_given(
    make: Callable[[], Any],
) -> None:
    x = X.copy()
    outputs = make()(x)
    x[:] = 0
    np.testing.assert_array_equal(outputs, X)
