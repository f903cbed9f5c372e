"""What a drawn model is asked, in the order in which it happens."""

import re
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import minidense
from minidense.parity import sides
from tests.drawn_models.build import Drawn, build, compile_model, summary
from tests.drawn_models.recipe import Recipe
from tests.drawn_models.shaking import (
    look_through_nothing,
    shake,
    shake_targets,
    shaken_activations,
)
from tests.expected import backend


@dataclass
class Facts:
    """The answers, by feature."""

    same: dict[str, Any] = field(default_factory=dict)
    """What has to be equal: texts, numbers, arrays bit for bit."""
    close: dict[str, list[Any]] = field(default_factory=dict)
    """What may differ by rounding: lists of arrays."""


def ask(recipe: Recipe, library: Any, random: np.random.RandomState | None = None) -> Facts:
    """Build the recipe in a library, ask all, and leave the library's floatx as it was.

    With `random`, weights, x and outputs are moved by up to a unit in the last place, which only a
    model of minidense can be: see `comparison`.
    """
    floatx = library.config.floatx()
    dtype = "float64" if recipe.is_double else "float32"
    try:
        if library is minidense:
            library.utils.clear_session()
        else:  # looking for garbage each time would be a quarter of the whole
            library.utils.clear_session(free_memory=False)
        with nullcontext() if random is None else shaken_activations(random, dtype):
            return _asked(recipe, library, random, dtype)
    finally:
        library.config.set_floatx(floatx)


def _asked(recipe: Recipe, library: Any, random: np.random.RandomState | None, dtype: str) -> Facts:
    drawn = build(recipe, library)
    facts = Facts()
    facts.same["initial weights"] = drawn.initial_weights
    if random is not None:
        shake(drawn, random, dtype)
    _describe(recipe, drawn, facts)
    _run(drawn, facts)
    if recipe.target is not None:
        compile_model(recipe, library, drawn.model)
        if library is minidense and backend() != "tensorflow":
            look_through_nothing(drawn.model)
        if random is not None and recipe.target.path != "labels":
            shake_targets(drawn.model, random, dtype)
        _go_back(drawn, facts)
        _train(recipe, library, drawn, facts)
    facts.close["predict"] = _list(
        drawn.model.predict(drawn.x, batch_size=recipe.measured_in, verbose=0)
    )
    facts.same["dropout masks"] = _masks(drawn.model)
    return facts


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
