"""What a drawn model is asked, in the order in which it happens."""

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import minidense
from minidense.activations import ActivationStep
from minidense.layers import Activation, Softmax
from minidense.models.inner_model import InnerModel
from minidense.parity import sides
from tests.drawn_models.build import Drawn, build, compile_model, summary
from tests.drawn_models.recipe import Recipe
from tests.expected import backend


@dataclass
class Facts:
    """The answers, by feature."""

    same: dict[str, Any] = field(default_factory=dict)
    """What has to be equal: texts, numbers, arrays bit for bit."""
    close: dict[str, list[Any]] = field(default_factory=dict)
    """What may differ by rounding: lists of arrays."""


def ask(recipe: Recipe, library: Any, shake: np.random.RandomState | None = None) -> Facts:
    """Build the recipe in a library, ask all, and leave the library's floatx as it was.

    With `shake`, weights, x and outputs are moved by up to a unit in the last place, which only a
    model of minidense can be: see `comparison`.
    """
    floatx = library.config.floatx()
    try:
        if library is minidense:
            library.utils.clear_session()
        else:  # looking for garbage each time would be a quarter of the whole
            library.utils.clear_session(free_memory=False)
        drawn = build(recipe, library)
        facts = Facts()
        facts.same["initial weights"] = drawn.initial_weights
        if shake is not None:
            _shake(drawn, shake, "float64" if recipe.is_double else "float32")
        _describe(recipe, drawn, facts)
        _run(drawn, facts)
        if recipe.target is not None:
            compile_model(recipe, library, drawn.model)
            if library is minidense and backend() != "tensorflow":
                _look_through_nothing(drawn.model)
            if shake is not None and recipe.target.path != "labels":
                _shake_targets(drawn.model, shake, "float64" if recipe.is_double else "float32")
            _go_back(drawn, facts)
            _train(recipe, library, drawn, facts)
        facts.close["predict"] = _list(
            drawn.model.predict(drawn.x, batch_size=recipe.measured_in, verbose=0)
        )
        facts.same["dropout masks"] = _masks(drawn.model)
        return facts
    finally:
        library.config.set_floatx(floatx)


def _describe(recipe: Recipe, drawn: Drawn, facts: Facts) -> None:
    model = drawn.model
    facts.same["summary before it is built"] = drawn.first_summary
    facts.same["names"] = [layer.name for layer in _all_layers(model)]
    facts.same["weights' paths, dtypes, trainable"] = [
        (weight.path, weight.dtype, bool(weight.trainable)) for weight in model.weights
    ]
    facts.same["shapes"] = [
        str(model.input_shape),
        str(model.output_shape),
        str(model.compute_output_shape(_with_batch(model.input_shape))),
    ]
    facts.same["parameter counts"] = [layer.count_params() for layer in _all_layers(model)]
    facts.same["summary"] = summary(recipe, model)
    facts.same["get_config of layers"] = [
        layer.get_config() for layer in _all_layers(model) if not hasattr(layer, "layers")
    ]
    facts.same["get_config"] = model.get_config()


def _run(drawn: Drawn, facts: Facts) -> None:
    """Ask for outputs, at rest and in training."""
    facts.close["outputs"] = _list(drawn.model(drawn.x))
    facts.close["outputs in training"] = sides.outputs(drawn.model, drawn.x, training=True)


def _go_back(drawn: Drawn, facts: Facts) -> None:
    """Ask for the loss and the gradients of one batch in training."""
    model = drawn.model
    dtypes = [str(tensor.dtype) for tensor in model.inputs]
    arrays = [array.astype(dtype) for array, dtype in zip(_list(drawn.x), dtypes, strict=True)]
    x = arrays if isinstance(drawn.x, list) else arrays[0]
    loss, weight_grads, input_grads = sides.gradients(model, x, drawn.y, training=True)
    facts.close["loss of a batch"] = [loss]
    facts.close["gradients of weights"] = [
        np.zeros(weight.shape, weight.dtype) if grad is None else grad
        for weight, grad in zip(model.trainable_weights, weight_grads, strict=True)
    ]
    facts.close["gradients of inputs"] = [
        np.zeros_like(array) if grad is None else grad
        for array, grad in zip(arrays, input_grads, strict=True)
    ]


