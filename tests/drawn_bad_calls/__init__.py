"""Bad calls drawn at random from good ones, for both libraries to answer.

`catalogue` holds the good calls as data, `drawing` spoils them, `answers` runs one in a library and
keeps what it did, `state` sees what a failed call has changed, and `verdict` compares the two
answers: the classes must be the same unless `tests/accidents.toml` explains why they are not. That
is for TensorFlow; on JAX and torch minidense must refuse what Keras refuses, in whichever class.
A drawn call is a line of Python, as in `tests/bad_calls.py`, so it can be printed and repeated.
"""

from tests.drawn_bad_calls.answers import Answer, ask, ask_minidense
from tests.drawn_bad_calls.catalogue import CATALOGUE
from tests.drawn_bad_calls.drawing import drawn_bad_calls, good_calls
from tests.drawn_bad_calls.good import Argument, Call, GoodCall
from tests.drawn_bad_calls.state import state_of
from tests.drawn_bad_calls.verdict import ACCIDENTS, Accident, explained_by, judge, judge_elsewhere

__all__ = [
    "ACCIDENTS",
    "CATALOGUE",
    "Accident",
    "Answer",
    "Argument",
    "Call",
    "GoodCall",
    "ask",
    "ask_minidense",
    "drawn_bad_calls",
    "explained_by",
    "good_calls",
    "judge",
    "judge_elsewhere",
    "state_of",
]
