"""Configurations: what is written can be read again, and what is broken or hostile is refused."""

import copy
import json
from typing import Any

import numpy as np
import pytest

import minidense
from minidense import Input, Layer, Model, Sequential, initializers, layers, models
from minidense.models.functional import Functional
from minidense.nest import flatten, pack_like


def row() -> Sequential:
    return Sequential(
        [Input((2, 3)), layers.Flatten(), layers.Dense(4, "relu"), layers.Dropout(0.5, seed=3)],
        name="row",
    )


def graph() -> Any:
    left, right = Input((4,), name="left"), Input((4,), name="right")
    shared = layers.Dense(4)
    inner_input = Input((4,))
    inner = Model(inner_input, layers.Dense(4, "tanh")(inner_input), name="inner")
    twice = inner(inner(shared(left)))
    outputs = {"a": layers.Softmax()(twice), "b": [layers.Dropout(0.5)(shared(right))]}
    return Model({"left": left, "right": right}, outputs, name="graph")


def rows_for(model: Any) -> list[Any]:
    rng = np.random.default_rng(1)
    return [rng.normal(size=(5, *tensor.shape[1:])).astype("float32") for tensor in model.inputs]


def computed(model: Any, training: bool = False) -> list[Any]:
    arrays = rows_for(model)
    x = pack_like(model.input, arrays) if isinstance(model, Functional) else arrays[0]
    return flatten(model(x, training=training))


class Scale(Layer):
    def __init__(self, factor: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, inputs: Any, training: bool | None = False) -> Any:
        return self.factor * inputs


@pytest.mark.parametrize("make", [row, graph])
def test_a_model_read_again_has_the_same_configuration_and_the_same_outputs(make: Any) -> None:
    model = make()
    for config in (model.get_config(), json.loads(json.dumps(model.get_config()))):
        kept = copy.deepcopy(config)
        read = type(model).from_config(config)
        assert config == kept
        assert read.get_config() == model.get_config()
        assert read.count_params() == model.count_params()
        assert not np.array_equal(read.get_weights()[0], model.get_weights()[0])
        read.set_weights(model.get_weights())
        for again, written in zip(computed(read), computed(model), strict=True):
            np.testing.assert_array_equal(again, written)


def test_a_seeded_dropout_read_again_draws_the_same_masks() -> None:
    model = row()
    read = Sequential.from_config(model.get_config())
    read.set_weights(model.get_weights())
    for _ in range(2):
        first, second = computed(model, training=True)[0], computed(read, training=True)[0]
        np.testing.assert_array_equal(first, second)


def test_a_model_read_again_can_be_trained() -> None:
    minidense.utils.set_random_seed(1)  # not one where all units are off
    model = models.model_from_json(row().to_json())
    assert not model.compiled
    model.compile("sgd", "mse")
    before = model.get_weights()
    model.fit(np.ones((8, 2, 3)), np.zeros((8, 4)), verbose=0)
    assert not np.array_equal(model.get_weights()[0], before[0])


def test_json_takes_what_dumps_takes() -> None:
    model = row()
    assert json.loads(model.to_json(indent=1)) == json.loads(model.to_json())
    assert model.to_json(indent=1).startswith('{\n "module": "keras"')


def test_an_unbuilt_model_stays_unbuilt_and_a_built_one_is_built_for_its_shape() -> None:
    model = Sequential([layers.Dense(2)])
    assert "build_input_shape" not in model.get_config()
    assert not Sequential.from_config(model.get_config()).built
    model.build((None, 3))
    assert model.get_config()["build_input_shape"] == (None, 3)
    assert Sequential.from_config(model.get_config()).input_shape == (None, 3)


def test_a_shape_alone_builds_what_has_no_input() -> None:
    config = Sequential([layers.Dense(2)]).get_config()
    model = Sequential.from_config({**config, "build_input_shape": [None, 3]})
    assert model.input_shape == (None, 3)


