"""What names a loss: texts, classes, objects, functions and dicts."""

import re

import numpy as np
import pytest

from minidense import losses


def test_get_knows_names_classes_objects_and_functions():
    loss = losses.MeanSquaredError()
    assert losses.get(None) is None
    assert losses.get(loss) is loss
    assert isinstance(losses.get(losses.MeanSquaredError), losses.MeanSquaredError)
    assert losses.get("bce") is losses.binary_crossentropy
    assert losses.get(abs) is abs


def test_as_loss_keeps_the_name_that_the_user_gave():
    assert losses.as_loss("mse").name == "mse"
    assert losses.as_loss("MeanSquaredError").name == "mean_squared_error"
    assert losses.as_loss(losses.mean_squared_error).name == "mean_squared_error"
    assert isinstance(losses.as_loss("mse"), losses.MeanSquaredError)

    def distance(y_true, y_pred):
        return abs(y_true - y_pred)[:, 0]

    loss = losses.as_loss(distance)
    assert loss.name == "distance"
    assert loss(np.float32([[1]]), np.float32([[3]])) == 2


@pytest.mark.parametrize("identifier", ["nope", 5, ["mse"]])
def test_get_refuses_what_is_no_loss_and_lists_the_names(identifier):
    with pytest.raises(ValueError, match=r"loss identifier.*mean_squared_error") as error:
        losses.get(identifier)
    assert len(str(error.value)) <= 400


def test_names_in_the_message_of_an_unknown_loss() -> None:
    for identifier in ("nope", 5):
        with pytest.raises(
            ValueError, match=r"^Could not interpret loss identifier: .*BCE, BinaryCross"
        ):
            losses.get(identifier)  # type: ignore[arg-type]


def test_a_configuration_of_an_unknown_loss_is_refused_by_its_class() -> None:
    for identifier in ({"class_name": "Nope", "config": {}}, "Nope"):
        with pytest.raises(
            ValueError, match=r"^Could not interpret loss identifier: 'Nope'\. Known"
        ):
            losses.get(identifier)
    message = (
        "Could not interpret loss identifier: a dict must have the key 'class_name', and 'config' "
        "for the arguments. Received: {'name': 'Nope'}."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        losses.get({"name": "Nope"})
