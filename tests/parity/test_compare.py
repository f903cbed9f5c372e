"""`minidense.parity.compare` names the fault that was planted, and no fault where there is none."""

import random
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minidense as keras
from minidense import layers, ops
from minidense.engine.operation import operation
from minidense.parity import Comparison, assert_parity, compare, sides
from minidense.parity.relations import affine, dropped

X = np.random.RandomState(0).normal(size=(8, 6)).astype("float32")
Y = np.arange(8) % 4

Layers = list[Any]


@pytest.fixture(autouse=True)
def _fresh() -> None:
    keras.utils.clear_session()  # names begin again, whatever ran before
    keras.utils.set_random_seed(11)


def built(parts: Layers, shape: tuple[int, ...] = (6,), dtype: str = "float32") -> Any:
    return keras.Sequential([keras.Input(shape, dtype=dtype), *parts])


def mlp(activation: str = "relu", units: int = 6, last: str = "softmax", **kwargs: Any) -> Layers:
    return [
        layers.Dense(units, activation=activation, bias_initializer="uniform", **kwargs),
        layers.Dropout(0.3),
        layers.Dense(4, activation=last, **kwargs),
    ]


def twins(
    parts: Callable[[], Layers] = mlp,
    other_parts: Callable[[], Layers] | None = None,
    **kwargs: Any,
) -> tuple[Any, Any]:
    """Return two models with the same weights."""
    one, other = built(parts(), **kwargs), built((other_parts or parts)(), **kwargs)
    other.set_weights(one.get_weights())
    return one, other


def compiled(
    one: Any, other: Any, optimizers: tuple[Any, Any] = ("sgd", "sgd"), losses: Any = None
) -> tuple[Any, Any]:
    for model, optimizer, loss in zip(
        (one, other), optimizers, losses or ["sparse_categorical_crossentropy"] * 2, strict=True
    ):
        model.compile(optimizer, loss)
    return one, other


def cause(found: Comparison) -> str:
    assert not found.agree, str(found)
    assert found.causes, str(found)
    assert str(found.causes[0].name) in str(found)
    return found.causes[0].name


# What is the same


def test_equal_models_agree_in_every_place() -> None:
    one, other = compiled(*twins(), optimizers=("adam", "adam"))
    found = compare(one, other, X, Y)
    assert found.agree
    assert found.first_difference is None
    assert not found.causes
    places = [row.place for row in found.rows]
    assert places[1].startswith("layer 1: dense / dense_2 (Dense)")
    assert places[4:7] == ["outputs", "loss", "shapes of the trainable weights"]
    assert places[7] == "gradient of sequential/dense/kernel"
    assert places[-1] == "update of sequential/dense_1/bias"
    assert "They agree" in str(found)
    assert_parity(one, other, X, Y)


def test_rounding_is_no_difference_and_what_is_larger_is_one() -> None:
    one, other = twins()
    kernel = one.layers[0].kernel.numpy()
    other.layers[0].kernel.assign(np.nextafter(kernel, np.float32(9)))
    assert compare(one, other, X).agree
    other.layers[0].kernel.assign(kernel * np.float32(1 + 5e-5))
    assert not compare(one, other, X).agree
    assert compare(one, other, X, rtol=1e-3).agree


def test_rounding_in_one_layer_hides_no_difference_in_the_next() -> None:
    one, other = twins()
    kernel, after = one.layers[0].kernel.numpy(), one.layers[2].kernel.numpy()
    other.layers[0].kernel.assign(np.nextafter(kernel, np.float32(9)))
    assert compare(one, other, X).agree
    other.layers[2].kernel.assign(after * np.float32(1 + 1e-3))
    found = compare(one, other, X)
    assert found.first_difference is not None
    assert found.first_difference.place.startswith("layer 3")


def test_an_absolute_tolerance_lets_small_differences_pass() -> None:
    one, other = twins()
    other.layers[0].bias.assign(other.layers[0].bias.numpy() + 1e-3)
    assert not compare(one, other, X).agree
    assert compare(one, other, X, atol=1e-2).agree


def test_nan_in_both_is_the_same_and_in_one_is_not() -> None:
    one, other = twins()
    bad = X.copy()
    bad[0, 0] = np.nan
    assert compare(one, other, bad).agree
    other.layers[0].bias.assign([np.nan, *one.layers[0].bias.numpy()[1:]])
    assert not compare(one, other, X).agree
    assert not compare(other, one, X).agree


