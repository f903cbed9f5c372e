"""The layers, under Keras's names."""

from minidense.layers.activation import Activation, ReLU, Softmax
from minidense.layers.dense import Dense
from minidense.layers.dropout import Dropout
from minidense.layers.flatten import Flatten
from minidense.layers.input_layer import Input, InputLayer
from minidense.layers.input_spec import InputSpec
from minidense.layers.layer import Layer
from minidense.layers.reading import deserialize
from minidense.layers.serialization import make_known, serialize

for _cls in (Activation, Dense, Dropout, Flatten, InputLayer, ReLU, Softmax):
    make_known(_cls, "keras.layers")
make_known(Layer, "keras", "keras.layers")

__all__ = ["Activation", "Dense", "Dropout", "Flatten", "InputLayer", "Layer", "ReLU", "Softmax"]
__all__ += ["Input", "InputSpec", "deserialize", "serialize"]
