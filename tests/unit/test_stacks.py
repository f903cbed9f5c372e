"""Several batches of predict in one run: the bits that each has alone, and who is left out."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minidense as keras
from minidense import activations, layers
from minidense.graph.plan import Plan
from minidense.training.stacks import batches_in_a_stack, forward_by_batches

ACTIVATIONS = ["linear", "relu", "sigmoid", "tanh", "softmax"]


def one_by_one(model: Any, x: np.ndarray, batch_size: int) -> np.ndarray:
    starts = range(0, len(x), batch_size)
    return np.concatenate([model.predict_on_batch(x[i : i + batch_size]) for i in starts])


@given(
    rows=st.integers(1, 70),
    batch_size=st.integers(1, 33),
    axes=st.one_of(st.just([]), st.lists(st.integers(0, 3), max_size=2)),
    features=st.sampled_from([1, 2, 7, 33, 390, 784]),
    units=st.lists(st.sampled_from([1, 2, 5, 10, 24, 64]), min_size=1, max_size=3),
    activation=st.sampled_from(ACTIVATIONS),
    dtype=st.sampled_from(["float32", "float64"]),
    seed=st.integers(0, 99),
)
@pytest.mark.filterwarnings("ignore:You are using a softmax over axis:UserWarning")
def test_predict_gives_the_bits_of_its_batches_one_by_one(
    rows: int,
    batch_size: int,
    axes: list[int],
    features: int,
    units: list[int],
    activation: str,
    dtype: str,
    seed: int,
) -> None:
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.Input((*axes, features), dtype=dtype)])
    for count in units:
        model.add(layers.Dense(count, activation=activation, dtype=dtype))
        model.add(layers.Dropout(0.5, dtype=dtype))
    x = np.random.default_rng(seed).normal(size=(rows, *axes, features)).astype(dtype)
    expected = one_by_one(model, x, batch_size)
    assert np.array_equal(model.predict(x, batch_size=batch_size, verbose=0), expected)


def functional(*between: Any) -> Any:
    inputs = keras.Input((6,))
    outputs = inputs
    for layer in between:
        outputs = layer(outputs)
    return keras.Model(inputs, outputs)


class MinusTheMean(layers.Layer):
    """Looks at all rows of a batch."""

    def forward(self, inputs: np.ndarray, training: bool | None) -> tuple[np.ndarray, Any]:
        return inputs - inputs.mean(axis=0), None


def test_as_many_batches_go_together_as_make_65536_numbers_in_the_widest_output() -> None:
    every_kind = [
        layers.Dense(256, activation="relu"),
        layers.Activation("tanh"),
        layers.ReLU(),
        layers.Dropout(0.5),
        layers.Dense(2),
    ]
    plan = functional(*every_kind).plan
    found = [batches_in_a_stack(plan, size) for size in (1, 2, 3, 32, 128, 129, 256, 1000)]
    assert found == [1, 128, 85, 8, 2, 1, 1, 1]
    inputs = keras.Input((2**14,))
    wide = keras.Model(inputs, layers.Activation("relu")(inputs)).plan
    assert [batches_in_a_stack(wide, size) for size in (2, 4, 32)] == [2, 1, 1]
    assert batches_in_a_stack(keras.Model(inputs, inputs).plan, 32) == 1


@pytest.mark.parametrize("shape", [(), (None,), (0,), (2, 6), (0, 6), (None, 6)])
def test_rows_that_are_no_vectors_of_a_known_length_run_batch_by_batch(shape: Any) -> None:
    inputs = keras.Input(shape)
    model = keras.Model(inputs, layers.Activation("relu")(inputs))
    assert batches_in_a_stack(model.plan, 32) == 1
    x = np.ones((70, *[2 if dim is None else dim for dim in shape]), "f4")
    assert model.predict(x, verbose=0).shape == x.shape


@pytest.mark.parametrize(
    "layer",
    [
        MinusTheMean(),
        layers.Flatten(),
        layers.Softmax(axis=0),
        layers.Activation(np.cos),
        layers.Dense(2, activation=np.cos),
        type("MyDropout", (layers.Dropout,), {})(0.5),
        type("MyActivation", (layers.Activation,), {})("relu"),
        type("MyReLU", (layers.ReLU,), {})(),
        type("MyDense", (layers.Dense,), {})(2),
        keras.Sequential([keras.Input((6,)), layers.Dense(2)]),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_what_may_look_at_more_than_the_last_axis_runs_batch_by_batch(layer: Any) -> None:
    assert batches_in_a_stack(functional(layers.Dense(6), layer).plan, 32) == 1


@pytest.mark.parametrize("make", [lambda: layers.Activation("relu"), lambda: layers.Dropout(0.5)])
def test_a_forward_set_on_a_layer_is_given_one_batch_after_the_other(make: Any) -> None:
    layer = make()
    model = functional(layer)
    assert batches_in_a_stack(model.plan, 32) > 1
    layer.forward = lambda inputs, training: (inputs - inputs.mean(axis=0), None)
    x = np.random.default_rng(0).normal(size=(70, 6)).astype("float32")
    assert np.array_equal(model.predict(x, verbose=0), one_by_one(model, x, 32))


def test_a_dropout_that_was_told_to_drop_runs_batch_by_batch() -> None:
    inputs = keras.Input((6,))
    model = keras.Model(inputs, layers.Dropout(0.5)(inputs, training=True))
    assert batches_in_a_stack(model.plan, 32) == 1
    model = keras.Model(inputs, layers.Dropout(0.5)(inputs, training=False))
    assert batches_in_a_stack(model.plan, 32) > 1


def test_an_activation_that_was_replaced_is_asked_again() -> None:
    model = functional(layers.Dense(6, activation="relu", name="dense"))
    assert batches_in_a_stack(model.plan, 32) > 1
    model.get_layer("dense").activation = lambda x: x - x.mean(axis=0)
    assert batches_in_a_stack(model.plan, 32) == 1
    x = np.random.default_rng(0).normal(size=(80, 6)).astype("float32")
    assert np.array_equal(model.predict(x, verbose=0), one_by_one(model, x, 32))


def test_a_layer_that_looks_at_all_rows_sees_those_of_one_batch() -> None:
    model = functional(layers.Dense(6), MinusTheMean())
    x = np.random.default_rng(0).normal(size=(70, 6)).astype("float32")
    assert np.array_equal(model.predict(x, verbose=0), one_by_one(model, x, 32))


def test_several_inputs_and_outputs_are_stacked_alike() -> None:
    first, second = keras.Input((6,)), keras.Input((3,))
    model = keras.Model(
        [first, second],
        [layers.Dense(3, activation="softmax")(second), layers.Dense(2)(first), first],
    )
    x = [np.random.default_rng(0).normal(size=(70, *s)).astype("f4") for s in [(6,), (3,)]]
    assert batches_in_a_stack(model.plan, 32) > 1
    batches = [model.predict_on_batch([array[i : i + 32] for array in x]) for i in (0, 32, 64)]
    expected = [np.concatenate(parts) for parts in zip(*batches, strict=True)]
    for found, wanted in zip(model.predict(x, verbose=0), expected, strict=True):
        assert np.array_equal(found, wanted)


def test_a_stack_is_given_back_batch_by_batch_and_a_short_one_comes_last() -> None:
    plan = functional(layers.Activation(activations.relu)).plan
    shapes = {
        rows: [
            [output.shape for output in outputs]
            for outputs in forward_by_batches(plan, [np.ones((rows, 6), "f4")], 4, False)
        ]
        for rows in (1, 4, 5, 8, 11)
    }
    assert shapes == {
        1: [[(1, 6)]],
        4: [[(4, 6)]],
        5: [[(4, 6)], [(1, 6)]],
        8: [[(4, 6)], [(4, 6)]],
        11: [[(4, 6)], [(4, 6)], [(3, 6)]],
    }


class Seen(keras.callbacks.Callback):
    """Notes what it is told, and gives the model other weights after its second batch."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[Any] = []

    def on_predict_batch_begin(self, batch: int, logs: Any = None) -> None:
        self.told.append(("begin", batch))

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        self.told.append(("end", batch, logs["outputs"].shape))
        if batch == 1:
            self.model.set_weights([np.zeros_like(array) for array in self.model.get_weights()])


