"""How often Python runs `build`, `call` and initializers, and on which shapes: the table, in both.

A run is written as what ran and where it ran: `eager`, `scratch` (where only shapes are wanted) or
`trace` (of `fit`, `evaluate`, `predict`), with the shape that it saw.
"""

import random
from typing import Any

import keras
import numpy as np
import pytest

import minidense
from minidense.engine.tape import Tape
from minidense.mode import mode
from tests import record
from tests.in_both import in_both, in_both_but_for_warnings

X = np.random.RandomState(0).rand(20, 3).astype("float32")
Y = X[:, :1]

pytestmark = pytest.mark.filterwarnings("ignore:`build..` was called on layer:UserWarning")


def where(k: Any) -> str:
    """Return where Python runs just now."""
    if k is minidense:
        recorder = mode.recorder
        if recorder is None or (isinstance(recorder, Tape) and recorder._outer is None):
            return "eager"
        return "trace" if recorder.unmade is None else "scratch"
    import tensorflow as tf

    if tf.executing_eagerly():
        return "eager"
    graph = tf.compat.v1.get_default_graph().name
    return "scratch" if "scratch_graph" in graph else "trace"


class Runs:
    """What ran, and the seeds that were drawn from Python's `random` meanwhile."""

    def __init__(self, k: Any) -> None:
        self.k = k
        self.runs: list[str] = []

    def note(self, what: str, shape: Any) -> None:
        self.runs.append(f"{what} {where(self.k)} {tuple(shape)}")


def parts(k: Any, runs: Runs, how: str) -> Any:
    """Return a class of layers that make their weight in this way, and note when they run."""

    class Counting(k.initializers.Initializer):  # type: ignore[misc, name-defined]
        def __call__(self, shape: Any, dtype: Any = None) -> Any:
            in_scratch = where(k) == "scratch"  # else TensorFlow lifts it out of a trace, or not
            runs.runs.append(f"initializer {'scratch' if in_scratch else 'for good'}")
            return k.ops.ones_like(np.empty(shape, "float32"))

    class Part(k.layers.Layer):  # type: ignore[misc, name-defined]
        def build(self, input_shape: Any) -> None:
            runs.note("build", input_shape)
            shape = (input_shape[-1], 1)
            if how == "name":
                self.k = self.add_weight(shape=shape, initializer="glorot_uniform", name="k")
            elif how == "own initializer":
                self.k = self.add_weight(shape=shape, initializer=Counting(), name="k")
            elif how == "variable":
                self.k = k.Variable(k.initializers.GlorotUniform(), shape=shape, name="k")
            else:
                self.k = k.Variable(k.initializers.GlorotUniform()(shape), name="k")

        def call(self, x: Any) -> Any:
            runs.note("call", x.shape)
            return k.ops.matmul(x, self.k) + k.ops.sum(self.k)

    return Part


def model(k: Any, runs: Runs, kind: str, how: str) -> Any:
    part = parts(k, runs, how)
    if kind == "Sequential":
        return k.Sequential([part()])
    if kind == "Sequential with Input":
        return k.Sequential([k.Input((3,)), part()])
    if kind == "functional":
        inputs = k.Input((3,))
        return k.Model(inputs, part()(inputs))

    class Block(k.layers.Layer):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.one, self.other = part(), part()

        def call(self, x: Any) -> Any:
            runs.note("block", x.shape)
            return self.one(x) + self.other(x)

    class Subclass(k.Model):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            inside = {"of a block": Block, "of a Sequential": lambda: k.Sequential([part()])}
            self.part = inside.get(kind, part)()

        def call(self, x: Any) -> Any:
            runs.note("model", x.shape)
            return self.part(x)

    if kind == "subclass with build":
        built = {"build": lambda self, input_shape: self.part.build(input_shape)}
        return type("Built", (Subclass,), built)()
    return Subclass()


WAYS: dict[str, Any] = {
    "model(x)": lambda m, k: m(X[:5]),
    "model(x) twice": lambda m, k: (m(X[:5]), m(X[:4])),
    "model(Input)": lambda m, k: m(k.Input((3,))),
    "build": lambda m, k: m.build((None, 3)),
    "build, then model(x)": lambda m, k: (m.build((None, 3)), m(X[:5])),
    "fit, rows divide": lambda m, k: m.fit(X, Y, batch_size=5, verbose=0),
    "fit, rows do not divide": lambda m, k: m.fit(X, Y, batch_size=8, verbose=0),
    "fit twice": lambda m, k: [m.fit(X, Y, batch_size=n, verbose=0) for n in (5, 10)],
    "evaluate": lambda m, k: m.evaluate(X, Y, batch_size=5, verbose=0),
    "predict": lambda m, k: m.predict(X, batch_size=8, verbose=0),
    "train_on_batch": lambda m, k: m.train_on_batch(X[:5], Y[:5]),
    "predict_on_batch": lambda m, k: m.predict_on_batch(X[:5]),
    "fit, eagerly": lambda m, k: m.fit(X, Y, batch_size=10, verbose=0),
}
KINDS = (
    *("subclass", "subclass with build", "of a block", "of a Sequential"),
    *("Sequential", "Sequential with Input", "functional"),
)


