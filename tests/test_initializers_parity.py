"""Initial weights against live Keras: every bit, from the same seed."""

import random

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minidense
from minidense import initializers
from tests import record

CLASSES = ["GlorotUniform", "HeUniform", "LecunUniform", "RandomUniform"]
CONSTANTS = ["Zeros", "Ones", "Constant"]
seeds = st.integers(-(2**63), 2**63 - 1)
shapes = st.lists(st.integers(0, 12), max_size=4).map(tuple)
dtypes = st.sampled_from(["float32", "float64"])
bounds = st.one_of(st.floats(-1e3, 1e3), st.integers(-1000, 1000))
modest = settings(max_examples=60, deadline=None)


@pytest.fixture(autouse=True)
def _leave_the_seeds_as_they_were():
    python_state, numpy_state = random.getstate(), np.random.get_state()
    yield
    random.setstate(python_state)
    np.random.set_state(numpy_state)


def both(class_name, *arguments, **options):
    return tuple(
        getattr(library.initializers, class_name)(*arguments, **options)
        for library in (minidense, keras)
    )


def assert_same_bits(what, found, wanted, code=""):
    record.same(f"initializers: {what}", np.asarray(wanted), np.asarray(found), code=code)


@modest
@given(class_name=st.sampled_from(CLASSES), seed=seeds, shape=shapes, dtype=dtypes)
def test_weights_of_any_shape_seed_and_dtype_are_those_of_keras(class_name, seed, shape, dtype):
    ours, theirs = both(class_name, seed=seed)
    code = f"keras.initializers.{class_name}(seed={seed})({shape}, {dtype!r})"
    assert_same_bits(class_name, ours(shape, dtype), theirs(shape, dtype), code)
    assert_same_bits(class_name, ours(shape), theirs(shape), code)


@modest
@given(low=bounds, high=bounds, seed=seeds, shape=shapes, dtype=dtypes)
def test_uniform_numbers_between_any_bounds_are_those_of_keras(low, high, seed, shape, dtype):
    ours, theirs = both("RandomUniform", low, high, seed)
    code = f"keras.initializers.RandomUniform({low}, {high}, {seed})({shape}, {dtype!r})"
    assert_same_bits("RandomUniform", ours(shape, dtype), theirs(shape, dtype), code)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("low", "high"), [(0.0, 1e-40), (-1e-37, 1e-40), (3e-41, 2e-37), (-1e-38, 1e-38), (0.0, 1e-310)]
)
def test_subnormal_numbers_become_zero_as_in_keras(low, high, dtype):
    ours, theirs = both("RandomUniform", low, high, 3)
    assert_same_bits("RandomUniform", ours((50,), dtype), theirs((50,), dtype))


@pytest.mark.parametrize("class_name", CLASSES[:3])
@pytest.mark.parametrize("axes", [((0,), (2,)), ((0, 1), (2,)), ((-2,), (-1, 0)), (None, (1,))])
def test_axes_of_inputs_and_outputs_change_the_fans_as_in_keras(class_name, axes):
    ours, theirs = both(class_name, 7, *axes)
    assert_same_bits(f"{class_name} over axes", ours((3, 4, 5)), theirs((3, 4, 5)))


@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", None])
@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (0, 4), [2, 3]], ids=str)
@pytest.mark.parametrize("class_name", CONSTANTS)
def test_constants_are_those_of_keras(class_name, shape, dtype):
    ours, theirs = both(class_name)
    assert_same_bits(class_name, ours(shape, dtype), theirs(shape, dtype))


