"""What is looked at before the first batch of a run, when nothing has been changed yet.

Keras meets most of it in a later step, or not at all. Data that are hardly meant, and that Keras
trains on in silence, bring a DataWarning.
"""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from minidense import checks, losses
from minidense.engine.trace import Trace
from minidense.graph.symbolic import KerasTensor, output_spec
from minidense.losses.loss import to_same_rank
from minidense.nest import flatten, map_structure, pattern
from minidense.registry import is_ours
from minidense.training.compiled import LossCall, LossCalls
from minidense.training.data import Data
from minidense.training.rows import blocks, check_in_blocks
from minidense.typing import Array, Shape


@dataclass
class FirstLook:
    """Refuses targets without meaning for the loss, and then warns of odd data.

    Args:
        model: what is trained or measured.
        data: all rows, and not only those of the first batch.
        validation: what comes after each epoch.
        learns: whether it is a step of training.
    """

    model: Any
    data: Data
    validation: Data | None = None
    learns: bool = False

    def at_trace(self, trace: Trace, inputs: Sequence[Array]) -> None:
        """Look at everything, before a trace is run on the first batch.

        Raises:
            ValueError: for targets, weights of classes or validation data without meaning.
        """
        if any(None in x.shape[1:] for x in trace.inputs):
            check_inputs(self.model, self.data)
        self._look(trace.marks.get("loss"), trace.inputs, inputs)

    @contextmanager
    def at_eager_step(self, given: Sequence[Any]) -> Iterator[None]:
        """Look at everything where the loss is first called in the block, before the update.

        Args:
            given: what the step is given.

        Raises:
            ValueError: likewise.
        """
        compiled_loss = self.model._compiled_loss
        compiled_loss.look = partial(self._look, given=given, inputs=())
        try:
            yield
        finally:
            compiled_loss.look = None

    def _look(self, made: LossCalls | None, given: Sequence[Any], inputs: Sequence[Array]) -> None:
        data, validation = self.data, self.validation
        calls = [] if made is None else made.calls
        present = [each for each in given if each is not None]
        # the targets are those of the data, and not what a user's step made of them
        of_y = [t for (name, _), t in zip(data.named, present, strict=True) if name == "y"]
        places = {id(tensor): place for place, tensor in enumerate(of_y)}
        on_given = {places[id(call.y)]: call for call in calls if id(call.y) in places}
        for place, call in on_given.items():
            check_targets(_targets(data)[place], call)
            check_classes(data, call)
        if validation is not None:
            if _shapes(validation) != _shapes(data):
                check_inputs(self.model, validation)
            if made is not None and on_given:
                self._look_at_targets(validation, made, on_given)
        warn_of_missing_classes(data)
        warn_of_nan(data, validation)
        if calls and self.learns and self.model._asks_for_probabilities:
            for call in calls:
                warn_unless_probabilities(call, inputs)
            self.model._asks_for_probabilities = False

    def _look_at_targets(
        self, validation: Data, made: LossCalls, on_given: dict[int, LossCall]
    ) -> None:
        """Look at the targets to validate with, which may come in another form."""
        checks.targets_given(validation.y, " in `validation_data`")
        targets = _targets(validation)
        is_alike = pattern(validation.y) == pattern(self.data.y)
        if is_alike and len(targets) == len(_targets(self.data)):
            for place, call in on_given.items():
                check_targets(targets[place], call)
            return
        loss = self.model._compiled_loss
        for call in loss.calls(validation.y, made.y_pred, validation.sample_weight):
            check_targets(call.y, call)


def _targets(data: Data) -> list[Array]:
    return [array for name, array in data.named if name == "y"]


def _shapes(data: Data) -> list[Shape]:
    return [array.shape[1:] for array in flatten(data.x)]


def check_inputs(model: Any, data: Data) -> None:
    """Raise ValueError for inputs that a model of layers of ours cannot take.

    A trace in which only the ranks are known takes any. The layers are asked by a call without
    numbers: a user's would see that it ran.
    """
    if model.has_graph() and all(is_ours(type(layer)) for layer in [model, *model.layers]):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it is said where the model is traced
            output_spec(model, map_structure(lambda x: KerasTensor(x.shape), data.x))


