"""Targets and weights that come in a list, a tuple or a dict."""

import re
from typing import Any

import numpy as np
import pytest

from tests.messages import exactly
from tests.training.regression import X, Y, by_key, model_of


@pytest.mark.parametrize("several", [list, tuple])
def test_a_list_of_one_array_is_the_array(several: Any) -> None:
    weights = np.linspace(0, 1, 10, dtype="float32")
    wanted = model_of().evaluate(X, Y, sample_weight=weights, verbose=0)
    alone = several([Y]), several([weights])
    assert model_of().evaluate(X, alone[0], sample_weight=alone[1], verbose=0) == wanted
    trained, trained_alone = model_of(), model_of()
    trained.fit(X, Y, sample_weight=weights, shuffle=False, verbose=0)
    trained_alone.fit(X, alone[0], sample_weight=alone[1], shuffle=False, verbose=0)
    np.testing.assert_array_equal(trained.layers[0].kernel, trained_alone.layers[0].kernel)


def test_a_dict_beside_an_output_that_is_no_dict_is_refused_with_its_keys() -> None:
    ones = np.ones(10, "float32")
    message = (
        "The outputs of the model have the form *. Received `y` in a dict with the keys ['a']."
    )
    with pytest.raises(TypeError, match=exactly(message)):
        model_of().fit(X, {"a": Y}, verbose=0)
    message = "The output of the model is no dict. Received `sample_weight` in the form {'a': *}."
    with pytest.raises(TypeError, match=exactly(message)):
        model_of().fit(X, Y, sample_weight={"a": ones}, verbose=0)


def test_two_arrays_for_one_output_are_refused() -> None:
    wish = "`y` must have the form of the outputs, *, or that of the losses"
    for targets, form in (([Y, Y], "[*, *]"), ({"a": Y, "b": Y}, "{'a': *, 'b': *}")):
        message = f"{wish}. Received `y` in the form {form}."
        with pytest.raises(ValueError, match=exactly(message)):
            model_of().train_on_batch(X, targets)
    with pytest.raises(ValueError, match=r"^`sample_weight` must be one array for an output"):
        model_of().train_on_batch(X, Y, [np.ones(10)] * 2)


@pytest.mark.parametrize("method", ["fit", "evaluate"])
def test_weights_in_the_form_of_the_targets_are_taken(method: str) -> None:
    ones = np.ones(10, "float32")
    for y, weights in (([Y], [ones]), ((Y,), (ones,)), (Y, [ones])):
        assert getattr(model_of(), method)(X, y, sample_weight=weights, verbose=0)
    assert getattr(by_key(), method)(X, {"out": Y}, sample_weight={"out": ones}, verbose=0)
    # as in Keras, weights go by the key of the output
    with pytest.raises(TypeError, match="nothing for the output at 'out'"):
        getattr(by_key(), method)(X, [Y], sample_weight=[ones], verbose=0)


@pytest.mark.parametrize("method", ["fit", "evaluate"])
@pytest.mark.parametrize(
    ("y", "sample_weight", "shown"),
    [
        ([Y], (np.ones(10),), "y=a list of 1 elements, sample_weight=a tuple of 1 elements"),
        ([Y], [np.ones(10)] * 2, "y=a list of 1 elements, sample_weight=a list of 2 elements"),
        (
            {"out": Y},
            {"other": Y[:, 0]},
            "y={'out': an array of shape (10, 2) and dtype float32}, "
            "sample_weight={'other': an array of shape (10,) and dtype float32}",
        ),
    ],
)
def test_weights_in_another_form_than_the_targets_are_refused(
    method: str, y: Any, sample_weight: Any, shown: str
) -> None:
    start = "`sample_weight` must come in the same form as `y`, with one array for each. Received: "
    with pytest.raises(ValueError, match=f"^{re.escape(start)}") as error:
        getattr(by_key(), method)(X, y, sample_weight=sample_weight, verbose=0)
    assert str(error.value) == f"{start}{shown}."


@pytest.mark.parametrize("y", [[Y], {"out": Y}])
def test_weights_of_classes_for_targets_in_a_list_are_refused_with_them(y: Any) -> None:
    shown = "a list of 1 elements"
    if isinstance(y, dict):
        shown = "{'out': an array of shape (10, 2) and dtype float32}"
    message = (
        "`class_weight` is for targets in one array, those of a model with one output. "
        f"Received: y={shown}."
    )
    with pytest.raises(ValueError, match=exactly(message)):
        by_key().fit(X, y, class_weight={0: 1.0}, verbose=0)
