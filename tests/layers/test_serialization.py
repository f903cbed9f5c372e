"""Configurations of layers, written and read again: keys, defaults, and what is refused."""

from typing import Any

import numpy as np
import pytest

from minidense import Input, Layer, Model, Sequential, initializers, layers
from minidense.layers import serialization
from minidense.names import reset_names

POLICY = {
    "module": "keras",
    "class_name": "DTypePolicy",
    "config": {"name": "float32"},
    "registered_name": None,
}
DENSE = layers.serialize(layers.Dense(2, name="dense"))


class Scale(Layer):
    def __init__(self, factor: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, inputs: Any) -> Any:
        return self.factor * inputs


class Filled(initializers.Initializer):
    def __init__(self, value: float = 2.0) -> None:
        self.value = value

    def __call__(self, shape: Any, dtype: str | None = None) -> Any:
        return np.full(shape, self.value, dtype)

    def get_config(self) -> dict[str, Any]:
        return {"value": self.value}


def double(x: Any) -> Any:
    return 2 * x


def message_of(config: Any, custom_objects: Any = None) -> str:
    with pytest.raises((TypeError, ValueError)) as raised:
        layers.deserialize(config, custom_objects)
    return f"{raised.type.__name__}: {raised.value}"


# Writing


def test_a_class_of_ones_own_is_written_with_its_module_and_its_name() -> None:
    config = {"name": "mine", "trainable": True, "dtype": POLICY, "factor": 2.0}
    written = layers.serialize(Scale(2.0, name="mine"))
    assert written == {
        "module": __name__,
        "class_name": "Scale",
        "config": config,
        "registered_name": "Scale",
    }


def test_a_class_of_the_main_program_is_written_without_a_module() -> None:
    main = type("Scale", (Scale,), {"__module__": "__main__"})
    written = layers.serialize(main(2.0))
    assert (written["module"], written["registered_name"]) == (None, "Scale")


def test_a_class_made_known_is_written_with_its_first_module_and_read_from_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for attribute in ("KNOWN", "_written_as"):
        monkeypatch.setattr(serialization, attribute, dict(getattr(serialization, attribute)))
    serialization.make_known(Scale, "keras.first", "keras.second", registered_name="own>Scale")
    written = layers.serialize(Scale(2.0))
    assert (written["module"], written["registered_name"]) == ("keras.first", "own>Scale")
    for module in ("keras.first", "keras.second"):
        read: Any = layers.deserialize({**written, "module": module, "registered_name": None})
        assert type(read) is Scale
        assert read.factor == 2.0
    serialization.make_known(Scale, "keras.third")
    written = layers.serialize(Scale(2.0))
    assert (written["module"], written["registered_name"]) == ("keras.third", None)


def test_a_model_is_written_with_an_empty_configuration_of_its_compiling() -> None:
    model = Sequential([layers.Dense(1)], name="row")
    written = layers.serialize(model)
    assert written.keys() == {
        "module",
        "class_name",
        "config",
        "registered_name",
        "compile_config",
    }
    assert written["compile_config"] == {}
    assert "compile_config" not in DENSE


def test_a_symbolic_tensor_is_written_with_its_history() -> None:
    assert layers.serialize(Input((3,), name="in", dtype="int32")) == {
        "class_name": "__keras_tensor__",
        "config": {"shape": (None, 3), "dtype": "int32", "keras_history": ["in", 0, 0]},
    }


def test_functions_and_initializers_are_written_by_name() -> None:
    assert layers.serialize(double) == {
        "module": "builtins",
        "class_name": "function",
        "config": "double",
        "registered_name": "function",
    }
    assert layers.serialize(Filled(3.0)) == {
        "module": __name__,
        "class_name": "Filled",
        "config": {"value": 3.0},
        "registered_name": "Filled",
    }


def test_an_initializer_that_cannot_be_called_is_written_too() -> None:
    class Uncallable(initializers.Initializer):
        __call__ = None  # type: ignore[assignment]

    assert layers.serialize(Uncallable())["class_name"] == "Uncallable"


def test_the_message_of_what_cannot_be_written() -> None:
    with pytest.raises(TypeError) as raised:
        layers.serialize(object())
    assert str(raised.value) == (
        "An object of type object cannot stand in a configuration: it is no layer, number, text "
        "or array."
    )


# Reading