def test_frozen_layers_are_read_frozen() -> None:
    model = row()
    model.trainable = False
    read = Sequential.from_config(model.get_config())
    assert read.trainable_weights == []
    assert read.trainable  # as in Keras, that of a Sequential itself is not read
    functional = graph()
    functional.trainable = False
    assert Model.from_config(functional.get_config()).trainable is False


def test_a_call_with_training_keeps_it() -> None:
    x = Input((4,))
    model = Model(x, layers.Dropout(0.5, seed=1)(x, training=True))
    read = Model.from_config(model.get_config())
    assert (flatten(read(*rows_for(read)))[0] == 0).any()
    calls = model.get_config()["layers"][1]["inbound_nodes"]
    assert [call["kwargs"] for call in calls] == [{"training": True}]
    clone = models.clone_model(model)
    assert clone.get_config()["layers"][1]["inbound_nodes"][0]["kwargs"] == {"training": True}


def test_only_calls_of_the_model_are_written_and_counted() -> None:
    x, other, dense = Input((4,)), Input((4,)), layers.Dense(2)
    dense(other)
    config = Model(x, dense(x)).get_config()
    assert len(config["layers"][1]["inbound_nodes"]) == 1
    assert config["output_layers"] == [dense.name, 0, 0]


def test_a_layer_is_built_again_for_the_shape_that_it_was_built_for() -> None:
    layer = layers.Dense(2)
    assert layer.get_build_config() is None
    assert "build_config" not in layers.serialize(layer)
    layer.build((None, 3))
    written = layers.serialize(layer)
    assert written["build_config"] == {"input_shape": (None, 3)}
    read = layers.deserialize(json.loads(json.dumps(written)))
    assert read.built
    assert read.get_build_config() == {"input_shape": (None, 3)}


def test_a_plain_argument_of_ones_own_class_is_its_configuration() -> None:
    config = Scale(3.0, name="mine").get_config()
    assert (config["factor"], config["name"], config["trainable"]) == (3.0, "mine", True)
    assert Scale.from_config(config).factor == 3.0


def test_other_arguments_need_a_get_config() -> None:
    with pytest.raises(NotImplementedError, match="Define `get_config"):
        Scale(np.ones(2)).get_config()  # type: ignore[arg-type]


def test_a_class_of_ones_own_is_made_only_if_it_is_named() -> None:
    model = Sequential([Input((2,)), Scale(2.0)])
    with pytest.raises(TypeError, match=r"'Scale' is not known.*custom_objects"):
        Sequential.from_config(model.get_config())
    for read in (
        Sequential.from_config(model.get_config(), custom_objects={"Scale": Scale}),
        models.model_from_json(model.to_json(), custom_objects={"Scale": Scale}),
        layers.deserialize(layers.serialize(model), custom_objects={"Scale": Scale}),
    ):
        np.testing.assert_array_equal(read(np.ones((1, 2))), [[2.0, 2.0]])
    with pytest.raises(TypeError, match="not known"):  # the names are forgotten again
        Sequential.from_config(model.get_config())


def test_functions_and_initializers_of_ones_own_are_found_by_name() -> None:
    def double(x: Any) -> Any:
        return 2 * x

    class Twos(initializers.Initializer):
        def __call__(self, shape: Any, dtype: str | None = None) -> Any:
            return np.full(shape, 2, dtype)

    written = layers.serialize(layers.Dense(1, kernel_initializer=Twos()))
    function = {"module": "builtins", "class_name": "function", "config": "double"}
    written["config"]["activation"] = {**function, "registered_name": "function"}
    layer = layers.deserialize(written, custom_objects={"double": double, "Twos": Twos})
    np.testing.assert_array_equal(layer(np.ones((1, 3), "float32")), [[12.0]])
    with pytest.raises(TypeError, match="Dense cannot be made"):
        layers.deserialize(written)


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (np.float32(0.5), 0.5),
        ((1, [None, True]), (1, [None, True])),
        (
            np.ones(2, "int32"),
            {"class_name": "__numpy__", "config": {"value": [1, 1], "dtype": "int32"}},
        ),
    ],
    ids=str,
)
def test_values_of_a_configuration_become_plain(value: Any, plain: Any) -> None:
    class Keeps(Scale):
        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "value": value}

    written = layers.serialize(Keeps(1.0))["config"]["value"]
    assert (type(written), json.dumps(written)) == (type(plain), json.dumps(plain))


