"""A recipe, made in a library."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.drawn_models import script
from tests.drawn_models.recipe import Recipe


@dataclass
class Drawn:
    """A model and its data; `y` is None where there are several outputs."""

    model: Any
    x: Any
    y: Any
    first_summary: str
    """The summary of a deferred model, before it was built."""
    initial_weights: list[Any]
    """What the seed gave, before other weights were set."""


def build(recipe: Recipe, library: Any) -> Drawn:
    """Run the recipe's script as far as the model and its data.

    The library's floatx is the recipe's afterwards; who calls this sets it back.
    """
    library.config.set_floatx(recipe.floatx)
    names: dict[str, Any] = {"np": np, "keras": library, "__name__": "drawn"}
    exec(script.model_lines(recipe), names)
    first_summary = summary(recipe, names["model"]) if recipe.built_by else ""
    exec(script.data_lines(recipe), names)
    model = names["model"]
    initial_weights = model.get_weights()
    exec(script.weight_lines(recipe), names)
    return Drawn(model, names["x"], names.get("y"), first_summary, initial_weights)


def summary(recipe: Recipe, model: Any) -> str:
    """Return the text of a summary with the recipe's arguments."""
    lines: list[str] = []
    model.summary(print_fn=lines.append, **dict(recipe.summary))
    return "\n".join(lines)


def compile_model(recipe: Recipe, library: Any, model: Any) -> None:
    """Compile the model as the recipe says."""
    exec(script.compiling(recipe), {"keras": library, "model": model})
