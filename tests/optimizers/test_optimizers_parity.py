"""Optimizers against live Keras: 200 steps with the same gradients end in the same bits.

TensorFlow rounds each operation as NumPy does, and its power of two scalars is the C library's, as
NumPy's is: so no tolerance is needed, in float32 or in float64. One exception: in a graph, as in
`fit`, TensorFlow turns x / sqrt(y) into x * rsqrt(y), for which the processor refines an estimate;
so RMSprop differs there, and only there, by an ulp of each step.
"""

import keras
import numpy as np
import pytest

import minidense
from minidense import Variable, optimizers
from minidense.numerics.subnormals import AVAILABLE
from tests import record
from tests.in_both import in_both, rows

SHAPES = [(7, 5), (5,), ()]
CASES = [
    ("SGD", {}),
    ("SGD", {"learning_rate": 0.3}),
    ("SGD", {"momentum": 0.9}),
    ("SGD", {"momentum": 0.7, "nesterov": True}),
    ("SGD", {"nesterov": True}),
    ("SGD", {"momentum": 1.0}),
    ("Adam", {}),
    ("Adam", {"learning_rate": 0.05, "beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-3}),
    ("Adam", {"amsgrad": True}),
    ("Adam", {"beta_1": 0.0, "beta_2": 0.0}),
    ("RMSprop", {}),
    ("RMSprop", {"rho": 0.5, "epsilon": 1e-4}),
    ("RMSprop", {"momentum": 0.9}),
    ("RMSprop", {"centered": True}),
    ("RMSprop", {"centered": True, "momentum": 0.3, "rho": 0.99}),
]
case = pytest.mark.parametrize(("class_name", "options"), CASES, ids=str)


def both(class_name, **options):
    ours = getattr(optimizers, class_name)(**options)
    return ours, getattr(keras.optimizers, class_name)(**options)


def both_weights(dtype, rng):
    values = [rng.normal(size=shape).astype(dtype) for shape in SHAPES]
    return (
        [Variable(value, dtype=dtype, name=f"weight_{i}") for i, value in enumerate(values)],
        [keras.Variable(value, dtype=dtype, name=f"weight_{i}") for i, value in enumerate(values)],
    )


def step(ours, theirs, our_weights, their_weights, gradients):
    ours.apply_gradients(zip(gradients, our_weights, strict=True))
    tensors = [keras.ops.convert_to_tensor(gradient) for gradient in gradients]
    theirs.apply_gradients(zip(tensors, their_weights, strict=True))


def as_in_fit(function):
    """Make a graph of what TensorFlow runs as one."""
    if keras.backend.backend() != "tensorflow":
        return function
    import tensorflow as tf

    return tf.function(function)


TORCHS_ROUNDINGS = 32
"""Keras has other formulas on torch, for all weights at once: in units of float32's rounding of a
weight's largest number, 200 steps ended up to 12.4 apart. On JAX, they end in the same bits."""


def assert_same_bits(what, ours, theirs):
    for our_variable, their_variable in zip(ours, theirs, strict=True):
        found, wanted = our_variable.numpy(), np.asarray(their_variable.numpy())
        if keras.backend.backend() != "torch" or wanted.dtype.kind != "f":
            record.same(f"optimizers: {what}", wanted, found)
        else:
            rounding = float(np.finfo(wanted.dtype).eps * np.abs(wanted).max())
            atol = TORCHS_ROUNDINGS * rounding
            record.close(f"optimizers: {what}", wanted, found, rtol=0, atol=atol)


@case
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_200_steps_with_given_gradients_in_a_graph_are_those_of_keras(class_name, options, dtype):
    rng = np.random.default_rng(0)
    ours, theirs = both(class_name, **options)
    our_weights, their_weights = both_weights(dtype, rng)
    theirs.build(their_weights)

    @as_in_fit
    def keras_step(gradients):
        theirs.apply_gradients(zip(gradients, their_weights, strict=True))

    for _ in range(200):
        scale = 10 ** rng.uniform(-4, 2)
        # a third of the numbers is 0, as behind a ReLU
        gradients = [
            (rng.normal(size=shape) * scale * (rng.random(shape) > 1 / 3)).astype(dtype)
            for shape in SHAPES
        ]
        ours.apply_gradients(zip(gradients, our_weights, strict=True))
        keras_step([keras.ops.convert_to_tensor(gradient) for gradient in gradients])
    assert_same_bits(class_name, ours.variables[:2], theirs.variables[:2])
    if class_name != "RMSprop":
        assert_same_bits(class_name, our_weights, their_weights)
        assert_same_bits(class_name, ours.variables, theirs.variables)
        return
    for found, wanted in zip(our_weights, their_weights, strict=True):
        numbers = np.asarray(wanted.numpy())
        tolerance = 4 * float(np.finfo(dtype).eps * np.abs(numbers).max())  # measured: at most 0.45
        record.close(
            "optimizers: RMSprop in a graph", numbers, found.numpy(), rtol=0, atol=tolerance
        )


@case
def test_the_first_steps_outside_a_graph_are_those_of_keras_bit_for_bit(class_name, options):
    rng = np.random.default_rng(4)
    ours, theirs = both(class_name, **options)
    our_weights, their_weights = both_weights("float32", rng)
    for _ in range(5):
        gradients = [rng.normal(size=shape).astype("float32") for shape in SHAPES]
        step(ours, theirs, our_weights, their_weights, gradients)
    assert_same_bits(f"{class_name}, first steps", our_weights, their_weights)
    assert_same_bits(f"{class_name}, first steps", ours.variables, theirs.variables)


@case
def test_infinite_and_nan_gradients_leave_what_they_leave_in_keras(class_name, options):
    ours, theirs = both(class_name, **options)
    value = np.ones(4, "float32")
    our_weight, their_weight = Variable(value, name="w"), keras.Variable(value, name="w")
    gradient = np.float32([np.inf, -np.inf, np.nan, 1.0])
    with np.errstate(invalid="ignore", over="ignore"):
        for _ in range(3):
            step(ours, theirs, [our_weight], [their_weight], [gradient])
    theirs_now, ours_now = np.asarray(their_weight.numpy()), our_weight.numpy()
    record.close("optimizers: infinite and NaN gradients", theirs_now, ours_now, rtol=0)


def test_adams_powers_stay_those_of_tensorflow_for_5000_steps():
    steps = np.append(np.arange(1, 60), np.arange(60, 5001, 31)).astype("float32")
    tf = pytest.importorskip("tensorflow", reason="it is TensorFlow's pow that is compared")
    for beta in map(np.float32, (0.9, 0.999, 0.99)):
        wanted = [1 - tf.pow(tf.constant(beta), tf.constant(step)).numpy() for step in steps]
        found = [1 - beta**step for step in steps]
        record.close("optimizers: Adam's powers", np.array(wanted), np.array(found), rtol=0)


def test_a_learning_rate_that_changes_on_the_way_is_followed():
    rng = np.random.default_rng(1)
    ours, theirs = both("Adam", learning_rate=0.1)
    our_weights, their_weights = both_weights("float32", rng)
    for rate in (0.1, 0.01, 3, np.float32(0.2)):
        for optimizer in (ours, theirs):
            optimizer.learning_rate = rate
        assert ours.learning_rate.numpy() == theirs.learning_rate.numpy()
        gradients = [rng.normal(size=shape).astype("float32") for shape in SHAPES]
        step(ours, theirs, our_weights, their_weights, gradients)
    assert_same_bits("changing learning rate", our_weights, their_weights)
    assert int(ours.iterations) == int(theirs.iterations) == 4


def test_a_gradient_in_another_dtype_is_cast_to_that_of_the_weight():
    rng = np.random.default_rng(2)
    ours, theirs = both("SGD", learning_rate=0.1)
    our_weights, their_weights = both_weights("float32", rng)
    gradients = [rng.normal(size=shape) for shape in SHAPES]
    step(ours, theirs, our_weights, their_weights, gradients)
    assert_same_bits("gradients of another dtype", our_weights, their_weights)


# Variables, names, configurations


@case
def test_the_variables_have_keras_order_names_shapes_and_dtypes(class_name, options):
    ours, theirs = both(class_name, name="mine", **options)
    our_weights, their_weights = both_weights("float64", np.random.default_rng(3))
    for _ in range(2):  # the second build changes nothing
        ours.build(our_weights)
        theirs.build(their_weights)
        found, wanted = (
            [(v.name, tuple(v.shape)) for v in optimizer.variables] for optimizer in (ours, theirs)
        )
        assert found == wanted
        for ours_now, theirs_now in zip(ours.variables, theirs.variables, strict=True):
            record.same("optimizers: dtypes", str(theirs_now.dtype), str(ours_now.dtype))
        assert [v.path for v in ours.variables[:2]] == [v.path for v in theirs.variables[:2]]
        assert not any(variable.trainable for variable in ours.variables)


@case
def test_a_configuration_has_keras_keys_and_values(class_name, options):
    ours, theirs = both(class_name, name="mine", **options)
    record.same("optimizers: get_config", theirs.get_config(), ours.get_config())
    again = type(ours).from_config(ours.get_config())
    assert again.get_config() == ours.get_config()


@pytest.mark.parametrize("class_name", ["SGD", "Adam", "RMSprop"])
def test_the_defaults_and_the_automatic_names_are_keras_own(class_name):
    for library in ("minidense", "keras"):
        __import__(library).utils.clear_session()
    for _ in range(2):
        ours, theirs = both(class_name)
        assert ours.name == theirs.name
        assert ours.get_config() == theirs.get_config()


@pytest.mark.parametrize("identifier", ["sgd", "SGD", "adam", "Adam", "rmsprop", "RMSprop"])
def test_a_name_means_what_it_means_in_keras(identifier):
    found, wanted = optimizers.get(identifier), keras.optimizers.get(identifier)
    assert type(found).__name__ == type(wanted).__name__


# What Keras refuses


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda library: library.optimizers.SGD(1), ValueError),
        (lambda library: library.optimizers.SGD("0.1"), ValueError),
        (lambda library: library.optimizers.SGD(np.float32(0.1)), ValueError),
        (lambda library: library.optimizers.SGD(momentum=1), ValueError),
        (lambda library: library.optimizers.SGD(momentum=1.5), ValueError),
        (lambda library: library.optimizers.SGD(momentum=-0.1), ValueError),
        (lambda library: library.optimizers.Adam(lr=0.1), ValueError),
        (lambda library: library.optimizers.get("nope"), ValueError),
        (lambda library: library.optimizers.get(5), ValueError),
        (lambda library: library.optimizers.get(library.optimizers.SGD), ValueError),
        (lambda library: setattr(library.optimizers.SGD(), "learning_rate", "x"), TypeError),
    ],
)
def test_a_call_that_keras_refuses_is_refused_with_the_same_class(call, error):
    import minidense

    for library in (keras, minidense):
        with pytest.raises(error):
            call(library)


