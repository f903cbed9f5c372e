"""A model from the text that `model.to_json` returned."""

from collections.abc import Mapping
from typing import Any

from minidense.layers.reading import layer_from, reading


def model_from_json(json_string: str, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Make a model from what `model.to_json()` returned, here or in Keras; its weights are new.

    It is compiled as the model was that was written; the optimizer begins anew.

    Args:
        json_string: the text.
        custom_objects: the user's own classes and functions that it may name, by name.

    Raises:
        TypeError: for what is no text, an unknown class, or arguments that a class does not take.
        ValueError: for a text that is no JSON, or describes no model.

    Source: `keras.models.model_from_json`.

    >>> from minidense import Input, Sequential, layers
    >>> model = Sequential([Input((3,)), layers.Dense(2)], name="small")
    >>> model_from_json(model.to_json())
    <Sequential name=small, built=True>
    """
    import json  # 1.2 ms of `import minidense`

    with reading(custom_objects):
        return layer_from(json.loads(json_string))
