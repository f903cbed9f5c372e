"""The models that are drawn at random: what is drawn, and that a script gives it again."""

import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

import minidense
from minidense.parity import sides
from tests import record
from tests.drawn_models import Recipe, as_script, build, comparison, recipes, shaking, strategy
from tests.drawn_models import facts as asked
from tests.drawn_models.build import compile_model
from tests.drawn_models.comparison import compare_facts
from tests.drawn_models.facts import Facts, ask
from tests.drawn_models.recipe import Graph, Made, Stack

DRAWS = 400


@cache
def drawn(draws: int = DRAWS) -> list[Recipe]:
    """Some hundred recipes, always the same."""
    found: list[Recipe] = []

    @seed(1)
    @settings(
        max_examples=draws,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(recipes())
    def draw(recipe: Recipe) -> None:
        found.append(recipe)

    draw()
    return found


@pytest.fixture(autouse=True)
def _floatx_as_it_was() -> Iterator[None]:
    yield
    minidense.config.set_floatx("float32")


def made(recipe: Recipe) -> list[Made]:
    """Every object of a recipe: layers, loss, optimizer, metrics, and what they are made with."""
    objects = [*recipe.layers, *recipe.begins, recipe.loss, recipe.optimizer, *recipe.metrics]
    found = [each for each in objects if isinstance(each, Made)]
    for each in found:
        found += [value for _, value in each.arguments if isinstance(value, Made)]
    return found


def names(recipe: Recipe) -> set[str]:
    """The classes and functions that a recipe has, by their last name, and what it names."""
    values = [value for each in made(recipe) for _, value in each.arguments]
    texts = [*values, recipe.loss, recipe.optimizer, *recipe.metrics]
    return {each.kind for each in made(recipe)} | {text for text in texts if isinstance(text, str)}


def rank(recipe: Recipe) -> int:
    return 1 + len(recipe.input_shapes[0])


def depth(recipe: Recipe) -> int:
    model = recipe.model
    return len(model.layers) if isinstance(model, Stack) else len(model.calls)


@pytest.mark.parametrize(
    "name",
    [
        *("Input", "InputLayer", "Dense", "Flatten", "Activation", "ReLU", "Softmax", "Dropout"),
        *("linear", "relu", "sigmoid", "tanh", "softmax", "channels_first"),
        *("Zeros", "Ones", "Constant", "RandomUniform", "GlorotUniform", "HeUniform"),
        *("LecunUniform", "glorot_uniform", "he_uniform", "lecun_uniform", "zeros", "ones"),
        *("mse", "MeanSquaredError", "sparse_categorical_crossentropy"),
        *("categorical_crossentropy", "binary_crossentropy", "SparseCategoricalCrossentropy"),
        *("CategoricalCrossentropy", "BinaryCrossentropy", "sum"),
        *("SGD", "Adam", "RMSprop", "sgd", "adam", "rmsprop"),
        *("float32", "float64", "accuracy", "binary_accuracy", "categorical_accuracy"),
        *("sparse_categorical_accuracy", "Product"),
    ],
)
def test_everything_in_scope_is_drawn(name: str) -> None:
    assert sum(name in names(recipe) for recipe in drawn()) >= 2


@pytest.mark.parametrize(
    ("layer", "argument", "least"),
    [
        ("Dense", "use_bias", 1),
        ("Dense", "trainable", 1),
        ("Dense", "kernel_initializer", 10),
        ("ReLU", "max_value", 3),
        ("ReLU", "negative_slope", 3),
        ("ReLU", "threshold", 2),
        ("Softmax", "axis", 5),
        ("Dropout", "rate", 4),
        ("Dropout", "noise_shape", 5),
        ("Dropout", "seed", 3),
        ("Adam", "beta_1", 2),
        ("Adam", "amsgrad", 2),
        ("SGD", "momentum", 2),
        ("SGD", "nesterov", 2),
        ("RMSprop", "centered", 2),
        ("BinaryCrossentropy", "from_logits", 1),
        ("CategoricalCrossentropy", "from_logits", 1),
        ("SparseCategoricalCrossentropy", "from_logits", 1),
        ("CategoricalCrossentropy", "label_smoothing", 1),
    ],
)
def test_arguments_are_drawn_in_several_values(layer: str, argument: str, least: int) -> None:
    values = {
        str(value)
        for recipe in drawn()
        for each in made(recipe)
        if each.kind == layer
        for name, value in each.arguments
        if name == argument
    }
    assert len(values) >= least


PROPERTIES: dict[str, Callable[[Recipe], Any]] = {
    "a Sequential": lambda r: isinstance(r.model, Stack) and not r.built_by,
    "a deferred one, built by build": lambda r: r.built_by == "build",
    "a deferred one, built by a call": lambda r: r.built_by == "call",
    "layers added one by one": lambda r: isinstance(r.model, Stack) and r.model.adds,
    "a functional model": lambda r: isinstance(r.model, Graph),
    "several inputs": lambda r: len(r.input_shapes) > 1,
    "several outputs": lambda r: len(r.output_shapes) > 1,
    "a shared layer": lambda r: any(
        max(Counter(call.layer for call in model.calls).values()) > 1
        for model in r.models
        if isinstance(model, Graph)
    ),
    "a Sequential in a functional model": lambda r: any(
        isinstance(model, Graph) and any(isinstance(part, Stack) for part in model.layers)
        for model in r.models
    ),
    "a functional model in a Sequential": lambda r: any(
        isinstance(model, Stack) and any(isinstance(part, Graph) for part in model.layers)
        for model in r.models
    ),
    "models in models in models": lambda r: any(
        isinstance(inner, (Stack, Graph))
        and any(isinstance(part, (Stack, Graph)) for part in inner.layers)
        for inner in r.model.layers
    ),
    "all in float64": lambda r: r.is_double,
    "floatx float64": lambda r: r.floatx == "float64",
    "float64 layers with floatx float32": lambda r: (
        r.floatx == "float32" and any(layer.get("dtype") == "float64" for layer in r.layers)
    ),
    "batches of one": lambda r: dict(r.fit)["batch_size"] == 1,
    "one row": lambda r: r.rows == 1,
    "a short last batch": lambda r: r.rows % dict(r.fit)["batch_size"] != 0,
    "more than one epoch": lambda r: dict(r.fit)["epochs"] > 1,
    "shuffle off": lambda r: dict(r.fit).get("shuffle") is False,
    "shuffle in batches": lambda r: dict(r.fit).get("shuffle") == "batch",
    "validation": lambda r: "validation_split" in dict(r.fit),
    "given weights": lambda r: r.given_weights,
    "weights from the seed": lambda r: not r.given_weights,
    "whole numbers as x": lambda r: r.data == "int64",
    "run eagerly": lambda r: r.eager,
    "run as a graph": lambda r: r.target is not None and not r.eager,
}


@pytest.mark.parametrize("name", PROPERTIES)
def test_every_kind_of_model_and_training_is_drawn(name: str) -> None:
    assert sum(bool(PROPERTIES[name](recipe)) for recipe in drawn()) >= 2


@pytest.mark.parametrize("wanted", [2, 3, 4, 5])
def test_every_rank_is_drawn(wanted: int) -> None:
    assert sum(rank(recipe) == wanted for recipe in drawn()) >= 2


@pytest.mark.parametrize("wanted", range(1, 9))
def test_every_depth_is_drawn(wanted: int) -> None:
    assert sum(depth(recipe) == wanted for recipe in drawn()) >= 2


SPARSE = ("SparseCategoricalCrossentropy", "sparse_categorical_crossentropy")


def test_on_other_backends_no_float64_and_no_sparse_loss_of_probabilities_is_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(strategy, "ON_TENSORFLOW", False)
    recipes = drawn.__wrapped__(300)  # what Hypothesis draws depends on which modules are loaded
    sparse = [recipe for recipe in recipes if set(SPARSE) & names(recipe)]
    assert len(sparse) >= 2
    for recipe in recipes:
        assert recipe.floatx == "float32"
        assert not any(layer.get("dtype") for layer in [*recipe.layers, *recipe.begins])
    for recipe in sparse:
        assert recipe.loss.get("from_logits")
    assert any(recipe.loss == "categorical_crossentropy" for recipe in recipes)


def test_recipes_are_small() -> None:
    for recipe in drawn():
        assert recipe.rows <= 50
        assert depth(recipe) <= 8
        widths = [layer.get("units") for layer in recipe.layers if layer.kind == "Dense"]
        assert all(1 <= width <= 40 for width in widths)


def test_most_recipes_differ() -> None:
    assert len({as_script(recipe) for recipe in drawn()}) > 0.7 * DRAWS


def test_the_shapes_of_a_recipe_are_those_of_the_model() -> None:
    for recipe in drawn()[::4]:
        minidense.utils.clear_session()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = build(recipe, minidense).model
        outputs = model.outputs
        assert [tensor.shape[1:] for tensor in outputs] == list(recipe.output_shapes)
        assert [tensor.shape[1:] for tensor in model.inputs] == list(recipe.input_shapes)


def answers(recipe: Recipe, model: Any, x: Any, y: Any) -> list[Any]:
    """Return what training and the outputs after it are."""
    history = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if y is not None:
            history = list(model.fit(x, y, verbose=0, **dict(recipe.fit)).history.values())
        predicted = model.predict(x, verbose=0)
    predicted = predicted if isinstance(predicted, list) else [predicted]
    return [*(np.array(values) for values in history), *model.get_weights(), *predicted]


def test_a_script_runs_and_gives_the_same_model_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for recipe in drawn()[::20]:
        minidense.utils.clear_session()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            mine = build(recipe, minidense)
            if recipe.target is not None:
                compile_model(recipe, minidense, mine.model)
            one = answers(recipe, mine.model, mine.x, mine.y)
            summary = mine.model.layers[0].name
            minidense.utils.clear_session()
            minidense.config.set_floatx("float32")
            names: dict[str, Any] = {"__name__": "drawn"}
            exec(as_script(recipe, "minidense"), names)
            again = names["model"]
            predicted = _last(again.predict(names["x"], verbose=0))
        assert again.layers[0].name == summary
        for left, right in zip(mine.model.get_weights(), again.get_weights(), strict=True):
            np.testing.assert_array_equal(left, right)
        np.testing.assert_array_equal(one[-1], predicted, err_msg=as_script(recipe))
        assert "Total params" in capsys.readouterr().out


def _last(predicted: Any) -> Any:
    return predicted[-1] if isinstance(predicted, list) else predicted


# The comparison, of minidense with itself


@pytest.fixture
def recipe() -> Recipe:
    """A drawn model of float32 that learns, by Adam, with dropout on the way."""
    return next(
        each
        for each in drawn()
        if each.target is not None
        and each.floatx == "float32"
        and {"Dense", "Dropout"} <= {layer.kind for layer in each.layers}
        and any(kind in names(each) for kind in ("Adam", "adam"))
    )


@pytest.fixture
def facts(recipe: Recipe) -> Facts:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ask(recipe, minidense)


def test_a_model_agrees_with_itself_without_asking_for_rounding(
    recipe: Recipe, facts: Facts
) -> None:
    with record.aside():
        assert not compare_facts(recipe, facts, facts)


@pytest.mark.parametrize(
    "feature",
    [
        *("outputs", "outputs in training", "loss of a batch", "gradients of weights"),
        *("gradients of inputs", "weights after one step", "weights after training"),
        *("history", "evaluate", "predict", "optimizer: state"),
    ],
)
def test_numbers_off_by_a_share_of_0_0005_are_not_taken_for_rounding(
    feature: str, recipe: Recipe, facts: Facts
) -> None:
    wrong = [(array * 1.0005).astype(array.dtype) for array in facts.close[feature]]
    theirs = Facts(facts.same, {**facts.close, feature: wrong})
    with record.aside(), pytest.raises(AssertionError, match=f"^drawn models: {feature} "):
        compare_facts(recipe, theirs, facts)


@pytest.mark.parametrize(
    "feature", ["initial weights", "summary", "names", "shapes", "parameter counts", "get_config"]
)
def test_what_must_be_equal_is_compared(feature: str, recipe: Recipe, facts: Facts) -> None:
    answer = facts.same[feature]
    if feature == "initial weights":
        wrong: Any = [np.nextafter(answer[0], np.float32(9)), *answer[1:]]
    elif isinstance(answer, list):
        wrong = [*answer[:-1], "another"]
    else:
        wrong = f"{answer} " if isinstance(answer, str) else {**answer, "name": "another"}
    theirs = Facts({**facts.same, feature: wrong}, facts.close)
    with record.aside(), pytest.raises(AssertionError, match=f"^drawn models: {feature}"):
        compare_facts(recipe, theirs, facts)


def test_a_nan_does_not_hide_what_stands_beside_it(
    recipe: Recipe, facts: Facts, monkeypatch: pytest.MonkeyPatch
) -> None:
    outputs = facts.close["outputs"][0]
    right, wrong = outputs.copy(), (outputs * 1.0005).astype(outputs.dtype)
    right.flat[0] = wrong.flat[0] = np.nan
    ours, theirs = (
        Facts(facts.same, {**facts.close, "outputs": [each]}) for each in (right, wrong)
    )
    monkeypatch.setattr(comparison, "ask", lambda *args: ours)  # rounding moves nothing
    with record.aside(), pytest.raises(AssertionError, match=r"^drawn models: outputs "):
        compare_facts(recipe, theirs, ours)


def test_what_jax_loses_where_it_adds_in_order_is_allowed_there_and_in_losses_only(
    recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(recipe.model, Stack)
    plain = replace(recipe, model=replace(recipe.model, layers=()))
    losses = recipe.rows * int(np.prod(recipe.output_shapes[0][:-1]))
    allowed = pytest.approx(0.1 * losses * 2.0**-23)
    assert comparison._added_in_order(plain, "evaluate") == 0
    monkeypatch.setattr(comparison, "backend", lambda: "jax")
    assert comparison._added_in_order(plain, "evaluate") == allowed
    assert comparison._added_in_order(plain, "predict") == 0


def test_what_jax_loses_in_a_softmax_over_several_axes_is_allowed_in_all_that_follows(
    recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(recipe.model, Stack)
    numbers = recipe.rows * max(
        int(np.prod(shape)) for shape in [*recipe.input_shapes, *recipe.output_shapes]
    )
    monkeypatch.setattr(comparison, "backend", lambda: "jax")
    for axis, count in (((0, -1), numbers), (None, numbers), (-1, 0)):
        softmax = Made("layers.Softmax", (("axis", axis),))
        with_softmax = replace(recipe, model=replace(recipe.model, layers=(softmax,)))
        allowed = pytest.approx(0.1 * count * 2.0**-23)
        assert comparison._added_in_order(with_softmax, "predict") == allowed


def test_the_outputs_of_a_softmax_inside_are_moved_with_the_others() -> None:
    layers = minidense.layers
    model = minidense.Sequential(
        [minidense.Input((3,)), layers.Softmax(), layers.Flatten(), layers.ReLU()]
    )
    x = np.float32([[0.5, 1, 2]])
    right = model.predict(x, verbose=0)
    with shaking.shaken_activations(np.random.RandomState(1), "float32"):
        model.compile()  # so that it is traced anew
        runs = [model.predict(x, verbose=0) for _ in range(8)]
    assert len({run.tobytes() for run in runs}) > 1  # in each run of a program
    assert 0 < max(abs(run - right).max() for run in runs) <= 2.0**-22  # a unit, twice
    model.compile()
    np.testing.assert_array_equal(model.predict(x, verbose=0), right)


def test_a_loss_that_is_told_so_looks_through_no_softmax() -> None:
    model = minidense.Sequential([minidense.Input((2,)), minidense.layers.Dense(2, "softmax")])
    model.compile("sgd", "categorical_crossentropy")
    model.set_weights([np.eye(2), np.zeros(2)])
    x, y = np.float32([[0, 50]]), np.float32([[1, 0]])
    assert sides.gradients(model, x, y).loss == 50
    shaking.look_through_nothing(model)
    clipped = -np.log(np.float32(1e-7))
    np.testing.assert_allclose(sides.gradients(model, x, y).loss, clipped, rtol=1e-7)
    np.testing.assert_allclose(model.evaluate(x, y, verbose=0), clipped, rtol=1e-7)


@pytest.mark.parametrize(("backend", "times"), [("tensorflow", 0), ("jax", 1), ("torch", 1)])
def test_a_loss_is_told_so_on_other_backends(
    backend: str, times: int, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Any] = []
    monkeypatch.setattr(asked, "backend", lambda: backend)
    monkeypatch.setattr(asked, "look_through_nothing", told.append)
    ask(recipe, minidense)
    assert len(told) == times


def test_of_texts_of_different_lengths_the_lines_that_only_one_has_are_shown(
    recipe: Recipe, facts: Facts
) -> None:
    longer = facts.same["summary"] + "\n Optimizer params: 2"
    theirs = Facts({**facts.same, "summary": longer}, facts.close)
    said = "^drawn models: summary: Keras:  Optimizer params: 2\nminidense: \n"
    with record.aside(), pytest.raises(AssertionError, match=said):
        compare_facts(recipe, theirs, facts)


def test_targets_of_whole_numbers_are_moved_down_too() -> None:
    told: list[Any] = []

    def loss(y_true: Any, y_pred: Any) -> Any:
        told.append(y_true)
        return y_pred

    model = minidense.Sequential([minidense.Input((2,)), minidense.layers.Dense(1, "sigmoid")])
    model.compile("sgd", loss)
    shaking.shake_targets(model, np.random.RandomState(0), "float32")
    model._compiled_loss(np.ones((50, 1), "int64"), np.ones((50, 1), "float32"), None)
    assert told[0].dtype == np.float32
    assert 1 - 2.0**-23 <= told[0].min() < told[0].max() == 1
