"""The class of the exception of each call in `tests/bad_calls.py`; None where nothing is raised."""

from collections.abc import Callable
from functools import partial

import keras

from tests.bad_calls import BAD_CALLS, ODD, Script


def questions() -> dict[str, Callable[[], str | None]]:
    return {row.id: partial(class_raised, row.call) for row in [*BAD_CALLS, *ODD]}


def class_raised(call: str) -> str | None:
    script = Script(call, keras)
    try:
        script.prepare()
    except Exception as error:  # what the call needs is not there yet
        return f"{type(error).__name__}, before the call"
    try:
        script.make()
    except Exception as error:
        return type(error).__name__
    return None
