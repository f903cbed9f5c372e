"""Several processes that run tests at once (`pytest -n 2`), and one of them that reports.

Each keeps what its own tests compared, and how they came out. At its end it hands that over as a
text, and the process that started it adds it to what it has.
"""

import base64
import pickle

from tests.report.kept import CURVES, FEATURES, LEFT_OUT, Feature
from tests.report.outcomes import OUTCOMES


def handed_over() -> str:
    """Return all that this process has kept, as a text."""
    kept = (dict(FEATURES), dict(CURVES), dict(LEFT_OUT), OUTCOMES.files)
    return base64.b85encode(pickle.dumps(kept)).decode("ascii")


def take_in(text: str) -> None:
    """Add what another process of this run has kept; nothing but that may be handed in."""
    features, curves, left_out, files = pickle.loads(base64.b85decode(text))
    for name, feature in features.items():
        FEATURES.setdefault(name, Feature(name)).join(feature)
    CURVES.update(curves)
    LEFT_OUT.update(left_out)
    OUTCOMES.join(files)