@pytest.mark.parametrize(
    "value", [0.1, -3, True, np.float64(1 / 3), [0.1, 2, 3], [1, 2, 3], 1e-40, [-1e-40, 1, 2e-38]]
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_constant_is_rounded_as_keras_rounds_it(value, dtype):
    ours, theirs = both("Constant", value)
    assert_same_bits("Constant", ours((2, 3), dtype), theirs((2, 3), dtype))


# get


@pytest.mark.parametrize(
    "identifier",
    ["zeros", "zero", "Zeros", "ones", "one", "Ones", "uniform",
     "random_uniform", "RandomUniform", "glorot_uniform", "GlorotUniform", "he_uniform",
     "HeUniform", "lecun_uniform", "LecunUniform",
     {"class_name": "HeUniform", "config": {"seed": 3}}, {"class_name": "Zeros"},
     {"class_name": "glorot_uniform", "config": {}},
     {"module": "keras.initializers", "class_name": "Constant", "config": {"value": 2.0},
      "registered_name": None}],
    ids=str,
)  # fmt: skip
def test_an_identifier_means_what_it_means_in_keras(identifier):
    found, wanted = initializers.get(identifier), keras.initializers.get(identifier)
    assert type(found).__name__ == type(wanted).__name__
    assert found.get_config() == wanted.get_config()
    assert initializers.serialize(found) == keras.initializers.serialize(wanted)


@pytest.mark.parametrize(
    "values", [np.arange(6.0).reshape(2, 3), np.arange(3), np.float32(0.5), np.zeros((0, 2))]
)
def test_an_array_is_an_initializer_for_its_own_shape_only(values):
    for library in (minidense, keras):
        make = library.initializers.get(values)
        found = np.asarray(make(values.shape))
        assert found.dtype == "float32"
        np.testing.assert_array_equal(found, values)
        with pytest.raises(ValueError, match="shape"):
            make((*values.shape, 1))
    ours, theirs = (
        library.layers.Dense(3, kernel_initializer=values).get_config()["kernel_initializer"]
        for library in (minidense, keras)
    )
    assert ours == theirs


def test_a_function_is_serialized_by_its_name_as_in_keras():
    def halves(shape, dtype=None):
        return np.full(shape, 0.5, dtype)

    assert initializers.serialize(halves) == keras.initializers.serialize(halves)
    assert initializers.serialize(None) == keras.initializers.serialize(None)


@pytest.mark.parametrize(
    "identifier", ["nope", 5, [1.0, 2.0], {}, {"class_name": "Nope", "config": {}}], ids=str
)
def test_an_identifier_that_keras_refuses_is_refused(identifier):
    for get in (initializers.get, keras.initializers.get):
        with pytest.raises(ValueError):  # noqa: PT011  # Keras's words are its own
            get(identifier)


@pytest.mark.parametrize("seed", [1.5, "1", np.int64(3)])
def test_a_seed_that_keras_refuses_is_refused(seed):
    for library in (minidense, keras):
        with pytest.raises(ValueError, match="seed"):
            library.initializers.GlorotUniform(seed=seed)


# Seeds


def test_seeds_are_drawn_in_the_order_in_which_keras_draws_them():
    found = []
    for library in (minidense, keras):
        library.utils.set_random_seed(11)
        made = [getattr(library.initializers, name)() for name in (*CLASSES, *CONSTANTS)]
        made += [library.initializers.get("he_uniform"), library.initializers.get("zeros")]
        made += [library.initializers.get(library.initializers.GlorotUniform)]
        found.append([getattr(initializer, "seed", None) for initializer in made])
    record.same("initializers: order of seeds", found[1], found[0])


def test_a_seed_generator_gives_new_numbers_at_each_call_as_in_keras():
    ours, theirs = (
        library.initializers.GlorotUniform(seed=library.random.SeedGenerator(5))
        for library in (minidense, keras)
    )
    first = ours((3, 2))
    assert_same_bits("seed generators", first, theirs((3, 2)))
    second = ours((3, 2))
    assert_same_bits("seed generators", second, theirs((3, 2)))
    assert (first != second).any()


def test_a_shared_initializer_gives_two_layers_equal_kernels_as_in_keras():
    kernels = []
    for library in (minidense, keras):
        library.utils.set_random_seed(3)
        shared = library.initializers.GlorotUniform()
        for _ in range(2):
            layer = library.layers.Dense(4, kernel_initializer=shared)
            layer.build((None, 3))
            kernels.append(layer.kernel.numpy())
    for kernel in kernels[1:]:
        assert_same_bits("shared by two layers", kernel, kernels[0])


@pytest.mark.parametrize("class_name", [*CLASSES, *CONSTANTS])
def test_a_configuration_has_keras_keys_and_values(class_name):
    ours, theirs = both(class_name)
    record.same("initializers: get_config", theirs.get_config(), ours.get_config())
    assert initializers.serialize(ours) == keras.initializers.serialize(theirs)
    again = type(ours).from_config(ours.get_config())
    assert again.get_config() == ours.get_config()