def _train(recipe: Recipe, library: Any, drawn: Drawn, facts: Facts) -> None:
    """Train for some epochs, remember the first step, and measure."""
    model = drawn.model
    after_one_step: list[Any] = []

    def remember(batch: int, logs: Any) -> None:
        if not after_one_step:
            if hasattr(model, "jax_state_sync"):  # while it trains on JAX, a model has no weights
                model.jax_state_sync()
            after_one_step.append(model.get_weights())

    history = model.fit(
        drawn.x,
        drawn.y,
        verbose=0,
        callbacks=[library.callbacks.LambdaCallback(on_train_batch_end=remember)],
        **dict(recipe.fit),
    ).history
    facts.close["weights after one step"] = after_one_step[0]
    facts.same["history: names"] = list(history)
    facts.close["history"] = [np.array(values) for values in history.values()]
    facts.close["weights after training"] = model.get_weights()
    variables = model.optimizer.variables
    facts.same["optimizer: variables"] = [variable.path for variable in variables]
    facts.same["optimizer: get_config"] = model.optimizer.get_config()
    facts.close["optimizer: state"] = [
        np.asarray(variable.numpy(), "float64") for variable in variables
    ]
    measured = model.evaluate(
        drawn.x, drawn.y, batch_size=recipe.measured_in, verbose=0, return_dict=True
    )
    facts.same["evaluate: names"] = list(measured)
    facts.close["evaluate"] = [np.array(value) for value in measured.values()]
    facts.same["seed states after training"] = _seed_states(model)
    text = summary(recipe, model)
    facts.same["summary after training"] = (
        text if backend() == "tensorflow" else _without_sizes(text)
    )


def _without_sizes(text: str) -> str:
    """Return a summary without its bytes: on JAX and torch an optimizer counts in int32.

    >>> _without_sizes(" Total params: 37 (148.00 B)")
    ' Total params: 37'
    """
    return re.sub(r" \([0-9.]+ \w+\)$", "", text, flags=re.MULTILINE)


def _look_through_nothing(model: Any) -> None:
    """Let the loss of a model of minidense clip probabilities, as Keras's does on JAX and torch.

    On TensorFlow a cross-entropy looks through a last softmax or sigmoid at the logits, and so does
    minidense.
    """
    model.plan.logits = lambda tape: None


def _shake(drawn: Drawn, random: np.random.RandomState, dtype: str) -> None:
    """Move the weights and x of a model of minidense, and from now on what it computes.

    That is all outputs and activations, and the gradient that a loss gives: p - y of two rows may
    cancel, and what is left is the rounding of p, which is nowhere else to be seen.
    """
    drawn.model.set_weights(
        [_shaken(weight, random, dtype) for weight in drawn.model.get_weights()]
    )
    plan = drawn.model.plan
    seen = drawn.model.prepare_inputs(
        plan, _list(drawn.x)
    )  # whole numbers as the floats that they become
    moved = [_shaken(array, random, dtype) for array in seen]
    drawn.x = moved if isinstance(drawn.x, list) else moved[0]
    forward, backward = plan.forward, plan.backward

    def moved_forward(inputs: list[Any], training: bool | None) -> Any:
        outputs, tape = forward(inputs, training)
        return [_shaken(output, random, dtype) for output in outputs], tape

    def moved_backward(grad: Any, *args: Any, **keywords: Any) -> Any:
        return backward(_shaken_alike(grad, random, dtype), *args, **keywords)

    plan.forward = moved_forward  # else nothing parts two equal outputs
    plan.backward = moved_backward
    _shake_activations(plan, random, dtype)


