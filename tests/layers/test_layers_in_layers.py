"""Layers in layers: a user's `call` is trained as the same layers in a graph are."""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from minidense import Input, Model, Sequential, Variable, layers, metrics
from minidense.typing import Array
from minidense.utils import clear_session, set_random_seed
from tests.way_back import way_back

RANDOM = np.random.default_rng(2)
X = RANDOM.normal(size=(12, 4)).astype("float32")
Z = RANDOM.normal(size=(12, 4)).astype("float32")
Y = RANDOM.normal(size=(12, 3)).astype("float32")
CLASSES = np.arange(12) % 3


@pytest.fixture(autouse=True)
def fresh_session() -> None:
    clear_session()


def seeded(make: Callable[[], Any]) -> Any:
    """Make a model with the weights and masks that any other that is made so has, too."""
    set_random_seed(5)
    return make()


def fitted(model: Any, x: Any, y: Array, loss: str = "mse") -> list[Array]:
    """The weights after two epochs, sorted by what is in them: a block lists its own last."""
    model.compile("sgd", loss)
    model.fit(x, y, epochs=2, batch_size=5, shuffle=False, verbose=0)
    return sorted(model.get_weights(), key=lambda weights: (weights.shape, weights.tolist()))


def assert_trained_alike(one: Any, other: Any, x: Any, y: Array, loss: str = "mse") -> None:
    before = one.get_weights()
    found, wanted = fitted(one, x, y, loss), fitted(other, x, y, loss)
    for ours, same in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(ours, same)
    assert any(not np.array_equal(a, b) for a, b in zip(before, one.get_weights(), strict=True))


