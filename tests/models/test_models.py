"""Every way to compute with a model: the same numbers, and the same refusals."""

import copy
import copyreg
import pickle
import re
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidense import Input, Model, Sequential, Variable, layers, losses, metrics, ops
from minidense.models.copies import copy_as_keras_does
from minidense.typing import Array
from minidense.utils import clear_session, set_random_seed


@pytest.fixture(autouse=True)
def fresh_session() -> None:
    clear_session()
    set_random_seed(7)


def functional() -> Model:
    inputs = Input((4,))
    hidden = layers.Dense(5, activation="relu")(inputs)
    return Model(inputs, layers.Dense(3, activation="softmax")(hidden))


def sequential() -> Sequential:
    return Sequential([Input((4,)), layers.Dense(5), layers.Dense(3, activation="softmax")])


MAKERS = [functional, sequential]


def ways(model: Model) -> dict[str, Any]:
    model.compile("sgd", "mse")
    y = np.zeros((2, 3), "float32")
    return {
        "__call__": model,
        "call": model.call,
        "predict": lambda x: model.predict(x, verbose=0),
        "predict_on_batch": model.predict_on_batch,
        "fit": lambda x: model.fit(x, y, verbose=0),
        "evaluate": lambda x: model.evaluate(x, y, verbose=0),
        "train_on_batch": lambda x: model.train_on_batch(x, y),
        "test_on_batch": lambda x: model.test_on_batch(x, y),
    }


def rows(*shape: int) -> Array:
    return np.random.RandomState(1).uniform(-1, 1, shape).astype("float32")


@pytest.mark.parametrize("make", MAKERS)
@settings(max_examples=15, deadline=None)
@given(
    count=st.integers(1, 70),
    batch_size=st.integers(1, 80),
    dtype=st.sampled_from(["float32", "float64", "int8", "uint8", "bool", "int64", "float16"]),
)
def test_all_ways_to_compute_agree(make: Any, count: int, batch_size: int, dtype: str) -> None:
    model = make()
    x = (3 * rows(count, 4)).astype(dtype)
    before = x.tobytes()
    outputs = model(x)
    assert (outputs.shape, outputs.dtype) == ((count, 3), "float32")
    for other in (
        model.call(x),
        model.predict(x, batch_size=batch_size, verbose=0),
        model.predict_on_batch(x),
    ):
        np.testing.assert_allclose(other, outputs, rtol=1e-6, atol=1e-7)  # other block sizes
        assert other.dtype == outputs.dtype
    assert x.tobytes() == before


