"""Network: the layers between symbolic inputs and outputs, as a model runs them.

Mirrors `Functional.call` and `Functional._standardize_inputs` (`keras/src/models/functional.py`).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from minidense import checks
from minidense.graph.function import GraphFunction
from minidense.graph.symbolic import KerasTensor
from minidense.layers.layer import Layer
from minidense.names import auto_name
from minidense.nest import flatten, in_tuples, map_structure
from minidense.ops.shapes import convert_to_tensor, expand_dims, squeeze
from minidense.tensors import Symbolic, Tensor
from minidense.typing import Shape


class Network(GraphFunction):
    """A graph that takes what a user passes to a model.

    Args:
        model: the model's name, for messages.
        inputs: symbolic tensors, in lists, tuples and dicts.
        outputs: what was computed from them.

    Raises:
        ValueError: if an output does not come from the inputs, or two layers have one name.
    """

    def __init__(self, model: str, inputs: Any, outputs: Any) -> None:
        super().__init__(inputs, outputs)
        self.model = model

    def call(self, inputs: Any, training: Any) -> Any:
        """Return the outputs for tensors: what the layers give, called one after the other."""

        def call(layer: Any, *args: Any, **kwargs: Any) -> Any:
            if training is not None and isinstance(layer, Layer):
                kwargs["training"] = training
            return layer(*args, **kwargs)

        return _without_list_of_one(self.run(self._standardized(inputs), call))

    def _standardized(self, inputs: Any) -> list[Any]:
        """Return the inputs in the order of the model's, in their dtypes and ranks."""
        given = self._by_name(inputs)
        values = self._in_order(given)
        compare_nesting(self.model, self.inputs_struct, given)
        pairs = zip(self.inputs, values, strict=True)
        return [in_form(self.model, tensor, value) for tensor, value in pairs]

    def _by_name(self, inputs: Any) -> Any:
        """Return a dict as the list that the model was made with; anything else as it is.

        Raises:
            ValueError: if a name is missing, or the model has lists in its list.
        """
        if not isinstance(inputs, Mapping) or isinstance(self.inputs_struct, Mapping):
            return inputs
        is_alone = isinstance(self.inputs_struct, KerasTensor)
        checks.takes_names(self.model, is_alone or list(self.inputs_struct) == self.inputs)
        names = [layer_name(tensor) for tensor in self.inputs]
        names_of_tensors = [tensor.name for tensor in self.inputs]  # others, if they are automatic
        wanted = list(dict.fromkeys(names + names_of_tensors))
        checks.inputs_by_name(self.model, wanted, list(inputs))
        return [inputs[name] for name in names_of_tensors]

    def _in_order(self, inputs: Any) -> list[Any]:
        """Return the inputs one by one; what is passed by a name that is no input's is left out."""
        if isinstance(inputs, Mapping):
            checks.inputs_by_name(self.model, sorted(self.inputs_struct), list(inputs))
            inputs = {name: inputs[name] for name in self.inputs_struct}
        values = flatten(inputs)
        checks.inputs_count(self.model, len(self.inputs), len(values))
        return values

    def check_shapes(self, inputs: Any) -> None:
        """Raise ValueError if the inputs are not as many as the model has, or of other shapes."""
        for tensor, shape in zip(self.inputs, self.check_rank(inputs), strict=True):
            checks.input_shape(self.model, layer_name(tensor), tensor.shape, shape)

    def check_rank(self, inputs: Any) -> list[Shape]:
        """Return the shapes of inputs that are as many as the model has, and of its ranks."""
        pairs = zip(self.inputs, self._in_order(self._by_name(inputs)), strict=True)
        return [fit_rank(self.model, t, checks.shape_of(self.model, value)) for t, value in pairs]

    def outputs_as_given(self) -> Any:
        """Return the symbolic outputs in the nesting in which a call gives them."""
        return _without_list_of_one(self.outputs_struct)

    def compute_output_spec(self, inputs: Any) -> Any:
        """Return symbolic outputs for symbolic inputs; shapes that are known are not asked for."""
        values = self._in_order(self._by_name(inputs))
        if [x.shape for x in values] == [x.shape for x in self.inputs]:
            return map_structure(lambda x: KerasTensor(x.shape, x.dtype), self.outputs_struct)
        pairs = zip(self.inputs, values, strict=True)
        fitted = [KerasTensor(fit_rank(self.model, t, x.shape), t.dtype) for t, x in pairs]
        return self.run(fitted, lambda layer, *x, **named: layer.compute_output_spec(*x, **named))

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the outputs, in the nesting that the model was made with."""
        tensors = checks.map_shapes(KerasTensor, input_shape)
        self.check_shapes(tensors)
        return map_structure(lambda tensor: tensor.shape, self.compute_output_spec(tensors))


def _without_list_of_one(outputs: Any) -> Any:
    alone = isinstance(outputs, (list, tuple)) and len(outputs) == 1
    return outputs[0] if alone else outputs


def chained(model: str, layers: Sequence[Layer]) -> Network | None:
    """Return the graph of layers in a row, the first an InputLayer.

    None if one of them cannot be called on symbolic tensors, as in Keras: they are called one after
    the other, on numbers, then.

    Raises:
        ValueError: if the `call` of one does not take just one input.
    """
    first, *others = layers
    inputs = outputs = first.output
    for layer in others:
        try:
            outputs = layer(outputs)
        except NotImplementedError:
            return None
        except TypeError:
            checks.takes_one_input(type(layer).__name__, layer.call)
            raise
    auto_name("Functional")  # Keras has a model of this name inside
    return Network(model, inputs, outputs)


def compare_nesting(model: str, wanted: Any, given: Any) -> None:
    """Warn if inputs come in other lists, tuples or dicts than a model was made with.

    Lists and tuples are the same here. Source: `Functional._maybe_warn_inputs_struct_mismatch`.

    Raises:
        ValueError: for a list, if the dict's keys are not sorted.
    """
    alone = isinstance(wanted, list) and len(wanted) == 1 and _is_leaf(wanted[0])
    if _is_leaf(given) and (_is_leaf(wanted) or alone):
        return  # Keras puts a single array into such a list itself, but not into a tuple
    if isinstance(given, Mapping) and isinstance(wanted, Mapping):
        others = sorted(set(given) - set(wanted))
        if others:
            has = f"Model '{model}' has the inputs {checks.brief(sorted(wanted), 200)}"
            checks.warn_user(f"{has}. What was passed as {checks.brief(others, 200)} is not used.")
        given = {name: given[name] for name in wanted}
    elif isinstance(wanted, Mapping) and len(wanted) > 1:
        checks.order_is_sorted(model, list(wanted))
    asked, passed = (in_tuples(map_structure(lambda _: _STAR, each)) for each in (wanted, given))
    if asked != passed:
        forms = f"in the form {asked!r:.150}, and was given them in the form {passed!r:.150}"
        made = f"Model '{model}' was made with inputs {forms}"
        checks.warn_user(f"{made}. They are taken in their order.")


def _is_leaf(structure: Any) -> bool:
    return not isinstance(structure, (list, tuple, Mapping))


class _Star:
    """An input in the text of a nesting, `{'a': (*, (*,))}`."""

    def __repr__(self) -> str:
        return "*"


_STAR = _Star()


def in_form(model: str, tensor: KerasTensor, value: Any) -> Any:
    """Return a value in the dtype and rank of a model's input; of a caller's array a copy."""
    if not isinstance(value, (Tensor, Symbolic)):
        value = checks.array(model, value).copy()
    value = convert_to_tensor(value, tensor.dtype)
    wanted = fit_rank(model, tensor, tuple(value.shape))
    if len(wanted) < len(value.shape):
        return squeeze(value, axis=-1)
    return value if len(wanted) == len(value.shape) else expand_dims(value, axis=-1)


def fit_rank(model: str, tensor: KerasTensor, shape: Shape) -> Shape:
    """Return the shape with an axis of 1 added or taken at the end, if that makes it fit."""
    wanted = tensor.shape
    if len(shape) == len(wanted):
        return shape
    if len(shape) == len(wanted) + 1 and shape[-1] == 1:
        return shape[:-1]
    if len(shape) == len(wanted) - 1 and wanted[-1] == 1:
        return (*shape, 1)
    raise checks.wrong_rank(model, layer_name(tensor), wanted, shape)


def layer_name(tensor: KerasTensor) -> str:
    """Return the name of the layer that a tensor comes from."""
    name: str = tensor._keras_history.operation.name
    return name
