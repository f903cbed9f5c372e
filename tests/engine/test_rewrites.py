"""Each rule of the rewrites: where it holds, and where it must not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidense import ops
from minidense.engine.function import Function
from minidense.engine.operation import operation
from minidense.engine.rewrites import rewritten
from minidense.engine.tape import Tape
from minidense.engine.trace import trace
from minidense.numerics import fused, reciprocals
from minidense.ops.crossentropies import binary_from_logits
from minidense.ops.in_graphs import likeliest
from minidense.tensors import tensor_of
from minidense.variables import Variable

f32 = np.float32
ROWS = ((None, 4), "float32")
KERNEL, BIAS = Variable(np.eye(4, dtype=f32)), Variable(np.zeros(4, f32))


def names_of(function, *specs):
    """Return the operations of a function as they are after the rewriting, by name."""
    made = trace(function, specs or [ROWS])
    rewritten(made)
    return [call.operation.name for call in made.calls]


def dense(x, kernel=KERNEL, bias=BIAS):
    return ops.add(ops.matmul(x, kernel), bias)


# Activations


@pytest.mark.parametrize("name", ["relu", "relu6", "sigmoid", "tanh", "elu"])
def test_an_activation_joins_product_and_bias(name):
    activation = getattr(ops, name)
    assert names_of(lambda x: [activation(dense(x))])[-1] == f"fused_{name}"


def test_an_elu_with_another_alpha_reads_the_sum_twice_and_joins_nothing():
    assert "exponential_unit" in names_of(lambda x: [ops.elu(dense(x), alpha=0.5)])


def test_silu_is_one_kernel_wherever_it_stands():
    assert names_of(lambda x: [ops.silu(x)]) == ["fused_silu"]
    assert names_of(lambda x: [ops.silu(dense(x))])[-1] == "fused_silu"
    assert names_of(lambda x: [ops.silu(ops.cast(x, "float64"))])[-1] == "silu"


def test_a_bias_of_one_unit_is_one_too():
    kernel, bias = Variable(np.ones((4, 1), f32)), Variable(np.ones(1, f32))
    assert "fused_relu" in names_of(lambda x: [ops.relu(dense(x, kernel, bias))])


ALONE = {
    "without a bias": lambda x: [ops.relu(ops.matmul(x, KERNEL))],
    "of a sum that is no bias": lambda x: [ops.relu(ops.matmul(x, KERNEL) + x)],
    "of a number": lambda x: [ops.relu(ops.matmul(x, KERNEL) + 1.0)],
    "where another reads the sum": lambda x: [ops.relu(z := dense(x)), ops.exp(z)],
    "where the sum is returned": lambda x: [ops.relu(z := dense(x)), z],
    "where another reads the product": lambda x: [
        ops.relu(ops.add(z := ops.matmul(x, KERNEL), BIAS)),
        ops.exp(z),
    ],
    "behind another operation": lambda x: [ops.relu(-dense(x))],
}


@pytest.mark.parametrize("where", ALONE)
def test_an_activation_stays_alone(where):
    names = names_of(ALONE[where])
    assert "relu" in names
    assert "fused_relu" not in names


def test_an_activation_stays_alone_in_float64_and_behind_a_reshape():
    kernel, bias = Variable(np.eye(4)), Variable(np.zeros(4))
    wide = lambda x: [ops.relu(dense(x, kernel, bias))]  # noqa: E731 - one of three
    assert "fused_relu" not in names_of(wide, ((None, 4), "float64"))
    assert "fused_relu" not in names_of(lambda x: [ops.relu(dense(x))], ((None, 3, 4), "float32"))


def test_nan_becomes_zero_in_a_function_and_stays_where_operations_run_one_by_one():
    x = np.full((2, 4), np.nan, f32)
    in_graph, one_by_one = (Function(lambda x: ops.relu(dense(x)), how) for how in (True, False))
    for _ in range(2):  # operation by operation, and then as a program
        assert not in_graph(x).any()
        assert np.isnan(one_by_one(x)).all()


# Divisions and sums


def test_a_division_by_a_root_is_a_product():
    assert names_of(lambda x, y: [x / ops.sqrt(y)], ROWS, ROWS) == ["rsqrt", "multiply"]
    x, y = (
        np.linspace(1, 2, 32, dtype=f32).reshape(8, 4),
        np.linspace(3, 9, 32, dtype=f32).reshape(8, 4),
    )
    found = Function(lambda x, y: x / ops.sqrt(y))(x, y)
    assert np.array_equal(found, x * reciprocals.rsqrt(y))
    assert not np.array_equal(found, x / np.sqrt(y))


def test_a_root_that_another_reads_stays():
    names = names_of(lambda x, y: [x / (root := ops.sqrt(y)), root], ROWS, ROWS)
    assert names == ["sqrt", "true_divide"]


def test_a_root_plus_a_number_is_divided_by():
    names = names_of(lambda x, y: [x / (ops.sqrt(y) + 1e-7)], ROWS, ROWS)
    assert names == ["sqrt", "plus", "true_divide"]


def test_a_division_by_a_constant_is_a_product():
    x = np.linspace(0, 255, 32, dtype=f32).reshape(8, 4)
    assert np.array_equal(Function(lambda x: x / 255)(x), x * (f32(1) / f32(255)))
    divisor = np.array([3, 5, 7, 9], f32)
    assert np.array_equal(Function(lambda x: x / divisor)(x), x * (f32(1) / divisor))
    assert names_of(lambda x: [x / BIAS]) == ["true_divide"]


def test_a_division_of_a_constant_is_none():
    assert "true_divide" in names_of(lambda x: [ops.ones_like(x) / 3 + x], ((2, 4), "float32"))


def test_the_divisor_of_a_mean_is_constant_where_the_rows_are_known():
    from minidense.ops.reductions import share_of

    def divided(x):
        return [x / share_of(x, ops.sum(x, axis=0))]

    assert "multiply" in names_of(divided, ((6, 4), "float32"))
    assert "true_divide" in names_of(divided)


def test_one_over_a_tensor_is_its_reciprocal():
    x = np.linspace(1, 2, 32, dtype=f32).reshape(8, 4)
    assert np.array_equal(Function(lambda x: 1 / x)(x), reciprocals.reciprocal(x))
    assert names_of(lambda x: [2 / x]) == ["true_divide"]


@pytest.mark.parametrize("turned", [False, True])
def test_a_constant_is_added_to_what_is_subtracted_first(turned):
    def added(x, y):
        return 1e-3 + (x - y) if turned else (x - y) + 1e-3

    x, y = np.random.default_rng(0).random((2, 50, 4)).astype(f32)
    assert np.array_equal(Function(added)(x, y), (f32(1e-3) - y) + x)
    assert not np.array_equal(Function(added)(x, y), (x - y) + f32(1e-3))


def test_two_constants_around_a_tensor_are_added_first():
    x = np.random.default_rng(0).random((50, 4)).astype(f32)
    first, second = f32(1.1), f32(2.3)
    less, more = Function(lambda x: (1.1 - x) + 2.3), Function(lambda x: (x - 1.1) + 2.3)
    for _ in range(2):  # operation by operation, and then as a program
        assert np.array_equal(less(x), (first + second) - x)
        assert np.array_equal(more(x), (second - first) + x)


def test_a_difference_that_another_reads_stays():
    names = names_of(lambda x, y: [(d := x - y) + 1e-3, d], ROWS, ROWS)
    assert names == ["subtract", "plus"]


def test_the_gradient_of_the_binary_cross_entropy_is_added_by_name():
    def gradient(x):
        with Tape() as tape:
            loss = ops.sum(binary_from_logits(ops.ones_like(x) * 0.3, x))
        return [tape.gradients(loss, [x])[0]]

    made = trace(gradient, [ROWS])
    rewritten(made)
    settings_of = {call.operation.name: call.settings for call in made.calls}
    assert settings_of["binary_gradient"] == {"in_graph": True}


def test_equal_calls_are_one():
    assert names_of(lambda x: [ops.exp(x), ops.exp(x) + 1]) == ["exp", "plus"]


# Our own


@pytest.mark.parametrize("axis", [-1, 1])
def test_an_argmax_is_found_in_the_logits(axis):
    assert names_of(lambda x: [ops.argmax(ops.softmax(x), axis=axis)]) == ["likeliest"]


READ = {
    "it is returned": lambda x: [ops.argmax(p := ops.softmax(x), axis=-1), p],
    "it goes over the rows": lambda x: [ops.argmax(ops.softmax(x, axis=0), axis=-1)],
    "the argmax does": lambda x: [ops.argmax(ops.softmax(x), axis=0)],
    "it is flat": lambda x: [ops.argmax(ops.softmax(x))],
}


@pytest.mark.parametrize("where", READ)
def test_a_softmax_is_computed_where(where):
    assert "likeliest" not in names_of(READ[where])


@settings(max_examples=200, deadline=None)
@given(
    rows=st.integers(1, 6),
    columns=st.integers(1, 12),
    seed=st.integers(0, 10**6),
    step=st.sampled_from([1e-9, 1e-8, 2.98e-8, 3e-8, 6e-8, 1.2e-7, 1e-6, 1e-5, 1.0]),
    odd=st.sampled_from([0.0, 0.2]),
)
def test_the_likeliest_class_is_that_of_the_softmax(rows, columns, seed, step, odd):
    random = np.random.default_rng(seed)
    logits = (random.integers(-3, 4, (rows, columns)) * step).astype(f32)
    chosen = random.random(logits.shape) < odd
    logits[chosen] = random.choice([np.nan, np.inf, -np.inf], chosen.sum())
    expected = ops.argmax(ops.softmax(tensor_of(logits)), axis=-1)
    assert np.asarray(likeliest(logits)).tolist() == np.asarray(expected).tolist()


@pytest.mark.parametrize("units", range(6))
def test_two_probabilities_are_equal_up_to_the_last_bit_that_rounds_to_one(units):
    """The number that tells it was computed from oneDNN's polynomial: here it is tried."""
    distance = f32(2**-25)
    for _ in range(units):
        distance = np.nextafter(distance, f32(1))
    shares = np.asarray(ops.softmax(np.array([[-distance, 0.0, -9.0]], f32)))
    is_equal = shares[0, 0] == shares[0, 1]
    assert is_equal == (units <= 2)
    assert likeliest(np.array([[-distance, 0.0, -9.0]], f32)).tolist() == [0 if is_equal else 1]


