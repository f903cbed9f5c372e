"""What every optimizer is: a learning rate, a step count, and state for each weight.

Answers to `keras.optimizers.Optimizer` (`keras/src/optimizers/base_optimizer.py`).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from minidense import checks
from minidense.config import floatx
from minidense.conversion import as_array
from minidense.names import auto_name
from minidense.subnormals import Flushed
from minidense.typing import Array
from minidense.variables import Variable

SelfOptimizer = TypeVar("SelfOptimizer", bound="Optimizer")

# in Keras's order
_SHARED = (
    "weight_decay",
    "clipnorm",
    "global_clipnorm",
    "clipvalue",
    "use_ema",
    "ema_momentum",
    "ema_overwrite_frequency",
    "loss_scale_factor",
    "gradient_accumulation_steps",
)
_UNSUPPORTED = tuple(name for name in _SHARED if name != "ema_momentum")


class Optimizer:
    """Base class of all optimizers, and of a user's own.

    A subclass defines `update_step(gradient, variable, learning_rate)`, which changes the variable
    in place, and `build(variables)` if it keeps state. `fit` takes a step by `apply_gradients`,
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
        checks.known_arguments(class_name, kwargs, _UNSUPPORTED)
        for argument, value in {**dict.fromkeys(_UNSUPPORTED), "use_ema": False, **kwargs}.items():
            setattr(self, argument, value)
        checks.learning_rate(learning_rate)
        checks.name_in_path(name)
        self.name = name or auto_name(class_name)
        self.ema_momentum = ema_momentum
        self.built = False
        self._variables: list[Variable] = []
        self.iterations = self._track(0, "int64", "iteration")
        self._learning_rate = self._track(learning_rate, floatx(), "learning_rate")
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
        """Remember the weights; a subclass makes its state for them with `add_state`."""
        self._indices = {variable: index for index, variable in enumerate(variables)}
        self.built = True

    def know(self, variables: Sequence[Variable]) -> None:
        """Take these weights, if they are as many, for copies of those that it was built for."""
        if len(variables) == len(self._indices):
            self._indices = {variable: index for index, variable in enumerate(variables)}

    def add_state(self, variables: Sequence[Variable], *names: str) -> list[list[Variable]]:
        """Return, for each name, a list with an array of zeros for each variable.

        The optimizer's variables are in the order of the weights, all names of one weight together.
        """
        states: list[list[Variable]] = [[] for _ in names]
        for variable in variables:
            for name, state in zip(names, states, strict=True):
                full_name = f"{variable.path.replace('/', '_')}_{name}"
                zeros = np.zeros_like(variable.value)
                state.append(self._track(zeros, variable.dtype, full_name))
        return states

    def _track(self, value: Any, dtype: str, name: str) -> Variable:
        """Make one of the optimizer's own variables."""
        variable = Variable(value, None, dtype, False, name=name, path=f"{self.name}/{name}")
        self._variables.append(variable)
        return variable

    def index_of(self, variable: Variable) -> int:
        """Return which of the weights this is, in the order of `build`."""
        return self._indices[variable]

    def check_variables(self, variables: Iterable[Variable]) -> None:
        """Raise ValueError if `fit` could not train these: the optimizer was built for others.

        Which weights an `apply` of one's own hands on is not known before it is called.
        """
        if not self._applies_itself():
            self._check_known(variables)

    def _check_known(self, variables: Iterable[Variable]) -> None:
        """Raise ValueError if the optimizer was built for other weights."""
        if self.built and not self._indices.keys() >= set(variables):
            unknown = next(v for v in variables if v not in self._indices)
            checks.known_variable(self.name, unknown.path, False)

    def apply(
        self,
        grads: Sequence[Array | None],
        trainable_variables: Iterable[Variable] | None = None,
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
        self._check_known(variables)
        pairs = list(zip(grads, variables, strict=True))
        reached = [(grad, variable) for grad, variable in pairs if grad is not None]
        checks.some_gradient(self.name, [v.path for grad, v in pairs if grad is None], len(pairs))
        if not self.built:
            self.build(variables)
        own = [np.array(grad, variable.value.dtype) for grad, variable in reached]
        self.take_step(own, [variable for _, variable in reached])

    def apply_gradients(self, grads_and_vars: Iterable[tuple[Array | None, Variable]]) -> Variable:
        """Take one step from (gradient, variable) pairs; return the count of the steps.

        Raises:
            ValueError: if there is no pair, and else as `apply`.
        """
        pairs = list(grads_and_vars)
        checks.some_pairs(self.name, pairs)
        self.apply(tuple(grad for grad, _ in pairs), tuple(variable for _, variable in pairs))
        return self.iterations

    def learn(self, grads: Mapping[Variable, Array], variables: Sequence[Variable]) -> None:
        """Take one step of `fit`, with gradients fresh from the way back; the first one builds.

        A subclass with an `apply` or `apply_gradients` of its own takes the step with that. As in
        Keras, it is given all weights, and None where one has no gradient, and it builds.

        Raises:
            ValueError: if no weight has a gradient when the optimizer is built.
        """
        if self._applies_itself():
            all_grads = [grads.get(variable) for variable in variables]
            self.apply_gradients(zip(all_grads, variables, strict=True))
            return
        if not self.built:
            self.build(variables)
            checks.gradients_exist([v.path for v in variables if v not in grads], variables)
        reached = [variable for variable in variables if variable in grads]
        if reached:
            self.take_step([grads[variable] for variable in reached], reached)

    def _applies_itself(self) -> bool:
        """Whether `apply` or `apply_gradients` is a user's own, of a subclass or of this object."""
        own_apply = getattr(self.apply, "__func__", None) is not Optimizer.apply
        pairs = getattr(self.apply_gradients, "__func__", None)
        return own_apply or pairs is not Optimizer.apply_gradients

    def take_step(self, own_grads: Sequence[Array], variables: Sequence[Variable]) -> None:
        """Take one step with gradients that nobody else needs: they may be written over.

        `apply` hands in copies, `learn` the gradients themselves: one array less goes through the
        cache, which is a tenth of a step of a small MLP.
        """
        rate: Any = self.learning_rate  # a subclass may say which
        number = (rate.value if isinstance(rate, Variable) else as_array(rate))[()]
        with Flushed():
            for grad, variable in zip(own_grads, variables, strict=True):
                self.update_step(grad, variable, number)
        self.iterations.value += 1

    def update_step(self, gradient: Array, variable: Variable, learning_rate: Any) -> None:
        """Change one variable in place; the gradient may be written over."""
        raise NotImplementedError(
            f"Optimizer {type(self).__name__} needs an "
            "`update_step(gradient, variable, learning_rate)` method."
        )

    def get_config(self) -> dict[str, Any]:
        """Return Keras's keys."""
        return {
            "name": self.name,
            "learning_rate": float(self._learning_rate),
            **{name: getattr(self, name) for name in _SHARED},
        }

    @classmethod
    def from_config(cls: type[SelfOptimizer], config: dict[str, Any]) -> SelfOptimizer:
        """Make an optimizer from what `get_config` returned."""
        return cls(**config)


__all__ = ["Optimizer"]