def test_a_callback_sees_each_batch_before_and_after_it_is_computed() -> None:
    model = functional(layers.Dense(2, bias_initializer="ones"))
    seen = Seen()
    outputs = model.predict(np.ones((70, 6), "f4"), callbacks=[seen], verbose=0)
    sizes = [(32, 2), (32, 2), (6, 2)]
    assert seen.told == [
        told for i, size in enumerate(sizes) for told in (("begin", i), ("end", i, size))
    ]
    assert outputs[:64].all()
    assert not outputs[64:].any()


@pytest.mark.parametrize(("steps", "rows"), [(None, 70), (1, 32), (2, 64), (3, 70)])
def test_no_more_batches_are_computed_than_steps(steps: int | None, rows: int) -> None:
    model = functional(layers.Dense(2))
    x = np.random.default_rng(0).normal(size=(70, 6)).astype("f4")
    outputs = model.predict(x, batch_size=32, steps=steps, verbose=0)
    assert np.array_equal(outputs, one_by_one(model, x, 32)[:rows])


def test_300_rows_are_two_runs_and_as_many_as_batches_where_somebody_listens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = functional(layers.Dense(256))
    run, shapes = Plan.forward, []

    def counted(plan: Plan, inputs: list[np.ndarray], training: bool | None) -> Any:
        shapes.append(inputs[0].shape)
        return run(plan, inputs, training)

    monkeypatch.setattr(Plan, "forward", counted)
    x = np.ones((300, 6), "f4")
    model.predict(x, verbose=0)
    assert shapes == [(8, 32, 6), (1, 32, 6), (12, 6)]
    shapes.clear()
    model.predict(x, batch_size=300, verbose=0)
    assert shapes == [(300, 6)]
    for arguments in ({"callbacks": [], "verbose": 0}, {"verbose": 1}, {"verbose": 2}):
        shapes.clear()
        model.predict(x, **arguments)
        assert shapes == [(32, 6)] * 9 + [(12, 6)]


