"""Configurations of models: the same dicts in both libraries, and either reads the other's."""

import copy
import json
from collections.abc import Callable
from functools import cache
from typing import Any

import keras
import numpy as np
import pytest

import minidense
from minidense.models.functional import Functional
from minidense.nest import flatten, pack_like
from tests import record
from tests.in_both import attempt
from tests.reference_only import version

version("nearly every configuration has a key that came later; the board names them one by one.")

Library = Any

# Models, each made by a function of the library


def in_a_row(k: Library) -> Any:
    return k.Sequential([k.Input((4,)), k.layers.Dense(3, "relu"), k.layers.Dropout(0.5, seed=1)])


def without_an_input(k: Library) -> Any:
    return k.Sequential([k.layers.Flatten(), k.layers.Dense(3), k.layers.Softmax()])


def without_an_input_but_built(k: Library) -> Any:
    model = without_an_input(k)
    model.build((None, 2, 3))
    return model


def called_on_two_rows(k: Library) -> Any:
    model = without_an_input(k)
    model(np.ones((2, 2, 3), "float32"))
    return model


def empty(k: Library) -> Any:
    return k.Sequential(name="nothing")


def an_input_alone(k: Library) -> Any:
    return k.Sequential([k.Input((3,))])


def frozen_and_named(k: Library) -> Any:
    layers = [k.Input((3,), dtype="int32", batch_size=4), k.layers.Dense(2, trainable=False)]
    model = k.Sequential(layers, name="abc")
    model.trainable = False
    return model


def every_layer(k: Library) -> Any:
    layers = [
        k.Input((2, 3)),
        k.layers.Dense(2, "sigmoid", False, "ones", dtype="float64"),
        k.layers.ReLU(6, 0.1, 0.5),
        k.layers.Flatten("channels_first"),
        k.layers.Dense(4, "tanh", kernel_initializer=k.initializers.RandomUniform(-1, 1, seed=3)),
        k.layers.Dropout(0.25, noise_shape=(None, 1)),
        k.layers.Activation("sigmoid"),
        k.layers.Softmax(axis=(1,)),
    ]
    return k.Sequential(layers)


def in_each_other(k: Library) -> Any:
    inner = k.Sequential([k.layers.Dense(2)], name="inner")
    return k.Sequential([k.Input((3,)), k.Sequential([inner, k.layers.ReLU()]), k.layers.Dense(1)])


def in_each_other_unbuilt(k: Library) -> Any:
    return k.Sequential([k.Sequential([k.layers.Dense(2)], name="inner"), k.layers.Dense(2)])


def one_to_one(k: Library) -> Any:
    x = k.Input((4,))
    return k.Model(x, k.layers.Softmax()(k.layers.Dropout(0.5)(k.layers.Dense(2)(x))), name="m")


def lists_of_one(k: Library) -> Any:
    x = k.Input((4,), dtype="float64")
    return k.Model([x], [k.layers.Dense(2, dtype="float64")(x)], trainable=False)


def shared_layer(k: Library) -> Any:
    a, b = k.Input((4,), name="a"), k.Input((4,))
    shared, drop = k.layers.Dense(2), k.layers.Dropout(0.3)
    x, y = shared(a), shared(b, training=True)
    return k.Model([a, b], [x, y, drop(y, training=True), drop(x, training=False)])


def layer_on_its_own_output(k: Library) -> Any:
    x, twice = k.Input((4,)), k.layers.Dense(4)
    return k.Model(x, twice(k.layers.ReLU()(twice(x))))


def part_of_the_calls(k: Library) -> Any:
    x, y, shared = k.Input((4,)), k.Input((4,)), k.layers.Dense(2)
    shared(y)
    return k.Model(x, shared(x))


def dicts(k: Library) -> Any:
    a, b = k.Input((4,), name="a"), k.Input((3,), name="b")
    return k.Model({"b": b, "a": a}, {"out": k.layers.Dense(2)(a), "also": k.layers.Dense(2)(b)})


def nested_structures(k: Library) -> Any:
    a, b = k.Input((4,), name="a"), k.Input((3,), name="b")
    return k.Model((a, [b]), {"k": (k.layers.Dense(2)(a), [k.layers.Dense(2)(b)])})


def straight_through(k: Library) -> Any:
    x = k.Input((4,))
    return k.Model(x, x)


def from_the_middle(k: Library) -> Any:
    x = k.Input((4,))
    middle = k.layers.Dense(5)(x)
    return k.Model(middle, k.layers.Dense(2)(middle))