def test_weights_that_the_optimizer_was_not_built_for_are_refused_by_both():
    for library in (keras, __import__("minidense")):
        first, second = (library.Variable(np.ones(2, "float32"), name=name) for name in "ab")
        optimizer = library.optimizers.Adam()
        optimizer.build([first])
        with pytest.raises(ValueError, match="Unknown variable"):
            optimizer.apply_gradients([(np.ones(2, "float32"), second)])


def test_no_gradients_at_all_are_no_step_in_both():
    for library in (keras, __import__("minidense")):
        optimizer = library.optimizers.SGD()
        optimizer.apply([], [])
        assert int(optimizer.iterations) == 0


def sign_steps(k):
    """A user-defined optimizer with state, in the words of Keras's own."""

    class SignStep(k.optimizers.Optimizer):
        def build(self, variables):
            if self.built:
                return
            super().build(variables)
            self.means, self.squares = self.add_optimizer_variables(variables, ["mean", "square"])
            self.calls = self.add_variable((), dtype="int32", name="calls")
            self.first = self.add_variable_from_reference(variables[0], "first", "ones")

        def update_step(self, gradient, variable, learning_rate):
            rate = k.ops.cast(learning_rate, variable.dtype)
            index = self._get_variable_index(variable)
            self.assign(self.means[index], self.means[index] * 0.9 + gradient)
            self.assign_add(self.squares[index], k.ops.square(gradient))
            self.assign_sub(variable, k.ops.sign(self.means[index]) * rate)
            self.calls.assign_add(1)

    return SignStep


