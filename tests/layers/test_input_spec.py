"""InputSpec: what it takes, what it says of the rest, and how it is printed."""

import pytest

from minidense.layers import InputSpec
from tests.messages import message_of


def test_inputs_of_just_the_right_rank_are_taken() -> None:
    for spec in (InputSpec(shape=(None, 3)), InputSpec(max_ndim=2), InputSpec(min_ndim=2)):
        spec.check("mine", (2, 3))
    with pytest.raises(ValueError, match="expected axis 1 of the input shape to have value 3"):
        InputSpec(shape=(None, 3)).check("mine", (2, 4))


@pytest.mark.parametrize(
    ("spec", "shape", "wish"),
    [
        (InputSpec(shape=(None, 3)), (2, 3, 1), "ndim=2, found ndim=3"),
        (InputSpec(ndim=2), (2,), "ndim=2, found ndim=1"),
        (InputSpec(max_ndim=2), (2, 3, 1), "max_ndim=2, found ndim=3"),
        (InputSpec(min_ndim=2), (2,), "min_ndim=2, found ndim=1"),
    ],
)
def test_the_message_of_an_input_of_another_rank(
    spec: InputSpec, shape: tuple[int, ...], wish: str
) -> None:
    assert message_of(lambda: spec.check("mine", shape)) == (
        "ValueError: Input of layer 'mine' is incompatible with the layer: "
        f"expected {wish}. Full shape received: {shape}."
    )


# What Keras 3.15.1 prints.
@pytest.mark.parametrize(
    ("spec", "text"),
    [
        (InputSpec(), "InputSpec()"),
        (InputSpec(ndim=2), "InputSpec(ndim=2)"),
        (InputSpec(max_ndim=4, min_ndim=1), "InputSpec(max_ndim=4, min_ndim=1)"),
        (InputSpec(min_ndim=2, axes={-1: 3}), "InputSpec(min_ndim=2, axes={-1: 3})"),
        (InputSpec(shape=(None, 3)), "InputSpec(shape=(None, 3), ndim=2)"),
        (InputSpec(shape=(2, 3, 4), ndim=3), "InputSpec(shape=(2, 3, 4), ndim=3)"),
    ],
)
def test_an_input_spec_prints_what_is_asked_for(spec: InputSpec, text: str) -> None:
    assert repr(spec) == text