ACTIVATIONS = st.sampled_from(["relu", "tanh", "sigmoid", "linear", "softmax"])


KINDS = st.one_of(
    st.tuples(st.just("dense"), st.integers(2, 6), ACTIVATIONS),
    st.tuples(st.just("dropout"), st.floats(0, 0.9), st.integers(1, 99)),
    st.tuples(st.just("relu")),
    st.tuples(st.just("flatten")),
)


def drawn(specs: list[tuple[Any, ...]]) -> Layers:
    def made(kind: str, *args: Any) -> Any:
        if kind == "dense":
            return layers.Dense(args[0], activation=args[1])
        if kind == "dropout":
            return layers.Dropout(args[0], seed=args[1])
        return layers.ReLU() if kind == "relu" else layers.Flatten()

    ends = [layers.Flatten(), layers.Dense(3, activation="softmax")]
    return [*(made(*spec) for spec in specs), *ends]


@settings(max_examples=40, deadline=None)
@given(st.lists(KINDS, max_size=5), st.sampled_from([(6,), (2, 3), (2, 3, 2)]), st.booleans())
def test_drawn_models_agree_with_their_copies(
    specs: list[tuple[Any, ...]], shape: tuple[int, ...], training: bool
) -> None:
    one, other = twins(lambda: drawn(specs), shape=shape)
    compiled(one, other, ("adam", "adam"))
    x = np.random.RandomState(1).normal(size=(5, *shape)).astype("float32")
    before = state(one, other)
    assert_parity(one, other, x, np.arange(5) % 3, training=training)
    assert state(one, other) == before


def state(*models: Any) -> list[bytes]:
    """Return all that a comparison might change."""
    variables = [
        variable
        for model in models
        for variable in [*model.variables, *(model.optimizer.variables if model.optimizer else [])]
    ]
    generators = [repr(random.getstate()).encode(), repr(np.random.get_state()).encode()]
    return [*(variable.numpy().tobytes() for variable in variables), *generators]


# Each cause, planted


def test_a_transposed_kernel_is_named_square_or_not() -> None:
    one, other = twins()
    other.layers[0].kernel.assign(one.layers[0].kernel.numpy().T)
    assert cause(compare(one, other, X)) == "transposed kernel"
    one, other = twins()
    kernel = one.layers[2].kernel.numpy()
    other.layers[2].kernel.assign(kernel.T.reshape(kernel.shape))
    found = compare(one, other, X)
    assert cause(found) == "transposed kernel"
    assert found.first_difference is not None
    assert found.first_difference.place.startswith("layer 3")


def test_a_layer_that_multiplies_by_the_transposed_kernel_is_named() -> None:
    class Turned(layers.Dense):
        def call(self, inputs: Any) -> Any:
            return inputs @ self.kernel.numpy().T

    one, other = twins(lambda: [layers.Dense(6)], lambda: [Turned(6, use_bias=True)])
    assert cause(compare(one, other, X)) == "transposed kernel"


def test_dropout_at_work_in_one_model_is_a_missing_training_false() -> None:
    rest = built([layers.Dropout(0.5), layers.Dense(4)])
    at_work = Sleepless()
    at_work(X)
    at_work.set_weights(rest.get_weights())
    assert cause(compare(rest, at_work, X)) == "missing `training=False`"
    found = compare(at_work, rest, X)
    assert cause(found) == "missing `training=False`"
    assert "alone" in str(found)
    assert "the reference" in found.causes[0].advice


class Sleepless(keras.Model):
    """Its dropout is always at work."""

    def __init__(self) -> None:
        super().__init__()
        self.drop = layers.Dropout(0.5, seed=1)
        self.dense = layers.Dense(4, kernel_initializer="ones")

    def call(self, inputs: Any) -> Any:
        return self.dense(self.drop(inputs, training=True))


class Doubled(layers.Layer):
    """Another thing than dropout that is done in training only."""

    def __init__(self, always: bool) -> None:
        super().__init__()
        self.always = always

    def call(self, inputs: Any, training: bool | None = False) -> Any:
        return 2 * inputs + 1 if training or self.always else inputs