def test_accuracy_takes_the_first_of_two_probabilities_that_rounding_makes_equal():
    logits = np.array([[0.0, 2e-8, -9.0]], f32)
    shares = np.asarray(ops.softmax(logits))
    assert shares[0, 0] == shares[0, 1]
    assert likeliest(logits).tolist() == [0]


def test_fused_activations_are_those_of_the_numerics():
    x = np.linspace(-3, 3, 40, dtype=f32).reshape(10, 4)
    for name in ("relu", "sigmoid", "tanh", "elu", "silu"):
        found = Function(lambda x, name=name: getattr(ops, name)(dense(x)))(x)
        assert np.array_equal(found, getattr(fused, f"fused_{name}")(x))


@operation(opaque=True)
def drawn(x):
    return x


def test_opaque_operations_are_not_one_even_if_they_are_called_alike():

    made = trace(lambda x: [drawn(x), drawn(x), ops.exp(x), ops.exp(x)], [((2,), "float32")])
    rewritten(made)
    assert [call.operation.name for call in made.calls] == ["drawn", "drawn", "exp"]
    assert made.outputs[2] is made.outputs[3]


def test_a_sum_with_what_is_no_constant_keeps_its_order():
    found = names_of(lambda x: [(x - ops.square(x)) + ops.exp(x)])
    assert found == ["square", "subtract", "exp", "plus"]


