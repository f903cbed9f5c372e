"""InputLayer and Input: shapes under their several names, and what is refused."""

import numpy as np
import pytest

from minidense import Input
from minidense.layers import InputLayer
from minidense.names import reset_names
from tests.messages import message_of


def test_an_input_takes_its_shape_as_a_tuple_a_list_or_an_array():
    for shape in ((28, 28), [28, 28], np.array([28, 28])):
        assert Input(shape).shape == (None, 28, 28)


def test_the_defaults_of_an_input_layer_are_kerass() -> None:
    reset_names()
    assert InputLayer((3,)).get_config() == {
        "batch_shape": (None, 3),
        "dtype": "float32",
        "sparse": False,
        "ragged": False,
        "name": "input_layer",
        "optional": False,
    }


def test_an_input_layer_is_built_from_the_start() -> None:
    layer = InputLayer((3,), batch_size=2, name="mine")
    assert layer.built is True
    assert layer.get_config()["batch_shape"] == (2, 3)
    assert layer.get_config()["name"] == "mine"


def test_the_deprecated_names_of_an_input_layers_shapes() -> None:
    message = r"^Argument `input_shape` is deprecated\. Use `shape` instead\.$"
    with pytest.warns(UserWarning, match=message):
        layer = InputLayer(input_shape=(3,), batch_size=2)
    assert layer.batch_shape == (2, 3)
    assert InputLayer(batch_input_shape=(4, 3)).batch_shape == (4, 3)


def test_the_messages_of_an_input_layer() -> None:
    assert message_of(lambda: InputLayer((3,), name="mine")(np.ones((1, 3)))) == (
        "TypeError: InputLayer 'mine' takes no inputs: it is where a model begins. "
        "Call the model instead."
    )
    assert message_of(lambda: InputLayer((3,), colour=2)) == (
        "ValueError: Unrecognized keyword arguments passed to InputLayer: {'colour': 2}"
    )


@pytest.mark.parametrize("argument", ["sparse", "ragged", "optional"])
def test_what_an_input_layer_does_not_support_is_named(argument: str) -> None:
    with pytest.raises(NotImplementedError, match=rf"^InputLayer: `{argument}` is not supported"):
        InputLayer((3,), **{argument: True})


@pytest.mark.parametrize("argument", ["sparse", "ragged", "optional"])
def test_what_an_input_does_not_support_is_named(argument: str) -> None:
    assert message_of(lambda: Input((3,), **{argument: True})) == (  # type: ignore[arg-type]
        f"NotImplementedError: InputLayer: `{argument}` is not supported by minidense, only "
        f"{argument}=None. Received: {argument}=True."
    )


def test_an_input_of_a_tensor_is_refused() -> None:
    for make in (
        lambda: Input((3,), tensor=4),  # type: ignore[arg-type]
        lambda: InputLayer((3,), input_tensor=4),  # type: ignore[arg-type]
    ):
        assert message_of(make) == (
            "NotImplementedError: InputLayer: `input_tensor` is not supported by minidense, only "
            "input_tensor=None. Received: input_tensor=4."
        )