def table(k: Any, kind: str, way: str, how: str) -> Any:
    """Return what ran, the seeds that were drawn, whether it failed, and the first weight."""
    k.utils.clear_session()
    k.utils.set_random_seed(7)
    runs = Runs(k)
    made = model(k, runs, kind, how)
    made.compile("sgd", loss="mse", run_eagerly=way == "fit, eagerly")
    made.optimizer.learning_rate = 0.0
    failed = None
    try:
        WAYS[way](made, k)
    except Exception as error:
        failed = type(error).__name__
    weights = [np.asarray(weight).ravel().tolist() for weight in made.weights]
    return runs.runs, random.random(), failed, weights, made.built


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", KINDS)
def test_python_runs_as_often_as_in_keras(kind: str, way: str) -> None:
    theirs, ours = (table(k, kind, way, "name") for k in (keras, minidense))
    record.same("building: runs", theirs, ours)


@pytest.mark.filterwarnings("ignore:Layer '.*' (looks like it|has layers):UserWarning")
@pytest.mark.parametrize("way", ["model(x)", "model(Input)", "build", "predict", "fit twice"])
@pytest.mark.parametrize("how", ["own initializer", "variable", "value"])
@pytest.mark.parametrize("kind", ["subclass", "subclass with build", "of a block", "Sequential"])
def test_weights_are_made_as_often_as_in_keras(kind: str, way: str, how: str) -> None:
    theirs, ours = (table(k, kind, way, how) for k in (keras, minidense))
    record.same("building: weights", theirs, ours)


# Symbolic calls


def symbolic(k: Any, ask: Any, **methods: Any) -> Any:
    """Return what ran when a layer with these methods was asked."""
    runs = Runs(k)

    def call(self: Any, x: Any) -> Any:
        runs.note("call", x.shape)
        return x + x

    layer = type("Mine", (k.layers.Layer,), {"call": call, **methods})()
    inputs = k.Input((3,))
    outputs = layer(inputs)
    runs.runs.append("and then")
    ask(k, layer, inputs, outputs)
    return runs.runs


def others(k: Any) -> Any:
    return k.Input(batch_shape=(7, 3))


ASKS: dict[str, Any] = {
    "nothing": lambda k, layer, i, o: None,
    "a model of it": lambda k, layer, i, o: k.Model(i, o),
    "the model on such an Input": lambda k, layer, i, o: k.Model(i, o)(k.Input((3,))),
    "the model on another Input": lambda k, layer, i, o: k.Model(i, o)(others(k)),
    "its output's shape": lambda k, layer, i, o: k.Model(i, o).compute_output_shape((None, 3)),
    "its shape for others": lambda k, layer, i, o: k.Model(i, o).compute_output_shape((7, 3)),
    "a summary": lambda k, layer, i, o: k.Model(i, o).summary(print_fn=lambda *a, **b: None),
    "its configuration": lambda k, layer, i, o: k.Model(i, o).get_config(),
    "a clone": lambda k, layer, i, o: k.models.clone_model(k.Model(i, o)),
    "the layer once more": lambda k, layer, i, o: layer(o),
    "numbers": lambda k, layer, i, o: layer(X),
}


@pytest.mark.parametrize("ask", ASKS)
@pytest.mark.parametrize("formula", [None, "compute_output_shape", "compute_output_spec"])
def test_a_symbolic_call_runs_call_as_often_as_in_keras(formula: str | None, ask: str) -> None:
    def script(k: Any) -> Any:
        formulas = {
            "compute_output_shape": lambda self, input_shape: input_shape,
            "compute_output_spec": lambda self, x: k.KerasTensor(x.shape, x.dtype),
        }
        methods = {formula: formulas[formula]} if formula else {}
        return symbolic(k, ASKS[ask], **methods)

    record.same("building: symbolic calls", script(keras), script(minidense))


@in_both_but_for_warnings  # Keras's sentence has another class of warning in each backend
def test_a_call_that_fails_symbolically_builds_on_arrays(k):
    class Odd(k.Model):
        def __init__(self):
            super().__init__()
            self.part = k.layers.Dense(1)

        def call(self, x):
            return self.part(x[: int(k.ops.shape(x)[0])] if float(k.ops.sum(x)) > 0 else x)

    def error(action):
        try:
            action()
        except (TypeError, ValueError) as problem:
            return type(problem).__name__
        return "none"

    model, other = Odd(), Odd()
    return [
        error(lambda: model(X)),
        model.built,
        [tuple(weight.shape) for weight in model.weights],
        error(lambda: other(k.Input((3,)))),
        other.built,
    ]


@in_both
def test_a_build_may_name_its_shape_at_will(k: Any) -> Any:
    class Own(k.layers.Layer):  # type: ignore[misc, name-defined]
        def build(self, s: Any) -> None:
            self.scale = self.add_weight(shape=(s[-1],), initializer="ones", name="scale")

        def call(self, inputs: Any) -> Any:
            return inputs * self.scale

    layer = Own()
    layer.build_from_config({"input_shape": (None, 3)})
    copy = Own.from_config(layer.get_config())
    copy.build_from_config(layer.get_build_config() or {"input_shape": (None, 3)})
    return [tuple(weight.shape) for weight in (*layer.weights, *copy.weights)]