def test_zero_and_minus_zero_are_two_numbers():
    assert names_of(lambda x: [x * 0.0, x * -0.0], ROWS) == ["multiply"] * 2
    found = Function(lambda x: [x * 0.0, x * -0.0])(np.ones((2, 4), f32))
    assert [bool(np.signbit(each).all()) for each in found] == [False, True]


def test_a_division_by_what_is_computed_stays_where_all_shapes_are_known():
    known = ((2, 4), "float32")
    assert names_of(lambda x, y: [x / ops.exp(y)], known, known) == ["exp", "true_divide"]


def test_an_argmax_is_found_in_logits_of_any_rank():
    rows = ((None, 3, 4), "float32")
    assert names_of(lambda x: [ops.argmax(ops.softmax(x), axis=-1)], rows) == ["likeliest"]


@pytest.mark.parametrize(("formula", "sides"), [("ab,cb->ac", (2, 3)), ("ba,bc->ac", (4, 4))])
def test_a_product_of_a_transposed_matrix_reads_it_as_it_lies(formula, sides):
    specs = [((rows, 4), "float32") for rows in sides]
    product = lambda x, y: [ops.einsum(formula, x, y)]  # noqa: E731 - traced twice
    found = names_of(product, *specs)
    assert "matmul_2d" in found
    assert "merge_axes" not in found
    assert "merge_axes" in [call.operation.name for call in trace(product, specs).calls]


def test_the_gradient_of_such_a_product_reads_the_matrix_as_it_lies_too():
    def slope(x, y):
        with Tape() as tape:
            product = ops.einsum("ba,bc->ac", x, y)
        return [tape.gradients(product, [y])[0]]

    spec = ((3, 4), "float32")
    assert "merge_axes" not in names_of(slope, spec, spec)
    x = np.random.default_rng(0).random((2, 3, 4)).astype(f32)
    wanted = x[0].sum(axis=1, keepdims=True) * np.ones((1, 4), f32)
    np.testing.assert_allclose(Function(slope)(*x)[0], wanted, rtol=1e-6)  # sums of four numbers