def test_class_name_and_config_are_enough_for_ones_own() -> None:
    config = {"class_name": "Scale", "config": {"factor": 3.0}}
    read: Any = layers.deserialize(config, {"Scale": Scale})
    assert read.factor == 3.0


def test_a_config_of_none_is_one_without_arguments() -> None:
    config = {"module": "keras.layers", "class_name": "ReLU", "config": None}
    assert isinstance(layers.deserialize(config), layers.ReLU)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (
            "x" * 300,
            "ValueError: The configuration of a layer must be a dict with 'class_name' and "
            "'config', as `layers.serialize` returns. Received: '" + "x" * 56 + "....",
        ),
        (
            {**DENSE, "module": "k" * 200, "class_name": 5},
            "TypeError: A class is named by texts. Received: ('" + "k" * 115 + "....",
        ),
        (
            {**DENSE, "registered_name": "own>Dense"},
            "ValueError: 'keras.layers.Dense' is Keras's own and has no registered name. "
            "Received: registered_name='own>Dense'.",
        ),
        (
            {**DENSE, "class_name": "C" * 150},
            "ValueError: minidense has no class 'keras.layers." + "C" * 103 + ".... It has: "
            "Activation, Dense, Dropout, Flatten, Functional, InputLayer, Layer, Model, ReLU, "
            "Sequential, Softmax.",
        ),
        (
            {**DENSE, "module": "os", "class_name": "system"},
            "TypeError: The class 'system' is not known. If it is your own, pass it as "
            "custom_objects={name: class}.",
        ),
    ],
    ids=["no dict", "names", "registered", "unknown", "foreign"],
)
def test_the_message_of_what_cannot_be_read(config: Any, message: str) -> None:
    assert message_of(config) == message


def test_the_arguments_of_a_layer_come_in_a_dict() -> None:
    message = message_of({**DENSE, "config": ["units", 2]})
    assert message.startswith("TypeError: ")
    for fact in ("config", "'Dense'", "must be a dict", "['units', 2]"):
        assert fact in message


def test_the_messages_about_objects_of_ones_own() -> None:
    class Number:
        @classmethod
        def from_config(cls, config: Any) -> int:
            return len(config)

    config = {"class_name": "Mine", "config": {}, "registered_name": "own>Mine"}
    assert message_of(config, {"own>Mine": "a thing"}) == (
        "TypeError: What `custom_objects` has for 'Mine' cannot be made from a configuration: "
        "'a thing' has no `from_config`."
    )
    assert message_of(config, {"own>Mine": Number}) == (
        "ValueError: The configuration of 'Mine' gave 0, which is no layer."
    )


def test_a_function_of_ones_own_is_found_without_a_module() -> None:
    written = {**DENSE, "config": {"units": 1, "kernel_initializer": "ones"}}
    written["config"]["activation"] = {"class_name": "function", "config": "double"}
    layer = layers.deserialize(written, {"double": double})
    np.testing.assert_array_equal(layer(np.ones((1, 3), "float32")), [[6.0]])


@pytest.mark.parametrize("name", ["double", ["double"]])
def test_a_function_that_nobody_named_is_no_linear_activation(name: Any) -> None:
    function = {"class_name": "function", "config": name}
    message = message_of({**DENSE, "config": {"units": 1, "activation": function}})
    assert message.startswith("TypeError: A layer of class Dense cannot be made from its ")
    assert "Could not interpret activation function identifier" in message


def test_an_initializer_of_ones_own_is_made_with_its_arguments() -> None:
    written = layers.serialize(layers.Dense(1, kernel_initializer=Filled(3.0)))
    layer = layers.deserialize(written, {"Filled": Filled})
    np.testing.assert_array_equal(layer(np.ones((1, 2), "float32")), [[6.0]])
    written["config"]["kernel_initializer"]["config"] = None
    layer = layers.deserialize(written, {"Filled": Filled})
    np.testing.assert_array_equal(layer(np.ones((1, 2), "float32")), [[4.0]])


# The layers of a model, which old files name without a module


