"""The metrics of several outputs: which is counted on which, with which weights and names."""

from typing import Any

import numpy as np
import pytest

from minidense import Input, Model, layers

X = np.float32([[1], [2]])
ONES, TWOS = np.ones((2, 1), "float32"), np.full((2, 1), 2, "float32")


def measured(in_dict: bool = False, sample_weight: Any = None, **metrics: Any) -> dict[str, float]:
    """Return what a model whose outputs are x and 2 * x measures against 1 and 2."""
    x = Input((1,))
    same, double = (
        layers.Dense(1, use_bias=False, kernel_initializer=start, name=name)(x)
        for name, start in (("same", "ones"), ("double", lambda shape, dtype: np.full(shape, 2.0)))
    )
    model = Model(x, {"same": same, "double": double} if in_dict else [same, double])
    y = {"same": ONES, "double": TWOS} if in_dict else [ONES, TWOS]
    model.compile("sgd", "mse", **metrics)
    logs: dict[str, float] = model.evaluate(
        X, y, sample_weight=sample_weight, return_dict=True, verbose=0
    )
    return {name: value for name, value in logs.items() if "loss" not in name}


@pytest.mark.parametrize("in_dict", [False, True])
def test_a_metric_is_counted_on_its_output_and_goes_by_its_name(in_dict: bool) -> None:
    # x - 1 is 0 and 1, 2 * x - 2 is 0 and 2
    wanted = {"same_mse": 0.5, "double_mse": 2.0}
    assert measured(in_dict, metrics={"same": "mse", "double": ["mse"]}) == wanted
    assert measured(in_dict, metrics={"double": "mse"}) == {"double_mse": 2.0}


def test_metrics_in_a_list_go_by_place_and_none_is_for_an_output_without_one() -> None:
    assert measured(metrics=["mse", ["mse"]]) == {"same_mse": 0.5, "double_mse": 2.0}
    assert measured(metrics=[None, ["mse"]]) == {"double_mse": 2.0}


@pytest.mark.parametrize("weights", [np.float32([1, 3]), [np.float32([1, 3])] * 2])
def test_weights_of_rows_are_for_weighted_metrics_alone(weights: Any) -> None:
    found = measured(sample_weight=weights, metrics=["mse", None], weighted_metrics=["mse", "mse"])
    assert found == {"same_mse": 0.5, "same_weighted_mse": 0.75, "double_mse": 3.0}