def test_a_layer_of_ones_own_that_runs_as_in_training_is_named() -> None:
    one, other = built([Doubled(False)]), built([Doubled(True)])
    assert cause(compare(one, other, X)) == "missing `training=False`"
    assert cause(compare(other, one, X)) == "missing `training=False`"


def test_another_mask_and_another_rate_are_told_apart() -> None:
    one, other = built([layers.Dropout(0.5, seed=1)]), built([layers.Dropout(0.5, seed=2)])
    assert compare(one, other, X).agree
    assert cause(compare(one, other, X, training=True)) == "another dropout mask"
    other = built([layers.Dropout(0.2, seed=1)])
    found = compare(one, other, X, training=True)
    assert cause(found) == "another dropout rate"
    assert "the rates are 0.5 and 0.2" in str(found)


def test_one_more_softmax_is_a_softmax_applied_twice() -> None:
    one, other = twins(mlp, lambda: [*mlp(), layers.Softmax()])
    found = compare(one, other, X)
    assert cause(found) == "softmax applied twice"
    assert "out of the model" in str(found)
    assert cause(compare(other, one, X)) == "softmax applied twice"
    one, other = twins(lambda: mlp(last="linear"), lambda: [*mlp(last="linear"), layers.Softmax()])
    assert cause(compare(one, other, X)) == "another activation"


def test_a_softmax_of_a_softmax_inside_one_layer_is_named() -> None:
    softmax = keras.activations.softmax
    one, other = twins(
        lambda: [layers.Dense(4, activation="softmax")],
        lambda: [layers.Dense(4, activation=lambda z: softmax(softmax(z)))],
    )
    assert cause(compare(one, other, X)) == "softmax applied twice"


class Shares(layers.Layer):
    """A softmax that no loss looks through."""

    def call(self, inputs: Any) -> Any:
        return keras.activations.softmax(inputs) * 1.0


def sparse(from_logits: bool, **kwargs: Any) -> Any:
    return keras.losses.SparseCategoricalCrossentropy(from_logits=from_logits, **kwargs)


def test_a_loss_on_logits_of_probabilities_is_named() -> None:
    one, other = twins(lambda: [layers.Dense(4), Shares()])
    compiled(one, other, losses=(sparse(False), sparse(True)))
    found = compare(one, other, X, Y)
    assert cause(found) == "loss on logits"
    assert "twice" in str(found)
    assert found.first_difference is not None
    assert found.first_difference.place == "loss"


def test_a_loss_on_probabilities_of_logits_is_named() -> None:
    one, other = twins(lambda: [layers.Dense(4, bias_initializer="ones")])
    compiled(one, other, losses=(sparse(True), sparse(False)))
    with np.errstate(all="ignore"):
        assert cause(compare(one, other, X, Y)) == "loss on probabilities"


def test_clipped_probabilities_beside_logits_are_named() -> None:
    one, other = twins(
        lambda: [layers.Dense(4, activation="softmax")], lambda: [layers.Dense(4), Shares()]
    )
    compiled(one, other)
    assert compare(one, other, X, Y).agree
    found = compare(one, other, 100 * X, Y)
    assert cause(found) == "loss from logits beside clipped probabilities"


def test_another_clip_of_the_loss_is_another_epsilon() -> None:
    def clipped(epsilon: float) -> Any:
        def loss(y_true: Any, y_pred: Any) -> Any:
            shares = ops.clip(y_pred, epsilon, 1 - epsilon)
            is_true = ops.equal(ops.reshape(y_true, (-1, 1)), np.arange(4, dtype="float32"))
            return -ops.log(ops.sum(ops.where(is_true, shares, 0.0), axis=-1))

        return loss

    one, other = twins(lambda: [layers.Dense(4), Shares()])
    compiled(one, other, losses=(clipped(1e-7), clipped(1e-12)))
    found = compare(one, other, 100 * X, Y)
    assert cause(found) == "another epsilon in the loss"
    assert "1e-12" in str(found)


