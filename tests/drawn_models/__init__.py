"""Whole models drawn at random, as plain data that either library can build.

`recipes()` draws a Recipe, `as_script` writes it as Python, `build` runs the script in a library,
`facts` asks the model all that can be compared, `comparison` compares, and `shaking` moves the
numbers of a model of minidense, so that `comparison` knows what rounding is worth.
"""

from tests.drawn_models.build import Drawn, build
from tests.drawn_models.comparison import compare
from tests.drawn_models.recipe import Recipe
from tests.drawn_models.script import as_script
from tests.drawn_models.strategy import recipes

__all__ = ["Drawn", "Recipe", "as_script", "build", "compare", "recipes"]
