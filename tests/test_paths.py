"""Where a weight is: its name, with those of the layers around it."""

from typing import Any

import numpy as np
import pytest

from minidense import Variable, layers
from minidense.paths import innermost_path, open_path, path_here, path_of


class Part:
    """What has a path, and nothing else."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.parent_path: str | None = None


def test_a_path_has_the_names_of_all_that_are_open_outermost_first():
    outer, inner = Part("outer"), Part("inner")
    assert (innermost_path(), path_here("w"), path_of(inner)) == ("", "w", "inner")
    with open_path(outer) as path:
        assert path == innermost_path() == "outer"
        assert path_of(inner) == path_here("inner") == "outer/inner"
        with open_path(inner) as longer:
            assert (longer, path_here("w")) == ("outer/inner", "outer/inner/w")
        assert path_here("w") == "outer/w"
    assert (innermost_path(), path_here("w")) == ("", "w")
    assert (outer.parent_path, inner.parent_path) == ("", "outer")


def test_the_first_to_open_a_part_is_its_parent_for_ever():
    inner = Part("inner")
    with open_path(Part("first")), open_path(inner):
        pass
    with open_path(Part("second")), open_path(inner) as path:
        assert path == "first/inner"
        assert path_here("w") == "first/inner/w"
    assert path_of(inner) == "first/inner"
    alone = Part("alone")
    with open_path(alone):
        pass
    with open_path(Part("second")), open_path(alone) as path:
        assert path == "alone"


def test_a_part_that_fails_has_no_parent_yet():
    inner = Part("inner")
    with pytest.raises(KeyError), open_path(Part("first")), open_path(inner):
        raise KeyError
    assert (inner.parent_path, innermost_path()) == (None, "")
    with open_path(Part("second")), open_path(inner) as path:
        assert path == "second/inner"


def test_weights_and_seeds_that_are_made_in_build_have_the_paths_of_layers_around_them():
    class Outer(layers.Layer):
        def build(self, input_shape: Any) -> None:
            self.factor = Variable(1.0, name="factor")
            self.drop = layers.Dropout(0.5, name="drop")
            self.dense = layers.Dense(2, name="dense")
            self.dense.build(input_shape)

        def call(self, inputs: Any) -> Any:
            return self.drop(self.dense(inputs))

    outer = Outer(name="outer")
    outer(np.ones((1, 3), "float32"))
    (seed,) = set(outer.variables) - set(outer.weights)
    assert seed.path == f"outer/{outer.drop.seed_generator.name}/seed_generator_state"
    assert [weight.path for weight in outer.weights] == [
        "outer/factor",
        "outer/dense/kernel",
        "outer/dense/bias",
    ]
