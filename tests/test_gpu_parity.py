"""The same checks on TensorFlow's GPU path; skipped, with a sentence, where TensorFlow sees no GPU.

TF32 is turned off: it keeps 10 bits of the mantissa, and then products agree to 1e-3 only.
"""

import keras
import numpy as np
import pytest

import minidense
from tests import record
from tests.reference_only import tensorflow

tf = tensorflow("its GPU is asked here; the others are with --keras-device gpu.")

pytestmark = pytest.mark.skipif(
    not tf.config.list_physical_devices("GPU"), reason="TensorFlow sees no GPU on this machine"
)


@pytest.fixture(autouse=True)
def full_float32_products():
    tf.config.experimental.enable_tensor_float_32_execution(False)
    yield
    tf.config.experimental.enable_tensor_float_32_execution(True)


def mlp(library):
    library.utils.set_random_seed(7)
    return library.Sequential(
        [
            library.Input((20,)),
            library.layers.Dense(16, activation="relu"),
            library.layers.Dropout(0.3),
            library.layers.Dense(4, activation="softmax"),
        ]
    )


def test_initial_weights_on_a_gpu_are_the_same_bits():
    for ours, theirs in zip(mlp(minidense).get_weights(), mlp(keras).get_weights(), strict=True):
        record.same("GPU: initial weights", theirs, ours)


def test_dropout_masks_on_a_gpu_are_the_same():
    x = np.ones((8, 20), "float32")
    minidense.utils.set_random_seed(3)
    ours = minidense.layers.Dropout(0.4)(x, training=True)
    keras.utils.set_random_seed(3)
    theirs = np.asarray(keras.layers.Dropout(0.4)(x, training=True))
    record.same("GPU: dropout masks", theirs == 0, ours == 0)


def test_outputs_on_a_gpu_agree_to_float32_rounding():
    x = np.random.default_rng(0).standard_normal((64, 20)).astype("float32")
    ours, theirs = mlp(minidense)(x), np.asarray(mlp(keras)(x))
    record.close("GPU: outputs", theirs, ours, rtol=2e-6, atol=1e-7)  # sums of 20, other order


def test_a_short_fit_on_a_gpu_gives_the_same_log():
    random = np.random.default_rng(1)
    x = random.standard_normal((256, 20)).astype("float32")
    y = random.integers(0, 4, 256)
    logs = []
    for library in (minidense, keras):
        model = mlp(library)
        model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
        logs.append(model.fit(x, y, epochs=3, verbose=0).history)
    ours, theirs = logs
    record.same("GPU: accuracies of a short fit", theirs["accuracy"], ours["accuracy"])
    record.curves("GPU: a short fit", theirs["loss"], ours["loss"])
    record.close("GPU: losses of a short fit", theirs["loss"], ours["loss"], rtol=1e-5)
