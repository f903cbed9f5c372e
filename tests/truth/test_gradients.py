"""The gradients: those of the formulas are derivatives, and minidense's are central differences.

The layer contract has ordinary inputs; here units are saturated, rows have ties, and probabilities
are near 0 and 1.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minidense
from minidense import activations, layers, losses
from minidense.typing import Array
from tests.truth import hard_inputs, sides
from tests.truth.differences import STEP, TOLERANCE, worst_error
from tests.truth.exact import mp, real, reals
from tests.truth.formulas import activations as activation_formulas
from tests.truth.formulas import losses as loss_formulas

# The formulas: each gradient is the derivative of the value, to 30 digits


def derivative(function: Callable[[Any], Any], row: list[Any], place: int) -> Any:
    def moved(x: Any) -> Any:
        return function([*row[:place], x, *row[place + 1 :]])

    return mp.diff(moved, row[place])


ROW = reals([0.3, -1.2, 2.5])
SHARES = reals([0.25, 0.125, 0.5])
ONE_HOT = reals([0, 1, 0])
UNEVEN = reals([0.5, 0.75, 0.25])


@pytest.mark.parametrize("name", ["linear", "relu", "sigmoid", "tanh"])
def test_the_formula_of_an_activations_gradient_is_its_derivative(name: str) -> None:
    formula = getattr(activation_formulas, name)
    gradient = getattr(activation_formulas, f"{name}_gradient")
    for x in reals([0.3, -1.2, 40, -90]):
        wanted = 2 * mp.diff(lambda moved: formula(moved).value, x)
        assert abs(gradient(x, real(2)).value - wanted) < 1e-30


def test_the_formula_of_the_softmax_gradient_is_its_derivative() -> None:
    grads = reals([1, -2, 0.5])

    def weighted(row: list[Any]) -> Any:
        outputs = activation_formulas.softmax_row(row)
        return mp.fsum(grad * y for grad, y in zip(grads, outputs, strict=True))

    found = activation_formulas.softmax_gradient(ROW, grads)
    for place in range(3):
        assert abs(found[place].value - derivative(weighted, ROW, place)) < 1e-30


@pytest.mark.parametrize(
    ("name", "targets", "row"),
    [
        ("sparse", 1, ROW),
        ("sparse_of_probabilities", 1, SHARES),
        ("categorical", ONE_HOT, ROW),
        ("categorical", UNEVEN, ROW),
        ("categorical_of_probabilities", UNEVEN, SHARES),
        ("binary", UNEVEN, ROW),
        ("binary_of_probabilities", UNEVEN, SHARES),
        ("squared_error", UNEVEN, ROW),
    ],
)
def test_the_formula_of_a_losss_gradient_is_its_derivative(
    name: str, targets: Any, row: list[Any]
) -> None:
    value = getattr(loss_formulas, name)
    kind, _, suffix = name.partition("_of_")
    gradient = getattr(loss_formulas, f"{kind}_gradient{'_of_' if suffix else ''}{suffix}")
    for place, exact in enumerate(gradient(targets, row)):
        wanted = derivative(lambda moved: value(targets, moved).value, row, place)
        assert abs(exact.value - wanted) < 1e-30, place


# Gradients against central differences, on hard inputs; tests of the layers have ordinary ones

SMOOTH_INPUTS = ("ordinary", "tiny", "saturated", "results that fade out")


@pytest.mark.parametrize("inputs", SMOOTH_INPUTS)
@pytest.mark.parametrize("name", ["linear", "relu", "sigmoid", "tanh"])
def test_an_activations_gradient_is_a_central_difference(name: str, inputs: str) -> None:
    x = hard_inputs.numbers("float64")[inputs]
    x = x[(np.abs(x) > 2.5 * STEP) | (name != "relu")]  # no step reaches over the kink
    grad = np.cos(np.arange(x.size))
    found = sides.activation_gradient(minidense, name, x, grad)
    function = getattr(activations, name)
    assert worst_error(lambda moved: function(moved) * grad, x, found) < TOLERANCE


SMOOTH_ROWS = ("ordinary", "ties", "saturated", "a long way below the maximum", "tiny",
               "results that fade out", "ordinary, 37 columns")  # fmt: skip


@pytest.mark.parametrize("inputs", SMOOTH_ROWS)
def test_the_softmax_gradient_is_a_central_difference(inputs: str) -> None:
    x = hard_inputs.rows("float64")[inputs][:3]
    x = x[(np.abs(x) < 1e4).all(axis=1)]
    grad = np.cos(np.arange(x.size)).reshape(x.shape)
    found = sides.activation_gradient(minidense, "softmax", x, grad)
    assert worst_error(lambda moved: activations.softmax(moved) * grad, x, found) < TOLERANCE


def make_loss(name: str, **options: Any) -> Any:
    return getattr(losses, name)(**options, reduction="none", dtype="float64")


def targets_for(name: str, y_pred: Array) -> Array:
    labels = np.arange(len(y_pred)) % 3
    if name == "SparseCategoricalCrossentropy":
        return labels
    one_hot: Array = np.eye(y_pred.shape[-1])[labels]
    return one_hot


CROSSENTROPIES = [
    ("SparseCategoricalCrossentropy", {}),
    ("CategoricalCrossentropy", {}),
    ("CategoricalCrossentropy", {"label_smoothing": 0.2}),
    ("BinaryCrossentropy", {}),
    ("BinaryCrossentropy", {"label_smoothing": 0.2}),
]
every_crossentropy = pytest.mark.parametrize(("name", "options"), CROSSENTROPIES, ids=str)


@pytest.mark.parametrize("inputs", SMOOTH_ROWS)
@every_crossentropy
def test_a_losss_gradient_from_logits_is_a_central_difference(
    name: str, options: dict[str, Any], inputs: str
) -> None:
    y_pred = hard_inputs.rows("float64")[inputs][:3]
    y_pred = y_pred[(np.abs(y_pred) < 1e4).all(axis=1)]
    loss, y_true = make_loss(name, from_logits=True, **options), targets_for(name, y_pred)
    found = sides.loss_gradient(minidense, loss, y_true, y_pred)
    assert worst_error(lambda moved: loss(y_true, moved), y_pred, found) < TOLERANCE


@pytest.mark.parametrize("inputs", ["ordinary", "near 0 and 1", "ties", "a sum far from 1"])
@every_crossentropy
def test_a_losss_gradient_from_probabilities_is_a_central_difference(
    name: str, options: dict[str, Any], inputs: str
) -> None:
    y_pred = hard_inputs.probabilities("float64")[inputs][:3]
    # of smaller numbers, steps have too few digits: 1e-16 times the loss, over 1e-3 * 1e-4
    y_pred = y_pred[(y_pred >= 1e-4).all(axis=1)]
    assert len(y_pred)
    loss, y_true = make_loss(name, **options), targets_for(name, y_pred)
    found = sides.loss_gradient(minidense, loss, y_true, y_pred)
    scale = np.minimum(y_pred, 1 - y_pred)
    assert worst_error(lambda moved: loss(y_true, moved), y_pred, found, scale) < TOLERANCE


@pytest.mark.parametrize("inputs", ["ordinary", "nearly equal", "tiny"])
def test_the_squared_errors_gradient_is_a_central_difference(inputs: str) -> None:
    y_pred = hard_inputs.predictions("float64")[inputs][:3]
    loss, y_true = make_loss("MeanSquaredError"), y_pred[:, ::-1].copy()
    found = sides.loss_gradient(minidense, loss, y_true, y_pred)
    assert worst_error(lambda moved: loss(y_true, moved), y_pred, found) < TOLERANCE


LAYERS: dict[str, Callable[[], Any]] = {
    "Dense": lambda: layers.Dense(3, dtype="float64"),
    **{
        f"Dense {name}": lambda name=name: layers.Dense(3, name, dtype="float64")  # type: ignore[misc]
        for name in ("relu", "sigmoid", "tanh", "softmax")
    },
    "Flatten": lambda: layers.Flatten(dtype="float64"),
    "Dropout": lambda: layers.Dropout(0.4, seed=3, dtype="float64"),
    "Activation": lambda: layers.Activation("tanh", dtype="float64"),
    "ReLU": lambda: layers.ReLU(0.75, 0.25, 0.5, dtype="float64"),
    "Softmax": lambda: layers.Softmax(dtype="float64"),
}


@pytest.mark.parametrize("scale", [1e-6, 30.0])
@pytest.mark.parametrize("make", LAYERS.values(), ids=LAYERS.keys())
def test_a_layers_gradients_are_central_differences(make: Callable[[], Any], scale: float) -> None:
    """Inputs so large that every unit is saturated, and so small that every layer is linear."""
    random = np.random.default_rng(1)
    x, layer = random.normal(0, scale, (3, 4)), make()
    if not layer.built:
        layer.build(x.shape)
    if layer.weights:  # away from 0, where relu has its kink
        layer.set_weights([random.normal(0, 1, (4, 3)), np.array([0.3, -0.4, 0.5])])

    def begin() -> None:
        if isinstance(layer, layers.Dropout):
            layer.seed_generator.state.assign([3, 0])  # the same mask again

    def outputs(moved: Array) -> Array:
        begin()
        return np.asarray(layer(moved, training=True))

    grad = np.cos(np.arange(outputs(x).size)).reshape(outputs(x).shape)
    begin()
    input_grad, *weight_grads = sides.layer_gradients(minidense, layer, x, grad)
    assert worst_error(lambda moved: outputs(moved) * grad, x, input_grad) < TOLERANCE
    small = min(1.0, 1 / scale)  # a weight's step counts scale times
    for variable, weight_grad in zip(layer.trainable_weights, weight_grads, strict=True):

        def with_weight(moved: Array, variable: Any = variable) -> Array:
            kept = variable.numpy()
            variable.assign(moved)
            found = outputs(x) * grad
            variable.assign(kept)
            return found

        error = worst_error(with_weight, variable.numpy(), weight_grad, small)
        assert error < TOLERANCE, variable.path
