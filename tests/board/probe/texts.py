"""What Keras prints: summaries, and the log of a fit."""

import contextlib
import io
import re
from collections.abc import Callable
from functools import partial
from typing import Any

import keras
from keras import layers

from tests.board.probe.models import MODELS, fitted


def questions() -> dict[str, Callable[[], Any]]:
    asked: dict[str, Callable[[], Any]] = {}
    for name, model in MODELS.items():
        asked[name] = partial(summary, model)
        asked[f"{name}, all columns"] = partial(
            summary, model, expand_nested=True, show_trainable=True, line_length=100
        )
    return asked | {
        "unbuilt": partial(summary, lambda: keras.Sequential([layers.Dense(2)])),
        "empty": partial(summary, keras.Sequential),
        "after a fit with adam": partial(summary, lambda: fitted("adam")[0]),
        "after a fit with sgd": partial(summary, lambda: fitted("sgd")[0]),
        "after a fit with rmsprop": partial(summary, lambda: fitted("rmsprop")[0]),
        "layer_range": partial(summary, MODELS["mlp"], layer_range=["dense", "dropout"]),
        "narrow": partial(summary, MODELS["mlp"], line_length=40),
        "log with verbose=1": partial(log, 1),
        "log with verbose=2": partial(log, 2),
    }


def summary(make: Callable[[], Any], **arguments: Any) -> str:
    lines: list[str] = []
    make().summary(print_fn=lambda line, **_: lines.append(line), **arguments)
    return without_spaces_at_ends("\n".join(lines))


def log(verbose: int) -> str:
    """Return what a fit prints, without its times and without what a carriage return hides."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        fitted("sgd", verbose=verbose)
    text = re.sub(r"\x1b\[\d+m|\x08+", "", printed.getvalue())
    text = "\n".join(line.rpartition("\r")[2] for line in text.split("\n"))
    times = r"\d+(s|ms|us)(/(step|epoch))?"
    return without_spaces_at_ends(re.sub(rf"(?<![\w.]){times}(?!\w)", "…", text))


def without_spaces_at_ends(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.split("\n"))
