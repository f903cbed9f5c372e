"""All good calls that bad ones are drawn from."""

from tests.drawn_bad_calls.catalogue_models import MODELS
from tests.drawn_bad_calls.catalogue_parts import PARTS
from tests.drawn_bad_calls.catalogue_training import TRAINING
from tests.drawn_bad_calls.good import GoodCall

PARTS_OF_CATALOGUE: tuple[tuple[GoodCall, ...], ...] = (PARTS, MODELS, TRAINING)
CATALOGUE: tuple[GoodCall, ...] = (*PARTS, *MODELS, *TRAINING)