def test_what_has_no_configuration_is_refused() -> None:
    with pytest.raises(TypeError, match="of type object cannot stand"):
        layers.serialize(object())

    class Wrong(Scale):
        def get_config(self) -> Any:
            return 3

    with pytest.raises(TypeError, match=r"must return a dict\. Received: 3"):
        layers.serialize(Wrong(1.0))


# Hostile configurations

DENSE = layers.serialize(layers.Dense(2, name="dense"))


@pytest.mark.parametrize(
    ("config", "error", "words"),
    [
        (None, ValueError, "must be a dict with 'class_name'"),
        ([DENSE], ValueError, "must be a dict with 'class_name'"),
        ({"class_name": "Dense"}, ValueError, "must be a dict with 'class_name'"),
        (
            {**DENSE, "class_name": "Conv2D"},
            ValueError,
            "no class 'keras.layers.Conv2D'. It has: A",
        ),
        ({**DENSE, "module": "keras.src.utils"}, ValueError, "no class 'keras.src.utils.Dense'"),
        ({**DENSE, "module": "os", "class_name": "system"}, TypeError, "'system' is not known"),
        ({**DENSE, "module": "minidense.layers"}, TypeError, "'Dense' is not known"),
        ({**DENSE, "class_name": ["Dense"]}, TypeError, "named by texts"),
        ({**DENSE, "registered_name": "x"}, ValueError, "has no registered name"),
        ({**DENSE, "config": 3}, TypeError, "must be a dict of the arguments"),
        ({**DENSE, "config": {"units": "9" * 99}}, TypeError, "Dense cannot be made"),
        ({**DENSE, "config": {"units": 2, "__class__": 3}}, TypeError, "Dense cannot be made"),
        (
            {**DENSE, "build_config": 3},
            TypeError,
            "`build_config` must be a dict for layer 'dense'",
        ),
        ({**DENSE, "build_config": {"input_shape": 3}}, TypeError, "Expected a shape"),
    ],
    ids=str,
)
def test_only_a_layer_that_is_known_is_made(config: Any, error: Any, words: str) -> None:
    with pytest.raises(error, match=words):
        layers.deserialize(config)


def test_objects_of_ones_own_come_in_a_dict_and_can_be_made() -> None:
    written = layers.serialize(Scale(1.0))
    with pytest.raises(TypeError, match="`custom_objects` must be a dict"):
        layers.deserialize(written, custom_objects=[Scale])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="has no `from_config`"):
        layers.deserialize(written, custom_objects={"Scale": 3})

    class Number:
        @classmethod
        def from_config(cls, config: Any) -> int:
            return len(config)

    with pytest.raises(ValueError, match="which is no layer"):
        layers.deserialize(written, custom_objects={"Scale": Number})


@pytest.mark.parametrize("text", ["null", "3", '"Dense"', "{", "[" * 10**5])
def test_a_text_that_describes_no_model_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"dict|property|nested"):
        models.model_from_json(text)
    with pytest.raises(TypeError):
        models.model_from_json(None)  # type: ignore[arg-type]


def test_a_configuration_nested_too_deeply_is_a_value_error() -> None:
    config = Sequential([layers.Dense(1)]).get_config()
    for depth in range(2000):
        inner = {**DENSE, "module": "keras", "class_name": "Sequential", "config": config}
        config = {"name": f"s{depth}", "layers": [inner]}
    with pytest.raises((ValueError, TypeError), match=r"nested too deeply|cannot be made"):
        Sequential.from_config(config)


