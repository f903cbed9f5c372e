"""What a library answers to a call: the class of an exception and its message, or a result."""

import ast
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import minidense
from tests.bad_calls import names_for
from tests.drawn_bad_calls.good import Call
from tests.drawn_bad_calls.state import state_of_all

NO_ERROR = "no error"
SEED = 7


@dataclass
class Answer:
    """What a call did."""

    raised: str
    """The name of the exception's class, or "no error"."""
    message: str = ""
    result: dict[str, Any] = field(default_factory=dict)
    """What came out, by name, where nothing was raised: numbers, arrays and texts."""
    changed: list[str] = field(default_factory=list)
    """What a failed call has changed."""


class Session:
    """One call in a fresh session of a library, up to the moment before the function runs."""

    def __init__(self, library: Any, call: Call) -> None:
        # collecting garbage, as Keras does unless told otherwise, takes longer than most calls
        free = {} if library is minidense else {"free_memory": False}
        library.utils.clear_session(**free)
        library.utils.set_random_seed(SEED)
        preparation, _, bad = call.text.rpartition("; ")
        self.names = names_for(library)
        exec(preparation, self.names)
        # arguments make layers and draw seeds, too: that is not the function's doing
        line = ast.parse(bad, mode="eval").body
        assert isinstance(line, ast.Call)
        self.function = self._value(line.func)
        self.arguments = [self._value(each) for each in line.args]
        self.named = {str(each.arg): self._value(each.value) for each in line.keywords}

    def _value(self, node: ast.expr) -> Any:
        return eval(ast.unparse(node), self.names)

    def things(self) -> dict[str, Any]:
        """Return what a failed call must leave as it was."""
        made: dict[str, Any] = {n: self.names[n] for n in ("m", "w") if n in self.names}
        return {**made, "arguments": self.arguments, "named": self.named}

    def run(self) -> Answer:
        """Make the call."""
        try:
            result = self.function(*self.arguments, **self.named)
        except Exception as error:
            return Answer(type(error).__name__, str(error))
        made = self.names.get("m")
        return Answer(NO_ERROR, result={**facts("result", result), **facts("afterwards", made)})


def ask(library: Any, call: Call) -> Answer:
    """Run a call in a fresh session of a library."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return Session(library, call).run()
        finally:
            library.config.set_floatx("float32")


def ask_minidense(call: Call) -> Answer:
    """Run a call in a fresh session of minidense; if it fails, say what it has changed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        session = Session(minidense, call)
        before = state_of_all(session.things())
        was_built = getattr(session.names.get("m"), "built", True)
        try:
            answer = session.run()
            if answer.raised != NO_ERROR:
                after = state_of_all(session.things())
                places = sorted({*before, *after})
                if not was_built:  # what is built in a call that fails then stays, as in Keras
                    places = [place for place in places if not place.startswith("m.")]
                answer.changed = [p for p in places if before.get(p) != after.get(p)]
            return answer
        finally:
            minidense.config.set_floatx("float32")


def facts(place: str, value: Any) -> dict[str, Any]:
    """Return what can be compared about a result: numbers, arrays and texts, by their place."""
    for fits, read in READERS:
        if fits(value):
            try:
                return read(place, value)
            except Exception:  # Keras has made a thing that it cannot read itself
                return {place: "cannot be read"}
    return {}


def _nested(place: str, value: Any) -> dict[str, Any]:
    """Return the facts of a dict's or list's parts."""
    parts = value.items() if isinstance(value, dict) else enumerate(value)
    found: dict[str, Any] = {f"{place}: length": len(value)}
    for key, part in parts:
        found |= facts(f"{place}[{key!r}]", part)
    return found


def _array(place: str, value: Any) -> dict[str, Any]:
    return {place: np.asarray(value)}


def _configured(place: str, value: Any) -> dict[str, Any]:
    config = {**value.get_config()}
    config.pop("dtype", None)  # a policy in one library may be a name in the other
    return facts(f"{place}: configuration", config)


def _model(place: str, model: Any) -> dict[str, Any]:
    return {
        f"{place}: name": model.name,
        f"{place}: layers": [layer.name for layer in model.layers],
        **facts(f"{place}: weights", model.get_weights()),
    }


def _is_number(value: Any) -> bool:
    return isinstance(value, (bool, int, float)) and not isinstance(value, np.generic)


def _has(*names: str) -> Callable[[Any], bool]:
    return lambda value: not isinstance(value, type) and all(hasattr(value, n) for n in names)


READERS: list[tuple[Callable[[Any], bool], Callable[[str, Any], dict[str, Any]]]] = [
    (lambda value: value is None or isinstance(value, str), lambda place, v: {place: repr(v)}),
    (lambda value: isinstance(value, (dict, list, tuple)), _nested),
    (_is_number, lambda place, value: {place: float(value)}),
    (_has("history", "epoch"), lambda place, value: _nested(place, value.history)),
    (_has("layers", "get_weights"), _model),
    (_has("result", "update_state"), lambda place, value: facts(place, value.result())),
    (_has("get_config"), _configured),
    (_has("__array__", "numpy"), _array),
    (_has("__array__", "addressable_shards"), _array),  # JAX's own arrays
    (lambda value: isinstance(value, (np.ndarray, np.generic)), _array),
    (_has("shape", "dtype"), lambda place, value: {place: f"{value.dtype}{value.shape}"}),
    (callable, lambda place, value: {place: getattr(value, "__name__", "a callable")}),
]
"""For each kind of result: how to tell it, and how to read it."""