def models_in_a_model(k: Library) -> Any:
    a, x = k.Input((4,)), k.Input((4,))
    inner = k.Model(a, k.layers.Dense(4)(a), name="inner")
    row = k.Sequential([k.layers.Dense(4)], name="row")
    built_row = k.Sequential([k.Input((4,)), k.layers.Dense(4)], name="built_row")
    return k.Model(x, built_row(row(inner(inner(x), training=True)), training=True))


def a_row_that_its_first_call_makes_float64(k: Library) -> Any:
    x, row = k.Input((4,)), k.Sequential([k.layers.Dense(4, dtype="float64")], name="row")
    return k.Model(x, [row(x), row(x)])


def model_with_two_outputs_inside(k: Library) -> Any:
    a, b, x, y = (k.Input((4,)) for _ in range(4))
    inner = k.Model([a, b], [k.layers.Dense(2)(a), k.layers.Dense(2)(b)], name="two")
    left, right = inner([x, y])
    return k.Model([x, y], [k.layers.Dense(1)(left), right])


def model_of_dicts_inside(k: Library) -> Any:
    a, b, x, y = k.Input((4,), name="a"), k.Input((4,), name="b"), k.Input((4,)), k.Input((4,))
    inner = k.Model({"a": a, "b": b}, {"p": k.layers.Dense(2)(a), "q": k.layers.Dense(2)(b)})
    return k.Model([x, y], k.layers.Dense(1)(inner({"a": x, "b": y})["q"]))


BUILT: list[Callable[[Library], Any]] = [
    in_a_row,
    without_an_input_but_built,
    called_on_two_rows,
    frozen_and_named,
    every_layer,
    in_each_other,
    model_of_dicts_inside,
    one_to_one,
    lists_of_one,
    shared_layer,
    layer_on_its_own_output,
    part_of_the_calls,
    dicts,
    nested_structures,
    straight_through,
    from_the_middle,
    models_in_a_model,
    a_row_that_its_first_call_makes_float64,
    model_with_two_outputs_inside,
]
MODELS = [
    *BUILT,
    without_an_input,
    empty,
    an_input_alone,
    in_each_other_unbuilt,
]


@cache
def in_both(make: Callable[[Library], Any]) -> tuple[Any, Any]:
    """Return the model of Keras and that of minidense, with names from the start in each.

    No test changes them, and making them takes most of the time.
    """
    made = []
    for library in (keras, minidense):
        library.utils.clear_session()
        made.append(make(library))
    return made[0], made[1]


def by_name(make: Callable[[Library], Any]) -> str:
    return make.__name__


def read_again(model: Any, config: Any) -> Any:
    return type(model).from_config(config)


def summary_of(model: Any) -> str:
    lines: list[str] = []
    model.summary(print_fn=lambda text, **_: lines.append(text), expand_nested=True)
    return "\n".join(lines)


@pytest.mark.parametrize("make", MODELS, ids=by_name)
def test_a_model_has_kerass_configuration_key_by_key_and_in_order(make):
    theirs, ours = in_both(make)
    record.same("models: get_config", theirs.get_config(), ours.get_config(), code=make.__name__)
    record.same("models: to_json", theirs.to_json(), ours.to_json(), code=make.__name__)
    written = keras.layers.serialize(theirs), minidense.layers.serialize(ours)
    record.same("models: layers.serialize", *written, code=make.__name__)


@pytest.mark.parametrize("make", MODELS, ids=by_name)
def test_each_library_reads_what_the_other_has_written(make):
    theirs, ours = in_both(make)
    text_of_keras, text = json.dumps(theirs.get_config()), json.dumps(ours.get_config())
    wanted = json.dumps(read_again(theirs, json.loads(text)).get_config())
    read = read_again(ours, json.loads(text_of_keras)).get_config()
    record.same("models: from_config", wanted, json.dumps(read), code=make.__name__)
    unpacked = read_again(ours, theirs.get_config()).get_config()
    assert json.dumps(unpacked) == json.dumps(read)


@pytest.mark.parametrize("make", BUILT, ids=by_name)
def test_a_model_read_from_kerass_text_computes_as_the_one_that_was_written(make):
    theirs, ours = in_both(make)
    text = theirs.to_json()
    keras.utils.clear_session()
    minidense.utils.clear_session()
    read_by_keras, read = (lib.models.model_from_json(text) for lib in (keras, minidense))
    record.same("models: from_config: summary", summary_of(read_by_keras), summary_of(read))
    paths = [[weight.path for weight in model.weights] for model in (read_by_keras, read)]
    record.same("models: from_config: paths of weights", *paths)
    read.set_weights(ours.get_weights())
    rng = np.random.default_rng(0)
    arrays = [
        rng.integers(0, 9, [dim or 4 for dim in tensor.shape]).astype(tensor.dtype)
        for tensor in ours.inputs
    ]
    x = pack_like(ours.input, arrays) if isinstance(ours, Functional) else arrays[0]
    outputs = [flatten(model(x, training=False)) for model in (ours, read)]
    for written, again in zip(*outputs, strict=True):
        np.testing.assert_array_equal(written, again)


