"""What every layer is: a name, weights, and the contract of forward and backward.

Answers to `keras.layers.Layer` (`keras/src/layers/layer.py`). Nothing of a call is kept on the
layer: what backward needs travels in `saved`, so a layer may be used twice, and in any order.
"""

import inspect
import warnings
from typing import Any

import numpy as np

from minidense import checks
from minidense.config import floatx
from minidense.graph.apart import apart
from minidense.graph.nest import flatten, map_structure
from minidense.graph.symbolic import KerasTensor, Node, is_symbolic
from minidense.layers.call_context import NOT_SAID, context, said_training
from minidense.layers.configurable import Configurable
from minidense.layers.input_spec import InputSpec
from minidense.layers.steps import CallStep, CastStep, CheckedStep
from minidense.layers.traced import TracedStep, stand_ins, trace
from minidense.names import auto_name
from minidense.paths import open_path
from minidense.typing import Array, Shape
from minidense.variables import Variable


class Layer(Configurable):
    """Base class of all layers, and of a user's own.

    A subclass defines `call(self, inputs)`, or `call(self, inputs, training)`. It is trained as it
    is if `call` does nothing but call layers; see `traced`. One that computes by itself and is to
    be trained defines `forward` and `backward` instead. Weights are made in `build` with
    `add_weight`.

    Args:
        activity_regularizer: not supported; only None.
        trainable: whether training may change the weights.
        dtype: "float32" or "float64"; None means `config.floatx()`.
        autocast: whether floating inputs are cast to the layer's dtype.
        name: None means an automatic one, `dense`, `dense_1` and so on.
        **kwargs: `input_shape` or `input_dim`, with a warning: the shape of one sample, for the
            first layer of a Sequential.

    Raises:
        ValueError: for an unknown argument, dtype or name, or a `trainable` that is no bool.

    >>> class Double(Layer):
    ...     def forward(self, inputs, training):
    ...         return 2 * inputs, None
    ...     def backward(self, grad, saved, needs_input_grad):
    ...         return 2 * grad, []
    >>> Double()(np.float32([[1.0, 2.0]]))
    array([[2., 4.]], dtype=float32)
    """

    casts_integers = False
    """Whether whole numbers are cast too: true of a layer that multiplies by weights."""

    training_unless_told: bool | None = None
    """What the `call` of this layer of Keras's has for a default of `training`."""

    def __init__(
        self,
        *,
        activity_regularizer: None = None,
        trainable: bool = True,
        dtype: Any = None,
        autocast: bool = True,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        class_name = type(self).__name__
        checks.only_none(class_name, activity_regularizer=activity_regularizer)
        checks.known_arguments(class_name, kwargs, ("input_shape", "input_dim"))
        checks.boolean("trainable", trainable)
        checks.name_in_path(name)
        self.compute_dtype = checks.float_dtype(dtype, floatx())
        self._input_shape_arg = _declared_shape(kwargs)
        if self._input_shape_arg is not None:
            warnings.warn(
                "Do not pass an `input_shape`/`input_dim` argument to a layer. In a Sequential, "
                "put an `Input(shape)` first instead.",
                UserWarning,
                stacklevel=3,
            )
        self.name = name or auto_name(class_name)
        self.autocast = autocast
        self.input_spec: InputSpec | None = None
        self.built = False
        self._trainable = trainable
        self._trainable_variables: list[Variable] = []
        self._non_trainable_variables: list[Variable] = []
        self._inbound_nodes: list[Node] = []
        self._outbound_nodes: list[Node] = []
        self._build_shapes_dict: dict[str, Any] | None = None

    # Calls

    def __call__(self, inputs: Any, *args: Any, training: Any = NOT_SAID, **kwargs: Any) -> Any:
        """Compute the outputs for arrays, or record the call for KerasTensors.

        Args:
            inputs: an array with the batch first, or a list or dict of them if `call` takes one.
            *args: none; Keras's sentence for the mistake.
            training: whether to behave as in training. Where it is not mentioned, it is what the
                calling layer was told, else what `call` has for a default.
            **kwargs: further arguments of a user's own `call`.

        Raises:
            ValueError: if the inputs are no arrays of numbers or have a wrong shape.
            TypeError: for an argument that `call` does not have.
            NotImplementedError: for further arguments of a call on KerasTensors.
        """
        checks.initialized(type(self).__name__, "_build_shapes_dict" in vars(self))
        checks.one_positional_argument(self.name, args)
        checks.call_arguments(self.name, kwargs, self._call_parameters())
        checks.training_flag(None if training is NOT_SAID else training)
        if is_symbolic(inputs):
            checks.only_inputs(self.name, kwargs)
            return self._record_call(inputs, training)
        arrays = self._standardize(inputs)
        shapes = map_structure(lambda array: array.shape, arrays)
        self.check_shapes(shapes)
        if not self.built:
            with context.apart():
                self._build_for(shapes)
        outputs = self._run_call(arrays, training, kwargs)
        return outputs if context.depth else apart(outputs, flatten(arrays))

    def _run_call(self, arrays: Any, training: Any, kwargs: dict[str, Any]) -> Any:
        """Run `call`; the layers that it calls are told the same `training`."""
        told = self._told(training)
        said = training is not NOT_SAID or told is not None
        if said and "training" in self._call_parameters():
            kwargs = {**kwargs, "training": told}
        context.depth += 1
        context.training = told
        try:
            with open_path(self):
                return self.call(arrays, **kwargs)
        finally:
            context.depth -= 1
            if context.depth == 0:
                context.training = None

    def _told(self, training: Any) -> bool | None:
        """Return what a call is told about training.

        That is what was passed to it, else what the call around it was told, else what `call`
        itself has for a default.
        """
        told = said_training(training)
        return self._default_training() if training is NOT_SAID and told is None else told

    def _default_training(self) -> bool | None:
        """Return what Keras's `call` has for a default of `training`, if it is True or False."""
        if self._definer("call").__module__.startswith("minidense."):
            return self.training_unless_told
        parameter = inspect.signature(self.call).parameters.get("training")
        default = None if parameter is None else parameter.default
        return default if type(default) is bool else None

    def recorded_training(self) -> bool | None:
        """Return the `training` that Keras records with a symbolic call that does not mention it.

        It is what the `call` of a layer has for a default, True or False, or else None.
        """
        ours = self._definer("call").__module__.startswith("minidense.")
        return None if ours else self._default_training()

    def _call_parameters(self) -> set[str]:
        return set(inspect.signature(self.call).parameters)

    def _record_call(self, inputs: Any, training: Any) -> Any:
        """Build if need be, and give symbolic outputs that remember this call.

        In a `call` that is traced, what a layer is told holds for those after it, as when it runs,
        and so does what it tells the layers inside.
        """
        if training is None and self.recorded_training():
            checks.no_default_of_training(self.name)
        shapes = map_structure(lambda tensor: tensor.shape, inputs)
        self.check_shapes(shapes)
        casts_input = any(tensor.dtype != self.input_dtype for tensor in flatten(inputs))
        with context.apart():
            if not self.built:
                self._build_for(shapes)
            outputs = self.compute_output_spec(inputs)
        is_traced = context.depth > 0
        told = self._told(training) if is_traced else said_training(training)
        if is_traced:
            context.training = told
            if self._call_is_newer_than_forward():
                self._trial(shapes, told)
        Node(self, inputs, outputs, told, casts_input, is_traced)
        return outputs

    def _build_for(self, shapes: Any) -> None:
        has_call = type(self).call is not Layer.call or type(self).forward is not Layer.forward
        checks.has_call(f"Layer {type(self).__name__}", has_call)
        self.build(shapes)
        self.built = True
        self.check_shapes(shapes)

    def _standardize(self, inputs: Any) -> Any:
        """Turn what came into arrays of the dtype that the layer computes in."""
        return map_structure(lambda value: self._cast(checks.array(self.name, value)), inputs)

    def _cast(self, array: Array) -> Array:
        floating = array.dtype.kind == "f"
        if array.dtype != self.compute_dtype and (
            (floating and self.autocast) or (not floating and self.casts_integers)
        ):
            return array.astype(self.compute_dtype)
        return array

    def check_shapes(self, shapes: Any) -> None:
        """Raise ValueError if the layer cannot take inputs of this shape, or these shapes."""
        if self.input_spec is not None:
            found = checks.flat_shapes(shapes)
            checks.some_input(self.name, len(found))
            for shape in found:
                self.input_spec.check(self.name, shape)

    def infer_shapes(self, shapes: Any) -> list[Shape]:
        """Check the input shapes and return the output's, or the several outputs', as a list."""
        self.check_shapes(shapes)
        return checks.flat_shapes(self.compute_output_shape(shapes))

    def call(self, inputs: Any, training: bool | None = False) -> Any:
        """Return the outputs for arrays that are ready: what a subclass overrides."""
        if type(self).forward is Layer.forward:
            raise NotImplementedError(
                f"Layer {type(self).__name__} does not have a `call()` method implemented."
            )
        return checks.forward_result(self.name, self.forward(inputs, training))[0]

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the outputs.

        The base runs the `call` of a built layer on zeros, with a batch of one; a layer with a
        formula overrides this, and answers before it is built too.

        Raises:
            NotImplementedError: if there is no formula, and the layer is not built.
        """
        if not self.built:
            raise NotImplementedError(
                f"Layer '{self.name}' is not built, so its output shape is not known. Define "
                f"`compute_output_shape(self, input_shape)` in {type(self).__name__}."
            )
        batch = checks.flat_shapes(input_shape)[0][0]
        with context.apart():
            outputs = self._trial(input_shape, False)
        return map_structure(lambda array: (batch, *np.shape(array)[1:]), outputs)

    def knows_output_shape(self) -> bool:
        """Whether `compute_output_shape` has an answer now: a formula, or a `call` to be run."""
        return self.built or self.has_shape_formula()

    def has_shape_formula(self) -> bool:
        """Whether `compute_output_shape` answers without a `call`; Keras's answers only then."""
        return type(self).compute_output_shape is not Layer.compute_output_shape

    def _trial(self, input_shape: Any, training: bool | None) -> Any:
        """Return what `call` makes of zeros, a batch of one; what it counts is as before."""

        def zeros(shape: Shape) -> Array:
            return np.zeros([1 if dim is None else dim for dim in shape], self.compute_dtype)

        with self.state_kept():
            return self._run_call(checks.map_shapes(zeros, input_shape), training, {})

    def compute_output_spec(self, inputs: Any) -> Any:
        """Return symbolic outputs for symbolic inputs."""
        shapes = map_structure(lambda tensor: tensor.shape, inputs)
        if not self.has_shape_formula():
            batch = checks.flat_shapes(shapes)[0][0]
            return map_structure(
                lambda array: KerasTensor((batch, *array.shape[1:]), str(array.dtype)),
                map_structure(np.asarray, self._trial(shapes, False)),
            )
        return checks.map_shapes(
            lambda shape: KerasTensor(shape, self.compute_dtype), self.compute_output_shape(shapes)
        )

    # The contract of training

    def forward(self, inputs: Any, training: bool | None) -> tuple[Any, Any]:
        """Return the outputs, and the least that backward needs.

        The base runs `call` and keeps nothing: so a layer can predict but not be trained.
        """
        return self._run_call(inputs, NOT_SAID if training is None else training, {}), None

    def backward(self, grad: Any, saved: Any, needs_input_grad: bool) -> tuple[Any, list[Array]]:
        """Return the gradient of the inputs (or None) and those of `trainable_weights`.

        Args:
            grad: the gradient of the outputs, in their shape; never written to.
            saved: what `forward` returned beside them; never written to.
            needs_input_grad: whether anybody wants the gradient of the inputs.
        """
        raise NotImplementedError(
            f"Layer '{self.name}' of class {type(self).__name__} has a `call` but no `backward`, "
            "so it can predict but not be trained. Let `call` do nothing but call layers, or "
            "define `forward(self, inputs, training)`, which returns the outputs and what backward "
            "needs, and `backward(self, grad, saved, needs_input_grad)`."
        )

    def logits(self, inputs: Any, saved: Any) -> Array | None:
        """Return what went into a softmax or sigmoid that made the outputs; None for no such."""
        return None

    def backward_from_logits(
        self, grad: Array, saved: Any, needs_input_grad: bool
    ) -> tuple[Any, list[Array]]:
        """Do what backward does, given the gradient of the logits and not of the outputs."""
        raise NotImplementedError(f"Layer '{self.name}' ends in no softmax or sigmoid.")

    def steps(self, inputs: Any) -> list[Any]:
        """Return the steps that a plan runs for one call: a cast if need be, then the layer.

        Args:
            inputs: the symbolic tensors of the call, in its nesting.
        """
        step: Any = self
        if self._call_is_newer_than_forward():
            step = self._traced(inputs) or CallStep(self, Layer.forward, Layer.backward)
        elif self._is_ones_own():
            step = CheckedStep(self)
        if not self.autocast or all(t.dtype == self.compute_dtype for t in flatten(inputs)):
            return [step]
        return [CastStep(self._cast), step]

    def _traced(self, inputs: Any) -> Any:
        """Return the step of a `call` that only calls layers; None for any other."""
        if next(self._sublayers(), None) is None:
            return None
        ways = trace(self, stand_ins(inputs, self.compute_dtype if self.autocast else None))
        return None if ways is None else TracedStep(self, ways)

    def _call_is_newer_than_forward(self) -> bool:
        """Whether a subclass overrode the `call` of a layer that has a forward of its own."""
        order = type(self).__mro__
        return order.index(self._definer("call")) < order.index(self._definer("forward"))

    def _is_ones_own(self) -> bool:
        """Whether forward or backward were written outside of this package."""
        definers = (self._definer("forward"), self._definer("backward"))
        return not all(cls.__module__.startswith("minidense.") for cls in definers)

    def _definer(self, method: str) -> type:
        return next(cls for cls in type(self).__mro__ if method in cls.__dict__)

    # The graph

    @property
    def dtype(self) -> str:
        """The dtype of the weights, by name."""
        return self.compute_dtype

    @property
    def input_dtype(self) -> str:
        """The dtype that inputs are wanted in, by name."""
        return self.compute_dtype

    @property
    def input(self) -> Any:
        """The symbolic input of the first recorded call.

        Raises:
            AttributeError: if the layer was never called on a symbolic tensor.
        """
        checks.called(self.name, bool(self._inbound_nodes), "input")
        return _unpack(self._inbound_nodes[0].input_tensors)

    @property
    def output(self) -> Any:
        """The symbolic output of the first recorded call.

        Raises:
            AttributeError: if the layer was never called on a symbolic tensor.
        """
        checks.called(self.name, bool(self._inbound_nodes), "output")
        return _unpack(self._inbound_nodes[0].output_tensors)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"


def _declared_shape(kwargs: dict[str, Any]) -> Shape | None:
    """Return the `input_shape` or `input_dim` among a layer's arguments, checked."""
    if kwargs.get("input_dim") is not None:
        return checks.shape_tuple((kwargs["input_dim"],))
    if kwargs.get("input_shape") is not None:
        return checks.shape_tuple(kwargs["input_shape"])
    return None


def _unpack(tensors: list[KerasTensor]) -> Any:
    return tensors[0] if len(tensors) == 1 else tensors


__all__ = ["Layer"]
