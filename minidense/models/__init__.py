"""The models, under Keras's names."""

from minidense.layers.serialization import make_known
from minidense.models.cloning import clone_model
from minidense.models.copies import copy_as_keras_does
from minidense.models.from_json import model_from_json
from minidense.models.functional import Functional
from minidense.models.model import Model
from minidense.models.sequential import Sequential

make_known(Sequential, "keras", "keras.models")
make_known(Model, "keras", "keras.models")
make_known(Functional, "keras.src.models.functional", registered_name="Functional")
copy_as_keras_does()

__all__ = ["Model", "Sequential", "clone_model", "model_from_json"]
