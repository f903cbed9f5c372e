"""Recipes: a model drawn at random, its data, and how it is trained."""

from typing import Any

from hypothesis import strategies as st

from tests.drawn_models.models import DEEPEST, graph, input_shape, stack, with_head
from tests.drawn_models.parts import Draft, dense
from tests.drawn_models.recipe import Made, Model, Part, Recipe, Shape, Stack
from tests.expected import backend

KINDS = ("stack", "stack", "deferred", "graph", "graph", "graph", "outputs")
DTYPES = ("default", "default", "default", "default", "float64", "floatx", "mixed")
HEADS = ("inside", "activation", "layer", "logits", "logits")
FEW_STEPS = 8
MOST_BATCHES = 15
TARGETS = ("real", "labels", "one_hot", "yes_or_no")
ON_TENSORFLOW = backend() == "tensorflow"
"""On JAX and torch two things are not drawn.

Layers of float64: Keras makes float32 of it on the way. And a sparse cross-entropy of
probabilities: where a wrong class's probability is clipped, its gradient is 0 on TensorFlow and
that probability elsewhere, and Adam and RMSprop make a step of it.
"""


@st.composite
def recipes(draw: Any) -> Recipe:
    """Draw a whole model with its data and its training."""
    dtypes = draw(st.sampled_from(DTYPES if ON_TENSORFLOW else ("default",)))
    widths = draw(st.lists(st.integers(1, 40), min_size=1, max_size=3))
    kind = draw(st.sampled_from(KINDS))
    target = None if kind == "outputs" else draw(st.sampled_from(TARGETS))
    draft = Draft(draw, widths, "default" if dtypes == "floatx" else dtypes, target is not None)
    depth = draw(st.integers(1, DEEPEST - 2 if target not in (None, "real") else DEEPEST))
    model = _model(draft, kind, depth)
    loss: Any = None
    if target:
        model, loss = _with_loss(draft, model, target)
    shape = model.output_shape if isinstance(model, Stack) else model.shapes[model.outputs[0]]
    rows = draw(st.integers(1, 50))
    fit, steps = _fit(draft, rows)
    return Recipe(
        seed=draw(st.sampled_from((0, 1, 7, 42, 2**32 - 1)) | st.integers(0, 2**32 - 1)),
        floatx="float64"
        if dtypes == "floatx" or (dtypes == "float64" and draw(st.booleans()))
        else "float32",
        model=model,
        built_by=draft.choose("build", "call")
        if isinstance(model, Stack) and model.begin is None and not _knows_its_input(model)
        else "",
        given_weights=draw(st.booleans()),
        rows=rows,
        data=draft.choose("float32", "float32", "float32", "float64", "int64")
        if _casts(model)
        else "float32",
        target=_target(draft, target, shape, rows) if target else None,
        loss=loss,
        optimizer=optimizer(draft),
        metrics=_metrics(draft, target),
        fit=fit,
        eager=bool(target) and steps <= FEW_STEPS and not draft.sometimes(4),
        measured_in=draft.choose(64, 64, 64, 7),
        summary=_summary(draft),
    )


def _model(draft: Draft, kind: str, depth: int) -> Model:
    inside = draft.draw(st.sampled_from((0, 0, 1, 2)))
    shape = input_shape(draft)
    if kind in ("stack", "deferred"):
        return stack(draft, shape, depth, inside, deferred=kind == "deferred")
    count = draft.draw(st.sampled_from((1, 1, 2, 3)))
    shapes = [shape if draft.sometimes(2) else input_shape(draft) for _ in range(count - 1)]
    return graph(draft, [shape, *shapes], depth, inside, outputs=3 if kind == "outputs" else 1)


def _knows_its_input(model: Stack) -> bool:
    """Whether a Sequential without an Input is built at once: its first layer is a built model."""
    first = model.layers[0]
    if isinstance(first, Made) or len(model.layers) == 1:  # one layer alone is not built
        return False
    return not isinstance(first, Stack) or first.begin is not None or _knows_its_input(first)


def _casts(model: Model) -> bool:
    """Whether data of another dtype are cast before anything is computed: there is an Input."""
    return not isinstance(model, Stack) or model.begin is not None


def _with_loss(draft: Draft, model: Model, target: str) -> tuple[Model, Any]:
    """Return the model with a last layer for these targets, and the loss."""
    shape = model.output_shape if isinstance(model, Stack) else model.shapes[model.outputs[0]]
    if target == "real":
        return model, _squared_error(draft)
    squash = "sigmoid" if target == "yes_or_no" else "softmax"
    units = draft.draw(st.integers(1 if target == "yes_or_no" else 2, 12))
    how = draft.draw(st.sampled_from(HEADS if ON_TENSORFLOW or target != "labels" else ("logits",)))
    if how == "layer" and squash == "sigmoid":
        how = "inside"
    last, out = dense(draft, shape, units, squash if how == "inside" else None)
    head: list[Part] = [last]
    if how == "activation":
        head.append(
            Made("layers.Activation", (("activation", squash), *draft.layer_arguments("last")))
        )
    elif how == "layer":
        head.append(Made("layers.Softmax", draft.layer_arguments("last")))
    return with_head(draft, model, head, out), _cross_entropy(draft, target, how == "logits")


