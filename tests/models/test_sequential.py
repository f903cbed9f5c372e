"""Sequential: how it grows, what it has before it is built, and what it refuses."""

import sys
from typing import Any

import numpy as np
import pytest

from minidense import Input, Model, Sequential, layers
from minidense.utils import clear_session, set_random_seed


def names(model: Sequential) -> list[str]:
    return [model.name, *[layer.name for layer in model.layers]]


def state(model: Sequential) -> list[object]:
    """Everything that a failed call must leave as it was."""
    ends = [*model.inputs, *model.outputs] if model.has_graph() else []
    weights = [array.tobytes() for array in model.get_weights()]
    return [model.built, model.get_config(), ends, list(model._layers), weights]


@pytest.fixture(autouse=True)
def fresh_session() -> None:
    clear_session()
    set_random_seed(7)


def mlp() -> Sequential:
    return Sequential([Input((4,)), layers.Dense(8, activation="relu"), layers.Dense(3)])


def test_a_list_and_a_chain_of_adds_give_the_same_numbers() -> None:
    x = np.ones((2, 4), "float32")
    at_once = mlp()(x)
    set_random_seed(7)
    model = Sequential()
    for layer in (Input((4,)), layers.Dense(8, activation="relu"), layers.Dense(3)):
        model.add(layer)
    np.testing.assert_array_equal(model(x), at_once)


def test_names_count_over_the_session_and_begin_again_after_clear_session() -> None:
    assert names(mlp()) == ["sequential", "dense", "dense_1"]
    assert names(mlp()) == ["sequential_1", "dense_2", "dense_3"]
    clear_session()
    assert names(mlp()) == ["sequential", "dense", "dense_1"]


def test_a_rebuild_uses_up_a_name_of_a_functional_model() -> None:
    model = mlp()
    inputs = Input((2,))
    assert Model(inputs, layers.Dense(1)(inputs)).name == "functional_1"
    model.pop()
    assert Model(inputs, layers.Dense(1)(inputs)).name == "functional_3"


def test_a_layer_that_does_not_fit_leaves_the_model_as_it_was() -> None:
    model = Sequential([Input((2, 3)), layers.Dense(4)])
    before = state(model)
    wrong = layers.Dense(2)
    wrong.build((None, 7))
    for misfit in (wrong, Input((4,)), 5, layers.Dense(3, name=model.layers[0].name)):
        with pytest.raises(ValueError, match=r"."):
            model.add(misfit)
        assert state(model) == before
    assert model(np.ones((2, 2, 3), "float32")).shape == (2, 2, 4)


def test_a_build_that_fails_leaves_a_deferred_model_unbuilt_and_without_input() -> None:
    second = layers.Dense(2)
    second.build((None, 7))
    model = Sequential([layers.Dense(3), second])
    with pytest.raises(ValueError, match=r"axis -1 .* value 7"):
        model.build((None, 4))
    assert not model.built
    assert not model.has_graph()
    assert [type(layer).__name__ for layer in model._layers] == ["Dense", "Dense"]


def test_build_without_a_shape_changes_nothing_of_a_model_with_an_input() -> None:
    model = mlp()
    before = state(model)
    model.build()
    assert state(model) == before


def test_pop_gives_the_layer_back_and_the_model_goes_on() -> None:
    model = mlp()
    last = model.layers[-1]
    assert model.pop() is last
    assert model.output_shape == (None, 8)
    model.pop()
    assert not model.built
    with pytest.raises(AttributeError, match="no defined output shape"):
        _ = model.output_shape
    model.add(layers.Dense(5))
    assert model.output_shape == (None, 5)


def test_pop_of_an_empty_model_says_that_it_is_empty() -> None:
    with pytest.raises(IndexError, match="There are no layers in the model"):
        Sequential().pop()


def test_an_unbuilt_model_has_no_weights_and_says_so() -> None:
    model = Sequential([layers.Dense(3)])
    assert model.weights == model.get_weights() == []
    with pytest.raises(ValueError, match="count_params"):
        model.count_params()
    for attribute in ("inputs", "outputs", "input_shape", "output_shape", "input", "output"):
        with pytest.raises(AttributeError, match="sequential"):
            getattr(model, attribute)


