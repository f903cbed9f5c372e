"""Who owns which weights, in which order: what is found among the attributes of a layer.

Mirrors the tracking of `keras/src/layers/layer.py` and `keras/src/utils/tracking.py`.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy.typing as npt

from minidense import checks, initializers
from minidense.graph.symbolic import Recorded
from minidense.initializers import InitializerLike
from minidense.names import auto_name
from minidense.nest import leaves_of
from minidense.paths import path_of
from minidense.random.seeds import SeedGenerator
from minidense.typing import Array
from minidense.variables import Variable


class Structure:
    """How often an attribute of a layer was set: what was traced may be another thing now."""

    version = 0


class WeightOwner(Recorded):
    """What has weights: Variables that it makes or is given, and those of the owners inside it."""

    compute_dtype: str
    not_computed: tuple[str, ...] = ("activity_regularizer",)
    """Attributes with which Keras computes, and which may be nothing but None here."""
    not_read_by_calls: tuple[str, ...] = ()
    """Attributes that no call reads: to set them leaves what was traced as it is."""
    path: str | None = None
    """The name, with those of the layers around it before it; None until the layer is built."""
    parent_path: str | None = None
    """The path of whoever built or called the layer first; None until somebody did."""
    built = False
    _is_building = False
    _is_locked = False
    _trainable = True
    _trainable_variables: list[Variable]
    _non_trainable_variables: list[Variable]

    # What belongs to it

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute; Variables among it are the layer's weights from now on, as in Keras.

        Raises:
            ValueError: for a new Variable or layer, once the layer is built.
            NotImplementedError: for what Keras computes with, and minidense does not.
        """
        if name in self.not_computed:
            checks.only_none(type(self).__name__, **{name: value})
        owned = [leaf for leaf in leaves_of(value) if isinstance(leaf, (Variable, WeightOwner))]
        for leaf in owned:
            may_have = not self._is_locked or self._has(leaf)
            checks.may_have(vars(self).get("name", type(self).__name__), name, may_have)
            if isinstance(leaf, Variable):
                self.track(leaf)
        if owned:
            vars(self).pop(name, None)  # what is set anew comes last in the order of the weights
        is_new = name not in vars(self) or vars(self)[name] is not value
        super().__setattr__(name, value)
        Structure.version += is_new and name not in self.not_read_by_calls

    def __delattr__(self, name: str) -> None:
        """Delete an attribute; a Variable is no weight of the layer any longer."""
        gone = vars(self).get(name)
        super().__delattr__(name)
        Structure.version += 1
        for known in (self._trainable_variables, self._non_trainable_variables):
            known[:] = [variable for variable in known if variable is not gone]

    def track(self, variable: Variable) -> None:
        """Remember a weight; whether it may be trained is decided now, and frozen or not later."""
        if any(variable is known for known in self.own_variables):
            return
        can_train = variable.trainable
        (self._trainable_variables if can_train else self._non_trainable_variables).append(variable)
        variable.trainable = can_train and self._trainable

    def _has(self, thing: Any) -> bool:
        """Whether a Variable or layer belongs to this layer already."""
        return any(thing is known for known in (*self.own_variables, *self.sublayers()))

    def sublayers(self) -> Iterator[Any]:
        """Give the layers that are attributes of this one, or in lists that are."""
        yield from (leaf for leaf in attributes_of(self) if isinstance(leaf, WeightOwner))

    def add_weight(
        self,
        shape: Sequence[int | None] = (),
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
        checks.not_built_twice(self.name, self.built and not self._is_building)
        dtype = dtype or self.compute_dtype
        if initializer is None:
            initializer = "glorot_uniform" if "float" in dtype else "zeros"
        make = initializers.get(initializer)
        name = name or auto_name("Variable")  # used up, as the seed is, whatever is refused below
        known = checks.known_dimensions(self.name, shape)
        path = f"{path_of(self)}/{name}"
        variable = Variable(make, known, dtype, trainable, name=name, path=path)
        self.track(variable)
        return variable

    # Lists of weights

    @property
    def own_variables(self) -> list[Variable]:
        """The weights that the layer made itself, those that can be trained first."""
        return [*self._trainable_variables, *self._non_trainable_variables]

    @property
    def weights(self) -> list[Variable]:
        """The layer's own variables, trainable before not, then its sublayers'."""
        inner = [variable for inside in self.sublayers() for variable in inside.weights]
        return list(dict.fromkeys([*self.own_variables, *inner]))

    @property
    def variables(self) -> list[Variable]:
        """The weights, and the states of the seed generators."""
        inner = [variable for inside in self.sublayers() for variable in inside.variables]
        seeds = [leaf.state for leaf in attributes_of(self) if isinstance(leaf, SeedGenerator)]
        return list(dict.fromkeys([*self.own_variables, *seeds, *inner]))

    @property
    def trainable_weights(self) -> list[Variable]:
        """The variables that training changes; none if the layer is frozen."""
        return [v for v in self.weights if v.trainable] if self._trainable else []

    trainable_variables = trainable_weights

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The weights that training leaves alone."""
        return [v for v in self.weights if not (v.trainable and self._trainable)]

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
        for layer in self.sublayers():
            layer.trainable = self._trainable

    # Their values

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
        return sum(variable.memory.size for variable in self.weights)


def attributes_of(owner: Any) -> Iterator[Any]:
    """Give the attributes of an owner, and what is in lists, tuples and dicts that are."""
    for attribute, value in list(vars(owner).items()):
        if not isinstance(value, (list, tuple, dict)):
            yield value  # most are none: each `train_on_batch` looks for metrics
        elif attribute not in ("_inbound_nodes", "_outbound_nodes"):
            yield from leaves_of(value)
