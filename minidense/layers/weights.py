"""Who owns which weights, in which order, and whether training may change them.

The part of `keras.layers.Layer` that knows of weights and of layers inside, and of nothing else.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import Any

import numpy as np
import numpy.typing as npt

from minidense import checks, initializers
from minidense.initializers import InitializerLike
from minidense.names import auto_name
from minidense.paths import open_path, path_of
from minidense.random.seeds import SeedGenerator
from minidense.typing import Array
from minidense.variables import Variable


def marks_built(build: Callable[..., None]) -> Callable[..., None]:
    """Let any `build` record its shape and mark the layer as built when it has succeeded.

    After a build that fails the layer has the weights that it had before.
    """

    @wraps(build)
    def build_and_mark(self: "WeightOwner", *args: Any, **kwargs: Any) -> None:
        if self._building:  # a subclass's `build` calls its parent's
            build(self, *args, **kwargs)
            return
        checks.arguments_fit(build, self, *args, **kwargs)
        has_weights = self.locks and bool(self._own_variables())
        checks.not_built_twice(self.name, self.built and has_weights)
        before = list(self._trainable_variables), list(self._non_trainable_variables)
        was_built = self.built
        self._building = True
        try:
            with open_path(self) as path:
                build(self, *args, **kwargs)
            self._track_listed()
        except Exception:
            self._trainable_variables, self._non_trainable_variables = before
            self.built = was_built
            raise
        finally:
            self._building = False
        shapes = [kwargs["input_shape"]] if "input_shape" in kwargs else args
        self._build_shapes_dict = {"input_shape": shapes[0]} if shapes else {}
        self.path = path
        self.built = True
        self._locked = self.locks

    return build_and_mark


class WeightOwner:
    """The weights of a layer: its own, and those of the layers that are its attributes."""

    name: str
    built: bool
    compute_dtype: str
    path: str | None = None
    """The name, with those of the layers around it before it; None until the layer is built."""
    parent_path: str | None = None
    """The path of whoever built or called the layer first; None until somebody did."""
    _building = False
    _locked = False
    """Whether weights and layers inside are complete: true of a layer that `build` has built."""
    not_computed: tuple[str, ...] = ("activity_regularizer",)
    """Attributes with which Keras computes, and which may be nothing but None here."""
    locks = True
    """Whether `build` completes them; a Sequential and a functional model can be given more."""
    _trainable: bool
    _trainable_variables: list[Variable]
    _non_trainable_variables: list[Variable]
    _build_shapes_dict: dict[str, Any] | None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "build" in cls.__dict__:
            cls.build = marks_built(cls.build)  # type: ignore[method-assign]

    def build(self, input_shape: Any) -> None:
        """Make the weights for inputs of this shape; the base has none to make."""

    def add_weight(
        self,
        shape: Sequence[int] = (),
        initializer: InitializerLike = None,
        dtype: str | None = None,
        trainable: bool = True,
        regularizer: None = None,
        constraint: None = None,
        name: str | None = None,
    ) -> Variable:
        """Make a weight and remember it.

        Args:
            shape: its dimensions, all known.
            initializer: a name or an object; None is "glorot_uniform", or "zeros" for integers.
            dtype: None is the layer's own.
            trainable: whether training may change it.
            regularizer: not supported; only None.
            constraint: not supported; only None.
            name: "kernel", "bias", …; None means an automatic one, `variable`.

        Raises:
            ValueError: if a dimension is None, or the layer is built already.
        """
        checks.only_none("add_weight", regularizer=regularizer, constraint=constraint)
        checks.known_dimensions(self.name, tuple(shape))
        checks.not_built_twice(self.name, self.built and not self._building)
        dtype = dtype or self.compute_dtype
        if initializer is None:
            initializer = "glorot_uniform" if "float" in dtype else "zeros"
        make = initializers.get(initializer)
        assert make is not None
        name = name or auto_name("Variable")
        value = np.asarray(make(tuple(shape), dtype=dtype))
        checks.same_variable_shape(name, tuple(shape), value.shape)
        variable = Variable(
            value, None, dtype, trainable, name=name, path=f"{path_of(self)}/{name}"
        )
        self._track(variable)
        return variable

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute; Variables among it are the layer's weights from now on, as in Keras.

        Raises:
            ValueError: for a new Variable or layer, once the layer is built.
            NotImplementedError: for what Keras computes with, and minidense does not.
        """
        if name in self.not_computed:
            checks.only_none(type(self).__name__, **{name: value})
        for leaf in _leaves(value):
            if isinstance(leaf, (Variable, WeightOwner)):
                checks.may_have(self.name, name, not self._locked or self._has(leaf))
            if isinstance(leaf, Variable):
                self._track(leaf)
        vars(self).pop(name, None)  # what is set anew comes last in the order of the weights
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        """Delete an attribute; a Variable is no weight of the layer any longer."""
        gone = vars(self).get(name)
        super().__delattr__(name)
        for known in (self._trainable_variables, self._non_trainable_variables):
            known[:] = [variable for variable in known if variable is not gone]

    def _has(self, thing: Any) -> bool:
        """Whether a Variable or layer belongs to this layer already."""
        return any(thing is known for known in (*self._own_variables(), *self._sublayers()))

    def _track(self, variable: Variable) -> None:
        """Remember a weight; whether it may be trained is decided now, and frozen or not later."""
        if any(variable is known for known in self._own_variables()):
            return
        kind = self._trainable_variables if variable.trainable else self._non_trainable_variables
        kind.append(variable)
        variable.trainable = variable.trainable and self._trainable

    def _track_listed(self) -> None:
        """Remember the Variables that were put into a list or dict after it became an attribute."""
        for leaf in self._attributes():
            if isinstance(leaf, Variable):
                self._track(leaf)

    def _own_variables(self) -> list[Variable]:
        """The weights that the layer made itself, those that can be trained first."""
        return [*self._trainable_variables, *self._non_trainable_variables]

    def _attributes(self) -> Iterator[Any]:
        """The attributes of this layer, and what is in lists, tuples and dicts that are."""
        for attribute, value in vars(self).items():
            if attribute not in ("_inbound_nodes", "_outbound_nodes"):
                yield from _leaves(value)

    def _sublayers(self) -> Iterator["WeightOwner"]:
        """The layers that are attributes of this one, or in lists that are."""
        yield from (leaf for leaf in self._attributes() if isinstance(leaf, WeightOwner))

    @property
    def weights(self) -> list[Variable]:
        """The layer's own variables, trainable before not, then its sublayers'."""
        inner = [variable for layer in self._sublayers() for variable in layer.weights]
        return list(dict.fromkeys([*self._own_variables(), *inner]))

    @property
    def variables(self) -> list[Variable]:
        """The weights, and the states of the seed generators."""
        inner = [variable for layer in self._sublayers() for variable in layer.variables]
        seeds = [leaf.state for leaf in self._attributes() if isinstance(leaf, SeedGenerator)]
        return list(dict.fromkeys([*self._own_variables(), *seeds, *inner]))

    @contextmanager
    def state_kept(self) -> Iterator[list[tuple[Variable, Array]]]:
        """Let a trial change nothing that is not trained: no counter, no seed; give what it was."""
        before = [(v, v.value.copy()) for v in self.variables if not v.trainable]
        try:
            yield before
        finally:
            for variable, value in before:
                variable.assign(value)

    @property
    def trainable_weights(self) -> list[Variable]:
        """The variables that training changes; none if the layer is frozen."""
        return [v for v in self.weights if v.trainable] if self._trainable else []

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The weights that training leaves alone."""
        return [v for v in self.weights if not (v.trainable and self._trainable)]

    trainable_variables = trainable_weights

    @property
    def non_trainable_variables(self) -> list[Variable]:
        """The weights that training leaves alone, and the states of the seed generators."""
        return [v for v in self.variables if not (v.trainable and self._trainable)]

    @property
    def trainable(self) -> bool:
        """Whether training may change the weights; setting it sets all that is inside.

        Setting it to what it is already changes nothing inside: TensorFlow's trackable objects,
        which Keras's layers are, skip such an assignment.
        """
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        if checks.truth("trainable", value) == self._trainable:
            return
        self._trainable = bool(value)
        for variable in self._trainable_variables:
            variable.trainable = self._trainable
        for layer in self._sublayers():
            layer.trainable = self._trainable

    def get_weights(self) -> list[Array]:
        """Return copies of the weights' values."""
        return [variable.numpy() for variable in self.weights]

    def set_weights(self, weights: Sequence[npt.ArrayLike]) -> None:
        """Set all weights, or none.

        Args:
            weights: one array for each of `weights`, of the same shape.

        Raises:
            ValueError: for another number of arrays, or another shape; nothing is changed then.
            TypeError: for an element that is no array of numbers.
        """
        variables = self.weights
        values = checks.weight_values(self.name, [v.shape for v in variables], weights)
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)

    def count_params(self) -> int:
        """Return how many numbers the weights hold.

        Raises:
            ValueError: if the layer is not built.
        """
        checks.built(self.name, self.built, "count_params")
        return sum(variable.value.size for variable in self.weights)


def _leaves(value: Any) -> list[Any]:
    """Return what is in a list, tuple or dict, a dict in its own order; else the value itself."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [leaf for part in value for leaf in _leaves(part)]
    return [value]


__all__ = ["WeightOwner"]