@pytest.mark.parametrize("make", [m for m in MODELS if m is not empty], ids=by_name)
def test_a_clone_has_kerass_configuration_and_initial_weights(make):
    configs, weights = [], []
    for library, model in zip((keras, minidense), in_both(make), strict=True):
        library.utils.set_random_seed(5)
        clone = library.models.clone_model(model)
        configs.append(clone.get_config())
        weights.append([np.asarray(value) for value in clone.get_weights()])
    record.same("models: clone_model", *map(json.dumps, configs), code=make.__name__)
    for theirs, ours in zip(*weights, strict=True):
        record.same("models: clone_model: weights", theirs, ours, code=make.__name__)


# Layers of one's own


def own_layers(k: Library) -> dict[str, Any]:
    """Return classes that differ in what is known of their arguments."""

    class Plain(k.Layer):
        def __init__(self, n, k=2, **kwargs):
            super().__init__(**kwargs)
            self.n = n

        def call(self, inputs):
            return inputs

    class OneName(Plain):
        def __init__(self, n):
            super().__init__(n)

    class Positions(Plain):
        def __init__(self, *args, **kwargs):
            super().__init__(1, **kwargs)

    class OtherRest(Plain):
        def __init__(self, n=1, **rest):
            super().__init__(n, **rest)

    class NoInit(k.Layer):
        def call(self, inputs, training=True):
            return inputs

    class TakesMask(k.Layer):
        def call(self, inputs, mask=None, training=False):
            return inputs

    class Written(Plain):
        def get_config(self):
            return {**k.Layer.get_config(self), "n": self.n, "numpy": np.float32(0.5)}

        @classmethod
        def from_config(cls, config):
            return cls(**{key: config[key] for key in config if key != "numpy"})

    class Around(k.Layer):
        def __init__(self, inner, **kwargs):
            super().__init__(**kwargs)
            self.inner = inner

        def call(self, inputs):
            return self.inner(inputs)

        def get_config(self):
            return {**super().get_config(), "inner": self.inner}

        @classmethod
        def from_config(cls, config):
            return cls(**{**config, "inner": k.layers.deserialize(config["inner"])})

    class OwnModel(k.Model):
        def __init__(self, units=2, **kwargs):
            super().__init__(**kwargs)
            self.dense = k.layers.Dense(units)

        def call(self, inputs):
            return self.dense(inputs)

    kinds = (Plain, OneName, Positions, OtherRest, NoInit, TakesMask, Written, Around, OwnModel)
    return {cls.__name__: cls for cls in kinds}


OWN: dict[str, Callable[[Library, dict[str, Any]], Any]] = {
    "arguments and defaults": lambda k, own: own["Plain"](3),
    "name and dtype": lambda k, own: own["Plain"](3, k=7, name="mine", dtype="float64"),
    "lists": lambda k, own: own["Plain"]([1, (2, None)], {"a": [True]}),
    "no name to give": lambda k, own: own["OneName"](3),
    "a rest by another name": lambda k, own: own["OtherRest"](3, name="lost"),
    "no __init__": lambda k, own: own["NoInit"](name="mine", trainable=False),
    "an object": lambda k, own: own["Plain"](object()),
    "an array": lambda k, own: own["Plain"](np.ones(2)),
    "positions": lambda k, own: own["Positions"](3),
    "no positions": lambda k, own: own["Positions"](),
    "a get_config": lambda k, own: own["Written"](3),
    "a model": lambda k, own: own["OwnModel"](name="mine", trainable=False),
}


def own_outcomes(k: Library, make: Callable[[Library, dict[str, Any]], Any]) -> list[Any]:
    """Return the configuration of a layer, in a model too, and what comes of reading it."""
    own = own_layers(k)
    layer = make(k, own)
    row = attempt(lambda: k.Sequential([k.Input((2,)), layer]).get_config())
    x = k.Input((2,))
    graph = attempt(lambda: k.Model(x, layer(x)).to_json())
    read = attempt(lambda: k.Sequential.from_config(row, custom_objects=own).get_config())
    unread = attempt(lambda: k.Sequential.from_config(row).get_config())
    return [attempt(layer.get_config), row, graph, read, unread]


