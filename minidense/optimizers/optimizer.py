"""What every optimizer is: a learning rate, a step count, and state for each weight.

Mirrors `keras.optimizers.Optimizer` (`keras/src/optimizers/base_optimizer.py`).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

import numpy as np

from minidense import checks, initializers, ops
from minidense.engine.trace import subnormals_are_zero
from minidense.initializers import InitializerLike
from minidense.names import auto_name
from minidense.paths import at_path, path_here
from minidense.registry import Configured, own_arguments
from minidense.variables import Variable

# in Keras's order
_BEFORE = ("weight_decay", "clipnorm", "global_clipnorm", "clipvalue", "use_ema")
_AFTER = ("ema_overwrite_frequency", "loss_scale_factor", "gradient_accumulation_steps")
_SHARED = (*_BEFORE, "ema_momentum", *_AFTER)
_UNSUPPORTED = (*_BEFORE, *_AFTER)


class Optimizer(Configured):
    """Base class of all optimizers, and of a user's own.

    A subclass defines `update_step(gradient, variable, learning_rate)`, which assigns to the
    variable, and `build(variables)` if it keeps state. `fit` takes a step by `apply_gradients`,
    which calls `apply`: a subclass may have its own of these, too.

    Args:
        learning_rate: a float, 0 or more.
        name: None means an automatic one.
        ema_momentum: Keras's; without an average of the weights it has no effect.
        **kwargs: what Keras has and minidense does not: `weight_decay`, `clipnorm`, `use_ema` and
            so on have their places, but must be None or False, also when they are set later.

    Raises:
        ValueError: for a learning rate that is no float or is negative, or an unknown argument.
        NotImplementedError: for a value of what minidense does not have.
    """

    def __init__(
        self,
        learning_rate: float,
        *,
        name: str | None = None,
        ema_momentum: float = 0.99,
        **kwargs: Any,
    ) -> None:
        class_name = type(self).__name__
        if kwargs.pop("decay", None) is not None:
            checks.warn_user("Argument `decay` has no effect. Set `learning_rate`.")
        checks.known_arguments(class_name, kwargs, _UNSUPPORTED)
        self.name = name or auto_name(class_name)  # used up, whatever is refused below
        for argument, value in {**dict.fromkeys(_UNSUPPORTED), "use_ema": False, **kwargs}.items():
            setattr(self, argument, value)
        checks.learning_rate(learning_rate)
        checks.name_in_path(self.name)
        self.ema_momentum = ema_momentum
        self.built = False
        self._variables: list[Variable] = []
        self.iterations = self.add_variable((), "zeros", "int64", name="iteration")
        self._learning_rate = self.add_variable((), name="learning_rate")
        self._learning_rate.assign(learning_rate)
        self._indices: dict[Variable, int] = {}

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute, but nothing that would have no effect: only None, as at the start."""
        if name in _UNSUPPORTED:
            checks.only_none(type(self).__name__, **{name: value})
        super().__setattr__(name, value)

    @property
    def learning_rate(self) -> Variable:
        """The learning rate, a variable of shape (); set it to a number to change it."""
        return self._get_current_learning_rate()

    @learning_rate.setter
    def learning_rate(self, value: float | Variable) -> None:
        number = np.asarray(value)[()]
        checks.number_in("learning_rate", number, 0, float("inf"), high_included=False)
        self._learning_rate.assign(number)

    def _get_current_learning_rate(self) -> Variable:
        """Return the learning rate; under this name a subclass may give another, as in Keras."""
        return self._learning_rate

    @property
    def variables(self) -> list[Variable]:
        """The step count, the learning rate, and the state of each weight."""
        return list(self._variables)

    def build(self, variables: Sequence[Variable]) -> None:
        """Remember the weights; a subclass makes its state with `add_optimizer_variables`."""
        self._indices = {variable: index for index, variable in enumerate(variables)}
        self.built = True

    def add_variable(
        self,
        shape: Sequence[int],
        initializer: InitializerLike = "zeros",
        dtype: str | None = None,
        aggregation: str | None = "none",
        name: str | None = None,
    ) -> Variable:
        """Make one of the optimizer's own variables.

        Args:
            shape: its dimensions.
            initializer: a name or an object.
            dtype: None is `config.floatx()`.
            aggregation: Keras's; there is one device here.
            name: None means an automatic one.
        """
        make = initializers.get(initializer)
        name = name or auto_name("Variable")
        path = path_here(f"{self.name}/{name}")
        how = (False, True, aggregation)
        variable = Variable(make, tuple(shape), dtype, *how, name=name, path=path)
        self._variables.append(variable)
        return variable

    def add_variable_from_reference(
        self,
        reference_variable: Variable,
        name: str | None = None,
        initializer: InitializerLike = "zeros",
    ) -> Variable:
        """Make a variable in the shape and the dtype of a weight, and with the weight's path."""
        like = reference_variable
        full_name = f"{like.path.replace('/', '_')}_{name or 'var'}"
        return self.add_variable(like.shape, initializer, like.dtype, name=full_name)

    def add_optimizer_variables(
        self,
        trainable_variables: Iterable[Variable],
        name: str | Sequence[str],
        initializer: InitializerLike = "zeros",
    ) -> Any:
        """Return a list with a variable for each weight; for several names, a tuple of such lists.

        They are made in the order of the weights, all names of one weight together.
        """
        names = [name] if isinstance(name, str) else name
        made: tuple[list[Variable], ...] = tuple([] for _ in names)
        for variable in trainable_variables:
            for each, own in zip(names, made, strict=True):
                own.append(self.add_variable_from_reference(variable, each, initializer))
        return made[0] if isinstance(name, str) else made

    def _get_variable_index(self, variable: Variable) -> int:
        """Return which of the weights this is, in the order of `build`; the name is Keras's."""
        return self._indices[variable]

    def assign(self, variable: Variable, value: Any) -> None:
        """Set a variable; as `variable.assign`."""
        variable.assign(value)

    def assign_add(self, variable: Variable, value: Any) -> None:
        """Add to a variable; as `variable.assign_add`."""
        variable.assign_add(value)

    def assign_sub(self, variable: Variable, value: Any) -> None:
        """Subtract from a variable; as `variable.assign_sub`."""
        variable.assign_sub(value)

    def apply(
        self, grads: Sequence[Any], trainable_variables: Iterable[Variable] | None = None
    ) -> None:
        """Take one step, in place.

        Args:
            grads: the gradient of each variable, in its shape; None leaves the variable as it is,
                with a warning. Without any gradients nothing happens.
            trainable_variables: the weights; the first call builds the optimizer for them. None is
                those that it was built for.

        Raises:
            ValueError: for weights that it was not built for, for gradients that do not have their
                shapes, and if each gradient is None; no weight is changed then.
        """
        if len(grads) == 0:
            return
        if trainable_variables is None:
            checks.built_optimizer(self.name, self.built)
            variables = list(self._indices)
        else:
            variables = list(trainable_variables)
        checks.gradients(self.name, grads, variables)
        for variable in variables if self.built else []:
            checks.known_variable(self.name, variable.path, variable in self._indices)
        pairs = list(zip(grads, variables, strict=True))
        checks.some_gradient(self.name, [v.path for grad, v in pairs if grad is None], len(pairs))
        if not self.built:
            self.build(variables)
        rate: Any = self.learning_rate  # a subclass may say which
        with subnormals_are_zero(), at_path(self.name):
            for grad, variable in pairs:
                if grad is not None:
                    gradient = ops.convert_to_tensor(grad, variable.dtype)
                    self.update_step(gradient, variable, rate)
            self.iterations.assign_add(1)

    def apply_gradients(self, grads_and_vars: Iterable[tuple[Any, Variable]]) -> Variable:
        """Take one step from (gradient, variable) pairs; return the count of the steps.

        Raises:
            ValueError: if there is no pair, and else as `apply`.
        """
        pairs = list(grads_and_vars)
        checks.some_pairs(self.name, pairs)
        self.apply(tuple(grad for grad, _ in pairs), tuple(variable for _, variable in pairs))
        return self.iterations

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """Change one variable, in operations and `assign`."""
        raise NotImplementedError(
            f"Optimizer {type(self).__name__} needs an "
            "`update_step(gradient, variable, learning_rate)` method."
        )

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> Self:
        """Make an equal optimizer; what it has for arguments needs no `custom_objects`."""
        return cls(**config)

    def get_config(self) -> dict[str, Any]:
        """Return Keras's keys."""
        first = {"name": self.name, "learning_rate": float(self._learning_rate)}
        shared = {name: getattr(self, name) for name in _SHARED}
        return {**first, **shared, **own_arguments(self), **first}