@pytest.mark.parametrize("argument", [{"input_shape": (4,)}, {"input_dim": 4}])
def test_input_shape_on_a_first_layer_warns_and_builds(argument: dict[str, object]) -> None:
    with pytest.warns(UserWarning, match="Input\\(shape\\)"):
        first = layers.Dense(2, **argument)  # type: ignore[arg-type]
    model = Sequential([first])
    assert model.built
    assert [weight.shape for weight in model.weights] == [(4, 2), (2,)]


def test_a_second_input_names_the_shape_that_the_model_has() -> None:
    with pytest.raises(ValueError, match=r"already been configured .* \(None, 4\)"):
        Sequential([Input((4,)), Input((5,))])


def test_layers_must_be_a_list() -> None:
    with pytest.raises(TypeError, match="`layers` must be a list"):
        Sequential(layers.Dense(3))  # type: ignore[arg-type]


def test_get_layer_names_the_layers_that_there_are() -> None:
    model = mlp()
    assert model.get_layer("dense_1") is model.get_layer(index=1) is model.layers[1]
    with pytest.raises(ValueError, match=r"No such layer: nope\. .*'dense', 'dense_1'"):
        model.get_layer("nope")
    with pytest.raises(ValueError, match="index 9: the model only has 2"):
        model.get_layer(index=9)


def test_weights_are_named_by_the_way_to_them() -> None:
    inner = Sequential([layers.Dense(2)], name="inner")
    outer = Sequential([Input((3,)), inner, layers.Dense(1)], name="outer")
    paths = [weight.path for weight in outer.weights]
    assert paths[::2] == ["outer/inner/dense/kernel", "outer/dense_1/kernel"]


def test_trainable_set_to_what_it_is_changes_nothing_inside() -> None:
    model = mlp()
    model.trainable = False
    model.layers[0].trainable = True
    model.trainable = False
    assert [layer.trainable for layer in model.layers] == [True, False]
    model.trainable = True
    assert all(layer.trainable for layer in model.layers)


def test_a_sequential_leaves_all_but_the_rank_to_its_layers() -> None:
    model = Sequential([Input((28, 28)), layers.Flatten(), layers.Dense(2)])
    for shape in ((3, 14, 56), (3, 784, 1)):
        assert model(np.zeros(shape, "float32")).shape == (3, 2)
    with pytest.raises(ValueError, match=r"value 784, .* \(3, 756\)"):
        model(np.zeros((3, 28, 27), "float32"))
    with pytest.raises(ValueError, match=r"\(None, 28, 28\), .* \(3, 784\)"):
        model(np.zeros((3, 784), "float32"))


class Interrupts:
    """Raises KeyboardInterrupt, as Ctrl-C does, before this line of the models is run."""

    def __init__(self, number: int) -> None:
        self.left = number

    def __call__(self, frame: Any, event: str, argument: Any) -> Any:
        if "minidense/models" in frame.f_code.co_filename and event == "line":
            self.left -= 1
            if self.left == 0:
                raise KeyboardInterrupt
        return self

    def __enter__(self) -> None:
        sys.settrace(self)

    def __exit__(self, *error: object) -> None:
        sys.settrace(None)


@pytest.mark.parametrize("kind", ["add", "pop"])
def test_what_is_interrupted_is_done_or_not_done_and_nothing_between(kind: str) -> None:
    model = mlp()
    last, more = model.layers[-1], layers.Dense(2)
    more(Input((3,)))  # built, so that nothing is drawn
    lengths = set()
    for number in range(1, 100_000):
        before = len(model.layers)
        was_interrupted = True
        try:
            with Interrupts(number):
                model.add(more) if kind == "add" else model.pop()
            was_interrupted = False
        except KeyboardInterrupt:
            pass
        width = {1: 8, 2: 3, 3: 2}[len(model.layers)]
        assert model.built
        assert model.output_shape == (None, width)
        assert model(np.ones((2, 4), "float32")).shape == (2, width)
        assert len(model.get_config()["layers"]) == 1 + len(model.layers)
        lengths.add(len(model.layers) - before)
        if len(model.layers) != before:
            model.pop() if kind == "add" else model.add(last)
        if not was_interrupted:
            break
    assert lengths == {0, 1 if kind == "add" else -1}
    assert number > 20
