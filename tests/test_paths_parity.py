"""Where weights are: the paths of subclassed models and of layers inside layers; and for which
batch a model is built that was not told its shape."""

import threading
from typing import Any

import keras
import numpy as np
import pytest

import minidense
from tests import record

BOTH = (minidense, keras)
X = np.ones((70, 3), "float32")
Y = np.zeros((70, 2), "float32")


def own_model(k: Any) -> Any:
    class Own(k.Model):
        def __init__(self) -> None:
            super().__init__(name="own")
            self.first = k.layers.Dense(4, activation="relu", name="first")
            self.drop = k.layers.Dropout(0.5, seed=1, name="drop")
            self.last = k.layers.Dense(2, name="last")

        def call(self, x: Any, training: bool = False) -> Any:
            return self.last(self.drop(self.first(x), training=training))

    return Own()


def deferred(k: Any) -> Any:
    layers = [k.layers.Dense(4, name="first"), k.layers.Dense(2, name="last")]
    return k.Sequential(layers, name="deferred")


def around(k: Any, build_inside: bool, late: bool = False) -> Any:
    """A layer around a Dense, which it builds itself or leaves to the call."""

    class Around(k.layers.Layer):
        def __init__(self) -> None:
            super().__init__(name="around")
            self.inner = k.layers.Dense(2, name="inner")

        def build(self, input_shape: Any) -> None:
            if build_inside:
                self.inner.build(input_shape)
            if late:
                self.late = self.add_weight(shape=(2,), initializer="zeros", name="late")

        def call(self, x: Any) -> Any:
            return self.inner(x)

    return Around()


def functional(k: Any, make: Any) -> Any:
    inputs = k.Input((3,), name="inputs")
    return k.Model(inputs, make(k)(inputs), name="functional")


def same_paths(make: Any, use: Any) -> None:
    found = []
    for library in BOTH:
        model = make(library)
        use(model)
        found.append([weight.path for weight in model.weights])
    record.same("models: paths", found[1], found[0])


@pytest.mark.parametrize(
    "make",
    [
        own_model,
        deferred,
        lambda k: around(k, False),
        lambda k: around(k, True),
        lambda k: around(k, True, late=True),
        lambda k: k.Sequential([around(k, True), k.layers.Dense(1, name="d")], name="s"),
        lambda k: k.Sequential([k.Input((3,)), around(k, False), deferred(k)], name="s"),
        lambda k: functional(k, own_model),
        lambda k: functional(k, deferred),
        lambda k: functional(k, lambda k: around(k, True, late=True)),
    ],
)
def test_weights_have_the_paths_of_keras(make: Any) -> None:
    same_paths(make, lambda model: model(X))


def test_who_called_a_layer_first_is_its_parent_for_ever() -> None:
    found = []
    for library in BOTH:
        layer = around(library, False)
        library.Sequential([layer], name="first")(X)
        library.Sequential([layer], name="second")(X)
        found.append([layer.path, layer.inner.path, [weight.path for weight in layer.weights]])
    record.same("models: paths", found[1], found[0])


def test_a_functional_model_has_its_path_from_the_start() -> None:
    found = []
    for library in BOTH:
        model = functional(library, deferred)
        inside = library.Sequential([model, library.layers.Dense(1, name="d")], name="s")
        alone = library.Sequential([library.Input((3,)), library.layers.Dense(1)], name="t")
        inside(X)
        found.append([model.path, inside.path, alone.path, [w.path for w in inside.weights]])
    record.same("models: paths", found[1], found[0])


def test_threads_do_not_see_each_others_paths() -> None:
    slow_is_open, done = threading.Event(), threading.Event()

    class Slow(minidense.layers.Layer):
        def build(self, input_shape: Any) -> None:
            slow_is_open.set()
            done.wait(10)

        def call(self, x: Any) -> Any:
            return x

    thread = threading.Thread(target=lambda: Slow(name="slow")(X))
    thread.start()
    slow_is_open.wait(10)
    layer = minidense.layers.Dense(2, name="d")
    layer(X)
    done.set()
    thread.join()
    assert layer.kernel.path == "d/kernel"


def test_a_layer_has_no_path_until_it_is_built() -> None:
    for library in BOTH:
        layer = library.layers.Dense(2, name="d")
        assert layer.path is None
        layer.build((None, 3))
        assert layer.path == "d"


WAYS = {
    "call": lambda m: m(X),
    "predict": lambda m: m.predict(X, verbose=0),
    "predict, few rows": lambda m: m.predict(X[:5], verbose=0),
    "predict, batches of 20": lambda m: m.predict(X, batch_size=20, verbose=0),
    "predict_on_batch": lambda m: m.predict_on_batch(X),
    "train_on_batch": lambda m: m.train_on_batch(X, Y),
    "test_on_batch": lambda m: m.test_on_batch(X, Y),
    "evaluate": lambda m: m.evaluate(X, Y, verbose=0),
    "evaluate, whole batches": lambda m: m.evaluate(X[:64], Y[:64], verbose=0),
    "fit": lambda m: m.fit(X, Y, verbose=0),
    "fit, few rows": lambda m: m.fit(X[:5], Y[:5], verbose=0),
    "fit, whole batches": lambda m: m.fit(X[:64], Y[:64], verbose=0),
    "fit, one batch": lambda m: m.fit(X, Y, batch_size=70, verbose=0),
    "fit, a part of the rows": lambda m: m.fit(X[:40], Y[:40], validation_split=0.2, verbose=0),
    "fit in steps": lambda m: m.fit(X, Y, steps_per_epoch=7, verbose=0),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("make", [own_model, deferred])
def test_a_model_is_built_for_the_batch_that_keras_builds_it_for(make: Any, way: str) -> None:
    summaries = []
    for library in BOTH:
        model = make(library)
        model.compile("sgd", "mse")
        WAYS[way](model)
        lines: list[str] = []
        model.summary(print_fn=lines.append, line_length=80)
        summaries.append("\n".join(lines))
    record.same("models: summary of what was built by data", summaries[1], summaries[0])