@pytest.mark.parametrize("make", OWN.values(), ids=OWN)
def test_a_layer_of_ones_own_has_kerass_configuration(make):
    outcomes = []
    for library in (keras, minidense):
        library.utils.clear_session()
        outcomes.append(own_outcomes(library, make))
    for theirs, ours in zip(*outcomes, strict=True):
        record.same("models: layers of one's own", theirs, ours)


@pytest.mark.parametrize("kind", ["Plain", "OneName", "NoInit", "TakesMask", "OwnModel"])
def test_a_layer_of_ones_own_in_a_graph_is_read_by_either(kind):
    texts = []
    for library in (keras, minidense):
        library.utils.clear_session()
        own = own_layers(library)
        arguments = {"Plain": [3], "OneName": [3]}
        layer, x = own[kind](*arguments.get(kind, [])), library.Input((2,))
        model = library.Model(x, layer(layer(x), training=True))
        read = attempt(lambda m=model, o=own: type(m).from_config(m.get_config(), o).to_json())
        texts.append([model.to_json(), read])
    record.same("models: layers of one's own", *texts)


def test_a_layer_inside_a_layer_is_read_by_the_scope_around_it():
    for library in (keras, minidense):
        own = own_layers(library)
        layer = own["Around"](own["Written"](3, name="inner"), name="outer")
        written = library.layers.serialize(layer)
        assert written["config"]["inner"]["config"]["n"] == 3
        read = library.layers.deserialize(json.loads(json.dumps(written)), custom_objects=own)
        assert (read.name, read.inner.name, read.inner.n) == ("outer", "inner", 3)
        record.same("models: layers of one's own", written, library.layers.serialize(read))


def test_the_arguments_of_a_model_of_ones_own_are_kept_where_keras_takes_the_defaults():
    units = [own_layers(k)["OwnModel"](5).get_config()["units"] for k in (keras, minidense)]
    assert units == [2, 5]


# Configurations that are broken

MISSING = object()
LAMBDA = {"class_name": "__lambda__", "config": {"value": "4wEAAAA="}}
SYSTEM = {"class_name": "function", "module": "os", "config": "system", "registered_name": "system"}
EVAL = {**SYSTEM, "module": "builtins", "config": "eval", "registered_name": "function"}
NO_INITIALIZER = {"class_name": "Nope", "config": {}, "module": "keras.initializers"}

