"""Model: a layer made of layers, with a plan to run them and a trainer to teach them.

Answers to `keras.Model` (`keras/src/models/model.py`). A model in a model is a layer like any
other: what its forward saves is the tape of its plan.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from minidense import checks
from minidense.graph.apart import apart
from minidense.graph.nest import flatten, map_structure, pack_like
from minidense.graph.plan import Plan, Tape
from minidense.graph.symbolic import KerasTensor, is_symbolic
from minidense.layers.call_context import NOT_SAID, context, said_training
from minidense.layers.serialization import reading, serialize
from minidense.layers.undo import all_or_nothing
from minidense.models.inner_model import InnerModel, learning
from minidense.models.inputs import (
    compare_nesting,
    fit_rank,
    in_form,
    in_order_of_a_list,
    input_names,
    kept_or_arranged,
    layer_name,
    warn_of_other_names,
)
from minidense.models.own_call import OwnCall
from minidense.typing import Array, Shape


class Model(OwnCall):
    """Layers grouped into one, that can be trained.

    There are three ways to make one: `Model(inputs, outputs)` from symbolic tensors, `Sequential`
    from a list of layers, or a subclass that makes layers in `__init__` and calls them in `call`.

    Args:
        inputs: a KerasTensor, or a list or dict of them.
        outputs: what is computed from them, in the same forms.
        name: None means an automatic one.
        trainable: whether training may change the weights.

    Raises:
        ValueError: if inputs or outputs are no KerasTensors, or do not belong together.
        TypeError: if `outputs` is missing.

    >>> import numpy as np
    >>> from minidense import Input, layers
    >>> inputs = Input((4,))
    >>> model = Model(inputs, layers.Dense(2, kernel_initializer="ones")(inputs))
    >>> model(np.ones((1, 4), "float32"))
    array([[4., 4.]], dtype=float32)
    """

    def __new__(cls, *args: Any, **kwargs: Any) -> "Model":
        """Give a `Functional` where `Model` itself is called with inputs and outputs, as Keras."""
        if cls is Model and (args or kwargs.keys() >= {"inputs", "outputs"}):
            from minidense.models.functional import Functional

            return super().__new__(Functional)
        return super().__new__(cls, *args, **kwargs)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        checks.no_positional(type(self).__name__, args)
        super().__init__(**kwargs)

    # Running the plan

    def __call__(self, inputs: Any, *args: Any, training: Any = NOT_SAID, **kwargs: Any) -> Any:
        """Compute the outputs for arrays at once, or record the call for KerasTensors.

        Args:
            inputs: an array (batch, ...), or as many as the model has inputs.
            *args: none.
            training: whether dropout is at work; None is no, or what the calling layer was told.
            **kwargs: further arguments of a subclass's own `call`.

        Raises:
            ValueError: if the inputs are no arrays of numbers, or have a wrong shape.
        """
        if self.computes_itself():
            return super().__call__(inputs, *args, training=training, **kwargs)
        if is_symbolic(inputs):
            if isinstance(inputs, Mapping):
                inputs = kept_or_arranged(inputs, flatten(self.by_name(inputs)))
            else:
                in_order_of_a_list(self.name, self._inputs_struct)
            return super().__call__(inputs, *args, training=training, **kwargs)
        checks.one_positional_argument(self.name, args)
        checks.call_arguments(self.name, kwargs, {"training"})
        checks.training_flag(None if training is NOT_SAID else training)
        told = said_training(training)
        if context.depth:
            context.training = told
        return self.call(inputs, told)

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """Return the outputs for arrays: what `model(x)` does, too."""
        if self._has_own("call"):
            return self._inherited_call(inputs, training)
        if self._has_own("forward"):
            return checks.forward_result(self.name, self.forward(inputs, training))[0]
        inputs = self.by_name(inputs, stacklevel=4)
        arrays = [checks.array(self.name, value) for value in flatten(inputs)]
        shapes = [array.shape for array in arrays]
        if self.plan is None:  # for this very batch size, as Keras
            self._build_for(pack_like(inputs, shapes))
        if not self._as_declared(shapes):
            self.shapes_of_outputs(shapes)
        compare_nesting(self.name, self._inputs_struct, inputs, stacklevel=4)
        return apart(self.forward(arrays, training)[0], arrays)

    def _as_declared(self, shapes: list[Shape]) -> bool:
        """Whether the shapes are the very ones that the model was made for, but for the batch."""
        return [shape[1:] for shape in shapes] == self._declared_rows and all(shapes)

    def forward(self, inputs: Any, training: bool | None) -> tuple[Any, Any]:
        """Return the outputs; save the tape of the plan."""
        assert self.plan is not None
        arrays = self.prepare_inputs(self.plan, flatten(inputs))
        outputs, tape = self.plan.forward(arrays, training)
        return self.pack_outputs(self.plan, outputs), tape

    def backward(self, grad: Any, saved: Any, needs_input_grad: bool) -> tuple[Any, list[Array]]:
        """Go back through the plan."""
        return self._go_back(flatten(grad), saved, needs_input_grad, at_logits=False)

    def backward_from_logits(
        self, grad: Array, saved: Tape, needs_input_grad: bool
    ) -> tuple[Any, list[Array]]:
        """Go back through the plan, from what went into its last softmax."""
        return self._go_back([grad], saved, needs_input_grad, at_logits=True)

    def _go_back(
        self, grads: list[Array], saved: Tape, needs_input_grad: bool, at_logits: bool
    ) -> tuple[Any, list[Array]]:
        assert self.plan is not None
        # None where no output that was used depends on the weight
        return self.plan.backward_as_step(grads, saved, learning(self), needs_input_grad, at_logits)

    def steps(self, inputs: Any) -> list[Any]:
        """Return the steps of this model inside another one."""
        steps = super().steps(inputs)
        return [InnerModel(self)] if steps[-1] is self else steps

    def logits(self, inputs: Any, saved: Any) -> Array | None:
        """Return what went into a last softmax or sigmoid, else None."""
        assert self.plan is not None
        return self.plan.logits(saved)

    # What the trainer asks for

    def by_name(self, inputs: Any, stacklevel: int = 3) -> Any:
        """Return what was passed by name in the model's order, and anything else as it is.

        A dict goes by the keys that the model was made with, or else by the names of the Inputs;
        a `call` of one's own sees it as it is. Names that are no input's are passed over, as in
        Keras: with a warning by a model that was made with a dict.

        Raises:
            ValueError: if a name is missing.
        """
        if not isinstance(inputs, Mapping) or self.plan is None or self.computes_itself():
            return inputs
        wanted = self._inputs_struct
        names = input_names(wanted)
        checks.inputs_by_name(self.name, names, list(inputs))
        if isinstance(wanted, Mapping):
            warn_of_other_names(self.name, names, list(inputs), stacklevel + 1)
            return {name: inputs[name] for name in names}
        return [inputs[name] for name in names]

    def check_nesting(self, input_shapes: Any, stacklevel: int) -> None:
        """Compare the nesting of the inputs with the one that the model was made with.

        What comes in another one is taken in its order, with a warning, as in Keras.

        Raises:
            ValueError: for a list, if the model takes a dict in another order than a list's.
        """
        if self.plan is None or self.computes_itself():
            return
        given = checks.map_shapes(lambda _: None, input_shapes)
        compare_nesting(self.name, self._inputs_struct, given, stacklevel)

    def prepare_inputs(self, plan: Plan, arrays: Sequence[Any]) -> list[Array]:
        """Return the arrays in the dtypes and ranks of a plan's inputs."""
        pairs = zip(plan.inputs, arrays, strict=True)
        return [in_form(self.name, tensor, array) for tensor, array in pairs]

    def pack_outputs(self, plan: Plan, outputs: list[Array]) -> Any:
        """Return the outputs in the nesting that the plan was made with.

        As in Keras one output in a list comes without it, but not from a `call` of one's own.
        """
        is_one = len(outputs) == 1 and not isinstance(plan.nesting, Mapping)
        if is_one and not self.computes_itself():
            return outputs[0]
        return pack_like(plan.nesting, outputs)

    def output_names(self) -> list[str]:
        """Return the keys of the outputs, or else the names of the layers that they come from."""
        return input_names(self._outputs_struct)

    def output_key(self) -> str | None:
        """Return the key of the one output of a model that gives a dict, else None."""
        outputs = self._outputs_struct
        return next(iter(outputs)) if isinstance(outputs, Mapping) else None

    def ready(self, input_shapes: Any, batch: int | None) -> Plan:
        """Return the plan for rows of these shapes and this nesting; build what is not built.

        A subclass with its own `call` takes what its layers take, of another rank or nesting too,
        as in Keras: then its plan is made anew.
        """
        if self.plan is None:
            self._build_for(_in_batches(input_shapes, batch))
        elif self.computes_itself() and not self._is_made_for(input_shapes):
            with all_or_nothing([self]), context.apart():
                self._make_plan(_in_batches(input_shapes, batch))
        assert self.plan is not None
        return self.plan

    def shapes_of_outputs(self, input_shapes: Any, batch: int | None = None) -> list[Shape]:
        """Return the outputs' shapes; every layer checks what it would be given."""
        known = checks.map_shapes(lambda shape: tuple(dim or 1 for dim in shape), input_shapes)
        plan = self.ready(known, batch)
        shapes = checks.flat_shapes(input_shapes)
        checks.inputs_count(self.name, len(plan.inputs), len(shapes))
        fitted = []
        for tensor, shape in zip(plan.inputs, shapes, strict=True):
            fitted.append(fit_rank(self.name, tensor, shape))
            self._check_dimensions(tensor, fitted[-1])
        return plan.infer_shapes(fitted)

    def check_inputs(self, input_shapes: Any, batch: int | None) -> None:
        """Raise ValueError if the inputs' shapes do not fit; rows as they were declared do."""
        if self.plan is None or not self._as_declared(checks.flat_shapes(input_shapes)):
            self.shapes_of_outputs(input_shapes, batch)

    def _check_dimensions(self, tensor: KerasTensor, shape: Shape) -> None:
        """Compare the dimensions of an input with those that the model was made for."""
        if not self.computes_itself():
            checks.input_shape(self.name, layer_name(tensor), tensor.shape, shape)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the outputs, in the nesting that the model was made with.

        Raises:
            NotImplementedError: for a subclass that is not built, as for any layer.
        """
        if not self.knows_output_shape():
            return super().compute_output_shape(input_shape)
        shapes = self.shapes_of_outputs(input_shape)
        return shapes[0] if len(shapes) == 1 else pack_like(self._outputs_struct, shapes)

    def knows_output_shape(self) -> bool:
        """Whether there is an answer now: a subclass has one once its `call` has been run."""
        return self.plan is not None or self.has_shape_formula()

    def compute_output_spec(self, inputs: Any) -> Any:
        """Return symbolic outputs; each has the dtype of the model's own output."""
        shapes = self.shapes_of_outputs(map_structure(lambda tensor: tensor.shape, inputs))
        assert self.plan is not None
        specs = [
            KerasTensor(shape, tensor.dtype)
            for shape, tensor in zip(shapes, self.plan.outputs, strict=True)
        ]
        return specs[0] if len(specs) == 1 else pack_like(self._outputs_struct, specs)

    def _has_own(self, method: str) -> bool:
        """Whether a subclass wrote this method itself."""
        return getattr(type(self), method) is not getattr(Model, method)

    # Copies and configurations

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Be a copy: the optimizer knows the copies of the weights, in the same order."""
        vars(self).update(state)
        if self.optimizer is not None:
            self.optimizer.know(self.trainable_weights)

    def get_compile_config(self) -> dict[str, Any]:
        """Return {}: a configuration is of the layers alone.

        Keras writes the loss, the optimizer and the metrics of a compiled model here. minidense
        writes none and reads none: compile the model that was made from a configuration.
        """
        return {}

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> Any:
        """Make a model from what `get_config` returned; its weights are new.

        Args:
            config: of a functional model, or the arguments of a subclass.
            custom_objects: the user's own classes and functions that it may name, by name.

        Raises:
            TypeError: for an unknown class, or arguments that a class does not take.
            ValueError: for calls that do not fit together.
        """
        from minidense.models.functional import Functional, functional_from_config

        with reading(custom_objects):
            of_graph = isinstance(config, Mapping) and config.keys() >= FUNCTIONAL_KEYS
            if of_graph and (cls is Model or issubclass(cls, Functional)):
                return functional_from_config(cls, config)
            try:
                return cls(**config)
            except TypeError as error:
                raise TypeError(
                    f"A model of class {cls.__name__} cannot be made from its configuration: "
                    f"{error}"
                ) from error

    def to_json(self, **kwargs: Any) -> str:
        """Return the configuration as text, which `models.model_from_json` reads.

        Args:
            **kwargs: what `json.dumps` takes, such as `indent=2`.

        Source: `keras.Model.to_json`.
        """
        import json

        return json.dumps(serialize(self), **kwargs)


def _in_batches(input_shapes: Any, batch: int | None) -> Any:
    """Return the shapes of rows, in their nesting, as those of batches of this size."""
    return checks.map_shapes(lambda shape: (batch, *shape[1:]), input_shapes)


FUNCTIONAL_KEYS = {"name", "layers", "input_layers", "output_layers"}
"""What the configuration of a functional model has, and that of a subclass has not."""


__all__ = ["Model"]
