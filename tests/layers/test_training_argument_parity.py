"""Who is told what about `training`: the table, and random trees of layers, in both libraries."""

import random
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

import minidense
from tests import record
from tests.in_both import in_both, in_both_but_for_warnings

X = np.float32([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
NOT_GIVEN = "not given"

pytestmark = pytest.mark.filterwarnings("ignore:`build..` was called on layer:UserWarning")


# The table. `heard` is the list into which each layer puts its name and what it was told.


def listener(k: Any, heard: list[Any], default: Any = NOT_GIVEN) -> Callable[[str], Any]:
    """Return a class of layers that listen, with this default of `training`, or no such one."""
    signature = "" if default == NOT_GIVEN else f", training={default}"
    names: dict[str, Any] = {"heard": heard}
    heard_value = "'-'" if default == NOT_GIVEN else "training"
    exec(  # the default stands in the signature, where both libraries read it
        f"def call(self, x{signature}):\n"
        f"    heard.append((self.name, {heard_value}))\n"
        "    return x * 1\n",
        names,
    )
    return type("Listener", (k.layers.Layer,), {"call": names["call"]})


def outer(k: Any, call: Callable[..., Any], *parts: Any, **methods: Any) -> Any:
    """Return a subclass with parts `a`, `b` … and this `call`."""

    def start(self: Any) -> None:
        k.Model.__init__(self)
        for name, part in zip("abc", parts, strict=False):
            setattr(self, name, part)

    return type("Outer", (k.Model,), {"__init__": start, "call": call, **methods})()


def fitted(k: Any, model: Any, **kwargs: Any) -> Any:
    model.compile("sgd", loss="mse", **kwargs)
    model.fit(X, X, verbose=0)
    return model


def ways(k: Any, heard: list[Any], model: Any) -> dict[str, Any]:
    """Return what the layers hear in each way of calling a model."""
    table = {}
    model(X)
    fitted(k, model, run_eagerly=True)
    for way, call in {
        "model(x)": lambda: model(X),
        "training=None": lambda: model(X, training=None),
        "training=True": lambda: model(X, training=True),
        "training=False": lambda: model(X, training=False),
        "fit": lambda: model.fit(X, X, verbose=0),
        "train_on_batch": lambda: model.train_on_batch(X, X),
        "evaluate": lambda: model.evaluate(X, X, verbose=0),
        "predict": lambda: model.predict(X, verbose=0),
        "Input": lambda: model(k.Input((3,))),
    }.items():
        heard.clear()
        call()
        table[way] = list(heard)
    return table


def asks(self: Any, x: Any, training: Any = None) -> Any:
    return self.c(self.b(self.a(x)))


def does_not_ask(self: Any, x: Any) -> Any:
    return self.c(self.b(self.a(x)))


def true_by_default(self: Any, x: Any, training: Any = True) -> Any:
    return self.c(self.b(self.a(x)))


def says_false(self: Any, x: Any, training: Any = None) -> Any:
    return self.c(self.b(self.a(x, training=False)))


def says_none(self: Any, x: Any, training: Any = None) -> Any:
    return self.c(self.b(self.a(x, training=None)))


def says_true_last(self: Any, x: Any) -> Any:
    return self.c(self.b(self.a(x), training=True))


DEFAULTS = ((None, None), (False, None), (True, False), (NOT_GIVEN, True))
CALLS = (asks, does_not_ask, true_by_default, says_false, says_none, says_true_last)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("defaults", DEFAULTS)
def test_the_layers_of_a_subclass_hear_what_they_hear_in_keras(call: Any, defaults: Any) -> None:
    def script(k: Any) -> Any:
        heard: list[Any] = []
        parts = [listener(k, heard, each)(name=n) for n, each in zip("ab", defaults, strict=True)]
        return ways(k, heard, outer(k, call, *parts, k.layers.Dense(3)))

    record.same("training: subclasses", script(keras), script(minidense))


@pytest.mark.parametrize("kind", ["functional", "sequential", "unbuilt", "int input"])
@pytest.mark.parametrize("defaults", DEFAULTS)
def test_the_layers_of_a_graph_hear_what_was_recorded(kind: str, defaults: Any) -> None:
    def script(k: Any) -> Any:
        heard: list[Any] = []
        a, b = [listener(k, heard, each)(name=n) for n, each in zip("ab", defaults, strict=True)]
        layers = [a, b, k.layers.Dense(3)]
        if kind == "unbuilt":
            return ways(k, heard, k.Sequential(layers))
        inputs = k.Input((3,), dtype="int32" if kind == "int input" else "float32")
        if kind == "sequential":
            return ways(k, heard, k.Sequential([inputs, *layers]))
        outputs = inputs
        for layer in layers:
            outputs = layer(outputs)
        return ways(k, heard, k.Model(inputs, outputs))

    record.same("training: graphs", script(keras), script(minidense))


@pytest.mark.parametrize("said", [None, True, False])
def test_what_was_said_in_a_graph_is_recorded_and_the_call_says_more(said: Any) -> None:
    def script(k: Any) -> Any:
        heard: list[Any] = []
        first, second = listener(k, heard, None)(name="a"), listener(k, heard, False)(name="b")
        inputs = k.Input((3,))
        model = k.Model(inputs, k.layers.Dense(3)(second(first(inputs, training=said))))
        nodes = [layer._inbound_nodes[0] for layer in (first, second)]
        recorded = [node.kwargs if k is minidense else node.arguments.kwargs for node in nodes]
        return ways(k, heard, model), recorded

    record.same("training: recorded", script(keras), script(minidense))


@in_both
def test_a_sequential_that_is_built_within_a_call_records_what_the_call_was_told(k):
    def told(has_build, training):
        heard = []
        inner = k.Sequential([listener(k, heard, False)(name="a"), k.layers.Dense(1)])
        build = {"build": lambda self, shape: None} if has_build else {}
        model = outer(k, lambda self, x, training=None: self.a(x), inner, **build)
        model(X, training=training)
        heard.clear()
        model(X)
        return heard

    return [told(has_build, training) for has_build in (False, True) for training in (None, True)]


@in_both
def test_a_layer_that_calls_itself_ends_what_is_said(k):
    heard = []

    class Twice(k.layers.Layer):
        def __init__(self):
            super().__init__()
            self.part, self.calls = listener(k, heard, None)(name="a"), 0

        def call(self, x, training=None):
            self.calls += 1
            if self.calls == 1:
                x = self(x)
            return self.part(x)

    Twice()(X, training=True)
    return heard


@in_both
def test_a_required_training_is_asked_for_before_the_callers_is_looked_at(k):
    class Required(k.layers.Layer):
        def call(self, x, training):
            return x

    def error(action):
        try:
            action()
        except TypeError:
            return "TypeError"
        return "none"

    around = outer(k, lambda self, x, training=None: self.a(x), Required())
    return [
        error(lambda: Required()(X)),
        error(lambda: Required()(X, training=True)),
        error(lambda: around(X, training=True)),
    ]


@in_both
def test_what_is_no_truth_is_handed_on_as_it_is(k):
    heard = []
    layer = listener(k, heard, None)(name="a")
    for value in (1, 0, "yes"):
        layer(X, training=value)
    return heard


@in_both
def test_a_layer_as_activation_is_told_what_the_dense_is_told(k):
    heard = []
    dense = k.layers.Dense(2, activation=listener(k, heard, None)(name="a"))
    dense(X)
    dense(X, training=True)
    k.Sequential([k.Input((3,)), dense])(X, training=False)
    return heard


@in_both
def test_a_layer_in_a_loss_is_told_nothing(k):
    heard = []
    layer = listener(k, heard, None)(name="a")
    model = k.Sequential([k.Input((3,)), k.layers.Dense(3)])
    model.compile("sgd", loss=lambda y, y_pred: k.ops.mean(layer(y_pred), axis=-1))
    model.fit(X, X, verbose=0)
    return heard


@in_both_but_for_warnings
def test_an_error_in_a_call_leaves_nothing_said(k):
    heard = []

    class Failing(k.layers.Layer):
        def call(self, x, training=None):
            raise KeyError("no")

    layer = listener(k, heard, None)(name="a")
    model = outer(k, lambda self, x, training=None: self.b(self.a(x)), layer, Failing())
    try:
        model(X, training=True)
    except KeyError:
        heard.append("KeyError")
    layer(X)
    return heard


# Random trees of layers


def random_tree(draw: random.Random, depth: int, ids: list[int]) -> dict[str, Any]:
    """Return a layer with layers in it: who asks for `training`, and what is said to whom."""
    kinds = ["leaf"] if depth == 0 else ["block", "block", "functional", "sequential", "leaf"]
    ids.append(1)
    node: dict[str, Any] = {"kind": draw.choice(kinds), "id": len(ids), "children": []}
    asks = draw.random() < 0.65
    node["default"] = draw.choice([None, None, False, True]) if asks else NOT_GIVEN
    if node["kind"] != "leaf":
        for _ in range(draw.randint(1, 3)):
            said = [NOT_GIVEN, NOT_GIVEN, NOT_GIVEN, None, True, False]
            if asks and node["kind"] == "block":
                said += ["its own", "its own"]
            how = draw.choice(said) if node["kind"] != "sequential" else NOT_GIVEN
            node["children"].append((random_tree(draw, depth - 1, ids), how))
    return node


def made(k: Any, node: dict[str, Any], heard: list[Any]) -> Any:
    """Make the layers of a tree in a library."""
    children = [(made(k, child, heard), how) for child, how in node["children"]]
    if node["kind"] == "sequential":
        return k.Sequential([k.Input((3,)), *[child for child, _ in children]])
    if node["kind"] == "functional":
        outputs = inputs = k.Input((3,))
        for child, how in children:
            outputs = child(outputs, **({} if how == NOT_GIVEN else {"training": how}))
        return k.Model(inputs, outputs)

    def run(self: Any, x: Any, training: Any) -> Any:
        if node["default"] != NOT_GIVEN:
            heard.append((node["id"], training))
        for child, how in zip(self.children, [how for _, how in children], strict=True):
            value = training if how == "its own" else how
            x = child(x, **({} if how == NOT_GIVEN else {"training": value}))
        return x * 1

    asks = node["default"] != NOT_GIVEN
    names: dict[str, Any] = {"run": run}
    signature = f", training={node['default']}" if asks else ""
    given = "training" if asks else "None"
    exec(f"def call(self, x{signature}):\n    return run(self, x, {given})", names)
    layer = type("Node", (k.layers.Layer,), {"call": names["call"]})()
    layer.children = [child for child, _ in children]
    layer.built = True
    return layer


@pytest.mark.parametrize("seed", range(60))
def test_a_random_tree_of_layers_hears_what_it_hears_in_keras(seed: int) -> None:
    tree = random_tree(random.Random(seed), 3, [])

    def script(k: Any) -> Any:
        heard: list[Any] = []
        layer = made(k, tree, heard)
        table = []
        for training in (NOT_GIVEN, None, True, False):
            heard.clear()
            layer(X, **({} if training == NOT_GIVEN else {"training": training}))
            table.append(list(heard))
        return table

    record.same("training: random trees", script(keras), script(minidense), code=f"seed {seed}")
