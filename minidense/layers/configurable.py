"""A layer as a dict of plain values, and back: its arguments, and the shape that it was built for.

The part of `keras.layers.Layer` and `keras.Operation` that knows of configurations.
"""

import inspect
from collections.abc import Mapping
from typing import Any, TypeVar

from minidense import checks
from minidense.graph.nest import flatten
from minidense.layers.weights import WeightOwner

SelfConfigurable = TypeVar("SelfConfigurable", bound="Configurable")


class Configurable(WeightOwner):
    """What can be made again from its configuration.

    A class that does not write its own `get_config` is made again from the arguments of its
    `__init__`, if these are plain: texts, numbers, booleans, None, and lists or dicts of them.
    """

    _auto_config: dict[str, Any] | None
    """The plain arguments of `__init__`; None if some are not. Only without an own `get_config`."""

    def __new__(cls: type[SelfConfigurable], *args: Any, **kwargs: Any) -> SelfConfigurable:
        """Remember the arguments, where `get_config` will ask for them."""
        made = super().__new__(cls)
        if cls.get_config is Configurable.get_config:
            vars(made)["_auto_config"] = _plain_arguments(cls, args, kwargs)
        return made

    def build(self, input_shape: Any) -> None:
        """Make the weights for inputs of this shape; the base has none to make."""

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer, under Keras's keys.

        Raises:
            NotImplementedError: for a class of one's own that was made with other than plain
                arguments, and has no `get_config`.
        """
        config: dict[str, Any] = {"name": self.name}
        if type(self).get_config is Configurable.get_config:
            config = self._own_arguments()
        policy = {
            "module": "keras",
            "class_name": "DTypePolicy",
            "config": {"name": self.compute_dtype},
            "registered_name": None,
        }
        return {**config, "trainable": self._trainable, "dtype": policy}

    def _own_arguments(self) -> dict[str, Any]:
        """Return the arguments of `__init__`, and the name if it can be given to `__init__`."""
        class_name = type(self).__name__
        if self._auto_config is None:
            raise NotImplementedError(
                f"{class_name} was made with arguments that are no plain texts, numbers, booleans, "
                "None or lists of them, so its configuration is not known. Define "
                f"`get_config(self)` in {class_name}, and return "
                "{**super().get_config(), ...} with the arguments."
            )
        parameters = inspect.signature(self.__init__).parameters  # type: ignore[misc]
        rest = parameters.get("kwargs")
        takes_name = "name" in parameters or (rest is not None and rest.kind is rest.VAR_KEYWORD)
        return {**({"name": self.name} if takes_name else {}), **self._auto_config}

    @classmethod
    def from_config(cls: type[SelfConfigurable], config: dict[str, Any]) -> SelfConfigurable:
        """Make a layer from what `get_config` returned; its weights are new.

        Raises:
            TypeError: if the class cannot be made with these arguments, whatever the reason.
        """
        try:
            return cls(**config)
        except Exception as error:
            raise TypeError(
                f"A layer of class {cls.__name__} cannot be made from its configuration: {error}"
            ) from error

    def get_build_config(self) -> dict[str, Any] | None:
        """Return {"input_shape": ...}, the shape that the layer was built for; None if it was not.

        A layer that is built from the start, such as a ReLU, is built for no shape.
        """
        return dict(self._build_shapes_dict) if self._build_shapes_dict else None

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Build the layer for the shape that `get_build_config` returned.

        Raises:
            TypeError: if it is no dict, or has no shape in it.
        """
        if not isinstance(config, Mapping):
            raise TypeError(
                f"The build_config of layer '{self.name}' must be a dict. "
                f"Received: {checks.brief(config)}."
            )
        if "input_shape" not in config:
            return
        try:
            shapes = checks.map_shapes(tuple, config["input_shape"])
        except ValueError as error:
            raise TypeError(f"The build_config of layer '{self.name}': {error}") from None
        self._build_again(shapes)

    def _build_again(self, shapes: Any) -> None:
        """Build the layer for the shapes of its configuration."""
        self.build(shapes)


def _plain_arguments(
    cls: type[Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> dict[str, Any] | None:
    """Return the arguments by name, with defaults and without `name`; None if some are not plain.

    None too for arguments that cannot be given by name.
    """
    signature = inspect.signature(cls.__init__)
    try:
        bound = signature.bind(None, *args, **kwargs)
    except TypeError:
        return None  # `__init__` will say what is wrong
    bound.apply_defaults()
    by_name: dict[str, Any] = {}
    for name, parameter in list(signature.parameters.items())[1:]:  # without self
        value = bound.arguments[name]
        if parameter.kind is parameter.VAR_KEYWORD:
            by_name |= value
        elif parameter.kind is parameter.POSITIONAL_ONLY:
            return None
        elif parameter.kind is not parameter.VAR_POSITIONAL:
            by_name[name] = value
        elif value:
            return None
    by_name.pop("name", None)
    return by_name if _is_plain(by_name) else None


def _is_plain(arguments: dict[str, Any]) -> bool:
    try:
        leaves = flatten(list(arguments.values()))
    except TypeError:  # a dict whose keys have no order
        return False
    return all(leaf is None or isinstance(leaf, (str, int, float)) for leaf in leaves)


__all__ = ["Configurable"]
