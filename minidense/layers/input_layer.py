"""InputLayer and Input: where a model begins.

Mirrors `keras.layers.InputLayer` and `keras.Input` (`keras/src/layers/core/input_layer.py`).
"""

from typing import Any

from minidense import checks
from minidense.config import floatx
from minidense.graph.symbolic import KerasTensor, Node
from minidense.layers.layer import KeepsShape
from minidense.typing import Shape


class InputLayer(KeepsShape):
    """The shape and dtype of what a model takes; it has no weights and computes nothing.

    Args:
        shape: the shape of one sample, without the batch.
        batch_size: the batch's size, None for any.
        dtype: any real dtype; None means `config.floatx()`.
        batch_shape: the shape with the batch, in place of `shape` and `batch_size`.
        name: None means an automatic one.
        **kwargs: `input_shape`, with a warning: the deprecated name of `shape`.

    Raises:
        ValueError: if no shape is given, or two, or one that is none.

    >>> InputLayer(shape=(784,)).batch_shape
    (None, 784)
    """

    def __init__(
        self,
        shape: Any = None,
        batch_size: int | None = None,
        dtype: Any = None,
        sparse: bool | None = None,
        ragged: bool | None = None,
        batch_shape: Any = None,
        input_tensor: None = None,
        optional: bool = False,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name)
        checks.only_none(
            "InputLayer", sparse=sparse, ragged=ragged, input_tensor=input_tensor, optional=optional
        )
        checks.known_arguments("InputLayer", kwargs, ("input_shape", "batch_input_shape"))
        shape = kwargs.get("input_shape", shape)
        batch_shape = kwargs.get("batch_input_shape", batch_shape)
        checks.one_input_shape(shape, batch_size, batch_shape)
        if batch_shape is None:
            batch_shape = (batch_size, *checks.shape_tuple(shape))
        self._batch_shape = checks.shape_tuple(batch_shape)
        self._input_dtype = checks.input_dtype(dtype, floatx())
        if "input_shape" in kwargs:
            checks.warn_user("Argument `input_shape` is deprecated. Use `shape` instead.")
        self.built = True
        Node(self, (), {}, KerasTensor(self._batch_shape, self._input_dtype, name))

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Raise TypeError: a model begins here, and nothing is passed on to it."""
        raise TypeError(
            f"InputLayer '{self.name}' takes no inputs: it is where a model begins. "
            "Call the model instead."
        )

    @property
    def batch_shape(self) -> Shape:
        """The shape with the batch, (None, 784)."""
        return self._batch_shape

    @property
    def dtype(self) -> str:
        """The dtype of the input, by name."""
        return self._input_dtype

    def get_config(self) -> dict[str, Any]:
        """Return Keras's keys."""
        tensor = {"batch_shape": self._batch_shape, "dtype": self._input_dtype}
        return {**tensor, "sparse": False, "ragged": False, "name": self.name, "optional": False}


def Input(  # noqa: N802 - Keras's name
    shape: Any = None,
    batch_size: int | None = None,
    dtype: Any = None,
    sparse: bool | None = None,
    ragged: bool | None = None,
    batch_shape: Any = None,
    name: str | None = None,
    tensor: None = None,
    optional: bool = False,
) -> KerasTensor:
    """Return a symbolic tensor to begin a model with; the arguments are InputLayer's.

    >>> Input(shape=(28, 28)).shape
    (None, 28, 28)
    """
    arguments = (shape, batch_size, dtype, sparse, ragged, batch_shape, tensor, optional, name)
    output: KerasTensor = InputLayer(*arguments).output
    return output
