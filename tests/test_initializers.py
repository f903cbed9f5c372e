"""Initializers by themselves: seeds, shapes, names, and what is refused."""

import json
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidense import config, initializers
from minidense.initializers import compute_fans
from minidense.random import SeedGenerator
from minidense.random.seeds import draw_seed, set_random_seed

RANDOM = ["GlorotUniform", "HeUniform", "LecunUniform", "RandomUniform"]
LIMITS = {
    "GlorotUniform": lambda fan_in, fan_out: np.sqrt(6 / (fan_in + fan_out)),
    "HeUniform": lambda fan_in, fan_out: np.sqrt(6 / fan_in),
    "LecunUniform": lambda fan_in, fan_out: np.sqrt(3 / fan_in),
    "RandomUniform": lambda fan_in, fan_out: 0.05,
}
modest = settings(max_examples=40, deadline=None)


@pytest.fixture(autouse=True)
def _leave_the_seeds_as_they_were():
    python_state, numpy_state = random.getstate(), np.random.get_state()
    yield
    random.setstate(python_state)
    np.random.set_state(numpy_state)


@modest
@given(
    name=st.sampled_from(RANDOM),
    seed=st.integers(-(2**63), 2**63 - 1),
    fan_in=st.integers(1, 40),
    fan_out=st.integers(1, 40),
    dtype=st.sampled_from(["float32", "float64"]),
)
def test_numbers_stay_within_the_limit_of_their_name(name, seed, fan_in, fan_out, dtype):
    values = getattr(initializers, name)(seed=seed)((fan_in, fan_out), dtype)
    limit = np.dtype(dtype).type(LIMITS[name](fan_in, fan_out))
    assert values.shape == (fan_in, fan_out)
    assert values.dtype == dtype
    assert (np.abs(values) <= limit * (1 + 1e-6)).all()


def test_known_numbers():
    # Keras 3.15.1, GlorotUniform(seed=1)
    found = initializers.GlorotUniform(seed=1)((2, 1, 2)).reshape(-1)
    wanted = np.float32([0.75697637, -0.0800395, 0.2005825, -0.21480465])
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("name", RANDOM)
def test_the_same_seed_gives_the_same_numbers_at_each_call(name):
    initializer = getattr(initializers, name)(seed=3)
    np.testing.assert_array_equal(initializer((4, 2)), initializer((4, 2)))
    assert initializer((4, 2)).base is None or not np.shares_memory(
        initializer((4, 2)), initializer((4, 2))
    )


def test_a_seed_generator_gives_new_numbers_at_each_call():
    initializer = initializers.GlorotUniform(seed=SeedGenerator(3))
    assert (initializer((4, 2)) != initializer((4, 2))).any()


def test_a_seed_is_drawn_when_a_random_initializer_is_made_and_only_then():
    set_random_seed(42)
    wanted = [draw_seed() for _ in range(3)]
    set_random_seed(42)
    first = initializers.GlorotUniform()
    initializers.Zeros()
    initializers.HeUniform(seed=5)
    initializers.get("ones")
    first((2, 2))
    second = initializers.get("he_uniform")
    third = initializers.get(initializers.LecunUniform)
    assert [first.seed, second.seed, third.seed] == wanted


def test_a_drawn_seed_stays_out_of_the_configuration_as_in_keras():
    assert initializers.GlorotUniform().get_config()["seed"] is None
    assert initializers.GlorotUniform(7).get_config()["seed"] == 7


@pytest.mark.parametrize("dtype", ["float32", "float64", "int32"])
def test_constants_have_the_dtype_that_is_asked_for(dtype):
    for name, value in [("Zeros", 0), ("Ones", 1), ("Constant", 0)]:
        found = getattr(initializers, name)()((2, 3), dtype)
        assert found.dtype == dtype
        np.testing.assert_array_equal(found, np.full((2, 3), value))


def test_a_constant_may_be_an_array_that_stretches():
    found = initializers.Constant(np.arange(3))((2, 3))
    np.testing.assert_array_equal(found, [[0, 1, 2], [0, 1, 2]])


def test_a_python_float_is_a_float32_first_as_in_keras():
    assert initializers.Constant(0.1)((), "float64") == np.float64(np.float32(0.1))


def test_an_array_is_the_weight_itself_copied():
    values = np.arange(6.0).reshape(2, 3)
    make = initializers.get(values)
    found = make((2, 3))
    np.testing.assert_array_equal(found, values)
    assert not np.shares_memory(make((2, 3), "float64"), values)
    with pytest.raises(ValueError, match=r"\(2, 3\).*\(3, 2\)"):
        make((3, 2))


@pytest.mark.parametrize(
    ("shape", "fans"),
    [((), (1, 1)), ((5,), (5, 5)), ((3, 4), (3, 4)), ((2, 3, 4), (6, 8))],
)
def test_fans_of_shapes(shape, fans):
    assert compute_fans(shape) == fans


def test_fans_of_named_axes():
    assert compute_fans((2, 3, 4), (0,), (1, 2)) == (2, 12)


def test_a_function_or_the_users_class_is_serialized_by_its_own_name():
    class Halves(initializers.Initializer):
        def __call__(self, shape, dtype=None):
            return np.full(shape, 0.5, dtype)

    assert initializers.serialize(Halves())["registered_name"] == "Halves"
    assert initializers.serialize(abs)["config"] == "abs"
    assert initializers.serialize(None) is None
    with pytest.raises(TypeError, match="list has no configuration"):
        initializers.serialize([])