def check_targets(y: Array, call: LossCall) -> None:
    """Raise ValueError for targets without meaning for the loss, in whichever row."""
    dtype = np.dtype(call.loss.dtype)

    def check(y: Array) -> None:
        shape = len(y), *call.y_pred.shape[1:]
        like_y = [*y.shape, *[1] * len(shape)]  # what is not known of the predictions fits any y
        known = [like if dim is None else dim for dim, like in zip(shape, like_y, strict=False)]
        unread = np.broadcast_to(dtype.type(0), known)
        call.loss.check(*to_same_rank(y, unread))

    check_in_blocks(check, y)


def check_classes(data: Data, call: LossCall) -> None:
    """Raise ValueError for weights of classes that are none."""
    class_weight = data.class_weight
    if class_weight is None:
        return
    fn = getattr(call.loss, "fn", type(call.loss))
    has_classes = fn in losses.OF_CLASSES or not is_ours(fn)
    checks.class_weight_has_classes(class_weight, call.loss.name, has_classes)
    if fn in losses.OF_CLASSES:
        checks.weighted_classes_exist(class_weight, max(2, call.y_pred.shape[-1] or 0))


def warn_unless_probabilities(call: LossCall, inputs: Sequence[Array]) -> None:
    """Warn, by a DataWarning, if a loss for probabilities is given other numbers."""
    fn, options = getattr(call.loss, "fn", None), getattr(call.loss, "_fn_kwargs", {})
    has_logits = hasattr(call.y_pred, "logits")
    if has_logits or fn not in losses.OF_CLASSES or options.get("from_logits"):
        return
    y_pred = np.asarray(call.y_pred) if call.part is None else call.part.run(inputs)[0]
    if ((y_pred < 0) | (y_pred > 1 + 1e-6)).any():
        outputs = f"the outputs lie between {y_pred.min():.3g} and {y_pred.max():.3g}"
        hint = "End the model with a softmax or sigmoid, or use from_logits=True"
        message = f"The loss '{call.loss.name}' expects probabilities, but {outputs}. {hint}."
        checks.warn_user(message, checks.DataWarning)


def warn_of_missing_classes(data: Data) -> None:
    """Warn, by a DataWarning, if there are classes without a weight; Keras goes on in silence."""
    if data.class_weight is None:
        return
    classes = {int(n) for y in blocks(data.y) for n in np.unique(checks.class_targets(y))}
    missing = sorted(classes - set(data.class_weight))
    if missing:
        message = f"class_weight has no weight for the classes {missing}; 1 is taken for them."
        checks.warn_user(message, checks.DataWarning)


def warn_of_nan(data: Data, validation: Data | None = None) -> None:
    """Warn, by a DataWarning, if x or y has NaN or infinity; Keras goes on in silence.

    Once for the data, and once for those to validate with.
    """
    parts = [("", "loss", data), (" of the validation data", "val_loss", validation)]
    for whose, loss, part in parts:
        found = None if part is None else _first_nan(part)
        if found is not None:
            where = f"{found[0]}{whose} has NaN or infinity, first in row {found[1]}"
            checks.warn_user(f"{where}: the {loss} may become NaN.", checks.DataWarning)


def _first_nan(data: Data) -> tuple[str, int] | None:
    """Return "x" or "y" and the row where the first NaN or infinity stands; None for no such."""
    for name, array in data.named:
        if name == "sample_weight" or array.dtype.kind != "f" or not array.size:
            continue
        first = 0
        for block in blocks(array):
            numbers = block.ravel(order="K")
            with np.errstate(all="ignore"):
                total = np.dot(numbers, numbers)  # finite, then all are: no array of flags
            if not np.isfinite(total) and not np.isfinite(block).all():
                return name, first + int(np.argwhere(~np.isfinite(block))[0][0])
            first += len(block)
    return None