def _squared_error(draft: Draft) -> Any:
    if draft.sometimes(3):
        return Made("losses.MeanSquaredError", _reduction(draft))
    return draft.choose("mse", "mean_squared_error", "MeanSquaredError", "MSE")


def _cross_entropy(draft: Draft, target: str, from_logits: bool) -> Any:
    name, short = {
        "labels": ("SparseCategoricalCrossentropy", "sparse_categorical_crossentropy"),
        "one_hot": ("CategoricalCrossentropy", "categorical_crossentropy"),
        "yes_or_no": ("BinaryCrossentropy", "binary_crossentropy"),
    }[target]
    if not from_logits and draft.sometimes(2):
        return draft.choose(short, name)
    arguments: tuple[tuple[str, Any], ...] = (("from_logits", True),) if from_logits else ()
    if target != "labels" and draft.sometimes(3):
        arguments += (("label_smoothing", draft.choose(0.1, 0.5)),)
    return Made(f"losses.{name}", arguments + _reduction(draft))


def _reduction(draft: Draft) -> tuple[tuple[str, Any], ...]:
    if draft.sometimes(3):
        return (("reduction", draft.choose("sum_over_batch_size", "sum", "mean")),)
    return ()


def optimizer(draft: Draft) -> Any:
    """Draw an optimizer, by name or as an object."""
    if draft.sometimes(3):
        return draft.choose("sgd", "adam", "rmsprop", "SGD", "Adam", "RMSprop")
    kind = draft.choose("SGD", "SGD", "Adam", "RMSprop")
    rates = (0.01, 0.05, 0.1) if kind == "SGD" else (0.001, 0.01)
    arguments: list[tuple[str, Any]] = [("learning_rate", draft.choose(*rates))]
    more: dict[str, tuple[tuple[str, tuple[Any, ...]], ...]] = {
        "SGD": (("momentum", (0.9, 0.5, 0.0)), ("nesterov", (True, False))),
        "Adam": (
            ("beta_1", (0.9, 0.5, 0.0)), ("beta_2", (0.999, 0.9)),
            ("epsilon", (1e-7, 1e-3)), ("amsgrad", (True, False)),
        ),
        "RMSprop": (
            ("rho", (0.9, 0.5)), ("momentum", (0.0, 0.9)),
            ("epsilon", (1e-7, 1e-3)), ("centered", (True, False)),
        ),
    }  # fmt: skip
    for name, values in more[kind]:
        if draft.sometimes(2):
            arguments.append((name, draft.choose(*values)))
    return Made(f"optimizers.{kind}", tuple(arguments))


def _target(draft: Draft, kind: str, shape: Shape, rows: int) -> Made:
    """Draw how y is made for outputs of this shape."""
    arguments: tuple[tuple[str, Any], ...] = (("shape", (rows, *shape)),)
    dtypes = ("float32", "float64") if kind == "real" else ("float32", "int64", "float64")
    if kind == "labels":
        last = (1,) if draft.sometimes(3) else ()
        arguments = (("classes", shape[-1]), ("shape", (rows, *shape[:-1], *last)))
        dtypes = ("int64", "int32", "float32")
    elif kind == "one_hot":
        arguments = (("classes", shape[-1]), ("shape", (rows, *shape[:-1])))
    return Made(kind, (*arguments, ("dtype", draft.choose(*dtypes))))


def _metrics(draft: Draft, target: str | None) -> tuple[Any, ...]:
    fitting: dict[str | None, tuple[Any, ...]] = {
        None: (),
        "real": ("mse", "MeanSquaredError"),
        "labels": ("accuracy", "acc", "sparse_categorical_accuracy"),
        "one_hot": ("accuracy", "categorical_accuracy", "mse"),
        "yes_or_no": (
            "accuracy",
            "binary_accuracy",
            Made("metrics.BinaryAccuracy", (("threshold", 0.3),)),
        ),
    }
    several = (
        draft.draw(st.lists(st.sampled_from(fitting[target]), max_size=2, unique=True))
        if target
        else []
    )
    if len({_metric_name(metric) for metric in several}) < len(several):
        several = several[:1]
    return tuple(several)


def _metric_name(metric: Any) -> str:
    text = metric.kind if isinstance(metric, Made) else metric
    return {"BinaryAccuracy": "binary_accuracy", "MeanSquaredError": "mse"}.get(text, text)


def _fit(draft: Draft, rows: int) -> tuple[tuple[tuple[str, Any], ...], int]:
    """Draw the arguments of fit: batches of one, a short last batch, one batch of all.

    Returns:
        The arguments, and how many steps they make.
    """
    size = draft.draw(st.sampled_from((1, 2, 3, 7, 8, 16, 32, 64)))
    size = max(size, -(-rows // MOST_BATCHES))
    epochs = draft.choose(2, 1, 3)
    arguments: list[tuple[str, Any]] = [("batch_size", size), ("epochs", epochs)]
    if draft.sometimes(3):
        arguments.append(("shuffle", draft.choose(False, "batch")))
    if rows >= 4 and draft.sometimes(4):
        arguments.append(("validation_split", draft.choose(0.25, 0.5)))
    return tuple(arguments), epochs * -(-rows // size)


def _summary(draft: Draft) -> tuple[tuple[str, Any], ...]:
    arguments = (
        ("line_length", draft.choose(60, 100, 79)),
        ("expand_nested", True),
        ("show_trainable", True),
    )
    return tuple(each for each in arguments if draft.sometimes(2))