@pytest.mark.parametrize("eagerly", [False, True])
def test_a_users_optimizer_trains_as_in_keras(eagerly):
    @in_both
    def script(k):
        model = k.Sequential([k.Input((3,)), k.layers.Dense(2)])
        model.compile(sign_steps(k)(learning_rate=0.1), "mse", run_eagerly=eagerly)
        x = rows(8, 3)
        history = model.fit(x, x[:, :2], 3, epochs=2, shuffle=False, verbose=0).history
        states = [(v.name, v.path, str(v.dtype), np.asarray(v)) for v in model.optimizer.variables]
        return history, model.get_weights(), states, model.optimizer.get_config()

    script()


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow" or not AVAILABLE,
    reason="it is TensorFlow that takes subnormal numbers for 0, and minidense on x86-64 Linux",
)
def test_adams_means_stop_where_kerass_do():
    # After its first row a weight gets no gradient; the mean shrinks until TensorFlow takes the
    # tenth that comes off for 0, since it is subnormal.
    x = np.zeros((1200, 3), "float32")
    x[0] = [1, -2, 0.5]
    means = []
    for library in (keras, minidense):
        library.utils.set_random_seed(5)
        model = library.Sequential([library.Input((3,)), library.layers.Dense(2)])
        model.compile("adam", "mse")
        model.fit(x, np.ones((1200, 2)), batch_size=1, shuffle=False, verbose=0)
        means.append(np.asarray(model.optimizer.variables[2].value))
    record.same("optimizers: Adam's means near 0", *means)
    assert 0 < np.abs(means[0]).min() < 1.2e-37
