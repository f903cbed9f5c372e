"""Models drawn at random, in Keras and in minidense: whatever is asked, the answers are the same.

pytest tests/drawn_models/test_drawn_models_parity.py --parity-profile thorough --parity-seed 1
"""

import gc
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

import minidense
from minidense import ops
from minidense.random import streams
from tests import profiles, record
from tests.drawn_models import Recipe, build, compare, comparison, facts, recipes, shaking
from tests.drawn_models.comparison import compare_facts
from tests.drawn_models.facts import ask
from tests.drawn_models.recipe import Made, Stack

SEED = f"--parity-profile {profiles.active().name} --parity-seed {profiles.seed()}"
EVERY = 50
"""After so many models, garbage is looked for, and a thorough run says how far it is."""

asked: list[int] = []
"""The models whose rounding had to be asked for."""
differences: list[str] = []
"""What a thorough run found so far."""
started = time.monotonic()


say: list[Callable[[str], None]] = []
"""How to write to the terminal while pytest keeps what tests write."""


@pytest.fixture(autouse=True, scope="module")
def _terminal(pytestconfig: pytest.Config) -> None:
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")

    def print_now(line: str) -> None:
        with capture.global_and_fixture_disabled():
            print(line, flush=True)

    say[:] = [print_now]


@pytest.fixture(autouse=True, scope="module")
def _quiet() -> Iterator[None]:
    """Leave out TensorFlow's warnings that functions are traced again: each model is another."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        logger = tf.get_logger()
        level = logger.level
        logger.setLevel("ERROR")
        yield
        logger.setLevel(level)
    else:
        yield


seen: set[str] = set()
"""The recipes so far: Hypothesis draws about every fifth once more."""


@seed(profiles.seed())
@settings(
    max_examples=2 * profiles.active().models,
    deadline=None,
    database=None,
    # a thorough run goes on for long enough without a search for a smaller model that fails
    phases=[Phase.generate, *([Phase.shrink] if profiles.active().name == "quick" else [])],
    suppress_health_check=list(HealthCheck),
    report_multiple_bugs=False,
)
@given(recipes())
def test_a_drawn_model_gives_the_same_answers_in_both(recipe: Recipe) -> None:
    if repr(recipe) in seen or len(seen) == profiles.active().models:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what a model is warned of is compared elsewhere
        try:
            needed_rounding = compare(recipe, keras, SEED)
        except AssertionError as difference:
            if profiles.active().name == "quick":
                raise
            differences.append(str(difference))  # and go on: the next test names them all again
            say[0](str(difference))
            needed_rounding = False
    seen.add(repr(recipe))  # not before: one that fails is asked again
    number = len(seen)
    if needed_rounding:
        asked.append(number)
    if number % EVERY == 0:
        _go_on(number)


def test_no_drawn_model_of_a_thorough_run_differed() -> None:
    assert not differences, "\n\n".join(differences)


def _go_on(number: int) -> None:
    gc.collect()
    if profiles.active().name == "thorough":
        say[0](
            f"{number} drawn models in {time.monotonic() - started:.0f} s; "
            f"the tolerance did not do for {len(asked)}, {len(differences)} differ"
        )


# The comparison itself: planted faults must turn it red

PLAIN = Recipe(
    seed=42,
    floatx="float32",
    model=Stack(
        begin=Made("Input", (("shape", (6,)),)),
        layers=(
            Made("layers.Dense", (("units", 12), ("activation", "tanh"))),
            Made("layers.Dropout", (("rate", 0.3),)),
            Made("layers.Dense", (("units", 3), ("activation", "softmax"))),
        ),
        input_shape=(6,),
        output_shape=(3,),
    ),
    built_by="",
    given_weights=True,
    rows=23,
    data="float32",
    target=Made("labels", (("classes", 3), ("shape", (23,)), ("dtype", "int64"))),
    loss="sparse_categorical_crossentropy",
    optimizer="adam",
    metrics=("accuracy",),
    fit=(("batch_size", 8), ("epochs", 2)),
    eager=False,
    measured_in=7,
    summary=(),
)


@pytest.fixture(scope="module")
def keras_answers() -> Any:
    return ask(PLAIN, keras)


def _plant_a_wrong_derivative(monkeypatch: pytest.MonkeyPatch) -> None:
    right = ops.tanh.go_back
    monkeypatch.setattr(ops.tanh, "go_back", lambda *asked_for: 1.0005 * right(*asked_for))


def _plant_a_wrong_seed_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    right = streams.counted_words

    def one_word_off(keys: Any, upper: Any, blocks: int, *rest: Any) -> Any:
        return right(keys, upper, blocks + 1, *rest)[:, 1 : 1 + 4 * blocks]

    monkeypatch.setattr(streams, "counted_words", one_word_off)


def _plant_a_wrong_space(monkeypatch: pytest.MonkeyPatch) -> None:
    right = minidense.Model.summary

    def with_a_space(self: Any, print_fn: Callable[[str], Any], **arguments: Any) -> None:
        right(self, print_fn=lambda text: print_fn(f"{text} "), **arguments)

    monkeypatch.setattr(minidense.Model, "summary", with_a_space)


def _plant_a_wrong_config(monkeypatch: pytest.MonkeyPatch) -> None:
    right = minidense.layers.Dropout.get_config
    monkeypatch.setattr(
        minidense.layers.Dropout, "get_config", lambda self: {**right(self), "rate": 0.30001}
    )


def _plant_a_wrong_epsilon(monkeypatch: pytest.MonkeyPatch) -> None:
    right = minidense.optimizers.Adam.__init__
    monkeypatch.setattr(
        minidense.optimizers.Adam,
        "__init__",
        lambda self, *args, **kwargs: right(self, *args, **{**kwargs, "epsilon": 1.01e-7}),
    )


@pytest.mark.parametrize(
    ("plant", "feature"),
    [
        (_plant_a_wrong_derivative, "gradients of weights"),
        (_plant_a_wrong_seed_stream, "initial weights"),
        (_plant_a_wrong_space, "summary"),
        (_plant_a_wrong_config, "get_config"),
        (_plant_a_wrong_epsilon, "optimizer: get_config|weights"),
    ],
)
def test_a_planted_fault_is_found(
    plant: Callable[[pytest.MonkeyPatch], None],
    feature: str,
    keras_answers: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plant(monkeypatch)
    with record.aside(), pytest.raises(AssertionError, match=f"^drawn models: ({feature})"):
        compare_facts(PLAIN, keras_answers, ask(PLAIN, minidense))


@pytest.mark.parametrize("dtype", ["int64", "float32"])
def test_a_shaken_model_moves_by_rounding_and_no_further(dtype: str) -> None:
    labels = Made("labels", (("classes", 3), ("shape", (23,)), ("dtype", dtype)))
    recipe = replace(PLAIN, target=labels)
    ours, shaken = ask(recipe, minidense), ask(recipe, minidense, np.random.RandomState(0))
    moved = 0.0
    for feature in ("outputs", "loss of a batch", "gradients of weights", "history"):
        for one, other in zip(ours.close[feature], shaken.close[feature], strict=True):
            # with eight seeds 3.2e-7 at most
            np.testing.assert_allclose(other, one, rtol=0, atol=1e-6 * np.abs(one).max())
            moved = max(moved, float(np.abs(other - one).max()))
    assert moved > 0


@pytest.mark.parametrize(
    "layer",
    [
        minidense.layers.Softmax(),
        minidense.layers.Activation("softmax"),
        minidense.layers.Dense(3, "softmax", kernel_initializer="ones"),
        minidense.Sequential([minidense.Input((3,)), minidense.layers.Softmax()]),
    ],
)
def test_a_softmax_is_shaken_wherever_it_stands(layer: Any) -> None:
    model = minidense.Sequential([minidense.Input((3,)), layer])
    x = np.float32([[1, 2, 3]])
    still = model.predict(x, verbose=0)
    with shaking.shaken_activations(np.random.RandomState(0), "float32"):
        model.compile()  # so that it is traced anew
        moved = [model.predict(x, verbose=0) for _ in range(8)]
    assert any((each != still).any() for each in moved)
    for each in moved:
        np.testing.assert_allclose(each, still, rtol=3e-7)  # a unit, and twice where it is inside


def test_whole_numbers_are_shaken_as_the_floats_that_the_model_makes_of_them() -> None:
    drawn = build(replace(PLAIN, data="int64"), minidense)
    whole = drawn.x
    shaking.shake(drawn, np.random.RandomState(0), "float32")
    assert (whole.dtype, drawn.x.dtype) == ("int64", "float32")
    assert (drawn.x != whole).any()
    np.testing.assert_allclose(drawn.x, whole, rtol=1.3e-7)  # a unit


def epochs_compared(keras_losses: list[float], our_losses: list[float]) -> int:
    pair = (np.array(keras_losses), np.array(our_losses))
    return len(comparison._before_overflow([pair])[0][0])


def test_an_epoch_after_an_explosion_is_not_held_against_a_nan() -> None:
    assert epochs_compared([2.0, 4e26, 4e26], [2.0, np.nan, np.nan]) == 1
    assert epochs_compared([2.0, np.nan], [2.0, 3.0]) == 1


def test_a_nan_beside_a_loss_of_an_ordinary_size_is_compared() -> None:
    assert epochs_compared([2.0, 4e17], [2.0, np.nan]) == 2
    assert epochs_compared([2.0, 4e26], [2.0, 4e25]) == 2


def test_equal_numbers_of_a_gradient_are_moved_alike_and_others_are_not() -> None:
    grad = np.array([[0.5, -0.5, 0.25], [0.5, -0.5, 0.5]])
    moved = shaking.shaken_alike(grad, np.random.RandomState(1), "float32")
    assert moved.dtype == grad.dtype
    assert len(np.unique(moved[grad == 0.5])) == 1
    shares = np.unique(moved / grad)
    assert len(shares) == 3
    assert (abs(shares - 1) <= np.finfo("float32").eps).all()
    assert (moved != grad).any()


@pytest.mark.parametrize(
    ("last", "losses", "our_loss", "is_compared"),
    [
        ("softmax", [2.0, 1.0], np.nan, False),
        ("softmax", [2.0, 1.0], 1.0, True),
        ("sigmoid", [2.0, 1.0], np.nan, True),
        ("sigmoid", [2.0, 6e75], np.nan, False),
        ("sigmoid", [2.0, 6e75], 1.0, True),
    ],
)
def test_an_accuracy_behind_a_softmax_of_nan_or_an_explosion_is_not_compared(
    last: str,
    losses: list[float],
    our_loss: float,
    is_compared: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(comparison.Rounding, "spread", lambda *place: 0.0)

    def measured(loss: float, accuracy: float) -> facts.Facts:
        numbers = [np.array(loss), np.array(accuracy)]
        return facts.Facts(
            {"evaluate: names": ["loss", "accuracy"]},
            {"history": [np.array(losses)], "evaluate": numbers},
        )

    dense = Made("layers.Dense", (("units", 3), ("activation", last)))
    recipe = replace(PLAIN, model=replace(PLAIN.model, layers=(*PLAIN.model.layers[:-1], dense)))
    theirs, ours = measured(np.nan, 0.5), measured(our_loss, 0.25)
    with record.aside():
        if is_compared:
            with pytest.raises(AssertionError, match=r"^drawn models: evaluate"):
                compare_facts(recipe, theirs, ours)
        else:
            compare_facts(recipe, theirs, ours)
