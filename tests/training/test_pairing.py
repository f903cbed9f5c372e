"""Which losses, targets and weights belong to which output, and what is refused."""

from typing import Any

import numpy as np
import pytest

from minidense import losses
from minidense.training.pairing import losses_of_outputs, part_at, targets_like
from tests.messages import exactly

MSE, CE = losses.MeanSquaredError(name="mse"), "crossentropy"
P, Q, R = (np.full((2, 1), number, "float32") for number in range(3))


def found(given: Any, y_pred: Any, names: Any = None, weights: Any = None) -> list[Any]:
    """Return the place, the loss's name, the weight and the name in the log of each loss."""
    each = losses_of_outputs(given, weights, y_pred, names)
    return [(path, loss if loss == CE else loss.name, w, name) for path, loss, w, name in each]


def test_one_loss_is_for_every_output() -> None:
    assert found(MSE, P) == [((), "mse", None, "mse")]
    assert found(MSE, P, ["a"], 0.5) == [((), "mse", 0.5, "a")]
    expected = [((0,), "crossentropy", 2.0, "a"), ((1,), "crossentropy", 2.0, "b")]
    assert found(CE, (P, Q), ["a", "b"], 2.0) == expected
    assert [name for *_, name in found(CE, [P, Q])] == [CE, CE]


def test_keys_name_outputs_and_numbers_do_not() -> None:
    y_pred = {"m": [P, {"n": Q}], "a": R}
    names = ["x", "y", "z"]  # in the order of sorted keys
    assert [(path, name) for path, _, _, name in found(MSE, y_pred, names)] == [
        (("m", 0), "m/y"),
        (("m", 1, "n"), "m/1/n"),
        (("a",), "a"),
    ]
    assert [name for *_, name in found(MSE, [P, [Q, R]], names)] == ["x", "1/y", "1/z"]


def test_losses_go_to_outputs_by_name_by_key_and_by_position() -> None:
    by_name = {"b": CE, "a": MSE}
    weights = {"a": 1, "b": 2}
    expected = [((0,), "mse", 1, "a"), ((1,), CE, 2, "b")]
    assert found(by_name, [P, Q], ["a", "b"], weights) == expected
    assert found([MSE, CE], [P, Q], ["a", "b"], [1, 2]) == expected
    assert found((MSE, None), [P, Q], ["a", "b"], (1, 2)) == expected[:1]
    assert found(by_name, {"a": P, "b": Q}, None, weights) == [
        (("b",), CE, 2, "b"),
        (("a",), "mse", 1, "a"),
    ]
    assert found({"b": MSE}, {"a": P, "b": Q}) == [(("b",), "mse", None, "b")]
    assert [path for path, *_ in found([MSE, CE], {"b": P, "a": Q})] == [("b",), ("a",)]


@pytest.mark.parametrize(
    ("given", "y_pred", "names", "weights", "error", "message"),
    [
        ({"a": MSE}, [P], None, None, TypeError, "are in no dict, and have no names"),
        ({"a": MSE}, [P, Q], ["a", "b"], None, ValueError, "outputs ['a', 'b']. Received"),
        ({"c": MSE}, {"a": P}, None, None, KeyError, "{'a': *}, or be one loss for all"),
        ([MSE] * 3, [P, Q], None, None, KeyError, "form of the outputs, [*, *]"),
        ([MSE], [P, Q], None, None, ValueError, "Received [*]."),
        ([MSE, MSE], P, None, None, ValueError, "form of the outputs, *"),
        ({"a": MSE}, {"a": [P, Q]}, None, None, KeyError, "each of the outputs in 'a'"),
        ([None, None], [P, Q], None, None, ValueError, "No loss to compute"),
        ([MSE, MSE], [P, Q], None, [1.0], ValueError, "2 in all"),
        ([MSE, MSE], [P, Q], None, 1.0, TypeError, "2 in all"),
        ({"a": MSE}, [P], ["a"], {"b": 1.0}, KeyError, "the keys of `loss`, ['a']"),
        ({"a": MSE}, {"a": P}, None, {"a": 1, "b": 1}, ValueError, "keys ['a', 'b']"),
        ({"a": MSE}, {"a": P}, None, {"b": 1}, KeyError, "keys ['b']"),
    ],
)
def test_what_belongs_to_no_output_is_refused(
    given: Any, y_pred: Any, names: Any, weights: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as raised:
        losses_of_outputs(given, weights, y_pred, names)
    assert message in str(raised.value.args[0])


def test_targets_come_into_the_nesting_of_the_outputs() -> None:
    assert targets_like(P, Q, MSE, None) is P
    assert targets_like((P, Q), [0, 0], MSE, None) == [P, Q]
    assert targets_like({"b": 2, "a": 1}, [0, 0], MSE, ["a", "b"]) == [1, 2]
    assert targets_like({"b": 2, "a": 1}, {"a": 0, "b": 0}, MSE, None) == {"a": 1, "b": 2}
    assert targets_like([1, 2, 3], [0, {"b": 0, "a": 0}], MSE, None) == [1, {"b": 3, "a": 2}]
    assert targets_like(1, {"a": 0}, MSE, None) == {"a": 1}
    assert targets_like([1], 0, MSE, None) == 1


def test_targets_may_come_for_outputs_with_a_loss_alone() -> None:
    assert targets_like([1], [0, 0], [None, MSE], None) == [None, 1]
    assert targets_like({"b": 1}, {"a": 0, "b": 0}, {"b": MSE}, None) == {"b": 1}
    with pytest.raises(ValueError, match=r"Received `y` in the form \[\*, \*\]"):
        targets_like([1, 2], [0, 0, 0], [None, MSE, None], None)


def test_a_place_without_anything_is_named() -> None:
    assert part_at("y", {"a": [1, 2]}, ("a", 1)) == 2
    message = "`y` has nothing for the output at 'a/1'. Received `y` in the form [*]."
    with pytest.raises(KeyError, match=exactly(repr(message))):
        part_at("y", {"a": [1]}, ("a", 1))
    for key, error in ((1, IndexError), ("a", TypeError)):
        with pytest.raises(error):
            part_at("sample_weight", [1], (key,))
    with pytest.raises(KeyError):
        part_at("sample_weight", {"b": 1}, ("a",))
