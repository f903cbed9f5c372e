"""A model's calls in the order in which they run, forward and backward.

A plan is made once, when a model is made. Each tensor of the graph has a slot, a number; a step
takes the arrays in some slots to arrays in others. The way forward leaves a `Tape`; the way back
reads it, with one dictionary of the gradients that are still to be used.
"""

from typing import Any, NamedTuple, Protocol

import numpy as np

from minidense.graph.nest import flatten, pack_like
from minidense.graph.order import order_graph
from minidense.graph.symbolic import KerasTensor, Node
from minidense.typing import Array, Shape
from minidense.variables import Variable


class StepLayer(Protocol):
    """What a plan knows of a layer, or of one of the steps that a layer is made of."""

    @property
    def trainable_weights(self) -> Any:
        """The variables whose gradients `backward` returns, in this order."""

    def forward(self, inputs: Any, training: bool | None) -> tuple[Any, Any]:
        """Return the outputs and what backward needs."""

    def backward(self, grad: Any, saved: Any, needs_input_grad: bool) -> tuple[Any, list[Array]]:
        """Return the gradient of the inputs, or None, and the gradients of the weights."""

    def logits(self, inputs: Any, saved: Any) -> Array | None:
        """Return what went into a softmax or sigmoid that made the outputs, else None."""

    def backward_from_logits(
        self, grad: Array, saved: Any, needs_input_grad: bool
    ) -> tuple[Any, list[Array]]:
        """Do what backward does, given the gradient of the logits."""


class WithoutLogits:
    """A step that no loss looks through: it has no logits, and its way back begins at its outputs.

    What is no softmax and no sigmoid inherits the two answers from here.
    """

    def logits(self, inputs: Any, saved: Any) -> Array | None:
        """Return None: nothing here went into a softmax or sigmoid."""
        return None

    def backward_from_logits(
        self, grad: Array, saved: Any, needs_input_grad: bool
    ) -> tuple[Any, list[Array]]:
        """Never called: there are no logits."""
        raise NotImplementedError


class Step(NamedTuple):
    """One computation: arrays from some slots to others."""

    layer: StepLayer
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    arguments: Any  # the nesting in which the layer wants its inputs; None for one array
    training: bool | None  # what was passed to this very call, or Keras records with it, or None
    told: bool  # whether that holds whatever the run is told
    learns: bool  # whether there are weights; asked once, since a layer never gets any later


class Tape(NamedTuple):
    """What a way forward leaves: the array in each slot, and what each step saved."""

    values: list[Any]
    saved: list[Any]