class Asked(layers.Layer):
    """Notes what it is told about training."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[Any] = []

    def forward(self, inputs: np.ndarray, training: bool | None) -> tuple[np.ndarray, Any]:
        self.told.append(training)
        return inputs * 1, None


def test_a_layer_of_ones_own_is_told_that_predict_does_not_train() -> None:
    layer = Asked()
    model = functional(layer)
    layer.told.clear()
    model.predict(np.ones((70, 6), "f4"), verbose=0)
    assert layer.told == [False] * 3


def test_a_callback_is_told_how_many_batches_there_are() -> None:
    model = functional(layers.Dense(2))
    for steps, told in ((None, 10), (4, 4)):
        seen = keras.callbacks.Callback()
        model.predict(np.ones((300, 6), "f4"), 32, callbacks=[seen], steps=steps, verbose=0)
        assert seen.params == {"verbose": 0, "epochs": 1, "steps": told}


def test_whole_numbers_become_floats_before_they_are_stacked() -> None:
    model = functional(layers.Dense(2))
    x = np.arange(70 * 6).reshape(70, 6) % 251
    assert np.array_equal(
        model.predict(x.astype("uint8"), verbose=0), one_by_one(model, x.astype("f4"), 32)
    )


@pytest.mark.parametrize(
    "laid_out",
    [np.asfortranarray, lambda x: x[::-1], lambda x: x[:, ::-1], lambda x: np.repeat(x, 2, 0)[::2]],
)
def test_rows_may_lie_in_memory_in_any_order(laid_out: Any) -> None:
    model = functional(layers.Dense(3), layers.Dense(2))
    x = laid_out(np.random.default_rng(0).normal(size=(70, 6)).astype("f4"))
    assert np.array_equal(model.predict(x, verbose=0), one_by_one(model, x, 32))