@pytest.mark.parametrize("identifier", ["nope", 5, [1.0], {"class_name": "Nope"}], ids=str)
def test_what_is_no_initializer_is_refused_with_the_names_that_are(identifier):
    with pytest.raises(ValueError, match=r"initializer identifier.*GlorotUniform") as error:
        initializers.get(identifier)
    assert len(str(error.value)) <= 400


@pytest.mark.parametrize(
    ("make", "error", "word"),
    [
        (lambda: initializers.GlorotUniform(1.5), ValueError, "seed"),
        (lambda: initializers.GlorotUniform("1"), ValueError, "seed"),
        (lambda: initializers.RandomUniform("a"), ValueError, "minval"),
        (lambda: initializers.RandomUniform(0.0, None), ValueError, "maxval"),
        (lambda: initializers.Constant("a"), ValueError, "value"),
        (lambda: initializers.Zeros()((2,), "nope"), ValueError, "dtype"),
        (lambda: initializers.GlorotUniform(1)((2,), "int32"), ValueError, "dtype"),
        (lambda: initializers.Initializer()((2,)), NotImplementedError, "__call__"),
    ],
)
def test_an_argument_without_meaning_is_refused_and_named(make, error, word):
    with pytest.raises(error, match=word):
        make()


def test_a_refused_initializer_draws_no_seed():
    before = random.getstate()
    for call in (
        lambda: initializers.RandomUniform("a"),
        lambda: initializers.GlorotUniform(1.5),
        lambda: initializers.get("nope"),
    ):
        with pytest.raises(ValueError):  # noqa: PT011  # the words are tested above
            call()
    assert random.getstate() == before


@modest
@given(
    name=st.sampled_from(list(LIMITS)),
    shape=st.lists(st.integers(1, 5), max_size=4).map(tuple),
    seed=st.integers(0, 2**31),
)
def test_numbers_are_uniform_ones_between_the_limits(name, shape, seed):
    limit = float(LIMITS[name](*compute_fans(shape)))
    uniform = initializers.RandomUniform(-limit, limit, seed=seed)
    np.testing.assert_array_equal(getattr(initializers, name)(seed=seed)(shape), uniform(shape))


@pytest.mark.parametrize("name", LIMITS)
def test_a_weight_without_inputs_has_no_numbers_and_is_no_division_by_zero(name):
    assert getattr(initializers, name)(seed=1)((0, 0)).shape == (0, 0)


def test_named_axes_decide_the_limit_and_stand_in_the_configuration():
    axes = {"input_axes": (0,), "output_axes": (1, 2)}
    initializer = initializers.GlorotUniform(seed=1, **axes)
    limit = float(np.sqrt(6 / (2 + 15)))  # without the axes it were 6 + 10
    uniform = initializers.RandomUniform(-limit, limit, seed=1)
    np.testing.assert_array_equal(initializer((2, 3, 5)), uniform((2, 3, 5)))
    assert initializer.get_config() == {"seed": 1, **axes}


@pytest.mark.parametrize(
    ("initializer", "config"),
    [
        (initializers.Zeros(), {}),
        (initializers.Constant(0.5), {"value": 0.5}),
        (initializers.RandomUniform(-1, 2, seed=3), {"seed": 3, "minval": -1, "maxval": 2}),
        (initializers.HeUniform(seed=3), {"seed": 3, "input_axes": None, "output_axes": None}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_configuration_has_keras_s_keys_and_makes_an_equal_one(initializer, config):
    assert initializer.get_config() == config
    name = type(initializer).__name__
    for again in (
        type(initializer).from_config(config),
        initializers.get(initializers.serialize(initializer)),
        initializers.get({"class_name": name, "config": config}),
    ):
        assert type(again) is type(initializer)
        np.testing.assert_array_equal(again((2, 3)), initializer((2, 3)))


@pytest.mark.parametrize("given", [{}, {"config": None}, {"config": {}}], ids=str)
def test_a_class_name_without_a_configuration_is_the_class_by_itself(given):
    np.testing.assert_array_equal(initializers.get({"class_name": "Ones", **given})((2,)), [1, 1])


def test_the_axes_of_one_side_alone_change_nothing():
    for axes in ({"input_axes": (0,)}, {"output_axes": (0,)}):
        assert compute_fans((2, 3, 4), **axes) == compute_fans((2, 3, 4)) == (6, 8)


def test_an_initializer_of_ones_own_is_told_what_it_lacks():
    with pytest.raises(NotImplementedError) as error:
        initializers.Initializer()((2,))
    assert str(error.value) == "An Initializer needs a `__call__(shape, dtype)` method."


def test_an_array_is_taken_in_the_dtype_of_the_weight():
    initializer = initializers.get(np.float64([0.1, 2]))
    assert initializer((2,)).dtype == "float32"
    np.testing.assert_array_equal(initializer((2,), "float64"), [0.1, 2])
    config.set_floatx("float64")
    try:
        np.testing.assert_array_equal(initializer((2,)), [0.1, 2])
    finally:
        config.set_floatx("float32")


def test_what_has_no_configuration_is_told_how_to_get_one():
    with pytest.raises(TypeError) as error:
        initializers.serialize(5)
    assert str(error.value) == (
        "A part of type int has no configuration: make it a function, or give its class a "
        "`get_config`."
    )


def test_an_array_and_a_seed_generator_are_written_out_and_read_again():
    for made in (
        initializers.Constant(np.float64([1, 2])),
        initializers.GlorotUniform(SeedGenerator(3, name="mine")),
    ):
        written = initializers.serialize(made)
        again = initializers.deserialize(json.loads(json.dumps(written)))
        assert initializers.serialize(again) == written
        np.testing.assert_array_equal(made((2,)), again((2,)))