def _shake_activations(plan: Any, random: np.random.RandomState, dtype: str) -> None:
    """Move what each activation gives, since 1 - y of a saturated sigmoid has two or three units.

    Its exponential is rounded in another way in each library, so its derivative may be half as
    large in one of them; and no unit more or less in the weights shows that. The same holds of a
    softmax, whose outputs sum to 1 but for some units.
    """
    for step in plan.steps:
        if isinstance(step.layer, ActivationStep):
            step.layer.forward = _shaken_forward(step.layer.forward, random, dtype)
        elif isinstance(step.layer, (Activation, Softmax)):
            if "forward" not in vars(step.layer):  # a shared layer stands in several steps
                step.layer.forward = _shaken_forward(step.layer.forward, random, dtype)
        elif isinstance(step.layer, InnerModel):
            _shake_activations(step.layer.model.plan, random, dtype)


def _shaken_forward(forward: Any, random: np.random.RandomState, dtype: str) -> Any:
    """Return a layer's forward whose outputs are moved; they are what its way back begins with."""

    def moved(inputs: Any, training: bool | None) -> tuple[Any, Any]:
        outputs = _shaken_by_chance(forward(inputs, training)[0], random, dtype)
        return outputs, outputs

    return moved


def _shake_targets(model: Any, random: np.random.RandomState, dtype: str) -> None:
    """Move what the loss of a model of minidense is told to be right, down by up to a unit.

    The gradient p - 1 of a saturated sigmoid is a few units of 1, and TensorFlow computes it so;
    minidense computes it from the tail, where it has all its digits. It is not called for class
    numbers, since a little less than 2 is another class.
    """
    loss = model._compiled_loss
    value_and_gradient = loss.value_and_gradient

    def moved(y: Any, *args: Any) -> Any:
        right = y if y.dtype.kind == "f" else y.astype(dtype)  # as the loss does
        return value_and_gradient(right - np.abs(_shaken(right, random, dtype) - right), *args)

    loss.value_and_gradient = moved


def _shaken(array: Any, random: np.random.RandomState, dtype: str) -> Any:
    """Return each float moved by up to a unit in the last place of this dtype.

    Numbers of float64 are moved by units of float32 unless all is float64: somewhere they are
    rounded to float32 then, and a smaller move would be lost there.
    """
    if array.dtype.kind != "f":
        return array
    return (array * (1 + np.finfo(dtype).eps * random.uniform(-1, 1, array.shape))).astype(
        array.dtype
    )


def _shaken_alike(grad: Any, random: np.random.RandomState, dtype: str) -> Any:
    """Return a gradient with equal numbers moved alike, as a formula rounds them alike.

    Where all outputs are 0.5, p - y has two values; in the sum over the rows their rounding adds up
    and does not cancel.
    """
    values, places = np.unique(grad, return_inverse=True)
    return _shaken(values, random, dtype)[places].reshape(grad.shape)


def _shaken_by_chance(array: Any, random: np.random.RandomState, dtype: str) -> Any:
    """Return an array with equal numbers moved alike in every other run, and else each by itself.

    A tanh that is 1 in all rows in one library may be a unit less in all rows in the other.
    """
    return (_shaken_alike if random.uniform() < 0.5 else _shaken)(array, random, dtype)


def _all_layers(model: Any) -> list[Any]:
    """Return a model, its layers, and those of the models inside."""
    found = [model]
    for layer in model.layers:
        found += _all_layers(layer) if hasattr(layer, "layers") else [layer]
    return found


def _seed_states(model: Any) -> list[Any]:
    return [
        np.asarray(layer.seed_generator.state.numpy()).tolist()
        for layer in _all_layers(model)
        if hasattr(layer, "seed_generator") and layer.seed_generator is not None
    ]


def _masks(model: Any) -> list[Any]:
    """Return what each Dropout makes of ones in its next training call."""
    masks = []
    for layer in _all_layers(model):
        if hasattr(layer, "rate"):
            shape = tuple(dim or 3 for dim in layer.noise_shape or (3, 5))
            masks.append(np.asarray(layer(np.ones(shape, layer.dtype), training=True)))
    return masks


def _with_batch(shape: Any) -> Any:
    several = isinstance(shape, list)
    shapes = [(4, *each[1:]) for each in (shape if several else [shape])]
    return shapes if several else shapes[0]


def _list(arrays: Any) -> list[Any]:
    return [np.asarray(array) for array in (arrays if isinstance(arrays, list) else [arrays])]