def test_another_loss_and_another_reduction_are_named() -> None:
    targets = np.eye(4, dtype="float32")[Y]
    one, other = compiled(*twins(), losses=("mse", "categorical_crossentropy"))
    found = compare(one, other, X, targets)
    assert cause(found) == "another loss"
    assert "mean squared error" in str(found)
    assert "categorical cross-entropy" in str(found)
    one, other = compiled(*twins(), losses=(sparse(False), sparse(False, reduction="sum")))
    found = compare(one, other, X, Y)
    assert cause(found) == "another reduction"
    assert "times 8, which is the rows" in str(found)


@pytest.mark.parametrize(
    ("name", "changed", "steps_before"),
    [
        ("another learning rate", {"learning_rate": 0.011}, 0),
        ("another learning rate", {"learning_rate": 0.011}, 1),
        ("another epsilon", {"epsilon": 1e-4}, 0),
        ("another beta_1", {"beta_1": 0.8}, 1),
        ("another beta_2", {"beta_2": 0.9}, 1),
        ("another amsgrad", {"amsgrad": True}, 1),
    ],
)
def test_another_setting_of_adam_is_named(
    name: str, changed: dict[str, Any], steps_before: int
) -> None:
    adam = keras.optimizers.Adam
    one, other = compiled(
        *twins(), (adam(learning_rate=0.01), adam(**{"learning_rate": 0.01, **changed}))
    )
    for model in (one, other):
        weights = model.trainable_weights
        for _ in range(steps_before):
            model.optimizer.apply([np.full_like(v.value, 3.0) for v in weights], weights)
    other.set_weights(one.get_weights())
    found = compare(one, other, X, Y)
    assert cause(found) == name
    assert found.first_difference is not None
    assert found.first_difference.place.startswith("update of")


def test_an_epsilon_of_adam_that_only_the_bias_shows_is_named() -> None:
    adam = keras.optimizers.Adam
    one, other = compiled(*twins(), optimizers=(adam(epsilon=1e-7), adam(epsilon=1e-5)))
    assert cause(compare(one, other, X, Y)) == "another epsilon"


def test_another_momentum_is_named_once_the_optimizer_moves() -> None:
    sgd = keras.optimizers.SGD
    one, other = compiled(*twins(), optimizers=(sgd(0.1, momentum=0.9), sgd(0.1, momentum=0.5)))
    for model in (one, other):
        model.optimizer.apply(
            [np.ones_like(v.value) for v in model.trainable_weights], model.trainable_weights
        )
    assert cause(compare(one, other, X, Y)) == "another momentum"


def test_of_several_settings_the_one_that_matters_is_named_alone() -> None:
    adam = keras.optimizers.Adam
    pair = (adam(0.01, beta_1=0.9), adam(0.02, beta_1=0.8))  # a first step knows no beta_1
    found = compare(*compiled(*twins(), optimizers=pair), X, Y)
    assert [each.name for each in found.causes] == ["another learning rate"]


def test_several_settings_at_once_are_named_together() -> None:
    adam = keras.optimizers.Adam
    pair = (adam(0.01, epsilon=1e-7), adam(0.02, epsilon=1e-3))
    one, other = compiled(*twins(), optimizers=pair)
    assert cause(compare(one, other, X, Y)) == "another learning rate and epsilon"


def test_another_optimizer_and_another_state_are_named() -> None:
    one, other = compiled(*twins(), optimizers=("sgd", "adam"))
    assert cause(compare(one, other, X, Y)) == "another optimizer"
    one, other = compiled(*twins(), optimizers=("adam", "adam"))
    one.fit(X, Y, epochs=3, verbose=0)
    other.set_weights(one.get_weights())
    found = compare(one, other, X, Y)
    assert cause(found) == "another state of the optimizer"
    assert "made 3 steps so far, the model 0" in str(found)
    assert "from the reference's running means" in str(found)


def test_other_weights_are_counted_and_named() -> None:
    one, other = twins()
    kernel = one.layers[2].kernel.numpy()
    kernel[1, 2] += 1
    other.layers[2].kernel.assign(kernel)
    found = compare(one, other, X)
    assert cause(found) == "other weights"
    evidence = found.causes[0].evidence
    assert f"{one.layers[2].kernel.path} has 1 of 24 numbers that differ" in evidence
    assert "the layer gives the reference's outputs" in evidence
    assert "1 of 4 weights differ" in evidence