@pytest.mark.parametrize(
    ("config", "kind"),
    [
        ({"class_name": "Dense", "config": {"units": 2}}, layers.Dense),
        ({"class_name": "Sequential", "config": {"name": "s", "layers": []}}, Sequential),
    ],
    ids=["Dense", "Sequential"],
)
def test_a_layer_written_without_its_module_gets_kerass(config: Any, kind: Any) -> None:
    model = Sequential.from_config({"name": "row", "layers": [config]})
    assert type(model.layers[0]) is kind


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (3, "TypeError: A layer is written as a dict. Received: 3."),
        (
            {"config": {"units": 2}},
            "ValueError: The configuration of a layer must be a dict with 'class_name' and "
            "'config', as `layers.serialize` returns. Received: {'config': {'units': 2}}.",
        ),
        (
            {"class_name": "Own", "config": {}},
            "TypeError: The class 'Own' is not known. If it is your own, pass it as "
            "custom_objects={name: class}.",
        ),
        (
            {"module": None, "class_name": "Dense", "config": {"units": 2}},
            "TypeError: The class 'Dense' is not known. If it is your own, pass it as "
            "custom_objects={name: class}.",
        ),
        (
            {"module": "os", "config": {"units": 2}},
            "ValueError: The configuration of a layer must be a dict with 'class_name' and "
            "'config', as `layers.serialize` returns. "
            "Received: {'module': 'os', 'config': {'units': 2}}.",
        ),
    ],
    ids=["no dict", "no class", "own", "module None", "module alone"],
)
def test_the_message_of_a_layer_in_a_model_that_cannot_be_read(config: Any, message: str) -> None:
    with pytest.raises((TypeError, ValueError)) as raised:
        Sequential.from_config({"name": "row", "layers": [config]})
    assert f"{raised.type.__name__}: {raised.value}" == message


# What a class of one's own is made from again


def test_a_class_without_a_name_in_its_arguments_has_none_in_its_configuration() -> None:
    class Nameless(Layer):
        def __init__(self, factor: float) -> None:
            super().__init__()

    class Kwargs(Layer):  # an argument that is only called so
        def __init__(self, kwargs: int = 3) -> None:
            super().__init__()

    assert Nameless(2.0).get_config() == {"factor": 2.0, "trainable": True, "dtype": POLICY}
    assert Kwargs().get_config() == {"kwargs": 3, "trainable": True, "dtype": POLICY}


def test_a_class_that_takes_a_name_has_it_in_its_configuration() -> None:
    class Named(Layer):
        def __init__(self, factor: float = 2.0, name: str | None = None) -> None:
            super().__init__(name=name)

    reset_names()
    assert Named(factor=3.0).get_config()["factor"] == 3.0
    own = {"factor": 2.0, "trainable": True, "dtype": POLICY}
    assert Named().get_config() == {"name": "named_1", **own}
    assert Named(name="mine").get_config() == {"name": "mine", **own}
    assert Scale(2.0).get_config() == {"name": "scale", **own}


@pytest.mark.parametrize("argument", [np.ones(2), {1: 2, "one": 3}], ids=["array", "mixed keys"])
def test_the_message_of_arguments_that_are_not_plain(argument: Any) -> None:
    with pytest.raises(NotImplementedError) as raised:
        Scale(argument).get_config()
    assert str(raised.value) == (
        "Scale was made with arguments that are no plain texts, numbers, booleans, None or lists "
        "of them, so its configuration is not known. Define `get_config(self)` in Scale, and "
        "return {**super().get_config(), ...} with the arguments."
    )


def test_the_message_of_arguments_that_a_class_does_not_take() -> None:
    class Picky(Layer):
        def __init__(self, **kwargs: Any) -> None:
            raise ValueError("not these")

    with pytest.raises(TypeError) as raised:
        Picky.from_config({"a" * 300: 1})
    assert str(raised.value) == (
        "A layer of class Picky cannot be made from its configuration: not these"
    )


def test_the_message_of_a_build_config_that_is_no_dict() -> None:
    with pytest.raises(TypeError) as raised:
        layers.Dense(2, name="mine").build_from_config([3])  # type: ignore[arg-type]
    assert str(raised.value) == (
        "`build_config` must be a dict for layer 'mine'. Received: build_config=[3] of type list."
    )


@pytest.mark.parametrize(
    ("dtype", "keywords"), [("float32", [{"training": False}]), ("float64", [{}]), ("int32", [{}])]
)
def test_a_call_whose_input_is_cast_is_written_without_defaults(dtype: str, keywords: Any) -> None:
    inputs = Input((3,), dtype=dtype)
    model = Model(inputs, layers.Dropout(0.5, seed=1)(inputs))
    nodes = model.get_config()["layers"][1]["inbound_nodes"]
    assert [node["kwargs"] for node in nodes] == keywords
