"""What every layer is: a name, weights, and a `call` that is made of operations.

Mirrors `keras.layers.Layer` (`keras/src/layers/layer.py`).
"""

import inspect
from typing import Any, Self

from minidense import checks
from minidense.config import dtype_policy
from minidense.graph.symbolic import KerasTensor, output_spec
from minidense.layers.building import has_unbuilt_layers, marks_built
from minidense.layers.call import CallSpec, call_layer
from minidense.layers.configuration import arguments_of, config_of
from minidense.layers.input_spec import InputSpec
from minidense.layers.weights import WeightOwner
from minidense.nest import flatten
from minidense.registry import is_ours
from minidense.typing import Shape


class Layer(WeightOwner):
    """Base class of all layers, and of a user's own.

    A subclass defines `call(self, inputs)`, or `call(self, inputs, training)`, with operations of
    `minidense.ops`, operators, and other layers. Weights are made in `build` with `add_weight`.

    Args:
        activity_regularizer: not supported; only None.
        trainable: whether training may change the weights.
        dtype: "float32" or "float64"; None means `config.floatx()`.
        autocast: whether floating inputs are cast to the layer's dtype.
        name: None means an automatic one, `dense`, `dense_1` and so on.
        **kwargs: `input_shape` or `input_dim`, with a warning: the shape of one sample, for the
            first layer of a Sequential.

    Raises:
        ValueError: for an unknown argument, dtype or name, or a `trainable` that is no bool.

    >>> import numpy as np
    >>> class Scale(Layer):
    ...     def build(self, input_shape):
    ...         self.factor = self.add_weight((input_shape[-1],), "ones", name="factor")
    ...     def call(self, inputs):
    ...         return 2 * inputs * self.factor
    >>> Scale()(np.float32([[1.0, 2.0]]))
    array([[2., 4.]], dtype=float32)
    """

    locks = True
    """Whether `build` completes the weights; a Sequential and a functional model can get more."""
    takes_arrays_as_they_are = False
    """Whether inputs are not cast before `call`: a model casts them to the dtypes of its Inputs."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Remember the arguments of a user's own class, where `get_config` will ask for them."""
        made = super().__new__(cls)
        # not in `__init__`: a subclass may set weights and layers before it calls that
        vars(made).update(_trainable_variables=[], _non_trainable_variables=[])
        base = next(each for each in cls.__mro__ if is_ours(each))
        is_users_own = cls is not base and base.__name__ in ("Layer", "Model")
        if is_users_own and cls.get_config is Layer.get_config:
            vars(made)["_auto_config"] = arguments_of(cls, args, kwargs)
        return made

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "build" in cls.__dict__:
            cls.build = marks_built(cls.build)  # type: ignore[method-assign]

    def __init__(
        self,
        *,
        activity_regularizer: None = None,
        trainable: bool = True,
        dtype: Any = None,
        autocast: bool = True,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        class_name = type(self).__name__
        super().__init__(name, class_name)  # the name is used up, whatever is refused below
        self.compute_dtype = checks.float_dtype(dtype, dtype_policy())
        checks.only_none(class_name, activity_regularizer=activity_regularizer)
        dim, shape = kwargs.get("input_dim"), kwargs.get("input_shape")
        shape = shape if dim is None else (dim,)
        self._input_shape_arg = None if shape is None else checks.shape_tuple(shape)
        if shape is not None:
            checks.warn_user(
                "Do not pass an `input_shape`/`input_dim` argument to a layer. In a Sequential, "
                "put an `Input(shape)` first instead."
            )
        checks.known_arguments(class_name, kwargs, ("input_shape", "input_dim"))
        checks.boolean("trainable", trainable)
        self._trainable = trainable
        self.autocast = autocast
        self.input_spec: InputSpec | None = None
        self._call_signature = inspect.signature(self.call)
        self._build_shapes_dict: dict[str, Any] | None = None

    # Calls

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the outputs for arrays, or record the call for KerasTensors.

        Args:
            *args: the inputs: an array with the batch first, or a list or dict of them if `call`
                takes one; further arrays, if `call` takes more.
            **kwargs: `training`, whether to behave as in training, and what else `call` takes. A
                `training` that is not mentioned is what the calling layer was told, else what
                `call` has for a default.

        Raises:
            ValueError: if the inputs are no arrays of numbers or have a wrong shape.
            TypeError: for an argument that `call` does not have.
        """
        checks.initialized(type(self).__name__, "_build_shapes_dict" in vars(self))
        return call_layer(self, args, kwargs)

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Return the outputs for tensors: what a subclass defines."""
        checks.has_call(type(self).__name__, False)

    def check_shapes(self, inputs: Any) -> None:
        """Raise ValueError if the layer cannot take inputs of these shapes."""
        if self.input_spec is not None:
            tensor = checks.one_tensor(self.name, flatten(inputs))
            self.input_spec.check(self.name, tuple(tensor.shape))

    @marks_built
    def build(self, input_shape: Any) -> None:
        """Make the weights for inputs of this shape; the base has none to make."""
        if not self.has_own("build") and has_unbuilt_layers(self):
            checks.warn_user(
                f"`build()` was called on layer '{self.name}', but {type(self).__name__} has no "
                "`build` of its own, and has layers that are not built. Call it on data instead."
            )

    def mark_built_at_once(self) -> None:
        """Be built from the start: it has no weights; a subclass may have more to build."""
        self.built = True
        self._is_locked = not self.has_own("build")

    def has_own(self, method: str) -> bool:
        """Whether a class of this layer wrote a method anew, or the layer has one of its own."""
        return method in vars(self) or getattr(type(self), method) is not getattr(Layer, method)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the outputs: a formula that a subclass may define.

        Raises:
            NotImplementedError: for a layer without one.
        """
        checks.has_shape_formula(type(self).__name__)

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Return symbolic outputs for symbolic inputs: by the formula, or by running `call`."""
        if not self.has_own("compute_output_shape"):
            return output_spec(self.call, *args, **kwargs)
        formula, shapes = self.compute_output_shape, CallSpec(self, args, kwargs).shapes()
        outputs = formula(**checks.shapes_for(formula, shapes, type(self).__name__))
        return checks.map_shapes(lambda shape: KerasTensor(shape, self.compute_dtype), outputs)

    # Configurations

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer, under Keras's keys.

        Raises:
            NotImplementedError: for a user's class that was made with other than plain arguments,
                and has no `get_config`.
        """
        return config_of(self)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
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

        A layer that is built from the start, such as a ReLU, is built for no shape. A `build` of
        several shapes gives {"shapes_dict": ...}.
        """
        shapes = self._build_shapes_dict
        return shapes if not shapes or "input_shape" in shapes else {"shapes_dict": shapes}

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Build the layer for the shapes that `get_build_config` returned.

        Raises:
            TypeError: if it is no dict, or has no shape in it.
        """
        shapes = checks.built_shapes(self.name, config)
        if shapes.keys() == {"input_shape"}:
            self.build(shapes["input_shape"])  # a user's `build` may call it otherwise
        elif shapes:
            self.build(**shapes)

    # Dtypes

    @property
    def dtype(self) -> str:
        """The dtype of the weights, by name."""
        return self.compute_dtype

    input_dtype = dtype
    """The dtype that inputs are wanted in, by name."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"


class KeepsShape(Layer):
    """A layer whose outputs have the shape of its inputs."""

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return the input's shape."""
        return input_shape
