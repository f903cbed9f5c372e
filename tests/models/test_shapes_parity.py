"""The shapes that people get wrong (README, "Shapes"): the same in Keras and in minidense."""

from typing import Any

import pytest

from tests.in_both import attempt, in_both, rows


def shapes(model: Any) -> list[tuple[int, ...]]:
    return [tuple(weight.shape) for weight in model.weights]


def shape_of_call(model: Any, *shape: int) -> Any:
    return attempt(lambda: tuple(model(rows(*shape)).shape))


@in_both
def test_a_dense_model_for_two_features_takes_rank_2_only(k: Any) -> Any:
    model = k.Sequential([k.layers.Dense(2, input_shape=[2])])
    found = [shape_of_call(model, *shape) for shape in ((5, 2), (2, 2, 2), (2, 2, 3), (2,))]
    assert found == [(5, 2), *["raised ValueError"] * 3]
    return [found, model.input_shape, shapes(model)]


@in_both
def test_a_dense_model_for_two_by_three_has_eight_parameters(k: Any) -> Any:
    model = k.Sequential([k.layers.Dense(2, input_shape=[2, 3])])
    assert shape_of_call(model, 2, 2, 3) == (2, 2, 2)
    assert (shapes(model), model.count_params()) == ([(3, 2), (2,)], 8)
    return model(rows(2, 2, 3)), model.output_shape


@in_both
def test_dense_after_an_input_of_two_by_two_sees_the_last_axis(k: Any) -> Any:
    model = k.Sequential([k.layers.InputLayer((2, 2)), k.layers.Dense(2), k.layers.Dense(1)])
    assert [layer.count_params() for layer in model.layers] == [6, 3]
    assert shapes(model) == [(2, 2), (2,), (2, 1), (1,)]
    return model.output_shape, model(rows(4, 2, 2))


@pytest.mark.parametrize("shape", [(5, 3), (5, 4, 3), (5, 4, 2, 3), (1, 1, 1, 1, 3)])
def test_a_bare_dense_contracts_the_last_axis(shape: tuple[int, ...]) -> None:
    @in_both
    def test(k: Any) -> Any:
        outputs = k.layers.Dense(2)(rows(*shape))
        assert tuple(outputs.shape) == (*shape[:-1], 2)
        return outputs

    test()


@in_both
def test_flatten_keeps_the_batch_and_a_whole_number_stays_whole(k: Any) -> Any:
    flat = k.layers.Flatten()
    found = [flat(rows(3, 28, 28)), flat((9 * rows(3, 4, 2)).astype("int32")), flat(rows(3))]
    assert [tuple(outputs.shape) for outputs in found] == [(3, 784), (3, 8), (3, 1)]
    return found


@in_both
def test_a_bare_dense_on_one_dimension_raises(k: Any) -> Any:
    return attempt(lambda: k.layers.Dense(2)(rows(4)))


@in_both
def test_whole_numbers_into_a_model_become_float32(k: Any) -> Any:
    model = k.Sequential([k.Input((3,)), k.layers.Flatten()])
    return model((9 * rows(2, 3)).astype("int64"))


@in_both
def test_a_sequential_checks_the_rank_and_leaves_the_rest_to_its_layers(k: Any) -> Any:
    model = k.Sequential([k.Input((28, 28)), k.layers.Flatten(), k.layers.Dense(2)])
    return [
        attempt(lambda shape=shape: model(rows(*shape)))
        for shape in ((3, 14, 56), (3, 28, 28), (3, 784, 1), (3, 28, 27), (3, 784))
    ]


@in_both
def test_a_functional_model_checks_every_dimension(k: Any) -> Any:
    inputs = k.Input((28, 28))
    model = k.Model(inputs, k.layers.Dense(2)(k.layers.Flatten()(inputs)))
    return [
        attempt(lambda shape=shape: model(rows(*shape)))
        for shape in ((3, 14, 56), (3, 28, 28), (3, 28, 27), (3, 784))
    ]


@in_both
def test_open_dimensions_take_any_size(k: Any) -> Any:
    inputs = k.Input((None, 3))
    model = k.Model(inputs, k.layers.Dense(2)(inputs))
    flat = attempt(lambda: k.layers.Dense(2)(k.layers.Flatten()(inputs)).shape)
    return [flat, model.output_shape, *[shape_of_call(model, 2, n, 3) for n in (1, 4)]]


@in_both
def test_compute_output_shape_needs_no_weights(k: Any) -> Any:
    return [
        k.layers.Dense(2).compute_output_shape((None, 4, 3)),
        k.layers.Flatten().compute_output_shape((None, 4, 3)),
        k.layers.Flatten().compute_output_shape((None, None, 3)),
        k.Sequential([k.layers.Flatten(), k.layers.Dense(5)]).compute_output_shape((7, 4, 3)),
    ]


@in_both
def test_shapes_after_a_first_call_build_and_fit(k: Any) -> Any:
    called, fitted, measured, built = (k.Sequential([k.layers.Dense(3)]) for _ in range(4))
    called(rows(2, 4))
    fitted.compile("sgd", "mse")
    fitted.fit(rows(9, 4), rows(9, 3), verbose=0)
    measured.compile("sgd", "mse")
    measured.evaluate(rows(9, 4), rows(9, 3), verbose=0)
    built.build((None, 4))
    models = (called, fitted, measured, built)
    return [[model.input_shape, model.output_shape] for model in models] + [called(rows(5, 4))]