def edited(config: Any, path: list[Any], value: Any) -> Any:
    config = copy.deepcopy(config)
    part = config
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = value
    return config


CALL = ["layers", 2, "inbound_nodes", 0]
FIRST_NAME = ["layers", 2, "inbound_nodes", 0, "args", 0, "config", "keras_history"]


@pytest.mark.parametrize(
    ("path", "value", "error", "words"),
    [
        (["layers"], 3, TypeError, "'layers' must be a list"),
        (["layers", 2], None, TypeError, "A layer is written as a dict"),
        (["layers", 2, "name"], "left", ValueError, "should be unique"),
        (["layers", 2, "name"], 3, TypeError, "name is a text"),
        (["layers", 2, "inbound_nodes"], None, TypeError, "'inbound_nodes' must be a list"),
        (["input_layers"], ["left", 0], ValueError, "named by a layer, the number"),
        (["input_layers"], ["left", 1, 0], ValueError, "a call of 'left' that is not made"),
        (["input_layers"], ["left", -1, 0], ValueError, r"no tensor \[-1, 0\]"),
        (["input_layers"], ["nowhere", 0, 0], ValueError, "'nowhere', which is not there"),
        (["output_layers"], None, TypeError, "'output_layers' must be a list or a dict"),
        (CALL, [["left", 0, 0]], ValueError, "a dict with 'args' and 'kwargs'"),
        ([*CALL, "args"], [3], ValueError, "must hold a tensor"),
        ([*CALL, "kwargs"], 3, TypeError, "'kwargs' must be a dict"),
        ([*CALL, "kwargs"], {"mask": 3}, ValueError, "computes no masks"),
        ([*CALL, "kwargs"], {"nope": 3}, TypeError, "unexpected keyword argument 'nope'"),
        (FIRST_NAME, ["left", 0], ValueError, "named by a layer, the number"),
        (FIRST_NAME, ["left", True, 0], TypeError, "a text and two integers"),
        (FIRST_NAME, ["left", 0, 7], ValueError, r"no tensor \[0, 7\]"),
        (FIRST_NAME, ["shared", 1, 0], ValueError, "form a loop.*'shared'"),
    ],
    ids=str,
)
def test_a_broken_graph_says_what_is_wrong(
    path: list[Any], value: Any, error: Any, words: str
) -> None:
    x = Input((4,), name="left")
    y = Input((4,), name="right")
    shared = layers.Dense(4, name="shared")
    config = json.loads(json.dumps(Model([x, y], [shared(x), shared(y)]).get_config()))
    assert config["layers"][2]["name"] == "shared"
    Model.from_config(config)
    with pytest.raises(error, match=words):
        Model.from_config(edited(config, path, value))


def test_a_dict_goes_into_a_model_as_the_dict_that_it_was() -> None:
    a, b, x, y = Input((2,), name="a"), Input((2,), name="b"), Input((2,)), Input((2,))
    inner = Model({"a": a, "b": b}, layers.Dense(1)(a))
    config = Model([x, y], inner({"b": y, "a": x})).get_config()
    (call,) = config["layers"][-1]["inbound_nodes"]
    assert list(call["args"][0]) == ["b", "a"]
    listed = Model([a, b], layers.Dense(1)(b))
    config = Model([x, y], listed({"b": y, "a": x})).get_config()
    (call,) = config["layers"][-1]["inbound_nodes"]
    assert list(call["args"][0]) == ["b", "a"]


def test_a_dict_for_a_model_of_a_list_goes_by_the_names_and_not_by_their_order() -> None:
    b, a = Input((3,), name="b"), Input((2,), name="a")
    inner = Model([b, a], [layers.Dense(1)(b), layers.Dense(1)(a)])
    x, y = Input((2,)), Input((3,))
    assert len(inner({"a": x, "b": y})) == 2  # in the order of the keys the shapes would not fit


