"""All that is asked of both libraries: a feature, its inputs, and how the true answer is found."""

from tests.truth.questions import activations, layers, losses, optimizers
from tests.truth.questions.question import Question


def every_question() -> list[Question]:
    """Return all questions, in the order of the table."""
    return [
        *activations.questions(),
        *layers.questions(),
        *losses.questions(),
        *optimizers.questions(),
    ]


__all__ = ["Question", "every_question"]