IN_A_LAYER: list[tuple[list[Any], Any]] = [
    *[(["layers"], value) for value in (None, 3)],
    *[(["layers", 0], value) for value in (None, 3)],
    *[(["layers", 1, "class_name"], value) for value in ("Nope", "Adam", ["a"], MISSING)],
    *[(["layers", 1, "module"], name) for name in ("os", "keras.optimizers", None, MISSING)],
    *[(["layers", 1, "registered_name"], value) for value in ("x", MISSING)],
    *[(["layers", 1, "config"], value) for value in (None, 3, {}, MISSING)],
    *[(["layers", 1, "config", "units"], value) for value in (-1, "x", None, MISSING)],
    (["layers", 1, "config", "extra"], 1),
    *[(["layers", 1, "config", "activation"], f) for f in ("nope", LAMBDA, SYSTEM, EVAL, 3)],
    *[(["layers", 1, "config", "kernel_initializer"], v) for v in ("nope", NO_INITIALIZER, 3)],
    (["layers", 1, "config", "dtype"], "nope"),
    *[(["layers", 1, "build_config"], {"input_shape": shape}) for shape in (3, [None, 5])],
    *[(["layers", 1, "build_config"], value) for value in ({}, None, MISSING, 3)],
    (["layers", 1, "config", "name"], "in"),
    (["layers", 1, "config", "name"], 3),
    *[(["layers", 0, "config", "batch_shape"], shape) for shape in (None, [None, -3])],
    (["name"], 3),
]
IN_A_ROW: list[tuple[list[Any], Any]] = [
    (["name"], MISSING),
    (["layers", 0], {}),
    *[(["build_input_shape"], value) for value in (3, [None, 7], MISSING)],
]
CALLS: list[Any] = ["layers", 1, "inbound_nodes"]
TENSOR: list[Any] = [*CALLS, 0, "args", 0]
HISTORY = [*TENSOR, "config", "keras_history"]
IN_A_GRAPH: list[tuple[list[Any], Any]] = [
    (["name"], MISSING),
    *[(["trainable"], value) for value in (None, MISSING)],
    *[(["input_layers"], end) for end in (MISSING, None, [], ["d", 0, 0], ["in", "a", 0])],
    *[(["output_layers"], end) for end in (MISSING, 3, [])],
    (["layers", 1, "name"], "in"),
    *[(CALLS, value) for value in (None, 3)],
    *[([*CALLS, 0, "args"], value) for value in (None, [])],
    *[([*CALLS, 0, "kwargs"], value) for value in (None, {"training": True}, {"nope": 1})],
    *[(TENSOR, value) for value in (3, None, "x")],
    ([*TENSOR, "class_name"], MISSING),
    *[(HISTORY, name) for name in (["nope", 0, 0], ["in", 1, 0], ["in", 0, 3], ["d", 0, 0])],
    *[(HISTORY, name) for name in (None, ["in", "a", 0], ["in"])],
    ([*TENSOR, "config", "shape"], [None, 9]),
    (["extra"], 1),
]
OURS: dict[str, tuple[list[tuple[list[Any], Any]], str]] = {
    "Keras falls over a missing key, or a tensor that is not there": (
        [
            (["layers", 0], {}),
            (["layers", 1, "name"], MISSING),
            (["layers", 1, "name"], "other"),
            (["layers"], []),
            (CALLS, MISSING),
            (CALLS, []),
            ([*CALLS, 0], {}),
            ([*CALLS, 0], None),
            ([*CALLS, 0, "args"], MISSING),
            ([*CALLS, 0, "kwargs"], MISSING),
            (HISTORY, MISSING),
            (["input_layers"], ["nope", 0, 0]),
            (["input_layers"], ["in", 5, 0]),
            (["input_layers"], ["in", 0, 5]),
            (["output_layers"], ["d", 0]),
            ([*TENSOR, "class_name"], "nope"),
        ],
        "ValueError",
    ),
    "Keras counts from the end, and reads what it has never written": (
        [(["input_layers"], ["in", -1, 0]), (HISTORY, ["in", -1, 0])],
        "ValueError",
    ),
    "Keras keeps any object as a flag": ([(["trainable"], "x")], "ValueError"),
    "a name is a text": (
        [(["layers", 1, "module"], 3), (["layers", 1, "name"], 3)],
        "TypeError",
    ),
}


def row(k: Library) -> Any:
    return k.Sequential([k.Input((4,), name="in"), k.layers.Dense(2, name="d")], name="t")


def graph(k: Library) -> Any:
    x = k.Input((4,), name="in")
    return k.Model(x, k.layers.Dense(2, name="d")(x), name="t")


ROW, GRAPH = (json.loads(json.dumps(make(keras).get_config())) for make in (row, graph))


def broken(config: Any, path: list[Any], value: Any) -> Any:
    """Return a configuration with one value replaced or taken out."""
    config = copy.deepcopy(config)
    part = config
    for key in path[:-1]:
        part = part[key]
    if value is MISSING:
        part.pop(path[-1], None)
    else:
        part[path[-1]] = copy.deepcopy(value)
    return config


def outcome(cls: Any, config: Any) -> str:
    """Return the class of the exception, or that there is none."""
    result = attempt(lambda: cls.from_config(copy.deepcopy(config)))
    return result if isinstance(result, str) else "a model"


def labels(value: Any) -> str:
    return "missing" if value is MISSING else str(value)[:40]


@pytest.mark.parametrize(("path", "value"), [*IN_A_LAYER, *IN_A_ROW], ids=labels)
def test_a_broken_row_of_layers_is_refused_with_kerass_class(path, value):
    config = broken(ROW, path, value)
    classes = [outcome(library.Sequential, config) for library in (keras, minidense)]
    record.same("models: errors of from_config", *classes, code=f"{path} = {value}")


@pytest.mark.parametrize(("path", "value"), [*IN_A_LAYER, *IN_A_GRAPH], ids=labels)
def test_a_broken_graph_is_refused_with_kerass_class(path, value):
    config = broken(GRAPH, path, value)
    classes = [outcome(library.Model, config) for library in (keras, minidense)]
    record.same("models: errors of from_config", *classes, code=f"{path} = {value}")


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [(*case, expected) for cases, expected in OURS.values() for case in cases],
    ids=labels,
)
def test_where_keras_fails_by_accident_minidense_says_what_is_wrong(path, value, expected):
    config = broken(GRAPH, path, value)
    assert outcome(minidense.Model, config) == f"raised {expected}"
    assert outcome(keras.Model, config) != f"raised {expected}"
