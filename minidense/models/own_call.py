"""What a subclass's own `call` makes of a model: a plan of what it calls, or one of a single step.

Answers to what `keras/src/models/model.py` and `keras/src/layers/layer.py` do to build a subclass.
"""

import warnings
from typing import Any

from minidense import checks
from minidense.graph.nest import flatten, map_structure
from minidense.graph.plan import Plan
from minidense.graph.symbolic import KerasTensor
from minidense.layers.call_context import context
from minidense.layers.input_layer import InputLayer
from minidense.layers.traced import TracedStep, trace
from minidense.layers.undo import all_or_nothing
from minidense.models.described import Described
from minidense.models.one_step import OneStep
from minidense.typing import Shape


class OwnCall(Described):
    """The part of a model that is about a `call` of one's own."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.plan: Plan | None = None
        self._inputs_struct: Any = None
        self._untold: bool | None = None

    def _set_plan(self, inputs: Any, outputs: Any, plan: Plan | None = None) -> None:
        """Keep the plan between symbolic inputs and outputs, which is made if none is given."""
        self._inputs_struct = inputs
        self.plan = plan or Plan(flatten(inputs), flatten(outputs))
        self.plan.nesting = outputs
        self._declared_rows = [tensor.shape[1:] for tensor in self.plan.inputs]

    @property
    def _outputs_struct(self) -> Any:
        """The symbolic outputs in the nesting of the plan; None before there is one."""
        return None if self.plan is None else self.plan.nesting

    def _has_own(self, method: str) -> bool:
        """Whether a subclass wrote this method itself."""
        raise NotImplementedError

    def computes_itself(self) -> bool:
        """Whether a subclass says what is computed: it sees the inputs as they came."""
        return self._has_own("call") or self._has_own("forward")

    def _inherited_call(self, inputs: Any, training: bool | None) -> Any:
        """Return what `super().call` does in a `call` of one's own: a Model has none to inherit."""
        checks.has_call(f"Model {type(self).__name__}", False)

    def _is_made_for(self, input_shapes: Any) -> bool:
        """Whether the plan is for inputs of these ranks, in this nesting."""
        ranks = checks.map_shapes(len, input_shapes)
        return bool(ranks == map_structure(lambda tensor: tensor.ndim, self._inputs_struct))

    def _check_call(self) -> None:
        checks.has_call(f"Model {type(self).__name__}", self.computes_itself())

    def build(self, input_shape: Any) -> None:
        """Do nothing: the layers of a subclass are built when it is called on something.

        A subclass may build them here. Without that the model counts as built, with a warning, as
        in Keras.
        """
        self._check_call()
        unbuilt = self.plan is None and any(not layer.built for layer in self._sublayers())
        if unbuilt and not self._has_own("build"):
            warnings.warn(
                f"`build()` was called on model '{self.name}', but {type(self).__name__} has no "
                "`build` of its own, and has layers that are not built. Call the model instead.",
                UserWarning,
                stacklevel=3,
            )

    def _build_for(self, shapes: Any) -> None:
        """Let the model be built, if it is not, and make its plan."""
        with all_or_nothing([self]), context.apart():
            if self._has_own("build") and not self.built:
                super()._build_for(shapes)
            self._make_plan(shapes)
            if not self.built:
                super()._build_for(shapes)

    def _build_again(self, shapes: Any) -> None:
        """Build the model; a subclass without `build` by running its `call`, as Keras does here."""
        if self._has_own("build"):
            self.build(shapes)
        else:
            self._build_for(shapes)

    def _make_plan(self, input_shape: Any) -> None:
        """Make the plan of a subclass, by calling its `call` on symbolic inputs.

        If `call` does more than call layers, so that no symbolic tensor comes through it, the whole
        model is one step: it can predict, and be trained if it has a `backward` of its own. It is
        one step, too, if it calls other layers in training than at rest, and can be trained.
        """
        self._check_call()
        inputs = checks.map_shapes(self._symbolic_input, input_shape)
        ways = None if self._has_own("forward") else trace(self, inputs)
        if ways is not None and ways.is_one:
            self._set_plan(inputs, ways.outputs[None], ways.plans[None])
            self._untold = ways.untold
        else:
            outputs = OneStep(self, None if ways is None else TracedStep(self, ways))(inputs)
            plan = Plan(flatten(inputs), flatten(outputs), may_share_names=True)  # of its inputs
            self._set_plan(inputs, outputs, plan)

    def trace_again(self) -> None:
        """Make anew what was made of a `call`: it may read values of Python's that have changed."""
        for layer in self._sublayers():
            if isinstance(layer, OwnCall):
                layer.trace_again()
        if self.plan is None:
            return
        if self.computes_itself():
            self._make_plan(map_structure(lambda tensor: tensor.shape, self._inputs_struct))
        elif any(isinstance(step.layer, TracedStep) for step in self.plan.steps):
            self._set_plan(self._inputs_struct, self._outputs_struct)

    def _symbolic_input(self, shape: Shape) -> KerasTensor:
        layer = InputLayer(batch_shape=shape, dtype=self.compute_dtype, name=f"{self.name}_input")
        tensor: KerasTensor = layer.output
        return tensor

    def told(self, training: bool) -> bool | None:
        """Return what a step tells the layers: `training`.

        Those of a subclass whose `call` takes no `training` are told nothing, as in Keras: a
        Dropout among them drops nothing in `fit`.
        """
        if not self._has_own("call") or self._has_own("forward"):
            return training
        return training if "training" in self._call_parameters() else self._untold

    def has_shape_formula(self) -> bool:
        """Whether it does not take a `call` to know the output's shape."""
        return not self.computes_itself() or self._has_own("compute_output_shape")


__all__ = ["OwnCall"]