class Block(layers.Layer):
    """Layers one after the other, and what they are told."""

    def __init__(self, *inner: Any, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.inner = list(inner)

    def call(self, inputs: Any) -> Any:
        for layer in self.inner:
            inputs = layer(inputs)
        return inputs


class BlockModel(Model):
    """The same as a model."""

    def __init__(self, *inner: Any, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.inner = list(inner)

    def call(self, inputs: Any) -> Any:
        for layer in self.inner:
            inputs = layer(inputs)
        return inputs


def three(last: str | None = None) -> list[Any]:
    return [layers.Dense(5, activation="tanh"), layers.Dense(6), layers.Dense(3, last)]


@pytest.mark.parametrize("kind", [Block, BlockModel, lambda *inner: Sequential(inner)])
@pytest.mark.parametrize(
    ("last", "loss", "y"),
    [
        (None, "mse", Y),
        ("softmax", "sparse_categorical_crossentropy", CLASSES),
        ("softmax", "mse", Y),
    ],
)
@pytest.mark.parametrize("inside", [slice(0, 2), slice(1, 2), slice(1, 3), slice(0, 3)])
def test_a_block_is_trained_as_the_layers_in_it(
    kind: Any, last: str | None, loss: str, y: Array, inside: slice
) -> None:
    def with_block() -> Any:
        each = three(last)
        each[inside] = [kind(*each[inside])]
        return Sequential([Input((4,)), *each])

    def plain() -> Any:
        return Sequential([Input((4,)), *three(last)])

    assert_trained_alike(seeded(with_block), seeded(plain), X, y, loss)


@pytest.mark.parametrize("kind", [Block, BlockModel])
def test_a_loss_begins_at_the_logits_inside_a_block(kind: Any) -> None:
    model = Sequential([Input((4,)), kind(layers.Dense(3), layers.Softmax())])
    dense = model.layers[0].inner[0]
    np.testing.assert_array_equal(model(X).logits, dense(X))
    ends_in_relu = Sequential([Input((4,)), kind(layers.Softmax(), layers.ReLU())])
    assert not hasattr(ends_in_relu(X), "logits")


def test_a_frozen_layer_in_a_block_stays_as_it_is() -> None:
    frozen, free = layers.Dense(4), layers.Dense(3)
    frozen.trainable = False
    model = Sequential([Input((4,)), Block(frozen, free)])
    kernel = frozen.kernel.numpy()
    before = free.kernel.numpy()
    fitted(model, X, Y)
    np.testing.assert_array_equal(frozen.kernel.numpy(), kernel)
    assert not np.array_equal(free.kernel.numpy(), before)


class Pairs(layers.Layer):
    """Two inputs, of which each output needs one."""

    def __init__(self) -> None:
        super().__init__()
        self.of_a, self.of_b = layers.Dense(3), layers.Dense(2)

    def call(self, inputs: Any) -> Any:
        return {"from_b": self.of_b(inputs["b"]), "from_a": self.of_a(inputs["a"])}


def pairs(used: str, block: bool) -> Model:
    a, b = Input((4,), name="a"), Input((4,), name="b")
    hidden = {"a": layers.Dense(4)(a), "b": layers.Dense(4)(b)}
    if block:
        outputs = Pairs()(hidden)[used]
    else:
        dense = {"from_a": layers.Dense(3), "from_b": layers.Dense(2)}
        outputs = {name: dense[name](hidden[name[-1]]) for name in ("from_b", "from_a")}[used]
    return Model([a, b], layers.Dense(3)(outputs))


@pytest.mark.filterwarnings("ignore:Optimizer .* the gradient of the variables")
@pytest.mark.parametrize("used", ["from_a", "from_b"])
def test_a_block_of_several_inputs_and_outputs_hands_each_its_gradient(used: str) -> None:
    model, plain = seeded(lambda: pairs(used, True)), seeded(lambda: pairs(used, False))
    np.testing.assert_array_equal(model([X, Z]), model.predict([X, Z], verbose=0))
    for x, dense in ((X, model.layers[2]), (Z, model.layers[3])):
        assert dense(x).shape == (12, 4)
    kernels = [layer.kernel.numpy() for layer in model.layers[2:4]]
    found = fitted(model, [X, Z], Y)
    fitted(plain, [X, Z], Y)
    assert len(found) == 10
    learned = [
        not np.array_equal(layer.kernel.numpy(), kernel)
        for layer, kernel in zip(model.layers[2:4], kernels, strict=True)
    ]
    assert learned == [used == "from_a", used == "from_b"]


def test_what_no_output_depends_on_has_no_gradient() -> None:
    layer = Pairs()
    layer({"a": X, "b": Z})
    _, grads, weight_grads = way_back(
        lambda a, b: layer({"a": a, "b": b})["from_a"], [X, Z], None, layer.trainable_weights
    )
    assert [grad is None for grad in grads] == [False, True]
    assert (grads[0].shape, grads[0].dtype) == ((12, 4), "float32")
    assert [grad is None for grad in weight_grads] == [False, False, True, True]


def test_layers_inside_are_given_what_the_block_casts_its_inputs_to() -> None:
    narrow = layers.Dense(3)
    block = Block(narrow, dtype="float64")
    model = Sequential([Input((4,)), block])
    assert block(X).dtype == "float32"  # the layer inside casts once more
    outputs = model.predict(X, verbose=0)
    assert outputs.dtype == "float32"
    np.testing.assert_array_equal(outputs, narrow(X))


def test_a_block_that_casts_nothing_hands_on_what_it_is_given() -> None:
    block = Block(layers.Dense(3, dtype="float64"), dtype="float64", autocast=False)
    model = Sequential([Input((4,)), block])
    outputs = model.predict(X, verbose=0)
    np.testing.assert_allclose(outputs, block(X), rtol=1e-6)
    inner = block.inner[0]
    np.testing.assert_array_equal(model(X), inner(X))
    assert model(X).dtype == "float64"
    narrow = layers.Dense(3)
    inputs = Input((4,), dtype="float64")
    model = Model(inputs, Block(narrow, autocast=False)(inputs))
    assert model.predict(X.astype("float64"), verbose=0).dtype == "float32"


def test_whole_numbers_come_to_the_layers_inside_as_such() -> None:
    inputs = Input((4,), dtype="int32")
    outputs = Block(layers.Activation("linear"))(inputs)
    numbers = np.arange(48, dtype="int32").reshape(12, 4)
    assert Model(inputs, outputs).predict(numbers, verbose=0).dtype == "int32"
    dense = layers.Dense(3)
    found = Model(inputs, Block(dense)(inputs)).predict(numbers, verbose=0)
    assert found.dtype == "float32"
    np.testing.assert_allclose(found, dense(numbers), rtol=1e-6)


# Ways that depend on training


def test_a_layer_of_several_outputs_takes_another_way_in_training() -> None:
    class Turns(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.dense, self.one = layers.Dense(4), layers.ReLU()

        def call(self, x: Any, training: bool = False) -> Any:
            first = self.dense(x)
            last = self.one(first)
            return {"a": first, "b": last} if training else {"a": last, "b": first}

    layer = Turns()
    inputs = Input((4,))
    model = Model(inputs, layer(inputs))
    for training in (False, True):
        found, wanted = model(X, training=training), layer(X, training=training)
        for key in "ab":
            np.testing.assert_array_equal(found[key], wanted[key])


def test_layers_in_a_call_may_share_a_name() -> None:
    model = Sequential([Input((4,)), Block(layers.Dense(4, name="d"), layers.Dense(3, name="d"))])
    assert model.predict(X, verbose=0).shape == (12, 3)
    subclass = BlockModel(layers.Dense(4, name="d"), layers.Dense(3, name="d"))
    assert subclass.predict(X, verbose=0).shape == (12, 3)


# What a symbolic call leaves


def test_a_symbolic_call_leaves_no_calls_inside() -> None:
    dense, norm = layers.Dense(4), layers.Dense(3)
    model = Sequential([Input((4,)), Block(dense, norm)])
    assert [layer._inbound_nodes for layer in (dense, norm)] == [[], []]
    assert [layer._outbound_nodes for layer in (dense, norm)] == [[], []]
    assert len(model.layers[0]._inbound_nodes) == 1


def test_a_symbolic_call_counts_nothing() -> None:
    class Counts(Block):
        def __init__(self, *inner: Any) -> None:
            super().__init__(*inner)
            self.calls = Variable([3.0], trainable=False, name="calls")

        def call(self, inputs: Any) -> Any:
            self.calls.assign_add([1.0])
            return super().call(inputs)

    layer = Counts(layers.Dense(3), layers.Dropout(0.5, seed=1))
    model = Sequential([Input((4,)), layer])
    np.testing.assert_array_equal(layer.calls, [3])
    model.compile("sgd", "mse")
    model.fit(X, Y, batch_size=4, epochs=2, verbose=0)
    np.testing.assert_array_equal(layer.calls, [9])
    np.testing.assert_array_equal(layer.inner[1].seed_generator.state, [1, 6])


def test_further_arguments_of_a_symbolic_call_are_recorded() -> None:
    class Times(layers.Layer):
        def call(self, inputs: Any, times: float = 1.0) -> Any:
            return inputs * times

    inputs = Input((4,))
    model = Model(inputs, Times(name="times")(inputs, times=3.0))
    np.testing.assert_array_equal(model(X), 3 * X)
    np.testing.assert_array_equal(model.predict(X, verbose=0), 3 * X)
    np.testing.assert_array_equal(Times()(X, times=3.0), 3 * X)


def test_a_dropout_whose_rate_is_changed_draws_masks_of_that_rate() -> None:
    changed, made = layers.Dropout(0.5, seed=1), layers.Dropout(0.1, seed=1)
    changed.rate = 0.1
    ones = np.ones((50, 4), "float32")
    np.testing.assert_array_equal(changed(ones, training=True), made(ones, training=True))


def test_a_sequential_with_a_call_of_its_own_has_its_inputs_and_outputs() -> None:
    class Own(Sequential):
        def call(self, inputs: Any, training: Any = None) -> Any:
            return super().call(inputs, training)

    model = Own([Input((4,)), layers.Dense(2)])
    assert (model.input_shape, model.output_shape) == ((None, 4), (None, 2))


def test_a_call_that_computes_may_have_several_inputs() -> None:
    class Adds(Model):
        def call(self, inputs: Any) -> Any:
            return inputs[0] + inputs[1]

    np.testing.assert_array_equal(Adds()([X, X]), 2 * X)
    np.testing.assert_array_equal(Adds().predict([X, X], verbose=0), 2 * X)


def test_a_deep_copy_of_a_trained_own_model_is_trained_on() -> None:
    class Own(Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense = layers.Dense(2)

        def call(self, inputs: Any) -> Any:
            return self.dense(inputs)

    model = Own()
    model.compile("adam", "mse")
    model.fit(X, np.ones((len(X), 2)), verbose=0)
    other = copy.deepcopy(model)
    for each in (model, other):
        each.fit(X, np.ones((len(X), 2)), shuffle=False, verbose=0)
    for one, two in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)


def test_a_copy_of_a_fitted_model_counts_its_metrics_from_0() -> None:
    model = Sequential([Input((4,)), layers.Dense(2)])
    model.compile("sgd", "mse", metrics=[metrics.MeanSquaredError()])
    y = np.ones((len(X), 2))
    model.fit(X, y, verbose=0)
    other = copy.copy(model)
    assert other.evaluate(X, y, verbose=0) == model.evaluate(X, y, verbose=0)


def test_a_subclass_that_computes_gives_its_dict_in_its_own_dtype() -> None:
    class Computes(Model):
        def call(self, inputs: Any) -> Any:
            return {"z": inputs["one"] * 2, "a": inputs["two"] + 1}

    model = Computes(dtype="float64", name="computes")
    for outputs in (
        model.predict({"one": X, "two": Z}, verbose=0),
        model.predict_on_batch({"one": X, "two": Z}),
    ):
        assert list(outputs) == ["z", "a"]
        assert outputs["z"].dtype == outputs["a"].dtype == "float64"
        np.testing.assert_array_equal(outputs["z"], X * 2)
    clear_session()
    Computes().predict({"one": X, "two": Z}, verbose=0)
    assert Input((2,))._keras_history.operation.name == "input_layer"  # no name was used up


def test_a_build_that_leaves_layers_unbuilt_is_warned_of() -> None:
    class Leaves(Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense = layers.Dense(3)

        def call(self, inputs: Any) -> Any:
            return self.dense(inputs)

    with pytest.warns(UserWarning, match="has layers that are not built") as caught:
        Leaves().build((None, 4))
    assert [each.category for each in caught] == [UserWarning]


def test_a_mask_that_a_call_takes_is_written_with_the_calls() -> None:
    class Masked(layers.Layer):
        def call(self, inputs: Any, mask: Any = None) -> Any:
            return inputs

    class Bare(layers.Layer):
        def call(self, inputs: Any) -> Any:
            return inputs

    for layer, wanted in ((Masked(), {"mask": None}), (Bare(), {})):
        inputs = Input((4,))
        config = Model(inputs, layer(inputs)).get_config()
        assert config["layers"][1]["inbound_nodes"][0]["kwargs"] == wanted


class DropsUnlessTold(layers.Layer):
    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.drop = layers.Dropout(0.5, seed=1)

    def call(self, inputs: Any, training: bool = True) -> Any:
        return self.drop(inputs, training=training)


class AtRest(Block):
    def call(self, inputs: Any, training: bool = False) -> Any:
        return super().call(inputs)


class Around(Model):
    def __init__(self, inner: Any) -> None:
        super().__init__()
        self.inner = inner


class AsModel(Around):
    def call(self, inputs: Any) -> Any:
        return self.inner(inputs)


@pytest.mark.parametrize(
    ("make", "drops"),
    [
        (lambda: Block(DropsUnlessTold()), True),
        (lambda: Block(DropsUnlessTold(dtype="float64"), dtype="float64"), True),
        (lambda: AtRest(DropsUnlessTold()), False),
        (lambda: AtRest(DropsUnlessTold(dtype="float64"), dtype="float64"), False),
        (lambda: Block(layers.Dropout(0.0), DropsUnlessTold()), False),
        (lambda: Block(layers.ReLU(), DropsUnlessTold()), True),
        (lambda: Block(layers.Dense(4), DropsUnlessTold()), True),
        (lambda: Block(Sequential([Input((4,)), layers.ReLU()]), DropsUnlessTold()), True),
    ],
)
def test_a_layer_that_drops_unless_told_is_told_by_what_stands_around(
    make: Callable[[], Any], drops: bool
) -> None:
    def has_dropped(outputs: Array) -> bool:
        return bool((outputs == 0).any())

    ones = np.ones((6, 4), "float32")
    for around in (AsModel, lambda block: AsModel(Block(layers.Flatten(), block))):
        assert has_dropped(around(make()).predict(ones, verbose=0)) == drops
        assert has_dropped(around(make())(ones)) == drops
        assert has_dropped(around(make()).predict_on_batch(ones)) == drops
    in_graph = Sequential([Input((4,)), make()])
    assert not has_dropped(in_graph.predict(ones, verbose=0))
    assert has_dropped(in_graph(ones)) == drops


class IsAtRest(Around):
    def call(self, inputs: Any, training: bool | None = False) -> Any:
        return self.inner(inputs)


class SaysNone(Around):
    def call(self, inputs: Any, training: bool | None = None) -> Any:
        return self.inner(inputs, training=None)


class Computes(Around):
    def call(self, inputs: Any) -> Any:
        return self.inner(inputs) * np.float32(2)


RECORDED = {  # for the ways below: at rest, told nothing, None, False, True, and in `predict`
    AsModel: ([1, 1, 0, 1, 1], [1, 1, 0, 1, 1]),
    IsAtRest: ([0, 1, 0, 1, 0], [0, 1, 0, 1, 0]),
    SaysNone: ([1, 1, 1, 1, 1], [0, 0, 0, 0, 0]),
    Computes: ([1, 1, 0, 1, 1], [1, 1, 0, 1, 1]),
}


@pytest.mark.parametrize("around", RECORDED)
@pytest.mark.parametrize("in_graph", [True, False])
def test_what_is_recorded_of_a_default_comes_before_what_a_call_is_told_of_none(
    around: type[Model], in_graph: bool
) -> None:
    def made() -> Model:
        inputs = Input((40,))
        graph = Model(inputs, DropsUnlessTold()(inputs))
        return around(graph if in_graph else DropsUnlessTold())

    ones = np.ones((6, 40), "float32")
    answers = [
        made()(ones),
        *(made()(ones, training=told) for told in (None, False, True)),
        made().predict(ones, verbose=0),
    ]
    drops = RECORDED[around][0 if in_graph else 1]
    assert [int((answer == 0).any()) for answer in answers] == drops