def test_other_units_are_other_weights() -> None:
    one, other = built(mlp(units=6)), built(mlp(units=5))
    found = compare(one, other, X)
    assert cause(found) == "other weights"
    assert "(6, 5)" in str(found)


def test_weights_that_belong_to_another_layer_are_another_order() -> None:
    def parts() -> Layers:
        return [layers.Dense(6, activation="tanh", name=name) for name in names]

    names = ["a", "b"]
    one, other = twins(parts)
    first, second = one.layers
    other.layers[0].set_weights(second.get_weights())
    other.layers[1].set_weights(first.get_weights())
    found = compare(one, other, X)
    assert cause(found) == "other layer order"
    assert "'b'" in found.causes[0].evidence


def test_layers_in_another_order_are_named_and_tried_in_the_right_one() -> None:
    def parts() -> Layers:
        return [layers.Dense(6, activation="linear"), layers.ReLU(), layers.Softmax()]

    one = built(parts())
    dense, relu, softmax = parts()
    other = built([dense, softmax, relu])
    other.set_weights(one.get_weights())
    found = compare(one, other, X)
    assert cause(found) == "other layer order"
    assert "model's layers give the reference's outputs" in found.causes[0].evidence


@pytest.mark.parametrize(
    ("mine", "theirs"), [("relu", "linear"), ("tanh", "sigmoid"), ("softmax", "relu")]
)
def test_another_activation_is_named_on_both_sides(mine: str, theirs: str) -> None:
    one, other = twins(lambda: mlp(mine), lambda: mlp(theirs))
    before = state(one, other)
    found = compare(one, other, X)
    assert state(one, other) == before  # a layer was made on trial, and drew seeds
    assert cause(found) == "another activation"
    assert f"are {mine} of its sums, the model's {theirs}" in str(found)


def test_another_argument_of_a_layer_is_named() -> None:
    one, other = built([layers.ReLU(negative_slope=0.15)]), built([layers.ReLU(negative_slope=0.4)])
    found = compare(one, other, X)
    assert cause(found) == "another `negative_slope`"
    assert "negative_slope=0.15" in found.causes[0].advice


class Scaled(layers.Layer):
    def call(self, inputs: Any) -> Any:
        return inputs * (1 / 255)


