"""How a layer is built: by its `build`, or by running its `call` on tensors without numbers.

Mirrors the wrapper of `build` and `_maybe_build` in `keras/src/layers/layer.py`.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from minidense import checks
from minidense.graph.symbolic import KerasTensor, output_spec
from minidense.layers.weights import attributes_of
from minidense.nest import map_structure
from minidense.paths import open_path
from minidense.tensors import Symbolic, Tensor
from minidense.variables import Variable


def marks_built(build: Callable[..., None]) -> Callable[..., None]:
    """Let any `build` record its shape, and mark the layer as built when it has succeeded.

    After a build that fails the layer has the weights that it had before.
    """

    @wraps(build)
    def build_and_mark(self: Any, *args: Any, **kwargs: Any) -> None:
        if self._is_building:  # a subclass's `build` calls its parent's
            build(self, *args, **kwargs)
            return
        shapes = checks.arguments_of(build, self, *args, **kwargs)
        checks.not_built_twice(self.name, self.built and self.locks and bool(self.own_variables))
        before = list(self._trainable_variables), list(self._non_trainable_variables)
        was_built = self.built
        self._is_building = True
        try:
            with open_path(self) as path:
                build(self, *args, **kwargs)
            for leaf in attributes_of(self):
                if isinstance(leaf, Variable):  # put into a list that was an attribute already
                    self.track(leaf)
        except BaseException:
            self._trainable_variables, self._non_trainable_variables = before
            self.built = was_built
            raise
        finally:
            self._is_building = False
        single = len(shapes) == 1
        self._build_shapes_dict = {"input_shape": next(iter(shapes.values()))} if single else shapes
        self.path = path
        self.built = True
        self._is_locked = self.locks

    return build_and_mark


def build_for_call(layer: Any, call: Any) -> None:
    """Build a layer for the shapes of a call.

    A layer without a `build` runs its `call` once on tensors without numbers, which builds the
    layers inside. If that fails on arrays, the call itself says why, or builds them.
    """
    checks.has_call(type(layer).__name__, layer.has_own("call"))
    shapes = call.shapes()
    if layer.has_own("build"):
        layer.build(**checks.shapes_for(layer.build, shapes, type(layer).__name__))
        layer.check_shapes(call.first)
        return
    if has_unbuilt_layers(layer):
        try:
            output_spec(layer.call, **map_structure(_symbolic, call.arguments))
        except Exception as error:
            if not any(isinstance(x, KerasTensor) for x in call.tensors.values()):
                return
            checks.warn_user(
                f"Layer '{layer.name}' has layers that are not built, and its `call` cannot be run "
                f"on symbolic tensors to build them: {error} Call it on data first, or give "
                f"{type(layer).__name__} a `build(self, input_shape)` that builds all of them."
            )
    layer.build(next(iter(shapes.values()), None))


def has_unbuilt_layers(layer: Any) -> bool:
    """Whether a layer has layers in it that have no weights yet."""
    return any(not inside.built for inside in layer.sublayers())


def _symbolic(value: Any) -> Any:
    """Return a symbolic tensor like a tensor, and anything else as it is."""
    is_tensor = isinstance(value, (Tensor, Symbolic)) and not isinstance(value, KerasTensor)
    return KerasTensor(tuple(value.shape), str(value.dtype), "inside") if is_tensor else value
