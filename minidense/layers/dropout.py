"""Dropout: in training, numbers are dropped by a random mask; elsewhere nothing happens.

Mirrors `keras.layers.Dropout` (`keras/src/layers/regularization/dropout.py`) and
`tf.nn.experimental.stateless_dropout`.
"""

from typing import Any

from minidense import checks, ops
from minidense.layers.layer import KeepsShape
from minidense.ops.randomness import draw_mask, keep
from minidense.random.seeds import SeedGenerator
from minidense.typing import Shape


class Dropout(KeepsShape):
    """Set a share of the inputs to 0 and scale the rest up by 1 / (1 - rate), in training only.

    The mask of the k-th training call comes from the seed pair [seed, k].

    Args:
        rate: the share that is dropped, from 0 to 1.
        noise_shape: the shape of the mask where it is not the inputs'; None for a dimension means
            the inputs' own, 1 means one decision for the whole axis.
        seed: an integer; None draws one from Python's `random`, unless the rate is 0.
        **kwargs: what `Layer` takes.

    Raises:
        ValueError: for a rate outside [0, 1], a bad noise_shape or seed; no seed is drawn then.

    >>> import numpy as np
    >>> layer = Dropout(0.5, seed=1)
    >>> layer(np.ones((1, 4), "float32"))
    array([[1., 1., 1., 1.]], dtype=float32)
    >>> layer(np.ones((1, 4), "float32"), training=True)
    array([[2., 0., 2., 0.]], dtype=float32)
    """

    def __init__(
        self, rate: float, noise_shape: Shape | None = None, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        checks.number_in("rate", rate, 0, 1)
        self.rate = rate
        self.seed = seed
        self.noise_shape = checks.noise_shape(noise_shape)
        if rate > 0:
            self.seed_generator = SeedGenerator(seed)  # draws now, in the order of construction
        self.mark_built_at_once()

    def get_config(self) -> dict[str, Any]:
        """Return Keras's keys, in its order."""
        config = super().get_config()
        noise_shape = config.pop("noise_shape")
        return {**config, "noise_shape": noise_shape}

    def call(self, inputs: Any, training: bool | None = False) -> Any:
        """Return the inputs themselves at rest; in training what a mask leaves, scaled up."""
        if not training or self.rate == 0:
            return inputs
        checks.floating("Dropout", inputs)
        whole: Shape = (None,) * len(inputs.shape)
        noise_shape = whole if self.noise_shape is None else self.noise_shape
        checks.mask_stretches(self.name, noise_shape, inputs.shape)
        if self.rate == 1:  # no mask is drawn, as in Keras
            return ops.zeros_like(inputs)
        seed = self.seed_generator.next()
        mask = draw_mask(inputs, seed, rate=self.rate, noise_shape=noise_shape)
        return keep(inputs, mask, rate=self.rate)