class ScalesFirst(keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.dense = layers.Dense(4)

    def call(self, inputs: Any) -> Any:
        return self.dense(inputs / np.float32(255))


def test_inputs_that_one_model_scales_are_named() -> None:
    one, other = twins(lambda: [layers.Dense(4)], lambda: [Scaled(), layers.Dense(4)])
    found = compare(one, other, X)
    assert cause(found) == "other input scaling"
    assert "a factor of 1/255" in str(found)
    own = ScalesFirst()
    own(X)
    own.set_weights(one.get_weights())
    found = compare(one, own, X)
    assert cause(found) == "other input scaling"
    assert found.first_difference is not None
    assert found.first_difference.place == "inputs of the first layer"


def test_a_kernel_that_is_scaled_is_an_input_scaling() -> None:
    one, other = twins()
    other.layers[0].kernel.assign(one.layers[0].kernel.numpy() / np.float32(255))
    found = compare(one, other, X)
    assert cause(found) == "other input scaling"
    assert "1/255" in str(found)


def test_a_missing_flatten_is_named() -> None:
    one, other = twins(
        lambda: [layers.Flatten(), layers.Dense(4)],
        lambda: [layers.Dense(4), layers.Flatten()],
        shape=(1, 6),
    )
    assert compare(one, other, X[:, None]).agree  # one row: the order does not matter
    one = built([layers.Flatten(), layers.Dense(4)], (2, 3))
    other = built([layers.Dense(4)], (2, 3))
    found = compare(one, other, X.reshape(8, 2, 3))
    assert cause(found) == "flattened or not"
    assert "the model has none" in str(found)


def test_a_model_that_wants_x_flattened_is_named() -> None:
    one = built([layers.Flatten(), layers.Dense(4)], (2, 3))
    other = built([layers.Dense(4)])
    other.set_weights(one.get_weights())
    found = compare(one, other, X.reshape(8, 2, 3))
    assert cause(found) == "flattened or not"
    assert "the model raised ValueError" in str(found)
    assert "With x flattened to (8, 6)" in str(found)
    assert "gives the reference's outputs" in str(found)


def test_float64_beside_float32_is_named_and_passes_with_a_tolerance() -> None:
    one = built(mlp(dtype="float64"), dtype="float64")
    other = built(mlp())
    one.set_weights(other.get_weights())
    found = compare(one, other, X.astype("float64") + 1e-9)
    assert cause(found) == "float64 beside float32"
    assert compare(one, other, X, rtol=1e-5).agree


def test_float64_models_are_held_to_float64() -> None:
    one, other = twins(lambda: mlp(dtype="float64"), dtype="float64")
    assert compare(one, other, X.astype("float64")).agree
    other.layers[0].kernel.assign(one.layers[0].kernel.numpy() * (1 + 1e-11))
    found = compare(one, other, X.astype("float64"))
    assert cause(found) == "other weights"


def test_frozen_weights_are_named() -> None:
    one, other = twins()
    other.layers[0].trainable = False
    compiled(one, other)
    found = compare(one, other, X, Y)
    assert cause(found) == "frozen weights"
    assert "the model 2" in str(found)


@operation
def passed_on(x: Any, *, factor: float) -> Any:
    return x


@passed_on.gradient
def _(grad: Any, factor: float) -> Any:
    return ops.multiply(grad, factor)


class WrongWayBack(layers.Layer):
    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def call(self, inputs: Any) -> Any:
        return passed_on(inputs, factor=self.factor)


@pytest.mark.parametrize(("factor", "name"), [(2, "scaled gradient"), (0, "clipped gradient")])
def test_a_wrong_gradient_is_named(factor: float, name: str) -> None:
    one, other = twins(
        lambda: [layers.Dense(6), WrongWayBack(1), layers.Dense(4, activation="softmax")],
        lambda: [layers.Dense(6), WrongWayBack(factor), layers.Dense(4, activation="softmax")],
    )
    compiled(one, other)
    found = compare(one, other, X, Y)
    assert cause(found) == name
    assert found.first_difference is not None
    assert found.first_difference.place == f"gradient of {one.layers[0].kernel.path}"


def test_a_derivative_that_is_wrong_by_a_twentieth_of_a_percent_is_found() -> None:
    one, other = twins(
        lambda: [layers.Dense(6), WrongWayBack(1), layers.Dense(4, activation="softmax")],
        lambda: [layers.Dense(6), WrongWayBack(1.0005), layers.Dense(4, activation="softmax")],
    )
    assert cause(compare(*compiled(one, other), X, Y)) == "scaled gradient"


# Models of other forms


def functional(scale: float = 1.0) -> Any:
    """Two branches by one shared layer, and a model inside."""
    inputs = [keras.Input((6,), name=f"{name}_{scale}") for name in "ab"]
    shared = layers.Dense(3, activation="tanh")
    inner = keras.Sequential([keras.Input((3,)), layers.Dense(2), Shares()])
    sums = Adding()([inner(shared(each)) for each in inputs])
    return keras.Model(inputs, sums)


class Adding(layers.Layer):
    def call(self, inputs: Any) -> Any:
        return inputs[0] + inputs[1]

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape[0]


def test_shared_layers_branches_and_models_inside_are_followed() -> None:
    one, other = functional(1.0), functional(2.0)
    other.set_weights(one.get_weights())
    found = compare(one, other, [X, X + 1])
    assert found.agree
    assert [row.place.split("(")[-1] for row in found.rows[1:-1]].count("Dense)") == 4
    weights = one.get_weights()
    weights[2] = weights[2][::-1]
    other.set_weights(weights)
    found = compare(one, other, [X, X + 1])
    assert cause(found) == "other weights"


def test_layers_that_change_nothing_are_no_difference() -> None:
    one, other = twins(mlp, lambda: [layers.Activation("linear"), *mlp(), layers.Dropout(0.2)])
    assert compare(one, other, X).agree
    one, other = twins(
        lambda: [layers.Dense(4, activation="relu")], lambda: [layers.Dense(4), layers.ReLU()]
    )
    assert compare(one, other, X).agree


def test_layers_that_only_one_has_are_told() -> None:
    one, other = twins(
        lambda: [layers.Dense(6)], lambda: [layers.Dense(6), Doubled(True), Shares()]
    )
    found = compare(one, other, X)
    assert "Doubled" in str(found)


class Foreign:
    """A library of its own, with Keras's interface."""

    def __init__(self, kernel: Any, always: bool = False) -> None:
        self.layers = [ForeignLinear(kernel)]
        self.always = always
        self.weights: list[Any] = []
        self.trained = 0

    def __call__(self, x: Any) -> Any:
        return self.layers[0](x)

    def test_on_batch(self, x: Any, y: Any) -> float:
        self.trained += 1
        return float(((self(x) - y) ** 2).mean())


class ForeignLinear:
    def __init__(self, kernel: Any) -> None:
        self.matrix = kernel

    def __call__(self, x: Any) -> Any:
        return x @ self.matrix


def test_an_object_of_another_library_is_compared_by_its_interface() -> None:
    model = built([layers.Dense(4, use_bias=False)])
    model.compile("sgd", "mse")
    targets = np.zeros((8, 4), "float32")
    foreign = Foreign(model.layers[0].kernel.numpy())
    found = compare(model, foreign, X, targets)
    assert found.agree
    assert "Gradients and updates were not compared" in str(found)
    assert foreign.trained == 0
    other = Foreign(2 * model.layers[0].kernel.numpy())
    assert cause(compare(model, other, X)) == "another scale"
    assert not compare(other, model, X).agree


# What is put back


def test_nothing_is_changed_whatever_is_found() -> None:
    one, other = compiled(*twins(), optimizers=("adam", "adam"))
    for model in (one, other):
        model.fit(X, Y, epochs=1, verbose=0)
    other.layers[0].kernel.assign(one.layers[0].kernel.numpy().T)
    before = state(one, other)
    for training in (False, True):
        compare(one, other, X, Y, training=training)
        compare(one, one, X, Y, training=training)
    assert state(one, other) == before
    assert not [layer for layer in one.layers if "call" in vars(layer)]


def test_an_optimizer_that_is_not_built_stays_so() -> None:
    one, other = compiled(*twins(), optimizers=("adam", keras.optimizers.Adam(0.5)))
    assert not compare(one, other, X, Y).agree
    assert not one.optimizer.built
    assert not other.optimizer.built


def test_updates_are_what_fit_makes_of_the_weights() -> None:
    model, _ = compiled(*twins(), optimizers=("adam", "adam"))
    told = sides.updates(model, X, Y, training=True)
    again = sides.updates(model, X, Y, training=True)
    model.fit(X, Y, batch_size=8, shuffle=False, verbose=0)
    for weight, expected, same in zip(model.trainable_weights, told, again, strict=True):
        np.testing.assert_array_equal(expected, same)
        np.testing.assert_array_equal(weight.numpy(), expected)


def test_the_layers_of_a_subclassed_model_are_followed_and_left_as_they_were() -> None:
    own = Sleepless()
    own(X)
    calls = sides.outputs_by_layer(own, X)
    assert [call.kind for call in calls] == ["Dropout", "Dense"]
    assert not [layer for layer in own.layers if "call" in vars(layer)]


# Bad arguments


def test_a_bad_argument_is_refused_with_a_sentence() -> None:
    one, other = twins()
    refused(TypeError, "must be a model", one, 3, X)
    refused(TypeError, "`reference` must be a model", keras.Model, one, X)
    refused(ValueError, "not built", one, keras.Sequential([layers.Dense(2)]), X)
    refused(ValueError, "no loss", one, other, X, Y)
    refused(ValueError, "`rtol` must be 0 or more", one, other, X, rtol=-1)
    refused(ValueError, "`atol` must be 0 or more", one, other, X, atol=float("nan"))
    refused(TypeError, "`rtol` must be a number", one, other, X, rtol="1e-3")
    refused(TypeError, "`training` must be", one, other, X, training=1)
    refused(TypeError, "`x` must be an array of numbers", one, other, "rows")
    refused(ValueError, "at least one row", one, other, X[:0])
    refused(ValueError, "(8, 5)", one, other, X[:, :5])  # the reference itself refuses it


def refused(error: type[Exception], words: str, *args: Any, **kwargs: Any) -> None:
    with pytest.raises(error) as caught:
        compare(*args, **kwargs)
    assert words in str(caught.value)


def test_assert_parity_raises_the_text() -> None:
    one, other = twins()
    other.layers[0].kernel.assign(one.layers[0].kernel.numpy().T)
    with pytest.raises(AssertionError, match="Likely cause: transposed kernel"):
        assert_parity(one, other, X)


def test_a_step_needs_a_gradient_for_each_weight() -> None:
    one, _ = compiled(*twins())
    with pytest.raises(ValueError, match="gradient"):
        sides.step(one, [np.zeros((6, 6))])
    with pytest.raises(ValueError, match="gradient"):
        sides.step(one, [np.zeros(3)] * 4)


# The relations that causes rest on


def test_no_factor_is_seen_where_there_is_none() -> None:
    assert affine(X, X) is None
    assert affine(X, X**2) is None
    assert affine(X, np.zeros_like(X)) is None
    found = affine(X, -2 * X + 1)
    assert found is not None
    assert (round(found.factor, 5), round(found.shift, 5)) == (-2, 1)


def test_no_dropout_is_seen_where_there_is_none() -> None:
    assert dropped(X, X) is None
    assert dropped(X, np.maximum(X, 0)) is None
    assert dropped(X, np.float32(9) * np.maximum(X, 0)) is None
    assert dropped(X, np.zeros_like(X)) is None


# The package


LATE = """
import sys, minidense
assert "parity" in dir(minidense)
assert not [name for name in sys.modules if name.startswith("minidense.parity")]
assert minidense.parity.compare.__module__ == "minidense.parity.compare"
assert not {"keras", "tensorflow", "jax", "torch"} & set(sys.modules)
"""


def test_parity_is_imported_when_it_is_first_used_and_imports_no_library() -> None:
    subprocess.run([sys.executable, "-W", "error", "-c", LATE], check=True)


def test_gradients_of_a_dict_come_in_its_own_order_and_of_whole_numbers_not_at_all() -> None:
    wide, narrow = keras.Input((5,), name="b"), keras.Input((3,), name="a")
    outputs = Adding()([layers.Dense(2)(wide), layers.Dense(2)(narrow)])
    model = keras.Model({"b": wide, "a": narrow}, outputs)
    model.compile("sgd", "mse")
    x = {"a": np.ones((6, 3), "float32"), "b": np.ones((6, 5), "uint8")}
    grads = sides.gradients(model, x, np.ones((6, 2), "float32"))
    assert [None if grad is None else grad.shape for grad in grads.input_grads] == [(6, 3), None]
    assert compare(model, model, x, np.ones((6, 2), "float32")).agree


def test_settings_that_the_batch_does_not_show_are_named_where_models_agree() -> None:
    keras.utils.set_random_seed(1)
    models = [
        keras.Sequential([keras.Input((3,)), layers.Dropout(rate), layers.Dense(2)])
        for rate in (0.2, 0.5)
    ]
    models[1].set_weights(models[0].get_weights())
    for model, beta in zip(models, (0.9, 0.5), strict=True):
        model.compile(keras.optimizers.Adam(beta_1=beta), "mse")
    x, y = np.ones((4, 3), "float32"), np.ones((4, 2), "float32")
    found = compare(*models, x, y)
    assert found.agree
    text = str(found)
    assert "beta_1 is 0.9 in the reference, 0.5 in the model" in text
    assert "the rate of 'dropout" in text
    assert "0.2 in the reference, 0.5 in the model" in text
    assert not compare(models[0], models[0], x, y).notes


def test_weights_that_show_in_nothing_are_named_where_models_agree() -> None:
    keras.utils.set_random_seed(1)
    shared = layers.Dense(3, activation="softmax", name="shared")
    inputs = [keras.Input((6,)), keras.Input((6,))]
    model = keras.Model(inputs, [shared(each) for each in inputs])
    other = keras.models.clone_model(model)
    kernel, bias = model.get_weights()
    other.set_weights([kernel + 0.5, bias])  # a softmax does not see it
    found = compare(model, other, [X, X + 1])
    assert found.agree
    assert found.notes == (
        "Not seen by this batch, but not the same:",
        "  shared/kernel has 18 of 18 numbers that differ, by a shift of 0.5",
    )
    other.set_weights([kernel * np.float32(1 + 1e-6), bias])  # as rounding leaves it
    assert not compare(model, other, [X, X + 1]).notes
