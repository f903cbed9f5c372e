"""The parts of one kind under their names: initializers, activations, losses, metrics, optimizers.

One table for each kind says what a name stands for, and how a part is written in a configuration.
Mirrors the `get`, `serialize` and `deserialize` that each module of Keras has.
"""

import inspect
from collections.abc import Callable, Hashable, Mapping
from typing import Any, Self

from minidense import checks
from minidense.names import snake_case

REGISTRIES: dict[str, "Registry"] = {}
"""All registries by the kind of their parts."""
CONFIGURATIONS: dict[str, Callable[..., Any]] = {}
"""`write` makes any value of a configuration plain, and `read` makes a layer of one.

What knows the layers enters them, so that what lies below can have layers in its configuration.
"""


class Registry:
    """The parts of one kind by name.

    Args:
        kind: "loss", "activation function" …, for messages.
        module: where Keras has them, "keras.losses".
        parts: classes and functions; they go by their own names, classes in snake case, too.
        **aliases: other names.
    """

    def __init__(self, kind: str, module: str, *parts: Any, **aliases: Any) -> None:
        self.kind = kind
        self.module = module
        self.parts = parts
        self.by_name: dict[str, Any] = {
            **{snake_case(p.__name__): p for p in parts if isinstance(p, type)},
            **{part.__name__: part for part in parts},
            **aliases,
        }
        REGISTRIES[kind] = self

    def check(self, identifier: Any) -> None:
        """Raise ValueError where `get` would, but make nothing: no seed is drawn."""
        name = identifier
        if isinstance(identifier, Mapping):
            checks.class_name_given(self.kind, identifier)
            name = self._name_in(identifier)
            found = self.by_name.get(name) if isinstance(name, str) else None
            known = found is not None and (isinstance(found, type) or found.__name__ == name)
        elif isinstance(identifier, str):
            known = identifier in self.by_name
        else:
            known = identifier is None or callable(identifier)
        checks.known_name(self.kind, name, known, sorted(self.by_name))

    def get(self, identifier: Any) -> Any:
        """Return the part that a name, a class, or a dict of class and config stands for.

        Anything that can be called stands for itself, and None for None.

        Raises:
            ValueError: if the identifier stands for none.
            TypeError: for a dict whose config does not have the arguments of the class.
        """
        self.check(identifier)
        if not isinstance(identifier, Mapping):
            found = self.by_name[identifier] if isinstance(identifier, str) else identifier
            return found() if inspect.isclass(found) else found
        name = self._name_in(identifier)
        found = self.by_name[name]
        checks.module_not_none(name, identifier)
        if not hasattr(found, "from_config"):
            return found
        return found.from_config(checks.class_config(name, identifier.get("config")))

    def deserialize(self, config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
        """Return the part that `serialize` wrote: by a name or a dict; anything else is itself.

        Args:
            config: what `serialize` returned.
            custom_objects: the user's own classes and functions, by name.

        Raises:
            ValueError: for a name that nothing has.
            TypeError: for a dict whose config does not have the arguments of the class.
        """
        if not isinstance(config, (Mapping, str)):
            return config
        name = config if isinstance(config, str) else self._name_in(config)
        own = (custom_objects or {}).get(name) if isinstance(name, str) else None
        if own is None:
            return self.get(config)
        if isinstance(config, str) or not hasattr(own, "from_config"):
            return own
        return own.from_config(config["config"])

    @staticmethod
    def _name_in(identifier: Mapping[str, Any]) -> Any:
        """Return the name in a dict; a function is written as one of the class "function"."""
        name = identifier.get("class_name")
        is_function = name == "function" and "module" in identifier
        return identifier.get("config") if is_function else name

    def has(self, part: Any) -> bool:
        """Whether a class or a function is one of these, and none of a user's."""
        return isinstance(part, Hashable) and any(part is known for known in self.parts)


def serialize(part: Any) -> Any:
    """Return a part in Keras's form: class name and arguments; of a function only its name.

    Raises:
        TypeError: for what has no configuration.

    >>> serialize(abs)["config"]
    'abs'
    """
    if part is None:
        return None
    cls = type(part)
    if hasattr(part, "get_config"):
        module = next((each.module for each in REGISTRIES.values() if each.has(cls)), None)
        own_module = None if cls.__module__ == "__main__" else cls.__module__
        return {
            "module": module or own_module,
            "class_name": cls.__name__,
            "config": CONFIGURATIONS["write"](part.get_config()),
            "registered_name": None if module else cls.__name__,
        }
    if hasattr(part, "__name__"):
        function = {"module": "builtins", "class_name": "function", "config": part.__name__}
        return {**function, "registered_name": "function"}
    hint = "make it a function, or give its class a `get_config`"
    raise TypeError(f"A part of type {cls.__name__} has no configuration: {hint}.")


def is_ours(thing: Any) -> bool:
    """Whether a class or a function is of this package, and none of a user's own."""
    return str(thing.__module__).split(".")[0] == "minidense"


def own_arguments(part: Any) -> dict[str, Any]:
    """Return what a part was made with: the attributes that have the names of the arguments.

    The arguments are those of the nearest class of this package.
    """
    ours = next(cls for cls in type(part).__mro__ if is_ours(cls))
    parameters = list(inspect.signature(ours.__init__).parameters.values())[1:]  # type: ignore[misc]
    names = [p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    return {name: getattr(part, name, None) for name in names}


def object_name(found: Any) -> Any:
    """Return the name of an object, a function or an object that can be called, as Keras has it.

    >>> def topProb(y_true, y_pred): ...
    >>> object_name(topProb), object_name(lambda y_true, y_pred: y_pred)
    ('top_prob', 'lambda')
    """
    if hasattr(found, "name"):
        return found.name
    return snake_case(getattr(found, "__name__", type(found).__name__))


class Configured:
    """What can be made again from its class and the arguments of its `__init__`."""

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal object."""
        return own_arguments(self)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Make an equal object from what `get_config` returned."""
        return cls(**config)


class OfFunction(Configured):
    """What is made of a function and further arguments for it: a loss or a metric."""

    fn: Callable[..., Any]
    _fn_kwargs: dict[str, Any]

    def get_config(self) -> dict[str, Any]:
        """Return Keras's keys: those of a class, or else the function and its arguments."""
        config = super().get_config()
        if "fn" in own_arguments(self):
            config |= {"fn": serialize(self.fn), **self._fn_kwargs}
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Make an equal object from what `get_config` returned."""
        if "fn" in config:
            config = {**config, "fn": REGISTRIES["loss"].deserialize(config["fn"])}
        return super().from_config(config)


def written_form(
    module: str | None, class_name: str, config: Any, registered_name: str | None
) -> dict[str, Any]:
    """Return the dict in which Keras writes a part, a layer, or anything that has a class."""
    names = {"module": module, "class_name": class_name}
    return {**names, "config": config, "registered_name": registered_name}
