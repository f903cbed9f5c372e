"""`minidense.parity.compare` with live Keras on either side: equal pairs pass, faults are named."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import seed as drawn_from
from hypothesis import strategies as st

import minidense
from minidense.parity import Comparison, assert_parity, compare, sides
from minidense.parity.arrays import to_numpy
from tests import expected, profiles, record

X = np.random.RandomState(0).normal(size=(8, 6)).astype("float32")
Y = np.arange(8) % 4

PAIRS = pytest.mark.parametrize(
    ("one", "other"),
    [(keras, minidense), (minidense, keras), (keras, keras)],
    ids=["keras-minidense", "minidense-keras", "keras-keras"],
)

Script = Callable[[Any], Any]
"""A function that takes a library and returns a list of layers, or a model."""


def built(k: Any, script: Script, shape: tuple[int, ...], **compiled_with: Any) -> Any:
    made = script(k)
    if isinstance(made, list):
        made = k.Sequential([k.Input(shape), *made])
    if compiled_with:
        made.compile(**{name: value(k) for name, value in compiled_with.items()})
    return made


def twins(
    one: Any,
    other: Any,
    script: Script,
    other_script: Script | None = None,
    shape: tuple[int, ...] = (6,),
) -> tuple[Any, Any]:
    """Return models of two libraries with the same weights."""
    for k in (one, other):
        k.utils.set_random_seed(5)
    models = built(one, script, shape), built(other, other_script or script, shape)
    models[1].set_weights(models[0].get_weights())
    return models


def compiled(
    models: tuple[Any, Any], libraries: tuple[Any, Any], *plans: tuple[Script, Script]
) -> tuple[Any, Any]:
    """Compile both: a plan is a function to an optimizer and one to a loss, for one or for each."""
    for model, k, (optimizer, loss) in zip(
        models, libraries, plans * (2 // len(plans)), strict=True
    ):
        model.compile(optimizer(k), loss(k))
    return models


def mlp(k: Any) -> Any:
    return [
        k.layers.Dense(6, activation="relu", bias_initializer="ones"),
        k.layers.Dropout(0.4, seed=3),
        k.layers.Dense(4, activation="softmax"),
    ]


def sgd(k: Any) -> Any:
    return k.optimizers.SGD(0.1)


def adam(k: Any) -> Any:
    return k.optimizers.Adam()


def sparse(k: Any) -> Any:
    return k.losses.SparseCategoricalCrossentropy()


def sparse_on_logits(k: Any) -> Any:
    return k.losses.SparseCategoricalCrossentropy(from_logits=True)


def cause(found: Comparison) -> str:
    assert not found.agree, str(found)
    assert found.causes, str(found)
    return found.causes[0].name


def state(*models: Any) -> list[bytes]:
    variables = [
        variable
        for model in models
        for variable in [
            *model.variables,
            *getattr(getattr(model, "optimizer", None), "variables", []),
        ]
    ]
    return [to_numpy(variable).tobytes() for variable in variables]


# What is the same


@PAIRS
def test_the_same_mlp_agrees_in_every_place_and_nothing_is_changed(one: Any, other: Any) -> None:
    models = compiled(twins(one, other, mlp), (one, other), (adam, sparse))
    before = state(*models)
    found = compare(*models, X, Y)
    assert found.agree, str(found)
    assert len(found.rows) == 1 + 3 + 1 + 1 + 1 + 4 + 1 + 4
    assert state(*models) == before
    assert not models[0].optimizer.built
    for model in models:
        step_by_ones(model)
    before = state(*models)
    assert_parity(*models, X, Y)
    assert state(*models) == before
    assert models[0].optimizer.built


def test_with_one_seed_they_agree_in_training_too() -> None:
    models = compiled(twins(keras, minidense, mlp), (keras, minidense), (adam, sparse))
    before = state(*models)
    assert_parity(*models, X, Y, training=True)
    assert state(*models) == before


KINDS = st.one_of(
    st.tuples(
        st.just("dense"),
        st.sampled_from([2, 5, 17, 64]),
        st.sampled_from(["relu", "tanh", "sigmoid", "linear", "softmax"]),
        st.booleans(),
    ),
    st.tuples(st.just("dropout"), st.floats(0, 0.9)),
    st.tuples(st.just("relu"), st.sampled_from([0.0, 0.2])),
    st.tuples(st.just("flatten")),
)

ENDS = {
    "softmax": ("softmax", sparse),
    "logits": (None, sparse_on_logits),
    "probabilities unseen": ("softmax", lambda k: k.losses.MeanSquaredError()),
}


def drawn(k: Any, specs: list[tuple[Any, ...]], last: str | None) -> list[Any]:
    made = {
        "dense": lambda units, activation, bias: k.layers.Dense(
            units, activation=activation, use_bias=bias
        ),
        "dropout": lambda rate: k.layers.Dropout(rate, seed=9),
        "relu": lambda slope: k.layers.ReLU(negative_slope=slope),
        "flatten": k.layers.Flatten,
    }
    ends = [k.layers.Flatten(), k.layers.Dense(3, activation=last)]
    return [*(made[kind](*args) for kind, *args in specs), *ends]


@drawn_from(profiles.seed())
@settings(max_examples=max(10, profiles.active().models // 6), deadline=None, database=None)
@given(
    st.lists(KINDS, max_size=6),
    st.sampled_from([(6,), (2, 3), (2, 3, 2)]),
    st.sampled_from(sorted(ENDS)),
    st.sampled_from(["sgd", "adam", "rmsprop"]),
    st.sampled_from([1, 5, 32]),
)
def test_drawn_models_with_the_same_weights_agree(
    specs: list[tuple[Any, ...]], shape: tuple[int, ...], end: str, optimizer: str, rows: int
) -> None:
    last, loss = ENDS[end]
    models = twins(keras, minidense, lambda k: drawn(k, specs, last), shape=shape)
    compiled(models, (keras, minidense), (lambda k: optimizer, loss))
    x = np.random.RandomState(rows).normal(size=(rows, *shape)).astype("float32")
    y = np.arange(rows) % 3
    targets = np.eye(3, dtype="float32")[y] if end == "probabilities unseen" else y
    found = compare(*models, x, targets)
    code = f"{specs=}, {shape=}, {end=}, {optimizer=}, {rows=}\n{found}"
    record.same("compare: drawn models agree", True, found.agree, code=code)


def functional(k: Any) -> Any:
    """Two inputs, a shared layer, a model inside, two branches."""
    inputs = [k.Input((6,), name=f"{name}_input") for name in "ab"]
    shared = k.layers.Dense(3, activation="tanh", name="shared")
    inner = k.Sequential([k.Input((3,)), k.layers.Dense(2, name="inside")], name="inner")
    outputs = [inner(shared(each)) for each in inputs]
    return k.Model(inputs, [*outputs, k.layers.Dense(2, name="after")(outputs[1])])


@PAIRS
def test_shared_layers_branches_and_models_inside_are_followed(one: Any, other: Any) -> None:
    models = twins(one, other, functional)
    found = compare(*models, [X, X + 1])
    assert found.agree, str(found)
    names = [row.place.split()[2] for row in found.rows if row.place.startswith("layer")]
    assert sorted(names) == ["after", "inside", "inside", "shared", "shared"]
    weights = models[0].get_weights()
    models[1].set_weights([*weights[:2], 2 * weights[2] + 1, *weights[3:]])
    found = compare(*models, [X, X + 1])
    assert cause(found) == "other weights"
    assert found.first_difference is not None
    assert "inside" in found.first_difference.place


# What the sides answer


def test_gradients_and_updates_are_those_of_fit() -> None:
    """On a saturated softmax: TensorFlow looks through at the logits, JAX and torch clip."""
    keras.utils.set_random_seed(5)
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(4, activation="softmax")])
    model.compile(sgd(keras), "sparse_categorical_crossentropy")
    told = sides.gradients(model, 60 * X, Y, training=True)
    weights = sides.updates(model, 60 * X, Y, training=True)
    logs = model.fit(60 * X, Y, batch_size=8, shuffle=False, verbose=0).history
    record.close("compare: loss of fit", np.float32(logs["loss"][0]), told.loss, rtol=1e-6)
    for variable, after in zip(model.trainable_weights, weights, strict=True):
        record.close("compare: weights after fit", to_numpy(variable), after, rtol=1e-6, atol=1e-6)
    clipped = expected.backend() != "tensorflow"
    assert (told.loss < 17) == clipped  # -log(1e-7) is 16.1


def test_gradients_of_both_sides_are_the_same() -> None:
    models = compiled(twins(keras, minidense, mlp), (keras, minidense), (sgd, sparse))
    one, other = (sides.gradients(model, X, Y) for model in models)
    record.close("compare: loss", one.loss, other.loss, rtol=1e-6)
    pairs = zip(
        [*one.weight_grads, *one.input_grads],
        [*other.weight_grads, *other.input_grads],
        strict=True,
    )
    for grad, theirs in pairs:
        record.close("compare: gradients", grad, theirs, rtol=1e-5, atol=2e-7)


def test_a_weight_without_influence_has_no_gradient_and_whole_numbers_have_none() -> None:
    def gated(k: Any) -> Any:
        return [k.layers.Dense(3), k.layers.Dropout(1.0), k.layers.Dense(4, activation="softmax")]

    for k in (keras, minidense):
        model = built(k, gated, (6,))
        model.compile("sgd", "sparse_categorical_crossentropy")
        grads = sides.gradients(model, (3 * X).astype("int32"), Y)
        assert grads.input_grads[0] is None
        assert len(grads.weight_grads) == 4


# Each cause, planted


def turned(index: int) -> Callable[[list[Any]], list[Any]]:
    def change(weights: list[Any]) -> list[Any]:
        kernel = weights[index]
        return [*weights[:index], kernel.T.reshape(kernel.shape), *weights[index + 1 :]]

    return change


def one_off(weights: list[Any]) -> list[Any]:
    weights[2][1, 2] += 1
    return weights


def divided(weights: list[Any]) -> list[Any]:
    return [weights[0] / np.float32(255), *weights[1:]]


@PAIRS
@pytest.mark.parametrize(
    ("change", "name", "words"),
    [
        (turned(0), "transposed kernel", "layer 1"),
        (turned(2), "transposed kernel", "layer 3"),
        (one_off, "other weights", "1 of 24 numbers"),
        (divided, "other input scaling", "1/255"),
    ],
)
def test_changed_weights_are_named(
    one: Any, other: Any, change: Callable[[list[Any]], list[Any]], name: str, words: str
) -> None:
    models = twins(one, other, mlp)
    models[1].set_weights(change(models[0].get_weights()))
    before = state(*models)
    found = compare(*models, X)
    assert cause(found) == name
    assert words in str(found)
    assert state(*models) == before


class Restless:
    """Scripts of the same layers with a fault in how they are put together."""

    @staticmethod
    def at_work(k: Any) -> Any:
        inputs = k.Input((6,))
        hidden = k.layers.Dense(6, activation="relu")(inputs)
        return k.Model(inputs, k.layers.Dropout(0.4, seed=3)(hidden, training=True))

    @staticmethod
    def rest(k: Any) -> Any:
        inputs = k.Input((6,))
        hidden = k.layers.Dense(6, activation="relu")(inputs)
        return k.Model(inputs, k.layers.Dropout(0.4, seed=3)(hidden))


def relu_net(k: Any) -> Any:
    return [k.layers.Dense(6, activation="relu"), k.layers.Dense(4, activation="softmax")]


def tanh_net(k: Any) -> Any:
    return [k.layers.Dense(6, activation="tanh"), k.layers.Dense(4, activation="softmax")]


def logits_net(k: Any) -> Any:
    return [k.layers.Dense(6, activation="relu"), k.layers.Dense(4)]


def twice_net(k: Any) -> Any:
    return [*relu_net(k), k.layers.Softmax()]


def before_relu(k: Any) -> Any:
    return [k.layers.Dense(6), k.layers.ReLU(), k.layers.Dropout(0.1), k.layers.Softmax()]


def after_relu(k: Any) -> Any:
    return [k.layers.Dense(6), k.layers.Softmax(), k.layers.Dropout(0.1), k.layers.ReLU()]


def slope(value: float) -> Script:
    return lambda k: [k.layers.Dense(6), k.layers.ReLU(negative_slope=value)]


def flat(k: Any) -> Any:
    return [k.layers.Flatten(), k.layers.Dense(4)]


@PAIRS
@pytest.mark.parametrize(
    ("script", "other_script", "name", "words"),
    [
        (relu_net, tanh_net, "another activation", "relu of its sums, the model's tanh"),
        (relu_net, twice_net, "softmax applied twice", "out of the model"),
        (twice_net, relu_net, "softmax applied twice", "out of the reference"),
        (relu_net, logits_net, "another activation", "softmax"),
        (before_relu, after_relu, "other layer order", "in the reference's order"),
        (slope(0.25), slope(0.45), "another `negative_slope`", "negative_slope=0.25"),
    ],
)
def test_other_layers_are_named(
    one: Any, other: Any, script: Script, other_script: Script, name: str, words: str
) -> None:
    models = twins(one, other, script, other_script)
    found = compare(*models, X)
    assert cause(found) == name, str(found)
    assert words.lower() in str(found).lower()


def test_keras_dropout_that_is_always_at_work_is_named() -> None:
    script, other_script = Restless.rest, Restless.at_work
    models = twins(keras, keras, script, other_script)
    # Keras gives way to an outer training=False only where the call said nothing
    if compare(*models, X).agree:
        models = twins(keras, keras, script, own_call)
    found = compare(*models, X)
    assert cause(found) == "missing `training=False`"
    found = compare(models[1], models[0], X)
    assert cause(found) == "missing `training=False`"
    assert "Call the reference" in str(found)


def own_call(k: Any) -> Any:
    class Own(k.Model):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.hidden = k.layers.Dense(6, activation="relu")
            self.drop = k.layers.Dropout(0.4, seed=3)

        def call(self, inputs: Any) -> Any:
            return self.drop(self.hidden(inputs), training=True)

    model = Own()
    model(X)
    return model


def test_batch_normalization_in_training_is_named() -> None:
    def normal(k: Any) -> Any:
        return [k.layers.Dense(4), k.layers.BatchNormalization(momentum=0.5)]

    class Always(keras.layers.BatchNormalization):  # type: ignore[misc]
        def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
            return super().call(inputs, training=True, mask=mask)

    def always(k: Any) -> Any:
        return [k.layers.Dense(4), Always(momentum=0.5)]

    models = twins(keras, keras, normal, always)
    before = state(*models)
    assert cause(compare(*models, X)) == "missing `training=False`"
    assert state(*models) == before


def test_a_rescaling_that_one_model_lacks_is_named() -> None:
    def scaled(k: Any) -> Any:
        return [k.layers.Rescaling(1 / 255), k.layers.Dense(4)]

    models = twins(keras, minidense, scaled, lambda k: [k.layers.Dense(4)])
    found = compare(*models, X)
    assert cause(found) == "other input scaling"
    assert "a factor of 255" in str(found)


@PAIRS
def test_a_missing_flatten_is_named(one: Any, other: Any) -> None:
    x = X.reshape(8, 2, 3)
    reference = built(one, flat, (2, 3))
    found = compare(reference, built(other, lambda k: [k.layers.Dense(4)], (2, 3)), x)
    assert cause(found) == "flattened or not"
    model = built(other, lambda k: [k.layers.Dense(4)], (6,))
    model.set_weights(reference.get_weights())
    found = compare(reference, model, x)
    assert cause(found) == "flattened or not"
    assert "gives the reference's outputs" in str(found)


@PAIRS
def test_float64_beside_float32_is_named(one: Any, other: Any) -> None:
    if expected.backend() != "tensorflow":
        pytest.skip("Keras's float64 layers give float32's digits on JAX and torch.")

    def wide(k: Any) -> Any:
        inputs = k.Input((6,), dtype="float64")
        return k.Model(inputs, k.layers.Dense(4, dtype="float64")(inputs))

    models = twins(one, other, wide, lambda k: [k.layers.Dense(4)])
    models[0].set_weights(models[1].get_weights())
    found = compare(*models, X)
    assert cause(found) == "float64 beside float32"
    assert compare(*models, X, rtol=1e-5).agree


def unseen_softmax(k: Any) -> Any:
    """A softmax that leaves no trace of its logits: its outputs go through a reshape."""
    return [k.layers.Dense(4, activation="softmax"), k.layers.Reshape((4,))]


def test_a_loss_on_logits_of_probabilities_is_named() -> None:
    models = twins(keras, keras, unseen_softmax)
    compiled(models, (keras, keras), (sgd, sparse), (sgd, sparse_on_logits))
    assert cause(compare(*models, X, Y)) == "loss on logits"


@PAIRS
def test_a_loss_on_probabilities_of_logits_is_named(one: Any, other: Any) -> None:
    models = twins(one, other, logits_net)
    compiled(models, (one, other), (sgd, sparse_on_logits), (sgd, sparse))
    assert cause(compare(*models, X, Y)) == "loss on probabilities"


def test_clipped_probabilities_beside_logits_are_named() -> None:
    models = twins(keras, minidense, unseen_softmax, lambda k: [k.layers.Dense(4, "softmax")])
    compiled(models, (keras, minidense), (sgd, sparse))
    assert compare(*models, X, Y).agree
    found = compare(*models, 100 * X, Y)
    assert cause(found) == "loss from logits beside clipped probabilities"


def test_another_epsilon_of_the_loss_is_named() -> None:
    models = twins(keras, keras, unseen_softmax)

    def clipped(epsilon: float) -> Script:
        def loss(y_true: Any, y_pred: Any) -> Any:
            ops = keras.ops
            labels = ops.one_hot(ops.cast(ops.reshape(y_true, (-1,)), "int32"), 4)
            return -ops.sum(labels * ops.log(ops.clip(y_pred, epsilon, 1 - epsilon)), -1)

        return lambda k: loss

    compiled(models, (keras, keras), (sgd, clipped(1e-7)), (sgd, clipped(1e-12)))
    found = compare(*models, 100 * X, Y)
    assert cause(found) == "another epsilon in the loss"
    assert "1e-12" in str(found)


@PAIRS
@pytest.mark.parametrize(
    ("mine", "theirs", "name"),
    [
        (sgd, lambda k: k.optimizers.SGD(0.11), "another learning rate"),
        (sgd, adam, "another optimizer"),
        (adam, lambda k: k.optimizers.Adam(epsilon=1e-5), "another epsilon"),
        (
            lambda k: k.optimizers.RMSprop(rho=0.9),
            lambda k: k.optimizers.RMSprop(rho=0.5),
            "another rho",
        ),
    ],
)
def test_another_optimizer_is_named(
    one: Any, other: Any, mine: Script, theirs: Script, name: str
) -> None:
    models = compiled(twins(one, other, mlp), (one, other), (mine, sparse), (theirs, sparse))
    before = state(*models)
    assert cause(compare(*models, X, Y)) == name
    assert state(*models) == before


def step_by_ones(model: Any) -> None:
    weights = model.trainable_weights
    ones = [np.ones(weight.shape, "float32") for weight in weights]
    if isinstance(model, keras.Model):
        ones = [keras.ops.convert_to_tensor(grad) for grad in ones]
    model.optimizer.apply(ones, weights)


@PAIRS
def test_another_momentum_and_another_state_are_named(one: Any, other: Any) -> None:
    def momentum(value: float) -> Script:
        return lambda k: k.optimizers.SGD(0.1, momentum=value)

    models = twins(one, other, mlp)
    compiled(models, (one, other), (momentum(0.9), sparse), (momentum(0.5), sparse))
    for model in models:
        step_by_ones(model)
    models[1].set_weights(models[0].get_weights())
    assert cause(compare(*models, X, Y)) == "another momentum"
    models = compiled(twins(one, other, mlp), (one, other), (adam, sparse))
    step_by_ones(models[0])
    step_by_ones(models[0])
    models[1].set_weights(models[0].get_weights())
    found = compare(*models, X, Y)
    assert cause(found) == "another state of the optimizer"
    assert "made 2 steps so far, the model 0" in str(found)


@PAIRS
def test_frozen_weights_and_another_loss_are_named(one: Any, other: Any) -> None:
    models = twins(one, other, mlp)
    models[1].layers[0].trainable = False
    compiled(models, (one, other), (sgd, sparse))
    assert cause(compare(*models, X, Y)) == "frozen weights"
    models = twins(one, other, mlp)
    targets = np.eye(4, dtype="float32")[Y]
    squared: Script = lambda k: k.losses.MeanSquaredError()  # noqa: E731
    compiled(models, (one, other), (sgd, squared), (sgd, lambda k: "categorical_crossentropy"))
    found = compare(*models, X, targets)
    assert cause(found) == "another loss"
    assert "mean squared error" in str(found)


# Other objects, bad arguments


def test_layers_of_keras_that_minidense_does_not_have_are_followed() -> None:
    def script(k: Any) -> Any:
        return [
            k.layers.Dense(8),
            k.layers.LayerNormalization(),
            k.layers.LeakyReLU(negative_slope=0.1),
            k.layers.Reshape((2, 4)),
        ]

    models = twins(keras, keras, script)
    assert_parity(*models, X)
    weights = models[0].get_weights()
    models[1].set_weights([*weights[:2], weights[2] + 0.5, *weights[3:]])
    found = compare(*models, X)
    assert cause(found) == "other weights"
    assert "gamma" in str(found)


def test_a_model_that_is_not_built_or_compiled_is_refused() -> None:
    good = twins(keras, minidense, mlp)
    with pytest.raises(ValueError, match="not built"):
        compare(keras.Sequential([keras.layers.Dense(3)]), good[1], X)
    with pytest.raises(ValueError, match="no loss"):
        compare(*good, X, Y)
    with pytest.raises(TypeError, match="must be a model"):
        compare(good[0], keras.layers.Dense(3), X)
