"""A recipe as Python source: what both libraries run, and what a failure shows."""

from itertools import count
from typing import Any

from tests.drawn_models.recipe import Graph, Made, Model, Part, Recipe, Stack

PRODUCT = '''\
class Product(keras.layers.Layer):
    """A layer of one's own: Keras uses `call`, minidense `forward` and `backward`."""

    def call(self, inputs):
        left, right = inputs
        return left * right

    def compute_output_shape(self, input_shape):
        return input_shape[0]

    if keras.__name__ == "minidense":  # Keras on torch would take it for torch's own

        def forward(self, inputs, training):
            left, right = inputs
            return left * right, (left, right)

    def backward(self, grad, saved, needs_input_grad):
        left, right = saved
        return [grad * right, grad * left], []

'''

TARGETS = {
    "real": "random.uniform(-1, 1, {shape}).astype({dtype!r})",
    "labels": "random.randint(0, {classes}, {shape}).astype({dtype!r})",
    "one_hot": "np.eye({classes})[random.randint(0, {classes}, {shape})].astype({dtype!r})",
    "yes_or_no": "random.randint(0, 2, {shape}).astype({dtype!r})",
}


def as_script(recipe: Recipe, library: str = "keras") -> str:
    """Return a program that makes the model, trains it, and prints what it predicts."""
    imported = "import keras" if library == "keras" else f"import {library} as keras"
    return f"import numpy as np\n{imported}\n\n{making(recipe)}\n{using(recipe)}"


def making(recipe: Recipe) -> str:
    """Return the lines that leave `model`, `x`, and `y` unless there are several outputs."""
    return model_lines(recipe) + data_lines(recipe) + weight_lines(recipe)


def model_lines(recipe: Recipe) -> str:
    """Return the lines that make the model."""
    lines = []
    if recipe.floatx != "float32":
        lines.append(f"keras.config.set_floatx({recipe.floatx!r})")
    lines.append(f"keras.utils.set_random_seed({recipe.seed})")
    if any(layer.path == "Product" for layer in recipe.layers):
        lines += ["", "", *PRODUCT.splitlines(), ""]
    lines += _Writer().model(recipe.model, "model")
    return "\n".join(lines) + "\n"


def data_lines(recipe: Recipe) -> str:
    """Return the lines that make the data and build a deferred model."""
    lines = _data(recipe)
    if recipe.built_by == "build":
        lines.append(f"model.build({(None, *recipe.input_shapes[0])})")
    elif recipe.built_by == "call":
        lines.append("model(x)")
    return "\n".join(lines) + "\n"


def weight_lines(recipe: Recipe) -> str:
    """Return the line that sets the weights, if they are given."""
    if not recipe.given_weights:
        return ""
    draw = "random.uniform(-0.5, 0.5, weight.shape)"
    return f"model.set_weights([{draw} for weight in model.get_weights()])\n"


def using(recipe: Recipe) -> str:
    """Return the lines that train the model and look at it."""
    lines = ["model.summary()"]
    if recipe.target is not None:
        lines.append(compiling(recipe))
        lines.append(f"print(model.fit(x, y, {_arguments(recipe.fit)}, verbose=2).history)")
        lines.append(f"print(model.evaluate(x, y, batch_size={recipe.measured_in}, verbose=0))")
    lines.append(f"print(model.predict(x, batch_size={recipe.measured_in}, verbose=0))")
    return "\n".join(lines) + "\n"


def compiling(recipe: Recipe) -> str:
    """Return the line that compiles the model."""
    metrics = ", ".join(_text(metric) for metric in recipe.metrics)
    optimizer, loss = _text(recipe.optimizer), _text(recipe.loss)
    eager = ", run_eagerly=True" if recipe.eager else ""
    return f"model.compile(optimizer={optimizer}, loss={loss}, metrics=[{metrics}]{eager})"


def _data(recipe: Recipe) -> list[str]:
    spread = 1 if recipe.data.startswith("float") else 3  # whole numbers from -9 to 9
    arrays = [
        f"random.normal(0, {spread}, {(recipe.rows, *shape)}).astype({recipe.data!r})"
        for shape in recipe.input_shapes
    ]
    x = arrays[0] if len(arrays) == 1 else f"[{', '.join(arrays)}]"
    lines = [f"random = np.random.RandomState({recipe.seed % 1000})", f"x = {x}"]
    if recipe.target is not None:
        lines.append(f"y = {TARGETS[recipe.target.kind].format(**dict(recipe.target.arguments))}")
    return lines


class _Writer:
    """Writes the lines of a model, with a variable for each layer."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def model(self, model: Model, variable: str) -> list[str]:
        return (
            self._stack(model, variable)
            if isinstance(model, Stack)
            else self._graph(model, variable)
        )

    def _part(self, part: Part, prefix: str) -> tuple[list[str], str]:
        """Return the lines that come first, and what stands for the layer."""
        if isinstance(part, Made):
            return [], _text(part)
        variable = f"{prefix}_{next(self._numbers)}"
        return self.model(part, variable), variable

    def _stack(self, stack: Stack, variable: str) -> list[str]:
        lines, parts = [], [] if stack.begin is None else [_text(stack.begin)]
        for layer in stack.layers:
            before, text = self._part(layer, "inner")
            lines += before
            parts.append(text)
        arguments = _arguments(stack.arguments)
        if stack.adds:
            lines.append(f"{variable} = keras.Sequential({arguments})")
            return [*lines, *(f"{variable}.add({text})" for text in parts)]
        rest = f", {arguments}" if arguments else ""
        return [
            *lines,
            f"{variable} = keras.Sequential([",
            *(f"    {p}," for p in parts),
            f"]{rest})",
        ]

    def _graph(self, graph: Graph, variable: str) -> list[str]:
        number = next(self._numbers)
        tensors: list[str] = []
        layers: dict[int, str] = {}
        lines: list[str] = []
        for begin in graph.inputs:
            tensors.append(f"x{number}_{len(tensors)}")
            lines.append(f"{tensors[-1]} = {_text(begin)}")
        for call in graph.calls:
            if call.layer not in layers:
                before, text = self._part(graph.layers[call.layer], "inner")
                layers[call.layer] = f"layer{number}_{call.layer}"
                lines += [*before, f"{layers[call.layer]} = {text}"]
            given = _one_or_list([tensors[tensor] for tensor in call.tensors])
            tensors.append(f"x{number}_{len(tensors)}")
            lines.append(f"{tensors[-1]} = {layers[call.layer]}({given})")
        inputs = _one_or_list([tensors[tensor] for tensor in graph.used_inputs])
        outputs = _one_or_list([tensors[tensor] for tensor in graph.outputs])
        arguments = _arguments(graph.arguments)
        rest = f", {arguments}" if arguments else ""
        return [*lines, f"{variable} = keras.Model({inputs}, {outputs}{rest})"]


def _one_or_list(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"[{', '.join(names)}]"


def _arguments(arguments: tuple[tuple[str, Any], ...]) -> str:
    return ", ".join(f"{name}={_text(value)}" for name, value in arguments)


def _text(value: Any) -> str:
    if not isinstance(value, Made):
        return repr(value)
    path = value.path if value.path == "Product" else f"keras.{value.path}"
    return f"{path}({_arguments(value.arguments)})" if value.called else path