WRONG = {
    # while a step is traced, the rows may not be known
    "last axis": (rows(2, 5), r"(4|\(None, 4\)).*\((2|None), 5\)"),
    "rank below": (rows(2), r"\(None, 4\).*\((2|None),\)"),
    "rank above": (rows(2, 3, 4), r"\(None, 4\).*\((2|None), 3, 4\)"),
    "none": (None, "None"),
    "a number": (3.0, "3.0"),
    "complex": (rows(2, 4).astype("complex64"), "complex"),
    "objects": (rows(2, 4).astype(object), "objects"),
    "strings": (rows(2, 4).astype(str), "strings"),
    "lists": ([[1.0, 2.0, 3.0, 4.0]], "array"),
    "two arrays": ([rows(2, 4), rows(2, 4)], "expects 1 .* received 2"),
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("make", MAKERS)
def test_a_wrong_input_is_refused_alike_everywhere_and_changes_nothing(
    make: Any, wrong: str
) -> None:
    x, words = WRONG[wrong]
    model = make()
    before = [weights.tobytes() for weights in model.get_weights()]
    for way, action in ways(model).items():
        with pytest.raises(ValueError, match=words) as caught:
            action(x)
        assert len(str(caught.value)) <= 400, way
    assert [weights.tobytes() for weights in model.get_weights()] == before
    assert not model.optimizer.built


@pytest.mark.parametrize(
    ("wanted", "given", "is_one_sample"),
    [
        ((4,), (4,), True),
        ((28, 28), (28, 28), True),
        ((None, 3), (5, 3), True),
        ((28, 28), (28, 27), False),
        ((28, 28), (28,), False),
        ((4,), (2, 3, 4), False),
    ],
)
@pytest.mark.parametrize("method", ["predict", "predict_on_batch", "__call__"])
def test_one_sample_without_the_batch_axis_is_told_how_to_get_one(
    wanted: Any, given: Any, is_one_sample: bool, method: str
) -> None:
    inputs = Input(wanted)
    model = Model(inputs, layers.ReLU()(inputs))
    with pytest.raises(ValueError, match="incompatible shape") as caught:
        getattr(model, method)(np.ones(given, "float32"))
    assert ("x[None]" in str(caught.value)) == is_one_sample
    assert str(given) in str(caught.value)


@pytest.mark.parametrize("make", MAKERS)
def test_a_last_axis_of_1_comes_and_goes(make: Any) -> None:
    model, x = make(), rows(2, 4)
    outputs = model(x)
    for method in (model, model.call, model.predict_on_batch):
        np.testing.assert_array_equal(method(x[..., None]), outputs)
    column = Sequential([Input((1,)), layers.Dense(2)])
    np.testing.assert_array_equal(column(x[:, 0]), column(x[:, :1]))


@pytest.mark.parametrize("make", MAKERS)
def test_a_batch_of_no_rows_gives_no_rows(make: Any) -> None:
    model, nothing = make(), rows(0, 4)
    for outputs in (model(nothing), model.predict(nothing, verbose=0)):
        assert (outputs.shape, outputs.dtype) == ((0, 3), "float32")


def test_a_first_call_builds_for_its_batch_and_takes_others() -> None:
    model = Sequential([layers.Dense(3)])
    model(rows(2, 4))
    assert model.input_shape == (2, 4)  # as in Keras
    assert model(rows(5, 4)).shape == model.predict(rows(5, 4), verbose=0).shape == (5, 3)


class TwoLayers(Model):
    """A subclass whose `call` is made of layers."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden = layers.Dense(5, activation="relu")
        self.top = layers.Dense(3)

    def call(self, inputs: Any) -> Any:
        return self.top(self.hidden(inputs))


class Doubled(TwoLayers):
    """A subclass whose `call` computes with NumPy, too."""

    def call(self, inputs: Any) -> Any:
        return np.multiply(2, super().call(inputs))


class DoubledByOps(TwoLayers):
    """A subclass whose `call` computes with operations, too."""

    def call(self, inputs: Any) -> Any:
        return 2 * ops.square(super().call(inputs))


def test_a_subclass_made_of_layers_trains() -> None:
    model = TwoLayers()
    model.compile("sgd", "mse")
    x, y = rows(64, 4), rows(64, 3)
    losses = model.fit(x, y, epochs=20, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    assert [layer.name for layer in model.layers] == ["dense", "dense_1"]
    np.testing.assert_allclose(model.predict(x, verbose=0), model(x), rtol=1e-6, atol=1e-7)


def test_a_subclass_that_computes_with_operations_trains() -> None:
    model = DoubledByOps()
    model.compile("sgd", "mse")
    x, y = rows(64, 4), np.abs(rows(64, 3))
    losses = model.fit(x, y, epochs=20, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    np.testing.assert_allclose(model.predict(x, verbose=0), model(x), rtol=1e-6, atol=1e-7)


def test_a_subclass_that_computes_with_numpy_runs_eagerly_and_says_so() -> None:
    model, x = Doubled(), rows(6, 4)
    model.hidden.build((None, 4))
    model.top.build((None, 5))
    np.testing.assert_array_equal(model(x), 2 * model.top(model.hidden(x)))
    model.compile("sgd", "mse")
    before = model.get_weights()
    for way in (lambda: model.fit(x, rows(6, 3), verbose=0), lambda: model.predict(x, verbose=0)):
        with pytest.raises(NotImplementedError, match="run_eagerly=True"):
            way()
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    model.compile("sgd", "mse", run_eagerly=True)
    np.testing.assert_array_equal(model.predict(x, verbose=0), model(x))


def test_a_subclass_without_a_call_says_so() -> None:
    class Empty(Model):
        pass

    with pytest.raises(NotImplementedError, match="Empty does not have a `call"):
        Empty()(rows(2, 4))


def test_a_bias_that_is_taken_away_is_gone_from_the_model_too():
    dense = layers.Dense(2, bias_initializer="ones")
    model = Sequential([Input((3,)), dense])
    x = np.ones((1, 3), "float32")
    with_bias = model(x)
    dense.bias = None
    assert np.array_equal(model(x), dense(x))
    np.testing.assert_allclose(model(x), with_bias - 1, atol=1e-6)


def test_a_variable_that_is_thawed_in_a_frozen_layer_learns_alone():
    dense = layers.Dense(2)
    model = Sequential([Input((3,)), dense])
    dense.trainable = False
    dense.kernel.trainable = True
    assert [variable.name for variable in model.trainable_weights] == ["kernel"]


COPIED = pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))]
)


@COPIED
def test_a_copy_of_a_fitted_model_goes_on_with_weights_and_optimizer_of_its_own(copied):
    def fitted(rate: float) -> tuple[Model, Array, Array]:
        set_random_seed(3)
        model = Sequential([Input((2, 3)), layers.Flatten(), layers.Dense(4, activation="relu")])
        model.add(layers.Dropout(rate, seed=5))
        model.add(layers.Dense(2, activation="softmax"))
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        x, y = np.random.default_rng(0).random((20, 2, 3), dtype="float32"), np.arange(20) % 2
        model.fit(x, y, verbose=0)
        return model, x, y

    model, x, y = fitted(0.0)
    other = copied(model)
    assert other.history is None
    assert not set(other.weights) & set(model.weights)
    histories = [each.fit(x, y, epochs=2, verbose=0).history for each in (model, other)]
    assert histories[0] == histories[1]
    for one, same in zip(model.get_weights(), other.get_weights(), strict=True):
        assert np.array_equal(one, same)

    dropping = copied(fitted(0.5)[0])
    assert dropping.layers[2].seed_generator.state.numpy().tolist() == [5, 0]


@COPIED
def test_a_copy_of_a_layer_is_made_again_with_the_same_weights(copied):
    dense = layers.Dense(2, name="mine")
    dense.build((None, 3))
    other = copied(dense)
    assert (other.name, other.built) == ("mine", True)
    assert other.kernel is not dense.kernel
    assert np.array_equal(other.kernel, dense.kernel)
    not_built, dropout = layers.Dense(2), layers.Dropout(0.5)
    x = np.ones((4, 3), "float32")
    assert not np.array_equal(copied(not_built)(x), not_built(x))  # another seed was drawn
    drawn = [each.seed_generator.state.numpy()[0] for each in (copied(dropout), dropout)]
    assert drawn[0] != drawn[1]


class Doubling(layers.Layer):
    """A layer of one's own."""

    def call(self, inputs: Any) -> Any:
        return 2 * inputs


@COPIED
def test_a_model_with_a_layer_of_ones_own_is_copied(copied):
    model = Sequential([Input((3,)), layers.Dense(2), Doubling()])
    x = np.ones((4, 3), "float32")
    assert np.array_equal(copied(model)(x), model(x))
    assert np.array_equal(copied(Doubling())(x), 2 * x)


def test_a_call_that_takes_another_way_in_training_is_trained_along_that_way():
    class TwoWays(Model):
        def __init__(self) -> None:
            super().__init__()
            self.learns, self.rests = (
                layers.Dense(2, kernel_initializer=i) for i in ("ones", "zeros")
            )

        def call(self, x, training=False):
            return self.learns(x) if training else self.rests(x)

    x = np.ones((4, 3), "float32")
    model = TwoWays()
    with pytest.warns(UserWarning, match="has layers that are not built"):  # as in Keras
        np.testing.assert_array_equal(model(x), 0)
    np.testing.assert_array_equal(model(x, training=True), 3)
    np.testing.assert_array_equal(model.predict(x, verbose=0), 0)
    assert not model.learns._inbound_nodes
    assert not model.rests._inbound_nodes
    model.compile("sgd", "mse")
    with pytest.warns(UserWarning, match="gradient of the variables"):
        model.fit(x, np.ones((4, 2)), verbose=0)
    assert not np.array_equal(model.learns.kernel.numpy(), np.ones((3, 2)))
    np.testing.assert_array_equal(model.rests.kernel.numpy(), 0)


def test_a_call_that_counts_counts_each_batch_and_no_trace():
    class Counts(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.calls = Variable(0.0, trainable=False, name="calls")
            self.dense = layers.Dense(2)

        def call(self, inputs):
            self.calls.assign_add(1.0)
            return self.dense(inputs)

    layer = Counts()
    model = Sequential([Input((3,)), layer])
    assert float(layer.calls) == 0
    model.predict(np.ones((4, 3)), batch_size=2, verbose=0)
    assert float(layer.calls) == 2
    model.compile("sgd", "mse")
    model.fit(np.ones((4, 3)), np.ones((4, 2)), batch_size=1, verbose=0)
    assert float(layer.calls) == 6


ROWS, ONES = np.ones((70, 3), "float32"), np.ones((70, 2), "float32")


class OneDense(Model):
    def __init__(self) -> None:
        super().__init__()
        self.dense = layers.Dense(2)

    def call(self, inputs: Any) -> Any:
        return self.dense(inputs)


# As in Keras 3.15.1: the size of all batches, or of the first one where nothing is learned or
# measured; None where they differ.
@pytest.mark.parametrize(
    ("use", "batch"),
    [
        (lambda m: m(ROWS), 70),
        (lambda m: m.predict(ROWS, verbose=0), 32),
        (lambda m: m.predict(ROWS[:5], verbose=0), 5),
        (lambda m: m.predict(ROWS, batch_size=20, verbose=0), 20),
        (lambda m: m.predict_on_batch(ROWS), 70),
        (lambda m: m.train_on_batch(ROWS, ONES), 70),
        (lambda m: m.test_on_batch(ROWS, ONES), 70),
        (lambda m: m.evaluate(ROWS, ONES, verbose=0), None),
        (lambda m: m.evaluate(ROWS[:33], ONES[:33], verbose=0), None),
        (lambda m: m.evaluate(ROWS[:64], ONES[:64], verbose=0), 32),
        (lambda m: m.fit(ROWS, ONES, verbose=0), None),
        (lambda m: m.fit(ROWS[:5], ONES[:5], verbose=0), None),
        (lambda m: m.fit(ROWS[:64], ONES[:64], verbose=0), 32),
        (lambda m: m.fit(ROWS, ONES, batch_size=35, verbose=0), 35),
        (lambda m: m.fit(ROWS[:40], ONES[:40], validation_split=0.2, verbose=0), 32),
    ],
)
@pytest.mark.parametrize("make", [OneDense, lambda: Sequential([layers.Dense(2)])])
def test_a_model_that_is_not_built_is_built_for_the_batches_it_is_given(
    make: Any, use: Any, batch: int | None
) -> None:
    model = make()
    model.compile("sgd", "mse")
    use(model)
    assert model.layers[0].get_build_config() == {"input_shape": (batch, 3)}
    if isinstance(model, Sequential):
        assert model.input_shape == (batch, 3)
    model(ROWS[:3])  # another batch is taken all the same


def test_a_configuration_that_does_not_fit_is_refused_and_not_printed() -> None:
    with pytest.raises(TypeError) as error:
        OneDense.from_config({"units": 3})
    reason = str(error.value.__cause__)
    assert "unexpected keyword argument 'units'" in reason
    made = "A model of class OneDense cannot be made from its configuration"
    assert str(error.value) == f"{made}: {reason}"
    wanted = (
        "The configuration of a Sequential model must be a dict with 'name' and 'layers'. "
        "Received: {'layers': []}."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(wanted)}$"):
        Sequential.from_config({"layers": []})


def test_a_model_may_answer_the_same_to_all() -> None:
    class Always(Model):
        def call(self, inputs: Any) -> Any:
            return np.full((5, 1), 7, "float32")

    np.testing.assert_array_equal(Always().predict(ROWS[:5], verbose=0), np.full((5, 1), 7))


class Two(Model):
    """A subclass of two layers."""

    def __init__(self) -> None:
        super().__init__(name="two")
        self.first = layers.Dense(3)
        self.last = layers.Dense(2)

    def call(self, inputs: Any) -> Any:
        return self.last(self.first(inputs))


class BuildsItself(Two):
    """The same, with a `build` of its own."""

    def build(self, input_shape: Any) -> None:
        self.first.build(input_shape)
        self.last.build((None, 3))


def test_build_leaves_the_layers_of_a_subclass_for_its_first_call():
    model = Two()
    with pytest.warns(UserWarning, match="'two'.*Two has no `build` of its own") as caught:
        model.build((None, 4))
    assert caught[0].filename == __file__
    assert (model.built, model.first.built, model.weights) == (True, False, [])
    assert model(np.ones((5, 6), "float32")).shape == (5, 2)
    assert [weight.shape for weight in model.weights] == [(6, 3), (3,), (3, 2), (2,)]
    with pytest.raises(AttributeError, match="inputs"):
        _ = model.inputs


@pytest.mark.parametrize("make", [Two, BuildsItself])
def test_a_subclass_that_was_called_or_built_before_is_trained(make):
    x = np.ones((6, 4), "float32")
    for prepare in (lambda m: None, lambda m: m(x), lambda m: m.build((None, 4))):
        model = make()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            prepare(model)
        model.compile("sgd", "mse")
        assert model.fit(x, np.ones((6, 2)), verbose=0).history["loss"]
        assert len(model.trainable_weights) == 4


def test_a_call_on_numbers_is_no_call_of_a_graph():
    model = Two()
    model(np.ones((5, 4), "float32"))
    for layer in (model.first, model.last):
        with pytest.raises(AttributeError, match="never been called"):
            _ = layer.output
    inputs = Input((4,), name="later")
    assert model.first(inputs) is model.first.output


def test_a_subclass_that_is_read_from_a_configuration_is_built_by_its_call():
    model = Two()
    model(np.ones((5, 4), "float32"))
    other = Two()
    other.build_from_config(model.get_build_config())
    assert [weight.shape for weight in other.weights] == [(4, 3), (3,), (3, 2), (2,)]


def test_a_copy_of_a_model_has_a_loss_and_metrics_of_its_own():
    model = Sequential([Input((3,)), layers.Dense(2)])
    loss = losses.BinaryCrossentropy(from_logits=True)
    metric, weighted = metrics.MeanSquaredError(), metrics.BinaryAccuracy()
    model.compile("sgd", loss, 0.5, [metric], [weighted])
    other = copy.copy(model)
    assert type(other.loss) is losses.BinaryCrossentropy
    assert other.loss is not loss
    first, second = (each.evaluate(ROWS, ONES, verbose=0) for each in (model, other))
    assert first == second
    assert len(first) == 3
    assert metric not in other._compile_arguments["metrics"]
    assert weighted not in other._compile_arguments["weighted_metrics"]
    assert other._compile_arguments["loss_weights"] == 0.5


def test_every_class_of_the_package_is_copied_so(monkeypatch):
    table: dict[Any, Any] = {}
    monkeypatch.setattr(copyreg, "dispatch_table", table)
    copy_as_keras_does()
    assert {layers.Dense, layers.Dropout, Model, Sequential} < set(table)
    dense = layers.Dense(2, name="mine")
    make, parts = table[layers.Dense](dense)
    assert make(*parts).name == "mine"


def test_a_model_that_is_not_compiled_is_copied_so():
    model = Sequential([Input((3,)), layers.Dense(2)])
    for _ in range(2):
        other = copy.copy(model)
        assert (other.compiled, other.optimizer, other.built) == (False, None, True)
        model.compile(None, "mse")  # type: ignore[arg-type]  # Keras cannot copy it then


# What a subclass takes


def test_a_subclass_takes_inputs_of_another_rank_as_its_layers_do():
    model = Two()
    x = rows(6, 4)
    outputs = model(x)
    taller = np.stack([x, x], axis=1)
    np.testing.assert_allclose(model.predict(taller, verbose=0)[:, 1], outputs, rtol=1e-5)
    np.testing.assert_allclose(model.predict(x, verbose=0), outputs, rtol=1e-5)
    model.compile("sgd", "mse")
    assert model.fit(taller, np.ones((6, 2, 2)), batch_size=4, verbose=0).history["loss"]
    with pytest.raises(ValueError, match=r"last axis|axis -1"):
        model.predict(rows(6, 5), verbose=0)


def test_a_subclass_of_several_inputs_takes_them_in_another_rank():
    class OfTwo(Model):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.second = layers.Dense(2), layers.Dense(3)

        def call(self, inputs: Any) -> Any:
            return [self.first(inputs[0]), self.second(inputs[1])]

    model = OfTwo()
    x, y = rows(6, 4), rows(6, 5)
    flat = model.predict([x, y], verbose=0)
    both = model.predict([x[:, None], y], verbose=0)
    np.testing.assert_allclose(both[0][:, 0], flat[0], rtol=1e-5)
    np.testing.assert_allclose(both[1], flat[1], rtol=1e-5)


def test_a_subclass_does_not_know_the_shape_of_its_output():
    model = Two()
    for _ in range(2):
        with pytest.raises(NotImplementedError, match="compute_output_shape"):
            model.compute_output_shape((None, 4))
        model(rows(2, 4))
    assert Sequential([layers.Dense(2)]).compute_output_shape((5, 4)) == (5, 2)
    with pytest.raises(NotImplementedError, match="compute_output_shape"):
        Sequential([layers.Dense(4), Two()]).compute_output_shape((5, 4))
    outer = Sequential([Input((4,)), layers.Dense(4), Two()])
    assert outer.compute_output_shape((5, 4)) == (5, 2)


def test_what_a_subclass_warns_of_in_build_is_what_its_layers_lack():
    model = Two()
    words = (
        "`build()` was called on layer 'two', but Two has no `build` of its own, and has layers "
        "that are not built. Call it on data instead."
    )
    with pytest.warns(UserWarning, match=f"^{re.escape(words)}$"):
        model.build((None, 4))
    assert (model.built, model.first.built, model.weights) == (True, False, [])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ready = Two()
        ready.first.build((None, 4))
        ready.last.build((None, 3))
        ready.build((None, 4))
        called = Two()
        called(rows(2, 4))
        called.build((None, 4))
    partly = Two()
    partly.first.build((None, 4))
    with pytest.warns(UserWarning, match="has no `build`"):
        partly.build((None, 4))


def test_a_subclass_with_a_build_of_its_own_is_built_by_it_from_a_configuration():
    model = BuildsItself()
    model.build_from_config({"input_shape": (None, 5)})
    assert model.first.kernel.shape == (5, 3)


def test_a_subclass_takes_and_gives_dicts():
    class OfDict(Model):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.second = layers.Dense(2), layers.Dense(3)

        def call(self, inputs: Any) -> Any:
            return {"z": self.first(inputs["b"]), "a": self.second(inputs["a"])}

    model = OfDict()
    x = {"b": rows(6, 4), "a": rows(6, 5)}
    wanted = model(x)
    for found in (model.predict(x, verbose=0), model.predict_on_batch(x)):
        assert {key: array.shape for key, array in found.items()} == {"z": (6, 2), "a": (6, 3)}
        for key in wanted:
            np.testing.assert_allclose(found[key], wanted[key], rtol=1e-5)
    np.testing.assert_allclose(wanted["z"], model.first(x["b"]), rtol=1e-5)
    with pytest.raises(KeyError, match="'b'"):  # `call` sees what came
        model.predict({"a": x["a"], "c": x["b"]}, verbose=0)


def test_an_array_that_does_not_fit_is_refused_with_the_name_of_the_input():
    inputs = Input((4,), name="pixels")
    model = Model(inputs, layers.Dense(2)(inputs), name="mine")
    message = (
        "Input 'pixels' of model 'mine' is incompatible with the model: "
        "expected shape=(None, 4), found shape=(2, 5)."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        model.predict(rows(2, 5), verbose=0)