def test_the_calls_of_a_functional_model_count_from_one_at_the_ends() -> None:
    x, y = Input((2,)), Input((2,))
    inner = Model(x, layers.Dense(2)(x), name="inner")
    model = Model(y, [inner(y), inner(inner(y))])
    config = model.get_config()
    assert config["output_layers"] == [["inner", 1, 0], ["inner", 3, 0]]
    assert Model.from_config(config).get_config() == config


def test_an_inner_tensor_is_not_both_ends_of_a_model() -> None:
    middle = layers.Dense(2)(Input((3,)))
    with pytest.raises(ValueError, match="not connected"):
        Model(middle, middle)


# Clones


@pytest.mark.parametrize("make", [row, graph])
def test_a_clone_is_the_same_model_with_weights_of_its_own(make: Any) -> None:
    model = make()
    clone = models.clone_model(model)
    assert clone.get_config() == model.get_config()
    assert not {id(w) for w in clone.weights} & {id(w) for w in model.weights}
    clone.set_weights(model.get_weights())
    for again, written in zip(computed(clone), computed(model), strict=True):
        np.testing.assert_array_equal(again, written)


def test_the_functions_of_a_clone_see_every_layer_and_every_call() -> None:
    made, called = [], []

    def clone(layer: Layer) -> Layer:
        made.append(layer.name)
        return type(layer).from_config(layer.get_config())

    def call(layer: Layer, *args: Any, **kwargs: Any) -> Any:
        called.append(layer.name)
        return layers.ReLU()(layer(*args, **kwargs))

    model = graph()
    cloned = models.clone_model(model, clone_function=clone, call_function=call, recursive=True)
    assert sum(isinstance(layer, layers.ReLU) for layer in cloned.layers) == 6
    assert len(called) == 7
    assert len(made) == 4  # the model inside is made of its own clones
    models.clone_model(row(), clone_function=clone)
    assert len(made) == 7


def test_a_model_of_ones_own_is_cloned_by_its_arguments() -> None:
    class Own(Model):
        def __init__(self, units: int, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.dense = layers.Dense(units)

        def call(self, inputs: Any, training: bool | None = None) -> Any:
            return self.dense(inputs)

    model = Own(3, name="own")
    clone = models.clone_model(model)
    assert (clone.name, clone.dense.units) == ("own", 3)
    with pytest.raises(ValueError, match="`clone_function` is for"):
        models.clone_model(model, clone_function=lambda layer: layer)
    with pytest.raises(ValueError, match="`call_function` is for functional models only"):
        models.clone_model(row(), call_function=lambda layer, x: layer(x))
    with pytest.raises(ValueError, match="`model` must be a model"):
        models.clone_model(3)


# What a call was given besides its inputs


def recorded(model: Any) -> dict[str, Any]:
    """The keywords of each layer's first call, as a configuration has them."""
    calls = {layer["name"]: layer["inbound_nodes"] for layer in model.get_config()["layers"]}
    return {name: found[0]["kwargs"] for name, found in calls.items() if found}


def test_an_empty_mask_is_recorded_unless_the_input_was_cast() -> None:
    inputs = Input((2,))
    cast = layers.Softmax(name="cast", dtype="float64")(inputs)
    plain = layers.Softmax(name="plain")(inputs)
    model = Model(inputs, [cast, plain])
    assert recorded(model) == {"cast": {}, "plain": {"mask": None}}
    assert recorded(Model.from_config(model.get_config())) == recorded(model)
    assert recorded(models.clone_model(model)) == recorded(model)


def test_a_clone_that_casts_its_input_still_records_the_mask_of_the_first_call() -> None:
    inputs = Input((2,))
    model = Model(inputs, layers.Softmax(name="plain")(inputs))
    clone = models.clone_model(
        model, clone_function=lambda layer: layers.Softmax(name="cast", dtype="float64")
    )
    assert recorded(clone) == {"cast": {"mask": None}}
