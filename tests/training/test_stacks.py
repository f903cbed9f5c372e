"""Several batches of predict in one run: the bits that each has alone, and who is left out."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minidense as keras
from minidense import layers, ops
from minidense.engine.function import Concrete
from minidense.numerics.products import product
from minidense.training.data import read_rows
from minidense.training.loop import traced_for
from minidense.training.stacks import batches_in_a_stack

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
    use_bias=st.booleans(),
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
    use_bias: bool,
    dtype: str,
    seed: int,
) -> None:
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.Input((*axes, features), dtype=dtype)])
    for count in units:
        model.add(layers.Dense(count, activation=activation, use_bias=use_bias, dtype=dtype))
        model.add(layers.Dropout(0.5, dtype=dtype))
    x = np.random.default_rng(seed).normal(size=(rows, *axes, features)).astype(dtype)
    expected = one_by_one(model, x, batch_size)
    for _ in range(2):  # operation by operation, and then as a program
        assert np.array_equal(model.predict(x, batch_size=batch_size, verbose=0), expected)


@given(
    batches=st.integers(1, 5),
    rows=st.integers(1, 40),
    inner=st.sampled_from([1, 2, 16, 33, 300, 390, 784, 1200]),
    columns=st.sampled_from([1, 2, 5, 10, 16, 24, 64]),
    dtype=st.sampled_from(["float32", "float64"]),
)
def test_each_matrix_of_a_stack_has_the_product_that_it_has_alone(
    batches: int, rows: int, inner: int, columns: int, dtype: str
) -> None:
    random = np.random.default_rng(rows)
    stack = random.normal(size=(batches, rows, inner)).astype(dtype)
    right = random.normal(size=(inner, columns)).astype(dtype)
    alone = np.stack([product(left, right) for left in stack])
    assert np.array_equal(product(stack, right), alone)


@pytest.mark.parametrize("batch_size", [3, 8, 30])
@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
def test_what_fills_no_register_is_not_stacked(activation: str, batch_size: int) -> None:
    model = keras.Sequential([keras.Input((4,)), layers.Dense(1, activation, use_bias=False)])
    x = np.random.default_rng(0).normal(size=(120, 4)).astype("float32")
    expected = one_by_one(model, x, batch_size)
    for _ in range(2):
        assert np.array_equal(model.predict(x, batch_size=batch_size, verbose=0), expected)


def functional(*between: Any) -> Any:
    inputs = keras.Input((6,))
    outputs = inputs
    for layer in between:
        outputs = layer(outputs)
    return keras.Model(inputs, outputs)


class MinusTheMean(layers.Layer):
    """Looks at all rows of a batch."""

    def call(self, inputs: Any) -> Any:
        return inputs - ops.mean(inputs, axis=0)


def together(model: Any, batch_size: int) -> int:
    """How many batches the model runs as one."""
    inputs = [np.ones((batch_size, *[dim or 2 for dim in x.shape[1:]]), "f4") for x in model.inputs]
    data = read_rows(inputs if len(inputs) > 1 else inputs[0], None)
    step = model.make_predict_function(force=True)
    return batches_in_a_stack(traced_for(step, data, batch_size, in_loop=False).trace, batch_size)


def test_as_many_batches_go_together_as_make_65536_numbers_in_the_widest_tensor() -> None:
    every_kind = [
        layers.Dense(256, activation="relu"),
        layers.Activation("tanh"),
        layers.ReLU(),
        layers.Dropout(0.5),
        layers.Dense(2),
    ]
    model = functional(*every_kind)
    found = [together(model, size) for size in (1, 2, 3, 32, 128, 129, 256, 1000)]
    assert found == [1, 128, 85, 8, 2, 1, 1, 1]
    inputs = keras.Input((2**14,))
    wide = keras.Model(inputs, layers.Activation("relu")(inputs))
    assert [together(wide, size) for size in (2, 4, 32)] == [2, 1, 1]
    assert together(keras.Model(inputs, inputs), 32) == 1


@pytest.mark.parametrize("shape", [(), (None,), (2, 6), (None, 6)])
def test_rows_that_are_no_vectors_run_batch_by_batch(shape: Any) -> None:
    inputs = keras.Input(shape)
    model = keras.Model(inputs, layers.Activation("relu")(inputs))
    assert together(model, 32) == (1024 if shape == (None,) else 1)  # which is 2 here
    x = np.ones((70, *[2 if dim is None else dim for dim in shape]), "f4")
    assert model.predict(x, verbose=0).shape == x.shape


def to_rows(inputs: Any) -> Any:
    """Each row times all rows."""
    return ops.matmul(inputs, ops.transpose(inputs))


@pytest.mark.parametrize(
    "layer",
    [
        MinusTheMean(),
        layers.Softmax(axis=0),
        layers.Activation(to_rows),
        layers.Activation(lambda x: ops.softmax(x, axis=1)),
        layers.Activation(lambda x: x + ops.mean(x)),
        layers.Dense(2, activation=lambda x: ops.sum(x, axis=-1)),
    ],
    ids=lambda layer: type(layer).__name__,
)
@pytest.mark.filterwarnings("ignore:You are using a softmax over axis:UserWarning")
def test_what_may_look_at_more_than_the_last_axis_runs_batch_by_batch(layer: Any) -> None:
    model = functional(layers.Dense(6), layer)
    assert together(model, 32) == 1
    x = np.random.default_rng(0).normal(size=(96, 6)).astype("float32")
    assert np.array_equal(model.predict(x, verbose=0), one_by_one(model, x, 32))


class Twice(layers.Dense):
    """A user's layer of operations that go row by row."""

    def call(self, inputs: Any) -> Any:
        return ops.relu(super().call(inputs)) * 2.0


def test_a_user_s_layer_that_goes_row_by_row_is_stacked() -> None:
    model = functional(Twice(6), layers.Activation(ops.tanh))
    assert together(model, 32) > 1
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
    assert together(model, 32) > 1
    batches = [model.predict_on_batch([array[i : i + 32] for array in x]) for i in (0, 32, 64)]
    expected = [np.concatenate(parts) for parts in zip(*batches, strict=True)]
    for found, wanted in zip(model.predict(x, verbose=0), expected, strict=True):
        assert np.array_equal(found, wanted)


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


def test_300_rows_are_three_runs_and_as_many_as_batches_where_somebody_listens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = functional(layers.Dense(256))
    take, shapes = Concrete.take, []

    def counted(concrete: Concrete, wanted: Any) -> Any:
        shapes.append(wanted[0])
        return take(concrete, wanted)

    x = np.ones((300, 6), "f4")
    listener = keras.callbacks.LambdaCallback(on_predict_batch_end=lambda batch, logs: None)
    several = {"callbacks": [listener], "verbose": 0}, {"verbose": 1}, {"verbose": 2}
    for arguments in ({"verbose": 0}, *several):
        for _ in range(2):  # the second time there are programs for all lengths
            model.predict(x, **arguments)
    monkeypatch.setattr(Concrete, "take", counted)
    model.predict(x, verbose=0)
    assert shapes == [(8, 32, 6), (1, 32, 6), (12, 6)]
    shapes.clear()
    model.predict(x, batch_size=300, verbose=0)
    assert shapes == [(300, 6)]
    for arguments in several:
        shapes.clear()
        model.predict(x, **arguments)
        assert shapes == [(32, 6), (12, 6)]  # the program of 32 rows is kept for nine of them


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