class Plan:
    """The steps of a model from its inputs to its outputs.

    Args:
        inputs: the symbolic inputs.
        outputs: the symbolic outputs.
        may_share_names: whether two layers may have one name: so in a `call` of one's own.

    Raises:
        ValueError: if the outputs do not come from the inputs, or two layers share a name.
    """

    def __init__(
        self,
        inputs: list[KerasTensor],
        outputs: list[KerasTensor],
        may_share_names: bool = False,
    ) -> None:
        self.inputs = inputs
        self.outputs = outputs
        self.nesting: Any = outputs
        """The outputs in the lists, tuples and dicts in which a model gives them."""
        order = order_graph(inputs, outputs, may_share_names)
        self.nodes_by_depth, self.operations = order
        self.calls = order.calls
        self._slots: dict[int, int] = {}
        self._slot_count = 0
        self.input_slots = [self._slot(tensor) for tensor in inputs]
        self.steps: list[Step] = []
        for node in self.calls:
            self._add_steps(node)
        self.output_slots = [self._slot(tensor) for tensor in outputs]
        self._learning_steps = [step for step in self.steps if step.learns]
        self._asked: Any = None
        self._way: list[tuple[int, Step, list[Variable], bool]] = []
        self._producers = {
            slot: index for index, step in enumerate(self.steps) for slot in step.outputs
        }

    def _slot(self, tensor: KerasTensor) -> int:
        if id(tensor) not in self._slots:
            self._slots[id(tensor)] = self._new_slot()
        return self._slots[id(tensor)]

    def _new_slot(self) -> int:
        self._slot_count += 1
        return self._slot_count - 1

    def _add_steps(self, node: Node) -> None:
        """Append the steps of one call; those between two of them get slots of their own."""
        slots = tuple(self._slot(tensor) for tensor in node.input_tensors)
        arguments = None if isinstance(node.arguments, KerasTensor) else node.arguments
        layers = node.operation.steps(node.arguments)
        training = node.training
        if training is None and not node.told and not node.only_passed:
            training = node.operation.recorded_training()
        rest = (arguments, training, node.told, bool(node.operation.weights))
        for layer in layers[:-1]:
            between = tuple(self._new_slot() for _ in slots)
            self.steps.append(Step(layer, slots, between, *rest))
            slots = between
        outputs = tuple(self._slot(tensor) for tensor in node.output_tensors)
        self.steps.append(Step(layers[-1], slots, outputs, *rest))

    def infer_shapes(self, input_shapes: list[Shape]) -> list[Shape]:
        """Return the output shapes for these input shapes; each layer checks what it is given.

        Raises:
            ValueError: from the first layer that cannot take its input.
        """
        shapes = {
            id(tensor): shape for tensor, shape in zip(self.inputs, input_shapes, strict=True)
        }
        for node in self.calls:
            given = [shapes[id(tensor)] for tensor in node.input_tensors]
            made = node.operation.infer_shapes(pack_like(node.arguments, given))
            for tensor, shape in zip(node.output_tensors, made, strict=True):
                shapes[id(tensor)] = shape
        return [shapes[id(tensor)] for tensor in self.outputs]

    @np.errstate(all="ignore")
    def forward(self, inputs: list[Array], training: bool | None) -> tuple[list[Array], Tape]:
        """Run all steps; return the outputs and the tape. What overflows does so in silence.

        Where the run is told nothing, what one call was told holds for those after it, as in Keras.
        """
        is_untold = training is None
        values: list[Any] = [None] * self._slot_count
        saved: list[Any] = []
        for slot, array in zip(self.input_slots, inputs, strict=True):
            values[slot] = array
        for layer, slots, output_slots, arguments, step_training, told, _ in self.steps:
            if arguments is None:
                given = values[slots[0]]
            else:
                given = pack_like(arguments, [values[slot] for slot in slots])
            if is_untold and not told and step_training is not None:
                training = step_training
            outputs, kept = layer.forward(given, step_training if told else training)
            saved.append(kept)
            if len(output_slots) == 1:
                values[output_slots[0]] = outputs
            else:
                for slot, output in zip(output_slots, flatten(outputs), strict=True):
                    values[slot] = output
        return [values[slot] for slot in self.output_slots], Tape(values, saved)

    def backward(
        self,
        grad: Any,
        tape: Tape,
        needs_input_grad: bool = False,
        at_logits: bool = False,
    ) -> tuple[list[Array | None], dict[Variable, Array]]:
        """Run the steps back.

        Args:
            grad: the gradient of the output, or a list with one (or None) for each output.
            tape: from the way forward.
            needs_input_grad: whether the gradients of the inputs are wanted.
            at_logits: whether grad is the gradient of `logits(tape)` and not of the output.

        Returns:
            The gradient of each input (None where not asked for, or where no output needs it),
            and the gradient of each trainable weight that the outputs depend on.
        """
        grads = grad if isinstance(grad, list) else [grad]
        pending: dict[int, Any] = {}  # the gradient of the array in each slot, as far as known
        first_backward = None
        if at_logits:
            last = self.steps[self._last_real_step(tape)]
            pending[last.outputs[0]], first_backward = grads[0], last.layer.backward_from_logits
        else:
            for slot, output_grad in zip(self.output_slots, grads, strict=True):
                _add(pending, slot, output_grad)
        weight_grads: dict[Variable, Array] = {}
        for index, step, weights, needs_above in self._way_back(needs_input_grad):
            one = len(step.outputs) == 1
            step_grad: Any = pending.pop(step.outputs[0], None) if one else _take(pending, step)
            if step_grad is None:
                continue  # no output depends on it
            backward = first_backward or step.layer.backward
            first_backward = None
            input_grad, step_weight_grads = backward(step_grad, tape.saved[index], needs_above)
            for variable, weight_grad in zip(weights, step_weight_grads, strict=True):
                _add(weight_grads, variable, weight_grad)
            if needs_above:
                input_grads = [input_grad] if len(step.inputs) == 1 else input_grad
                for slot, slot_grad in zip(step.inputs, input_grads, strict=True):
                    _add(pending, slot, slot_grad)
        return [pending.get(slot) for slot in self.input_slots], weight_grads

    def backward_as_step(
        self,
        grads: list[Array],
        tape: Tape,
        weights: list[Variable],
        needs_input_grad: bool,
        at_logits: bool,
    ) -> tuple[Any, list[Any]]:
        """Run the steps back, for a plan that is a step of another one.

        Returns:
            What a step's `backward` returns: the gradient of the input, or of the several as a
            list, and those of the weights in their order; None where no output that was used
            depends on it.
        """
        input_grads, weight_grads = self.backward(grads, tape, needs_input_grad, at_logits)
        ordered = [weight_grads.get(variable) for variable in weights]
        if not needs_input_grad:
            return None, ordered
        return (input_grads[0] if len(input_grads) == 1 else input_grads), ordered

    def _way_back(self, needs_input_grad: bool) -> list[tuple[int, Step, list[Variable], bool]]:
        """Return the steps that go back, last first: those where somebody here or above learns.

        With each come its index, its trainable weights, and whether somebody above it wants the
        gradient of its inputs. Remembered until a layer is frozen or thawed, since it is asked in
        each step of training.
        """
        weights = [step.layer.trainable_weights for step in self._learning_steps]
        asked = (needs_input_grad, weights)
        if asked != self._asked:
            learning = iter(weights)
            wanted = dict.fromkeys(self.input_slots, needs_input_grad)
            way = []
            for index, step in enumerate(self.steps):
                own = next(learning) if step.learns else []
                needs_above = any(wanted[slot] for slot in step.inputs)
                for slot in step.outputs:
                    wanted[slot] = bool(own) or needs_above
                if own or needs_above:
                    way.append((index, step, own, needs_above))
            self._asked, self._way = asked, way[::-1]
        return self._way

    def logits(self, tape: Tape) -> Array | None:
        """Return what went into the softmax or sigmoid that made the only output, else None.

        A step that handed its input on untouched (a Dropout at rest, a linear activation) is looked
        through, since Keras keeps the logits on the very tensor.
        """
        index = self._last_real_step(tape)
        if index < 0:
            return None
        step = self.steps[index]
        return step.layer.logits(tape.values[step.inputs[0]], tape.saved[index])

    def _last_real_step(self, tape: Tape) -> int:
        """Return the index of the step that made the array of the only output, -1 for none."""
        if len(self.output_slots) != 1:
            return -1
        slot = self.output_slots[0]
        while slot in self._producers:
            index = self._producers[slot]
            step = self.steps[index]
            above = step.inputs[0]
            if len(step.outputs) > 1 or tape.values[above] is not tape.values[slot]:
                return index if len(step.outputs) == 1 else -1
            slot = above
        return -1


def _add(sums: dict[Any, Any], key: Any, grad: Any) -> None:
    """Add a gradient to the sum under a key; out of place, since it may be someone's array."""
    if grad is not None:
        sums[key] = grad if key not in sums else sums[key] + grad


def _take(pending: dict[int, Any], step: Step) -> list[Any] | None:
    """Return and forget the gradients of a step's several outputs; None if there are none."""
    grads = [pending.pop(slot, None) for slot in step.outputs]
    return None if all(grad is None for grad in grads) else grads


__all__ = ["Plan", "Step", "StepLayer", "Tape", "WithoutLogits"]
